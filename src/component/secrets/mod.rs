//! Credentials: read from the platform's external store into exactly the Secrets that connections need.
//!
//! Emits one `ClusterSecretStore` and an `ExternalSecret` for each namespace and credential (External Secrets Operator).
//! No `Secret` is ever written.

mod declare;
pub mod diags;
mod lower;
pub mod spec;

use super::{Component, Declare};
use crate::decode::Decoder;
use crate::overlay::{PLAIN, Shape};

/// The component.
#[derive(Debug)]
pub struct Secrets;

impl Component for Secrets {
    fn name(&self) -> &'static str {
        "secrets"
    }

    fn sections(&self) -> &'static [(&'static str, Shape)] {
        &[("secrets", Shape::Keys(&[("store", Shape::Choice("kind", &[("operator", PLAIN)]))]))]
    }

    fn decode(&self, decoder: &mut Decoder<'_>) -> Box<dyn Declare> {
        Box::new(declare::Decoded { secrets: decoder.section("secrets") })
    }
}
