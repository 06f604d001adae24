//! Pass 7, check: what the API server would refuse of the plan as a whole, one file for each rule.

pub mod diags;
mod duplicates;
mod limits;
mod names;
mod operators;
mod quotas;
mod range;
mod security;

use crate::diag::Sink;
use crate::k8s::Object;
use crate::model::Model;
use crate::plan::Plan;

/// A rule: reads the model and the plan, reports what it finds.
type Rule = fn(&Model, &Plan, &mut Sink);

/// All rules by name.
pub const RULES: &[(&str, Rule)] = &[
    ("duplicates", duplicates::check),
    ("limits", limits::check),
    ("names", names::check),
    ("operators", operators::check),
    ("quotas", quotas::check),
    ("security", security::check),
];

/// Whether a rule may look into an object, beyond its identity. An object of another kind may be written before the rules
/// are asked; a kind that is not listed is looked into.
pub fn reads(object: &Object) -> bool {
    !matches!(
        object,
        Object::AuthorizationPolicy(_)
            | Object::CalicoNetworkPolicy(_)
            | Object::Certificate(_)
            | Object::ConfigMap(_)
            | Object::DestinationRule(_)
            | Object::ExternalSecret(_)
            | Object::NetworkPolicy(_)
            | Object::ObjectStore(_)
            | Object::PeerAuthentication(_)
            | Object::PodDisruptionBudget(_)
            | Object::ScheduledBackup(_)
            | Object::ServiceAccount(_)
            | Object::VerticalPodAutoscaler(_)
            | Object::VirtualService(_)
    )
}

/// Runs every rule.
pub fn check(model: &Model, plan: &Plan, sink: &mut Sink) {
    for (_, rule) in RULES {
        rule(model, plan, sink);
    }
}
