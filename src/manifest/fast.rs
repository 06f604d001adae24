//! A document in the part of YAML that manifests are mostly written in, and that dpjgen writes: maps and lists in block
//! style, scalars on one line, literal blocks. Texts are borrowed from the document.
//!
//! Everything else gives nothing, and `events` reads the document: whatever is not surely understood here, mistakes
//! above all, is left to it. That both agree is tested over all manifests at hand and over texts made to break readers.

mod below;
mod bytes;

use self::bytes::{BLOCK, PLAIN, QUOTED, class, escape, is_special};
use super::blocks::{Block, Blocks, Read};
use super::events::DEEPEST;
use super::object::{holds_argument, is_kind_of_secret};
use super::scalar;
use super::{Entries, Value};
use std::borrow::Cow;

/// The value of a document, if it is wholly in this part of YAML. Blocks that are known are not read.
pub(super) fn read<'a>(text: &'a str, blocks: Option<&Blocks<'a>>) -> Option<Read<'a>> {
    let (entries, items, unknown) = (Vec::new(), Vec::new(), Vec::new());
    let mut reader = Reader { text, at: 0, column: 0, depth: 0, entries, items, blocks, unknown, is_open: true };
    reader.seek()?;
    let value = reader.block(0)?;
    (reader.at == text.len()).then_some(Read { value, is_open: reader.is_open, unknown: reader.unknown })
}

struct Reader<'a, 'b> {
    text: &'a str,
    /// At the first character of the line at hand that is no space; at the end behind the last line.
    at: usize,
    /// How many spaces stand before it. At the end, 0.
    column: usize,
    depth: usize,
    /// Entries of the maps that are being read, those of the innermost one last: each map is made in its right size.
    entries: Vec<(Cow<'a, str>, Value<'a>)>,
    /// The same for the items of lists.
    items: Vec<Value<'a>>,
    blocks: Option<&'b Blocks<'a>>,
    unknown: Vec<(Block<'a>, Value<'a>)>,
    /// Nothing that was read has to be sealed. Of blocks that are known this is so.
    is_open: bool,
}

impl<'a> Reader<'a, '_> {
    #[inline]
    fn byte(&self, at: usize) -> Option<u8> {
        self.text.as_bytes().get(at).copied()
    }

    #[inline]
    fn slice(&self, from: usize, to: usize) -> Option<&'a str> {
        self.text.get(from..to)
    }

    /// From the start of a line to the next content: past empty lines and comments.
    #[inline]
    fn seek(&mut self) -> Option<()> {
        loop {
            let start = self.at;
            while self.byte(self.at) == Some(b' ') {
                self.at += 1;
            }
            match self.byte(self.at) {
                None => {
                    self.column = 0;
                    return Some(());
                }
                Some(b'\n') => self.at += 1,
                Some(b'#') => {
                    let rest = self.text.as_bytes().get(self.at..)?;
                    let length = rest.iter().position(|byte| class(*byte) & BLOCK != 0)?;
                    self.at += length;
                    if self.byte(self.at)? != b'\n' {
                        return None;
                    }
                    self.at += 1;
                }
                Some(_) => {
                    self.column = self.at - start;
                    return Some(());
                }
            }
        }
    }

    fn is_end(&self) -> bool {
        self.at >= self.text.len()
    }

    /// Whether an item of a list begins here.
    fn is_item(&self) -> bool {
        self.byte(self.at) == Some(b'-') && matches!(self.byte(self.at + 1), Some(b' ' | b'\n') | None)
    }

    /// A map or list whose first key or `-` is here, at a column of its own.
    fn block(&mut self, column: usize) -> Option<Value<'a>> {
        if self.column != column || self.is_end() || self.depth >= DEEPEST {
            return None;
        }
        self.depth += 1;
        let value = if self.is_item() { self.list(column)? } else { self.map(column)? };
        self.depth -= 1;
        Some(value)
    }

    fn list(&mut self, column: usize) -> Option<Value<'a>> {
        let start = self.items.len();
        while !self.is_end() && self.column == column && self.is_item() {
            if self.byte(self.at + 1) != Some(b' ') {
                return None;
            }
            self.at += 2;
            self.column += 2;
            // More than one space before the item: its column is not what the writer's is.
            let item = match self.byte(self.at)? {
                b' ' | b'\n' => return None,
                _ if self.is_item() || self.has_key() => self.block(column + 2)?,
                _ => self.scalar(column)?,
            };
            self.items.push(item);
        }
        self.is_open = self.is_open && !self.items.get(start..).is_some_and(holds_argument);
        let is_over = self.is_end() || self.column < column || (self.column == column && !self.is_item());
        is_over.then(|| Value::List(self.items.drain(start..).collect()))
    }

    /// Whether the line from here on begins with a key.
    fn has_key(&mut self) -> bool {
        let start = self.at;
        let has_key = self.key().is_some();
        self.at = start;
        has_key
    }

    fn map(&mut self, column: usize) -> Option<Value<'a>> {
        let start = self.entries.len();
        let mut is_sorted = true;
        while !self.is_end() && self.column == column {
            if self.is_item() {
                break;
            }
            let key = self.key()?;
            let value = match self.byte(self.at) {
                Some(b'\n') | None => {
                    self.at = (self.at + 1).min(self.text.len());
                    self.below(column, &key)?
                }
                Some(b' ') => {
                    self.at += 1;
                    self.scalar(column)?
                }
                Some(_) => return None,
            };
            let last = self.entries.get(start..).and_then(<[_]>::last);
            is_sorted = is_sorted && last.is_none_or(|(last, _)| *last < key);
            self.is_open = self.is_open && !(key == "kind" && value.as_str().is_some_and(is_kind_of_secret));
            self.entries.push((key, value));
        }
        if !is_sorted {
            let entries = self.entries.get_mut(start..)?;
            entries.sort_by(|(one, _), (other, _)| one.cmp(other));
            let has_twins = entries.windows(2).any(|pair| matches!(pair, [one, other] if one.0 == other.0));
            if has_twins {
                return None;
            }
        }
        // An item at the column of the keys ends a map only if that is what the map is in.
        let is_over = self.is_end() || self.column < column || (self.column == column && self.is_item());
        is_over.then(|| Value::Map(self.entries.drain(start..).collect()))
    }

    /// A key up to its `:`, which a space or the end of the line follows.
    #[inline]
    fn key(&mut self) -> Option<Cow<'a, str>> {
        let start = self.at;
        let key = match self.byte(start)? {
            b'"' => self.quoted()?,
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'_' | b'.' | b'/' | b'$' | b'(' => {
                let end = self.plain_end()?;
                if self.byte(end)? != b':' {
                    return None;
                }
                self.at = end;
                let text = self.slice(start, end).filter(|text| !text.ends_with(' '))?;
                scalar::key(Cow::Borrowed(text))?
            }
            _ => return None,
        };
        if self.byte(self.at) != Some(b':') || self.at - start > 1000 {
            return None;
        }
        self.at += 1;
        Some(key)
    }

    /// Where the plain scalar at hand ends: at `: `, a `:` at the end of the line, or the end of the line.
    #[inline]
    fn plain_end(&self) -> Option<usize> {
        let mut end = self.at;
        loop {
            let rest = self.text.as_bytes().get(end..)?;
            let Some(length) = rest.iter().position(|byte| class(*byte) & PLAIN != 0) else {
                return Some(self.text.len());
            };
            end += length;
            match self.byte(end)? {
                b'\n' => return Some(end),
                b':' => match self.byte(end + 1) {
                    Some(b' ' | b'\n') | None => return Some(end),
                    Some(_) => end += 1,
                },
                b'#' if self.byte(end.checked_sub(1)?)? != b' ' => end += 1,
                0x80.. if !is_special(self.text.get(end..)?) => end += 1,
                _ => return None,
            }
            // Behind the first byte of a character the others are passed over as any byte is.
        }
    }

    /// A scalar on this line, or a literal block; `column` is that of the key or `-` before it.
    #[inline]
    fn scalar(&mut self, column: usize) -> Option<Value<'a>> {
        let start = self.at;
        let value = match self.byte(start)? {
            b'"' => Value::String(self.quoted()?),
            b'\'' => self.single_quoted()?,
            b'|' => return self.literal(column),
            b'[' if self.slice(start, start + 2)? == "[]" => {
                self.at += 2;
                Value::List(Vec::new())
            }
            b'{' if self.slice(start, start + 2)? == "{}" => {
                self.at += 2;
                Value::Map(Entries::from(Vec::new()))
            }
            // Indicators, and what is followed by something that needs a closer look.
            b'[' | b']' | b'{' | b'}' | b',' | b'#' | b'&' | b'*' | b'!' | b'>' | b'%' | b'@' | b'`' | b' ' | b':'
            | b'?' => return None,
            b'-' if matches!(self.byte(start + 1), Some(b' ' | b'\n') | None) => return None,
            _ => {
                let end = self.plain_end()?;
                let text = self.slice(start, end)?;
                if matches!(self.byte(end), Some(b':')) || text.ends_with(' ') {
                    return None;
                }
                self.at = end;
                scalar::plain(Cow::Borrowed(text)).ok()?
            }
        };
        match self.byte(self.at) {
            Some(b'\n') => self.at += 1,
            None => {}
            Some(_) => return None,
        }
        self.seek()?;
        // What is indented further would go on with a plain scalar, and is a mistake behind any other.
        (self.is_end() || self.column <= column).then_some(value)
    }

    fn single_quoted(&mut self) -> Option<Value<'a>> {
        let rest = self.text.as_bytes().get(self.at + 1..)?;
        let length = rest.iter().position(|byte| *byte == b'\'' || class(*byte) & BLOCK != 0)?;
        let end = self.at + 1 + length;
        if self.byte(end)? != b'\'' || self.byte(end + 1) == Some(b'\'') {
            return None;
        }
        let text = self.slice(self.at + 1, end)?;
        self.at = end + 1;
        Some(Value::String(Cow::Borrowed(text)))
    }

    /// A text between double quotes on one line.
    #[inline]
    fn quoted(&mut self) -> Option<Cow<'a, str>> {
        let start = self.at + 1;
        let mut at = start;
        let mut out: Option<String> = None;
        let mut copied = start;
        loop {
            let rest = self.text.as_bytes().get(at..)?;
            at += rest.iter().position(|byte| class(*byte) & QUOTED != 0)?;
            match self.byte(at)? {
                b'"' => {
                    self.at = at + 1;
                    let run = self.slice(copied, at)?;
                    return Some(match out {
                        Some(mut text) => {
                            text.push_str(run);
                            Cow::Owned(text)
                        }
                        None => Cow::Borrowed(run),
                    });
                }
                b'\\' => {
                    let text = out.get_or_insert_with(String::new);
                    text.push_str(self.slice(copied, at)?);
                    let (c, length) = escape(self.text.get(at + 1..)?)?;
                    text.push(c);
                    at += 1 + length;
                    copied = at;
                }
                0x80.. if !is_special(self.text.get(at..)?) => at += 1,
                _ => return None,
            }
        }
    }

    /// A literal block: `|`, with `-` or `+`, with an indentation of its own.
    fn literal(&mut self, column: usize) -> Option<Value<'a>> {
        let (mut keep, mut strip, mut indentation) = (false, false, None);
        loop {
            self.at += 1;
            match self.byte(self.at)? {
                b'-' if !keep && !strip => strip = true,
                b'+' if !keep && !strip => keep = true,
                digit @ b'1'..=b'9' if indentation.is_none() => {
                    indentation = Some(column + usize::from(digit - b'0'));
                }
                b'\n' => break,
                _ => return None,
            }
        }
        self.at += 1;
        let mut text = String::new();
        // Line breaks that are held back until something follows them.
        let mut breaks = 0;
        let has_own = indentation.is_some();
        loop {
            let line = self.text.as_bytes().get(self.at..)?;
            if line.is_empty() {
                break;
            }
            let length = line.iter().position(|byte| class(*byte) & BLOCK != 0).unwrap_or(line.len());
            let length = self.block_line(length)?;
            let line = self.slice(self.at, self.at + length)?;
            let spaces = line.len() - line.trim_start_matches(' ').len();
            if spaces == line.len() {
                // An empty line. One with more spaces than the block is indented by has some for content.
                if spaces > indentation.unwrap_or(if has_own { 0 } else { column }) {
                    return None;
                }
                breaks += 1;
            } else {
                if spaces <= column {
                    break;
                }
                let own = *indentation.get_or_insert(spaces);
                if spaces < own {
                    return None;
                }
                text.extend(std::iter::repeat_n('\n', breaks));
                text.push_str(line.get(own..)?);
                breaks = 1;
            }
            self.at += length;
            // A last line without an end: the reference says what that means.
            self.byte(self.at)?;
            self.at += 1;
        }
        if text.is_empty() {
            return None;
        }
        if keep {
            text.extend(std::iter::repeat_n('\n', breaks));
        } else if !strip {
            text.push('\n');
        }
        self.seek()?;
        (self.is_end() || self.column <= column).then_some(Value::String(Cow::Owned(text)))
    }

    /// The length of a line of a literal block whose first doubtful byte comes after `length` bytes.
    fn block_line(&self, mut length: usize) -> Option<usize> {
        loop {
            match self.byte(self.at + length) {
                None | Some(b'\n') => return Some(length),
                Some(0x80..) if !is_special(self.text.get(self.at + length..)?) => {}
                Some(_) => return None,
            }
            length += 1;
            let rest = self.text.as_bytes().get(self.at + length..)?;
            length += rest.iter().position(|byte| class(*byte) & BLOCK != 0).unwrap_or(rest.len());
        }
    }
}
