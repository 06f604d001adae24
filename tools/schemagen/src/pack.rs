//! All versions in one file.
//!
//! Text, compressed with zlib: the first line names the format and the versions, each further line is a kind or a
//! definition with the set of versions that have it (bit 0 is the first version, in hexadecimal), sorted:
//!
//! ```text
//! dpjgen-schemas 1 1.28 1.29 …
//! K apps/v1 Deployment 3ff io.k8s.api.apps.v1.Deployment
//! D io.k8s.api.apps.v1.Deployment 3ff {"additionalProperties":false,…}
//! ```
//!
//! A definition that is the same in several versions is there once.

use crate::{facts, normal};
use serde_json::Value;
use std::collections::BTreeMap;
use std::fs;

/// Writes `file`.
pub fn pack(file: &str, inputs: &[&str]) -> Result<(), String> {
    let text = text(inputs)?;
    let packed = miniz_oxide::deflate::compress_to_vec_zlib(text.as_bytes(), 9);
    eprintln!("schemagen: {} lines, {} bytes, compressed {}", text.lines().count(), text.len(), packed.len());
    fs::write(file, packed).map_err(|error| format!("{file}: {error}"))
}

/// Fails unless `file` has the versions of `inputs` just as they are generated.
pub fn compare(file: &str, inputs: &[&str]) -> Result<(), String> {
    let packed = fs::read(file).map_err(|error| format!("{file}: {error}"))?;
    let stored = miniz_oxide::inflate::decompress_to_vec_zlib(&packed).map_err(|error| format!("{file}: {error}"))?;
    let stored = String::from_utf8(stored).map_err(|error| format!("{file}: {error}"))?;
    let generated = text(inputs)?;
    let versions = generated.lines().next().unwrap_or_default().split(' ').skip(2);
    for version in versions {
        let (expected, found) = (of_version(&generated, version), of_version(&stored, version));
        if let Some((line, _)) = expected.iter().zip(&found).find(|(a, b)| a != b) {
            return Err(format!("{file} is not what {version} gives, from here: {line:.200}"));
        }
        if expected.len() != found.len() {
            return Err(format!("{file} has {} lines for {version}, not {}", found.len(), expected.len()));
        }
        eprintln!("schemagen: {version} is as generated, {} lines", expected.len());
    }
    Ok(())
}

/// The lines of one version without their sets.
fn of_version(text: &str, version: &str) -> Vec<String> {
    let first = text.lines().next().unwrap_or_default();
    let Some(bit) = first.split(' ').skip(2).position(|v| v == version) else { return Vec::new() };
    let mut lines = Vec::new();
    for line in text.lines().skip(1) {
        let mut words: Vec<&str> = line.splitn(if line.starts_with('K') { 5 } else { 4 }, ' ').collect();
        let set = words.remove(words.len() - 2);
        if u32::from_str_radix(set, 16).is_ok_and(|set| set & 1 << bit != 0) {
            lines.push(words.join(" "));
        }
    }
    lines.sort();
    lines
}

fn text(inputs: &[&str]) -> Result<String, String> {
    let mut versions = Vec::new();
    let mut lines: BTreeMap<(String, String), u32> = BTreeMap::new();
    for (bit, input) in inputs.iter().enumerate() {
        let raw = fs::read_to_string(input).map_err(|error| format!("{input}: {error}"))?;
        let raw: Value = serde_json::from_str(&raw).map_err(|error| format!("{input}: {error}"))?;
        versions.push(string(&raw, "version")?);
        let mut kinds: BTreeMap<String, Vec<(String, String)>> = BTreeMap::new();
        for kind in raw["kinds"].as_array().ok_or("no kinds")? {
            let (group, kind, name) = (string(kind, "apiVersion")?, string(kind, "kind")?, string(kind, "definition")?);
            *lines.entry((format!("K {group} {kind} "), format!(" {name}"))).or_default() |= 1 << bit;
            kinds.entry(name).or_default().push((group, kind));
        }
        for (name, schema) in raw["definitions"].as_object().ok_or("no definitions")? {
            let stored = normal::definition(name, schema, kinds.get(name).map_or(&[], Vec::as_slice));
            *lines.entry((format!("D {name} "), format!(" {stored}"))).or_default() |= 1 << bit;
        }
    }
    let unused = facts::unused(lines.keys().filter_map(|(start, _)| start.strip_prefix("D ")).map(str::trim));
    if !unused.is_empty() {
        return Err(format!("no definition is called {}", unused.join(", ")));
    }
    let mut text = format!("dpjgen-schemas 1 {}\n", versions.join(" "));
    for ((start, end), set) in lines {
        text.push_str(&format!("{start}{set:x}{end}\n"));
    }
    Ok(text)
}

fn string(value: &Value, key: &str) -> Result<String, String> {
    value[key].as_str().map(str::to_owned).ok_or_else(|| format!("no {key}"))
}
