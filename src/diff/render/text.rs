//! Paths, values and places as text of one line, without secrets and without characters that do more than show.

use crate::diag::mask::{Masks, is_literal_credential};
use crate::diff::{Segment, SpecChange, SpecPlace};
use crate::manifest::Value;
use std::fmt::Write as _;

/// What stands for a secret.
const HIDDEN: &str = "•••";

/// What stands for everything behind the end of what is shown.
const CUT: char = '…';

/// The most characters of a value that are shown.
pub(super) const WIDTH: usize = 120;

/// The most characters of one item that are shown where an order is.
pub(super) const ITEM: usize = 60;

/// A text in which nothing moves the cursor, changes colours or the direction of reading.
pub(super) fn printable(text: &str) -> String {
    if text.bytes().all(|byte| matches!(byte, b' '..=b'~')) {
        return text.to_owned();
    }
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            ' '..='~' => out.push(c),
            _ => out.extend(c.escape_debug()),
        }
    }
    out
}

/// The same, cut.
pub(super) fn cut(text: &str, most: usize) -> String {
    // No text has more characters than bytes.
    if text.len() <= most || text.chars().count() <= most {
        return text.to_owned();
    }
    text.chars().take(most.saturating_sub(1)).chain([CUT]).collect()
}

/// `spec.template.spec.containers[app].image`, `metadata.annotations["checksum/config"]`.
pub(super) fn path(steps: &[Segment], masks: &Masks) -> String {
    let mut text = String::new();
    for step in steps {
        match step {
            Segment::Key(key) if is_word(key) => {
                if !text.is_empty() {
                    text.push('.');
                }
                text.push_str(key);
            }
            Segment::Key(key) => {
                text.push_str("[\"");
                text.push_str(&printable(key));
                text.push_str("\"]");
            }
            Segment::Item { is, .. } => {
                let _ = write!(text, "[{}]", cut(&printable(&item("", is, masks)), WIDTH));
            }
            Segment::Index(index) => {
                let _ = write!(text, "[{index}]");
            }
        }
    }
    text
}

fn is_word(key: &str) -> bool {
    !key.is_empty() && key.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
}

/// The key whose name says what a value is: the last one, and the name of an environment variable for its `value`.
pub(super) fn name(steps: &[Segment]) -> &str {
    let mut steps = steps.iter().rev();
    let last = steps.find_map(|step| match step {
        Segment::Key(key) => Some(key.as_str()),
        Segment::Item { .. } | Segment::Index(_) => None,
    });
    match (last, steps.next()) {
        (Some("value"), Some(Segment::Item { by, is })) => match is.rsplit_once('#') {
            Some((name, _)) if by.is_empty() => name,
            _ => is,
        },
        (last, _) => last.unwrap_or(""),
    }
}

/// A text without secrets, whatever its name says.
pub(super) fn masked(name: &str, text: &str, masks: &Masks) -> String {
    // `secretKey` of an ExternalSecret, `key` of a reference: names of keys, which people have to read.
    let names_a_key = matches!(name, "secretKey" | "secretName" | "key");
    if !names_a_key && is_literal_credential(name, text).is_some() {
        return HIDDEN.to_owned();
    }
    masks.apply(text)
}

/// The label of an item of a list, which may be all that the item says, without secrets. It has to be whole: of a
/// credential that is cut nobody sees that it is one.
pub(super) fn item(name: &str, label: &str, masks: &Masks) -> String {
    masks.hide(&masked(name, label, masks))
}

/// A value on one line, in the notation of YAML's flow style.
pub(super) fn value(name: &str, value: &Value<'_>, masks: &Masks) -> String {
    let mut out = String::new();
    flow(name, value, masks, &mut out);
    out
}

fn flow(name: &str, value: &Value<'_>, masks: &Masks, out: &mut String) {
    // Somewhat more than is shown, so that it is seen to be cut.
    if out.len() > 4 * WIDTH {
        return;
    }
    match value {
        Value::Null => out.push_str("null"),
        Value::Bool(value) => out.push_str(if *value { "true" } else { "false" }),
        Value::Number(number) => out.push_str(&printable(number)),
        Value::String(text) => out.push_str(&string(&item(name, text, masks))),
        Value::Sealed(sealed) => {
            let _ = write!(out, "{sealed}");
        }
        Value::List(items) => {
            out.push('[');
            for (index, item) in items.iter().enumerate() {
                if index > 0 {
                    out.push_str(", ");
                }
                flow(name, item, masks, out);
            }
            out.push(']');
        }
        Value::Map(entries) => {
            out.push('{');
            let variable = value.get("name").and_then(Value::as_str);
            for (index, (key, inner)) in entries.iter().enumerate() {
                if index > 0 {
                    out.push_str(", ");
                }
                out.push_str(&string(key));
                out.push_str(": ");
                let name = if key == "value" { variable.unwrap_or("value") } else { key.as_ref() };
                flow(name, inner, masks, out);
            }
            out.push('}');
        }
    }
}

/// A text bare where nobody takes it for something else, else in quotes.
fn string(text: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./:@%+•*=$()&?~^".contains(c);
    let number = text.parse::<f64>().is_ok() || matches!(text, "true" | "false" | "null" | "~");
    if !text.is_empty() && !number && text.chars().all(plain) {
        return text.to_owned();
    }
    let mut out = String::from("\"");
    for c in text.chars() {
        match c {
            '•' | '\'' => out.push(c),
            c => out.extend(c.escape_debug()),
        }
    }
    out.push('"');
    out
}

/// Two long texts on one line each: what they have in common is left out, but for its last characters.
pub(super) fn pair(old: &str, new: &str) -> (String, String) {
    const CONTEXT: usize = 16;
    if old.len().max(new.len()) <= WIDTH {
        return (old.to_owned(), new.to_owned());
    }
    let (was, is): (Vec<char>, Vec<char>) = (old.chars().collect(), new.chars().collect());
    if was.len().max(is.len()) <= WIDTH {
        return (old.to_owned(), new.to_owned());
    }
    let ahead = was.iter().zip(&is).take_while(|(a, b)| a == b).count();
    let most = was.len().min(is.len()) - ahead;
    let behind = was.iter().rev().zip(is.iter().rev()).take(most).take_while(|(a, b)| a == b).count();
    let from = ahead.saturating_sub(CONTEXT);
    let shown = |all: &[char]| {
        let to = (all.len() - behind + CONTEXT).min(all.len());
        let mut text = String::new();
        text.extend((from > 0).then_some(CUT));
        text.extend(all.get(from..to).unwrap_or_default());
        let text = cut(&text, WIDTH);
        if to < all.len() && !text.ends_with(CUT) { format!("{text}{CUT}") } else { text }
    };
    (shown(&was), shown(&is))
}

/// `overlays/prod.toml:14 workloads.document-service.replicas`.
pub(super) fn place(place: &SpecPlace) -> String {
    let file = format!("{}:{}", place.file, place.line);
    let text = if place.key.is_empty() { file } else { format!("{file} {}", place.key) };
    printable(&text)
}

/// The two sides of a change of the spec: `3`, `5`; one of them where it is new or gone.
pub(super) fn sides(change: &SpecChange) -> (Option<String>, Option<String>) {
    let clean = |text: &String| printable(text);
    match (change.old.as_ref().map(clean), change.new.as_ref().map(clean)) {
        (Some(old), Some(new)) => {
            let (old, new) = pair(&old, &new);
            (Some(old), Some(new))
        }
        (old, new) => (old.map(|text| cut(&text, WIDTH)), new.map(|text| cut(&text, WIDTH))),
    }
}
