//! What survives less: fewer pods, weaker budgets, pods that may all stand on one node, probes that are gone.

mod budgets;
mod pods;

use super::subject::Subject;
use super::surroundings::World;
use crate::diff::change::Consequence;

pub(super) fn rule(subject: &Subject<'_>, world: &World<'_>, out: &mut Vec<Consequence>) {
    if subject.is_changed() {
        pods::replicas(subject, world, out);
        pods::losses(subject, out);
    }
    match subject.id.kind.as_str() {
        "PodDisruptionBudget" => budgets::disruption(subject, world, out),
        "HorizontalPodAutoscaler" | "ScaledObject" => budgets::autoscaler(subject, world, out),
        _ => {}
    }
}
