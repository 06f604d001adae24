//! Where the lines of a text begin, so that ten thousand places in one file are found without reading it each time.

use crate::source::{FileId, LineCol, SourceMap, Span};
use std::collections::BTreeMap;
use std::ops::Range;

/// Bytes from one count of characters to the next.
const STEP: usize = 4096;

/// An index over a text. Offsets may be anything: they are moved into the text and to the start of a character.
pub(super) struct Lines<'a> {
    pub(super) text: &'a str,
    /// Offset of each line's first byte; there is at least one line.
    starts: Vec<usize>,
    /// Characters in front of every [`STEP`]th byte.
    chars: Vec<usize>,
}

impl<'a> Lines<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        let starts = std::iter::once(0).chain(text.match_indices('\n').map(|(i, _)| i + 1)).collect();
        let mut seen = 0;
        let mut chars = Vec::with_capacity(text.len() / STEP + 1);
        for step in text.as_bytes().chunks(STEP) {
            chars.push(seen);
            seen += count(step);
        }
        Lines { text, starts, chars }
    }

    /// An offset inside of the text or at its end, where a character begins.
    pub(super) fn clamp(&self, offset: usize) -> usize {
        let mut offset = offset.min(self.text.len());
        while !self.text.is_char_boundary(offset) {
            offset -= 1;
        }
        offset
    }

    /// A span's bytes; empty where it is upside down.
    pub(super) fn range(&self, span: Span) -> Range<usize> {
        let start = self.clamp(span.start as usize);
        start..self.clamp(span.end as usize).max(start)
    }

    /// The line of an offset, from 0.
    pub(super) fn line_of(&self, offset: usize) -> usize {
        self.starts.partition_point(|start| *start <= offset).saturating_sub(1)
    }

    /// A line's bytes without its end (`\n` or `\r\n`).
    pub(super) fn line(&self, line: usize) -> Range<usize> {
        let start = self.starts.get(line).copied().unwrap_or(self.text.len());
        let end = self.starts.get(line + 1).map_or(self.text.len(), |next| next - 1);
        let text = self.text.get(start..end).unwrap_or("");
        start..start + text.strip_suffix('\r').unwrap_or(text).len()
    }

    /// Line and column of an offset, as people count them.
    pub(super) fn position(&self, offset: usize) -> LineCol {
        let line = self.line_of(offset);
        let start = self.starts.get(line).copied().unwrap_or(0);
        LineCol { line: line + 1, column: self.chars_before(offset) - self.chars_before(start) + 1 }
    }

    fn chars_before(&self, offset: usize) -> usize {
        let step = offset / STEP;
        let rest = self.text.as_bytes().get(step * STEP..offset).unwrap_or_default();
        self.chars.get(step).map_or_else(|| count(self.text.as_bytes()), |seen| seen + count(rest))
    }
}

/// Characters that begin in some bytes.
fn count(bytes: &[u8]) -> usize {
    bytes.iter().filter(|b| **b & 0xC0 != 0x80).count()
}

/// The indexes of the files that were asked for.
pub(super) struct Index<'a> {
    sources: &'a SourceMap,
    files: BTreeMap<FileId, Lines<'a>>,
}

impl<'a> Index<'a> {
    pub(super) fn new(sources: &'a SourceMap) -> Self {
        Index { sources, files: BTreeMap::new() }
    }

    /// A file's path; `?` for one that the sources do not have.
    pub(super) fn path(&self, file: FileId) -> &'a str {
        self.sources.file(file).map_or("?", |f| f.path.as_str())
    }

    /// A file's lines; those of an empty text for one that the sources do not have.
    pub(super) fn lines(&mut self, file: FileId) -> &Lines<'a> {
        let text = self.sources.file(file).map_or("", |f| f.text.as_str());
        self.files.entry(file).or_insert_with(|| Lines::new(text))
    }
}
