//! The level `restricted`, beyond `baseline`: what a workload should bear.
//!
//! Source: Kubernetes, "Pod Security Standards", "Restricted", for 1.28 to 1.37, and `MinimumVersion` as in `baseline`.

use super::{One, Pod, Violation};
use crate::value::KubernetesVersion;
use k8s_openapi::api::core::v1::Volume;

/// The release since which an API server admits volumes that are images, whichever version a namespace is pinned to
/// (kubernetes/kubernetes#130394).
const IMAGE_VOLUMES: KubernetesVersion = KubernetesVersion::new(1, 33);

pub(super) fn check(pod: &Pod<'_>, found: &mut Vec<Violation>) {
    for (index, volume) in pod.spec.volumes.iter().flatten().enumerate() {
        if let Some(kind) = refused(volume, pod.server) {
            found.push(Violation {
                control: "Volume Types",
                path: format!("spec.volumes[{index}].{kind}"),
                of_pod: None,
                fault: format!("the volume `{}` is of the type `{kind}`", volume.name),
                help: "what may be used is `configMap`, `csi`, `downwardAPI`, `emptyDir`, `ephemeral`, \
                       `persistentVolumeClaim`, `projected` and `secret`"
                    .to_owned(),
            });
        }
    }
    user(pod, found);
    // What follows exists on Linux only.
    if pod.is_windows() {
        return;
    }
    let of_pod = pod.spec.security_context.as_ref().and_then(|context| context.seccomp_profile.as_ref());
    for container in &pod.containers {
        let who = container.who();
        let context = container.context;
        let path = |below: &str| container.path(&format!("securityContext.{below}"));
        if pod.since(8) && context.and_then(|context| context.allow_privilege_escalation) != Some(false) {
            found.push(Violation {
                control: "Privilege Escalation",
                path: path("allowPrivilegeEscalation"),
                of_pod: None,
                fault: format!("{who} does not state `allowPrivilegeEscalation: false`"),
                help: "state it in its `securityContext`".to_owned(),
            });
        }
        if pod.since(19) && of_pod.or_else(|| context?.seccomp_profile.as_ref()).is_none() {
            found.push(Violation {
                control: "Seccomp",
                path: path("seccompProfile"),
                of_pod: Some("spec.securityContext.seccompProfile"),
                fault: format!("neither the pod nor {who} states a `seccompProfile`"),
                help: "state `seccompProfile: {type: RuntimeDefault}` in the pod's `securityContext`".to_owned(),
            });
        }
        if pod.since(22) {
            capabilities(container, &path, found);
        }
    }
}

/// The type of a volume that may not be used.
pub(super) fn refused(volume: &Volume, server: KubernetesVersion) -> Option<String> {
    let may = volume.config_map.is_some()
        || volume.csi.is_some()
        || volume.downward_api.is_some()
        || volume.empty_dir.is_some()
        || volume.ephemeral.is_some()
        || volume.persistent_volume_claim.is_some()
        || volume.projected.is_some()
        || volume.secret.is_some()
        || volume.image.is_some() && server >= IMAGE_VOLUMES;
    if may {
        return None;
    }
    // One that says nothing is an empty directory. Whatever else there is, is the only field beside the name.
    let fields = serde_json::to_value(volume).ok()?;
    fields.as_object()?.keys().find(|field| *field != "name").cloned()
}

/// Nobody is root.
fn user(pod: &Pod<'_>, found: &mut Vec<Violation>) {
    if pod.has_own_users() {
        return;
    }
    let context = pod.spec.security_context.as_ref();
    let of_pod = context.and_then(|context| context.run_as_non_root);
    if of_pod == Some(false) {
        found.push(Violation {
            control: "Running as Non-root",
            path: "spec.securityContext.runAsNonRoot".to_owned(),
            of_pod: None,
            fault: "the pod states `runAsNonRoot: false`".to_owned(),
            help: "state `runAsNonRoot: true`".to_owned(),
        });
    }
    if context.and_then(|context| context.run_as_user) == Some(0) && pod.since(23) {
        found.push(Violation {
            control: "Running as Non-root user",
            path: "spec.securityContext.runAsUser".to_owned(),
            of_pod: None,
            fault: "the pod runs as root (`runAsUser: 0`)".to_owned(),
            help: "state another user, or none".to_owned(),
        });
    }
    for container in &pod.containers {
        let who = container.who();
        let context = container.context;
        let fault = match context.and_then(|context| context.run_as_non_root) {
            Some(false) => format!("{who} states `runAsNonRoot: false`"),
            // It was said of the pod.
            None if of_pod.is_none() => format!("neither the pod nor {who} states `runAsNonRoot: true`"),
            _ => String::new(),
        };
        if !fault.is_empty() {
            found.push(Violation {
                control: "Running as Non-root",
                path: container.path("securityContext.runAsNonRoot"),
                of_pod: Some("spec.securityContext.runAsNonRoot"),
                fault,
                help: "state `runAsNonRoot: true` in the pod's `securityContext`".to_owned(),
            });
        }
        if context.and_then(|context| context.run_as_user) == Some(0) && pod.since(23) {
            found.push(Violation {
                control: "Running as Non-root user",
                path: container.path("securityContext.runAsUser"),
                of_pod: None,
                fault: format!("{who} runs as root (`runAsUser: 0`)"),
                help: "state another user, or none".to_owned(),
            });
        }
    }
}

fn capabilities(container: &One<'_>, path: &dyn Fn(&str) -> String, found: &mut Vec<Violation>) {
    let who = container.who();
    let stated = container.context.and_then(|context| context.capabilities.as_ref());
    if !stated.and_then(|all| all.drop.as_ref()).is_some_and(|drop| drop.iter().any(|name| name == "ALL")) {
        found.push(Violation {
            control: "Capabilities",
            path: path("capabilities.drop"),
            of_pod: None,
            fault: format!("{who} does not drop all capabilities"),
            help: "state `capabilities: {drop: [ALL]}` in its `securityContext`".to_owned(),
        });
    }
    let added = stated.and_then(|all| all.add.as_ref()).into_iter().flatten().enumerate();
    for (index, name) in added.filter(|(_, name)| *name != "NET_BIND_SERVICE") {
        found.push(Violation {
            control: "Capabilities",
            path: path(&format!("capabilities.add[{index}]")),
            of_pod: None,
            fault: format!("{who} adds the capability `{name}`"),
            help: "what may be added is `NET_BIND_SERVICE`".to_owned(),
        });
    }
}
