//! JSON that is small and that a diff can show: whatever fits on one line stands on one line.

use serde_json::Value;
use std::fmt::Write as _;

/// How long a line may get before it is broken.
const WIDTH: usize = 120;

/// The value with sorted keys, an indentation of one space and a line end behind it.
pub(super) fn write(value: &Value) -> Vec<u8> {
    let mut out = String::new();
    node(value, 0, 0, &mut out);
    out.push('\n');
    out.into_bytes()
}

/// `used` is what of the line is taken already, by the key and by what comes behind.
fn node(value: &Value, depth: usize, used: usize, out: &mut String) {
    let start = out.len();
    if line(value, start + WIDTH.saturating_sub(depth + used), out) {
        return;
    }
    out.truncate(start);
    match value {
        Value::Array(items) => {
            out.push('[');
            for (index, item) in items.iter().enumerate() {
                next(index, depth + 1, out);
                node(item, depth + 1, 1, out);
            }
            end(']', depth, out);
        }
        Value::Object(map) => {
            out.push('{');
            for (index, (key, item)) in sorted(map).into_iter().enumerate() {
                next(index, depth + 1, out);
                let before = out.len();
                string(key, out);
                out.push(':');
                let used = out.len() - before + 1;
                node(item, depth + 1, used, out);
            }
            end('}', depth, out);
        }
        scalar => {
            let _ = write!(out, "{scalar}");
        }
    }
}

fn next(index: usize, depth: usize, out: &mut String) {
    if index > 0 {
        out.push(',');
    }
    out.push('\n');
    out.extend(std::iter::repeat_n(' ', depth));
}

fn end(bracket: char, depth: usize, out: &mut String) {
    out.push('\n');
    out.extend(std::iter::repeat_n(' ', depth));
    out.push(bracket);
}

/// The whole value on one line, unless `out` would get longer than `limit`: what is given up is never longer than a
/// line, so that deep values cost no more than flat ones.
fn line(value: &Value, limit: usize, out: &mut String) -> bool {
    match value {
        Value::Array(items) => {
            out.push('[');
            for (index, item) in items.iter().enumerate() {
                if index > 0 {
                    out.push(',');
                }
                if out.len() > limit || !line(item, limit, out) {
                    return false;
                }
            }
            out.push(']');
        }
        Value::Object(map) => {
            out.push('{');
            for (index, (key, item)) in sorted(map).into_iter().enumerate() {
                if index > 0 {
                    out.push(',');
                }
                string(key, out);
                out.push(':');
                if out.len() > limit || !line(item, limit, out) {
                    return false;
                }
            }
            out.push('}');
        }
        Value::String(text) => string(text, out),
        scalar => {
            let _ = write!(out, "{scalar}");
        }
    }
    out.len() <= limit
}

fn string(text: &str, out: &mut String) {
    // Writing a string into a string cannot fail.
    out.push_str(&serde_json::to_string(text).unwrap_or_default());
}

/// Sorted whatever the map is made of: a feature of `serde_json`, which any crate can switch on, changes that.
fn sorted(map: &serde_json::Map<String, Value>) -> Vec<(&String, &Value)> {
    let mut entries: Vec<_> = map.iter().collect();
    entries.sort_unstable_by_key(|(key, _)| *key);
    entries
}

#[cfg(test)]
mod tests {
    use super::{WIDTH, write};
    use serde_json::{Value, json};

    fn text(value: &Value) -> String {
        String::from_utf8(write(value)).unwrap()
    }

    #[test]
    fn what_fits_stands_on_one_line() {
        assert_eq!(
            text(&json!({"b": [1, 2.5, null], "a": {"x": "\"\n"}})),
            "{\"a\":{\"x\":\"\\\"\\n\"},\"b\":[1,2.5,null]}\n"
        );
        assert_eq!(text(&json!({})), "{}\n");
    }

    #[test]
    fn what_does_not_fit_is_broken_and_read_again() {
        let long = "x".repeat(100);
        let value =
            json!({"a": [long, {"b": 1}], "long": "y".repeat(300), "z": {"q": {"r": "s".repeat(110), "t": []}}});
        let text = text(&value);
        assert_eq!(serde_json::from_str::<Value>(&text).unwrap(), value);
        assert!(text.starts_with("{\n \"a\":[\"xx"), "{text}");
        assert!(text.contains(",\n \"z\":{\n  \"q\":{\n   \"r\":\"sss"), "{text}");
        assert!(text.lines().filter(|line| line.len() > WIDTH).all(|line| line.contains("yyy")));
    }
}
