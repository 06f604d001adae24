//! Roles and their bindings.
//!
//! Source: Kubernetes, "Using RBAC Authorization" (rules are a union; `*` stands for everything; `escalate`, `bind` and
//! `impersonate` lead to rights that are not listed), "Role Based Access Control Good Practices".

use super::super::found;
use super::super::permit::{Permit, Relation, compare};
use super::super::subject::{Subject, at};
use super::super::words::list;
use crate::diff::change::{Class, Consequence, Fate};
use crate::manifest::Value;

pub(super) fn role(subject: &Subject<'_>, out: &mut Vec<Consequence>) {
    let (old, new) = (permits(subject.old), permits(subject.new));
    let difference = compare(&old, &new);
    let fields = subject.touched("rules");
    let who = "whoever is bound to it";
    if !difference.wider.is_empty() {
        let mut text = format!("{who} may {}", said(&difference.wider));
        if let Some(warning) = difference.wider.iter().find_map(warning) {
            text.push_str("; ");
            text.push_str(warning);
        }
        out.push(found(Class::PrivilegeWider, text, fields.clone()));
    }
    if !difference.narrower.is_empty() {
        let lead = if *subject.fate == Fate::Removed { "loses its rights:" } else { "may no longer" };
        out.push(found(Class::PrivilegeNarrower, format!("{who} {lead} {}", said(&difference.narrower)), fields));
    }
    aggregated(subject, out);
    let fields = subject.touched("aggregationRule");
    if subject.is_changed() && !fields.is_empty() {
        let text = "its rights are gathered from other roles than before: which, only the cluster knows";
        out.push(found(Class::PrivilegeWider, text, fields));
    }
}

/// Labels by which its rights become part of other roles: `admin`, `edit`, `view`.
fn aggregated(subject: &Subject<'_>, out: &mut Vec<Consequence>) {
    const PREFIX: &str = "rbac.authorization.k8s.io/aggregate-to-";
    let into = |value: &Value<'_>| -> Vec<String> {
        let labels = at(value, "metadata.labels").map_or(&[][..], Value::entries);
        let on = labels.iter().filter(|(_, value)| value.as_str() == Some("true"));
        on.filter_map(|(key, _)| Some(key.strip_prefix(PREFIX)?.to_owned())).collect()
    };
    let (old, new) = (into(subject.old), into(subject.new));
    for (class, these, others, verb) in
        [(Class::PrivilegeWider, &new, &old, "become"), (Class::PrivilegeNarrower, &old, &new, "are no longer")]
    {
        for role in these.iter().filter(|role| !others.contains(role)) {
            let fields = subject.touched(&format!("metadata.labels[\"{PREFIX}{role}\"]"));
            out.push(found(class, format!("its rights {verb} part of the ClusterRole {role}"), fields));
        }
    }
}

/// Each verb on each resource.
fn permits(role: &Value<'_>) -> Vec<Permit> {
    let mut found = Vec::new();
    for rule in role.get("rules").map_or(&[][..], Value::items) {
        let list = |field: &str| -> Vec<&str> {
            rule.get(field).map_or(&[][..], Value::items).iter().filter_map(Value::as_str).collect()
        };
        let names = list("resourceNames");
        let which = if names.is_empty() { String::new() } else { format!(" {}", names.join(", ")) };
        for verb in list("verbs") {
            for url in list("nonResourceURLs") {
                found.push(
                    Permit::new(format!("{verb} the URL {url}"), "rules")
                        .only("verb", Relation::Wildcard, [verb])
                        .only("url", Relation::Wildcard, [url]),
                );
            }
            for group in list("apiGroups") {
                for resource in list("resources") {
                    let shown = match (group, resource) {
                        ("*", "*") => "everything".to_owned(),
                        ("*", _) => format!("{resource} of all groups"),
                        ("", "*") => "everything of the core group".to_owned(),
                        ("", _) => resource.to_owned(),
                        (_, "*") => format!("everything of {group}"),
                        _ => format!("{resource}.{group}"),
                    };
                    let verb_shown = if verb == "*" { "do anything with" } else { verb };
                    found.push(
                        Permit::new(format!("{verb_shown} {shown}{which}"), "rules")
                            .only("verb", Relation::Wildcard, [verb])
                            .only("group", Relation::Wildcard, [group])
                            .only("resource", Relation::Wildcard, [resource])
                            .only("name", Relation::Equal, names.iter().copied()),
                    );
                }
            }
        }
    }
    found
}

/// `get, list and watch secrets`: verbs on one resource together.
fn said(permits: &[Permit]) -> String {
    let mut groups: Vec<(&str, Vec<&str>)> = Vec::new();
    for permit in permits {
        let (verb, rest) = match permit.text.strip_prefix("do anything with ") {
            Some(rest) => ("do anything with", rest),
            None => permit.text.split_once(' ').unwrap_or((&permit.text, "")),
        };
        match groups.iter_mut().find(|(what, _)| *what == rest) {
            Some((_, verbs)) => verbs.push(verb),
            None => groups.push((rest, vec![verb])),
        }
    }
    let groups: Vec<String> = groups
        .into_iter()
        .map(|(what, verbs)| {
            if verbs.contains(&"do anything with") {
                format!("do anything with {what}")
            } else {
                format!("{} {what}", all(&verbs))
            }
        })
        .collect();
    list(&groups)
}

/// All of them: verbs are few.
fn all(verbs: &[&str]) -> String {
    match verbs.split_last() {
        Some((last, before)) if !before.is_empty() => format!("{} and {last}", before.join(", ")),
        Some((last, _)) => (*last).to_owned(),
        None => String::new(),
    }
}

/// What a right leads to beyond what it says.
fn warning(permit: &Permit) -> Option<&'static str> {
    let (verb, what) = permit.text.split_once(' ')?;
    Some(match verb {
        "do" if what.ends_with("everything") => "that is the whole cluster",
        "escalate" => "escalate lets it write roles with any right",
        "bind" => "bind lets it give itself any role",
        "impersonate" => "impersonate lets it act as anybody it names",
        "create" | "do" if what.ends_with("pods") => "whoever creates pods reads every secret of the namespace",
        "create" | "do" if what.contains("pods/exec") => "exec is a shell in every pod",
        "get" | "list" | "watch" | "do" if what.ends_with("secrets") => "that is every secret of its scope",
        _ => return None,
    })
}

pub(super) fn binding(subject: &Subject<'_>, out: &mut Vec<Consequence>) {
    let role = |value: &Value<'_>| {
        let text =
            |field: &str| at(value, &format!("roleRef.{field}")).and_then(Value::as_str).unwrap_or("").to_owned();
        format!("{} {}", text("kind"), text("name"))
    };
    let scope = if subject.id.kind == "ClusterRoleBinding" { " in all namespaces" } else { " in this namespace" };
    let (old, new) = (subjects(subject.old), subjects(subject.new));
    // To another role everybody is bound anew: whether the API server takes that or Argo CD makes the binding anew.
    let moved = role(subject.old) != role(subject.new);
    let more: Vec<&String> = new.iter().filter(|who| !old.contains(who) || subject.is_new() || moved).collect();
    let fewer: Vec<&String> = old.iter().filter(|who| !new.contains(who) || subject.is_gone() || moved).collect();
    let fields = subject.touched_any(["subjects", "roleRef"]);
    if !more.is_empty() {
        let role = role(subject.new);
        let whole = if role == "ClusterRole cluster-admin" && subject.id.kind == "ClusterRoleBinding" {
            ": that is the whole cluster"
        } else {
            ""
        };
        let text = format!("{} may do what the {role} allows{scope}{whole}", list(&more));
        out.push(found(Class::PrivilegeWider, text, fields.clone()));
    }
    if !fewer.is_empty() {
        let text = format!("{} may no longer do what the {} allows{scope}", list(&fewer), role(subject.old));
        out.push(found(Class::PrivilegeNarrower, text, fields));
    }
}

fn subjects(binding: &Value<'_>) -> Vec<String> {
    let items = binding.get("subjects").map_or(&[][..], Value::items).iter();
    items
        .map(|subject| {
            let text = |field: &str| subject.get(field).and_then(Value::as_str).unwrap_or("");
            match (text("kind"), text("namespace"), text("name")) {
                ("ServiceAccount", namespace, name) => format!("the service account {namespace}/{name}"),
                ("Group", _, "system:authenticated") => "everybody who is logged in".to_owned(),
                ("Group", _, "system:unauthenticated") | ("User", _, "system:anonymous") => {
                    "everybody, even without login".to_owned()
                }
                ("Group", _, name) => format!("the group {name}"),
                (_, _, name) => format!("the user {name}"),
            }
        })
        .collect()
}
