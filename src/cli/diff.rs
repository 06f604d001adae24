//! `dpjgen diff ENV`: what a build would change, and why.

use super::args::{DiffArgs, DiffFormat};
use super::diff_against::{Against, Revision, Snapshot, join, shown};
use super::diff_faults::Faults;
use super::diff_manifests::{STREAM, Two, two};
use super::diff_world::{Named, Whole, World};
use super::output::Terminal;
use super::platform::Platform;
use super::{CROSSED, FAILED, FINE, NO, diags, diff_diags};
use crate::cause::{self, Causes, Revisions};
use crate::diag::mask::Masks;
use crate::diag::{Diagnostic, Sink};
use crate::diff::render::{self, Report};
use crate::diff::{self, Cause, Class, Context, Group, ObjectChange, Unread};
use crate::files::Lock;
use crate::schema::crd::Store;
use crate::source::SourceMap;
use crate::{Compilation, Request, compile, emit, load, patch};
use std::collections::BTreeSet;
use std::mem::{self, ManuallyDrop};
use std::path::{Path, PathBuf};

/// The name of kustomize's own files in a tree.
const KUSTOMIZATION: &str = "kustomization.yaml";

const NOTHING: &str = "nothing was compared";

pub(super) fn run(args: &DiffArgs, terminal: Terminal) -> u8 {
    match &args.manifests {
        Some(paths) => manifests(args, paths, terminal),
        None => environments(args, terminal),
    }
}

/// Both sides of one comparison, as bytes.
struct Comparison<'p> {
    environment: Option<String>,
    /// What they are called.
    old_name: String,
    new_name: String,
    old: Snapshot,
    /// By what the file is called in the old side's folder.
    new: Named,
    whole: [Whole; 2],
    /// What is the same on both sides and was not kept.
    unread: Unread,
    spec: Spec<'p>,
}

/// What is known of the spec.
enum Spec<'p> {
    Nothing,
    Today(Box<Compilation>),
    Both(Box<Revisions<'p>>),
}

impl Spec<'_> {
    fn today(&self) -> Option<&Compilation> {
        match self {
            Spec::Nothing => None,
            Spec::Today(compilation) => Some(compilation),
            Spec::Both(revisions) => Some(&revisions.after),
        }
    }
}

fn fail(terminal: Terminal, found: &[Diagnostic]) -> u8 {
    terminal.report(found, &SourceMap::default(), Some(NOTHING));
    FAILED
}

fn environments(args: &DiffArgs, terminal: Terminal) -> u8 {
    let platform = Platform::at(&args.spec.spec);
    let names = match &args.environment {
        Some(environment) => vec![environment.clone()],
        None => {
            let mut sink = Sink::default();
            let names = load::environments(&platform.files, &mut sink);
            if names.is_empty() && !sink.has_errors() {
                sink.push(load::diags::no_environments());
            }
            if sink.has_errors() {
                return fail(terminal, &sink.into_sorted(&SourceMap::default()));
            }
            names
        }
    };
    let out = args.out.clone().unwrap_or_else(|| platform.files.root().join("out"));
    let against = match Against::new(args.against.as_deref(), &out, &platform, args.environment.is_none()) {
        Ok(against) => against,
        Err(error) => return fail(terminal, &[error]),
    };
    let locks = match against.settled() {
        Ok(locks) => locks,
        Err(found) => return fail(terminal, &found),
    };
    let revision: Option<&Revision> = match &against {
        Against::Revision(revision) => Some(revision),
        Against::Out(_) | Against::Folder(_) => None,
    };
    let mut reporter = terminal.reporter();
    let (mut all, mut faults) = (Vec::new(), Vec::new());
    for name in &names {
        let request = Request { spec: &platform.spec, environment: name, record_defaults: false };
        let spec = match revision {
            Some(then) => Spec::Both(Box::new(Revisions::compile(&then.platform, &platform.files, request))),
            None => Spec::Today(Box::new(compile(&platform.files, request))),
        };
        let Some(compilation) = spec.today() else { continue };
        reporter.add(&compilation.diagnostics, &compilation.sources);
        let Some(compiled) = &compilation.compiled else { continue };
        let tree = match emit::tree(&compiled.plan) {
            Ok(tree) => tree,
            Err(error) => return fail(terminal, &[diags::internal(&error.to_string())]),
        };
        let folder = shown(&against.folder(name));
        let new = tree.iter().map(|(path, bytes)| (join(&folder, path), bytes.to_vec())).collect();
        match against.snapshot(name) {
            Ok(old) => all.push(Comparison {
                environment: Some(name.clone()),
                old_name: against.name(name),
                new_name: "the build".to_owned(),
                old,
                new,
                whole: [Whole::Given, Whole::Given],
                unread: Unread::default(),
                spec,
            }),
            Err(found) => faults.extend(found),
        }
    }
    let gone = if args.environment.is_none() { against.gone(&names) } else { Vec::new() };
    for name in gone {
        match against.snapshot(&name) {
            Ok(old) => all.push(Comparison {
                old_name: against.name(&name),
                new_name: format!("the build, without overlays/{name}.toml,"),
                environment: Some(name),
                old,
                new: Named::new(),
                whole: [Whole::Given, Whole::Given],
                unread: Unread::default(),
                spec: Spec::Nothing,
            }),
            Err(found) => faults.extend(found),
        }
    }
    drop(locks);
    if reporter.finish(NOTHING) > 0 {
        return FAILED;
    }
    if !faults.is_empty() {
        return fail(terminal, &faults);
    }
    let folder = shown(platform.files.root());
    let folder = if folder == "." { String::new() } else { format!("{folder}/") };
    let (crds, unusable) = Store::load(&platform.files);
    terminal.report(&unusable, &SourceMap::default(), None);
    compare(args, &ManuallyDrop::new(all), &folder, &crds, Vec::new(), terminal)
}

fn manifests(args: &DiffArgs, paths: &[PathBuf], terminal: Terminal) -> u8 {
    let [old, new] = paths else { return FAILED };
    if old.as_os_str() == "-" && new.as_os_str() == "-" {
        return fail(terminal, &[diff_diags::streams()]);
    }
    let (all, locks) = match two(old, new) {
        Ok(found) => found,
        Err(found) => return fail(terminal, &found),
    };
    let comparison = |two: Two| {
        let Two { tree, names: [old_name, new_name], files: [old, new], whole, unread } = two;
        let (old, spec) = (Snapshot::of(old), Spec::Nothing);
        Comparison { environment: tree, old_name, new_name, old, new, whole, unread, spec }
    };
    let comparisons = ManuallyDrop::new(all.into_iter().map(comparison).collect::<Vec<_>>());
    compare(args, &comparisons, "", &Store::default(), locks, terminal)
}

/// Compares all sides and prints what was found; the exit status. `locks` keep what may still have to be read as it is.
fn compare(
    args: &DiffArgs,
    all: &[Comparison<'_>],
    folder: &str,
    crds: &Store,
    locks: Vec<Lock>,
    terminal: Terminal,
) -> u8 {
    let mut faults = Faults::default();
    let mut sides = Vec::with_capacity(all.len());
    for one in all {
        match diff::Sides::read(files(&one.old.files), files(&one.new)) {
            Ok(read) => sides.push(read),
            Err(found) => faults.add(found),
        }
    }
    // The program ends behind this: the kernel takes all memory back at once, which is faster than object by object.
    let sides = ManuallyDrop::new(sides);
    let mut changes: Vec<Vec<ObjectChange<'_>>> = Vec::with_capacity(all.len());
    let mut again = Named::new();
    for (read, one) in sides.iter().zip(all) {
        match read.changes() {
            Ok(mut found) => {
                let holding = one.unread.holding(&found);
                let [was, is] = one.whole.each_ref().map(|side| side.some(holding.iter().copied()));
                faults.add(diff::twins_in(&found, files(&was), files(&is)));
                again.extend(was);
                again.extend(is);
                let [was, is] = &one.whole;
                let world = World::new((was, &one.old.files), (is, &one.new));
                let context = Context { crds: Some(crds), surroundings: Some(&world) };
                diff::classify(&mut found, &context);
                mem::forget(world);
                changes.push(found);
            }
            Err(found) => faults.add(found),
        }
    }
    // Everything is read: whoever looks at what is printed, in a pager, must keep nobody from building.
    drop(locks);
    let empty = |read: &diff::Sides<'_>, one: &Comparison<'_>| {
        let [was, is] = [read.old.is_empty(), read.new.is_empty()].map(|none| none && read.holds_nothing_else());
        let [was, is] = [was, is].map(|none| none && one.unread.is_empty() && matches!(one.spec, Spec::Nothing));
        [(one.old_name.clone(), was), (one.new_name.clone(), is)]
    };
    let empty: Vec<[(String, bool); 2]> = sides.iter().zip(all).map(|(read, one)| empty(read, one)).collect();
    if faults.is_empty() && empty.iter().flatten().any(|(name, is_empty)| *is_empty && name == STREAM) {
        return fail(terminal, &[diff_diags::empty()]);
    }
    let text = |name: &str| {
        let given = all.iter().find_map(|one| one.old.files.get(name).or_else(|| one.new.get(name)));
        let bytes = given.or_else(|| again.get(name))?;
        std::str::from_utf8(bytes).ok()
    };
    if let Some(status) = faults.report(text, NOTHING, terminal) {
        return status;
    }
    let mut causes: Vec<Causes> = all.iter().zip(&changes).map(|(sides, changes)| causes(sides, changes)).collect();
    for (causes, sides) in causes.iter_mut().zip(&empty) {
        let [was, is] = sides;
        causes.notes.extend(diff_diags::nothing([(&was.0, was.1), (&is.0, is.1)]));
    }
    let redone: Vec<Vec<String>> = all.iter().zip(&changes).map(|(sides, changes)| silent(sides, changes)).collect();
    let reports: Vec<Report<'_>> = all
        .iter()
        .zip(&changes)
        .zip(&causes)
        .zip(&redone)
        .map(|(((sides, changes), causes), kustomizations)| Report {
            environment: sides.environment.as_deref(),
            old: &sides.old_name,
            new: &sides.new_name,
            changes,
            groups: &causes.groups,
            idle: &causes.idle,
            kustomizations,
            notes: &causes.notes,
        })
        .collect();
    let masks = masks(all);
    let text = match args.format {
        DiffFormat::Human => render::human(&reports, &masks, terminal.style()),
        DiffFormat::Markdown => render::markdown(&reports, &masks),
        DiffFormat::Json => render::json(&reports, &masks),
        DiffFormat::Github => render::github(&reports, folder, &masks),
    };
    let status = match terminal.print(text.as_bytes()) {
        FINE if changes.iter().all(Vec::is_empty) && redone.iter().any(|notes| !notes.is_empty()) => NO,
        FINE => answer(&args.fail_on, &changes),
        failed => failed,
    };
    mem::forget((changes, causes));
    status
}

fn files(files: &Named) -> impl Iterator<Item = (&str, &[u8])> {
    files.iter().map(|(name, bytes)| (name.as_str(), bytes.as_slice()))
}

/// Files of ours that a build would write otherwise, though no object of theirs changes.
fn silent(sides: &Comparison<'_>, changes: &[ObjectChange<'_>]) -> Vec<String> {
    let mut notes = kustomizations(sides, changes.is_empty());
    let changed: BTreeSet<&str> =
        changes.iter().flat_map(|change| [change.old, change.new]).flatten().map(|manifest| manifest.path).collect();
    let edited = sides.old.owned().filter(|name| !is_kustomization(name) && !changed.contains(name));
    let edited = edited.filter(|name| sides.old.is_edited(name) && sides.new.contains_key(*name));
    notes.extend(edited.map(|name| {
        format!("{name} was edited by hand, and means the same: a build refuses to replace it without `--force`")
    }));
    notes
}

fn is_kustomization(name: &str) -> bool {
    Path::new(name).file_name().is_some_and(|it| it == KUSTOMIZATION)
}

/// Kustomizations of ours that a build would write otherwise. They hold no objects, and say which are applied: what a line
/// less leaves out, Argo CD prunes. Where objects change, so do the lists of them, and only edits are worth a word.
fn kustomizations(sides: &Comparison<'_>, is_same: bool) -> Vec<String> {
    let owned = sides.old.owned().filter(|name| is_kustomization(name));
    let note = |name: &str| {
        let (was, is) = (sides.old.files.get(name), sides.new.get(name));
        let what = match was {
            _ if was == is => return None,
            None => "is gone",
            Some(_) if sides.old.is_edited(name) => "was edited by hand",
            Some(_) if is_same => "is not what this dpjgen writes",
            Some(_) => return None,
        };
        Some(format!("{name} {what}: it says which objects are applied, so what is applied may differ"))
    };
    owned.filter_map(note).collect()
}

/// The exit status.
fn answer(fail_on: &[String], changes: &[Vec<ObjectChange<'_>>]) -> u8 {
    let mut all = changes.iter().flatten();
    let mut classes = changes.iter().flatten().flat_map(|change| &change.consequences).map(|found| found.class);
    let is_named = |class: Class| fail_on.iter().any(|name| name == "any" || name == class.name());
    match (all.next(), classes.any(is_named)) {
        (None, _) => FINE,
        (Some(_), true) => CROSSED,
        (Some(_), false) => NO,
    }
}

fn causes(sides: &Comparison<'_>, changes: &[ObjectChange<'_>]) -> Causes {
    let edited = |index: usize| {
        let Some(change) = changes.get(index) else { return false };
        let file = change.old.or(change.new);
        file.is_some_and(|manifest| sides.old.is_edited(manifest.path))
    };
    match &sides.spec {
        Spec::Both(revisions) => revisions.causes(changes, &edited),
        Spec::Today(compilation) => {
            let Compilation { sources, compiled, .. } = &**compilation;
            let groups = compiled.as_ref().map(|compiled| cause::origins(compiled, sources, changes, &edited));
            Causes { groups: groups.unwrap_or_default(), ..Causes::default() }
        }
        Spec::Nothing => {
            let all = changes.iter().enumerate();
            let changes: Vec<_> = all.map(|(index, change)| (index, (0..change.fields.len()).collect())).collect();
            let group = (!changes.is_empty()).then_some(Group { cause: Cause::Unknown, changes });
            Causes { groups: group.into_iter().collect(), ..Causes::default() }
        }
    }
}

/// What must not be shown of any of the specs.
fn masks(all: &[Comparison<'_>]) -> Masks {
    let mut masks = Masks::default();
    for one in all {
        match &one.spec {
            Spec::Nothing => {}
            Spec::Today(compilation) => masks.add_all(&patch::masks(&compilation.sources)),
            Spec::Both(revisions) => masks.add_all(&revisions.masks()),
        }
    }
    masks
}
