//! Argo Rollouts, `argoproj.io/v1alpha1` (CRDs of release 1.9).

use super::custom::CustomSpec;
use k8s_openapi::api::batch::v1::JobSpec;
use k8s_openapi::api::core::v1::PodTemplateSpec;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::LabelSelector;
use serde::Serialize;
use std::collections::BTreeMap;

/// Group and version, as autoscalers name what they scale.
pub const API_VERSION: &str = "argoproj.io/v1alpha1";
/// The kind that replaces a `Deployment`.
pub const ROLLOUT: &str = "Rollout";

/// `Rollout`: pods as a `Deployment` has them, with another way from one version to the next.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct RolloutSpec {
    /// Pods of each version; absent where an autoscaler decides.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub replicas: Option<i32>,
    /// Old `ReplicaSets` that stay for a rollback.
    pub revision_history_limit: i32,
    /// Its pods; cannot be changed.
    pub selector: LabelSelector,
    /// The way from one version to the next.
    pub strategy: Strategy,
    /// What its pods are.
    pub template: PodTemplateSpec,
}

/// The way from one version to the next.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Strategy {
    /// Two versions side by side, of which one has the traffic.
    pub blue_green: BlueGreen,
}

/// Two versions side by side.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct BlueGreen {
    /// The Service whose selector the controller points at the version that has the traffic.
    pub active_service: String,
    /// The Service whose selector it points at the new version.
    pub preview_service: String,
    /// Whether the traffic goes over as soon as the new version is ready and its analysis passed.
    pub auto_promotion_enabled: bool,
    /// How long the old version stays after the traffic went over.
    pub scale_down_delay_seconds: i32,
    /// What the new version is judged by before.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pre_promotion_analysis: Option<RolloutAnalysis>,
    /// What it is judged by afterwards; the traffic goes back if it fails.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub post_promotion_analysis: Option<RolloutAnalysis>,
}

/// What a version is judged by.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct RolloutAnalysis {
    /// Templates of the namespace; all of them have to pass.
    pub templates: Vec<TemplateReference>,
    /// Values of their arguments; a template takes those that it names.
    pub args: Vec<RolloutArgument>,
}

/// A template of the namespace.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct TemplateReference {
    /// Its name.
    pub template_name: String,
}

/// The value of an argument.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct RolloutArgument {
    /// Its name.
    pub name: &'static str,
    /// What it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub value: Option<String>,
    /// Where it is read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub value_from: Option<ArgumentSource>,
}

/// Where an argument is read.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ArgumentSource {
    /// `Latest` or `Stable`: the version whose hash it is.
    pub pod_template_hash_value: &'static str,
}

/// `AnalysisTemplate`: measurements by which a version is judged.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct AnalysisTemplateSpec {
    /// Arguments, whose values the `Rollout` gives.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub args: Vec<Argument>,
    /// What is measured.
    pub metrics: Vec<Metric>,
}

/// An argument, used as `{{args.NAME}}`.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Argument {
    /// Its name.
    pub name: &'static str,
}

/// One thing that is measured.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Metric {
    /// Its name.
    pub name: String,
    /// Time before the first measurement.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub initial_delay: Option<String>,
    /// Time between two measurements.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub interval: Option<String>,
    /// Number of measurements; without it there would be no end.
    pub count: u32,
    /// Failures that are put up with.
    pub failure_limit: u32,
    /// When a measurement passes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub success_condition: Option<String>,
    /// When it fails, where some neither pass nor fail: the rollout then waits for somebody.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub failure_condition: Option<String>,
    /// What measures.
    pub provider: Provider,
}

/// What measures.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Provider {
    /// A query.
    Prometheus(PrometheusProvider),
    /// A Job, which succeeds or does not.
    Job(Box<JobProvider>),
}

/// A query.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct PrometheusProvider {
    /// The URL of Prometheus.
    pub address: String,
    /// The query, in `PromQL`.
    pub query: String,
}

/// A Job.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct JobProvider {
    /// Labels of the Job.
    pub metadata: JobMetadata,
    /// The Job.
    pub spec: JobSpec,
}

/// Metadata of a Job.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct JobMetadata {
    /// Labels.
    pub labels: BTreeMap<String, String>,
}

impl CustomSpec for RolloutSpec {
    const GROUP: &'static str = "argoproj.io";
    const API_VERSION: &'static str = API_VERSION;
    const KIND: &'static str = ROLLOUT;
}

impl CustomSpec for AnalysisTemplateSpec {
    const GROUP: &'static str = "argoproj.io";
    const API_VERSION: &'static str = API_VERSION;
    const KIND: &'static str = "AnalysisTemplate";
}
