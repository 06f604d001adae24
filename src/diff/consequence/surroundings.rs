//! What is known besides the object itself: the other changes, and the other objects of both sides if somebody gives them.

use super::references::References;
use crate::diff::change::ObjectChange;
use crate::manifest::{Manifest, ObjectId};
use crate::schema::crd::Store;
use std::cell::OnceCell;
use std::collections::BTreeMap;

/// One of the two sides that are compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// What was.
    Old,
    /// What is to be.
    New,
}

/// All objects of both sides, changed or not. Rules ask only if a change depends on its neighbours: which workloads mount a
/// changed `ConfigMap`, which other policies select the same pods.
pub trait Surroundings {
    /// Objects of one side in a namespace, the cluster's own for `None`: at least those of these kinds. In an order that
    /// is always the same. `None` if they cannot be known.
    fn within(&self, side: Side, namespace: Option<&str>, kinds: &[&str]) -> Option<Vec<&Manifest<'_>>>;
}

/// What else is known. What is not known is said in the messages, never guessed.
#[derive(Clone, Copy, Default)]
pub struct Context<'a> {
    /// The clusters' CRDs: their rules that compare an object with what it was.
    pub crds: Option<&'a Store>,
    /// All objects; without them rules look at the changed ones only.
    pub surroundings: Option<&'a dyn Surroundings>,
}

/// What rules may ask.
pub(super) struct World<'w> {
    pub(super) changes: &'w [ObjectChange<'w>],
    pub(super) context: &'w Context<'w>,
    /// Rollouts among the changes whose old version stays in use for a while; see `versions`.
    pub(super) kept: OnceCell<Vec<&'w ObjectChange<'w>>>,
    /// Made when a rule first asks.
    index: OnceCell<Index<'w>>,
    /// Who refers to the configuration of a namespace, once that is asked for.
    pub(super) references: References<'w>,
}

/// The changes by what they are asked for: no rule goes through all of them.
struct Index<'w> {
    by_id: BTreeMap<&'w ObjectId, &'w ObjectChange<'w>>,
    /// Each with its place among the changes.
    by_kind: BTreeMap<Key<'w>, Vec<(usize, &'w Manifest<'w>)>>,
}

/// Whether it is the old side; namespace and kind.
type Key<'w> = (bool, Option<&'w str>, &'w str);

impl<'w> World<'w> {
    pub(super) fn new(changes: &'w [ObjectChange<'w>], context: &'w Context<'w>) -> Self {
        let (kept, index) = (OnceCell::new(), OnceCell::new());
        World { changes, context, kept, index, references: References::default() }
    }

    fn index(&self) -> &Index<'w> {
        self.index.get_or_init(|| {
            let mut index = Index { by_id: BTreeMap::new(), by_kind: BTreeMap::new() };
            for (place, change) in self.changes.iter().enumerate() {
                index.by_id.entry(&change.id).or_insert(change);
                for (is_old, manifest) in [(true, change.old), (false, change.new)] {
                    let Some(manifest) = manifest else { continue };
                    let key = (is_old, manifest.id.namespace.as_deref(), manifest.id.kind.as_str());
                    index.by_kind.entry(key).or_default().push((place, manifest));
                }
            }
            index
        })
    }

    /// Objects of these kinds, of one side, in a namespace. The flag says whether these are all of them, or only those
    /// that changed.
    pub(super) fn within(&self, side: Side, namespace: Option<&str>, kinds: &[&str]) -> (Vec<&'w Manifest<'w>>, bool) {
        let is_asked = |manifest: &&Manifest<'_>| {
            manifest.id.namespace.as_deref() == namespace && kinds.contains(&manifest.id.kind.as_str())
        };
        let all = self.context.surroundings.and_then(|all| all.within(side, namespace, kinds));
        if let Some(all) = all {
            return (all.into_iter().filter(is_asked).collect(), true);
        }
        (self.changed(side, namespace, kinds), false)
    }

    /// The changed objects of these kinds, of one side, in a namespace, in the order of the changes.
    pub(super) fn changed(&self, side: Side, namespace: Option<&str>, kinds: &[&str]) -> Vec<&'w Manifest<'w>> {
        let mut found = Vec::new();
        for kind in kinds {
            found.extend(
                self.index().by_kind.get(&(side == Side::Old, namespace, *kind)).into_iter().flatten().copied(),
            );
        }
        found.sort_by_key(|(place, _)| *place);
        found.into_iter().map(|(_, manifest)| manifest).collect()
    }

    /// The change of an object, if it is one of the changed ones.
    pub(super) fn change(&self, manifest: &Manifest<'_>) -> Option<&'w ObjectChange<'w>> {
        self.change_of(&manifest.id)
    }

    /// The same by its identity.
    pub(super) fn change_of(&self, id: &ObjectId) -> Option<&'w ObjectChange<'w>> {
        self.index().by_id.get(id).copied()
    }
}
