//! What of manifests must not be shown.

use super::node::{Node, Value};
use super::yaml;
use crate::diag::mask::{Masks, is_field_credential, is_literal_credential};
use crate::load;
use crate::manifest;
use crate::source::{FileId, SourceMap, Span};

/// Masks for the literal credentials of the spec and of all manifests: read anew, and only when something is to be shown.
pub fn masks(sources: &SourceMap) -> Masks {
    let mut masks = load::masks(sources);
    for (file, source) in sources.files().filter(|(_, source)| source.path.strip_suffix(".toml").is_none()) {
        manifest(file, &source.text, sources, &mut masks);
    }
    masks
}

fn manifest(file: FileId, text: &str, sources: &SourceMap, masks: &mut Masks) {
    // Nodes are added to a copy, which has nothing but its file.
    let mut read = SourceMap::default();
    let copied = read.add(crate::source::SourceFile {
        path: String::new(),
        text: text.to_owned(),
        layer: sources.file(file).map_or(crate::source::Layer::Base, |source| source.layer),
    });
    let Ok(documents) = yaml::documents(copied, text, &mut read) else {
        // Whose values are secret is known of what can be read only.
        if manifest::diags::is_confidential(text) {
            let end = u32::try_from(text.len()).unwrap_or(u32::MAX);
            masks.add_span(Span { file, start: 0, end });
        }
        return;
    };
    let place = |node: &Node| {
        let span = node.at.and_then(|at| read.spans(at))?.value;
        Some(Span { file, ..span })
    };
    for document in &documents {
        visit(document, "", false, &place, masks);
    }
}

/// `secret` is whether all texts in it are.
fn visit(node: &Node, key: &str, secret: bool, place: &dyn Fn(&Node) -> Option<Span>, masks: &mut Masks) {
    match &node.value {
        Value::Map(fields) => {
            let variable = node.get("name").and_then(Node::as_str);
            let is_secret = node.text(&["kind"]) == "Secret";
            for (name, field) in fields {
                let data = is_secret && (name == "data" || name == "stringData");
                match (variable, field.as_str()) {
                    (Some(variable), Some(text))
                        if name == "value" && is_literal_credential(variable, text).is_some() =>
                    {
                        visit(field, "", true, place, masks);
                    }
                    _ => visit(field, name, secret || data, place, masks),
                }
            }
        }
        Value::List(items) => items.iter().for_each(|item| visit(item, key, secret, place, masks)),
        Value::String(text) if secret || is_field_credential(key, text).is_some() => {
            masks.add(text);
            if let Some(span) = place(node) {
                masks.add_span(span);
            }
        }
        // No schema lets a `Secret` hold these; the message that refuses one quotes its line.
        Value::Number(_) | Value::Bool(_) if secret => {
            if let Value::Number(_) = node.value
                && let Some(text) = node.value.scalar()
            {
                masks.add(&text);
            }
            if let Some(span) = place(node) {
                masks.add_span(span);
            }
        }
        _ => {}
    }
}
