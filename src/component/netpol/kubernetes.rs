//! `networking.k8s.io/v1` policies.
//!
//! Source: API reference, `NetworkPolicySpec`: rules are a union; a pod that any policy selects for a direction is denied
//! whatever none of them allows. A peer with a pod selector alone is in the policy's own namespace.

use super::lower::Subject;
use super::rules::{PolicyPort, RulePeer, Rules};
use crate::k8s::labels;
use k8s_openapi::api::networking::v1::{
    IPBlock, NetworkPolicy, NetworkPolicyEgressRule, NetworkPolicyIngressRule, NetworkPolicyPeer, NetworkPolicyPort,
    NetworkPolicySpec,
};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::{LabelSelector, ObjectMeta};
use k8s_openapi::apimachinery::pkg::util::intstr::IntOrString;
use std::borrow::Cow;
use std::collections::BTreeMap;

/// A policy that permits `rules`; without any it denies both directions.
pub(super) fn policy(metadata: ObjectMeta, subject: Subject<'_>, rules: &Rules<'_>) -> NetworkPolicy {
    let ingress: Vec<_> = rules
        .ingress
        .iter()
        .map(|(port, peers)| {
            let mut from = Vec::with_capacity(peers.len());
            from.extend(peers.iter().flat_map(self::peers));
            NetworkPolicyIngressRule { from: Some(from), ports: Some(vec![policy_port(*port)]) }
        })
        .collect();
    let egress: Vec<_> = rules
        .egress
        .iter()
        .map(|(peer, ports)| NetworkPolicyEgressRule {
            to: Some(peers(peer)),
            ports: Some(ports.iter().copied().map(policy_port).collect()),
        })
        .collect();
    let spec = NetworkPolicySpec {
        pod_selector: Some(match subject {
            Subject::AllPods => LabelSelector::default(),
            Subject::Pods(selector) => by_labels(selector),
        }),
        policy_types: Some(super::lower::directions(rules).into_iter().map(str::to_owned).collect()),
        ingress: (!ingress.is_empty()).then_some(ingress),
        egress: (!egress.is_empty()).then_some(egress),
    };
    NetworkPolicy { metadata, spec: Some(spec) }
}

fn policy_port((port, protocol): PolicyPort) -> NetworkPolicyPort {
    NetworkPolicyPort {
        port: Some(IntOrString::Int(i32::from(port))),
        protocol: Some(protocol.as_str().to_owned()),
        end_port: None,
    }
}

fn peers(peer: &RulePeer<'_>) -> Vec<NetworkPolicyPeer> {
    match peer {
        RulePeer::Pods { namespace, selector } => vec![NetworkPolicyPeer {
            namespace_selector: namespace.map(by_name),
            pod_selector: Some(by_labels(selector)),
            ip_block: None,
        }],
        RulePeer::Namespace(namespace) => {
            vec![NetworkPolicyPeer { namespace_selector: Some(by_name(namespace)), ..Default::default() }]
        }
        RulePeer::Addresses(blocks) => blocks
            .iter()
            .map(|block| NetworkPolicyPeer {
                ip_block: Some(IPBlock { cidr: block.clone(), except: None }),
                ..Default::default()
            })
            .collect(),
    }
}

fn by_labels(selector: &[(Cow<'static, str>, String)]) -> LabelSelector {
    let labels = selector.iter().map(|(key, value)| (key.to_string(), value.clone())).collect();
    LabelSelector { match_labels: Some(labels), ..Default::default() }
}

fn by_name(namespace: &str) -> LabelSelector {
    let labels = BTreeMap::from([(labels::NAMESPACE_NAME.to_owned(), namespace.to_owned())]);
    LabelSelector { match_labels: Some(labels), ..Default::default() }
}
