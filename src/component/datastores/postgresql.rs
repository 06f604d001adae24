//! PostgreSQL by CloudNativePG (D13).
//!
//! Source: CloudNativePG, "Labels and annotations" and "Networking": instances carry `cnpg.io/cluster` and
//! `cnpg.io/podRole`, the primary is behind `CLUSTER-rw`; 5432 serves clients and replication, 9187 metrics, 8000 the
//! instance manager.

use super::declare::{Engine, in_url};
use crate::decode::At;
use crate::model::contract::{plain, port, property, template};
use crate::model::{Contract, Credential, Identity};
use crate::value::{Name, SqlName};
use serde::Deserialize;
use std::borrow::Cow;

/// A PostgreSQL cluster.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct PostgresqlSpec {
    /// Where its instances run.
    pub namespace: At<Name>,
    /// Name of the `Cluster`; the key unless stated.
    pub name: Option<At<Name>>,
    /// The application's database.
    pub database: DatabaseSpec,
}

/// The application's database.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct DatabaseSpec {
    /// Its name.
    pub name: At<SqlName>,
    /// The role that owns it; clients log in as it.
    pub owner: At<SqlName>,
}

const PORT: u16 = 5432;

pub(super) fn engine(name: &str, spec: &PostgresqlSpec) -> Engine {
    let database = spec.database.name.value.as_str().to_owned();
    Engine {
        selector: vec![
            (Cow::Borrowed("cnpg.io/cluster"), name.to_owned()),
            (Cow::Borrowed("cnpg.io/podRole"), "instance".to_owned()),
        ],
        service: format!("{name}-rw"),
        ports: vec![("postgresql", PORT), ("metrics", 9187)],
        between: vec![("postgresql", PORT), ("status", 8000)],
        contract: Box::new(move |host| {
            let (user, password) = (in_url("username"), in_url("password"));
            let url = format!("postgresql://{user}:{password}@{host}:{PORT}/{database}");
            Contract {
                fields: vec![
                    plain("host", host),
                    port("port"),
                    plain("database", database.clone()),
                    property("username", &["username"]),
                    property("password", &["password"]),
                    template("url", url, &["username", "password"]),
                    // Drivers of the JVM take user and password apart.
                    plain("jdbc-url", format!("jdbc:postgresql://{host}:{PORT}/{database}")),
                ],
                credential: Some(Credential { identity: Identity::Shared }),
            }
        }),
    }
}
