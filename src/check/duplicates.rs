//! Two resources of one identity: the later one would overwrite the earlier (checks.md, 20).

use super::diags;
use crate::diag::Sink;
use crate::model::Model;
use crate::plan::Plan;

pub(super) fn check(_: &Model, plan: &Plan, sink: &mut Sink) {
    for (first, second) in plan.duplicates() {
        sink.push(diags::duplicate(first, second));
    }
}
