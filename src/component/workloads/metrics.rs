//! `metrics` of a workload: where Prometheus finds them, and how requests are counted in them.
//!
//! Source: Spring Boot, "Metrics" (actuator, Micrometer): `/actuator/prometheus`; the timer `http.server.requests` becomes
//! `http_server_requests_seconds_count`, with the status of the answer in `status` and the pattern of the path in `uri`. The
//! actuator's own endpoints count there too unless it has a port of its own.

use super::diags;
use crate::decode::At;
use crate::model::pod::Metrics;
use crate::model::{ModelBuilder, TargetPort};
use crate::value::{HttpPath, Leaf, PortName, is_metric_name, is_series_label};
use serde::Deserialize;

/// Probes and scrapes of the actuator would hide in a quiet version that every real request fails.
const BUT_ACTUATOR: &str = r#"uri!~"/actuator(/.*)?""#;

/// What a workload tells Prometheus, by the `framework` that it is written with.
#[derive(Debug, Deserialize)]
#[serde(rename = "framework", rename_all = "kebab-case")]
pub enum MetricsSpec {
    /// Spring Boot with its actuator.
    SpringBoot(SpringBootSpec),
    /// Anything else.
    Other(OtherSpec),
}

/// Metrics of Spring Boot.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct SpringBootSpec {
    /// The path; `"/actuator/prometheus"` unless stated.
    pub path: Option<At<HttpPath>>,
    /// The port, by name; the main one unless stated.
    pub port: Option<At<PortName>>,
}

/// Metrics of anything else.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct OtherSpec {
    /// The counter of the requests that were answered.
    pub requests: At<String>,
    /// Its label with the status of the answer, such as `503`.
    pub status: At<String>,
    /// The path; `"/metrics"` unless stated.
    pub path: Option<At<HttpPath>>,
    /// The port, by name; the main one unless stated.
    pub port: Option<At<PortName>>,
}

pub(super) fn declare(model: &mut ModelBuilder<'_>, spec: At<MetricsSpec>, ports: &[TargetPort]) -> Option<Metrics> {
    let At { value: spec, node } = spec;
    let but_probes = matches!(spec, MetricsSpec::SpringBoot(_)).then_some(BUT_ACTUATOR);
    let (path, port, default, requests, status) = match spec {
        MetricsSpec::SpringBoot(spec) => {
            let names = ("http_server_requests_seconds_count".to_owned(), "status".to_owned());
            (spec.path, spec.port, "/actuator/prometheus", names.0, names.1)
        }
        MetricsSpec::Other(spec) => {
            if !is_metric_name(&spec.requests.value) {
                model.report(diags::metric_name(&spec.requests));
            }
            if !is_series_label(&spec.status.value) {
                model.report(diags::metric_label(&spec.status));
            }
            (spec.path, spec.port, "/metrics", spec.requests.value, spec.status.value)
        }
    };
    let path = match path {
        Some(path) => path.value,
        None => {
            model.note_default(node, "path", &format!("\"{default}\""));
            HttpPath::parse(default).ok()?
        }
    };
    let port = match &port {
        Some(wanted) => {
            if !ports.iter().any(|port| port.name == wanted.value.as_str()) {
                model.report(diags::metrics_port(wanted, ports));
            }
            wanted.value.as_str().to_owned()
        }
        None => match ports.first() {
            Some(main) => main.name.to_string(),
            None => {
                model.report(diags::metrics_without_port(node));
                return None;
            }
        },
    };
    Some(Metrics { path, port, requests, status, but_probes, node })
}
