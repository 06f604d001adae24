//! External Secrets Operator, `external-secrets.io/v1` (CRDs of release 2.x).

use super::custom::CustomSpec;
use serde::Serialize;
use std::collections::BTreeMap;

/// `ExternalSecret`: a Secret that the operator makes from an external store.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ExternalSecretSpec {
    /// The store.
    pub secret_store_ref: StoreRef,
    /// How often it is read again, as a Go duration.
    pub refresh_interval: String,
    /// The Secret that is made.
    pub target: Target,
    /// What is read.
    pub data: Vec<Data>,
}

/// A reference to a store.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct StoreRef {
    /// `SecretStore` or `ClusterSecretStore`.
    pub kind: &'static str,
    /// Its name.
    pub name: String,
}

/// The Secret that is made.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Target {
    /// Its name.
    pub name: String,
    /// `Owner`: it is deleted with the `ExternalSecret`.
    pub creation_policy: &'static str,
    /// `Retain`: it stays when the store loses the value, so that running pods keep working.
    pub deletion_policy: &'static str,
    /// What its keys hold.
    pub template: Template,
}

/// The content of a Secret.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Template {
    /// `v2`, Go templates with sprig functions.
    pub engine_version: &'static str,
    /// Its type; `Opaque` where it is absent.
    #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
    pub kind: Option<&'static str>,
    /// Its metadata.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub metadata: Option<TemplateMetadata>,
    /// Key to template.
    pub data: BTreeMap<String, String>,
}

/// Metadata of a Secret.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct TemplateMetadata {
    /// Its labels.
    pub labels: BTreeMap<String, String>,
}

/// One value that is read from the store.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Data {
    /// Its name in the template.
    pub secret_key: String,
    /// Where it is in the store.
    pub remote_ref: RemoteRef,
}

/// A place in the store.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct RemoteRef {
    /// The store's name of the secret.
    pub key: String,
    /// A property of it.
    pub property: String,
}

impl CustomSpec for ExternalSecretSpec {
    const GROUP: &'static str = "external-secrets.io";
    const API_VERSION: &'static str = "external-secrets.io/v1";
    const KIND: &'static str = "ExternalSecret";
}

/// `ClusterSecretStore`: an external store that several namespaces read.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ClusterSecretStoreSpec {
    /// What the store is.
    pub provider: Provider,
    /// Who may use it.
    pub conditions: Vec<Condition>,
}

/// What a store is.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Provider {
    /// Amazon.
    Aws(Aws),
}

/// AWS Secrets Manager, with the identity of a service account (IAM roles for service accounts).
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Aws {
    /// `SecretsManager`.
    pub service: &'static str,
    /// Region of the secrets.
    pub region: String,
    /// How the operator proves who it is.
    pub auth: AwsAuth,
}

/// How the operator proves who it is.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct AwsAuth {
    /// By a service account's token.
    pub jwt: Jwt,
}

/// By a service account's token.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Jwt {
    /// The service account.
    pub service_account_ref: ServiceAccountRef,
}

/// A service account.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ServiceAccountRef {
    /// Its name.
    pub name: String,
    /// Its namespace.
    pub namespace: String,
}

/// Namespaces that may use a store: any of them.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Condition {
    /// Their names.
    pub namespaces: Vec<String>,
}

impl CustomSpec for ClusterSecretStoreSpec {
    const GROUP: &'static str = "external-secrets.io";
    const API_VERSION: &'static str = "external-secrets.io/v1";
    const KIND: &'static str = "ClusterSecretStore";
}
