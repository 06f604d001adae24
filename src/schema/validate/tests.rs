use super::*;
use serde_json::json;

fn messages(schema: Value, object: Value) -> Vec<String> {
    let findings = Validator::from_schema(&schema).unwrap().findings(&object);
    findings.iter().map(|f| format!("{}: {}", path_text(&f.path), f.message)).collect()
}

#[test]
fn sentences() {
    let schema = json!({"type": "object", "required": ["spec"], "properties": {"spec": {
        "type": "object",
        "required": ["name"],
        "properties": {
            "name": {"type": "string", "minLength": 1},
            "replicas": {"type": "integer", "format": "int32", "minimum": 0},
            "mode": {"type": "string", "enum": ["Always", "Never"]},
            "port": {"x-kubernetes-int-or-string": true, "anyOf": [{"type": "integer"}, {"type": "string"}]},
            "list": {"type": "array", "items": {"type": "object", "properties": {"a": {"type": "boolean"}}}},
            "free": {"type": "object", "x-kubernetes-preserve-unknown-fields": true},
            "map": {"type": "object", "additionalProperties": {"type": "string"}},
            "none": {"type": "string", "nullable": true},
            "since": {"type": "string", "format": "date-time"},
            "one": {"type": "object", "properties": {"x": {"type": "integer"}, "y": {"type": "integer"}},
                    "oneOf": [{"required": ["x"]}, {"required": ["y"]}]},
            "object": {"type": "object", "x-kubernetes-embedded-resource": true,
                       "properties": {"spec": {"type": "object", "x-kubernetes-preserve-unknown-fields": true}}},
        },
    }}});
    let right = json!({"apiVersion": "a/v1", "kind": "A", "metadata": {"name": "a"}, "spec": {
        "name": "a", "replicas": 3, "mode": "Never", "port": "http", "list": [{"a": true}], "free": {"x": 1},
        "map": {"k": "v"}, "none": null, "since": "2026-11-21T10:00:00Z", "one": {"x": 1},
        "object": {"apiVersion": "v1", "kind": "B", "metadata": {}, "spec": {"y": 1}},
    }});
    assert_eq!(messages(schema.clone(), right), Vec::<String>::new());
    let wrong = json!({"apiVersion": "a/v1", "spec": {
        "replica": 3, "replicas": -1, "mode": "always", "port": 1.5, "list": [{"a": true}, {"a": "yes", "other": 1}],
        "map": {"k": 1}, "since": "today", "one": {"x": 1, "y": 2}, "object": {"specs": {}},
    }});
    assert_eq!(
        messages(schema, wrong),
        [
            "spec: `spec` lacks the field `name`",
            "spec.list[1].a: `a` must be true or false, not a string",
            "spec.list[1].other: unknown field `other`",
            "spec.map.k: `k` must be a string, not a number",
            "spec.mode: `mode` is `always`, it must be `Always` or `Never`; did you mean `Always`?",
            "spec.object.specs: unknown field `specs`; did you mean `spec`?",
            "spec.one: `one` takes only one of `x`, `y`",
            "spec.port: `port` must be a whole number or a string, not a number",
            "spec.replica: unknown field `replica`; did you mean `replicas`?",
            "spec.replicas: `replicas` is `-1`, it must be at least 0",
            "spec.since: `since` is `today`, which is not a date and time, such as `2026-11-21T10:00:00Z`",
        ]
    );
}

#[test]
fn a_schema_that_is_none() {
    assert!(Validator::from_schema(&json!({"type": "nonsense"})).is_err());
}
