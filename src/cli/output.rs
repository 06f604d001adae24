//! Standard output and standard error.
#![allow(clippy::disallowed_methods, reason = "the only place that prints")]

use super::args::{Color, MessageFormat};
use super::{FAILED, FINE, diags};
use crate::diag::render::{Style, human, json};
use crate::diag::{Diagnostic, Severity};
use crate::patch;
use crate::source::SourceMap;
use std::collections::BTreeSet;
use std::io::{self, ErrorKind, IsTerminal, StdoutLock, Write};

/// How to talk to whoever runs the command.
#[derive(Clone, Copy, Debug)]
pub(super) struct Terminal {
    color: bool,
    stdout_color: bool,
    format: MessageFormat,
}

impl Terminal {
    pub(super) fn new(color: Color, format: MessageFormat) -> Self {
        let colored = |is_terminal: bool| match color {
            Color::Always => true,
            Color::Never => false,
            Color::Auto => is_terminal && std::env::var_os("NO_COLOR").is_none_or(|v| v.is_empty()),
        };
        let stdout_color = colored(io::stdout().is_terminal());
        Terminal { color: colored(io::stderr().is_terminal()), stdout_color, format }
    }

    /// How what is printed on standard output for people looks.
    pub(super) fn style(self) -> Style {
        Style { color: self.stdout_color }
    }

    /// Prints the command's output. A reader that went away (`| head`) has what it wanted: that is no error.
    pub(super) fn print(self, bytes: &[u8]) -> u8 {
        self.print_with(|stdout| stdout.write_all(bytes))
    }

    /// The same for output that is made while it is printed.
    pub(super) fn print_with(self, write: impl FnOnce(&mut StdoutLock<'static>) -> io::Result<()>) -> u8 {
        let mut stdout = io::stdout().lock();
        match write(&mut stdout).and_then(|()| stdout.flush()) {
            Ok(()) => FINE,
            Err(error) if error.kind() == ErrorKind::BrokenPipe => FINE,
            Err(error) => {
                self.report(&[diags::stdout(&error)], &SourceMap::default(), None);
                FAILED
            }
        }
    }

    /// Prints a line for people. Programs that read JSON get none.
    pub(super) fn note(self, text: &str) {
        if self.format == MessageFormat::Human {
            to_stderr(&format!("{text}\n"));
        }
    }

    /// Prints diagnostics; `outcome` says what the errors among them led to.
    pub(super) fn report(self, diagnostics: &[Diagnostic], sources: &SourceMap, outcome: Option<&str>) {
        if diagnostics.is_empty() && self.format == MessageFormat::Human {
            return;
        }
        let masks = patch::masks(sources);
        to_stderr(&match self.format {
            MessageFormat::Human => human::render(diagnostics, sources, &masks, Style { color: self.color }, outcome),
            MessageFormat::Json => json::render(diagnostics, sources, &masks),
        });
    }

    /// Collects the diagnostics of several compilations.
    pub(super) fn reporter(self) -> Reporter {
        Reporter { terminal: self, seen: BTreeSet::new(), groups: Vec::new() }
    }
}

/// Nobody is left to be told when standard error fails.
fn to_stderr(text: &str) {
    drop(io::stderr().lock().write_all(text.as_bytes()));
}

/// Diagnostics of several environments: what is wrong in the base is wrong in each of them, and said once.
pub(super) struct Reporter {
    terminal: Terminal,
    seen: BTreeSet<(&'static str, String, String)>,
    groups: Vec<(Vec<Diagnostic>, SourceMap)>,
}

impl Reporter {
    pub(super) fn add(&mut self, diagnostics: &[Diagnostic], sources: &SourceMap) {
        let mut new = Vec::new();
        for diagnostic in diagnostics {
            let place = diagnostic.labels.first().map(|label| match label.place.span(sources) {
                Some(span) => sources.describe(span),
                None => format!("{:?}", label.place),
            });
            let key = (diagnostic.code.id, diagnostic.message.clone(), place.unwrap_or_default());
            if self.seen.insert(key) {
                new.push(diagnostic.clone());
            }
        }
        if !new.is_empty() {
            self.groups.push((new, sources.clone()));
        }
    }

    /// Prints what was collected; the number of errors in it.
    pub(super) fn finish(self, outcome: &str) -> usize {
        let errors = self.groups.iter().flat_map(|(found, _)| found).filter(|d| d.severity == Severity::Error).count();
        let outcome = (errors > 0).then_some(outcome);
        for (found, sources) in &self.groups {
            self.terminal.report(found, sources, outcome);
        }
        errors
    }
}
