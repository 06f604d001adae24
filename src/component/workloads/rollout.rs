//! `rollout` of a workload: how a new version replaces the old one.
//!
//! Source: Argo Rollouts, "Blue-green Deployments": the controller points the selectors of both Services at a
//! version each, by the hash of its pods. A `Deployment` beside the `Rollout` would run its pods too, behind both Services.

use super::declare::whole_seconds;
use super::diags;
use super::lower::{BlueGreen, Controller, Rollout};
use super::spec::{BlueGreenSpec, RollingSpec, RolloutSpec};
use crate::decode::At;
use crate::k8s::Custom;
use crate::k8s::argo_rollouts::{
    self as api, ArgumentSource, RolloutAnalysis, RolloutArgument, Strategy, TemplateReference,
};
use crate::model::rollout::{self, template_name};
use crate::model::{ModelBuilder, TargetPort, Workload};
use crate::plan::pod;
use crate::source::NodeId;
use crate::value::{CountOrPercentage, Name};
use k8s_openapi::api::core::v1::PodTemplateSpec;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::{LabelSelector, ObjectMeta};
use std::collections::BTreeMap;

/// Less, and nodes still send traffic to pods that are gone: they learn of the other selector one by one.
const SCALE_DOWN_SECONDS: u32 = 30;

pub(super) fn declare(
    model: &mut ModelBuilder<'_>,
    spec: Option<At<RolloutSpec>>,
    name: &str,
    ports: &[TargetPort],
    node: NodeId,
) -> Rollout {
    let (table, rolling) = match spec {
        Some(At { value: RolloutSpec::Recreate(_), .. }) => return Rollout::Recreate,
        Some(At { value: RolloutSpec::Rolling(rolling), node }) => (node, rolling),
        Some(At { value: RolloutSpec::BlueGreen(spec), node: table }) => {
            if ports.is_empty() {
                model.report(diags::blue_green_without_port(name, table, node));
            }
            return Rollout::BlueGreen(blue_green(model, spec, name, table));
        }
        None => {
            model.note_default(node, "rollout.strategy", &"\"rolling\"");
            (node, RollingSpec::default())
        }
    };
    if let Some(share) = &rolling.max_unavailable {
        model.check_share(share);
    }
    let stated = rolling.max_unavailable.as_ref().map(|value| value.node);
    let max_unavailable =
        model.default(table, "max-unavailable", rolling.max_unavailable.map(|v| v.value), CountOrPercentage::Count(0));
    let max_surge = model.default(table, "max-surge", rolling.max_surge.map(|v| v.value), CountOrPercentage::Count(1));
    if max_unavailable.is_zero() && max_surge.is_zero() {
        model.report(diags::stuck_rollout(stated.unwrap_or(table)));
    }
    Rollout::Rolling { max_unavailable, max_surge }
}

fn blue_green(model: &mut ModelBuilder<'_>, spec: BlueGreenSpec, name: &str, table: NodeId) -> BlueGreen {
    let preview = format!("{name}-preview");
    let auto_promotion = spec.auto_promotion.map(|auto| auto.value);
    let auto_promotion = model.default(table, "auto-promotion", auto_promotion, false);
    let scale_down_delay = match &spec.scale_down_delay {
        Some(delay) => whole_seconds(model, delay).and_then(|seconds| u32::try_from(seconds).ok()).unwrap_or_default(),
        None => {
            model.note_default(table, "scale-down-delay", &format!("\"{SCALE_DOWN_SECONDS}s\""));
            SCALE_DOWN_SECONDS
        }
    };
    let analysis = spec.analysis.unwrap_or_default();
    for names in [&analysis.before, &analysis.after] {
        let mut seen: BTreeMap<&Name, NodeId> = BTreeMap::new();
        for name in names {
            if let Some(first) = seen.insert(&name.value, name.node) {
                model.report(diags::analysis_twice(name, first));
            }
        }
    }
    let fact = rollout::BlueGreen { preview, before: analysis.before, after: analysis.after, node: table };
    BlueGreen { fact, auto_promotion, scale_down_delay }
}

/// The `Rollout`, which has everything that a `Deployment` would have.
pub(super) fn object(
    controller: &Controller,
    colours: &BlueGreen,
    workload: &Workload,
    metadata: ObjectMeta,
    template: PodTemplateSpec,
) -> Custom<api::RolloutSpec> {
    let fact = &colours.fact;
    let spec = api::RolloutSpec {
        replicas: controller.stated_replicas(),
        revision_history_limit: super::controller::REVISIONS,
        selector: LabelSelector { match_labels: Some(pod::selector(workload)), ..Default::default() },
        strategy: Strategy {
            blue_green: api::BlueGreen {
                active_service: workload.name.clone(),
                preview_service: fact.preview.clone(),
                auto_promotion_enabled: colours.auto_promotion,
                scale_down_delay_seconds: i32::try_from(colours.scale_down_delay).unwrap_or(i32::MAX),
                pre_promotion_analysis: analysis(&workload.name, &fact.before, &fact.preview),
                post_promotion_analysis: analysis(&workload.name, &fact.after, &workload.name),
            },
        },
        template,
    };
    Custom { metadata, spec }
}

/// What judges the new version, which is behind `service`.
fn analysis(workload: &str, names: &[At<Name>], service: &str) -> Option<RolloutAnalysis> {
    let templates: Vec<TemplateReference> = names
        .iter()
        .map(|name| TemplateReference { template_name: template_name(workload, name.value.as_str()) })
        .collect();
    let hash = ArgumentSource { pod_template_hash_value: "Latest" };
    let args = vec![
        RolloutArgument { name: rollout::SERVICE, value: Some(service.to_owned()), value_from: None },
        RolloutArgument { name: rollout::HASH, value: None, value_from: Some(hash) },
    ];
    (!templates.is_empty()).then_some(RolloutAnalysis { templates, args })
}
