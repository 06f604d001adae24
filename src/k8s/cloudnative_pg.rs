//! CloudNativePG, `postgresql.cnpg.io/v1` (CRDs of release 1.30), and its Barman Cloud plugin, `barmancloud.cnpg.io/v1`.

use super::custom::CustomSpec;
use k8s_openapi::api::core::v1::ResourceRequirements;
use serde::Serialize;
use std::collections::BTreeMap;

/// `Cluster`: a PostgreSQL primary and its replicas.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ClusterSpec {
    /// Number of instances.
    pub instances: u32,
    /// Image of PostgreSQL.
    pub image_name: String,
    /// Whether the operator replaces the primary itself, after the replicas.
    pub primary_update_strategy: &'static str,
    /// The server's configuration.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub postgresql: Option<PostgresqlConfiguration>,
    /// How it begins.
    pub bootstrap: Bootstrap,
    /// Where its data is.
    pub storage: Storage,
    /// Requests and limits of each instance.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub resources: Option<ResourceRequirements>,
    /// How instances are kept apart.
    pub affinity: Affinity,
    /// Whether the operator makes disruption budgets; absent where it does.
    #[serde(rename = "enablePDB", skip_serializing_if = "Option::is_none")]
    pub enable_pdb: Option<bool>,
    /// What the instances' service account bears.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub service_account_template: Option<ServiceAccountTemplate>,
    /// Plugins.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub plugins: Vec<Plugin>,
}

/// The server's configuration.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct PostgresqlConfiguration {
    /// Settings of `postgresql.conf`.
    pub parameters: BTreeMap<String, String>,
}

/// How a cluster begins.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Bootstrap {
    /// Empty.
    pub initdb: Initdb,
}

/// An empty cluster with one database.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Initdb {
    /// The database.
    pub database: String,
    /// Its owner.
    pub owner: String,
    /// The owner's name and password.
    pub secret: LocalReference,
}

/// An object of the same namespace.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct LocalReference {
    /// Its name.
    pub name: String,
}

/// A volume of each instance.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Storage {
    /// Its size.
    pub size: String,
    /// Its class; the cluster's default where it is absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub storage_class: Option<String>,
}

/// How instances are kept apart.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Affinity {
    /// Whether they are.
    pub enable_pod_anti_affinity: bool,
    /// `required` or `preferred`.
    pub pod_anti_affinity_type: &'static str,
    /// The label of nodes that two of them must not share.
    pub topology_key: &'static str,
}

/// What the instances' service account bears.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ServiceAccountTemplate {
    /// Metadata.
    pub metadata: Annotations,
}

/// Metadata with annotations alone.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Annotations {
    /// Annotations.
    pub annotations: BTreeMap<String, String>,
}

/// A plugin of a cluster.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Plugin {
    /// Its name.
    pub name: &'static str,
    /// Whether the write-ahead log is archived by it.
    #[serde(rename = "isWALArchiver")]
    pub is_wal_archiver: bool,
    /// What it is told.
    pub parameters: BTreeMap<&'static str, String>,
}

/// The Barman Cloud plugin, by the name that it registers.
pub const PLUGIN: &str = "barman-cloud.cloudnative-pg.io";

/// The parameter of the Barman Cloud plugin that names an `ObjectStore`.
pub const OBJECT_STORE: &str = "barmanObjectName";

impl CustomSpec for ClusterSpec {
    const GROUP: &'static str = "postgresql.cnpg.io";
    const API_VERSION: &'static str = "postgresql.cnpg.io/v1";
    const KIND: &'static str = "Cluster";
}

/// `ScheduledBackup`: base backups of a cluster.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ScheduledBackupSpec {
    /// When: six fields, seconds first.
    pub schedule: String,
    /// Whether the first is made at once.
    pub immediate: bool,
    /// Of what.
    pub cluster: LocalReference,
    /// `plugin`.
    pub method: &'static str,
    /// Which plugin.
    pub plugin_configuration: PluginReference,
    /// Who owns the `Backup` objects.
    pub backup_owner_reference: &'static str,
}

/// A plugin by name.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct PluginReference {
    /// Its name.
    pub name: &'static str,
}

impl CustomSpec for ScheduledBackupSpec {
    const GROUP: &'static str = "postgresql.cnpg.io";
    const API_VERSION: &'static str = "postgresql.cnpg.io/v1";
    const KIND: &'static str = "ScheduledBackup";
}

/// `ObjectStore`: where the plugin puts backups and the write-ahead log.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ObjectStoreSpec {
    /// Where, and by whose rights.
    pub configuration: ObjectStoreConfiguration,
    /// The window in which any moment can be restored: days, as in `30d`.
    pub retention_policy: String,
    /// The plugin's container in each instance.
    pub instance_sidecar_configuration: SidecarConfiguration,
}

/// A variable of a container.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Variable {
    /// Its name.
    pub name: &'static str,
    /// Its value.
    pub value: String,
}

/// A container beside each instance.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct SidecarConfiguration {
    /// Variables.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub env: Vec<Variable>,
    /// Its requests and limits.
    pub resources: ResourceRequirements,
}

/// Where, and by whose rights.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ObjectStoreConfiguration {
    /// `s3://BUCKET/PATH`.
    pub destination_path: String,
    /// How S3 is told who asks.
    pub s3_credentials: S3Credentials,
    /// The write-ahead log's files.
    pub wal: Compression,
    /// The base backups' files.
    pub data: Compression,
}

/// How S3 is told who asks.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(untagged)]
pub enum S3Credentials {
    /// By the role of the service account.
    Role {
        /// Always.
        #[serde(rename = "inheritFromIAMRole")]
        inherit_from_iam_role: bool,
    },
    /// By a key.
    #[serde(rename_all = "camelCase")]
    Keys {
        /// Its id.
        access_key_id: SecretKey,
        /// Its secret half.
        secret_access_key: SecretKey,
    },
}

/// A key of a Secret.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct SecretKey {
    /// The Secret.
    pub name: String,
    /// The key.
    pub key: &'static str,
}

/// How files are packed.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Compression {
    /// `gzip`.
    pub compression: &'static str,
}

impl CustomSpec for ObjectStoreSpec {
    const GROUP: &'static str = "barmancloud.cnpg.io";
    const API_VERSION: &'static str = "barmancloud.cnpg.io/v1";
    const KIND: &'static str = "ObjectStore";
}
