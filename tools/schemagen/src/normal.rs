//! A definition of either release in one form: closed, without prose, with what `facts` adds.

use crate::facts::{self, Fact};
use serde_json::{Map, Value, json};

/// What is inside is not the schema's business, or anything.
const OPEN: &[&str] = &[
    "io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.CustomResourceSubresourceStatus",
    "io.k8s.apimachinery.pkg.apis.meta.v1.FieldsV1",
    "io.k8s.apimachinery.pkg.apis.meta.v1.Patch",
    "io.k8s.apimachinery.pkg.runtime.RawExtension",
];

/// Kubernetes, `apimachinery/pkg/api/resource/quantity.go`. The same text is in `src/schema/validate/mod.rs`.
const QUANTITY: &str = r"^[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([KMGTPE]i|[numkMGTPE]|[eE][+-]?[0-9]+)?$";

/// The definition `name` as it is stored.
pub fn definition(name: &str, raw: &Value, kinds: &[(String, String)]) -> Value {
    match name.rsplit_once('.').map_or(name, |(_, last)| last) {
        "Quantity" => return json!({"type": ["string", "number"], "pattern": QUANTITY}),
        "IntOrString" => {
            return json!({"type": ["integer", "string"], "minimum": i32::MIN, "maximum": i32::MAX});
        }
        "JSON" => return json!({}),
        _ => {}
    }
    let mut schema = normal(name, raw);
    let Some(object) = schema.as_object_mut() else { return schema };
    if OPEN.contains(&name) {
        object.insert("additionalProperties".to_owned(), json!(true));
    }
    // k8s-openapi has `metadata` in every kind and asks for it; the API does not. Nor are `apiVersion` and `kind` asked for
    // here: a kind may be inside of another one, as in `volumeClaimTemplates`.
    if !kinds.is_empty() {
        if let Some(required) = object.get_mut("required").and_then(Value::as_array_mut) {
            required.retain(|field| field != "metadata");
        }
        for (field, value) in [("apiVersion", 0), ("kind", 1)] {
            let values: Vec<&String> = kinds.iter().map(|kind| if value == 0 { &kind.0 } else { &kind.1 }).collect();
            let is = if let [one] = values[..] { json!({"const": one}) } else { json!({"enum": values}) };
            if let Some(place) = object.get_mut("properties").and_then(|properties| properties.get_mut(field)) {
                *place = is;
            }
        }
    }
    for (field, fact) in facts::of(name) {
        apply(name, object, field, fact);
    }
    if object.get("required").and_then(Value::as_array).is_some_and(Vec::is_empty) {
        object.remove("required");
    }
    schema
}

fn require(object: &mut Map<String, Value>, field: &str) {
    let required = object.entry("required").or_insert_with(|| json!([]));
    if let Some(required) = required.as_array_mut()
        && !required.iter().any(|stated| stated == field)
    {
        required.push(json!(field));
        required.sort_by(|a, b| a.as_str().cmp(&b.as_str()));
    }
}

/// Fields that a version does not have yet have no facts there.
fn apply(name: &str, object: &mut Map<String, Value>, field: &str, fact: &Fact) {
    let (field, of_items) = field.strip_suffix("[]").map_or((field, false), |field| (field, true));
    if let Fact::Optional = fact {
        if let Some(required) = object.get_mut("required").and_then(Value::as_array_mut) {
            required.retain(|stated| stated != field);
        }
        return;
    }
    if let Fact::Required = fact {
        return require(object, field);
    }
    let place = object.get_mut("properties").and_then(|properties| properties.get_mut(field));
    let place = if of_items { place.and_then(|place| place.get_mut("items")) } else { place };
    let Some(place) = place.and_then(Value::as_object_mut) else { return };
    match fact {
        Fact::OneOf(values) => {
            assert_eq!(place.get("type"), Some(&json!("string")), "{name}.{field} is no text");
            *place = Map::from_iter([("enum".to_owned(), json!(values))]);
        }
        Fact::Range(least, most) => {
            // A port by number or name: bounds apply to the number.
            if place.remove("$ref").is_some() {
                place.insert("type".to_owned(), json!(["integer", "string"]));
            }
            place.insert("minimum".to_owned(), json!(least));
            place.insert("maximum".to_owned(), json!(most));
        }
        Fact::Optional | Fact::Required => {}
    }
}

/// A schema anywhere in a definition.
fn normal(name: &str, raw: &Value) -> Value {
    let Some(raw) = raw.as_object() else { return raw.clone() };
    if let Some(target) = raw.get("$ref").and_then(Value::as_str) {
        return json!({"$ref": format!("#/$defs/{}", target.rsplit_once('/').map_or(target, |(_, name)| name))});
    }
    // schemars 0.8 says prose about a reference in this form.
    if let Some([one]) = raw.get("allOf").and_then(Value::as_array).map(Vec::as_slice) {
        return normal(name, one);
    }
    let mut out = Map::new();
    for (keyword, value) in raw {
        let value = match (keyword.as_str(), value) {
            ("properties", Value::Object(fields)) => {
                fields.iter().map(|(field, schema)| (field.clone(), normal(name, schema))).collect()
            }
            ("items" | "additionalProperties", schema) => normal(name, schema),
            ("oneOf", Value::Array(parts)) => parts.iter().map(|part| normal(name, part)).collect(),
            ("type", value) => value.clone(),
            ("required", Value::Array(fields)) => {
                let mut fields = fields.clone();
                fields.sort_by(|a, b| a.as_str().cmp(&b.as_str()));
                Value::Array(fields)
            }
            ("format", value) => match value.as_str() {
                Some("int32") => {
                    out.insert("minimum".to_owned(), json!(i32::MIN));
                    out.insert("maximum".to_owned(), json!(i32::MAX));
                    continue;
                }
                Some("date-time" | "byte") => value.clone(),
                Some("int64" | "double") => continue,
                _ => panic!("{name}: a format that nobody knows, {value}"),
            },
            ("description" | "default" | "title", _) => continue,
            _ => panic!("{name}: a keyword that nobody knows, {keyword}"),
        };
        out.insert(keyword.clone(), value);
    }
    if out.get("type") == Some(&json!("object")) && !out.contains_key("additionalProperties") {
        out.insert("additionalProperties".to_owned(), json!(false));
    }
    Value::Object(out)
}
