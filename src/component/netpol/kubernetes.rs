//! `networking.k8s.io/v1` policies.
//!
//! Source: API reference, `NetworkPolicySpec`: rules are a union; a pod that any policy selects for a direction is denied
//! whatever none of them allows. A peer with a pod selector alone is in the policy's own namespace.

use super::lower::Permitted;
use crate::k8s::labels;
use crate::model::{Connection, Id, Model, Namespace, NamespaceId, Opener, Peer, TargetPort, Workload, WorkloadId};
use crate::plan::{metadata, pod};
use k8s_openapi::api::networking::v1::{
    IPBlock, NetworkPolicy, NetworkPolicyEgressRule, NetworkPolicyIngressRule, NetworkPolicyPeer, NetworkPolicyPort,
    NetworkPolicySpec,
};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::LabelSelector;
use k8s_openapi::apimachinery::pkg::util::intstr::IntOrString;
use std::collections::{BTreeMap, BTreeSet};

const DENY_ALL: &str = "default-deny";
const ALL_PODS: &str = "all-pods";

/// Denies both directions to every pod of a namespace.
pub(super) fn deny_all(model: &Model, namespace: &Namespace) -> NetworkPolicy {
    let labels = labels::of_platform(&model.platform.name);
    let spec = NetworkPolicySpec {
        pod_selector: Some(LabelSelector::default()),
        policy_types: Some(vec!["Ingress".to_owned(), "Egress".to_owned()]),
        ..Default::default()
    };
    NetworkPolicy { metadata: metadata(DENY_ALL, &namespace.name, labels), spec: Some(spec) }
}

/// Permits what every pod of a namespace does.
pub(super) fn of_namespace(model: &Model, permitted: &Permitted<'_>) -> NetworkPolicy {
    let labels = labels::of_platform(&model.platform.name);
    NetworkPolicy {
        metadata: metadata(ALL_PODS, &permitted.namespace.name, labels),
        spec: Some(spec(model, LabelSelector::default(), permitted)),
    }
}

/// Permits what the pods of one workload do.
pub(super) fn of_workload(model: &Model, workload: &Workload, permitted: &Permitted<'_>) -> NetworkPolicy {
    let labels = labels::of_application(&model.platform.name, &workload.key);
    let selector = LabelSelector { match_labels: Some(pod::selector(workload)), ..Default::default() };
    NetworkPolicy {
        metadata: metadata(&workload.name, &permitted.namespace.name, labels),
        spec: Some(spec(model, selector, permitted)),
    }
}

fn spec(model: &Model, pod_selector: LabelSelector, permitted: &Permitted<'_>) -> NetworkPolicySpec {
    let ingress = ingress(model, permitted);
    let egress = egress(model, permitted);
    let mut policy_types = Vec::new();
    if !ingress.is_empty() {
        policy_types.push("Ingress".to_owned());
    }
    if !egress.is_empty() {
        policy_types.push("Egress".to_owned());
    }
    NetworkPolicySpec {
        pod_selector: Some(pod_selector),
        policy_types: Some(policy_types),
        ingress: (!ingress.is_empty()).then_some(ingress),
        egress: (!egress.is_empty()).then_some(egress),
    }
}

/// A port as a policy sees it.
type PolicyPort = (u16, crate::model::Protocol);

/// One rule for each port, with everyone who may come to it.
fn ingress(model: &Model, permitted: &Permitted<'_>) -> Vec<NetworkPolicyIngressRule> {
    let mut rules: BTreeMap<PolicyPort, BTreeMap<PeerKey<'_>, NetworkPolicyPeer>> = BTreeMap::new();
    for connection in &permitted.incoming {
        let Some(port) = port_of(model, connection) else { continue };
        let (key, peer) = match connection.from {
            Opener::Workload(id) => match pods(model, id, permitted.namespace_id) {
                Some(found) => found,
                None => continue,
            },
            Opener::Namespace(id) => match model.namespaces.get(id) {
                Some(namespace) => (
                    PeerKey(&namespace.name, "", 0),
                    NetworkPolicyPeer { namespace_selector: Some(by_name(&namespace.name)), ..Default::default() },
                ),
                None => continue,
            },
        };
        rules.entry((port.pod_port, port.protocol)).or_default().insert(key, peer);
    }
    let rule = |(port, peers): (PolicyPort, BTreeMap<_, NetworkPolicyPeer>)| NetworkPolicyIngressRule {
        from: Some(peers.into_values().collect()),
        ports: Some(vec![policy_port(port)]),
    };
    rules.into_iter().map(rule).collect()
}

/// One rule for each target, with the ports that are used of it.
fn egress(model: &Model, permitted: &Permitted<'_>) -> Vec<NetworkPolicyEgressRule> {
    let mut rules: BTreeMap<PeerKey<'_>, (Vec<NetworkPolicyPeer>, BTreeSet<PolicyPort>)> = BTreeMap::new();
    for (index, connection) in permitted.outgoing.iter().enumerate() {
        let (Some(port), Some(target)) = (port_of(model, connection), model.targets.get(connection.to)) else {
            continue;
        };
        let (key, peers) = match &target.peer {
            Peer::Pods(id) => match pods(model, *id, permitted.namespace_id) {
                Some((key, peer)) => (key, vec![peer]),
                None => continue,
            },
            Peer::Addresses(blocks) => {
                let peer = |block: &crate::decode::At<crate::value::Cidr>| NetworkPolicyPeer {
                    ip_block: Some(IPBlock { cidr: block.value.to_string(), except: None }),
                    ..Default::default()
                };
                // Addresses come after pods; two externals with the same addresses stay two rules.
                (PeerKey("~", &target.name, index), blocks.iter().map(peer).collect())
            }
        };
        let rule = rules.entry(key).or_insert_with(|| (peers, BTreeSet::new()));
        rule.1.insert((port.pod_port, port.protocol));
    }
    let rule = |(peers, ports): (Vec<NetworkPolicyPeer>, BTreeSet<PolicyPort>)| NetworkPolicyEgressRule {
        to: Some(peers),
        ports: Some(ports.into_iter().map(policy_port).collect()),
    };
    rules.into_values().map(rule).collect()
}

/// What orders the peers of a rule: namespace, name, and a number where these do not tell two apart.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct PeerKey<'a>(&'a str, &'a str, usize);

fn port_of<'a>(model: &'a Model, connection: &Connection) -> Option<&'a TargetPort> {
    model.targets.get(connection.to)?.ports.get(connection.port)
}

fn policy_port((port, protocol): PolicyPort) -> NetworkPolicyPort {
    NetworkPolicyPort {
        port: Some(IntOrString::Int(i32::from(port))),
        protocol: Some(protocol.as_str().to_owned()),
        end_port: None,
    }
}

/// Pods as a peer, seen from a namespace.
fn pods(model: &Model, id: WorkloadId, from: NamespaceId) -> Option<(PeerKey<'_>, NetworkPolicyPeer)> {
    let workload = model.workloads.get(id)?;
    let namespace = model.namespaces.get(workload.namespace)?;
    let peer = NetworkPolicyPeer {
        namespace_selector: (workload.namespace != from).then(|| by_name(&namespace.name)),
        pod_selector: Some(LabelSelector { match_labels: Some(pod::selector(workload)), ..Default::default() }),
        ip_block: None,
    };
    Some((PeerKey(&namespace.name, &workload.name, id.index()), peer))
}

fn by_name(namespace: &str) -> LabelSelector {
    let labels = BTreeMap::from([(labels::NAMESPACE_NAME.to_owned(), namespace.to_owned())]);
    LabelSelector { match_labels: Some(labels), ..Default::default() }
}
