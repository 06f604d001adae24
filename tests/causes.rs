//! What brought a difference about: one changed value of the spec is the cause of everything that follows from it, and of
//! several each is the cause of its own.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]
#![allow(clippy::disallowed_methods, missing_docs)]
#![allow(clippy::format_push_string, clippy::format_collect, clippy::case_sensitive_file_extension_comparisons)]
#![cfg(unix)]

mod support;

use dpjgen::Request;
use dpjgen::cause::{Causes, Revisions, manifests};
use dpjgen::diff::{self, Cause, Fate, ObjectChange, SpecChange};
use dpjgen::files::MemoryFiles;
use dpjgen::load::Value;
use std::collections::{BTreeMap, BTreeSet};
use support::spec::{Dice, compiled, dpj, memory};

/// A spec's files.
type Spec = Vec<(String, String)>;

/// Compares two states, finds the causes, and hands all to `look`; `None` if one of them does not compile.
fn causes<T>(
    old: &MemoryFiles,
    new: &MemoryFiles,
    environment: &str,
    look: impl FnOnce(&[ObjectChange<'_>], &Causes) -> T,
) -> Option<T> {
    let request = Request { spec: "platform.toml", environment, record_defaults: false };
    let revisions = Revisions::compile(old, new, request);
    let (before, after) = (revisions.before.as_ref()?, revisions.after.compiled.as_ref()?);
    let (old, new) = (manifests(&before.plan), manifests(&after.plan));
    let changes = diff::compare(&old, &new).unwrap();
    let causes = revisions.causes(&changes, &|_| false);
    complete(&changes, &causes);
    Some(look(&changes, &causes))
}

/// Each difference is in one group.
fn complete(changes: &[ObjectChange<'_>], causes: &Causes) {
    let mut seen: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for (object, fields) in causes.groups.iter().flat_map(|group| &group.changes) {
        seen.entry(*object).or_default().extend(fields);
    }
    for (index, change) in changes.iter().enumerate() {
        let mut fields = seen.remove(&index).unwrap_or_else(|| panic!("{} has no cause", change.id));
        fields.sort_unstable();
        assert_eq!(fields, (0..change.fields.len()).collect::<Vec<_>>(), "{}", change.id);
    }
    assert!(seen.is_empty());
}

fn replaced(files: &[(String, String)], file: &str, from: &str, to: &str) -> Spec {
    let change = |(path, text): &(String, String)| {
        let text = if path == file {
            assert!(text.contains(from), "{file} has no {from}");
            text.replacen(from, to, 1)
        } else {
            text.clone()
        };
        (path.clone(), text)
    };
    files.iter().map(change).collect()
}

/// `overlays/staging.toml:3 workloads.x.replicas 1 → 2`.
fn line(change: &SpecChange) -> String {
    let shown = |value: &Option<String>| value.clone().unwrap_or_else(|| "nothing".to_owned());
    let place = &change.place;
    format!("{}:{} {} {} → {}", place.file, place.line, place.key, shown(&change.old), shown(&change.new))
}

/// Groups by cause: the objects of each.
fn summary(changes: &[ObjectChange<'_>], causes: &Causes) -> Vec<(Vec<String>, Vec<String>)> {
    let cause = |cause: &Cause| match cause {
        Cause::Spec(changes) => changes.iter().map(line).collect(),
        other => vec![format!("{other:?}")],
    };
    let objects = |all: &[(usize, Vec<usize>)]| all.iter().map(|(object, _)| changes[*object].id.to_string()).collect();
    causes.groups.iter().map(|group| (cause(&group.cause), objects(&group.changes))).collect()
}

#[test]
fn what_did_not_change_has_no_causes() {
    let files = memory(&dpj());
    for environment in support::spec::ENVIRONMENTS {
        let found = causes(&files, &files, environment, |changes, causes| {
            (changes.len(), causes.groups.len(), causes.idle.len(), causes.notes.len())
        });
        assert_eq!(found, Some((0, 0, 0, 0)));
    }
}

/// TOML of other values that may be valid in the place of one.
fn others(value: &Value) -> Vec<String> {
    let quoted = |text: String| serde_json::to_string(&text).unwrap();
    match value {
        Value::Integer(n) => vec![(n + 1).to_string(), (n * 2).to_string()],
        Value::Boolean(b) => vec![(!b).to_string()],
        Value::String(text) => [('0', '1'), ('1', '2'), ('2', '3'), ('5', '4')]
            .iter()
            .filter_map(|(from, to)| text.rfind(*from).map(|at| format!("{}{to}{}", &text[..at], &text[at + 1..])))
            .chain([format!("{text}x"), "other".to_owned()])
            .map(quoted)
            .collect(),
        _ => Vec::new(),
    }
}

/// A change that has nothing to do with any other, so that a search has something to tell apart.
const DECOY: (&str, &str, &str) = ("certificates.issuer", "\"letsencrypt-prod\"", "\"letsencrypt-staging\"");

#[test]
fn a_changed_value_is_the_cause_of_all_that_follows() {
    const WANTED: usize = 60;
    let files = dpj();
    let old = memory(&files);
    let mut dice = Dice(4);
    let (mut effective, mut fields) = (0, 0);
    for environment in ["prod", "staging"] {
        let before = compiled(&files, environment);
        let mut leaves = BTreeMap::new();
        before.compiled.as_ref().unwrap().merged.root.leaves(&mut Vec::new(), &mut |path, node| {
            let span = before.sources.spans(node.id).unwrap().value;
            let file = before.sources.file(span.file).unwrap().path.clone();
            // The platform's name is part of many: objects of another name are other ones, whatever else they say.
            if ![DECOY.0, "platform.name"].contains(&&*path.join(".")) {
                leaves.insert(node.id, (file, span.start as usize..span.end as usize, others(&node.value)));
            }
        });
        let mut leaves: Vec<_> = leaves.into_values().filter(|(.., others)| !others.is_empty()).collect();
        dice.shuffle(&mut leaves);
        for (file, range, others) in leaves.into_iter().take(WANTED) {
            let other = &others[dice.roll(others.len())];
            let mut changed = files.clone();
            let (_, text) = changed.iter_mut().find(|(path, _)| *path == file).unwrap();
            let at = text[..range.start].matches('\n').count() + 1;
            text.replace_range(range, other);
            let what = format!("{environment}, {file}:{at} = {other}");
            // Alone: whatever changes is its doing, and nothing else can be.
            let alone = causes(&old, &memory(&changed), environment, |changes, causes| {
                assert_eq!(causes.idle.len(), usize::from(changes.is_empty()), "{what}");
                own(causes, &file, at, &what)
            });
            let Some(alone) = alone else { continue };
            // Beside the other change: the same differences, and those of the other one.
            let both = replaced(&changed, "platform.toml", DECOY.1, DECOY.2);
            let (mine, others, certificates) = causes(&old, &memory(&both), environment, |changes, causes| {
                let (decoy, mine): (Vec<_>, Vec<_>) = causes.groups.iter().cloned().partition(|group| {
                    matches!(&group.cause, Cause::Spec(spec) if spec.len() == 1 && spec[0].place.key == DECOY.0)
                });
                let decoy = decoy.iter().flat_map(|group| &group.changes);
                let decoy: Vec<_> = decoy.map(|(object, fields)| (*object, fields.len())).collect();
                // Those that got another name are new ones, whatever else they say.
                let changed = changes.iter().enumerate().filter(|(_, change)| change.fate == Fate::Changed);
                let certificates = changed.filter(|(_, change)| change.id.kind == "Certificate");
                let certificates: Vec<_> = certificates.map(|(object, _)| (object, 1)).collect();
                (own(&Causes { groups: mine, ..Causes::default() }, &file, at, &what), decoy, certificates)
            })
            .unwrap_or_else(|| panic!("{what}: compiles alone"));
            assert_eq!(mine, alone, "{what}");
            assert_eq!(others, certificates, "{what}");
            effective += usize::from(alone > 0);
            fields += alone;
        }
    }
    assert!(effective > 30 && fields > 80, "only {effective} values had an effect, on {fields} fields");
}

/// Number of differences, all of which one line of the spec brought about.
fn own(causes: &Causes, file: &str, line: usize, what: &str) -> usize {
    for group in &causes.groups {
        let Cause::Spec(spec) = &group.cause else { panic!("{what}: {:?}", group.cause) };
        let places: Vec<_> = spec.iter().map(|change| (&*change.place.file, change.place.line)).collect();
        assert_eq!(places, [(file, line)], "{what}");
    }
    causes.groups.iter().flat_map(|group| &group.changes).map(|(_, fields)| fields.len().max(1)).sum()
}

#[test]
fn each_of_several_changes_is_the_cause_of_its_own() {
    let old = dpj();
    let new = replaced(&old, "platform.toml", "dpj/client-app:1.0.0", "dpj/client-app:1.1.0");
    let new = replaced(&new, "platform.toml", "min = 3, max = 10 }", "min = 3, max = 9 }");
    // What an overlay states wins: in staging the second one changes nothing.
    for (environment, wanted, idle) in [("prod", 2, 0), ("staging", 1, 1)] {
        let (found, unused) =
            causes(&memory(&old), &memory(&new), environment, |c, all| (summary(c, all), all.idle.len())).unwrap();
        assert_eq!((found.len(), unused), (wanted, idle), "{found:#?}");
        let at = |text: &str| 1 + old[0].1[..old[0].1.find(text).unwrap()].matches('\n').count();
        let image = format!(
            "platform.toml:{} workloads.client-app.image \"dpj/client-app:1.0.0\" → \"dpj/client-app:1.1.0\"",
            at("image    = \"dpj/client-app")
        );
        assert_eq!(found[0].0, [image]);
        assert!(found[0].1.contains(&"Deployment dpj-frontend/client-app".to_owned()), "{found:#?}");
    }
}

#[test]
fn changes_that_only_work_together_form_a_group() {
    let old = dpj();
    // A new workload and who connects to it: neither line of the connection compiles without the workload.
    let new = replaced(
        &old,
        "platform.toml",
        "[workloads.ged-service]",
        "[workloads.report-service]\nclass = \"spring\"\nimage = \"dpj/report-service:1.0.0\"\n\n[workloads.ged-service]",
    );
    let new = replaced(&new, "platform.toml", "mongodb = { env", "report-service = {}\nmongodb = { env");
    let new = replaced(&new, "platform.toml", "dpj/client-app:1.0.0", "dpj/client-app:1.1.0");
    let found = causes(&memory(&old), &memory(&new), "staging", summary).unwrap();
    let key = |line: &String| line.split(' ').nth(1).unwrap().to_owned();
    let groups: BTreeMap<Vec<String>, Vec<String>> =
        found.into_iter().map(|(cause, objects)| (cause.iter().map(key).collect(), objects)).collect();
    let keys: Vec<Vec<String>> = groups.keys().cloned().collect();
    let (image, workload) = ("workloads.client-app.image", "workloads.report-service");
    let connection = "workloads.ged-service.connects.report-service";
    assert_eq!(
        keys,
        [vec![image.to_owned()], vec![workload.to_owned(), connection.to_owned()], vec![workload.to_owned()]]
            .into_iter()
            .collect::<BTreeSet<_>>()
            .into_iter()
            .collect::<Vec<_>>(),
        "{groups:#?}"
    );
    assert!(groups[&vec![workload.to_owned()]].contains(&"Deployment dpj-backend/report-service".to_owned()));
}

/// An entry under another name and all that names it are one change, also beside another one and in an overlay.
#[test]
fn a_new_name_is_one_cause() {
    let old = dpj();
    let rename = |files: &Spec| -> Spec {
        files.iter().map(|(path, text)| (path.clone(), text.replace("document-service", "papers"))).collect()
    };
    for environment in ["prod", "staging", "dev"] {
        let alone = causes(&memory(&old), &memory(&rename(&old)), environment, summary).unwrap();
        assert_eq!(alone.len(), 1, "{environment}: {alone:#?}");
        let [cause] = &*alone[0].0 else { panic!("{environment}: {alone:#?}") };
        assert!(cause.starts_with("platform.toml:") && cause.ends_with(" workloads.papers document-service → papers"));
        let both = replaced(&rename(&old), "platform.toml", "dpj/client-app:1.0.0", "dpj/client-app:1.1.0");
        let both = causes(&memory(&old), &memory(&both), environment, summary).unwrap();
        let keys: Vec<&str> =
            both.iter().flat_map(|(cause, _)| cause).map(|line| line.split(' ').nth(1).unwrap()).collect();
        assert_eq!(keys, ["workloads.client-app.image", "workloads.papers"], "{environment}: {both:#?}");
    }
}

#[test]
fn a_template_is_a_cause() {
    let template = |level: &str| format!("server:\n  port: 8080\nlogging:\n  level: {level}\n");
    let files = |level: &str| memory(&dpj()).with("templates/spring/application.yaml", template(level));
    let found = causes(&files("INFO"), &files("DEBUG"), "prod", summary).unwrap();
    assert_eq!(found.len(), 1, "{found:#?}");
    assert_eq!(found[0].0, ["templates/spring/application.yaml:4  level: INFO → level: DEBUG"]);
    assert!(found[0].1.iter().any(|object| object.starts_with("ConfigMap")), "{found:#?}");
}

#[test]
fn no_secret_is_part_of_a_cause() {
    let spec = |password: &str| {
        let mut files = dpj();
        files[0].1 = files[0].1.replace(
            "env       = { SPRING_PROFILES_ACTIVE = \"kubernetes\" }",
            &format!("env = {{ JDBC = \"jdbc:postgresql://app:{password}@db/x\" }}"),
        );
        files
    };
    // What holds a credential does not compile; what it was before must not be shown all the same.
    let request = Request { spec: "platform.toml", environment: "prod", record_defaults: false };
    let (old, new) = (memory(&spec("hunter2-secret")), memory(&dpj()));
    let revisions = Revisions::compile(&old, &new, request);
    let after = revisions.after.compiled.as_ref().unwrap();
    let after = manifests(&after.plan);
    let changes = diff::compare(&[], &after).unwrap();
    let causes = revisions.causes(&changes, &|_| false);
    assert!(!format!("{causes:?}").contains("hunter2"), "{causes:#?}");
}
