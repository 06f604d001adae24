//! What becomes of DPJ's production when lines of its spec are removed.

use super::support::{Place, root, run, unified};
use std::fs;

/// DPJ's stream for prod, with lines of platform.toml removed: `(after, line)` removes the first line that starts with
/// `line` behind the one that starts with `after`.
pub fn stream_without(name: &str, lines: &[(&str, &str)]) -> String {
    let text = fs::read_to_string(root().join("platform.toml")).unwrap();
    let mut kept: Vec<&str> = text.lines().collect();
    for (after, line) in lines {
        let section = kept.iter().position(|l| l.starts_with(after)).unwrap_or_else(|| panic!("no line {after}"));
        let found =
            kept[section..].iter().position(|l| l.starts_with(line)).unwrap_or_else(|| panic!("no line {line}"));
        kept.remove(section + found);
    }
    let place = Place::new(name);
    place.put("platform.toml", kept.join("\n") + "\n");
    place.put("overlays/prod.toml", fs::read(root().join("overlays/prod.toml")).unwrap());
    let run = run(&place.0, "build prod");
    assert_eq!((run.status, run.stderr.as_str()), (0, ""));
    run.stdout
}

/// What changes in the stream: each changed object with its lines, two of context.
fn changes((old, new): (&str, &str), wanted: fn(&str) -> bool) -> String {
    let (old, new) = (documents(old, wanted), documents(new, wanted));
    let mut text = String::new();
    for (name, before) in &old {
        let after = new.iter().find(|(other, _)| other == name).map(|(_, after)| *after);
        match after {
            None => text.push_str(&format!("- {name}\n")),
            Some(after) if after != *before => {
                text.push_str(&format!("~ {name}\n"));
                let diff = unified(&format!("{before}\n"), &format!("{after}\n"), ("", ""));
                for line in diff.lines().skip(2).filter(|line| !line.starts_with("@@")) {
                    text.push_str(&format!("    {line}\n"));
                }
            }
            Some(_) => {}
        }
    }
    for (name, _) in new.iter().filter(|(name, _)| old.iter().all(|(other, _)| other != name)) {
        text.push_str(&format!("+ {name}\n"));
    }
    text
}

const CALICO: &str = "projectcalico.org/";

/// The documents of a stream whose `apiVersion` is wanted, each with `Kind namespace/name`.
pub fn documents(stream: &str, wanted: impl Fn(&str) -> bool) -> Vec<(String, &str)> {
    let documents = stream.strip_suffix('\n').unwrap_or(stream).split("\n---\n");
    let parsed = documents.map(|text| (text, serde_yaml::from_str::<serde_yaml::Value>(text).unwrap()));
    parsed
        .filter(|(_, value)| wanted(value["apiVersion"].as_str().unwrap()))
        .map(|(text, value)| {
            let of = |key: &str| value["metadata"].get(key).and_then(|v| v.as_str()).unwrap_or("-").to_owned();
            // Two dialects have one name for their kind.
            let calico = if value["apiVersion"].as_str().unwrap().starts_with(CALICO) { "Calico " } else { "" };
            (format!("{calico}{} {}/{}", value["kind"].as_str().unwrap(), of("namespace"), of("name")), text)
        })
        .collect()
}

#[track_caller]
pub fn assert_changes(name: &str, lines: &[(&str, &str)], wanted: fn(&str) -> bool, expected: &str) {
    let old = stream_without(&format!("{name}-whole"), &[]);
    let found = format!("\n{}", changes((&old, &stream_without(name, lines)), wanted));
    assert!(found == expected, "{}\n\nfound:\n{found}", unified(expected, &found, ("expected", "found")));
}
