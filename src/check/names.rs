//! Names that the API server refuses: derived ones may become too long (checks.md, 18).
//!
//! Source: Kubernetes, "Object Names and IDs": Services are RFC 1035 labels, namespaces RFC 1123 labels, other objects
//! RFC 1123 subdomains. A workload's name is also a label value and a container's name, at most 63 characters.

use super::diags;
use crate::diag::Sink;
use crate::model::Model;
use crate::plan::Plan;

/// An RFC 1123 subdomain.
const MAX_SUBDOMAIN: usize = 253;
/// Names of Services, containers and volumes are labels.
const MAX_LABEL: usize = 63;

pub(super) fn check(model: &Model, plan: &Plan, sink: &mut Sink) {
    for resource in plan.all().with_names_longer_than(MAX_LABEL) {
        let identity = resource.object.identity();
        let (most, node) = match (identity.group, identity.kind) {
            ("", "Service") => (MAX_LABEL, resource.owner),
            _ => (MAX_SUBDOMAIN, resource.origins.last().copied()),
        };
        if identity.name.len() > most {
            sink.push(diags::name(identity.kind, identity.name, most, node));
        }
    }
    for (_, workload) in model.workloads.iter() {
        let Some(pod) = &workload.pod else { continue };
        if workload.name.len() > MAX_LABEL {
            sink.push(diags::name("container", &workload.name, MAX_LABEL, workload.node));
        }
        let mut names: Vec<(String, _)> =
            pod.scratch.keys().map(|path| (crate::plan::pod::scratch_volume(path.value.as_str()), path.node)).collect();
        for (name, node) in &names {
            if name.len() > MAX_LABEL {
                sink.push(diags::volume_name(name, *node));
            }
        }
        names.sort_by(|a, b| a.0.cmp(&b.0));
        for pair in names.windows(2) {
            if let [(name, first), (same, second)] = pair
                && name == same
            {
                sink.push(diags::same_volume(*second, *first));
            }
        }
    }
}
