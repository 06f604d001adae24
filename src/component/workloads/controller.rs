//! What controls the pods: Deployment, autoscaler, disruption budget. The `Rollout` is in `rollout`.

use super::lower::{Autoscale, Controller, Rollout};
use super::spec::PaceSpec;
use crate::k8s::argo_rollouts;
use crate::model::Workload;
use crate::plan::pod;
use crate::value::CountOrPercentage;
use k8s_openapi::api::apps::v1::{Deployment, DeploymentSpec, DeploymentStrategy, RollingUpdateDeployment};
use k8s_openapi::api::autoscaling::v2::{
    ContainerResourceMetricSource, CrossVersionObjectReference, HPAScalingPolicy, HPAScalingRules,
    HorizontalPodAutoscaler, HorizontalPodAutoscalerBehavior, HorizontalPodAutoscalerSpec, MetricSpec, MetricTarget,
    ResourceMetricSource,
};
use k8s_openapi::api::core::v1::PodTemplateSpec;
use k8s_openapi::api::policy::v1::{PodDisruptionBudget, PodDisruptionBudgetSpec};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::{LabelSelector, ObjectMeta};
use k8s_openapi::apimachinery::pkg::util::intstr::IntOrString;

/// Old `ReplicaSets` that stay for a rollback. Kubernetes' own ten are ten of each workload in every list.
pub(super) const REVISIONS: i32 = 3;

pub(super) fn deployment(
    controller: &Controller,
    rollout: &Rollout,
    workload: &Workload,
    metadata: ObjectMeta,
    template: PodTemplateSpec,
) -> Deployment {
    let spec = DeploymentSpec {
        replicas: controller.stated_replicas(),
        revision_history_limit: Some(REVISIONS),
        selector: LabelSelector { match_labels: Some(pod::selector(workload)), ..Default::default() },
        strategy: strategy(rollout),
        template,
        ..Default::default()
    };
    Deployment { metadata, spec, ..Default::default() }
}

/// `None` for what no Deployment does.
fn strategy(rollout: &Rollout) -> Option<DeploymentStrategy> {
    let (type_, rolling_update) = match rollout {
        Rollout::Recreate => ("Recreate", None),
        Rollout::Rolling { max_unavailable, max_surge } => {
            let update = RollingUpdateDeployment {
                max_surge: Some(int_or_string(max_surge)),
                max_unavailable: Some(int_or_string(max_unavailable)),
            };
            ("RollingUpdate", Some(update))
        }
        Rollout::BlueGreen(_) => return None,
    };
    Some(DeploymentStrategy { type_: Some(type_.to_owned()), rolling_update })
}

/// What autoscalers of either kind look at.
pub(super) fn reference(rollout: &Rollout, name: &str) -> CrossVersionObjectReference {
    let (api_version, kind) = match rollout {
        Rollout::BlueGreen(_) => (argo_rollouts::API_VERSION, argo_rollouts::ROLLOUT),
        Rollout::Rolling { .. } | Rollout::Recreate => ("apps/v1", "Deployment"),
    };
    CrossVersionObjectReference {
        api_version: Some(api_version.to_owned()),
        kind: kind.to_owned(),
        name: name.to_owned(),
    }
}

/// `container` is the one that is looked at, in a pod that has others: a proxy beside it would be counted in the average.
pub(super) fn autoscaler(
    autoscale: &Autoscale,
    target: CrossVersionObjectReference,
    container: Option<&str>,
    metadata: ObjectMeta,
) -> HorizontalPodAutoscaler {
    let metric = |(resource, target): &(&'static str, crate::value::Percentage)| {
        let name = (*resource).to_owned();
        let target = MetricTarget {
            type_: "Utilization".to_owned(),
            average_utilization: Some(i32::from(target.percent())),
            ..Default::default()
        };
        match container {
            Some(container) => MetricSpec {
                type_: "ContainerResource".to_owned(),
                container_resource: Some(ContainerResourceMetricSource {
                    container: container.to_owned(),
                    name,
                    target,
                }),
                ..Default::default()
            },
            None => MetricSpec {
                type_: "Resource".to_owned(),
                resource: Some(ResourceMetricSource { name, target }),
                ..Default::default()
            },
        }
    };
    let behavior = (autoscale.down.is_some() || autoscale.up.is_some()).then(|| HorizontalPodAutoscalerBehavior {
        scale_down: autoscale.down.as_ref().map(rules),
        scale_up: autoscale.up.as_ref().map(rules),
    });
    let spec = HorizontalPodAutoscalerSpec {
        scale_target_ref: target,
        min_replicas: Some(int32(autoscale.min)),
        max_replicas: int32(autoscale.max),
        metrics: Some(autoscale.utilisation.iter().map(metric).collect()),
        behavior,
    };
    HorizontalPodAutoscaler { metadata, spec, ..Default::default() }
}

fn rules(pace: &PaceSpec) -> HPAScalingRules {
    let seconds = |duration: &crate::decode::At<crate::value::Duration>| {
        i32::try_from(duration.value.seconds().unwrap_or_default()).unwrap_or(i32::MAX)
    };
    let policy = pace.at_most.as_ref().map(|at_most| {
        let (type_, value) = match at_most.value {
            CountOrPercentage::Count(count) => ("Pods", int32(count)),
            CountOrPercentage::Percentage(share) => ("Percent", i32::from(share.percent())),
        };
        HPAScalingPolicy { type_: type_.to_owned(), value, period_seconds: pace.every.as_ref().map_or(60, seconds) }
    });
    HPAScalingRules {
        stabilization_window_seconds: pace.stabilization.as_ref().map(seconds),
        policies: policy.map(|policy| vec![policy]),
        ..Default::default()
    }
}

pub(super) fn budget(controller: &Controller, workload: &Workload, metadata: ObjectMeta) -> PodDisruptionBudget {
    let spec = PodDisruptionBudgetSpec {
        max_unavailable: Some(controller.disruptions.as_ref().map_or(IntOrString::Int(1), int_or_string)),
        selector: Some(LabelSelector { match_labels: Some(pod::selector(workload)), ..Default::default() }),
        // A pod that is not ready protects nothing: without this it blocks the drain of its broken node for ever.
        unhealthy_pod_eviction_policy: Some("AlwaysAllow".to_owned()),
        ..Default::default()
    };
    PodDisruptionBudget { metadata, spec: Some(spec), ..Default::default() }
}

fn int_or_string(value: &CountOrPercentage) -> IntOrString {
    match value {
        CountOrPercentage::Count(count) => IntOrString::Int(int32(*count)),
        CountOrPercentage::Percentage(share) => IntOrString::String(share.to_string()),
    }
}

/// `declare` has refused what does not fit.
pub(super) fn int32(count: u32) -> i32 {
    i32::try_from(count).unwrap_or(i32::MAX)
}
