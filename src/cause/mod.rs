//! What brought the differences of a diff about, found by compiling.
//!
//! Input: two states of a platform, and the [`ObjectChange`]s between the old one's snapshot and what the new one gives.
//! Output: [`Group`]s of them. [`Revisions::causes`] knows both states: it applies what was changed in the spec one at a
//! time to the old one (`units`, `search`, `trial`). [`origins`] knows the new state only and says where its spec states
//! what is new. Invariants: each difference is in one group; a cause that is named as such was compiled and seen to bring
//! the difference about.

mod describe;
mod json;
mod lines;
mod origin;
mod record;
mod rename;
mod search;
mod trial;
mod units;

pub use json::manifests;
pub use origin::origins;

use crate::component::registry;
use crate::diag::Sink;
use crate::diag::mask::Masks;
use crate::diff::{Cause, Group, ObjectChange, SpecChange, SpecPlace};
use crate::files::Files;
use crate::load::{self, Loaded};
use crate::overlay::Language;
use crate::patch;
use crate::source::SourceMap;
use crate::{Compilation, Compiled, Request, compile_loaded};
use lines::Documents;
use record::Recorder;
use search::Set;
use std::cell::OnceCell;
use std::collections::{BTreeMap, BTreeSet};
use trial::{Target, Trials};

/// Objects that the trials of one diff may compile, all together: some seconds of work.
const MOST_OBJECTS: usize = 100_000;

/// Trials of the smallest platforms.
const MOST_TRIALS: usize = 2_000;

/// Two states of a platform for one environment, compiled.
pub struct Revisions<'a> {
    request: Request<'a>,
    old_files: Recorder<'a>,
    new_files: Recorder<'a>,
    old: Loaded,
    new: Loaded,
    /// All that compiling the old state read.
    old_sources: SourceMap,
    /// The old state compiled by this version of dpjgen; `None` if it does not compile.
    pub before: Option<Compiled>,
    /// The new state compiled. Its sources hold both.
    pub after: Compilation,
}

/// Groups of differences by cause.
#[derive(Debug, Default)]
pub struct Causes {
    /// By cause; each difference in one of them.
    pub groups: Vec<Group>,
    /// Changes of the spec that no difference follows from.
    pub idle: Vec<SpecChange>,
    /// What is to be said about how the causes were found, for people.
    pub notes: Vec<String>,
}

impl<'a> Revisions<'a> {
    /// Compiles both states.
    pub fn compile(old: &'a dyn Files, new: &'a dyn Files, request: Request<'a>) -> Self {
        let (old_files, new_files) = (Recorder::new(old), Recorder::new(new));
        let mut sink = Sink::default();
        let old = load::load(&old_files, request.spec, request.environment, &mut sink);
        let Compilation { sources: old_sources, compiled: before, .. } =
            compile_loaded(&old_files, request, old.clone(), sink);
        let mut sink = Sink::default();
        let new = load::load_beside(old.sources.clone(), &new_files, request.spec, request.environment, &mut sink);
        let after = compile_loaded(&new_files, request, new.clone(), sink);
        Revisions { request, old_files, new_files, old, new, old_sources, before, after }
    }

    /// The causes of `changes`, whose old side is the old state's snapshot and whose new side is what the new state
    /// gives. `edited` says of an object whether its file in the snapshot is not what dpjgen wrote.
    pub fn causes(&self, changes: &[ObjectChange<'_>], edited: &dyn Fn(usize) -> bool) -> Causes {
        let mut causes = Causes::default();
        let masks = self.masks();
        let mut targets = targets(changes);
        let mut groups = Groups::default();
        let Some(before) = &self.before else {
            if self.old.environment.is_none() {
                let place = SpecPlace { file: overlay(self.request.environment), line: 1, key: String::new() };
                let change = SpecChange { place, old: None, new: Some("a new environment".to_owned()) };
                groups.extend(targets, Cause::Spec(vec![change]));
                causes.groups = groups.finish();
                return causes;
            }
            let note = "the old spec does not compile with this version of dpjgen: shown is where today's spec states what is new";
            causes.notes.push(note.to_owned());
            if let Some(compiled) = &self.after.compiled {
                causes.groups = origins(compiled, &self.after.sources, changes, edited);
            }
            return causes;
        };
        // What the old spec gives today is not the spec's doing.
        let already = trial::given(&before.plan, changes);
        for target in &already {
            targets.remove(target);
            groups.add(*target, if edited(target.0) { Cause::HandEdit } else { Cause::Tool });
        }
        let units = self.units();
        let merged = [Some(&before.merged.root), self.after.compiled.as_ref().map(|after| &after.merged.root)];
        let described: Vec<SpecChange> =
            units.iter().map(|unit| describe::change(unit, merged, &self.after.sources, &masks)).collect();
        let objects = before.plan.resources().len().max(1);
        let mut trials = Trials {
            request: Request { record_defaults: false, ..self.request },
            old_files: &self.old_files,
            new_files: &self.new_files,
            old: &self.old,
            new: &self.new,
            units: &units,
            changes,
            known: BTreeMap::new(),
            budget: (MOST_OBJECTS / objects).min(MOST_TRIALS),
        };
        let found = search::search(&mut trials, targets);
        let mut used = Set::new();
        let documents: Vec<OnceCell<Documents<'_>>> = units.iter().map(|_| OnceCell::new()).collect();
        // Of a file of manifests the document counts that states the object.
        let own = |unit: usize, target: Target| match (units.get(unit)?, documents.get(unit)?) {
            (units::Unit::File { path, old, new }, cell) => {
                let documents = cell.get_or_init(|| Documents::of(path, old, new));
                documents.change((target.0, changes.get(target.0)?), &masks)
            }
            (units::Unit::Entry { .. } | units::Unit::Renamed { .. }, _) => None,
        };
        let spec = |target: Target, set: &Set| {
            let change = |unit: &usize| own(*unit, target).or_else(|| described.get(*unit).cloned());
            let mut changes: Vec<SpecChange> = set.iter().filter_map(change).collect();
            changes.sort();
            Cause::Spec(changes)
        };
        for (target, set) in &found.causes {
            used.extend(set);
            groups.add(*target, spec(*target, set));
        }
        if !found.open.is_empty() {
            causes.notes.push(format!(
                "{} keys of the spec were changed, too many to try one by one: what is left shows all those on which an object may depend",
                units.len()
            ));
            let nodes =
                || units.iter().enumerate().flat_map(|(index, unit)| unit.nodes().map(move |node| (index, node)));
            let compiled = [Some(before), self.after.compiled.as_ref()];
            let reaches: Vec<_> = compiled.into_iter().flatten().map(|one| origin::Reach::of(one, nodes())).collect();
            let mut by_set: BTreeMap<Set, BTreeSet<Target>> = BTreeMap::new();
            for target in found.open {
                let Some(change) = changes.get(target.0) else { continue };
                let set: Set = reaches.iter().flat_map(|reach| reach.units(&change.id)).collect();
                by_set.entry(set).or_default().insert(target);
            }
            for (set, targets) in by_set {
                used.extend(&set);
                for target in targets {
                    groups.add(target, if set.is_empty() { Cause::Unknown } else { spec(target, &set) });
                }
            }
        }
        causes.groups = groups.finish();
        let idle = described.into_iter().enumerate().filter(|(index, _)| !used.contains(index));
        causes.idle = idle.map(|(_, change)| change).collect();
        causes
    }

    /// What must not be shown of either state.
    pub fn masks(&self) -> Masks {
        let mut masks = patch::masks(&self.after.sources);
        masks.add_all(&patch::masks(&self.old_sources));
        masks
    }

    fn units(&self) -> Vec<units::Unit> {
        let (mut sections, classes) = (registry::sections(), registry::classes());
        sections.extend_from_slice(patch::SECTIONS);
        let language = Language { sections: &sections, classes: &classes };
        let mut all = rename::joined(units::between(&self.old, &self.new, language));
        let layer_files = [&self.old, &self.new].into_iter().flat_map(|loaded| loaded.sources.files());
        let layers: BTreeSet<String> = layer_files.map(|(_, file)| file.path.clone()).collect();
        all.extend(units::files(&self.old_files, &self.new_files, &layers));
        all
    }
}

fn overlay(environment: &str) -> String {
    format!("{}/{environment}.toml", load::OVERLAYS)
}

/// Everything that wants a cause.
fn targets(changes: &[ObjectChange<'_>]) -> BTreeSet<Target> {
    let each = changes.iter().enumerate().flat_map(|(index, change)| {
        let whole = change.fields.is_empty() || change.fate != crate::diff::Fate::Changed;
        let whole = whole.then_some((index, None));
        whole.into_iter().chain((0..change.fields.len()).map(move |field| (index, Some(field))))
    });
    each.collect()
}

/// Targets by cause.
#[derive(Default)]
struct Groups {
    by_cause: BTreeMap<Cause, BTreeMap<usize, BTreeSet<usize>>>,
}

impl Groups {
    fn add(&mut self, (object, field): Target, cause: Cause) {
        self.by_cause.entry(cause).or_default().entry(object).or_default().extend(field);
    }

    fn extend(&mut self, targets: BTreeSet<Target>, cause: Cause) {
        let objects = self.by_cause.entry(cause).or_default();
        for (object, field) in targets {
            objects.entry(object).or_default().extend(field);
        }
    }

    fn finish(self) -> Vec<Group> {
        let group = |(cause, objects): (Cause, BTreeMap<usize, BTreeSet<usize>>)| Group {
            cause,
            changes: objects.into_iter().map(|(object, fields)| (object, fields.into_iter().collect())).collect(),
        };
        self.by_cause.into_iter().map(group).collect()
    }
}
