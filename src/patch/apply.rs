//! One object and all patches that are for it.

use super::footprint::{self, ORDERED};
use super::merge::{self, Faults};
use super::node::{Node, Value};
use super::operations::{self, Removed};
use super::spec::PatchSpec;
use super::{diags, path};
use crate::decode::Entry;
use crate::diag::{Place, Sink};
use crate::k8s::Identity;
use crate::schema::PathSegment;
use crate::source::NodeId;

/// An object after its patches.
pub(super) struct Patched {
    pub(super) node: Node,
    /// What was removed from it.
    pub(super) removed: Removed,
}

/// Applies all patches of an object, in the order of their names, which must not matter. `None` if one of them cannot
/// be applied; it was reported.
pub(super) fn all(
    object: &Node,
    identity: &Identity<'_>,
    patches: &[&Entry<PatchSpec>],
    sink: &mut Sink,
) -> Option<Patched> {
    let before = sink.error_count();
    for patch in patches {
        // Each sees the object as it is made: one that needs another is a part of it.
        match one(object, &patch.spec) {
            Ok((patched, _)) => {
                if let Some((field, at)) = identity_changed(object, &patched) {
                    sink.push(diags::identity(field, identity, at.unwrap_or(patch.name.node)));
                }
            }
            Err(faults) => report(faults, identity, patch, sink),
        }
    }
    if sink.error_count() > before {
        return None;
    }
    for (first, second) in footprint::pairs(object, patches.iter().map(|patch| &patch.spec)) {
        let (Some(first), Some(second)) = (patches.get(first), patches.get(second)) else { continue };
        if let Some((path, a, b)) = conflict(object, &first.spec, &second.spec) {
            let (a, b) = (a.unwrap_or(Place::Key(first.name.node)), b.unwrap_or(Place::Key(second.name.node)));
            sink.push(diags::conflict(&path, identity, (&first.name, a), (&second.name, b)));
        }
    }
    let mut patched = Patched { node: object.clone(), removed: Vec::new() };
    for patch in patches {
        match onto(&mut patched.node, &patch.spec) {
            Ok(removed) => patched.removed.extend(removed),
            // Each two of them may go together, and three not: a place in a list that is there after one of the others
            // is not after both.
            Err(faults) if sink.error_count() == before => report(faults, identity, patch, sink),
            // The conflict that was reported.
            Err(_) => {}
        }
    }
    (sink.error_count() == before).then_some(patched)
}

/// Says what is wrong with a patch.
fn report(faults: Faults, identity: &Identity<'_>, patch: &Entry<PatchSpec>, sink: &mut Sink) {
    for (fault, at) in faults {
        let at = if at == Place::None { Place::Key(patch.name.node) } else { at };
        sink.push(diags::fault(&fault, identity, at));
    }
}

/// The object with one patch, and what that removed; or all that is wrong with it.
fn one(object: &Node, patch: &PatchSpec) -> Result<(Node, Removed), Faults> {
    let mut node = object.clone();
    onto(&mut node, patch).map(|removed| (node, removed))
}

/// Applies one patch and gives what it removed. After a fault the object is of no use.
fn onto(node: &mut Node, patch: &PatchSpec) -> Result<Removed, Faults> {
    let (mut removed, mut faults) = (Vec::new(), Vec::new());
    // What is removed is said of the object as it is made, so before anything is merged into it.
    for path in patch.remove.iter().flat_map(|paths| &paths.value) {
        if let Err(fault) = operations::remove(node, path, &mut removed) {
            faults.push((fault, Place::Value(path.node)));
        }
    }
    if let Some(changes) = &patch.merge {
        merge::merge(node, changes, &mut Vec::new(), &mut faults);
    }
    if let Some(all) = &patch.operations {
        operations::apply(node, &all.value, &mut removed, &mut faults);
    }
    if faults.is_empty() { Ok(removed) } else { Err(faults) }
}

/// Whether a patch makes another object of one that it can be applied to.
pub(super) fn changes(object: &Node, patch: &PatchSpec) -> bool {
    one(object, patch).is_ok_and(|(patched, _)| patched != *object)
}

/// The field of its identity that a patch changes, and where that is said.
fn identity_changed(before: &Node, after: &Node) -> Option<(&'static str, Option<NodeId>)> {
    const FIELDS: [(&str, &[&str]); 5] = [
        ("apiVersion", &["apiVersion"]),
        ("kind", &["kind"]),
        ("metadata", &["metadata"]),
        ("metadata.name", &["metadata", "name"]),
        ("metadata.namespace", &["metadata", "namespace"]),
    ];
    FIELDS.iter().find_map(|(name, path)| {
        let (was, is) = (before.at(path), after.at(path));
        let same = match (was, is) {
            // Labels and annotations may change, as long as there is metadata.
            (Some(_), Some(is)) if *name == "metadata" => matches!(is.value, Value::Map(_)),
            (was, is) => was == is,
        };
        (!same).then(|| (*name, is.and_then(|is| is.at)))
    })
}

type Conflict = (Vec<PathSegment>, Option<Place>, Option<Place>);

/// Where two patches do not go together, and the places of both that say so: applied in the two orders they fail, or
/// give different objects.
fn conflict(object: &Node, first: &PatchSpec, second: &PatchSpec) -> Option<Conflict> {
    let in_order = |a: &PatchSpec, b: &PatchSpec| {
        let (node, _) = one(object, a).ok()?;
        Some(one(&node, b).map_err(|faults| faults.into_iter().next().map(|(_, at)| at)))
    };
    match (in_order(first, second)?, in_order(second, first)?) {
        (Ok((a, _)), Ok((b, _))) => {
            let path = difference(&a, &b, &mut Vec::new())?;
            // In each order the one that comes later has the last word.
            let stated = |object: &Node| object.find(&path).and_then(Node::stated).map(Place::Key);
            Some((path.clone(), stated(&b), stated(&a)))
        }
        (Err(at), Ok(_) | Err(_)) => Some((Vec::new(), None, at)),
        (Ok(_), Err(at)) => Some((Vec::new(), at, None)),
    }
}

/// The first place at which two objects differ. The order of named items (containers, variables, volumes) is no
/// difference: names tell them apart.
fn difference(a: &Node, b: &Node, path: &mut Vec<PathSegment>) -> Option<Vec<PathSegment>> {
    match (&a.value, &b.value) {
        (Value::Map(fields), Value::Map(others)) => {
            for (name, field) in fields {
                path.push(PathSegment::Key(name.clone()));
                let found = match b.get(name) {
                    Some(other) => difference(field, other, path),
                    None => Some(path.clone()),
                };
                path.pop();
                if found.is_some() {
                    return found;
                }
            }
            let only = others.iter().find(|(name, _)| a.get(name).is_none());
            only.map(|(name, _)| path.iter().cloned().chain([PathSegment::Key(name.clone())]).collect())
        }
        (Value::List(items), Value::List(others)) if items.len() == others.len() => {
            let field = path.iter().rev().find_map(|segment| match segment {
                PathSegment::Key(key) => Some(key.as_str()),
                PathSegment::Index(_) => None,
            });
            let ordered = field.is_some_and(|field| ORDERED.contains(&field));
            let named = items.iter().all(|item| item.get("name").is_some());
            if named && !ordered && items.iter().all(|item| others.contains(item)) {
                return None;
            }
            for (index, (item, other)) in items.iter().zip(others).enumerate() {
                path.push(PathSegment::Index(index));
                let found = difference(item, other, path);
                path.pop();
                if found.is_some() {
                    return found;
                }
            }
            None
        }
        _ => (a != b).then(|| path.clone()),
    }
}

/// What is wrong with a patch whatever it is for.
pub(super) fn check(patch: &Entry<PatchSpec>, sink: &mut Sink) {
    let spec = &patch.spec;
    let merged = spec.merge.as_ref().and_then(|merge| merge.at);
    if let Some(merge) = spec.merge.as_ref().filter(|merge| !matches!(merge.value, Value::Map(_))) {
        sink.push(diags::merge_type(merge.value.kind(), merge.at.unwrap_or(patch.name.node)));
    }
    match (&spec.operations, merged.or(spec.remove.as_ref().map(|remove| remove.node))) {
        (Some(operations), Some(other)) => sink.push(diags::two_ways(operations.node, other)),
        (None, None) => sink.push(diags::no_change(&patch.name)),
        _ => {}
    }
    for path in spec.remove.iter().flat_map(|paths| &paths.value) {
        if let Err(fault) = path::parse(&path.value) {
            sink.push(diags::syntax(&fault, path));
        }
    }
}
