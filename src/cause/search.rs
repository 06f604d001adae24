//! Which units brought which difference about.
//!
//! For each unit the old spec with it alone and the new spec without it are compiled: what a unit gives alone is its own
//! doing, and what is missing without it needs it. Where neither settles it, the smallest set of units is found by
//! halving. Everything that was found was compiled: no cause is guessed.

use super::trial::{Outcome, Spent, Target, Trials};
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

/// Units by index.
pub(super) type Set = BTreeSet<usize>;

/// What a search found.
pub(super) struct Found {
    /// The cause of each target.
    pub(super) causes: BTreeMap<Target, Set>,
    /// Targets that were not settled when the budget was spent.
    pub(super) open: BTreeSet<Target>,
}

pub(super) fn search(trials: &mut Trials<'_>, targets: BTreeSet<Target>) -> Found {
    let mut found = Found { causes: BTreeMap::new(), open: targets };
    let all: Set = (0..trials.units.len()).collect();
    // With one unit there is nothing to find out.
    if all.len() == 1 {
        found.causes = std::mem::take(&mut found.open).into_iter().map(|target| (target, all.clone())).collect();
        return found;
    }
    // Twice each unit, and something for the halving: else nothing is tried at all.
    if trials.budget < 2 * all.len() {
        return found;
    }
    let Ok(evidence) = Evidence::gather(trials, &all) else { return found };
    let targets: Vec<Target> = found.open.iter().copied().collect();
    let mut groups: Vec<Set> = Vec::new();
    for target in targets {
        let Ok(cause) = evidence.cause(target, trials, &all, &groups) else { continue };
        if cause.len() > 1 && !groups.contains(&cause) {
            groups.push(cause.clone());
        }
        found.open.remove(&target);
        found.causes.insert(target, cause);
    }
    found
}

struct Evidence {
    /// What each unit gives alone.
    alone: Vec<Outcome>,
    /// What all but one give.
    without: Vec<Outcome>,
}

impl Evidence {
    fn gather(trials: &mut Trials<'_>, all: &Set) -> Result<Self, Spent> {
        let mut evidence = Evidence { alone: Vec::new(), without: Vec::new() };
        for unit in all {
            evidence.alone.push(trials.run(&Set::from([*unit]))?);
            let mut rest = all.clone();
            rest.remove(unit);
            evidence.without.push(trials.run(&rest)?);
        }
        Ok(evidence)
    }

    fn cause(&self, target: Target, trials: &mut Trials<'_>, all: &Set, groups: &[Set]) -> Result<Set, Spent> {
        let holds = |outcome: &Outcome| outcome.as_ref().is_some_and(|given: &Rc<_>| given.contains(&target));
        let select =
            |wanted: &dyn Fn(usize) -> bool| -> Set { all.iter().copied().filter(|unit| wanted(*unit)).collect() };
        let alone = select(&|unit| self.alone.get(unit).is_some_and(holds));
        let missing = |unit: usize| self.without.get(unit).is_some_and(|o| o.is_some() && !holds(o));
        if !alone.is_empty() {
            // Several that each suffice: the one that is missed, or all of them where none is.
            let needed: Set = alone.iter().copied().filter(|unit| missing(*unit)).collect();
            return Ok(if needed.is_empty() { alone } else { needed });
        }
        // Units without which nothing compiles may be needed for that only.
        let needed = select(&missing);
        if needed.len() > 1 && holds(&trials.run(&needed)?) {
            return Ok(needed);
        }
        for group in groups {
            if holds(&trials.run(group)?) {
                return smallest(target, group.clone(), trials);
            }
        }
        let broken = select(&|unit| self.without.get(unit).is_some_and(Option::is_none));
        let likely: Set = needed.union(&broken).copied().collect();
        if likely.len() < all.len() && holds(&trials.run(&likely)?) {
            return smallest(target, likely, trials);
        }
        smallest(target, all.clone(), trials)
    }
}

/// The smallest part of `set`, which gives the target, of which no unit can be left out: half of it is left out, then
/// quarters, down to single units.
fn smallest(target: Target, mut set: Set, trials: &mut Trials<'_>) -> Result<Set, Spent> {
    let mut size = set.len().div_ceil(2);
    loop {
        let mut dropped = false;
        let units: Vec<usize> = set.iter().copied().collect();
        for chunk in units.chunks(size.max(1)) {
            let rest: Set = set.iter().copied().filter(|unit| !chunk.contains(unit)).collect();
            if rest.is_empty() || rest.len() == set.len() {
                continue;
            }
            if trials.run(&rest)?.is_some_and(|given| given.contains(&target)) {
                set = rest;
                dropped = true;
            }
        }
        match (size, dropped) {
            (0 | 1, false) => return Ok(set),
            (1, true) => {}
            _ => size = size.div_ceil(2),
        }
    }
}
