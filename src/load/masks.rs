//! What of the spec's text must not be shown.

use super::{Node, Table, Value, parse};
use crate::diag::mask::{Masks, is_literal_credential};
use crate::source::{SourceMap, Span};

/// Masks for the literal credentials of all files. Read from the text anew, and only when something is to be shown: a spec
/// without mistakes pays nothing for it.
pub fn masks(sources: &SourceMap) -> Masks {
    let mut masks = Masks::default();
    for (file, source) in sources.files() {
        let Some((root, spans)) = parse::again(file, &source.text) else { continue };
        let span = |node: &Node| spans.get(node.id.0 as usize).map(|spans| spans.value);
        visit(&root, "", false, &span, &mut masks);
    }
    masks
}

/// What a patch gives a `value` to: `{ name = "DB_PASSWORD", value = … }`, `env."[name=DB_PASSWORD]".value`, or an operation
/// whose path ends in one of the two.
fn named<'a>(key: &'a str, table: &'a Table) -> Option<&'a str> {
    let text = |key| table.get(key).and_then(Node::as_str);
    let last = |path: &'a str| path.strip_suffix("/value").unwrap_or(path).rsplit(['/', '.']).next();
    let named = text("name").or_else(|| text("path").and_then(last)).unwrap_or(key);
    let item = named.strip_prefix('[').and_then(|item| item.strip_suffix(']'));
    match item {
        Some(item) => item.split_once('=').map(|(_, name)| name),
        None => Some(named).filter(|named| *named != key || text("name").is_some()),
    }
}

/// Below `connects`, a variable's value is the name of a field, as in `DATABASE_PASSWORD = "password"`.
fn visit(node: &Node, key: &str, names: bool, span: &dyn Fn(&Node) -> Option<Span>, masks: &mut Masks) {
    match &node.value {
        Value::Table(table) => {
            for entry in table {
                let key = if &*entry.key == "value" { named(key, table).unwrap_or("value") } else { &*entry.key };
                visit(&entry.node, key, names || &*entry.key == "connects", span, masks);
            }
        }
        Value::Array(items) => items.iter().for_each(|item| visit(item, key, names, span, masks)),
        Value::String(text) => {
            let Some(place) = span(node) else { return };
            // Whoever takes the place for that of the password itself has written no name of a field.
            let field = names && text.bytes().all(|b| b.is_ascii_lowercase() || matches!(b, b'-' | b'_'));
            let checked = if field { "" } else { key };
            if is_literal_credential(checked, text).is_some() {
                masks.add(text);
                masks.add_span(place);
            } else {
                masks.add_visible(place);
            }
        }
        _ => {}
    }
}
