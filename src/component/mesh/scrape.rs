//! How Prometheus reaches the metrics of the platform's pods.
//!
//! Source: Istio, "Prometheus", section on merging: the agent of a sidecar answers at 15020 with the metrics of its proxy and
//! those that the pod's annotations name. That port does not go through the proxy, so that a Prometheus outside of the mesh
//! may ask. A pod without a sidecar is asked where it says.

use crate::model::{Contract, ModelBuilder, Opener, Peer, Protocol, Target, TargetKind, TargetPort, WorkloadId};
use crate::source::NodeId;
use std::borrow::Cow;

/// Metrics of proxy and application.
const MERGED: u16 = 15020;

/// Where the metrics of one workload are.
struct Scraped {
    pods: WorkloadId,
    key: String,
    node: Option<NodeId>,
    /// The name of the port; `None` for its proxy's.
    port: Option<String>,
}

pub(super) fn declare(model: &mut ModelBuilder<'_>) {
    let Some(prometheus) = model.prometheus().map(|prometheus| prometheus.pods) else { return };
    let mesh = model.mesh().map(|mesh| mesh.node);
    for Scraped { pods, key, node, port } in scraped(model) {
        let because = if port.is_some() {
            "Prometheus reads the metrics of a workload"
        } else {
            "Prometheus reads the metrics of a proxy, and with them its pod's"
        };
        let target = match port {
            None => proxy(model, pods, &key, node).map(|target| (target, 0, mesh)),
            Some(port) => model
                .find_target(&key)
                .and_then(|(id, target)| Some((id, target.ports.iter().position(|known| known.name == *port)?, node))),
        };
        if let Some((target, port, node)) = target {
            model.imply(Opener::Workload(prometheus), target, port, because, node);
        }
    }
}

/// Workloads of the spec with a sidecar or metrics of their own. Jobs are gone before anybody reads their metrics.
fn scraped(model: &ModelBuilder<'_>) -> Vec<Scraped> {
    let mut found = Vec::new();
    for (_, target) in model.targets_of(TargetKind::Workload) {
        let Peer::Pods(pods) = target.peer else { continue };
        let member = model.mesh().and_then(|mesh| mesh.members.get(&pods));
        let metrics = model.workload(pods).and_then(|workload| workload.pod.as_ref()?.metrics.as_ref());
        let port = match (member.is_some_and(|member| member.sidecar), metrics) {
            (true, _) => None,
            (false, Some(metrics)) => Some(metrics.port.clone()),
            (false, None) => continue,
        };
        found.push(Scraped { pods, key: target.name.clone(), node: target.node, port });
    }
    found
}

/// The proxy as a target of its own: no Service has this port.
fn proxy(
    model: &mut ModelBuilder<'_>,
    pods: WorkloadId,
    key: &str,
    node: Option<NodeId>,
) -> Option<crate::model::TargetId> {
    let port = TargetPort { name: Cow::Borrowed("metrics"), port: MERGED, pod_port: MERGED, protocol: Protocol::Tcp };
    model.add_target(Target {
        name: format!("proxy of {key}"),
        kind: TargetKind::System,
        peer: Peer::Pods(pods),
        host: String::new(),
        ports: vec![port],
        contract: Contract::default(),
        node,
    })
}
