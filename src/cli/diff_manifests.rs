//! Both sides of `dpjgen diff --manifests OLD NEW`.

use super::diff_against::{join, settled_around, settled_root, shown, unreadable};
use super::diff_diags;
use super::diff_world::{Named, Whole};
use super::inputs::{self, Input};
use crate::diag::Diagnostic;
use crate::diff::Unread;
use crate::files::{Bytes, Lock, PairError, read_pair, roots_above, trees_in};
use crate::manifest;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

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
            Err(PairError::Unsettled { sides: found }) => {
                // The other side is looked at as well: which was seen first is chance.
                for ((side, is_settled), found) in sides.into_iter().zip(&mut are_settled).zip(found) {
                    if !*is_settled && (found || !trees_in(side).is_empty()) {
                        locks.push(settled_root(side)?);
                        *is_settled = true;
                    }
                }
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
    let [on_old, on_new] = [0, 1].map(|side| {
        let is_on = |tree: &&str| {
            let is_tree = pair.trees.get(side).is_some_and(|trees| trees.iter().any(|name| name == tree));
            is_tree || files.get(side).is_some_and(|files| files.contains_key(tree)) || unread.contains_key(tree)
        };
        trees.iter().copied().filter(is_on).collect::<BTreeSet<&str>>()
    });
    let mut all = Vec::with_capacity(trees.len() + 1);
    for [old_tree, new_tree] in paired(&on_old, &on_new) {
        let unread = old_tree.or(new_tree).and_then(|tree| unread.remove(tree)).unwrap_or_default();
        let label = match (old_tree, new_tree) {
            (Some(old), Some(new)) if old != new => format!("{old} → {new}"),
            (old, new) => new.or(old).unwrap_or_default().to_owned(),
        };
        let [was, is] = &mut files;
        let [(old_name, was, old_whole), (new_name, is, new_whole)] =
            [(old, old_tree, was), (new, new_tree, is)].map(|(side, tree, files)| {
                let root = side.join(tree.or(old_tree).or(new_tree).unwrap_or_default());
                let found = tree.and_then(|tree| files.remove(tree)).unwrap_or_default();
                // Where there is no such tree, all is known of it: nothing.
                let whole = if tree.is_some() { Whole::folder(&root) } else { Whole::Given };
                let name = shown(&root);
                let files = named(&name, found);
                (name, files, whole)
            });
        let (names, files, whole) = ([old_name, new_name], [was, is], [old_whole, new_whole]);
        all.push(Two { tree: Some(label), names, files, whole, unread });
    }
    let rest = files.map(|mut files| files.remove("").unwrap_or_default());
    let unread = unread.remove("").unwrap_or_default();
    if rest.iter().any(|files| !files.is_empty()) || !unread.is_empty() {
        let names = sides.map(|side| format!("{} beside its trees", shown(side)));
        let [was, is] = rest;
        let files = [named(&shown(old), was), named(&shown(new), is)];
        // What is around it is not the trees beside it.
        all.push(Two { tree: None, names, files, whole: sides.map(Whole::unknown), unread });
    }
    Ok((all, locks))
}

/// Which trees are compared with each other: those of one name, and two that are left over, one on each side, as if one had
/// been renamed.
fn paired<'t>(old: &BTreeSet<&'t str>, new: &BTreeSet<&'t str>) -> Vec<[Option<&'t str>; 2]> {
    let [only_old, only_new] = [(old, new), (new, old)].map(|(these, those)| these - those);
    if let ([one], [other]) = (&*Vec::from_iter(&only_old), &*Vec::from_iter(&only_new)) {
        let both = (old & new).into_iter().map(|tree| [Some(tree); 2]);
        return both.chain([[Some(**one), Some(**other)]]).collect();
    }
    let on = |side: &BTreeSet<&'t str>, tree| side.contains(tree).then_some(tree);
    (old | new).into_iter().map(|tree| [on(old, tree), on(new, tree)]).collect()
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
