//! What is compared: two trees or streams, of which only that is read which is not the same on both sides.

use super::change::ObjectChange;
use super::compare::compare;
use super::diags;
use super::stated::{self, Identity};
use super::unread;
use crate::manifest::{self, Blocks, Document, Fault, Manifest};
use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};
use std::mem;

/// The objects of both sides that may differ.
#[derive(Debug, Default)]
pub struct Sides<'a> {
    /// Those of the old side.
    pub old: Vec<Manifest<'a>>,
    /// Those of the new side.
    pub new: Vec<Manifest<'a>>,
    /// Files that are the same on both sides, byte for byte.
    pub same_files: usize,
    /// Documents of other files that are the same on both sides, byte for byte, in whichever file.
    pub same_documents: usize,
    /// What is the same, as it stands on the new side: nothing of it is read unless something seems to come or go.
    same: Vec<Part<'a>>,
}

/// Why sides cannot be read or compared.
#[derive(Clone, Debug, Default)]
pub struct Faults {
    /// What is wrong on the old side.
    pub old: Vec<Fault>,
    /// What is wrong on the new side.
    pub new: Vec<Fault>,
}

impl Faults {
    /// Whether nothing is wrong.
    pub fn is_empty(&self) -> bool {
        self.old.is_empty() && self.new.is_empty()
    }
}

/// A file: what it is called in messages, and its bytes. Two files of one path are compared with each other first.
pub type File<'a> = (&'a str, &'a [u8]);

impl<'a> Sides<'a> {
    /// Reads what differs. Files and documents that are the same on both sides are not parsed, so that a mistake in them
    /// is not found.
    pub fn read(
        old: impl IntoIterator<Item = File<'a>>,
        new: impl IntoIterator<Item = File<'a>>,
    ) -> Result<Sides<'a>, Faults> {
        let mut sides = Sides::default();
        let (old, new) = sides.differing(old.into_iter().collect(), new.into_iter().collect());
        let mut faults = Faults::default();
        let (mut old, mut new) = (parts(&old, &mut faults.old), parts(&new, &mut faults.new));
        let same = without_same(&mut old, &mut new);
        sides.same_documents = same.len();
        sides.same.extend(same);
        let mut blocks = Blocks::default();
        let all = [(old, &mut sides.old, &mut faults.old), (new, &mut sides.new, &mut faults.new)];
        for (parts, manifests, faults) in all {
            for part in parts {
                part.read(&mut blocks, manifests, faults);
            }
        }
        if faults.is_empty() { Ok(sides) } else { Err(faults) }
    }

    /// Whether nothing was the same on both sides: what is in `old` and `new` is all there is.
    pub fn holds_nothing_else(&self) -> bool {
        self.same.is_empty()
    }

    /// What changes from the old side to the new one: [`compare`] of the two. A changed object that stands in what is the
    /// same on both sides as well is there twice.
    pub fn changes(&'a self) -> Result<Vec<ObjectChange<'a>>, Faults> {
        let changes = compare(&self.old, &self.new)?;
        let faults = twins(&changes, self.same.iter().copied());
        if faults.is_empty() { Ok(changes) } else { Err(faults) }
    }

    /// The files that are not the same on both sides.
    fn differing(&mut self, mut old: Vec<File<'a>>, mut new: Vec<File<'a>>) -> (Vec<File<'a>>, Vec<File<'a>>) {
        old.sort_by_key(|(path, _)| *path);
        new.sort_by_key(|(path, _)| *path);
        let (mut only_old, mut only_new) = (Vec::new(), Vec::new());
        let (mut old, mut new) = (old.into_iter().peekable(), new.into_iter().peekable());
        loop {
            let order = match (old.peek(), new.peek()) {
                (None, None) => return (only_old, only_new),
                (Some(_), None) => Ordering::Less,
                (None, Some(_)) => Ordering::Greater,
                (Some((old, _)), Some((new, _))) => old.cmp(new),
            };
            let before = if order.is_le() { old.next() } else { None };
            let after = if order.is_ge() { new.next() } else { None };
            match (before, after) {
                (Some((_, before)), Some((path, after))) if before == after => {
                    self.same_files += 1;
                    self.same.push(Part { path, bytes: after, sum: 0, document: None });
                }
                (before, after) => {
                    only_old.extend(before);
                    only_new.extend(after);
                }
            }
        }
    }
}

/// Changed objects that stand in other files as well, which are the same on both sides: `old` and `new` name them as each
/// side does.
pub fn twins_in<'a>(
    changes: &[ObjectChange<'_>],
    old: impl IntoIterator<Item = File<'a>>,
    new: impl IntoIterator<Item = File<'a>>,
) -> Faults {
    // What cannot be read is the same on both sides, and no change.
    let parts = |files: Vec<File<'a>>| parts(&files, &mut Vec::new()).into_iter();
    let Faults { old, .. } = twins(changes, parts(old.into_iter().collect()));
    let Faults { new, .. } = twins(changes, parts(new.into_iter().collect()));
    Faults { old, new }
}

fn twins<'a>(changes: &[ObjectChange<'_>], same: impl Iterator<Item = Part<'a>>) -> Faults {
    let mut faults = Faults::default();
    let mut same = same.peekable();
    if changes.is_empty() || same.peek().is_none() {
        return faults;
    }
    let names: BTreeSet<Identity<'_>> = unread::ids(changes).map(unread::identity).collect();
    let (mut old, mut new) = (BTreeMap::new(), BTreeMap::new());
    for change in changes {
        old.extend(change.old.map(|manifest| (&manifest.id, manifest)));
        new.extend(change.new.map(|manifest| (&manifest.id, manifest)));
    }
    let mut blocks = Blocks::default();
    for part in same {
        if stated::identity(part.bytes).is_some_and(|stated| !names.contains(&stated)) {
            continue;
        }
        let (mut manifests, mut unreadable) = (Vec::new(), Vec::new());
        part.read(&mut blocks, &mut manifests, &mut unreadable);
        for manifest in &manifests {
            for (side, faults) in [(&old, &mut faults.old), (&new, &mut faults.new)] {
                faults.extend(side.get(&manifest.id).map(|other| diags::two(other, manifest)));
            }
        }
    }
    faults
}

/// A document, or a file that is not split.
#[derive(Clone, Copy, Debug)]
struct Part<'a> {
    path: &'a str,
    bytes: &'a [u8],
    /// Of the bytes; 0 of what is known to be the same on both sides.
    sum: u64,
    /// `None` of a file that is JSON or no text: it is read as a whole.
    document: Option<Document<'a>>,
}

impl<'a> Part<'a> {
    /// Its objects.
    fn read(&self, blocks: &mut Blocks<'a>, manifests: &mut Vec<Manifest<'a>>, faults: &mut Vec<Fault>) {
        match self.document {
            Some(document) => manifest::read_beside(self.path, document, Some(blocks), manifests, faults),
            None => match manifest::read(self.path, self.bytes) {
                Ok(read) => manifests.extend(read),
                Err(found) => faults.extend(found),
            },
        }
    }

    /// Two documents of one sum are hardly ever others, so that few are compared as texts.
    fn key(&self) -> (u64, &[u8]) {
        (self.sum, self.bytes)
    }
}

fn parts<'a>(files: &[File<'a>], faults: &mut Vec<Fault>) -> Vec<Part<'a>> {
    let mut parts = Vec::new();
    for (path, bytes) in files {
        match manifest::split(path, bytes) {
            Ok(Some(documents)) => parts.extend(documents.map(|document| {
                let bytes = document.text.as_bytes();
                Part { path, bytes, sum: manifest::sum(bytes), document: Some(document) }
            })),
            Ok(None) => parts.push(Part { path, bytes, sum: manifest::sum(bytes), document: None }),
            Err(found) => faults.extend(found),
        }
    }
    parts
}

/// Takes out what is there as often on both sides; what that was, as it stands on the new one.
fn without_same<'a>(old: &mut Vec<Part<'a>>, new: &mut Vec<Part<'a>>) -> Vec<Part<'a>> {
    let sorted = |parts: &[Part<'_>]| {
        let mut order: Vec<usize> = (0..parts.len()).collect();
        order.sort_by(|one, other| {
            let key = |at: usize| parts.get(at).map(Part::key);
            key(*one).cmp(&key(*other))
        });
        order
    };
    let (old_order, new_order) = (sorted(old), sorted(new));
    let (mut old_same, mut new_same) = (vec![false; old.len()], vec![false; new.len()]);
    let (mut old_rest, mut new_rest) = (old_order.as_slice(), new_order.as_slice());
    while let (Some(one), Some(other)) = (old_rest.first(), new_rest.first()) {
        let (before, after) = (old.get(*one).map(Part::key), new.get(*other).map(Part::key));
        let old_run = run(old, old_rest);
        let new_run = run(new, new_rest);
        let order = before.cmp(&after);
        let (old_taken, old_next) = old_rest.split_at(if order.is_le() { old_run } else { 0 });
        let (new_taken, new_next) = new_rest.split_at(if order.is_ge() { new_run } else { 0 });
        if order.is_eq() && old_run == new_run {
            for (same, taken) in [(&mut old_same, old_taken), (&mut new_same, new_taken)] {
                taken.iter().filter_map(|at| same.get_mut(*at).map(|flag| *flag = true)).for_each(drop);
            }
        }
        (old_rest, new_rest) = (old_next, new_next);
    }
    let mut flags = old_same.into_iter();
    old.retain(|_| flags.next() != Some(true));
    let mut flags = new_same.into_iter();
    let (same, rest) = mem::take(new).into_iter().partition(|_| flags.next() == Some(true));
    *new = rest;
    same
}

/// How many at the start are the same.
fn run(parts: &[Part<'_>], order: &[usize]) -> usize {
    let Some((first, rest)) = order.split_first() else { return 0 };
    let key = |at: &usize| parts.get(*at).map(Part::key);
    // The first is not compared with itself, which would be to read all of it.
    1 + rest.iter().take_while(|at| key(at) == key(first)).count()
}
