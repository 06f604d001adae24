//! Every value of DPJ's spec is made wrong in many ways. Each time the compiler gives either errors, each with a code and
//! a place that exists, or a plan that can be written and read; it never panics.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]
#![allow(clippy::disallowed_methods, missing_docs)]
#![allow(clippy::format_push_string, clippy::format_collect, clippy::case_sensitive_file_extension_comparisons)]
#![cfg(unix)]

mod support;

use dpjgen::diag::render::{Style, human, json};
use dpjgen::diag::{Diagnostic, Place, Severity};
use dpjgen::source::SourceMap;
use dpjgen::{Compilation, codes, emit, patch};
use serde_json::Value;
use std::collections::BTreeSet;
use std::panic::{AssertUnwindSafe, catch_unwind};
use support::spec::{compiled, dpj, leaves, parse, write};

/// What stands in the place of a value until its text is put there.
const HOLE: &str = "\u{e000}hole";

/// TOML of the values that are put in: of every type, of no size that anybody expects.
fn intruders() -> Vec<String> {
    let mut all: Vec<String> = [
        "7",
        "0",
        "-1",
        "1.5",
        "nan",
        "true",
        "\"\"",
        "\" \"",
        "\"text\"",
        "[]",
        "[\"a\", 1]",
        "{}",
        "{ a = { b = [{}] } }",
        "2026-11-21T10:00:00Z",
        "9223372036854775807",
        "99999999999999999999",
        "4294967296",
        "\"99999999999999999999Gi\"",
        "\"\\u0000\\u0007\\u001b[31m\"",
        "\"\u{e9}v\u{e9}nement-\u{65e5}\u{672c}-\u{1f980}-\u{202e}tfel\"",
        "\"a\\nb\\r\\n\\tc\"",
        "\"{{ workload.name }} {platform} $(A) ${B} %s\"",
        "\"../../etc/passwd\"",
        "\"- !!python/object: &a *a\"",
        "\"'\\\"`\"",
        "\"api-gateway\"",
        "\"dpj/x:1\"",
        "\"1h\"",
        "\"1Gi\"",
        "\"10%\"",
    ]
    .map(str::to_owned)
    .to_vec();
    all.push(format!("\"{}\"", "a".repeat(5000)));
    all.push(format!("\"{}\"", "\u{e9}\u{1f980}".repeat(300)));
    all
}

/// Paths of values, and of the tables around them: a table may be wrong as a whole.
fn places(spec: &Value) -> BTreeSet<Vec<String>> {
    let mut all = BTreeSet::new();
    for leaf in leaves(spec) {
        for length in 1..=leaf.len() {
            all.insert(leaf[..length].to_vec());
        }
    }
    all
}

fn parent<'a>(spec: &'a mut Value, path: &[String]) -> &'a mut serde_json::Map<String, Value> {
    let outer = path[..path.len() - 1].iter().fold(spec, |value, key| value.get_mut(key).unwrap());
    outer.as_object_mut().unwrap()
}

/// The texts of a file with one value replaced, removed, or with a key beside it that nobody knows.
fn mutants(text: &str, path: &[String], turn: usize) -> Vec<String> {
    let spec = parse(text);
    let with = |change: &dyn Fn(&mut serde_json::Map<String, Value>, &String)| {
        let mut spec = spec.clone();
        change(parent(&mut spec, path), path.last().unwrap());
        write(&spec, &mut |_| {}) + "# end\n"
    };
    let hole = with(&|table, key| drop(table.insert(key.clone(), HOLE.into())));
    let mark = serde_json::to_string(HOLE).unwrap();
    assert_eq!(hole.matches(&mark).count(), 1);
    // Each value meets every other intruder; its neighbour meets the rest.
    let intruders = intruders().into_iter().skip(turn % 2).step_by(2);
    let mut all: Vec<String> = intruders.map(|intruder| hole.replace(&mark, &intruder)).collect();
    all.push(with(&|table, key| drop(table.remove(key))));
    all.push(with(&|table, key| drop(table.insert(format!("{key}-"), true.into()))));
    all.push(with(&|table, key| {
        let value = table.remove(key).unwrap();
        table.insert(format!("{key}\u{e9} \u{7}"), value);
    }));
    all
}

/// Whether a place lies inside of a file, or names one.
fn exists(place: &Place, sources: &SourceMap) -> bool {
    match place {
        Place::Path(path) => ["platform.toml", "overlays"].iter().any(|known| path.starts_with(known)),
        Place::None => false,
        Place::File(file) => sources.file(*file).is_some(),
        place => place.span(sources).is_some_and(|span| {
            let text = sources.file(span.file).map_or("", |file| file.text.as_str());
            text.get(span.start as usize..span.end as usize).is_some()
        }),
    }
}

fn check_errors(diagnostics: &[Diagnostic], sources: &SourceMap) {
    assert!(diagnostics.iter().any(|d| d.severity == Severity::Error), "no plan, and no error");
    let known: BTreeSet<&str> = codes::all().iter().map(|code| code.id).collect();
    let mut seen = BTreeSet::new();
    for diagnostic in diagnostics {
        assert!(known.contains(diagnostic.code.id), "{diagnostic:?}");
        assert!(!diagnostic.message.is_empty() && !diagnostic.message.contains('\u{1}'), "{diagnostic:?}");
        assert!(!diagnostic.labels.is_empty(), "{diagnostic:?}");
        assert!(diagnostic.labels.iter().all(|label| exists(&label.place, sources)), "{diagnostic:?}");
        let syntax = ["DPJ0004", "DPJ0009"].contains(&diagnostic.code.id);
        assert!(syntax || !diagnostic.help.is_empty(), "no help: {diagnostic:?}");
        let place = diagnostic.labels[0].place.span(sources).map(|span| sources.describe(span));
        assert!(seen.insert((diagnostic.code.id, place, &diagnostic.message)), "said twice: {diagnostic:?}");
    }
    let masks = patch::masks(sources);
    for color in [false, true] {
        let text = human::render(diagnostics, sources, &masks, Style { color }, Some("nothing was written"));
        assert!(text.contains("error"), "{text}");
        assert!(!text.contains('\u{202e}') && !text.contains('\u{7}'), "a control character reaches the terminal");
        assert!(color || !text.contains('\u{1b}'), "an escape reaches the terminal");
    }
    let parsed: Value = serde_json::from_str(&json::render(diagnostics, sources, &masks)).unwrap();
    assert_eq!(parsed["diagnostics"].as_array().unwrap().len(), diagnostics.len());
}

/// `true` for a plan, which was written and read.
fn check(compilation: &Compilation) -> bool {
    let Some(compiled) = &compilation.compiled else {
        check_errors(&compilation.diagnostics, &compilation.sources);
        return false;
    };
    let stream = String::from_utf8(emit::stream(&compiled.plan).expect("a stream")).expect("UTF-8");
    let documents = serde_yaml::Deserializer::from_str(&stream)
        .map(|document| <Value as serde::Deserialize>::deserialize(document).expect("YAML that is read"))
        .filter(|value| !value.is_null())
        .count();
    assert_eq!(documents, compiled.plan.resources().len());
    assert!(emit::tree(&compiled.plan).is_ok());
    true
}

/// Mutates every `parts`-th value of a file, from the `part`-th on: the parts of a big file run side by side.
fn mutate(file: &str, environment: &str, parts: (usize, usize)) {
    mutate_in(dpj(), file, environment, parts);
}

fn mutate_in(mut files: Vec<(String, String)>, file: &str, environment: &str, (part, parts): (usize, usize)) {
    let at = files.iter().position(|(path, _)| path == file).unwrap();
    let text = files[at].1.clone();
    let (mut plans, mut errors, mut wrong) = (0, 0, Vec::new());
    for (turn, path) in places(&parse(&text)).into_iter().skip(part).step_by(parts).enumerate() {
        for mutant in mutants(&text, &path, turn) {
            files[at].1 = mutant;
            match catch_unwind(AssertUnwindSafe(|| check(&compiled(&files, environment)))) {
                Ok(true) => plans += 1,
                Ok(false) => errors += 1,
                // The hook has printed the panic.
                Err(_) => {
                    let line = files[at].1.lines().find(|line| line.contains(&path[0])).unwrap_or_default();
                    wrong.push(format!("{}: {}", path.join("."), line.chars().take(300).collect::<String>()));
                }
            }
        }
    }
    assert!(
        wrong.is_empty(),
        "{} of {}\n{}",
        wrong.len(),
        plans + errors + wrong.len(),
        wrong[..wrong.len().min(20)].join("\n")
    );
    assert!(plans > 10 && errors > 100, "{plans} plans, {errors} errors");
}

#[test]
fn the_platform_first_quarter() {
    mutate("platform.toml", "prod", (0, 4));
}

#[test]
fn the_platform_second_quarter() {
    mutate("platform.toml", "prod", (1, 4));
}

#[test]
fn the_platform_third_quarter() {
    mutate("platform.toml", "dev", (2, 4));
}

#[test]
fn the_platform_last_quarter() {
    mutate("platform.toml", "staging", (3, 4));
}

/// Patches and manifests take values of any form.
#[test]
fn the_patches() {
    let folder = support::root().join("tests/cases");
    let mut files = Vec::new();
    for (case, spec) in [("manifests", "platform.toml"), ("patches", "patches.toml")] {
        for path in support::files(&folder.join(case)).into_iter().filter(|path| !path.starts_with("expected/")) {
            let text = std::fs::read_to_string(folder.join(case).join(&path)).unwrap();
            files.push((if path == "platform.toml" { spec.to_owned() } else { path }, text));
        }
    }
    // One platform of both, whose patches alone are mutated.
    let of = |name: &str| files.iter().find(|(path, _)| path == name).unwrap().1.clone();
    let sections = |text: &str, wanted: &[&str]| -> String {
        let spec = parse(text);
        let kept = spec.as_object().unwrap().iter().filter(|(name, _)| wanted.contains(&name.as_str()));
        write(&Value::Object(kept.map(|(name, value)| (name.clone(), value.clone())).collect()), &mut |_| {})
    };
    let (manifests, patches) = (of("platform.toml"), of("patches.toml"));
    let base = sections(&manifests, &["dpjgen", "platform", "namespaces", "workloads"]);
    files.retain(|(path, _)| path.starts_with("manifests/"));
    files.push(("platform.toml".to_owned(), format!("include = [\"patches.toml\", \"manifests.toml\"]\n{base}")));
    files.push(("patches.toml".to_owned(), sections(&patches, &["patches"])));
    let off = "manifests = { off = { enabled = false } }\n";
    files.push(("manifests.toml".to_owned(), sections(&manifests, &["manifests"])));
    files.push(("overlays/prod.toml".to_owned(), off.to_owned()));
    mutate_in(files.clone(), "patches.toml", "prod", (0, 1));
    mutate_in(files, "manifests.toml", "prod", (0, 1));
}

#[test]
fn the_overlays() {
    mutate("overlays/dev.toml", "dev", (0, 1));
    mutate("overlays/staging.toml", "staging", (0, 1));
}
