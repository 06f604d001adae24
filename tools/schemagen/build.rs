//! Lists the kinds of the one Kubernetes version that is compiled in: every type for which k8s-openapi's source implements
//! `Resource`. The crate itself has no such list.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs};

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    let versions: Vec<String> = (28..=37).map(|minor| format!("v1_{minor}")).collect();
    let chosen = |version: &&String| env::var_os(format!("CARGO_FEATURE_{}", version.to_uppercase())).is_some();
    let mut kinds = String::new();
    let chosen: Vec<&String> = versions.iter().filter(chosen).collect();
    if let [version] = chosen[..] {
        let source = source(if env::var_os("CARGO_FEATURE_NEW").is_some() { "0.29" } else { "0.24" }).join(version);
        let mut files = Vec::new();
        collect(&source, &mut files);
        files.sort();
        for file in files {
            let text = fs::read_to_string(&file).expect("a source file of k8s-openapi");
            let Some((_, rest)) = text.split_once("\nimpl crate::Resource for ") else { continue };
            let name = rest.split([' ', '<']).next().unwrap_or_default();
            let folder = file.parent().and_then(|f| f.strip_prefix(&source).ok()).expect("a file of the version");
            let module: Vec<_> = folder.iter().map(|part| part.to_string_lossy()).collect();
            writeln!(kinds, "kind!(generator, kinds, k8s::{}::{name});", module.join("::")).expect("memory");
        }
    }
    let out = PathBuf::from(env::var_os("OUT_DIR").expect("cargo sets it")).join("kinds.rs");
    fs::write(out, format!("{{\n{kinds}}}\n")).expect("the build's folder");
}

/// `src` of the locked k8s-openapi.
fn source(release: &str) -> PathBuf {
    let cargo = env::var_os("CARGO").expect("cargo sets it");
    let output = Command::new(cargo)
        .args(["metadata", "--format-version", "1", "--locked", "--all-features"])
        .output()
        .expect("cargo");
    let metadata: serde_json::Value = serde_json::from_slice(&output.stdout).expect("cargo metadata writes JSON");
    let packages = metadata["packages"].as_array().expect("packages");
    let is_it = |package: &&serde_json::Value| {
        package["name"] == "k8s-openapi" && package["version"].as_str().is_some_and(|v| v.starts_with(release))
    };
    let manifest = packages.iter().find(is_it).and_then(|p| p["manifest_path"].as_str()).expect("k8s-openapi");
    Path::new(manifest).parent().expect("a folder").join("src")
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).expect("the source of k8s-openapi") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            collect(&path, files);
        } else if path.file_name().is_some_and(|name| name != "mod.rs") {
            files.push(path);
        }
    }
}
