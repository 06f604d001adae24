//! Stores of data, by engine: what each publishes to its clients.
//!
//! Declares the pods that the engine's operator really makes (labels and ports as in the operator's source), the traffic
//! among them, and the contract: fields that clients read, and whose credentials they use. One file for each engine.

mod declare;
pub mod diags;
mod kafka;
mod lower;
mod minio;
mod mongodb;
mod postgresql;
mod redis;
pub mod spec;

use super::{Component, Declare};
use crate::decode::Decoder;
use crate::overlay::{PLAIN, Shape};

/// The component.
#[derive(Debug)]
pub struct Datastores;

impl Component for Datastores {
    fn name(&self) -> &'static str {
        "datastores"
    }

    fn sections(&self) -> &'static [(&'static str, Shape)] {
        &[("datastores", Shape::Named(&Shape::Choice("engine", &[("database", PLAIN), ("parameters", Shape::Free)])))]
    }

    fn decode(&self, decoder: &mut Decoder<'_>) -> Box<dyn Declare> {
        Box::new(declare::Decoded { datastores: decoder.named("datastores") })
    }
}
