//! [`Index`]: which of many permits cover one, without holding it against all of them.
//!
//! Each permit is filed under the values of one of its conditions: of the one whose values fewest others share. Whatever the
//! permit covers meets this condition with each of its own values, so that any of those leads to it.

use super::{Permit, Relation, ports};
use crate::value::{Cidr, Leaf};
use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

/// So few permits are all looked at.
const FEW: usize = 16;

/// Permits by what they are filed under.
pub(super) struct Index<'p> {
    permits: &'p [Permit],
    filed: BTreeMap<Key<'p>, Vec<usize>>,
    /// Those that may cover whatever they like: without conditions, or with none whose values can be looked up.
    others: Vec<usize>,
    /// The lengths of the networks under which permits are filed.
    lengths: BTreeSet<u8>,
}

/// A condition, and a value of it.
type Key<'p> = (&'p str, Relation, Value<'p>);

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Value<'p> {
    Text(Cow<'p, str>),
    Network(Cidr),
}

impl<'p> Index<'p> {
    pub(super) fn of(permits: &'p [Permit]) -> Self {
        let (filed, others, lengths) = (BTreeMap::new(), Vec::new(), BTreeSet::new());
        let mut index = Index { permits, filed, others, lengths };
        if permits.len() <= FEW {
            index.others = (0..permits.len()).collect();
            return index;
        }
        let mut sharing: BTreeMap<Key<'_>, usize> = BTreeMap::new();
        for key in permits.iter().flat_map(conditions).flatten() {
            *sharing.entry(key).or_default() += 1;
        }
        let most = |keys: &Vec<Key<'_>>| keys.iter().filter_map(|key| sharing.get(key)).max().copied();
        for (place, permit) in permits.iter().enumerate() {
            let Some(keys) = conditions(permit).min_by_key(most) else {
                index.others.push(place);
                continue;
            };
            for key in keys {
                if let Value::Network(network) = key.2 {
                    index.lengths.insert(network.prefix());
                }
                index.filed.entry(key).or_default().push(place);
            }
        }
        index
    }

    /// The places of the permits that cover one, in order.
    pub(super) fn covering(&self, permit: &Permit) -> BTreeSet<usize> {
        let covers = |place: &usize| self.permits.get(*place).is_some_and(|one| one.covers(permit));
        self.candidates(permit).into_iter().filter(covers).collect()
    }

    /// Whether any permit covers one.
    pub(super) fn is_covered(&self, permit: &Permit) -> bool {
        let mut candidates = self.candidates(permit).into_iter();
        candidates.any(|place| self.permits.get(place).is_some_and(|one| one.covers(permit)))
    }

    /// The places of all permits that may cover one.
    pub(super) fn candidates(&self, permit: &Permit) -> BTreeSet<usize> {
        // What nothing meets is covered by anything.
        if permit.conditions.values().any(BTreeSet::is_empty) {
            return (0..self.permits.len()).collect();
        }
        let mut found: BTreeSet<usize> = self.others.iter().copied().collect();
        if self.filed.is_empty() {
            return found;
        }
        for ((what, relation), values) in &permit.conditions {
            for value in values.first().into_iter().flat_map(|value| self.wider(*relation, value)) {
                found.extend(self.filed.get(&(what.as_str(), *relation, value)).into_iter().flatten());
            }
        }
        found
    }

    /// What may be filed that stands for at least what a value stands for.
    fn wider<'v>(&self, relation: Relation, narrow: &'v str) -> Vec<Value<'v>> {
        let text = |text: &'v str| Value::Text(Cow::Borrowed(text));
        match relation {
            Relation::Host => {
                // The wildcard stands for one label.
                let behind = narrow.find('.').and_then(|at| narrow.get(at..));
                let wildcard = behind.map(|behind| Value::Text(Cow::Owned(format!("*{behind}"))));
                wildcard.into_iter().chain([text(narrow)]).collect()
            }
            Relation::Prefix => {
                let starts = narrow.match_indices('/').filter_map(|(at, _)| narrow.get(..at));
                starts.chain([narrow]).map(text).collect()
            }
            Relation::Network => match Cidr::parse(narrow) {
                Ok(network) => {
                    let lengths = self.lengths.range(..=network.prefix());
                    lengths.filter_map(|length| network.around(*length)).map(Value::Network).collect()
                }
                Err(_) => vec![text(narrow)],
            },
            Relation::Equal | Relation::Wildcard | Relation::Port | Relation::Except => {
                file(relation, narrow).into_iter().collect()
            }
        }
    }
}

/// The conditions of a permit under which it can be filed, each as all of its values.
fn conditions(permit: &Permit) -> impl Iterator<Item = Vec<Key<'_>>> {
    permit.conditions.iter().filter_map(|((what, relation), values)| {
        let key = |value| Some((what.as_str(), *relation, file(*relation, value)?));
        values.iter().map(|value| key(value.as_str())).collect()
    })
}

/// What a value is filed under; `None` if what it stands for cannot be looked up.
fn file(relation: Relation, wide: &str) -> Option<Value<'_>> {
    let text = |text| Some(Value::Text(Cow::Borrowed(text)));
    match relation {
        Relation::Wildcard if wide.starts_with('*') || wide.ends_with('*') => None,
        Relation::Equal | Relation::Host | Relation::Wildcard => text(wide),
        Relation::Prefix => text(wide.trim_end_matches('/')),
        Relation::Network => Cidr::parse(wide).map_or_else(|_| text(wide), |network| Some(Value::Network(network))),
        Relation::Port => match ports(wide) {
            Some((protocol, from, to)) if from == to && protocol != "*" => {
                Some(Value::Text(Cow::Owned(format!("{protocol}/{from}"))))
            }
            Some(_) => None,
            None => text(wide),
        },
        Relation::Except => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Values of each relation, among which many cover each other.
    const VALUES: [(Relation, &[&str]); 7] = [
        (Relation::Equal, &["a", "b", "c", "*"]),
        (Relation::Wildcard, &["*", "a*", "*b", "ab", "a*b", "acb", "a"]),
        (Relation::Host, &["*.e.com", "a.e.com", "*.a.e.com", "b.a.e.com", "e.com", "*", ".e.com", ""]),
        (Relation::Prefix, &["/", "/api", "/api/", "/api/v1", "/apis", "api", "", "/api//"]),
        (
            Relation::Network,
            &[
                "10.0.0.0/8",
                "10.1.0.0/16",
                "10.1.2.0/24",
                "0.0.0.0/0",
                "::/0",
                "fd00::/8",
                "fd00::1/128",
                "x",
                "10.0.0.1/8",
            ],
        ),
        (Relation::Port, &["TCP/80", "TCP/080", "UDP/80", "TCP/70-90", "TCP/*", "*/*", "*/80", "TCP/http", "x"]),
        (Relation::Except, &["10.1.0.0/16", "10.1.2.0/24", "169.254.0.0/16"]),
    ];

    #[test]
    fn what_covers_is_found_as_if_all_were_looked_at() {
        let mut state = 0x2545_F491_4F6C_DD1D_u64;
        let mut below = |end: usize| {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            usize::try_from(state >> 33).unwrap_or_default() % end
        };
        let mut permit = || {
            let mut permit = Permit::new("", "");
            for _ in 0..below(4) {
                let (relation, values) = VALUES[below(VALUES.len())];
                let some: Vec<&str> = (0..=below(2)).map(|_| values[below(values.len())]).collect();
                permit = permit.only(["x", "y"][below(2)], relation, some);
            }
            permit
        };
        for _ in 0..40 {
            let permits: Vec<Permit> = (0..60).map(|_| permit()).collect();
            let index = Index::of(&permits);
            for one in (0..60).map(|_| permit()).chain(permits.iter().cloned()) {
                let all = permits.iter().enumerate().filter(|(_, other)| other.covers(&one)).map(|(place, _)| place);
                assert_eq!(index.covering(&one), all.collect(), "{one:?}");
            }
        }
    }

    #[test]
    fn of_many_rules_few_are_looked_at() {
        for port in ["TCP/80", "TCP/8000-8100", "TCP/*"] {
            let rule = |at: usize| {
                let network = format!("10.{}.{}.0/24", at / 250, at % 250);
                Permit::new("", "").only("addresses", Relation::Network, [network]).only("port", Relation::Port, [port])
            };
            let pods = |at: usize| {
                let own = Permit::new("", "").only("kind", Relation::Equal, ["pods"]);
                own.only("pods app", Relation::Equal, [format!("x{at}")]).only("port", Relation::Port, [port])
            };
            let permits: Vec<Permit> = (0..2000).flat_map(|at| [rule(at), pods(at)]).collect();
            let index = Index::of(&permits);
            let looked_at: usize = permits.iter().map(|permit| index.candidates(permit).len()).sum();
            assert!(looked_at <= 2 * permits.len(), "{looked_at} for {} permits", permits.len());
        }
    }
}
