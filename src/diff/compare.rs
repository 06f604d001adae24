//! Two sets of objects: which are the same ones, and what of them changed.

use super::change::{Edit, Fate, FieldChange, ObjectChange, Segment};
use super::diags;
use super::fields::{self, Walk};
use super::renames;
use super::shape::{self, Form};
use super::sides::Faults;
use crate::manifest::{Fault, Manifest, ObjectId, Value};
use std::cmp::Ordering;

/// What changes from `old` to `new`, sorted by object. Objects are the same if group, kind, namespace and name are.
///
/// No change is what means the same to the API server: amounts and lengths of time in other words, a field that is
/// stated as what it is by default, lists in another order where order means nothing, `null`, and what a server sets
/// (`status`, `metadata.uid`, …). Two objects of one identity on a side are an error.
pub fn compare<'a>(old: &'a [Manifest<'a>], new: &'a [Manifest<'a>]) -> Result<Vec<ObjectChange<'a>>, Faults> {
    let mut faults = Faults::default();
    let (old, new) = (sorted(old, &mut faults.old), sorted(new, &mut faults.new));
    if !faults.is_empty() {
        return Err(faults);
    }
    let (mut changes, mut removed, mut added) = (Vec::new(), Vec::new(), Vec::new());
    let (mut old, mut new) = (old.into_iter().peekable(), new.into_iter().peekable());
    loop {
        let order = match (old.peek(), new.peek()) {
            (None, None) => break,
            (Some(_), None) => Ordering::Less,
            (None, Some(_)) => Ordering::Greater,
            (Some(old), Some(new)) => old.id.cmp(&new.id),
        };
        match order {
            Ordering::Less => removed.extend(old.next()),
            Ordering::Greater => added.extend(new.next()),
            Ordering::Equal => {
                let (Some(old), Some(new)) = (old.next(), new.next()) else { break };
                let fields = changed_fields(old, new);
                if !fields.is_empty() {
                    changes.push(change(new.id.clone(), Fate::Changed, Some(old), Some(new), fields));
                }
            }
        }
    }
    for (old, new) in renames::pairs(&mut removed, &mut added) {
        let fields = changed_fields(old, new);
        let fate = Fate::Renamed { from: old.id.clone() };
        changes.push(change(new.id.clone(), fate, Some(old), Some(new), fields));
    }
    changes.extend(removed.into_iter().map(|old| change(old.id.clone(), Fate::Removed, Some(old), None, Vec::new())));
    changes.extend(added.into_iter().map(|new| change(new.id.clone(), Fate::Added, None, Some(new), Vec::new())));
    changes.sort_by(|one, other| one.id.cmp(&other.id));
    Ok(changes)
}

fn change<'a>(
    id: ObjectId,
    fate: Fate,
    old: Option<&'a Manifest<'a>>,
    new: Option<&'a Manifest<'a>>,
    fields: Vec<FieldChange<'a>>,
) -> ObjectChange<'a> {
    ObjectChange { id, fate, old, new, fields, consequences: Vec::new(), follows: None }
}

/// By identity; a second one of the same is a fault.
fn sorted<'a>(manifests: &'a [Manifest<'a>], faults: &mut Vec<Fault>) -> Vec<&'a Manifest<'a>> {
    let mut sorted: Vec<&Manifest<'_>> = manifests.iter().collect();
    sorted.sort_by(|one, other| one.id.cmp(&other.id));
    for pair in sorted.windows(2) {
        if let [first, second] = pair
            && first.id == second.id
        {
            faults.push(diags::two(first, second));
        }
    }
    sorted
}

/// What a server sets and nobody states.
const SERVERS: [&str; 6] = ["creationTimestamp", "generation", "managedFields", "resourceVersion", "selfLink", "uid"];
const SERVERS_ANNOTATIONS: [&str; 2] =
    ["deployment.kubernetes.io/revision", "kubectl.kubernetes.io/last-applied-configuration"];

/// The changed fields of two objects that are one.
fn changed_fields<'a>(old: &'a Manifest<'a>, new: &'a Manifest<'a>) -> Vec<FieldChange<'a>> {
    if old.value == new.value {
        return Vec::new();
    }
    let mut walk = Walk::new(false);
    fields::value(&old.value, &new.value, Form::Object(shape::of(&new.id.group, &new.id.kind)), false, &mut walk);
    let is_renamed = old.id != new.id;
    walk.changes.retain(|change| !(is_servers(&change.path) || is_renamed && is_identity(&change.path)));
    let mut changes: Vec<FieldChange<'a>> = walk.changes.into_iter().filter_map(annotations).collect();
    changes.sort_by(|one, other| one.path.cmp(&other.path));
    // Most objects have one: what the list grew for is used for others.
    changes.shrink_to_fit();
    changes
}

fn keys(path: &[Segment]) -> Vec<&str> {
    path.iter().map_while(|segment| if let Segment::Key(key) = segment { Some(key.as_str()) } else { None }).collect()
}

fn is_servers(path: &[Segment]) -> bool {
    match keys(path).as_slice() {
        ["status", ..] => true,
        ["metadata", "annotations", name] => SERVERS_ANNOTATIONS.contains(name),
        ["metadata", name, ..] => SERVERS.contains(name),
        _ => false,
    }
}

/// Name and namespace of a renamed object: its fate says them.
fn is_identity(path: &[Segment]) -> bool {
    matches!(keys(path).as_slice(), ["metadata", "name" | "namespace"])
}

/// Annotations that come or go as a whole, without those that a server sets.
fn annotations(mut change: FieldChange<'_>) -> Option<FieldChange<'_>> {
    if let (["metadata", "annotations"], Edit::Added(Value::Map(entries)) | Edit::Removed(Value::Map(entries))) =
        (keys(&change.path).as_slice(), &mut change.edit)
    {
        *entries = entries.filtered(|name| !SERVERS_ANNOTATIONS.contains(&name));
        if entries.is_empty() {
            return None;
        }
    }
    Some(change)
}
