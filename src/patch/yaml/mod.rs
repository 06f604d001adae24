//! YAML and JSON as kubectl reads them, every value with its place.
//!
//! kubectl's reader is go-yaml's second version, which is YAML 1.1 where that matters
//! ([`plain_scalar`](crate::manifest)); it merges `<<`. Other than there, a key that stands twice is an error: which of the two counts depends on the reader.

use super::node::{Node, Value};
use crate::manifest::{self, plain_key, plain_scalar};
use crate::source::{FileId, NodeSpans, SourceMap, Span};
use saphyr_parser::{Event, Marker, Parser, ScalarStyle, ScanError, StrInput, Tag};
use std::borrow::Cow;
use std::collections::BTreeMap;

/// How deep values may nest: far beyond any object, far below any stack.
const MAX_DEPTH: usize = 64;

/// Values of one file, those that aliases repeat too: beyond it they are a trap.
const MAX_VALUES: usize = 1_000_000;

/// What is wrong, and where.
pub(super) struct Fault {
    pub(super) message: String,
    pub(super) place: Span,
    /// Another place that has to do with it, and what is there.
    pub(super) other: Option<(Span, &'static str)>,
}

/// The documents of a file that `sources` has; empty ones are left out.
pub(super) fn documents(file: FileId, text: &str, sources: &mut SourceMap) -> Result<Vec<Node>, Fault> {
    let offsets = (!text.is_ascii()).then(|| {
        let ends = std::iter::once(text.len());
        text.char_indices().map(|(offset, _)| offset).chain(ends).map(offset32).collect()
    });
    let parser = Parser::new_from_str(text);
    Reader { parser, text, file, offsets, sources, anchors: BTreeMap::new(), values: 0 }.documents()
}

fn offset32(offset: usize) -> u32 {
    u32::try_from(offset).unwrap_or(u32::MAX)
}

struct Reader<'a> {
    parser: Parser<'a, StrInput<'a>>,
    text: &'a str,
    file: FileId,
    /// Where each character begins, in a text that is not ASCII: the parser counts characters.
    offsets: Option<Vec<u32>>,
    sources: &'a mut SourceMap,
    anchors: BTreeMap<usize, Node>,
    values: usize,
}

type Place = saphyr_parser::Span;
type Next<'a> = (Event<'a>, Place);

impl<'a> Reader<'a> {
    fn documents(mut self) -> Result<Vec<Node>, Fault> {
        let mut documents = Vec::new();
        loop {
            let (event, place) = self.next()?;
            match event {
                Event::StreamEnd => return Ok(documents),
                Event::StreamStart | Event::Nothing | Event::DocumentEnd => {}
                // An anchor is known in its document only.
                Event::DocumentStart(_) => self.anchors.clear(),
                event => {
                    let node = self.value((event, place), None, 0)?;
                    if node.value != Value::Null {
                        documents.push(node);
                    }
                }
            }
        }
    }

    fn next(&mut self) -> Result<Next<'a>, Fault> {
        match self.parser.next_event() {
            Some(Ok(next)) => Ok(next),
            Some(Err(error)) => Err(self.syntax(&error)),
            None => Ok((Event::StreamEnd, Place::default())),
        }
    }

    fn syntax(&self, error: &ScanError) -> Fault {
        let at = self.offset(*error.marker());
        Fault { message: error.info().to_owned(), place: Span { file: self.file, start: at, end: at }, other: None }
    }

    fn offset(&self, marker: Marker) -> u32 {
        match &self.offsets {
            None => offset32(marker.index().min(self.text.len())),
            Some(offsets) => offsets.get(marker.index()).copied().unwrap_or(offset32(self.text.len())),
        }
    }

    /// The place of a value: of one that goes over several lines, its first line.
    fn span(&self, place: Place, is_scalar: bool) -> Span {
        let start = self.offset(place.start);
        let rest = self.text.get(start as usize..).unwrap_or_default();
        let line = offset32(rest.split('\n').next().unwrap_or_default().trim_end().len());
        let end = if is_scalar { self.offset(place.end).max(start) } else { u32::MAX };
        Span { file: self.file, start, end: end.min(start.saturating_add(line)) }
    }

    fn fault(&self, message: impl Into<String>, place: Place) -> Fault {
        Fault { message: message.into(), place: self.span(place, true), other: None }
    }

    fn value(&mut self, (event, place): Next<'a>, key: Option<Span>, depth: usize) -> Result<Node, Fault> {
        self.values += 1;
        if depth > MAX_DEPTH {
            return Err(self.fault(format!("values nest more than {MAX_DEPTH} deep"), place));
        }
        if self.values > MAX_VALUES {
            return Err(self.fault(format!("there are more than {MAX_VALUES} values"), place));
        }
        let mut span = self.span(place, matches!(event, Event::Scalar(..) | Event::Alias(_)));
        if span.start == span.end {
            span = key.unwrap_or(span);
        }
        let at = Some(self.sources.add_node(NodeSpans { value: span, key: key.unwrap_or(span) }));
        let (value, anchor) = match event {
            Event::Scalar(text, style, anchor, tag) => (self.scalar(&text, style, tag, place)?, anchor),
            Event::SequenceStart(anchor, tag) => {
                self.check_tag(tag, "seq", place)?;
                (Value::List(self.list(depth)?), anchor)
            }
            Event::MappingStart(anchor, tag) => {
                self.check_tag(tag, "map", place)?;
                (Value::Map(self.map(depth)?), anchor)
            }
            Event::Alias(anchor) => {
                let Some(known) = self.anchors.get(&anchor).cloned() else {
                    return Err(self.fault("an alias stands inside of what it repeats", place));
                };
                known.walk(&mut Vec::new(), &mut |_, _| self.values += 1);
                // What it repeats is at fault where that stands.
                return Ok(known);
            }
            _ => return Err(self.fault("a value is missing", place)),
        };
        let node = Node::new(value, at);
        if anchor > 0 {
            self.anchors.insert(anchor, node.clone());
        }
        Ok(node)
    }

    fn list(&mut self, depth: usize) -> Result<Vec<Node>, Fault> {
        let mut items = Vec::new();
        loop {
            match self.next()? {
                (Event::SequenceEnd, _) => return Ok(items),
                item => items.push(self.value(item, None, depth + 1)?),
            }
        }
    }

    fn map(&mut self, depth: usize) -> Result<Vec<(String, Node)>, Fault> {
        let mut fields: Vec<(String, Node)> = Vec::new();
        let mut places: BTreeMap<String, Span> = BTreeMap::new();
        let mut merged: Vec<(String, Node)> = Vec::new();
        loop {
            let (event, place) = self.next()?;
            let (text, style) = match event {
                Event::MappingEnd => break,
                Event::Scalar(text, style, ..) => (text, style),
                _ => return Err(self.fault("a key has to be a text", place)),
            };
            let span = self.span(place, true);
            let value = self.next()?;
            let node = self.value(value, Some(span), depth + 1)?;
            if style == ScalarStyle::Plain && text == "<<" {
                merged.extend(self.merged(node, place)?);
                continue;
            }
            let name = match style {
                ScalarStyle::Plain => plain_key(text).map(Cow::into_owned),
                _ => Some(text.into_owned()),
            };
            let Some(name) = name else { return Err(self.fault("a key has to be a text", place)) };
            if let Some(first) = places.insert(name.clone(), span) {
                let fault = self.fault(format!("the key `{name}` stands twice"), place);
                return Err(Fault { other: Some((first, "first here")), ..fault });
            }
            fields.push((name, node));
        }
        for (name, node) in merged {
            if !fields.iter().any(|(known, _)| *known == name) {
                fields.push((name, node));
            }
        }
        Ok(fields)
    }

    /// What `<<` adds: the fields of a map, or of several, the first of which wins.
    fn merged(&self, node: Node, place: Place) -> Result<Vec<(String, Node)>, Fault> {
        match node.value {
            Value::Map(fields) => Ok(fields),
            Value::List(maps) => {
                let mut fields = Vec::new();
                for map in maps {
                    fields.extend(self.merged(map, place)?);
                }
                Ok(fields)
            }
            _ => Err(self.fault("`<<` takes a map, or a list of maps", place)),
        }
    }

    fn scalar(&self, text: &str, style: ScalarStyle, tag: Tagged<'_>, place: Place) -> Result<Value, Fault> {
        let plain = || plain(text).ok_or_else(|| self.fault("JSON has no such number: it is infinite or none", place));
        let Some(tag) = tag else {
            return if style == ScalarStyle::Plain { plain() } else { Ok(Value::String(text.to_owned())) };
        };
        let value = match core(&tag) {
            Some("str" | "") => return Ok(Value::String(text.to_owned())),
            Some("null" | "bool" | "int" | "float") => plain()?,
            _ => return Err(self.unknown_tag(&tag, place)),
        };
        let fits = matches!(
            (core(&tag), &value),
            (Some("null"), Value::Null) | (Some("bool"), Value::Bool(_)) | (Some("int" | "float"), Value::Number(_))
        );
        if fits { Ok(value) } else { Err(self.fault("the value is not what its tag says", place)) }
    }

    fn check_tag(&self, tag: Tagged<'_>, own: &str, place: Place) -> Result<(), Fault> {
        match tag {
            Some(tag) if !matches!(core(&tag), Some(core) if core == own || core.is_empty()) => {
                Err(self.unknown_tag(&tag, place))
            }
            _ => Ok(()),
        }
    }

    fn unknown_tag(&self, tag: &Tag, place: Place) -> Fault {
        self.fault(format!("the tag `{}{}` means nothing in a manifest", tag.handle, tag.suffix), place)
    }
}

/// The value of a plain scalar; `None` where JSON has none for it.
fn plain(text: &str) -> Option<Value> {
    Some(match plain_scalar(Cow::Borrowed(text)).ok()? {
        manifest::Value::Bool(value) => Value::Bool(value),
        manifest::Value::Number(number) => Value::Number(serde_json::from_str(&number).ok()?),
        manifest::Value::String(text) => Value::String(text.into_owned()),
        _ => Value::Null,
    })
}

type Tagged<'t> = Option<Cow<'t, Tag>>;

/// The name of a tag of YAML's own, as in `!!str`; empty for `!`, which says that a value is a text.
fn core(tag: &Tag) -> Option<&str> {
    match tag.handle.as_str() {
        "tag:yaml.org,2002:" | "!!" => Some(&tag.suffix),
        "!" if tag.suffix.is_empty() => Some(""),
        "" if matches!(tag.suffix.as_str(), "" | "!") => Some(""),
        _ => None,
    }
}

#[cfg(test)]
mod tests;
