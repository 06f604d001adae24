//! A structural schema (`openAPIV3Schema` of a CRD) as plain JSON Schema.
//!
//! Source: Kubernetes' documentation of custom resource definitions, "Specifying a structural schema" and "Field
//! pruning": the server drops what the schema does not know, so that objects are closed; `allOf`, `anyOf`, `oneOf`
//! and `not` only restrict and never declare fields, so that they stay open.

use serde_json::{Map, Value, json};

/// Keywords that mean the same in both.
const SAME: &[&str] = &[
    "maxItems",
    "minItems",
    "maxLength",
    "minLength",
    "maxProperties",
    "minProperties",
    "maximum",
    "minimum",
    "multipleOf",
    "pattern",
    "required",
    "uniqueItems",
];

/// Prepares the schema of a kind. `metadata` is a reference to what the API knows of metadata, `definitions` what it needs.
pub(super) fn structural(schema: &Value, metadata: Value, definitions: Map<String, Value>) -> Value {
    let mut root = declaring(schema);
    // A CRD says of its metadata only that it is an object, or restricts the name.
    let stated = schema.pointer("/properties/metadata").map(restricting);
    let stated = stated.filter(|stated| stated.get("properties").is_some());
    implied_fields(&mut root, stated.map_or(metadata.clone(), |stated| json!({"allOf": [metadata, stated]})));
    if let Some(root) = root.as_object_mut() {
        root.insert("$defs".to_owned(), Value::Object(definitions));
    }
    root
}

/// A schema that declares fields: closed unless it says otherwise.
fn declaring(schema: &Value) -> Value {
    let Some(stated) = schema.as_object() else { return schema.clone() };
    let preserve = is_set(stated, "x-kubernetes-preserve-unknown-fields");
    let embedded = is_set(stated, "x-kubernetes-embedded-resource");
    let int_or_string = is_set(stated, "x-kubernetes-int-or-string");
    let mut out = common(stated, declaring);

    if int_or_string {
        out.insert("type".to_owned(), json!(["integer", "string"]));
    }
    for keyword in ["allOf", "anyOf", "oneOf"] {
        let Some(parts) = stated.get(keyword).and_then(Value::as_array) else { continue };
        // The pattern in which int-or-string has to be written besides saying so.
        let says_types = |part: &Value| part.as_object().is_some_and(|part| part.contains_key("type"));
        if !(int_or_string && keyword == "anyOf" && parts.iter().all(says_types)) {
            out.insert(keyword.to_owned(), parts.iter().map(restricting).collect());
        }
    }
    if let Some(part) = stated.get("not") {
        out.insert("not".to_owned(), restricting(part));
    }
    let is_object = stated.get("type").and_then(Value::as_str) == Some("object") || stated.contains_key("properties");
    if is_object && !out.contains_key("additionalProperties") && !preserve {
        out.insert("additionalProperties".to_owned(), json!(false));
    }
    if is_set(stated, "nullable") {
        nullable(&mut out);
    }
    let mut out = Value::Object(out);
    if embedded {
        implied_fields(&mut out, json!({"type": "object"}));
    }
    out
}

/// A schema that only restricts: never closed.
fn restricting(schema: &Value) -> Value {
    let Some(stated) = schema.as_object() else { return schema.clone() };
    let mut out = common(stated, restricting);
    for keyword in ["allOf", "anyOf", "oneOf"] {
        if let Some(parts) = stated.get(keyword).and_then(Value::as_array) {
            out.insert(keyword.to_owned(), parts.iter().map(restricting).collect());
        }
    }
    if let Some(part) = stated.get("not") {
        out.insert("not".to_owned(), restricting(part));
    }
    Value::Object(out)
}

/// What both kinds have; `inner` prepares the schemas inside.
fn common(stated: &Map<String, Value>, inner: fn(&Value) -> Value) -> Map<String, Value> {
    let mut out = Map::new();
    for keyword in SAME.iter().chain(&["type", "enum", "const"]) {
        if let Some(value) = stated.get(*keyword) {
            out.insert((*keyword).to_owned(), value.clone());
        }
    }
    if let Some(properties) = stated.get("properties").and_then(Value::as_object) {
        let properties: Map<_, _> = properties.iter().map(|(name, schema)| (name.clone(), inner(schema))).collect();
        out.insert("properties".to_owned(), Value::Object(properties));
    }
    for keyword in ["additionalProperties", "items"] {
        if let Some(schema) = stated.get(keyword) {
            out.insert(keyword.to_owned(), inner(schema));
        }
    }
    // OpenAPI 3.0 says `exclusiveMinimum: true` beside `minimum`.
    for (keyword, bound) in [("exclusiveMinimum", "minimum"), ("exclusiveMaximum", "maximum")] {
        match stated.get(keyword) {
            Some(Value::Bool(true)) => {
                if let Some(limit) = out.remove(bound) {
                    out.insert(keyword.to_owned(), limit);
                }
            }
            Some(limit @ Value::Number(_)) => {
                out.insert(keyword.to_owned(), limit.clone());
            }
            _ => {}
        }
    }
    match stated.get("format").and_then(Value::as_str) {
        Some("int32") => {
            out.entry("minimum").or_insert_with(|| json!(i32::MIN));
            out.entry("maximum").or_insert_with(|| json!(i32::MAX));
        }
        Some(format) => {
            out.insert("format".to_owned(), json!(format));
        }
        None => {}
    }
    out
}

/// `null` is as good as a value.
fn nullable(out: &mut Map<String, Value>) {
    if let Some(kind) = out.get_mut("type") {
        let mut kinds = kind.as_array().cloned().unwrap_or_else(|| vec![kind.clone()]);
        kinds.push(json!("null"));
        *kind = Value::Array(kinds);
    }
    if let Some(Value::Array(values)) = out.get_mut("enum") {
        values.push(Value::Null);
    }
}

/// What every object of the API has, stated or not.
fn implied_fields(schema: &mut Value, metadata: Value) {
    let Some(schema) = schema.as_object_mut() else { return };
    let properties = schema.entry("properties").or_insert_with(|| json!({}));
    let Some(properties) = properties.as_object_mut() else { return };
    for name in ["apiVersion", "kind"] {
        properties.entry(name).or_insert_with(|| json!({"type": "string"}));
    }
    properties.insert("metadata".to_owned(), metadata);
}

fn is_set(schema: &Map<String, Value>, keyword: &str) -> bool {
    schema.get(keyword) == Some(&Value::Bool(true))
}
