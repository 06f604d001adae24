//! What keeps a tree from being written, and the words for it.

use std::fmt;
use std::io;

use super::{OWNERSHIP_FILE, OwnershipError, OwnershipFault};

/// Something in an output directory that is not dpjgen's to change. `path` is relative to it; `.` is the directory.
///
/// As a diagnostic, the text is the message and [`Problem::help`] the help.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Problem {
    /// A file that the new tree needs exists, differs, and is not in `.dpjgen`.
    Foreign {
        /// The file.
        path: String,
    },
    /// A file of ours that is to be replaced or removed is no longer what was written.
    Edited {
        /// The file.
        path: String,
    },
    /// A symbolic link at a path of ours or on the way to one.
    Symlink {
        /// The link.
        path: String,
    },
    /// A directory where a file belongs, with something in it that is not ours.
    Directory {
        /// The directory.
        path: String,
    },
    /// A file where a directory belongs.
    FileInTheWay {
        /// The file.
        path: String,
    },
    /// A pipe, a socket or a device at a path of ours or on the way to one.
    NotRegular {
        /// What it is.
        path: String,
    },
    /// Something that is not ours differs from a path of ours only in case.
    Case {
        /// The path that the new tree needs.
        path: String,
        /// What is there.
        existing: String,
    },
    /// The `.dpjgen` file can not be understood.
    Ownership {
        /// Where and why.
        error: OwnershipError,
    },
    /// The operating system does not let us look.
    Unreadable {
        /// The file or directory.
        path: String,
        /// The operating system's words.
        message: String,
    },
    /// It changed between our looking and our writing.
    Changed {
        /// The file or directory.
        path: String,
    },
}

/// The problems that are about a path, as a pattern that names it.
macro_rules! at_path {
    ($path:ident) => {
        Problem::Foreign { path: $path }
            | Problem::Edited { path: $path }
            | Problem::Symlink { path: $path }
            | Problem::Directory { path: $path }
            | Problem::FileInTheWay { path: $path }
            | Problem::NotRegular { path: $path }
            | Problem::Case { path: $path, .. }
            | Problem::Unreadable { path: $path, .. }
            | Problem::Changed { path: $path }
    };
}

impl Problem {
    pub(super) fn unreadable(path: String, error: &io::Error) -> Self {
        Problem::Unreadable { path, message: error.to_string() }
    }

    /// What it is about, relative to the output directory.
    pub fn path(&self) -> &str {
        match self {
            at_path!(path) => path,
            Problem::Ownership { .. } => OWNERSHIP_FILE,
        }
    }

    /// What to do.
    pub fn help(&self) -> &'static str {
        match self {
            Problem::Foreign { .. } => {
                "move it away or delete it; if dpjgen wrote it once, restore `.dpjgen` from version control"
            }
            Problem::Edited { .. } => {
                "state the edit in the spec: output that equals the file is never in the way; or throw it away with \
                 `--force`"
            }
            Problem::Symlink { .. } => "remove it, or put what it leads to in its place",
            Problem::Directory { .. } | Problem::FileInTheWay { .. } | Problem::NotRegular { .. } => "move it away",
            Problem::Case { .. } => "rename it or move it away",
            Problem::Ownership { error } => match error.fault {
                OwnershipFault::Conflict | OwnershipFault::Twice(_) => {
                    "take either side of the tree, as in `git checkout --ours out`, then run the same command again: it \
                     writes what the spec gives"
                }
                _ => "restore it from version control",
            },
            Problem::Unreadable { .. } => "check its permissions and its disk",
            Problem::Changed { .. } => "run the same command again when nothing else writes there",
        }
    }

    /// Sorted by path, each once.
    pub(super) fn sort(problems: &mut Vec<Problem>) {
        problems.sort_by_cached_key(|problem| (problem.path().to_owned(), problem.to_string()));
        problems.dedup();
    }

    /// The same at another path: relative to a tree instead of to the root.
    pub(super) fn at(mut self, new: String) -> Self {
        match &mut self {
            at_path!(path) => *path = new,
            Problem::Ownership { .. } => {}
        }
        self
    }

    /// In a tree of an output root; `""` is the root itself.
    pub(super) fn of(self, tree: &str) -> Obstacle {
        Obstacle { tree: tree.to_owned(), problem: self }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Problem::Foreign { path } => write!(f, "`{path}` exists, differs and is not dpjgen's"),
            Problem::Edited { path } => write!(f, "`{path}` was edited by hand since dpjgen wrote it"),
            Problem::Symlink { path } => write!(f, "`{path}` is a symbolic link, and none is followed"),
            Problem::Directory { path } => {
                write!(f, "`{path}` is a directory where a file belongs, and holds what is not dpjgen's")
            }
            Problem::FileInTheWay { path } => write!(f, "`{path}` is a file where a directory belongs"),
            Problem::NotRegular { path } => {
                write!(f, "`{path}` is a pipe, a socket or a device where a file or a directory belongs")
            }
            Problem::Case { path, existing } => {
                write!(
                    f,
                    "`{existing}` and the new `{path}` differ only in case, which is one file on macOS and Windows"
                )
            }
            Problem::Ownership { error } => write!(f, "`{OWNERSHIP_FILE}` can not be understood: {error}"),
            Problem::Unreadable { path, message } => write!(f, "`{path}` can not be read: {message}"),
            Problem::Changed { path } => write!(f, "`{path}` changed while dpjgen was looking at it"),
        }
    }
}

/// A problem, and the tree in which it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Obstacle {
    /// The tree's name below the output root; `""` for the root itself.
    pub tree: String,
    /// What is there.
    pub problem: Problem,
}
