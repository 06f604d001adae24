//! The tree that TOML becomes: values with ids.

use crate::source::NodeId;
use smol_str::SmolStr;

/// A value and where it stands.
#[derive(Clone, Debug)]
pub struct Node {
    /// Its place in the sources. A merged table keeps the id of the layer that declared it.
    pub id: NodeId,
    /// What it says.
    pub value: Value,
}

/// A TOML value.
#[derive(Clone, Debug)]
pub enum Value {
    /// A string of any of TOML's four forms, unescaped.
    String(SmolStr),
    /// An integer that fits 64 bits.
    Integer(i64),
    /// A float.
    Float(f64),
    /// `true` or `false`.
    Boolean(bool),
    /// A date or time, in its canonical text; no key of the spec takes one.
    Datetime(SmolStr),
    /// An array.
    Array(Vec<Node>),
    /// A table of any form: header, inline or dotted.
    Table(Table),
}

/// A key and its value.
#[derive(Clone, Debug)]
pub struct Entry {
    /// The key, unescaped.
    pub key: SmolStr,
    /// The value.
    pub node: Node,
}

/// A table: entries sorted by key, each key once.
#[derive(Clone, Debug, Default)]
pub struct Table {
    entries: Vec<Entry>,
}

impl Table {
    /// A table of entries in any order; of two with one key the later one stays.
    pub fn from_entries(mut entries: Vec<Entry>) -> Self {
        if !entries.is_sorted_by(|a, b| a.key < b.key) {
            entries.reverse();
            entries.sort_by(|a, b| a.key.cmp(&b.key));
            entries.dedup_by(|b, a| a.key == b.key);
        }
        Table { entries }
    }

    /// The value of a key.
    pub fn get(&self, key: &str) -> Option<&Node> {
        let i = self.entries.binary_search_by(|e| e.key.as_str().cmp(key)).ok()?;
        self.entries.get(i).map(|e| &e.node)
    }

    /// The value of a key, to be changed.
    pub fn get_mut(&mut self, key: &str) -> Option<&mut Node> {
        let i = self.entries.binary_search_by(|e| e.key.as_str().cmp(key)).ok()?;
        self.entries.get_mut(i).map(|e| &mut e.node)
    }

    /// Takes a key out.
    pub fn remove(&mut self, key: &str) -> Option<Node> {
        let i = self.entries.binary_search_by(|e| e.key.as_str().cmp(key)).ok()?;
        Some(self.entries.remove(i).node)
    }

    /// Puts a key in; the value that it had comes back.
    pub fn insert(&mut self, key: SmolStr, node: Node) -> Option<Node> {
        match self.entries.binary_search_by(|e| e.key.cmp(&key)) {
            Ok(i) => self.entries.get_mut(i).map(|e| std::mem::replace(&mut e.node, node)),
            Err(i) => {
                self.entries.insert(i, Entry { key, node });
                None
            }
        }
    }

    /// The entries by key.
    pub fn iter(&self) -> std::slice::Iter<'_, Entry> {
        self.entries.iter()
    }

    /// The entries by key, to be changed.
    pub fn iter_mut(&mut self) -> impl Iterator<Item = (&str, &mut Node)> {
        self.entries.iter_mut().map(|e| (e.key.as_str(), &mut e.node))
    }

    /// The keys in order.
    pub fn keys(&self) -> impl Iterator<Item = &str> + Clone {
        self.entries.iter().map(|e| e.key.as_str())
    }

    /// The entries, taken out.
    pub fn into_entries(self) -> Vec<Entry> {
        self.entries
    }

    /// Number of entries.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }
}

impl<'a> IntoIterator for &'a Table {
    type Item = &'a Entry;
    type IntoIter = std::slice::Iter<'a, Entry>;
    fn into_iter(self) -> Self::IntoIter {
        self.entries.iter()
    }
}

impl Node {
    /// The table, if it is one.
    pub fn as_table(&self) -> Option<&Table> {
        if let Value::Table(table) = &self.value { Some(table) } else { None }
    }

    /// The table, to be changed, if it is one.
    pub fn as_table_mut(&mut self) -> Option<&mut Table> {
        if let Value::Table(table) = &mut self.value { Some(table) } else { None }
    }

    /// The text, if it is a string.
    pub fn as_str(&self) -> Option<&str> {
        if let Value::String(text) = &self.value { Some(text) } else { None }
    }

    /// What kind of value it is, with an article, for "expected …, found …".
    pub fn kind(&self) -> &'static str {
        match &self.value {
            Value::String(_) => "a string",
            Value::Integer(_) => "an integer",
            Value::Float(_) => "a float",
            Value::Boolean(_) => "a boolean",
            Value::Datetime(_) => "a date or time",
            Value::Array(_) => "an array",
            Value::Table(_) => "a table",
        }
    }

    /// Calls `visit` with the key path and the node of every leaf (a value that is not a table).
    pub fn leaves<'a>(&'a self, path: &mut Vec<&'a str>, visit: &mut impl FnMut(&[&'a str], &'a Node)) {
        match &self.value {
            Value::Table(table) => {
                for entry in table {
                    path.push(&entry.key);
                    entry.node.leaves(path, visit);
                    path.pop();
                }
            }
            _ => visit(path, self),
        }
    }
}
