//! Workloads: what the platform itself runs (D9, D10, D11, D12, D30, D31).
//!
//! Emits for each a `Deployment` or (blue-green) a `Rollout`, a `ServiceAccount`, and where stated `Service`, `ConfigMap`,
//! `HorizontalPodAutoscaler`, `VerticalPodAutoscaler` and `PodDisruptionBudget`. Declares its pods, its ports as a target,
//! its connections, what it tells Prometheus, and by which analyses a new version of it is judged.

mod config;
mod controller;
mod declare;
pub mod diags;
mod lower;
pub mod metrics;
mod recommend;
mod rollout;
mod scaling;
pub mod spec;
pub mod traffic;

use super::{Component, Declare};
use crate::decode::Decoder;
use crate::overlay::{Classes, PLAIN, Shape};

/// The component.
#[derive(Debug)]
pub struct Workloads;

/// What the merge knows of a workload and of a class of workloads.
const WORKLOAD: Shape = Shape::Keys(&[
    ("env", Shape::Free),
    ("connects", Shape::Named(&Shape::Keys(&[("env", Shape::Free)]))),
    ("ports", Shape::Free),
    ("scratch", Shape::Free),
    ("config", Shape::Keys(&[("files", Shape::Free)])),
    ("rollout", Shape::Choice("strategy", &[("analysis", PLAIN)])),
    ("metrics", Shape::Choice("framework", &[])),
    ("probes", PLAIN),
]);

impl Component for Workloads {
    fn name(&self) -> &'static str {
        "workloads"
    }

    fn sections(&self) -> &'static [(&'static str, Shape)] {
        &[("workload-classes", Shape::Named(&WORKLOAD)), ("workloads", Shape::Named(&WORKLOAD))]
    }

    fn classes(&self) -> Option<Classes> {
        Some(Classes { members: "workloads", classes: "workload-classes" })
    }

    fn decode(&self, decoder: &mut Decoder<'_>) -> Box<dyn Declare> {
        // Classes are read for their own mistakes only; the merge has put what they say under each member.
        let _: Vec<crate::decode::Entry<spec::WorkloadSpec>> = decoder.named("workload-classes");
        Box::new(declare::Decoded { workloads: decoder.named("workloads") })
    }
}
