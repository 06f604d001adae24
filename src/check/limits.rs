//! Containers that their namespace's limits or quota would keep out (checks.md, 43).
//!
//! Source: API reference, `LimitRange` and `ResourceQuota`: a container outside of the range is refused; under a quota of a
//! resource every container has to state it, unless a limit range gives it a default.

use super::diags;
use crate::decode::At;
use crate::diag::Sink;
use crate::k8s::Object;
use crate::model::Model;
use crate::model::pod::Resources;
use crate::plan::{Plan, Resource};
use crate::source::NodeId;
use crate::value::{Leaf, Quantity};
use k8s_openapi::api::core::v1::{LimitRangeItem, PodSpec};
use k8s_openapi::apimachinery::pkg::api::resource::Quantity as KubernetesQuantity;
use std::collections::BTreeMap;

#[derive(Default)]
struct Bounds<'a> {
    limits: Option<&'a LimitRangeItem>,
    quota: Option<&'a BTreeMap<String, KubernetesQuantity>>,
}

pub(super) fn check(model: &Model, plan: &Plan, sink: &mut Sink) {
    let mut bounds: BTreeMap<&str, Bounds<'_>> = BTreeMap::new();
    for resource in plan.resources() {
        match &resource.object {
            Object::LimitRange(object) => {
                let bounds = bounds.entry(object.metadata.namespace.as_deref().unwrap_or_default()).or_default();
                bounds.limits = object.spec.as_ref().and_then(|spec| spec.limits.first());
            }
            Object::ResourceQuota(object) => {
                let bounds = bounds.entry(object.metadata.namespace.as_deref().unwrap_or_default()).or_default();
                bounds.quota = object.spec.as_ref().and_then(|spec| spec.hard.as_ref());
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
    for resource in plan.resources() {
        let Some(template) = resource.object.pod_template() else { continue };
        // A Job's amounts are its maker's.
        let is_stated = !matches!(resource.object, Object::Job(_) | Object::AnalysisTemplate(_));
        let namespace = resource.object.identity().namespace.unwrap_or_default();
        let pod = template.spec.as_ref();
        if let (Some(bounds), Some(pod)) = (bounds.get(namespace), pod) {
            let stated = resource.owner.filter(|_| is_stated).and_then(|owner| stated.get(&owner).copied());
            of_pod((plan, resource), namespace, (pod, stated.map(|(own, _)| own)), bounds, sink);
            // A container that is injected has to fit as well.
            if let Some((proxy, range)) = stated.and_then(|(_, proxy)| proxy).zip(bounds.limits) {
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

/// The path of an object's containers.
fn containers(object: &Object) -> &'static str {
    match object.gvk().kind {
        "CronJob" => "spec.jobTemplate.spec.template.spec.containers",
        "Pod" => "spec.containers",
        "PodTemplate" => "template.spec.containers",
        _ => "spec.template.spec.containers",
    }
}

type Amounts = BTreeMap<String, KubernetesQuantity>;

fn of_pod(
    (plan, resource): (&Plan, &Resource),
    namespace: &str,
    (pod, spec): (&PodSpec, Option<&Resources>),
    bounds: &Bounds<'_>,
    sink: &mut Sink,
) {
    let empty = Amounts::new();
    for (index, container) in pod.containers.iter().enumerate() {
        let path = |below: &str| format!("{}[{index}].resources{below}", containers(&resource.object));
        let stated = container.resources.as_ref();
        let requests = stated.and_then(|r| r.requests.as_ref()).unwrap_or(&empty);
        let limits = stated.and_then(|r| r.limits.as_ref()).unwrap_or(&empty);
        if let Some(range) = bounds.limits {
            let place: Place<'_> = &|side, name| {
                // What a patch or a manifest states is at fault there, not in the workload.
                let stated = plan.stated_at(resource, &path(&format!(".{side}.{name}")));
                stated.or_else(|| amount_of(spec?, side, name))
            };
            of_container(resource, namespace, ("", (requests, limits), place), range, sink);
        }
        for key in bounds.quota.into_iter().flat_map(BTreeMap::keys) {
            let (side, stated, default) = match key.split_once('.') {
                Some(("requests", name)) => (name, requests, bounds.limits.and_then(|l| l.default_request.as_ref())),
                Some(("limits", name)) => (name, limits, bounds.limits.and_then(|l| l.default.as_ref())),
                _ => continue,
            };
            // A limit without a request is the request too.
            let implied = key.starts_with("requests.") && limits.contains_key(side);
            if !stated.contains_key(side) && !implied && !default.is_some_and(|d| d.contains_key(side)) {
                let stated = plan.stated_at(resource, &path(&format!(".{key}")));
                sink.push(diags::quota_needs(resource, namespace, key, stated));
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
