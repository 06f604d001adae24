//! `[datastores.NAME]` with `engine = "postgresql"`.

use crate::component::datastores::spec::StorageSpec;
use crate::decode::At;
use crate::model::ResourcesSpec;
use crate::value::{Cron, Duration, Image, Name, SqlName};
use serde::de::{Deserialize, Deserializer, Error, Visitor};
use std::collections::BTreeMap;
use std::fmt;

/// A PostgreSQL cluster.
#[derive(Debug, serde::Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct PostgresqlSpec {
    /// Where its instances run.
    pub namespace: At<Name>,
    /// Name of the `Cluster`; the key unless stated.
    pub name: Option<At<Name>>,
    /// Image of PostgreSQL, made for CloudNativePG.
    pub image: At<Image>,
    /// Number of instances, one of them the primary; 1 unless stated.
    pub instances: Option<At<u32>>,
    /// The volume of each instance.
    pub storage: StorageSpec,
    /// What each instance asks for and may use.
    pub resources: Option<At<ResourcesSpec>>,
    /// The application's database.
    pub database: DatabaseSpec,
    /// Settings of `postgresql.conf`.
    #[serde(default)]
    pub parameters: BTreeMap<At<String>, At<ParameterText>>,
    /// Copies outside of the cluster.
    pub backup: Option<At<BackupSpec>>,
}

/// The application's database.
#[derive(Debug, serde::Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct DatabaseSpec {
    /// Its name.
    pub name: At<SqlName>,
    /// The role that owns it; clients log in as it.
    pub owner: At<SqlName>,
}

/// Copies outside of the cluster: base backups and every file of the write-ahead log.
#[derive(Debug, serde::Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct BackupSpec {
    /// Where: `s3://BUCKET/PATH`.
    pub to: At<String>,
    /// When base backups are made.
    pub schedule: At<Cron>,
    /// How far back any moment can be restored, in days.
    pub keep: At<Duration>,
    /// The IAM role that may write there, by its ARN; without one, a key from the secret store does.
    pub role: Option<At<String>>,
}

/// The value of a setting; numbers and booleans may stand without quotes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParameterText(pub String);

impl<'de> Deserialize<'de> for ParameterText {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Text;
        impl Visitor<'_> for Text {
            type Value = ParameterText;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a string or a number")
            }

            fn visit_str<E: Error>(self, text: &str) -> Result<ParameterText, E> {
                Ok(ParameterText(text.to_owned()))
            }

            fn visit_i64<E: Error>(self, integer: i64) -> Result<ParameterText, E> {
                Ok(ParameterText(integer.to_string()))
            }

            fn visit_f64<E: Error>(self, float: f64) -> Result<ParameterText, E> {
                Ok(ParameterText(float.to_string()))
            }

            fn visit_bool<E: Error>(self, on: bool) -> Result<ParameterText, E> {
                Ok(ParameterText(if on { "on" } else { "off" }.to_owned()))
            }
        }
        deserializer.deserialize_any(Text)
    }
}
