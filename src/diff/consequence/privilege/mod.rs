//! What pods and accounts may do: more or less than before.

mod accounts;
mod powers;
mod rbac;

use super::found;
use super::pods::{below, template, template_path};
use super::subject::Subject;
use super::surroundings::World;
use crate::diff::change::{Class, Consequence};
use powers::Power;

pub(super) fn rule(subject: &Subject<'_>, _: &World<'_>, out: &mut Vec<Consequence>) {
    match (subject.id.group.as_str(), subject.id.kind.as_str()) {
        ("rbac.authorization.k8s.io", "Role" | "ClusterRole") => rbac::role(subject, out),
        ("rbac.authorization.k8s.io", "RoleBinding" | "ClusterRoleBinding") => rbac::binding(subject, out),
        ("", "Namespace") => accounts::namespace(subject, out),
        ("", "ServiceAccount") => accounts::account(subject, out),
        (group, kind) => {
            if let Some(path) = template_path(group, kind) {
                pods(subject, path, out);
            } else {
                accounts::guard(subject, out);
            }
        }
    }
}

/// Compares what the pods of a template may do. Of a new object only what is out of the ordinary is said, of one that
/// goes nothing.
fn pods(subject: &Subject<'_>, path: &str, out: &mut Vec<Consequence>) {
    let powers = |value| {
        let spec = template(path, value).and_then(|template| template.get("spec"));
        spec.map(powers::of).unwrap_or_default()
    };
    let (old, new) = (powers(subject.old), powers(subject.new));
    let missing = |these: &[Power], from: &[Power]| -> Vec<Power> {
        these.iter().filter(|power| !from.iter().any(|other| other.covers(power))).cloned().collect()
    };
    let changed = subject.is_changed();
    let more: Vec<Power> = missing(&new, &old).into_iter().filter(|power| changed || power.notable).collect();
    let less = if changed { missing(&old, &new) } else { Vec::new() };
    for (class, powers, lead) in [(Class::PrivilegeWider, more, ""), (Class::PrivilegeNarrower, less, "no longer: ")] {
        if powers.is_empty() {
            continue;
        }
        let paths = powers.iter().flat_map(|power| &power.paths).map(|field| below(path, &format!("spec.{field}")));
        let paths: Vec<String> = paths.collect();
        let fields = subject.touched_any(paths.iter().map(String::as_str));
        out.push(found(class, format!("{lead}{}", said(&powers)), fields));
    }
    if changed {
        accounts::of_pods(subject, path, out);
    }
}

/// All of them, however many: none of these may be overlooked.
fn said(powers: &[Power]) -> String {
    let mut by_who: Vec<(&str, Vec<&str>)> = Vec::new();
    for power in powers {
        match by_who.iter_mut().find(|(who, _)| *who == power.who) {
            Some((_, texts)) => texts.push(&power.text),
            None => by_who.push((&power.who, vec![&power.text])),
        }
    }
    let sentence = |(who, texts): (&str, Vec<&str>)| format!("{who} {}", joined(texts).join(", "));
    let sentences: Vec<String> = by_who.into_iter().map(sentence).collect();
    sentences.join("; ")
}

/// The default capabilities as one.
fn joined(texts: Vec<&str>) -> Vec<String> {
    let kept: Vec<&str> = texts.iter().filter_map(|text| text.strip_prefix(powers::KEEPS)).collect();
    let mut said = Vec::new();
    let mut is_said = false;
    for text in texts {
        if !text.starts_with(powers::KEEPS) {
            said.push(text.to_owned());
        } else if !is_said {
            is_said = true;
            said.push(match kept.as_slice() {
                [_] => text.to_owned(),
                all if all.len() == powers::DEFAULTS.len() => {
                    "keeps the runtime's default capabilities (drop ALL is missing)".to_owned()
                }
                some => format!("keeps the default capabilities {}", some.join(", ")),
            });
        }
    }
    said
}
