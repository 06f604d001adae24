//! All objects of both sides, for the rules that ask what is around a change. Most comparisons never ask, so they are read
//! when asked for.

use super::diff_against::{join, shown};
use crate::diff::{self, Side, Surroundings};
use crate::files::{read_folder, read_some};
use crate::manifest::{Manifest, is_manifest};
use std::cell::OnceCell;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// The files of one side by name.
pub(super) type Named = BTreeMap<String, Vec<u8>>;

/// Where all files of a side are.
pub(super) enum Whole {
    /// Those that are compared are all.
    Given,
    /// In a folder, of which only what differs was kept; `None` if it cannot be read.
    Folder(PathBuf, OnceCell<Option<Named>>),
}

impl Whole {
    pub(super) fn folder(path: &Path) -> Self {
        Whole::Folder(path.to_owned(), OnceCell::new())
    }

    /// Of which no more can be known than what is compared.
    pub(super) fn unknown(path: &Path) -> Self {
        Whole::Folder(path.to_owned(), OnceCell::from(None))
    }

    /// Some of the files of the folder; what is gone meanwhile is left out.
    pub(super) fn some<'p>(&self, paths: impl IntoIterator<Item = &'p str>) -> Named {
        let Whole::Folder(folder, _) = self else { return Named::new() };
        let found = read_some(folder, paths).into_iter();
        found.map(|(path, bytes)| (join(&shown(folder), &path), bytes)).collect()
    }

    fn files<'a>(&'a self, given: &'a Named) -> Option<&'a Named> {
        let read = |path: &PathBuf| {
            let found = read_folder(path, is_manifest).ok()?;
            Some(found.into_iter().collect())
        };
        match self {
            Whole::Given => Some(given),
            Whole::Folder(path, files) => files.get_or_init(|| read(path)).as_ref(),
        }
    }
}

/// Both sides, each with the files that are compared.
pub(super) struct World<'a> {
    old: (&'a Whole, &'a Named),
    new: (&'a Whole, &'a Named),
    objects: OnceCell<Option<diff::Whole<'a>>>,
}

impl<'a> World<'a> {
    pub(super) fn new(old: (&'a Whole, &'a Named), new: (&'a Whole, &'a Named)) -> Self {
        World { old, new, objects: OnceCell::new() }
    }

    fn read(&self) -> Option<diff::Whole<'a>> {
        let files = |(whole, given): (&'a Whole, &'a Named)| {
            let files = whole.files(given)?.iter();
            Some(files.map(|(name, bytes)| (name.as_str(), bytes.as_slice())))
        };
        Some(diff::Whole::new(files(self.old)?, files(self.new)?))
    }
}

impl Surroundings for World<'_> {
    fn within(&self, side: Side, namespace: Option<&str>, kinds: &[&str]) -> Option<Vec<&Manifest<'_>>> {
        self.objects.get_or_init(|| self.read()).as_ref()?.within(side, namespace, kinds)
    }
}
