//! `[platform]`.

use crate::decode::At;
use crate::value::{Host, KubernetesVersion, Name, Registry};
use serde::Deserialize;

/// What the platform is.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct PlatformSpec {
    /// Its name: the prefix of its namespaces and of its secrets' paths.
    pub name: At<Name>,
    /// The domain under which its hosts are reached.
    pub domain: Option<At<Host>>,
    /// The registry of images that name none.
    pub registry: Option<At<Registry>>,
    /// The oldest API server that must accept the core objects, such as `"1.28"`.
    pub kubernetes: At<KubernetesVersion>,
}
