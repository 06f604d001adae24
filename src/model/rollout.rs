//! Two versions of a workload side by side, and where what judges them is measured.

use super::ids::{TargetId, WorkloadId};
use crate::decode::At;
use crate::source::NodeId;
use crate::value::Name;

/// A workload of which two versions run side by side until the new one takes over.
#[derive(Clone, Debug)]
pub struct BlueGreen {
    /// The Service of the new version, beside the workload's own.
    pub preview: String,
    /// Analyses before the new version takes over.
    pub before: Vec<At<Name>>,
    /// Analyses after it.
    pub after: Vec<At<Name>>,
    /// The `rollout` table.
    pub node: NodeId,
}

impl BlueGreen {
    /// Every analysis once, in the order of the spec.
    pub fn analyses(&self) -> Vec<&At<Name>> {
        let mut all: Vec<&At<Name>> = Vec::new();
        for name in self.before.iter().chain(&self.after) {
            if !all.contains(&name) {
                all.push(name);
            }
        }
        all
    }
}

/// Arguments of every analysis: the Service of the version that is judged, and the hash in the names of its pods.
pub const SERVICE: &str = "service-name";
/// See [`SERVICE`].
pub const HASH: &str = "pod-template-hash";

/// The name of the template by which a workload is judged.
pub fn template_name(workload: &str, analysis: &str) -> String {
    format!("{workload}-{analysis}")
}

/// The Prometheus of the platform.
#[derive(Clone, Debug)]
pub struct Prometheus {
    /// Its pods.
    pub pods: WorkloadId,
    /// What clients connect to; its first port answers queries.
    pub target: TargetId,
    /// The URL that they dial.
    pub url: String,
    /// The label of a series that names the namespace of the pod which it comes from.
    pub namespace_label: String,
    /// The label that names the pod.
    pub pod_label: String,
    /// The `[monitoring.prometheus]` table.
    pub node: NodeId,
}
