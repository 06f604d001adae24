use super::*;
use crate::schema::{Finding, FindingKind, Verdict, field_since, kind_versions, path_text, validate_core};

fn at(minor: u16) -> KubernetesVersion {
    KubernetesVersion::new(1, minor)
}

fn findings(minor: u16, object: &Value) -> Vec<Finding> {
    match validate_core(at(minor), object) {
        Verdict::Findings(findings) => findings,
        Verdict::NoSuchKind => panic!("no such kind: {object}"),
    }
}

fn messages(minor: u16, object: &Value) -> Vec<String> {
    findings(minor, object).iter().map(|f| format!("{}: {}", path_text(&f.path), f.message)).collect()
}

fn deployment(pod: Value) -> Value {
    json!({
        "apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "a", "creationTimestamp": null},
        "spec": {
            "selector": {"matchLabels": {"a": "b"}},
            "template": {"metadata": {"labels": {"a": "b"}}, "spec": pod},
        },
    })
}

#[test]
fn the_file_has_what_the_program_says_it_has() {
    assert_eq!(INDEX.versions, versions().map(|version| version.to_string()).collect::<Vec<_>>());
    let (kinds, definitions) = INDEX.all();
    assert!(kinds.len() > 100 && definitions > 1000, "{} kinds, {definitions} definitions", kinds.len());
}

#[test]
fn every_kind_compiles_in_every_version() {
    let mut compiled = 0;
    for (api_version, kind) in INDEX.all().0 {
        let having = having(api_version, kind);
        for version in [having.first(), having.last()].into_iter().flatten() {
            assert!(validator(*version, api_version, kind).is_some(), "{api_version} {kind} {version}");
            compiled += 1;
        }
    }
    assert!(compiled > 200, "{compiled}");
}

#[test]
fn a_deployment_and_its_mistakes() {
    let pod = json!({"containers": [{
        "name": "a", "image": "b", "ports": [{"containerPort": 80, "protocol": "TCP"}],
        "resources": {"requests": {"cpu": "500m", "memory": 1}, "limits": {"memory": "1Gi"}},
        "livenessProbe": {"httpGet": {"port": "http", "path": "/"}},
    }]});
    for version in versions() {
        assert_eq!(messages(version.minor, &deployment(pod.clone())), Vec::<String>::new(), "{version}");
    }
    let wrong = json!({"restartPolicy": "always", "containers": [{
        "image": "b", "command": "sh", "ports": [{"containerPort": 80_000, "protocl": "TCP"}],
        "resources": {"requests": {"cpu": "much"}},
        "livenessProbe": {"httpGet": {"port": 0}, "periodSeconds": "3"},
    }]});
    let container = "spec.template.spec.containers[0]";
    let expected = [
        ": `containers[0]` lacks the field `name`",
        ".command: `command` must be a list, not a string",
        ".livenessProbe.httpGet.port: `port` is `0`, it must be at least 1",
        ".livenessProbe.periodSeconds: `periodSeconds` must be a whole number, not a string",
        ".ports[0].containerPort: `containerPort` is `80000`, it must be at most 65535",
        ".ports[0].protocl: unknown field `protocl`; did you mean `protocol`?",
        ".resources.requests.cpu: `cpu` is `much`, which is not a quantity, such as `500m` or `1Gi`",
    ];
    let mut expected: Vec<String> = expected.iter().map(|message| format!("{container}{message}")).collect();
    expected.push(
        "spec.template.spec.restartPolicy: `restartPolicy` is `always`, it must be `Always`, `OnFailure` or `Never`; \
         did you mean `Always`?"
            .to_owned(),
    );
    for minor in [28, 37] {
        assert_eq!(messages(minor, &deployment(wrong.clone())), expected, "{minor}");
    }
}

#[test]
fn a_field_newer_than_the_server() {
    let service = json!({"apiVersion": "v1", "kind": "Service", "metadata": {"name": "a"},
        "spec": {"ports": [{"port": 80}], "trafficDistribution": "PreferClose"}});
    let said =
        "spec.trafficDistribution: Kubernetes 1.28 does not know the field `trafficDistribution`, which came with 1.30";
    assert_eq!(messages(28, &service), [said]);
    assert_eq!(messages(30, &service), Vec::<String>::new());
    let pod = |container: Value| deployment(json!({"containers": [container]}));
    for (container, path, since) in [
        (json!({"name": "a", "lifecycle": {"preStop": {"sleep": {"seconds": 5}}}}), "lifecycle.preStop.sleep", 29),
        (
            json!({"name": "a", "securityContext": {"appArmorProfile": {"type": "RuntimeDefault"}}}),
            "securityContext.appArmorProfile",
            30,
        ),
        (json!({"name": "a", "lifecycle": {"stopSignal": "SIGTERM"}}), "lifecycle.stopSignal", 33),
        (json!({"name": "a", "restartPolicyRules": []}), "restartPolicyRules", 34),
    ] {
        let object = pod(container);
        let found = findings(since - 1, &object);
        let [finding] = &found[..] else { panic!("{found:?}") };
        assert_eq!(path_text(&finding.path), format!("spec.template.spec.containers[0].{path}"));
        assert_eq!(finding.kind, FindingKind::UnknownField { near: None });
        assert_eq!(field_since("apps/v1", "Deployment", &finding.path), Some(at(since)));
        assert!(!findings(28, &object).is_empty());
        assert_eq!(messages(since, &object), Vec::<String>::new());
        assert_eq!(messages(37, &object), Vec::<String>::new());
    }
}

#[test]
fn a_kind_inside_of_another_one_need_not_say_what_it_is() {
    let set = |claim: Value| {
        json!({"apiVersion": "apps/v1", "kind": "StatefulSet", "metadata": {"name": "a"}, "spec": {
            "serviceName": "a", "selector": {"matchLabels": {"a": "b"}},
            "template": {"spec": {"containers": [{"name": "a"}]}}, "volumeClaimTemplates": [claim]}})
    };
    let spec = json!({"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}});
    let bare = json!({"metadata": {"name": "a"}, "spec": spec});
    let full = json!({"apiVersion": "v1", "kind": "PersistentVolumeClaim", "metadata": {"name": "a"}, "spec": spec});
    let other = json!({"apiVersion": "v1", "kind": "Pod", "spec": spec});
    for minor in [28, 37] {
        assert_eq!(messages(minor, &set(bare.clone())), Vec::<String>::new());
        assert_eq!(messages(minor, &set(full.clone())), Vec::<String>::new());
        let said = "spec.volumeClaimTemplates[0].kind: `kind` is `Pod`, it must be `PersistentVolumeClaim`";
        assert_eq!(messages(minor, &set(other.clone())), [said]);
    }
}

#[test]
fn kinds_and_fields_that_nobody_knows() {
    let object = json!({"apiVersion": "policy/v1beta1", "kind": "PodSecurityPolicy"});
    assert_eq!(validate_core(at(28), &object), Verdict::NoSuchKind);
    assert_eq!(validate_core(at(28), &json!({"kind": "Pod"})), Verdict::NoSuchKind);
    assert_eq!(validate_core(at(28), &json!([])), Verdict::NoSuchKind);
    assert_eq!(kind_versions("flowcontrol.apiserver.k8s.io/v1", "FlowSchema").first(), Some(&at(29)));
    assert_eq!(kind_versions("v1", "Pod").len(), 10);
    assert_eq!(kind_versions("v1", "Pods"), []);
    let path = |text: &str| text.split('.').map(|key| PathSegment::Key(key.to_owned())).collect::<Vec<_>>();
    assert_eq!(field_since("v1", "Pod", &path("metadata.labels.any")), Some(at(28)));
    assert_eq!(field_since("v1", "Pod", &path("spec.anyx")), None);
    assert_eq!(field_since("v1", "Podd", &path("spec")), None);
    // Versions that are not embedded are taken for the nearest.
    let pod = json!({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "a"}, "spec": {"containers": []}});
    assert_eq!(validate_core(at(1), &pod), Verdict::Findings(Vec::new()));
    assert_eq!(validate_core(at(99), &pod), Verdict::Findings(Vec::new()));
}

#[test]
fn a_crd_has_schemas_inside() {
    let schema = json!({"type": "object", "x-kubernetes-preserve-unknown-fields": true, "properties": {
        "a": {"type": "array", "items": {"type": "string"}}, "$ref": {"type": "string", "default": "x"}}});
    let crd = json!({"apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition",
        "metadata": {"name": "as.b.c"}, "spec": {"group": "b.c", "scope": "Namespaced",
        "names": {"plural": "as", "kind": "A"},
        "versions": [{"name": "v1", "served": true, "storage": true, "schema": {"openAPIV3Schema": schema}}]}});
    assert_eq!(messages(28, &crd), Vec::<String>::new());
    assert_eq!(messages(37, &crd), Vec::<String>::new());
}
