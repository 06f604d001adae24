//! Large files are parsed piece by piece: what the TOML crate holds of a text while it reads it is many times its size,
//! and of a whole large file nothing of that is near the processor any more when it is needed again.
//!
//! A file is cut in front of headers, and the trees of its pieces are put together. A piece that does not parse, because it
//! is wrong or because the cut was inside of a value, and tables that two pieces define in a way that TOML may not permit,
//! leave it to the crate to say what is wrong with the whole: then there is no tree of pieces.

use super::parse::{build, span};
use super::{Entry, Node, Table, Value};
use crate::diag::Sink;
use crate::source::{FileId, NodeSpans, Span};
use toml::de::DeTable;

/// The tree of a file, with ids from `first` on and their spans, if the file is larger than a piece and can be cut.
pub(super) fn parse(
    file: FileId,
    text: &str,
    piece: usize,
    first: usize,
    sink: &mut Sink,
) -> Option<(Node, Vec<NodeSpans>)> {
    let starts = starts(text, piece);
    if starts.len() < 2 {
        return None;
    }
    let ends = starts.iter().skip(1).copied().chain([text.len()]);
    let whole = span(file, 0, &(0..0));
    let (mut spans, mut roots, mut found) = (Vec::new(), Vec::with_capacity(starts.len()), Sink::default());
    for (start, end) in starts.iter().copied().zip(ends) {
        let table = DeTable::parse(text.get(start..end)?).ok()?;
        let (root, mut more) = build(&table, whole, (start, first + spans.len()), &mut found);
        spans.append(&mut more);
        roots.push(root);
    }
    let root = Pieces { text, spans: &spans, first }.join(roots)?;
    sink.append(found);
    Some((root, spans))
}

/// Where pieces start: at lines that look like headers, at least so many bytes apart.
fn starts(text: &str, piece: usize) -> Vec<usize> {
    let mut starts = vec![0];
    let mut from = piece;
    while let Some(found) = text.as_bytes().get(from..).and_then(|rest| rest.windows(2).position(|two| two == b"\n[")) {
        let start = from + found + 1;
        starts.push(start);
        from = start + piece;
    }
    starts
}

struct Pieces<'a> {
    text: &'a str,
    spans: &'a [NodeSpans],
    /// The id of the first of them.
    first: usize,
}

/// How a table came to be.
#[derive(PartialEq, Eq)]
enum Origin {
    /// By its own header: `[a]`.
    Header,
    /// By the header of a table in it: `[a.b]`.
    Parent,
    /// By braces or dotted keys: nothing may be added to it later.
    Closed,
}

impl Pieces<'_> {
    /// One table of several, in their order. `None` where a key is in two of them and TOML may not permit that.
    fn join(&self, nodes: Vec<Node>) -> Option<Node> {
        let id = nodes.first()?.id;
        let mut entries: Vec<Entry> = Vec::new();
        for node in nodes {
            let Value::Table(table) = node.value else { return None };
            entries.append(&mut table.into_entries());
        }
        // Stable: of one key, what came first stays in front.
        entries.sort_by(|one, other| one.key.cmp(&other.key));
        let mut joined: Vec<Entry> = Vec::with_capacity(entries.len());
        let mut rest = entries.into_iter().peekable();
        while let Some(Entry { key, node }) = rest.next() {
            let mut same = vec![node];
            while let Some(next) = rest.next_if(|next| next.key == key) {
                // The first may have the header; who adds to it later may only have it on the way to another one.
                if self.origin(same.first()?)? == Origin::Closed || self.origin(&next.node)? != Origin::Parent {
                    return None;
                }
                same.push(next.node);
            }
            let node = if same.len() > 1 { self.join(same)? } else { same.pop()? };
            joined.push(Entry { key, node });
        }
        Some(Node { id, value: Value::Table(Table::from_entries(joined)) })
    }

    /// How a table came to be; `None` for what is no table. The crate gives a table with a header that header's span, and
    /// one that a header or a dotted key names on the way to another the span of its key there.
    fn origin(&self, node: &Node) -> Option<Origin> {
        node.as_table()?;
        let NodeSpans { value, key } = *self.spans.get(usize::try_from(node.id.0).ok()?.checked_sub(self.first)?)?;
        let start = |span: Span| usize::try_from(span.start).ok();
        let is_header = if value == key {
            let line = self.text.get(..start(key)?)?.rsplit('\n').next()?;
            return Some(if line.trim_start().starts_with('[') { Origin::Parent } else { Origin::Closed });
        } else {
            self.text.get(start(value)?..)?.starts_with('[')
        };
        Some(if is_header { Origin::Header } else { Origin::Closed })
    }
}

#[cfg(test)]
mod tests {
    use super::super::parse::again;
    use super::*;
    use crate::source::{Layer, SourceFile, SourceMap};

    const PLATFORM: &str = include_str!("../../platform.toml");

    /// Values with their places, ids aside.
    fn describe(node: &Node, spans: &[NodeSpans], out: &mut Vec<String>) {
        let place = usize::try_from(node.id.0).ok().and_then(|id| spans.get(id)).filter(|_| node.id.0 > 0);
        let place = place.map(|NodeSpans { value, key }| (key.start..key.end, value.start..value.end));
        match &node.value {
            Value::Table(table) => {
                out.push(format!("table of {} {place:?}", table.len()));
                for entry in table {
                    out.push(entry.key.to_string());
                    describe(&entry.node, spans, out);
                }
            }
            Value::Array(items) => {
                out.push(format!("array of {} {place:?}", items.len()));
                for item in items {
                    describe(item, spans, out);
                }
            }
            scalar => out.push(format!("{scalar:?} {place:?}")),
        }
    }

    /// What the pieces give, and what the crate gives of the whole.
    fn both(text: &str, piece: usize) -> (Option<String>, Option<String>) {
        let file =
            SourceMap::default().add(SourceFile { path: String::new(), text: String::new(), layer: Layer::Base });
        let pieces = parse(file, text, piece, 0, &mut Sink::default());
        let [pieces, whole] = [pieces, again(file, text)].map(|tree| {
            tree.map(|(root, spans)| {
                let mut lines = Vec::new();
                describe(&root, &spans, &mut lines);
                lines.join("\n")
            })
        });
        (pieces, whole)
    }

    #[test]
    fn a_platform_in_pieces_is_the_platform() {
        for piece in [1, 50, 200, 1000, 5000] {
            let (pieces, whole) = both(PLATFORM, piece);
            assert!(pieces.is_some() && pieces == whole, "pieces of {piece} bytes");
        }
        assert_eq!(both(PLATFORM, PLATFORM.len()).0, None, "nothing to cut");
    }

    #[test]
    fn pieces_add_to_a_table_what_toml_permits() {
        let permitted = [
            "[a.b]\nx = 1\n[a.c]\ny = 2\n",
            "[a]\nx = 1\n[a.b]\ny = 2\n",
            "[a]\n[b]\n[a.b]\nz.y = 1\n[a.c.d]\n",
            "x = 1\n[a.'b c'.d]\ny = 1\n[ a . \"b c\" . e ]\ny = 1\n",
            "[[a]]\nx = 1\n[b]\nx = [[1], [2]]\n[c]\n",
        ];
        for text in permitted {
            let (pieces, whole) = both(text, 1);
            assert!(pieces.is_some() && pieces == whole, "{text}\n{pieces:#?}\n{whole:#?}");
        }
        // So it does these, or the crate does, to which they are left.
        let left = [
            "[a.b]\nx = 1\n[a]\ny = 2\n",
            "[[a]]\nx = 1\n[[a]]\nx = 2\n",
            "[a.b.c]\nx = 1\n[a]\nb.d = 1\n",
            "a.b = 1\n[a.c]\nx = 1\n",
            "[[a]]\nx = 1\n[a.b]\nx = 2\n",
            "[a]\nx = '''\n[b]\n'''\n",
            "[a]\nx = [\n[1],\n[2]]\n",
        ];
        for text in left {
            let (pieces, whole) = both(text, 1);
            assert!(pieces.is_none() && whole.is_some(), "{text}");
        }
        let refused = [
            "[a]\nx = 1\n[a]\ny = 2\n",
            "[a]\n[b]\n[a]\n",
            "[a]\nb.c = 1\n[a.b]\nd = 1\n",
            "a = { b = 1 }\n[a.c]\nx = 1\n",
            "a = 1\n[a.c]\nx = 1\n",
            "a = [{ b = 1 }]\n[a.c]\nx = 1\n",
            "a = [{ b = 1 }]\n[[a]]\nx = 1\n",
            "[a]\nb = { c = 1 }\n[a.b.d]\nx = 1\n",
            "[a]\nx = \n[b]\n",
            "[a]\n[[a]]\n",
            "[[a]]\n[a]\n",
        ];
        for text in refused {
            assert_eq!(both(text, 1), (None, None), "{text}");
        }
    }
}
