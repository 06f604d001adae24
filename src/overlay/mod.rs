//! Pass 2, merge: layers become one tree.
//!
//! Input: the trees of [`crate::load`]. Output: [`Merged`]: one tree in which every leaf keeps the id of the node that
//! won, so that its layer, file and line are known. The rule, for two layers:
//!
//! - tables merge by key; scalars and arrays are replaced; the later layer wins;
//! - a layer that changes a choice ([`Shape::Choice`]) replaces that table: nothing of the old choice lingers;
//! - `unset = ["key", "env.KEY"]` removes what the layers below state, `enabled = false` removes a named thing, and an overlay adds
//!   one with `new = true`. These words are consumed here; in [`Shape::Free`] maps they are keys like any other.
//!
//! The layers of a named thing with a class are, lowest first: its class's class, its class (both as the environment
//! changed them), the platform's own statement, the environment's. What a member states itself always wins over its class.

mod classes;
pub mod diags;
mod merge;
mod shape;
mod words;

pub use shape::{Classes, PLAIN, Shape};

use crate::diag::Sink;
use crate::load::{Loaded, Node, Table, Value};
use crate::source::{NodeId, SourceMap};
use std::collections::BTreeMap;

/// The merged spec of one environment.
#[derive(Debug)]
pub struct Merged {
    /// Its root table, without any of the merge's own words.
    pub root: Node,
    /// Named things that `enabled = false` removed, with the node that says so, for whoever still refers to them.
    pub disabled: Vec<Disabled>,
    /// Tables that a layer replaced since it changed their choice, with the old choice's node: who misses a key there
    /// should know.
    pub replaced: BTreeMap<NodeId, NodeId>,
}

/// A named thing that a layer removed.
#[derive(Debug, Clone)]
pub struct Disabled {
    /// Its table, as in `workloads`.
    pub section: String,
    /// Its name.
    pub name: String,
    /// The `enabled = false`.
    pub by: NodeId,
}

/// What the sections look like.
#[derive(Debug, Clone, Copy)]
pub struct Language<'a> {
    /// The shape of each top-level key.
    pub sections: &'a [(&'static str, Shape)],
    /// Which sections have classes.
    pub classes: &'a [Classes],
}

impl Language<'_> {
    /// The shape of a top-level key.
    pub fn shape(&self, section: &str) -> Shape {
        self.sections.iter().find(|(name, _)| *name == section).map_or(PLAIN, |(_, shape)| *shape)
    }
}

/// Merges the layers of `loaded`, which is left with its sources only. `None` if there is no base to merge onto.
pub fn merge(loaded: &mut Loaded, language: Language<'_>, sink: &mut Sink) -> Option<Merged> {
    let base = loaded.base.take()?;
    let environment = loaded.environment.take();
    let mut merger = Merger { sources: &loaded.sources, sink, disabled: Vec::new(), replaced: BTreeMap::new() };
    let root_id = base.id;
    let mut lower = into_table(base);
    let mut upper = environment.map(into_table).unwrap_or_default();
    for key in ["dpjgen", "include"] {
        if let Some(node) = upper.remove(key) {
            merger.sink.push(diags::not_in_overlay(key, node.id));
        }
    }
    let mut root = Table::default();
    for pair in language.classes {
        classes::merge(*pair, language.shape(pair.members), &mut lower, &mut upper, &mut root, &mut merger);
    }
    let taken = std::mem::take(&mut lower);
    for entry in taken.into_entries() {
        let shape = language.shape(&entry.key);
        let mut path = vec![entry.key.to_string()];
        let node = match upper.remove(&entry.key) {
            Some(over) => merger.overlay(entry.node, over, shape, &mut path),
            None => entry.node,
        };
        root.insert(entry.key, node);
    }
    for entry in upper.into_entries() {
        let shape = language.shape(&entry.key);
        // A section that only the overlay has: its named things are new all the same.
        let empty = Node { id: entry.node.id, value: Value::Table(Table::default()) };
        let mut path = vec![entry.key.to_string()];
        let node = match shape {
            Shape::Named(_) => merger.overlay(empty, entry.node, shape, &mut path),
            _ => entry.node,
        };
        root.insert(entry.key, node);
    }
    for (key, node) in root.iter_mut() {
        let mut path = vec![key.to_owned()];
        merger.consume_words(node, language.shape(key), &mut path);
    }
    Some(Merged {
        root: Node { id: root_id, value: Value::Table(root) },
        disabled: merger.disabled,
        replaced: merger.replaced,
    })
}

fn into_table(node: Node) -> Table {
    if let Value::Table(table) = node.value { table } else { Table::default() }
}

/// What the functions of this pass share.
struct Merger<'a> {
    sources: &'a SourceMap,
    sink: &'a mut Sink,
    disabled: Vec<Disabled>,
    replaced: BTreeMap<NodeId, NodeId>,
}
