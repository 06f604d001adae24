//! Why trees were not written, or are not to be read.

use std::fmt;
use std::io;
use std::path::Path;
use std::time::Duration;

use super::{JournalFault, Obstacle, STAGE_DIR};

/// What became of the output root when writing failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Left {
    /// Byte for byte what it was.
    AsItWas,
    /// The run is committed and not complete: its journal says what is missing, and the next run does that first.
    Pending,
}

/// Why trees were not written, or are not to be read.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum WriteError {
    /// Something is in the way: all of it, sorted by tree and path. Nothing was changed.
    Refused(Vec<Obstacle>),
    /// All is written but these: somebody edited them after the run was committed. They are as that person left them.
    Kept(Vec<Obstacle>),
    /// Another run is at work.
    Locked {
        /// The output root.
        root: String,
        /// How long it was waited for.
        waited: Duration,
    },
    /// A run that did not come to its end left a journal that can not be followed. Nothing was changed.
    Journal {
        /// The journal.
        path: String,
        /// What is wrong with it.
        fault: JournalFault,
    },
    /// To be read: a run did not come to its end, and the trees are part old, part new.
    HalfDone {
        /// The output root.
        root: String,
    },
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
        /// What became of the output root.
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

    /// The same, after the commit.
    pub(super) fn pending(mut self) -> Self {
        if let WriteError::Io { left, .. } = &mut self {
            *left = Left::Pending;
        }
        self
    }

    pub(super) fn refused(mut obstacles: Vec<Obstacle>) -> Self {
        obstacles.sort_by_cached_key(|o| (o.tree.clone(), o.problem.path().to_owned(), o.problem.to_string()));
        obstacles.dedup();
        WriteError::Refused(obstacles)
    }

    /// What became of the output root: a sentence without a full stop.
    pub fn outcome(&self) -> &'static str {
        match self {
            WriteError::Refused(_) | WriteError::Locked { .. } | WriteError::Journal { .. } => "nothing was changed",
            WriteError::Kept(_) => "everything else is written",
            WriteError::HalfDone { .. } => "the trees are part old, part new, and must not be applied",
            WriteError::Io { left: Left::AsItWas, .. } => "nothing was changed: the tree is as it was",
            WriteError::Io { left: Left::Pending, .. } => {
                "the trees are part old, part new, and must not be applied; the next run completes them first"
            }
        }
    }

    /// What to do about it; obstacles have each their own help.
    pub fn help(&self) -> Option<&'static str> {
        Some(match self {
            WriteError::Refused(_) | WriteError::Kept(_) => return None,
            WriteError::Locked { .. } => "wait until the other run has ended, then run the same command again",
            WriteError::HalfDone { .. } => {
                "`dpjgen build` of the same environment with `-o` completes it; or restore the trees from version \
                 control, then delete `.dpjgen-stage` in that folder"
            }
            WriteError::Journal { fault: JournalFault::Version(_), .. } => {
                "run the version of dpjgen that wrote it once more; or restore the trees from version control, then \
                 delete `.dpjgen-stage` in that folder"
            }
            WriteError::Journal { .. } => {
                "restore the trees from version control, then delete `.dpjgen-stage` in that folder"
            }
            WriteError::Io { kind, .. } => io_help(*kind),
        })
    }

    /// What went wrong, on one line, without outcome and help.
    pub fn message(&self) -> String {
        match self {
            WriteError::Refused(obstacles) => {
                let (count, are) = (obstacles.len(), if obstacles.len() == 1 { "path is" } else { "paths are" });
                format!("{count} {are} in the way")
            }
            WriteError::Kept(obstacles) => {
                let (count, were) = (obstacles.len(), if obstacles.len() == 1 { "path was" } else { "paths were" });
                format!("{count} {were} changed by somebody else while dpjgen was writing")
            }
            WriteError::Locked { root, waited } => {
                format!("another dpjgen is writing to `{root}`, and did not finish within {} s", waited.as_secs_f64())
            }
            WriteError::Journal { path, fault } => {
                format!("a run did not come to its end, and its journal `{path}` can not be followed: {fault}")
            }
            WriteError::HalfDone { root } => {
                format!("a run that writes to `{root}` is at work, or was stopped half-way (`{STAGE_DIR}/journal`)")
            }
            WriteError::Io { path, action, message, .. } => format!("could not {action} `{path}`: {message}"),
        }
    }

    /// What is in the way, or was kept.
    pub fn obstacles(&self) -> &[Obstacle] {
        match self {
            WriteError::Refused(obstacles) | WriteError::Kept(obstacles) => obstacles,
            _ => &[],
        }
    }
}

fn io_help(kind: io::ErrorKind) -> &'static str {
    match kind {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => "free some space, then run the same command again",
        io::ErrorKind::PermissionDenied => {
            "check who owns the directory and who may write to it, then run the same command again"
        }
        io::ErrorKind::ReadOnlyFilesystem => "the file system is mounted read-only: write to another directory",
        io::ErrorKind::CrossesDevices => {
            "the directory is a mount point of its own: mount the one above it, or write to another"
        }
        io::ErrorKind::InvalidInput => "name a directory that dpjgen may create, such as `out/prod`",
        _ => "once the cause is mended, run the same command again",
    }
}

impl fmt::Display for WriteError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let obstacles = self.obstacles();
        if obstacles.is_empty() {
            write!(f, "{}\n  {}", self.message(), self.outcome())?;
            return self.help().map_or(Ok(()), |help| write!(f, "\n  help: {help}"));
        }
        write!(f, "{}: {}", self.outcome(), self.message())?;
        let several = obstacles.windows(2).any(|pair| pair.first().map(|o| &o.tree) != pair.last().map(|o| &o.tree));
        let mut helps: Vec<&str> = Vec::new();
        for help in obstacles.iter().map(|obstacle| obstacle.problem.help()) {
            if !helps.contains(&help) {
                helps.push(help);
            }
        }
        for help in helps {
            for Obstacle { tree, problem } in obstacles.iter().filter(|obstacle| obstacle.problem.help() == help) {
                let tree = if several { format!("{tree}: ") } else { String::new() };
                write!(f, "\n  {tree}{problem}")?;
            }
            write!(f, "\n  help: {help}")?;
        }
        Ok(())
    }
}

impl std::error::Error for WriteError {}
