//! Analyses by which a new version of a workload is judged (D31).
//!
//! Emits for each workload of which two versions run side by side, and each analysis that it names, an `AnalysisTemplate`;
//! the `Rollout` itself is the workload's. Declares the pods of smoke tests, that these ask the version which they test, and
//! that the controller asks Prometheus.
//!
//! Source: Argo Rollouts, "Analysis & Progressive Delivery" and "Prometheus Metrics": a query without a series gives an
//! empty list, one that divides by nothing gives NaN, and a condition that looks at either without asking first is an error
//! or false. A version that nobody is sent to gives both, so every condition here says what that means. Arguments that a
//! template does not name are left out.

mod condition;
mod declare;
pub mod diags;
mod lower;
mod smoke_test;
pub mod spec;

use super::{Component, Declare};
use crate::decode::Decoder;
use crate::overlay::Shape;

/// The component.
#[derive(Debug)]
pub struct Rollouts;

impl Component for Rollouts {
    fn name(&self) -> &'static str {
        "rollouts"
    }

    fn sections(&self) -> &'static [(&'static str, Shape)] {
        &[("analyses", Shape::Named(&Shape::Choice("measure", &[])))]
    }

    fn decode(&self, decoder: &mut Decoder<'_>) -> Box<dyn Declare> {
        Box::new(declare::Decoded { analyses: decoder.named("analyses") })
    }
}
