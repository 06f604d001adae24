//! [`Place`]: what a resource is sorted by.

use crate::k8s::Object;
use std::collections::BTreeMap;

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
}

/// How much of a name is noted: most names of a namespace differ in it.
const START: usize = 24;

impl Place {
    pub(super) fn of(object: &Object, namespaces: &mut Namespaces) -> Place {
        let (identity, rank) = (object.identity(), object.rank());
        let mut name = [0; START];
        name.iter_mut().zip(identity.name.bytes()).for_each(|(to, byte)| *to = byte);
        let namespace = namespaces.number(identity.namespace);
        Place { namespace, rank: (rank.after, rank.then), among: 0, name, length: identity.name.len() }
    }

    /// What objects of one kind share, and no others.
    pub(super) fn kind(&self) -> (usize, usize, u64) {
        let (after, then) = self.rank;
        (after, then, self.among)
    }
}

/// The namespaces of a plan, numbered as they come; `None` is the cluster itself.
#[derive(Clone, Debug, Default)]
pub(super) struct Namespaces {
    numbers: BTreeMap<Option<String>, usize>,
    /// What a component makes of a workload comes together, in one namespace.
    last: Option<(Option<String>, usize)>,
}

impl Namespaces {
    pub(super) fn len(&self) -> usize {
        self.numbers.len()
    }

    /// Their numbers, ordered by their names.
    pub(super) fn sorted(&self) -> impl Iterator<Item = usize> {
        self.numbers.values().copied()
    }

    fn number(&mut self, namespace: Option<&str>) -> usize {
        if let Some((last, number)) = &self.last
            && last.as_deref() == namespace
        {
            return *number;
        }
        let namespace = namespace.map(str::to_owned);
        let next = self.numbers.len();
        let number = *self.numbers.entry(namespace.clone()).or_insert(next);
        self.last = Some((namespace, number));
        number
    }
}
