//! The real CRDs whose folder `DPJGEN_TEST_CRDS` names, and a reader for them that shares no code with dpjgen's.
#![allow(dead_code)] // each test file uses a part of it
#![allow(clippy::print_stdout, clippy::case_sensitive_file_extension_comparisons)]

use crate::support;
use dpjgen::files::{MemoryFiles, OWNERSHIP_FILE};
use dpjgen::schema::crd::{FOLDER, Import, Store};
use serde_json::Value;
use std::fs;
use std::path::{Path, PathBuf};
use yaml_rust2::{Yaml, YamlLoader};

/// The folder; without the variable the test says that it is skipped.
pub fn folder(test: &str) -> Option<PathBuf> {
    let folder = std::env::var_os("DPJGEN_TEST_CRDS").map(PathBuf::from);
    if folder.is_none() {
        println!("{test}: skipped, DPJGEN_TEST_CRDS names no folder with CRDs");
    }
    folder
}

/// All YAML files below a folder, sorted.
pub fn yaml_files(folder: &Path) -> Vec<PathBuf> {
    let files = support::files(folder).into_iter().filter(|path| path.ends_with(".yaml"));
    files.map(|path| folder.join(path)).collect()
}

/// The CRDs as they were published.
pub fn published(folder: &Path) -> Vec<Value> {
    let texts = yaml_files(folder).into_iter().map(|path| fs::read_to_string(path).expect("text"));
    let documents = texts.flat_map(|text| YamlLoader::load_from_str(&text).expect("YAML"));
    documents.map(|yaml| json(&yaml)).filter(|document| document["kind"] == "CustomResourceDefinition").collect()
}

/// Imports the folder in memory.
pub fn store(folder: &Path) -> Store {
    let mut files = MemoryFiles::new();
    for (path, bytes) in stored(folder) {
        files.insert(&path, bytes);
    }
    loaded(&files)
}

/// The files that an import of the folder stores, below the platform's.
pub fn stored(folder: &Path) -> Vec<(String, Vec<u8>)> {
    let read = |path: PathBuf| (path.display().to_string(), fs::read(&path).expect("readable"));
    let files: Vec<(String, Vec<u8>)> = yaml_files(folder).into_iter().map(read).collect();
    let inputs: Vec<(&str, &[u8])> = files.iter().map(|(name, bytes)| (name.as_str(), bytes.as_slice())).collect();
    imported(&inputs)
}

/// Imports files in memory.
pub fn store_of(inputs: &[(&str, &[u8])]) -> Store {
    let mut files = MemoryFiles::new();
    for (path, bytes) in imported(inputs) {
        files.insert(&path, bytes);
    }
    loaded(&files)
}

pub fn imported(inputs: &[(&str, &[u8])]) -> Vec<(String, Vec<u8>)> {
    let mut import = Import::default();
    import.add(inputs);
    let imported = import.finish();
    let tree = imported.tree.unwrap_or_else(|| panic!("{:#?}", imported.diagnostics));
    let own = (format!("{FOLDER}/{OWNERSHIP_FILE}"), tree.ownership());
    let files = tree.iter().map(|(path, bytes)| (format!("{FOLDER}/{path}"), bytes.to_vec()));
    files.chain([own]).collect()
}

fn loaded(files: &MemoryFiles) -> Store {
    let (store, faults) = Store::load(files);
    assert!(faults.is_empty(), "{faults:#?}");
    store
}

fn json(yaml: &Yaml) -> Value {
    match yaml {
        Yaml::Real(_) => yaml.as_f64().expect("a number").into(),
        Yaml::Integer(number) => (*number).into(),
        Yaml::String(text) => text.as_str().into(),
        Yaml::Boolean(value) => (*value).into(),
        Yaml::Array(items) => items.iter().map(json).collect(),
        Yaml::Hash(map) => {
            let key = |key: &Yaml| key.as_str().map_or_else(|| json(key).to_string(), str::to_owned);
            Value::Object(map.iter().map(|(name, value)| (key(name), json(value))).collect())
        }
        Yaml::Null => Value::Null,
        Yaml::Alias(_) | Yaml::BadValue => panic!("{yaml:?}"),
    }
}
