//! `[monitoring]`.

use crate::decode::At;
use crate::value::{LabelKey, LabelValue, Name, Port};
use serde::Deserialize;
use std::collections::BTreeMap;

/// How the platform is watched.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct MonitoringSpec {
    /// Where metrics are.
    pub prometheus: Option<At<PrometheusSpec>>,
}

/// Where Prometheus is.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct PrometheusSpec {
    /// The namespace of its pods: a key of `[namespaces]`.
    pub namespace: At<Name>,
    /// Its Service; `"prometheus"` unless stated.
    pub service: Option<At<Name>>,
    /// The port of its Service; 9090 unless stated.
    pub port: Option<At<Port>>,
    /// The port that its pods listen on; the same unless stated.
    pub pod_port: Option<At<Port>>,
    /// Labels of its pods; `app.kubernetes.io/name = "prometheus"` unless stated.
    #[serde(default)]
    pub pods: BTreeMap<At<LabelKey>, At<LabelValue>>,
    /// How its configuration calls what a series comes from.
    #[serde(default)]
    pub labels: SeriesLabelsSpec,
}

/// Labels of series.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct SeriesLabelsSpec {
    /// The one that names the pod's namespace; `"namespace"` unless stated.
    pub namespace: Option<At<String>>,
    /// The one that names the pod; `"pod"` unless stated.
    pub pod: Option<At<String>>,
}
