//! JSON merge patch (RFC 7386), with items of lists addressed by what they say.
//!
//! A list is replaced by a list. By a table it is changed item by item: `"[name=app]"` changes the item that is there,
//! `"[+name=app]"` adds one that is not.

use super::node::{Node, Value};
use super::path::{self, Fault, Step};
use crate::diag::Place;
use crate::schema::{PathSegment, path_text};
use crate::source::NodeId;

/// What goes wrong on the way, and where the patch says it: at a key of what is merged, or at the path of an operation.
pub(super) type Faults = Vec<(Fault, Place)>;

fn at_key(node: Option<NodeId>) -> Place {
    node.map_or(Place::None, Place::Key)
}

/// Merges `patch` into `target`, which is at `at` in its object.
pub(super) fn merge(target: &mut Node, patch: &Node, at: &mut Vec<PathSegment>, faults: &mut Faults) {
    match (&mut target.value, &patch.value) {
        (Value::List(items), Value::Map(fields)) if !fields.is_empty() => {
            for (key, item) in fields {
                into_list(items, key, item, at, faults);
            }
        }
        (Value::Map(fields), Value::Map(changes)) => {
            for (key, change) in changes {
                if path::item(key).is_some() {
                    let (inside, step) = (path_text(at), key.clone());
                    faults.push((Fault::NotInside { inside, step, kind: "a map" }, at_key(change.at)));
                    continue;
                }
                at.push(PathSegment::Key(key.clone()));
                match fields.iter_mut().find(|(name, _)| name == key) {
                    Some((_, field)) => merge(field, change, at, faults),
                    None => fields.push((key.clone(), fresh(change, at, faults))),
                }
                at.pop();
            }
        }
        _ => *target = fresh(patch, at, faults),
    }
}

fn into_list(items: &mut Vec<Node>, key: &str, change: &Node, at: &mut Vec<PathSegment>, faults: &mut Faults) {
    let new = key.strip_prefix("[+").map(|rest| format!("[{rest}"));
    let step = match path::item(new.as_deref().unwrap_or(key)) {
        Some(Ok(step)) => step,
        Some(Err(fault)) => return faults.push((fault, at_key(change.at))),
        None => return faults.push((Fault::ListByFields { inside: path_text(at) }, at_key(change.at))),
    };
    match (path::position(items, &step, at), new.is_some()) {
        (Ok(index), false) => {
            at.push(PathSegment::Index(index));
            if let Some(item) = items.get_mut(index) {
                merge(item, change, at, faults);
            }
            at.pop();
        }
        (Err(Fault::NoItem { .. }), true) => {
            at.push(PathSegment::Index(items.len()));
            items.extend(new_item(&step, change, at, faults));
            at.pop();
        }
        (Ok(_) | Err(Fault::SeveralItems { .. }), true) => {
            faults.push((Fault::ItemIsThere { inside: path_text(at), step: step.text() }, at_key(change.at)));
        }
        (Err(fault), _) => faults.push((fault, at_key(change.at))),
    }
}

/// The item that `[+name=app]` adds: with its keys, then what the table says.
fn new_item(step: &Step, change: &Node, at: &mut Vec<PathSegment>, faults: &mut Faults) -> Option<Node> {
    let keys = match step {
        Step::Is(value) => return Some(Node::new(Value::String(value.clone()), change.at)),
        Step::Item(keys) => keys,
        Step::Key(_) => return None,
    };
    let mut fields = Vec::new();
    for (key, value) in keys {
        match change.get(key) {
            // The table may say the type that a text does not have: `containerPort = 8080`.
            Some(stated) if stated.value.scalar().as_ref() == Some(value) => {
                fields.push((key.clone(), stated.clone()));
            }
            Some(stated) => {
                faults.push((Fault::OtherKey { step: step.text(), field: key.clone() }, at_key(stated.at)));
            }
            None => fields.push((key.clone(), Node::new(typed(key, value), change.at))),
        }
    }
    let mut item = Node::new(Value::Map(fields), change.at);
    merge(&mut item, change, at, faults);
    Some(item)
}

/// Ports are the only keys of lists in the API that are numbers.
fn typed(key: &str, value: &str) -> Value {
    match value.parse::<u16>() {
        Ok(port) if key.ends_with("ort") => Value::Number(port.into()),
        _ => Value::String(value.to_owned()),
    }
}

/// A value where there was none, or another: a table of new items is a list.
fn fresh(patch: &Node, at: &mut Vec<PathSegment>, faults: &mut Faults) -> Node {
    let Value::Map(fields) = &patch.value else { return patch.clone() };
    let is_list = fields.iter().any(|(key, _)| path::item(key).is_some());
    let value = if is_list { Value::List(Vec::new()) } else { Value::Map(Vec::new()) };
    let mut node = Node::new(value, patch.at);
    if !fields.is_empty() {
        merge(&mut node, patch, at, faults);
    }
    node
}
