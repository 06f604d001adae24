//! Comparing objects: what means the same is no change, and what changed is named exactly.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]
#![allow(clippy::disallowed_methods, clippy::case_sensitive_file_extension_comparisons)]
#![allow(clippy::format_push_string, clippy::format_collect)]
#![cfg(unix)]

mod folders;
mod pairs;
#[path = "../support/mod.rs"]
mod support;

use dpjgen::diff::{self, Edit, Fate, Segment, Sides};
use dpjgen::files::{PairError, ReadError, Unreadable, read_pair};
use dpjgen::manifest::{self, Value};
use support::{files, root};

fn show(value: &Value<'_>) -> String {
    match value {
        Value::Null => "null".to_owned(),
        Value::Bool(value) => value.to_string(),
        Value::Number(text) | Value::String(text) => text.to_string(),
        Value::Sealed(sealed) => sealed.to_string(),
        Value::List(items) => format!("[{}]", items.iter().map(show).collect::<Vec<_>>().join(", ")),
        Value::Map(entries) => {
            let entries: Vec<String> = entries.iter().map(|(key, value)| format!("{key}: {}", show(value))).collect();
            format!("{{{}}}", entries.join(", "))
        }
    }
}

fn path(segments: &[Segment]) -> String {
    let mut out = String::new();
    for segment in segments {
        match segment {
            Segment::Key(key) if out.is_empty() => out += key,
            Segment::Key(key) => out += &format!(".{key}"),
            Segment::Item { is, .. } => out += &format!("[{is}]"),
            Segment::Index(index) => out += &format!("[{index}]"),
        }
    }
    out
}

/// What changes between two streams, a line each.
fn changes(old: &str, new: &str) -> Vec<String> {
    let (old, new) = (manifest::read("old", old.as_bytes()).unwrap(), manifest::read("new", new.as_bytes()).unwrap());
    let mut lines = Vec::new();
    for change in diff::compare(&old, &new).unwrap() {
        match &change.fate {
            Fate::Added => lines.push(format!("+ {}", change.id)),
            Fate::Removed => lines.push(format!("- {}", change.id)),
            Fate::Renamed { from } => lines.push(format!("{from} -> {}", change.id)),
            Fate::Changed => {}
        }
        for field in &change.fields {
            let what = match &field.edit {
                Edit::Added(value) => format!("+ {}", show(value)),
                Edit::Removed(value) => format!("- {}", show(value)),
                Edit::Replaced { old, new } => format!("{} -> {}", show(old), show(new)),
                Edit::Reordered { old, new } => format!("order {} -> {}", old.join(" "), new.join(" ")),
            };
            lines.push(format!("{}: {what}", path(&field.path)));
        }
    }
    lines
}

/// The files of the snapshot of production, by path.
fn snapshot() -> Vec<(String, String)> {
    let out = root().join("out");
    let paths = files(&out).into_iter().filter(|path| path.starts_with("prod/") && manifest::is_manifest(path));
    let found: Vec<_> = paths.map(|path| (path.clone(), std::fs::read_to_string(out.join(&path)).unwrap())).collect();
    let found: Vec<_> = found.into_iter().filter(|(path, _)| !path.ends_with("kustomization.yaml")).collect();
    assert!(found.len() > 100, "{}", found.len());
    found
}

fn stream() -> String {
    snapshot().into_iter().map(|(_, text)| format!("---\n{text}")).collect()
}

/// An object of a kind with these fields; the namespace is `ns` and the name `x`.
fn object(api_version: &str, kind: &str, fields: &str) -> String {
    format!("apiVersion: {api_version}\nkind: {kind}\nmetadata: {{name: x, namespace: ns}}\n{fields}\n")
}

#[test]
fn nothing_changes_between_the_same() {
    let text = stream();
    assert!(changes(&text, &text).is_empty());
}

#[test]
fn an_image_changes() {
    let text = stream();
    let found = changes(&text, &text.replace("document-service:1.1.0", "document-service:1.2.0"));
    assert_eq!(found.len(), 1, "{found:#?}");
    assert!(found[0].starts_with("spec.template.spec.containers[document-service].image: "), "{found:#?}");
}

/// The same value with a leaf made another one; the leaf before and after, and the keys on the way to it.
struct Mutation {
    keys: Vec<String>,
    old: String,
    new: String,
}

/// Changes the leaf with this number, counted from 0.
fn mutate(value: &mut Value<'_>, left: &mut usize, keys: &mut Vec<String>) -> Option<Mutation> {
    match value {
        Value::Map(entries) if !entries.is_empty() => {
            let mut pairs = entries.to_vec();
            let found = pairs.iter_mut().find_map(|(key, value)| {
                keys.push(key.to_string());
                let found = mutate(value, left, keys);
                if found.is_none() {
                    keys.pop();
                }
                found
            });
            *entries = pairs.into();
            found
        }
        Value::List(items) if !items.is_empty() => items.iter_mut().find_map(|item| mutate(item, left, keys)),
        _ if *left > 0 => {
            *left -= 1;
            None
        }
        leaf => {
            let new = match &*leaf {
                Value::Bool(value) => Value::Bool(!value),
                Value::Number(text) => Value::Number((text.parse::<f64>().unwrap() + 7777.0).to_string().into()),
                Value::String(text) => Value::String(format!("{text}-changed").into()),
                _ => Value::String("changed".into()),
            };
            let old = std::mem::replace(leaf, new);
            Some(Mutation { keys: keys.clone(), old: show(&old), new: show(leaf) })
        }
    }
}

#[test]
fn exactly_the_leaf_that_changed_is_named() {
    let mut seen = 0;
    for (path_of_file, text) in snapshot() {
        let old = manifest::read(&path_of_file, text.as_bytes()).unwrap();
        for number in 0.. {
            let mut new = old.clone();
            let Some(mutation) = mutate(&mut new[0].value, &mut { number }, &mut Vec::new()) else { break };
            seen += 1;
            let found = diff::compare(&old, &new).unwrap();
            let at = format!("{path_of_file}: {} {} -> {}", mutation.keys.join("."), mutation.old, mutation.new);
            assert_eq!(found.len(), 1, "{at}: {found:#?}");
            let keys = |segments: &[Segment]| -> Vec<String> {
                let key = |segment: &Segment| match segment {
                    Segment::Key(key) => Some(key.clone()),
                    _ => None,
                };
                segments.iter().filter_map(key).collect()
            };
            match found[0].fields.as_slice() {
                [field] => {
                    assert_eq!(keys(&field.path), mutation.keys, "{at}");
                    let Edit::Replaced { old, new } = &field.edit else { panic!("{at}: {field:?}") };
                    assert_eq!((show(old), show(new)), (mutation.old, mutation.new));
                }
                // The leaf is what tells the item of a list, or the item itself.
                [one, other] => {
                    for field in [one, other] {
                        assert!(mutation.keys.starts_with(&keys(&field.path)), "{at}: {field:?}");
                        match &field.edit {
                            Edit::Removed(value) => assert!(show(value).contains(&mutation.old), "{at}"),
                            Edit::Added(value) => assert!(show(value).contains(&mutation.new), "{at}"),
                            other => panic!("{at}: {other:?}"),
                        }
                    }
                    assert!(matches!(one.edit, Edit::Removed(_)) != matches!(other.edit, Edit::Removed(_)), "{at}");
                }
                other => panic!("{at}: {other:#?}"),
            }
        }
    }
    assert!(seen > 3000, "{seen}");
}

/// Pairs that mean the same.
#[test]
fn what_means_the_same_is_no_change() {
    let pod = |fields: &str| {
        object(
            "apps/v1",
            "Deployment",
            &format!("spec: {{template: {{spec: {{containers: [{{name: a, {fields}}}]}}}}}}"),
        )
    };
    let container = [
        ("resources: {limits: {cpu: 500m, memory: 1Gi}}", "resources: {limits: {cpu: 0.5, memory: 1024Mi}}"),
        ("image: a:1", "image: a:1, imagePullPolicy: IfNotPresent"),
        ("image: 'r:5000/a'", "image: 'r:5000/a', imagePullPolicy: Always"),
        ("image: 'a@sha256:b'", "image: 'a@sha256:b', imagePullPolicy: IfNotPresent"),
        ("ports: [{containerPort: 80}]", "ports: [{containerPort: 80, protocol: TCP}]"),
        (
            "livenessProbe: {httpGet: {port: 1}}",
            "livenessProbe: {httpGet: {port: 1, path: /, scheme: HTTP}, \
            timeoutSeconds: 1, periodSeconds: 10, successThreshold: 1, failureThreshold: 3}",
        ),
        ("env: [{name: A}]", "env: [{name: A, value: ''}]"),
        (
            "env: [{name: A, valueFrom: {fieldRef: {fieldPath: b}}}]",
            "env: [{name: A, valueFrom: {fieldRef: {fieldPath: b, apiVersion: v1}}}]",
        ),
        ("image: a", "image: a, args: [], command: null, terminationMessagePath: /dev/termination-log"),
        ("image: a", "image: a, resources: {limits: {}}"),
    ];
    let pairs = container.map(|(old, new)| (pod(old), pod(new)));
    let others = [
        (
            "apps/v1",
            "Deployment",
            "spec: {}",
            "spec: {replicas: 1, revisionHistoryLimit: 10, strategy: {type: \
            RollingUpdate, rollingUpdate: {maxSurge: 25%, maxUnavailable: 25%}}, progressDeadlineSeconds: 600}",
        ),
        (
            "apps/v1",
            "Deployment",
            "spec: {template: {spec: {}}}",
            "spec: {template: {spec: {restartPolicy: Always, \
            terminationGracePeriodSeconds: 30, securityContext: {}, dnsPolicy: ClusterFirst}}}",
        ),
        (
            "v1",
            "Service",
            "spec: {ports: [{port: 80}, {port: 81}]}",
            "spec: {type: ClusterIP, sessionAffinity: None, \
            ports: [{port: 81, protocol: TCP}, {port: 80, targetPort: 80}]}",
        ),
        ("v1", "ConfigMap", "data: {}", "metadata: {name: x, namespace: ns, labels: {}}"),
        (
            "v1",
            "PersistentVolumeClaim",
            "spec: {accessModes: [A, B]}",
            "spec: {accessModes: [B, A], volumeMode: Filesystem}",
        ),
        (
            "networking.k8s.io/v1",
            "NetworkPolicy",
            "spec: {egress: [{ports: [{port: 1}]}, {to: [{ipBlock: {cidr: 10.0.0.0/8}}]}]}",
            "spec: {policyTypes: [Ingress, Egress], egress: [{to: [{ipBlock: {cidr: 10.0.0.0/8}}]}, \
             {ports: [{port: 1, protocol: TCP}]}]}",
        ),
        (
            "rbac.authorization.k8s.io/v1",
            "Role",
            "rules: [{apiGroups: [''], resources: [pods, services], verbs: [get, list]}, {verbs: [x]}]",
            "rules: [{verbs: [x]}, {apiGroups: [''], resources: [services, pods], verbs: [list, get]}]",
        ),
        (
            "rbac.authorization.k8s.io/v1",
            "RoleBinding",
            "subjects: [{kind: User, name: a}]",
            "subjects: [{kind: User, name: a, apiGroup: rbac.authorization.k8s.io}]",
        ),
        (
            "external-secrets.io/v1",
            "ExternalSecret",
            "spec: {data: [{secretKey: a}, {secretKey: b}]}",
            "spec: {refreshInterval: 60m, data: [{secretKey: b}, {secretKey: a}]}",
        ),
        (
            "networking.istio.io/v1",
            "VirtualService",
            "spec: {http: [{timeout: 30s}]}",
            "spec: {http: [{timeout: 0m30s}]}",
        ),
        (
            "postgresql.cnpg.io/v1",
            "Cluster",
            "spec: {storage: {size: 1Gi}, instances: 1}",
            "spec: {storage: {size: 1024Mi}}",
        ),
        (
            "autoscaling/v2",
            "HorizontalPodAutoscaler",
            "spec: {metrics: [{type: A}, {type: B}]}",
            "spec: {minReplicas: 1, metrics: [{type: B}, {type: A}]}",
        ),
        ("v1", "ConfigMap", "status: {a: 1}", "status: {a: 2}"),
        ("example.com/v1", "Anything", "spec: {a: null}", "spec: {}"),
    ];
    let others = others.map(|(version, kind, old, new)| {
        let new = new.strip_prefix("metadata: ").map_or_else(
            || object(version, kind, new),
            |metadata| format!("apiVersion: {version}\nkind: {kind}\nmetadata: {metadata}\n"),
        );
        (object(version, kind, old), new)
    });
    for (old, new) in pairs.into_iter().chain(others) {
        for (old, new) in [(&old, &new), (&new, &old)] {
            assert!(changes(old, new).is_empty(), "{old}\n{new}\n{:#?}", changes(old, new));
        }
    }
}

/// Pairs with what is said of them.
#[test]
fn what_changed_is_said() {
    let pod = |fields: &str| object("apps/v1", "Deployment", &format!("spec: {{template: {{spec: {{{fields}}}}}}}"));
    let spec = "spec.template.spec.";
    for (old, new, expected) in [
        (
            "containers: [{name: a, env: [{name: A, value: '1'}, {name: B, value: '2'}]}]",
            "containers: [{name: a, env: [{name: B, value: '2'}, {name: A, value: '3'}]}]",
            vec!["containers[a].env: order A B -> B A", "containers[a].env[A].value: 1 -> 3"],
        ),
        // A controller compares the template as it is.
        ("volumes: [{name: a}, {name: b}]", "volumes: [{name: b}, {name: a}]", vec!["volumes: order a b -> b a"]),
        (
            "containers: [{name: a}]",
            "containers: [{name: a}, {name: b, image: c}]",
            vec!["containers[b]: + {image: c, name: b}"],
        ),
        (
            "containers: [{name: a, args: [k, l, m]}]",
            "containers: [{name: a, args: [k, m]}]",
            vec!["containers[a].args[1]: - l"],
        ),
        (
            "containers: [{name: a, args: [k, l]}]",
            "containers: [{name: a, args: [l, k]}]",
            vec!["containers[a].args: order k l -> l k"],
        ),
        (
            "containers: [{name: a, image: 'b:1'}]",
            "containers: [{name: a, image: 'b:1', imagePullPolicy: Always}]",
            vec!["containers[a].imagePullPolicy: + Always"],
        ),
        (
            "containers: [{name: a, ports: [{containerPort: 1, name: x}]}]",
            "containers: [{name: a, ports: [{containerPort: 1, protocol: UDP, name: x}]}]",
            vec![
                "containers[a].ports[1/TCP]: - {containerPort: 1, name: x}",
                "containers[a].ports[1/UDP]: + {containerPort: 1, name: x, protocol: UDP}",
            ],
        ),
        ("volumes: [{name: a, emptyDir: {}}]", "volumes: [{name: a}]", vec!["volumes[a].emptyDir: - {}"]),
        (
            "terminationGracePeriodSeconds: 30",
            "terminationGracePeriodSeconds: 60",
            vec!["terminationGracePeriodSeconds: 30 -> 60"],
        ),
        ("a: 1", "terminationGracePeriodSeconds: 60", vec!["a: - 1", "terminationGracePeriodSeconds: + 60"]),
    ] {
        let expected: Vec<String> = expected.into_iter().map(|line| format!("{spec}{line}")).collect();
        assert_eq!(changes(&pod(old), &pod(new)), expected);
    }
    for (version, kind, old, new, expected) in [
        (
            "rbac.authorization.k8s.io/v1",
            "Role",
            "rules: [{resources: [a], verbs: [get]}, {resources: [b], verbs: [x]}]",
            "rules: [{resources: [b], verbs: [x]}, {resources: [a], verbs: [get, list]}]",
            vec!["rules[1].verbs[list]: + list"],
        ),
        (
            "networking.k8s.io/v1",
            "NetworkPolicy",
            "spec: {ingress: [{from: [{podSelector: {matchLabels: {a: b}}}]}]}",
            "spec: {ingress: []}",
            vec!["spec.ingress[0]: - {from: [{podSelector: {matchLabels: {a: b}}}]}"],
        ),
        (
            "networking.istio.io/v1",
            "VirtualService",
            "spec: {http: [{name: a}, {name: b}]}",
            "spec: {http: [{name: b}, {name: a}]}",
            vec!["spec.http: order 1: a 0: b -> 0: b 1: a"],
        ),
        (
            "v1",
            "Service",
            "spec: {ports: [{port: 80, targetPort: 8080}]}",
            "spec: {ports: [{port: 80, targetPort: '8080'}]}",
            vec!["spec.ports[80/TCP].targetPort: 8080 -> 8080"],
        ),
        (
            "v1",
            "PersistentVolumeClaim",
            "spec: {resources: {requests: {storage: 20Gi}}}",
            "spec: {resources: {requests: {storage: 10Gi}}}",
            vec!["spec.resources.requests.storage: 20Gi -> 10Gi"],
        ),
        ("example.com/v1", "Anything", "spec: {list: []}", "spec: {}", vec!["spec.list: - []"]),
        ("v1", "ConfigMap", "data: {a: b}", "data: {a: c, d: e}", vec!["data.a: b -> c", "data.d: + e"]),
    ] {
        let mut found = changes(&object(version, kind, old), &object(version, kind, new));
        found.sort();
        assert_eq!(found, expected);
    }
    let (old, new) = (object("apps/v1beta1", "Deployment", ""), object("apps/v1", "Deployment", ""));
    assert_eq!(changes(&old, &new), ["apiVersion: apps/v1beta1 -> apps/v1"]);
}

#[test]
fn secrets_are_compared_and_not_shown() {
    let secret = |value: &str| object("v1", "Secret", &format!("stringData: {{a: {value}}}"));
    assert!(changes(&secret("hunter2"), &secret("hunter2")).is_empty());
    assert_eq!(changes(&secret("hunter2"), &secret("hunter3")), ["stringData.a: (secret) -> (secret)"]);
}
