//! Objects of the plan as manifests, without a detour through YAML.

use crate::k8s::Object;
use crate::manifest::{Manifest, ObjectId, Value, seal_within};
use crate::plan::Plan;
use std::borrow::Cow;

/// The manifest of an object; `None` for one that cannot be written, which the checks leave none of.
pub(super) fn manifest(object: &Object) -> Option<Manifest<'static>> {
    let mut value = convert(serde_json::to_value(object).ok()?);
    seal_within(&mut value);
    let api_version = value.get("apiVersion").and_then(Value::as_str).unwrap_or_default().to_owned();
    Some(Manifest { id: id(object), api_version, value, path: "", line: 1, is_confidential: false })
}

/// All objects of a plan, in its order.
pub fn manifests(plan: &Plan) -> Vec<Manifest<'static>> {
    plan.resources().iter().filter_map(|resource| manifest(&resource.object)).collect()
}

/// What tells an object.
pub(super) fn id(object: &Object) -> ObjectId {
    let identity = object.identity();
    ObjectId {
        namespace: identity.namespace.map(str::to_owned),
        group: identity.group.to_owned(),
        kind: identity.kind.to_owned(),
        name: identity.name.to_owned(),
    }
}

fn convert(value: serde_json::Value) -> Value<'static> {
    match value {
        serde_json::Value::Null => Value::Null,
        serde_json::Value::Bool(value) => Value::Bool(value),
        serde_json::Value::Number(number) => Value::Number(Cow::Owned(number.to_string())),
        serde_json::Value::String(text) => Value::String(Cow::Owned(text)),
        serde_json::Value::Array(items) => Value::List(items.into_iter().map(convert).collect()),
        serde_json::Value::Object(map) => {
            let mut entries: Vec<_> = map.into_iter().map(|(key, value)| (Cow::Owned(key), convert(value))).collect();
            entries.sort_by(|(a, _), (b, _): &(Cow<'_, str>, _)| a.cmp(b));
            Value::Map(entries.into())
        }
    }
}
