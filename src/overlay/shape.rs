//! What the merge must know of a section: where named things are, where the user's own keys, where a choice is made.

use super::words::ACKNOWLEDGE;

/// The shape of a table for the merge. Keys that a shape does not list hold values or plain tables.
#[derive(Debug, Clone, Copy)]
pub enum Shape {
    /// A table with keys of the language: merged by key. Lists those keys whose value has a shape of its own.
    Keys(&'static [(&'static str, Shape)]),
    /// A table of named things, each of the given shape: an overlay changes those that the base has, `new = true` adds
    /// one, `enabled = false` removes one.
    Named(&'static Shape),
    /// A map of the user's own keys (`env`, labels): merged by key, and no word is reserved in it.
    Free,
    /// A table in which the value of one key says which other keys there are (`engine`, `strategy`): a layer that
    /// changes the choice replaces the table.
    Choice(&'static str, &'static [(&'static str, Shape)]),
}

/// A table whose keys have nothing special.
pub const PLAIN: Shape = Shape::Keys(&[]);

impl Shape {
    /// The shape of the value of `key`.
    pub fn of(&self, key: &str) -> Shape {
        match self {
            Shape::Keys(_) | Shape::Choice(..) if key == ACKNOWLEDGE => Shape::Free,
            Shape::Keys(keys) | Shape::Choice(_, keys) => {
                keys.iter().find(|(name, _)| *name == key).map_or(PLAIN, |(_, shape)| *shape)
            }
            Shape::Named(each) => **each,
            Shape::Free => Shape::Free,
        }
    }
}

/// Named things that take what they have in common from classes.
#[derive(Debug, Clone, Copy)]
pub struct Classes {
    /// The section of the members, such as `workloads`.
    pub members: &'static str,
    /// The section of the classes, such as `workload-classes`.
    pub classes: &'static str,
}
