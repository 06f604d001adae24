//! Calico's `NetworkPolicy` and `GlobalNetworkPolicy`.
//!
//! Source: Calico's reference, "Network policy", "Rule", "`EntityRule`"; CRDs `networkpolicies` and `globalnetworkpolicies`
//! of crd.projectcalico.org. Rules are taken in order; an `Allow` adds to what may pass, a `Deny` before it takes away.
//! Without `types` they follow from which rules there are, ingress if there are none.

use super::super::found;
use super::super::permit::{Permit, Relation, explained, texts};
use super::super::subject::{Subject, at};
use super::super::surroundings::{Side, World};
use super::super::words::change;
use super::coverage::{Cover, others};
use super::report;
use crate::diff::change::{Class, Consequence};
use crate::manifest::{Manifest, Value};

/// Direction, the field with its rules, and words.
const DIRECTIONS: [(&str, &str, &str, &str); 2] = [
    ("Ingress", "ingress", "may be reached from", "may no longer be reached from"),
    ("Egress", "egress", "may connect to", "may no longer connect to"),
];

pub(super) fn rule(subject: &Subject<'_>, world: &World<'_>, out: &mut Vec<Consequence>) {
    if subject.has_same_spec() {
        return;
    }
    let pods = |value| {
        let selector = at(value, "spec.selector").and_then(Value::as_str).unwrap_or("");
        if matches!(selector, "" | "all()") { "all pods".to_owned() } else { format!("pods {}", short(selector)) }
    };
    let (was, is) = (pods(subject.old), pods(subject.new));
    for (direction, field, may, may_not) in DIRECTIONS {
        let (old, new) = (concerned(subject.old, direction), concerned(subject.new, direction));
        let (before, after) = (old && subject.old.get("spec").is_some(), new && subject.new.get("spec").is_some());
        let allowed = |value, action| permits(value, field, action);
        let name = direction.to_lowercase();
        if before && after && subject.is_changed() {
            let fields = subject.touched(&format!("spec.{field}"));
            let (old, new) = (allowed(subject.old, "Allow"), allowed(subject.new, "Allow"));
            report(subject, &explained(&old, &new), (&format!("{is} {may}"), &format!("{is} {may_not}")), &fields, out);
            let (old, new) = (allowed(subject.old, "Deny"), allowed(subject.new, "Deny"));
            let difference = explained(&old, &new);
            if !difference.wider.is_empty() {
                let text = format!("{is}: refused from now on ({name}): {}", texts(&difference.wider));
                out.push(found(Class::ExposureNarrower, text, fields.clone()));
            }
            if !difference.narrower.is_empty() {
                let text = format!("{is}: no longer refused ({name}): {}", texts(&difference.narrower));
                out.push(found(Class::ExposureWider, text, fields));
            }
            continue;
        }
        let fields = subject.touched_any(["spec.types", &format!("spec.{field}")]);
        if before {
            let cover = others(subject, world, Side::New, &|other| same_pods(other, subject.old, direction));
            removed(&was, &name, &allowed(subject.old, "Allow"), may_not, cover, &fields, out);
        }
        if after {
            let cover = others(subject, world, Side::Old, &|other| same_pods(other, subject.new, direction));
            added(&is, &name, &allowed(subject.new, "Allow"), may, cover, &fields, out);
        }
    }
    if subject.is_changed() {
        selected(subject, &was, &is, out);
        order(subject, out);
        sequence(subject, out);
    }
}

/// A selector without the prefixes of well-known labels.
fn short(selector: &str) -> String {
    selector.replace("app.kubernetes.io/", "").replace("kubernetes.io/metadata.name == ", "")
}

fn concerned(policy: &Value<'_>, direction: &str) -> bool {
    let rules = |field| at(policy, field).is_some_and(|rules| !rules.items().is_empty());
    match at(policy, "spec.types") {
        Some(types) => types.items().iter().any(|name| name.as_str() == Some(direction)),
        None if direction == "Egress" => rules("spec.egress"),
        None => rules("spec.ingress") || !rules("spec.egress"),
    }
}

/// Another policy of the same namespace for all pods or for the same ones.
fn same_pods(other: &Manifest<'_>, policy: &Value<'_>, direction: &str) -> bool {
    let selector = |value| at(value, "spec.selector").and_then(Value::as_str).unwrap_or("all()").to_owned();
    let theirs = selector(&other.value);
    concerned(&other.value, direction) && (theirs == "all()" || theirs.is_empty() || theirs == selector(policy))
}

fn removed(
    pods: &str,
    name: &str,
    old: &[Permit],
    may_not: &str,
    cover: Cover,
    fields: &[usize],
    out: &mut Vec<Consequence>,
) {
    if cover != Cover::Covered {
        let unless = if cover == Cover::Open { "" } else { ", unless another policy selects them" };
        let text = format!("{pods} are no longer restricted ({name}) by Calico{unless}");
        out.push(found(Class::ExposureWider, text, fields.to_vec()));
    }
    if cover != Cover::Open && !old.is_empty() {
        let unless = if cover == Cover::Covered { "" } else { ", if another policy selects them" };
        let text = format!("{pods} {may_not} {}{unless}", texts(old));
        out.push(found(Class::ExposureNarrower, text, fields.to_vec()));
    }
    if cover == Cover::Covered && old.is_empty() {
        let text = format!("{pods} stay closed ({name}): another policy selects them as well");
        out.push(found(Class::InPlace, text, fields.to_vec()));
    }
}

fn added(
    pods: &str,
    name: &str,
    new: &[Permit],
    may: &str,
    cover: Cover,
    fields: &[usize],
    out: &mut Vec<Consequence>,
) {
    let allowed = texts(new);
    if cover != Cover::Open && !new.is_empty() {
        let unless = if cover == Cover::Covered { "" } else { ", if another policy selected them before" };
        out.push(found(Class::ExposureWider, format!("{pods} {may} {allowed}{unless}"), fields.to_vec()));
    }
    if cover != Cover::Covered {
        let unless =
            if cover == Cover::Open { ": none selected them before" } else { ", if none selected them before" };
        let text = if new.is_empty() {
            format!("{pods} are closed ({name}) but for what other policies allow{unless}")
        } else {
            format!("{pods} {may} {allowed} and nothing else{unless}")
        };
        out.push(found(Class::ExposureNarrower, text, fields.to_vec()));
    } else if new.is_empty() {
        let text = format!("{pods} stay as they are ({name}): another policy selects them as well");
        out.push(found(Class::InPlace, text, fields.to_vec()));
    }
}

/// What rules of an action match.
fn permits(policy: &Value<'_>, field: &str, action: &str) -> Vec<Permit> {
    let rules = at(policy, "spec").and_then(|spec| spec.get(field)).map_or(&[][..], Value::items);
    let of_action = rules.iter().filter(|rule| rule.get("action").and_then(Value::as_str) == Some(action));
    // From the policy's pods, the other end of ingress is the source.
    let (peer, own) = if field == "ingress" { ("source", "destination") } else { ("destination", "source") };
    of_action.flat_map(|rule| permits_of(rule, field, peer, own)).collect()
}

fn permits_of(rule: &Value<'_>, field: &str, peer: &str, own: &str) -> Vec<Permit> {
    let empty = Value::Null;
    let side = |name: &str| rule.get(name).unwrap_or(&empty);
    let text = |value: &Value<'_>, name: &str| value.get(name).and_then(Value::as_str).unwrap_or("").to_owned();
    let list = |value: &Value<'_>, name: &str| -> Vec<String> {
        value.get(name).map_or(&[][..], Value::items).iter().filter_map(plain).collect()
    };
    let protocol = rule.get("protocol").and_then(plain).unwrap_or_else(|| "*".to_owned());
    let ports = list(side("destination"), "ports");
    let other = side(peer);
    let (selector, namespaces, accounts) = (
        text(other, "selector"),
        text(other, "namespaceSelector"),
        text(&side_value(other, "serviceAccounts"), "selector"),
    );
    let (nets, not_nets) = (list(other, "nets"), list(other, "notNets"));
    let mut words = Vec::new();
    if !selector.is_empty() {
        words.push(format!("pods {}", short(&selector)));
    }
    if !namespaces.is_empty() {
        words.push(format!("of namespaces {}", short(&namespaces).replace("projectcalico.org/name == ", "")));
    }
    if !accounts.is_empty() {
        words.push(format!("with service account {accounts}"));
    }
    if !nets.is_empty() {
        words.push(nets.join(", "));
    }
    if !not_nets.is_empty() {
        words.push(format!("but {}", not_nets.join(", ")));
    }
    let names = list(&side_value(other, "serviceAccounts"), "names");
    let domains = list(other, "domains");
    let services = text(&side_value(other, "services"), "name");
    words.extend((!names.is_empty()).then(|| format!("service accounts {}", names.join(", "))));
    words.extend((!domains.is_empty()).then(|| domains.join(", ")));
    words.extend((!services.is_empty()).then(|| format!("the Service {services}")));
    let who = if words.is_empty() { "everywhere".to_owned() } else { words.join(" ") };
    // What is not understood in detail is a condition as a whole: it never covers anything but itself.
    let known = ["selector", "namespaceSelector", "nets", "notNets", "ports", "serviceAccounts", "domains", "services"];
    let rest: Vec<String> = other
        .entries()
        .iter()
        .filter(|(key, _)| !known.contains(&key.as_ref()))
        .chain(side(own).entries().iter().filter(|(key, _)| key.as_ref() != "ports" || own == "source"))
        .chain(
            rule.entries()
                .iter()
                .filter(|(key, _)| matches!(key.as_ref(), "icmp" | "notICMP" | "http" | "notProtocol" | "ipVersion")),
        )
        .map(|(key, value)| format!("{key} {value:?}"))
        .collect();
    let permit = Permit::new(who, format!("spec.{field}"))
        .only("selector", Relation::Equal, some(selector))
        .only("namespaces", Relation::Equal, some(namespaces))
        .only("accounts", Relation::Equal, some(accounts))
        .only("account", Relation::Equal, names)
        .only("domains", Relation::Wildcard, domains)
        .only("service", Relation::Equal, some(services))
        .only("nets", Relation::Network, nets)
        .only("nets", Relation::Except, not_nets)
        .only("more", Relation::Equal, some(rest.join("; ")));
    let shown = |port: &str| match (protocol.as_str(), port) {
        ("*", "*") => "all ports".to_owned(),
        (protocol, "*") => format!("all {protocol} ports"),
        (protocol, port) => format!("{protocol} {}", port.replace(':', " to ")),
    };
    let ports = if ports.is_empty() { vec!["*".to_owned()] } else { ports };
    ports
        .iter()
        .map(|port| {
            let text = format!("{} on {}", permit.text, shown(port));
            let key = format!("{protocol}/{}", port.replace(':', "-"));
            let permit = permit.clone().called(text);
            if key == "*/*" { permit } else { permit.only("port", Relation::Port, [key]) }
        })
        .collect()
}

fn side_value<'a>(value: &Value<'a>, name: &str) -> Value<'a> {
    value.get(name).cloned().unwrap_or(Value::Null)
}

fn some(text: String) -> Option<String> {
    (!text.is_empty()).then_some(text)
}

fn plain(value: &Value<'_>) -> Option<String> {
    match value {
        Value::String(text) | Value::Number(text) => Some(text.to_string()),
        _ => None,
    }
}

fn selected(subject: &Subject<'_>, was: &str, is: &str, out: &mut Vec<Consequence>) {
    let fields = subject.touched_any(["spec.selector", "spec.namespaceSelector", "spec.serviceAccountSelector"]);
    if fields.is_empty() {
        return;
    }
    let text = format!("the policy is for {is}, no longer for {was}");
    if is != "all pods" {
        let text = format!("{text}: those that it leaves are open unless another policy selects them");
        out.push(found(Class::ExposureWider, text, fields.clone()));
    }
    if was != "all pods" {
        let text = format!("{text}: those that it finds are restricted to what policies allow");
        out.push(found(Class::ExposureNarrower, text, fields));
    }
}

/// Where the policy stands among the others.
fn order(subject: &Subject<'_>, out: &mut Vec<Consequence>) {
    for field in ["order", "tier"] {
        let fields = subject.touched(&format!("spec.{field}"));
        if !fields.is_empty() {
            let (old, new) = subject.both(&format!("spec.{field}"));
            let text = format!(
                "the policy is evaluated at another place among the others ({field} {}): rules that deny may now come first or last",
                change(old, new)
            );
            out.push(found(Class::ExposureWider, text, fields));
        }
    }
}

/// Rules that allow may stand in any order; one that denies or passes on counts for those behind it.
fn sequence(subject: &Subject<'_>, out: &mut Vec<Consequence>) {
    for field in ["ingress", "egress"] {
        let path = format!("spec.{field}");
        let fields = subject.touched(&path);
        let said = |index: &usize| out.iter().any(|consequence| consequence.fields.contains(index));
        let left: Vec<usize> = fields.into_iter().filter(|index| !said(index)).collect();
        let allows_only = |value| {
            let rules = at(value, &path).map_or(&[][..], Value::items);
            rules.iter().all(|rule| rule.get("action").and_then(Value::as_str) == Some("Allow"))
        };
        let in_any_order = allows_only(subject.old) && allows_only(subject.new);
        if !left.is_empty() && !in_any_order {
            let text = format!(
                "rules are evaluated otherwise ({field}): what is refused or passed on before others may change"
            );
            out.push(found(Class::ExposureWider, text, left));
        }
    }
}
