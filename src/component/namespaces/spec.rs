//! `[namespaces.NAME]`.

use crate::decode::At;
use crate::model::CpuAndMemorySpec;
use crate::value::{LabelValue, Name};
use serde::Deserialize;

/// A namespace. Its name in the cluster is the platform's name, a dash and its key.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct NamespaceSpec {
    /// Its name in the cluster, where an operator asks for one; the platform's name, a dash and its key unless stated.
    pub name: Option<At<Name>>,
    /// The tier of the architecture that it holds; becomes the label `tier`.
    pub tier: Option<At<LabelValue>>,
    /// Which pods it admits; `restricted` unless stated.
    pub pod_security: Option<At<PodSecurity>>,
    /// Whether its pods may only do what declared and implied connections say; `true` unless stated.
    pub isolated: Option<At<bool>>,
    /// What all of its pods together may ask for.
    pub quota: Option<At<QuotaSpec>>,
    /// What one container may ask for, and gets if it asks for nothing.
    pub container_limits: Option<At<ContainerLimitsSpec>>,
}

/// A level of the Pod Security Standards.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PodSecurity {
    /// Hardened: what every workload of a platform should bear.
    Restricted,
    /// No known privilege escalations.
    Baseline,
    /// Anything.
    Privileged,
}

/// What all pods of a namespace together may ask for.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct QuotaSpec {
    /// Sum of the requests.
    pub requests: Option<CpuAndMemorySpec>,
    /// Sum of the limits.
    pub limits: Option<CpuAndMemorySpec>,
    /// Number of objects.
    pub objects: Option<ObjectsSpec>,
}

/// Numbers of objects.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct ObjectsSpec {
    /// Pods that have not ended.
    pub pods: Option<At<u32>>,
    /// Services.
    pub services: Option<At<u32>>,
    /// Claims of volumes.
    pub persistent_volume_claims: Option<At<u32>>,
}

/// What one container may ask for.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct ContainerLimitsSpec {
    /// The limit of a container that states none.
    pub default: Option<CpuAndMemorySpec>,
    /// The request of a container that states none.
    pub default_request: Option<CpuAndMemorySpec>,
    /// The least that a container may ask for.
    pub min: Option<CpuAndMemorySpec>,
    /// The most that a container may ask for.
    pub max: Option<CpuAndMemorySpec>,
}
