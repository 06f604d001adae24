//! The most that a namespace may need, against its quotas as they are in the plan, patches and manifests included
//! (checks.md, 43).
//!
//! Source: API reference, `ResourceQuota`: pods that have not ended count with the sums of their containers, an injected
//! proxy's among them; a limit without a request is the request too. What is beyond the quota is not started.

mod demand;
mod pod;

use super::diags;
use super::range::Hard;
use crate::diag::Sink;
use crate::model::Model;
use crate::plan::{Plan, Resource};
use crate::source::NodeId;
use crate::value::{Leaf, Quantity};
use demand::Part;

/// Parts that are named; more would hide the sum.
const SHOWN: usize = 12;

pub(super) fn check(model: &Model, plan: &Plan, sink: &mut Sink) {
    for demand in demand::of_quotas(model, plan) {
        for (resource, hard) in &demand.quotas {
            for one in hard {
                // What is no amount was refused by the schema.
                let Ok(quota) = Quantity::parse(&one.amount.0) else { continue };
                let total: u128 = demand.parts.iter().map(|part| part.nanos(&one.name)).fold(0, u128::saturating_add);
                if total <= quota.nanos() {
                    continue;
                }
                let (sum, parts) = explained(&demand.parts, &one.name);
                let found = (one.key.as_str(), &quota, &*sum.canonical());
                let node = stated(model, plan, resource, demand.namespace, one);
                sink.push(diags::quota_exceeded(resource, demand.namespace, found, node, parts));
            }
        }
    }
}

/// Where an amount of a quota stands: in a patch or a manifest, or in the namespace's own `quota`.
fn stated(model: &Model, plan: &Plan, resource: &Resource, namespace: &str, hard: &Hard) -> Option<NodeId> {
    let path = if hard.key.contains(['.', '/']) {
        format!("spec.hard[\"{}\"]", hard.key)
    } else {
        format!("spec.hard.{}", hard.key)
    };
    let own = || {
        let (_, namespace) = model.namespaces.iter().find(|(_, known)| known.name == namespace)?;
        namespace.quota.get(&hard.key).map(|amount| amount.node).filter(|_| resource.owner == namespace.node)
    };
    plan.stated_at(resource, &path).or_else(own)
}

/// The sum, and what it is made of, the largest part first.
fn explained(parts: &[Part<'_>], key: &str) -> (Quantity, Vec<String>) {
    let mut amounts: Vec<(Quantity, &Part<'_>)> =
        parts.iter().filter_map(|part| Some((part.amount(key)?, part))).collect();
    amounts.sort_by(|(a, x), (b, y)| (b, x.name).cmp(&(a, y.name)));
    let total = sum(amounts.iter().map(|(amount, _)| amount));
    let (shown, others) = amounts.split_at(amounts.len().min(SHOWN));
    let shown = shown.iter().map(|(amount, part)| format!("{} for {}", amount.canonical(), part.text(key)));
    let others = (!others.is_empty()).then(|| {
        let amount = sum(others.iter().map(|(amount, _)| amount)).canonical();
        format!("{amount} for {} others", others.len())
    });
    (total, shown.chain(others).collect())
}

/// What does not fit 128 bits of nano-units is more than any quota, which was found before.
fn sum<'a>(amounts: impl Iterator<Item = &'a Quantity>) -> Quantity {
    amounts.fold(Quantity::zero(), |sum, amount| sum.checked_add(amount).unwrap_or(sum))
}
