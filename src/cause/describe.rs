//! Units and nodes as people read them: file, line, key, and values without secrets.

use super::record::Content;
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
        Unit::File { path, old, new } => file(path, old, new, masks),
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

/// The first line that differs, and how many more do.
fn file(path: &str, old: &Content, new: &Content, masks: &Masks) -> SpecChange {
    let text = |content: &Content| content.as_ref().ok().map(|bytes| String::from_utf8_lossy(bytes).into_owned());
    let (old, new) = (text(old), text(new));
    let place = |line| SpecPlace { file: path.to_owned(), line, key: String::new() };
    let (Some(was), Some(is)) = (&old, &new) else {
        let says = |text: &Option<String>| text.as_ref().map(|text| lines(text.lines().count()));
        return SpecChange { place: place(1), old: says(&old), new: says(&new) };
    };
    let (was, is): (Vec<&str>, Vec<&str>) = (was.lines().collect(), is.lines().collect());
    let ahead = was.iter().zip(&is).take_while(|(a, b)| a == b).count();
    let most = was.len().min(is.len()) - ahead;
    let behind = was.iter().rev().zip(is.iter().rev()).take(most).take_while(|(a, b)| a == b).count();
    let shown = |all: &[&str]| {
        let changed = all.get(ahead..all.len() - behind).unwrap_or_default();
        match changed {
            [] => None,
            [line] => Some(masks.hide(line.trim())),
            more => Some(lines(more.len())),
        }
    };
    SpecChange { place: place(ahead + 1), old: shown(&was), new: shown(&is) }
}

fn lines(number: usize) -> String {
    format!("{number} line{}", if number == 1 { "" } else { "s" })
}

#[cfg(test)]
mod tests {
    use super::{change, file};
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
        let found = file("a", &Ok(b"password: correcthorse-1\n".to_vec()), &Ok(b"b\n".to_vec()), &Masks::default());
        assert_eq!((found.place.line, found.old.as_deref()), (1, Some("password: •••")));
    }

    #[test]
    fn the_first_changed_line_of_a_file_is_named() {
        let lines = |text: &str| Ok(text.as_bytes().to_vec());
        let masks = Masks::default();
        let one = file("t", &lines("a\nb\nc\n"), &lines("a\nB\nc\n"), &masks);
        assert_eq!((one.place.line, one.old.as_deref(), one.new.as_deref()), (2, Some("b"), Some("B")));
        let more = file("t", &lines("a\nb\nc\n"), &lines("a\nx\ny\nc\n"), &masks);
        assert_eq!((more.place.line, more.old.as_deref(), more.new.as_deref()), (2, Some("b"), Some("2 lines")));
        let added = file("t", &Err(crate::files::ReadError::NotFound), &lines("a\n"), &masks);
        assert_eq!((added.old, added.new.as_deref()), (None, Some("1 line")));
    }
}
