//! What holds of every compilation, shown on DPJ's platform: the same spec gives the same bytes, however it is written.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]
#![allow(clippy::disallowed_methods, missing_docs)]
#![allow(clippy::format_push_string, clippy::format_collect, clippy::case_sensitive_file_extension_comparisons)]
#![cfg(unix)]

mod support;

use dpjgen::diag::Sink;
use dpjgen::emit::yaml::write_document;
use dpjgen::files::DiskFiles;
use dpjgen::k8s::Object;
use dpjgen::plan::Resource;
use dpjgen::{Request, compile, compile_documents, emit, load};
use std::fs;
use support::spec::{Dice, ENVIRONMENTS, compiled, dpj, leaves, memory, parse, sound, stream, write};
use support::{root, unified};

#[track_caller]
fn assert_same(old: &str, new: &str, what: &str) {
    let diff = unified(old, new, ("before", "after"));
    assert!(diff.is_empty(), "{what}\n{diff}");
}

#[test]
fn compiling_twice_gives_the_same_bytes() {
    let files = dpj();
    for environment in ENVIRONMENTS {
        let (first, second) = (sound(&files, environment).plan, sound(&files, environment).plan);
        assert!(first.resources().len() > 60);
        assert_same(&stream(&first), &stream(&second), environment);
        assert_eq!(emit::json(&first).unwrap(), emit::json(&second).unwrap());
        assert_eq!(emit::tree(&first).unwrap(), emit::tree(&second).unwrap());
    }
}

/// Whether `show` wants to know of defaults changes nothing.
#[test]
fn recording_defaults_changes_nothing() {
    let files = dpj();
    let request = Request { spec: "platform.toml", environment: "prod", record_defaults: false };
    let quiet = compile(&memory(&files), request).compiled.unwrap();
    assert!(quiet.model.defaults.is_empty());
    let told = sound(&files, "prod");
    assert!(told.model.defaults.len() > 20);
    assert_same(&stream(&quiet.plan), &stream(&told.plan), "defaults");
}

/// Every table written inline, and its keys in another order, twenty times.
#[test]
fn the_order_of_keys_and_the_form_of_tables_change_nothing() {
    let files = dpj();
    let mut dice = Dice(1);
    let expected = ENVIRONMENTS.map(|environment| stream(&sound(&files, environment).plan));
    let mut texts = std::collections::BTreeSet::new();
    for round in 0..20 {
        let shuffled: Vec<(String, String)> = files
            .iter()
            .map(|(path, text)| {
                let text = write(&parse(text), &mut |keys| dice.shuffle(keys));
                // An overlay that says nothing is a comment.
                (path.clone(), if text.is_empty() { "# nothing\n".to_owned() } else { text })
            })
            .collect();
        texts.insert(shuffled[0].1.clone());
        for (environment, expected) in ENVIRONMENTS.iter().zip(&expected) {
            let found = stream(&sound(&shuffled, environment).plan);
            assert_same(expected, &found, &format!("{environment}, round {round}\n{}", shuffled[0].1));
        }
    }
    assert_eq!(texts.len(), 20, "the dice fall on one side");
}

#[test]
fn what_is_written_is_read_and_written_again_as_it_was() {
    let files = dpj();
    for environment in ENVIRONMENTS {
        let plan = sound(&files, environment).plan;
        let written = stream(&plan);
        let mut again = Vec::new();
        for (index, document) in serde_yaml::Deserializer::from_str(&written).enumerate() {
            let value: serde_yaml::Value = serde::Deserialize::deserialize(document).unwrap();
            if index > 0 {
                again.extend_from_slice(b"---\n");
            }
            write_document(&value, &mut again).unwrap();
        }
        assert_same(&written, &String::from_utf8(again).unwrap(), environment);
        // And JSON says the same objects.
        let json: serde_json::Value = serde_json::from_slice(&emit::json(&plan).unwrap()).unwrap();
        let yaml: Vec<serde_json::Value> =
            serde_yaml::Deserializer::from_str(&written).map(|d| serde::Deserialize::deserialize(d).unwrap()).collect();
        assert!(json["items"] == serde_json::Value::Array(yaml), "{environment}: JSON and YAML differ");
    }
}

/// A plan of documents is the plan of values in everything that is said and written of it: for DPJ and for every case.
#[test]
fn what_is_written_as_it_is_made_is_what_is_written_at_the_end() {
    let cases = fs::read_dir(root().join("tests/cases")).unwrap().map(|entry| entry.unwrap().path());
    let (mut plans, mut documents, mut values) = (0, 0, 0);
    for folder in std::iter::once(root().to_owned()).chain(cases) {
        let files = DiskFiles::new(&folder);
        for environment in load::environments(&files, &mut Sink::default()) {
            let request = Request { spec: "platform.toml", environment: &environment, record_defaults: false };
            let (of_values, of_documents) = (compile(&files, request), compile_documents(&files, request));
            let name = format!("{}, {environment}", folder.display());
            assert_eq!(format!("{:?}", of_values.diagnostics), format!("{:?}", of_documents.diagnostics), "{name}");
            let (Some(of_values), Some(of_documents)) = (of_values.compiled, of_documents.compiled) else { continue };
            let (of_values, of_documents) = (of_values.plan, of_documents.plan);
            assert_same(&stream(&of_values), &stream(&of_documents), &name);
            assert_eq!(emit::tree(&of_values).unwrap(), emit::tree(&of_documents).unwrap(), "{name}");
            let [one, other] = [&of_values, &of_documents]
                .map(|plan| -> serde_json::Value { serde_json::from_slice(&emit::json(plan).unwrap()).unwrap() });
            assert!(one == other, "{name}: the values differ");
            let is_written = |resource: &&Resource| matches!(resource.object, Object::Written(_));
            let written = of_documents.resources().iter().filter(is_written).count();
            assert_eq!(of_values.resources().iter().filter(is_written).count(), 0);
            plans += 1;
            documents += written;
            values += of_documents.resources().len() - written;
        }
    }
    assert!(plans > 40 && documents > 500 && values > 100, "{plans} plans, {documents} documents, {values} values");
}

/// An overlay of comments is the platform as it is; so is one that states again what the platform states.
#[test]
fn an_overlay_that_changes_nothing_is_the_identity() {
    let mut files = dpj();
    let expected = stream(&sound(&files, "prod").plan);
    let overlay = files.iter().position(|(path, _)| path == "overlays/prod.toml").unwrap();
    // Production's overlay answers questions, and states nothing else.
    let stated = leaves(&parse(&files[overlay].1));
    assert!(stated.iter().all(|path| path.contains(&"acknowledge".to_owned())), "{stated:?}");
    for nothing in ["# a comment\n", "\n\n  # indented\r\n", "\u{feff}# with a mark"] {
        files[overlay].1 = nothing.to_owned();
        assert_same(&expected, &stream(&sound(&files, "prod").plan), nothing);
    }
    let mut same = parse(&files[0].1);
    same.as_object_mut().unwrap().remove("dpjgen");
    files[overlay].1 = write(&same, &mut |_| {});
    assert_same(&expected, &stream(&sound(&files, "prod").plan), "the platform as an overlay of itself");
}

/// The environment's name is all that two environments with one overlay differ in.
#[test]
fn environments_differ_by_their_overlays_only() {
    let mut files = dpj();
    files.push(("overlays/live.toml".to_owned(), "# as production\n".to_owned()));
    let (prod, live) = (stream(&sound(&files, "prod").plan), stream(&sound(&files, "live").plan));
    assert!(live.contains("dpj/live/"), "the path of secrets names the environment");
    assert!(live.contains("prefix: velero/live\n"), "the folder of backups names the environment");
    assert_same(&prod, &live.replace("dpj/live/", "dpj/prod/").replace("velero/live\n", "velero/prod\n"), "live");
}

/// Many parts, one spec: each top-level table in a file of its own.
#[test]
fn a_spec_in_parts_is_the_spec() {
    let mut files = dpj();
    let expected = stream(&sound(&files, "prod").plan);
    let whole = parse(&files[0].1);
    let mut names = Vec::new();
    let mut dice = Dice(7);
    for (key, value) in whole.as_object().unwrap() {
        if key == "dpjgen" {
            continue;
        }
        let mut part = serde_json::Map::new();
        part.insert(key.clone(), value.clone());
        names.push(format!("\"parts/{key}.toml\""));
        let text = write(&serde_json::Value::Object(part), &mut |keys| dice.shuffle(keys));
        files.push((format!("parts/{key}.toml"), text));
    }
    for _ in 0..5 {
        dice.shuffle(&mut names);
        files[0].1 = format!("dpjgen = \"1\"\ninclude = [{}]\n", names.join(", "));
        assert_same(&expected, &stream(&sound(&files, "prod").plan), &files[0].1);
    }
}

/// A warning or an error never changes what is read: no diagnostics on the platform as it is.
#[test]
fn the_platform_has_no_diagnostics() {
    for environment in ENVIRONMENTS {
        let found = compiled(&dpj(), environment).diagnostics;
        assert!(found.is_empty(), "{found:?}");
    }
}
