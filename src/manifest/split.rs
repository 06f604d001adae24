//! Bytes to text, and a stream's text to documents.

use memchr::memmem;
use std::sync::LazyLock;

/// A part of a stream between two `---` lines.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Document<'a> {
    /// The text. It begins with the marker `---` only if that line goes on.
    pub text: &'a str,
    /// The line on which the text begins, from 1.
    pub line: usize,
}

/// Why bytes are no text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum NoText {
    /// UTF-16 or UTF-32.
    Wide,
    /// It has a byte 0.
    Binary,
    /// Not UTF-8, from this byte on.
    Encoding(usize),
}

/// The text of a file, without a byte order mark.
pub(super) fn text(bytes: &[u8]) -> Result<&str, NoText> {
    match std::str::from_utf8(bytes) {
        // A byte 0 is found by whoever reads the document.
        Ok(text) => Ok(text.strip_prefix('\u{feff}').unwrap_or(text)),
        Err(_) if bytes.starts_with(b"\xff\xfe") || bytes.starts_with(b"\xfe\xff") => Err(NoText::Wide),
        Err(_) if bytes.contains(&0) => Err(NoText::Binary),
        Err(error) => Err(NoText::Encoding(error.valid_up_to())),
    }
}

/// Whether a text with a byte 0 is UTF-16 without a byte order mark: every other byte of ASCII text is 0 there.
pub(super) fn is_wide(text: &str) -> bool {
    let start = || text.bytes().take(64);
    start().filter(|byte| *byte == 0).count() * 3 > start().count()
}

/// The documents of a stream, without those that are empty lines and comments only. A line `---` ends a document
/// wherever it stands: nothing that is indented, and no text, begins with it.
pub fn documents(text: &str) -> impl Iterator<Item = Document<'_>> {
    Documents { rest: Some(text), line: 1 }.filter(|document| !is_empty(document.text))
}

struct Documents<'a> {
    /// What is not split yet.
    rest: Option<&'a str>,
    line: usize,
}

impl<'a> Iterator for Documents<'a> {
    type Item = Document<'a>;

    fn next(&mut self) -> Option<Document<'a>> {
        let text = self.rest?;
        let line = self.line;
        let Some(marker) = marker(text) else {
            self.rest = None;
            return Some(Document { text, line });
        };
        let (own, rest) = text.split_at(marker);
        self.line += own.bytes().filter(|byte| *byte == b'\n').count();
        let (first, below) = rest.split_once('\n').unwrap_or((rest, ""));
        let behind = first.trim_start_matches('-').trim();
        self.rest = Some(if behind.is_empty() || behind.starts_with('#') {
            self.line += 1;
            below
        } else {
            rest
        });
        // A document whose marker line goes on is found again at the start of the rest.
        Some(Document { text: own, line })
    }
}

/// Where the next marker line begins that is not the very first one with more behind it.
fn marker(text: &str) -> Option<usize> {
    let is_marker = |at: usize| {
        let behind = text.get(at + 3..).and_then(|rest| rest.bytes().next());
        matches!(behind, None | Some(b' ' | b'\t' | b'\r' | b'\n'))
    };
    if text.starts_with("---") && is_marker(0) {
        let first = text.split('\n').next().unwrap_or_default();
        let behind = first.trim_start_matches('-').trim();
        if behind.is_empty() || behind.starts_with('#') {
            return Some(0);
        }
    }
    static FINDER: LazyLock<memmem::Finder<'static>> = LazyLock::new(|| memmem::Finder::new("\n---"));
    FINDER.find_iter(text.as_bytes()).map(|at| at + 1).find(|at| is_marker(*at))
}

/// Whether there is nothing but empty lines, comments and directives.
fn is_empty(text: &str) -> bool {
    text.lines().all(|line| line.starts_with('%') || matches!(line.trim_start().as_bytes().first(), None | Some(b'#')))
}

impl Document<'_> {
    /// The line of its first content, from 1.
    pub fn first_line(&self) -> usize {
        let skipped = self.text.lines().take_while(|line| {
            matches!(line.trim_start().as_bytes().first(), None | Some(b'#')) || line.starts_with('%')
        });
        self.line + skipped.count()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn streams_are_split_at_marker_lines() {
        let split = |text: &'static str| documents(text).map(|d| (d.text, d.line)).collect::<Vec<_>>();
        assert_eq!(split("a: 1\n"), [("a: 1\n", 1)]);
        assert_eq!(split("---\na: 1\n--- # x\n\n---\nb: 2"), [("a: 1\n", 2), ("b: 2", 6)]);
        assert_eq!(split("# x\n---\n---\r\na: |\n  ---\n---x: 1\n"), [("a: |\n  ---\n---x: 1\n", 4)]);
        assert_eq!(split("a: 1\n--- {b: 1}\n---\nc: 1\n"), [("a: 1\n", 1), ("--- {b: 1}\n", 2), ("c: 1\n", 4)]);
        assert_eq!(split("--- |\n x\n"), [("--- |\n x\n", 1)]);
        assert_eq!(split("%YAML 1.2\n---\na: 1"), [("a: 1", 3)]);
        assert_eq!(split("---"), []);
        assert_eq!(split(""), []);
        assert_eq!(documents("\n# x\n\na: 1").next().map(|d| d.first_line()), Some(4));
    }

    #[test]
    fn only_utf_8_is_text() {
        assert_eq!(text(b"\xef\xbb\xbfa"), Ok("a"));
        assert_eq!(text(b"\xff\xfea\0"), Err(NoText::Wide));
        assert_eq!(text(b"a\xff"), Err(NoText::Encoding(1)));
        assert_eq!(text(b"a\0\xff"), Err(NoText::Binary));
        assert!(is_wide("a\0b\0") && !is_wide("kind: x\0"));
    }
}
