//! `Ingress`: hosts, paths and what is behind them.
//!
//! Source: the API reference, `IngressSpec`; ingress-nginx, "Annotations".

use super::super::found;
use super::super::permit::{Permit, Relation, explained};
use super::super::subject::{Subject, annotation, at};
use super::super::words::{list, shown};
use super::report;
use crate::diff::change::{Class, Consequence};
use crate::manifest::Value;

pub(super) fn rule(subject: &Subject<'_>, out: &mut Vec<Consequence>) {
    let (old, new) = (permits(subject.old), permits(subject.new));
    let fields = subject.touched_any(["spec.rules", "spec.defaultBackend"]);
    report(
        subject,
        &explained(&old, &new),
        ("requests are taken for", "requests are no longer taken for"),
        &fields,
        out,
    );
    let secured = |value| -> Vec<String> {
        let entries = at(value, "spec.tls").map_or(&[][..], Value::items).iter();
        entries.flat_map(|tls| tls.get("hosts").map_or(&[][..], Value::items)).map(|host| shown(Some(host))).collect()
    };
    if !subject.is_changed() {
        return;
    }
    let (before, after) = (secured(subject.old), secured(subject.new));
    let lost: Vec<&String> = before.iter().filter(|host| !after.contains(host)).collect();
    if !lost.is_empty() {
        let text = format!(
            "{} is no longer served with its certificate: plain HTTP, or one that browsers refuse",
            list(&lost)
        );
        out.push(found(Class::ExposureWider, text, subject.touched("spec.tls")));
    }
    let fields = subject.touched("spec.ingressClassName");
    if !fields.is_empty() {
        let (old, new) = subject.both("spec.ingressClassName");
        let text = format!("another controller serves it: the address changes (class {} → {})", shown(old), shown(new));
        let remedy = "let DNS follow before the old controller is gone";
        out.push(found(Class::AvailabilityLower, text, fields).remedy(remedy));
    }
    annotations(subject, out);
    let backends = subject.touched_any(["spec.rules[].http.paths[].backend", "spec.defaultBackend"]);
    if !backends.is_empty() {
        out.push(found(Class::InPlace, "requests go to another backend, at once", backends));
    }
}

/// Hosts and paths, and what is behind them: another backend exposes another workload.
fn permits(ingress: &Value<'_>) -> Vec<Permit> {
    let mut found = Vec::new();
    if let Some(behind) = at(ingress, "spec.defaultBackend") {
        let behind = backend(behind);
        let permit = Permit::new(format!("everything that no rule matches, to {behind}"), "spec.defaultBackend");
        found.push(permit.only("default", Relation::Equal, ["x"]).only("backend", Relation::Equal, [behind]));
    }
    for rule in at(ingress, "spec.rules").map_or(&[][..], Value::items) {
        let host = rule.get("host").and_then(Value::as_str);
        let shown_host = host.unwrap_or("any host");
        for path in rule.at(&["http", "paths"]).map_or(&[][..], Value::items) {
            let text = path.get("path").and_then(Value::as_str).unwrap_or("/");
            let exact = path.get("pathType").and_then(Value::as_str) == Some("Exact");
            let behind = path.get("backend").map_or_else(|| "nothing".to_owned(), backend);
            let what = format!("{shown_host}{text}{} to {behind}", if exact { "" } else { "*" });
            let permit = Permit::new(what, "spec.rules").only("host", Relation::Host, host).only(
                "backend",
                Relation::Equal,
                [behind],
            );
            found.push(if exact {
                permit.only("exact", Relation::Equal, [text]).only("path", Relation::Prefix, [text])
            } else {
                permit.only("path", Relation::Prefix, (text != "/").then_some(text))
            });
        }
    }
    found
}

/// `web:80`, `web:http`, `StorageBucket icons`.
fn backend(backend: &Value<'_>) -> String {
    let shown = |keys: &[&str]| backend.at(keys).map(|value| shown(Some(value)));
    match (shown(&["service", "name"]), shown(&["resource", "name"])) {
        (Some(service), _) => {
            let port = shown(&["service", "port", "number"]).or_else(|| shown(&["service", "port", "name"]));
            port.map_or_else(|| service.clone(), |port| format!("{service}:{port}"))
        }
        (None, Some(name)) => format!("{} {name}", shown(&["resource", "kind"]).unwrap_or_default()),
        (None, None) => "nothing".to_owned(),
    }
}

/// Annotations that decide who may come in.
fn annotations(subject: &Subject<'_>, out: &mut Vec<Consequence>) {
    for (name, guards) in [
        ("nginx.ingress.kubernetes.io/whitelist-source-range", "addresses from which requests are taken"),
        ("nginx.ingress.kubernetes.io/allowlist-source-range", "addresses from which requests are taken"),
        ("nginx.ingress.kubernetes.io/auth-url", "the service that authenticates requests"),
        ("nginx.ingress.kubernetes.io/auth-tls-secret", "the authority that signs clients' certificates"),
        ("nginx.ingress.kubernetes.io/auth-type", "authentication"),
        ("nginx.ingress.kubernetes.io/ssl-redirect", "the redirect to HTTPS"),
        ("nginx.ingress.kubernetes.io/force-ssl-redirect", "the redirect to HTTPS"),
        ("alb.ingress.kubernetes.io/scheme", "whether the load balancer faces the internet"),
        ("alb.ingress.kubernetes.io/inbound-cidrs", "addresses from which requests are taken"),
    ] {
        let fields = subject.touched(&format!("metadata.annotations[\"{name}\"]"));
        if fields.is_empty() {
            continue;
        }
        let (old, new) = (annotation(subject.old, name), annotation(subject.new, name));
        // A guard that appears narrows; one that goes or changes may let more in.
        let narrower =
            old.is_none() && new != Some("false") && new != Some("internet-facing") || new == Some("internal");
        let class = if narrower { Class::ExposureNarrower } else { Class::ExposureWider };
        let what = match (old, new) {
            (None, _) => "is set",
            (_, None) => "is no longer set",
            _ => "changes",
        };
        out.push(found(class, format!("{guards} {what} ({})", name.rsplit('/').next().unwrap_or(name)), fields));
    }
}
