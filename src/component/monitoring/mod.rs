//! Monitoring: where Prometheus is, so that what asks it and what it asks are known.
//!
//! Emits nothing yet: whoever installs Prometheus does. Declares its pods and that they watch the API server, by which
//! Prometheus finds what it asks (`kubernetes_sd_configs`). Which pods it asks is declared by what knows how they are
//! reached: `mesh`, since a proxy answers for its pod.

mod declare;
pub mod diags;
pub mod spec;

use super::{Component, Declare};
use crate::decode::Decoder;
use crate::overlay::{PLAIN, Shape};

/// The component.
#[derive(Debug)]
pub struct Monitoring;

impl Component for Monitoring {
    fn name(&self) -> &'static str {
        "monitoring"
    }

    fn sections(&self) -> &'static [(&'static str, Shape)] {
        const PROMETHEUS: Shape = Shape::Keys(&[("pods", Shape::Free), ("labels", PLAIN)]);
        &[("monitoring", Shape::Keys(&[("prometheus", PROMETHEUS)]))]
    }

    fn decode(&self, decoder: &mut Decoder<'_>) -> Box<dyn Declare> {
        Box::new(declare::Decoded { monitoring: decoder.section("monitoring") })
    }
}
