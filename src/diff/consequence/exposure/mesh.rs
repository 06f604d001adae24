//! Istio's `AuthorizationPolicy`, `PeerAuthentication` and `RequestAuthentication`.
//!
//! Source: Istio's reference, "Authorization Policy": pods that no ALLOW policy selects take everything; with one they take
//! what any of them allows, and an ALLOW policy without rules allows nothing; DENY comes first. "PeerAuthentication":
//! `STRICT` takes mutual TLS only, `PERMISSIVE` plain text too; the nearest policy wins: port, workload, namespace, mesh.

use super::super::found;
use super::super::permit::{Permit, Relation, explained, texts};
use super::super::pods::selector;
use super::super::subject::{Subject, at};
use super::super::surroundings::{Side, World};
use super::super::words::{change, list};
use super::coverage::{Cover, others, selects_as_much};
use super::report;
use crate::diff::change::{Class, Consequence, Fate};
use crate::manifest::{Manifest, Value};

pub(super) fn rule(subject: &Subject<'_>, world: &World<'_>, out: &mut Vec<Consequence>) {
    match subject.id.kind.as_str() {
        "AuthorizationPolicy" => authorization(subject, world, out),
        "PeerAuthentication" => peers(subject, out),
        "RequestAuthentication" => tokens(subject, out),
        _ => {}
    }
}

fn pods(policy: &Value<'_>) -> String {
    selector(at(policy, "spec.selector"))
}

fn action<'v>(policy: &'v Value<'_>) -> &'v str {
    at(policy, "spec.action").and_then(Value::as_str).unwrap_or("ALLOW")
}

fn authorization(subject: &Subject<'_>, world: &World<'_>, out: &mut Vec<Consequence>) {
    let (old, new) = (action(subject.old), action(subject.new));
    if subject.is_changed() && old == new {
        let leads = match new {
            "DENY" => ("refused from now on:", "no longer refused:"),
            "ALLOW" => ("may be called:", "may no longer be called:"),
            _ => return,
        };
        let pods = pods(subject.new);
        let leads = (format!("{pods} {}", leads.0), format!("{pods} {}", leads.1));
        let (before, after) = (permits(subject.old), permits(subject.new));
        let mut found_here = Vec::new();
        let fields = subject.touched("spec.rules");
        report(subject, &explained(&before, &after), (&leads.0, &leads.1), &fields, &mut found_here);
        if new == "DENY" {
            for consequence in &mut found_here {
                consequence.class = opposite(consequence.class);
            }
        }
        out.append(&mut found_here);
        selected(subject, new, out);
        return;
    }
    let fields = subject.touched("spec.action");
    if subject.old.get("spec").is_some() {
        removed(subject, world, old, &fields, out);
    }
    if subject.new.get("spec").is_some() {
        added(subject, world, new, &fields, out);
    }
}

fn opposite(class: Class) -> Class {
    match class {
        Class::ExposureWider => Class::ExposureNarrower,
        Class::ExposureNarrower => Class::ExposureWider,
        other => other,
    }
}

fn same_pods<'p>(policy: &'p Value<'p>) -> impl Fn(&Manifest<'_>) -> bool + 'p {
    |other| {
        action(&other.value) == "ALLOW"
            && selects_as_much(at(&other.value, "spec.selector"), at(policy, "spec.selector"))
    }
}

fn removed(subject: &Subject<'_>, world: &World<'_>, action: &str, fields: &[usize], out: &mut Vec<Consequence>) {
    let (pods, permits) = (pods(subject.old), permits(subject.old));
    let said = texts(&permits);
    match action {
        "ALLOW" => {
            let cover = others(subject, world, Side::New, &same_pods(subject.old));
            if cover != Cover::Covered {
                let unless = if cover == Cover::Open { "" } else { ", unless another ALLOW policy selects them" };
                let text = format!("{pods} may be called by everybody who reaches them{unless}");
                out.push(found(Class::ExposureWider, text, fields.to_vec()));
            }
            if cover != Cover::Open && !permits.is_empty() {
                let unless = if cover == Cover::Covered { "" } else { ", if another ALLOW policy selects them" };
                let text = format!("{pods} may no longer be called: {said}{unless}");
                out.push(found(Class::ExposureNarrower, text, fields.to_vec()));
            }
        }
        "DENY" => {
            out.push(found(Class::ExposureWider, format!("{pods}: no longer refused: {said}"), fields.to_vec()));
        }
        "CUSTOM" => {
            let text = format!("{pods}: the external authorizer is no longer asked");
            out.push(found(Class::ExposureWider, text, fields.to_vec()));
        }
        _ => out.push(found(Class::InPlace, "requests are no longer audited", fields.to_vec())),
    }
}

fn added(subject: &Subject<'_>, world: &World<'_>, action: &str, fields: &[usize], out: &mut Vec<Consequence>) {
    let (pods, permits) = (pods(subject.new), permits(subject.new));
    let said = texts(&permits);
    match action {
        "ALLOW" => {
            let cover = others(subject, world, Side::Old, &same_pods(subject.new));
            if cover != Cover::Open && !permits.is_empty() {
                let unless =
                    if cover == Cover::Covered { "" } else { ", if another ALLOW policy selected them before" };
                let text = format!("{pods} may be called: {said}{unless}");
                out.push(found(Class::ExposureWider, text, fields.to_vec()));
            }
            if cover != Cover::Covered {
                let unless = if cover == Cover::Open { "" } else { ", if none selected them before" };
                let text = if permits.is_empty() {
                    format!("{pods} may be called by nobody but for what other policies allow{unless}")
                } else {
                    format!("{pods} may be called so and by nobody else: {said}{unless}")
                };
                out.push(found(Class::ExposureNarrower, text, fields.to_vec()));
            }
        }
        "DENY" => {
            out.push(found(Class::ExposureNarrower, format!("{pods}: refused from now on: {said}"), fields.to_vec()));
        }
        "CUSTOM" => {
            let text = format!("{pods}: an external authorizer is asked as well");
            out.push(found(Class::ExposureNarrower, text, fields.to_vec()));
        }
        _ => out.push(found(Class::InPlace, "requests are audited", fields.to_vec())),
    }
}

fn selected(subject: &Subject<'_>, action: &str, out: &mut Vec<Consequence>) {
    let fields = subject.touched_any(["spec.selector", "spec.targetRef", "spec.targetRefs"]);
    if fields.is_empty() {
        return;
    }
    let (was, is) = (pods(subject.old), pods(subject.new));
    let text = format!("the policy ({action}) is for {is}, no longer for {was}");
    let (old, new) = subject.both("spec.selector");
    if !selects_as_much(new, old) {
        out.push(found(
            Class::ExposureWider,
            format!("{text}: those that it leaves are as open as other policies let them"),
            fields.clone(),
        ));
    }
    if !selects_as_much(old, new) {
        out.push(found(Class::ExposureNarrower, text, fields));
    }
}

/// Each rule: any of its sources, any of its operations, all of its conditions.
fn permits(policy: &Value<'_>) -> Vec<Permit> {
    let rules = at(policy, "spec.rules").map_or(&[][..], Value::items);
    let mut found = Vec::new();
    for rule in rules {
        let alternatives = |list: &str, key: &str| -> Vec<Option<Value<'_>>> {
            let items = rule.get(list).map_or(&[][..], Value::items);
            let items: Vec<Option<Value<'_>>> = items.iter().map(|item| item.get(key).cloned()).collect();
            if items.is_empty() { vec![None] } else { items }
        };
        for source in alternatives("from", "source") {
            for operation in alternatives("to", "operation") {
                let mut words = Vec::new();
                let mut permit = Permit::new("", "spec.rules");
                for (part, default) in [(&source, "from everybody"), (&operation, "")] {
                    let entries = part.as_ref().map_or(&[][..], Value::entries);
                    if entries.is_empty() && !default.is_empty() {
                        words.push(default.to_owned());
                    }
                    for (key, values) in entries {
                        permit = condition(permit, key, values, &mut words);
                    }
                }
                for when in rule.get("when").map_or(&[][..], Value::items) {
                    let key = when.get("key").and_then(Value::as_str).unwrap_or("");
                    for field in ["values", "notValues"] {
                        if let Some(values) = when.get(field) {
                            let negated = if field == "notValues" { "not " } else { "" };
                            permit = condition(permit, &format!("{negated}{key}"), values, &mut words);
                        }
                    }
                }
                permit.text = words.join(" ");
                found.push(permit);
            }
        }
    }
    found
}

fn condition(permit: Permit, key: &str, values: &Value<'_>, words: &mut Vec<String>) -> Permit {
    let values: Vec<&str> = values.items().iter().filter_map(Value::as_str).collect();
    let negated = key.strip_prefix("not").map(|rest| rest.trim_start().to_owned()).filter(|rest| !rest.is_empty());
    let (lead, relation) = match key {
        "principals" => ("from", Relation::Wildcard),
        "namespaces" => ("from namespace", Relation::Wildcard),
        "ipBlocks" | "remoteIpBlocks" => ("from", Relation::Network),
        "ports" => ("on port", Relation::Equal),
        "hosts" => ("for host", Relation::Wildcard),
        "methods" | "paths" => ("", Relation::Wildcard),
        "requestPrincipals" => ("with a token of", Relation::Wildcard),
        _ => (key, Relation::Wildcard),
    };
    let short: Vec<String> = values.iter().map(|value| principal(value)).collect();
    words.push(format!("{lead} {}", list(&short)).trim_start().to_owned());
    match negated {
        Some(_) => permit.only(key, Relation::Except, values),
        None => permit.only(key, relation, values),
    }
}

/// `dpj-backend/gateway` of `cluster.local/ns/dpj-backend/sa/gateway`.
fn principal(text: &str) -> String {
    match text.split_once("/ns/").and_then(|(_, rest)| rest.split_once("/sa/")) {
        Some((namespace, account)) => format!("{namespace}/{account}"),
        None => text.to_owned(),
    }
}

/// How much a mode takes: the higher, the more.
fn openness(mode: Option<&str>) -> u8 {
    match mode {
        Some("STRICT") => 0,
        Some("DISABLE") => 2,
        // Without a mode the mesh's is inherited, which is PERMISSIVE unless somebody sets it.
        _ => 1,
    }
}

fn peers(subject: &Subject<'_>, out: &mut Vec<Consequence>) {
    let mode = |value| at(value, "spec.mtls.mode").and_then(Value::as_str);
    let (old, new) = (mode(subject.old), mode(subject.new));
    let pods = pods(if subject.is_gone() && !subject.is_new() { subject.old } else { subject.new });
    let takes = |mode: Option<&str>| match mode {
        Some("STRICT") => "take connections with the mesh's mutual TLS only",
        Some("DISABLE") => "take plain text only",
        Some("PERMISSIVE") => "take plain text beside mutual TLS",
        _ => "take what the policy above this one says, plain text too if there is none",
    };
    let fields = subject.touched("spec.mtls");
    let changed = !fields.is_empty() || !subject.is_changed();
    if changed && old != new {
        let class = match openness(new).cmp(&openness(old)) {
            std::cmp::Ordering::Greater => Class::ExposureWider,
            std::cmp::Ordering::Less => Class::ExposureNarrower,
            std::cmp::Ordering::Equal => Class::InPlace,
        };
        let shown = |mode: Option<&str>| mode.unwrap_or("nothing").to_owned();
        let text = format!("{pods} {} ({} → {})", takes(new), shown(old), shown(new));
        let consequence = found(class, text, fields);
        out.push(if openness(new) == 0 {
            consequence.remedy("see that all clients have a sidecar: those without one are cut off")
        } else {
            consequence
        });
    }
    let ports = |value| at(value, "spec.portLevelMtls").map_or(&[][..], Value::entries);
    for (port, setting) in ports(subject.old).iter().chain(ports(subject.new)) {
        let mode = |value| -> Option<String> {
            let all = at(value, "spec.portLevelMtls")?;
            Some(all.get(port)?.get("mode")?.as_str()?.to_owned())
        };
        let _ = setting;
        let (old_port, new_port) = (mode(subject.old), mode(subject.new));
        if old_port == new_port {
            continue;
        }
        // A port without a mode of its own has that of the policy.
        let (before, after) = (openness(old_port.as_deref().or(old)), openness(new_port.as_deref().or(new)));
        let class = if after > before { Class::ExposureWider } else { Class::ExposureNarrower };
        let class = if after == before { Class::InPlace } else { class };
        let text = format!("{pods} {} on port {port}", takes(new_port.as_deref().or(new)));
        out.push(found(class, text, subject.touched("spec.portLevelMtls")));
    }
    let fields = subject.touched("spec.selector");
    if !fields.is_empty() {
        out.push(found(
            Class::ExposureWider,
            format!("it is for {pods} now: those that it leaves take what the namespace's or the mesh's policy says"),
            fields,
        ));
    }
}

fn tokens(subject: &Subject<'_>, out: &mut Vec<Consequence>) {
    match subject.fate {
        Fate::Removed => {
            let text = format!("{}: tokens are no longer verified, and requests with bad ones pass", pods(subject.old));
            out.push(found(Class::ExposureWider, text, Vec::new()));
        }
        Fate::Added | Fate::Renamed { .. } => {
            let text = format!(
                "{}: requests with tokens that do not verify are refused; those without pass",
                pods(subject.new)
            );
            out.push(found(Class::ExposureNarrower, text, Vec::new()));
        }
        Fate::Changed => {
            let fields = subject.touched("spec.jwtRules");
            if !fields.is_empty() {
                let issuers = |value| -> Vec<String> {
                    let rules = at(value, "spec.jwtRules").map_or(&[][..], Value::items);
                    rules.iter().filter_map(|rule| Some(rule.get("issuer")?.as_str()?.to_owned())).collect()
                };
                let (old, new) = (issuers(subject.old), issuers(subject.new));
                let (more, fewer): (Vec<_>, Vec<_>) = (
                    new.iter().filter(|i| !old.contains(i)).collect(),
                    old.iter().filter(|i| !new.contains(i)).collect(),
                );
                if !more.is_empty() {
                    out.push(found(
                        Class::ExposureWider,
                        format!("tokens of {} are taken, too", list(&more)),
                        fields.clone(),
                    ));
                }
                if !fewer.is_empty() {
                    out.push(found(
                        Class::ExposureNarrower,
                        format!("tokens of {} are refused", list(&fewer)),
                        fields.clone(),
                    ));
                }
                if more.is_empty() && fewer.is_empty() {
                    let (old, new) = subject.both("spec.jwtRules");
                    let _ = change(old, new);
                    out.push(found(
                        Class::ExposureWider,
                        "tokens are verified in another way: some may pass that did not",
                        fields,
                    ));
                }
            }
        }
    }
}
