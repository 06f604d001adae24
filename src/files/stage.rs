//! Makes all new bytes ready beside the trees, and the [`Journal`] of what is to be done with them.

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::path::{Path, PathBuf};

use super::journal::{Change, Journal};
use super::operations::{kind_of, remove_all};
use super::scan::Wanted;
use super::{Disk, Kind, Plan, STAGE_DIR, Step, WriteError, ancestors};

/// The name of the journal in a stage.
pub(super) const JOURNAL: &str = "journal";

/// An output root and what stands in its stage.
///
/// The stage is beside the trees and not in them: what watches or applies `out/prod` (kubectl, kustomize, Argo CD)
/// never sees half a file. A directory and its parent are on one file system, unless the directory is a mount point,
/// for which [`Disk::could_move`] looks.
#[derive(Clone, Copy, Debug)]
pub(super) struct Place<'a> {
    pub(super) root: &'a Path,
}

impl Place<'_> {
    pub(super) fn stage(self) -> PathBuf {
        self.root.join(STAGE_DIR)
    }

    /// The journal: the run is committed just if it is there.
    pub(super) fn journal(self) -> PathBuf {
        self.stage().join(JOURNAL)
    }

    /// The journal before its time.
    fn draft(self) -> PathBuf {
        self.stage().join("journal.new")
    }

    /// Numbers, not paths: the stage's own depth must not make a path too long.
    pub(super) fn staged(self, number: usize) -> PathBuf {
        self.stage().join(number.to_string())
    }

    /// A path of a journal.
    pub(super) fn at(self, path: &str) -> PathBuf {
        self.root.join(path)
    }

    /// Removes the stage with all that is in it.
    pub(super) fn clear(self, disk: &mut dyn Disk) -> io::Result<()> {
        remove_all(disk, &self.stage())
    }

    /// Takes the commit back, or ends a run that is complete; then removes the stage. Gives why that could not be, if
    /// so.
    ///
    /// The journal goes first, and durably: one that came back after a power cut, without its stage, could not be
    /// followed. A stage without a journal means nothing, and is removed by the next run.
    pub(super) fn close(self, disk: &mut dyn Disk) -> Result<Option<io::Error>, WriteError> {
        let journal = self.journal();
        disk.remove_file(&journal).map_err(|error| WriteError::io("remove the journal", &journal, &error))?;
        Ok(disk.sync(&[], &[self.stage()]).and_then(|()| self.clear(disk)).err())
    }
}

/// `path` in the tree `tree`; `""` is the tree itself.
pub(super) fn in_tree(tree: &str, path: &str) -> String {
    if path.is_empty() { tree.to_owned() } else { format!("{tree}/{path}") }
}

/// What is to be written where in the stage.
#[derive(Debug, Default)]
pub(super) struct Staging<'a> {
    journal: Journal,
    /// Directories below the stage, outer ones first.
    dirs: Vec<PathBuf>,
    files: Vec<(PathBuf, &'a [u8])>,
}

impl<'a> Staging<'a> {
    /// For the steps of some trees, each with its name.
    ///
    /// A directory that is new with all that is in it is staged as such, and takes its place by one rename: for a whole
    /// new tree that is one rename instead of thousands.
    pub(super) fn new(place: Place<'_>, trees: &'a [(&str, Wanted<'a>)], plans: &[Plan]) -> Self {
        let mut staging = Staging::default();
        for ((name, wanted), plan) in trees.iter().zip(plans) {
            staging.tree(place, name, wanted, plan);
        }
        staging
    }

    fn tree(&mut self, place: Place<'_>, tree: &str, wanted: &'a Wanted<'a>, plan: &Plan) {
        // The outermost new directories, each with the index of its change.
        let mut new_dirs: BTreeMap<&str, usize> = BTreeMap::new();
        let new_dir = |dirs: &BTreeMap<&str, usize>, path: &str| {
            let outer = [""].into_iter().chain(ancestors(path)).find_map(|dir| Some((dir.len(), *dirs.get(dir)?)));
            // What is in it, relative to it.
            outer.map(|(length, change)| {
                (change, path.get(length..).unwrap_or_default().trim_start_matches('/').to_owned())
            })
        };
        for step in &plan.steps {
            let number = self.journal.changes.len();
            let path = in_tree(tree, step.path());
            let change = match step {
                Step::MakeDir { path: dir } => match new_dir(&new_dirs, dir).filter(|_| !dir.is_empty()) {
                    Some((change, inner)) => {
                        self.dirs.push(place.staged(change).join(inner));
                        continue;
                    }
                    None => {
                        new_dirs.insert(dir, number);
                        self.dirs.push(place.staged(number));
                        Change::Dir { staged: number, path, files: Vec::new() }
                    }
                },
                Step::Write { path: file, old } => {
                    let Some((bytes, new)) = wanted.get(file) else { continue };
                    if let Some((change, inner)) = new_dir(&new_dirs, file) {
                        self.files.push((place.staged(change).join(&inner), bytes));
                        if let Some(Change::Dir { files, .. }) = self.journal.changes.get_mut(change) {
                            files.push((inner, new));
                        }
                        continue;
                    }
                    self.files.push((place.staged(number), bytes));
                    Change::File { staged: number, path, old: *old, new }
                }
                Step::Remove { old, .. } => Change::Remove { path, old: *old },
                Step::RemoveDir { .. } => Change::RemoveDir { path },
            };
            self.journal.changes.push(change);
        }
    }

    /// Writes all of it, brings it to the disk, and commits: from then on the journal is what counts.
    ///
    /// `made` are the directories above the stage that this run has made. On failure the stage is for the caller to
    /// remove.
    pub(super) fn commit(self, disk: &mut dyn Disk, place: Place<'_>, made: &[PathBuf]) -> Result<Journal, WriteError> {
        let (stage, draft) = (place.stage(), place.draft());
        let create = |disk: &mut dyn Disk, dir: &Path| {
            disk.create_dir(dir).map_err(|error| WriteError::io("create the directory", dir, &error))
        };
        create(disk, &stage)?;
        for dir in &self.dirs {
            create(disk, dir)?;
        }
        let journal = self.journal.to_bytes();
        for (path, bytes) in self.files.iter().map(|(path, bytes)| (path, *bytes)).chain([(&draft, &*journal)]) {
            disk.create_file(path, bytes).map_err(|error| WriteError::io("write", path, &error))?;
        }
        self.could_move(disk, place)?;
        let files: Vec<PathBuf> = self.files.into_iter().map(|(path, _)| path).chain([draft.clone()]).collect();
        let mut dirs = self.dirs;
        // The names of the stage itself and of what had to be made for it stand in the directories above.
        dirs.extend([stage.clone(), place.root.to_owned()]);
        dirs.extend(made.iter().map(|dir| above(dir).to_owned()));
        let synced = disk.sync(&files, &dirs);
        synced.map_err(|error| WriteError::io("bring to the disk the files in", &stage, &error))?;
        let committed = disk.rename(&draft, &place.journal());
        committed.map_err(|error| WriteError::io("write", &place.journal(), &error))?;
        Ok(self.journal)
    }

    /// Whether the disk will let us do what the journal says: after the commit a refusal leaves trees half-done.
    fn could_move(&self, disk: &dyn Disk, place: Place<'_>) -> Result<(), WriteError> {
        let paths = self.journal.changes.iter().map(|change| above(Path::new(change.path())));
        for dir in paths.collect::<BTreeSet<_>>() {
            let full = if dir == Path::new(".") { place.root.to_owned() } else { place.root.join(dir) };
            let failed = |error| WriteError::io("write to the directory", &full, &error);
            // What is not there yet is a directory of ours.
            if kind_of(disk, &full).map_err(failed)? == Some(Kind::Directory) {
                disk.could_move(&place.draft(), &full).map_err(failed)?;
            }
        }
        Ok(())
    }
}

/// The directory that a path is in.
pub(super) fn above(path: &Path) -> &Path {
    match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        Some(_) => Path::new("."),
        None => path,
    }
}
