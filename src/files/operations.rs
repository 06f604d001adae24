//! [`Disk`]: what writing a tree asks of a disk.
//!
//! Everything that looks at an output directory or changes it goes through this trait, so that a test can be the disk:
//! stop at any operation, fail it half-way, or lose at a power cut what was not brought to the disk.

use std::ffi::OsString;
use std::fs;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

/// What stands at a path, symbolic links not followed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A directory.
    Directory,
    /// A regular file.
    File,
    /// A symbolic link, wherever it leads.
    Symlink,
    /// A pipe, a socket or a device.
    Other,
}

/// A lock that is held until this is dropped, or until the process ends, however it ends.
#[derive(Debug, Default)]
pub struct Lock {
    _file: Option<fs::File>,
}

impl Lock {
    /// The lock that a file holds.
    pub fn of(file: fs::File) -> Self {
        Lock { _file: Some(file) }
    }
}

/// Who else may hold a lock at the same time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sharing {
    /// Nobody: for those who write.
    Exclusive,
    /// Others who read.
    Shared,
}

/// A disk. [`super::RealDisk`] is that of the machine.
pub trait Disk {
    /// What stands at a path.
    fn kind(&self, path: &Path) -> io::Result<Kind>;
    /// What is directly in a directory, in any order.
    fn list(&self, dir: &Path) -> io::Result<Vec<(OsString, Kind)>>;
    /// Opens a regular file for reading; a symbolic link is an error.
    fn open(&self, path: &Path) -> io::Result<Box<dyn Read>>;
    /// Whether `staged` could be moved into `dir` and names in `dir` replaced or removed, as far as can be known
    /// without doing it.
    fn could_move(&self, staged: &Path, dir: &Path) -> io::Result<()>;
    /// Locks a directory, without a trace in it; `None` while somebody else has a lock.
    fn try_lock(&self, dir: &Path, sharing: Sharing) -> io::Result<Option<Lock>>;

    /// Creates one directory, which must not exist, with the process's default mode.
    fn create_dir(&mut self, path: &Path) -> io::Result<()>;
    /// Creates a file, which must not exist, with the process's default mode.
    fn create_file(&mut self, path: &Path, bytes: &[u8]) -> io::Result<()>;
    /// Waits until the bytes of these files and the entries of these directories would outlive a power cut.
    fn sync(&mut self, files: &[PathBuf], dirs: &[PathBuf]) -> io::Result<()>;
    /// Moves a file, replacing one that is there, or a directory to where nothing is; all or nothing.
    fn rename(&mut self, from: &Path, to: &Path) -> io::Result<()>;
    /// Removes a file, or a link and not what it leads to.
    fn remove_file(&mut self, path: &Path) -> io::Result<()>;
    /// Removes an empty directory.
    fn remove_dir(&mut self, path: &Path) -> io::Result<()>;
}

/// [`Disk::kind`], with `None` where nothing is: also below what is no directory.
pub(super) fn kind_of(disk: &dyn Disk, path: &Path) -> io::Result<Option<Kind>> {
    match disk.kind(path) {
        Ok(kind) => Ok(Some(kind)),
        Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => Ok(None),
        Err(error) => Err(error),
    }
}

/// Removes a directory and all that is in it, without following links. Nothing there is fine.
pub(super) fn remove_all(disk: &mut dyn Disk, dir: &Path) -> io::Result<()> {
    let listed = match disk.list(dir) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        listed => listed?,
    };
    for (name, kind) in listed {
        let path = dir.join(name);
        if kind == Kind::Directory { remove_all(disk, &path)? } else { disk.remove_file(&path)? }
    }
    disk.remove_dir(dir)
}
