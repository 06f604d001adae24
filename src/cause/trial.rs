//! Trials: the old spec with some of the changes, compiled, and which of the differences that gives.

use super::json;
use super::record::{Mixed, Recorder};
use super::units::{self, Unit};
use crate::diag::Sink;
use crate::diff::{self, Edit, Fate, FieldChange, ObjectChange, Segment};
use crate::load::Loaded;
use crate::manifest::{Manifest, ObjectId};
use crate::plan::Plan;
use crate::{Request, compile_loaded};
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

/// A difference that wants a cause: an object by its index, and one of its fields, or none where the object as a whole is
/// new or gone.
pub(super) type Target = (usize, Option<usize>);

/// The differences that a trial gives too; `None` if the spec does not compile that way.
pub(super) type Outcome = Option<Rc<BTreeSet<Target>>>;

/// Two states of a spec and the differences of what they give.
pub(super) struct Trials<'a> {
    pub(super) request: Request<'a>,
    pub(super) old_files: &'a Recorder<'a>,
    pub(super) new_files: &'a Recorder<'a>,
    pub(super) old: &'a Loaded,
    pub(super) new: &'a Loaded,
    pub(super) units: &'a [Unit],
    pub(super) changes: &'a [ObjectChange<'a>],
    pub(super) known: BTreeMap<BTreeSet<usize>, Outcome>,
    /// Compilations that are left.
    pub(super) budget: usize,
}

impl Trials<'_> {
    /// What the old spec with these units gives; `Err` once the budget is spent.
    pub(super) fn run(&mut self, set: &BTreeSet<usize>) -> Result<Outcome, Spent> {
        if let Some(known) = self.known.get(set) {
            return Ok(known.clone());
        }
        self.budget = self.budget.checked_sub(1).ok_or(Spent)?;
        let chosen = || set.iter().filter_map(|index| self.units.get(*index));
        let from_new = chosen().filter_map(|unit| match unit {
            Unit::File { path, .. } => Some(path.as_str()),
            Unit::Entry { .. } | Unit::Renamed { .. } => None,
        });
        let files = Mixed { old: self.old_files, new: self.new_files, from_new: from_new.collect() };
        let layers = units::apply(self.old, self.new, chosen());
        let compilation = compile_loaded(&files, self.request, layers, Sink::default());
        let outcome = compilation.compiled.map(|compiled| Rc::new(given(&compiled.plan, self.changes)));
        self.known.insert(set.clone(), outcome.clone());
        Ok(outcome)
    }
}

/// No more compilations may be made.
#[derive(Clone, Copy, Debug)]
pub(super) struct Spent;

/// Which of the differences a plan gives too.
pub(super) fn given(plan: &Plan, changes: &[ObjectChange<'_>]) -> BTreeSet<Target> {
    let mut wanted: BTreeSet<&ObjectId> = changes.iter().map(|change| &change.id).collect();
    let former = |change: &'_ ObjectChange<'_>| match &change.fate {
        Fate::Renamed { from } => Some(from.clone()),
        Fate::Added | Fate::Removed | Fate::Changed => None,
    };
    let renamed: Vec<ObjectId> = changes.iter().filter_map(former).collect();
    wanted.extend(&renamed);
    let old: Vec<Manifest<'_>> = changes.iter().filter_map(|change| change.old.cloned()).collect();
    let resources = plan.resources().iter().filter(|resource| wanted.contains(&json::id(&resource.object)));
    let new: Vec<Manifest<'_>> = resources.filter_map(|resource| json::manifest(&resource.object)).collect();
    let compared = diff::compare(&old, &new).unwrap_or_default();
    let by_id: BTreeMap<&ObjectId, &ObjectChange<'_>> = compared.iter().map(|change| (&change.id, change)).collect();
    let mut given = BTreeSet::new();
    for (index, change) in changes.iter().enumerate() {
        let Some(trial) = by_id.get(&change.id) else { continue };
        let alike = match (&change.fate, &trial.fate) {
            (Fate::Changed, _) => false,
            // What it was called before is another object of the comparison.
            (Fate::Added | Fate::Renamed { .. }, fate) => matches!(fate, Fate::Added | Fate::Renamed { .. }),
            (Fate::Removed, fate) => *fate == Fate::Removed,
        };
        if alike {
            given.insert((index, None));
        }
        for (at, field) in change.fields.iter().enumerate() {
            if trial.fields.iter().any(|other| same_field(field, other)) {
                given.insert((index, Some(at)));
            }
        }
    }
    given
}

/// Whether two comparisons found the same change of a field. The number of a list's item is no part of it: another change
/// in front of it moves it.
fn same_field(a: &FieldChange<'_>, b: &FieldChange<'_>) -> bool {
    let same_step = |(a, b): (&Segment, &Segment)| matches!((a, b), (Segment::Index(_), Segment::Index(_))) || a == b;
    let same_path = a.path.len() == b.path.len() && a.path.iter().zip(&b.path).all(same_step);
    same_path
        && match (&a.edit, &b.edit) {
            // Other items come and go meanwhile; the order of the same ones is what counts.
            (Edit::Reordered { .. }, Edit::Reordered { .. }) => true,
            (a, b) => a == b,
        }
}
