//! `dpjgen diff` as people and CI use it: snapshots on the disk and in git, causes, formats, bad input, exit status; and
//! the examples of docs/DIFF.md, which are what it prints.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]
#![allow(clippy::disallowed_methods, missing_docs)]
#![allow(clippy::format_push_string, clippy::format_collect, clippy::case_sensitive_file_extension_comparisons)]
#![cfg(unix)]

mod bad_input;
mod documents;
mod manifests;
#[path = "../support/mod.rs"]
mod support;

use dpjgen::files::{Disk, RealDisk, Sharing};
use std::fs;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};
use support::{PLATFORM, Place, Run, blessing, dpjgen, finished, root, snapshot, unified};

/// With the path on which git is.
fn command(cwd: &Path) -> Command {
    let mut command = dpjgen(cwd);
    command.env("PATH", std::env::var_os("PATH").unwrap_or_default());
    command
}

fn run(cwd: &Path, args: &str) -> Run {
    finished(&command(cwd).args(args.split_whitespace()).output().unwrap())
}

fn git(cwd: &Path, args: &[&str]) {
    let mut command = Command::new("git");
    let me = ["-c", "user.name=test", "-c", "user.email=test@example.com", "-c", "init.defaultBranch=main"];
    command.current_dir(cwd).args(me).args(args).env("GIT_CONFIG_NOSYSTEM", "1").env("HOME", cwd);
    let done = command.output().expect("git, which the tests of other revisions need");
    assert!(done.status.success(), "git {args:?}: {}", String::from_utf8_lossy(&done.stderr));
}

/// The smallest platform, built and committed.
fn committed(name: &str) -> Place {
    let place = Place::with_platform(name);
    assert_eq!(run(&place.0, "build prod -o out").status, 0);
    git(&place.0, &["init", "--quiet"]);
    commit(&place, "first");
    place
}

fn commit(place: &Place, message: &str) {
    git(&place.0, &["add", "--all"]);
    git(&place.0, &["commit", "--quiet", "--message", message]);
}

fn edit(place: &Place, file: &str, from: &str, to: &str) {
    let text = fs::read_to_string(place.at(file)).unwrap();
    assert!(text.contains(from), "{file} has no {from}");
    place.put(file, text.replace(from, to));
}

/// Status 2, a message that says all of `says`, no output, and nothing is changed.
fn refused(place: &Place, args: &str, says: &[&str]) {
    let before = snapshot(&place.0);
    let run = run(&place.0, args);
    assert_eq!((run.status, run.stdout.as_str()), (2, ""), "dpjgen {args}: {}", run.stderr);
    for text in says {
        assert!(run.stderr.contains(text), "dpjgen {args}: {text:?} is not in {}", run.stderr);
    }
    assert!(run.stderr.contains("help: "), "{}", run.stderr);
    assert!(snapshot(&place.0) == before, "dpjgen {args} changed something");
}

const DEPLOYMENT: &str = "out/prod/shop-backend/api/deployment-api.yaml";

#[test]
fn nothing_differs_from_what_is_committed() {
    let run = run(root(), "diff --all");
    assert_eq!((run.status, run.stderr.as_str()), (0, ""), "{}", run.stdout);
    for environment in support::spec::ENVIRONMENTS {
        let line = format!("{environment}: no differences between out/{environment} and the build");
        assert!(run.stdout.contains(&line), "{}", run.stdout);
    }
}

#[test]
fn a_folder_gives_the_places_of_todays_spec() {
    let place = Place::with_platform("diff-folder");
    assert_eq!(run(&place.0, "build prod -o out").status, 0);
    edit(&place, "platform.toml", "image     = \"shop/api:1.0.0\"", "image     = \"shop/api:1.0.0\"\nreplicas  = 7");
    let found = run(&place.0, "diff prod");
    assert_eq!((found.status, found.stderr.as_str()), (1, ""), "{}", found.stdout);
    assert!(
        found.stdout.contains("\nplatform.toml:13 workloads.api.replicas\n  Deployment shop-backend/api\n"),
        "{}",
        found.stdout
    );
    assert!(found.stdout.contains("spec.replicas  1 → 7"), "{}", found.stdout);
    assert!(found.stdout.lines().last().unwrap().starts_with("prod: "), "{}", found.stdout);
    // Another folder, without its list of files.
    fs::create_dir_all(place.at("elsewhere")).unwrap();
    fs::copy(place.at(DEPLOYMENT), place.at("elsewhere/d.yaml")).unwrap();
    let other = run(&place.0, "diff prod --against elsewhere");
    assert_eq!(other.status, 1);
    assert!(other.stdout.contains("spec.replicas  1 → 7") && other.stdout.contains("is new"), "{}", other.stdout);
}

/// One change is one heading, a key that says what it said before is none, and what is not known is called that.
#[test]
fn a_folder_gives_no_place_that_is_not_certain() {
    let place = Place::with_platform("diff-certain");
    edit(&place, "platform.toml", "[workloads.api]\n", "[workloads.api]\nenv = { LEVEL = \"info\" }\n");
    assert_eq!(run(&place.0, "build prod -o out").status, 0);
    let before = fs::read_to_string(place.at("platform.toml")).unwrap();
    for (from, to, headings) in [
        ("shop/api:1.0.0", "shop/api:1.1.0", vec!["workloads.api.image"]),
        ("registry.example.com", "other.example.com", vec!["platform.registry"]),
        ("{ LEVEL = \"info\" }", "{ DEPTH = \"info\" }", vec!["workloads.api (which key is not known)"]),
    ] {
        place.put("platform.toml", before.replace(from, to));
        let found = run(&place.0, "diff prod");
        let shown: Vec<&str> = found.stdout.lines().filter(|line| line.starts_with("platform.toml:")).collect();
        let shown: Vec<&str> = shown.iter().map(|line| line.split_once(' ').unwrap().1).collect();
        assert_eq!(shown, headings, "{}", found.stdout);
    }
}

#[test]
fn a_revision_gives_what_was_changed_in_the_spec() {
    let place = committed("diff-git");
    edit(&place, "overlays/prod.toml", "# as in platform.toml", "[workloads.api]\nimage = \"shop/api:1.1.0\"");
    for (args, cwd) in [
        ("diff prod --against git:HEAD", place.0.clone()),
        ("diff prod --against git:main", place.0.clone()),
        ("diff --all --against git:HEAD --spec ../platform.toml", place.at("overlays")),
    ] {
        let found = run(&cwd, args);
        assert_eq!((found.status, found.stderr.as_str()), (1, ""), "{args}: {}", found.stdout);
        let cause = "overlays/prod.toml:2 workloads.api.image  \"shop/api:1.0.0\" → \"shop/api:1.1.0\"\n";
        assert!(found.stdout.trim_start_matches("prod:\n\n").starts_with(cause), "{args}: {}", found.stdout);
        assert!(found.stdout.contains("restart: "), "{args}: {}", found.stdout);
        assert!(found.stdout.contains("from 1 change of the spec"), "{args}: {}", found.stdout);
    }
    // The folder need not exist any more, and a hook's variables do not lead astray.
    fs::remove_dir_all(place.at("out")).unwrap();
    let found = finished(
        &command(&place.0).args(["diff", "prod", "--against", "git:HEAD"]).env("GIT_DIR", "/nowhere").output().unwrap(),
    );
    assert_eq!((found.status, found.stderr.as_str()), (1, ""));
    let unchanged = {
        git(&place.0, &["checkout", "--quiet", "."]);
        run(&place.0, "diff prod --against git:HEAD")
    };
    assert_eq!((unchanged.status, unchanged.stdout.lines().count()), (0, 1), "{}", unchanged.stdout);
}

#[test]
fn what_the_spec_did_not_cause_is_called_that() {
    let place = committed("diff-others");
    edit(&place, DEPLOYMENT, "replicas: 1", "replicas: 4");
    for args in ["diff prod", "diff prod --against git:HEAD"] {
        let found = run(&place.0, args);
        let edited = args == "diff prod";
        assert_eq!(found.status, i32::from(edited), "{args}: {}", found.stdout);
        assert_eq!(found.stdout.contains("edited by hand in out/prod\n"), edited, "{args}: {}", found.stdout);
    }
    commit(&place, "edited");
    let found = run(&place.0, "diff prod --against git:HEAD");
    assert!(
        found.stdout.starts_with("edited by hand in out/prod of HEAD\n  Deployment shop-backend/api\n"),
        "{}",
        found.stdout
    );
    // The same bytes as another version of dpjgen would have written and listed them.
    let path = "shop-backend/api/deployment-api.yaml";
    let sum = dpjgen::files::Digest::of(&fs::read(place.at(DEPLOYMENT)).unwrap()).to_string();
    let list = fs::read_to_string(place.at("out/prod/.dpjgen")).unwrap();
    let line = |line: &str| if line.ends_with(path) { format!("{sum}  {path}\n") } else { format!("{line}\n") };
    place.put("out/prod/.dpjgen", list.lines().map(line).collect::<String>());
    commit(&place, "written by another version");
    let found = run(&place.0, "diff prod --against git:HEAD");
    assert!(found.stdout.starts_with("not the spec: "), "{}", found.stdout);
    // A file that somebody removed comes back.
    git(&place.0, &["checkout", "--quiet", "HEAD~2", "--", "."]);
    fs::remove_file(place.at(DEPLOYMENT)).unwrap();
    let found = run(&place.0, "diff prod");
    assert!(
        found.stdout.starts_with("edited by hand in out/prod\n  + Deployment shop-backend/api is new\n"),
        "{}",
        found.stdout
    );
}

#[test]
fn an_environment_that_is_new_since_the_revision_is_all_new() {
    let place = committed("diff-new-environment");
    place.put("overlays/dev.toml", "# as in platform.toml\n");
    let found = run(&place.0, "diff --all --against git:HEAD");
    assert_eq!((found.status, found.stderr.as_str()), (1, ""));
    assert!(found.stdout.starts_with("dev:\n\noverlays/dev.toml:1  (new) a new environment\n"), "{}", found.stdout);
    assert!(found.stdout.contains("Deployment shop-backend/api is new"), "{}", found.stdout);
    assert!(found.stdout.contains("prod: no differences"), "{}", found.stdout);
}

/// One line of the spec, one object with what happens, and the rest folded: in every format.
#[test]
fn a_workload_under_another_name_is_one_change() {
    let place = committed("diff-renamed");
    edit(&place, "platform.toml", "[workloads.api]", "[workloads.papers]");
    for against in ["", " --against git:HEAD"] {
        let human = run(&place.0, &format!("diff prod{against}"));
        let lines: Vec<&str> = human.stdout.lines().collect();
        assert!(lines.len() < 12, "{}", human.stdout);
        assert!(lines[0].starts_with("platform.toml:10 workloads.papers"), "{}", human.stdout);
        for says in ["recreate: a name cannot be changed (api → papers)", "removed and made anew with it: "] {
            assert!(human.stdout.contains(says), "{}", human.stdout);
            for format in ["markdown", "github"] {
                let found = run(&place.0, &format!("diff prod{against} --format {format}")).stdout;
                assert!(found.contains(says.trim_start_matches("recreate: ")), "{found}");
            }
        }
        let json = run(&place.0, &format!("diff prod{against} --format json")).stdout;
        let json: serde_json::Value = serde_json::from_str(&json).unwrap();
        let objects = json["reports"][0]["objects"].as_array().unwrap();
        let main = objects.iter().position(|object| object["kind"] == "Deployment").unwrap();
        let follow = objects.iter().filter(|object| object["follows"] == main).count();
        assert_eq!(follow, objects.len() - 1, "{objects:#?}");
        assert_eq!(json["reports"][0]["groups"].as_array().unwrap().len(), 1);
    }
}

#[test]
fn every_format_holds_what_was_found() {
    let place = committed("diff-formats");
    edit(&place, "platform.toml", "shop/api:1.0.0", "shop/api:1.1.0");
    let outside = place.0.parent().unwrap();
    let spec = format!("{}/platform.toml", place.0.file_name().unwrap().to_str().unwrap());
    let of = |format: &str| run(outside, &format!("diff prod --spec {spec} --against git:HEAD --format {format}"));
    let github = of("github");
    let file = format!("::warning file={spec},line=12,title=prod%3A restart::platform.toml:12 workloads.api.image");
    assert!(github.stdout.starts_with(&file), "{}", github.stdout);
    let json: serde_json::Value = serde_json::from_str(&of("json").stdout).unwrap();
    let report = &json["reports"][0];
    assert_eq!(
        (&json["version"], &report["environment"], &report["worst"]),
        (&1.into(), &"prod".into(), &"restart".into())
    );
    assert_eq!(report["groups"][0]["cause"], "spec");
    assert_eq!(report["groups"][0]["spec"][0]["key"], "workloads.api.image");
    let markdown = of("markdown").stdout;
    assert!(markdown.starts_with("### prod\n") && markdown.contains("| **restart** | 1 |"), "{markdown}");
    for format in ["human", "markdown", "json", "github"] {
        assert_eq!(of(format).status, 1, "{format}");
    }
    let color = run(&place.0, "diff prod --color always").stdout;
    assert!(color.contains("\u{1b}[1m"), "{color}");
    // Nobody reads on.
    let mut child =
        command(&place.0).args(["diff", "prod"]).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    drop(child.stdout.take());
    let run = finished(&child.wait_with_output().unwrap());
    assert_eq!((run.status, run.stderr.as_str()), (1, ""));
}

#[test]
fn thresholds_are_status_3() {
    let place = committed("diff-thresholds");
    assert_eq!(run(&place.0, "diff prod --fail-on any").status, 0);
    edit(&place, "platform.toml", "shop/api:1.0.0", "shop/api:1.1.0");
    for (classes, status) in [("restart", 3), ("data-at-risk,restart", 3), ("any", 3), ("data-at-risk,rejected", 1)] {
        assert_eq!(run(&place.0, &format!("diff prod --fail-on {classes}")).status, status, "{classes}");
    }
    let unknown = run(&place.0, "diff prod --fail-on reboot");
    assert!(unknown.status == 2 && unknown.stderr.contains("exposure-narrower"), "{}", unknown.stderr);
}

/// Its tree is still there, and whoever applies it goes on; a build does not say so, since it does not know it.
#[test]
fn an_environment_that_is_gone_is_said() {
    let place = committed("diff-gone");
    place.put("overlays/dev.toml", "# As it is.\n");
    assert_eq!(run(&place.0, "build --all -o out").status, 0);
    commit(&place, "second");
    fs::remove_file(place.at("overlays/dev.toml")).unwrap();
    for against in ["", " --against git:HEAD", " --against out"] {
        let found = run(&place.0, &format!("diff --all{against}"));
        assert_eq!((found.status, found.stderr.as_str()), (1, ""), "{against}: {}", found.stdout);
        for says in [
            "the build, without overlays/dev.toml, holds no objects: everything of out/dev",
            "Deployment shop-backend/api is removed",
            "\ndev: ",
            " objects removed; ",
            "prod: no differences",
        ] {
            assert!(found.stdout.contains(says), "{against}: no {says:?} in {}", found.stdout);
        }
    }
    assert_eq!(run(&place.0, "diff prod").status, 0);
    fs::remove_dir_all(place.at("out/dev")).unwrap();
    assert_eq!(run(&place.0, "diff --all").status, 0);
}

/// A build refuses to replace such a file: nobody should learn that from the next build.
#[test]
fn an_edit_that_means_the_same_is_a_difference_too() {
    let place = committed("diff-comment");
    let text = fs::read_to_string(place.at(DEPLOYMENT)).unwrap();
    for edited in [format!("{text}# a comment\n"), text.replace('\n', "\r\n")] {
        place.put(DEPLOYMENT, edited);
        let found = run(&place.0, "diff prod");
        assert_eq!(found.status, 1, "{}", found.stdout);
        assert!(
            found.stdout.starts_with(&format!("{DEPLOYMENT} was edited by hand, and means the same")),
            "{}",
            found.stdout
        );
        assert!(found.stdout.ends_with("\nprod: no object changed, 1 file not as built\n"), "{}", found.stdout);
        assert_eq!(run(&place.0, "build prod -o out").status, 2);
    }
    // An edit that changes an object is said there.
    place.put(DEPLOYMENT, text.replace("revisionHistoryLimit: 3", "revisionHistoryLimit: 4"));
    let found = run(&place.0, "diff prod");
    assert!(found.stdout.starts_with("edited by hand in out/prod\n"), "{}", found.stdout);
    assert!(!found.stdout.contains("means the same"), "{}", found.stdout);
}

/// No object is in a kustomization, but it says which are applied.
#[test]
fn an_edited_kustomization_is_a_difference() {
    let place = committed("diff-kustomization");
    let file = "out/prod/shop-backend/kustomization.yaml";
    let text = fs::read_to_string(place.at(file)).unwrap();
    let less: String = text.lines().filter(|line| !line.contains("deployment-api")).map(|l| format!("{l}\n")).collect();
    assert_ne!(less, text);
    place.put(file, less);
    let found = run(&place.0, "diff prod");
    assert_eq!(found.status, 1, "{}", found.stdout);
    assert!(found.stdout.contains(&format!("{file} was edited by hand: it says")), "{}", found.stdout);
    assert!(found.stdout.ends_with("\nprod: no object changed, 1 file not as built\n"), "{}", found.stdout);
    fs::remove_file(place.at(file)).unwrap();
    for (format, says) in [
        ("human", "no object changed, 1 file not as built\n"),
        ("markdown", "**prod: no object changed, 1 file not as built**"),
        ("json", "\"differs\":true"),
        ("github", "::warning title=prod%3A note::out/prod/shop-backend/kustomization.yaml is gone"),
    ] {
        let found = run(&place.0, &format!("diff prod --format {format}"));
        assert_eq!(found.status, 1, "{}", found.stdout);
        assert!(found.stdout.contains(says) && found.stdout.contains(" is gone: it says"), "{}", found.stdout);
    }
    place.put(file, text);
    assert_eq!(run(&place.0, "diff prod").status, 0);
    // It changes with the objects that it lists.
    edit(
        &place,
        "platform.toml",
        "[workloads.api]",
        "[workloads.other]\nnamespace = \"backend\"\nimage = \"a/b:1\"\n\n[workloads.api]",
    );
    let found = run(&place.0, "diff prod");
    assert!(found.status == 1 && !found.stdout.contains("kustomization"), "{}", found.stdout);
}

#[test]
fn all_environments_are_compared_each_with_its_own_tree() {
    let place = committed("diff-all-folder");
    place.put("overlays/dev.toml", "[workloads.api]\nreplicas = 3\n");
    assert_eq!(run(&place.0, "build --all -o elsewhere").status, 0);
    let found = run(&place.0, "diff --all --against elsewhere");
    assert_eq!((found.status, found.stderr.as_str()), (0, ""), "{}", found.stdout);
    assert!(found.stdout.contains("dev: no differences between elsewhere/dev and the build"), "{}", found.stdout);
    assert_eq!(run(&place.0, "diff dev --against elsewhere/prod").status, 1);
    // The folder that somebody stands in.
    let found = run(&place.at("elsewhere/prod"), "diff prod --spec ../../platform.toml --against .");
    assert_eq!(found.stdout, "prod: no differences between . and the build\n");
    edit(&place, "elsewhere/prod/shop-backend/api/deployment-api.yaml", "replicas: 1", "replicas: 2");
    let found = run(&place.at("elsewhere/prod"), "diff prod --spec ../../platform.toml --against . --format json");
    assert!(found.stdout.contains("\"file\":\"shop-backend/api/deployment-api.yaml\""), "{}", found.stdout);
}
