//! Every control, at the releases around a change of its rule.

use super::super::kept::reduce_template;
use super::*;
use crate::k8s::{Object, Tree, Value};
use serde_json::{Value as Json, json};

/// The controls that refuse a pod, given as the pod's spec, at a level by the rules of `1.minor`.
fn refused(spec: &Json, level: Level, minor: u16) -> Vec<&'static str> {
    refused_with(&json!({}), spec, level, minor)
}

fn refused_with(metadata: &Json, spec: &Json, level: Level, minor: u16) -> Vec<&'static str> {
    let template: Result<PodTemplateSpec, _> = serde_json::from_value(json!({"metadata": metadata, "spec": spec}));
    let (Ok(template), Some(namespace)) = (template, namespace()) else { return vec!["no pod"] };
    let version = KubernetesVersion::new(1, minor);
    let enforced = Enforced { level, version: Some(version), namespace: &namespace };
    let found = violations(&template, &enforced, version);
    // What is kept of a pod that is written already is judged as the whole pod.
    let mut reduced = template.clone();
    reduce_template(&mut reduced);
    let texts = |found: &[Violation]| -> Vec<(String, String)> {
        found.iter().map(|one| (one.path.clone(), one.fault.clone())).collect()
    };
    assert_eq!(texts(&found), texts(&violations(&reduced, &enforced, version)), "{spec}");
    let mut found: Vec<&str> = found.iter().map(|one| one.control).collect();
    found.dedup();
    found
}

fn namespace() -> Option<Resource> {
    let text = |text: &str| Value::String(text.to_owned());
    let fields = vec![
        ("apiVersion".to_owned(), text("v1")),
        ("kind".to_owned(), text("Namespace")),
        ("metadata".to_owned(), Value::Map(vec![("name".to_owned(), text("a"))])),
    ];
    let object = Object::of_tree(Tree::new(Value::Map(fields)).ok()?);
    Some(Resource { object, origins: Vec::new(), owner: None, group: String::new(), component: "test" })
}

/// A pod that `restricted` admits, with more in it: in its spec, in its `securityContext`, in its container and in that's.
fn pod(spec: &Json, context: &Json, container: &Json, inner: &Json) -> Json {
    let merged = |mut base: Json, more: &Json| {
        for (key, value) in more.as_object().into_iter().flatten() {
            base[key] = value.clone();
        }
        base
    };
    let inner = merged(json!({"allowPrivilegeEscalation": false, "capabilities": {"drop": ["ALL"]}}), inner);
    let container = merged(json!({"name": "app", "securityContext": inner}), container);
    let context = merged(json!({"runAsNonRoot": true, "seccompProfile": {"type": "RuntimeDefault"}}), context);
    merged(json!({"securityContext": context, "containers": [container]}), spec)
}

const BOTH: [Level; 2] = [Level::Baseline, Level::Restricted];

#[test]
fn what_is_made_for_restricted_is_admitted() {
    let none = json!({});
    for minor in 19..=37 {
        for level in BOTH {
            assert_eq!(refused(&pod(&none, &none, &none, &none), level, minor), [""; 0], "1.{minor}");
        }
    }
}

#[test]
fn both_levels_refuse_what_leads_out_of_a_pod() {
    let none = json!({});
    let of_pod = |spec: Json| pod(&spec, &none, &none, &none);
    let of_context = |context: Json| pod(&none, &context, &none, &none);
    let of_container = |container: Json| pod(&none, &none, &container, &none);
    let of_inner = |inner: Json| pod(&none, &none, &none, &inner);
    let cases = [
        (of_context(json!({"windowsOptions": {"hostProcess": true}})), "HostProcess"),
        (of_inner(json!({"windowsOptions": {"hostProcess": true}})), "HostProcess"),
        (of_pod(json!({"hostNetwork": true})), "Host Namespaces"),
        (of_pod(json!({"hostPID": true})), "Host Namespaces"),
        (of_pod(json!({"hostIPC": true})), "Host Namespaces"),
        (of_inner(json!({"privileged": true})), "Privileged Containers"),
        (of_inner(json!({"capabilities": {"drop": ["ALL"], "add": ["NET_RAW"]}})), "Capabilities"),
        (of_container(json!({"ports": [{"containerPort": 80, "hostPort": 80}]})), "Host Ports"),
        (of_context(json!({"appArmorProfile": {"type": "Unconfined"}})), "AppArmor"),
        (of_inner(json!({"appArmorProfile": {"type": "Unconfined"}})), "AppArmor"),
        (of_context(json!({"seLinuxOptions": {"type": "spc_t"}})), "SELinux"),
        (of_inner(json!({"seLinuxOptions": {"user": "system_u"}})), "SELinux"),
        (of_inner(json!({"seLinuxOptions": {"role": "system_r"}})), "SELinux"),
        (of_inner(json!({"procMount": "Unmasked"})), "/proc Mount Type"),
        (of_context(json!({"seccompProfile": {"type": "Unconfined"}})), "Seccomp"),
        (of_inner(json!({"seccompProfile": {"type": "Unconfined"}})), "Seccomp"),
        (of_context(json!({"sysctls": [{"name": "kernel.msgmax", "value": "1"}]})), "Sysctls"),
    ];
    for (spec, control) in cases {
        for level in BOTH {
            assert_eq!(refused(&spec, level, 28), [control], "{spec}");
        }
    }
}

#[test]
fn annotations_of_app_armor_count() {
    let none = json!({});
    let of = |profile: &str| {
        let metadata = json!({"annotations": {"container.apparmor.security.beta.kubernetes.io/app": profile}});
        refused_with(&metadata, &pod(&none, &none, &none, &none), Level::Baseline, 28)
    };
    assert_eq!(of("unconfined"), ["AppArmor"]);
    for fine in ["", "runtime/default", "localhost/mine"] {
        assert_eq!(of(fine), [""; 0], "{fine}");
    }
}

#[test]
fn volumes_of_the_node_are_refused_and_restricted_names_what_is_not() {
    let none = json!({});
    let of =
        |volume: Json, level, minor| refused(&pod(&json!({"volumes": [volume]}), &none, &none, &none), level, minor);
    let host = json!({"name": "a", "hostPath": {"path": "/"}});
    assert_eq!(of(host.clone(), Level::Baseline, 28), ["HostPath Volumes"]);
    assert_eq!(of(host, Level::Restricted, 28), ["Volume Types"]);
    let nfs = json!({"name": "a", "nfs": {"path": "/", "server": "b"}});
    assert_eq!(of(nfs.clone(), Level::Baseline, 28), [""; 0]);
    assert_eq!(of(nfs, Level::Restricted, 28), ["Volume Types"]);
    let image = json!({"name": "a", "image": {"reference": "b"}});
    assert_eq!(of(image.clone(), Level::Restricted, 32), ["Volume Types"]);
    assert_eq!(of(image, Level::Restricted, 33), [""; 0]);
    // The API server makes an empty directory of it.
    assert_eq!(of(json!({"name": "a"}), Level::Restricted, 28), [""; 0]);
}

#[test]
fn every_container_counts() {
    for (list, control) in
        [("initContainers", "Privileged Containers"), ("ephemeralContainers", "Privileged Containers")]
    {
        let more = json!({list: [{"name": "more", "securityContext": {"privileged": true}}]});
        let none = json!({});
        assert_eq!(refused(&pod(&more, &none, &none, &none), Level::Baseline, 28), [control], "{list}");
        let restricted = refused(&pod(&more, &none, &none, &none), Level::Restricted, 28);
        assert_eq!(restricted, [control, "Privilege Escalation", "Capabilities"], "{list}");
    }
}

#[test]
fn restricted_wants_it_said() {
    let bare = json!({"containers": [{"name": "app"}]});
    let all = ["Running as Non-root", "Privilege Escalation", "Seccomp", "Capabilities"];
    assert_eq!(refused(&bare, Level::Restricted, 28), all);
    assert_eq!(refused(&bare, Level::Baseline, 28), [""; 0]);
    // What only Linux has.
    let windows = json!({"os": {"name": "windows"}, "containers": [{"name": "app"}]});
    assert_eq!(refused(&windows, Level::Restricted, 28), ["Running as Non-root"]);
    assert_eq!(refused(&windows, Level::Restricted, 24), all);
    let none = json!({});
    for (context, inner, control) in [
        (json!({"runAsUser": 0}), json!({}), "Running as Non-root user"),
        (json!({}), json!({"runAsUser": 0}), "Running as Non-root user"),
        (json!({"runAsNonRoot": false}), json!({}), "Running as Non-root"),
        (json!({}), json!({"runAsNonRoot": false}), "Running as Non-root"),
        (json!({}), json!({"capabilities": {"drop": ["ALL"], "add": ["CHOWN"]}}), "Capabilities"),
    ] {
        let spec = pod(&none, &context, &none, &inner);
        assert_eq!(refused(&spec, Level::Restricted, 28), [control], "{spec}");
        assert_eq!(refused(&spec, Level::Baseline, 28), [""; 0], "{spec}");
    }
    let port = json!({"capabilities": {"drop": ["ALL"], "add": ["NET_BIND_SERVICE"]}});
    assert_eq!(refused(&pod(&none, &none, &none, &port), Level::Restricted, 28), [""; 0]);
}

#[test]
fn rules_change_with_the_release() {
    let none = json!({});
    let admitted_from = |spec: &Json, level: Level, first: u16| {
        assert_ne!(refused(spec, level, first - 1), [""; 0], "{spec} before 1.{first}");
        assert_eq!(refused(spec, level, first), [""; 0], "{spec} from 1.{first}");
    };
    for (name, first) in [
        ("net.ipv4.ip_local_reserved_ports", 27),
        ("net.ipv4.tcp_fin_timeout", 29),
        ("net.ipv4.tcp_rmem", 32),
        ("net.ipv4.tcp_notsent_lowat", 37),
    ] {
        let context = json!({"sysctls": [{"name": name, "value": "1"}]});
        admitted_from(&pod(&none, &context, &none, &none), Level::Baseline, first);
    }
    let selinux = json!({"seLinuxOptions": {"type": "container_engine_t"}});
    admitted_from(&pod(&none, &selinux, &none, &none), Level::Baseline, 31);
    // A pod whose users are nobody's on its node.
    let own = json!({"hostUsers": false});
    admitted_from(&pod(&own, &json!({"runAsUser": 0}), &none, &none), Level::Restricted, 35);
    admitted_from(&pod(&own, &json!({"runAsNonRoot": false}), &none, &none), Level::Restricted, 35);
    let unmasked = pod(&own, &none, &none, &json!({"procMount": "Unmasked"}));
    admitted_from(&unmasked, Level::Baseline, 35);
    assert_eq!(refused(&unmasked, Level::Restricted, 35), ["/proc Mount Type"]);
    // The one rule that became stricter.
    for container in [
        json!({"livenessProbe": {"httpGet": {"host": "a", "port": 1}}}),
        json!({"readinessProbe": {"tcpSocket": {"host": "a", "port": 1}}}),
        json!({"startupProbe": {"httpGet": {"host": "a", "port": 1}}}),
        json!({"lifecycle": {"postStart": {"httpGet": {"host": "a", "port": 1}}}}),
        json!({"lifecycle": {"preStop": {"tcpSocket": {"host": "a", "port": 1}}}}),
    ] {
        let spec = pod(&none, &none, &container, &none);
        assert_eq!(refused(&spec, Level::Baseline, 33), [""; 0], "{spec}");
        assert_eq!(refused(&spec, Level::Baseline, 34), ["Host Probes / Lifecycle Hooks"], "{spec}");
    }
}
