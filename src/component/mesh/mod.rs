//! The service mesh (D18): Istio.
//!
//! Emits for each namespace that takes part a `PeerAuthentication`; where it is isolated, `AuthorizationPolicy` objects: one
//! that permits nothing and, for each workload that accepts connections, one with exactly these; a `DestinationRule` for
//! each workload with `traffic`. Declares what makes Istio look at the namespaces, which pods are known to it and as whom,
//! the gateway's pods, that sidecars reach their control plane, and how Prometheus reaches the metrics of pods with and
//! without a sidecar. Operators' pods take no part: a sidecar would stand
//! between an engine's instances, and policies of pods without one enforce nothing.

mod declare;
pub mod diags;
mod lower;
mod scrape;
pub mod spec;

use super::{Component, Declare};
use crate::decode::Decoder;
use crate::overlay::{PLAIN, Shape};

/// The component.
#[derive(Debug)]
pub struct ServiceMesh;

impl Component for ServiceMesh {
    fn name(&self) -> &'static str {
        "mesh"
    }

    fn sections(&self) -> &'static [(&'static str, Shape)] {
        &[("mesh", Shape::Choice("kind", &[("proxy", PLAIN), ("gateway", PLAIN), ("control-plane", PLAIN)]))]
    }

    fn decode(&self, decoder: &mut Decoder<'_>) -> Box<dyn Declare> {
        Box::new(declare::Decoded { mesh: decoder.section("mesh") })
    }
}
