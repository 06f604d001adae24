//! `dpjgen diff` as people and CI use it: snapshots on the disk and in git, causes, formats, bad input, exit status; and
//! the examples of docs/DIFF.md, which are what it prints.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]
#![allow(clippy::disallowed_methods, missing_docs)]
#![allow(clippy::format_push_string, clippy::format_collect, clippy::case_sensitive_file_extension_comparisons)]
#![cfg(unix)]

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

#[test]
fn manifests_of_anybody_are_compared() {
    let place = Place::new("diff-manifests");
    let object = |replicas: u32| {
        format!(
            "apiVersion: apps/v1\nkind: Deployment\nmetadata: {{ name: web, namespace: shop }}\nspec: {{ replicas: {replicas} }}\n"
        )
    };
    let unknown = |size: u32| {
        format!("---\napiVersion: example.com/v1\nkind: Widget\nmetadata: {{ name: w }}\nspec: {{ size: {size} }}\n")
    };
    place.put("old.yaml", object(1) + &unknown(1));
    place.put("a/b/new.yaml", object(2));
    place.put("a/w.json", "{\"apiVersion\": \"example.com/v1\", \"kind\": \"Widget\", \"metadata\": {\"name\": \"w\"}, \"spec\": {\"size\": 2}}");
    place.put("c/b/new.yaml", object(1));
    let found = run(&place.0, "diff --manifests old.yaml a");
    assert_eq!((found.status, found.stderr.as_str()), (1, ""));
    assert!(
        found.stdout.contains("Widget.example.com w\n") && found.stdout.contains("spec.size  1 → 2"),
        "{}",
        found.stdout
    );
    assert!(found.stdout.starts_with("  "), "no cause is known, and none is named: {}", found.stdout);
    assert!(found.stdout.contains("2 objects changed"), "{}", found.stdout);
    let folders = run(&place.0, "diff --manifests a c");
    assert!(folders.stdout.contains("1 object changed, 1 removed"), "{}", folders.stdout);
    let mut child = command(&place.0)
        .args(["diff", "--manifests", "-", "old.yaml"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all((object(1) + &unknown(1)).as_bytes()).unwrap();
    let same = finished(&child.wait_with_output().unwrap());
    assert_eq!((same.status, &*same.stdout), (0, "no differences between standard input and old.yaml\n"));
    refused(&place, "diff --manifests - -", &["both sides are standard input"]);
    refused(&place, "diff --manifests old.yaml none", &["none", "it does not exist"]);
    place.put("twice.yaml", object(3) + "---\n" + &object(4));
    refused(&place, "diff --manifests old.yaml twice.yaml", &["DPJ1001", "twice.yaml"]);
    place.put("broken.yaml", "a: [b\nc: d\n");
    refused(&place, "diff --manifests old.yaml broken.yaml", &["broken.yaml:"]);
    place.put("merge.yaml", format!("<<<<<<< ours\n{}=======\n{}>>>>>>> theirs\n", object(1), object(2)));
    refused(&place, "diff --manifests old.yaml merge.yaml", &["merge.yaml:1", "conflict"]);
}

/// What is not there reads as if everything had come or gone.
#[test]
fn a_side_without_objects_is_said() {
    let place = Place::new("diff-empty");
    place.put("a.yaml", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a, namespace: b}\n");
    place.put("none.yaml", "# nothing yet\n---\n");
    place.put("folder/notes.txt", "");
    for stream in ["- a.yaml", "a.yaml -", "- none.yaml"] {
        refused(&place, &format!("diff --manifests {stream}"), &["DPJ0724", "standard input holds no objects"]);
    }
    for (sides, status, says) in [
        ("none.yaml a.yaml", 1, "none.yaml holds no objects: everything of a.yaml counts as new"),
        ("a.yaml folder", 1, "folder holds no objects: everything of a.yaml counts as gone"),
        ("folder none.yaml", 0, "neither folder nor none.yaml holds any object"),
    ] {
        for format in ["human", "markdown", "json", "github"] {
            let found = run(&place.0, &format!("diff --manifests {sides} --format {format}"));
            assert_eq!((found.status, found.stderr.as_str()), (status, ""), "{sides}");
            assert!(found.stdout.contains(says), "{sides}, {format}: {}", found.stdout);
        }
    }
    let same = run(&place.0, "diff --manifests a.yaml a.yaml");
    assert_eq!(same.stdout, "no differences between a.yaml and a.yaml\n");
}

/// Files that are the same on both sides are not read further, unless they may hold a changed object as well.
#[test]
fn an_object_that_is_there_twice_is_found_in_files_that_did_not_change() {
    let place = Place::new("diff-twins");
    let object = |name: &str, value: u32| {
        format!(
            "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: {name}\n  namespace: ns\ndata:\n  a: \"{value}\"\n"
        )
    };
    let flow =
        "{\"apiVersion\": \"v1\", \"kind\": \"ConfigMap\", \"metadata\": {\"name\": \"a\", \"namespace\": \"ns\"}}";
    let alias = "x: &n a\napiVersion: v1\nkind: ConfigMap\nmetadata: {namespace: ns, name: *n}\n".to_owned();
    let same = [
        ("block.yaml", object("a", 9)),
        ("stream.yaml", object("z", 9) + "---\n" + &object("a", 9)),
        ("list.yaml", format!("apiVersion: v1\nkind: List\nmetadata: {{}}\nitems: [{flow}]\n")),
        ("json.json", flow.to_owned()),
        ("alias.yaml", alias),
    ];
    let fates = [(Some(1), Some(2)), (None, Some(2)), (Some(1), None)];
    for ((file, text), (old, new)) in same.iter().flat_map(|same| fates.iter().map(move |fate| (same, fate))) {
        for (side, value) in [("old", old), ("new", new)] {
            let _ = fs::remove_dir_all(place.at(side));
            place.put(&format!("{side}/other/{file}"), text);
            value.map(|value| place.put(&format!("{side}/a.yaml"), object("a", value)));
        }
        let sides: Vec<&str> =
            [("old", old), ("new", new)].iter().filter(|(_, v)| v.is_some()).map(|(s, _)| *s).collect();
        let places: Vec<String> = sides.iter().map(|side| format!("{side}/a.yaml")).collect();
        let mut says: Vec<&str> = vec!["DPJ1001", "`ConfigMap ns/a` is there twice", file];
        says.extend(places.iter().map(String::as_str));
        refused(&place, "diff --manifests old new", &says);
    }
    // Of the same name, and another object.
    for (side, value) in [("old", 1), ("new", 2)] {
        let _ = fs::remove_dir_all(place.at(side));
        place.put(&format!("{side}/a.yaml"), object("a", value));
        place.put(&format!("{side}/b.yaml"), object("a", 1).replace("namespace: ns", "namespace: m"));
        place.put(&format!("{side}/c.yaml"), object("a", 1).replace("ConfigMap", "Secret") + "---\n" + &object("b", 1));
    }
    let found = run(&place.0, "diff --manifests old new");
    assert_eq!((found.status, found.stderr.as_str()), (1, ""), "{}", found.stdout);
}

#[test]
fn a_snapshot_that_cannot_be_used_is_said_and_left_alone() {
    let place = Place::with_platform("diff-bad");
    refused(&place, "diff prod", &["there is no snapshot of `prod`", "out/prod", "`dpjgen build prod -o out`"]);
    refused(&place, "diff prod --against nowhere", &["there is no folder of manifests", "nowhere"]);
    refused(&place, "diff test", &["test"]);
    assert_eq!(run(&place.0, "build prod -o out").status, 0);
    let list = fs::read_to_string(place.at("out/prod/.dpjgen")).unwrap();
    place.put("out/prod/.dpjgen", format!("<<<<<<< ours\n{list}=======\n>>>>>>> theirs\n"));
    refused(&place, "diff prod", &["out/prod/.dpjgen", "unresolved merge conflict"]);
    place.put("out/prod/.dpjgen", &list);
    let deployment = fs::read_to_string(place.at(DEPLOYMENT)).unwrap();
    place.put(DEPLOYMENT, format!("<<<<<<< ours\n{deployment}=======\n>>>>>>> theirs\n"));
    refused(&place, "diff prod", &["deployment-api.yaml:1", "conflict"]);
    place.put(DEPLOYMENT, "kind: [");
    refused(&place, "diff prod", &["deployment-api.yaml:"]);
    fs::remove_file(place.at(DEPLOYMENT)).unwrap();
    fs::create_dir(place.at(DEPLOYMENT)).unwrap();
    refused(&place, "diff prod", &["deployment-api.yaml", "it is a directory"]);
    fs::remove_dir(place.at(DEPLOYMENT)).unwrap();
    place.put(DEPLOYMENT, deployment);
    // A mistake in the spec is the spec's.
    edit(&place, "platform.toml", "image     =", "imag      =");
    refused(&place, "diff prod", &["unknown key `imag`", "nothing was compared"]);
}

/// Somebody reads the output slowly, in a pager: a build need not wait for that.
#[test]
fn a_reader_of_the_output_keeps_nobody_from_building() {
    let place = Place::with_platform("diff-pager");
    let object =
        |number| format!("---\napiVersion: v1\nkind: ConfigMap\nmetadata: {{name: m{number}, namespace: x}}\n");
    place.put("out/prod/many.yaml", (0..2000).map(object).collect::<String>());
    let mut command = command(&place.0);
    command.args(["diff", "prod", "--format", "json"]).stdout(Stdio::piped()).stderr(Stdio::null());
    let mut reading = command.spawn().unwrap();
    let mut output = reading.stdout.take().unwrap();
    std::io::Read::read_exact(&mut output, &mut [0]).unwrap();
    // More than the pipe holds is still to come.
    assert_eq!(reading.try_wait().unwrap(), None);
    let built = run(&place.0, "build prod -o out");
    assert_eq!(reading.try_wait().unwrap(), None);
    let _ = std::io::copy(&mut output, &mut std::io::sink());
    assert_eq!(reading.wait().unwrap().code(), Some(1));
    assert_eq!(built.status, 0, "{}", built.stderr);
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
    assert!(found.stdout.ends_with("\nprod: no object changed, 1 kustomization not as built\n"), "{}", found.stdout);
    fs::remove_file(place.at(file)).unwrap();
    for (format, says) in [
        ("human", "no object changed, 1 kustomization not as built\n"),
        ("markdown", "**prod: no object changed, 1 kustomization not as built**"),
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

#[test]
fn a_tree_that_is_half_done_is_not_compared() {
    let place = committed("diff-half-done");
    place.put("out/.dpjgen-stage/journal", "dpjgen journal 99\n");
    refused(&place, "diff prod", &["DPJ0712"]);
    refused(&place, "diff prod --against out/prod", &["DPJ0712"]);
    place.put("new.yaml", "");
    for side in ["out", "out/prod", "out/prod/shop-backend", DEPLOYMENT] {
        refused(&place, &format!("diff --manifests {side} new.yaml"), &["DPJ0712", "`out` is at work"]);
    }
    place.put("elsewhere/new.yaml", "");
    refused(&place, "diff --manifests . elsewhere", &["--> out\n", "are part old, part new"]);
    assert_eq!(run(&place.0, "diff prod --against git:HEAD").status, 0, "what is committed is whole");
}

/// A side of `--manifests` that is dpjgen's own is not read while a run writes to it.
#[test]
fn manifests_of_a_run_at_work_are_waited_for() {
    let place = committed("diff-at-work");
    for (side, other) in [("out", "out/prod"), ("out/prod", DEPLOYMENT)] {
        let lock = RealDisk.try_lock(&place.at("out"), Sharing::Exclusive).unwrap().expect("nobody else's");
        let mut reading =
            command(&place.0).args(["diff", "--manifests", side, other]).stdout(Stdio::null()).spawn().unwrap();
        std::thread::sleep(std::time::Duration::from_millis(300));
        assert_eq!(reading.try_wait().unwrap(), None, "{side}");
        drop(lock);
        assert!(matches!(reading.wait().unwrap().code(), Some(0 | 1)), "{side}");
    }
}

#[test]
fn a_revision_that_cannot_be_read_is_said() {
    let place = committed("diff-revisions");
    refused(
        &place,
        "diff prod --against git:none",
        &["cannot read the revision `none`", "does not have this revision"],
    );
    refused(&place, "diff prod --against git:--all", &["no name of a revision"]);
    refused(&place, "diff prod --against git:", &["no name of a revision"]);
    let without = finished(
        &dpjgen(&place.0).args(["diff", "prod", "--against", "git:HEAD"]).env("PATH", "/nowhere").output().unwrap(),
    );
    assert!(without.status == 2 && without.stderr.contains("there is no `git` program"), "{}", without.stderr);
    // Before the first build.
    fs::remove_dir_all(place.at("out")).unwrap();
    commit(&place, "without a snapshot");
    refused(&place, "diff prod --against git:HEAD", &["the revision `HEAD` has no snapshot of `prod`", "out/prod"]);
    // The end of a history.
    let clone = Place::new("diff-shallow");
    let from = format!("file://{}", place.0.display());
    git(&clone.0, &["clone", "--quiet", "--depth", "1", &from, "."]);
    refused(&clone, "diff prod --against git:HEAD~1", &["the end of its history", "fetch-depth: 0"]);
    let bare = Place::with_platform("diff-no-repository");
    let found = finished(
        &command(&bare.0)
            .args(["diff", "prod", "--against", "git:HEAD"])
            .env("GIT_CEILING_DIRECTORIES", bare.0.parent().unwrap())
            .output()
            .unwrap(),
    );
    assert_eq!((found.status, found.stdout.as_str()), (2, ""), "{}", found.stderr);
    assert!(found.stderr.contains("the platform is in no git repository"), "{}", found.stderr);
}

#[test]
fn links_and_big_repositories_are_read_as_a_checkout_would_be() {
    let place = Place::new("diff-links");
    place.put("real/platform.toml", PLATFORM);
    place.put("real/overlays/prod.toml", "# as in platform.toml\n");
    place.put("unrelated/file with\nnewline", "x");
    std::os::unix::fs::symlink("platform.toml", place.at("real/spec.toml")).unwrap();
    assert_eq!(run(&place.0, "build prod --spec real/spec.toml -o real/out").status, 0);
    git(&place.0, &["init", "--quiet"]);
    commit(&place, "first");
    edit(&place, "real/platform.toml", "shop/api:1.0.0", "shop/api:2.0.0");
    let found = run(&place.0, "diff prod --spec real/spec.toml --against git:HEAD");
    assert_eq!((found.status, found.stderr.as_str()), (1, ""));
    assert!(found.stdout.starts_with("spec.toml:12 workloads.api.image  "), "{}", found.stdout);
}

#[test]
fn a_folder_of_overlays_may_be_a_link_in_a_revision_too() {
    let place = Place::new("diff-linked-overlays");
    place.put("platform.toml", PLATFORM);
    place.put("real/prod.toml", "[workloads.api]\nreplicas = 2\n");
    std::os::unix::fs::symlink("real", place.at("overlays")).unwrap();
    assert_eq!(run(&place.0, "build prod -o out").status, 0);
    git(&place.0, &["init", "--quiet"]);
    commit(&place, "first");
    edit(&place, "real/prod.toml", "replicas = 2", "replicas = 5");
    let found = run(&place.0, "diff prod --against git:HEAD");
    assert_eq!((found.status, found.stderr.as_str()), (1, ""));
    assert!(found.stdout.starts_with("overlays/prod.toml:2 workloads.api.replicas  2 → 5\n"), "{}", found.stdout);
}

/// A snapshot may be somebody else's, in a pull request: it does not choose what is read and shown.
#[test]
fn a_link_out_of_a_snapshot_is_not_followed() {
    let place = committed("diff-outside");
    place.put("private/token.yaml", "token: hunter2xyz\n");
    let link = |target: &str, at: &str| {
        let _ = fs::remove_file(place.at(at));
        std::os::unix::fs::symlink(place.at(target), place.at(at)).unwrap();
    };
    let says = ["is a symbolic link that leads out of the folder"];
    link("private/token.yaml", DEPLOYMENT);
    refused(&place, "diff prod", &says);
    refused(&place, "diff prod --against out/prod", &says);
    fs::create_dir(place.at("free")).unwrap();
    fs::create_dir(place.at("other")).unwrap();
    link("private/token.yaml", "free/x.yaml");
    refused(&place, "diff prod --against free", &says);
    refused(&place, "diff --manifests free other", &says);
    refused(&place, "diff --manifests other free", &says);
    place.put("other/x.yaml", "");
    refused(&place, "diff --manifests free other", &says);
    // Within the folder it is.
    place.put("free/y.yml.txt", "");
    link("free/y.yml.txt", "free/x.yaml");
    assert_eq!(run(&place.0, "diff --manifests free other").status, 0);
}

/// What docs/DIFF.md shows: name, file, and what is changed in it.
const EXAMPLES: &[(&str, &str, &str, &str)] = &[
    ("replicas", "overlays/prod.toml", "# Production is", "[workloads.client-app]\nreplicas = 5\n\n# Production is"),
    ("image", "platform.toml", "dpj/dossier-service:1.0.0", "dpj/dossier-service:1.1.0"),
    ("storage", "platform.toml", "size = \"100Gi\", class", "size = \"80Gi\", class"),
];

/// A file beside a folder: the folder is read as it is beside another one.
#[test]
fn a_link_out_of_a_folder_is_not_followed_beside_a_file() {
    let place = Place::new("diff-mixed-links");
    let object = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a, namespace: b}\n";
    place.put("outside/secret.yaml", object);
    place.put("one.yaml", object);
    place.put("folder/b.yaml", object.replace("name: a", "name: c"));
    std::os::unix::fs::symlink("../outside", place.at("folder/linked")).unwrap();
    let found = run(&place.0, "diff --manifests one.yaml folder");
    assert_eq!(found.status, 1, "{}", found.stderr);
    assert!(found.stdout.contains("ConfigMap b/a is removed"), "a linked folder is not read: {}", found.stdout);
    std::os::unix::fs::symlink("../outside/secret.yaml", place.at("folder/secret.yaml")).unwrap();
    refused(&place, "diff --manifests one.yaml folder", &["folder/secret.yaml", "leads out of the folder"]);
}

#[test]
fn the_examples_of_the_documents_are_what_is_printed() {
    let place = Place::new("diff-examples");
    place.put("platform.toml", fs::read(root().join("platform.toml")).unwrap());
    // Not all of the checkout: other tests make and remove folders below `target/` meanwhile.
    let folders = ["overlays", "templates", "schemas", "manifests"].map(|folder| root().join(folder));
    for folder in folders.iter().filter(|folder| folder.is_dir()) {
        for path in support::files(folder) {
            let from = folder.join(path);
            place.put(from.strip_prefix(root()).unwrap().to_str().unwrap(), fs::read(&from).unwrap());
        }
    }
    assert_eq!(run(&place.0, "build --all -o out").status, 0);
    git(&place.0, &["init", "--quiet"]);
    commit(&place, "first");
    let mut wrong = String::new();
    for (name, file, from, to) in EXAMPLES {
        git(&place.0, &["checkout", "--quiet", "."]);
        edit(&place, file, from, to);
        for (format, ending) in [("human", "txt"), ("markdown", "md")] {
            let found = run(&place.0, &format!("diff --all --against git:HEAD --format {format}"));
            assert_eq!((found.status, found.stderr.as_str()), (1, ""), "{name}");
            let golden = root().join(format!("docs/diff/{name}.{ending}"));
            if blessing() {
                fs::create_dir_all(golden.parent().unwrap()).unwrap();
                fs::write(&golden, &found.stdout).unwrap();
            }
            let expected = fs::read_to_string(&golden).unwrap_or_default();
            wrong += &unified(&expected, &found.stdout, (&format!("docs/diff/{name}.{ending}"), "printed"));
        }
    }
    assert!(wrong.is_empty(), "DPJGEN_BLESS=1 cargo test --test diff writes the examples anew:\n{wrong}");
}

/// The fenced blocks of a language.
fn blocks(text: &str, language: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut lines = text.lines();
    while let Some(line) = lines.next() {
        let indent = line.len() - line.trim_start().len();
        if line.trim_start() == format!("```{language}") {
            let block = lines.by_ref().take_while(|line| line.trim() != "```");
            found.push(block.map(|line| format!("{}\n", line.get(indent..).unwrap_or(""))).collect());
        }
    }
    found
}

/// All texts of a YAML tree below a key.
fn texts(yaml: &yaml_rust2::Yaml, key: &str, wanted: bool, found: &mut Vec<String>) {
    match yaml {
        yaml_rust2::Yaml::Hash(map) => {
            map.iter().for_each(|(name, value)| texts(value, key, name.as_str() == Some(key), found));
        }
        yaml_rust2::Yaml::Array(items) => items.iter().for_each(|item| texts(item, key, wanted, found)),
        yaml_rust2::Yaml::String(text) if wanted => found.push(text.clone()),
        _ => {}
    }
}

#[test]
fn the_jobs_of_the_documents_are_yaml_and_their_scripts_are_scripts() {
    let read = |path: &str| fs::read_to_string(root().join(path)).unwrap();
    let parse =
        |text: &str| yaml_rust2::YamlLoader::load_from_str(text).unwrap_or_else(|error| panic!("{error}: {text}"));
    let jobs: Vec<_> = blocks(&read("docs/CI.md"), "yaml").iter().map(|text| parse(text).remove(0)).collect();
    assert_eq!(jobs.len(), 3);
    assert_eq!(jobs[0]["dpjgen"]["stage"].as_str(), Some("check"));
    assert!(jobs[1]["jobs"]["dpjgen"]["steps"].as_vec().unwrap().len() > 3);
    assert_eq!(jobs[2]["repos"][0]["hooks"][0]["id"].as_str(), Some("dpjgen-diff"));
    let hooks = parse(&read(".pre-commit-hooks.yaml")).remove(0);
    assert_eq!(hooks[0]["id"].as_str(), Some("dpjgen-diff"));
    assert_eq!(blocks(&read("docs/ADOPTION.md"), "yaml").iter().map(|text| parse(text).len()).sum::<usize>(), 1);
    let mut scripts = Vec::new();
    texts(&jobs[0], "script", false, &mut scripts);
    texts(&jobs[1], "run", false, &mut scripts);
    for document in ["docs/CI.md", "docs/ADOPTION.md", "docs/DIFF.md"] {
        scripts.extend(blocks(&read(document), "sh"));
    }
    let mut commands = 0;
    let place = Place::with_platform("diff-documents");
    for script in &scripts {
        let mut shell = Command::new("sh").args(["-n", "-s"]).stdin(Stdio::piped()).spawn().unwrap();
        shell.stdin.take().unwrap().write_all(script.as_bytes()).unwrap();
        assert!(shell.wait().unwrap().success(), "{script}");
        // What they call exists: no run rejects its arguments.
        for part in script.split(['\n', '|', ';', '&']).map(str::trim).filter_map(|part| part.strip_prefix("dpjgen ")) {
            let args = part
                .split(['<', '>', '#'])
                .next()
                .unwrap()
                .replace("\"git:$BASE\"", "git:HEAD")
                .replace("\"git:$base\"", "git:HEAD")
                .replace("\"$FAIL_ON\"", "any");
            let run = run(&place.0, &args);
            assert!(!run.stderr.contains("Usage:"), "dpjgen {args}: {}", run.stderr);
            commands += 1;
        }
    }
    assert!(scripts.len() > 8 && commands > 8, "{} scripts, {commands} commands", scripts.len());
}
