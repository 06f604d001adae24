//! Bytes to documents: YAML or JSON, as `kubectl` prints them and as operators publish them.

use serde::de::{self, Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};
use std::fmt;

/// Why a file gives no documents.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Unreadable {
    /// Neither YAML nor JSON: it has a byte 0.
    Binary,
    /// Not UTF-8.
    Encoding,
    /// Not YAML, or not JSON.
    Syntax {
        /// Which of the two.
        language: &'static str,
        /// What the parser says, without the place.
        message: String,
        /// Line and column from 1, where they are known.
        at: Option<(usize, usize)>,
    },
}

/// All documents of a text; empty ones are left out.
pub(super) fn documents(text: &str) -> Result<Vec<Value>, Unreadable> {
    // What `kubectl -o json` prints is read ten times faster as what it is. Flow-style YAML begins with `{` as well.
    if text.trim_start().starts_with('{') {
        match json(text) {
            Ok(documents) => return Ok(documents),
            Err(error) => return yaml(text).map_err(|_| error),
        }
    }
    yaml(text)
}

/// The text of a file, without a byte order mark.
pub(super) fn text(bytes: &[u8]) -> Result<&str, Unreadable> {
    if bytes.contains(&0) {
        return Err(Unreadable::Binary);
    }
    let text = str::from_utf8(bytes).map_err(|_| Unreadable::Encoding)?;
    Ok(text.strip_prefix('\u{feff}').unwrap_or(text))
}

fn json(text: &str) -> Result<Vec<Value>, Unreadable> {
    let documents = serde_json::Deserializer::from_str(text).into_iter::<Document>();
    documents.map(|document| document.map(|Document(value)| value)).collect::<Result<_, _>>().map_err(|error| {
        let message = error.to_string();
        let message = message.split(" at line ").next().unwrap_or_default().to_owned();
        let at = (error.line() > 0).then(|| (error.line(), error.column().max(1)));
        Unreadable::Syntax { language: "JSON", message, at }
    })
}

fn yaml(text: &str) -> Result<Vec<Value>, Unreadable> {
    let mut documents = Vec::new();
    for document in serde_yaml::Deserializer::from_str(text) {
        match Document::deserialize(document) {
            Ok(Document(Value::Null)) => {}
            Ok(Document(value)) => documents.push(value),
            Err(error) => {
                let at = error.location().map(|at| (at.line(), at.column()));
                let message = error.to_string();
                let message = message.split(" at line ").next().unwrap_or_default().to_owned();
                return Err(Unreadable::Syntax { language: "YAML", message, at });
            }
        }
    }
    Ok(documents)
}

/// A value in which no key stands twice: of two, which one counts depends on the reader.
struct Document(Value);

impl<'de> Deserialize<'de> for Document {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Values).map(Document)
    }
}

struct Values;

impl<'de> Visitor<'de> for Values {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value without a tag")
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_f64<E: de::Error>(self, value: f64) -> Result<Value, E> {
        Number::from_f64(value).map(Value::Number).ok_or_else(|| E::custom("JSON has no infinite numbers"))
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(Value::String(value.to_owned()))
    }

    fn visit_string<E>(self, value: String) -> Result<Value, E> {
        Ok(Value::String(value))
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_none<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut access: A) -> Result<Value, A::Error> {
        let mut items = Vec::new();
        while let Some(Document(item)) = access.next_element()? {
            items.push(item);
        }
        Ok(Value::Array(items))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<Value, A::Error> {
        let mut map = Map::new();
        while let Some(Key(key)) = access.next_key()? {
            if map.contains_key(&key) {
                return Err(de::Error::custom(format!("the key `{key}` stands twice")));
            }
            let Document(value) = access.next_value()?;
            map.insert(key, value);
        }
        Ok(Value::Object(map))
    }
}

/// A key. As in Kubernetes' own reader, a bare number or boolean is its text.
struct Key(String);

impl<'de> Deserialize<'de> for Key {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match deserializer.deserialize_any(Values)? {
            Value::String(key) => Ok(Key(key)),
            Value::Bool(key) => Ok(Key(key.to_string())),
            Value::Number(key) => Ok(Key(key.to_string())),
            _ => Err(de::Error::custom("a key has to be a text")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Unreadable, documents, text};
    use serde_json::json;

    #[test]
    fn yaml_and_json_in_one_or_several_documents() {
        let both = vec![json!({"a": 1}), json!({"b": [true, null, 1.5, "no"]})];
        assert_eq!(documents("# x\na: 1\n---\n---\nb: [true, null, 1.5, no]\n").unwrap(), both);
        assert_eq!(documents("{\"a\": 1}\n{\"b\": [true, null, 1.5, \"no\"]}").unwrap(), both);
        assert_eq!(documents("{a: 1}\n---\n{b: [true, null, 1.5, no]}").unwrap(), both);
        assert_eq!(documents("true: 1\n2: =").unwrap(), [json!({"true": 1, "2": "="})]);
        assert!(documents("").unwrap().is_empty());
    }

    #[test]
    fn mistakes_have_a_place() {
        let at = |text: &str| match documents(text).unwrap_err() {
            Unreadable::Syntax { language, message, at } => (language, message, at),
            other => panic!("{other:?}"),
        };
        assert_eq!(at("a: 1\n\tb: 2").2, Some((2, 1)));
        assert_eq!(at("{\"a\": 1,\n \"b\" 2}"), ("JSON", "expected `:`".to_owned(), Some((2, 6))));
        let (language, message, place) = at("a:\n  b: 1\n  b: 2\n");
        assert_eq!((language, place.map(|at| at.0)), ("YAML", Some(2)), "{message}");
        assert!(message.contains("the key `b` stands twice"), "{message}");
        assert_eq!(at("a: !include x").0, "YAML");
    }

    #[test]
    fn only_text_is_read() {
        assert_eq!(text(b"\xef\xbb\xbfa"), Ok("a"));
        assert_eq!(text(b"a\0"), Err(Unreadable::Binary));
        assert_eq!(text(b"\xff"), Err(Unreadable::Encoding));
    }
}
