//! Files that are the same on both sides and were read no further: what is kept of them tells which may hold an object.
//!
//! A file of one object is known by its kind, namespace and name, any other by each text that stands as a `name` in it, so that an
//! object that is there twice is found without parsing what did not change. What names things in a way that is not seen so
//! (an alias, an escape) may hold any object.

use super::change::{Fate, ObjectChange};
use super::stated::{self, Identity};
use crate::manifest::{self, ObjectId};
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

/// Files that are the same on both sides, by what they may hold.
#[derive(Debug, Default)]
pub struct Unread {
    /// All paths, one behind the other: a file costs no memory of its own.
    paths: String,
    /// What a file may hold, and where its path is.
    names: Vec<(u64, Range<usize>)>,
    /// Files that may hold anything.
    any: Vec<Range<usize>>,
}

/// Of parts that were noted each by itself.
impl FromIterator<Unread> for Unread {
    fn from_iter<I: IntoIterator<Item = Unread>>(parts: I) -> Self {
        let mut parts = parts.into_iter();
        let mut all = parts.next().unwrap_or_default();
        for Unread { paths, names, any } in parts {
            let before = all.paths.len();
            let moved = |path: Range<usize>| before + path.start..before + path.end;
            all.paths.push_str(&paths);
            all.names.extend(names.into_iter().map(|(key, path)| (key, moved(path))));
            all.any.extend(any.into_iter().map(moved));
        }
        all
    }
}

impl Unread {
    /// The same in groups: `group` says of a path in which it is, and what it is called there.
    #[must_use]
    pub fn grouped<'p, G: Ord>(&'p self, group: impl Fn(&'p str) -> (G, &'p str)) -> BTreeMap<G, Self> {
        let mut groups: BTreeMap<G, Self> = BTreeMap::new();
        // A file of several objects has its path once.
        let (mut last, mut moved) = (0..0, 0..0);
        let named = self.names.iter().map(|(key, path)| (Some(*key), path));
        for (key, path) in named.chain(self.any.iter().map(|path| (None, path))) {
            let Some(text) = self.paths.get(path.clone()) else { continue };
            let (group, called) = group(text);
            let unread = groups.entry(group).or_default();
            if last != *path {
                let start = unread.paths.len();
                unread.paths.push_str(called);
                (last, moved) = (path.clone(), start..unread.paths.len());
            }
            match key {
                Some(key) => unread.names.push((key, moved.clone())),
                None => unread.any.push(moved.clone()),
            }
        }
        groups
    }

    /// Whether there is no such file.
    pub fn is_empty(&self) -> bool {
        self.paths.is_empty()
    }

    /// Takes note of a file.
    pub fn note(&mut self, path: &str, bytes: &[u8]) {
        let start = self.paths.len();
        self.paths.push_str(path);
        let path = start..self.paths.len();
        if let Some(identity) = stated::identity(bytes) {
            return self.names.push((key(identity), path));
        }
        let Ok(text) = std::str::from_utf8(bytes) else { return self.any.push(path) };
        let before = self.names.len();
        if !names(text, &mut |name| self.names.push((key(any(name)), path.clone()))) {
            self.names.truncate(before);
            self.any.push(path);
        }
    }

    /// The files that may hold one of the changed objects as well.
    pub fn holding(&self, changes: &[ObjectChange<'_>]) -> BTreeSet<&str> {
        let mut wanted = BTreeSet::new();
        for id in ids(changes) {
            wanted.extend([key(identity(id)), key(any(&id.name))]);
        }
        if wanted.is_empty() {
            return BTreeSet::new();
        }
        let named = self.names.iter().filter(|(key, _)| wanted.contains(key)).map(|(_, path)| path);
        named.chain(&self.any).filter_map(|path| self.paths.get(path.clone())).collect()
    }
}

/// What the changed objects are called, and were.
pub(super) fn ids<'c>(changes: &'c [ObjectChange<'_>]) -> impl Iterator<Item = &'c ObjectId> {
    changes.iter().flat_map(|change| {
        let former = match &change.fate {
            Fate::Renamed { from } => Some(from),
            Fate::Added | Fate::Removed | Fate::Changed => None,
        };
        former.into_iter().chain([&change.id])
    })
}

/// An object as its text would say what it is.
pub(super) fn identity(id: &ObjectId) -> Identity<'_> {
    Identity {
        kind: id.kind.as_bytes(),
        namespace: id.namespace.as_deref().map(str::as_bytes),
        name: id.name.as_bytes(),
    }
}

/// An object of whatever kind.
fn any(name: &str) -> Identity<'_> {
    Identity { kind: b"", namespace: None, name: name.as_bytes() }
}

/// More characters than the API server takes for a name.
const LONGEST: usize = 300;

/// Each text that stands as the value of a key `name`; whether that is all that may name an object.
fn names<'t>(text: &'t str, found: &mut impl FnMut(&'t str)) -> bool {
    // Escapes, and keys on lines of their own.
    if text.contains("\\u00") || text.contains("\\x") || text.contains("\n? ") || text.starts_with("? ") {
        return false;
    }
    for (at, key) in text.match_indices("name") {
        let behind = text.get(at + key.len()..).unwrap_or_default();
        let behind = behind.strip_prefix(['"', '\'']).unwrap_or(behind);
        let Some(value) = behind.trim_start().strip_prefix(':') else { continue };
        let value = value.trim_start_matches(' ');
        if let Some(quote) = value.chars().next().filter(|c| matches!(c, '"' | '\'')) {
            // What is escaped is read by whoever knows how.
            match value.get(1..).and_then(|inside| inside.split(quote).next()) {
                Some(name) if !name.contains('\\') => found(name),
                _ => return false,
            }
            continue;
        }
        if value.is_empty() || value.starts_with(['*', '&', '!', '|', '>', '\n', '\r', '\t']) {
            return false;
        }
        // To the end of the line, or of an entry within braces; no name is longer.
        let most = value.char_indices().nth(LONGEST).map_or(value.len(), |(at, _)| at);
        let line = value.get(..most).and_then(|value| value.lines().next()).unwrap_or_default();
        let line = line.split(" #").next().unwrap_or_default().trim_end();
        found(line);
        if let Some((entry, _)) = line.split_once([',', '}', ']']) {
            found(entry.trim_end());
        }
    }
    true
}

/// The same in every run. Two objects of one sum cost a look at a file, no more.
fn key(Identity { kind, namespace, name }: Identity<'_>) -> u64 {
    let parts = [kind, namespace.unwrap_or_default(), name];
    parts.iter().fold(0, |sum: u64, part| sum.rotate_left(23) ^ manifest::sum(part))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A name that stands in every namespace is no reason to read all of them again.
    #[test]
    fn only_files_that_may_hold_the_object_are_named() {
        let object = |namespace: &str| {
            format!("apiVersion: v1\nkind: Service\nmetadata:\n  name: x\n  namespace: {namespace}\nspec: {{}}\n")
        };
        let mut unread = Unread::default();
        unread.note("a.yaml", object("a").as_bytes());
        unread.note("b.yaml", object("b").as_bytes());
        unread.note("none.yaml", object("a").replace("  namespace: a\n", "").as_bytes());
        unread.note("unclear.yaml", object("\"c\"").as_bytes());
        unread.note("several.yaml", format!("{}---\n{}", object("c"), object("d")).as_bytes());
        unread.note("other.yaml", object("a").replace("Service", "Ingress").as_bytes());
        let (name, kind) = ("x".to_owned(), "Service".to_owned());
        let id = ObjectId { namespace: Some("a".to_owned()), group: String::new(), kind, name };
        let (fields, consequences) = (Vec::new(), Vec::new());
        let change =
            ObjectChange { id, fate: Fate::Removed, old: None, new: None, fields, consequences, follows: None };
        let found: Vec<&str> = unread.holding(&[change]).into_iter().collect();
        assert_eq!(found, ["a.yaml", "several.yaml", "unclear.yaml"]);
    }

    #[test]
    fn any_other_file_is_known_by_its_names() {
        let all = |text: &str| {
            let mut found = Vec::new();
            names(text, &mut |name| found.push(name.to_owned())).then_some(found)
        };
        let two = "metadata: {name: a, namespace: b}\n---\n{\"metadata\": {\"name\" : \"c.d\"}}\n---\n- 'name': 'e'\n";
        let names = all(two).unwrap();
        for name in ["a", "c.d", "e"] {
            assert!(names.contains(&name.to_owned()), "{names:?}");
        }
        assert_eq!(all("name: system:node # x\n"), Some(vec!["system:node".to_owned()]));
        assert_eq!(all("{name: a b}"), Some(vec!["a b}".to_owned(), "a b".to_owned()]));
        for unclear in [
            "name: \"a\\x62\"",
            "name: *a",
            "name: &a b",
            "name:\n  a",
            "name: !!str a",
            "\"n\\u0061me\": a",
            "? name\n: a",
        ] {
            assert_eq!(all(unclear), None, "{unclear}");
        }
    }
}
