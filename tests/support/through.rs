//! Two states of a platform around the manifests of a case, and what `dpjgen diff ENV --against git:REV` makes of them. The
//! change is one of patches in the spec, or of the file of manifests where patches cannot say it.

use crate::crds::imported;
use crate::patched::{Patched, patched};
use dpjgen::cause::{Revisions, manifests};
use dpjgen::diff::{Cause, Class, Consequence, Context, SpecChange, Surroundings, Whole, classify, compare};
use dpjgen::files::MemoryFiles;
use dpjgen::manifest::read;
use dpjgen::{Request, compile, emit};
use std::collections::BTreeSet;
use std::fmt::Write as _;

/// The files of a case; empty where there is none.
pub struct Case<'a> {
    pub old: &'a [u8],
    pub new: &'a [u8],
    pub crd: &'a [u8],
    /// Whether rules may ask for objects that did not change.
    pub complete: bool,
}

/// A platform of one state: these manifests and patches, in namespaces that exist in both states.
fn platform(case: &Case<'_>, (file, manifests): (&str, &[u8]), patches: &str) -> MemoryFiles {
    let (mut namespaces, mut own) = (BTreeSet::new(), BTreeSet::new());
    for side in [case.old, case.new] {
        for manifest in read("case.yaml", side).expect("manifests") {
            if manifest.id.kind == "Namespace" {
                own.insert(manifest.id.name);
            }
            namespaces.extend(manifest.id.namespace);
        }
    }
    let mut spec = "dpjgen = \"1\"\n\n[platform]\nname = \"case\"\nkubernetes = \"1.34\"\n".to_owned();
    for name in namespaces.difference(&own) {
        write!(spec, "\n[namespaces.{name}]\nname = \"{name}\"\nisolated = false\npod-security = \"privileged\"\n")
            .expect("a text");
    }
    let mut files = MemoryFiles::new();
    if !read(file, manifests).expect("manifests").is_empty() {
        write!(spec, "\n[manifests.case]\nfiles = [\"{file}\"]\n").expect("a text");
        files.insert(file, manifests);
    }
    if !case.crd.is_empty() {
        for (path, bytes) in imported(&[("crd.yaml", case.crd)]) {
            files.insert(&path, bytes);
        }
    }
    spec.push_str(patches);
    files.insert("platform.toml", spec);
    files.insert("overlays/prod.toml", "# nothing\n");
    files
}

/// What both states lead to.
pub struct Caused {
    /// The causes, with the objects that follow from each and their classes.
    pub text: String,
    /// Everything that is said to follow from what the spec changed, by the object's name.
    pub consequences: Vec<(String, Consequence)>,
}

/// Compares both states, finds the causes, or says why a state does not compile.
pub fn causes(case: &Case<'_>) -> Result<Caused, String> {
    let file = |bytes| platform(case, ("case.yaml", bytes), "");
    let stated = between(case, [file(case.old), file(case.new)]);
    let (old, new) = (read("case.yaml", case.old).expect("manifests"), read("case.yaml", case.new).expect("manifests"));
    let Some(Patched { manifests, patches }) = patched(&old, &new) else { return stated };
    let patched = between(case, patches.map(|text| platform(case, ("case.json", manifests.as_bytes()), &text)));
    // The same has to follow, however the spec says it; an item of a list may be called otherwise.
    let sorted = |caused: &Result<Caused, String>| {
        let found = caused.as_ref().ok()?.consequences.iter();
        let mut found: Vec<_> = found.map(|(name, one)| (name.clone(), one.class, one.message.clone())).collect();
        found.sort();
        found.dedup();
        Some(found)
    };
    if sorted(&patched).is_some() && sorted(&patched) == sorted(&stated) { patched } else { stated }
}

fn between(case: &Case<'_>, [old, new]: [MemoryFiles; 2]) -> Result<Caused, String> {
    let request = Request { spec: "platform.toml", environment: "prod", record_defaults: false };
    let revisions = Revisions::compile(&old, &new, request);
    let (Some(before), Some(after)) = (&revisions.before, &revisions.after.compiled) else {
        let first = |files: &MemoryFiles| {
            let found = compile(files, request);
            let mut errors = found.diagnostics.into_iter().filter(|_| found.compiled.is_none());
            errors.next().map(|error| error.message)
        };
        return Err(first(&old).or_else(|| first(&new)).expect("an error"));
    };
    let streams = [before, after].map(|compiled| emit::stream(&compiled.plan).expect("a stream"));
    let [was, is] = &streams;
    let all = Whole::new([("old", was.as_slice())], [("new", is.as_slice())]);
    let surroundings = case.complete.then_some(&all as &dyn Surroundings);
    let (was, is) = (manifests(&before.plan), manifests(&after.plan));
    let mut changes = compare(&was, &is).expect("one object of each identity");
    classify(&mut changes, &Context { crds: None, surroundings });
    let causes = revisions.causes(&changes, &|_| false);
    assert!(causes.notes.is_empty(), "{:?}", causes.notes);
    let (mut text, mut consequences) = (String::new(), Vec::new());
    for group in &causes.groups {
        let Cause::Spec(places) = &group.cause else { panic!("not the spec: {:?}", group.cause) };
        for change in places {
            writeln!(text, "{}", line(change)).expect("a text");
        }
        for (object, fields) in &group.changes {
            let change = &changes[*object];
            let own = change
                .consequences
                .iter()
                .filter(|one| one.fields.is_empty() || one.fields.iter().any(|field| fields.contains(field)));
            consequences.extend(own.clone().map(|one| (change.id.name.clone(), one.clone())));
            let classes: BTreeSet<_> = own.map(|one| one.class).collect();
            let classes: Vec<&str> = classes.into_iter().rev().map(Class::name).collect();
            writeln!(text, "  {}: {}", change.id, classes.join(", ")).expect("a text");
        }
    }
    for change in &causes.idle {
        writeln!(text, "{}\n  nothing", line(change)).expect("a text");
    }
    Ok(Caused { text, consequences })
}

/// `platform.toml:14 workloads.a.replicas  3 → 5`.
fn line(change: &SpecChange) -> String {
    let place = &change.place;
    let key = if place.key.is_empty() { String::new() } else { format!(" {}", place.key) };
    let values = match (&change.old, &change.new) {
        (Some(old), Some(new)) => format!("{old} → {new}"),
        (Some(old), None) => format!("(gone) {old}"),
        (None, new) => format!("(new) {}", new.as_deref().unwrap_or_default()),
    };
    format!("{}:{}{key}  {values}", place.file, place.line)
}
