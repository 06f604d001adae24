//! The one function that builds pod templates.
//!
//! What it builds is admitted by the restricted Pod Security Standard: non-root, no privilege escalation, no capabilities,
//! `RuntimeDefault` seccomp at pod level (a container that a mesh injects states none of its own), and a read-only root
//! file system beyond it.

use crate::decode::At;
use crate::k8s::{istio, labels};
use crate::model::pod::{Force, Metrics, Probe, Resources};
use crate::model::{Connection, Model, Opener, Pod, Workload, WorkloadId};
use crate::value::{Duration, Quantity};
use k8s_openapi::api::core::v1::{
    Affinity, Capabilities, ConfigMapVolumeSource, Container, ContainerPort, EmptyDirVolumeSource, EnvVar,
    EnvVarSource, HTTPGetAction, PodAffinityTerm, PodAntiAffinity, PodSecurityContext, PodSpec, PodTemplateSpec,
    ResourceRequirements, SeccompProfile, SecretKeySelector, SecurityContext, TopologySpreadConstraint, Volume,
    VolumeMount, WeightedPodAffinityTerm,
};
use k8s_openapi::apimachinery::pkg::api::resource::Quantity as KubernetesQuantity;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::{LabelSelector, ObjectMeta};
use k8s_openapi::apimachinery::pkg::util::intstr::IntOrString;
use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

/// Well-known label of nodes, the key of a topology.
pub const HOSTNAME: &str = "kubernetes.io/hostname";
/// Well-known label of nodes, the key of a topology.
const ZONE: &str = "topology.kubernetes.io/zone";

/// The labels that select a workload's pods.
pub fn selector(workload: &Workload) -> BTreeMap<String, String> {
    workload.selector.iter().map(|(key, value)| (key.to_string(), value.clone())).collect()
}

/// What a pod has beyond what the model says of it: what only its maker knows.
#[derive(Clone, Debug, Default)]
pub struct Extras {
    /// Changes when its configuration does, and restarts its pods.
    pub config_checksum: Option<String>,
    /// The command instead of the image's own.
    pub command: Vec<String>,
    /// Variables with their values.
    pub env: BTreeMap<String, String>,
    /// Variables that are read from Secrets: name and key.
    pub secrets: BTreeMap<String, (String, &'static str)>,
    /// `ConfigMaps` and where they are mounted.
    pub config_maps: Vec<(String, &'static str)>,
    /// Claims of a `StatefulSet` and where they are mounted.
    pub claims: Vec<(&'static str, &'static str)>,
    /// When its container is started again, where that is not always.
    pub restart_policy: Option<&'static str>,
}

/// The pod template of a workload. `config_checksum` changes when its configuration does, and restarts its pods.
pub fn template(
    model: &Model,
    id: WorkloadId,
    labels: BTreeMap<String, String>,
    config_checksum: Option<String>,
) -> PodTemplateSpec {
    template_with(model, id, labels, &Extras { config_checksum, ..Extras::default() })
}

/// The pod template of a workload with what the model does not say.
pub fn template_with(
    model: &Model,
    id: WorkloadId,
    mut labels: BTreeMap<String, String>,
    extras: &Extras,
) -> PodTemplateSpec {
    let Some(workload) = model.workloads.get(id) else { return PodTemplateSpec::default() };
    let Some(pod) = &workload.pod else { return PodTemplateSpec::default() };
    if let Some(version) = &pod.version {
        labels.insert(labels::VERSION.to_owned(), version.clone());
    }
    // A pod whose container is not always started again ends by itself.
    let grace = extras.restart_policy.is_none().then_some(pod.grace_seconds);
    let mut annotations = model.proxy(id).map(|proxy| proxy_annotations(proxy, grace)).unwrap_or_default();
    annotations.extend(pod.metrics.iter().flat_map(|metrics| scraped(metrics, &pod.ports)));
    annotations.extend(extras.config_checksum.clone().map(|sum| (labels::CONFIG_CHECKSUM.to_owned(), sum)));
    let annotations = (!annotations.is_empty()).then_some(annotations);
    let (volumes, mounts) = volumes(pod, extras);
    let container = Container {
        name: workload.name.clone(),
        image: Some(pod.image.clone()),
        command: list(extras.command.iter().cloned()),
        args: (!pod.args.is_empty()).then(|| pod.args.clone()),
        ports: list(pod.ports.iter().map(|(name, port)| ContainerPort {
            name: Some(name.clone()),
            container_port: i32::from(*port),
            protocol: Some("TCP".to_owned()),
            ..Default::default()
        })),
        env: list(variables(model, id, (workload, pod), extras)),
        resources: requirements(&pod.resources),
        liveness_probe: pod.probes.liveness.as_ref().map(probe),
        readiness_probe: pod.probes.readiness.as_ref().map(probe),
        startup_probe: pod.probes.startup.as_ref().map(probe),
        security_context: Some(SecurityContext {
            allow_privilege_escalation: Some(false),
            capabilities: Some(Capabilities { drop: Some(vec!["ALL".to_owned()]), add: None }),
            read_only_root_filesystem: Some(true),
            ..Default::default()
        }),
        volume_mounts: list(mounts),
        ..Default::default()
    };
    let user = i64::from(pod.user);
    let spec = PodSpec {
        service_account_name: Some(workload.name.clone()),
        automount_service_account_token: Some(false),
        // Variables for every Service of the namespace: noise that grows with it and has broken applications.
        enable_service_links: Some(false),
        containers: vec![container],
        security_context: Some(PodSecurityContext {
            run_as_non_root: Some(true),
            run_as_user: Some(user),
            run_as_group: Some(user),
            fs_group: Some(user),
            // Changing the owner of every file of a large volume takes longer than starting.
            fs_group_change_policy: (!extras.claims.is_empty()).then(|| "OnRootMismatch".to_owned()),
            seccomp_profile: Some(SeccompProfile { type_: "RuntimeDefault".to_owned(), localhost_profile: None }),
            ..Default::default()
        }),
        restart_policy: extras.restart_policy.map(str::to_owned),
        termination_grace_period_seconds: i64::try_from(pod.grace_seconds).ok(),
        affinity: pod.spread.hosts.map(|force| apart(force, workload)),
        topology_spread_constraints: pod.spread.zones.map(|force| vec![evenly(force, workload)]),
        volumes: list(volumes),
        ..Default::default()
    };
    PodTemplateSpec {
        metadata: Some(ObjectMeta { labels: Some(labels), annotations, ..Default::default() }),
        spec: Some(spec),
    }
}

/// Where Prometheus finds the metrics. A sidecar's injector reads it too, and has the proxy answer for both.
fn scraped(metrics: &Metrics, ports: &[(String, u16)]) -> [(String, String); 3] {
    let port = ports.iter().find(|(name, _)| *name == metrics.port).map_or(0, |(_, port)| *port);
    [
        (labels::SCRAPE.to_owned(), "true".to_owned()),
        (labels::SCRAPE_PATH.to_owned(), metrics.path.to_string()),
        (labels::SCRAPE_PORT.to_owned(), port.to_string()),
    ]
}

/// What the injector of a sidecar reads.
fn proxy_annotations(proxy: &Resources, grace_seconds: Option<u64>) -> BTreeMap<String, String> {
    let amounts = [
        (istio::PROXY_CPU, proxy.requests.get("cpu")),
        (istio::PROXY_MEMORY, proxy.requests.get("memory")),
        (istio::PROXY_CPU_LIMIT, proxy.limits.get("cpu")),
        (istio::PROXY_MEMORY_LIMIT, proxy.limits.get("memory")),
    ];
    let amounts = amounts.into_iter().filter_map(|(key, amount)| Some((key.to_owned(), amount?.value.to_string())));
    std::iter::once((istio::PROXY_CONFIG.to_owned(), istio::proxy_config(grace_seconds))).chain(amounts).collect()
}

/// Absent rather than empty.
fn list<T>(items: impl IntoIterator<Item = T>) -> Option<Vec<T>> {
    let items: Vec<T> = items.into_iter().collect();
    (!items.is_empty()).then_some(items)
}

/// What a variable holds. Kubernetes' own type is eight times as large, too large to be moved around while they are sorted.
enum Variable<'a> {
    Text(Cow<'a, str>),
    /// Name and key of a Secret.
    Secret(Cow<'a, str>, &'a str),
}

impl Variable<'_> {
    fn named(&self, name: &str) -> EnvVar {
        match self {
            Variable::Text(text) => {
                EnvVar { name: name.to_owned(), value: Some(text.clone().into_owned()), value_from: None }
            }
            Variable::Secret(secret, key) => {
                let secret = secret.clone().into_owned();
                let selector = SecretKeySelector { name: secret, key: (*key).to_owned(), optional: None };
                let value_from = EnvVarSource { secret_key_ref: Some(selector), ..Default::default() };
                EnvVar { name: name.to_owned(), value: None, value_from: Some(value_from) }
            }
        }
    }
}

/// The variables by name, but one that refers to another (`$(NAME)`) after it: Kubernetes expands in order.
fn variables(model: &Model, id: WorkloadId, (workload, pod): (&Workload, &Pod), extras: &Extras) -> Vec<EnvVar> {
    let mut sorted: BTreeMap<&str, Variable<'_>> = BTreeMap::new();
    for (name, value) in &extras.env {
        sorted.insert(name, Variable::Text(value.into()));
    }
    for (name, (secret, key)) in &extras.secrets {
        sorted.insert(name, Variable::Secret(secret.into(), key));
    }
    for (name, value) in &pod.env {
        sorted.insert(name.value.as_str(), Variable::Text(value.as_str().into()));
    }
    for connection in model.outgoing(id).filter(|c| c.from == Opener::Workload(id)) {
        connection_variables(model, workload, connection, &mut sorted);
    }
    if !pod.env.values().chain(extras.env.values()).any(|value| value.contains("$(")) {
        return sorted.iter().map(|(name, variable)| variable.named(name)).collect();
    }
    let mut ordered = Vec::with_capacity(sorted.len());
    let mut placed = BTreeSet::new();
    for name in sorted.keys() {
        place(name, &sorted, &mut placed, &mut ordered);
    }
    ordered
}

/// Places what `name` refers to, then `name`. A circle stays in the order of names, and Kubernetes leaves it as it is.
fn place<'a>(
    name: &str,
    all: &'a BTreeMap<&'a str, Variable<'a>>,
    placed: &mut BTreeSet<&'a str>,
    ordered: &mut Vec<EnvVar>,
) {
    let Some((name, variable)) = all.get_key_value(name) else { return };
    if !placed.insert(name) {
        return;
    }
    if let Variable::Text(text) = variable {
        for part in text.split("$(").skip(1) {
            if let Some((reference, _)) = part.split_once(')') {
                place(reference, all, placed, ordered);
            }
        }
    }
    ordered.push(variable.named(name));
}

fn connection_variables<'a>(
    model: &'a Model,
    workload: &Workload,
    connection: &'a Connection,
    variables: &mut BTreeMap<&'a str, Variable<'a>>,
) {
    let Some(target) = model.targets.get(connection.to) else { return };
    for (name, field) in &connection.env {
        let Some(field) = target.contract.field(&field.value) else { continue };
        let port = target.ports.get(connection.port).map_or(0, |port| port.port);
        let variable = match field.text(&target.host, port, &workload.name) {
            Some(text) => Variable::Text(text.into()),
            None => Variable::Secret(model.secret_name(target, workload).unwrap_or_default().into(), field.name),
        };
        variables.insert(name.value.as_str(), variable);
    }
}

/// Requests and limits as Kubernetes has them; `None` without any.
pub fn requirements(resources: &Resources) -> Option<ResourceRequirements> {
    let map = |amounts: &BTreeMap<&'static str, At<Quantity>>| {
        (!amounts.is_empty()).then(|| {
            amounts
                .iter()
                .map(|(name, q)| ((*name).to_owned(), KubernetesQuantity(q.value.as_str().to_owned())))
                .collect()
        })
    };
    let (requests, limits) = (map(&resources.requests), map(&resources.limits));
    (requests.is_some() || limits.is_some()).then_some(ResourceRequirements { requests, limits, claims: None })
}

fn probe(probe: &Probe) -> k8s_openapi::api::core::v1::Probe {
    let seconds = |duration: &Option<At<Duration>>| {
        duration.as_ref().and_then(|d| d.value.seconds()).and_then(|seconds| i32::try_from(seconds).ok())
    };
    k8s_openapi::api::core::v1::Probe {
        http_get: Some(HTTPGetAction {
            path: Some(probe.path.to_string()),
            port: IntOrString::String(probe.port.clone()),
            ..Default::default()
        }),
        initial_delay_seconds: seconds(&probe.initial_delay),
        period_seconds: seconds(&probe.period),
        timeout_seconds: seconds(&probe.timeout),
        failure_threshold: probe.failures.and_then(|failures| i32::try_from(failures.value).ok()),
        ..Default::default()
    }
}

/// The name of the volume that is mounted at a scratch path.
pub fn scratch_volume(path: &str) -> String {
    let name = path.replace(|c: char| !c.is_ascii_alphanumeric(), "-").to_ascii_lowercase();
    format!("scratch{}", name.trim_end_matches('-'))
}

/// Scratch directories, configuration and claims, with where they are mounted.
fn volumes(pod: &Pod, extras: &Extras) -> (Vec<Volume>, Vec<VolumeMount>) {
    // A volume is large, a field for each kind of source: lists of them are never grown.
    let count = usize::from(pod.config.is_some()) + extras.config_maps.len() + pod.scratch.len();
    let (mut volumes, mut mounts) = (Vec::with_capacity(count), Vec::with_capacity(count + extras.claims.len()));
    let mount = |name: &str, path: String, read_only| VolumeMount {
        name: name.to_owned(),
        mount_path: path,
        read_only,
        ..Default::default()
    };
    if let Some(config) = &pod.config {
        volumes.push(Volume {
            name: "config".to_owned(),
            config_map: Some(ConfigMapVolumeSource { name: config.config_map.clone(), ..Default::default() }),
            ..Default::default()
        });
        mounts.push(mount("config", config.path.to_string(), Some(true)));
    }
    for (name, path) in &extras.config_maps {
        volumes.push(Volume {
            name: name.clone(),
            config_map: Some(ConfigMapVolumeSource { name: name.clone(), ..Default::default() }),
            ..Default::default()
        });
        mounts.push(mount(name, (*path).to_owned(), Some(true)));
    }
    // The volumes are the StatefulSet's.
    mounts.extend(extras.claims.iter().map(|(name, path)| mount(name, (*path).to_owned(), None)));
    for (path, size) in &pod.scratch {
        let name = scratch_volume(path.value.as_str());
        volumes.push(Volume {
            name: name.clone(),
            empty_dir: Some(EmptyDirVolumeSource {
                size_limit: Some(KubernetesQuantity(size.value.as_str().to_owned())),
                ..Default::default()
            }),
            ..Default::default()
        });
        mounts.push(mount(&name, path.value.to_string(), None));
    }
    (volumes, mounts)
}

/// Not two pods of a workload on one node.
fn apart(force: Force, workload: &Workload) -> Affinity {
    let term = PodAffinityTerm {
        label_selector: Some(LabelSelector { match_labels: Some(selector(workload)), ..Default::default() }),
        topology_key: HOSTNAME.to_owned(),
        ..Default::default()
    };
    let anti_affinity = match force {
        Force::Require => PodAntiAffinity {
            required_during_scheduling_ignored_during_execution: Some(vec![term]),
            ..Default::default()
        },
        Force::Prefer => PodAntiAffinity {
            preferred_during_scheduling_ignored_during_execution: Some(vec![WeightedPodAffinityTerm {
                pod_affinity_term: term,
                weight: 100,
            }]),
            ..Default::default()
        },
    };
    Affinity { pod_anti_affinity: Some(anti_affinity), ..Default::default() }
}

/// As many pods of a workload in one zone as in another, at most one more.
fn evenly(force: Force, workload: &Workload) -> TopologySpreadConstraint {
    TopologySpreadConstraint {
        max_skew: 1,
        topology_key: ZONE.to_owned(),
        when_unsatisfiable: match force {
            Force::Prefer => "ScheduleAnyway",
            Force::Require => "DoNotSchedule",
        }
        .to_owned(),
        label_selector: Some(LabelSelector { match_labels: Some(selector(workload)), ..Default::default() }),
        ..Default::default()
    }
}
