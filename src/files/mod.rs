//! The disk: how a platform is read and how its output tree is written.
//!
//! Reading goes through the trait [`Files`], with [`DiskFiles`] for people and [`MemoryFiles`] for tests and for users
//! of the library. Writing goes through the trait [`Disk`]. [`write_trees`] looks ([`Snapshot`]), compares ([`Plan`],
//! pure), makes everything ready beside the trees (`stage`), writes down what is to be done (`journal`) and does it
//! (`apply`); `write.rs` describes the protocol and why no tree is ever torn. [`compare_tree`] does the first two,
//! [`settled`] and [`pending`] are for who reads trees.
//!
//! Invariants: a path is a string with `/` on every machine and never leads out of its root; nothing on the disk is
//! changed before everything was looked at; what dpjgen does not own is neither replaced nor removed.

mod apply;
#[cfg(test)]
mod edits;
mod error;
#[cfg(test)]
mod faults;
mod folder;
mod git;
mod journal;
mod lock;
mod memory;
#[cfg(test)]
mod model;
mod operations;
mod ownership;
mod pair;
mod plan;
mod platform;
mod problem;
mod real;
mod scan;
#[cfg(test)]
mod scenes;
mod stage;
mod tree;
mod walk;
mod write;

pub use error::{Left, WriteError};
pub use git::{GitError, GitFiles};
pub use journal::JournalFault;
pub use lock::{pending, roots_above, roots_around, settled, trees_in};
pub use memory::MemoryFiles;
pub use operations::{Disk, Kind, Lock, Sharing};
pub use ownership::{Digest, Ownership, OwnershipError, OwnershipFault};
pub use pair::{Bytes, Pair, PairError, Unreadable, read_folder, read_pair, read_some};
pub use plan::{Plan, Step, TreeDiff};
pub use platform::DiskFiles;
pub use problem::{Obstacle, Problem};
pub use real::RealDisk;
pub use scan::{Found, Snapshot};
pub use tree::{Tree, UnsafePath, UnsafeReason};
pub use write::{
    WriteOptions, WriteReport, Written, compare_tree, complete, complete_on, write_tree, write_trees, write_trees_on,
};

use std::fmt;
use std::io;
use std::path::{Component, Path};

/// The most that is read of one file. A spec of this size is a mistake, and `/dev/zero` has no end.
pub const MAX_FILE_BYTES: u64 = 32 * 1024 * 1024;

/// The most that is read of one file of manifests of anybody: the CRDs of a cluster with forty operators are 40 MB.
pub const MAX_MANIFEST_BYTES: u64 = 256 * 1024 * 1024;

/// Name of the file that says which files of a tree are dpjgen's.
pub const OWNERSHIP_FILE: &str = ".dpjgen";

/// Name of the directory, beside the trees, in which changed files are made ready.
pub const STAGE_DIR: &str = ".dpjgen-stage";

/// What a platform is read from. Paths are relative to its root, with `/` on every machine.
pub trait Files {
    /// The bytes of a regular file, or of a symbolic link to one; at most [`MAX_FILE_BYTES`].
    fn read(&self, path: &str) -> Result<Vec<u8>, ReadError>;

    /// The names of the regular files (and of links to such) directly in a directory, sorted; the root is `""`.
    fn list(&self, dir: &str) -> Result<Vec<String>, ReadError>;
}

impl<T: Files + ?Sized> Files for &T {
    fn read(&self, path: &str) -> Result<Vec<u8>, ReadError> {
        (**self).read(path)
    }

    fn list(&self, dir: &str) -> Result<Vec<String>, ReadError> {
        (**self).list(dir)
    }
}

/// Why a file or a directory of a platform could not be read. The text goes behind "cannot read `PATH`: ".
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ReadError {
    /// Nothing has that name.
    NotFound,
    /// A directory, where a file was wanted.
    IsDirectory,
    /// A file, where a directory was wanted.
    NotDirectory,
    /// A pipe, a socket or a device.
    NotRegular,
    /// A symbolic link to nothing: somebody put it there, so that it is not the same as nothing.
    LinkToNothing,
    /// A symbolic link to something outside of the folder that is read.
    LinkOutside,
    /// Trees of dpjgen in it are part old, part new.
    HalfDone,
    /// The operating system does not let us.
    PermissionDenied,
    /// More bytes than the limit.
    TooLarge {
        /// The most bytes that are read.
        limit: u64,
    },
    /// The path is absolute, goes through `..` or is no relative path on this machine.
    Outside,
    /// Anything else, in the operating system's words.
    Io(String),
}

impl fmt::Display for ReadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ReadError::NotFound => f.write_str("it does not exist"),
            ReadError::IsDirectory => f.write_str("it is a directory, not a file"),
            ReadError::NotDirectory => f.write_str("it is a file, not a directory"),
            ReadError::NotRegular => f.write_str("it is a pipe, a socket or a device, not a file"),
            ReadError::LinkToNothing => f.write_str("it is a symbolic link to something that does not exist"),
            ReadError::LinkOutside => {
                f.write_str("it is a symbolic link that leads out of the folder, and is not followed")
            }
            ReadError::HalfDone => {
                f.write_str("dpjgen's trees in it are part old, part new: a run is at work, or was stopped half-way")
            }
            ReadError::PermissionDenied => f.write_str("permission denied"),
            ReadError::TooLarge { limit } => write!(f, "it is larger than {}, the most that is read", size(*limit)),
            ReadError::Outside => {
                f.write_str("the path leads out of the platform's directory; write it relative to that, without `..`")
            }
            ReadError::Io(message) => f.write_str(message),
        }
    }
}

impl std::error::Error for ReadError {}

impl From<io::Error> for ReadError {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            // `a/b` where `a` is a file: there is no `a/b`.
            io::ErrorKind::NotFound | io::ErrorKind::NotADirectory => ReadError::NotFound,
            io::ErrorKind::IsADirectory => ReadError::IsDirectory,
            // What is read from a place of its own is a file, and a pipe has no places.
            io::ErrorKind::NotSeekable => ReadError::NotRegular,
            io::ErrorKind::PermissionDenied => ReadError::PermissionDenied,
            _ => ReadError::Io(error.to_string()),
        }
    }
}

/// `32 MiB`, or bytes where it is no whole number of them.
fn size(bytes: u64) -> String {
    const MIB: u64 = 1024 * 1024;
    if bytes >= MIB && bytes.is_multiple_of(MIB) { format!("{} MiB", bytes / MIB) } else { format!("{bytes} bytes") }
}

/// The parts of a path below the root: no empty ones, no `.`. Each is one name on this machine, so that on Windows
/// neither `a\..\..\b` nor `C:x` passes.
fn parts(path: &str) -> Result<Vec<&str>, ReadError> {
    if path.starts_with('/') {
        return Err(ReadError::Outside);
    }
    let mut parts = Vec::new();
    for part in path.split('/').filter(|part| !part.is_empty() && *part != ".") {
        let mut components = Path::new(part).components();
        match (components.next(), components.next()) {
            (Some(Component::Normal(_)), None) => parts.push(part),
            _ => return Err(ReadError::Outside),
        }
    }
    Ok(parts)
}

/// All directories that a path lies in, outermost first, without the root: `a` and `a/b` of `a/b/c`.
fn ancestors(path: &str) -> impl Iterator<Item = &str> {
    path.match_indices('/').filter_map(|(at, _)| path.get(..at))
}
