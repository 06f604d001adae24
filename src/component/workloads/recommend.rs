//! Recommended requests: a `VerticalPodAutoscaler` that only watches (D12).
//!
//! Source: Vertical Pod Autoscaler, "Known limitations": one that changes requests must not stand beside an autoscaler that
//! looks at the same cpu or memory, since each undoes the other. So no other mode than `Off` is written, and whoever reads
//! the recommendation writes it into the spec.

use super::spec::{RecommendSpec, RecommendedSpec};
use crate::k8s::Custom;
use crate::k8s::vpa::{ContainerPolicy, ResourcePolicy, UpdatePolicy, VerticalPodAutoscalerSpec};
use crate::model::{ModelBuilder, Workload};
use k8s_openapi::api::autoscaling::v2::CrossVersionObjectReference;
use k8s_openapi::apimachinery::pkg::api::resource::Quantity;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use std::collections::BTreeMap;

/// Bounds of what is recommended.
pub(super) struct Recommend {
    min: BTreeMap<&'static str, Quantity>,
    max: BTreeMap<&'static str, Quantity>,
}

pub(super) fn recommend(model: &mut ModelBuilder<'_>, spec: &RecommendSpec) -> Recommend {
    let amounts = |bound: &Option<RecommendedSpec>| {
        let stated = bound.iter().flat_map(|bound| [("cpu", bound.cpu.clone()), ("memory", bound.memory.clone())]);
        stated.filter_map(|(resource, amount)| Some((resource, amount?))).collect::<BTreeMap<_, _>>()
    };
    let (min, max) = (amounts(&spec.min), amounts(&spec.max));
    for (resource, least) in &min {
        if let Some(most) = max.get(resource) {
            model.check_order((&format!("min.{resource}"), least), (&format!("max.{resource}"), most));
        }
    }
    let quantities = |amounts: BTreeMap<&'static str, crate::decode::At<crate::value::Quantity>>| {
        amounts.into_iter().map(|(name, amount)| (name, Quantity(amount.value.as_str().to_owned()))).collect()
    };
    Recommend { min: quantities(min), max: quantities(max) }
}

/// `target` is the controller of the pods.
pub(super) fn autoscaler(
    recommend: &Recommend,
    workload: &Workload,
    target: CrossVersionObjectReference,
    metadata: ObjectMeta,
) -> Custom<VerticalPodAutoscalerSpec> {
    let policy = ContainerPolicy {
        container_name: workload.name.clone(),
        controlled_resources: vec!["cpu", "memory"],
        min_allowed: recommend.min.clone(),
        max_allowed: recommend.max.clone(),
    };
    let spec = VerticalPodAutoscalerSpec {
        target_ref: target,
        update_policy: UpdatePolicy { update_mode: "Off" },
        resource_policy: ResourcePolicy { container_policies: vec![policy] },
    };
    Custom { metadata, spec }
}
