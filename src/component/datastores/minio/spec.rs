//! `[datastores.NAME]` with `engine = "minio"`.

use crate::component::datastores::spec::StorageSpec;
use crate::decode::At;
use crate::model::ResourcesSpec;
use crate::value::{Image, Name};
use serde::Deserialize;

/// A MinIO pool.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct MinioSpec {
    /// Where its servers run.
    pub namespace: At<Name>,
    /// Name of its resources; the key unless stated.
    pub name: Option<At<Name>>,
    /// Image of the server.
    pub image: At<Image>,
    /// Image of the command-line client `mc`, which makes the clients' buckets and users.
    pub client_image: At<Image>,
    /// Number of servers: 1, or 4 and more, which survive the loss of some; 1 unless stated.
    pub instances: Option<At<u32>>,
    /// The volume of each server.
    pub storage: StorageSpec,
    /// What each server asks for and may use.
    pub resources: Option<At<ResourcesSpec>>,
}
