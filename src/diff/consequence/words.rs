//! Words of messages.

use crate::manifest::Value;

/// `1 pod`, `3 pods`.
pub(super) fn count(number: u32, noun: &str) -> String {
    if number == 1 { format!("1 {noun}") } else { format!("{number} {}", plural(noun)) }
}

/// The verb after a number of things.
pub(super) fn verb(number: u32, one: &'static str, more: &'static str) -> &'static str {
    if number == 1 { one } else { more }
}

fn plural(noun: &str) -> String {
    if noun.ends_with('s') { noun.to_owned() } else { format!("{noun}s") }
}

/// How many of a list a message shows; the fields that changed are shown beside it anyway.
const SHOWN: usize = 4;

/// `a`, `a and b`, `a, b and c`, `a, b, c, d and 7 more`.
pub(super) fn list<T: AsRef<str>>(names: &[T]) -> String {
    let mut shown: Vec<&str> = names.iter().take(SHOWN).map(AsRef::as_ref).collect();
    if names.len() > SHOWN {
        return format!("{} and {} more", shown.join(", "), names.len() - SHOWN);
    }
    match shown.pop() {
        None => "nothing".to_owned(),
        Some(only) if shown.is_empty() => only.to_owned(),
        Some(last) => format!("{} and {last}", shown.join(", ")),
    }
}

/// A scalar of a field that is never confidential; `nothing` if it is not there.
pub(super) fn shown(value: Option<&Value<'_>>) -> String {
    match value {
        None | Some(Value::Null) => "nothing".to_owned(),
        Some(Value::Bool(value)) => value.to_string(),
        Some(Value::Number(text) | Value::String(text)) if text.is_empty() => "\"\"".to_owned(),
        Some(Value::Number(text) | Value::String(text)) => shorten(text),
        Some(Value::List(items)) => {
            let items: Vec<String> = items.iter().map(|item| shown(Some(item))).collect();
            if items.is_empty() { "an empty list".to_owned() } else { list(&items) }
        }
        Some(_) => "a value".to_owned(),
    }
}

/// `100Gi → 50Gi`.
pub(super) fn change(old: Option<&Value<'_>>, new: Option<&Value<'_>>) -> String {
    format!("{} → {}", shown(old), shown(new))
}

/// A text on one line, cut where it gets long.
pub(super) fn shorten(text: &str) -> String {
    const MOST: usize = 80;
    let line: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).take(MOST).collect();
    if text.chars().count() > MOST { format!("{line}…") } else { line }
}
