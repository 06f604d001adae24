//! `[analyses.NAME]`.

use crate::decode::At;
use crate::model::ResourcesSpec;
use crate::value::{Duration, HttpPath, Image, Percentage};
use serde::Deserialize;

/// How a version is judged, by what is measured.
#[derive(Debug, Deserialize)]
#[serde(rename = "measure", rename_all = "kebab-case")]
pub enum AnalysisSpec {
    /// The share of requests that were not answered with an error of the server.
    SuccessRate(SuccessRateSpec),
    /// Whatever a query of Prometheus gives.
    Query(QuerySpec),
    /// Whether it answers a request that a Job sends.
    SmokeTest(Box<SmokeTestSpec>),
}

/// The share of requests that were answered well. How requests are counted is a fact of the workload: `metrics`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct SuccessRateSpec {
    /// The least share, such as `"95%"`.
    pub at_least: At<Percentage>,
    /// The time over which requests are counted; `"2m"` unless stated.
    pub window: Option<At<Duration>>,
    /// What no requests at all mean.
    pub no_traffic: At<NothingSpec>,
    /// Time between two measurements; `"1m"` unless stated.
    pub interval: Option<At<Duration>>,
    /// Number of measurements; 5 unless stated.
    pub count: Option<At<u32>>,
    /// Failures that are put up with; 0 unless stated.
    pub failures: Option<At<u32>>,
}

/// Whatever a query gives.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct QuerySpec {
    /// The query, in `PromQL`; an instant vector, of which the first value is looked at. It may use
    /// `{{args.service-name}}` and `{{args.pod-template-hash}}`.
    pub query: At<String>,
    /// A condition of `result[0]`, in the language of Argo Rollouts.
    pub success: At<String>,
    /// What no value at all means.
    pub no_data: At<NothingSpec>,
    /// Time between two measurements; `"1m"` unless stated.
    pub interval: Option<At<Duration>>,
    /// Number of measurements; 5 unless stated.
    pub count: Option<At<u32>>,
    /// Failures that are put up with; 0 unless stated.
    pub failures: Option<At<u32>>,
}

/// What nothing means.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum NothingSpec {
    /// That nothing is wrong.
    Pass,
    /// That something is.
    Fail,
    /// That somebody has to look: the rollout waits.
    Inconclusive,
}

/// A Job that sends one request.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct SmokeTestSpec {
    /// An image with a shell and curl.
    pub image: At<Image>,
    /// The path that is asked for; every answer but an error passes.
    pub path: At<HttpPath>,
    /// How long the Job may take; `"2m"` unless stated.
    pub timeout: Option<At<Duration>>,
    /// What it asks for and may use; a little unless stated.
    pub resources: Option<At<ResourcesSpec>>,
}
