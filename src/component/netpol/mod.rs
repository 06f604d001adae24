//! Network policies (D7), derived from the connections.
//!
//! Emits for each isolated namespace a policy that denies everything and one that permits what all of its pods do, and for
//! each workload that opens or accepts connections one policy with exactly these. Both sides of a connection permit it.
//! The same rules are written in each dialect that the spec names; each alone permits exactly the connections. Implicit
//! denial only: an explicit one would break what another dialect allows.

mod calico;
mod declare;
pub mod diags;
mod kubernetes;
mod lower;
mod rules;
pub mod spec;

use super::{Component, Declare};
use crate::decode::Decoder;
use crate::overlay::{PLAIN, Shape};

/// The component.
#[derive(Debug)]
pub struct NetworkPolicies;

impl Component for NetworkPolicies {
    fn name(&self) -> &'static str {
        "netpol"
    }

    fn sections(&self) -> &'static [(&'static str, Shape)] {
        &[("network-policy", PLAIN)]
    }

    fn decode(&self, decoder: &mut Decoder<'_>) -> Box<dyn Declare> {
        Box::new(declare::Decoded { policy: decoder.section("network-policy") })
    }
}
