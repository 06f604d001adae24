//! Looks at what stands in an output directory. Changes nothing, follows no symbolic link.

use std::collections::BTreeMap;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use super::operations::kind_of;
use super::{Digest, Disk, Kind, MAX_FILE_BYTES, OWNERSHIP_FILE, Ownership, Problem, ReadError, Tree};

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

/// A tree as it is to be, with what follows from its bytes: summed up once.
pub(super) struct Wanted<'a> {
    pub(super) tree: &'a Tree,
    pub(super) digests: Ownership,
    /// The bytes of its `.dpjgen`.
    pub(super) ownership: Vec<u8>,
    pub(super) ownership_digest: Digest,
}

impl<'a> Wanted<'a> {
    pub(super) fn new(tree: &'a Tree) -> Self {
        let digests = tree.digests();
        let ownership = digests.to_bytes();
        let ownership_digest = Digest::of(&ownership);
        Wanted { tree, digests, ownership, ownership_digest }
    }

    /// The bytes that a path of the tree is to have, `.dpjgen` included, with their sum.
    pub(super) fn get(&self, path: &str) -> Option<(&[u8], Digest)> {
        if path == OWNERSHIP_FILE {
            return Some((&self.ownership, self.ownership_digest));
        }
        Some((self.tree.get(path)?, self.digests.get(path)?))
    }
}

impl Snapshot {
    /// Looks at everything in `dir`, and at the bytes of what the tree or the ownership file names.
    pub(super) fn take(disk: &dyn Disk, dir: &Path, wanted: &Wanted<'_>) -> Self {
        let mut snapshot = Snapshot::default();
        let root = ".".to_owned();
        match kind_of(disk, dir) {
            Ok(None) => return snapshot,
            Err(error) => snapshot.problems.push(Problem::unreadable(root, &error)),
            Ok(Some(Kind::Symlink)) => snapshot.problems.push(Problem::Symlink { path: root }),
            Ok(Some(Kind::File | Kind::Other)) => snapshot.problems.push(Problem::FileInTheWay { path: root }),
            Ok(Some(Kind::Directory)) => snapshot.exists = true,
        }
        if snapshot.exists {
            snapshot.read_ownership(disk, &dir.join(OWNERSHIP_FILE), wanted);
        }
        if snapshot.problems.is_empty() {
            let mut walk = Walk {
                disk,
                wanted,
                owned: &snapshot.owned,
                todo: vec![(String::new(), dir.to_owned())],
                buffer: vec![0; 64 * 1024],
                entries: BTreeMap::new(),
                problems: Vec::new(),
            };
            walk.run();
            (snapshot.entries, snapshot.problems) = (walk.entries, walk.problems);
        }
        snapshot
    }

    fn read_ownership(&mut self, disk: &dyn Disk, path: &Path, wanted: &Wanted<'_>) {
        // A link or a directory in its place is the plan's to refuse.
        if !matches!(kind_of(disk, path), Ok(Some(Kind::File))) {
            return;
        }
        let name = || OWNERSHIP_FILE.to_owned();
        let mut bytes = Vec::with_capacity(wanted.ownership.len() + 1);
        match disk.open(path).and_then(|file| file.take(MAX_FILE_BYTES + 1).read_to_end(&mut bytes)) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => self.problems.push(Problem::unreadable(name(), &error)),
            Ok(_) if bytes.len() as u64 > MAX_FILE_BYTES => {
                let message = ReadError::TooLarge { limit: MAX_FILE_BYTES }.to_string();
                self.problems.push(Problem::Unreadable { path: name(), message });
            }
            // Most runs change nothing, and need not read what they would write.
            Ok(_) if bytes == wanted.ownership => self.owned = wanted.digests.clone(),
            Ok(_) => match Ownership::parse(&bytes) {
                Ok(owned) => self.owned = owned,
                Err(error) => self.problems.push(Problem::Ownership { error }),
            },
        }
    }
}

/// One pass over an output directory.
struct Walk<'a> {
    disk: &'a dyn Disk,
    wanted: &'a Wanted<'a>,
    owned: &'a Ownership,
    todo: Vec<(String, PathBuf)>,
    buffer: Vec<u8>,
    entries: BTreeMap<String, Found>,
    problems: Vec<Problem>,
}

impl Walk<'_> {
    /// Without recursion: how deep a foreign directory is, is not ours to bound.
    fn run(&mut self) {
        while let Some((path, full)) = self.todo.pop() {
            self.read(&path, &full);
        }
    }

    fn read(&mut self, path: &str, full: &Path) {
        let listed = match self.disk.list(full) {
            Ok(listed) => listed,
            // It went while we were looking.
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                self.entries.remove(path);
                return;
            }
            Err(error) if path.is_empty() || self.is_ours(path) => {
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

    /// Whether a path of the tree or an owned one lies in a directory.
    fn is_ours(&self, dir: &str) -> bool {
        [&self.wanted.digests, self.owned].iter().any(|paths| paths.any_below(dir))
    }

    fn entry(&mut self, path: String, full: PathBuf, kind: Kind) {
        let found = match kind {
            _ if path.rsplit('/').next() == Some(".git") => Found::Git,
            Kind::Symlink => Found::Symlink,
            Kind::Directory => {
                self.todo.push((path.clone(), full));
                Found::Directory
            }
            Kind::Other => Found::Other,
            Kind::File => {
                let expected = self.wanted.get(&path);
                if expected.is_none() && self.owned.get(&path).is_none() {
                    Found::File(None)
                } else {
                    match self.disk.open(&full).and_then(|file| Digest::read(file, expected, &mut self.buffer)) {
                        Ok(digest) => Found::File(Some(digest)),
                        Err(error) if error.kind() == io::ErrorKind::NotFound => return,
                        Err(error) => {
                            self.problems.push(Problem::unreadable(path.clone(), &error));
                            Found::File(None)
                        }
                    }
                }
            }
        };
        self.entries.insert(path, found);
    }
}
