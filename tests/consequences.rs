//! What is said to follow from a change.
//!
//! A case is a folder in `tests/consequences/` with `old.yaml`, `new.yaml` (either may be missing: no objects) and
//! `expected.txt`. With a `crd.yaml` its definitions are known; with an empty file `complete`, rules may also ask for the
//! objects that did not change. Both sides are also those of a platform in two states: what is found to have caused the change
//! stands below. `DPJGEN_BLESS=1 cargo test --test consequences` writes `expected.txt` anew; read it then.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]
#![allow(clippy::disallowed_methods, missing_docs)]
#![cfg(unix)]

#[path = "support/crds.rs"]
mod crds;
#[path = "support/patched.rs"]
mod patched;
mod support;
#[path = "support/through.rs"]
mod through;

use crds::store_of;
use dpjgen::diff::{
    Class, Consequence, Context, Fate, ObjectChange, Segment, Surroundings, Whole, classify, compare, immutable_rows,
};
use dpjgen::manifest::{Manifest, Value, read};
use dpjgen::schema::crd::Store;
use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::sync::LazyLock;
use support::{blessing, root, unified};
use through::Caused;

fn manifests<'a>(path: &'a str, bytes: &'a [u8]) -> Vec<Manifest<'a>> {
    read(path, bytes).unwrap_or_else(|faults| panic!("{path}: {faults:?}"))
}

/// What holds for all consequences, whatever they say.
fn assert_sound(changes: &[ObjectChange<'_>], context: &str) {
    for change in changes {
        let id = &change.id;
        let found = &change.consequences;
        assert!(!found.is_empty(), "{context}: {id} has no consequence");
        assert!(found.is_sorted_by(|a, b| a.class >= b.class), "{context}: {id}: not the worst first: {found:?}");
        let said: BTreeSet<usize> = found.iter().flat_map(|one| one.fields.iter().copied()).collect();
        if change.fate == Fate::Changed {
            let all: BTreeSet<usize> = (0..change.fields.len()).collect();
            let left: Vec<String> = all.difference(&said).map(|index| path(&change.fields[*index].path)).collect();
            assert!(left.is_empty(), "{context}: {id}: nothing is said of {left:?}: {found:?}");
        }
        for Consequence { message, remedy, fields, .. } in found {
            assert!(fields.iter().all(|index| *index < change.fields.len()), "{context}: {id}: {fields:?}");
            assert!(fields.is_sorted_by(|a, b| a < b), "{context}: {id}: {fields:?}");
            for text in [Some(message), remedy.as_ref()].into_iter().flatten() {
                let tidy =
                    !text.is_empty() && !text.ends_with(['.', ' ']) && !text.contains("  ") && !text.contains('\n');
                assert!(tidy, "{context}: {id}: `{text}`");
            }
        }
    }
}

fn path(segments: &[Segment]) -> String {
    let mut text = String::new();
    for segment in segments {
        match segment {
            Segment::Key(key) if text.is_empty() => text.push_str(key),
            Segment::Key(key) => write!(text, ".{key}").unwrap(),
            Segment::Item { is, .. } => write!(text, "[{is}]").unwrap(),
            Segment::Index(index) => write!(text, "[{index}]").unwrap(),
        }
    }
    text
}

fn shown(changes: &[ObjectChange<'_>]) -> String {
    let mut text = String::new();
    for change in changes {
        let fate = match &change.fate {
            Fate::Added => "added".to_owned(),
            Fate::Removed => "removed".to_owned(),
            Fate::Changed => "changed".to_owned(),
            Fate::Renamed { from } => format!("renamed from {from}"),
        };
        writeln!(text, "{} ({fate})", change.id).unwrap();
        for consequence in &change.consequences {
            writeln!(text, "  {}: {}", consequence.class.name(), consequence.message).unwrap();
            for index in &consequence.fields {
                writeln!(text, "    {}", path(&change.fields[*index].path)).unwrap();
            }
            if let Some(remedy) = &consequence.remedy {
                writeln!(text, "    → {remedy}").unwrap();
            }
        }
    }
    if text.is_empty() { "nothing changes\n".to_owned() } else { text }
}

/// Classifies the difference, as the case says, and in all other ways to see that they are sound as well.
fn classified<'a>(
    name: &str,
    (old, new): (&'a [Manifest<'a>], &'a [Manifest<'a>]),
    (old_bytes, new_bytes): (&[u8], &[u8]),
    crds: Option<&Store>,
    complete: bool,
) -> Vec<ObjectChange<'a>> {
    let all = Whole::new([("old.yaml", old_bytes)], [("new.yaml", new_bytes)]);
    let back = Whole::new([("new.yaml", new_bytes)], [("old.yaml", old_bytes)]);
    let mut wanted = None;
    for whole in [!complete, complete] {
        for crds in [None, crds] {
            let mut changes = compare(old, new).unwrap();
            let surroundings = whole.then_some(&all as &dyn Surroundings);
            classify(&mut changes, &Context { crds, surroundings });
            assert_sound(&changes, name);
            wanted = Some(changes);
            let mut changes = compare(new, old).unwrap();
            let surroundings = whole.then_some(&back as &dyn Surroundings);
            classify(&mut changes, &Context { crds, surroundings });
            assert_sound(&changes, &format!("{name}, backwards"));
        }
    }
    let mut none = compare(new, new).unwrap();
    classify(&mut none, &Context { crds, surroundings: Some(&back) });
    assert!(none.is_empty(), "{name}: no change, yet {none:?}");
    wanted.unwrap()
}

fn cases() -> Vec<String> {
    let mut names: Vec<String> = fs::read_dir(root().join("tests/consequences"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    assert!(names.len() > 60, "only {} cases", names.len());
    names
}

/// What leads to the changes of each case where they are those of a platform.
static CAUSED: LazyLock<BTreeMap<String, Result<Caused, String>>> = LazyLock::new(|| {
    let caused = |name: String| {
        let folder = root().join("tests/consequences").join(&name);
        let bytes = |file: &str| fs::read(folder.join(file)).unwrap_or_default();
        let (old, new, crd) = (bytes("old.yaml"), bytes("new.yaml"), bytes("crd.yaml"));
        let case = through::Case { old: &old, new: &new, crd: &crd, complete: folder.join("complete").exists() };
        let found = through::causes(&case);
        (name, found)
    };
    cases().into_iter().map(caused).collect()
});

/// Runs a case and hands its changes over.
fn with_case<T>(name: &str, then: impl FnOnce(&[ObjectChange<'_>]) -> T) -> T {
    let folder = root().join("tests/consequences").join(name);
    let bytes = |file: &str| fs::read(folder.join(file)).unwrap_or_default();
    let (old, new, crd) = (bytes("old.yaml"), bytes("new.yaml"), bytes("crd.yaml"));
    assert!(!old.is_empty() || !new.is_empty(), "{name} has neither old.yaml nor new.yaml");
    let store = (!crd.is_empty()).then(|| store_of(&[("crd.yaml", &crd)]));
    let bytes = (old.as_slice(), new.as_slice());
    let (old, new) = (manifests("old.yaml", &old), manifests("new.yaml", &new));
    then(&classified(name, (&old, &new), bytes, store.as_ref(), folder.join("complete").exists()))
}

#[test]
fn each_case_has_the_consequences_that_it_expects() {
    let mut wrong = Vec::new();
    for name in cases() {
        let caused = match &CAUSED[&name] {
            Ok(Caused { text, .. }) => format!("caused by\n\n{text}"),
            Err(error) => format!("no platform has this: {error}\n"),
        };
        let actual = with_case(&name, shown) + "\n" + &caused;
        let file = root().join("tests/consequences").join(&name).join("expected.txt");
        if blessing() {
            fs::write(&file, &actual).unwrap();
            continue;
        }
        let expected = fs::read_to_string(&file).unwrap_or_default();
        if expected != actual {
            wrong.push(format!("{name}:\n{}", unified(&expected, &actual, ("expected", "actual"))));
        }
    }
    assert!(wrong.is_empty(), "{} cases differ:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn each_row_of_the_table_of_immutable_fields_has_a_case() {
    for row in immutable_rows() {
        with_case(&format!("immutable-{}", row.id), |changes| {
            let found = changes.iter().any(|change| {
                let remedy = row.remedy.replace("NAME", &change.id.name);
                let mut all = change.consequences.iter();
                all.any(|one| one.class == row.class && one.remedy.as_deref().unwrap_or("") == remedy)
            });
            assert!(found, "{}: no such consequence in\n{}", row.id, shown(changes));
        });
        let caused = CAUSED[&format!("immutable-{}", row.id)].as_ref().unwrap();
        let found = caused.consequences.iter().any(|(name, one)| {
            one.class == row.class && one.remedy.as_deref().unwrap_or("") == row.remedy.replace("NAME", name)
        });
        assert!(found, "{}: no such consequence has a cause in the spec:\n{}", row.id, caused.text);
    }
    let ids: BTreeSet<&str> = immutable_rows().map(|row| row.id).collect();
    assert_eq!(ids.len(), immutable_rows().count(), "an id stands twice");
}

#[test]
fn each_row_stands_in_the_documentation() {
    let text = fs::read_to_string(root().join("docs/DIFF.md")).unwrap();
    let mut lines = String::new();
    for row in immutable_rows() {
        let kinds: Vec<&str> = row.kinds.iter().map(|kind| kind.rsplit('/').next().unwrap()).collect();
        let kinds = if kinds == ["*"] { "any".to_owned() } else { kinds.join(", ") };
        let line = format!("| {kinds} | {} | {} | {} |", row.field, row.class.name(), row.source);
        writeln!(lines, "{line}").unwrap();
    }
    assert!(text.contains(&lines), "the table of immutable fields in docs/DIFF.md has to be:\n{lines}");
    for class in Class::ALL {
        assert!(text.contains(&format!("| `{}` |", class.name())), "{} is not described", class.name());
    }
}

#[test]
fn each_class_occurs_and_has_a_cause() {
    let (mut seen, mut caused_by) = (BTreeSet::new(), BTreeSet::new());
    for name in cases() {
        caused_by.extend(CAUSED[&name].iter().flat_map(|found| &found.consequences).map(|(_, one)| one.class));
        with_case(&name, |changes| {
            seen.extend(changes.iter().flat_map(|change| change.consequences.iter().map(|one| one.class)));
        });
    }
    assert_eq!(seen.into_iter().collect::<Vec<_>>(), Class::ALL);
    assert_eq!(caused_by.into_iter().collect::<Vec<_>>(), Class::ALL);
}

#[test]
fn secrets_are_never_in_a_message() {
    let secret = "c3VwZXItc2VjcmV0LXZhbHVl";
    let object = |value: &str| {
        format!(
            "apiVersion: v1\nkind: Secret\nmetadata: {{name: a, namespace: b}}\ndata: {{password: {value}}}\nimmutable: true\n---\n\
             apiVersion: apps/v1\nkind: Deployment\nmetadata: {{name: a, namespace: b}}\nspec:\n  template:\n    spec:\n      \
             containers: [{{name: a, env: [{{name: PASSWORD, value: {value}}}], args: [{value}]}}]\n---\n\
             apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: a, namespace: b}}\ndata: {{{value}: {value}}}\n"
        )
    };
    let (old, new) = (object(secret), object("b3RoZXI="));
    let (old, new) = (manifests("old", old.as_bytes()), manifests("new", new.as_bytes()));
    for (old, new) in [(&old, &new), (&new, &old)] {
        let mut changes = compare(old, new).unwrap();
        classify(&mut changes, &Context::default());
        assert_eq!(changes.len(), 3);
        for consequence in changes.iter().flat_map(|change| &change.consequences) {
            let text = format!("{} {:?}", consequence.message, consequence.remedy);
            assert!(!text.contains(secret) && !text.contains("b3RoZXI"), "{text}");
        }
    }
}

/// All versions of a value in which one leaf, entry or item is another one, or gone.
fn mutations<'a>(value: &Value<'a>, out: &mut dyn FnMut(Value<'a>)) {
    let text = |text: &str| Value::String(Cow::Owned(text.to_owned()));
    let number = |text: &str| Value::Number(Cow::Owned(text.to_owned()));
    match value {
        Value::Null => out(number("1")),
        Value::Bool(value) => out(Value::Bool(!value)),
        Value::Number(old) => {
            let next = old.parse::<i64>().map_or(0, |value| value + 1);
            out(number(&next.to_string()));
            out(number("0"));
            out(text("many"));
        }
        Value::String(old) => {
            out(text(&format!("{old}x")));
            out(text("*"));
            out(text("1Gi"));
            out(number("7"));
        }
        Value::Sealed(_) => out(text("sealed")),
        Value::List(items) => {
            for (index, item) in items.iter().enumerate() {
                let mut less = items.clone();
                less.remove(index);
                out(Value::List(less));
                mutations(item, &mut |changed| {
                    let mut more = items.clone();
                    more[index] = changed;
                    out(Value::List(more));
                });
            }
            out(text("no list"));
        }
        Value::Map(entries) => {
            for (index, (_, inner)) in entries.iter().enumerate() {
                let mut less = entries.to_vec();
                less.remove(index);
                out(Value::Map(less.into()));
                mutations(inner, &mut |changed| {
                    let mut more = entries.to_vec();
                    more[index].1 = changed;
                    out(Value::Map(more.into()));
                });
            }
            out(Value::Null);
        }
    }
}

fn yaml_files(folder: &Path, found: &mut Vec<String>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            yaml_files(&path, found);
        } else if path.extension().is_some_and(|ext| ext == "yaml") && !path.ends_with("kustomization.yaml") {
            found.push(path.to_str().unwrap().to_owned());
        }
    }
}

/// Every object of the real output and of the cases, with one value of it changed, gone, or of another type.
#[test]
fn each_mutation_of_an_object_has_a_consequence() {
    let mut files = Vec::new();
    yaml_files(&root().join("out/prod"), &mut files);
    yaml_files(&root().join("tests/consequences"), &mut files);
    // What is new in a case is nearly what was old in it.
    files.retain(|file| !file.ends_with("crd.yaml") && !file.ends_with("/new.yaml"));
    files.sort();
    let (mut objects, mut mutated) = (0, 0);
    for file in files {
        let bytes = fs::read(&file).unwrap();
        let all = Whole::new([(file.as_str(), bytes.as_slice())], [(file.as_str(), bytes.as_slice())]);
        for manifest in manifests(&file, &bytes) {
            objects += 1;
            let old = [manifest.clone()];
            mutations(&manifest.value, &mut |value| {
                mutated += 1;
                let new = [Manifest { value, ..manifest.clone() }];
                let context =
                    Context { crds: None, surroundings: (mutated % 2 == 0).then_some(&all as &dyn Surroundings) };
                let mut changes = compare(&old, &new).unwrap();
                classify(&mut changes, &context);
                assert_sound(&changes, &file);
            });
        }
    }
    assert!(objects > 200 && mutated > 10_000, "{mutated} mutations of {objects} objects");
}
