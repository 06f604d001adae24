//! The network policies of DPJ's production permit the connections and nothing else.
//!
//! An evaluator of its own reads the emitted YAML as the API reference describes it: every pod to every pod on every
//! port, and says who may talk to whom. What it finds is what `dpjgen show prod --format json` lists.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]
#![allow(clippy::disallowed_methods, missing_docs)]
#![allow(clippy::format_push_string, clippy::format_collect, clippy::case_sensitive_file_extension_comparisons)]
#![cfg(unix)]

mod support;

use serde_yaml::Value;
use std::collections::{BTreeMap, BTreeSet};
use support::{root, run};

type Labels = BTreeMap<String, String>;

/// Pods of one workload or datastore, as the cluster has them.
#[derive(Clone, Debug)]
struct Pods {
    /// The name that `show` gives them.
    name: String,
    namespace: String,
    labels: Labels,
}

fn labels(value: &Value) -> Labels {
    let Some(map) = value.as_mapping() else { return Labels::new() };
    map.iter().map(|(k, v)| (k.as_str().unwrap().to_owned(), v.as_str().unwrap().to_owned())).collect()
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

/// `matchLabels` only: any other kind of selector would be a surprise, and fails the test.
fn selects(selector: &Value, labels_of: &Labels) -> bool {
    let map = selector.as_mapping().expect("a selector is a table");
    assert!(map.keys().all(|key| key.as_str() == Some("matchLabels")), "{selector:?}");
    labels(&selector["matchLabels"]).iter().all(|(key, value)| labels_of.get(key) == Some(value))
}

/// Whether `peer`, in a policy of `namespace`, is these pods.
fn is_peer(peer: &Value, namespace: &str, pods: &Pods) -> bool {
    if peer.get("ipBlock").is_some() {
        return false;
    }
    let in_namespace = match peer.get("namespaceSelector") {
        None => pods.namespace == namespace,
        Some(selector) => {
            // The API server sets this label on every namespace.
            let of_namespace = BTreeMap::from([("kubernetes.io/metadata.name".to_owned(), pods.namespace.clone())]);
            selects(selector, &of_namespace)
        }
    };
    in_namespace && peer.get("podSelector").is_none_or(|selector| selects(selector, &pods.labels))
}

fn list(value: &Value) -> Vec<Value> {
    value.as_sequence().cloned().unwrap_or_default()
}

struct Policies(Vec<Value>);

impl Policies {
    /// One side: whether the policies that select `own` permit `other` on the port. Without any, everything is.
    fn permit(&self, own: &Pods, other: &Pods, (port, protocol): (u64, &str), side: &str) -> bool {
        let (rules, peers, kind) = match side {
            "ingress" => ("ingress", "from", "Ingress"),
            _ => ("egress", "to", "Egress"),
        };
        let selecting: Vec<&Value> = self
            .0
            .iter()
            .filter(|policy| text(&policy["metadata"]["namespace"]) == own.namespace)
            .filter(|policy| list(&policy["spec"]["policyTypes"]).iter().any(|found| found.as_str() == Some(kind)))
            .filter(|policy| selects(&policy["spec"]["podSelector"], &own.labels))
            .collect();
        selecting.is_empty()
            || selecting.iter().flat_map(|policy| list(&policy["spec"][rules])).any(|rule| {
                // A rule without peers or ports permits all of them.
                let ports = list(&rule["ports"]);
                let on_port = rule.get("ports").is_none()
                    || ports.iter().any(|p| p["port"].as_u64() == Some(port) && text(&p["protocol"]) == protocol);
                let whom = rule.get(peers).is_none()
                    || list(&rule[peers]).iter().any(|peer| is_peer(peer, &own.namespace, other));
                on_port && whom
            })
    }
}

/// What the stream deploys, and what the operators will: the latter carry the labels that their documentation states.
fn pods(stream: &[Value]) -> Vec<Pods> {
    let mut found: Vec<Pods> = stream
        .iter()
        .filter_map(|object| {
            let template = match text(&object["kind"]).as_str() {
                "Deployment" | "StatefulSet" | "Job" | "Rollout" => &object["spec"]["template"],
                "AnalysisTemplate" => &object["spec"]["metrics"][0]["provider"].get("job")?["spec"]["template"],
                _ => return None,
            };
            Some(Pods {
                name: text(&object["metadata"]["name"]),
                namespace: text(&object["metadata"]["namespace"]),
                labels: labels(&template["metadata"]["labels"]),
            })
        })
        .collect();
    type Operated = (&'static str, &'static str, &'static [(&'static str, &'static str)]);
    let operated: [Operated; 13] = [
        (
            "postgresql",
            "dpj-data",
            &[("cnpg.io/cluster", "postgresql-cluster"), ("cnpg.io/podRole", "instance"), ("role", "primary")],
        ),
        ("postgresql-initdb", "dpj-data", &[("cnpg.io/cluster", "postgresql-cluster"), ("cnpg.io/jobRole", "initdb")]),
        ("postgresql-join", "dpj-data", &[("cnpg.io/cluster", "postgresql-cluster"), ("cnpg.io/jobRole", "join")]),
        ("cloudnative-pg", "cnpg-system", &[("app.kubernetes.io/name", "cloudnative-pg")]),
        ("mongodb", "dpj-data", &[("app", "mongodb-cluster-svc")]),
        ("redis", "dpj-data", &[("app.kubernetes.io/name", "redis")]),
        (
            "kafka",
            "dpj-infrastructure",
            &[("strimzi.io/cluster", "kafka"), ("strimzi.io/kind", "Kafka"), ("strimzi.io/name", "kafka-kafka")],
        ),
        ("cluster DNS", "kube-system", &[("k8s-app", "kube-dns")]),
        ("istio control plane", "istio-system", &[("app", "istiod"), ("istio", "pilot")]),
        ("istio ingress gateway", "istio-ingress", &[("app", "istio-ingressgateway"), ("istio", "ingressgateway")]),
        ("prometheus", "dpj-monitoring", &[("app.kubernetes.io/name", "prometheus")]),
        ("argo-rollouts", "argo-rollouts", &[("app.kubernetes.io/name", "argo-rollouts")]),
        // Somebody in a namespace that nobody mentions, and a pod of nobody's in one of ours.
        ("stranger", "other", &[("app.kubernetes.io/name", "api-gateway")]),
    ];
    for (name, namespace, of) in operated {
        let labels = of.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect();
        found.push(Pods { name: name.to_owned(), namespace: namespace.to_owned(), labels });
    }
    for namespace in ["dpj-backend", "dpj-data", "dpj-monitoring"] {
        let name = format!("unknown pod of {namespace}");
        found.push(Pods { name, namespace: namespace.to_owned(), labels: Labels::new() });
    }
    found
}

type Connections = BTreeSet<(String, String, u64, String)>;

/// The port on which the pods listen behind a port of their Service, which is what clients dial and `show` lists.
fn pod_port(stream: &[Value], service: &str, port: u64) -> u64 {
    let object = |kind: &str| {
        stream.iter().find(|o| text(&o["kind"]) == kind && text(&o["metadata"]["name"]) == service).cloned()
    };
    let controller = object("Deployment").or_else(|| object("Rollout"));
    let (Some(service), Some(controller)) = (object("Service"), controller) else { return port };
    let ports = list(&service["spec"]["ports"]);
    let target = &ports.iter().find(|p| p["port"].as_u64() == Some(port)).expect("a port of the Service")["targetPort"];
    let container = &controller["spec"]["template"]["spec"]["containers"][0];
    let port = list(&container["ports"]).into_iter().find(|p| p["name"] == *target).expect("a port of that name");
    port["containerPort"].as_u64().unwrap()
}

/// What `show` lists, with "every pod of" written out, what is another way to some pods under these pods' name, and the
/// ports of the pods.
fn listed(environment: &str, stream: &[Value], pods: &[Pods]) -> Connections {
    let shown = run(root(), &format!("show {environment} --format json"));
    assert_eq!(shown.status, 0, "{}", shown.stderr);
    let shown: serde_json::Value = serde_json::from_str(&shown.stdout).unwrap();
    let mut connections = Connections::new();
    for connection in shown["connections"].as_array().unwrap() {
        let text = |key: &str| connection[key].as_str().unwrap().to_owned();
        let to = text("to");
        let to = to.strip_suffix(" instances").or(to.strip_prefix("preview of ")).unwrap_or(&to);
        let (to, proxy) = to.strip_prefix("proxy of ").map_or((to, false), |pods| (pods, true));
        let to = if to == "Prometheus" { "prometheus" } else { to }.to_owned();
        // These are addresses, and no pods.
        if ["API server", "S3", "STS"].contains(&to.as_str()) {
            continue;
        }
        let mut add = |from: &str| {
            let dialled = connection["port"].as_u64().unwrap();
            let port = if proxy { dialled } else { pod_port(stream, &to, dialled) };
            connections.insert((from.to_owned(), to.clone(), port, text("protocol")));
        };
        match text("from").strip_prefix("every pod of ") {
            Some(namespace) => pods.iter().filter(|p| p.namespace == namespace).for_each(|p| add(&p.name)),
            None => add(&text("from")),
        }
    }
    connections
}

fn stream(environment: &str) -> Vec<Value> {
    let built = run(root(), &format!("build {environment}"));
    assert_eq!(built.status, 0, "{}", built.stderr);
    let documents = serde_yaml::Deserializer::from_str(&built.stdout);
    documents.map(|document| serde::Deserialize::deserialize(document).unwrap()).collect()
}

#[test]
fn policies_permit_the_connections_and_nothing_else() {
    for environment in ["dev", "staging", "prod"] {
        let stream = stream(environment);
        let policies: Vec<Value> =
            stream.iter().filter(|object| text(&object["apiVersion"]) == "networking.k8s.io/v1").cloned().collect();
        assert!(policies.len() > 20, "only {} policies", policies.len());
        let policies = Policies(policies);
        let pods = pods(&stream);
        let listed = listed(environment, &stream, &pods);
        assert!(listed.len() > 30, "only {} connections", listed.len());
        // Every port that anybody listens on or that any policy names, and some that nobody should reach.
        let mut ports: BTreeSet<(u64, &str)> = listed.iter().map(|(_, _, port, _)| (*port, "TCP")).collect();
        ports.extend([
            (22, "TCP"),
            (80, "TCP"),
            (443, "TCP"),
            (9001, "TCP"),
            (9187, "TCP"),
            (53, "UDP"),
            (8080, "UDP"),
        ]);
        let mut permitted = Connections::new();
        let (mut asked, mut refused) = (0, 0);
        for from in &pods {
            for to in &pods {
                for port in &ports {
                    // Outside of the platform's namespaces both ends are somebody else's business.
                    let ours = |pods: &Pods| pods.namespace.starts_with("dpj-");
                    if !ours(from) && !ours(to) {
                        continue;
                    }
                    asked += 1;
                    if policies.permit(from, to, *port, "egress") && policies.permit(to, from, *port, "ingress") {
                        permitted.insert((from.name.clone(), to.name.clone(), port.0, port.1.to_owned()));
                    } else {
                        refused += 1;
                    }
                }
            }
        }
        assert!(asked > 3000 && refused > 3000, "{asked} asked, {refused} refused");
        let missing: Vec<_> = listed.difference(&permitted).collect();
        let extra: Vec<_> = permitted.difference(&listed).collect();
        assert!(missing.is_empty(), "{environment}: listed, and not permitted on both sides: {missing:#?}");
        assert!(extra.is_empty(), "{environment}: permitted, and not listed: {extra:#?}");
    }
}

/// The evaluator itself sees what a policy permits, and what it does not.
#[test]
fn the_evaluator_tells_permitted_from_refused() {
    let policy =
        |spec: &str| serde_yaml::from_str::<Value>(&format!("metadata: {{ namespace: a }}\nspec: {spec}")).unwrap();
    let pods = |name: &str, namespace: &str| Pods {
        name: name.to_owned(),
        namespace: namespace.to_owned(),
        labels: BTreeMap::from([("app".to_owned(), name.to_owned())]),
    };
    let (x, y, far) = (pods("x", "a"), pods("y", "a"), pods("y", "b"));
    let deny = policy("{ podSelector: {}, policyTypes: [Ingress, Egress] }");
    let allow = policy(
        "{ podSelector: { matchLabels: { app: x } }, policyTypes: [Egress], \
         egress: [{ to: [{ podSelector: { matchLabels: { app: y } } }], ports: [{ port: 80, protocol: TCP }] }] }",
    );
    let permit = |policies: &[&Value], from: &Pods, to: &Pods, port| {
        Policies(policies.iter().copied().cloned().collect()).permit(from, to, (port, "TCP"), "egress")
    };
    assert!(permit(&[], &x, &y, 80));
    assert!(!permit(&[&deny], &x, &y, 80));
    assert!(permit(&[&deny, &allow], &x, &y, 80));
    assert!(!permit(&[&deny, &allow], &x, &y, 81), "another port");
    assert!(!permit(&[&deny, &allow], &x, &far, 80), "the same labels in another namespace");
    assert!(!permit(&[&deny, &allow], &y, &x, 80), "the other direction");
    assert!(permit(&[&deny], &far, &x, 80), "pods of another namespace are not denied");
}
