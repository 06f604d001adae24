//! What was changed in the spec, taken apart into units that are applied one at a time.
//!
//! A unit is a value of one layer that says something else, an entry that is new or gone, or a file that the spec refers
//! to. An entry with everything below it is one unit where its parts mean nothing alone: a new workload, not its twenty
//! keys. The keys of an overlay's entry are units each, since what an overlay states is a change of something that
//! exists.

use super::record::{Content, Recorder};
use crate::files::Files;
use crate::load::{Loaded, Node, Table, Value};
use crate::overlay::{Language, Shape};
use crate::source::{Layer, NodeId};
use std::collections::BTreeSet;

/// A change of the spec.
#[derive(Clone, Debug)]
pub(super) enum Unit {
    /// Of an entry of a layer.
    Entry { layer: Layer, path: Vec<String>, old: Option<Node>, new: Option<Node> },
    /// Of a file that the spec refers to, such as a template.
    File { path: String, old: Content, new: Content },
    /// A named thing is called otherwise, in its entry and wherever the spec names it.
    Renamed { path: Vec<String>, node: NodeId, from: String, parts: Vec<Unit> },
}

impl Unit {
    /// The nodes of both states that it is about.
    pub(super) fn nodes(&self) -> impl Iterator<Item = NodeId> {
        let nodes = |unit: &Unit| match unit {
            Unit::Entry { old, new, .. } => [old, new].map(|node| node.as_ref().map(|node| node.id)),
            Unit::File { .. } | Unit::Renamed { .. } => [None, None],
        };
        self.parts().iter().flat_map(nodes).flatten()
    }

    /// The units that it is made of: itself, unless it is a new name.
    pub(super) fn parts(&self) -> &[Unit] {
        match self {
            Unit::Renamed { parts, .. } => parts,
            Unit::Entry { .. } | Unit::File { .. } => std::slice::from_ref(self),
        }
    }
}

/// The units between two states of a spec.
pub(super) fn between(old: &Loaded, new: &Loaded, language: Language<'_>) -> Vec<Unit> {
    let mut units = Vec::new();
    let layers = [(Layer::Base, &old.base, &new.base), (Layer::Environment, &old.environment, &new.environment)];
    for (layer, old, new) in layers {
        let empty = Table::default();
        let table = |node: &'_ Option<Node>| node.as_ref().and_then(Node::as_table).cloned();
        let (old, new) = (table(old), table(new));
        let (old, new) = (old.as_ref().unwrap_or(&empty), new.as_ref().unwrap_or(&empty));
        let mut walk = Walk { layer, units: &mut units, path: Vec::new() };
        walk.tables(old, new, &|key| language.shape(key));
    }
    units
}

/// The units of files: what the new state read and is not the same in the old one. What the new state no longer reads is
/// gone by the entry that named it. Files that are layers are taken apart already.
pub(super) fn files(old: &Recorder<'_>, new: &Recorder<'_>, layers: &BTreeSet<String>) -> Vec<Unit> {
    let mut units = Vec::new();
    for path in new.read_paths().into_iter().filter(|path| !layers.contains(path)) {
        let (was, is) = (old.read(&path), new.read(&path));
        if was != is {
            units.push(Unit::File { path, old: was, new: is });
        }
    }
    units
}

struct Walk<'u> {
    layer: Layer,
    units: &'u mut Vec<Unit>,
    path: Vec<String>,
}

impl Walk<'_> {
    fn tables(&mut self, old: &Table, new: &Table, shape: &dyn Fn(&str) -> Shape) {
        let keys: BTreeSet<&str> = old.keys().chain(new.keys()).collect();
        for key in keys {
            self.path.push(key.to_owned());
            self.entry(old.get(key), new.get(key), shape(key));
            self.path.pop();
        }
    }

    fn entry(&mut self, old: Option<&Node>, new: Option<&Node>, shape: Shape) {
        let empty = Table::default();
        let inner = |key: &str| shape.of(key);
        match (old.map(|n| &n.value), new.map(|n| &n.value)) {
            (Some(Value::Table(was)), Some(Value::Table(is))) => self.tables(was, is, &inner),
            (Some(Value::Table(was)), None) if self.opens(was, shape) => self.tables(was, &empty, &inner),
            (None, Some(Value::Table(is))) if self.opens(is, shape) => self.tables(&empty, is, &inner),
            (Some(was), Some(is)) if same(was, is) => {}
            _ => self.units.push(Unit::Entry {
                layer: self.layer,
                path: self.path.clone(),
                old: old.cloned(),
                new: new.cloned(),
            }),
        }
    }

    /// Whether a table without a counterpart is no more than its entries.
    fn opens(&self, table: &Table, shape: Shape) -> bool {
        match shape {
            Shape::Named(_) | Shape::Free => true,
            Shape::Choice(tag, _) if table.get(tag).is_some() => false,
            Shape::Keys(_) | Shape::Choice(..) => {
                self.layer == Layer::Environment && table.get("new").is_none() && !table.is_empty()
            }
        }
    }
}

/// Whether two values say the same, wherever they stand.
pub(super) fn same(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::String(a), Value::String(b)) | (Value::Datetime(a), Value::Datetime(b)) => a == b,
        (Value::Integer(a), Value::Integer(b)) => a == b,
        (Value::Float(a), Value::Float(b)) => a.to_bits() == b.to_bits(),
        (Value::Boolean(a), Value::Boolean(b)) => a == b,
        (Value::Array(a), Value::Array(b)) => {
            a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same(&a.value, &b.value))
        }
        (Value::Table(a), Value::Table(b)) => {
            a.len() == b.len() && a.iter().zip(b).all(|(a, b)| a.key == b.key && same(&a.node.value, &b.node.value))
        }
        _ => false,
    }
}

/// The old layers with some units applied.
pub(super) fn apply<'u>(old: &Loaded, new: &Loaded, units: impl Iterator<Item = &'u Unit>) -> Loaded {
    let mut mixed =
        Loaded { sources: new.sources.clone(), base: old.base.clone(), environment: old.environment.clone() };
    for unit in units.flat_map(Unit::parts) {
        let Unit::Entry { layer, path, new: node, .. } = unit else { continue };
        let (into, from) = match layer {
            Layer::Base => (&mut mixed.base, &new.base),
            Layer::Environment => (&mut mixed.environment, &new.environment),
        };
        // A layer that was empty or is empty now has a root all the same, or there would be no platform.
        if let (Some(into), Some(from)) = (into.as_mut(), from.as_ref()) {
            put(into, Some(from), path, node.as_ref());
        }
    }
    mixed
}

/// Puts `node` at a path, or removes what is there. Tables that are missing on the way are those of `from`.
fn put(into: &mut Node, from: Option<&Node>, path: &[String], node: Option<&Node>) {
    let (Some((key, rest)), Some(table)) = (path.split_first(), into.as_table_mut()) else { return };
    let below = from.and_then(Node::as_table).and_then(|table| table.get(key));
    if rest.is_empty() {
        match node {
            Some(node) => drop(table.insert(key.as_str().into(), node.clone())),
            None => drop(table.remove(key)),
        }
        return;
    }
    if table.get(key).is_none()
        && let (Some(below), Some(_)) = (below, node)
    {
        table.insert(key.as_str().into(), Node { id: below.id, value: Value::Table(Table::default()) });
    }
    if let Some(inner) = table.get_mut(key) {
        put(inner, below, rest, node);
        // What is gone in the new state is gone once its last entry is.
        if node.is_none() && below.is_none() && inner.as_table().is_some_and(Table::is_empty) {
            table.remove(key);
        }
    }
}
