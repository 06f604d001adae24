//! Both sides of `dpjgen diff --manifests OLD NEW`.

use super::diff_against::{join, settled_around, settled_root, shown, unreadable};
use super::diff_diags;
use super::diff_world::{Named, Whole};
use super::inputs::{self, Input};
use crate::diag::Diagnostic;
use crate::diff::Unread;
use crate::files::{Bytes, Lock, PairError, read_pair, roots_above};
use crate::manifest;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// What standard input is called.
pub(super) const STREAM: &str = "standard input";

/// What is compared with each other.
pub(super) struct Two {
    /// The name of the tree; `None` where it is not one of several.
    pub(super) tree: Option<String>,
    /// What both sides are called.
    pub(super) names: [String; 2],
    /// The files of the old and of the new side; of two folders, those that are not the same in both.
    pub(super) files: [Named; 2],
    pub(super) whole: [Whole; 2],
    /// What is known of the others.
    pub(super) unread: Unread,
}

/// Waits for runs that write one of the sides just now, and reads both. The locks keep them as they are.
pub(super) fn two(old: &Path, new: &Path) -> Result<(Vec<Two>, Vec<Lock>), Vec<Diagnostic>> {
    if is_folder(old) && is_folder(new) {
        return folders([old, new]);
    }
    let mut locks = settled_around(old)?;
    locks.extend(settled_around(new)?);
    let read = |path: &Path| inputs_of(inputs::read(&[path.to_owned()]));
    match (read(old), read(new)) {
        (Ok(was), Ok(is)) => {
            let names = [old, new].map(|side| if side.as_os_str() == "-" { STREAM.to_owned() } else { shown(side) });
            let whole = [Whole::Given, Whole::Given];
            Ok((vec![Two { tree: None, names, files: [was, is], whole, unread: Unread::default() }], locks))
        }
        (old, new) => Err([old, new].into_iter().filter_map(Result::err).flatten().collect()),
    }
}

/// Reads two folders. Where both hold trees of dpjgen, each is compared with the one of its name: environments have most of
/// their objects in common.
fn folders(sides @ [old, new]: [&Path; 2]) -> Result<(Vec<Two>, Vec<Lock>), Vec<Diagnostic>> {
    let mut locks = Vec::new();
    for root in sides.into_iter().flat_map(roots_above) {
        locks.push(settled_root(&root)?);
    }
    // Whether trees are right below a side is seen while it is read: to look first would cost a call for each folder in it.
    let mut are_settled = [false, false];
    let pair = loop {
        match read_pair(sides, are_settled, manifest::is_manifest, Unread::note) {
            Ok(pair) => break pair,
            Err(PairError::Unreadable(faults)) => {
                return Err(unreadable(faults, |is_new| shown(if is_new { new } else { old })));
            }
            Err(PairError::Trees { is_new }) => {
                let [are_old_settled, are_new_settled] = &mut are_settled;
                let (side, is_settled) = if is_new { (new, are_new_settled) } else { (old, are_old_settled) };
                locks.push(settled_root(side)?);
                *is_settled = true;
            }
        }
    };
    let unread: Unread = pair.same.into_iter().collect();
    let has_trees = pair.trees.iter().all(|trees| !trees.is_empty());
    let trees: BTreeSet<&str> = pair.trees.iter().flatten().filter(|_| has_trees).map(String::as_str).collect();
    if trees.is_empty() {
        let [was, is] = [(old, pair.old), (new, pair.new)].map(|(side, files)| named(&shown(side), files));
        let whole = sides.map(Whole::folder);
        return Ok((vec![Two { tree: None, names: sides.map(shown), files: [was, is], whole, unread }], locks));
    }
    let tree_of =
        |path: &str| path.split_once('/').and_then(|(folder, _)| trees.get(folder).copied()).unwrap_or_default();
    let mut files = [pair.old, pair.new].map(|files| {
        let mut found: BTreeMap<&str, Vec<Bytes>> = BTreeMap::new();
        for (path, bytes) in files {
            let tree = tree_of(&path);
            found.entry(tree).or_default().push((within(tree, &path).to_owned(), bytes));
        }
        found
    });
    let mut unread = unread.grouped(|path| (tree_of(path), within(tree_of(path), path)));
    let mut all: Vec<Two> = Vec::with_capacity(trees.len() + 1);
    // What is in no tree comes last.
    for tree in trees.iter().copied().chain([""]) {
        let [was, is] = files.each_mut().map(|files| files.remove(tree).unwrap_or_default());
        let unread = unread.remove(tree).unwrap_or_default();
        if tree.is_empty() && was.is_empty() && is.is_empty() && unread.is_empty() {
            continue;
        }
        let (roots, whole): ([PathBuf; 2], fn(&Path) -> Whole) = match tree {
            // What is around it is not the trees beside it.
            "" => (sides.map(Path::to_owned), Whole::unknown),
            tree => (sides.map(|side| side.join(tree)), Whole::folder),
        };
        let names = roots.each_ref().map(|root| shown(root));
        let [old_name, new_name] = &names;
        let files = [named(old_name, was), named(new_name, is)];
        let whole = roots.each_ref().map(|root| whole(root));
        let tree = (!tree.is_empty()).then(|| tree.to_owned());
        all.push(Two { tree, names, files, whole, unread });
    }
    Ok((all, locks))
}

/// The path of a file in a tree; of none, if the tree has no name.
fn within<'p>(tree: &str, path: &'p str) -> &'p str {
    path.strip_prefix(tree).and_then(|path| path.strip_prefix('/')).unwrap_or(path)
}

fn named(folder: &str, files: Vec<Bytes>) -> Named {
    files.into_iter().map(|(path, bytes)| (join(folder, &path), bytes)).collect()
}

#[allow(clippy::disallowed_methods, reason = "the command line says what is read, wherever it is")]
fn is_folder(path: &Path) -> bool {
    path.is_dir()
}

/// The files of inputs, or all that cannot be read.
fn inputs_of(inputs: Vec<Input>) -> Result<Named, Vec<Diagnostic>> {
    let (mut files, mut faults) = (BTreeMap::new(), Vec::new());
    for Input { name, bytes } in inputs {
        match bytes {
            Ok(bytes) => drop(files.insert(name, bytes)),
            Err(error) => faults.push(diff_diags::unreadable(&name, &error)),
        }
    }
    if faults.is_empty() { Ok(files) } else { Err(faults) }
}
