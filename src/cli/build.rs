//! `dpjgen build ENV`.

use super::args::{BuildArgs, StreamFormat};
use super::output::Terminal;
use super::platform::Platform;
use super::{FAILED, FINE, diags};
use crate::diag::{Diagnostic, Severity, Sink};
use crate::emit::{self, StreamError};
use crate::files::{Tree, WriteOptions, WriteReport, Written, write_trees};
use crate::plan::Plan;
use crate::source::SourceMap;
use crate::{Compilation, Request, compile, compile_documents, load};
use std::io::Write as _;
use std::mem;
use std::path::Path;

pub(super) fn run(args: &BuildArgs, terminal: Terminal) -> u8 {
    let platform = Platform::at(&args.spec.spec);
    let environments = match &args.environment {
        Some(environment) => vec![environment.clone()],
        None => {
            let mut sink = Sink::default();
            let environments = load::environments(&platform.files, &mut sink);
            if environments.is_empty() && !sink.has_errors() {
                sink.push(load::diags::no_environments());
            }
            if sink.has_errors() {
                let sources = SourceMap::default();
                terminal.report(&sink.into_sorted(&sources), &sources, Some(NOTHING_WRITTEN));
                return FAILED;
            }
            environments
        }
    };
    // Everything is compiled before anything is printed or written. Of each environment only what is to be written is
    // kept, so that many environments take the memory of their trees and not that of their models.
    let mut trees: Vec<(String, Tree)> = Vec::new();
    let mut plan: Option<Plan> = None;
    let mut reporter = terminal.reporter();
    let last = environments.len().saturating_sub(1);
    for (index, environment) in environments.into_iter().enumerate() {
        let request = Request { spec: &platform.spec, environment: &environment, record_defaults: false };
        // JSON is made of values.
        let compile = if args.out.is_none() && args.format == StreamFormat::Json { compile } else { compile_documents };
        let Compilation { sources, diagnostics, compiled } = compile(&platform.files, request);
        reporter.add(&diagnostics, &sources);
        if index == last {
            mem::forget(sources);
        }
        match compiled {
            Some(compiled) if args.out.is_some() => {
                match emit::tree(&compiled.plan) {
                    Ok(tree) => trees.push((environment, tree)),
                    Err(error) => return fail(terminal, &[diags::internal(&error.to_string())]),
                }
                // As below.
                if index == last {
                    mem::forget(compiled);
                }
            }
            Some(compiled) => {
                plan = Some(compiled.plan);
                // The process ends after this one: the kernel takes its memory back at once, where piece by piece takes
                // a tenth of a run.
                mem::forget((compiled.merged, compiled.model));
            }
            None => {}
        }
    }
    if reporter.finish(NOTHING_WRITTEN) > 0 {
        return FAILED;
    }
    if let Some(out) = &args.out {
        let status = write(out, &trees, args.force, terminal);
        mem::forget(trees);
        return status;
    }
    let status = plan.as_ref().map_or(FINE, |plan| print(plan, args.format, terminal));
    mem::forget(plan);
    status
}

const NOTHING_WRITTEN: &str = "nothing was written";

fn print(plan: &Plan, format: StreamFormat, terminal: Terminal) -> u8 {
    let mut internal = None;
    let status = terminal.print_with(|stdout| {
        let error = match format {
            StreamFormat::Yaml => match emit::write_stream(plan, stdout) {
                Err(StreamError::Io(error)) => return Err(error),
                Err(StreamError::Yaml(error)) => error.to_string(),
                Ok(()) => return Ok(()),
            },
            StreamFormat::Json => match emit::json(plan) {
                Ok(bytes) => return stdout.write_all(&bytes),
                Err(error) => error.to_string(),
            },
        };
        internal = Some(error);
        Ok(())
    });
    internal.map_or(status, |error| fail(terminal, &[diags::internal(&error)]))
}

fn fail(terminal: Terminal, diagnostics: &[Diagnostic]) -> u8 {
    terminal.report(diagnostics, &SourceMap::default(), None);
    if diagnostics.iter().any(|diagnostic| diagnostic.severity == Severity::Error) { FAILED } else { FINE }
}

fn write(out: &Path, trees: &[(String, Tree)], force: bool, terminal: Terminal) -> u8 {
    let trees: Vec<(&str, &Tree)> = trees.iter().map(|(environment, tree)| (environment.as_str(), tree)).collect();
    match write_trees(out, &trees, WriteOptions { force, ..WriteOptions::default() }) {
        Ok(written) => {
            for note in notes(out, &trees, &written) {
                terminal.note(&note);
            }
            FINE
        }
        Err(error) => {
            let found = diags::not_written(&out.display().to_string(), &error);
            terminal.report(&found, &SourceMap::default(), Some(error.outcome()));
            FAILED
        }
    }
}

/// What was done, tree by tree.
fn notes(out: &Path, trees: &[(&str, &Tree)], written: &Written) -> Vec<String> {
    let mut notes = Vec::new();
    if written.completed {
        notes.push(format!("{}: a run that was stopped half-way was completed first", out.display()));
    }
    let reports = trees.iter().zip(&written.trees);
    notes.extend(reports.map(|((name, _), report)| summary(&out.join(name).display().to_string(), report)));
    notes.extend(written.leftover.clone());
    notes
}

/// `out/prod: 3 written, 1 removed, 95 unchanged`.
fn summary(name: &str, report: &WriteReport) -> String {
    let mut parts = Vec::new();
    for (paths, what) in [(&report.written, "written"), (&report.removed, "removed"), (&report.adopted, "adopted")] {
        if !paths.is_empty() {
            parts.push(format!("{} {what}", paths.len()));
        }
    }
    parts.push(format!("{} unchanged", report.unchanged.len()));
    let mut text = format!("{name}: {}", parts.join(", "));
    for foreign in &report.foreign {
        text.extend(["\n", name, "/", foreign, ": not dpjgen's, left alone"]);
    }
    text
}
