//! What a build is compared with: a folder, or another revision's snapshot and spec.

use super::diags;
use super::diff_diags;
use super::diff_world::Named;
use super::platform::Platform;
use crate::diag::{Diagnostic, Sink};
use crate::files::{
    Digest, DiskFiles, Files, GitFiles, Lock, OWNERSHIP_FILE, Ownership, ReadError, Unreadable, WriteOptions,
    read_folder, roots_around, settled, trees_in,
};
use crate::load;
use crate::manifest;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// What `--against` and `--out` say.
pub(super) enum Against {
    /// The folder that holds the trees.
    Out(PathBuf),
    /// One environment's folder.
    Folder(PathBuf),
    /// A revision.
    Revision(Box<Revision>),
}

/// Another state of the platform.
pub(super) struct Revision {
    pub(super) name: String,
    /// The platform's root, then.
    pub(super) platform: GitFiles,
    /// The folder of the trees, then.
    out: GitFiles,
    folder: PathBuf,
}

/// The files of one side by what messages call them.
#[derive(Default)]
pub(super) struct Snapshot {
    pub(super) files: Named,
    /// What dpjgen wrote, by the same names.
    written: BTreeMap<String, Digest>,
}

impl Snapshot {
    /// Files of which nothing else is known.
    pub(super) fn of(files: Named) -> Self {
        Snapshot { files, written: BTreeMap::new() }
    }

    /// The names of all files that dpjgen wrote, also of those that are gone.
    pub(super) fn owned(&self) -> impl Iterator<Item = &str> {
        self.written.keys().map(String::as_str)
    }

    /// Whether a file is not what dpjgen wrote. Of files that no list names nothing is known.
    pub(super) fn is_edited(&self, name: &str) -> bool {
        self.written.get(name).is_some_and(|sum| self.files.get(name).is_none_or(|bytes| Digest::of(bytes) != *sum))
    }
}

impl Against {
    /// With all environments a folder holds a tree of each, as `out` does.
    pub(super) fn new(
        against: Option<&str>,
        out: &Path,
        platform: &Platform,
        is_all: bool,
    ) -> Result<Self, Diagnostic> {
        let Some(against) = against else { return Ok(Against::Out(out.to_owned())) };
        let Some(name) = against.strip_prefix("git:") else {
            let folder = PathBuf::from(against);
            return Ok(if is_all { Against::Out(folder) } else { Against::Folder(folder) });
        };
        let open = |folder| GitFiles::open(folder, name).map_err(|error| diff_diags::revision(name, &error));
        Ok(Against::Revision(Box::new(Revision {
            name: name.to_owned(),
            platform: open(platform.files.root())?,
            out: open(out)?,
            folder: out.to_owned(),
        })))
    }

    /// Waits for a run that writes the trees just now and keeps others from it; refuses trees that are half-done.
    pub(super) fn settled(&self) -> Result<Vec<Lock>, Vec<Diagnostic>> {
        match self {
            Against::Out(out) => settled_root(out).map(|lock| vec![lock]),
            Against::Folder(folder) => settled_around(folder),
            Against::Revision(_) => Ok(Vec::new()),
        }
    }

    /// The folder in which an environment's tree stands, or would.
    pub(super) fn folder(&self, environment: &str) -> PathBuf {
        match self {
            Against::Out(out) => out.join(environment),
            Against::Folder(folder) => folder.clone(),
            Against::Revision(revision) => revision.folder.join(environment),
        }
    }

    /// Environments of the old side beside those that there are, which are gone then.
    pub(super) fn gone(&self, names: &[String]) -> Vec<String> {
        let mut then = match self {
            Against::Out(out) => trees_in(out),
            Against::Folder(_) => Vec::new(),
            // What is wrong with the overlays of then is no news.
            Against::Revision(revision) => {
                let mut then = load::environments(&revision.platform, &mut Sink::default());
                then.retain(|name| !revision.out.below(name).is_empty());
                then
            }
        };
        then.retain(|name| !names.contains(name));
        then
    }

    /// What the old side is called.
    pub(super) fn name(&self, environment: &str) -> String {
        let folder = shown(&self.folder(environment));
        match self {
            Against::Revision(revision) => format!("{folder} of {}", revision.name),
            Against::Out(_) | Against::Folder(_) => folder,
        }
    }

    /// The snapshot of an environment. A revision in which there was no such environment has an empty one.
    pub(super) fn snapshot(&self, environment: &str) -> Result<Snapshot, Vec<Diagnostic>> {
        let folder = self.folder(environment);
        let name = shown(&folder);
        match self {
            Against::Out(out) => {
                let found = disk(&folder, &name)?;
                found.ok_or_else(|| vec![diff_diags::no_snapshot(environment, &name, &shown(out))])
            }
            Against::Folder(_) if holds_trees(&folder) => Err(vec![diff_diags::several_trees(&name)]),
            Against::Folder(_) => disk(&folder, &name)?.ok_or_else(|| vec![diff_diags::no_folder(&name)]),
            Against::Revision(revision) => {
                let below = revision.out.below(environment);
                let overlay = format!("{}/{environment}.toml", load::OVERLAYS);
                if below.is_empty() && revision.platform.read(&overlay).is_ok() {
                    return Err(vec![diff_diags::no_snapshot_then(environment, &name, &revision.name)]);
                }
                let read = |path: &str| revision.out.read(&format!("{environment}/{path}"));
                let owned = match read(OWNERSHIP_FILE) {
                    Ok(bytes) => Some(bytes),
                    Err(ReadError::NotFound | ReadError::IsDirectory) => None,
                    Err(error) => return Err(vec![diff_diags::unreadable(&join(&name, OWNERSHIP_FILE), &error)]),
                };
                snapshot(&name, owned.as_deref(), &below, read)
            }
        }
    }
}

/// Whether a folder is no tree, and trees are right below it.
fn holds_trees(folder: &Path) -> bool {
    let is_tree = DiskFiles::confined(folder).read(OWNERSHIP_FILE).is_ok();
    !is_tree && roots_around(folder).iter().any(|root| root == folder)
}

/// [`Against::settled`] for what anybody may have written: the output roots of dpjgen that a path has to do with.
pub(super) fn settled_around(path: &Path) -> Result<Vec<Lock>, Vec<Diagnostic>> {
    let lock = |root: PathBuf| settled_root(&root);
    roots_around(path).into_iter().map(lock).collect()
}

pub(super) fn settled_root(root: &Path) -> Result<Lock, Vec<Diagnostic>> {
    settled(root, WriteOptions::default().wait).map_err(|error| diags::not_written(&shown(root), &error))
}

/// A folder's name as people write it.
pub(super) fn shown(path: &Path) -> String {
    let path = path.strip_prefix(".").unwrap_or(path);
    if path.as_os_str().is_empty() { ".".to_owned() } else { path.display().to_string() }
}

/// The name of a file of a folder.
pub(super) fn join(folder: &str, path: &str) -> String {
    if folder == "." { path.to_owned() } else { [folder, path].join("/") }
}

/// The same, or the folder itself.
fn in_folder(folder: &str, path: &str) -> String {
    if path.is_empty() { folder.to_owned() } else { join(folder, path) }
}

/// What of a folder cannot be read, by what its side is called.
pub(super) fn unreadable(faults: Vec<Unreadable>, side: impl Fn(bool) -> String) -> Vec<Diagnostic> {
    let diagnostic = |Unreadable { is_new, path, error }: Unreadable| {
        diff_diags::unreadable(&in_folder(&side(is_new), &path), &error)
    };
    faults.into_iter().map(diagnostic).collect()
}

/// The tree in a folder; `None` if there is neither a list of files nor any manifest.
fn disk(folder: &Path, name: &str) -> Result<Option<Snapshot>, Vec<Diagnostic>> {
    let files = DiskFiles::confined(folder);
    let owned = match files.read(OWNERSHIP_FILE) {
        Ok(bytes) => bytes,
        Err(ReadError::NotFound) => {
            if files.list("") == Err(ReadError::NotFound) {
                return Ok(None);
            }
            let found = read_folder(folder, manifest::is_manifest);
            let found = found.map_err(|faults| unreadable(faults, |_| name.to_owned()))?;
            let found: Named = found.into_iter().map(|(path, bytes)| (join(name, &path), bytes)).collect();
            return Ok((!found.is_empty()).then(|| Snapshot::of(found)));
        }
        Err(error) => return Err(vec![diff_diags::unreadable(&join(name, OWNERSHIP_FILE), &error)]),
    };
    snapshot(name, Some(&owned), &[], |path| files.read(path)).map(Some)
}

/// Reads the files that the list names, or those that are there.
fn snapshot(
    name: &str,
    owned: Option<&[u8]>,
    there: &[String],
    read: impl Fn(&str) -> Result<Vec<u8>, ReadError>,
) -> Result<Snapshot, Vec<Diagnostic>> {
    let mut snapshot = Snapshot::default();
    let mut faults = Vec::new();
    let mut paths: BTreeSet<String> = BTreeSet::new();
    match owned.map(Ownership::parse) {
        Some(Ok(ownership)) => {
            for (path, sum) in ownership.iter() {
                snapshot.written.insert(join(name, path), sum);
                paths.insert(path.to_owned());
            }
        }
        Some(Err(error)) => return Err(vec![diff_diags::ownership(&join(name, OWNERSHIP_FILE), &error)]),
        None => paths.extend(there.iter().filter(|path| manifest::is_manifest(path)).cloned()),
    }
    for path in paths {
        match read(&path) {
            Ok(bytes) => drop(snapshot.files.insert(join(name, &path), bytes)),
            // Somebody removed it.
            Err(ReadError::NotFound) => {}
            Err(error) => faults.push(diff_diags::unreadable(&join(name, &path), &error)),
        }
    }
    if faults.is_empty() { Ok(snapshot) } else { Err(faults) }
}
