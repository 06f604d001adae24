//! `dpjgen schemas import`, by its effects on a folder.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]
#![allow(clippy::disallowed_methods, clippy::print_stdout, missing_docs)]
#![cfg(unix)]

#[path = "support/crds.rs"]
mod crds;
mod support;

use dpjgen::files::DiskFiles;
use dpjgen::schema::crd::Store;
use serde_json::Value;
use std::fs;
use std::io::Write;
use std::process::Stdio;
use support::{Place, Run, dpjgen, finished, run, snapshot};

fn crd(group: &str, plural: &str, kind: &str, field: &str) -> String {
    format!(
        "apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nmetadata: {{name: {plural}.{group}}}\nspec:\n  \
         group: {group}\n  scope: Namespaced\n  names: {{plural: {plural}, kind: {kind}}}\n  versions:\n  - name: v1\n    \
         served: true\n    storage: true\n    schema:\n      openAPIV3Schema:\n        type: object\n        \
         description: x\n        properties: {{spec: {{type: object, properties: {{{field}: {{type: string}}}}}}}}\n"
    )
}

fn piped(place: &Place, args: &str, input: &[u8]) -> Run {
    let mut command = dpjgen(&place.0);
    command.args(args.split_whitespace()).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    child.stdin.take().unwrap().write_all(input).unwrap();
    finished(&child.wait_with_output().unwrap())
}

#[track_caller]
fn fails(place: &Place, args: &str, expected: &[&str]) {
    let before = snapshot(&place.0);
    let run = run(&place.0, args);
    assert_eq!((run.status, run.stdout.as_str()), (2, ""), "{}", run.stderr);
    for expected in expected {
        assert!(run.stderr.contains(expected), "no `{expected}` in\n{}", run.stderr);
    }
    assert_eq!(snapshot(&place.0), before, "the failed run changed something");
}

#[test]
fn importing_again_replaces_and_removes_nothing_silently() {
    let place = Place::with_platform("schemas-again");
    place.put("in/a.yaml", crd("a.io", "foos", "Foo", "one"));
    place.put(
        "in/deep/b.yml",
        format!("---\n{}---\nkind: ConfigMap\napiVersion: v1\n", crd("b.io", "bars", "Bar", "one")),
    );
    place.put("in/readme.txt", "no YAML: [");
    let first = run(&place.0, "schemas import in");
    assert_eq!(
        first.stderr,
        "schemas: 2 CRDs imported, 2 written, 0 unchanged\npassed over, being no CRDs: 1 ConfigMap\n",
    );
    assert_eq!((first.status, first.stdout.as_str()), (0, ""));
    let stored = fs::read_to_string(place.at("schemas/a.io/foos.json")).unwrap();
    assert!(stored.contains("\"one\"") && !stored.contains("description"), "{stored}");

    let before = snapshot(&place.at("schemas"));
    assert_eq!(
        run(&place.0, "schemas import in").stderr.lines().next(),
        Some("schemas: 2 CRDs imported, 0 written, 2 unchanged")
    );
    assert_eq!(snapshot(&place.at("schemas")), before, "nothing changed, and something was touched");

    let changed = piped(&place, "schemas import -", crd("a.io", "foos", "Foo", "two").as_bytes());
    assert_eq!(
        changed.stderr,
        "schemas: 1 CRD imported, 1 written, 0 unchanged\n\
         stored before, not in this import, left as before: bars.b.io; `--prune` removes it\n"
    );
    assert!(fs::read_to_string(place.at("schemas/a.io/foos.json")).unwrap().contains("\"two\""));
    assert!(place.at("schemas/b.io/bars.json").exists());

    // What somebody edited is not replaced, and not kept as if it had been imported.
    let original = fs::read(place.at("schemas/b.io/bars.json")).unwrap();
    place.put("schemas/b.io/bars.json", "{}");
    fails(&place, "schemas import in/a.yaml", &["DPJ0702", "schemas/b.io/bars.json", "edited by hand"]);
    fails(&place, "schemas import in", &["DPJ0702", "schemas/b.io/bars.json", "edited by hand"]);
    place.put("schemas/b.io/bars.json", original);

    let pruned = run(&place.0, "schemas import --prune in/a.yaml");
    assert!(
        pruned.stderr.contains("1 removed\nstored before, not in this import, removed: bars.b.io"),
        "{}",
        pruned.stderr
    );
    assert!(!place.at("schemas/b.io").exists());
    let (store, faults) = Store::load(&DiskFiles::new(&place.0));
    assert!(faults.is_empty() && store.iter().count() == 1 && store.find("a.io", "Foo", "v1").is_some());
}

#[test]
fn lists_in_yaml_and_json_are_the_same() {
    let documents: Vec<Value> = [crd("a.io", "foos", "Foo", "one"), crd("b.io", "bars", "Bar", "one")]
        .iter()
        .map(|text| serde_yaml::from_str(text).unwrap())
        .collect();
    let list = serde_json::json!({"apiVersion": "v1", "kind": "List", "items": documents});
    let mut stored = Vec::new();
    for (name, text) in [
        ("json", list.to_string().into_bytes()),
        ("yaml", serde_yaml::to_string(&list).unwrap().into_bytes()),
        ("mark", [b"\xef\xbb\xbf", list.to_string().as_bytes()].concat()),
    ] {
        let place = Place::with_platform(&format!("schemas-list-{name}"));
        let run = piped(&place, "schemas import -", &text);
        assert_eq!(run.stderr, "schemas: 2 CRDs imported, 2 written, 0 unchanged\n");
        let tree = place.at("schemas");
        let files: Vec<_> =
            support::files(&tree).into_iter().map(|file| (fs::read(tree.join(&file)).unwrap(), file)).collect();
        stored.push(files);
    }
    assert_eq!(stored[0].len(), 3);
    assert!(stored.windows(2).all(|two| two[0] == two[1]));
}

#[test]
fn bad_input_changes_nothing() {
    let place = Place::with_platform("schemas-bad");
    let good = crd("a.io", "foos", "Foo", "one");
    place.put("good.yaml", &good);
    place.put("other.yaml", crd("a.io", "foos", "Foo", "two"));
    place.put("binary.yaml", b"\x1f\x8b\x08\0\0");
    place.put("latin.yaml", b"a: \xe9\n");
    place.put("syntax.yaml", format!("{good}\n---\na: [1\nb: 2\n"));
    place.put("syntax.json", "{\"a\": 1,\n \"b\" 2}");
    place.put("twice.yaml", "kind: A\nkind: B\n");
    place.put("config.yaml", "apiVersion: v1\nkind: ConfigMap\n");
    place.put("empty.yaml", "");
    place.put("old.yaml", good.replace("k8s.io/v1\n", "k8s.io/v1beta1\n"));
    place.put("no-schema.yaml", good.split("    schema:").next().unwrap());
    place.put("name.yaml", good.replace("name: foos.a.io", "name: foo.a.io"));
    place.put(
        "pattern.yaml",
        crd("p.io", "foos", "Foo", "one").replace("{type: string}", "{type: string, pattern: '('}"),
    );
    place.put("folder/x.txt", "");
    let cases: [(&str, &[&str]); 16] = [
        ("missing.yaml", &["error[DPJ0801]: cannot read `missing.yaml`: it does not exist"]),
        ("/dev/zero", &["DPJ0801", "a device"]),
        ("binary.yaml", &["DPJ0802", "binary file"]),
        ("latin.yaml", &["DPJ0802", "not UTF-8"]),
        ("syntax.yaml", &["DPJ0803", "--> syntax.yaml:20:2"]),
        ("syntax.json", &["DPJ0803", "--> syntax.json:2:6"]),
        ("twice.yaml", &["DPJ0803", "`kind` stands twice"]),
        ("config.yaml", &["DPJ0804", "only 1 ConfigMap"]),
        ("empty.yaml", &["DPJ0804", "no documents"]),
        ("folder", &["DPJ0804", "no documents"]),
        ("old.yaml", &["DPJ0805", "v1beta1", "convert it"]),
        ("no-schema.yaml", &["DPJ0806", "no schema for its version `v1`"]),
        ("name.yaml", &["DPJ0806", "has to be called `foos.a.io`"]),
        ("pattern.yaml", &["DPJ0806", "cannot be compiled"]),
        ("good.yaml other.yaml", &["DPJ0807", "good.yaml", "other.yaml"]),
        ("good.yaml --spec elsewhere", &["DPJ0801", "--spec"]),
    ];
    for (args, expected) in cases {
        fails(&place, &format!("schemas import {args}"), expected);
        // A good file beside a bad one is not stored either.
        fails(
            &place,
            &format!("schemas import good.yaml {args}"),
            if expected[0] == "DPJ0804" { continue } else { expected },
        );
    }
    place.put("schemas", "a file");
    fails(&place, "schemas import good.yaml", &["DPJ0808", "schemas"]);
    fs::remove_file(place.at("schemas")).unwrap();
    std::os::unix::fs::symlink("folder", place.at("schemas")).unwrap();
    fails(&place, "schemas import good.yaml", &["DPJ0702", "symbolic link"]);
    assert_eq!(run(&place.0, "schemas import").status, 2);
}

#[test]
fn a_huge_file_is_not_read() {
    let place = Place::with_platform("schemas-huge");
    fs::File::create(place.at("huge.yaml")).unwrap().set_len(300 << 20).unwrap();
    let run = run(&place.0, "schemas import huge.yaml");
    assert!(
        run.status == 2 && run.stderr.contains("DPJ0801") && run.stderr.contains("larger than 256 MiB"),
        "{}",
        run.stderr
    );
    assert!(!place.at("schemas").exists());
}

#[test]
fn a_stored_file_that_is_damaged_is_said() {
    let place = Place::with_platform("schemas-damaged");
    place.put("good.yaml", crd("a.io", "foos", "Foo", "one"));
    assert_eq!(run(&place.0, "schemas import good.yaml").status, 0);
    for (bytes, expected) in [("{", "EOF"), ("{\"dpjgen\": 2}", "format 2")] {
        place.put("schemas/a.io/foos.json", bytes);
        let (store, faults) = Store::load(&DiskFiles::new(&place.0));
        assert!(store.is_empty() && faults.len() == 1 && faults[0].message.contains(expected), "{faults:#?}");
    }
    fs::remove_file(place.at("schemas/a.io/foos.json")).unwrap();
    let (_, faults) = Store::load(&DiskFiles::new(&place.0));
    assert!(faults[0].message.contains("does not exist"), "{faults:#?}");
    place.put("schemas/.dpjgen", "<<<<<<< ours\n");
    let (_, faults) = Store::load(&DiskFiles::new(&place.0));
    assert!(faults[0].code.id == "DPJ0808" && faults[0].message.contains("merge conflict"), "{faults:#?}");
    fails(&place, "schemas import good.yaml", &["DPJ0808", "merge conflict"]);
}

#[test]
fn nothing_that_validation_needs_is_lost() {
    let Some(folder) = crds::folder("schemas import") else { return };
    let place = Place::with_platform("schemas-all");
    let started = std::time::Instant::now();
    let output = dpjgen(&place.0).args(["schemas", "import"]).arg(&folder).output().unwrap();
    let (run, took) = (finished(&output), started.elapsed());
    assert_eq!(run.status, 0, "{}", run.stderr);
    let published = crds::published(&folder);
    let mut bytes = 0;
    for crd in &published {
        let (group, plural) =
            (crd["spec"]["group"].as_str().unwrap(), crd["spec"]["names"]["plural"].as_str().unwrap());
        let text = fs::read(place.at(&format!("schemas/{group}/{plural}.json"))).unwrap();
        bytes += text.len();
        let stored: Value = serde_json::from_slice(&text).unwrap();
        let name = format!("{plural}.{group}");
        assert_eq!(
            (&stored["group"], &stored["names"], &stored["scope"]),
            (&crd["spec"]["group"], &crd["spec"]["names"], &crd["spec"]["scope"])
        );
        let (versions, expected) =
            (stored["versions"].as_array().unwrap(), crd["spec"]["versions"].as_array().unwrap());
        assert_eq!(versions.len(), expected.len(), "{name}");
        for (version, expected) in versions.iter().zip(expected) {
            for key in ["name", "served", "storage", "deprecated", "deprecationWarning", "subresources"] {
                assert_eq!(version.get(key), expected.get(key), "{name}: {key}");
            }
            same(&version["schema"], &expected["schema"]["openAPIV3Schema"], true, &name);
        }
    }
    let (store, faults) = Store::load(&DiskFiles::new(&place.0));
    assert!(faults.is_empty(), "{faults:#?}");
    let versions = store.iter().filter(|definition| definition.validator().is_ok()).count();
    assert_eq!(versions, store.iter().count(), "every schema compiles");
    println!(
        "schemas import: {} CRDs, {versions} versions, {bytes} bytes stored, in {took:?}\n{}",
        published.len(),
        run.stderr.lines().take(20).collect::<Vec<_>>().join("\n"),
    );
    assert!(!published.is_empty() && versions >= published.len(), "no CRD in {}", folder.display());
}

/// Whether a stored value is the published one, except for what only people read. `schema` says that the value is a schema,
/// not a part of one: below `properties`, `description` is a field's name.
fn same(stored: &Value, published: &Value, schema: bool, at: &str) {
    match (stored, published) {
        (Value::Object(stored), Value::Object(published)) => {
            let for_people = |key: &str| schema && ["description", "title", "example", "externalDocs"].contains(&key);
            assert!(stored.keys().all(|key| !for_people(key) && published.contains_key(key)), "{at}: more is stored");
            for (key, value) in published.iter().filter(|(key, _)| !for_people(key)) {
                let at = format!("{at}/{key}");
                let stored = stored.get(key).unwrap_or_else(|| panic!("{at} is lost"));
                match key.as_str() {
                    "properties" if schema => {
                        assert_eq!(
                            stored.as_object().map(serde_json::Map::len),
                            value.as_object().map(serde_json::Map::len),
                            "{at}"
                        );
                        for (name, value) in value.as_object().unwrap() {
                            same(&stored[name], value, true, &format!("{at}/{name}"));
                        }
                    }
                    "items" | "additionalProperties" | "not" if schema => same(stored, value, true, &at),
                    "allOf" | "anyOf" | "oneOf" if schema => {
                        let (stored, value) = (stored.as_array().unwrap(), value.as_array().unwrap());
                        assert_eq!(stored.len(), value.len(), "{at}");
                        stored.iter().zip(value).for_each(|(stored, value)| same(stored, value, true, &at));
                    }
                    _ => same(stored, value, false, &at),
                }
            }
        }
        _ => assert_eq!(stored, published, "{at}"),
    }
}
