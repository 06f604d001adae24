use super::lower::{Controller, Declared, Rollout};
use super::spec::{ConfigSpec, ForceSpec, ProbeSpec, ProbesSpec, WorkloadSpec};
use super::{diags, metrics, recommend, rollout, scaling};
use crate::component::{Declare, Lower};
use crate::decode::{At, Entry};
use crate::diag::mask::is_literal_credential;
use crate::k8s::labels;
use crate::model::contract::{self, endpoint, plain, url};
use crate::model::pod::{ConfigMount, Force, Pod, Probe, Probes, Spread};
use crate::model::{
    CLUSTER_DOMAIN, Connect, Contract, ModelBuilder, Peer, Protocol, ResourcesSpec, Target, TargetKind, TargetPort,
    Workload,
};
use crate::source::NodeId;
use crate::value::Duration;
use std::borrow::Cow;
use std::collections::BTreeMap;

pub(super) struct Decoded {
    pub(super) workloads: Vec<Entry<WorkloadSpec>>,
}

/// The name of a workload's main port.
const MAIN_PORT: &str = "http";
/// A user that no image gives a meaning to: outside of the ranges that distributions hand out.
const USER: u32 = 10001;
/// Kubernetes' own default.
const SHUTDOWN_SECONDS: u64 = 30;
/// The API server's bounds of replica counts and periods are those of an int32.
pub(super) const MAX_INT32: u32 = i32::MAX as u32;

impl Declare for Decoded {
    fn declare(self: Box<Self>, model: &mut ModelBuilder<'_>) -> Box<dyn Lower> {
        let workloads = self.workloads.into_iter().map(|entry| declare(model, entry)).collect();
        Box::new(Declared { workloads })
    }
}

fn declare(model: &mut ModelBuilder<'_>, entry: Entry<WorkloadSpec>) -> Controller {
    let Entry { name: key, spec } = entry;
    let (node, name) = (key.node, key.value.as_str().to_owned());
    if spec.image.is_none() {
        model.report(diags::missing(&name, "image", "\"team/app:1.0.0\"", node));
    }
    let namespace = match &spec.namespace {
        Some(namespace) => model.namespace_or_any(namespace),
        None => {
            model.report(diags::missing(&name, "namespace", "\"backend\"", node));
            ModelBuilder::any_namespace()
        }
    };
    let ports = ports(model, &spec);
    let env = literals(model, &spec);
    let resources = ResourcesSpec::checked(spec.resources.as_ref(), model);
    let probes = probes(model, &spec.probes, &ports, node);
    let user = model.default(node, "user", spec.user.map(|user| user.value), USER);
    if let Some(user) = spec.user.filter(|user| user.value > MAX_INT32) {
        model.report(diags::too_many("user", user.value, user.node));
    }
    if user == 0 {
        model.report(diags::root(spec.user.map_or(node, |user| user.node)));
    }
    let grace_seconds = match &spec.shutdown {
        Some(shutdown) => whole_seconds(model, shutdown).unwrap_or_default(),
        None => {
            model.note_default(node, "shutdown", &format!("\"{SHUTDOWN_SECONDS}s\""));
            SHUTDOWN_SECONDS
        }
    };
    let rollout = rollout::declare(model, spec.rollout, &name, &ports, node);
    let metrics = spec.metrics.and_then(|metrics| metrics::declare(model, metrics, &ports));
    let replicas = model.default(node, "replicas", spec.replicas.map(|replicas| replicas.value), 1);
    if let Some(replicas) = spec.replicas.filter(|replicas| replicas.value > MAX_INT32) {
        model.report(diags::too_many("replicas", replicas.value, replicas.node));
    }
    if let (Some(replicas), Some(autoscale)) = (&spec.replicas, &spec.autoscale) {
        let range = &autoscale.value.replicas;
        if replicas.value < range.min.value || replicas.value > range.max.value {
            model.report(diags::replicas_outside(replicas, range, autoscale.node));
        }
    }
    let autoscale = spec.autoscale.map(|autoscale| scaling::declare(model, autoscale, &resources));
    let recommend = spec.recommend.map(|spec| recommend::declare(model, &spec, autoscale.as_ref()));
    if let Some(disruptions) = &spec.disruptions {
        model.check_share(&disruptions.value.max_unavailable);
    }
    let disruptions = spec.disruptions.map(|disruptions| disruptions.value.max_unavailable.value);
    if disruptions.is_none() {
        model.note_default(node, "disruptions.max-unavailable", &1);
    }
    let config = spec.config.map(|config| config_mount(model, config, &name));
    let (image, version) = match (&spec.image, model.platform()) {
        (Some(image), Some(platform)) => {
            let full =
                platform.registry.as_ref().map_or_else(|| image.value.to_string(), |r| image.value.with_registry(r));
            (full, image.value.tag().filter(|tag| crate::value::is_label_value(tag)).map(str::to_owned))
        }
        _ => (String::new(), None),
    };
    let id = model.add_workload(Workload {
        key: name.clone(),
        name: name.clone(),
        namespace,
        selector: vec![(Cow::Borrowed(labels::NAME), name.clone())],
        node: Some(node),
        pod: Some(Box::new(Pod {
            image,
            version,
            args: spec.args.into_iter().map(|arg| arg.value).collect(),
            ports: ports.iter().map(|port| (port.name.to_string(), port.pod_port)).collect(),
            env,
            resources,
            probes,
            user,
            scratch: spec.scratch,
            config,
            spread: Spread {
                hosts: spec.spread.as_ref().and_then(|spread| spread.value.hosts).map(force),
                zones: spec.spread.as_ref().and_then(|spread| spread.value.zones).map(force),
            },
            grace_seconds,
            metrics,
        })),
    });
    if let Rollout::BlueGreen(colours) = &rollout {
        model.set_blue_green(id, colours.fact.clone());
    }
    if let Some(traffic) = spec.traffic {
        super::traffic::declare(model, id, traffic, &ports);
    }
    let host = format!("{name}.{}.svc.{CLUSTER_DOMAIN}", model.namespace_name(namespace));
    model.add_target(Target {
        name,
        kind: TargetKind::Workload,
        peer: Peer::Pods(id),
        contract: contract(&host, &ports),
        host,
        ports,
        node: Some(node),
    });
    for (to, connect) in spec.connects {
        let port = connect.value.port.map(|port| At { value: port.value.0, node: port.node });
        model.connect(Connect { from: id, to, port, env: connect.value.env });
    }
    Controller { id, replicas, autoscale, recommend, rollout, disruptions }
}

fn force(force: ForceSpec) -> Force {
    match force {
        ForceSpec::Prefer => Force::Prefer,
        ForceSpec::Require => Force::Require,
    }
}

fn contract(host: &str, ports: &[TargetPort]) -> Contract {
    let mut fields = vec![plain("host", host)];
    if !ports.is_empty() {
        fields.extend([contract::port("port"), endpoint("endpoint"), url("url", "http")]);
    }
    Contract { fields, credential: None }
}

/// The main port first, then the others by name.
fn ports(model: &mut ModelBuilder<'_>, spec: &WorkloadSpec) -> Vec<TargetPort> {
    let tcp = |name: Cow<'static, str>, port, pod_port| TargetPort { name, port, pod_port, protocol: Protocol::Tcp };
    let service_port = spec.service.as_ref().and_then(|service| service.port.as_ref());
    let mut ports = Vec::new();
    if let Some(main) = &spec.port {
        let pod_port = main.value.number();
        ports.push(tcp(Cow::Borrowed(MAIN_PORT), service_port.map_or(pod_port, |port| port.value.number()), pod_port));
    } else if let Some(service_port) = service_port {
        model.report(diags::service_without_port(service_port.node));
    }
    let mut numbers: BTreeMap<u16, NodeId> = spec.port.iter().map(|main| (main.value.number(), main.node)).collect();
    for (name, port) in &spec.ports {
        if spec.port.is_some() && name.value.as_str() == MAIN_PORT {
            model.report(diags::port_name_taken(name));
        } else if let Some(first) = numbers.insert(port.value.number(), port.node) {
            model.report(diags::port_twice(port, first));
        }
        ports.push(tcp(Cow::Owned(name.value.as_str().to_owned()), port.value.number(), port.value.number()));
    }
    ports
}

/// Environment variables; none of them, nor an argument, may be a credential.
fn literals(model: &mut ModelBuilder<'_>, spec: &WorkloadSpec) -> BTreeMap<At<crate::value::EnvName>, String> {
    for arg in &spec.args {
        if let Some(reason) = crate::diag::mask::credential_in_value(&arg.value) {
            model.report(diags::literal_credential(
                &format!("it looks like {reason}"),
                crate::diag::Place::Value(arg.node),
            ));
        }
    }
    let mut env = BTreeMap::new();
    for (name, text) in &spec.env {
        if let Some(reason) = is_literal_credential(name.value.as_str(), &text.value.0) {
            model.report(diags::literal_credential(&reason, crate::diag::Place::Key(name.node)));
        }
        env.insert(name.clone(), text.value.0.clone());
    }
    env
}

fn probes(model: &mut ModelBuilder<'_>, spec: &ProbesSpec, ports: &[TargetPort], node: NodeId) -> Probes {
    let mut one =
        |kind, probe: &Option<ProbeSpec>| probe.as_ref().and_then(|p| self::probe(model, kind, p, ports, node));
    Probes {
        liveness: one("liveness", &spec.liveness),
        readiness: one("readiness", &spec.readiness),
        startup: one("startup", &spec.startup),
    }
}

fn probe(
    model: &mut ModelBuilder<'_>,
    kind: &str,
    spec: &ProbeSpec,
    ports: &[TargetPort],
    node: NodeId,
) -> Option<Probe> {
    for duration in [&spec.initial_delay, &spec.period, &spec.timeout].into_iter().flatten() {
        whole_seconds(model, duration);
    }
    for duration in [&spec.period, &spec.timeout].into_iter().flatten() {
        if duration.value.seconds() == Some(0) {
            model.report(diags::zero_duration(duration.node));
        }
    }
    if let Some(failures) = spec.failures.filter(|failures| failures.value == 0 || failures.value > MAX_INT32) {
        model.report(diags::failures(failures.value, failures.node));
    }
    let port = match &spec.port {
        Some(wanted) => {
            if !ports.iter().any(|port| port.name == wanted.value.as_str()) {
                model.report(diags::probe_port(kind, wanted, ports));
            }
            wanted.value.as_str().to_owned()
        }
        None => match ports.first() {
            Some(main) => main.name.to_string(),
            None => {
                model.report(diags::probe_without_port(kind, spec.http_get.node, node));
                return None;
            }
        },
    };
    Some(Probe {
        path: spec.http_get.value.clone(),
        port,
        initial_delay: spec.initial_delay,
        period: spec.period,
        timeout: spec.timeout,
        failures: spec.failures,
    })
}

/// Kubernetes counts these in whole seconds.
pub(super) fn whole_seconds(model: &mut ModelBuilder<'_>, duration: &At<Duration>) -> Option<u64> {
    let seconds = duration.value.seconds().filter(|seconds| *seconds <= u64::from(MAX_INT32));
    if seconds.is_none() {
        model.report(diags::seconds(duration));
    }
    seconds
}

fn config_mount(model: &mut ModelBuilder<'_>, spec: At<ConfigSpec>, name: &str) -> ConfigMount {
    let At { value: spec, node } = spec;
    for template in spec.files.values() {
        model.need_template(template);
    }
    ConfigMount { path: spec.mount.value, config_map: format!("{name}-config"), files: spec.files, node }
}
