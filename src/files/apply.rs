//! Does what a [`Plan`] says: makes all new bytes ready beside the tree, then puts them in place, and undoes what it
//! did when that fails half-way.
//!
//! Until the first step of `commit`, nothing in the output directory has changed. After it, every step is remembered
//! with its inverse: replaced and removed files stay in the stage until all is done. A run that is killed in between
//! leaves a mixture, which the same command completes.

use std::io;
use std::path::{Path, PathBuf};

use super::{Left, Plan, Step, WriteError};

/// The operations that change a disk. [`super::RealDisk`] does them; a test's own can fail at any of them.
pub trait Disk {
    /// Creates one directory, which must not exist, with the process's default mode.
    fn create_dir(&mut self, path: &Path) -> io::Result<()>;
    /// Creates a file, which must not exist, with the process's default mode.
    fn create_file(&mut self, path: &Path, bytes: &[u8]) -> io::Result<()>;
    /// Waits until the bytes of these files are on the disk.
    fn sync(&mut self, paths: &[PathBuf]) -> io::Result<()>;
    /// Gives a file a second name, which must not exist, or makes a copy where that can not be.
    fn keep(&mut self, from: &Path, to: &Path) -> io::Result<()>;
    /// Moves a file, replacing one that is there.
    fn rename(&mut self, from: &Path, to: &Path) -> io::Result<()>;
    /// Removes an empty directory.
    fn remove_dir(&mut self, path: &Path) -> io::Result<()>;
    /// Removes a directory and all that is in it, without following links.
    fn remove_all(&mut self, path: &Path) -> io::Result<()>;
}

/// Where an applied plan stands.
pub(super) struct Apply<'a> {
    disk: &'a mut dyn Disk,
    dir: &'a Path,
    stage: &'a Path,
    /// Directories that were made outside of the tree, outermost first.
    made: Vec<PathBuf>,
    undo: Vec<Undo>,
}

enum Undo {
    Rename { from: PathBuf, to: PathBuf },
    RemoveDir(PathBuf),
    CreateDir(PathBuf),
}

impl<'a> Apply<'a> {
    /// For the tree in `dir`; `stage` is on the same file system and does not exist.
    pub(super) fn new(disk: &'a mut dyn Disk, dir: &'a Path, stage: &'a Path) -> Self {
        Apply { disk, dir, stage, made: Vec::new(), undo: Vec::new() }
    }

    /// All of it. `bytes` knows what is to be written, `check` whether the plan still holds. Gives why the stage could
    /// not be removed afterwards, if so.
    pub(super) fn run<'b>(
        mut self,
        plan: &Plan,
        bytes: &dyn Fn(&str) -> &'b [u8],
        check: &dyn Fn() -> Result<(), WriteError>,
    ) -> Result<Option<io::Error>, WriteError> {
        let done = self.prepare(plan, bytes).and_then(|()| check()).and_then(|()| self.commit(plan));
        match done {
            Ok(()) => Ok(clear_stage(self.disk, self.stage).err()),
            Err(error) => Err(self.roll_back(error)),
        }
    }

    /// Writes all new bytes into the stage.
    fn prepare<'b>(&mut self, plan: &Plan, bytes: &dyn Fn(&str) -> &'b [u8]) -> Result<(), WriteError> {
        let stage = self.stage;
        if let Some(parent) = stage.parent() {
            self.make_all(parent).map_err(|error| WriteError::io("create the directory", parent, &error))?;
        }
        self.disk.create_dir(stage).map_err(|error| WriteError::io("create the directory", stage, &error))?;
        self.made.push(stage.to_owned());
        let mut files = Vec::new();
        for (index, step) in plan.steps.iter().enumerate() {
            if let Step::Write { path, .. } = step {
                let staged = self.staged(index, "new");
                let written = self.disk.create_file(&staged, bytes(path));
                written.map_err(|error| WriteError::io("write", &staged, &error))?;
                files.push(staged);
            }
        }
        self.disk.sync(&files).map_err(|error| WriteError::io("bring to the disk the files in", stage, &error))
    }

    /// Puts everything in place.
    fn commit(&mut self, plan: &Plan) -> Result<(), WriteError> {
        for (index, step) in plan.steps.iter().enumerate() {
            let target = self.target(step.path());
            let (action, done) = match step {
                Step::MakeDir { .. } => ("create the directory", self.make_dir(&target)),
                Step::Write { old, .. } => ("replace", self.put(index, &target, old.is_some())),
                Step::Remove { .. } => ("remove", self.put_away(index, &target)),
                Step::RemoveDir { .. } => ("remove the directory", self.remove_dir(&target)),
            };
            done.map_err(|error| WriteError::io(action, &target, &error))?;
        }
        Ok(())
    }

    fn make_dir(&mut self, target: &Path) -> io::Result<()> {
        match self.disk.create_dir(target) {
            // Where case does not count, it is there under another spelling.
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            done => {
                done?;
                self.undo.push(Undo::RemoveDir(target.to_owned()));
            }
        }
        Ok(())
    }

    fn put(&mut self, index: usize, target: &Path, replaces: bool) -> io::Result<()> {
        let (staged, kept) = (self.staged(index, "new"), self.staged(index, "old"));
        if replaces {
            self.disk.keep(target, &kept)?;
        }
        self.disk.rename(&staged, target)?;
        self.undo.push(if replaces {
            Undo::Rename { from: kept, to: target.to_owned() }
        } else {
            Undo::Rename { from: target.to_owned(), to: staged }
        });
        Ok(())
    }

    fn put_away(&mut self, index: usize, target: &Path) -> io::Result<()> {
        let kept = self.staged(index, "old");
        self.disk.rename(target, &kept)?;
        self.undo.push(Undo::Rename { from: kept, to: target.to_owned() });
        Ok(())
    }

    fn remove_dir(&mut self, target: &Path) -> io::Result<()> {
        match self.disk.remove_dir(target) {
            // Somebody put something into it, or was faster.
            Err(error) if matches!(error.kind(), io::ErrorKind::DirectoryNotEmpty | io::ErrorKind::NotFound) => {}
            done => {
                done?;
                self.undo.push(Undo::CreateDir(target.to_owned()));
            }
        }
        Ok(())
    }

    /// Takes everything back; says so in the error if that did not work.
    fn roll_back(&mut self, mut error: WriteError) -> WriteError {
        let mut whole = true;
        while let Some(undo) = self.undo.pop() {
            match undo {
                Undo::Rename { from, to } => whole &= self.disk.rename(&from, &to).is_ok(),
                // A directory too many does no harm; one too few shows at the file that goes into it.
                Undo::RemoveDir(path) => drop(self.disk.remove_dir(&path)),
                Undo::CreateDir(path) => drop(self.disk.create_dir(&path)),
            }
        }
        if whole {
            // What stays of the stage is cleared by the next run.
            let _ = clear_stage(self.disk, self.stage);
            while let Some(dir) = self.made.pop() {
                let _ = self.disk.remove_dir(&dir);
            }
        } else if let WriteError::Io { left, .. } = &mut error {
            *left = Left::Half;
        }
        error
    }

    /// Creates a directory with those above it.
    fn make_all(&mut self, path: &Path) -> io::Result<()> {
        match (self.disk.create_dir(path), path.parent()) {
            (Err(error), _) if error.kind() == io::ErrorKind::AlreadyExists => return Ok(()),
            (Err(error), Some(above)) if error.kind() == io::ErrorKind::NotFound && !above.as_os_str().is_empty() => {
                self.make_all(above)?;
                self.disk.create_dir(path)?;
            }
            (done, _) => done?,
        }
        self.made.push(path.to_owned());
        Ok(())
    }

    fn target(&self, path: &str) -> PathBuf {
        // Joining "" would add a slash at the end.
        if path.is_empty() { self.dir.to_owned() } else { self.dir.join(path) }
    }

    /// Numbers, not paths: the stage's own depth must not make a path too long.
    fn staged(&self, index: usize, state: &str) -> PathBuf {
        self.stage.join(format!("{index}.{state}"))
    }
}

/// Removes a stage, and the directory of all stages if no other is in it.
pub(super) fn clear_stage(disk: &mut dyn Disk, stage: &Path) -> io::Result<()> {
    match disk.remove_all(stage) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    match stage.parent().map(|parent| disk.remove_dir(parent)) {
        Some(Err(error)) if !matches!(error.kind(), io::ErrorKind::DirectoryNotEmpty | io::ErrorKind::NotFound) => {
            Err(error)
        }
        _ => Ok(()),
    }
}
