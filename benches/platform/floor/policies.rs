//! Network policies: what each permits, and both dialects of them.

use super::facts::{Client, Facts, Inside, Service, Store};
use super::mesh::GATEWAY;
use super::spec::Engine;
use super::text::{CUSTOM, document, labels, platform_labels, put};
use std::borrow::Cow;
use std::fmt::Write;

/// Labels of pods.
type Selector = Vec<(&'static str, String)>;

/// Who is at the other end.
enum Peer<'a> {
    /// Pods; without a namespace they are in the policy's own.
    Pods { namespace: Option<&'a str>, selector: Selector },
    /// Addresses outside of the cluster.
    Nets(&'a [String]),
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
    let mut policies: Vec<(Cow<'_, str>, Policy<'_>)> =
        vec![("all-pods".into(), Policy::AllPods), ("default-deny".into(), Policy::DefaultDeny)];
    for service in inside.services.iter().filter_map(|name| facts.services.get(name)) {
        policies.push((service.name.into(), Policy::Rules(of_service(facts, service))));
    }
    for store in inside.stores.iter().filter_map(|name| facts.stores.get(name)) {
        policies.push((store.name.into(), Policy::Rules(of_store(facts, store))));
        policies.extend(of_jobs(facts, store).into_iter().map(|(name, rules)| (name.into(), Policy::Rules(rules))));
    }
    policies.sort_by(|(one, _), (other, _)| one.cmp(other));
    for (head, calico) in [("networking.k8s.io/v1", false), ("projectcalico.org/v3", true)] {
        for (name, policy) in &policies {
            document(out, "apiVersion: ");
            put(out, &[head, "\nkind: NetworkPolicy\n"]);
            out.push_str(if calico { CUSTOM } else { "metadata:\n" });
            match policy {
                Policy::Rules(_) => labels(out, facts.platform, name, name, namespace),
                _ => platform_labels(out, facts.platform, name, namespace),
            }
            out.push_str("spec:\n");
            match (policy, calico) {
                (Policy::AllPods, false) => {
                    out.push_str("  egress:\n");
                    out.push_str(if inside.meshed { ISTIOD } else { "" });
                    out.push_str(DNS);
                }
                (Policy::AllPods, true) => {
                    out.push_str("  selector: all()\n  types:\n  - Egress\n  egress:\n");
                    out.push_str(if inside.meshed { ISTIOD_OF_CALICO } else { "" });
                    out.push_str(DNS_OF_CALICO);
                }
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

const ISTIOD: &str = "  - ports:
    - port: 15012
      protocol: TCP
    to:
    - namespaceSelector:
        matchLabels:
          kubernetes.io/metadata.name: istio-system
      podSelector:
        matchLabels:
          app: istiod
";

const DNS: &str = "  - ports:
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

const ISTIOD_OF_CALICO: &str = "  - action: Allow
    protocol: TCP
    destination:
      namespaceSelector: kubernetes.io/metadata.name == 'istio-system'
      selector: app == 'istiod'
      ports:
      - 15012
";

const DNS_OF_CALICO: &str = "  - action: Allow
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
    let mut peers = Vec::new();
    // Its namespace comes before those of the platform.
    if service.routed {
        peers.push(Peer::new(&service.namespace, GATEWAY, vec![("istio", "ingressgateway".to_owned())]));
    }
    peers.extend(service.clients.iter().map(|client| Peer::of_client(&service.namespace, client)));
    let ingress = if peers.is_empty() { Vec::new() } else { vec![(service.port, peers)] };
    Rules { pods: by_name(service.name), ingress, egress: targets.into_iter().map(rule).collect() }
}

fn of_store<'a>(facts: &'a Facts<'_>, store: &'a Store<'_>) -> Rules<'a> {
    let mut ports = store.between().to_vec();
    if !store.clients.is_empty() && !ports.contains(&store.port()) {
        ports.push(store.port());
        ports.sort_unstable();
    }
    let own = || Peer::new(&store.namespace, &store.namespace, store.selector());
    let rule = |port| {
        // By namespace and name.
        let mut peers = Vec::new();
        if store.between().contains(&port) {
            peers.push((store.namespace.as_str(), store.name, own()));
        }
        if port == store.port() {
            for client in &store.clients {
                peers.push((&client.namespace, client.name, Peer::of_client(&store.namespace, client)));
            }
            let setup = match store.engine {
                Engine::Minio => Some(by_name(&store.setup())),
                Engine::Postgresql => Some(store.job("join")),
                Engine::Mongodb | Engine::Redis | Engine::Kafka => None,
            };
            let setup = setup.map(|selector| Peer::new(&store.namespace, &store.namespace, selector));
            peers.extend(setup.map(|setup| (store.namespace.as_str(), store.name, setup)));
        }
        if store.engine == Engine::Postgresql && port == STATE {
            let operator = Peer::new(&store.namespace, OPERATOR, by_name("cloudnative-pg"));
            peers.push((OPERATOR, "cloudnative-pg", operator));
        }
        peers.sort_by_key(|(namespace, name, _)| (*namespace, *name));
        (port, peers.into_iter().map(|(.., peer)| peer).collect())
    };
    let ingress = ports.into_iter().map(rule).collect();
    let mut egress = vec![(own(), store.between().to_vec())];
    if let (Engine::Postgresql, Some(cluster)) = (store.engine, &facts.spec.cluster) {
        egress.push((Peer::Nets(&cluster.network.private), vec![HTTPS]));
        egress.push((Peer::Nets(&cluster.network.aws_services), vec![HTTPS]));
    }
    Rules { pods: store.selector(), ingress, egress }
}

/// The namespace of CloudNativePG.
const OPERATOR: &str = "cnpg-system";
/// Where PostgreSQL's instances tell their state.
const STATE: u16 = 8000;
const HTTPS: u16 = 443;

/// The policies of the Jobs that make a store's instances and users.
fn of_jobs<'a>(facts: &'a Facts<'_>, store: &'a Store<'_>) -> Vec<(String, Rules<'a>)> {
    let instances = || (Peer::new(&store.namespace, &store.namespace, store.selector()), vec![store.port()]);
    let api = || facts.spec.cluster.iter().map(|cluster| (Peer::Nets(&cluster.network.private), vec![HTTPS]));
    let rules = |pods, egress| Rules { pods, ingress: Vec::new(), egress };
    match store.engine {
        Engine::Minio => vec![(store.setup(), rules(by_name(&store.setup()), vec![instances()]))],
        Engine::Postgresql => vec![
            (format!("{}-initdb", store.name), rules(store.job("initdb"), api().collect())),
            (
                format!("{}-join", store.name),
                rules(store.job("join"), [instances()].into_iter().chain(api()).collect()),
            ),
        ],
        Engine::Mongodb | Engine::Redis | Engine::Kafka => Vec::new(),
    }
}

fn by_name(name: &str) -> Selector {
    vec![("app.kubernetes.io/name", name.to_owned())]
}

impl<'a> Peer<'a> {
    /// Pods in `namespace`, seen from another.
    fn new(from: &str, namespace: &'a str, selector: Selector) -> Self {
        Peer::Pods { namespace: (from != namespace).then_some(namespace), selector }
    }

    fn of_client(from: &str, client: &'a Client<'_>) -> Self {
        Peer::new(from, &client.namespace, by_name(client.name))
    }

    fn kubernetes(&self, out: &mut String) {
        match self {
            Peer::Nets(nets) => {
                for net in *nets {
                    put(out, &["    - ipBlock:\n        cidr: ", net, "\n"]);
                }
            }
            Peer::Pods { namespace, selector } => {
                if let Some(namespace) = namespace {
                    out.push_str("    - namespaceSelector:\n        matchLabels:\n");
                    put(out, &["          kubernetes.io/metadata.name: ", namespace]);
                    out.push_str("\n      podSelector:\n        matchLabels:\n");
                } else {
                    out.push_str("    - podSelector:\n        matchLabels:\n");
                }
                for (key, value) in selector {
                    put(out, &["          ", key, ": ", value, "\n"]);
                }
            }
        }
    }

    fn calico(&self, out: &mut String) {
        match self {
            Peer::Nets(nets) => {
                out.push_str("      nets:\n");
                for net in *nets {
                    put(out, &["      - ", net, "\n"]);
                }
            }
            Peer::Pods { namespace, selector } => {
                if let Some(namespace) = namespace {
                    put(out, &["      namespaceSelector: kubernetes.io/metadata.name == '", namespace, "'\n"]);
                }
                out.push_str("      selector: ");
                expression(out, selector);
            }
        }
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

    /// The pods of one of CloudNativePG's Jobs.
    fn job(&self, role: &str) -> Selector {
        vec![("cnpg.io/cluster", self.name.to_owned()), ("cnpg.io/jobRole", role.to_owned())]
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
