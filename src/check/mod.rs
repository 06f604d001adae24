//! Pass 7, check: what the API server would refuse of the plan as a whole, one file for each rule.

pub mod diags;
mod duplicates;
mod kept;
mod limits;
mod names;
mod operated;
mod operators;
mod quotas;
mod range;
mod security;

pub use kept::{Reads, reads, reduce};

use crate::diag::Sink;
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

/// Runs every rule.
pub fn check(model: &Model, plan: &Plan, sink: &mut Sink) {
    for (_, rule) in RULES {
        rule(model, plan, sink);
    }
}
