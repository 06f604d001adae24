//! The embedded schemas against the committed output: what the compiler writes is accepted by every version, and a mistake
//! in any field of it is refused.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]
#![allow(clippy::disallowed_methods, missing_docs)]

#[path = "support/fields.rs"]
mod fields;

use dpjgen::schema::{self, Finding, PathSegment, Verdict, path_text};
use dpjgen::value::KubernetesVersion;
use fields::fields;
use serde::Deserialize;
use serde_json::Value;
use std::fs;
use std::path::{Path, PathBuf};

/// The committed objects with their files, custom resources too.
fn objects() -> Vec<(PathBuf, Value)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("out");
    let mut objects = Vec::new();
    for environment in ["dev", "staging", "prod"] {
        let before = objects.len();
        let mut folders = vec![root.join(environment)];
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    folders.push(path);
                } else if path.extension().is_some_and(|e| e == "yaml") && !path.ends_with("kustomization.yaml") {
                    let value = serde_yaml::from_str(&fs::read_to_string(&path).unwrap()).unwrap();
                    objects.push((path, value));
                }
            }
        }
        assert!(objects.len() > before, "out/{environment} has no objects");
    }
    objects.sort_by(|a, b| a.0.cmp(&b.0));
    objects
}

fn is_core(object: &Value) -> bool {
    let version = object["apiVersion"].as_str().unwrap();
    // The Vertical Pod Autoscaler's group is one of k8s.io that comes with a CRD.
    let built_in = |group: &str| group.ends_with(".k8s.io") && group != "autoscaling.k8s.io";
    version.split_once('/').is_none_or(|(group, _)| !group.contains('.') || built_in(group))
}

fn versions() -> impl Iterator<Item = KubernetesVersion> {
    let range = schema::versions();
    (range.start().minor..=range.end().minor).map(|minor| KubernetesVersion::new(1, minor))
}

fn findings(version: KubernetesVersion, object: &Value) -> Vec<Finding> {
    match schema::validate_core(version, object) {
        Verdict::Findings(findings) => findings,
        Verdict::NoSuchKind => panic!("Kubernetes {version} has no kind of {object}"),
    }
}

#[test]
fn every_object_is_valid_in_every_version() {
    let mut judged = 0;
    for (path, object) in objects() {
        for version in versions() {
            if is_core(&object) {
                assert_eq!(findings(version, &object), [], "{} for {version}", path.display());
                judged += 1;
            } else {
                assert_eq!(schema::validate_core(version, &object), Verdict::NoSuchKind, "{}", path.display());
            }
        }
    }
    assert!(judged > 1000, "only {judged}");
}

fn at<'a>(object: &'a mut Value, path: &[PathSegment]) -> &'a mut Value {
    path.iter().fold(object, |value, segment| match segment {
        PathSegment::Key(key) => &mut value[key],
        PathSegment::Index(index) => &mut value[*index],
    })
}

#[test]
fn a_misspelt_field_is_refused_wherever_it_is() {
    let mut mistakes = 0;
    for (file, object) in objects() {
        // Staging is production with other numbers.
        if !is_core(&object) || file.components().any(|part| part.as_os_str() == "staging") {
            continue;
        }
        let kind = object["kind"].as_str().unwrap().to_owned();
        let mut places = Vec::new();
        fields(&kind, &object, &mut Vec::new(), &mut |path, key| places.push((path.to_vec(), key.to_owned())));
        for (path, key) in places {
            let mut wrong = object.clone();
            let parent = at(&mut wrong, &path);
            let value = parent[&key].clone();
            parent[format!("{key}x")] = value;
            let mut place = path.clone();
            place.push(PathSegment::Key(format!("{key}x")));
            for version in [*schema::versions().start(), *schema::versions().end()] {
                let found = findings(version, &wrong);
                let [finding] = &found[..] else { panic!("{}: {}: {found:?}", file.display(), path_text(&place)) };
                assert_eq!(path_text(&finding.path), path_text(&place));
                let said = format!("unknown field `{key}x`; did you mean `{key}`?");
                assert_eq!(finding.message, said, "{}: {}", file.display(), path_text(&place));
                mistakes += 1;
            }
        }
    }
    assert!(mistakes > 5000, "only {mistakes}");
}

/// With `DPJGEN_TEST_CRDS`: every version of every CRD in that folder compiles.
#[test]
#[allow(clippy::print_stdout)]
fn every_crd_compiles() {
    let Some(folder) = std::env::var_os("DPJGEN_TEST_CRDS") else { return };
    let (mut compiled, mut folders) = (0, vec![PathBuf::from(folder)]);
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            if !path.extension().is_some_and(|e| e == "yaml" || e == "yml") {
                continue;
            }
            let text = fs::read_to_string(&path).unwrap();
            for document in serde_yaml::Deserializer::from_str(&text) {
                let Ok(document) = Value::deserialize(document) else { continue };
                if document["kind"] != "CustomResourceDefinition" {
                    continue;
                }
                for version in document["spec"]["versions"].as_array().unwrap() {
                    let schema = &version["schema"]["openAPIV3Schema"];
                    let fault = schema::Validator::from_schema(schema).err();
                    assert!(fault.is_none(), "{} {}: {fault:?}", path.display(), version["name"]);
                    compiled += 1;
                }
            }
        }
    }
    assert!(compiled > 0, "no CRD");
    println!("{compiled} versions of CRDs compile");
}
