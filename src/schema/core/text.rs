//! Reading `core.bin`.

use serde_json::Value;
use std::collections::BTreeMap;
use std::sync::{LazyLock, OnceLock};

static PACKED: &[u8] = include_bytes!("core.bin");

/// The inflated text. The bytes are the program's own and a test reads them all; empty text stands for broken ones.
static TEXT: LazyLock<String> = LazyLock::new(|| {
    let bytes = miniz_oxide::inflate::decompress_to_vec_zlib(PACKED).unwrap_or_default();
    String::from_utf8(bytes).unwrap_or_default()
});

/// What is in the text.
pub(super) static INDEX: LazyLock<Index> = LazyLock::new(|| Index::read(&TEXT));

/// A set of versions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Set(u32);

impl Set {
    /// The set of the one version that is `offset` after the oldest.
    pub(super) fn version(offset: u16) -> Self {
        Set(1_u32.checked_shl(u32::from(offset)).unwrap_or_default())
    }

    fn meets(self, other: Set) -> bool {
        self.0 & other.0 != 0
    }
}

/// A definition in the versions in which it is the same.
#[derive(Debug)]
pub(super) struct Definition {
    /// Its line: tells it from every other one.
    pub(super) number: usize,
    set: Set,
    json: &'static str,
    parsed: OnceLock<Value>,
}

impl Definition {
    /// The schema.
    pub(super) fn schema(&self) -> &Value {
        self.parsed.get_or_init(|| serde_json::from_str(self.json).unwrap_or_default())
    }
}

/// Kinds and definitions by name, each with one entry for every different form.
#[derive(Debug, Default)]
pub(super) struct Index {
    kinds: BTreeMap<(&'static str, &'static str), Vec<(Set, &'static str)>>,
    definitions: BTreeMap<&'static str, Vec<Definition>>,
    /// The first line's versions.
    #[cfg(test)]
    pub(super) versions: Vec<&'static str>,
}

impl Index {
    fn read(text: &'static str) -> Self {
        let mut index = Index::default();
        for (number, line) in text.lines().enumerate() {
            let set = |text| u32::from_str_radix(text, 16).map_or(Set(0), Set);
            let mut words = line.splitn(4, ' ');
            match (words.next(), words.next(), words.next(), words.next()) {
                (Some("D"), Some(name), Some(versions), Some(json)) => {
                    let definition = Definition { number, set: set(versions), json, parsed: OnceLock::new() };
                    index.definitions.entry(name).or_default().push(definition);
                }
                (Some("K"), Some(api_version), Some(kind), Some(rest)) => {
                    let Some((versions, name)) = rest.split_once(' ') else { continue };
                    index.kinds.entry((api_version, kind)).or_default().push((set(versions), name));
                }
                #[cfg(test)]
                _ => index.versions.extend(line.split(' ').skip(2)),
                #[cfg(not(test))]
                _ => {}
            }
        }
        index
    }

    /// The name of a kind's definition.
    pub(super) fn kind(&self, api_version: &str, kind: &str, set: Set) -> Option<&'static str> {
        let forms = self.kinds.get(&(api_version, kind))?;
        forms.iter().find(|(versions, _)| versions.meets(set)).map(|(_, name)| *name)
    }

    /// A definition in the form that the version has.
    pub(super) fn definition(&self, name: &str, set: Set) -> Option<&Definition> {
        self.definitions.get(name)?.iter().find(|definition| definition.set.meets(set))
    }

    /// A definition and all that it refers to, by name.
    pub(super) fn closure(&'static self, root: &str, set: Set) -> BTreeMap<&'static str, &'static Definition> {
        let mut parts = BTreeMap::new();
        let mut open = vec![root.to_owned()];
        while let Some(name) = open.pop() {
            let Some((name, _)) = self.definitions.get_key_value(&*name) else { continue };
            if let Some(definition) = self.definition(name, set)
                && parts.insert(*name, definition).is_none()
            {
                references(definition.schema(), &mut open);
            }
        }
        parts
    }

    /// All kinds and the number of all definitions.
    #[cfg(test)]
    pub(super) fn all(&self) -> (Vec<(&'static str, &'static str)>, usize) {
        (self.kinds.keys().copied().collect(), self.definitions.values().map(Vec::len).sum())
    }
}

/// The names that a schema refers to. A field may be called `$ref`: its value is a schema then, no text.
fn references(schema: &Value, names: &mut Vec<String>) {
    match schema {
        Value::Object(fields) => {
            if let Some(name) = fields.get("$ref").and_then(Value::as_str) {
                names.extend(name.strip_prefix(super::REFERENCE).map(str::to_owned));
            }
            fields.values().for_each(|field| references(field, names));
        }
        Value::Array(items) => items.iter().for_each(|item| references(item, names)),
        _ => {}
    }
}
