//! Two resources of one identity: the later one would overwrite the earlier (checks.md, 20).

use super::diags;
use crate::diag::Sink;
use crate::k8s::Identity;
use crate::model::Model;
use crate::plan::{Plan, Resource};

pub(super) fn check(_: &Model, plan: &Plan, sink: &mut Sink) {
    // Namespace by namespace, which follow one another in a plan: a table of all identities of a large platform is a miss
    // of the cache for each of them.
    let mut identities: Vec<(Identity<'_>, &Resource)> = Vec::new();
    let mut resources = plan.resources().iter().map(|resource| (resource.object.identity(), resource)).peekable();
    while let Some((identity, resource)) = resources.next() {
        let is_last = resources.peek().is_none_or(|(next, _)| next.namespace != identity.namespace);
        identities.push((identity, resource));
        if is_last {
            // Stable, so that of two the earlier is the first.
            identities.sort_by(|(one, _), (other, _)| one.cmp(other));
            for pair in identities.windows(2) {
                if let [(one, first), (other, second)] = pair
                    && one == other
                {
                    sink.push(diags::duplicate(first, second));
                }
            }
            identities.clear();
        }
    }
}
