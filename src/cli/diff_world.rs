//! All objects of both sides, for the rules that ask what is around a change. Most comparisons never ask, so they are read
//! when asked for.

use super::inputs;
use crate::diff::{Side, Surroundings};
use crate::files::read_folder;
use crate::manifest::{self, Manifest};
use std::cell::OnceCell;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// The files of one side by name.
pub(super) type Named = BTreeMap<String, Vec<u8>>;

/// Where all files of a side are.
pub(super) enum Whole {
    /// Those that are compared are all.
    Given,
    /// In a folder, of which only what differs was kept.
    Folder(PathBuf, OnceCell<Named>),
}

impl Whole {
    pub(super) fn folder(path: &Path) -> Self {
        Whole::Folder(path.to_owned(), OnceCell::new())
    }

    fn files<'a>(&'a self, given: &'a Named) -> &'a Named {
        match self {
            Whole::Given => given,
            Whole::Folder(path, files) => files.get_or_init(|| {
                // What cannot be read was reported before, or nothing asks for it.
                let found = read_folder(path, |name| inputs::is_manifest(Path::new(name)));
                found.unwrap_or_default().into_iter().collect()
            }),
        }
    }
}

/// Both sides.
pub(super) struct World<'a> {
    old: Objects<'a>,
    new: Objects<'a>,
}

struct Objects<'a> {
    whole: &'a Whole,
    given: &'a Named,
    read: OnceCell<Vec<Manifest<'a>>>,
}

impl<'a> World<'a> {
    pub(super) fn new(old: (&'a Whole, &'a Named), new: (&'a Whole, &'a Named)) -> Self {
        let objects = |(whole, given)| Objects { whole, given, read: OnceCell::new() };
        World { old: objects(old), new: objects(new) }
    }
}

impl Objects<'_> {
    fn all(&self) -> &[Manifest<'_>] {
        self.read.get_or_init(|| {
            let files = self.whole.files(self.given).iter();
            let mut all: Vec<_> =
                files.flat_map(|(name, bytes)| manifest::read(name, bytes).unwrap_or_default()).collect();
            all.sort_by(|a, b| a.id.cmp(&b.id));
            all
        })
    }
}

impl Surroundings for World<'_> {
    fn within(&self, side: Side, namespace: Option<&str>) -> Vec<&Manifest<'_>> {
        let objects = match side {
            Side::Old => &self.old,
            Side::New => &self.new,
        };
        objects.all().iter().filter(|manifest| manifest.id.namespace.as_deref() == namespace).collect()
    }
}
