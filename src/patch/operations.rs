//! JSON patch (RFC 6902). Wherever it has a position in a list, `[name=app]` stands for that of the item.

use super::merge::Faults;
use super::node::{Node, Value};
use super::path::{self, Fault, Step};
use super::spec::{OperationSpec, WithFrom, WithValue};
use crate::decode::At;
use crate::diag::Place;
use crate::schema::{PathSegment, path_text};
use crate::source::NodeId;

/// What a patch removed, and where it says so.
pub(super) type Removed = Vec<(Vec<PathSegment>, NodeId)>;

/// Applies operations one after the other; stops at the first that cannot be.
pub(super) fn apply(object: &mut Node, all: &[At<OperationSpec>], removed: &mut Removed, faults: &mut Faults) {
    for operation in all {
        let (result, node) = match &operation.value {
            OperationSpec::Add(WithValue { path, value }) => (add(object, path, value.clone()), path.node),
            OperationSpec::Replace(WithValue { path, value }) => (replace(object, path, value), path.node),
            OperationSpec::Remove(of) => (remove(object, &of.path, removed).map(drop), of.path.node),
            OperationSpec::Move(WithFrom { from, path }) => match relocate(object, from, path, removed) {
                Ok(()) => continue,
                Err((fault, node)) => (Err(fault), node),
            },
            OperationSpec::Copy(WithFrom { from, path }) => match get(object, from) {
                Ok(value) => {
                    let value = Node { at: Some(path.node), ..value.clone() };
                    (add(object, path, value), path.node)
                }
                Err(fault) => (Err(fault), from.node),
            },
            OperationSpec::Test(WithValue { path, value }) => (test(object, path, value), path.node),
        };
        if let Err(fault) = result {
            let node = match (&fault, &operation.value) {
                (Fault::TestFailed { .. }, OperationSpec::Test(test)) => test.value.at.unwrap_or(node),
                _ => node,
            };
            faults.push((fault, Place::Value(node)));
            return;
        }
    }
}

/// Removes what is at a path.
pub(super) fn remove(object: &mut Node, path: &At<String>, removed: &mut Removed) -> Result<Node, Fault> {
    let steps = path::parse(&path.value)?;
    let at = path::resolve(object, &steps)?;
    let Some((last, parent)) = at.split_last() else { return Err(Fault::Whole) };
    let taken = match (object.find_mut(parent).map(|parent| &mut parent.value), last) {
        (Some(Value::Map(fields)), PathSegment::Key(key)) => {
            let index = fields.iter().position(|(name, _)| name == key);
            index.map(|index| fields.remove(index).1)
        }
        (Some(Value::List(items)), PathSegment::Index(index)) if *index < items.len() => Some(items.remove(*index)),
        _ => None,
    };
    let taken = taken.ok_or(Fault::Whole)?;
    removed.push((at, path.node));
    Ok(taken)
}

fn get<'a>(object: &'a Node, path: &At<String>) -> Result<&'a Node, Fault> {
    let at = path::resolve(object, &path::parse(&path.value)?)?;
    object.find(&at).ok_or(Fault::Whole)
}

fn add(object: &mut Node, path: &At<String>, value: Node) -> Result<(), Fault> {
    let steps = path::parse(&path.value)?;
    let Some((last, parent)) = steps.split_last() else { return Err(Fault::Whole) };
    let at = path::resolve(object, parent)?;
    let Some(parent) = object.find_mut(&at) else { return Err(Fault::Whole) };
    match (&mut parent.value, last) {
        (Value::Map(fields), Step::Key(key)) => match fields.iter_mut().find(|(name, _)| name == key) {
            Some((_, field)) => *field = value,
            None => fields.push((key.clone(), value)),
        },
        (Value::List(items), Step::Key(key)) if key == "-" => items.push(value),
        (Value::List(items), Step::Key(key)) if *key == items.len().to_string() => items.push(value),
        (Value::List(items), step) => {
            let index = path::position(items, step, &at)?;
            items.insert(index, value);
        }
        (other, step) => {
            return Err(Fault::NotInside { inside: path_text(&at), step: step.text(), kind: other.kind() });
        }
    }
    Ok(())
}

fn replace(object: &mut Node, path: &At<String>, value: &Node) -> Result<(), Fault> {
    let at = path::resolve(object, &path::parse(&path.value)?)?;
    if at.is_empty() {
        return Err(Fault::Whole);
    }
    if let Some(node) = object.find_mut(&at) {
        *node = value.clone();
    }
    Ok(())
}

type AtNode = (Fault, NodeId);

fn relocate(object: &mut Node, from: &At<String>, path: &At<String>, removed: &mut Removed) -> Result<(), AtNode> {
    let inside = path.value.strip_prefix(from.value.as_str()).is_some_and(|rest| rest.starts_with('/'));
    if inside {
        return Err((Fault::IntoItself, path.node));
    }
    let mut value = remove(object, from, removed).map_err(|fault| (fault, from.node))?;
    value.at = Some(path.node);
    add(object, path, value).map_err(|fault| (fault, path.node))
}

fn test(object: &Node, path: &At<String>, value: &Node) -> Result<(), Fault> {
    let found = get(object, path)?;
    if found == value { Ok(()) } else { Err(Fault::TestFailed { at: path.value.clone() }) }
}
