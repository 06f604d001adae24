//! Hosts (D17, D18): how the platform is reached from outside.
//!
//! Emits for each host, in the namespace of the mesh's gateway, a `Gateway` that ends TLS and sends HTTP there, a
//! `VirtualService` with its routes, and the `Certificate` whose Secret the gateway reads: a gateway reads Secrets of its
//! pods' own namespace only, so there is no certificate that nothing reads. Declares that the gateway's pods connect to
//! whatever a route leads to.

mod declare;
pub mod diags;
mod lower;
mod routes;
pub mod spec;

use super::{Component, Declare};
use crate::decode::Decoder;
use crate::overlay::{PLAIN, Shape};

/// The component.
#[derive(Debug)]
pub struct Hosts;

impl Component for Hosts {
    fn name(&self) -> &'static str {
        "hosts"
    }

    fn sections(&self) -> &'static [(&'static str, Shape)] {
        &[
            ("hosts", Shape::Named(&Shape::Keys(&[("routes", Shape::Named(&Shape::Keys(&[("retries", PLAIN)])))]))),
            ("certificates", PLAIN),
        ]
    }

    fn decode(&self, decoder: &mut Decoder<'_>) -> Box<dyn Declare> {
        Box::new(declare::Decoded { hosts: decoder.named("hosts"), certificates: decoder.section("certificates") })
    }
}
