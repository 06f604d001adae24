//! Pods that the Pod Security level of their namespace keeps out (checks.md, 43): what the compiler makes keeps to every
//! level, but a patch, a manifest or a namespace's changed labels may not.
//!
//! Source: Kubernetes, "Pod Security Admission": the label `pod-security.kubernetes.io/enforce` of a namespace says which
//! level its pods have to keep to, `enforce-version` by the rules of which release. Only pods are refused: a Deployment
//! would exist and have none. A namespace without the label admits all of them, unless the API server is configured to do
//! otherwise.

mod baseline;
mod restricted;
#[cfg(test)]
mod tests;

use super::diags;
use crate::diag::Sink;
use crate::model::Model;
use crate::plan::{Plan, Resource};
use crate::value::{KubernetesVersion, Leaf};
use k8s_openapi::api::core::v1::{
    ContainerPort, HTTPGetAction, Lifecycle, PodSpec, PodTemplateSpec, Probe, SecurityContext, TCPSocketAction, Volume,
};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use std::collections::BTreeMap;

/// A level of the Pod Security Standards that refuses something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Level {
    Baseline,
    Restricted,
}

impl Level {
    pub(super) fn name(self) -> &'static str {
        match self {
            Level::Baseline => "baseline",
            Level::Restricted => "restricted",
        }
    }
}

const ENFORCE: &str = "pod-security.kubernetes.io/enforce";
const ENFORCE_VERSION: &str = "pod-security.kubernetes.io/enforce-version";

/// What a namespace enforces, and the object that says so.
pub(super) struct Enforced<'a> {
    pub(super) level: Level,
    /// The release whose rules hold; `None` for the newest.
    pub(super) version: Option<KubernetesVersion>,
    pub(super) namespace: &'a Resource,
}

/// What a pod states, or leaves out, that its namespace refuses.
pub(super) struct Violation {
    /// The control's name in the documentation.
    pub(super) control: &'static str,
    /// Where it is below the template: `spec.hostNetwork`.
    pub(super) path: String,
    /// Where else it could be said, for what a pod says for all of its containers.
    pub(super) of_pod: Option<&'static str>,
    /// What is wrong, as a sentence about the pod or a container of it.
    pub(super) fault: String,
    /// What would be right.
    pub(super) help: String,
}

pub(super) fn check(model: &Model, plan: &Plan, sink: &mut Sink) {
    let namespaces: BTreeMap<&str, Enforced<'_>> = plan
        .all()
        .of_kind("", "Namespace")
        .filter_map(|resource| Some((resource.object.identity().name, enforced(resource)?)))
        .collect();
    if namespaces.is_empty() {
        return;
    }
    for resource in plan.all().with_values() {
        let Some(template) = resource.object.pod_template() else { continue };
        let namespace = resource.object.identity().namespace.unwrap_or_default();
        let Some(enforced) = namespaces.get(namespace) else { continue };
        for violation in violations(&template, enforced, model.platform.kubernetes) {
            let path = resource.object.in_pod_template(&violation.path);
            sink.push(diags::pod_security(plan, resource, enforced, (&path, &violation)));
        }
    }
}

fn enforced(namespace: &Resource) -> Option<Enforced<'_>> {
    let label = |key: &str| namespace.object.metadata()?.labels.as_ref()?.get(key).map(String::as_str);
    let level = match label(ENFORCE)? {
        "privileged" => return None,
        "baseline" => Level::Baseline,
        // What is no level is held for the strictest one.
        _ => Level::Restricted,
    };
    let version = label(ENFORCE_VERSION).and_then(|version| version.strip_prefix('v'));
    let version = version.and_then(|version| KubernetesVersion::parse(version).ok());
    Some(Enforced { level, version, namespace })
}

/// Whether a pod's annotation decides on anything here.
pub(super) fn reads_annotation(key: &str) -> bool {
    key.starts_with(baseline::APPARMOR)
}

/// Whether some level, of some release, refuses a volume.
pub(super) fn reads_volume(volume: &Volume) -> bool {
    volume.host_path.is_some() || restricted::refused(volume, KubernetesVersion::new(1, 0)).is_some()
}

/// All that a level refuses of a pod. `server` is the oldest API server that has to admit it.
fn violations(template: &PodTemplateSpec, enforced: &Enforced<'_>, server: KubernetesVersion) -> Vec<Violation> {
    let Some(spec) = &template.spec else { return Vec::new() };
    let pod = Pod {
        metadata: template.metadata.as_ref(),
        spec,
        level: enforced.level,
        version: enforced.version,
        server,
        containers: containers(spec),
    };
    let mut found = Vec::new();
    baseline::check(&pod, &mut found);
    if pod.level == Level::Restricted {
        restricted::check(&pod, &mut found);
    }
    found
}

/// A pod, and by which rules it is judged.
struct Pod<'a> {
    metadata: Option<&'a ObjectMeta>,
    spec: &'a PodSpec,
    level: Level,
    version: Option<KubernetesVersion>,
    server: KubernetesVersion,
    containers: Vec<One<'a>>,
}

impl Pod<'_> {
    /// Whether the rules of a release hold, or of a later one.
    fn since(&self, minor: u16) -> bool {
        self.version.is_none_or(|version| version >= KubernetesVersion::new(1, minor))
    }

    /// Whether what only Linux has is left alone.
    fn is_windows(&self) -> bool {
        self.since(25) && self.spec.os.as_ref().is_some_and(|os| os.name == "windows")
    }

    /// Whether root in the pod is nobody on the node, by rules that know of that.
    fn has_own_users(&self) -> bool {
        self.since(35) && self.spec.host_users == Some(false)
    }
}

/// A container of any of the three lists.
struct One<'a> {
    list: &'static str,
    index: usize,
    name: &'a str,
    context: Option<&'a SecurityContext>,
    ports: &'a [ContainerPort],
    probes: [(&'static str, Option<&'a Probe>); 3],
    lifecycle: Option<&'a Lifecycle>,
}

impl One<'_> {
    /// The path of something in it, below the template.
    fn path(&self, below: &str) -> String {
        format!("spec.{}[{}].{below}", self.list, self.index)
    }

    /// How it is called.
    fn who(&self) -> String {
        format!("the container `{}`", self.name)
    }
}

fn containers(spec: &PodSpec) -> Vec<One<'_>> {
    /// Ephemeral containers have a type of their own, with the same fields.
    macro_rules! list {
        ($list:expr, $name:literal) => {
            $list.iter().enumerate().map(|(index, container)| One {
                list: $name,
                index,
                name: &container.name,
                context: container.security_context.as_ref(),
                ports: container.ports.as_deref().unwrap_or_default(),
                probes: [
                    ("livenessProbe", container.liveness_probe.as_ref()),
                    ("readinessProbe", container.readiness_probe.as_ref()),
                    ("startupProbe", container.startup_probe.as_ref()),
                ],
                lifecycle: container.lifecycle.as_ref(),
            })
        };
    }
    let init = spec.init_containers.as_deref().unwrap_or_default();
    let ephemeral = spec.ephemeral_containers.as_deref().unwrap_or_default();
    list!(init, "initContainers")
        .chain(list!(spec.containers, "containers"))
        .chain(list!(ephemeral, "ephemeralContainers"))
        .collect()
}

/// Hosts that a probe or a hook asks instead of its own pod: the path of each.
fn hosts(container: &One<'_>) -> Vec<String> {
    fn asked(what: &str, http: Option<&HTTPGetAction>, tcp: Option<&TCPSocketAction>) -> Vec<String> {
        let hosts = [
            ("httpGet", http.and_then(|http| http.host.as_deref())),
            ("tcpSocket", tcp.and_then(|tcp| tcp.host.as_deref())),
        ];
        let stated = hosts.into_iter().filter(|(_, host)| host.is_some_and(|host| !host.is_empty()));
        stated.map(|(way, _)| format!("{what}.{way}.host")).collect()
    }
    let hooks = [
        ("lifecycle.postStart", container.lifecycle.and_then(|all| all.post_start.as_ref())),
        ("lifecycle.preStop", container.lifecycle.and_then(|all| all.pre_stop.as_ref())),
    ];
    let of_hooks = hooks.into_iter().filter_map(|(name, hook)| Some((name, hook?)));
    let of_hooks = of_hooks.flat_map(|(name, hook)| asked(name, hook.http_get.as_ref(), hook.tcp_socket.as_ref()));
    let probes = container.probes.iter().filter_map(|(name, probe)| Some((name, (*probe)?)));
    let of_probes = probes.flat_map(|(name, probe)| asked(name, probe.http_get.as_ref(), probe.tcp_socket.as_ref()));
    of_probes.chain(of_hooks).collect()
}
