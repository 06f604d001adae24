//! `dpjgen schemas import FILE…`.

use super::args::ImportArgs;
use super::inputs::{self, Input};
use super::output::Terminal;
use super::platform::Platform;
use super::{FAILED, FINE, diags};
use crate::diag::{Diagnostic, Severity};
use crate::files::{
    Files, MemoryFiles, OWNERSHIP_FILE, Tree, WriteError, WriteOptions, WriteReport, complete, write_trees,
};
use crate::schema::crd::{FOLDER, Import, Imported, Kept, Store, diags as crd, keep};
use crate::source::SourceMap;
use std::fmt::Write as _;

const UNCHANGED: &str = "nothing was changed";

pub(super) fn import(args: &ImportArgs, terminal: Terminal) -> u8 {
    let platform = Platform::at(&args.spec.spec);
    if let Err(error) = platform.files.read(&platform.spec) {
        return refuse(terminal, &[crd::no_platform(&args.spec.spec.display().to_string(), &error)]);
    }
    let mut import = Import::default();
    let (mut names, mut contents) = (Vec::new(), Vec::new());
    for Input { name, bytes } in inputs::read(&args.inputs) {
        match bytes {
            Ok(bytes) => {
                names.push(name);
                contents.push(bytes);
            }
            Err(error) => import.unreadable(&name, &error),
        }
    }
    let inputs: Vec<_> = names.iter().map(String::as_str).zip(contents.iter().map(Vec::as_slice)).collect();
    import.add(&inputs);
    let mut imported = import.finish();
    let Some(mut tree) = imported.tree.take() else {
        terminal.report(&imported.diagnostics, &imported.sources, Some(UNCHANGED));
        return FAILED;
    };
    let new = tree.clone();
    let options = WriteOptions { force: args.force, ..WriteOptions::default() };
    // What is stored is read before it is written, and must not be half of an import that was stopped.
    if let Err(error) = complete(platform.files.root(), options) {
        return not_written(terminal, &platform, &error);
    }
    let kept = match keep(&platform.files, &mut tree, args.prune) {
        Ok(kept) => kept,
        Err(faults) => return refuse(terminal, &faults),
    };
    let folder = platform.files.root().join(FOLDER);
    let name = folder.strip_prefix(".").unwrap_or(&folder).display().to_string();
    if !args.force && !kept.edited.is_empty() {
        let found: Vec<_> = kept.edited.iter().map(|problem| diags::in_the_way(&name, problem)).collect();
        return refuse(terminal, &found);
    }
    match write_trees(platform.files.root(), &[(FOLDER, &tree)], options) {
        Ok(written) => {
            let report = written.trees.first().cloned().unwrap_or_default();
            let mut text = summary(&name, &imported, &kept, &report, &new);
            text.extend(written.leftover.iter().flat_map(|leftover| ["\n", leftover]));
            terminal.note(&text);
            FINE
        }
        Err(error) => not_written(terminal, &platform, &error),
    }
}

fn not_written(terminal: Terminal, platform: &Platform, error: &WriteError) -> u8 {
    let root = platform.files.root();
    let root = root.strip_prefix(".").unwrap_or(root).display().to_string();
    terminal.report(&diags::not_written(&root, error), &SourceMap::default(), Some(error.outcome()));
    FAILED
}

fn refuse(terminal: Terminal, found: &[Diagnostic]) -> u8 {
    let errors = found.iter().any(|found| found.severity == Severity::Error);
    terminal.report(found, &SourceMap::default(), errors.then_some(UNCHANGED));
    FAILED
}

fn summary(name: &str, imported: &Imported, kept: &Kept, report: &WriteReport, new: &Tree) -> String {
    let mut text = format!("{name}: {} imported", count(imported.names.len(), "CRD"));
    let written = report.written.len();
    let unchanged = imported.names.len().saturating_sub(written);
    let _ = write!(text, ", {written} written, {unchanged} unchanged");
    if !report.removed.is_empty() {
        let _ = write!(text, ", {} removed", report.removed.len());
    }
    if !imported.skipped.is_empty() {
        let _ = write!(text, "\npassed over, being no CRDs: {}", imported.skipped_kinds());
    }
    if !kept.kept.is_empty() {
        let them = if kept.kept.len() == 1 { "it" } else { "them" };
        let _ = write!(text, "\nstored before, not in this import, left as before: {}", names(&kept.kept));
        let _ = write!(text, "; `--prune` removes {them}");
    }
    if !kept.pruned.is_empty() {
        let _ = write!(text, "\nstored before, not in this import, removed: {}", names(&kept.pruned));
    }
    rules(new, &mut text);
    for foreign in &report.foreign {
        let _ = write!(text, "\n{name}/{foreign}: not dpjgen's, left alone");
    }
    text
}

/// What of the rules can be evaluated is said when they are imported, and not only when an object needs them.
fn rules(tree: &Tree, text: &mut String) {
    let mut files = MemoryFiles::new().with(&format!("{FOLDER}/{OWNERSHIP_FILE}"), tree.ownership());
    for (path, bytes) in tree.iter() {
        files.insert(&format!("{FOLDER}/{path}"), bytes);
    }
    let (store, _) = Store::load(&files);
    let (mut all, mut unusable) = (0, Vec::new());
    for definition in store.iter() {
        for (rule, problem) in definition.stated_rules() {
            all += 1;
            if let Some(problem) = problem {
                let (plural, group, version) = (&definition.plural, &definition.group, &definition.version);
                unusable.push(format!("{plural}.{group} {version}: `{rule}`: {problem}"));
            }
        }
    }
    if all > 0 {
        let _ = write!(text, "\n{}: {} cannot be evaluated", count(all, "CEL rule"), unusable.len());
    }
    for problem in unusable {
        let _ = write!(text, "\n  {problem}");
    }
}

fn count(number: usize, what: &str) -> String {
    format!("{number} {what}{}", if number == 1 { "" } else { "s" })
}

/// The first names, and how many more.
fn names(all: &[String]) -> String {
    const SHOWN: usize = 10;
    let shown: Vec<&str> = all.iter().take(SHOWN).map(String::as_str).collect();
    let more = all.len().saturating_sub(SHOWN);
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    format!("{}{more}", shown.join(", "))
}
