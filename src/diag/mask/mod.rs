//! Secrets never reach an output, a log or an error message: what is one, and how it is hidden.
//!
//! Three things hide a secret, each where the others cannot. [`Masks::add`]: a literal that the run knows to be one, in
//! every message and excerpt. [`Masks::add_span`]: the place of one, in excerpts. And a look at the text alone, for
//! values beside credential names, for values that look like a credential, and for the forms in which tools write them: it
//! serves files that do not parse, too.

mod names;
mod scan;
#[cfg(test)]
mod tests;
mod values;
mod written;

pub use names::is_credential_name;
pub use values::credential_in_value;
pub use written::is_argument_credential;

use crate::source::{FileId, Span};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::ops::Range;

/// What stands for a secret in a message.
const BULLETS: &str = "•••";

/// Secrets shorter than this, in characters, are hidden by their place only: without `a`, no message could be read.
const MIN_CHARS: usize = 4;

/// A secret of letters only, up to this length, is hidden only where it stands as a word of its own: with the password
/// `postgres` one still reads of `postgresql`, and of the workload `postgres-exporter`.
const MAX_WORD: usize = 12;

/// Lines of a secret of several lines are hidden one by one from this length on.
const MIN_LINE: usize = 8;

/// Bytes by which secrets are looked up.
const PREFIX: usize = 4;

/// Why a value that stands in the spec is a credential, as a phrase (`its name says that it is a credential`): the key
/// names one and the value is written out, or the value looks like one. A reference (`$(VAR)`, `${VAR}`, `{{ … }}`) a
/// switch (`true`) or a path (`/run/secrets/db`) is none.
pub fn is_literal_credential(key: &str, value: &str) -> Option<String> {
    if let Some(kind) = credential_in_value(value) {
        return Some(format!("its value looks like {kind}"));
    }
    let named = is_credential_name(key) && !names::is_connection_string(key);
    let literal = values::is_literal(value) && !values::is_path(value);
    (named && literal).then(|| "its name says that it is a credential".to_owned())
}

/// The same for a field of a Kubernetes object, where `secret` is the name of one and `credential` a reference; of a text
/// with arguments (`--password=…`) each counts.
pub fn is_field_credential(key: &str, value: &str) -> Option<String> {
    if let Some(kind) = credential_in_value(value) {
        return Some(format!("its value looks like {kind}"));
    }
    if !values::pairs(value).is_empty() {
        return Some("it gives one to a command".to_owned());
    }
    names::is_plain_credential_name(key).then(|| is_literal_credential(key, value)).flatten()
}

/// What must be hidden in a run.
///
/// Linear: a text is read once, whatever the number of secrets; only those that share their first four bytes are tried
/// one after the other.
#[derive(Clone, Default)]
pub struct Masks {
    /// By their first bytes.
    literals: BTreeMap<[u8; PREFIX], BTreeSet<String>>,
    /// Bytes with which a secret begins: most bytes of a text need no look at the others.
    first: BTreeSet<u8>,
    hidden: Vec<Span>,
    visible: Vec<Span>,
}

/// Counts, never the secrets: this ends up in logs.
impl fmt::Debug for Masks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let literals: usize = self.literals.values().map(BTreeSet::len).sum();
        f.debug_struct("Masks").field("literals", &literals).field("hidden", &self.hidden.len()).finish_non_exhaustive()
    }
}

impl Masks {
    /// Hides a secret wherever it occurs in messages and excerpts; of several lines, each long enough one too. A secret
    /// of less than four characters is not hidden by this: give its place to [`Masks::add_span`], and do not quote it.
    pub fn add(&mut self, secret: &str) {
        let secret = secret.trim();
        let lines = secret.lines().map(str::trim).filter(|line| line.len() >= MIN_LINE);
        for part in std::iter::once(secret).chain(lines) {
            if let Some(prefix) = part.as_bytes().first_chunk::<PREFIX>()
                && part.chars().count() >= MIN_CHARS
            {
                self.first.extend(prefix.first());
                self.literals.entry(*prefix).or_default().insert(part.to_owned());
            }
        }
    }

    /// Hides the secrets of another run, too. Places are not taken over: they are those of other sources.
    pub fn add_all(&mut self, other: &Masks) {
        self.first.extend(&other.first);
        for (prefix, literals) in &other.literals {
            self.literals.entry(*prefix).or_default().extend(literals.iter().cloned());
        }
    }

    /// Hides a place in every excerpt: the text of a value, with or without its quotes, which stay.
    pub fn add_span(&mut self, span: Span) {
        self.hidden.push(span);
    }

    /// Shows a value in excerpts although its key names a credential: a name or a reference, known by its type
    /// (`secret = "postgres-app"`). What the two other methods hide stays hidden.
    pub fn add_visible(&mut self, span: Span) {
        self.visible.push(span);
    }

    /// A message without secrets: each one, and whatever is a credential by its looks, is replaced by `•••`.
    pub fn apply(&self, text: &str) -> String {
        let mut hidden = self.occurrences(text);
        hidden.extend(values::unmistakable(text));
        hidden.extend(written::in_words(text));
        let mut masked = String::with_capacity(text.len());
        let mut from = 0;
        for range in merged(hidden) {
            masked.push_str(text.get(from..range.start).unwrap_or(""));
            masked.push_str(BULLETS);
            from = range.end;
        }
        masked.push_str(text.get(from..).unwrap_or(""));
        masked
    }

    /// [`Masks::apply`], and values beside names of credentials, as in the text of a file.
    pub fn hide(&self, text: &str) -> String {
        let mut out = String::with_capacity(text.len());
        let mut from = 0;
        // No span is of this file.
        for range in self.hidden(FileId(u32::MAX), text) {
            out.push_str(text.get(from..range.start).unwrap_or(""));
            out.push_str(BULLETS);
            from = range.end;
        }
        out.push_str(text.get(from..).unwrap_or(""));
        out
    }

    /// The lines of a text, each as [`Masks::hide`] leaves it in the whole text: what a value is may stand on the line
    /// before it.
    pub fn hide_lines(&self, text: &str) -> Vec<String> {
        let hidden = self.hidden(FileId(u32::MAX), text);
        let mut at = 0;
        let mut ranges = hidden.iter().peekable();
        let line = |line: &str| {
            let (start, end) = (at, at + line.len());
            at = end;
            let mut out = String::new();
            let mut from = start;
            while let Some(range) = ranges.peek().filter(|range| range.start < end) {
                out.push_str(text.get(from..range.start.max(from)).unwrap_or(""));
                out.push_str(BULLETS);
                from = range.end.min(end);
                if range.end > end {
                    break;
                }
                ranges.next();
            }
            out.push_str(text.get(from..end).unwrap_or(""));
            out.trim_end_matches(['\n', '\r']).to_owned()
        };
        text.split_inclusive('\n').map(line).collect()
    }

    /// The bytes of a file that no excerpt may show, in order and apart from each other. Reads the whole text: once per
    /// file, not per message.
    pub fn hidden(&self, file: FileId, text: &str) -> Vec<Range<usize>> {
        let mut hidden = scan::keyed_values(text);
        hidden.extend(values::unmistakable(text));
        hidden.extend(values::pairs(text));
        hidden.extend(written::all(text));
        let visible: Vec<Range<usize>> =
            merged(self.visible.iter().filter(|s| s.file == file).map(|s| clamped(*s, text)).collect());
        hidden.retain(|range| {
            let behind = visible.partition_point(|v| v.start <= range.start);
            behind.checked_sub(1).and_then(|i| visible.get(i)).is_none_or(|v| range.end > v.end)
        });
        hidden.extend(self.hidden.iter().filter(|s| s.file == file).map(|s| unquoted(clamped(*s, text), text)));
        hidden.extend(self.occurrences(text));
        merged(hidden)
    }

    /// Where the secrets occur, also where they overlap.
    fn occurrences(&self, text: &str) -> Vec<Range<usize>> {
        let mut found = Vec::new();
        for (at, window) in text.as_bytes().windows(PREFIX).enumerate() {
            let [byte, ..] = window else { continue };
            if !self.first.contains(byte) {
                continue;
            }
            let (Ok(prefix), Some(rest)) = (<[u8; PREFIX]>::try_from(window), text.get(at..)) else { continue };
            let Some(secrets) = self.literals.get(&prefix) else { continue };
            let longest =
                secrets.iter().filter(|s| rest.starts_with(s.as_str()) && stands(text, at, s)).map(String::len);
            if let Some(len) = longest.max() {
                found.push(at..at + len);
            }
        }
        found
    }
}

/// Whether a secret that begins at `at` counts there: a plain word only between other characters than those of names.
fn stands(text: &str, at: usize, secret: &str) -> bool {
    if secret.len() > MAX_WORD || !secret.bytes().all(|b| b.is_ascii_alphabetic()) {
        return true;
    }
    let named = |c: char| c.is_alphanumeric() || c == '_' || c == '-';
    let before = text.get(..at).and_then(|t| t.chars().next_back());
    let after = text.get(at + secret.len()..).and_then(|t| t.chars().next());
    !before.is_some_and(named) && !after.is_some_and(named)
}

/// In order, without overlaps and without empty ones.
fn merged(mut ranges: Vec<Range<usize>>) -> Vec<Range<usize>> {
    ranges.sort_by_key(|r| (r.start, r.end));
    let mut merged: Vec<Range<usize>> = Vec::with_capacity(ranges.len());
    for range in ranges.into_iter().filter(|r| !r.is_empty()) {
        match merged.last_mut() {
            Some(last) if range.start <= last.end => last.end = last.end.max(range.end),
            _ => merged.push(range),
        }
    }
    merged
}

/// A span as a range of the text that it should belong to.
fn clamped(span: Span, text: &str) -> Range<usize> {
    let within = |offset: u32| (0..=text.len().min(offset as usize)).rev().find(|i| text.is_char_boundary(*i));
    let (start, end) = (within(span.start).unwrap_or(0), within(span.end).unwrap_or(0));
    start..end.max(start)
}

/// Without the quotes at both ends.
fn unquoted(range: Range<usize>, text: &str) -> Range<usize> {
    let value = text.get(range.clone()).unwrap_or("");
    for quotes in ["\"\"\"", "'''", "\"", "'"] {
        if value.len() >= 2 * quotes.len() && value.starts_with(quotes) && value.ends_with(quotes) {
            return range.start + quotes.len()..range.end - quotes.len();
        }
    }
    range
}
