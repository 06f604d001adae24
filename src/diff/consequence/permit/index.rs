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
    /// The orders of the blocks of ports under which permits are filed.
    orders: BTreeSet<u8>,
}

/// A condition, and a value of it.
type Key<'p> = (&'p str, Relation, Value<'p>);

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Value<'p> {
    Text(Cow<'p, str>),
    Network(Cidr),
    Ports(Block<'p>),
}

/// As many ports as two to the power of an order, from a multiple of that on. Any range is a few of them, and a port is in one of
/// each order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Block<'p> {
    protocol: &'p str,
    order: u8,
    number: u64,
}

impl<'p> Block<'p> {
    /// The one of an order that a port is in.
    fn around(protocol: &'p str, order: u8, port: u32) -> Self {
        Block { protocol, order, number: u64::from(port).checked_shr(order.into()).unwrap_or_default() }
    }

    /// The fewest that are a range.
    fn of(protocol: &'p str, from: u32, to: u32) -> Vec<Self> {
        let (mut next, end) = (u64::from(from), u64::from(to) + 1);
        let mut blocks = Vec::new();
        while next < end {
            // As large as where it begins and what is left allow.
            let aligned = if next == 0 { 32 } else { next.trailing_zeros().min(32) };
            let order = aligned.min((end - next).ilog2());
            blocks.push(Block { protocol, order: u8::try_from(order).unwrap_or_default(), number: next >> order });
            next += 1 << order;
        }
        blocks
    }
}

impl<'p> Index<'p> {
    pub(super) fn of(permits: &'p [Permit]) -> Self {
        let (filed, others, lengths, orders) = (BTreeMap::new(), Vec::new(), BTreeSet::new(), BTreeSet::new());
        let mut index = Index { permits, filed, others, lengths, orders };
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
                match &key.2 {
                    Value::Network(network) => drop(index.lengths.insert(network.prefix())),
                    Value::Ports(block) => drop(index.orders.insert(block.order)),
                    Value::Text(_) => {}
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
            Relation::Port => {
                let (protocol, from, _) = ports(narrow).unwrap_or(("", 0, 0));
                let around = |order: &u8| [protocol, "*"].map(|protocol| Block::around(protocol, *order, from));
                let blocks = self.orders.iter().flat_map(around).map(Value::Ports);
                blocks.chain([text(narrow)]).collect()
            }
            Relation::Equal | Relation::Wildcard | Relation::Except => file(relation, narrow).unwrap_or_default(),
        }
    }
}

/// The conditions of a permit under which it can be filed, each as all of its values.
fn conditions(permit: &Permit) -> impl Iterator<Item = Vec<Key<'_>>> {
    permit.conditions.iter().filter_map(|((what, relation), values)| {
        let values: Option<Vec<Vec<Value<'_>>>> = values.iter().map(|value| file(*relation, value)).collect();
        Some(values?.into_iter().flatten().map(|value| (what.as_str(), *relation, value)).collect())
    })
}

/// What a value is filed under; `None` if what it stands for cannot be looked up.
fn file(relation: Relation, wide: &str) -> Option<Vec<Value<'_>>> {
    let text = |text| Some(vec![Value::Text(Cow::Borrowed(text))]);
    match relation {
        Relation::Wildcard if wide.starts_with('*') || wide.ends_with('*') => None,
        Relation::Equal | Relation::Host | Relation::Wildcard => text(wide),
        Relation::Prefix => text(wide.trim_end_matches('/')),
        Relation::Network => {
            Cidr::parse(wide).map_or_else(|_| text(wide), |network| Some(vec![Value::Network(network)]))
        }
        Relation::Port => match ports(wide) {
            Some((protocol, from, to)) => Some(Block::of(protocol, from, to).into_iter().map(Value::Ports).collect()),
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
        (
            Relation::Port,
            &[
                "TCP/80",
                "TCP/080",
                "UDP/80",
                "TCP/70-90",
                "TCP/64-127",
                "TCP/0-79",
                "TCP/90-70",
                "TCP/70000",
                "TCP/*",
                "*/*",
                "*/80",
                "*/75-95",
                "TCP/http",
                "x",
            ],
        ),
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
    fn a_range_is_a_few_blocks_of_ports() {
        for (from, to) in
            [(0, 0), (80, 80), (1, 65_535), (0, 65_535), (8000, 8100), (0, u32::MAX), (3, 8), (70_000, 70_001)]
        {
            let blocks = Block::of("TCP", from, to);
            assert!(blocks.len() <= 62, "{blocks:?}");
            let is_in = |port: u32| blocks.iter().any(|block| Block::around("TCP", block.order, port) == *block);
            let near =
                [from.checked_sub(1), Some(from), from.checked_add(1), to.checked_sub(1), Some(to), to.checked_add(1)];
            for port in near.into_iter().flatten().chain([0, 80, 8080, 65_535, u32::MAX]) {
                assert_eq!(is_in(port), (from..=to).contains(&port), "{port} in {from}-{to}: {blocks:?}");
            }
        }
    }

    /// Rules that differ in nothing but a range of ports are told apart too.
    #[test]
    fn of_many_ranges_few_are_looked_at() {
        let rule =
            |at: usize| Permit::new("", "").only("port", Relation::Port, [format!("TCP/{}-{}", at * 10, at * 10 + 5)]);
        let permits: Vec<Permit> = (0..2000).map(rule).collect();
        let index = Index::of(&permits);
        let looked_at: usize = permits.iter().map(|permit| index.candidates(permit).len()).sum();
        assert_eq!(looked_at, permits.len());
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
