//! Units and nodes as people read them: file, line, key, and values without secrets.

use super::lines;
use super::units::Unit;
use crate::diag::mask::{Masks, is_literal_credential};
use crate::diff::{SpecChange, SpecPlace};
use crate::load::{Node, write};
use crate::source::{NodeId, SourceMap};

/// What stands for a secret.
const HIDDEN: &str = "•••";

/// The change that a unit is. A layer that states something for the first time changes what another one stated: `merged`
/// are the old and the new spec with all layers.
pub(super) fn change(unit: &Unit, merged: [Option<&Node>; 2], sources: &SourceMap, masks: &Masks) -> SpecChange {
    match unit {
        Unit::Entry { path, old, new, .. } => {
            let name = path.last().map_or("", String::as_str);
            let [was, is] = merged.map(|root| root.and_then(|root| below(root, path)));
            let text = |own: Option<&Node>, other: Option<&Node>| own.or(other).map(|node| value(node, name, masks));
            let node = new.as_ref().or(old.as_ref()).map(|node| node.id);
            SpecChange {
                place: place(node, &path.iter().map(String::as_str).collect::<Vec<_>>(), sources),
                old: text(old.as_ref(), was),
                new: text(new.as_ref(), is),
            }
        }
        Unit::File { path, old, new } => lines::of_file(path, old, new, masks),
        Unit::Renamed { path, node, from, .. } => SpecChange {
            place: place(Some(*node), &path.iter().map(String::as_str).collect::<Vec<_>>(), sources),
            old: Some(from.clone()),
            new: path.last().cloned(),
        },
    }
}

/// What stands at a path.
fn below<'n>(root: &'n Node, path: &[String]) -> Option<&'n Node> {
    path.iter().try_fold(root, |node, key| node.as_table()?.get(key))
}

/// Where a node stands.
pub(super) fn place(node: Option<NodeId>, path: &[&str], sources: &SourceMap) -> SpecPlace {
    let span = node.and_then(|node| sources.spans(node)).map(|spans| spans.key);
    let file = span.and_then(|span| sources.file(span.file)).map_or_else(String::new, |file| file.path.clone());
    let line = span.map_or(1, |span| sources.line_col(span).line);
    SpecPlace { file, line, key: path.iter().map(|key| write::key(key)).collect::<Vec<_>>().join(".") }
}

/// A value as the spec could write it, without secrets.
pub(super) fn value(node: &Node, name: &str, masks: &Masks) -> String {
    let text = |name: &str, text: &str| {
        if is_literal_credential(name, text).is_some() { format!("\"{HIDDEN}\"") } else { write::string(text) }
    };
    masks.apply(&write::value(node, name, &text))
}

#[cfg(test)]
mod tests {
    use super::change;
    use crate::cause::units::Unit;
    use crate::diag::mask::Masks;
    use crate::load::{Node, Value};
    use crate::source::{Layer, NodeId, SourceMap};

    fn node(text: &str) -> Node {
        Node { id: NodeId(0), value: Value::String(text.into()) }
    }

    #[test]
    fn credentials_are_hidden_whatever_their_length() {
        for secret in ["x1y", "correcthorse", "postgresql://app:correcthorse@db/x"] {
            let path = vec!["env".to_owned(), "DB_PASSWORD".to_owned()];
            let unit = Unit::Entry { layer: Layer::Base, path, old: Some(node(secret)), new: Some(node("hunter2")) };
            let shown = change(&unit, [None, None], &SourceMap::default(), &Masks::default());
            assert_eq!((shown.old.as_deref(), shown.new.as_deref()), (Some("\"•••\""), Some("\"•••\"")));
        }
    }
}
