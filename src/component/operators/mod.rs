//! Operators that the cluster has, each at a release that somebody checked on a day.
//!
//! Emits nothing: installing them is the cluster's, before the platform. Declares them in the model, before every other
//! component, since an operator's release decides which form of a resource is written. `check/operators.rs` holds the
//! table against the kinds of the output. A platform without the section leaves operators to somebody else: then nothing
//! is checked, and what depends on a release is written for the newest.

mod declare;
pub mod diags;
pub mod spec;
mod text;

use super::{Component, Declare};
use crate::decode::Decoder;
use crate::overlay::{PLAIN, Shape};

/// The component.
#[derive(Debug)]
pub struct Operators;

impl Component for Operators {
    fn name(&self) -> &'static str {
        "operators"
    }

    fn sections(&self) -> &'static [(&'static str, Shape)] {
        &[("operators", Shape::Named(&PLAIN))]
    }

    fn decode(&self, decoder: &mut Decoder<'_>) -> Box<dyn Declare> {
        Box::new(declare::Decoded { operators: decoder.section("operators") })
    }
}
