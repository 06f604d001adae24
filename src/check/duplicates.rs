//! Two resources of one identity: the later one would overwrite the earlier (checks.md, 20).

use super::diags;
use crate::diag::Sink;
use crate::k8s::Identity;
use crate::model::Model;
use crate::plan::{Plan, Resource};
use std::collections::HashMap;

pub(super) fn check(_: &Model, plan: &Plan, sink: &mut Sink) {
    let mut seen: HashMap<Identity<'_>, &Resource> = HashMap::with_capacity(plan.resources().len());
    for resource in plan.resources() {
        if let Some(first) = seen.insert(resource.object.identity(), resource) {
            sink.push(diags::duplicate(first, resource));
        }
    }
}
