//! `autoscale` of a workload: bounds and targets, and what Kubernetes takes of them.

use super::declare::{MAX_INT32, whole_seconds};
use super::diags;
use super::lower::Autoscale;
use super::spec::AutoscaleSpec;
use crate::decode::At;
use crate::model::ModelBuilder;
use crate::model::pod::Resources;

pub(super) fn declare(model: &mut ModelBuilder<'_>, spec: At<AutoscaleSpec>, resources: &Resources) -> Autoscale {
    let At { value: spec, node } = spec;
    let (min, max) = (spec.replicas.min, spec.replicas.max);
    model.check_order(("min", &min), ("max", &max));
    if min.value == 0 {
        model.report(diags::autoscale_from_zero(min.node));
    }
    if max.value > MAX_INT32 {
        model.report(diags::too_many("max", max.value, max.node));
    }
    let targets = [("cpu", spec.target.value.cpu), ("memory", spec.target.value.memory)];
    if targets.iter().all(|(_, target)| target.is_none()) {
        model.report(diags::autoscale_without_target(spec.target.node));
    }
    let mut utilisation = Vec::new();
    for (resource, target) in targets {
        let Some(target) = target else { continue };
        if !resources.requests.contains_key(resource) {
            model.report(diags::autoscale_without_request(resource, target.node));
        }
        utilisation.push((resource, target.value));
    }
    for pace in [&spec.scale_down, &spec.scale_up].into_iter().flatten() {
        // API reference, HPAScalingRules: the window is at most an hour, the period at most half of one.
        for (duration, most) in [(&pace.stabilization, 3600), (&pace.every, 1800)] {
            let Some(duration) = duration else { continue };
            if whole_seconds(model, duration).is_some_and(|seconds| seconds > most) {
                model.report(diags::pace(duration, most));
            }
        }
        if let (None, Some(every)) = (&pace.at_most, &pace.every) {
            model.report(diags::period_of_nothing(every.node));
        }
        if let Some(at_most) = pace.at_most.as_ref().filter(|at_most| at_most.value.is_zero()) {
            model.report(diags::pace_of_nothing(at_most.node));
        }
    }
    Autoscale { node, min: min.value, max: max.value, utilisation, down: spec.scale_down, up: spec.scale_up }
}
