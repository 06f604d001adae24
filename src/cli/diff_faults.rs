//! Manifests that cannot be read or compared, collected from all sides.

use super::FAILED;
use super::output::Terminal;
use crate::diag::Diagnostic;
use crate::diff;
use crate::manifest::Fault;
use crate::source::SourceMap;

/// All that were found so far, the old sides' first.
#[derive(Default)]
pub(super) struct Faults {
    found: Vec<Fault>,
}

impl Faults {
    pub(super) fn is_empty(&self) -> bool {
        self.found.is_empty()
    }

    /// Those of one comparison.
    pub(super) fn add(&mut self, found: diff::Faults) {
        self.found.extend(found.old);
        self.found.extend(found.new);
    }

    /// Prints them; the exit status if there are any. `text` gives a file's text by its name.
    pub(super) fn report<'t>(
        &self,
        text: impl Fn(&str) -> Option<&'t str>,
        outcome: &str,
        terminal: Terminal,
    ) -> Option<u8> {
        if self.found.is_empty() {
            return None;
        }
        let mut sources = SourceMap::default();
        let helped = |diagnostic: Diagnostic| {
            let is_helped = !diagnostic.help.is_empty();
            if is_helped { diagnostic } else { diagnostic.help("mend the file, or take it from git again") }
        };
        let found: Vec<Diagnostic> =
            self.found.iter().map(|fault| helped(fault.diagnostic(&mut sources, &text))).collect();
        terminal.report(&found, &sources, Some(outcome));
        Some(FAILED)
    }
}
