//! [`Place`]: what a resource is sorted by.

use crate::k8s::Object;
use indexmap::IndexSet;
use std::iter;

/// What decides on a resource's place, noted as long as its object is at hand.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Place {
    /// Number of the namespace among [`Namespaces`].
    pub(super) namespace: usize,
    /// The two positions of a [`Rank`](crate::k8s::Rank).
    pub(super) rank: (usize, usize),
    /// Position among kinds that the rank does not tell apart; known once all of them are.
    pub(super) among: u64,
    /// The start of the name, filled up with zeros, which no name has: it sorts as the name does, and equally only where
    /// names share it.
    pub(super) name: [u8; START],
    /// Bytes of the whole name.
    pub(super) length: usize,
    /// Whether the object is a document alone, into which nobody can look.
    pub(super) is_document: bool,
}

/// How much of a name is noted: most names of a namespace differ in it.
const START: usize = 24;

impl Place {
    pub(super) fn of(object: &Object, namespaces: &mut Namespaces) -> Place {
        let (identity, rank) = (object.identity(), object.rank());
        let mut name = [0; START];
        name.iter_mut().zip(identity.name.bytes()).for_each(|(to, byte)| *to = byte);
        let namespace = namespaces.number(identity.namespace);
        let is_document = matches!(object, Object::Written(written) if written.rest().is_none());
        Place { namespace, rank: (rank.after, rank.then), among: 0, name, length: identity.name.len(), is_document }
    }

    /// What objects of one kind share, and no others.
    pub(super) fn kind(&self) -> (usize, usize, u64) {
        let (after, then) = self.rank;
        (after, then, self.among)
    }
}

/// The namespaces of a plan, numbered as they come: the cluster itself is number 0.
#[derive(Clone, Debug, Default)]
pub(super) struct Namespaces {
    numbers: IndexSet<Box<str>>,
    /// What a component makes of a workload comes together, in one namespace.
    last: usize,
}

impl Namespaces {
    /// How many there are, with the cluster.
    pub(super) fn len(&self) -> usize {
        self.numbers.len() + 1
    }

    /// Their numbers, the cluster's first and the others ordered by their names.
    pub(super) fn sorted(&self) -> impl Iterator<Item = usize> {
        let mut named: Vec<(&str, usize)> = self.numbers.iter().map(AsRef::as_ref).zip(1..).collect();
        named.sort_unstable();
        iter::once(0).chain(named.into_iter().map(|(_, number)| number))
    }

    fn number(&mut self, namespace: Option<&str>) -> usize {
        let Some(namespace) = namespace else { return 0 };
        let last = self.last.checked_sub(1).and_then(|index| self.numbers.get_index(index));
        if last.is_none_or(|last| **last != *namespace) {
            let index = match self.numbers.get_index_of(namespace) {
                Some(index) => index,
                None => self.numbers.insert_full(namespace.into()).0,
            };
            self.last = index + 1;
        }
        self.last
    }
}
