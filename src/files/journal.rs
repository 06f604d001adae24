//! [`Journal`]: what a run is going to do to all trees of an output root, written down before the first of them
//! changes.
//!
//! The file is text, one change a line, in the order in which they are done; paths are relative to the root:
//!
//! ```text
//! dpjgen journal 1
//! dir 0 prod/search                                 the staged directory 0 becomes prod/search
//! in 0 <sha256> query/service-query.yaml            what is in it
//! file 1 <sha256> <sha256> prod/kustomization.yaml  the staged file 1 replaces it: the old sum, the new one
//! file 2 - <sha256> prod/orders/role-x.yaml         there was none
//! remove <sha256> prod/orders/role-y.yaml
//! rmdir prod/billing
//! end <sha256>                                      of all the lines above
//! ```
//!
//! The first line never changes its form, so that every version can name the version that it does not know. Reading is
//! strict: what a journal names is replaced and removed.

use std::fmt;

use super::tree::check_path;
use super::{Digest, OWNERSHIP_FILE};

/// The form that this version writes, and the only one that it reads.
const VERSION: &str = "1";
const TITLE: &str = "dpjgen journal ";

/// All changes of a run.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Journal {
    /// In the order in which they are done.
    pub(super) changes: Vec<Change>,
}

/// One change of an output root. Paths are relative to that.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Change {
    /// A staged directory takes its place, where nothing was.
    Dir {
        /// Its number in the stage.
        staged: usize,
        path: String,
        /// Its files, relative to it, each with its sum.
        files: Vec<(String, Digest)>,
    },
    /// A staged file takes its place.
    File {
        /// Its number in the stage.
        staged: usize,
        path: String,
        /// The sum of what it replaces, if anything.
        old: Option<Digest>,
        new: Digest,
    },
    /// A file goes.
    Remove { path: String, old: Digest },
    /// A directory goes, if nothing is in it.
    RemoveDir { path: String },
}

impl Change {
    pub(super) fn path(&self) -> &str {
        match self {
            Change::Dir { path, .. }
            | Change::File { path, .. }
            | Change::Remove { path, .. }
            | Change::RemoveDir { path } => path,
        }
    }
}

/// Why a journal can not be followed.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum JournalFault {
    /// Another version of dpjgen wrote it.
    Version(String),
    /// It is no journal, or not all of one.
    Corrupt {
        /// The line, from 1.
        line: usize,
    },
    /// A file that it wants to put in place is not there, or is not what was staged.
    Stage {
        /// The file's place in the tree.
        path: String,
    },
}

impl fmt::Display for JournalFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            JournalFault::Version(version) => {
                write!(f, "it has the form {}, and this dpjgen reads only {VERSION}", version.escape_debug())
            }
            JournalFault::Corrupt { line } => write!(f, "line {line} is not what dpjgen writes there"),
            JournalFault::Stage { path } => write!(f, "the new bytes of `{path}` beside it are missing or damaged"),
        }
    }
}

impl std::error::Error for JournalFault {}

impl Journal {
    pub(super) fn to_bytes(&self) -> Vec<u8> {
        let mut text = format!("{TITLE}{VERSION}\n");
        for change in &self.changes {
            match change {
                Change::Dir { staged, path, files } => {
                    line(&mut text, &["dir ", &staged.to_string()], &[], path);
                    for (path, digest) in files {
                        line(&mut text, &["in ", &staged.to_string()], &[Some(*digest)], path);
                    }
                }
                Change::File { staged, path, old, new } => {
                    line(&mut text, &["file ", &staged.to_string()], &[*old, Some(*new)], path);
                }
                Change::Remove { path, old } => line(&mut text, &["remove"], &[Some(*old)], path),
                Change::RemoveDir { path } => line(&mut text, &["rmdir"], &[], path),
            }
        }
        let sum = Digest::of(text.as_bytes());
        text.push_str("end ");
        sum.push_hex(&mut text);
        text.push('\n');
        text.into_bytes()
    }

    pub(super) fn parse(bytes: &[u8]) -> Result<Self, JournalFault> {
        let mut lines = bytes.split_inclusive(|b| *b == b'\n').map(|raw| str::from_utf8(raw).ok()?.strip_suffix('\n'));
        let title = lines.next().flatten().and_then(|line| line.strip_prefix(TITLE));
        match title {
            Some(VERSION) => {}
            Some(other) => return Err(JournalFault::Version(other.to_owned())),
            None => return Err(JournalFault::Corrupt { line: 1 }),
        }
        let (mut journal, mut number, mut ended, mut read) =
            (Journal::default(), 1, false, TITLE.len() + VERSION.len() + 1);
        for line in lines {
            number += 1;
            let corrupt = JournalFault::Corrupt { line: number };
            let Some(line) = line.filter(|_| !ended) else { return Err(corrupt) };
            if let Some(sum) = line.strip_prefix("end ") {
                let above = bytes.get(..read).unwrap_or_default();
                ended = Digest::parse(sum) == Some(Digest::of(above));
            }
            if !ended && journal.line(line).is_none() {
                return Err(corrupt);
            }
            read += line.len() + 1;
        }
        if ended { Ok(journal) } else { Err(JournalFault::Corrupt { line: number + 1 }) }
    }

    /// Takes one line; `None` if it is none of ours.
    fn line(&mut self, line: &str) -> Option<()> {
        let (word, rest) = line.split_once(' ')?;
        let change = match word {
            "dir" => {
                let (staged, path) = rest.split_once(' ')?;
                Change::Dir { staged: staged.parse().ok()?, path: checked(path)?, files: Vec::new() }
            }
            "in" => {
                let (staged, rest) = rest.split_once(' ')?;
                let (digest, path) = rest.split_once(' ')?;
                let Some(Change::Dir { staged: last, files, .. }) = self.changes.last_mut() else { return None };
                if staged.parse() != Ok(*last) {
                    return None;
                }
                files.push((checked(path)?, Digest::parse(digest)?));
                return Some(());
            }
            "file" => {
                let (staged, rest) = rest.split_once(' ')?;
                let (old, rest) = rest.split_once(' ')?;
                let (new, path) = rest.split_once(' ')?;
                let old = if old == "-" { None } else { Some(Digest::parse(old)?) };
                Change::File { staged: staged.parse().ok()?, path: checked(path)?, old, new: Digest::parse(new)? }
            }
            "remove" => {
                let (old, path) = rest.split_once(' ')?;
                Change::Remove { path: checked(path)?, old: Digest::parse(old)? }
            }
            "rmdir" => Change::RemoveDir { path: checked(rest)? },
            _ => return None,
        };
        self.changes.push(change);
        Some(())
    }
}

/// The words, the sums, the path.
fn line(text: &mut String, words: &[&str], sums: &[Option<Digest>], path: &str) {
    text.extend(words.iter().copied());
    for sum in sums {
        text.push(' ');
        match sum {
            Some(sum) => sum.push_hex(text),
            None => text.push('-'),
        }
    }
    text.extend([" ", path, "\n"]);
}

/// A path that a tree could have, or that of an ownership file.
fn checked(path: &str) -> Option<String> {
    let tree = path.strip_suffix(OWNERSHIP_FILE).map_or(path, |dir| dir.strip_suffix('/').unwrap_or(dir));
    (path == OWNERSHIP_FILE || check_path(tree).is_ok()).then(|| path.to_owned())
}

#[cfg(test)]
mod tests {
    use super::{Change, Digest, Journal, JournalFault};

    fn journal() -> Journal {
        let (old, new) = (Digest::of(b"old"), Digest::of(b"new"));
        let files = vec![(".dpjgen".to_owned(), old), ("b c/d".to_owned(), new)];
        Journal {
            changes: vec![
                Change::Dir { staged: 0, path: "prod".to_owned(), files },
                Change::File { staged: 1, path: "dev/.dpjgen".to_owned(), old: Some(old), new },
                Change::File { staged: 2, path: "dev/a b".to_owned(), old: None, new },
                Change::Remove { path: "dev/x".to_owned(), old },
                Change::RemoveDir { path: "dev/y".to_owned() },
            ],
        }
    }

    #[test]
    fn a_journal_is_read_as_it_was_written() {
        assert_eq!(Journal::parse(&journal().to_bytes()), Ok(journal()));
        assert_eq!(Journal::parse(&Journal::default().to_bytes()), Ok(Journal::default()));
    }

    /// Cut off anywhere, or with any one byte changed, it is refused.
    #[test]
    fn a_damaged_journal_is_refused() {
        let bytes = journal().to_bytes();
        for end in 0..bytes.len() {
            assert!(Journal::parse(&bytes[..end]).is_err(), "cut off after {end} bytes");
            let mut changed = bytes.clone();
            changed[end] ^= 1;
            assert!(Journal::parse(&changed).is_err(), "byte {end} changed");
        }
        let longer = [&bytes[..], b"rmdir dev/z\n"].concat();
        assert!(Journal::parse(&longer).is_err());
        assert_eq!(Journal::parse(b"dpjgen journal 2\n{}"), Err(JournalFault::Version("2".to_owned())));
    }

    #[test]
    fn a_path_that_leads_out_is_refused_whoever_wrote_the_sum() {
        for path in ["../x", "/etc/passwd", "a//b", ".git/config", "a/../../b", "x/.dpjgen/y", ".dpjgen-stage/journal"]
        {
            let change = Change::RemoveDir { path: path.to_owned() };
            let bytes = Journal { changes: vec![change] }.to_bytes();
            assert_eq!(Journal::parse(&bytes), Err(JournalFault::Corrupt { line: 2 }), "{path}");
        }
    }
}
