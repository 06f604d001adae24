//! `Service`: where it listens, and to which pods it leads.
//!
//! Source: the API reference, `ServiceSpec`; AWS Load Balancer Controller, "Service annotations".

use super::super::found;
use super::super::permit::{Permit, Relation, explained};
use super::super::subject::{Subject, annotation, at};
use super::super::words::shown;
use super::report;
use crate::diff::change::{Class, Consequence, Fate};
use crate::manifest::Value;

pub(super) fn rule(subject: &Subject<'_>, out: &mut Vec<Consequence>) {
    match subject.fate {
        Fate::Removed => {
            let text = "nobody reaches its pods by this name any more: what still connects to it fails";
            out.push(found(Class::ExposureNarrower, text, Vec::new()));
        }
        Fate::Added | Fate::Renamed { .. } => {
            let kind = kind(subject.new);
            if reach(kind) > 0 {
                out.push(found(Class::ExposureWider, format!("its pods can be reached {}", from(kind)), Vec::new()));
            }
            if let Some(addresses) = addresses(subject.new) {
                let text = format!("nodes take traffic for {addresses} (externalIPs)");
                out.push(found(Class::ExposureWider, text, Vec::new()));
            }
        }
        Fate::Changed => changed(subject, out),
    }
}

fn kind<'v>(service: &'v Value<'_>) -> &'v str {
    at(service, "spec.type").and_then(Value::as_str).unwrap_or("ClusterIP")
}

fn reach(kind: &str) -> u8 {
    match kind {
        "NodePort" => 1,
        "LoadBalancer" => 2,
        _ => 0,
    }
}

fn from(kind: &str) -> &'static str {
    match kind {
        "NodePort" => "on a port of every node",
        "LoadBalancer" => "through a load balancer outside of the cluster and on a port of every node",
        "ExternalName" => "nowhere: the name stands for another host",
        _ => "within the cluster only",
    }
}

fn addresses(service: &Value<'_>) -> Option<String> {
    at(service, "spec.externalIPs").filter(|list| !list.items().is_empty()).map(|list| shown(Some(list)))
}

fn changed(subject: &Subject<'_>, out: &mut Vec<Consequence>) {
    let fields = subject.touched("spec.type");
    let (old, new) = (kind(subject.old), kind(subject.new));
    if !fields.is_empty() && old != new {
        let class = match reach(new).cmp(&reach(old)) {
            std::cmp::Ordering::Greater => Class::ExposureWider,
            std::cmp::Ordering::Less => Class::ExposureNarrower,
            std::cmp::Ordering::Equal => Class::InPlace,
        };
        out.push(found(class, format!("its pods can be reached {} (type {old} → {new})", from(new)), fields));
    }
    list(subject, "spec.externalIPs", ("nodes take traffic for", "nodes no longer take traffic for"), out);
    sources(subject, out);
    ports(subject, out);
    let fields = subject.touched("spec.selector");
    if !fields.is_empty() {
        let labels = |value| {
            let map = at(value, "spec.selector").map_or(&[][..], Value::entries);
            let terms: Vec<String> =
                map.iter().map(|(key, value)| format!("{key}={}", value.as_str().unwrap_or(""))).collect();
            if terms.is_empty() {
                "endpoints that somebody else writes".to_owned()
            } else {
                format!("pods {}", terms.join(", "))
            }
        };
        let text = format!("traffic goes to {} at once, no longer to {}", labels(subject.new), labels(subject.old));
        let remedy = "see that such pods run and are ready before this is applied";
        out.push(found(Class::AvailabilityLower, text, fields).remedy(remedy));
    }
    scheme(subject, out);
    let fields = subject.touched("spec.publishNotReadyAddresses");
    if !fields.is_empty() {
        let on = at(subject.new, "spec.publishNotReadyAddresses").and_then(Value::as_bool) == Some(true);
        let text = if on { "traffic goes to pods that are not ready, too" } else { "traffic goes to ready pods only" };
        out.push(found(Class::InPlace, text, fields));
    }
}

fn texts(value: Option<&Value<'_>>) -> Vec<String> {
    value.map_or(&[][..], Value::items).iter().map(|item| shown(Some(item))).collect()
}

fn list(subject: &Subject<'_>, path: &str, leads: (&str, &str), out: &mut Vec<Consequence>) {
    let permits = |value: Option<&Value<'_>>| -> Vec<Permit> {
        texts(value).iter().map(|item| Permit::new(item, path).only("item", Relation::Equal, [item])).collect()
    };
    let (old, new) = subject.both(path);
    let (old, new) = (permits(old), permits(new));
    report(subject, &explained(&old, &new), leads, &subject.touched(path), out);
}

/// `loadBalancerSourceRanges`: none means everybody.
fn sources(subject: &Subject<'_>, out: &mut Vec<Consequence>) {
    let path = "spec.loadBalancerSourceRanges";
    if subject.touched(path).is_empty() {
        return;
    }
    let permits = |value: Option<&Value<'_>>| -> Vec<Permit> {
        let ranges = texts(value);
        if ranges.is_empty() {
            return vec![Permit::new("everywhere", path)];
        }
        ranges.iter().map(|range| Permit::new(range, path).only("net", Relation::Network, [range.trim()])).collect()
    };
    let (old, new) = subject.both(path);
    let (old, new) = (permits(old), permits(new));
    let leads = ("the load balancer takes traffic from", "the load balancer no longer takes traffic from");
    report(subject, &explained(&old, &new), leads, &subject.touched(path), out);
}

fn ports(subject: &Subject<'_>, out: &mut Vec<Consequence>) {
    let path = "spec.ports";
    let permits = |value: Option<&Value<'_>>| -> Vec<Permit> {
        let ports = value.map_or(&[][..], Value::items).iter();
        ports
            .map(|port| {
                let protocol = port.get("protocol").and_then(Value::as_str).unwrap_or("TCP");
                let text = format!("{protocol} {}", shown(port.get("port")));
                Permit::new(&text, path).only("port", Relation::Equal, [&text])
            })
            .collect()
    };
    let (old, new) = subject.both(path);
    let (before, after) = (permits(old), permits(new));
    report(subject, &explained(&before, &after), ("it listens on", "it no longer listens on"), &[], out);
    let node_ports = subject.touched("spec.ports[].nodePort");
    if !node_ports.is_empty() {
        out.push(found(Class::InPlace, "nodes listen on other ports than before (nodePort)", node_ports));
    }
    let targets = subject.touched("spec.ports[].targetPort");
    if !targets.is_empty() {
        let text = "traffic goes to another port of the pods at once: it fails unless they listen there (targetPort)";
        out.push(found(Class::AvailabilityLower, text, targets));
    }
}

/// The load balancer's scheme: AWS makes a new load balancer for another one.
fn scheme(subject: &Subject<'_>, out: &mut Vec<Consequence>) {
    for name in
        ["service.beta.kubernetes.io/aws-load-balancer-scheme", "service.beta.kubernetes.io/aws-load-balancer-internal"]
    {
        let fields = subject.touched(&format!("metadata.annotations[\"{name}\"]"));
        if fields.is_empty() {
            continue;
        }
        let public = match annotation(subject.new, name) {
            Some(value) => value == "internet-facing" || (name.ends_with("internal") && value == "false"),
            None => name.ends_with("internal"),
        };
        let (class, text) = if public {
            (
                Class::ExposureWider,
                "the load balancer faces the internet; another scheme is another load balancer with another name",
            )
        } else {
            (
                Class::ExposureNarrower,
                "the load balancer is internal; another scheme is another load balancer with another name",
            )
        };
        out.push(found(class, text, fields));
    }
}
