//! `projectcalico.org/v3` policies.
//!
//! Source: Calico, "Network policy": Kubernetes policies are those of the default tier with order 1000, and what any policy
//! of the tier allows is allowed. So both dialects may stand side by side, and each alone permits the same. Selectors are
//! expressions; a rule's entity without a namespace selector is in the policy's own namespace.

use super::lower::Subject;
use super::rules::{PolicyPort, RulePeer, Rules};
use crate::k8s::Custom;
use crate::k8s::calico::{CalicoPolicySpec, Entity, Rule};
use crate::k8s::labels;
use crate::model::Protocol;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use std::borrow::Cow;
use std::fmt::Write as _;

/// A policy that permits `rules`; without any it denies both directions.
pub(super) fn policy(metadata: ObjectMeta, subject: Subject<'_>, rules: &Rules<'_>) -> Custom<CalicoPolicySpec> {
    let mut ingress = Vec::with_capacity(rules.ingress.iter().map(|(_, peers)| peers.len()).sum());
    for ((port, protocol), peers) in &rules.ingress {
        for peer in peers {
            let destination = Entity { ports: vec![*port], ..Entity::default() };
            ingress.push(allow(*protocol, entity(peer, Vec::new()), destination));
        }
    }
    let mut egress = Vec::with_capacity(rules.egress.len());
    for (peer, ports) in &rules.egress {
        for protocol in [Protocol::Tcp, Protocol::Udp] {
            let ports: Vec<u16> =
                ports.iter().filter(|(_, p)| *p == protocol).map(|(port, _): &PolicyPort| *port).collect();
            if !ports.is_empty() {
                egress.push(allow(protocol, Entity::default(), entity(peer, ports)));
            }
        }
    }
    let selector = match subject {
        Subject::AllPods => "all()".to_owned(),
        Subject::Pods(labels) => expression(labels),
    };
    Custom { metadata, spec: CalicoPolicySpec { selector, types: super::lower::directions(rules), ingress, egress } }
}

fn allow(protocol: Protocol, source: Entity, destination: Entity) -> Rule {
    Rule { action: "Allow", protocol: protocol.as_str(), source, destination }
}

fn entity(peer: &RulePeer<'_>, ports: Vec<u16>) -> Entity {
    let by_name = |namespace: &str| format!("{} == '{namespace}'", labels::NAMESPACE_NAME);
    match peer {
        RulePeer::Pods { namespace, selector } => Entity {
            namespace_selector: namespace.map(by_name),
            selector: Some(expression(selector)),
            nets: Vec::new(),
            ports,
        },
        RulePeer::Namespace(namespace) => {
            Entity { namespace_selector: Some(by_name(namespace)), ports, ..Entity::default() }
        }
        RulePeer::Addresses(blocks) => Entity { nets: blocks.clone(), ports, ..Entity::default() },
    }
}

/// `a == 'x' && b == 'y'`. Label values hold no quotes.
fn expression(labels: &[(Cow<'static, str>, String)]) -> String {
    let mut expression = String::new();
    for (key, value) in labels {
        let and = if expression.is_empty() { "" } else { " && " };
        let _ = write!(expression, "{and}{key} == '{value}'");
    }
    expression
}
