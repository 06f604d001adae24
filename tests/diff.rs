//! Comparing objects: what means the same is no change, and what changed is named exactly.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]
#![allow(clippy::disallowed_methods, clippy::case_sensitive_file_extension_comparisons)]
#![allow(clippy::format_push_string, clippy::format_collect)]
#![cfg(unix)]

mod support;

use dpjgen::diff::{self, Edit, Fate, Segment};
use dpjgen::manifest::{self, Value};
use support::{files, root};

fn show(value: &Value<'_>) -> String {
    match value {
        Value::Null => "null".to_owned(),
        Value::Bool(value) => value.to_string(),
        Value::Number(text) | Value::String(text) => text.to_string(),
        Value::Sealed(sealed) => sealed.to_string(),
        Value::List(items) => format!("[{}]", items.iter().map(show).collect::<Vec<_>>().join(", ")),
        Value::Map(entries) => {
            let entries: Vec<String> = entries.iter().map(|(key, value)| format!("{key}: {}", show(value))).collect();
            format!("{{{}}}", entries.join(", "))
        }
    }
}

fn path(segments: &[Segment]) -> String {
    let mut out = String::new();
    for segment in segments {
        match segment {
            Segment::Key(key) if out.is_empty() => out += key,
            Segment::Key(key) => out += &format!(".{key}"),
            Segment::Item { is, .. } => out += &format!("[{is}]"),
            Segment::Index(index) => out += &format!("[{index}]"),
        }
    }
    out
}

/// What changes between two streams, a line each.
fn changes(old: &str, new: &str) -> Vec<String> {
    let (old, new) = (manifest::read("old", old.as_bytes()).unwrap(), manifest::read("new", new.as_bytes()).unwrap());
    let mut lines = Vec::new();
    for change in diff::compare(&old, &new).unwrap() {
        match &change.fate {
            Fate::Added => lines.push(format!("+ {}", change.id)),
            Fate::Removed => lines.push(format!("- {}", change.id)),
            Fate::Renamed { from } => lines.push(format!("{from} -> {}", change.id)),
            Fate::Changed => {}
        }
        for field in &change.fields {
            let what = match &field.edit {
                Edit::Added(value) => format!("+ {}", show(value)),
                Edit::Removed(value) => format!("- {}", show(value)),
                Edit::Replaced { old, new } => format!("{} -> {}", show(old), show(new)),
                Edit::Reordered { old, new } => format!("order {} -> {}", old.join(" "), new.join(" ")),
            };
            lines.push(format!("{}: {what}", path(&field.path)));
        }
    }
    lines
}

fn stream() -> String {
    let out = root().join("out");
    let texts = files(&out).into_iter().filter(|path| path.starts_with("prod/") && path.ends_with(".yaml"));
    texts.map(|path| format!("---\n{}", std::fs::read_to_string(out.join(path)).unwrap())).collect()
}

#[test]
fn nothing_changes_between_the_same() {
    let text = stream();
    assert!(changes(&text, &text).is_empty());
}

#[test]
fn an_image_changes() {
    let text = stream();
    let found = changes(&text, &text.replace("document-service:1.1.0", "document-service:1.2.0"));
    assert_eq!(found.len(), 1, "{found:#?}");
    assert!(found[0].starts_with("spec.template.spec.containers[document-service].image: "), "{found:#?}");
}
