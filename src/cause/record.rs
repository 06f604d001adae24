//! What a compilation reads, and platforms put together of two states.

use crate::files::{Files, ReadError};
use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

/// What reading a file gave.
pub(super) type Content = Result<Vec<u8>, ReadError>;

/// Keeps what was read.
pub(super) struct Recorder<'a> {
    files: &'a dyn Files,
    read: RefCell<BTreeMap<String, Content>>,
}

impl<'a> Recorder<'a> {
    pub(super) fn new(files: &'a dyn Files) -> Self {
        Recorder { files, read: RefCell::default() }
    }

    pub(super) fn read_paths(&self) -> Vec<String> {
        self.read.borrow().keys().cloned().collect()
    }
}

impl Files for Recorder<'_> {
    fn read(&self, path: &str) -> Content {
        if let Some(known) = self.read.borrow().get(path) {
            return known.clone();
        }
        let content = self.files.read(path);
        self.read.borrow_mut().insert(path.to_owned(), content.clone());
        content
    }

    fn list(&self, dir: &str) -> Result<Vec<String>, ReadError> {
        self.files.list(dir)
    }
}

/// The old state, in which some files are those of the new one.
pub(super) struct Mixed<'a> {
    pub(super) old: &'a Recorder<'a>,
    pub(super) new: &'a Recorder<'a>,
    pub(super) from_new: BTreeSet<&'a str>,
}

impl Files for Mixed<'_> {
    fn read(&self, path: &str) -> Content {
        if self.from_new.contains(path) { self.new.read(path) } else { self.old.read(path) }
    }

    fn list(&self, dir: &str) -> Result<Vec<String>, ReadError> {
        self.new.list(dir)
    }
}
