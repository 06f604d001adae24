//! [`Tree`]: the files of an output tree, by path.
//!
//! Invariant: every path of a tree can be written on every file system that a checkout of it may land on: Linux, macOS,
//! Windows, a case-insensitive volume, git's own rules.

use std::collections::BTreeMap;
use std::fmt;

use super::ownership::Ownership;
use super::{Digest, ancestors};

/// The most bytes of one part of a path, on every file system in use.
const MAX_PART_BYTES: usize = 255;

/// Paths and bytes, in the order of the paths.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tree {
    files: BTreeMap<String, Vec<u8>>,
    /// Every path and every directory in lower case, with its spelling.
    names: BTreeMap<String, Name>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Name {
    spelling: String,
    directory: bool,
}

impl Tree {
    /// A tree without files.
    pub fn new() -> Self {
        Tree::default()
    }

    /// Adds a file, or says why its path can not be written everywhere. A refused path changes nothing.
    pub fn insert(&mut self, path: impl Into<String>, bytes: impl Into<Vec<u8>>) -> Result<(), UnsafePath> {
        let path = path.into();
        if let Err(reason) = check_path(&path).and_then(|()| self.check_names(&path)) {
            return Err(UnsafePath { path, reason });
        }
        for dir in ancestors(&path) {
            let name = || Name { spelling: dir.to_owned(), directory: true };
            self.names.entry(dir.to_ascii_lowercase()).or_insert_with(name);
        }
        self.names.insert(path.to_ascii_lowercase(), Name { spelling: path.clone(), directory: false });
        self.files.insert(path, bytes.into());
        Ok(())
    }

    /// The bytes of a path.
    pub fn get(&self, path: &str) -> Option<&[u8]> {
        self.files.get(path).map(Vec::as_slice)
    }

    /// All files, sorted by path.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &[u8])> {
        self.files.iter().map(|(path, bytes)| (path.as_str(), bytes.as_slice()))
    }

    /// Number of files.
    pub fn len(&self) -> usize {
        self.files.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.files.is_empty()
    }

    /// Every path with its sum. Computes them all.
    pub fn digests(&self) -> Ownership {
        self.files.iter().map(|(path, bytes)| (path.clone(), Digest::of(bytes))).collect()
    }

    /// The bytes of the tree's `.dpjgen` file.
    pub fn ownership(&self) -> Vec<u8> {
        self.digests().to_bytes()
    }

    fn check_names(&self, path: &str) -> Result<(), UnsafeReason> {
        for part in ancestors(path).chain([path]) {
            let Some(name) = self.names.get(&part.to_ascii_lowercase()) else { break };
            let other = name.spelling.clone();
            if name.spelling != part {
                return Err(UnsafeReason::Case { other });
            }
            match (name.directory, part == path) {
                (true, false) => {}
                (false, true) => return Err(UnsafeReason::Twice),
                (true, true) => return Err(UnsafeReason::IsDirectory),
                (false, false) => return Err(UnsafeReason::BelowFile { other }),
            }
        }
        Ok(())
    }
}

/// A path that a tree does not take.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnsafePath {
    /// The path as it was given.
    pub path: String,
    /// What is wrong with it.
    pub reason: UnsafeReason,
}

/// What is wrong with a path.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum UnsafeReason {
    /// Nothing, or nothing between two `/`, or a `/` at the end.
    Empty,
    /// It begins with `/`.
    Absolute,
    /// A part is `.` or `..`.
    Dots,
    /// A character that some file system does not take, or that looks the same in two encodings.
    Character(char),
    /// A part is the name of a device on Windows, with or without an extension.
    Device(String),
    /// A part that git or dpjgen keeps for itself.
    Reserved(String),
    /// A part ends with a dot or a space, which Windows drops.
    End(String),
    /// A part is longer than 255 bytes.
    Long,
    /// Another path of the tree differs only in case.
    Case {
        /// That path.
        other: String,
    },
    /// The tree has this path already.
    Twice,
    /// Other files of the tree lie below this path.
    IsDirectory,
    /// A part of this path is a file of the tree.
    BelowFile {
        /// That file.
        other: String,
    },
}

impl fmt::Display for UnsafePath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}` is not a path for a file of the output: {}", self.path.escape_debug(), self.reason)
    }
}

impl fmt::Display for UnsafeReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            UnsafeReason::Empty => f.write_str("a part of it is empty"),
            UnsafeReason::Absolute => f.write_str("it begins with `/`"),
            UnsafeReason::Dots => f.write_str("it contains `.` or `..` as a part"),
            UnsafeReason::Character(c) => {
                write!(f, "not every file system takes `{}` in a name", c.escape_debug())
            }
            UnsafeReason::Device(part) => write!(f, "`{part}` is a device on Windows"),
            UnsafeReason::Reserved(part) => write!(f, "the name `{part}` is reserved for git or dpjgen"),
            UnsafeReason::End(part) => write!(f, "Windows drops the end of `{part}`"),
            UnsafeReason::Long => write!(f, "a part of it is longer than {MAX_PART_BYTES} bytes"),
            UnsafeReason::Case { other } => write!(f, "it differs from `{other}` only in case"),
            UnsafeReason::Twice => f.write_str("two files of the output have it"),
            UnsafeReason::IsDirectory => f.write_str("other files of the output lie below it"),
            UnsafeReason::BelowFile { other } => write!(f, "`{other}` is a file of the output"),
        }
    }
}

impl std::error::Error for UnsafePath {}

/// What can be said of a path without knowing the others. Also holds for the paths of a `.dpjgen` that was read: what
/// such a file names may be removed.
pub(super) fn check_path(path: &str) -> Result<(), UnsafeReason> {
    if path.starts_with('/') {
        return Err(UnsafeReason::Absolute);
    }
    // Only ASCII: one `é` has two encodings, which macOS takes for one name and Linux for two.
    let bad = |c: char| !c.is_ascii() || c.is_ascii_control() || r#"<>:"\|?*"#.contains(c);
    if let Some(c) = path.chars().find(|c| bad(*c)) {
        return Err(UnsafeReason::Character(c));
    }
    path.split('/').try_for_each(check_part)
}

fn check_part(part: &str) -> Result<(), UnsafeReason> {
    if part.is_empty() {
        return Err(UnsafeReason::Empty);
    }
    if part == "." || part == ".." {
        return Err(UnsafeReason::Dots);
    }
    if part.len() > MAX_PART_BYTES {
        return Err(UnsafeReason::Long);
    }
    if part.ends_with(['.', ' ']) {
        return Err(UnsafeReason::End(part.to_owned()));
    }
    let lower = part.to_ascii_lowercase();
    let stem = lower.split('.').next().unwrap_or_default().trim_end();
    if is_device(stem) {
        return Err(UnsafeReason::Device(part.to_owned()));
    }
    // `git~1` is what a Windows volume calls `.git` as well.
    if lower == ".git" || lower == "git~1" || lower.starts_with(".dpjgen") {
        return Err(UnsafeReason::Reserved(part.to_owned()));
    }
    Ok(())
}

fn is_device(stem: &str) -> bool {
    let numbered = |prefix| {
        stem.strip_prefix(prefix).is_some_and(|rest| rest.len() == 1 && rest.bytes().all(|b| b.is_ascii_digit()))
    };
    matches!(stem, "con" | "prn" | "aux" | "nul" | "conin$" | "conout$" | "clock$")
        || numbered("com")
        || numbered("lpt")
}

#[cfg(test)]
mod tests {
    use super::{Tree, UnsafeReason};

    #[test]
    fn ordinary_paths_are_taken_and_sorted() {
        let mut tree = Tree::new();
        for path in ["b", "a/deployment-document-service.yaml", "_cluster/x", "a/com10", "a/console", "a/.helmignore"] {
            tree.insert(path, "x").unwrap();
        }
        let paths: Vec<&str> = tree.iter().map(|(path, _)| path).collect();
        let sorted = ["_cluster/x", "a/.helmignore", "a/com10", "a/console", "a/deployment-document-service.yaml", "b"];
        assert_eq!(paths, sorted);
        assert_eq!((tree.len(), tree.get("b")), (6, Some(&b"x"[..])));
        assert_eq!(tree.ownership().split(|b| *b == b'\n').count(), 7);
    }

    #[test]
    fn what_some_file_system_does_not_take_is_refused() {
        let long = "x".repeat(256);
        let paths = "|a//b|a/|/a|.|..|a/../b|a/./b|a:b|a\\b|a?|a*b|a<b|a\"b|a\nb|é|con|NUL.yaml|a/aux|Com1.x.y|lpt9\
                     |prn .x|a./b|a |.git/x|.GIT|git~1|.dpjgen|a/.DpjGen-stage/x";
        for path in paths.split('|').chain([long.as_str()]) {
            let mut tree = Tree::new();
            let error = tree.insert(path, "x").unwrap_err();
            assert_eq!(error.path, path);
            assert!(error.to_string().contains("is not a path for a file of the output: "), "{error}");
            assert_eq!(tree, Tree::new(), "{path:?} left something behind");
        }
        assert!(Tree::new().insert("x".repeat(255), "").is_ok());
    }

    #[test]
    fn paths_that_can_not_stand_beside_each_other_are_refused() {
        let mut tree = Tree::new();
        tree.insert("a/Role-x.yaml", "1").unwrap();
        let mut reason = |path: &str| tree.insert(path, "2").unwrap_err().reason;
        assert_eq!(reason("a/role-x.yaml"), UnsafeReason::Case { other: "a/Role-x.yaml".to_owned() });
        assert_eq!(reason("A/y"), UnsafeReason::Case { other: "a".to_owned() });
        assert_eq!(reason("a/Role-x.yaml"), UnsafeReason::Twice);
        assert_eq!(reason("a"), UnsafeReason::IsDirectory);
        let other = "a/Role-x.yaml".to_owned();
        assert_eq!(reason("a/Role-x.yaml/y"), UnsafeReason::BelowFile { other });
        assert_eq!((tree.len(), tree.get("a/Role-x.yaml")), (1, Some(&b"1"[..])));
    }
}
