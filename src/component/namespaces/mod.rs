//! Namespaces (D6) with their Pod Security level, quota and limits of containers (D29).
//!
//! Emits `Namespace`, `ResourceQuota`, `LimitRange`. Declares that pods of an isolated namespace resolve names: nothing
//! works without DNS, and nobody writes that connection down.

mod declare;
pub mod diags;
mod lower;
pub mod spec;

use super::{Component, Declare};
use crate::decode::Decoder;
use crate::overlay::{PLAIN, Shape};

/// The component.
#[derive(Debug)]
pub struct Namespaces;

impl Component for Namespaces {
    fn name(&self) -> &'static str {
        "namespaces"
    }

    fn sections(&self) -> &'static [(&'static str, Shape)] {
        &[("namespaces", Shape::Named(&PLAIN))]
    }

    fn decode(&self, decoder: &mut Decoder<'_>) -> Box<dyn Declare> {
        Box::new(declare::Decoded { namespaces: decoder.named("namespaces") })
    }
}
