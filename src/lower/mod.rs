//! Pass 5, lower: each component turns what it declared into resources.
//!
//! Input: the frozen [`Model`] and what the components kept for themselves. Output: the [`Plan`], sorted.

use crate::component::{Lower, LowerContext};
use crate::diag::Sink;
use crate::model::Model;
use crate::plan::Plan;
use crate::template::Templates;

/// Lowers everything that was declared onto a plan without resources.
pub fn lower(
    declared: &[Box<dyn Lower>],
    model: &Model,
    templates: &Templates,
    mut plan: Plan,
    sink: &mut Sink,
) -> Plan {
    for component in declared {
        component.lower(&mut LowerContext { model, templates, plan: &mut plan, sink });
    }
    plan.sort();
    plan
}
