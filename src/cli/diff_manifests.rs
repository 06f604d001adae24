//! Both sides of `dpjgen diff --manifests OLD NEW`.

use super::diff_against::{join, settled_around, settled_root, shown, unreadable};
use super::diff_diags;
use super::diff_world::{Named, Whole};
use super::inputs::{self, Input};
use crate::diag::Diagnostic;
use crate::diff::Unread;
use crate::files::{Bytes, Lock, PairError, read_pair, roots_above};
use crate::manifest;
use std::collections::BTreeMap;
use std::path::Path;

/// What was read.
pub(super) struct Two {
    /// The files of the old and of the new side; of two folders, those that are not the same in both.
    pub(super) files: [Named; 2],
    pub(super) whole: [Whole; 2],
    /// What is known of the others.
    pub(super) unread: Unread,
    /// Keep both sides as they are.
    pub(super) locks: Vec<Lock>,
}

/// Waits for runs that write one of the sides just now, keeps others from it, and reads both.
pub(super) fn two(old: &Path, new: &Path) -> Result<Two, Vec<Diagnostic>> {
    if is_folder(old) && is_folder(new) {
        return folders([old, new]);
    }
    let mut locks = settled_around(old)?;
    locks.extend(settled_around(new)?);
    let read = |path: &Path| inputs_of(inputs::read(&[path.to_owned()]));
    match (read(old), read(new)) {
        (Ok(old), Ok(new)) => {
            Ok(Two { files: [old, new], whole: [Whole::Given, Whole::Given], unread: Unread::default(), locks })
        }
        (old, new) => Err([old, new].into_iter().filter_map(Result::err).flatten().collect()),
    }
}

fn folders(sides @ [old, new]: [&Path; 2]) -> Result<Two, Vec<Diagnostic>> {
    let mut locks = Vec::new();
    for root in sides.into_iter().flat_map(roots_above) {
        locks.push(settled_root(&root)?);
    }
    let named = |folder: &Path, files: Vec<Bytes>| {
        let folder = shown(folder);
        files.into_iter().map(|(path, bytes)| (join(&folder, &path), bytes)).collect()
    };
    // Whether trees are right below a side is seen while it is read: to look first would cost a call for each folder in it.
    let mut are_settled = [false, false];
    loop {
        match read_pair(sides, are_settled, manifest::is_manifest, Unread::note) {
            Ok(pair) => {
                return Ok(Two {
                    files: [named(old, pair.old), named(new, pair.new)],
                    whole: [Whole::folder(old), Whole::folder(new)],
                    unread: pair.same.into_iter().collect(),
                    locks,
                });
            }
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
    }
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
