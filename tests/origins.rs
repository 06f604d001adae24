//! A resource's origins are a superset of the spec's values that it depends on: `why` and `impact` rest on it.
//!
//! Each value of DPJ's spec is changed to other valid ones; every resource whose bytes change, appear or disappear must
//! list, among its origins, a node of the spec in whose subtree the value stands.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]
#![allow(clippy::disallowed_methods, missing_docs)]
#![allow(clippy::format_push_string, clippy::format_collect, clippy::case_sensitive_file_extension_comparisons)]
#![cfg(unix)]

mod support;

use dpjgen::load::{Node, Value};
use dpjgen::plan::Plan;
use dpjgen::source::NodeId;
use dpjgen::{Compilation, Compiled};
use std::collections::{BTreeMap, BTreeSet};
use support::spec::{compiled, dpj};

/// Valid changes of one value that are tried, at most.
const CHANGES: usize = 4;

/// A value of the spec where its file states it.
struct Leaf {
    path: String,
    node: NodeId,
    file: String,
    range: std::ops::Range<usize>,
    others: Vec<String>,
}

fn quoted(text: &str) -> String {
    serde_json::to_string(text).unwrap()
}

/// TOML of other values that may be valid in the place of one; those that are not are passed over.
fn others(value: &Value) -> Vec<String> {
    match value {
        Value::Integer(n) => {
            [n + 1, n * 2, n - 1, 1, 9000, 16379].iter().filter(|m| *m != n).map(i64::to_string).collect()
        }
        Value::Boolean(b) => vec![(!b).to_string()],
        Value::String(text) => {
            let mut all = Vec::new();
            // Other numbers in the same form: quantities, durations, shares, versions.
            for (from, to) in [('0', '1'), ('1', '2'), ('2', '3'), ('5', '4'), ('8', '9'), ('m', 's')] {
                all.extend(text.rfind(from).map(|at| format!("{}{to}{}", &text[..at], &text[at + 1..])));
            }
            all.extend(
                [
                    "data",
                    "backend",
                    "infrastructure",
                    "host",
                    "port",
                    "password",
                    "username",
                    "access-key",
                    "endpoint",
                    "url",
                    "rolling",
                    "recreate",
                    "prefer",
                    "require",
                    "baseline",
                    "eu-west-3",
                    "other",
                    "/other",
                    "1.29",
                    "{environment}/{secret}",
                    "pass",
                    "fail",
                    "strict",
                    "permissive",
                    "admin",
                    "50%",
                ]
                .map(str::to_owned),
            );
            all.push(format!("{text}x"));
            all.iter().filter(|other| other.as_str() != &**text).map(|other| quoted(other)).collect()
        }
        _ => Vec::new(),
    }
}

/// Every string, number and switch of the merged spec, once: a class's value is seen through each member.
fn leaves(compilation: &Compilation) -> Vec<Leaf> {
    let merged = &compilation.compiled.as_ref().unwrap().merged;
    let mut found: BTreeMap<NodeId, Leaf> = BTreeMap::new();
    merged.root.leaves(&mut Vec::new(), &mut |path, node| {
        let span = compilation.sources.spans(node.id).unwrap().value;
        found.entry(node.id).or_insert_with(|| Leaf {
            path: path.join("."),
            node: node.id,
            file: compilation.sources.file(span.file).unwrap().path.clone(),
            range: span.start as usize..span.end as usize,
            others: others(&node.value),
        });
    });
    found.into_values().collect()
}

/// Each node of a tree with everything below it.
fn subtrees(node: &Node, all: &mut BTreeMap<NodeId, BTreeSet<NodeId>>) -> BTreeSet<NodeId> {
    let mut below = BTreeSet::from([node.id]);
    match &node.value {
        Value::Table(table) => table.iter().for_each(|entry| below.extend(subtrees(&entry.node, all))),
        Value::Array(items) => items.iter().for_each(|item| below.extend(subtrees(item, all))),
        _ => {}
    }
    all.entry(node.id).or_default().extend(below.iter().copied());
    below
}

/// Resources by identity: bytes and origins.
fn resources(plan: &Plan) -> BTreeMap<String, (String, Vec<NodeId>)> {
    let all = plan.resources().iter().map(|resource| {
        let identity = resource.object.identity();
        let kind = format!("{}.{}", identity.kind, identity.group);
        let name = format!("{kind} {}/{}", identity.namespace.unwrap_or("-"), identity.name);
        (name, (serde_json::to_string(&resource.object).unwrap(), resource.origins.clone()))
    });
    all.collect()
}

/// What changed without saying that it depends on the leaf.
fn unexplained(before: &Compiled, after: &Compiled, leaf: NodeId) -> (usize, Vec<String>) {
    let mut below = BTreeMap::new();
    subtrees(&before.merged.root, &mut below);
    subtrees(&after.merged.root, &mut below);
    let explains = |origins: &[NodeId]| origins.iter().any(|o| below.get(o).is_some_and(|nodes| nodes.contains(&leaf)));
    let (old, new) = (resources(&before.plan), resources(&after.plan));
    let names: BTreeSet<&String> = old.keys().chain(new.keys()).collect();
    let (mut changed, mut found) = (0, Vec::new());
    for name in names {
        let (was, is) = (old.get(name), new.get(name));
        if was.map(|(bytes, _)| bytes) == is.map(|(bytes, _)| bytes) {
            continue;
        }
        changed += 1;
        // A change may end the dependence, or begin it: one side has to know of it.
        if !was.into_iter().chain(is).any(|(_, origins)| explains(origins)) {
            found.push(name.clone());
        }
    }
    (changed, found)
}

/// Changes the values that one file of a platform states.
fn change(files: &[(String, String)], environment: &str, stated_in: &str) {
    let before = compiled(files, environment);
    let all: Vec<Leaf> = leaves(&before).into_iter().filter(|leaf| leaf.file == stated_in).collect();
    let (mut wrong, mut untried) = (Vec::new(), Vec::new());
    let (mut effective, mut total) = (0, 0);
    for leaf in &all {
        let mut tried = 0;
        for other in &leaf.others {
            let mut changed = files.to_vec();
            let (_, text) = changed.iter_mut().find(|(path, _)| *path == leaf.file).unwrap();
            text.replace_range(leaf.range.clone(), other);
            let after = compiled(&changed, environment);
            let Some(compiled) = &after.compiled else { continue };
            // The numbers of nodes follow from the form of the files, which is the same.
            assert_eq!(after.sources.node_count(), before.sources.node_count());
            let (changed, found) = unexplained(before.compiled.as_ref().unwrap(), compiled, leaf.node);
            effective += usize::from(changed > 0);
            total += 1;
            wrong.extend(found.iter().map(|name| format!("{} = {other} changes {name}", leaf.path)));
            tried += 1;
            if tried == CHANGES {
                break;
            }
        }
        if tried == 0 {
            untried.push(leaf.path.as_str());
        }
    }
    assert!(wrong.is_empty(), "{} origins are missing:\n{}", wrong.len(), wrong.join("\n"));
    // A change that changes nothing shows nothing.
    assert!(effective * 10 >= total * 7 && effective > 5, "{effective} of {total} changes changed anything");
    assert!(
        untried.len() * 3 <= all.len(),
        "{} of {} values have no other valid value: {untried:?}",
        untried.len(),
        all.len()
    );
}

#[test]
fn the_platform_in_production() {
    change(&dpj(), "prod", "platform.toml");
}

#[test]
fn the_platform_in_development() {
    change(&dpj(), "dev", "platform.toml");
}

#[test]
fn the_overlays() {
    change(&dpj(), "dev", "overlays/dev.toml");
    change(&dpj(), "staging", "overlays/staging.toml");
}

/// What DPJ does not use, the cases do.
#[test]
fn the_cases() {
    for case in [
        "blue-green",
        "classes",
        "datastores-of-every-engine",
        "externals",
        "namespaces",
        "network-policies",
        "overlay",
        "secrets",
        "workload-with-every-key",
    ] {
        let folder = support::root().join("tests/cases").join(case);
        let files: Vec<(String, String)> = support::files(&folder)
            .into_iter()
            .filter(|path| !path.starts_with("expected/"))
            .map(|path| (path.clone(), std::fs::read_to_string(folder.join(path)).unwrap()))
            .collect();
        change(&files, "prod", "platform.toml");
    }
}

#[test]
fn patches() {
    let overlay = "\
[patches.api]
new    = true
target = { kind = \"Deployment\", name = \"api\" }

[patches.api.merge.spec]
minReadySeconds         = 5
progressDeadlineSeconds = 700
replicas                = 3
revisionHistoryLimit    = 4

[patches.api.merge.spec.template.spec]
terminationGracePeriodSeconds = 60
securityContext               = { fsGroup = 10002, runAsGroup = 10003, runAsUser = 10004 }
";
    let files = [("platform.toml", support::PLATFORM), ("overlays/prod.toml", overlay)];
    change(&files.map(|(path, text)| (path.to_owned(), text.to_owned())), "prod", "overlays/prod.toml");
}

/// Origins are few: a resource that listed the whole spec would say nothing.
#[test]
fn origins_are_entries_and_not_the_whole_spec() {
    for environment in ["dev", "staging", "prod"] {
        let compilation = compiled(&dpj(), environment);
        let compiled = compilation.compiled.as_ref().unwrap();
        for resource in compiled.plan.resources() {
            assert!(!resource.origins.is_empty(), "{:?}", resource.object.identity());
            assert!(!resource.origins.contains(&compiled.merged.root.id), "{:?}", resource.object.identity());
            for origin in &resource.origins {
                assert!(compilation.sources.spans(*origin).is_some(), "{:?}", resource.object.identity());
            }
        }
    }
}
