//! What bytes mean to the fast reader, and what escapes stand for.

/// Bytes that end a plain scalar or need a closer look: control characters, `#`, `:` and what is not ASCII.
pub(super) const PLAIN: u8 = 1;
/// Bytes that a text between double quotes does not simply hold.
pub(super) const QUOTED: u8 = 2;
/// Bytes that no literal block simply holds: control characters.
pub(super) const BLOCK: u8 = 4;

static CLASSES: [u8; 256] = classes();

#[allow(clippy::cast_possible_truncation, clippy::indexing_slicing)] // at compile time, below 256
const fn classes() -> [u8; 256] {
    let mut table = [0; 256];
    let mut byte = 0;
    while byte < table.len() {
        table[byte] = match byte as u8 {
            b'#' | b':' => PLAIN,
            b'"' | b'\\' => QUOTED,
            // U+0085, U+2028 and U+2029, line breaks of YAML 1.1, begin with the last three; the byte order mark as well.
            0..=0x1f | 0x7f | 0xc2 | 0xe2 | 0xef => PLAIN | QUOTED | BLOCK,
            _ => 0,
        };
        byte += 1;
    }
    table
}

#[inline]
pub(super) fn class(byte: u8) -> u8 {
    CLASSES.get(usize::from(byte)).copied().unwrap_or(u8::MAX)
}

/// Whether a character beyond ASCII is one that some reader takes for more than a character.
pub(super) fn is_special(rest: &str) -> bool {
    rest.chars().next().is_none_or(|c| {
        matches!(c, '\u{80}'..='\u{9f}' | '\u{2028}' | '\u{2029}' | '\u{feff}' | '\u{fffe}' | '\u{ffff}')
    })
}

/// The character of an escape, and the length of what stands behind the `\`.
pub(super) fn escape(text: &str) -> Option<(char, usize)> {
    let c = match text.as_bytes().first()? {
        b'0' => '\0',
        b'a' => '\u{7}',
        b'b' => '\u{8}',
        b't' => '\t',
        b'n' => '\n',
        b'v' => '\u{b}',
        b'f' => '\u{c}',
        b'r' => '\r',
        b'e' => '\u{1b}',
        b'"' => '"',
        b'/' => '/',
        b'\\' => '\\',
        b'N' => '\u{85}',
        b'_' => '\u{a0}',
        b'L' => '\u{2028}',
        b'P' => '\u{2029}',
        b'x' => return hexadecimal(text, 2),
        b'u' => return hexadecimal(text, 4),
        b'U' => return hexadecimal(text, 8),
        _ => return None,
    };
    Some((c, 1))
}

fn hexadecimal(text: &str, digits: usize) -> Option<(char, usize)> {
    let code = text.get(1..=digits).filter(|code| code.bytes().all(|byte| byte.is_ascii_hexdigit()))?;
    Some((char::from_u32(u32::from_str_radix(code, 16).ok()?)?, 1 + digits))
}
