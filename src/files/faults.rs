//! Writing to a disk that fails: after any failure the tree is the old one, or the next run completes it.
#![allow(clippy::disallowed_methods, reason = "tests of what touches the disk")]

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::{Disk, Left, Problem, RealDisk, Tree, WriteError, WriteOptions, compare_tree, write_tree, write_tree_on};

/// A directory of one test, with `out/prod` to write to; removed at the end.
struct Place(PathBuf);

impl Place {
    /// With a tree written to it.
    fn holding(name: &str, files: &[(&str, &str)]) -> Self {
        let path = std::env::temp_dir().join(format!("dpjgen-faults-{}-{name}", std::process::id()));
        let _ = fs::remove_dir_all(&path);
        fs::create_dir_all(&path).unwrap();
        let place = Place(path);
        write_tree(&place.at(""), &tree(files), WriteOptions::default()).unwrap();
        place
    }

    fn at(&self, path: &str) -> PathBuf {
        self.0.join("out/prod").join(path)
    }

    fn text(&self, path: &str) -> String {
        fs::read_to_string(self.at(path)).unwrap()
    }

    /// Everything by path; directories have no bytes.
    fn all(&self) -> BTreeMap<String, Vec<u8>> {
        let (mut all, mut todo) = (BTreeMap::new(), vec![self.0.clone()]);
        while let Some(dir) = todo.pop() {
            for entry in fs::read_dir(dir).unwrap() {
                let path = entry.unwrap().path();
                let bytes = fs::read(&path).unwrap_or_default();
                all.insert(path.strip_prefix(&self.0).unwrap().display().to_string(), bytes);
                todo.extend(path.is_dir().then_some(path));
            }
        }
        all
    }

    /// The files of the tree alone.
    fn files(&self) -> BTreeMap<String, Vec<u8>> {
        self.all().into_iter().filter(|(path, bytes)| path.starts_with("out/prod/") && !bytes.is_empty()).collect()
    }

    /// What the same command does on a disk that works.
    fn completed(&self, at: usize) {
        let report = write_tree(&self.at(""), &tree(NEW), WriteOptions::default()).unwrap();
        assert_eq!(report.foreign, ["b/notes"], "at {at}");
        assert!(compare_tree(&self.at(""), &tree(NEW)).unwrap().is_empty(), "at {at}");
        assert!(!self.0.join("out/.dpjgen-stage").exists() && !self.at("b/c").exists(), "at {at}");
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn tree(files: &[(&str, &str)]) -> Tree {
    let mut tree = Tree::new();
    for (path, text) in files {
        tree.insert(*path, *text).unwrap();
    }
    tree
}

const OLD: &[(&str, &str)] = &[("a/keep", "1"), ("a/new", "1"), ("b/c/gone", "1"), ("file", "1"), ("dir/x/y", "1")];
const NEW: &[(&str, &str)] = &[("a/keep", "1"), ("a/new", "22"), ("n/o/p", "33"), ("file/q", "44"), ("dir/x", "55")];

/// Fails at the `fail_at`-th operation, counted from 0; `dead`: at all that follow too. `edit` is a file that
/// somebody else writes at an operation.
#[derive(Default)]
struct Faulty {
    done: usize,
    fail_at: Option<usize>,
    dead: bool,
    kind: Option<io::ErrorKind>,
    edit: Option<(usize, PathBuf, &'static str)>,
}

impl Faulty {
    fn at(fail_at: usize, dead: bool) -> Self {
        Faulty { fail_at: Some(fail_at), dead, ..Faulty::default() }
    }

    fn step(&mut self) -> io::Result<RealDisk> {
        let now = self.done;
        self.done += 1;
        if let Some((_, edited, text)) = self.edit.as_ref().filter(|(at, ..)| *at == now) {
            fs::write(edited, text)?;
        }
        let fails = self.fail_at.is_some_and(|at| at == now || self.dead && at < now);
        if fails { Err(self.kind.unwrap_or(io::ErrorKind::StorageFull).into()) } else { Ok(RealDisk) }
    }
}

impl Disk for Faulty {
    fn create_dir(&mut self, path: &Path) -> io::Result<()> {
        self.step()?.create_dir(path)
    }
    fn create_file(&mut self, path: &Path, bytes: &[u8]) -> io::Result<()> {
        let result = self.step();
        if result.is_err() && !self.dead {
            fs::write(path, &bytes[..bytes.len() / 2])?; // what a full disk leaves
        }
        result?.create_file(path, bytes)
    }
    fn sync(&mut self, paths: &[PathBuf]) -> io::Result<()> {
        self.step()?.sync(paths)
    }
    fn keep(&mut self, from: &Path, to: &Path) -> io::Result<()> {
        self.step()?.keep(from, to)
    }
    fn rename(&mut self, from: &Path, to: &Path) -> io::Result<()> {
        self.step()?.rename(from, to)
    }
    fn remove_dir(&mut self, path: &Path) -> io::Result<()> {
        self.step()?.remove_dir(path)
    }
    fn remove_all(&mut self, path: &Path) -> io::Result<()> {
        self.step()?.remove_all(path)
    }
}

#[test]
fn after_any_one_failure_the_tree_is_the_old_one() {
    let (mut failed, mut untidy) = (0, 0);
    for n in 0.. {
        let place = Place::holding("once", OLD);
        fs::write(place.at("b/notes"), "mine").unwrap();
        let (before, mut disk) = (place.all(), Faulty::at(n, false));
        let result = write_tree_on(&mut disk, &place.at(""), &tree(NEW), WriteOptions::default());
        if disk.done <= n {
            break;
        }
        match result {
            Err(error) => {
                failed += 1;
                assert_eq!(place.all(), before, "failure {n}: {error}");
                let text = error.to_string();
                assert!(text.contains("nothing was changed") && text.contains("free some space"), "{text}");
            }
            // Only the tidying up: the tree is the new one.
            Ok(report) => {
                untidy += 1;
                assert!(report.leftover.unwrap().starts_with("could not remove the working directory"), "failure {n}");
            }
        }
        place.completed(n);
    }
    assert_eq!((failed, untidy), (23, 2));
}

#[test]
fn after_the_death_of_the_disk_the_tree_is_the_old_one_or_the_next_run_completes_it() {
    let (mut whole, mut half) = (0, 0);
    for n in 0.. {
        let place = Place::holding("dead", OLD);
        fs::write(place.at("b/notes"), "mine").unwrap();
        let (before, mut disk) = (place.files(), Faulty::at(n, true));
        match write_tree_on(&mut disk, &place.at(""), &tree(NEW), WriteOptions::default()) {
            Err(WriteError::Io { left: Left::AsItWas, .. }) => {
                whole += 1;
                assert_eq!(place.files(), before, "death at {n}");
            }
            Err(error) => {
                half += 1;
                assert!(error.to_string().contains("part old, part new, and must not be applied"), "{error}");
            }
            Ok(_) if disk.done <= n => break,
            Ok(report) => assert!(report.leftover.is_some(), "death at {n}"),
        }
        place.completed(n);
    }
    assert!(whole >= 8 && half >= 8, "{whole} and {half}");
}

#[test]
fn an_edit_during_the_run_is_seen_before_anything_is_replaced() {
    let place = Place::holding("race", &[("a.yaml", "1"), ("b.yaml", "1")]);
    for (edited, text, problem) in [
        ("b.yaml", "edited", Problem::Edited { path: "b.yaml".into() }),
        ("c.yaml", "theirs", Problem::Foreign { path: "c.yaml".into() }),
        ("a.yaml", "2", Problem::Changed { path: "a.yaml".into() }),
    ] {
        let mut disk = Faulty { edit: Some((3, place.at(edited), text)), ..Faulty::default() };
        let new = tree(&[("a.yaml", "2"), ("b.yaml", "2"), ("c.yaml", "2")]);
        let result = write_tree_on(&mut disk, &place.at(""), &new, WriteOptions::default());
        assert_eq!(result, Err(WriteError::Refused(vec![problem])));
        assert_eq!(place.text(edited), text);
        assert!(!place.0.join("out/.dpjgen-stage").exists());
        fs::write(place.at("b.yaml"), "1").unwrap();
        let _ = fs::remove_file(place.at("c.yaml"));
    }
}

#[test]
fn what_appears_in_a_directory_that_goes_keeps_it() {
    let place = Place::holding("late", &[("a/1", "1")]);
    // Two directories, one file, its sync, then the old file is put away.
    let mut disk = Faulty { edit: Some((4, place.at("a/notes"), "mine")), ..Faulty::default() };
    let report = write_tree_on(&mut disk, &place.at(""), &tree(&[]), WriteOptions::default()).unwrap();
    assert_eq!((report.removed, report.leftover), (vec!["a/1".to_owned()], None));
    assert_eq!(place.text("a/notes"), "mine");
}

#[test]
fn a_directory_that_can_not_be_written_is_said_in_a_way_that_helps() {
    let place = Place::holding("denied", &[]);
    let mut disk = Faulty { kind: Some(io::ErrorKind::PermissionDenied), ..Faulty::at(0, true) };
    let error = write_tree_on(&mut disk, &place.at(""), &tree(NEW), WriteOptions::default()).unwrap_err();
    let stage = place.0.join("out/.dpjgen-stage");
    assert_eq!(
        error.to_string(),
        format!(
            "could not create the directory `{}`: permission denied\n  nothing was changed: the tree is as it was\n  \
             help: check who owns the directory and who may write to it, then run the same command again",
            stage.display()
        )
    );
    let error = write_tree(Path::new("/"), &tree(NEW), WriteOptions::default()).unwrap_err();
    assert!(error.to_string().contains("name a directory that dpjgen may create"), "{error}");
}
