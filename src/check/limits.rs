//! Containers that their namespace's limits or quota would keep out (checks.md, 43).
//!
//! Source: API reference, `LimitRange` and `ResourceQuota`: a container outside of the range is refused; under a quota of a
//! resource every container has to state it, unless a limit range gives it a default.

use super::diags;
use super::operated::{self, Operated};
use super::range::{self, Amounts, Ranges};
use crate::decode::At;
use crate::diag::Sink;
use crate::k8s::Object;
use crate::model::Model;
use crate::model::pod::Resources;
use crate::plan::{Plan, Resource};
use crate::source::NodeId;
use crate::value::{Leaf, Quantity};
use k8s_openapi::api::core::v1::{LimitRangeItem, PodSpec, ResourceRequirements};
use k8s_openapi::apimachinery::pkg::api::resource::Quantity as KubernetesQuantity;
use std::collections::{BTreeMap, BTreeSet};

#[derive(Default)]
struct Bounds {
    ranges: Ranges,
    /// What some quota counts.
    counted: BTreeSet<String>,
}

pub(super) fn check(model: &Model, plan: &Plan, sink: &mut Sink) {
    let mut bounds: BTreeMap<&str, Bounds> = BTreeMap::new();
    for resource in plan.all().of_kind("", "LimitRange").chain(plan.all().of_kind("", "ResourceQuota")) {
        let namespace = resource.object.identity().namespace.unwrap_or_default();
        match resource.object.typed().as_ref() {
            Object::LimitRange(object) => bounds.entry(namespace).or_default().ranges.add(object),
            Object::ResourceQuota(object) => {
                bounds
                    .entry(namespace)
                    .or_default()
                    .counted
                    .extend(range::quota(object).into_iter().map(|hard| hard.name));
            }
            _ => {}
        }
    }
    if bounds.is_empty() {
        return;
    }
    let mut stated: BTreeMap<NodeId, (&Resources, Option<&Resources>)> = BTreeMap::new();
    for (id, workload) in model.workloads.iter() {
        if let (Some(node), Some(pod)) = (workload.node, &workload.pod) {
            // A datastore's Job has the datastore's node too, and states nothing of its own.
            stated.entry(node).or_insert((&pod.resources, model.proxy(id)));
        }
    }
    for (resource, operated) in operated::all(plan.all()) {
        let namespace = resource.object.identity().namespace.unwrap_or_default();
        let Some(bounds) = bounds.get(namespace) else { continue };
        let Operated { path, prefix, resources } = operated;
        // Of what stands behind a key of its own the entry says nothing.
        let spec = resource.owner.filter(|_| prefix.is_empty()).and_then(|owner| model.operated.get(&owner));
        let container = Container { path, prefix, stated: resources.as_deref() };
        container.check((plan, resource), namespace, spec, bounds, sink);
    }
    for resource in plan.all().with_values() {
        let Some(template) = resource.object.pod_template() else { continue };
        // A Job's amounts are its maker's.
        let is_stated = !matches!(resource.object, Object::Job(_) | Object::AnalysisTemplate(_));
        let namespace = resource.object.identity().namespace.unwrap_or_default();
        let pod = template.spec.as_ref();
        if let (Some(bounds), Some(pod)) = (bounds.get(namespace), pod) {
            let stated = resource.owner.filter(|_| is_stated).and_then(|owner| stated.get(&owner).copied());
            of_pod((plan, resource), namespace, (pod, stated.map(|(own, _)| own)), bounds, sink);
            // A container that is injected has to fit as well.
            for (proxy, range) in stated
                .and_then(|(_, proxy)| proxy)
                .into_iter()
                .flat_map(|proxy| bounds.ranges.items.iter().map(move |range| (proxy, range)))
            {
                let (requests, limits) = (amounts(&proxy.requests), amounts(&proxy.limits));
                let place: Place<'_> = &|side, name| amount_of(proxy, side, name);
                of_container(resource, namespace, ("proxy.", (&requests, &limits), place), range, sink);
            }
        }
    }
}

/// Where an amount stands: `requests` or `limits`, and of what.
type Place<'a> = &'a dyn Fn(&str, &str) -> Option<NodeId>;

fn amount_of(resources: &Resources, side: &str, name: &str) -> Option<NodeId> {
    let amounts = if side == "requests" { &resources.requests } else { &resources.limits };
    amounts.get(name).map(|amount| amount.node)
}

fn of_pod(
    (plan, resource): (&Plan, &Resource),
    namespace: &str,
    (pod, spec): (&PodSpec, Option<&Resources>),
    bounds: &Bounds,
    sink: &mut Sink,
) {
    let init = pod.init_containers.iter().flatten().enumerate().map(|(index, one)| ("initContainers", index, one));
    let containers = pod.containers.iter().enumerate().map(|(index, one)| ("containers", index, one));
    for (list, index, container) in containers.chain(init) {
        let path = resource.object.in_pod_template(&format!("spec.{list}[{index}].resources"));
        let container = Container { path: &path, prefix: "", stated: container.resources.as_ref() };
        container.check((plan, resource), namespace, spec, bounds, sink);
    }
}

/// What an object says of a container.
struct Container<'a> {
    /// Where in the object it says what the container asks for.
    path: &'a str,
    /// The key behind which people find the amounts; empty, or with a `.` at the end.
    prefix: &'a str,
    stated: Option<&'a ResourceRequirements>,
}

impl Container<'_> {
    fn check(
        &self,
        (plan, resource): (&Plan, &Resource),
        namespace: &str,
        spec: Option<&Resources>,
        bounds: &Bounds,
        sink: &mut Sink,
    ) {
        let empty = Amounts::new();
        let requests = self.stated.and_then(|stated| stated.requests.as_ref()).unwrap_or(&empty);
        let limits = self.stated.and_then(|stated| stated.limits.as_ref()).unwrap_or(&empty);
        // What a patch or a manifest states is at fault there, not in the workload.
        let stated_at = |key: &str| plan.stated_at(resource, &format!("{}.{key}", self.path));
        for range in &bounds.ranges.items {
            let place: Place<'_> =
                &|side, name| stated_at(&format!("{side}.{name}")).or_else(|| amount_of(spec?, side, name));
            of_container(resource, namespace, (self.prefix, (requests, limits), place), range, sink);
        }
        for key in &bounds.counted {
            let (side, stated, default) = match key.split_once('.') {
                Some(("requests", name)) => (name, requests, &bounds.ranges.requests),
                Some(("limits", name)) => (name, limits, &bounds.ranges.limits),
                _ => continue,
            };
            // A limit without a request is the request too.
            let implied = key.starts_with("requests.") && limits.contains_key(side);
            if !stated.contains_key(side) && !implied && !default.contains_key(side) {
                let prefix = if self.prefix.is_empty() { "resources." } else { self.prefix };
                let found = (&**key, &*format!("{prefix}{key}"));
                sink.push(diags::quota_needs(resource, namespace, found, stated_at(key)));
            }
        }
    }
}

/// `prefix` is the key behind which the amounts stand, and `place` where: some may be in a class.
fn of_container(
    resource: &Resource,
    namespace: &str,
    (prefix, (requests, limits), place): (&str, (&Amounts, &Amounts), Place<'_>),
    range: &LimitRangeItem,
    sink: &mut Sink,
) {
    for (name, amount) in requests {
        if let Some(min) = range.min.as_ref().and_then(|min| min.get(name)).filter(|min| less(amount, min)) {
            let found = (&*format!("{prefix}requests.{name}"), &*amount.0, place("requests", name));
            sink.push(diags::outside_range(resource, namespace, found, ("min", &min.0)));
        }
    }
    for (name, amount) in limits {
        if let Some(max) = range.max.as_ref().and_then(|max| max.get(name)).filter(|max| less(max, amount)) {
            let found = (&*format!("{prefix}limits.{name}"), &*amount.0, place("limits", name));
            sink.push(diags::outside_range(resource, namespace, found, ("max", &max.0)));
        }
    }
}

fn amounts(of: &BTreeMap<&'static str, At<Quantity>>) -> Amounts {
    of.iter().map(|(name, amount)| ((*name).to_owned(), KubernetesQuantity(amount.value.to_string()))).collect()
}

fn less(a: &KubernetesQuantity, b: &KubernetesQuantity) -> bool {
    matches!((Quantity::parse(&a.0), Quantity::parse(&b.0)), (Ok(a), Ok(b)) if a < b)
}
