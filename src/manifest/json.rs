//! JSON, one or several values after another, as `kubectl -o json` prints them.

use super::diags::{self, Source};
use super::fault::Fault;
use super::{Value, scalar};
use serde::de::{self, Deserialize, DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};
use std::borrow::Cow;
use std::fmt;

/// A value and the line on which it begins, from 1.
pub(super) type Read<'a> = Vec<(Value<'a>, usize)>;

/// All values of a text.
pub(super) fn read<'a>(text: &'a str, source: Source<'_>) -> Result<Read<'a>, Box<Fault>> {
    let mut values = Vec::new();
    let mut stream = serde_json::Deserializer::from_str(text).into_iter::<Document<'a>>();
    let mut above = 0;
    let mut counted = 0;
    loop {
        let start = stream.byte_offset();
        let Some(value) = stream.next() else { return Ok(values) };
        let Document(value) = value.map_err(|error| fault(&error, text, source))?;
        let blank = text.get(start..).map_or(0, |rest| rest.len() - rest.trim_start().len());
        above += text.get(counted..start + blank).map_or(0, |passed| passed.matches('\n').count());
        counted = start + blank;
        values.push((value, above + 1));
    }
}

const TWICE: &str = "stands twice: ";

fn fault(error: &serde_json::Error, text: &str, source: Source<'_>) -> Box<Fault> {
    let message = error.to_string();
    let message = message.split(" at line ").next().unwrap_or_default();
    let place = (error.line().max(1), error.column().max(1));
    let line = text.split('\n').nth(place.0 - 1).unwrap_or_default();
    if message.starts_with("recursion limit") {
        return diags::too_deep(source, place, super::events::DEEPEST);
    }
    let Some(key) = message.strip_prefix(TWICE) else {
        // serde counts bytes.
        let column = line.get(..place.1 - 1).map_or(place.1, |before| before.chars().count() + 1);
        return diags::syntax(source, "JSON", (place.0, column), message, line);
    };
    // The parser stands behind the second key: the two last places where the key is written are the two.
    let above: usize = text.split_inclusive('\n').take(place.0 - 1).map(str::len).sum();
    let before = text.get(..above + error.column()).unwrap_or(text);
    let written = serde_json::to_string(key).unwrap_or_default();
    let at = |offset: usize| {
        let before = text.get(..offset).unwrap_or_default();
        let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
        (before.matches('\n').count() + 1, column)
    };
    let second = before.rfind(&written).unwrap_or(0);
    let first = before.get(..second).and_then(|before| before.rfind(&written)).unwrap_or(second);
    diags::duplicate_key(source, key, at(second), at(first))
}

struct Document<'a>(Value<'a>);

impl<'de> Deserialize<'de> for Document<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Values).map(Document)
    }
}

struct Values;

impl<'de> Visitor<'de> for Values {
    type Value = Value<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value<'de>, E> {
        Ok(Value::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value<'de>, E> {
        Ok(Value::Number(Cow::Owned(value.to_string())))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value<'de>, E> {
        Ok(Value::Number(Cow::Owned(value.to_string())))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Value<'de>, E> {
        Ok(Value::Number(Cow::Owned(scalar::json(value))))
    }

    fn visit_borrowed_str<E>(self, value: &'de str) -> Result<Value<'de>, E> {
        Ok(Value::String(Cow::Borrowed(value)))
    }

    fn visit_str<E>(self, value: &str) -> Result<Value<'de>, E> {
        Ok(Value::String(Cow::Owned(value.to_owned())))
    }

    fn visit_unit<E>(self) -> Result<Value<'de>, E> {
        Ok(Value::Null)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut access: A) -> Result<Value<'de>, A::Error> {
        let mut items = Vec::new();
        while let Some(Document(item)) = access.next_element()? {
            items.push(item);
        }
        Ok(Value::List(items))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<Value<'de>, A::Error> {
        let mut entries: Vec<(Cow<'de, str>, Value<'de>)> = Vec::new();
        while let Some(key) = access.next_key_seed(Key { entries: &entries })? {
            let Document(value) = access.next_value()?;
            let at = entries.partition_point(|(known, _)| *known < key);
            entries.insert(at, (key, value));
        }
        Ok(Value::Map(entries.into()))
    }
}

/// A key that is none of those that are there; refused while the parser stands right behind it.
struct Key<'k, 'de> {
    entries: &'k [(Cow<'de, str>, Value<'de>)],
}

impl<'de> DeserializeSeed<'de> for Key<'_, 'de> {
    type Value = Cow<'de, str>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl<'de> Key<'_, 'de> {
    fn new_key<E: de::Error>(&self, key: Cow<'de, str>) -> Result<Cow<'de, str>, E> {
        match self.entries.binary_search_by(|(known, _)| known.cmp(&key)) {
            Ok(_) => Err(E::custom(format_args!("{TWICE}{key}"))),
            Err(_) => Ok(key),
        }
    }
}

impl<'de> Visitor<'de> for Key<'_, 'de> {
    type Value = Cow<'de, str>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a key")
    }

    fn visit_borrowed_str<E: de::Error>(self, key: &'de str) -> Result<Self::Value, E> {
        self.new_key(Cow::Borrowed(key))
    }

    fn visit_str<E: de::Error>(self, key: &str) -> Result<Self::Value, E> {
        self.new_key(Cow::Owned(key.to_owned()))
    }
}
