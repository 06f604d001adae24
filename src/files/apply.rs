//! Follows a [`Journal`]: right after its commit, or when a later run finds it because the first did not come to its
//! end.
//!
//! Every change looks at its path first and does only what is still to be done, so that following a journal twice, or
//! from anywhere in between, comes to the same end. A file that is neither what the journal replaces nor what it puts
//! there was edited by somebody, and stays.

use std::collections::BTreeSet;
use std::io;
use std::path::{Path, PathBuf};

use super::journal::{Change, Journal};
use super::operations::kind_of;
use super::stage::{Place, above, in_tree};
use super::{Digest, Disk, JournalFault, Kind, Obstacle, Problem, WriteError, ancestors};

/// What stands at a path.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Now {
    Nothing,
    File(Digest),
    Directory,
    Symlink,
    Other,
}

/// Where a journal that is being followed stands.
pub(super) struct Apply<'a> {
    disk: &'a mut dyn Disk,
    place: Place<'a>,
    /// Whether hand edits in files of ours are given up.
    force: bool,
    /// Directories that were seen to be directories, and none of them through a link.
    known: BTreeSet<String>,
    /// Directories whose entries must be brought to the disk, whoever changed them.
    touched: BTreeSet<PathBuf>,
    kept: Vec<Obstacle>,
    /// Whether an operation changed the trees, or failed and may have done so all the same.
    pub(super) changed: bool,
    buffer: Vec<u8>,
}

impl<'a> Apply<'a> {
    pub(super) fn new(disk: &'a mut dyn Disk, place: Place<'a>, force: bool) -> Self {
        let (known, touched) = (BTreeSet::new(), BTreeSet::new());
        Apply { disk, place, force, known, touched, kept: Vec::new(), changed: false, buffer: vec![0; 64 * 1024] }
    }

    /// Whether all is still as the journal expects it, before the first change: what is not, is in the way.
    pub(super) fn check(&mut self, journal: &Journal) -> Result<(), WriteError> {
        let paths = |wanted: fn(&Change) -> bool| -> BTreeSet<&str> {
            journal.changes.iter().filter(|change| wanted(change)).map(Change::path).collect()
        };
        let removed = paths(|change| matches!(change, Change::Remove { .. }));
        let removed_dirs = paths(|change| matches!(change, Change::RemoveDir { .. }));
        for change in &journal.changes {
            let path = change.path();
            let problem = match (self.way(path)?, change, self.now(path)?) {
                (Some(problem), ..) => Some(problem),
                // What is to go may be gone already.
                (_, Change::RemoveDir { .. }, _) | (_, _, Now::Nothing) => None,
                (_, Change::Dir { .. }, _) if removed.contains(path) => None,
                (_, Change::File { old: None, .. }, Now::Directory) if removed_dirs.contains(path) => None,
                (_, Change::File { old, new, .. }, Now::File(sum)) if Some(sum) == *old || sum == *new => None,
                (_, Change::Remove { old, .. }, Now::File(sum)) if sum == *old => None,
                (_, Change::Dir { .. }, Now::Directory) => Some(Problem::Changed { path: path.to_owned() }),
                (_, Change::Remove { .. } | Change::File { old: Some(_), .. }, Now::File(_)) => {
                    Some(Problem::Edited { path: path.to_owned() })
                }
                (_, _, now) => Some(in_the_way(path, now)),
            };
            self.kept.extend(problem.map(obstacle));
        }
        if self.kept.is_empty() { Ok(()) } else { Err(WriteError::refused(std::mem::take(&mut self.kept))) }
    }

    /// Whether everything that is still to be put in place is there, before the first change of a run that takes up
    /// another's journal.
    pub(super) fn check_stage(&mut self, journal: &Journal) -> Result<(), JournalOr> {
        for change in &journal.changes {
            let files = match change {
                Change::Dir { staged, path, files } if self.is_there(&self.place.staged(*staged)) => {
                    let dir = self.place.staged(*staged);
                    if !self.is_dir_of_ours(&dir, files)? {
                        return Err(JournalOr::Fault(JournalFault::Stage { path: path.clone() }));
                    }
                    files.iter().map(|(file, new)| (dir.join(file), in_tree(path, file), None, *new)).collect()
                }
                Change::File { staged, path, old, new } => {
                    vec![(self.place.staged(*staged), path.clone(), *old, *new)]
                }
                Change::Dir { .. } | Change::Remove { .. } | Change::RemoveDir { .. } => Vec::new(),
            };
            for (staged, path, old, new) in files {
                let right = match self.sum(&staged)? {
                    Some(sum) => sum == new,
                    // A link or a directory would be moved as it is.
                    None if self.is_there(&staged) => false,
                    // It was put in place before, unless what it replaces is still there.
                    None => old.is_none() || self.sum(&self.place.at(&path))? != old,
                };
                if !right {
                    return Err(JournalOr::Fault(JournalFault::Stage { path }));
                }
            }
        }
        Ok(())
    }

    /// Whether a staged directory is one, with all those in it: files are moved out of it by their paths, and behind a
    /// link they would be somebody else's.
    fn is_dir_of_ours(&self, dir: &Path, files: &[(String, Digest)]) -> Result<bool, WriteError> {
        let inner: BTreeSet<&str> = files.iter().flat_map(|(file, _)| ancestors(file)).collect();
        for path in [dir.to_owned()].into_iter().chain(inner.into_iter().map(|path| dir.join(path))) {
            if kind_of(self.disk, &path).map_err(|error| read(&path, &error))? != Some(Kind::Directory) {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// All changes. What was kept is an error, but only after everything else is done and durable.
    pub(super) fn run(&mut self, journal: &Journal) -> Result<Vec<Obstacle>, WriteError> {
        for change in &journal.changes {
            self.touched.insert(above(&self.place.at(change.path())).to_owned());
            match change {
                Change::Dir { staged, path, files } => self.put_dir(*staged, path, files)?,
                Change::File { staged, path, old, new } => self.put(&self.place.staged(*staged), path, *old, *new)?,
                Change::Remove { path, old } => self.remove(path, *old)?,
                Change::RemoveDir { path } => self.remove_dir(path)?,
            }
        }
        let mut dirs = Vec::new();
        for dir in std::mem::take(&mut self.touched) {
            // Some were removed after something in them.
            if kind_of(self.disk, &dir).map_err(|error| read(&dir, &error))? == Some(Kind::Directory) {
                dirs.push(dir);
            }
        }
        let synced = self.disk.sync(&[], &dirs);
        synced.map_err(|error| WriteError::io("bring to the disk the directories of", self.place.root, &error))?;
        Ok(std::mem::take(&mut self.kept))
    }

    fn put_dir(&mut self, number: usize, path: &str, files: &[(String, Digest)]) -> Result<(), WriteError> {
        let staged = self.place.staged(number);
        match kind_of(self.disk, &staged).map_err(|error| read(&staged, &error))? {
            None => return Ok(()),
            Some(Kind::Directory) => {}
            Some(_) => {
                let (journal, fault) = (self.place.journal(), JournalFault::Stage { path: path.to_owned() });
                return Err(WriteError::Journal { path: journal.display().to_string(), fault });
            }
        }
        if let Some(problem) = self.way(path)? {
            self.kept.push(obstacle(problem));
            return Ok(());
        }
        match self.now(path)? {
            Now::Nothing => self.enter(&staged, path),
            // Somebody made it meanwhile, or a run was stopped while doing just this.
            Now::Directory => {
                files.iter().try_for_each(|(file, new)| self.put(&staged.join(file), &in_tree(path, file), None, *new))
            }
            now => {
                self.kept.push(obstacle(in_the_way(path, now)));
                Ok(())
            }
        }
    }

    fn put(&mut self, staged: &Path, path: &str, old: Option<Digest>, new: Digest) -> Result<(), WriteError> {
        self.touched.insert(above(&self.place.at(path)).to_owned());
        if let Some(problem) = self.way(path)? {
            self.kept.push(obstacle(problem));
            return Ok(());
        }
        let problem = match self.now(path)? {
            Now::File(sum) if sum == new => return Ok(()),
            Now::File(sum) if old == Some(sum) => return self.enter(staged, path),
            // Put in place once, then removed or edited by somebody: the comparison that follows sees it.
            Now::Nothing | Now::File(_) if !self.is_there(staged) => return Ok(()),
            Now::Nothing => return self.enter(staged, path),
            Now::File(_) if old.is_some() && self.force => return self.enter(staged, path),
            Now::File(_) if old.is_some() => Problem::Edited { path: path.to_owned() },
            now => in_the_way(path, now),
        };
        self.kept.push(obstacle(problem));
        Ok(())
    }

    /// Moves something out of the stage.
    fn enter(&mut self, staged: &Path, path: &str) -> Result<(), WriteError> {
        for dir in ancestors(path) {
            if !self.known.contains(dir) {
                let full = self.place.at(dir);
                self.changed = true;
                let made = self.disk.create_dir(&full);
                made.map_err(|error| WriteError::io("create the directory", &full, &error))?;
                self.known.insert(dir.to_owned());
                self.touched.insert(above(&full).to_owned());
            }
        }
        let target = self.place.at(path);
        let renamed = self.disk.rename(staged, &target);
        self.changed |= renamed.is_ok() || !self.is_there(staged);
        renamed.map_err(|error| WriteError::io("replace", &target, &error))
    }

    fn remove(&mut self, path: &str, old: Digest) -> Result<(), WriteError> {
        if let Some(problem) = self.way(path)? {
            // Below what is no directory there is nothing of ours; a link leads to somebody else's.
            self.kept.extend(matches!(problem, Problem::Symlink { .. }).then(|| obstacle(problem)));
            return Ok(());
        }
        match self.now(path)? {
            // Removed before, and maybe a directory of ours in its place by now.
            Now::Nothing | Now::Directory => Ok(()),
            Now::File(sum) if sum == old || self.force => {
                let target = self.place.at(path);
                let removed = self.disk.remove_file(&target);
                self.changed |= removed.is_ok() || !self.is_there(&target);
                removed.map_err(|error| WriteError::io("remove", &target, &error))
            }
            Now::File(_) => {
                self.kept.push(obstacle(Problem::Edited { path: path.to_owned() }));
                Ok(())
            }
            now => {
                self.kept.push(obstacle(in_the_way(path, now)));
                Ok(())
            }
        }
    }

    fn remove_dir(&mut self, path: &str) -> Result<(), WriteError> {
        if self.way(path)?.is_some() || self.now(path)? != Now::Directory {
            return Ok(());
        }
        let target = self.place.at(path);
        let removed = self.disk.remove_dir(&target);
        self.changed |= removed.is_ok() || !self.is_there(&target);
        match removed {
            // Somebody put something into it, or was faster.
            Err(error) if matches!(error.kind(), io::ErrorKind::DirectoryNotEmpty | io::ErrorKind::NotFound) => Ok(()),
            done => {
                done.map_err(|error| WriteError::io("remove the directory", &target, &error))?;
                self.known.remove(path);
                Ok(())
            }
        }
    }

    fn is_there(&self, path: &Path) -> bool {
        matches!(kind_of(self.disk, path), Ok(Some(_)))
    }

    /// What is neither a directory nor nothing on the way to a path.
    fn way(&mut self, path: &str) -> Result<Option<Problem>, WriteError> {
        for dir in ancestors(path) {
            if self.known.contains(dir) {
                continue;
            }
            let full = self.place.at(dir);
            match kind_of(self.disk, &full).map_err(|error| read(&full, &error))? {
                Some(Kind::Directory) => self.known.insert(dir.to_owned()),
                None => return Ok(None),
                Some(Kind::Symlink) => return Ok(Some(Problem::Symlink { path: dir.to_owned() })),
                Some(Kind::File) => return Ok(Some(Problem::FileInTheWay { path: dir.to_owned() })),
                Some(Kind::Other) => return Ok(Some(Problem::NotRegular { path: dir.to_owned() })),
            };
        }
        Ok(None)
    }

    fn now(&mut self, path: &str) -> Result<Now, WriteError> {
        let full = self.place.at(path);
        Ok(match kind_of(self.disk, &full).map_err(|error| read(&full, &error))? {
            None => Now::Nothing,
            Some(Kind::Directory) => Now::Directory,
            Some(Kind::Symlink) => Now::Symlink,
            Some(Kind::Other) => Now::Other,
            Some(Kind::File) => self.sum(&full)?.map_or(Now::Nothing, Now::File),
        })
    }

    /// Of a file, if one is there.
    fn sum(&mut self, path: &Path) -> Result<Option<Digest>, WriteError> {
        if kind_of(self.disk, path).map_err(|error| read(path, &error))? != Some(Kind::File) {
            return Ok(None);
        }
        let sum = self.disk.open(path).and_then(|file| Digest::read(file, None, &mut self.buffer));
        sum.map(Some).map_err(|error| read(path, &error))
    }
}

/// Why a journal can not be taken up.
pub(super) enum JournalOr {
    Fault(JournalFault),
    Error(WriteError),
}

impl From<WriteError> for JournalOr {
    fn from(error: WriteError) -> Self {
        JournalOr::Error(error)
    }
}

fn read(path: &Path, error: &io::Error) -> WriteError {
    WriteError::io("read", path, error)
}

fn in_the_way(path: &str, now: Now) -> Problem {
    let path = path.to_owned();
    match now {
        Now::Directory => Problem::Directory { path },
        Now::Symlink => Problem::Symlink { path },
        Now::Other => Problem::NotRegular { path },
        Now::File(_) | Now::Nothing => Problem::Foreign { path },
    }
}

/// A problem with a path of a journal: the tree is the first part of it.
fn obstacle(problem: Problem) -> Obstacle {
    let (tree, inner) = match problem.path().split_once('/') {
        Some((tree, inner)) => (tree.to_owned(), inner.to_owned()),
        None => (problem.path().to_owned(), ".".to_owned()),
    };
    Obstacle { problem: problem.at(inner), tree }
}
