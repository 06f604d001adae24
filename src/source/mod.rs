//! Where every byte of a spec came from: files, spans, node ids, layers.
//!
//! Input: nothing (this module imports no other). Invariants: a [`Span`] always names its file; a [`NodeId`] is the only
//! thing of a source that may enter the model, and equality of model values ignores it.

mod conflicts;

pub use conflicts::conflicts;

use std::collections::BTreeMap;
use std::fmt;
use std::sync::OnceLock;

/// One file of a [`SourceMap`], by index.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FileId(pub u32);

/// A half-open byte range `start..end` of one file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Span {
    /// The file that the offsets count in.
    pub file: FileId,
    /// First byte.
    pub start: u32,
    /// One past the last byte; equal to `start` for a place between two bytes.
    pub end: u32,
}

/// One value of one source file: a key of a table, an item of an array, or the root. Ids are unique over all files of a
/// run, so that every later pass can point at the spec without knowing files or offsets.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NodeId(pub u32);

/// Which layer of the spec a file belongs to. The order is the order of precedence: a later layer wins.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Layer {
    /// `platform.toml` and the parts that it includes.
    Base,
    /// `overlays/ENV.toml`.
    Environment,
}

/// One file's name and text.
#[derive(Clone, Debug)]
pub struct SourceFile {
    /// Path relative to the platform's root, with `/`: what people see, the same on every machine.
    pub path: String,
    /// The text, without a byte order mark. Offsets of spans count in it.
    pub text: String,
    /// The layer that the file states.
    pub layer: Layer,
}

/// A place as people count it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct LineCol {
    /// Line, from 1.
    pub line: usize,
    /// Column in characters, from 1.
    pub column: usize,
}

impl fmt::Display for LineCol {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.line, self.column)
    }
}

/// Spans of one node.
#[derive(Clone, Copy, Debug)]
pub struct NodeSpans {
    /// The value's text.
    pub value: Span,
    /// The key in front of it; the value's own span where there is none (array items, the root).
    pub key: Span,
}

/// All files of a run and the spans of all their nodes.
#[derive(Clone, Debug, Default)]
pub struct SourceMap {
    files: Vec<SourceFile>,
    /// Offsets at which each file's lines start, made when first asked for.
    lines: Vec<OnceLock<Vec<u32>>>,
    nodes: Vec<NodeSpans>,
    /// Who names a file that is no part of the spec.
    named: BTreeMap<FileId, NodeId>,
}

impl SourceMap {
    /// Adds a file; its id is the next free one.
    pub fn add(&mut self, file: SourceFile) -> FileId {
        self.files.push(file);
        self.lines.push(OnceLock::new());
        FileId(index_of(self.files.len() - 1))
    }

    /// Adds a node's spans; its id is the next free one.
    pub fn add_node(&mut self, spans: NodeSpans) -> NodeId {
        self.nodes.push(spans);
        NodeId(index_of(self.nodes.len() - 1))
    }

    /// Notes the value of the spec that names a file.
    pub fn note_named(&mut self, file: FileId, by: NodeId) {
        self.named.insert(file, by);
    }

    /// The value of the spec that names a file; `None` for the spec's own.
    pub fn named_by(&self, file: FileId) -> Option<NodeId> {
        self.named.get(&file).copied()
    }

    /// The file of an id that this map handed out.
    pub fn file(&self, id: FileId) -> Option<&SourceFile> {
        self.files.get(id.0 as usize)
    }

    /// All files in the order in which they were read.
    pub fn files(&self) -> impl Iterator<Item = (FileId, &SourceFile)> {
        self.files.iter().enumerate().map(|(i, f)| (FileId(index_of(i)), f))
    }

    /// The spans of a node that this map handed out.
    pub fn spans(&self, node: NodeId) -> Option<NodeSpans> {
        self.nodes.get(node.0 as usize).copied()
    }

    /// Number of nodes so far.
    pub fn node_count(&self) -> usize {
        self.nodes.len()
    }

    fn line_starts(&self, file: FileId) -> &[u32] {
        let (Some(source), Some(lines)) = (self.file(file), self.lines.get(file.0 as usize)) else { return &[] };
        lines.get_or_init(|| {
            let after = |(offset, _): (usize, &str)| index_of(offset + 1);
            std::iter::once(0).chain(source.text.match_indices('\n').map(after)).collect()
        })
    }

    /// Line and column of a span's start.
    pub fn line_col(&self, span: Span) -> LineCol {
        let text = self.file(span.file).map_or("", |f| f.text.as_str());
        let starts = self.line_starts(span.file);
        let line = starts.partition_point(|start| *start <= span.start).max(1);
        let start = starts.get(line - 1).copied().unwrap_or(0);
        let before = text.get(start as usize..span.start as usize).unwrap_or("");
        LineCol { line, column: before.chars().count() + 1 }
    }

    /// The span of a line (from 1) without its indentation and its end.
    pub fn line_span(&self, file: FileId, line: usize) -> Option<Span> {
        let starts = self.line_starts(file);
        let start = *starts.get(line.checked_sub(1)?)?;
        let rest = self.file(file)?.text.get(start as usize..)?;
        let content = rest.split('\n').next().unwrap_or(rest);
        let (indent, end) = (content.len() - content.trim_start().len(), content.trim_end().len());
        Some(Span { file, start: start + index_of(indent), end: start + index_of(end.max(indent)) })
    }

    /// `path:line:column` of a span's start.
    pub fn describe(&self, span: Span) -> String {
        let path = self.file(span.file).map_or("?", |f| f.path.as_str());
        format!("{path}:{}", self.line_col(span))
    }
}

/// Saturates: a run with four thousand million nodes is stopped by the size limit of `load` long before.
fn index_of(i: usize) -> u32 {
    u32::try_from(i).unwrap_or(u32::MAX)
}
