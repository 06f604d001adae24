//! Recommended requests: a `VerticalPodAutoscaler` (D12).
//!
//! Source: Vertical Pod Autoscaler, "Known limitations": one that changes requests must not stand beside an autoscaler that
//! looks at the same cpu or memory, since each undoes the other. Without `apply` it only watches (mode `Off`), and whoever
//! reads the recommendation writes it into the spec.

use super::diags;
use super::lower::Autoscale;
use super::spec::{ApplySpec, RecommendSpec};
use crate::decode::At;
use crate::k8s::Custom;
use crate::k8s::vpa::{ContainerPolicy, ResourcePolicy, UpdatePolicy, VerticalPodAutoscalerSpec};
use crate::model::{CpuAndMemorySpec, ModelBuilder, Workload};
use k8s_openapi::api::autoscaling::v2::CrossVersionObjectReference;
use k8s_openapi::apimachinery::pkg::api::resource::Quantity;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use std::collections::BTreeMap;

/// Bounds of what is recommended.
pub(super) struct Recommend {
    mode: &'static str,
    min: BTreeMap<&'static str, Quantity>,
    max: BTreeMap<&'static str, Quantity>,
}

pub(super) fn declare(
    model: &mut ModelBuilder<'_>,
    spec: &At<RecommendSpec>,
    autoscale: Option<&Autoscale>,
) -> Recommend {
    let At { value: spec, node } = spec;
    let mode = match &spec.apply {
        Some(apply) => {
            let mode = match apply.value {
                ApplySpec::Never => "Off",
                ApplySpec::AtStart => "Initial",
                ApplySpec::ByRestart => "Recreate",
            };
            if let (ApplySpec::AtStart | ApplySpec::ByRestart, Some(autoscale)) = (apply.value, autoscale) {
                let resources = autoscale.utilisation.iter().map(|(resource, _)| *resource);
                model.report(diags::both_set(resources, apply.node, autoscale.node));
            }
            mode
        }
        None => {
            model.note_default(*node, "apply", &"\"never\"");
            "Off"
        }
    };
    let amounts = |bound: &Option<CpuAndMemorySpec>| {
        let stated = bound.iter().flat_map(|bound| [("cpu", bound.cpu.clone()), ("memory", bound.memory.clone())]);
        stated.filter_map(|(resource, amount)| Some((resource, amount?))).collect::<BTreeMap<_, _>>()
    };
    let (min, max) = (amounts(&spec.min), amounts(&spec.max));
    for (resource, least) in &min {
        if let Some(most) = max.get(resource) {
            model.check_order((&format!("min.{resource}"), least), (&format!("max.{resource}"), most));
        }
    }
    let quantities = |amounts: BTreeMap<&'static str, At<crate::value::Quantity>>| {
        amounts.into_iter().map(|(name, amount)| (name, Quantity(amount.value.as_str().to_owned()))).collect()
    };
    Recommend { mode, min: quantities(min), max: quantities(max) }
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
        update_policy: UpdatePolicy { update_mode: recommend.mode },
        resource_policy: ResourcePolicy { container_policies: vec![policy] },
    };
    Custom { metadata, spec }
}
