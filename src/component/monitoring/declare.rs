use super::diags;
use super::spec::{MonitoringSpec, PrometheusSpec};
use crate::component::{Declare, Lower, NothingToLower};
use crate::decode::At;
use crate::k8s::labels;
use crate::model::contract::{endpoint, plain, port, url};
use crate::model::{
    CLUSTER_DOMAIN, Contract, ModelBuilder, Opener, Peer, Prometheus, Protocol, Target, TargetKind, TargetPort,
    Workload,
};
use crate::source::NodeId;
use crate::value::is_series_label;
use std::borrow::Cow;

pub(super) struct Decoded {
    pub(super) monitoring: Option<At<MonitoringSpec>>,
}

/// What Prometheus calls itself everywhere.
const PROMETHEUS: &str = "prometheus";
const PORT: u16 = 9090;

impl Declare for Decoded {
    fn declare(self: Box<Self>, model: &mut ModelBuilder<'_>) -> Box<dyn Lower> {
        if let Some(prometheus) = self.monitoring.and_then(|monitoring| monitoring.value.prometheus) {
            declare(model, prometheus);
        }
        Box::new(NothingToLower)
    }
}

fn declare(model: &mut ModelBuilder<'_>, spec: At<PrometheusSpec>) {
    let At { value: spec, node } = spec;
    let namespace = model.namespace_or_any(&spec.namespace);
    let service = spec.service.map(|service| service.value.as_str().to_owned());
    let service = service.unwrap_or_else(|| {
        model.note_default(node, "service", &format!("\"{PROMETHEUS}\""));
        PROMETHEUS.to_owned()
    });
    let number = model.default(node, "port", spec.port.map(|port| port.value.number()), PORT);
    let pod_port = spec.pod_port.map_or(number, |port| port.value.number());
    let selector = if spec.pods.is_empty() {
        model.note_default(node, "pods", &format!("{{ \"{}\" = \"{PROMETHEUS}\" }}", labels::NAME));
        vec![(Cow::Borrowed(labels::NAME), PROMETHEUS.to_owned())]
    } else {
        spec.pods.iter().map(|(key, value)| (Cow::Owned(key.value.to_string()), value.value.to_string())).collect()
    };
    let namespace_label = series_label(model, node, "labels.namespace", spec.labels.namespace, "namespace");
    let pod_label = series_label(model, node, "labels.pod", spec.labels.pod, "pod");

    let pods = model.add_workload(Workload {
        key: PROMETHEUS.to_owned(),
        name: service.clone(),
        namespace,
        selector,
        node: Some(node),
        pod: None,
    });
    let host = format!("{service}.{}.svc.{CLUSTER_DOMAIN}", model.namespace_name(namespace));
    let query = TargetPort { name: Cow::Borrowed("http"), port: number, pod_port, protocol: Protocol::Tcp };
    let contract = Contract {
        fields: vec![plain("host", host.clone()), port("port"), endpoint("endpoint"), url("url", "http")],
        credential: None,
    };
    let address = format!("http://{host}:{number}");
    let target = model.add_target(Target {
        name: "Prometheus".to_owned(),
        kind: TargetKind::System,
        peer: Peer::Pods(pods),
        host,
        ports: vec![query],
        contract,
        node: Some(node),
    });
    if let Some(api_server) = model.system_target("API server") {
        let because = "Prometheus asks the API server which pods there are";
        model.imply(Opener::Workload(pods), api_server, 0, because, Some(node));
    }
    if let Some(target) = target {
        model.set_prometheus(Prometheus { pods, target, url: address, namespace_label, pod_label, node });
    }
}

/// The stated label, or the one that most configurations of Prometheus give to its series.
fn series_label(
    model: &mut ModelBuilder<'_>,
    table: NodeId,
    key: &'static str,
    stated: Option<At<String>>,
    default: &str,
) -> String {
    if let Some(label) = stated.as_ref().filter(|label| !is_series_label(&label.value)) {
        model.report(diags::series_label(label));
    }
    stated.map_or_else(
        || {
            model.note_default(table, key, &format!("\"{default}\""));
            default.to_owned()
        },
        |label| label.value,
    )
}
