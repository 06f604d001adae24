//! `dpjgen build -o` on real disks: what is in the way, who else is at work, disks that do not take it. What a run that
//! is stopped leaves is tested in `src/files/` on a disk in memory, and by `kills.rs` with the real one.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]
#![allow(clippy::disallowed_methods, missing_docs)]
#![cfg(unix)]

mod support;

use dpjgen::files::{Digest, Tree, WriteError, WriteOptions, complete, pending, settled, write_trees};
use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;
use support::{PLATFORM, Place, dpjgen, finished, run, snapshot};

/// A platform with two environments and their trees.
fn built(name: &str) -> Place {
    let place = Place::with_platform(name);
    place.put("overlays/dev.toml", "# as in platform.toml\n");
    assert_eq!(run(&place.0, "build --all -o out").status, 0);
    place
}

/// Another spec, which changes one file of each tree.
fn change(place: &Place) {
    place.put("platform.toml", PLATFORM.replace("shop/api:1.0.0", "shop/api:1.0.1"));
}

/// The command fails so, says this, and changes nothing; what it said.
#[track_caller]
fn refuses(place: &Place, args: &str, says: &[&str]) -> String {
    let before = snapshot(&place.0);
    let run = run(&place.0, args);
    assert_eq!((run.status, run.stdout.as_str()), (2, ""), "{}", run.stderr);
    for text in says {
        assert!(run.stderr.contains(text), "no `{text}` in:\n{}", run.stderr);
    }
    assert!(run.stderr.contains("nothing was changed"), "{}", run.stderr);
    assert_eq!(snapshot(&place.0), before, "a refused run changed something");
    run.stderr
}

const DEPLOYMENT: &str = "out/prod/shop-backend/api/deployment-api.yaml";

#[test]
fn an_output_folder_that_is_a_file_or_a_link_to_nowhere() {
    let place = Place::with_platform("file");
    place.put("out", "theirs");
    refuses(&place, "build prod -o out", &["error[DPJ0701]: could not create the directory `out`: not a directory"]);
    refuses(&place, "build prod -o out/deep", &["could not create the directory `out/deep`"]);
    fs::remove_file(place.at("out")).unwrap();
    symlink("nowhere", place.at("out")).unwrap();
    refuses(&place, "build prod -o out", &["error[DPJ0701]: could not lock `out`"]);
}

#[test]
fn a_link_on_the_way_is_not_followed() {
    let place = built("link");
    change(&place);
    fs::rename(place.at("out/prod/shop-backend"), place.at("elsewhere")).unwrap();
    symlink(place.at("elsewhere"), place.at("out/prod/shop-backend")).unwrap();
    let says = ["error[DPJ0702]: `shop-backend` is a symbolic link, and none is followed", "--> out/prod/shop-backend"];
    refuses(&place, "build --all -o out", &says);
    // The root itself may be named by a link: whoever says `-o` says where.
    fs::rename(place.at("out/dev"), place.at("other-dev")).unwrap();
    fs::create_dir(place.at("real")).unwrap();
    symlink("real", place.at("by-name")).unwrap();
    assert_eq!(run(&place.0, "build dev -o by-name").status, 0);
    assert!(place.at("real/dev/kustomization.yaml").is_file());
}

#[test]
fn foreign_files_are_kept_and_named() {
    let place = built("foreign");
    change(&place);
    place.put("out/prod/shop-backend/notes.txt", "theirs");
    place.put("out/README", "theirs");
    let run = run(&place.0, "build --all -o out");
    assert_eq!(run.status, 0, "{}", run.stderr);
    assert!(run.stderr.contains("out/prod/shop-backend/notes.txt: not dpjgen's, left alone"), "{}", run.stderr);
    assert_eq!(fs::read(place.at("out/README")).unwrap(), b"theirs");
}

/// One edit in one of the trees: none of them is written.
#[test]
fn all_trees_of_a_run_are_written_or_none() {
    let place = built("together");
    place.put(DEPLOYMENT, "edited");
    change(&place);
    refuses(&place, "build --all -o out", &["error[DPJ0702]", &format!("--> {DEPLOYMENT}"), "--force"]);
    let forced = run(&place.0, "build --all -o out --force");
    assert_eq!(forced.status, 0, "{}", forced.stderr);
    let again = run(&place.0, "build --all -o out");
    assert!(again.stderr.lines().all(|line| line.ends_with(" unchanged") && !line.contains("written")), "{again:?}");
}

#[test]
fn a_second_run_changes_nothing_at_all() {
    let place = built("again");
    let git = |args: &[&str]| {
        let run = Command::new("git").current_dir(&place.0).args(args).output().unwrap();
        assert!(run.status.success(), "{}", String::from_utf8_lossy(&run.stderr));
        String::from_utf8(run.stdout).unwrap()
    };
    git(&["init", "-q"]);
    git(&["add", "-A"]);
    git(&["-c", "user.name=t", "-c", "user.email=t@example.com", "commit", "-qm", "all"]);
    let times = || {
        let paths = support::paths(&place.at("out")).into_iter().map(|path| place.at("out").join(path));
        let all = paths.chain([place.at("out")]).map(|path| {
            let meta = fs::symlink_metadata(&path).unwrap();
            (path, meta.ino(), meta.mtime(), meta.mtime_nsec(), meta.ctime(), meta.ctime_nsec())
        });
        all.collect::<Vec<_>>()
    };
    let before = times();
    for args in ["build --all -o out", "build prod -o out", "build --all -o out --force"] {
        let run = run(&place.0, args);
        assert_eq!(run.status, 0, "{}", run.stderr);
        assert_eq!(times(), before, "{args}");
    }
    assert_eq!(git(&["status", "--porcelain"]), "");
    change(&place);
    assert_eq!(run(&place.0, "build prod -o out").status, 0);
    assert_eq!(git(&["status", "--porcelain", "--", "out"]), format!(" M out/prod/.dpjgen\n M {DEPLOYMENT}\n"));
}

/// Two runs of different specs, started together many times: one whole tree is there.
#[test]
fn two_runs_at_once_leave_one_whole_tree() {
    let (one, two) = (built("one"), built("two"));
    change(&two);
    assert_eq!(run(&two.0, "build --all -o out").status, 0);
    let contents = |place: &Place| -> Vec<_> {
        support::files(&place.at("out")).into_iter().map(|path| fs::read(place.at("out").join(path)).unwrap()).collect()
    };
    let (a, b) = (contents(&one), contents(&two));
    assert_ne!(a, b);
    let shared = Place::new("shared");
    let mut seen = [0, 0];
    for round in 0..12 {
        let start = |place: &Place| {
            let mut command = dpjgen(&place.0);
            command.args(["build", "--all", "-o"]).arg(shared.at("out")).stderr(Stdio::piped()).spawn().unwrap()
        };
        let (first, second) = if round % 2 == 0 { (&one, &two) } else { (&two, &one) };
        let runs = [start(first), start(second)];
        for run in runs.map(|run| finished(&run.wait_with_output().unwrap())) {
            assert_eq!(run.status, 0, "{}", run.stderr);
        }
        let found = contents(&shared);
        let which = usize::from(found == b);
        assert!(found == a || found == b, "round {round}: a mixture");
        seen[which] += 1;
    }
    assert_eq!(seen.iter().sum::<i32>(), 12);
    assert!(!shared.at("out/.dpjgen-stage").exists());
}

#[test]
fn a_run_that_does_not_end_is_waited_for_and_then_named() {
    let place = built("locked");
    change(&place);
    let lock = fs::File::open(place.at("out")).unwrap();
    lock.try_lock().unwrap();
    let mut tree = Tree::new();
    tree.insert("x", "x").unwrap();
    let options = WriteOptions { force: false, wait: Duration::from_millis(50) };
    let error = write_trees(&place.at("out"), &[("prod", &tree)], options).unwrap_err();
    assert!(matches!(error, WriteError::Locked { .. }), "{error}");
    assert!(settled(&place.at("out"), Duration::ZERO).is_err());
    let says = ["error[DPJ0710]: another dpjgen is writing to `out`, and did not finish within 10 s", "wait until"];
    refuses(&place, "build prod -o out", &says);
    // Those who read let each other in, and nobody who writes.
    lock.unlock().unwrap();
    let readers =
        [settled(&place.at("out"), Duration::ZERO).unwrap(), settled(&place.at("out"), Duration::ZERO).unwrap()];
    assert!(write_trees(&place.at("out"), &[("prod", &tree)], options).is_err());
    drop(readers);
    assert_eq!(run(&place.0, "build prod -o out").status, 0);
    assert!(settled(&place.at("nothing"), Duration::ZERO).is_ok());
}

/// A journal as a run leaves it that is stopped right after its commit: with one file to replace.
fn stopped(name: &str, new: &str) -> Place {
    let place = built(name);
    let old = Digest::of(&fs::read(place.at(DEPLOYMENT)).unwrap());
    let path = DEPLOYMENT.strip_prefix("out/").unwrap();
    let body = format!("dpjgen journal 1\nfile 0 {old} {} {path}\n", Digest::of(new.as_bytes()));
    let sum = Digest::of(body.as_bytes());
    place.put("out/.dpjgen-stage/0", new);
    place.put("out/.dpjgen-stage/journal", format!("{body}end {sum}\n"));
    place
}

#[test]
fn a_run_that_was_stopped_is_completed_first() {
    let place = stopped("stopped", "new");
    let out = place.at("out");
    assert_eq!(pending(&out), Ok(true));
    assert!(matches!(settled(&out, Duration::ZERO), Err(WriteError::HalfDone { .. })));
    assert_eq!(complete(&out, WriteOptions::default()), Ok(true));
    assert_eq!(fs::read(place.at(DEPLOYMENT)).unwrap(), b"new");
    assert_eq!((pending(&out), complete(&out, WriteOptions::default())), (Ok(false), Ok(false)));

    // What is written then is what the command was asked for: here, what is in place of `new`.
    let place = stopped("stopped-2", "new");
    let run = run(&place.0, "build --all -o out --force");
    assert_eq!(run.status, 0, "{}", run.stderr);
    assert!(run.stderr.contains("out: a run that was stopped half-way was completed first"), "{}", run.stderr);
    assert!(!place.at("out/.dpjgen-stage").exists());
}

#[test]
fn an_edit_after_the_stop_is_kept_and_named() {
    let place = stopped("kept", "new");
    place.put(DEPLOYMENT, "by hand");
    let first = run(&place.0, "build --all -o out");
    assert_eq!(first.status, 2);
    for text in ["error[DPJ0713]", &format!("--> {DEPLOYMENT}"), "everything else is written"] {
        assert!(first.stderr.contains(text), "{}", first.stderr);
    }
    assert_eq!(fs::read(place.at(DEPLOYMENT)).unwrap(), b"by hand");
    refuses(&place, "build --all -o out", &["error[DPJ0702]", "was edited by hand"]);
}

#[test]
fn a_journal_that_can_not_be_followed() {
    let place = stopped("journal", "new");
    let journal = fs::read_to_string(place.at("out/.dpjgen-stage/journal")).unwrap();
    place.put("out/.dpjgen-stage/journal", "dpjgen journal 7\nwhatever\n");
    let says =
        ["error[DPJ0711]", "has the form 7, and this dpjgen reads only 1", "run the version of dpjgen that wrote it"];
    refuses(&place, "build --all -o out", &says);
    refuses(&place, "build --all -o out --force", &says);
    place.put("out/.dpjgen-stage/journal", &journal[..journal.len() - 5]);
    refuses(
        &place,
        "build --all -o out",
        &["error[DPJ0711]", "line 3 is not what dpjgen writes there", "version control"],
    );
    place.put("out/.dpjgen-stage/journal", &journal);
    place.put("out/.dpjgen-stage/0", "ne");
    let says = [
        "error[DPJ0711]",
        "the new bytes of `prod/shop-backend/api/deployment-api.yaml` beside it are missing or damaged",
    ];
    refuses(&place, "build --all -o out", &says);
    fs::remove_file(place.at("out/.dpjgen-stage/0")).unwrap();
    refuses(&place, "build --all -o out", &says);
    // What the help says.
    fs::remove_dir_all(place.at("out/.dpjgen-stage")).unwrap();
    assert_eq!(run(&place.0, "build --all -o out").status, 0);
}

/// A stage that somebody made, in a repository that was cloned: its links lead to files that are not dpjgen's.
#[test]
fn a_link_in_the_stage_is_not_followed() {
    let place = built("staged-link");
    place.put("home/id.txt", "private");
    place.put("home/sub/id.txt", "private");
    let sum = Digest::of(b"private");
    let staged = |change: &str, link: &str, target: &str| {
        let body = format!("dpjgen journal 1\n{change}\n");
        let stage = place.at("out/.dpjgen-stage");
        let _ = fs::remove_dir_all(&stage);
        place.put("out/.dpjgen-stage/journal", format!("{body}end {}\n", Digest::of(body.as_bytes())));
        fs::create_dir_all(stage.join(link).parent().unwrap()).unwrap();
        symlink(place.at(target), stage.join(link)).unwrap();
    };
    let whole = format!("dir 0 prod/x\nin 0 {sum} id.txt");
    let inner = format!("dir 0 prod/x\nin 0 {sum} sub/id.txt");
    let file = format!("file 0 - {sum} prod/x/id.txt");
    for is_made in [true, false] {
        if is_made {
            fs::create_dir(place.at("out/prod/x")).unwrap();
        } else {
            fs::remove_dir(place.at("out/prod/x")).unwrap();
        }
        for (change, link, target) in
            [(&whole, "0", "home"), (&inner, "0/sub", "home/sub"), (&file, "0", "home/id.txt")]
        {
            staged(change, link, target);
            for args in ["build --all -o out", "build --all -o out --force"] {
                refuses(&place, args, &["error[DPJ0711]", "beside it are missing or damaged"]);
            }
        }
    }
}

/// A folder and the command, both of somebody whom modes hold back: root they do not.
struct Unprivileged {
    place: Place,
    root: bool,
}

impl Unprivileged {
    fn new(name: &str) -> Self {
        // Below the checkout somebody else might not be let in.
        let path = std::env::temp_dir().join(format!("dpjgen-{}-{name}", std::process::id()));
        fs::create_dir_all(&path).unwrap();
        let root = fs::metadata(&path).unwrap().uid() == 0;
        let one = Unprivileged { place: Place(path), root };
        fs::copy(env!("CARGO_BIN_EXE_dpjgen"), one.place.at("dpjgen")).unwrap();
        one.place.put("platform.toml", PLATFORM);
        one.place.put("overlays/prod.toml", "# as in platform.toml\n");
        for path in
            support::paths(&one.place.0).into_iter().map(|path| one.place.at(&path)).chain([one.place.0.clone()])
        {
            one.give(&path);
        }
        one
    }

    fn give(&self, path: &Path) {
        if self.root {
            std::os::unix::fs::chown(path, Some(NOBODY), Some(NOBODY)).unwrap();
        }
    }

    fn run(&self, args: &str) -> support::Run {
        let mut command = Command::new(self.place.at("dpjgen"));
        command.current_dir(&self.place.0).env_clear().env("NO_COLOR", "1").stdin(Stdio::null());
        if self.root {
            command.uid(NOBODY).gid(NOBODY);
        }
        finished(&command.args(args.split_whitespace()).output().unwrap())
    }

    fn mode(&self, path: &str, mode: u32) {
        fs::set_permissions(self.place.at(path), fs::Permissions::from_mode(mode)).unwrap();
    }
}

const NOBODY: u32 = 65534;

#[test]
fn folders_that_may_not_be_read_or_written() {
    let one = Unprivileged::new("modes");
    assert_eq!(one.run("build prod -o out").status, 0);
    change(&one.place);
    one.give(&one.place.at("platform.toml"));
    let refused = |path: &str, mode: u32, says: &str| {
        one.mode(path, mode);
        let before = if mode == 0 { None } else { Some(snapshot(&one.place.at("out"))) };
        let run = one.run("build prod -o out");
        assert!(run.status == 2 && run.stderr.contains(says), "no `{says}` in:\n{}", run.stderr);
        assert!(run.stderr.contains("nothing was changed"), "{}", run.stderr);
        let after = before.is_some().then(|| {
            // The stage was made and removed again.
            snapshot(&one.place.at("out"))
        });
        assert_eq!(after, before, "{path}");
        one.mode(path, 0o755);
    };
    refused(
        "out/prod/shop-backend/api",
        0o555,
        "error[DPJ0701]: could not write to the directory `out/prod/shop-backend/api`",
    );
    refused("out/prod/shop-backend", 0o000, "error[DPJ0702]: `shop-backend` can not be read: ");
    refused("out/prod", 0o000, "error[DPJ0702]: `.` can not be read: ");
    refused("out", 0o555, "error[DPJ0701]: could not create the directory `out/.dpjgen-stage`");
    refused("out", 0o000, "error[DPJ0701]: could not lock `out`");
    refused(DEPLOYMENT, 0o000, "error[DPJ0702]: `shop-backend/api/deployment-api.yaml` can not be read: ");
    // A run that has nothing to write needs no right to.
    assert_eq!(one.run("build prod -o out").status, 0);
    one.mode("out", 0o555);
    let run = one.run("build prod -o out");
    assert_eq!((run.status, run.stderr.contains(" unchanged")), (0, true), "{}", run.stderr);
    one.mode("out", 0o755);
}

/// A write that fails half-way through a file: the shell lets no file grow beyond a block.
#[test]
fn a_disk_that_takes_only_the_first_bytes_of_a_file() {
    let place = built("short");
    change(&place);
    let before = snapshot(&place.at("out"));
    let script = format!("trap '' XFSZ; ulimit -f 1; exec {} build --all -o out", env!("CARGO_BIN_EXE_dpjgen"));
    let mut command = Command::new("sh");
    let run = finished(&command.current_dir(&place.0).env_clear().args(["-c", &script]).output().unwrap());
    assert_eq!(run.status, 2, "{}", run.stderr);
    assert!(run.stderr.contains("error[DPJ0701]: could not write `out/.dpjgen-stage/"), "{}", run.stderr);
    assert!(run.stderr.contains("nothing was changed"), "{}", run.stderr);
    assert_eq!(snapshot(&place.at("out")), before);
}
