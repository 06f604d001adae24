//! The platform's own facts: its name, domain, registry and the oldest Kubernetes that must accept the output.
//!
//! Emits nothing; everything else reads it.

mod declare;
pub mod diags;
pub mod spec;

use super::{Component, Declare};
use crate::decode::Decoder;
use crate::overlay::{PLAIN, Shape};

/// The component.
#[derive(Debug)]
pub struct Platform;

impl Component for Platform {
    fn name(&self) -> &'static str {
        "platform"
    }

    fn sections(&self) -> &'static [(&'static str, Shape)] {
        &[("dpjgen", PLAIN), ("platform", PLAIN)]
    }

    fn decode(&self, decoder: &mut Decoder<'_>) -> Box<dyn Declare> {
        Box::new(declare::Decoded { language: decoder.section("dpjgen"), platform: decoder.section("platform") })
    }
}
