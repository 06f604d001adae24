//! The rules of CRDs that compare an object with what it was.
//!
//! Source: Kubernetes, "Extend the API with `CustomResourceDefinitions`", "Transition rules".

use super::found;
use super::subject::Subject;
use super::surroundings::World;
use super::words::shorten;
use crate::diff::change::{Class, Consequence};
use crate::manifest::Value;
use crate::schema::PathSegment;
use std::fmt::Write as _;

pub(super) fn rule(subject: &Subject<'_>, world: &World<'_>, out: &mut Vec<Consequence>) {
    if !subject.is_changed() {
        return;
    }
    let Some((group, version)) = subject.api_version.split_once('/') else { return };
    let Some(definition) = world.context.crds.and_then(|store| store.find(group, &subject.id.kind, version)) else {
        return;
    };
    let (old, new) = (json(subject.old), json(subject.new));
    let report = definition.rules(&new, Some(&old));
    if report.broken.is_empty() {
        return;
    }
    // What the object broke before the change is no consequence of it.
    let before = definition.rules(&old, Some(&old)).broken;
    for finding in report.broken.iter().filter(|finding| !before.contains(finding)) {
        let fields = subject.touched(&path(&finding.path));
        // A row of the table has said it, with a remedy.
        let said = |other: &Consequence| {
            matches!(other.class, Class::Rejected | Class::Recreate)
                && !fields.is_empty()
                && fields.iter().all(|field| other.fields.contains(field))
        };
        if out.iter().any(said) {
            continue;
        }
        let place = crate::schema::path_text(&finding.path);
        let place = if place.is_empty() { String::new() } else { format!("{place}: ") };
        let text = format!("the API server refuses this: {place}{}", shorten(&finding.message));
        let remedy =
            "the rule stands in the CRD of the kind; to get there nevertheless, make a new object beside this one";
        out.push(found(Class::Rejected, text, fields).remedy(remedy));
    }
}

/// The path of a finding in the notation of [`Subject::touched`].
fn path(segments: &[PathSegment]) -> String {
    let mut text = String::new();
    for segment in segments {
        match segment {
            PathSegment::Key(key) => {
                let _ = write!(text, "[\"{key}\"]");
            }
            PathSegment::Index(_) => text.push_str("[]"),
        }
    }
    text
}

fn json(value: &Value<'_>) -> serde_json::Value {
    match value {
        Value::Bool(value) => (*value).into(),
        Value::Number(text) => serde_json::from_str(text).unwrap_or_default(),
        Value::String(text) => text.as_ref().into(),
        Value::List(items) => items.iter().map(json).collect(),
        Value::Map(entries) => {
            serde_json::Value::Object(entries.iter().map(|(key, value)| (key.to_string(), json(value))).collect())
        }
        Value::Null | Value::Sealed(_) => serde_json::Value::Null,
    }
}
