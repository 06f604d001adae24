//! What the tests of a disk that fails start from: trees that are there, trees that come, and what a machine may come
//! back with after it stopped.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

use super::model::{How, ModelDisk};
use super::{Tree, WriteError, WriteOptions, Written, write_trees_on};

pub(super) const ROOT: &str = "/work/out";

pub(super) type Files = &'static [(&'static str, &'static str)];
pub(super) type Trees = &'static [(&'static str, Files)];

/// What is there, and what comes.
pub(super) struct Scene {
    pub(super) name: &'static str,
    pub(super) old: Trees,
    pub(super) new: Trees,
    /// What is not dpjgen's, below the root.
    foreign: Files,
}

pub(super) const SCENES: &[Scene] = &[
    Scene { name: "fresh root", old: &[], new: &[("prod", &[("a/b/c", "1"), ("a/d", "2"), ("k", "3")])], foreign: &[] },
    Scene {
        name: "fresh tree beside another",
        old: &[("dev", &[("a", "1")])],
        new: &[("prod", &[("a/b", "1"), ("k", "3")])],
        foreign: &[("README", "theirs")],
    },
    Scene {
        name: "changed, removed and added files",
        old: &[("prod", &[("a/keep", "1"), ("a/change", "1"), ("a/go", "1"), ("k", "1")])],
        new: &[("prod", &[("a/keep", "1"), ("a/change", "two"), ("a/come", "3"), ("k", "two")])],
        foreign: &[("prod/a/notes", "theirs")],
    },
    Scene {
        name: "directories that come and go, and change places with files",
        old: &[("prod", &[("b/c/gone", "1"), ("file", "1"), ("dir/x/y", "1"), ("k", "1")])],
        new: &[("prod", &[("n/o/p", "33"), ("n/q", "3"), ("file/q", "44"), ("dir/x", "55"), ("k", "1")])],
        foreign: &[("prod/b/notes", "theirs")],
    },
    Scene {
        name: "several trees",
        old: &[("dev", &[("a", "1"), ("b/c", "1")]), ("prod", &[("a", "1"), ("gone", "1")])],
        new: &[("dev", &[("a", "2"), ("b/c", "2")]), ("new", &[("x/y", "1")]), ("prod", &[("a", "2")])],
        foreign: &[("staging/x", "theirs")],
    },
    Scene {
        name: "everything goes",
        old: &[("prod", &[("a/b", "1"), ("c", "1")])],
        new: &[("prod", &[])],
        foreign: &[],
    },
];

pub(super) type World = BTreeMap<String, Option<Vec<u8>>>;

impl Scene {
    /// The disk before, with everything on it for good.
    pub(super) fn disk(&self) -> ModelDisk {
        let mut disk = ModelDisk::new();
        disk.put(Path::new("/work/platform.toml"), "");
        if !self.old.is_empty() {
            write(&mut disk, self.old, false).unwrap();
        }
        for (path, text) in self.foreign {
            disk.put(&Path::new(ROOT).join(path), text);
        }
        disk.settled()
    }

    pub(super) fn write_new(&self, disk: &mut ModelDisk) -> Result<Written, WriteError> {
        write(disk, self.new, false)
    }

    pub(super) fn force_new(&self, disk: &mut ModelDisk) -> Result<Written, WriteError> {
        write(disk, self.new, true)
    }

    /// The trees of old again, with those gone empty that were not there.
    pub(super) fn write_old(&self, disk: &mut ModelDisk) -> Result<Written, WriteError> {
        let is_new = |name: &&str| !self.old.iter().any(|(old, _)| old == name);
        let emptied = self.new.iter().map(|(name, _)| *name).filter(is_new).map(|name| (name, &[] as Files));
        write(disk, &self.old.iter().copied().chain(emptied).collect::<Vec<_>>(), false)
    }

    /// The trees before, after, and how many operations lie between.
    pub(super) fn ends(&self) -> (World, World, usize) {
        let mut disk = self.disk();
        let old = world(&disk);
        let written = self.write_new(&mut disk).unwrap();
        assert!(!written.completed && written.leftover.is_none() && !has_stage(&disk), "{}", self.name);
        (old, world(&disk), disk.done.len())
    }

    /// The disk after a run that a fault meets; what the run said, unless the machine stopped.
    pub(super) fn run(&self, at: usize, how: How) -> (ModelDisk, Result<Written, WriteError>) {
        let mut disk = self.disk();
        disk.fault = Some((at, how));
        let said = self.write_new(&mut disk);
        (disk, said)
    }
}

fn write(disk: &mut ModelDisk, trees: &[(&str, Files)], force: bool) -> Result<Written, WriteError> {
    let trees: Vec<(&str, Tree)> = trees.iter().map(|(name, files)| (*name, tree(files))).collect();
    let trees: Vec<(&str, &Tree)> = trees.iter().map(|(name, tree)| (*name, tree)).collect();
    write_trees_on(disk, Path::new(ROOT), &trees, options(force))
}

pub(super) fn options(force: bool) -> WriteOptions {
    WriteOptions { force, wait: Duration::ZERO }
}

fn tree(files: Files) -> Tree {
    let mut tree = Tree::new();
    for (path, text) in files {
        tree.insert(*path, *text).unwrap();
    }
    tree
}

/// Everything below the root but the stage.
pub(super) fn world(disk: &ModelDisk) -> World {
    let mut all = disk.all(ROOT);
    all.retain(|path, _| !path.starts_with(".dpjgen-stage"));
    all
}

pub(super) fn has_stage(disk: &ModelDisk) -> bool {
    disk.all(ROOT).contains_key(".dpjgen-stage")
}

pub(super) fn pending(disk: &ModelDisk) -> bool {
    disk.all(ROOT).contains_key(".dpjgen-stage/journal")
}

/// A coin whose sides follow from a seed. The first seeds are the extremes: everything is lost; names stay and bytes
/// are halved; everything stays.
pub(super) fn coin(seed: u64) -> impl FnMut() -> u64 {
    let mut state = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
    move || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        if seed < 3 { seed } else { state >> 20 }
    }
}

pub(super) const SEEDS: u64 = 8;

/// What a machine that stopped may come up with: as after a `SIGKILL`, and after power cuts of all kinds.
pub(super) fn comebacks(disk: &ModelDisk) -> Vec<ModelDisk> {
    let cut = |seed| disk.after_power_cut(&mut coin(seed));
    [disk.restarted()].into_iter().chain((0..SEEDS).map(cut)).collect()
}
