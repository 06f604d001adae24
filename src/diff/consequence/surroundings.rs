//! What is known besides the object itself: the other changes, and the other objects of both sides if somebody gives them.

use crate::diff::change::ObjectChange;
use crate::manifest::Manifest;
use crate::schema::crd::Store;
use std::cell::OnceCell;

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
}

impl<'w> World<'w> {
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
        (self.changed(side).filter(is_asked).collect(), false)
    }

    /// The changed objects of one side.
    pub(super) fn changed(&self, side: Side) -> impl Iterator<Item = &'w Manifest<'w>> + use<'w> {
        let of = move |change: &'w ObjectChange<'w>| -> Option<&'w Manifest<'w>> {
            match side {
                Side::Old => change.old,
                Side::New => change.new,
            }
        };
        self.changes.iter().filter_map(of)
    }

    /// The change of an object, if it is one of the changed ones.
    pub(super) fn change(&self, manifest: &Manifest<'_>) -> Option<&'w ObjectChange<'w>> {
        self.changes.iter().find(|change| change.id == manifest.id)
    }
}
