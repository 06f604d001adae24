//! `[workloads.NAME]` and `[workload-classes.NAME]`.

use super::metrics::MetricsSpec;
use super::traffic::TrafficSpec;
use crate::decode::At;
use crate::model::{CpuAndMemorySpec, ResourcesSpec};
use crate::value::{
    AbsolutePath, CountOrPercentage, Duration, EnvName, FileName, HttpPath, Image, Name, Percentage, Port, PortName,
    Quantity,
};
use serde::Deserialize;
use std::collections::BTreeMap;

/// A workload. Every key may come from its class.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct WorkloadSpec {
    /// Where its pods run: a key of `[namespaces]`.
    pub namespace: Option<At<Name>>,
    /// Its image, with a tag or digest.
    pub image: Option<At<Image>>,
    /// Arguments instead of the image's own.
    #[serde(default)]
    pub args: Vec<At<String>>,
    /// The port that it serves HTTP on; named `http`.
    pub port: Option<At<Port>>,
    /// Other ports by name.
    #[serde(default)]
    pub ports: BTreeMap<At<PortName>, At<Port>>,
    /// Its Service.
    pub service: Option<ServiceSpec>,
    /// Number of pods; 1 unless stated. An autoscaler starts from its minimum.
    pub replicas: Option<At<u32>>,
    /// Environment variables, as literals. Credentials come from connections.
    #[serde(default)]
    pub env: BTreeMap<At<EnvName>, At<EnvText>>,
    /// What a pod asks for and may use.
    pub resources: Option<At<ResourcesSpec>>,
    /// When it is alive and ready.
    #[serde(default)]
    pub probes: ProbesSpec,
    /// How its pods are kept apart.
    pub spread: Option<At<SpreadSpec>>,
    /// Writable directories and their sizes; the root file system is read-only.
    #[serde(default)]
    pub scratch: BTreeMap<At<AbsolutePath>, At<Quantity>>,
    /// Configuration files.
    pub config: Option<At<ConfigSpec>>,
    /// User and group that it runs as; 10001 unless stated.
    pub user: Option<At<u32>>,
    /// How long it may take to end; `"30s"` unless stated.
    pub shutdown: Option<At<Duration>>,
    /// How a new version replaces the old one.
    pub rollout: Option<At<RolloutSpec>>,
    /// Lets the load decide the number of pods.
    pub autoscale: Option<At<AutoscaleSpec>>,
    /// Has what its container uses watched, and an amount recommended.
    pub recommend: Option<At<RecommendSpec>>,
    /// What it tells Prometheus.
    pub metrics: Option<At<MetricsSpec>>,
    /// How clients in the mesh treat its pods.
    pub traffic: Option<At<TrafficSpec>>,
    /// How many of its pods a drain of nodes may take at once; 1 unless stated, where there are at least two.
    pub disruptions: Option<At<DisruptionsSpec>>,
    /// What it connects to, by name.
    #[serde(default)]
    pub connects: BTreeMap<At<Name>, At<ConnectSpec>>,
}

/// A workload's Service.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct ServiceSpec {
    /// The port that clients dial for the main port; the same unless stated.
    pub port: Option<At<Port>>,
}

/// Text of an environment variable; numbers may stand without quotes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EnvText(pub String);

impl crate::value::Leaf for EnvText {
    const EXPECTED: &'static str = "a string";

    fn parse(text: &str) -> Result<Self, crate::value::Invalid> {
        Ok(EnvText(text.to_owned()))
    }

    fn from_integer(integer: i64) -> Option<Result<Self, crate::value::Invalid>> {
        Some(Ok(EnvText(integer.to_string())))
    }
}

/// When a container is alive and ready.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct ProbesSpec {
    /// Restarts it.
    pub liveness: Option<ProbeSpec>,
    /// Takes it out of its Service.
    pub readiness: Option<ProbeSpec>,
    /// Holds the other two back until it passed once.
    pub startup: Option<ProbeSpec>,
}

/// A probe over HTTP.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct ProbeSpec {
    /// The path that is asked.
    pub http_get: At<HttpPath>,
    /// The port, by name; the main one unless stated.
    pub port: Option<At<PortName>>,
    /// Time before the first.
    pub initial_delay: Option<At<Duration>>,
    /// Time between two.
    pub period: Option<At<Duration>>,
    /// How long an answer may take.
    pub timeout: Option<At<Duration>>,
    /// Failures in a row that count.
    pub failures: Option<At<u32>>,
}

/// How pods are kept apart.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct SpreadSpec {
    /// Not two on one node.
    pub hosts: Option<ForceSpec>,
    /// Evenly over availability zones.
    pub zones: Option<ForceSpec>,
}

/// How hard a rule is.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ForceSpec {
    /// Where there is room.
    Prefer,
    /// Or the pod stays pending.
    Require,
}

/// Configuration files, rendered from templates.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct ConfigSpec {
    /// The directory in which they stand.
    pub mount: At<AbsolutePath>,
    /// File name to template.
    pub files: BTreeMap<At<FileName>, At<String>>,
}

/// How a new version replaces the old one, by `strategy`.
#[derive(Debug, Deserialize)]
#[serde(rename = "strategy", rename_all = "kebab-case")]
pub enum RolloutSpec {
    /// Pod by pod.
    Rolling(RollingSpec),
    /// All at once, the old ones first.
    Recreate(RecreateSpec),
    /// Beside the old ones, by Argo Rollouts: the new version has the traffic at once, or not at all.
    BlueGreen(BlueGreenSpec),
}

/// Pod by pod.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct RollingSpec {
    /// Pods that may be missing; 0 unless stated.
    pub max_unavailable: Option<At<CountOrPercentage>>,
    /// Pods that may be there beyond the wanted number; 1 unless stated.
    pub max_surge: Option<At<CountOrPercentage>>,
}

/// All at once.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct RecreateSpec {}

/// Beside the old ones.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct BlueGreenSpec {
    /// Whether the new version gets the traffic without anybody's word; `false` unless stated.
    pub auto_promotion: Option<At<bool>>,
    /// How long the old version stays after that; `"30s"` unless stated.
    pub scale_down_delay: Option<At<Duration>>,
    /// What the new version is judged by.
    pub analysis: Option<JudgedSpec>,
}

/// What a new version is judged by: names of `[analyses]`.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct JudgedSpec {
    /// Before it gets the traffic.
    #[serde(default)]
    pub before: Vec<At<Name>>,
    /// When it has it; the traffic goes back if it fails.
    #[serde(default)]
    pub after: Vec<At<Name>>,
}

/// Lets the load decide the number of pods.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct AutoscaleSpec {
    /// Between which numbers.
    pub replicas: RangeSpec,
    /// Average use, of what the pods request.
    pub target: At<UtilisationSpec>,
    /// How fast pods go.
    pub scale_down: Option<PaceSpec>,
    /// How fast pods come.
    pub scale_up: Option<PaceSpec>,
}

/// The least and the most.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct RangeSpec {
    /// The least.
    pub min: At<u32>,
    /// The most.
    pub max: At<u32>,
}

/// Average use, of what the pods request.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct UtilisationSpec {
    /// Of the processors.
    pub cpu: Option<At<Percentage>>,
    /// Of the memory.
    pub memory: Option<At<Percentage>>,
}

/// How fast the number of pods changes.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct PaceSpec {
    /// How long the load must have asked for it.
    pub stabilization: Option<At<Duration>>,
    /// The most that changes in one period: a number of pods or a share of them.
    pub at_most: Option<At<CountOrPercentage>>,
    /// The period; `"1m"` unless stated.
    pub every: Option<At<Duration>>,
}

/// Has what a container uses watched, and an amount recommended.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct RecommendSpec {
    /// When the recommendation is put into effect; `"never"` unless stated.
    pub apply: Option<At<ApplySpec>>,
    /// The least that is recommended.
    pub min: Option<CpuAndMemorySpec>,
    /// The most that is recommended.
    pub max: Option<CpuAndMemorySpec>,
}

/// When a recommendation is put into effect.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ApplySpec {
    /// By whoever reads it and writes it into the spec.
    Never,
    /// When a pod starts.
    AtStart,
    /// At any time, by a new pod for the old one.
    ByRestart,
}

/// How many pods a drain of nodes may take at once.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct DisruptionsSpec {
    /// A number of pods or a share of them.
    pub max_unavailable: At<CountOrPercentage>,
}

/// A connection that a workload opens.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct ConnectSpec {
    /// The target's port, by name or by the number that clients dial; its main one unless stated.
    pub port: Option<At<PortText>>,
    /// Environment variables, and the fields of the target that they carry.
    #[serde(default)]
    pub env: BTreeMap<At<EnvName>, At<String>>,
}

/// A port by name or number.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PortText(pub String);

impl crate::value::Leaf for PortText {
    const EXPECTED: &'static str = "the name or number of a port";

    fn parse(text: &str) -> Result<Self, crate::value::Invalid> {
        Ok(PortText(text.to_owned()))
    }

    fn from_integer(integer: i64) -> Option<Result<Self, crate::value::Invalid>> {
        Some(Port::from_integer(integer)?.map(|port| PortText(port.to_string())))
    }
}

crate::decode::leaves!(EnvText, PortText);
