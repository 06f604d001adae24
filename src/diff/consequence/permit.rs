//! [`Permit`]: something that a policy allows, as conditions that can be compared.
//!
//! Policies of all dialects, routes and RBAC rules become lists of permits. What the new list allows that no permit of the
//! old one covers is wider; the other way round it is narrower. Text, order and grouping of rules play no part. A permit
//! that only several old ones together cover counts as new: then a change is said to be wider that is not, never the
//! other way round.

mod index;

use crate::value::{Cidr, Leaf};
use index::Index;
use std::collections::{BTreeMap, BTreeSet};

/// How the values of a condition relate to each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Relation {
    /// Equal or not.
    Equal,
    /// `*` stands for anything, at the end or at the start of a text too.
    Wildcard,
    /// `*.` stands for exactly one label of a name.
    Host,
    /// A value covers all that begins with it, at a `/`.
    Prefix,
    /// Networks.
    Network,
    /// `TCP/80`, `TCP/8000-8100`, `TCP/*`.
    Port,
    /// The permit is for all *but* these: the more, the narrower.
    Except,
}

/// Something that is allowed: to whatever meets all conditions.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Permit {
    /// Each condition: one of its values has to be met. Without conditions everything is allowed.
    conditions: BTreeMap<(String, Relation), BTreeSet<String>>,
    /// How a message says it.
    pub(super) text: String,
    /// Path of the rule, for the fields to blame.
    pub(super) path: String,
}

impl Permit {
    pub(super) fn new(text: impl Into<String>, path: impl Into<String>) -> Self {
        Permit { conditions: BTreeMap::new(), text: text.into(), path: path.into() }
    }

    /// The same under another name.
    pub(super) fn called(mut self, text: impl Into<String>) -> Self {
        self.text = text.into();
        self
    }

    /// Narrows it by one more condition. No values are no condition. What has to be equal to one of these values and to one
    /// of those has to be equal to one that both name; where there is none, nothing meets it.
    pub(super) fn only<T: Into<String>>(
        mut self,
        what: impl Into<String>,
        relation: Relation,
        values: impl IntoIterator<Item = T>,
    ) -> Self {
        let values: BTreeSet<String> = values.into_iter().map(Into::into).collect();
        if !values.is_empty() {
            let key = (what.into(), relation);
            let values = match self.conditions.get(&key) {
                Some(before) if relation == Relation::Equal => before.intersection(&values).cloned().collect(),
                _ => values,
            };
            self.conditions.insert(key, values);
        }
        self
    }

    /// Whether all that `other` allows is allowed by this one.
    pub(super) fn covers(&self, other: &Permit) -> bool {
        // What nothing meets allows nothing.
        if other.conditions.values().any(BTreeSet::is_empty) {
            return true;
        }
        // Both are sorted.
        let mut others = other.conditions.iter().peekable();
        self.conditions.iter().all(|(key, values)| {
            while others.next_if(|(other, _)| *other < key).is_some() {}
            let theirs = others.next_if(|(other, _)| *other == key).map(|(_, theirs)| theirs);
            match (&key.1, theirs) {
                (_, None) => false,
                (Relation::Except, Some(theirs)) => {
                    // What this one leaves out, the other has to leave out too.
                    values.iter().all(|value| theirs.iter().any(|their| met(Relation::Network, their, value)))
                }
                (_, Some(theirs)) => theirs.iter().all(|their| values.iter().any(|value| met(key.1, value, their))),
            }
        })
    }
}

/// Whether `wide` stands for at least what `narrow` stands for.
fn met(relation: Relation, wide: &str, narrow: &str) -> bool {
    if wide == narrow {
        return true;
    }
    match relation {
        Relation::Equal => false,
        Relation::Wildcard => match (wide.strip_prefix('*'), wide.strip_suffix('*')) {
            _ if wide == "*" => true,
            (Some(end), _) => narrow.ends_with(end),
            (_, Some(start)) => narrow.starts_with(start),
            _ => false,
        },
        Relation::Host => wide.strip_prefix('*').is_some_and(|end| {
            let label = narrow.strip_suffix(end);
            end.starts_with('.') && label.is_some_and(|label| !label.is_empty() && !label.contains('.'))
        }),
        Relation::Prefix => {
            let wide = wide.trim_end_matches('/');
            narrow.strip_prefix(wide).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        }
        Relation::Network | Relation::Except => match (Cidr::parse(wide), Cidr::parse(narrow)) {
            (Ok(wide), Ok(narrow)) => wide.covers(narrow),
            _ => false,
        },
        Relation::Port => match (ports(wide), ports(narrow)) {
            (Some((a, least, most)), Some((b, from, to))) => (a == b || a == "*") && least <= from && to <= most,
            _ => false,
        },
    }
}

/// Protocol, first and last port. A named port is none, and neither is a range that ends before it begins.
fn ports(text: &str) -> Option<(&str, u32, u32)> {
    let (protocol, port) = text.split_once('/')?;
    if port == "*" {
        return Some((protocol, 0, u32::MAX));
    }
    let (from, to) = port.split_once('-').unwrap_or((port, port));
    let (from, to) = (from.parse().ok()?, to.parse().ok()?);
    (from <= to).then_some((protocol, from, to))
}

/// What became of a list of permits.
pub(super) struct Difference {
    pub(super) wider: Vec<Permit>,
    pub(super) narrower: Vec<Permit>,
}

/// Compares what was allowed with what is.
pub(super) fn compare(old: &[Permit], new: &[Permit]) -> Difference {
    let not_covered = |these: &[Permit], by: &[Permit]| {
        let by = Index::of(by);
        let mut seen: BTreeSet<&str> = BTreeSet::new();
        let left = these.iter().filter(|permit| !by.is_covered(permit) && seen.insert(&permit.text));
        left.cloned().collect()
    };
    Difference { wider: not_covered(new, old), narrower: not_covered(old, new) }
}

/// The same, and each permit says which part of it was allowed before, or still is.
pub(super) fn explained(old: &[Permit], new: &[Permit]) -> Difference {
    let Difference { mut wider, mut narrower } = compare(old, new);
    for (permits, parts, lead) in [(&mut wider, old, "until now only"), (&mut narrower, new, "now only")] {
        let mut covered: Vec<Vec<&Permit>> = vec![Vec::new(); permits.len()];
        let index = Index::of(permits);
        for part in parts {
            let places = index.covering(part).into_iter();
            places.filter_map(|place| covered.get_mut(place).map(|parts| parts.push(part))).for_each(drop);
        }
        for (permit, parts) in permits.iter_mut().zip(covered) {
            if !parts.is_empty() {
                permit.text = format!("{} ({lead} {})", permit.text, texts(parts));
            }
        }
    }
    Difference { wider, narrower }
}

/// The texts of permits, for a message.
pub(super) fn texts<'p>(permits: impl IntoIterator<Item = &'p Permit>) -> String {
    let texts: Vec<&str> = permits.into_iter().map(|permit| permit.text.as_str()).collect();
    super::words::list(&texts)
}

#[cfg(test)]
mod tests {
    use super::Relation::{Except, Host, Network, Port, Prefix, Wildcard};
    use super::*;

    fn permit(what: &str, relation: Relation, values: &[&str]) -> Permit {
        Permit::new("", "").only(what, relation, values.iter().copied())
    }

    #[test]
    fn fewer_conditions_cover_more() {
        let all = Permit::new("", "");
        let some = permit("port", Port, &["TCP/80"]);
        assert!(all.covers(&some));
        assert!(!some.covers(&all));
        assert!(some.covers(&some.clone().only("pods", Relation::Equal, ["app=x"])));
    }

    #[test]
    fn values_are_compared_by_what_they_stand_for() {
        for (relation, wide, narrow) in [
            (Port, "TCP/8000-8100", "TCP/8080"),
            (Port, "TCP/*", "TCP/8000-8100"),
            (Port, "*/*", "UDP/53"),
            (Network, "10.0.0.0/8", "10.1.0.0/16"),
            (Wildcard, "*.dpj.example", "api.dpj.example"),
            (Wildcard, "/api/*", "/api/v1"),
            (Prefix, "/", "/api"),
            (Prefix, "/api", "/api/v1"),
        ] {
            assert!(met(relation, wide, narrow), "{wide} covers {narrow}");
            assert!(!met(relation, narrow, wide), "{narrow} does not cover {wide}");
        }
        assert!(
            met(Host, "*.e.com", "b.e.com") && !met(Host, "*.e.com", "b.a.e.com") && !met(Host, "*.e.com", "*.a.e.com")
        );
        assert!(!met(Prefix, "/api", "/apis"));
        assert!(!met(Port, "TCP/80", "UDP/80"));
    }

    #[test]
    fn conditions_on_the_same_value_are_met_together() {
        let one = permit("app", Relation::Equal, &["a"]);
        let both = one.clone().only("app", Relation::Equal, ["a", "b"]);
        assert!(one.covers(&both) && both.covers(&one));
        let none = one.clone().only("app", Relation::Equal, ["b"]);
        assert!(one.covers(&none) && !none.covers(&one));
    }

    #[test]
    fn an_exception_narrows() {
        let world = permit("net", Network, &["0.0.0.0/0"]);
        let less = world.clone().only("net", Except, ["169.254.169.254/32"]);
        assert!(world.covers(&less));
        assert!(!less.covers(&world));
        assert!(less.covers(&world.only("net", Except, ["169.254.0.0/16"])));
    }
}
