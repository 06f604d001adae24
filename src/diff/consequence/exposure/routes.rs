//! Istio's `Gateway`, `VirtualService`, `DestinationRule` and `ServiceEntry`.
//!
//! Source: Istio's reference, "Traffic Management".

use super::super::found;
use super::super::permit::{Permit, Relation, explained, texts};
use super::super::subject::{Subject, at};
use super::super::words::{list, shown};
use super::report;
use crate::diff::change::{Class, Consequence};
use crate::manifest::Value;

pub(super) fn rule(subject: &Subject<'_>, out: &mut Vec<Consequence>) {
    match subject.id.kind.as_str() {
        "Gateway" => servers(subject, out),
        "VirtualService" => service(subject, out),
        "DestinationRule" => destination(subject, out),
        "ServiceEntry" => entry(subject, out),
        _ => {}
    }
}

fn strings(value: Option<&Value<'_>>) -> Vec<String> {
    value.map_or(&[][..], Value::items).iter().filter_map(Value::as_str).map(str::to_owned).collect()
}

fn servers(subject: &Subject<'_>, out: &mut Vec<Consequence>) {
    let permits = |value| -> Vec<Permit> {
        let servers = at(value, "spec.servers").map_or(&[][..], Value::items).iter();
        servers
            .flat_map(|server| {
                let port = shown(server.at(&["port", "number"]));
                let protocol = shown(server.at(&["port", "protocol"]));
                let mode = server.at(&["tls", "mode"]).and_then(Value::as_str).unwrap_or("").to_owned();
                let redirect = server.at(&["tls", "httpsRedirect"]).and_then(Value::as_bool) == Some(true);
                strings(server.get("hosts")).into_iter().map(move |host| {
                    let tls = if redirect {
                        " (redirect to HTTPS)".to_owned()
                    } else if mode.is_empty() {
                        String::new()
                    } else {
                        format!(" (TLS {mode})")
                    };
                    Permit::new(format!("{host} on {protocol} {port}{tls}"), "spec.servers")
                        .only("host", Relation::Wildcard, [host.rsplit('/').next().unwrap_or(&host)])
                        .only("port", Relation::Equal, [&port])
                        // Mutual TLS asks more of the client than TLS, and that more than plain text.
                        .only("tls", Relation::Equal, (mode == "MUTUAL").then_some("client certificate"))
                        .only("secure", Relation::Equal, (redirect || !mode.is_empty()).then_some("TLS"))
                })
            })
            .collect()
    };
    let (old, new) = (permits(subject.old), permits(subject.new));
    report(subject, &explained(&old, &new), ("the gateway serves", "the gateway no longer serves"), &[], out);
    let credential = subject.touched("spec.servers[].tls.credentialName");
    if !credential.is_empty() {
        out.push(found(Class::InPlace, "the gateway shows another certificate (credentialName)", credential));
    }
}

/// Hosts, gateways, what of requests is matched, and where they go: through a gateway another destination exposes another
/// workload. Within the mesh each can be asked anyway.
fn service(subject: &Subject<'_>, out: &mut Vec<Consequence>) {
    let permits = |value| -> Vec<Permit> {
        let hosts = strings(at(value, "spec.hosts"));
        let gateways = strings(at(value, "spec.gateways"));
        let gateways = if gateways.is_empty() { vec!["mesh".to_owned()] } else { gateways };
        let outside = gateways.iter().any(|gateway| gateway != "mesh");
        let mut matches = Vec::new();
        for list in ["http", "tls", "tcp"] {
            for route in at(value, "spec").and_then(|spec| spec.get(list)).map_or(&[][..], Value::items) {
                let conditions = route.get("match").map_or(&[][..], Value::items);
                for behind in destinations(route) {
                    if conditions.is_empty() {
                        matches.push((None, behind.clone()));
                    }
                    matches.extend(conditions.iter().map(|condition| (Some(condition), behind.clone())));
                }
            }
        }
        let mut found = Vec::new();
        for host in &hosts {
            for gateway in &gateways {
                for (condition, behind) in &matches {
                    let (what, relation, path) = request(*condition);
                    let behind = (gateway != "mesh").then_some(behind);
                    let to = behind.map_or_else(String::new, |behind| format!(" to {behind}"));
                    let through =
                        if outside { format!(" through {gateway}{to}") } else { " within the mesh".to_owned() };
                    let mut permit = Permit::new(format!("{host}{what}{through}"), "spec")
                        .only("host", Relation::Wildcard, [host])
                        .only("gateway", Relation::Equal, [gateway]);
                    permit = permit.only("path", relation, path).only("backend", Relation::Equal, behind);
                    let rest: Vec<String> = condition
                        .map_or(&[][..], Value::entries)
                        .iter()
                        .filter(|(key, _)| !matches!(key.as_ref(), "uri" | "name" | "gateways"))
                        .map(|(key, value)| format!("{key} {value:?}"))
                        .collect();
                    found.push(permit.only("more", Relation::Equal, (!rest.is_empty()).then(|| rest.join("; "))));
                }
            }
        }
        found
    };
    let (old, new) = (permits(subject.old), permits(subject.new));
    let fields =
        subject.touched_any(["spec.hosts", "spec.gateways", "spec.http[].match", "spec.http", "spec.tls", "spec.tcp"]);
    let difference = explained(&old, &new);
    for (class, lead, permits) in [
        (Class::ExposureWider, "requests are taken for", &difference.wider),
        (Class::ExposureNarrower, "requests are no longer taken for", &difference.narrower),
    ] {
        if !permits.is_empty() {
            out.push(found(class, format!("{lead} {}", texts(permits)), fields.clone()));
        }
    }
    let routes = subject.touched_any(["spec.http[].route", "spec.tcp[].route", "spec.tls[].route"]);
    if subject.is_changed() && !routes.is_empty() {
        let weights = subject.touched("spec.http[].route[].weight");
        let text = if routes.iter().all(|field| weights.contains(field)) {
            "requests are shared out otherwise among the destinations, at once"
        } else {
            "requests go to other destinations, at once"
        };
        out.push(found(Class::InPlace, text, routes));
    }
}

/// Where a route sends requests, copies of them too. A redirect or a fixed answer sends none anywhere.
fn destinations(route: &Value<'_>) -> Vec<String> {
    let items = |field: &str| route.get(field).map_or(&[][..], Value::items).iter();
    let taken = items("route").filter(|one| one.get("weight").and_then(Value::as_i64) != Some(0));
    let copies = items("mirrors").filter_map(|one| one.get("destination")).chain(route.get("mirror"));
    let text = |one: &Value<'_>| {
        let port = one.at(&["port", "number"]).map_or_else(String::new, |port| format!(":{}", shown(Some(port))));
        format!("{}{port}", shown(one.get("host")))
    };
    let own = taken.filter_map(|one| one.get("destination")).chain(copies).map(text);
    let elsewhere = route.get("delegate").map(|one| format!("the routes of {}", shown(one.get("name"))));
    own.chain(elsewhere).collect()
}

/// The path of a match, how it is compared, and how it is said.
fn request(condition: Option<&Value<'_>>) -> (String, Relation, Option<String>) {
    let uri = condition.and_then(|condition| condition.get("uri"));
    let Some((kind, path)) = uri.and_then(|uri| uri.entries().first()) else {
        return (String::new(), Relation::Prefix, None);
    };
    let path = path.as_str().unwrap_or("").to_owned();
    match kind.as_ref() {
        "prefix" if path == "/" => (String::new(), Relation::Prefix, None),
        "prefix" => (format!("{path}*"), Relation::Wildcard, Some(format!("{path}*"))),
        "exact" => (path.clone(), Relation::Wildcard, Some(path)),
        _ => (format!(" (paths like {path})"), Relation::Equal, Some(path)),
    }
}

fn destination(subject: &Subject<'_>, out: &mut Vec<Consequence>) {
    let mode = |value| at(value, "spec.trafficPolicy.tls.mode").and_then(Value::as_str).unwrap_or("").to_owned();
    let host = shown(at(if subject.new.get("spec").is_some() { subject.new } else { subject.old }, "spec.host"));
    let (old, new) = (mode(subject.old), mode(subject.new));
    if old != new && (old == "ISTIO_MUTUAL" || old == "MUTUAL" || new == "DISABLE") {
        let text = format!(
            "connections to {host} are no longer secured by mutual TLS (tls.mode {} → {})",
            or_none(&old),
            or_none(&new)
        );
        out.push(found(Class::ExposureWider, text, subject.touched("spec.trafficPolicy.tls")));
    } else if old != new && subject.is_changed() {
        let text = format!("connections to {host} use another TLS mode ({} → {})", or_none(&old), or_none(&new));
        out.push(found(Class::ExposureNarrower, text, subject.touched("spec.trafficPolicy.tls")));
    }
    if subject.is_changed() {
        let rest = subject.touched_any([
            "spec.trafficPolicy.connectionPool",
            "spec.trafficPolicy.outlierDetection",
            "spec.trafficPolicy.loadBalancer",
        ]);
        if !rest.is_empty() {
            out.push(found(Class::InPlace, format!("clients of {host} connect by other limits, at once"), rest));
        }
        let subsets = subject.touched("spec.subsets");
        if !subsets.is_empty() {
            out.push(found(
                Class::InPlace,
                format!("{host} has other subsets: routes to one that is gone fail"),
                subsets,
            ));
        }
    }
}

fn or_none(text: &str) -> &str {
    if text.is_empty() { "none" } else { text }
}

fn entry(subject: &Subject<'_>, out: &mut Vec<Consequence>) {
    let hosts = |value| strings(at(value, "spec.hosts"));
    let (old, new) = (hosts(subject.old), hosts(subject.new));
    let more: Vec<&String> = new.iter().filter(|host| !old.contains(host)).collect();
    let fewer: Vec<&String> = old.iter().filter(|host| !new.contains(host)).collect();
    let fields = subject.touched("spec.hosts");
    if !more.is_empty() {
        out.push(found(
            Class::ExposureWider,
            format!("the mesh knows {} and lets pods connect to it", list(&more)),
            fields.clone(),
        ));
    }
    if !fewer.is_empty() {
        out.push(found(
            Class::ExposureNarrower,
            format!("the mesh no longer knows {}: where only known hosts are allowed, connections fail", list(&fewer)),
            fields,
        ));
    }
}
