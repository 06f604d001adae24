//! `--manifests`: any two files, folders or streams.

use super::*;

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
        let both = |side: &&str| [format!("{side}/a.yaml"), format!("{side}/other/{file}")];
        let places: Vec<String> = sides.iter().flat_map(both).collect();
        let mut says: Vec<&str> = vec!["DPJ1001", "`ConfigMap ns/a` is there twice"];
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

/// Environments have most of their objects in common: output roots are compared tree by tree.
#[test]
fn trees_are_compared_with_those_of_their_name() {
    let place = Place::with_platform("diff-trees");
    place.put("overlays/dev.toml", "# As it is.\n");
    assert_eq!(run(&place.0, "build --all -o old").status, 0);
    edit(&place, "platform.toml", "shop/api:", "shop/api-of-tomorrow:");
    assert_eq!(run(&place.0, "build --all -o new").status, 0);
    let found = run(&place.0, "diff --manifests old new");
    assert_eq!((found.status, found.stderr.as_str()), (1, ""), "{}", found.stdout);
    for says in ["\ndev:\n", "\nprod:\n", "dev: 1 object changed; ", "prod: 1 object changed; "] {
        assert!(format!("\n{}", found.stdout).contains(says), "no {says:?} in {}", found.stdout);
    }
    assert_eq!(run(&place.0, "diff --manifests old old").stdout.lines().filter(|line| !line.is_empty()).count(), 2);
    // A tree that one side lacks, and what is in no tree.
    fs::remove_dir_all(place.at("new/dev")).unwrap();
    place.put("old/prod/mine.yaml", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: mine, namespace: x}\n");
    for (side, value) in [("old", 1), ("new", 2)] {
        let mine = format!(
            "apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: loose, namespace: x}}\ndata: {{a: '{value}'}}\n"
        );
        place.put(&format!("{side}/more/mine.yaml"), mine);
    }
    let found = run(&place.0, "diff --manifests old new --format json");
    let reports: serde_json::Value = serde_json::from_str(&found.stdout).unwrap();
    let summary = |report: &serde_json::Value| {
        let of = |key: &str| report[key].as_str().unwrap_or("-").to_owned();
        let objects: Vec<String> = report["objects"]
            .as_array()
            .unwrap()
            .iter()
            .filter(|object| object["kind"] == "ConfigMap")
            .map(|object| format!("{} {}", object["name"].as_str().unwrap(), object["change"].as_str().unwrap()))
            .collect();
        format!("{} {} {}: {}", of("environment"), of("old"), of("new"), objects.join(", "))
    };
    let found: Vec<String> = reports["reports"].as_array().unwrap().iter().map(summary).collect();
    assert_eq!(
        found,
        [
            "dev old/dev new/dev: ",
            "prod old/prod new/prod: mine removed",
            "- old beside its trees new beside its trees: loose changed"
        ],
        "{reports:#}"
    );
    // Of a tree that is not there nothing is unknown.
    let gone = &reports["reports"][0];
    assert_eq!(
        gone["summary"], "dev: 5 objects removed; data-at-risk 1, exposure-wider 2, availability-lower 1, in-place 1",
        "{gone:#}"
    );
    // An object that is there twice is one of its tree, also where one of the two files did not change.
    let twice =
        |value: u32| format!("apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: twice\ndata:\n  a: \"{value}\"\n");
    for (side, value) in [("old", 1), ("new", 2)] {
        place.put(&format!("{side}/prod/one.yaml"), twice(value));
        place.put(&format!("{side}/prod/two.yaml"), twice(3));
    }
    let says = ["`ConfigMap twice` is there twice", "old/prod/one.yaml", "old/prod/two.yaml", "new/prod/two.yaml"];
    refused(&place, "diff --manifests old new", &says);
    for file in ["one.yaml", "two.yaml"] {
        fs::remove_file(place.at(&format!("old/prod/{file}"))).unwrap();
    }
    // Beside one that is no root of trees they are one set of objects.
    fs::remove_dir_all(place.at("old/more")).unwrap();
    place.put("plain/mine.yaml", fs::read(place.at("old/prod/mine.yaml")).unwrap());
    refused(&place, "diff --manifests plain old", &["is there twice", "compare one at a time", "`old/prod`"]);
    fs::remove_dir_all(place.at("old/dev")).unwrap();
    let found = run(&place.0, "diff --manifests plain old");
    assert!(!found.stdout.contains("prod:") && found.stdout.contains(" objects added"), "{}", found.stdout);
}

/// What says which trees belong together is their name, or that there is no other.
#[test]
fn an_environment_under_another_name_is_compared() {
    let place = Place::with_platform("diff-trees-renamed");
    place.put("overlays/dev.toml", "# As it is.\n");
    assert_eq!(run(&place.0, "build --all -o old").status, 0);
    assert_eq!(run(&place.0, "build --all -o new").status, 0);
    fs::rename(place.at("new/prod"), place.at("new/production")).unwrap();
    let found = run(&place.0, "diff --manifests old new");
    assert_eq!((found.status, found.stderr.as_str()), (0, ""), "{}", found.stdout);
    assert!(
        found.stdout.contains("prod → production: no differences between old/prod and new/production\n"),
        "{}",
        found.stdout
    );
    // Of several that are left over nobody knows which is which.
    fs::rename(place.at("new/dev"), place.at("new/test")).unwrap();
    let found = run(&place.0, "diff --manifests old new");
    assert_eq!(found.status, 1, "{}", found.stdout);
    for says in
        ["dev: 5 objects removed", "prod: 5 objects removed", "production: 5 objects added", "test: 5 objects added"]
    {
        assert!(found.stdout.contains(says), "no {says:?} in {}", found.stdout);
    }
}
