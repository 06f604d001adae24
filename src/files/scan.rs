//! Looks at what stands in an output directory. Changes nothing, follows no symbolic link.
#![allow(clippy::disallowed_methods, reason = "files/ is where the disk is touched, and only here and in disk.rs")]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::disk::read_regular;
use super::{
    Digest, MAX_FILE_BYTES, OWNERSHIP_FILE, Ownership, Problem, ReadError, STAGE_DIR, Tree, WriteError, ancestors,
};

/// What a path of an output directory is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Found {
    /// A directory.
    Directory,
    /// A regular file, with the sum of its bytes where they matter: at paths of the new tree and at owned ones.
    File(Option<Digest>),
    /// A symbolic link, wherever it leads.
    Symlink,
    /// A pipe, a socket, a device, or a foreign directory that could not be read.
    Other,
    /// `.git`, which is nobody's business here.
    Git,
}

/// An output directory as it was found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Snapshot {
    /// Whether there is a directory at all.
    pub exists: bool,
    /// Everything in it, at any depth, by path with `/`. Names that are not UTF-8 are replaced in part: no path of a
    /// tree equals them.
    pub entries: BTreeMap<String, Found>,
    /// What its `.dpjgen` says; empty without one.
    pub owned: Ownership,
    /// What keeps us from knowing more.
    pub problems: Vec<Problem>,
}

/// The directory in which the changed files of `dir` are made ready: `out/.dpjgen-stage/prod` for `out/prod`.
///
/// Beside the tree and not in it: what watches or applies `out/prod` (kubectl, kustomize, Argo CD) never sees half a
/// file, and all trees of `out` share one place. A directory and its parent are on one file system unless the directory
/// is itself a mount point; then the first rename fails, before anything was changed.
pub(super) fn stage_of(dir: &Path) -> Result<PathBuf, WriteError> {
    let no_name = || WriteError::no_name(dir);
    let name = dir.file_name().ok_or_else(no_name)?;
    let parent = dir.parent().ok_or_else(no_name)?;
    Ok(parent.join(STAGE_DIR).join(name))
}

/// The place where [`stage_of`] is to be.
pub(super) enum StagePlace {
    /// Nothing is there.
    Free,
    /// A run was killed and left its stage, or one of another tree is at work.
    Leftover,
    /// Something of somebody else's.
    Taken(Problem),
}

/// Looks at where the stage is to be.
pub(super) fn stage_place(stage: &Path) -> StagePlace {
    let above = format!("../{STAGE_DIR}");
    match stage.parent().map(fs::symlink_metadata) {
        Some(Ok(meta)) if meta.is_symlink() => StagePlace::Taken(Problem::Symlink { path: above }),
        Some(Ok(meta)) if !meta.is_dir() => StagePlace::Taken(Problem::FileInTheWay { path: above }),
        Some(Ok(_)) => StagePlace::Leftover,
        _ => StagePlace::Free,
    }
}

impl Snapshot {
    /// Looks at everything in `dir`, and at the bytes of what `tree` or the ownership file names.
    pub fn take(dir: &Path, tree: &Tree) -> Self {
        let mut snapshot = Snapshot::default();
        let root = ".".to_owned();
        match fs::symlink_metadata(dir) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return snapshot,
            Err(error) => snapshot.problems.push(Problem::unreadable(root, &error)),
            Ok(meta) if meta.is_symlink() => snapshot.problems.push(Problem::Symlink { path: root }),
            Ok(meta) if !meta.is_dir() => snapshot.problems.push(Problem::FileInTheWay { path: root }),
            Ok(_) => snapshot.exists = true,
        }
        if snapshot.exists {
            snapshot.read_ownership(dir);
        }
        if snapshot.problems.is_empty() {
            let mut walk = Walk::new(dir, tree, &snapshot.owned);
            walk.run();
            snapshot.entries = walk.entries;
            snapshot.problems = walk.problems;
        }
        snapshot
    }

    fn read_ownership(&mut self, dir: &Path) {
        let path = dir.join(OWNERSHIP_FILE);
        // A link or a directory in its place is the plan's to refuse.
        if !fs::symlink_metadata(&path).is_ok_and(|meta| meta.is_file()) {
            return;
        }
        match read_regular(&path, MAX_FILE_BYTES).map(|bytes| Ownership::parse(&bytes)) {
            Ok(Ok(owned)) => self.owned = owned,
            Ok(Err(error)) => self.problems.push(Problem::Ownership { error }),
            Err(ReadError::NotFound) => {}
            Err(error) => {
                let path = OWNERSHIP_FILE.to_owned();
                self.problems.push(Problem::Unreadable { path, message: error.to_string() });
            }
        }
    }
}

/// One pass over an output directory.
struct Walk<'a> {
    tree: &'a Tree,
    owned: &'a Ownership,
    /// The directories that hold paths of the tree or owned ones.
    ours: BTreeSet<&'a str>,
    todo: Vec<(String, PathBuf)>,
    entries: BTreeMap<String, Found>,
    problems: Vec<Problem>,
}

impl<'a> Walk<'a> {
    fn new(dir: &'a Path, tree: &'a Tree, owned: &'a Ownership) -> Self {
        let paths = tree.iter().map(|(path, _)| path).chain(owned.iter().map(|(path, _)| path));
        let ours = paths.flat_map(ancestors).collect();
        let todo = vec![(String::new(), dir.to_owned())];
        Walk { tree, owned, ours, todo, entries: BTreeMap::new(), problems: Vec::new() }
    }

    /// Without recursion: how deep a foreign directory is, is not ours to bound.
    fn run(&mut self) {
        while let Some((path, full)) = self.todo.pop() {
            self.read(&path, &full);
        }
    }

    fn read(&mut self, path: &str, full: &Path) {
        let result = fs::read_dir(full).and_then(|entries| {
            entries.map(|entry| entry.and_then(|entry| Ok((entry.file_name(), entry.file_type()?)))).collect()
        });
        let listed: Vec<_> = match result {
            Ok(listed) => listed,
            // It went while we were looking.
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                self.entries.remove(path);
                return;
            }
            Err(error) if path.is_empty() || self.ours.contains(path) => {
                let path = if path.is_empty() { "." } else { path };
                self.problems.push(Problem::unreadable(path.to_owned(), &error));
                return;
            }
            Err(_) => {
                self.entries.insert(path.to_owned(), Found::Other);
                return;
            }
        };
        for (name, kind) in listed {
            let full = full.join(&name);
            let name = name.to_string_lossy();
            let path = if path.is_empty() { name.into_owned() } else { format!("{path}/{name}") };
            self.entry(path, full, kind);
        }
    }

    fn entry(&mut self, path: String, full: PathBuf, kind: fs::FileType) {
        let found = if path.rsplit('/').next() == Some(".git") {
            Found::Git
        } else if kind.is_symlink() {
            Found::Symlink
        } else if kind.is_dir() {
            self.todo.push((path.clone(), full));
            Found::Directory
        } else if !kind.is_file() {
            Found::Other
        } else if path == OWNERSHIP_FILE || self.tree.get(&path).is_some() || self.owned.get(&path).is_some() {
            match fs::File::open(&full).and_then(Digest::read) {
                Ok(digest) => Found::File(Some(digest)),
                Err(error) if error.kind() == io::ErrorKind::NotFound => return,
                Err(error) => {
                    self.problems.push(Problem::unreadable(path.clone(), &error));
                    Found::File(None)
                }
            }
        } else {
            Found::File(None)
        };
        self.entries.insert(path, found);
    }
}
