//! Pass 10, diff: two sets of objects become changes, each with what follows from it and what caused it.
//!
//! Input: [`Manifest`](crate::manifest::Manifest)s of both sides. Output: [`ObjectChange`]s, and [`Group`]s of them by cause.

mod change;
mod compare;
mod consequence;
pub mod diags;
mod equal;
mod fields;
mod lists;
mod names;
mod renames;
pub mod render;
mod shape;
mod sides;
mod similar;
mod stated;
mod unread;

pub use change::{
    Cause, Class, Consequence, Edit, Fate, FieldChange, Group, ObjectChange, Segment, SpecChange, SpecPlace,
};
pub use compare::compare;
pub use consequence::{Context, Row as ImmutableRow, Side, Surroundings, Whole, classify, rows as immutable_rows};
pub use sides::{Faults, File, Sides, twins_in};
pub use unread::Unread;
