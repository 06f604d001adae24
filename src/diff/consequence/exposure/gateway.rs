//! Gateway API: `Gateway`, the routes, `ReferenceGrant`.
//!
//! Source: Gateway API's reference, gateway.networking.k8s.io/v1.

use super::super::permit::{Permit, Relation, explained};
use super::super::subject::{Subject, at};
use super::super::words::shown;
use super::report;
use crate::diff::change::Consequence;
use crate::manifest::Value;

pub(super) fn rule(subject: &Subject<'_>, out: &mut Vec<Consequence>) {
    let (permits, leads): (fn(&Value<'_>) -> Vec<Permit>, _) = match subject.id.kind.as_str() {
        "Gateway" => (listeners, ("the gateway listens for", "the gateway no longer listens for")),
        "HTTPRoute" | "GRPCRoute" | "TLSRoute" | "TCPRoute" | "UDPRoute" => {
            (route, ("requests are taken for", "requests are no longer taken for"))
        }
        "ReferenceGrant" => (grants, ("references are allowed:", "references are no longer allowed:")),
        _ => return,
    };
    let (old, new) = (permits(subject.old), permits(subject.new));
    report(subject, &explained(&old, &new), leads, &subject.touched("spec"), out);
}

fn listeners(gateway: &Value<'_>) -> Vec<Permit> {
    let listeners = at(gateway, "spec.listeners").map_or(&[][..], Value::items).iter();
    listeners
        .map(|listener| {
            let host = listener.get("hostname").and_then(Value::as_str);
            let (protocol, port) = (shown(listener.get("protocol")), shown(listener.get("port")));
            let from = listener.at(&["allowedRoutes", "namespaces", "from"]).and_then(Value::as_str).unwrap_or("Same");
            let text = format!("{} on {protocol} {port}, routes of {from} namespaces", host.unwrap_or("any host"));
            Permit::new(text, "spec.listeners")
                .only("host", Relation::Wildcard, host)
                .only("port", Relation::Equal, [format!("{protocol} {port}")])
                .only("from", Relation::Equal, (from != "All").then_some(from))
        })
        .collect()
}

fn route(route: &Value<'_>) -> Vec<Permit> {
    let texts = |path: &str| -> Vec<String> {
        at(route, path).map_or(&[][..], Value::items).iter().map(|item| shown(Some(item))).collect()
    };
    let hosts = texts("spec.hostnames");
    let hosts: Vec<Option<&String>> = if hosts.is_empty() { vec![None] } else { hosts.iter().map(Some).collect() };
    let parents: Vec<String> = at(route, "spec.parentRefs")
        .map_or(&[][..], Value::items)
        .iter()
        .map(|parent| format!("{}{}", shown(parent.get("name")), section(parent)))
        .collect();
    // A condition, and what is behind it: another backend exposes another workload.
    let mut matches = Vec::new();
    for rule in at(route, "spec.rules").map_or(&[][..], Value::items) {
        let conditions = rule.get("matches").map_or(&[][..], Value::items);
        for behind in backends(rule) {
            if conditions.is_empty() {
                matches.push((None, behind.clone()));
            }
            matches.extend(conditions.iter().map(|condition| (Some(condition), behind.clone())));
        }
    }
    let mut found = Vec::new();
    for host in hosts {
        for parent in &parents {
            for (condition, behind) in &matches {
                let path = condition
                    .and_then(|c| c.at(&["path", "value"]))
                    .and_then(Value::as_str)
                    .filter(|path| *path != "/");
                let kind =
                    condition.and_then(|c| c.at(&["path", "type"])).and_then(Value::as_str).unwrap_or("PathPrefix");
                let rest: Vec<String> = condition
                    .map_or(&[][..], Value::entries)
                    .iter()
                    .filter(|(key, _)| key.as_ref() != "path")
                    .map(|(key, value)| format!("{key} {value:?}"))
                    .collect();
                let shown_host = host.map_or("any host", String::as_str);
                found.push(
                    Permit::new(format!("{shown_host}{} through {parent} to {behind}", path.unwrap_or("")), "spec")
                        .only("host", Relation::Wildcard, host)
                        .only("parent", Relation::Equal, [parent])
                        .only("path", Relation::Prefix, path)
                        .only("kind", Relation::Equal, (kind != "PathPrefix").then_some(kind))
                        .only("more", Relation::Equal, (!rest.is_empty()).then(|| rest.join("; ")))
                        .only("backend", Relation::Equal, [behind]),
                );
            }
        }
    }
    found
}

/// Where a rule sends requests, copies of them too. A redirect sends none anywhere.
fn backends(rule: &Value<'_>) -> Vec<String> {
    let filters = rule.get("filters").map_or(&[][..], Value::items).iter();
    let copies = filters.filter_map(|filter| filter.at(&["requestMirror", "backendRef"]));
    let own = rule.get("backendRefs").map_or(&[][..], Value::items).iter();
    let taken = own.filter(|backend| backend.get("weight").and_then(Value::as_i64) != Some(0));
    let text = |backend: &Value<'_>| {
        let namespace = backend.get("namespace").map_or_else(String::new, |name| format!("{}/", shown(Some(name))));
        let port = backend.get("port").map_or_else(String::new, |port| format!(":{}", shown(Some(port))));
        format!("{namespace}{}{port}", shown(backend.get("name")))
    };
    taken.chain(copies).map(text).collect()
}

fn section(parent: &Value<'_>) -> String {
    parent.get("sectionName").map_or_else(String::new, |name| format!("/{}", shown(Some(name))))
}

fn grants(grant: &Value<'_>) -> Vec<Permit> {
    let items = |path: &str| at(grant, path).map_or(&[][..], Value::items);
    let mut found = Vec::new();
    for from in items("spec.from") {
        for to in items("spec.to") {
            let text = format!(
                "from {} of {} to {}",
                shown(from.get("kind")),
                shown(from.get("namespace")),
                shown(to.get("kind"))
            );
            let name = to.get("name").and_then(Value::as_str);
            let permit = Permit::new(&text, "spec").only("pair", Relation::Equal, [&text]);
            found.push(permit.only("name", Relation::Equal, name));
        }
    }
    found
}
