//! The cluster that the platform runs on (003): its networks, and what lies in them that is no pod.
//!
//! Emits nothing. Declares the API server and the services of the cloud as targets, so that those components whose pods
//! need them can say so: nobody writes these connections down, and under default deny nothing works without them.

mod declare;
pub mod diags;
pub mod spec;

use super::{Component, Declare};
use crate::decode::Decoder;
use crate::overlay::{PLAIN, Shape};

/// The component.
#[derive(Debug)]
pub struct Cluster;

impl Component for Cluster {
    fn name(&self) -> &'static str {
        "cluster"
    }

    fn sections(&self) -> &'static [(&'static str, Shape)] {
        &[("cluster", Shape::Keys(&[("network", PLAIN)]))]
    }

    fn decode(&self, decoder: &mut Decoder<'_>) -> Box<dyn Declare> {
        Box::new(declare::Decoded { cluster: decoder.section("cluster") })
    }
}
