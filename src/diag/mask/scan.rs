//! Finds the values beside credential names in a text that need not parse: TOML, and the YAML, JSON and properties that
//! manifests and payloads are made of.
//!
//! A line at a time, with what is still open from the lines before. In doubt it hides; it never fails.

use super::names::{is_connection_string, is_credential_name, repeats};
use super::values::{is_literal, pairs, unmistakable};
use std::ops::Range;

/// The values' bytes, in no order: `key = "value"`, `key: value`, `"key": "value"`, arrays, multi-line strings, block
/// scalars, and `name = "KEY", value = "…"`.
pub(super) fn keyed_values(text: &str) -> Vec<Range<usize>> {
    let mut scanner = Scanner { text, hidden: Vec::new(), open: None, block: None, array: 0, named: None, line: 0 };
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        let end = start + line.trim_end_matches(['\n', '\r']).len();
        scanner.scan_line(start, end);
        scanner.line += 1;
        start += line.len();
    }
    scanner.hidden
}

struct Scanner<'a> {
    text: &'a str,
    hidden: Vec<Range<usize>>,
    /// The quotes of a multi-line string, and whether it is hidden.
    open: Option<(&'static str, bool)>,
    /// The indentation of the key of a hidden block scalar.
    block: Option<usize>,
    /// Depth in an array of credentials.
    array: usize,
    /// The line on which a `name` said that the `value` beside it is a credential.
    named: Option<usize>,
    line: usize,
}

/// What the next value is.
#[derive(Clone, Copy, Default)]
struct Expected<'a> {
    /// A credential.
    hide: bool,
    /// The key in front of it.
    key: &'a str,
}

impl<'a> Scanner<'a> {
    fn scan_line(&mut self, start: usize, end: usize) {
        let Some((quotes, hide)) = self.open else { return self.scan(start, end, true) };
        let close = self.slice(start, end).find(quotes).map(|at| start + at);
        let inside = close.unwrap_or(end);
        if hide {
            self.hide(start, inside);
        } else {
            self.scan(start, inside, false);
        }
        if let Some(close) = close {
            self.open = None;
            self.block = None;
            self.scan(close + quotes.len(), end, true);
        }
    }

    /// Scans a line or a part of one; `outside` of multi-line strings, where one may begin.
    fn scan(&mut self, start: usize, end: usize, mut outside: bool) {
        let indent = self.skip_blanks(start, end);
        if let Some(block) = self.block {
            if indent == end || indent - start > block {
                return self.hide(indent, end);
            }
            self.block = None;
        }
        let mut expected = Expected { hide: self.array > 0, key: "" };
        let mut depth = 0_usize;
        let mut unclosed = b' ';
        let mut at = indent;
        while at < end {
            let (byte, before) = (self.byte(at), at.checked_sub(1).map_or(b' ', |at| self.byte(at)));
            match byte {
                b'"' | b'\'' => {
                    let triple = if byte == b'"' { "\"\"\"" } else { "'''" };
                    if outside && self.slice(at, end).starts_with(triple) {
                        let content = at + 3;
                        let Some(close) = self.slice(content, end).find(triple) else {
                            self.open = Some((triple, expected.hide));
                            if expected.hide {
                                self.hide(content, end);
                            } else {
                                self.scan(content, end, false);
                            }
                            return;
                        };
                        self.value(content, content + close, expected);
                        at = content + close + 3;
                    } else if let Some(close) = (unclosed != byte).then(|| self.closing(at, end)).flatten() {
                        let after = self.skip_blanks(close + 1, end);
                        if let Some(next) = self.separator(at + 1, close, after, start, end, depth) {
                            (at, expected) = next;
                            continue;
                        }
                        self.value(at + 1, close, expected);
                        at = close + 1;
                    } else if expected.hide {
                        return self.hide(at + 1, end);
                    } else {
                        // An apostrophe; so are the ones behind it, since none of them closes this one.
                        unclosed = byte;
                        at += 1;
                        continue;
                    }
                    expected = Expected { hide: self.array > 0, key: "" };
                }
                // What stands in a comment is read as well, but opens nothing.
                b'#' if matches!(before, b' ' | b'\t' | b'\n') => {
                    outside = false;
                    at += 1;
                }
                b'[' => {
                    self.array += usize::from(expected.hide);
                    at += 1;
                }
                b']' => {
                    self.array = self.array.saturating_sub(1);
                    expected.hide = self.array > 0;
                    at += 1;
                }
                b'{' => {
                    depth += 1;
                    expected = Expected::default();
                    at += 1;
                }
                b'}' => {
                    depth = depth.saturating_sub(1);
                    expected.hide = self.array > 0;
                    at += 1;
                }
                b',' => {
                    expected.hide = self.array > 0;
                    at += 1;
                }
                _ if is_word(byte) => {
                    let word = at + self.bytes(at, end).iter().take_while(|b| is_word(**b)).count();
                    let after = self.skip_blanks(word, end);
                    match self.separator(at, word, after, start, end, depth) {
                        Some(next) => (at, expected) = next,
                        None => at = word,
                    }
                }
                _ => at += 1,
            }
        }
    }

    /// What follows a key that ends at `=` or `:`: where its value begins and what it is. `None` if it is no key.
    fn separator(
        &mut self,
        key_start: usize,
        key_end: usize,
        sign: usize,
        start: usize,
        end: usize,
        depth: usize,
    ) -> Option<(usize, Expected<'a>)> {
        let (byte, next) = (self.byte(sign), self.byte(sign + 1));
        if sign >= end || !matches!(byte, b'=' | b':') || (byte == b':' && matches!(next, b'/' | b':')) {
            return None;
        }
        if depth == 0 && byte == b'=' {
            self.array = 0;
        }
        let key = self.slice(key_start, key_end);
        let of_name = matches!(last_part(key), "value" | "default") && self.named.is_some_and(|at| self.line - at <= 2);
        let expected = Expected { hide: is_credential_name(key) || of_name, key };
        let at = self.skip_blanks(sign + 1, end);
        if at >= end || matches!(self.byte(at), b'"' | b'\'' | b'[' | b'{') {
            return Some((at, expected));
        }
        if byte == b':' && matches!(self.byte(at), b'|' | b'>') {
            if expected.hide {
                self.block = Some(self.skip_blanks(start, end) - start);
            }
            return Some((end, expected));
        }
        if !expected.hide && last_part(key) != "name" {
            return Some((at, Expected::default()));
        }
        // A name is no longer than this; a line of many `name:` is still read once.
        let limit = if expected.hide { end } else { end.min(at + 64) };
        let close = at + self.bare(at, limit, depth > 0);
        self.value(at, close, expected);
        Some((if expected.hide { close } else { at }, Expected::default()))
    }

    /// Takes note of a value that ends on its line.
    fn value(&mut self, start: usize, end: usize, expected: Expected<'_>) {
        let value = self.slice(start, end);
        if last_part(expected.key) == "name" {
            self.named = is_credential_name(value).then_some(self.line);
        }
        if !expected.hide || !is_literal(value) || repeats(expected.key, value) {
            return;
        }
        // A connection string without a password may be read.
        if is_connection_string(expected.key) && pairs(value).is_empty() && unmistakable(value).is_empty() {
            return;
        }
        self.hide(start, end);
    }

    /// Length of a value without quotes.
    fn bare(&self, at: usize, end: usize, in_braces: bool) -> usize {
        let rest = self.slice(at, end);
        let stop = rest.find(" #").unwrap_or(rest.len());
        let stop = if in_braces { rest.find([',', '}', ']']).map_or(stop, |s| s.min(stop)) } else { stop };
        rest.get(..stop).unwrap_or(rest).trim_end().len()
    }

    /// The quote that closes the string that begins at `at`, on the same line.
    fn closing(&self, at: usize, end: usize) -> Option<usize> {
        let quote = self.byte(at);
        let mut i = at + 1;
        while i < end {
            let byte = self.byte(i);
            // YAML doubles a single quote inside of single quotes.
            if (byte == b'\\' && quote == b'"') || (byte == quote && quote == b'\'' && self.byte(i + 1) == quote) {
                i += 2;
            } else if byte == quote {
                return Some(i);
            } else {
                i += 1;
            }
        }
        None
    }

    fn hide(&mut self, start: usize, end: usize) {
        if start < end {
            self.hidden.push(start..end);
        }
    }

    fn skip_blanks(&self, at: usize, end: usize) -> usize {
        at + self.bytes(at, end).iter().take_while(|b| matches!(b, b' ' | b'\t')).count()
    }

    fn byte(&self, at: usize) -> u8 {
        self.text.as_bytes().get(at).copied().unwrap_or(b'\n')
    }

    fn bytes(&self, start: usize, end: usize) -> &'a [u8] {
        self.text.as_bytes().get(start..end).unwrap_or_default()
    }

    fn slice(&self, start: usize, end: usize) -> &'a str {
        self.text.get(start..end).unwrap_or("")
    }
}

/// What a key without quotes is made of.
fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.' | b'/') || byte >= 0x80
}

/// `c` of `a.b.c`.
fn last_part(key: &str) -> &str {
    key.rsplit('.').next().unwrap_or(key)
}
