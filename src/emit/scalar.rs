//! One scalar of a YAML document: plain, double-quoted or a literal block, and numbers.
//!
//! A text stays plain only where no YAML 1.1 or 1.2 reader has a reason to read anything else; tried with `PyYAML`,
//! libyaml, kubectl's go-yaml v2, js-yaml, npm's yaml and ruamel. Whatever one of them could take for a null, a boolean,
//! a number, a time or syntax is double-quoted, as is every text with a character that is not seen or not read raw.
//! Nothing is ever folded.

use std::fmt::{Display, LowerExp};
use std::io::Write as _;

/// `"` and `\`, which a double-quoted text escapes.
const ESCAPED: u8 = 1;
const SPACE: u8 = 1 << 1;
const COLON: u8 = 1 << 2;
const HASH: u8 = 1 << 3;
const NEWLINE: u8 = 1 << 4;
/// Tab, carriage return and the other control characters: only ever written as escapes.
const CONTROL: u8 = 1 << 5;
/// A byte of a character outside of ASCII.
const WIDE: u8 = 1 << 6;
/// A byte that no number, date or time of any YAML version contains.
const NO_NUMBER: u8 = 1 << 7;

static CLASSES: [u8; 256] = classes();

#[allow(clippy::cast_possible_truncation, clippy::indexing_slicing)] // at compile time, below 256
const fn classes() -> [u8; 256] {
    let mut table = [0; 256];
    let mut byte = 0;
    while byte < table.len() {
        table[byte] = match byte as u8 {
            b'\n' => NEWLINE | NO_NUMBER,
            0..=0x1f | 0x7f => CONTROL | NO_NUMBER,
            0x80.. => WIDE | NO_NUMBER,
            b' ' => SPACE,
            b':' => COLON,
            b'#' => HASH | NO_NUMBER,
            b'"' | b'\\' => ESCAPED | NO_NUMBER,
            b'0'..=b'9' | b'+' | b'-' | b'.' | b'_' | b',' => 0,
            // Hexadecimal digits, `0x`, `0o`, exponents, `inf`, `nan`, the `T` and `Z` of a time, in either case.
            letter if matches!(letter | 0x20, b'a'..=b'f' | b'i' | b'n' | b'o' | b't' | b'x' | b'z') => 0,
            _ => NO_NUMBER,
        };
        byte += 1;
    }
    table
}

fn class(byte: u8) -> u8 {
    CLASSES.get(usize::from(byte)).copied().unwrap_or(CONTROL)
}

/// The classes of all bytes of a text together.
#[inline]
fn scan(text: &str) -> u8 {
    text.bytes().fold(0, |seen, byte| seen | class(byte))
}

/// Writes a text on one line: a key, or a whole document.
#[inline]
pub(super) fn inline(out: &mut Vec<u8>, text: &str) {
    let seen = scan(text);
    if is_plain(text, seen) {
        out.extend_from_slice(text.as_bytes());
    } else {
        quoted(out, text);
    }
}

/// Writes a text as the value of a key or as a list item, with `column` the column of the key or of the `-`.
#[inline]
pub(super) fn value(out: &mut Vec<u8>, text: &str, column: usize) {
    let seen = scan(text);
    if is_plain(text, seen) {
        out.extend_from_slice(text.as_bytes());
    } else if seen & (NEWLINE | CONTROL) != NEWLINE || !literal(out, text, seen, column) {
        quoted(out, text);
    }
}

#[inline]
fn is_plain(text: &str, seen: u8) -> bool {
    let (Some(&first), Some(&last)) = (text.as_bytes().first(), text.as_bytes().last()) else { return false };
    let may_start = match first {
        b'f' | b'F' | b'i' | b'I' | b'n' | b'N' | b'o' | b'O' | b't' | b'T' | b'y' | b'Y' => !is_word(text),
        // `e3`: the npm package yaml takes it for a number in YAML 1.1.
        b'e' | b'E' => seen & NO_NUMBER != 0 || !last.is_ascii_digit(),
        b'a'..=b'z' | b'A'..=b'Z' | b'/' | b'$' | b'(' | 0x80..=0xff => true,
        b'0'..=b'9' => seen & NO_NUMBER != 0,
        b'+' | b'-' | b'.' | b'_' => !is_like_number(text, seen),
        _ => false,
    };
    may_start && (seen & (SPACE | COLON | HASH | NEWLINE | CONTROL | WIDE) == 0 || is_plain_inside(text, seen, last))
}

/// Whether a text that may start plain can go on so.
fn is_plain_inside(text: &str, seen: u8, last: u8) -> bool {
    let has_pair = |pair: &[u8; 2]| text.as_bytes().windows(2).any(|two| two == pair);
    seen & (NEWLINE | CONTROL) == 0
        && last != b' '
        && last != b':'
        && (seen & SPACE == 0 || ((seen & COLON == 0 || !has_pair(b": ")) && (seen & HASH == 0 || !has_pair(b" #"))))
        && (seen & WIDE == 0 || text.chars().all(|c| c < '\u{10000}' && is_clear(c)))
}

/// Words that some reader takes for a null, a boolean or a number; `~` cannot start a plain text anyway.
fn is_word(text: &str) -> bool {
    let words: &[&str] = match text.len() {
        1 => &["f", "n", "t", "y"],
        2 => &["no", "on"],
        3 => &["inf", "nan", "off", "yes"],
        4 => &["null", "true"],
        5 => &["false"],
        8 => &["infinity"],
        _ => return false,
    };
    words.iter().any(|word| word.eq_ignore_ascii_case(text))
}

/// For a text that starts with a sign, a dot or an underscore: a number, a list item, a document's end?
fn is_like_number(text: &str, seen: u8) -> bool {
    let body = text.trim_start_matches(['+', '-', '.', '_']);
    body.is_empty()
        || is_word(body)
        || (seen & NO_NUMBER == 0 && body.bytes().any(|byte| byte.is_ascii_digit()))
        || text.as_bytes().get(1) == Some(&b' ')
        || text.starts_with("---")
        || text.starts_with("...")
}

/// Whether every reader reads the character raw, in a literal block and between quotes, and nobody is misled by it:
/// neither a line break of YAML 1.1, nor a byte order mark, nor invisible, nor a change of direction, nor unassigned.
fn is_raw(c: char) -> bool {
    let misleading = matches!(c,
        '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}' | '\u{fdd0}'..='\u{fdef}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}');
    match c {
        ' '..='~' | '\n' | '\u{a0}'..='\u{fffd}' => !misleading,
        '\u{10000}'..='\u{3ffff}' => u32::from(c) & 0xffff < 0xfffe,
        _ => false,
    }
}

/// Whether it is also no space that looks like another one.
fn is_clear(c: char) -> bool {
    is_raw(c) && (c == ' ' || !c.is_whitespace())
}

/// Writes a text with line breaks and without control characters as a literal block, or nothing if it cannot be one.
///
/// Two line breaks at the end would need `|+`, which readers know; but what splits a stream into documents (Helm before
/// 4, kustomize) or tidies files eats empty lines before `---`, so such a text is quoted. So is one where a line ends
/// in a space.
fn literal(out: &mut Vec<u8>, text: &str, seen: u8, column: usize) -> bool {
    let (body, chomping) = match text.strip_suffix('\n') {
        Some(body) => (body, ""),
        None => (text, "-"),
    };
    if body.is_empty() || body.ends_with('\n') || (seen & WIDE != 0 && !text.chars().all(is_raw)) {
        return false;
    }
    let start = out.len();
    // The `2` says the indentation where the first line does not show it.
    out.extend_from_slice(if body.starts_with([' ', '\n']) { b"|2" } else { b"|" });
    out.extend_from_slice(chomping.as_bytes());
    for line in body.split('\n') {
        out.push(b'\n');
        match line.as_bytes().last() {
            None => {}
            Some(b' ') => {
                out.truncate(start);
                return false;
            }
            Some(_) => {
                indent(out, column + 2);
                out.extend_from_slice(line.as_bytes());
            }
        }
    }
    true
}

/// Writes a text between double quotes on one line.
fn quoted(out: &mut Vec<u8>, text: &str) {
    out.push(b'"');
    let mut rest = text;
    while let Some(at) = rest.bytes().position(|b| class(b) & (ESCAPED | NEWLINE | CONTROL | WIDE) != 0) {
        let (run, tail) = rest.split_at(at);
        out.extend_from_slice(run.as_bytes());
        let mut chars = tail.chars();
        if let Some(c) = chars.next() {
            escaped(out, c);
        }
        rest = chars.as_str();
    }
    out.extend_from_slice(rest.as_bytes());
    out.push(b'"');
}

#[allow(clippy::cast_possible_truncation)] // the arms' ranges
fn escaped(out: &mut Vec<u8>, c: char) {
    let (letter, digits) = match c {
        '"' | '\\' => (c as u8, 0),
        '\0' => (b'0', 0),
        '\u{8}' => (b'b', 0),
        '\t' => (b't', 0),
        '\n' => (b'n', 0),
        '\u{c}' => (b'f', 0),
        '\r' => (b'r', 0),
        _ if is_clear(c) => return out.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes()),
        ..='\u{ff}' => (b'x', 2),
        ..='\u{ffff}' => (b'u', 4),
        _ => (b'U', 8),
    };
    out.extend_from_slice(&[b'\\', letter]);
    for digit in (0..digits).rev() {
        let digit = (u32::from(c) >> (4 * digit) & 0xf) as u8;
        out.push(if digit < 10 { b'0' + digit } else { b'A' - 10 + digit });
    }
}

/// Writes spaces.
#[inline]
pub(super) fn indent(out: &mut Vec<u8>, columns: usize) {
    const SPACES: &[u8] = &[b' '; 64];
    match SPACES.get(..columns) {
        Some(spaces) => out.extend_from_slice(spaces),
        None => out.resize(out.len() + columns, b' '),
    }
}

/// Writes an integer.
pub(super) fn integer(out: &mut Vec<u8>, number: i64) {
    if number < 0 {
        out.push(b'-');
    }
    let start = out.len();
    let mut rest = number.unsigned_abs();
    loop {
        out.push(b'0' + (rest % 10) as u8);
        rest /= 10;
        if rest == 0 {
            break;
        }
    }
    if let Some(digits) = out.get_mut(start..) {
        digits.reverse();
    }
}

/// Writes a finite number with the fewest digits that say it; `wide` is the same number.
///
/// A whole number is written as an integer as long as every reader has integers of that size. An exponent always comes
/// with a dot and a sign, without which YAML 1.1 does not see a number.
pub(super) fn float<T: Display + LowerExp>(out: &mut Vec<u8>, number: T, wide: f64) {
    const WHOLE: f64 = 9_007_199_254_740_992.0; // 2^53
    if wide == 0.0 {
        out.extend_from_slice(if wide.is_sign_negative() { b"-0.0" } else { b"0" });
    } else if (1e-5..WHOLE).contains(&wide.abs()) {
        let _ = write!(out, "{number}"); // a `Vec` takes everything
    } else {
        let text = format!("{number:e}");
        let (mantissa, exponent) = text.split_once('e').unwrap_or((&text, "0"));
        let dot = if mantissa.contains('.') { "" } else { ".0" };
        let sign = if exponent.starts_with('-') { "" } else { "+" };
        let _ = write!(out, "{mantissa}{dot}e{sign}{exponent}");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(text: &str) -> String {
        let mut out = Vec::new();
        value(&mut out, text, 0);
        String::from_utf8(out).unwrap()
    }

    #[rustfmt::skip]
    const PLAIN: &[&str] = &[
        "app.kubernetes.io/name", "dpj-backend", "/actuator/health/liveness", "registry.x.fr/dpj/a:1.1.0", "512Mi",
        "250m", "10%", "http://a:80/b", "None", "30s", "8080/TCP", "10.0.0.0/8", "$(POD_NAME)", "--config=/etc/x",
        "-Xmx512m", "-c", ".env", "./run", "a b  c", "a#b", "a:b", "a'b\"c", "prêt à l’emploi", "日本", "0 3 * * *",
        "v1.10", "e2e", "edge-1", "face", "n1", "yes-or-no", "nullable", "_underscored", "x=y", "a, b", "a[0]",
        "it's {{x}}",
    ];

    #[rustfmt::skip]
    const QUOTED: &[&str] = &[
        "", " ", "~", "null", "Null", "NULL", "nUll", "y", "Y", "n", "N", "yes", "No", "on", "OFF", "t", "F", "true",
        "TRUE", "False", "0", "-1", "+1", "1.10", "1.28", "1.1.0", "1e3", "7e10", ".5", "5.", "1_000", "0777", "0o17",
        "0x1F", "0b11", "08", "1,000", "22:22", "22:22:22", "190:20:30.15", "-1:30", ".inf", "-.Inf", "+.INF", ".nan",
        "inf", "NaN", "-Infinity", "2001-12-14", "2001-12-14T21:59:43.10-05:00", "2001-12-14 21:59:43.10 -5", "<<",
        "=", ".", "..", "...", "---", "--- a", "... a", "-", "- a", "? a", "?", ": a", ":", ":a", ",", "[a]", "{a}",
        "# a", "&a", "*a", "!a", "|", ">", "'a'", "%a", "@a", "`a`", " a", "a ", "a: b", "a:", "a #b", "_", "-_1",
        "+.e+3", "e3", "E+01", "0.0.0.0", "fe80:", "1:2:3", "😀", "a\u{a0}b", "\u{3000}", "{{x}}",
        // Lines that do not survive a block.
        "\n", "\n\n", "a\n\n", "a \nb", "a\n ", "a\n \nb", "a\tb\nc", "a\r\nb", "a\nb\u{85}", "a\n\u{feff}",
        "a\n\u{200b}",
    ];

    #[test]
    fn what_every_reader_reads_as_text_is_plain() {
        for text in PLAIN {
            assert_eq!(written(text), *text);
        }
    }

    #[test]
    fn what_some_reader_takes_for_something_else_is_quoted() {
        for text in QUOTED {
            let line = written(text);
            assert!(line.starts_with('"') && line.ends_with('"') && !line.contains('\n'), "{text:?} is {line}");
        }
        assert_eq!(written("'\"\\😀"), r#""'\"\\😀""#);
    }

    #[test]
    fn what_no_reader_shows_is_escaped() {
        let text = "\0\u{1}\u{8}\t\u{c}\r\u{1b}\u{7f}\u{85}\u{a0}\u{2028}\u{2029}\u{feff}\u{ffff}\u{1ffff}\u{10ffff}";
        let expected = r#""\0\x01\b\t\f\r\x1B\x7F\x85\xA0\u2028\u2029\uFEFF\uFFFF\U0001FFFF\U0010FFFF""#;
        assert_eq!(written(text), expected);
    }

    #[test]
    fn lines_are_a_literal_block() {
        assert_eq!(written("a\nb"), "|-\n  a\n  b");
        assert_eq!(written("a\n\n b\n"), "|\n  a\n\n   b");
        assert_eq!(written(" a\nb\n"), "|2\n   a\n  b");
        assert_eq!(written("\n\na\n b"), "|2-\n\n\n  a\n   b");
        assert_eq!(written("# a\n---\n...\n- é😀\u{a0}!\n"), "|\n  # a\n  ---\n  ...\n  - é😀\u{a0}!");
    }

    #[test]
    fn numbers() {
        let digits = |number| {
            let mut out = Vec::new();
            integer(&mut out, number);
            String::from_utf8(out).unwrap()
        };
        for number in [0, 7, -7, 10, 8080, i64::MAX, i64::MIN] {
            assert_eq!(digits(number), number.to_string());
        }
        let shortest = |number: f64| {
            let mut out = Vec::new();
            float(&mut out, number, number);
            String::from_utf8(out).unwrap()
        };
        #[rustfmt::skip]
        let cases = [
            (0.0, "0"), (-0.0, "-0.0"), (3.0, "3"), (-3.0, "-3"), (0.1, "0.1"), (1.5, "1.5"), (0.000_01, "0.00001"),
            (1e-6, "1.0e-6"), (1.5e-7, "1.5e-7"), (9_007_199_254_740_991.0, "9007199254740991"), (1e16, "1.0e+16"),
            (-1.25e300, "-1.25e+300"), (f64::MAX, "1.7976931348623157e+308"), (5e-324, "5.0e-324"),
        ];
        for (number, expected) in cases {
            assert_eq!(shortest(number), expected);
            assert_eq!(expected.parse(), Ok(number));
        }
    }
}
