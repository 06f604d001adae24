//! Pass 3, decode: the merged tree becomes the sections' types, and every mistake in it is found.
//!
//! Input: a merged tree. Output: whatever types the components ask for. serde stops at the first error; [`Decoder`] does
//! not: the node that failed is recorded and poisoned, and the entry is read again without it, until it passes. For a
//! required key that is missing something stands in, so that the next one is found too. Typed leaves ([`At`]) carry the
//! id of their node, which equality ignores.

mod at;
mod de;
pub mod diags;
mod error;
mod leaf;
mod stand_in;

pub use at::At;
pub(crate) use leaf::{leaf, leaves};

use crate::diag::{Place, Sink};
use crate::load::{Node, Value};
use crate::overlay::Merged;
use crate::source::NodeId;
use crate::value::Name;
use de::{NodeDeserializer, Wrong};
use serde::de::DeserializeOwned;
use std::collections::BTreeMap;

/// A named thing of a section.
#[derive(Debug, Clone)]
pub struct Entry<T> {
    /// Its name; the node is the whole entry.
    pub name: At<Name>,
    /// What it says.
    pub spec: T,
}

/// Errors of one entry that are looked for; each costs one more reading of the entry.
const MAX_ERRORS_PER_ENTRY: usize = 200;

/// Reads sections from the root of a merged tree.
#[derive(Debug)]
pub struct Decoder<'a> {
    merged: &'a Merged,
    sink: &'a mut Sink,
    asked: Vec<&'static str>,
}

impl<'a> Decoder<'a> {
    /// A decoder of a merged tree.
    pub fn new(merged: &'a Merged, sink: &'a mut Sink) -> Self {
        Decoder { merged, sink, asked: Vec::new() }
    }

    /// Reads a section that is one table (or one value). `None` if it is not there or was reported.
    pub fn section<T: DeserializeOwned>(&mut self, key: &'static str) -> Option<At<T>> {
        self.asked.push(key);
        let node = self.merged.root.as_table()?.get(key)?;
        let value = decode::<T>(node, &self.merged.replaced, self.sink)?;
        Some(At { value, node: node.id })
    }

    /// Reads a section that is a table of named things, each on its own. Those with mistakes are reported and left out.
    pub fn named<T: DeserializeOwned>(&mut self, key: &'static str) -> Vec<Entry<T>> {
        self.asked.push(key);
        let Some(node) = self.merged.root.as_table().and_then(|table| table.get(key)) else { return Vec::new() };
        let Value::Table(table) = &node.value else {
            self.sink.push(diags::wrong_type("a table of named things", node.kind(), node.id));
            return Vec::new();
        };
        let mut entries = Vec::with_capacity(table.len());
        for entry in table {
            let name = match <Name as crate::value::Leaf>::parse(&entry.key) {
                Ok(name) => Some(At { value: name, node: entry.node.id }),
                Err(invalid) => {
                    self.sink.push(diags::invalid_key(&invalid, entry.node.id));
                    None
                }
            };
            let spec = decode::<T>(&entry.node, &self.merged.replaced, self.sink);
            if let (Some(name), Some(spec)) = (name, spec) {
                entries.push(Entry { name, spec });
            }
        }
        entries
    }

    /// Reports the top-level keys that nothing asked for.
    pub fn finish(self) {
        let Some(table) = self.merged.root.as_table() else { return };
        for entry in table {
            if !self.asked.contains(&entry.key.as_ref()) {
                self.sink.push(diags::unknown_section(
                    &entry.key,
                    entry.node.id,
                    &[&self.asked[..], &["include"]].concat(),
                ));
            }
        }
    }
}

/// Reads one entry, reporting everything that is wrong with it. `None` if anything is.
fn decode<T: DeserializeOwned>(node: &Node, replaced: &BTreeMap<NodeId, NodeId>, sink: &mut Sink) -> Option<T> {
    let wrong = Wrong::default();
    for _ in 0..MAX_ERRORS_PER_ENTRY {
        let error = match T::deserialize(NodeDeserializer::new(node, &wrong)) {
            Ok(value) => return wrong.is_nothing().then_some(value),
            Err(error) => error,
        };
        let place = error.node.unwrap_or(node.id);
        let stand_in = error.lacks().map(|key| (place, key));
        if !error.follows_from_poison && !error.of_stand_in {
            let old_choice = error.chosen_in.and_then(|table| replaced.get(&table)).copied();
            let diagnostic = error.into_diagnostic(place);
            sink.push(match old_choice {
                Some(old) => diagnostic.also(Place::Value(old), "the choice that is changed: none of its keys is kept"),
                None => diagnostic,
            });
        }
        // What a table lacks is made up, so that what else it lacks is found too.
        if let Some(key) = stand_in.filter(|key| !wrong.missing.borrow().contains(key)) {
            wrong.missing.borrow_mut().push(key);
            continue;
        }
        // The entry itself failed, or poison did not help: nothing more can be found.
        if place == node.id || wrong.poison.borrow().contains(&place) {
            return None;
        }
        wrong.poison.borrow_mut().push(place);
    }
    sink.push(diags::too_many(node.id, MAX_ERRORS_PER_ENTRY));
    None
}
