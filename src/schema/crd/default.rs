//! What the API server does to an object before it validates it.
//!
//! Source: `k8s.io/apiextensions-apiserver/pkg/apiserver/schema/defaulting`, `Default` and
//! `PruneNonNullableNullsWithoutDefaults`.

use serde_json::{Map, Value};

/// Fills in the schema's defaults, also within what they fill in, and drops `null` where it is not allowed.
pub(super) fn apply(schema: &Value, value: &mut Value) {
    match value {
        Value::Object(object) => fields(schema, object),
        Value::Array(items) => {
            let Some(schema) = schema.get("items") else { return };
            for item in items {
                if is_forbidden_null(item, schema)
                    && let Some(default) = schema.get("default")
                {
                    *item = default.clone();
                }
                apply(schema, item);
            }
        }
        _ => {}
    }
}

fn fields(schema: &Value, object: &mut Map<String, Value>) {
    let declared = schema.get("properties").and_then(Value::as_object);
    let others = schema.get("additionalProperties").filter(|schema| schema.is_object());
    for (name, schema) in declared.into_iter().flatten() {
        if let Some(default) = schema.get("default")
            && object.get(name).is_none_or(|value| is_forbidden_null(value, schema))
        {
            object.insert(name.clone(), default.clone());
        }
    }
    let schema_of = |name: &str| declared.and_then(|declared| declared.get(name)).or(others);
    object.retain(|name, value| {
        let Some(schema) = schema_of(name) else { return true };
        if is_forbidden_null(value, schema) {
            let Some(default) = schema.get("default") else { return false };
            *value = default.clone();
        }
        apply(schema, value);
        true
    });
}

fn is_forbidden_null(value: &Value, schema: &Value) -> bool {
    let any = schema.get("type").is_none() && schema.get("x-kubernetes-int-or-string").is_none();
    value.is_null() && schema.get("nullable") != Some(&Value::Bool(true)) && !any
}

#[cfg(test)]
mod tests {
    use super::apply;
    use serde_json::json;

    #[test]
    fn defaults_are_filled_in_at_every_depth() {
        let schema = json!({"type": "object", "properties": {
            "a": {"type": "object", "default": {}, "properties": {"b": {"type": "integer", "default": 1}}},
            "list": {"type": "array", "items": {"properties": {"c": {"type": "string", "default": "x"}}}},
            "map": {"type": "object", "additionalProperties": {"type": "object", "properties": {"d": {"default": 2}}}},
            "n": {"type": "string"},
            "ok": {"type": "string", "nullable": true},
        }});
        let mut value = json!({"list": [{}, {"c": "y"}], "map": {"k": {}}, "n": null, "ok": null, "unknown": null});
        apply(&schema, &mut value);
        let expected = json!({
            "a": {"b": 1}, "list": [{"c": "x"}, {"c": "y"}], "map": {"k": {"d": 2}}, "ok": null, "unknown": null,
        });
        assert_eq!(value, expected);
    }
}
