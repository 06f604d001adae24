//! Lists whose elements have to differ: `x-kubernetes-list-type: set`, and `map` by its keys.

use crate::schema::validate::{Finding, FindingKind, PathSegment};
use serde_json::Value;
use std::collections::BTreeMap;

/// Adds a finding for each element that is there twice. `value` has its defaults.
pub(super) fn duplicates(schema: &Value, value: &Value, path: &mut Vec<PathSegment>, out: &mut Vec<Finding>) {
    match value {
        Value::Object(object) => {
            for (name, value) in object {
                if let Some(schema) = field(schema, name) {
                    path.push(PathSegment::Key(name.clone()));
                    duplicates(schema, value, path, out);
                    path.pop();
                }
            }
        }
        Value::Array(items) => {
            let mut seen: BTreeMap<String, usize> = BTreeMap::new();
            for (index, item) in items.iter().enumerate() {
                path.push(PathSegment::Index(index));
                if let Some(identity) = identity(schema, item) {
                    match seen.get(&identity) {
                        Some(first) => {
                            let message = format!("{identity} is there already, as element {first} (counted from 0)");
                            out.push(Finding { path: path.clone(), message, kind: FindingKind::Duplicate });
                        }
                        None => {
                            seen.insert(identity, index);
                        }
                    }
                }
                if let Some(schema) = schema.get("items") {
                    duplicates(schema, item, path, out);
                }
                path.pop();
            }
        }
        _ => {}
    }
}

/// The schema of a field: its own, or that of all undeclared ones.
pub(super) fn field<'a>(schema: &'a Value, name: &str) -> Option<&'a Value> {
    let declared = schema.get("properties").and_then(|properties| properties.get(name));
    declared.or_else(|| schema.get("additionalProperties").filter(|schema| schema.is_object()))
}

/// What of an element no other one of its list may have; `None` if they need not differ.
pub(super) fn identity(schema: &Value, item: &Value) -> Option<String> {
    match schema.get("x-kubernetes-list-type").and_then(Value::as_str)? {
        "set" => Some(item.to_string()),
        "map" => {
            let keys = schema.get("x-kubernetes-list-map-keys").and_then(Value::as_array)?;
            let parts = keys.iter().filter_map(Value::as_str).filter_map(|key| {
                let value = item.get(key)?;
                Some(format!("{key} {value}"))
            });
            let parts: Vec<String> = parts.collect();
            // Two elements without any key are a missing field, which the schema finds.
            (!parts.is_empty()).then(|| parts.join(", "))
        }
        _ => None,
    }
}
