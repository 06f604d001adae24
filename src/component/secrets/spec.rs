//! `[secrets]`.

use crate::decode::At;
use crate::value::{Duration, Name};
use serde::Deserialize;

/// Where credentials come from.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct SecretsSpec {
    /// The store that is authoritative for them.
    pub store: At<StoreSpec>,
    /// How often they are read again; `"1h"` unless stated.
    pub refresh: Option<At<Duration>>,
}

/// An external store, by `kind`.
#[derive(Debug, Deserialize)]
#[serde(rename = "kind", rename_all = "kebab-case")]
pub enum StoreSpec {
    /// AWS Secrets Manager.
    AwsSecretsManager(AwsSecretsManagerSpec),
}

/// AWS Secrets Manager.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct AwsSecretsManagerSpec {
    /// The region of the secrets.
    pub region: At<String>,
    /// The name of a secret, with `{platform}`, `{environment}` and `{secret}`.
    pub path: At<String>,
    /// Whose identity reads them: the operator's service account, bound to an IAM role.
    pub operator: Option<At<ServiceAccountSpec>>,
}

/// A service account.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct ServiceAccountSpec {
    /// Its namespace in the cluster; `external-secrets` unless stated.
    pub namespace: Option<At<Name>>,
    /// Its name; `external-secrets` unless stated.
    pub service_account: Option<At<Name>>,
}
