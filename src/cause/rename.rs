//! New names: an entry that is gone and one that says the same under another name are one change, together with all places
//! that name it.

use super::units::Unit;
use crate::load::{Node, Value};
use std::mem;

/// Units beyond which no names are looked for: each is held against all others, and none of them is tried by compiling.
const MOST_UNITS: usize = 1_000;

/// Names that are looked for.
const MOST_NAMES: usize = 32;

/// Puts the units together that a new name explains.
pub(super) fn joined(mut units: Vec<Unit>) -> Vec<Unit> {
    if units.len() > MOST_UNITS {
        return units;
    }
    // Each is found once: what it explains is taken out.
    for _ in 0..MOST_NAMES {
        let Some((from, to, path, node)) = units.iter().find_map(|unit| renamed(unit, &units)) else { break };
        let name = Name { from: &from, to: &to };
        let is_part: Vec<bool> = units.iter().map(|unit| name.explains(unit, &units)).collect();
        let mut flags = is_part.into_iter();
        let (parts, rest): (Vec<Unit>, Vec<Unit>) =
            mem::take(&mut units).into_iter().partition(|_| flags.next() == Some(true));
        units = rest;
        units.push(Unit::Renamed { path, node, from, parts });
    }
    units
}

/// The names, the path and the node of an entry that a unit adds, if another one took it away under another name.
fn renamed(unit: &Unit, units: &[Unit]) -> Option<(String, String, Vec<String>, crate::source::NodeId)> {
    let Unit::Entry { layer, path, old: None, new: Some(node) } = unit else { return None };
    let (to, section) = path.split_last()?;
    // A named thing of a section with keys of its own, not a single key that has another name.
    node.as_table()?;
    if section.len() != 1 {
        return None;
    }
    units.iter().find_map(|other| {
        let Unit::Entry { layer: other_layer, path: other_path, old: Some(before), new: None } = other else {
            return None;
        };
        let (from, other_section) = other_path.split_last()?;
        let is_one = other_layer == layer && other_section == section && from.len() > 2;
        (is_one && Name { from, to }.turns(before, node)).then(|| (from.clone(), to.clone(), path.clone(), node.id))
    })
}

/// A name and what became of it.
struct Name<'n> {
    from: &'n str,
    to: &'n str,
}

impl Name<'_> {
    /// Whether a text is another one with the new name in place of the old one.
    fn turns_text(&self, old: &str, new: &str) -> bool {
        old.replace(self.from, self.to) == new
    }

    /// Whether a value says the same as another one, under the new name.
    fn turns(&self, old: &Node, new: &Node) -> bool {
        match (&old.value, &new.value) {
            (Value::String(old), Value::String(new)) => old == new || self.turns_text(old, new),
            (Value::Array(old), Value::Array(new)) => {
                old.len() == new.len() && old.iter().zip(new).all(|(old, new)| self.turns(old, new))
            }
            (Value::Table(old), Value::Table(new)) => {
                let other = |key: &str| new.get(key).or_else(|| new.get(&key.replace(self.from, self.to)));
                old.len() == new.len()
                    && old.iter().all(|entry| other(&entry.key).is_some_and(|node| self.turns(&entry.node, node)))
            }
            (old, new) => super::units::same(old, new),
        }
    }

    /// Whether a unit says no more than the new name: a value with it, or an entry that comes or goes by it.
    fn explains(&self, unit: &Unit, units: &[Unit]) -> bool {
        let Unit::Entry { layer, path, old, new } = unit else { return false };
        let moved = |from: &[String], to: &[String]| {
            from != to && from.len() == to.len() && from.iter().zip(to).all(|(a, b)| a == b || self.turns_text(a, b))
        };
        let others = units.iter().filter_map(|other| match other {
            Unit::Entry { layer: other_layer, path, old, new } if other_layer == layer => Some((path, old, new)),
            _ => None,
        });
        match (old, new) {
            (Some(old), Some(new)) => self.turns(old, new),
            (Some(old), None) => others
                .filter_map(|(other, before, after)| before.is_none().then_some((other, after.as_ref()?)))
                .any(|(other, after)| moved(path, other) && self.turns(old, after)),
            (None, Some(new)) => others
                .filter_map(|(other, before, after)| after.is_none().then_some((other, before.as_ref()?)))
                .any(|(other, before)| moved(other, path) && self.turns(before, new)),
            (None, None) => false,
        }
    }
}
