//! One file: bytes to text to tree.

use super::{Entry, Node, Table, Value, diags, pieces};
use crate::diag::Sink;
use crate::files::Files;
use crate::source::{FileId, Layer, NodeId, NodeSpans, SourceFile, SourceMap, Span, conflicts};
use std::collections::BTreeMap;
use std::ops::Range;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// Syntax errors of one file that are shown; a file with more of them is hardly a spec.
const MAX_SYNTAX_ERRORS: usize = 50;

/// Bytes of a file that are parsed at once, as far as it can be cut: what the TOML crate holds of a text while it reads it
/// is some thirty times the text, which for this many fits a processor's cache.
const PIECE: usize = 1 << 15;

/// Reads and parses a file. `wanted_by` is the node that names it, for a file that cannot be read. `None` if nothing of
/// it can be used; after syntax errors the rest of the tree still comes back, and the errors stop the next pass.
pub(super) fn read(
    files: &dyn Files,
    path: &str,
    layer: Layer,
    wanted_by: Option<NodeId>,
    sources: &mut SourceMap,
    sink: &mut Sink,
) -> Option<Node> {
    let bytes = match files.read(path) {
        Ok(bytes) => bytes,
        Err(error) => {
            sink.push(diags::unreadable(path, &error, wanted_by));
            return None;
        }
    };
    let text = decode_text(bytes, path, layer, sources, sink)?;
    if text.trim().is_empty() {
        sink.push(diags::empty(path, layer));
        return None;
    }
    let file = sources.add(SourceFile { path: path.to_owned(), text, layer });
    let text = &sources.file(file)?.text;
    if let Some((root, spans)) = pieces::parse(file, text, PIECE, sources.node_count(), sink) {
        for node in spans {
            sources.add_node(node);
        }
        return Some(root);
    }
    let (table, errors) = DeTable::parse_recoverable(text);
    let unfinished = unfinished_merges(text, errors.iter().filter_map(|error| Some(error.span()?.start)));
    if !unfinished.is_empty() {
        // What else is wrong is so because of it.
        for line in unfinished {
            sink.push(diags::unfinished_merge(span(file, 0, &line)));
        }
        return None;
    }
    let shown = errors.len().min(MAX_SYNTAX_ERRORS);
    for error in errors.iter().take(shown) {
        let range = error.span().unwrap_or(0..0);
        let found = text.get(range.clone()).unwrap_or_default();
        sink.push(diags::syntax(error.message(), found, span(file, 0, &range)));
    }
    if errors.len() > shown {
        sink.push(diags::more_syntax_errors(file, errors.len() - shown));
    }
    let whole = span(file, 0, &table.span());
    let (root, spans) = build(&table, whole, (0, sources.node_count()), sink);
    for node in spans {
        sources.add_node(node);
    }
    Some(root)
}

/// The lines on which merges begin that nobody finished, of those that a syntax error is in: within a text of several lines
/// they are text.
fn unfinished_merges(text: &str, errors: impl Iterator<Item = usize>) -> Vec<Range<usize>> {
    let mut wanted = conflicts(text).into_iter().peekable();
    let mut found: BTreeMap<usize, (Range<usize>, bool)> = BTreeMap::new();
    let mut start = 0;
    for (index, line) in text.split_inclusive('\n').enumerate() {
        if wanted.next_if_eq(&(index + 1)).is_some() {
            found.insert(start, (start..start + line.trim_end().len(), false));
        }
        start += line.len();
    }
    for error in errors {
        if let Some((_, (line, is_faulty))) = found.range_mut(..=error).next_back() {
            *is_faulty |= error <= line.end;
        }
    }
    found.into_values().filter(|(_, is_faulty)| *is_faulty).map(|(line, _)| line).collect()
}

/// The tree of a text, or of a part of one that starts at `offset`, with ids from `first` on and their spans. `whole` is
/// the root's.
pub(super) fn build(
    table: &Spanned<DeTable<'_>>,
    whole: Span,
    (offset, first): (usize, usize),
    sink: &mut Sink,
) -> (Node, Vec<NodeSpans>) {
    let mut builder = Builder { file: whole.file, offset, spans: Vec::new(), first, depth: 0, sink };
    let id = builder.id(whole, whole);
    let root = Node { id, value: Value::Table(builder.table(table.get_ref())) };
    (root, builder.spans)
}

/// The tree of a text that was read before, with ids from 0 and their spans; `None` if it is not TOML.
pub(super) fn again(file: FileId, text: &str) -> Option<(Node, Vec<NodeSpans>)> {
    let table = DeTable::parse(text).ok()?;
    let whole = span(file, 0, &table.span());
    Some(build(&table, whole, (0, 0), &mut Sink::default()))
}

/// Text of a spec: UTF-8, with or without a byte order mark, with any line ends.
fn decode_text(bytes: Vec<u8>, path: &str, layer: Layer, sources: &mut SourceMap, sink: &mut Sink) -> Option<String> {
    if bytes.starts_with(&[0xFF, 0xFE]) || bytes.starts_with(&[0xFE, 0xFF]) || looks_like_utf16(&bytes) {
        sink.push(diags::utf16(path));
        return None;
    }
    let bytes = match bytes.strip_prefix(&[0xEF, 0xBB, 0xBF]) {
        Some(rest) => rest.to_vec(),
        None => bytes,
    };
    let nul = bytes.iter().position(|b| *b == 0);
    match String::from_utf8(bytes) {
        Ok(text) if nul.is_none() => Some(text),
        Ok(_) => {
            sink.push(diags::binary(path));
            None
        }
        Err(error) => {
            let valid = error.utf8_error().valid_up_to();
            let mut bytes = error.into_bytes();
            let bad = bytes.get(valid).copied().unwrap_or(0);
            if nul.is_some() || valid == 0 {
                sink.push(diags::binary(path));
                return None;
            }
            bytes.truncate(valid);
            let text = String::from_utf8(bytes).unwrap_or_default();
            let file = sources.add(SourceFile { path: path.to_owned(), text, layer });
            sink.push(diags::not_utf8(bad, span(file, 0, &(valid..valid))));
            None
        }
    }
}

/// ASCII text in UTF-16 without a byte order mark: every second byte of the first few is zero.
fn looks_like_utf16(bytes: &[u8]) -> bool {
    let start = bytes.get(..16).unwrap_or(bytes);
    start.len() >= 4
        && start.len() % 2 == 0
        && (start.iter().skip(1).step_by(2).all(|b| *b == 0) || start.iter().step_by(2).all(|b| *b == 0))
}

/// The span of a range of a part of a file that starts at `offset`.
pub(super) fn span(file: FileId, offset: usize, range: &Range<usize>) -> Span {
    let place = |i: usize| u32::try_from(offset + i).unwrap_or(u32::MAX);
    Span { file, start: place(range.start), end: place(range.end) }
}

/// How deep tables and arrays may nest: far beyond any spec, far below any stack.
const MAX_DEPTH: usize = 64;

/// Turns the TOML crate's tree into ours. Spans are collected apart since the text borrows the source map.
struct Builder<'s> {
    file: FileId,
    /// Where in the file the text starts that is parsed.
    offset: usize,
    spans: Vec<NodeSpans>,
    first: usize,
    depth: usize,
    sink: &'s mut Sink,
}

impl Builder<'_> {
    fn id(&mut self, value: Span, key: Span) -> NodeId {
        self.spans.push(NodeSpans { value, key });
        NodeId(u32::try_from(self.first + self.spans.len() - 1).unwrap_or(u32::MAX))
    }

    fn table(&mut self, table: &DeTable<'_>) -> Table {
        let mut entries = Vec::with_capacity(table.len());
        for (key, value) in table {
            let key_span = span(self.file, self.offset, &key.span());
            let node = self.node(value, Some(key_span));
            entries.push(Entry { key: key.get_ref().as_ref().into(), node });
        }
        Table::from_entries(entries)
    }

    fn node(&mut self, value: &Spanned<DeValue<'_>>, key: Option<Span>) -> Node {
        let place = span(self.file, self.offset, &value.span());
        let id = self.id(place, key.unwrap_or(place));
        self.depth += 1;
        let value = match value.get_ref() {
            _ if self.depth > MAX_DEPTH => {
                self.sink.push(diags::too_deep(place, MAX_DEPTH));
                Value::Boolean(false)
            }
            DeValue::String(text) => Value::String(text.as_ref().into()),
            DeValue::Integer(integer) => match i64::from_str_radix(integer.as_str(), integer.radix()) {
                Ok(integer) => Value::Integer(integer),
                // Without text it was a syntax error, which is reported.
                Err(_) if integer.as_str().is_empty() => Value::Integer(0),
                Err(_) => {
                    self.sink.push(diags::integer_range(integer.as_str(), place));
                    Value::Integer(0)
                }
            },
            DeValue::Float(float) => Value::Float(float.as_str().parse().unwrap_or(f64::NAN)),
            DeValue::Boolean(boolean) => Value::Boolean(*boolean),
            DeValue::Datetime(datetime) => Value::Datetime(datetime.to_string().into()),
            DeValue::Array(items) => Value::Array(items.iter().map(|item| self.node(item, None)).collect()),
            DeValue::Table(table) => Value::Table(self.table(table)),
        };
        self.depth -= 1;
        Node { id, value }
    }
}
