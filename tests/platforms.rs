//! The repository's own platform: what the compiler makes of it is committed in `out/`, byte for byte.
//! `DPJGEN_BLESS=1 cargo test --test platforms` writes it anew.
#![allow(clippy::case_sensitive_file_extension_comparisons, reason = "our own file names")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]
#![allow(clippy::disallowed_methods, missing_docs)]
#![cfg(unix)]

mod support;

use serde_yaml::Value;
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use support::{Place, blessing, files, root, run, unified};

const ENVIRONMENTS: [&str; 3] = ["dev", "prod", "staging"];

fn build(out: &Path) {
    let run = run(root(), &format!("build --all -o {}", out.display()));
    assert_eq!(run.status, 0, "{}", run.stderr);
    assert_eq!(run.stdout, "");
}

#[test]
fn the_committed_tree_is_what_the_platform_says() {
    let committed = root().join("out");
    if blessing() {
        build(&committed);
        return;
    }
    let place = Place::new("platform-tree");
    build(&place.0);
    let (old, new) = (files(&committed), files(&place.0));
    assert!(new.len() > 100, "only {} files", new.len());
    let mut wrong = unified(&old.join("\n"), &new.join("\n"), ("files in out/", "files now"));
    for path in new.iter().filter(|path| old.contains(path)) {
        let text = |folder: &Path| fs::read_to_string(folder.join(path)).unwrap();
        wrong.push_str(&unified(&text(&committed), &text(&place.0), (&format!("out/{path}"), "now")));
    }
    assert!(wrong.is_empty(), "{wrong}\n`cargo run -- build --all -o out` writes the tree");
}

/// What tells objects apart.
fn identity(object: &Value) -> String {
    let text = |path: &[&str]| {
        let found = path.iter().try_fold(object, |value, key| value.get(key));
        found.and_then(Value::as_str).unwrap_or_default().to_owned()
    };
    format!(
        "{} {} {}/{}",
        text(&["apiVersion"]),
        text(&["kind"]),
        text(&["metadata", "namespace"]),
        text(&["metadata", "name"])
    )
}

fn documents(text: &str) -> impl Iterator<Item = Value> {
    serde_yaml::Deserializer::from_str(text).map(|document| serde::Deserialize::deserialize(document).unwrap())
}

#[test]
fn the_stream_has_the_objects_of_the_tree() {
    let place = Place::new("platform-stream");
    build(&place.0);
    for environment in ENVIRONMENTS {
        let stream: BTreeMap<String, Value> = documents(&run(root(), &format!("build {environment}")).stdout)
            .map(|object| (identity(&object), object))
            .collect();
        let folder = place.at(environment);
        let mut tree = BTreeMap::new();
        for path in
            files(&folder).iter().filter(|path| path.ends_with(".yaml") && !path.ends_with("kustomization.yaml"))
        {
            for object in documents(&fs::read_to_string(folder.join(path)).unwrap()) {
                let twice = tree.insert(identity(&object), object);
                assert!(twice.is_none(), "{environment}: {path} holds an object that another file holds");
            }
        }
        assert!(tree.len() > 40, "{environment}: only {} objects", tree.len());
        assert_eq!(tree.keys().collect::<Vec<_>>(), stream.keys().collect::<Vec<_>>(), "{environment}");
        assert_eq!(tree, stream, "{environment}");
        let json: Value =
            serde_yaml::from_str(&run(root(), &format!("build {environment} --format json")).stdout).unwrap();
        let items = json["items"].as_sequence().unwrap().iter().map(|object| (identity(object), object.clone()));
        assert_eq!(items.collect::<BTreeMap<_, _>>(), stream, "{environment}: the JSON list");
    }
}

/// Every resource file that is there is named by a kustomization, so that `kubectl apply -k` applies all of them.
#[test]
fn kustomizations_name_every_file() {
    let place = Place::new("platform-kustomizations");
    build(&place.0);
    for environment in ENVIRONMENTS {
        let folder = place.at(environment);
        let mut named = Vec::new();
        let mut todo = vec![String::new()];
        while let Some(dir) = todo.pop() {
            let text = fs::read_to_string(folder.join(&dir).join("kustomization.yaml")).unwrap();
            let kustomization: Value = serde_yaml::from_str(&text).unwrap();
            for resource in kustomization["resources"].as_sequence().unwrap() {
                let path = Path::new(&dir).join(resource.as_str().unwrap()).to_str().unwrap().to_owned();
                if folder.join(&path).is_dir() { todo.push(path) } else { named.push(path) }
            }
        }
        named.sort();
        let mut there = files(&folder);
        there.retain(|path| path.ends_with(".yaml") && !path.ends_with("kustomization.yaml"));
        assert_eq!(named, there, "{environment}");
    }
}

/// Every object says what it belongs to: people and dashboards select by these labels.
#[test]
fn every_object_is_labelled() {
    for environment in ENVIRONMENTS {
        for object in documents(&run(root(), &format!("build {environment}")).stdout) {
            let label = |key: &str| object["metadata"]["labels"].get(key).and_then(Value::as_str).map(str::to_owned);
            assert_eq!(label("app.kubernetes.io/part-of").as_deref(), Some("dpj"), "{}", identity(&object));
            assert_eq!(label("app.kubernetes.io/managed-by").as_deref(), Some("dpjgen"), "{}", identity(&object));
        }
    }
}
