//! The most that a namespace may need, against its quota (checks.md, 43).
//!
//! Source: API reference, `ResourceQuota`: pods that have not ended count with the sums of their containers, an injected
//! proxy's among them; a limit without a request is the request too. What is beyond the quota is not started.

mod demand;

use super::diags;
use crate::diag::Sink;
use crate::model::Model;
use crate::plan::Plan;
use crate::value::Quantity;
use demand::Part;

/// Parts that are named; more would hide the sum.
const SHOWN: usize = 12;

pub(super) fn check(model: &Model, plan: &Plan, sink: &mut Sink) {
    for (namespace, parts) in demand::of_quotas(model, plan) {
        for (key, quota) in &namespace.quota {
            let total: u128 = parts.iter().map(|part| part.nanos(key)).fold(0, u128::saturating_add);
            if total <= quota.value.nanos() {
                continue;
            }
            let mut amounts: Vec<(Quantity, &Part<'_>)> =
                parts.iter().filter_map(|part| Some((part.amount(key)?, part))).collect();
            amounts.sort_by(|(a, x), (b, y)| (b, x.name).cmp(&(a, y.name)));
            let sum = sum(amounts.iter().map(|(amount, _)| amount));
            let (shown, others) = amounts.split_at(amounts.len().min(SHOWN));
            let shown = shown.iter().map(|(amount, part)| format!("{} for {}", amount.canonical(), part.text(key)));
            let others = (!others.is_empty()).then(|| {
                let amount = self::sum(others.iter().map(|(amount, _)| amount)).canonical();
                format!("{amount} for {} others", others.len())
            });
            let found = (key.as_str(), quota, &*sum.canonical());
            sink.push(diags::quota_exceeded(&namespace.name, found, shown.chain(others)));
        }
    }
}

/// What does not fit 128 bits of nano-units is more than any quota, which was found before.
fn sum<'a>(amounts: impl Iterator<Item = &'a Quantity>) -> Quantity {
    amounts.fold(Quantity::zero(), |sum, amount| sum.checked_add(amount).unwrap_or(sum))
}
