//! Values as TOML writes them, on one line.

use super::{Node, Value};

/// A key as TOML writes it.
pub fn key(text: &str) -> String {
    let bare = !text.is_empty() && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_');
    if bare { text.to_owned() } else { string(text) }
}

/// A basic string of TOML: JSON's escapes are among its own.
pub fn string(text: &str) -> String {
    serde_json::to_string(text).unwrap_or_default().replace('\u{7f}', "\\u007f")
}

/// A value as TOML writes it, tables inline; `text` writes the strings, each with the key that it stands behind.
pub fn value(node: &Node, name: &str, text: &dyn Fn(&str, &str) -> String) -> String {
    match &node.value {
        Value::String(found) => text(name, found),
        Value::Integer(integer) => integer.to_string(),
        Value::Float(float) => format!("{float:?}"),
        Value::Boolean(boolean) => boolean.to_string(),
        Value::Datetime(found) => found.to_string(),
        Value::Array(items) => {
            format!("[{}]", items.iter().map(|item| value(item, name, text)).collect::<Vec<_>>().join(", "))
        }
        Value::Table(table) => {
            let entry = |e: &super::Entry| format!("{} = {}", key(&e.key), value(&e.node, &e.key, text));
            format!("{{ {} }}", table.iter().map(entry).collect::<Vec<_>>().join(", "))
        }
    }
}
