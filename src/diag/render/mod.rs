//! Diagnostics as text: for people ([`human`]) and for CI ([`json`]).
//!
//! Input: diagnostics, the sources that they point at, and the secrets that must not be shown. The output depends on
//! nothing else: no terminal, no locale, no operating system.

mod excerpt;
pub mod human;
pub mod json;
mod lines;
#[cfg(test)]
mod tests;

use super::{Diagnostic, Severity};

/// How the text for people looks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Style {
    /// Whether it has ANSI colour codes.
    pub color: bool,
}

/// `3 errors, 1 warning`; empty without either.
pub fn counts(diagnostics: &[Diagnostic]) -> String {
    let count = |severity, noun: &str| {
        let n = diagnostics.iter().filter(|d| d.severity == severity).count();
        (n > 0).then(|| format!("{n} {noun}{}", if n == 1 { "" } else { "s" }))
    };
    let counts: Vec<String> =
        [count(Severity::Error, "error"), count(Severity::Warning, "warning")].into_iter().flatten().collect();
    counts.join(", ")
}

/// The word of a severity in every output.
fn word(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
    }
}
