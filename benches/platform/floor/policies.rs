//! Network policies: what each permits, and both dialects of them.

use super::facts::{Facts, Inside, Service, Store};
use super::spec::Engine;
use super::text::{document, metadata, platform_metadata, put};
use std::fmt::Write;

/// Labels of pods.
type Selector = Vec<(&'static str, String)>;

/// Pods at the other end; without a namespace they are in the policy's own.
struct Peer<'a> {
    namespace: Option<&'a str>,
    selector: Selector,
}

/// What one policy permits.
struct Rules<'a> {
    /// Whose pods.
    pods: Selector,
    /// Port and who may come to it.
    ingress: Vec<(u16, Vec<Peer<'a>>)>,
    egress: Vec<(Peer<'a>, Vec<u16>)>,
}

enum Policy<'a> {
    AllPods,
    DefaultDeny,
    Rules(Rules<'a>),
}

/// All policies of a namespace.
pub fn all_of(out: &mut String, facts: &Facts<'_>, namespace: &str, inside: &Inside<'_>) {
    let mut policies = vec![("all-pods", Policy::AllPods), ("default-deny", Policy::DefaultDeny)];
    let services =
        inside.services.iter().filter_map(|name| Some((*name, of_service(facts, facts.services.get(name)?))));
    policies.extend(services.map(|(name, rules)| (name, Policy::Rules(rules))));
    let stores = inside.stores.iter().filter_map(|name| Some((*name, of_store(facts.stores.get(name)?))));
    policies.extend(stores.map(|(name, rules)| (name, Policy::Rules(rules))));
    policies.sort_by_key(|(name, _)| *name);
    for (head, calico) in [("networking.k8s.io/v1", false), ("projectcalico.org/v3", true)] {
        for (name, policy) in &policies {
            document(out, "apiVersion: ");
            put(out, &[head, "\nkind: NetworkPolicy\n"]);
            match policy {
                Policy::Rules(_) => metadata(out, facts.platform, name, name, namespace),
                _ => platform_metadata(out, facts.platform, name, namespace),
            }
            out.push_str("spec:\n");
            match (policy, calico) {
                (Policy::AllPods, false) => out.push_str(ALL_PODS),
                (Policy::AllPods, true) => out.push_str(ALL_PODS_OF_CALICO),
                (Policy::DefaultDeny, false) => {
                    out.push_str("  podSelector: {}\n  policyTypes:\n  - Ingress\n  - Egress\n");
                }
                (Policy::DefaultDeny, true) => out.push_str("  selector: all()\n  types:\n  - Ingress\n  - Egress\n"),
                (Policy::Rules(rules), false) => rules.kubernetes(out),
                (Policy::Rules(rules), true) => rules.calico(out),
            }
        }
    }
}

const ALL_PODS: &str = "  egress:
  - ports:
    - port: 53
      protocol: TCP
    - port: 53
      protocol: UDP
    to:
    - namespaceSelector:
        matchLabels:
          kubernetes.io/metadata.name: kube-system
      podSelector:
        matchLabels:
          k8s-app: kube-dns
  podSelector: {}
  policyTypes:
  - Egress
";

const ALL_PODS_OF_CALICO: &str = "  selector: all()
  types:
  - Egress
  egress:
  - action: Allow
    protocol: TCP
    destination:
      namespaceSelector: kubernetes.io/metadata.name == 'kube-system'
      selector: k8s-app == 'kube-dns'
      ports:
      - 53
  - action: Allow
    protocol: UDP
    destination:
      namespaceSelector: kubernetes.io/metadata.name == 'kube-system'
      selector: k8s-app == 'kube-dns'
      ports:
      - 53
";

fn of_service<'a>(facts: &'a Facts<'_>, service: &'a Service<'_>) -> Rules<'a> {
    // Rules are sorted by the target's namespace and name.
    let mut targets: Vec<(&str, &str, Option<&Store<'_>>, u16)> = Vec::new();
    for name in service.connects.keys() {
        if let Some(store) = facts.stores.get(name) {
            targets.push((&store.namespace, store.name, Some(store), store.port()));
        } else if let Some(service) = facts.services.get(name) {
            targets.push((&service.namespace, service.name, None, service.port));
        }
    }
    targets.sort_unstable_by_key(|(namespace, name, ..)| (*namespace, *name));
    let rule = |(namespace, name, store, port): (&'a str, &str, Option<&Store<'_>>, u16)| {
        let selector = store.map_or_else(|| by_name(name), Store::selector);
        (Peer::new(&service.namespace, namespace, selector), vec![port])
    };
    let clients = || service.clients.iter().map(|client| (client.namespace.as_str(), client.name));
    let peer = |(namespace, name)| Peer::new(&service.namespace, namespace, by_name(name));
    let ingress =
        if service.clients.is_empty() { Vec::new() } else { vec![(service.port, clients().map(peer).collect())] };
    Rules { pods: by_name(service.name), ingress, egress: targets.into_iter().map(rule).collect() }
}

fn of_store<'a>(store: &'a Store<'_>) -> Rules<'a> {
    let mut ports = store.between().to_vec();
    if !store.clients.is_empty() && !ports.contains(&store.port()) {
        ports.push(store.port());
        ports.sort_unstable();
    }
    let own = || Peer::new(&store.namespace, &store.namespace, store.selector());
    let rule = |port| {
        let mut peers = Vec::new();
        // Its own pods are among the peers where their namespace and name belong.
        let mut missing = store.between().contains(&port);
        for client in store.clients.iter().filter(|_| port == store.port()) {
            if missing && (store.namespace.as_str(), store.name) < (client.namespace.as_str(), client.name) {
                peers.push(own());
                missing = false;
            }
            peers.push(Peer::new(&store.namespace, &client.namespace, by_name(client.name)));
        }
        if missing {
            peers.push(own());
        }
        (port, peers)
    };
    let ingress = ports.into_iter().map(rule).collect();
    Rules { pods: store.selector(), ingress, egress: vec![(own(), store.between().to_vec())] }
}

fn by_name(name: &str) -> Selector {
    vec![("app.kubernetes.io/name", name.to_owned())]
}

impl<'a> Peer<'a> {
    /// Pods in `namespace`, seen from another.
    fn new(from: &str, namespace: &'a str, selector: Selector) -> Self {
        Peer { namespace: (from != namespace).then_some(namespace), selector }
    }

    fn kubernetes(&self, out: &mut String) {
        if let Some(namespace) = self.namespace {
            out.push_str("    - namespaceSelector:\n        matchLabels:\n          kubernetes.io/metadata.name: ");
            put(out, &[namespace, "\n      podSelector:\n        matchLabels:\n"]);
        } else {
            out.push_str("    - podSelector:\n        matchLabels:\n");
        }
        for (key, value) in &self.selector {
            put(out, &["          ", key, ": ", value, "\n"]);
        }
    }

    fn calico(&self, out: &mut String) {
        if let Some(namespace) = self.namespace {
            put(out, &["      namespaceSelector: kubernetes.io/metadata.name == '", namespace, "'\n"]);
        }
        out.push_str("      selector: ");
        expression(out, &self.selector);
    }
}

fn expression(out: &mut String, selector: &Selector) {
    for (index, (key, value)) in selector.iter().enumerate() {
        put(out, &[if index > 0 { " && " } else { "" }, key, " == '", value, "'"]);
    }
    out.push('\n');
}

impl Rules<'_> {
    fn directions(&self, out: &mut String) {
        out.push_str(if self.ingress.is_empty() { "" } else { "  - Ingress\n" });
        out.push_str(if self.egress.is_empty() { "" } else { "  - Egress\n" });
    }

    fn kubernetes(&self, out: &mut String) {
        out.push_str(if self.egress.is_empty() { "" } else { "  egress:\n" });
        for (peer, ports) in &self.egress {
            out.push_str("  - ports:\n");
            for port in ports {
                let _ = writeln!(out, "    - port: {port}\n      protocol: TCP");
            }
            out.push_str("    to:\n");
            peer.kubernetes(out);
        }
        out.push_str(if self.ingress.is_empty() { "" } else { "  ingress:\n" });
        for (port, peers) in &self.ingress {
            out.push_str("  - from:\n");
            for peer in peers {
                peer.kubernetes(out);
            }
            let _ = writeln!(out, "    ports:\n    - port: {port}\n      protocol: TCP");
        }
        out.push_str("  podSelector:\n    matchLabels:\n");
        for (key, value) in &self.pods {
            put(out, &["      ", key, ": ", value, "\n"]);
        }
        out.push_str("  policyTypes:\n");
        self.directions(out);
    }

    fn calico(&self, out: &mut String) {
        out.push_str("  selector: ");
        expression(out, &self.pods);
        out.push_str("  types:\n");
        self.directions(out);
        out.push_str(if self.ingress.is_empty() { "" } else { "  ingress:\n" });
        for (port, peers) in &self.ingress {
            for peer in peers {
                out.push_str("  - action: Allow\n    protocol: TCP\n    source:\n");
                peer.calico(out);
                let _ = writeln!(out, "    destination:\n      ports:\n      - {port}");
            }
        }
        out.push_str(if self.egress.is_empty() { "" } else { "  egress:\n" });
        for (peer, ports) in &self.egress {
            out.push_str("  - action: Allow\n    protocol: TCP\n    destination:\n");
            peer.calico(out);
            out.push_str("      ports:\n");
            for port in ports {
                let _ = writeln!(out, "      - {port}");
            }
        }
    }
}

impl Store<'_> {
    fn selector(&self) -> Selector {
        let name = self.name;
        match self.engine {
            Engine::Postgresql => {
                vec![("cnpg.io/cluster", name.to_owned()), ("cnpg.io/podRole", "instance".to_owned())]
            }
            Engine::Mongodb => vec![("app", format!("{name}-svc"))],
            Engine::Redis | Engine::Minio => by_name(name),
            Engine::Kafka => vec![
                ("strimzi.io/cluster", name.to_owned()),
                ("strimzi.io/kind", "Kafka".to_owned()),
                ("strimzi.io/name", format!("{name}-kafka")),
            ],
        }
    }

    /// The ports on which the instances reach each other.
    fn between(&self) -> &'static [u16] {
        match self.engine {
            Engine::Postgresql => &[5432, 8000],
            Engine::Mongodb => &[27017],
            Engine::Redis => &[6379, 16379],
            Engine::Minio => &[9000],
            Engine::Kafka => &[9090, 9091],
        }
    }
}
