//! What is known besides the object itself: the other changes, and the other objects of both sides if somebody gives them.

use crate::diff::change::ObjectChange;
use crate::manifest::Manifest;
use crate::schema::crd::Store;

/// One of the two sides that are compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// What was.
    Old,
    /// What is to be.
    New,
}

/// All objects of both sides, changed or not. Most comparisons never ask, so it is best to read them when asked: rules
/// do so only if a change depends on its neighbours (which workloads mount a changed `ConfigMap`, which other policies
/// select the same pods).
pub trait Surroundings {
    /// The objects of one side in a namespace; the cluster's own for `None`. In an order that is always the same.
    fn within(&self, side: Side, namespace: Option<&str>) -> Vec<&Manifest<'_>>;
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
}

impl<'w> World<'w> {
    /// Objects of one side in a namespace, as far as they are known.
    pub(super) fn within(&self, side: Side, namespace: Option<&str>) -> Vec<&'w Manifest<'w>> {
        if let Some(surroundings) = self.context.surroundings {
            return surroundings.within(side, namespace);
        }
        let of = |change: &'w ObjectChange<'w>| match side {
            Side::Old => change.old,
            Side::New => change.new,
        };
        let objects = self.changes.iter().filter_map(of).map(|manifest| -> &'w Manifest<'w> { manifest });
        objects.filter(|manifest| manifest.id.namespace.as_deref() == namespace).collect()
    }

    /// Whether [`World::within`] gives all objects.
    pub(super) fn is_complete(&self) -> bool {
        self.context.surroundings.is_some()
    }

    /// The change of an object, if it is one of the changed ones.
    pub(super) fn change(&self, manifest: &Manifest<'_>) -> Option<&'w ObjectChange<'w>> {
        self.changes.iter().find(|change| change.id == manifest.id)
    }
}
