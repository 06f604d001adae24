//! What a policy permits, before any dialect writes it: peers and ports, in a fixed order.

use crate::model::{Connection, Id, Model, NamespaceId, Opener, Peer, Protocol, TargetPort, WorkloadId};
use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

/// A port as a policy sees it: the pods', not the Service's.
pub(super) type PolicyPort = (u16, Protocol);

/// Everything that one policy permits.
#[derive(Debug, Default)]
pub(super) struct Rules<'a> {
    /// For each port, who may come to it.
    pub(super) ingress: Vec<(PolicyPort, Vec<RulePeer<'a>>)>,
    /// For each target, the ports that are used of it.
    pub(super) egress: Vec<(RulePeer<'a>, Vec<PolicyPort>)>,
}

/// One other side.
#[derive(Debug)]
pub(super) enum RulePeer<'a> {
    /// Pods with these labels; the namespace by name, unless it is the policy's own.
    Pods { namespace: Option<&'a str>, selector: &'a [(Cow<'static, str>, String)] },
    /// All pods of a namespace.
    Namespace(&'a str),
    /// Addresses outside of the cluster.
    Addresses(Vec<String>),
}

/// What orders the peers of a rule: namespace, name, and a number where these do not tell two apart. Addresses come last.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct PeerKey<'a>(&'a str, &'a str, usize);

/// After every namespace's name.
const OUTSIDE: &str = "~";

/// The rules of a policy in the namespace `home`.
pub(super) fn rules<'a>(
    model: &'a Model,
    home: NamespaceId,
    incoming: &[&'a Connection],
    outgoing: &[&'a Connection],
) -> Rules<'a> {
    let mut ingress: BTreeMap<PolicyPort, BTreeMap<PeerKey<'a>, RulePeer<'a>>> = BTreeMap::new();
    for connection in incoming {
        let peer = match connection.from {
            Opener::Workload(id) => pods(model, id, home),
            Opener::Namespace(id) => model
                .namespaces
                .get(id)
                .map(|namespace| (PeerKey(&namespace.name, "", 0), RulePeer::Namespace(&namespace.name))),
        };
        if let (Some(port), Some((key, peer))) = (port_of(model, connection), peer) {
            ingress.entry((port.pod_port, port.protocol)).or_default().insert(key, peer);
        }
    }
    let mut egress: BTreeMap<PeerKey<'a>, (RulePeer<'a>, BTreeSet<PolicyPort>)> = BTreeMap::new();
    for connection in outgoing {
        let (Some(port), Some(target)) = (port_of(model, connection), model.targets.get(connection.to)) else {
            continue;
        };
        let peer = match &target.peer {
            Peer::Pods(id) => pods(model, *id, home),
            Peer::Addresses(blocks) => {
                let blocks = blocks.iter().map(|block| block.value.to_string()).collect();
                Some((PeerKey(OUTSIDE, &target.name, 0), RulePeer::Addresses(blocks)))
            }
        };
        let Some((key, peer)) = peer else { continue };
        let rule = egress.entry(key).or_insert_with(|| (peer, BTreeSet::new()));
        rule.1.insert((port.pod_port, port.protocol));
    }
    Rules {
        ingress: ingress.into_iter().map(|(port, peers)| (port, peers.into_values().collect())).collect(),
        egress: merged(egress.into_values())
            .into_iter()
            .map(|(peer, ports)| (peer, ports.into_iter().collect()))
            .collect(),
    }
}

/// Targets that answer at the same addresses, as S3 and the API server in private networks do, are one rule.
fn merged<'a>(
    egress: impl Iterator<Item = (RulePeer<'a>, BTreeSet<PolicyPort>)>,
) -> Vec<(RulePeer<'a>, BTreeSet<PolicyPort>)> {
    let mut merged: Vec<(RulePeer<'a>, BTreeSet<PolicyPort>)> = Vec::new();
    for (peer, ports) in egress {
        if let RulePeer::Addresses(blocks) = &peer
            && let Some((_, known)) =
                merged.iter_mut().find(|(known, _)| matches!(known, RulePeer::Addresses(known) if known == blocks))
        {
            known.extend(ports);
        } else {
            merged.push((peer, ports));
        }
    }
    merged
}

fn port_of<'a>(model: &'a Model, connection: &Connection) -> Option<&'a TargetPort> {
    model.targets.get(connection.to)?.ports.get(connection.port)
}

/// Pods as a peer, seen from a namespace.
fn pods(model: &Model, id: WorkloadId, home: NamespaceId) -> Option<(PeerKey<'_>, RulePeer<'_>)> {
    let workload = model.workloads.get(id)?;
    let namespace = model.namespaces.get(workload.namespace)?;
    let outside = (workload.namespace != home).then_some(namespace.name.as_str());
    let peer = RulePeer::Pods { namespace: outside, selector: &workload.selector };
    Some((PeerKey(&namespace.name, &workload.name, id.index()), peer))
}
