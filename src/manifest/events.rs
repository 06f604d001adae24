//! A document read event by event: everything that YAML has, with places. This is the reference; `fast` reads the part of
//! YAML that manifests are mostly written in.

use super::Value;
use super::diags::{self, At, Source};
use super::fault::Fault;
use super::scalar;
use saphyr_parser::{Event, Marker, Parser, ScalarStyle, Span, StrInput, Tag};
use std::borrow::Cow;
use std::collections::BTreeMap;

/// Values are read up to this depth.
pub(super) const DEEPEST: usize = 100;
/// How many values aliases may repeat in a document.
const MOST_REPEATED: usize = 200_000;

/// The values of a text; several if `...` ends one.
pub(super) fn read<'a>(text: &'a str, source: Source<'_>) -> Result<Vec<Value<'a>>, Box<Fault>> {
    if let Some((at, c)) = control(text) {
        return Err(diags::control(source, at, c));
    }
    let mut reader = Reader { parser: Parser::new_from_str(text), text, source, anchors: BTreeMap::new(), repeated: 0 };
    let mut values = Vec::new();
    loop {
        match reader.next()? {
            (Event::StreamEnd, _) => return Ok(values),
            (Event::StreamStart | Event::DocumentStart(_) | Event::DocumentEnd | Event::Nothing, _) => {
                reader.anchors.clear();
            }
            (event, span) => values.push(reader.value(event, span, 0)?),
        }
    }
}

/// The first character that YAML does not allow, even where the parser lets it pass.
fn control(text: &str) -> Option<(At, char)> {
    let is_control = |byte: u8| (byte < 0x20 && !matches!(byte, b'\n' | b'\r' | b'\t')) || byte == 0x7f;
    let at = text.bytes().position(is_control)?;
    let before = text.get(..at)?;
    let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
    let line = before.matches('\n').count() + 1;
    let column = before.get(line_start..)?.chars().count() + 1;
    Some(((line, column), text.get(at..)?.chars().next()?))
}

fn at(marker: Marker) -> At {
    (marker.line(), marker.col() + 1)
}

/// What an anchor stands for, and how many values that is; `None` while it is being read.
type Anchored<'a> = Option<(Value<'a>, usize)>;

struct Reader<'a, 's> {
    parser: Parser<'a, StrInput<'a>>,
    text: &'a str,
    source: Source<'s>,
    anchors: BTreeMap<usize, Anchored<'a>>,
    repeated: usize,
}

impl<'a> Reader<'a, '_> {
    fn next(&mut self) -> Result<(Event<'a>, Span), Box<Fault>> {
        match self.parser.next_event() {
            Some(Ok(event)) => Ok(event),
            None => Ok((Event::StreamEnd, Span::default())),
            Some(Err(error)) => {
                let place = at(*error.marker());
                let line = self.text.split('\n').nth(place.0.saturating_sub(1)).unwrap_or_default();
                Err(diags::syntax(self.source, "YAML", place, error.info(), line))
            }
        }
    }

    fn value(&mut self, event: Event<'a>, span: Span, depth: usize) -> Result<Value<'a>, Box<Fault>> {
        if depth > DEEPEST {
            return Err(diags::too_deep(self.source, at(span.start), DEEPEST));
        }
        match event {
            Event::Scalar(text, style, anchor, tag) => {
                let value = self.scalar(text, style, tag.as_deref(), span)?;
                self.anchor(anchor, &value);
                Ok(value)
            }
            Event::SequenceStart(anchor, _) => {
                self.begin(anchor);
                let items = self.list(depth)?;
                Ok(self.end(anchor, Value::List(items)))
            }
            Event::MappingStart(anchor, _) => {
                self.begin(anchor);
                let entries = self.map(depth)?;
                Ok(self.end(anchor, Value::Map(entries.into())))
            }
            Event::Alias(anchor) => self.alias(anchor, at(span.start), depth),
            _ => Ok(Value::Null),
        }
    }

    fn end(&mut self, anchor: usize, value: Value<'a>) -> Value<'a> {
        self.anchor(anchor, &value);
        value
    }

    fn list(&mut self, depth: usize) -> Result<Vec<Value<'a>>, Box<Fault>> {
        let mut items = Vec::new();
        loop {
            match self.next()? {
                (Event::SequenceEnd | Event::StreamEnd, _) => return Ok(items),
                (event, span) => items.push(self.value(event, span, depth + 1)?),
            }
        }
    }

    fn alias(&mut self, anchor: usize, place: At, depth: usize) -> Result<Value<'a>, Box<Fault>> {
        let Some(Some((value, size))) = self.anchors.get(&anchor) else {
            return Err(diags::recursive(self.source, place));
        };
        self.repeated += size;
        if self.repeated > MOST_REPEATED {
            return Err(diags::aliases(self.source, place, MOST_REPEATED));
        }
        if depth + deep(value) > DEEPEST {
            return Err(diags::too_deep(self.source, place, DEEPEST));
        }
        Ok(value.clone())
    }

    fn begin(&mut self, anchor: usize) {
        if anchor > 0 {
            self.anchors.insert(anchor, None);
        }
    }

    fn anchor(&mut self, anchor: usize, value: &Value<'a>) {
        if anchor > 0 {
            self.anchors.insert(anchor, Some((value.clone(), size(value))));
        }
    }

    /// The entries of a map whose start was read, sorted.
    fn map(&mut self, depth: usize) -> Result<Vec<(Cow<'a, str>, Value<'a>)>, Box<Fault>> {
        // With the place of the key, which an entry that was merged does not have.
        let mut entries: BTreeMap<Cow<'a, str>, (Value<'a>, Option<At>)> = BTreeMap::new();
        loop {
            let (event, span) = self.next()?;
            if matches!(event, Event::MappingEnd | Event::StreamEnd) {
                return Ok(entries.into_iter().map(|(key, (value, _))| (key, value)).collect());
            }
            let place = at(span.start);
            let Some(key) = self.key(event, span)? else {
                self.merge(&mut entries, depth)?;
                continue;
            };
            let (event, span) = self.next()?;
            let value = self.value(event, span, depth + 1)?;
            if let Some((_, Some(first))) = entries.get(&key) {
                return Err(diags::duplicate_key(self.source, &key, place, *first));
            }
            entries.insert(key, (value, Some(place)));
        }
    }

    /// The text of a key; `None` of the merge key.
    fn key(&mut self, event: Event<'a>, span: Span) -> Result<Option<Cow<'a, str>>, Box<Fault>> {
        let source = self.source;
        let refused = || diags::no_key(source, at(span.start));
        match event {
            Event::Scalar(text, style, anchor, tag) => {
                let is_plain = style == ScalarStyle::Plain && tag.is_none();
                if text == "<<" && (is_plain || tag.as_deref().is_some_and(|tag| tag.suffix == "merge")) {
                    return Ok(None);
                }
                let key = if is_plain {
                    scalar::key(text).ok_or_else(refused)?
                } else {
                    match self.scalar(text, style, tag.as_deref(), span)? {
                        Value::String(text) => text,
                        _ => return Err(refused()),
                    }
                };
                self.anchor(anchor, &Value::String(key.clone()));
                Ok(Some(key))
            }
            Event::Alias(anchor) => match self.alias(anchor, at(span.start), 0)? {
                Value::String(text) => Ok(Some(text)),
                _ => Err(refused()),
            },
            _ => Err(refused()),
        }
    }

    /// The value of `<<`, put into the map that it stands in. As in kubectl's reader, it replaces what stands before it
    /// and is replaced by what stands behind it; of a list, the first map wins.
    fn merge(
        &mut self,
        entries: &mut BTreeMap<Cow<'a, str>, (Value<'a>, Option<At>)>,
        depth: usize,
    ) -> Result<(), Box<Fault>> {
        let (event, span) = self.next()?;
        let maps = match self.value(event, span, depth + 1)? {
            Value::List(maps) => maps,
            map => vec![map],
        };
        for map in maps.into_iter().rev() {
            let Value::Map(map) = map else {
                return Err(diags::no_merge(self.source, at(span.start)));
            };
            for (key, value) in &map {
                let place = entries.get(key).and_then(|(_, place)| *place);
                entries.insert(key.clone(), (value.clone(), place));
            }
        }
        Ok(())
    }

    fn scalar(
        &self,
        text: Cow<'a, str>,
        style: ScalarStyle,
        tag: Option<&Tag>,
        span: Span,
    ) -> Result<Value<'a>, Box<Fault>> {
        let place = at(span.start);
        let Some(tag) = tag else {
            if style != ScalarStyle::Plain {
                return Ok(Value::String(text));
            }
            return scalar::plain(text).map_err(|_| diags::infinite(self.source, place));
        };
        if !tag.is_yaml_core_schema() {
            // `!` and the tags of others: kubectl reads a text.
            return Ok(Value::String(text));
        }
        let refused = || diags::tag(self.source, place, &format!("!!{}", tag.suffix));
        let resolved = |text| scalar::plain(text).map_err(|_| diags::infinite(self.source, place));
        match tag.suffix.as_str() {
            "bool" => match resolved(text)? {
                value @ Value::Bool(_) => Ok(value),
                _ => Err(refused()),
            },
            "null" => match resolved(text)? {
                Value::Null => Ok(Value::Null),
                _ => Err(refused()),
            },
            "int" => match resolved(text)? {
                Value::Number(number) if !number.contains(['.', 'e']) => Ok(Value::Number(number)),
                _ => Err(refused()),
            },
            "float" => match resolved(text)? {
                value @ Value::Number(_) => Ok(value),
                _ => Err(refused()),
            },
            "binary" => {
                let bytes = super::object::base64(&text).ok_or_else(refused)?;
                String::from_utf8(bytes).map(|text| Value::String(Cow::Owned(text))).map_err(|_| refused())
            }
            // `!!str`, and what kubectl keeps as a text.
            _ => Ok(Value::String(text)),
        }
    }
}

/// How many values a value is. A text that is no part of the document is copied with every alias, so each 64 bytes count
/// as one.
fn size(value: &Value<'_>) -> usize {
    match value {
        Value::List(items) => 1 + items.iter().map(size).sum::<usize>(),
        Value::Map(entries) => 1 + entries.iter().map(|(key, value)| key.len() / 64 + size(value)).sum::<usize>(),
        Value::String(text) | Value::Number(text) => 1 + text.len() / 64,
        _ => 1,
    }
}

/// How deep a value is.
fn deep(value: &Value<'_>) -> usize {
    match value {
        Value::List(items) => 1 + items.iter().map(deep).max().unwrap_or(0),
        Value::Map(entries) => 1 + entries.iter().map(|(_, value)| deep(value)).max().unwrap_or(0),
        _ => 0,
    }
}

/// A step to a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Step<'p> {
    Key(&'p str),
    Item(usize),
}

/// Where the value at a path stands; if there is none, where the innermost one around it begins. `document` counts the
/// documents of the text.
pub(super) fn place(text: &str, document: usize, path: &[Step<'_>]) -> At {
    let mut parser = Parser::new_from_str(text);
    let mut seen = 0;
    let mut found = (1, 1);
    while let Some(Ok((event, span))) = parser.next_event() {
        match event {
            Event::DocumentStart(_) => seen += 1,
            Event::StreamStart | Event::DocumentEnd | Event::Nothing => {}
            Event::StreamEnd => break,
            event if seen == document + 1 => {
                find(&mut parser, &event, span, path, &mut found);
                break;
            }
            event => skip(&mut parser, &event),
        }
    }
    found
}

fn find(parser: &mut Parser<'_, StrInput<'_>>, event: &Event<'_>, span: Span, path: &[Step<'_>], found: &mut At) {
    *found = at(span.start);
    let Some((step, rest)) = path.split_first() else { return };
    let mut index = 0;
    while let Some(Ok((inner, span))) = parser.next_event() {
        let is_wanted = match (event, &inner, step) {
            (_, Event::MappingEnd | Event::SequenceEnd, _) => return,
            (Event::MappingStart(..), Event::Scalar(text, ..), Step::Key(key)) => text == key,
            (Event::SequenceStart(..), _, Step::Item(item)) => *item == index,
            _ => false,
        };
        index += 1;
        if matches!(event, Event::MappingStart(..)) {
            skip(parser, &inner);
            let Some(Ok((value, span))) = parser.next_event() else { return };
            if is_wanted {
                return find(parser, &value, span, rest, found);
            }
            skip(parser, &value);
        } else if is_wanted {
            return find(parser, &inner, span, rest, found);
        } else {
            skip(parser, &inner);
        }
    }
}

/// Passes over what is left of a value whose first event was read.
fn skip(parser: &mut Parser<'_, StrInput<'_>>, event: &Event<'_>) {
    let mut depth = usize::from(matches!(event, Event::MappingStart(..) | Event::SequenceStart(..)));
    while depth > 0 {
        match parser.next_event() {
            Some(Ok((Event::MappingStart(..) | Event::SequenceStart(..), _))) => depth += 1,
            Some(Ok((Event::MappingEnd | Event::SequenceEnd, _))) => depth -= 1,
            Some(Ok(_)) => {}
            _ => return,
        }
    }
}
