//! Reading a platform from the disk and writing a tree to it. What needs no disk, and what a failing disk
//! does, is tested in `src/files/`.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]
#![allow(clippy::disallowed_methods, missing_docs)]
#![cfg(unix)] // inodes, pipes and symbolic links

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::time::Duration;

use dpjgen::files::{
    Digest, DiskFiles, Files, MAX_FILE_BYTES, ReadError, Tree, WriteError, WriteOptions, WriteReport, compare_tree,
    write_tree,
};

const FORCE: WriteOptions = WriteOptions { force: true, wait: Duration::ZERO };

/// A directory of one test, with `out/prod` to write to; removed at the end.
struct Place(PathBuf);

impl Place {
    fn new(name: &str) -> Self {
        let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("files-{}-{name}", std::process::id()));
        let _ = fs::remove_dir_all(&path);
        fs::create_dir_all(&path).unwrap();
        Place(path)
    }

    /// With a tree written to it.
    fn holding(name: &str, files: &[(&str, &str)]) -> Self {
        let place = Place::new(name);
        place.write(files).unwrap();
        place
    }

    fn at(&self, path: &str) -> PathBuf {
        self.0.join("out/prod").join(path)
    }

    fn put(&self, path: &str, text: &str) {
        fs::create_dir_all(self.at(path).parent().unwrap()).unwrap();
        fs::write(self.at(path), text).unwrap();
    }

    fn text(&self, path: &str) -> String {
        fs::read_to_string(self.at(path)).unwrap()
    }

    fn write(&self, files: &[(&str, &str)]) -> Result<WriteReport, WriteError> {
        self.write_with(files, WriteOptions::default())
    }

    fn write_with(&self, files: &[(&str, &str)], options: WriteOptions) -> Result<WriteReport, WriteError> {
        write_tree(&self.0.join("out/prod"), &tree(files), options)
    }

    /// The refusal's problems; asserts that nothing changed.
    fn refused(&self, files: &[(&str, &str)], options: WriteOptions) -> Vec<String> {
        let before = self.all();
        let Err(WriteError::Refused(obstacles)) = self.write_with(files, options) else { panic!("not refused") };
        assert_eq!(self.all(), before, "a refused run changed something");
        obstacles.iter().map(|obstacle| obstacle.problem.to_string()).collect()
    }

    /// Everything with its bytes, inode and time of change.
    fn all(&self) -> BTreeMap<String, (Vec<u8>, u64, i64, i64)> {
        let mut all = BTreeMap::new();
        let mut todo = vec![self.0.clone()];
        while let Some(dir) = todo.pop() {
            for entry in fs::read_dir(dir).unwrap() {
                let path = entry.unwrap().path();
                let meta = fs::symlink_metadata(&path).unwrap();
                let bytes = if meta.is_dir() {
                    todo.push(path.clone());
                    Vec::new()
                } else if meta.is_symlink() {
                    fs::read_link(&path).unwrap().into_os_string().into_encoded_bytes()
                } else {
                    fs::read(&path).unwrap()
                };
                let name = path.strip_prefix(&self.0).unwrap().to_str().unwrap().to_owned();
                all.insert(name, (bytes, meta.ino(), meta.mtime(), meta.mtime_nsec()));
            }
        }
        all
    }

    fn has_stage(&self) -> bool {
        self.0.join("out/.dpjgen-stage").exists()
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

// Reading

#[test]
fn only_regular_files_below_the_root_are_read() {
    let place = Place::new("read");
    let (root, files) = (&place.0, DiskFiles::new(&place.0));
    fs::create_dir(root.join("parts")).unwrap();
    fs::write(root.join("parts/data.toml"), "x = 1").unwrap();
    symlink("parts/data.toml", root.join("link.toml")).unwrap();
    symlink("/dev/zero", root.join("zero.toml")).unwrap();
    symlink("nowhere", root.join("dangling.toml")).unwrap();
    assert!(std::process::Command::new("mkfifo").arg(root.join("pipe.toml")).status().unwrap().success());
    assert_eq!(files.read("./parts//data.toml").unwrap(), b"x = 1");
    assert_eq!(files.read("link.toml").unwrap(), b"x = 1");
    assert_eq!(files.read("nothing.toml"), Err(ReadError::NotFound));
    assert_eq!(files.read("link.toml/below"), Err(ReadError::NotFound));
    assert_eq!(files.read("parts"), Err(ReadError::IsDirectory));
    assert_eq!(files.read("pipe.toml"), Err(ReadError::NotRegular));
    assert_eq!(files.read("zero.toml"), Err(ReadError::NotRegular));
    assert_eq!(files.read("dangling.toml"), Err(ReadError::LinkToNothing));
    for outside in ["/etc/passwd", "../x", "parts/../../x", "parts/../parts/data.toml", ".."] {
        assert_eq!(files.read(outside), Err(ReadError::Outside), "{outside}");
        assert_eq!(files.list(outside), Err(ReadError::Outside), "{outside}");
    }
    assert_eq!(files.list("").unwrap(), ["link.toml"]);
    assert_eq!(files.list("parts/.").unwrap(), ["data.toml"]);
    assert_eq!(files.list("nothing"), Err(ReadError::NotFound));
    assert_eq!(files.list("link.toml"), Err(ReadError::NotDirectory));
}

#[test]
fn a_file_over_the_limit_is_refused() {
    let place = Place::new("large");
    let big = fs::File::create(place.0.join("big")).unwrap();
    big.set_len(MAX_FILE_BYTES + 1).unwrap();
    let error = DiskFiles::new(&place.0).read("big").unwrap_err();
    assert_eq!(error, ReadError::TooLarge { limit: MAX_FILE_BYTES });
    assert_eq!(error.to_string(), "it is larger than 32 MiB, the most that is read");
    big.set_len(MAX_FILE_BYTES).unwrap();
    assert_eq!(DiskFiles::new(&place.0).read("big").unwrap().len() as u64, MAX_FILE_BYTES);
    assert_eq!(ReadError::from(io::Error::from(io::ErrorKind::PermissionDenied)), ReadError::PermissionDenied);
}

// Writing

#[test]
fn a_first_run_writes_everything_and_a_second_touches_nothing() {
    let files = [("a/b/x.yaml", "x\n"), ("kustomization.yaml", "k\n")];
    let place = Place::new("first");
    let report = place.write(&files).unwrap();
    assert_eq!(report.written, ["a/b/x.yaml", "kustomization.yaml"]);
    let line = |path, text: &str| format!("{}  {path}\n", Digest::of(text.as_bytes()));
    assert_eq!(place.text(".dpjgen"), line("a/b/x.yaml", "x\n") + &line("kustomization.yaml", "k\n"));
    assert!(!place.has_stage());
    fs::write(place.0.join("ordinary"), "").unwrap();
    let mode = |path: PathBuf| fs::metadata(path).unwrap().permissions().mode();
    assert_eq!(mode(place.at("a/b/x.yaml")), mode(place.0.join("ordinary")), "the umask's mode");

    let before = place.all();
    let report = place.write_with(&files, FORCE).unwrap();
    assert_eq!((report.unchanged.len(), report.written.len()), (2, 0));
    assert_eq!(place.all(), before, "directories too keep their times");
}

#[test]
fn changed_files_are_replaced_stale_ones_removed_and_the_rest_is_left() {
    let place =
        Place::holding("change", &[("a/1.yaml", "1"), ("a/2.yaml", "2"), ("b/c/3.yaml", "3"), ("d/4.yaml", "4")]);
    place.put("d/notes.txt", "mine");
    place.put(".git/HEAD", "not looked at");
    fs::create_dir(place.at("empty")).unwrap();
    let before = place.all();
    let report = place.write(&[("a/1.yaml", "1"), ("a/2.yaml", "two"), ("e/5.yaml", "5")]).unwrap();
    assert_eq!(report.written, ["a/2.yaml", "e/5.yaml"]);
    assert_eq!(report.removed, ["b/c/3.yaml", "d/4.yaml"]);
    assert_eq!(report.unchanged, ["a/1.yaml"]);
    assert_eq!(report.foreign, ["d/notes.txt"]);
    let after = place.all();
    for same in ["out/prod/a/1.yaml", "out/prod/d/notes.txt", "out/prod/.git/HEAD", "out/prod/empty"] {
        assert_eq!(after[same], before[same], "{same}");
    }
    assert!(!place.at("b").exists() && !place.at("d/4.yaml").exists() && !place.has_stage());
    assert_eq!((place.text("a/2.yaml"), place.text("e/5.yaml")), ("two".into(), "5".into()));
}

#[test]
fn what_is_not_ours_is_adopted_if_equal_and_refused_if_not() {
    let place = Place::new("foreign");
    place.put("same.yaml", "s");
    place.put("other.yaml", "theirs");
    let problems = place.refused(&[("same.yaml", "s"), ("other.yaml", "ours")], FORCE);
    assert_eq!(problems, ["`other.yaml` exists, differs and is not dpjgen's"]);
    fs::remove_file(place.at("other.yaml")).unwrap();
    let before = place.all();
    let report = place.write(&[("same.yaml", "s")]).unwrap();
    assert_eq!((report.adopted.as_slice(), report.written.len()), (["same.yaml".to_owned()].as_slice(), 0));
    assert_eq!(place.all()["out/prod/same.yaml"], before["out/prod/same.yaml"]);
    assert_eq!(place.write(&[]).unwrap().removed, ["same.yaml"]);
}

#[test]
fn a_hand_edit_is_never_lost_unless_forced() {
    let place = Place::holding("edit", &[("a.yaml", "1"), ("b.yaml", "1"), ("c.yaml", "1"), ("d.yaml", "1")]);
    place.put("a.yaml", "edited");
    place.put("b.yaml", "edited");
    place.put("c.yaml", "2");
    fs::remove_file(place.at("d.yaml")).unwrap();
    let new = [("a.yaml", "2"), ("c.yaml", "2"), ("d.yaml", "1")];
    let error = place.write(&new).unwrap_err();
    assert_eq!(
        error.to_string(),
        "nothing was changed: 2 paths are in the way
  `a.yaml` was edited by hand since dpjgen wrote it
  `b.yaml` was edited by hand since dpjgen wrote it
  help: state the edit in the spec: output that equals the file is never in the way; or throw it away with `--force`"
    );
    assert_eq!(place.refused(&new, WriteOptions::default()).len(), 2);
    let report = place.write_with(&new, FORCE).unwrap();
    assert_eq!((report.written, report.removed), (vec!["a.yaml".into(), "d.yaml".into()], vec!["b.yaml".into()]));
    assert_eq!(report.unchanged, ["c.yaml"]);
    assert_eq!(place.text("a.yaml"), "2");
}

#[test]
fn symbolic_links_are_not_followed() {
    let place = Place::holding("links", &[("a/1.yaml", "1"), ("old/2.yaml", "2"), ("3.yaml", "3")]);
    let outside = place.0.join("outside");
    fs::rename(place.at("a"), &outside).unwrap();
    symlink(&outside, place.at("a")).unwrap();
    fs::rename(place.at("3.yaml"), outside.join("3.yaml")).unwrap();
    symlink(outside.join("3.yaml"), place.at("3.yaml")).unwrap();
    symlink("nowhere", place.at("4.yaml")).unwrap();
    let link = |path| format!("`{path}` is a symbolic link, and none is followed");
    let new = [("a/1.yaml", "new"), ("a/9.yaml", "new"), ("3.yaml", "3"), ("4.yaml", "4")];
    assert_eq!(place.refused(&new, FORCE), [link("3.yaml"), link("4.yaml"), link("a")]);
    assert_eq!(place.refused(&[], FORCE), [link("3.yaml")], "a stale file behind a link is not ours any more");
    fs::remove_file(place.at("3.yaml")).unwrap();
    let report = place.write(&[]).unwrap();
    assert_eq!((report.removed, report.foreign), (vec!["old/2.yaml".into()], vec!["4.yaml".into(), "a".into()]));
    assert_eq!(fs::read_to_string(outside.join("1.yaml")).unwrap(), "1");

    fs::rename(place.at(""), place.0.join("moved")).unwrap();
    symlink(place.0.join("moved"), place.0.join("out/prod")).unwrap();
    assert_eq!(place.refused(&[("x", "x")], FORCE), [link(".")]);
}

#[test]
fn files_and_directories_change_places_if_they_are_ours() {
    let place = Place::holding("places", &[("a", "1"), ("b/c/1", "1"), ("b/2", "2"), ("C/x", "1")]);
    let new = [("a/deep/er", "1"), ("b", "2"), ("c/x", "1")];
    place.write(&new).unwrap();
    assert_eq!((place.text("a/deep/er"), place.text("b"), place.text("c/x")), ("1".into(), "2".into(), "1".into()));
    assert!(!place.at("C").exists());
    place.put("d", "theirs");
    place.put("e/f/theirs", "theirs");
    fs::create_dir_all(place.at("g/empty")).unwrap();
    assert_eq!(
        place.refused(&[("d/1", ""), ("d/2", ""), ("e/f", ""), ("g/empty", "")], FORCE),
        [
            "`d` is a file where a directory belongs",
            "`e/f` is a directory where a file belongs, and holds what is not dpjgen's",
            "`g/empty` is a directory where a file belongs, and holds what is not dpjgen's",
        ]
    );
    place.put("a/deep/er", "edited");
    let edited = ["`a/deep/er` was edited by hand since dpjgen wrote it"];
    assert_eq!(place.refused(&[("a/deep/er/x", "")], WriteOptions::default()), edited);
    place.put("README", "theirs");
    assert_eq!(
        place.refused(&[("readme", "")], FORCE),
        ["`README` and the new `readme` differ only in case, which is one file on macOS and Windows"]
    );
}

#[test]
fn an_ownership_file_that_is_not_understood_stops_everything() {
    let place = Place::holding("owner", &[("a.yaml", "1")]);
    let victim = place.0.join("out/victim");
    fs::write(&victim, "v").unwrap();
    let good = place.text(".dpjgen");
    place.put(".dpjgen", &format!("{good}{}  ../victim\n", Digest::of(b"v")));
    assert!(place.refused(&[], FORCE)[0].contains("line 2: `../victim` is not a path for a file of the output"));
    place.put(".dpjgen", &format!("{good}<<<<<<< HEAD\n"));
    assert_eq!(place.refused(&[], FORCE), ["`.dpjgen` can not be understood: line 2: an unresolved merge conflict"]);
    fs::remove_file(place.at(".dpjgen")).unwrap();
    symlink(&victim, place.at(".dpjgen")).unwrap();
    assert_eq!(place.refused(&[], FORCE), ["`.dpjgen` is a symbolic link, and none is followed"]);
    fs::remove_file(place.at(".dpjgen")).unwrap();
    place.put(".dpjgen", &good.replace('\n', "\r\n"));
    assert_eq!(place.write(&[("a.yaml", "1")]).unwrap().unchanged, ["a.yaml"]);
    assert_eq!(place.text(".dpjgen"), good);
}

#[test]
fn leftovers_of_a_killed_run_are_cleared() {
    let place = Place::holding("killed", &[("a.yaml", "1")]);
    let stage = place.0.join("out/.dpjgen-stage");
    for new in ["1", "2"] {
        fs::create_dir_all(stage.join("0/deep")).unwrap();
        fs::write(stage.join("0/deep/file"), "half").unwrap();
        fs::write(stage.join("journal.new"), "half").unwrap();
        symlink("/tmp", stage.join("link")).unwrap();
        place.write(&[("a.yaml", new)]).unwrap();
        assert!(!stage.exists() && Path::new("/tmp").exists());
    }
    symlink("/tmp", &stage).unwrap();
    assert_eq!(place.refused(&[("a.yaml", "4")], FORCE), ["`.dpjgen-stage` is a symbolic link, and none is followed"]);
}

#[test]
fn comparing_changes_nothing_and_sees_hand_edits() {
    let place = Place::holding("compare", &[("a", "1"), ("b", "1"), ("c", "1")]);
    place.put("b", "edited");
    place.put("theirs", "x");
    let before = place.all();
    let diff = compare_tree(&place.at(""), &tree(&[("a", "1"), ("b", "2"), ("d/e", "1")])).unwrap();
    assert_eq!(diff.added, ["d/e"]);
    assert_eq!(diff.changed, [".dpjgen", "b"]);
    assert_eq!(diff.removed, ["c"]);
    place.put("b", "1");
    assert!(compare_tree(&place.at(""), &tree(&[("a", "1"), ("b", "1"), ("c", "1")])).unwrap().is_empty());
    let diff = compare_tree(&place.0.join("nothing"), &tree(&[("a", "1")])).unwrap();
    assert_eq!(diff.added, [".dpjgen", "a"]);
    assert_eq!(place.all().len(), before.len());
}
