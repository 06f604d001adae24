//! [`Value`]: what a YAML or JSON document says, as the API server would read it.

use sha2::{Digest, Sha256};
use std::borrow::Cow;
use std::fmt;
use std::ops::Deref;
use std::sync::Arc;

/// A value of a manifest. Texts are borrowed from the document wherever it states them as they are.
#[derive(Clone, Debug, PartialEq)]
pub enum Value<'a> {
    /// `null`, `~` or nothing.
    Null,
    /// A boolean, as readers of YAML 1.1 (kubectl's) see it.
    Bool(bool),
    /// A number in JSON's notation: `420` for `0644`.
    Number(Cow<'a, str>),
    /// A text.
    String(Cow<'a, str>),
    /// What a `Secret` holds: it can be compared and nothing else.
    Sealed(Sealed),
    /// A list.
    List(Vec<Value<'a>>),
    /// A map, sorted by key; each key once.
    Map(Entries<'a>),
}

/// A key of a map and its value.
pub type Pair<'a> = (Cow<'a, str>, Value<'a>);

/// The entries of a map. They are shared by its copies: two versions of an object mostly say the same below most of their
/// keys, which then is held once, and is equal without a look at it.
#[derive(Clone, Debug)]
pub struct Entries<'a>(Arc<[Pair<'a>]>);

impl<'a> Entries<'a> {
    /// The entries to change; those of copies stay as they are.
    pub(super) fn to_mut(&mut self) -> &mut [Pair<'a>] {
        Arc::make_mut(&mut self.0)
    }

    /// Those that are wanted.
    #[must_use]
    pub fn filtered(&self, is_wanted: impl Fn(&str) -> bool) -> Self {
        self.iter().filter(|(key, _)| is_wanted(key)).cloned().collect()
    }
}

impl<'a> Deref for Entries<'a> {
    type Target = [Pair<'a>];

    fn deref(&self) -> &Self::Target {
        &self.0
    }
}

impl PartialEq for Entries<'_> {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0) || self.0 == other.0
    }
}

impl<'a> FromIterator<Pair<'a>> for Entries<'a> {
    fn from_iter<I: IntoIterator<Item = Pair<'a>>>(pairs: I) -> Self {
        Entries(pairs.into_iter().collect())
    }
}

impl<'a> From<Vec<Pair<'a>>> for Entries<'a> {
    fn from(pairs: Vec<Pair<'a>>) -> Self {
        Entries(pairs.into())
    }
}

impl<'e, 'a> IntoIterator for &'e Entries<'a> {
    type Item = &'e Pair<'a>;
    type IntoIter = std::slice::Iter<'e, Pair<'a>>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.iter()
    }
}

/// What a `Secret` holds, kept as a sum so that no later stage can show it. Neither is the sum shown: a short password
/// can be guessed from it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Sealed([u8; 16]);

impl Sealed {
    /// Seals some bytes.
    pub fn new(bytes: &[u8]) -> Self {
        // Half of the sum: a value is no larger for it, and nobody finds two texts with the same half.
        let mut half = [0; 16];
        half.iter_mut().zip(Sha256::digest(bytes)).for_each(|(own, byte)| *own = byte);
        Sealed(half)
    }
}

impl fmt::Debug for Sealed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Sealed")
    }
}

impl fmt::Display for Sealed {
    /// What stands in its place wherever values are shown.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("(secret)")
    }
}

impl<'a> Value<'a> {
    /// The value of a key; `None` if this is no map or has no such key.
    pub fn get(&self, key: &str) -> Option<&Value<'a>> {
        let Value::Map(entries) = self else { return None };
        let at = entries.binary_search_by(|(name, _)| name.as_ref().cmp(key)).ok()?;
        entries.get(at).map(|(_, value)| value)
    }

    /// The value below several keys.
    pub fn at(&self, keys: &[&str]) -> Option<&Value<'a>> {
        keys.iter().try_fold(self, |value, key| value.get(key))
    }

    /// The text, if it is one.
    pub fn as_str(&self) -> Option<&str> {
        match self {
            Value::String(text) => Some(text),
            _ => None,
        }
    }

    /// The boolean, if it is one.
    pub fn as_bool(&self) -> Option<bool> {
        match self {
            Value::Bool(value) => Some(*value),
            _ => None,
        }
    }

    /// The number, if it is one that an `i64` holds.
    pub fn as_i64(&self) -> Option<i64> {
        match self {
            Value::Number(text) => text.parse().ok(),
            _ => None,
        }
    }

    /// The items of a list; none of anything else.
    pub fn items(&self) -> &[Value<'a>] {
        match self {
            Value::List(items) => items,
            _ => &[],
        }
    }

    /// The entries of a map by key; none of anything else.
    pub fn entries(&self) -> &[(Cow<'a, str>, Value<'a>)] {
        match self {
            Value::Map(entries) => entries,
            _ => &[],
        }
    }
}
