//! What one pod asks for, by a quota's names.
//!
//! Source: Kubernetes, "Init Containers" and "Sidecar Containers" (sharing of resources), "Pod Overhead", "Resource
//! Management for Pods and Containers" (resources of a pod itself).

use super::super::range::{Amounts, Ranges};
use crate::value::{Leaf, Quantity};
use k8s_openapi::api::core::v1::{Container, PodSpec, ResourceRequirements};
use std::collections::BTreeMap;

/// Amounts by a quota's names: `requests.cpu`.
pub(super) type Counted = BTreeMap<&'static str, Quantity>;

/// A resource with the names under which a quota counts it.
pub(super) const KEYS: [(&str, &str, &str); 2] =
    [("cpu", "requests.cpu", "limits.cpu"), ("memory", "requests.memory", "limits.memory")];

/// What a pod asks for beside `injected`, which a mesh adds to it.
pub(super) fn of(spec: &PodSpec, injected: &Counted, ranges: &Ranges) -> Counted {
    let sidecar = |container: &&Container| container.restart_policy.as_deref() == Some("Always");
    // What is injected may be a sidecar that is started first.
    let mut running = injected.clone();
    let mut largest = Counted::new();
    // An init container runs beside those sidecars that were started before it.
    for container in spec.init_containers.iter().flatten() {
        let asked = container_of(container.resources.as_ref(), ranges);
        if sidecar(&container) {
            add(&mut running, asked);
        } else {
            let mut sum = running.clone();
            add(&mut sum, asked);
            most(&mut largest, sum);
        }
    }
    for container in &spec.containers {
        add(&mut running, container_of(container.resources.as_ref(), ranges));
    }
    most(&mut running, largest);
    // What the pod states for itself counts in place of its containers' sum.
    if let Some(stated) = &spec.resources {
        running.extend(stated_of(Some(stated)));
    }
    for (resource, request, limit) in KEYS {
        let overhead = spec.overhead.as_ref().and_then(|all| amount(all, resource));
        let Some(overhead) = overhead else { continue };
        let limited = running.contains_key(limit).then_some(limit);
        let counted = [Some(request), limited].into_iter().flatten();
        add(&mut running, counted.map(|key| (key, overhead.clone())).collect());
    }
    running
}

/// What a container asks for, or gets by default.
pub(super) fn container_of(stated: Option<&ResourceRequirements>, ranges: &Ranges) -> Counted {
    let mut found = stated_of(stated);
    for (resource, request, limit) in KEYS {
        for (key, defaults) in [(request, &ranges.requests), (limit, &ranges.limits)] {
            if !found.contains_key(key) {
                found.extend(amount(defaults, resource).map(|default| (key, default)));
            }
        }
    }
    found
}

/// A limit without a request is the request too.
fn stated_of(stated: Option<&ResourceRequirements>) -> Counted {
    let mut found = Counted::new();
    for (resource, request_key, limit_key) in KEYS {
        let limit = stated.and_then(|stated| amount(stated.limits.as_ref()?, resource));
        let request = stated.and_then(|stated| amount(stated.requests.as_ref()?, resource));
        found.extend(request.or_else(|| limit.clone()).map(|request| (request_key, request)));
        found.extend(limit.map(|limit| (limit_key, limit)));
    }
    found
}

fn amount(amounts: &Amounts, resource: &str) -> Option<Quantity> {
    amounts.get(resource).and_then(|amount| Quantity::parse(&amount.0).ok())
}

pub(super) fn add(sum: &mut Counted, more: Counted) {
    for (key, amount) in more {
        let total = sum.get(key).map_or_else(|| Some(amount.clone()), |known| known.checked_add(&amount));
        sum.extend(total.map(|total| (key, total)));
    }
}

/// Raises amounts to those of another.
fn most(amounts: &mut Counted, other: Counted) {
    for (key, amount) in other {
        if amounts.get(key).is_none_or(|known| *known < amount) {
            amounts.insert(key, amount);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::kept::reduce_template;
    use super::*;
    use k8s_openapi::api::core::v1::PodTemplateSpec;
    use serde_json::json;

    /// The CPU that a pod asks for, and no less what is kept of one that is written already.
    fn cpu(spec: serde_json::Value) -> String {
        let spec: Result<PodSpec, _> = serde_json::from_value(spec);
        let whole = PodTemplateSpec { spec: spec.ok(), ..Default::default() };
        let mut reduced = whole.clone();
        reduce_template(&mut reduced);
        let [whole, reduced] = [whole, reduced].map(|template| {
            let found = template.spec.map(|spec| of(&spec, &Counted::new(), &Ranges::default()));
            found.and_then(|found| found.get("requests.cpu").map(Quantity::canonical)).unwrap_or_default()
        });
        assert_eq!(whole, reduced);
        whole
    }

    #[test]
    fn init_containers_sidecars_and_overhead_count() {
        let one = |name: &str, cpu: &str| json!({"name": name, "resources": {"requests": {"cpu": cpu}}});
        let sidecar = |name: &str, cpu: &str| json!({"name": name, "restartPolicy": "Always", "resources": {"requests": {"cpu": cpu}}});
        let app = json!([one("app", "300m"), one("other", "200m")]);
        assert_eq!(cpu(json!({"containers": app})), "500m");
        assert_eq!(cpu(json!({"containers": app, "initContainers": [one("a", "400m"), one("b", "450m")]})), "500m");
        assert_eq!(cpu(json!({"containers": app, "initContainers": [one("a", "400m"), one("b", "700m")]})), "700m");
        assert_eq!(cpu(json!({"containers": app, "initContainers": [sidecar("s", "100m")]})), "600m");
        // The sidecar runs beside an init container that comes after it, and not beside one in front of it.
        let (after, before) =
            (json!([sidecar("s", "100m"), one("a", "600m")]), json!([one("a", "600m"), sidecar("s", "100m")]));
        assert_eq!(cpu(json!({"containers": app, "initContainers": after})), "700m");
        assert_eq!(cpu(json!({"containers": app, "initContainers": before})), "600m");
        assert_eq!(cpu(json!({"containers": app, "overhead": {"cpu": "50m"}})), "550m");
        assert_eq!(cpu(json!({"containers": app, "resources": {"requests": {"cpu": "400m"}}})), "400m");
    }
}
