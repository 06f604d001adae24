//! The mesh of DPJ permits the connections and nothing else: an evaluator of its own reads the emitted
//! `AuthorizationPolicy` objects as Istio's reference describes them, and compares with what `dpjgen show` lists.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]
#![allow(clippy::disallowed_methods, missing_docs)]
#![cfg(unix)]

mod support;

use serde_yaml::Value;
use std::collections::{BTreeMap, BTreeSet};
use support::{root, run};

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

fn list(value: &Value) -> Vec<Value> {
    value.as_sequence().cloned().unwrap_or_default()
}

fn stream(environment: &str) -> Vec<Value> {
    let built = run(root(), &format!("build {environment}"));
    assert_eq!(built.status, 0, "{}", built.stderr);
    let documents = serde_yaml::Deserializer::from_str(&built.stdout);
    documents.map(|document| serde::Deserialize::deserialize(document).unwrap()).collect()
}

fn of_kind<'a>(stream: &'a [Value], kind: &str) -> Vec<&'a Value> {
    stream.iter().filter(|object| text(&object["kind"]) == kind).collect()
}

/// A pod of the mesh: name, namespace, labels.
struct Pod {
    name: String,
    namespace: String,
    labels: Value,
}

/// Those whose namespace has its pods injected.
fn meshed(stream: &[Value]) -> Vec<Pod> {
    let injected: BTreeSet<String> = of_kind(stream, "Namespace")
        .into_iter()
        .filter(|namespace| text(&namespace["metadata"]["labels"]["istio-injection"]) == "enabled")
        .map(|namespace| text(&namespace["metadata"]["name"]))
        .collect();
    let templates = |kind: &'static str| {
        of_kind(stream, kind).into_iter().filter_map(move |object| match kind {
            "AnalysisTemplate" => Some((object, &object["spec"]["metrics"][0]["provider"].get("job")?["spec"])),
            _ => Some((object, &object["spec"])),
        })
    };
    ["Deployment", "Rollout", "AnalysisTemplate"]
        .into_iter()
        .flat_map(templates)
        .filter(|(object, _)| injected.contains(&text(&object["metadata"]["namespace"])))
        .map(|(object, spec)| Pod {
            name: text(&spec["template"]["spec"]["serviceAccountName"]),
            namespace: text(&object["metadata"]["namespace"]),
            labels: spec["template"]["metadata"]["labels"].clone(),
        })
        .collect()
}

/// Whether the policies of a pod's namespace permit an identity on a port; without any for the pod, everything is.
fn permits(policies: &[&Value], pod: &Pod, principal: &str, port: &str) -> bool {
    let own: Vec<&&Value> = policies
        .iter()
        .filter(|policy| text(&policy["metadata"]["namespace"]) == pod.namespace)
        .filter(|policy| match policy["spec"]["selector"]["matchLabels"].as_mapping() {
            None => policy["spec"].get("selector").is_none(),
            Some(labels) => labels.iter().all(|(key, value)| pod.labels.get(key) == Some(value)),
        })
        .collect();
    assert!(own.iter().all(|policy| ["", "ALLOW"].contains(&text(&policy["spec"]["action"]).as_str())));
    own.is_empty()
        || own.iter().flat_map(|policy| list(&policy["spec"]["rules"])).any(|rule| {
            let from = list(&rule["from"]).iter().any(|from| {
                let source = from["source"].as_mapping().unwrap();
                assert_eq!(source.len(), 1, "{source:?}");
                list(&from["source"]["principals"]).iter().any(|found| text(found) == principal)
            });
            from && list(&rule["to"])
                .iter()
                .any(|to| list(&to["operation"]["ports"]).iter().any(|found| text(found) == port))
        })
}

#[test]
fn policies_of_the_mesh_permit_the_connections_and_nothing_else() {
    for environment in ["dev", "staging", "prod"] {
        let stream = stream(environment);
        let pods = meshed(&stream);
        let smoke_tests = usize::from(environment != "dev");
        assert_eq!(pods.len(), 7 + smoke_tests, "the frontend and the backend");
        let policies = of_kind(&stream, "AuthorizationPolicy");
        // Everybody by name, as `show` calls them, with the identity.
        let mut identities: BTreeMap<String, String> = pods
            .iter()
            .map(|pod| (pod.name.clone(), format!("cluster.local/ns/{}/sa/{}", pod.namespace, pod.name)))
            .collect();
        let gateway = "cluster.local/ns/istio-ingress/sa/istio-ingressgateway";
        identities.insert("istio ingress gateway".to_owned(), gateway.to_owned());
        identities.insert("stranger".to_owned(), "cluster.local/ns/other/sa/api-gateway".to_owned());
        identities.insert("nobody".to_owned(), String::new());

        let shown = run(root(), &format!("show {environment} --format json"));
        let shown: serde_json::Value = serde_json::from_str(&shown.stdout).unwrap();
        let listed: BTreeSet<(String, String)> = shown["connections"]
            .as_array()
            .unwrap()
            .iter()
            .map(|connection| ["from", "to"].map(|key| connection[key].as_str().unwrap().to_owned()))
            .map(|[from, to]| (from, to.strip_prefix("preview of ").unwrap_or(&to).to_owned()))
            .filter(|(_, to)| pods.iter().any(|pod| pod.name == *to))
            .collect();
        assert!(listed.len() > 8, "{listed:?}");
        let mut permitted = BTreeSet::new();
        for pod in &pods {
            for (name, identity) in &identities {
                if permits(&policies, pod, identity, "8080") {
                    permitted.insert((name.clone(), pod.name.clone()));
                }
                assert!(!permits(&policies, pod, identity, "8081"), "{name} to another port of {}", pod.name);
            }
        }
        assert_eq!(permitted, listed, "{environment}");
    }
}

/// What a gateway serves has a certificate for these names, in a Secret that its pods can read.
#[test]
fn every_host_of_a_gateway_has_its_certificate() {
    for environment in ["dev", "staging", "prod"] {
        let stream = stream(environment);
        let gateways = of_kind(&stream, "Gateway");
        assert_eq!(gateways.len(), 2);
        for gateway in gateways {
            let namespace = text(&gateway["metadata"]["namespace"]);
            let https = &gateway["spec"]["servers"][0];
            let certificates = of_kind(&stream, "Certificate");
            let certificate = certificates
                .iter()
                .find(|c| c["spec"]["secretName"] == https["tls"]["credentialName"])
                .expect("a certificate for the Secret");
            assert_eq!(text(&certificate["metadata"]["namespace"]), namespace);
            assert_eq!(certificate["spec"]["dnsNames"], https["hosts"]);
            let routes = of_kind(&stream, "VirtualService");
            let bound = |route: &&&Value| list(&route["spec"]["gateways"]).contains(&gateway["metadata"]["name"]);
            let routes: Vec<_> = routes.iter().filter(bound).collect();
            assert_eq!(routes.len(), 1);
            assert_eq!(routes[0]["spec"]["hosts"], https["hosts"]);
            assert_eq!(text(&routes[0]["metadata"]["namespace"]), namespace, "gateways are named without a namespace");
        }
    }
}
