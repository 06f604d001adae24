//! What lies outside of the cluster: addresses that workloads connect to.
//!
//! Emits nothing; network policies read the addresses from the model.

mod declare;
pub mod diags;
pub mod spec;

use super::{Component, Declare};
use crate::decode::Decoder;
use crate::overlay::{PLAIN, Shape};

/// The component.
#[derive(Debug)]
pub struct Externals;

impl Component for Externals {
    fn name(&self) -> &'static str {
        "externals"
    }

    fn sections(&self) -> &'static [(&'static str, Shape)] {
        &[("externals", Shape::Named(&PLAIN))]
    }

    fn decode(&self, decoder: &mut Decoder<'_>) -> Box<dyn Declare> {
        Box::new(declare::Decoded { externals: decoder.named("externals") })
    }
}
