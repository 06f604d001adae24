//! `NetworkPolicy` of Kubernetes.
//!
//! Source: the API reference, `NetworkPolicySpec`; "Network Policies". Peers of one rule are alternatives, so are its
//! ports; a rule without `from` or `to` is for everybody; a port without protocol is TCP.

use super::super::permit::{Permit, Relation, explained};
use super::super::pods::selector;
use super::super::subject::{Subject, at};
use super::super::surroundings::{Side, World};
use super::super::{found, permit};
use super::coverage::{Cover, others, selects_as_much};
use super::report;
use crate::diff::change::{Class, Consequence};
use crate::manifest::{Manifest, Value};

/// A direction of traffic, in the words of a policy.
#[derive(Clone, Copy)]
struct Direction {
    /// As in `policyTypes`.
    name: &'static str,
    /// The field with the rules, and the one with the peers.
    rules: &'static str,
    peers: &'static str,
    /// `may be reached from`, `may connect to`.
    may: &'static str,
    may_not: &'static str,
    open: &'static str,
    closed: &'static str,
}

const INGRESS: Direction = Direction {
    name: "Ingress",
    rules: "ingress",
    peers: "from",
    may: "may be reached from",
    may_not: "may no longer be reached from",
    open: "may be reached from everywhere",
    closed: "may be reached only as policies allow",
};
const EGRESS: Direction = Direction {
    name: "Egress",
    rules: "egress",
    peers: "to",
    may: "may connect to",
    may_not: "may no longer connect to",
    open: "may connect to anything",
    closed: "may connect only as policies allow",
};

pub(super) fn rule(subject: &Subject<'_>, world: &World<'_>, out: &mut Vec<Consequence>) {
    if subject.has_same_spec() {
        return;
    }
    for direction in [INGRESS, EGRESS] {
        let (old, new) = (permits(subject.old, direction), permits(subject.new, direction));
        match (subject.is_changed(), old, new) {
            (_, None, None) => {}
            (true, Some(old), Some(new)) => changed(subject, direction, &old, &new, out),
            (_, old, new) => {
                if let Some(old) = old {
                    opened(subject, world, direction, &old, out);
                }
                if let Some(new) = new {
                    closed(subject, world, direction, &new, out);
                }
            }
        }
    }
    if subject.is_changed() {
        selected(subject, out);
    }
}

/// What a policy allows in a direction; `None` if it does not concern itself with it.
fn permits(policy: &Value<'_>, direction: Direction) -> Option<Vec<Permit>> {
    let spec = policy.get("spec")?;
    let concerned = match spec.get("policyTypes") {
        Some(types) => types.items().iter().any(|name| name.as_str() == Some(direction.name)),
        None => direction.name == "Ingress" || spec.get(direction.rules).is_some_and(|rules| !rules.items().is_empty()),
    };
    if !concerned {
        return None;
    }
    let mut found = Vec::new();
    for rule in spec.get(direction.rules).map_or(&[][..], Value::items) {
        let path = format!("spec.{}", direction.rules);
        let peers = rule.get(direction.peers).map_or(&[][..], Value::items);
        let peers: Vec<Permit> = if peers.is_empty() {
            vec![Permit::new("everywhere", path)]
        } else {
            peers.iter().map(|p| peer(p, &path)).collect()
        };
        let ports = rule.get("ports").map_or(&[][..], Value::items);
        for peer in peers {
            if ports.is_empty() {
                let text = format!("{} on all ports", peer.text);
                found.push(peer.called(text));
                continue;
            }
            for port in ports {
                let (key, text) = self::port(port);
                let text = format!("{} on {text}", peer.text);
                found.push(peer.clone().called(text).only("port", Relation::Port, [key]));
            }
        }
    }
    Some(found)
}

fn peer(peer: &Value<'_>, path: &str) -> Permit {
    if let Some(block) = peer.get("ipBlock") {
        let cidr = block.get("cidr").and_then(Value::as_str).unwrap_or("");
        let except: Vec<&str> =
            block.get("except").map_or(&[][..], Value::items).iter().filter_map(Value::as_str).collect();
        let text = if except.is_empty() { cidr.to_owned() } else { format!("{cidr} but {}", except.join(", ")) };
        return Permit::new(text, path).only("addresses", Relation::Network, [cidr]).only(
            "addresses",
            Relation::Except,
            except,
        );
    }
    let (pods, namespaces) = (peer.get("podSelector"), peer.get("namespaceSelector"));
    let who =
        if pods.is_none_or(|pods| selector(Some(pods)) == "all pods") { "all pods".to_owned() } else { selector(pods) };
    let whose = match namespaces {
        None => "of the same namespace".to_owned(),
        Some(namespaces) => match selector(Some(namespaces)).strip_prefix("pods ") {
            None => "of all namespaces".to_owned(),
            Some(terms) => format!("of namespaces {}", terms.replace("metadata.name=", "")),
        },
    };
    let mut permit = Permit::new(format!("{who} {whose}"), path).only("kind", Relation::Equal, ["pods"]);
    permit = conditions(permit, "pods", pods);
    match namespaces {
        None => permit.only("namespace", Relation::Equal, ["own"]),
        Some(namespaces) => conditions(permit, "namespace", Some(namespaces)),
    }
}

/// Each label of a selector is a condition.
fn conditions(mut permit: Permit, what: &str, selector: Option<&Value<'_>>) -> Permit {
    let labels = selector.and_then(|selector| selector.get("matchLabels")).map_or(&[][..], Value::entries);
    for (key, value) in labels {
        permit = permit.only(format!("{what} {key}"), Relation::Equal, value.as_str());
    }
    let expressions = selector.and_then(|selector| selector.get("matchExpressions")).map_or(&[][..], Value::items);
    for expression in expressions {
        let key = expression.get("key").and_then(Value::as_str).unwrap_or("");
        let operator = expression.get("operator").and_then(Value::as_str).unwrap_or("");
        let values = expression.get("values").map_or(&[][..], Value::items).iter().filter_map(Value::as_str);
        permit = if operator == "In" {
            permit.only(format!("{what} {key}"), Relation::Equal, values)
        } else {
            // Each stands for itself: two `NotIn` of one key both hold.
            let values: Vec<&str> = values.collect();
            permit.only(format!("{what} {key} {operator} {}", values.join(",")), Relation::Equal, ["yes"])
        };
    }
    permit
}

/// The key to compare a port by, and how it is said.
fn port(port: &Value<'_>) -> (String, String) {
    let protocol = port.get("protocol").and_then(Value::as_str).unwrap_or("TCP");
    let number = match port.get("port") {
        Some(Value::Number(text) | Value::String(text)) => text.to_string(),
        _ => return (format!("{protocol}/*"), format!("all {protocol} ports")),
    };
    match port.get("endPort").and_then(Value::as_i64) {
        Some(end) => (format!("{protocol}/{number}-{end}"), format!("{protocol} {number} to {end}")),
        None => (format!("{protocol}/{number}"), format!("{protocol} {number}")),
    }
}

fn subjects(policy: &Value<'_>) -> String {
    selector(at(policy, "spec.podSelector"))
}

fn changed(subject: &Subject<'_>, direction: Direction, old: &[Permit], new: &[Permit], out: &mut Vec<Consequence>) {
    let pods = subjects(subject.new);
    let leads = (format!("{pods} {}", direction.may), format!("{pods} {}", direction.may_not));
    let fields = subject.touched(&format!("spec.{}", direction.rules));
    report(subject, &explained(old, new), (&leads.0, &leads.1), &fields, out);
}

/// Whether another policy selects these pods and concerns itself with the direction.
fn selects<'p>(policy: &'p Value<'p>, direction: Direction) -> impl Fn(&Manifest<'_>) -> bool + 'p {
    move |other| {
        permits(&other.value, direction).is_some()
            && selects_as_much(at(&other.value, "spec.podSelector"), at(policy, "spec.podSelector"))
    }
}

/// The policy no longer concerns itself with the direction, or is gone.
fn opened(subject: &Subject<'_>, world: &World<'_>, direction: Direction, old: &[Permit], out: &mut Vec<Consequence>) {
    let pods = subjects(subject.old);
    let fields = subject.touched_any(["spec.policyTypes", &format!("spec.{}", direction.rules)]);
    let cover = others(subject, world, Side::New, &selects(subject.old, direction));
    let name = direction.name.to_lowercase();
    if cover != Cover::Covered {
        let unless = if cover == Cover::Unknown {
            ", unless another policy selects them"
        } else {
            ": no other policy selects them"
        };
        let text = format!("{pods} {}{unless} ({name} is no longer restricted)", direction.open);
        out.push(found(Class::ExposureWider, text, fields.clone()));
    }
    if cover != Cover::Open && !old.is_empty() {
        let texts = permit::texts(old);
        let unless = if cover == Cover::Unknown {
            ", if another policy selects them"
        } else {
            ", which other policies still restrict"
        };
        let text = format!("{pods} {} {texts}{unless}", direction.may_not);
        out.push(found(Class::ExposureNarrower, text, fields));
    } else if cover == Cover::Covered && old.is_empty() {
        let text = format!("{pods} stay closed ({name}): another policy selects them as well");
        out.push(found(Class::InPlace, text, fields));
    }
}

/// The policy is new, or now concerns itself with the direction.
fn closed(subject: &Subject<'_>, world: &World<'_>, direction: Direction, new: &[Permit], out: &mut Vec<Consequence>) {
    let pods = subjects(subject.new);
    let fields = subject.touched_any(["spec.policyTypes", &format!("spec.{}", direction.rules)]);
    let cover = others(subject, world, Side::Old, &selects(subject.new, direction));
    let texts = permit::texts(new);
    if cover != Cover::Open && !new.is_empty() {
        let unless = if cover == Cover::Unknown { ", if another policy selected them before" } else { "" };
        out.push(found(Class::ExposureWider, format!("{pods} {} {texts}{unless}", direction.may), fields.clone()));
    }
    if cover != Cover::Covered {
        let only = if new.is_empty() {
            format!("{pods} {}", direction.closed)
        } else {
            format!("{pods} {} {texts} and nothing else", direction.may)
        };
        let unless =
            if cover == Cover::Unknown { ", if none selected them before" } else { ": none selected them before" };
        let text =
            if new.is_empty() { format!("{only}{unless}; this one allows nothing") } else { format!("{only}{unless}") };
        out.push(found(Class::ExposureNarrower, text, fields));
    } else if new.is_empty() {
        let text =
            format!("{pods} stay as they are ({}): another policy selects them as well", direction.name.to_lowercase());
        out.push(found(Class::InPlace, text, fields));
    }
}

/// The policy is for other pods.
fn selected(subject: &Subject<'_>, out: &mut Vec<Consequence>) {
    let fields = subject.touched("spec.podSelector");
    if fields.is_empty() {
        return;
    }
    let (old, new) = subject.both("spec.podSelector");
    let (was, is) = (subjects(subject.old), subjects(subject.new));
    if !selects_as_much(new, old) {
        let text = format!(
            "the policy is for {is} only, no longer for {was}: those are open unless another policy selects them"
        );
        out.push(found(Class::ExposureWider, text, fields.clone()));
    }
    if !selects_as_much(old, new) {
        let text = format!("the policy is for {is} now: they are restricted to what it and other policies allow");
        out.push(found(Class::ExposureNarrower, text, fields));
    }
}
