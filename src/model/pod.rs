//! What a pod is, for the one function that builds pod templates (`plan::pod`).

use crate::decode::At;
use crate::source::NodeId;
use crate::value::{AbsolutePath, Duration, EnvName, HttpPath, Leaf, Quantity};
use std::collections::BTreeMap;

/// A pod with one container of the platform's own.
#[derive(Clone, Debug)]
pub struct Pod {
    /// Full image reference.
    pub image: String,
    /// The version that it says it is, for a label; `None` where the reference has no tag that can be one.
    pub version: Option<String>,
    /// Arguments; empty for the image's own.
    pub args: Vec<String>,
    /// Container ports by name; the first is the main one.
    pub ports: Vec<(String, u16)>,
    /// Environment variables that the spec states.
    pub env: BTreeMap<At<EnvName>, String>,
    /// Requests and limits.
    pub resources: Resources,
    /// Its probes.
    pub probes: Probes,
    /// User and group that it runs as.
    pub user: u32,
    /// Writable paths, each with the size at which the pod is evicted.
    pub scratch: BTreeMap<At<AbsolutePath>, At<Quantity>>,
    /// Where its configuration is mounted.
    pub config: Option<ConfigMount>,
    /// How its replicas are spread.
    pub spread: Spread,
    /// Time between SIGTERM and SIGKILL, in seconds.
    pub grace_seconds: u64,
    /// What it tells Prometheus.
    pub metrics: Option<Metrics>,
}

/// What a pod tells Prometheus. Names of metrics are a fact of the framework that the application is written with.
#[derive(Clone, Debug)]
pub struct Metrics {
    /// The path that is asked.
    pub path: HttpPath,
    /// The port, by name.
    pub port: String,
    /// The counter of the requests that it answered.
    pub requests: String,
    /// The label of that counter that holds the status of the answer, such as `503`.
    pub status: String,
    /// A matcher of its series that leaves out what probes and Prometheus itself ask for, where the framework says.
    pub but_probes: Option<&'static str>,
    /// The `metrics` table.
    pub node: NodeId,
}

/// Requests and limits of a container, by resource name.
#[derive(Clone, Debug, Default)]
pub struct Resources {
    /// What the scheduler sets aside.
    pub requests: BTreeMap<&'static str, At<Quantity>>,
    /// What it may use.
    pub limits: BTreeMap<&'static str, At<Quantity>>,
}

impl Resources {
    /// What a Job gets that the compiler makes for an entry, and that runs one small program after the other.
    pub fn of_small_job(entry: NodeId) -> Self {
        let amounts = |cpu: &str, memory: &str| {
            let stated = [("cpu", cpu), ("memory", memory)];
            let amount = |amount| Some(At { value: Quantity::parse(amount).ok()?, node: entry });
            stated.into_iter().filter_map(|(name, stated)| Some((name, amount(stated)?))).collect()
        };
        Resources { requests: amounts("100m", "128Mi"), limits: amounts("200m", "256Mi") }
    }
}

/// The three probes of a container.
#[derive(Clone, Debug, Default)]
pub struct Probes {
    /// Restarts the container.
    pub liveness: Option<Probe>,
    /// Takes the pod out of its Services.
    pub readiness: Option<Probe>,
    /// Holds the other two back until it has passed once.
    pub startup: Option<Probe>,
}

/// An HTTP probe. `None` leaves Kubernetes' default.
#[derive(Clone, Debug)]
pub struct Probe {
    /// Path.
    pub path: HttpPath,
    /// Port by name.
    pub port: String,
    /// Before the first one.
    pub initial_delay: Option<At<Duration>>,
    /// Between two.
    pub period: Option<At<Duration>>,
    /// How long one may take.
    pub timeout: Option<At<Duration>>,
    /// Failures in a row that count.
    pub failures: Option<At<u32>>,
}

/// A directory of rendered files.
#[derive(Clone, Debug)]
pub struct ConfigMount {
    /// Where.
    pub path: AbsolutePath,
    /// Name of the `ConfigMap`.
    pub config_map: String,
    /// Key to the file's text.
    pub files: BTreeMap<At<crate::value::FileName>, At<String>>,
    /// The `config` table.
    pub node: NodeId,
}

/// How hard replicas are kept apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Force {
    /// Where there is room.
    Prefer,
    /// Or the pod stays pending.
    Require,
}

/// How replicas are spread.
#[derive(Clone, Copy, Debug, Default)]
pub struct Spread {
    /// Over nodes.
    pub hosts: Option<Force>,
    /// Over availability zones.
    pub zones: Option<Force>,
}
