//! Where today's spec states what is new, for a comparison with a snapshot whose spec is not known.
//!
//! The entry that an object belongs to is always right to point at. A single leaf is pointed at only where one leaf among
//! those that the object may depend on has the field's name and its new value, and did not give the old one as well.

use super::{Groups, describe, json, targets};
use crate::Compiled;
use crate::diff::{Cause, Edit, Fate, Group, ObjectChange, Segment, SpecPlace};
use crate::load::{Node, Value};
use crate::manifest::{self, ObjectId};
use crate::plan::Resource;
use crate::source::{NodeId, SourceMap};
use std::collections::{BTreeMap, BTreeSet};

/// Groups `changes` by where the compiled spec states their new side. `edited` says of an object whether its file in the
/// snapshot is not what dpjgen wrote.
pub fn origins(
    compiled: &Compiled,
    sources: &SourceMap,
    changes: &[ObjectChange<'_>],
    edited: &dyn Fn(usize) -> bool,
) -> Vec<Group> {
    let spec = Spec::of(compiled, sources);
    let mut groups = Groups::default();
    for target in targets(changes) {
        // What does no more than follow a renamed workload has its cause.
        let followed = changes.get(target.0).and_then(|change| change.follows);
        let (index, field) = followed.map_or(target, |main| (main, None));
        let Some(change) = changes.get(index) else { continue };
        let cause = if edited(target.0) {
            Cause::HandEdit
        } else {
            let field = field.and_then(|field| change.fields.get(field));
            match spec.resources.get(&change.id) {
                Some(resource) => {
                    // Of a renamed object all is what its entry says.
                    let field = field.filter(|_| !matches!(change.fate, Fate::Renamed { .. }));
                    spec.origin(resource, field.map(|f| (f.path.as_slice(), &f.edit)))
                }
                None => Cause::Origin(spec.removal(change)),
            }
        };
        groups.add(target, cause);
    }
    groups.finish()
}

/// Which units are at or below the nodes on which objects may depend.
pub(super) struct Reach<'a> {
    resources: BTreeMap<ObjectId, &'a Resource>,
    /// The units at or below a node; of nodes with none there is nothing.
    below: BTreeMap<NodeId, BTreeSet<usize>>,
}

impl<'a> Reach<'a> {
    /// Of a compiled spec, which is walked once; `units` are the nodes of each unit.
    pub(super) fn of(compiled: &'a Compiled, units: impl Iterator<Item = (usize, NodeId)>) -> Self {
        let mut at: BTreeMap<NodeId, Vec<usize>> = BTreeMap::new();
        for (unit, node) in units {
            at.entry(node).or_default().push(unit);
        }
        let mut below = BTreeMap::new();
        add_below(&compiled.merged.root, &mut Vec::new(), &at, &mut below);
        let resources = compiled.plan.resources().iter().map(|r| (json::id(&r.object), r)).collect();
        Reach { resources, below }
    }

    /// The units on which an object may depend.
    pub(super) fn units(&self, id: &ObjectId) -> impl Iterator<Item = usize> {
        let origins = self.resources.get(id).into_iter().flat_map(|resource| &resource.origins);
        origins.filter_map(|node| self.below.get(node)).flatten().copied()
    }
}

/// Adds the units at and below a node to those of each node above it. `above` ends with the node's parent.
fn add_below(
    node: &Node,
    above: &mut Vec<NodeId>,
    at: &BTreeMap<NodeId, Vec<usize>>,
    below: &mut BTreeMap<NodeId, BTreeSet<usize>>,
) {
    above.push(node.id);
    for unit in at.get(&node.id).into_iter().flatten() {
        for node in above.iter() {
            below.entry(*node).or_default().insert(*unit);
        }
    }
    match &node.value {
        Value::Table(table) => table.iter().for_each(|entry| add_below(&entry.node, above, at, below)),
        Value::Array(items) => items.iter().for_each(|item| add_below(item, above, at, below)),
        _ => {}
    }
    above.pop();
}

/// Visits each node with its path.
fn walk<'n>(node: &'n Node, path: &mut Vec<&'n str>, visit: &mut impl FnMut(&[&'n str], &'n Node)) {
    visit(path, node);
    match &node.value {
        Value::Table(table) => {
            for entry in table {
                path.push(&entry.key);
                walk(&entry.node, path, visit);
                path.pop();
            }
        }
        Value::Array(items) => items.iter().for_each(|item| walk(item, path, visit)),
        _ => {}
    }
}

struct Spec<'a> {
    resources: BTreeMap<ObjectId, &'a Resource>,
    /// Each node's path; of one that stands in several places (a class's), the first.
    paths: BTreeMap<NodeId, Vec<&'a str>>,
    nodes: BTreeMap<NodeId, &'a Node>,
    compiled: &'a Compiled,
    sources: &'a SourceMap,
}

impl<'a> Spec<'a> {
    fn of(compiled: &'a Compiled, sources: &'a SourceMap) -> Self {
        let (mut paths, mut nodes) = (BTreeMap::new(), BTreeMap::new());
        walk(&compiled.merged.root, &mut Vec::new(), &mut |path, node| {
            paths.entry(node.id).or_insert_with(|| path.to_vec());
            nodes.entry(node.id).or_insert(node);
        });
        let resources = compiled.plan.resources().iter().map(|r| (json::id(&r.object), r)).collect();
        Spec { resources, paths, nodes, compiled, sources }
    }

    fn place(&self, node: NodeId) -> SpecPlace {
        let path = self.paths.get(&node).map_or(&[][..], Vec::as_slice);
        describe::place(Some(node), path, self.sources)
    }

    fn origin(&self, resource: &Resource, field: Option<(&[Segment], &Edit<'_>)>) -> Cause {
        let leaves = field.map_or_else(Vec::new, |(path, edit)| self.leaves(resource, path, edit));
        if !leaves.is_empty() {
            let mut places: Vec<SpecPlace> = leaves.into_iter().map(|leaf| self.place(leaf)).collect();
            places.sort();
            return Cause::Origin(places);
        }
        let entry = resource.owner.or_else(|| resource.origins.first().copied()).map(|node| self.place(node));
        match (entry, field) {
            // The object as a whole is what the entry says.
            (Some(entry), None) => Cause::Origin(vec![entry]),
            (Some(entry), Some(_)) => Cause::Entry(entry),
            (None, _) => Cause::Unknown,
        }
    }

    /// The one leaf that has the field's name and its new value; of an image its registry's too.
    fn leaves(&self, resource: &Resource, path: &[Segment], edit: &Edit<'_>) -> Vec<NodeId> {
        let (new, old) = match edit {
            Edit::Added(new) => (new, None),
            Edit::Replaced { old, new } => (new, Some(old)),
            Edit::Removed(_) | Edit::Reordered { .. } => return Vec::new(),
        };
        let name = path.iter().rev().find_map(|step| match step {
            Segment::Key(key) => Some(key.as_str()),
            _ => None,
        });
        let keys: &[(&str, Part)] = match name {
            Some("image") => &[("image", Part::Image), ("registry", Part::Registry)],
            Some("app.kubernetes.io/version") => &[("image", Part::Tag)],
            Some(name) => &[(name, Part::Whole)],
            None => return Vec::new(),
        };
        let found = keys.iter().filter_map(|(key, part)| {
            let is = |value: &Value| part.says(value, new) && !old.is_some_and(|old| part.says(value, old));
            // What belongs to the object itself comes first: others that it knows have fields of that name, too.
            self.only(resource.owner.as_slice(), key, &is).or_else(|| self.only(&resource.origins, key, &is))
        });
        found.collect()
    }

    /// The one leaf below some nodes that has this name and is what is wanted.
    fn only(&self, below: &[NodeId], name: &str, is: &dyn Fn(&Value) -> bool) -> Option<NodeId> {
        let mut found = BTreeSet::new();
        for origin in below {
            let Some(node) = self.nodes.get(origin) else { continue };
            let mut path = self.paths.get(origin).cloned().unwrap_or_default();
            walk(node, &mut path, &mut |path, node| {
                if path.last().is_some_and(|key| camel(key) == name) && is(&node.value) {
                    found.insert(node.id);
                }
            });
        }
        let mut found = found.into_iter();
        let first = found.next()?;
        found.next().is_none().then_some(first)
    }

    /// What switched an object off; nothing if it is not known.
    fn removal(&self, change: &ObjectChange<'_>) -> Vec<SpecPlace> {
        if change.fate != Fate::Removed {
            return Vec::new();
        }
        let of = |name: &str| change.id.name == name;
        let by = self.compiled.merged.disabled.iter().find(|disabled| of(&disabled.name));
        by.map(|disabled| {
            let path = [disabled.section.as_str(), disabled.name.as_str(), "enabled"];
            let mut place = describe::place(Some(disabled.by), &[], self.sources);
            place.key = path.join(".");
            place
        })
        .into_iter()
        .collect()
    }
}

/// `max-unavailable` as Kubernetes writes it: `maxUnavailable`.
fn camel(key: &str) -> String {
    let mut text = String::with_capacity(key.len());
    let mut upper = false;
    for c in key.chars() {
        if c == '-' {
            upper = true;
        } else {
            text.push(if std::mem::take(&mut upper) { c.to_ascii_uppercase() } else { c });
        }
    }
    text
}

/// What part of a manifest's value a leaf of the spec is.
#[derive(Clone, Copy)]
enum Part {
    Whole,
    /// All of an image, or what stands behind the registry.
    Image,
    /// The registry in front of an image.
    Registry,
    /// The value is the tag of the image that the leaf is.
    Tag,
}

impl Part {
    /// Whether a manifest's value is what the leaf makes it.
    fn says(self, leaf: &Value, value: &manifest::Value<'_>) -> bool {
        match (leaf, value) {
            (Value::Integer(a), manifest::Value::Number(_)) => value.as_i64() == Some(*a),
            (Value::Boolean(a), manifest::Value::Bool(b)) => a == b,
            (Value::String(a), manifest::Value::String(b)) => {
                let (a, b): (&str, &str) = (a, b);
                match self {
                    Part::Whole => a == b,
                    Part::Image => a == b || b.strip_suffix(a).is_some_and(|front| front.ends_with('/')),
                    Part::Registry => b.strip_prefix(a).is_some_and(|behind| behind.starts_with('/')),
                    Part::Tag => a.split('@').next().and_then(|a| a.strip_suffix(b)).is_some_and(|a| a.ends_with(':')),
                }
            }
            _ => false,
        }
    }
}
