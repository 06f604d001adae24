//! Where today's spec states what is new, for a comparison with a snapshot whose spec is not known.
//!
//! The entry that an object belongs to is always right to point at. A single leaf is pointed at only where one leaf among
//! those that the object may depend on has the field's name and its new value.

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
        let (index, field) = target;
        let Some(change) = changes.get(index) else { continue };
        let cause = if edited(index) {
            Cause::HandEdit
        } else {
            let field = field.and_then(|field| change.fields.get(field));
            match spec.resources.get(&change.id) {
                Some(resource) => Cause::Origin(spec.origin(resource, field.map(|f| (f.path.as_slice(), &f.edit)))),
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

    fn origin(&self, resource: &Resource, field: Option<(&[Segment], &Edit<'_>)>) -> Vec<SpecPlace> {
        let leaf = field.and_then(|(path, edit)| self.leaf(resource, path, edit));
        let node = leaf.or(resource.owner).or_else(|| resource.origins.first().copied());
        node.map(|node| self.place(node)).into_iter().collect()
    }

    /// The one leaf that has the field's name and its new value.
    fn leaf(&self, resource: &Resource, path: &[Segment], edit: &Edit<'_>) -> Option<NodeId> {
        let (Edit::Added(new) | Edit::Replaced { new, .. }) = edit else { return None };
        let name = path.iter().rev().find_map(|step| match step {
            Segment::Key(key) => Some(key.as_str()),
            _ => None,
        })?;
        // What belongs to the object itself comes first: others that it knows have fields of that name, too.
        let owner = resource.owner.as_slice();
        self.only(owner, name, new).or_else(|| self.only(&resource.origins, name, new))
    }

    /// The one leaf below some nodes that has this name and says this.
    fn only(&self, below: &[NodeId], name: &str, wanted: &manifest::Value<'_>) -> Option<NodeId> {
        let mut found = BTreeSet::new();
        for origin in below {
            let Some(node) = self.nodes.get(origin) else { continue };
            let mut path = self.paths.get(origin).cloned().unwrap_or_default();
            walk(node, &mut path, &mut |path, node| {
                if path.last().is_some_and(|key| camel(key) == name) && says(&node.value, wanted) {
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

/// Whether a value of the spec and one of a manifest are the same; the registry may stand before an image.
fn says(spec: &Value, manifest: &manifest::Value<'_>) -> bool {
    match (spec, manifest) {
        (Value::Integer(a), manifest::Value::Number(_)) => manifest.as_i64() == Some(*a),
        (Value::Boolean(a), manifest::Value::Bool(b)) => a == b,
        (Value::String(a), manifest::Value::String(b)) => {
            **a == **b || b.strip_suffix(&**a).is_some_and(|r| r.ends_with('/'))
        }
        _ => false,
    }
}
