//! The schemas of the kinds that the API server itself serves.
//!
//! `core.bin` is generated (`tools/schemagen/run`, whose `pack.rs` describes the format) and read as lazily as possible: the
//! text is inflated once, a definition parsed when a kind needs it, a kind compiled when an object of it is validated. A
//! kind that is the same in several versions is compiled once.

mod text;

use super::validate::{Nulls, PathSegment, Validator};
use crate::value::KubernetesVersion;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use std::ops::RangeInclusive;
use std::sync::{Arc, LazyLock, Mutex, PoisonError};
use text::{Definition, INDEX, Set};

/// The oldest version whose schemas are embedded.
pub(super) const OLDEST: KubernetesVersion = KubernetesVersion::new(1, 28);
/// The newest one.
pub(super) const NEWEST: KubernetesVersion = KubernetesVersion::new(1, 37);

/// The embedded versions, oldest first.
pub(super) fn versions() -> impl DoubleEndedIterator<Item = KubernetesVersion> {
    (OLDEST.minor..=NEWEST.minor).map(|minor| KubernetesVersion::new(OLDEST.major, minor))
}

/// The embedded version nearest to `version`.
pub(super) fn nearest(version: KubernetesVersion) -> KubernetesVersion {
    version.clamp(OLDEST, NEWEST)
}

fn bit(version: KubernetesVersion) -> Set {
    Set::version(nearest(version).minor.saturating_sub(OLDEST.minor))
}

/// The versions that have the kind.
pub(super) fn having(api_version: &str, kind: &str) -> Vec<KubernetesVersion> {
    versions().filter(|version| INDEX.kind(api_version, kind, bit(*version)).is_some()).collect()
}

/// Compiled kinds by the definitions that they are made of, and by name and version.
#[derive(Default)]
struct Compiled {
    by_parts: BTreeMap<Vec<usize>, Option<Arc<Validator>>>,
    by_name: BTreeMap<(String, String, KubernetesVersion), Option<Arc<Validator>>>,
}

static COMPILED: LazyLock<Mutex<Compiled>> = LazyLock::new(Mutex::default);

/// The validator of a kind; `None` if this version has no such kind.
pub(super) fn validator(version: KubernetesVersion, api_version: &str, kind: &str) -> Option<Arc<Validator>> {
    let version = nearest(version);
    let mut compiled = COMPILED.lock().unwrap_or_else(PoisonError::into_inner);
    let name = (api_version.to_owned(), kind.to_owned(), version);
    if let Some(known) = compiled.by_name.get(&name) {
        return known.clone();
    }
    let validator = INDEX.kind(api_version, kind, bit(version)).and_then(|root| {
        let parts = INDEX.closure(root, bit(version));
        let numbers = parts.values().map(|part| part.number).collect();
        compiled.by_parts.entry(numbers).or_insert_with(|| compile(root, &parts)).clone()
    });
    compiled.by_name.insert(name, validator.clone());
    validator
}

type Parts = BTreeMap<&'static str, &'static Definition>;

fn compile(root: &str, parts: &Parts) -> Option<Arc<Validator>> {
    let schema = json!({"$ref": format!("{REFERENCE}{root}"), "$defs": definitions(parts)});
    Validator::compile(schema, Nulls::Anywhere).ok().map(Arc::new)
}

fn definitions(parts: &Parts) -> Map<String, Value> {
    parts.iter().map(|(name, part)| ((*name).to_owned(), part.schema().clone())).collect()
}

/// A reference to what the newest version knows of metadata, and the definitions that it needs.
pub(super) fn metadata() -> (Value, Map<String, Value>) {
    const NAME: &str = "io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta";
    let parts = INDEX.closure(NAME, bit(NEWEST));
    if parts.is_empty() {
        (json!({"type": "object"}), Map::new())
    } else {
        (json!({"$ref": format!("{REFERENCE}{NAME}")}), definitions(&parts))
    }
}

/// In front of the name of a definition.
const REFERENCE: &str = "#/$defs/";

/// Whether the kind's schema in `version` knows the field at `path`.
pub(super) fn knows(version: KubernetesVersion, api_version: &str, kind: &str, path: &[PathSegment]) -> bool {
    let set = bit(version);
    let root = INDEX.kind(api_version, kind, set).and_then(|root| INDEX.definition(root, set));
    root.is_some_and(|root| knows_in(root.schema(), path, set))
}

fn knows_in(schema: &Value, path: &[PathSegment], set: Set) -> bool {
    if let Some(name) = schema.get("$ref").and_then(Value::as_str).and_then(|name| name.strip_prefix(REFERENCE)) {
        return INDEX.definition(name, set).is_some_and(|definition| knows_in(definition.schema(), path, set));
    }
    let Some((segment, rest)) = path.split_first() else { return true };
    if let Some(alternatives) = schema.get("oneOf").and_then(Value::as_array) {
        return alternatives.iter().any(|schema| knows_in(schema, path, set));
    }
    let inner = match segment {
        PathSegment::Index(_) => schema.get("items"),
        PathSegment::Key(key) => {
            let field = schema.get("properties").and_then(|fields| fields.get(key));
            field.or_else(|| schema.get("additionalProperties"))
        }
    };
    match inner {
        None | Some(Value::Bool(false)) => false,
        Some(inner) => knows_in(inner, rest, set),
    }
}

/// The embedded versions as a range.
pub(super) fn range() -> RangeInclusive<KubernetesVersion> {
    OLDEST..=NEWEST
}

#[cfg(test)]
mod tests;
