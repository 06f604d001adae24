//! What keeps a tree from being written, and the words for it.

use std::fmt;
use std::io;
use std::path::Path;

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

impl Problem {
    pub(super) fn unreadable(path: String, error: &io::Error) -> Self {
        Problem::Unreadable { path, message: error.to_string() }
    }

    /// What it is about, relative to the output directory.
    pub fn path(&self) -> &str {
        match self {
            Problem::Foreign { path }
            | Problem::Edited { path }
            | Problem::Symlink { path }
            | Problem::Directory { path }
            | Problem::FileInTheWay { path }
            | Problem::NotRegular { path }
            | Problem::Case { path, .. }
            | Problem::Unreadable { path, .. }
            | Problem::Changed { path } => path,
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
                    "keep the lines of both sides, each path once, with either sum; then run the same command again"
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

/// What became of the output directory when writing failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Left {
    /// Byte for byte what it was.
    AsItWas,
    /// Some files are new and some are old: putting the old ones back failed too.
    Half,
}

/// Why a tree was not written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum WriteError {
    /// Something is in the way: all of it, sorted by path. Nothing was changed.
    Refused(Vec<Problem>),
    /// The operating system refused.
    Io {
        /// The file or directory, as the operating system was told.
        path: String,
        /// What was to be done, as in "could not … `path`".
        action: &'static str,
        /// The kind of the failure.
        kind: io::ErrorKind,
        /// The operating system's words.
        message: String,
        /// What became of the output directory.
        left: Left,
    },
}

impl WriteError {
    /// A failure before which or after which nothing is different.
    pub(super) fn io(action: &'static str, path: &Path, error: &io::Error) -> Self {
        WriteError::Io {
            path: path.display().to_string(),
            action,
            kind: error.kind(),
            message: error.to_string(),
            left: Left::AsItWas,
        }
    }

    /// For `/`, `..` and the like.
    pub(super) fn no_name(dir: &Path) -> Self {
        let error = io::Error::new(io::ErrorKind::InvalidInput, "the path does not end in a directory's name");
        WriteError::io("write a tree to", dir, &error)
    }

    pub(super) fn refused(mut problems: Vec<Problem>) -> Self {
        Problem::sort(&mut problems);
        WriteError::Refused(problems)
    }

    /// What to do about a failure; the problems of a refusal have each their own.
    pub fn help(&self) -> Option<&'static str> {
        let WriteError::Io { kind, .. } = self else { return None };
        Some(match kind {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => {
                "free some space, then run the same command again"
            }
            io::ErrorKind::PermissionDenied => {
                "check who owns the directory and who may write to it, then run the same command again"
            }
            io::ErrorKind::ReadOnlyFilesystem => "the file system is mounted read-only: write to another directory",
            io::ErrorKind::CrossesDevices => {
                "the directory is a mount point of its own: mount the one above it, or write to another"
            }
            io::ErrorKind::InvalidInput => "name a directory that dpjgen may create, such as `out/prod`",
            _ => "once the cause is mended, run the same command again",
        })
    }
}

impl fmt::Display for WriteError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            WriteError::Refused(problems) => {
                let (count, are) = (problems.len(), if problems.len() == 1 { "path is" } else { "paths are" });
                write!(f, "nothing was changed: {count} {are} in the way")?;
                let mut helps: Vec<&str> = Vec::new();
                for problem in problems {
                    if !helps.contains(&problem.help()) {
                        helps.push(problem.help());
                    }
                }
                for help in helps {
                    for problem in problems.iter().filter(|problem| problem.help() == help) {
                        write!(f, "\n  {problem}")?;
                    }
                    write!(f, "\n  help: {help}")?;
                }
                Ok(())
            }
            WriteError::Io { path, action, message, left, .. } => {
                write!(f, "could not {action} `{path}`: {message}\n  ")?;
                match left {
                    Left::AsItWas => f.write_str("nothing was changed: the tree is as it was")?,
                    Left::Half => f.write_str(
                        "putting the old files back failed too: the tree is part old, part new, and must not be \
                         applied; running the same command again completes it",
                    )?,
                }
                self.help().map_or(Ok(()), |help| write!(f, "\n  help: {help}"))
            }
        }
    }
}

impl std::error::Error for WriteError {}
