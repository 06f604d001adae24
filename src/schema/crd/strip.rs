//! A CRD without what validation does not need: a tenth of its size.
//!
//! Dropped from a schema is only what says something to people (`description`, `title`, `example`, `externalDocs`); all
//! other keywords stay, also those that dpjgen does not know, so that a later dpjgen loses nothing.

use serde_json::{Map, Value, json};

/// The version of the stored form.
pub(super) const FORMAT: u64 = 1;

/// Keywords of a schema that only people read.
const FOR_PEOPLE: [&str; 4] = ["description", "title", "example", "externalDocs"];

/// A CRD in the form in which it is stored.
#[derive(Clone, Debug, PartialEq)]
pub struct Stripped {
    /// `PLURAL.GROUP`.
    pub name: String,
    /// Where it is stored, relative to `schemas/`: `GROUP/PLURAL.json`.
    pub path: String,
    /// What is stored.
    pub value: Value,
}

/// Why a document that says that it is a CRD cannot be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unusable {
    /// A version of the API other than `apiextensions.k8s.io/v1`.
    ApiVersion(String),
    /// A field is missing or has the wrong type: its path.
    Field(&'static str),
    /// A version has no `schema.openAPIV3Schema`.
    NoSchema(String),
    /// `metadata.name` is not `PLURAL.GROUP`.
    Name(String),
}

/// Takes a CRD apart. The second value is its name as far as it is known.
pub fn strip(mut crd: Value) -> Result<Stripped, (Unusable, Option<String>)> {
    let name = crd.pointer("/metadata/name").and_then(Value::as_str).map(str::to_owned);
    match crd.get("apiVersion").and_then(Value::as_str) {
        Some("apiextensions.k8s.io/v1") => {}
        other => return Err((Unusable::ApiVersion(other.unwrap_or_default().to_owned()), name)),
    }
    let Some(name) = name else { return Err((Unusable::Field("metadata.name"), None)) };
    stripped(&mut crd, &name).map_err(|unusable| (unusable, Some(name)))
}

fn stripped(crd: &mut Value, name: &str) -> Result<Stripped, Unusable> {
    let source = json!({
        "annotations": versions_said(crd.pointer("/metadata/annotations")),
        "labels": versions_said(crd.pointer("/metadata/labels")),
    });
    let spec = crd.get_mut("spec").and_then(Value::as_object_mut).ok_or(Unusable::Field("spec"))?;
    let group = text(spec, "group").ok_or(Unusable::Field("spec.group"))?;
    let scope = text(spec, "scope").ok_or(Unusable::Field("spec.scope"))?;
    let names = spec.remove("names").filter(Value::is_object).ok_or(Unusable::Field("spec.names"))?;
    let plural = names.get("plural").and_then(Value::as_str).ok_or(Unusable::Field("spec.names.plural"))?.to_owned();
    names.get("kind").and_then(Value::as_str).ok_or(Unusable::Field("spec.names.kind"))?;
    let expected = format!("{plural}.{group}");
    if name != expected {
        return Err(Unusable::Name(expected));
    }
    let Some(Value::Array(versions)) = spec.remove("versions") else { return Err(Unusable::Field("spec.versions")) };
    if versions.is_empty() {
        return Err(Unusable::Field("spec.versions"));
    }
    let versions: Vec<Value> = versions.into_iter().map(version).collect::<Result<_, _>>()?;
    let mut value = json!({
        "dpjgen": FORMAT,
        "group": group,
        "names": names,
        "scope": scope,
        "source": source,
        "versions": versions,
    });
    if let (Some(preserve @ Value::Bool(true)), Some(stored)) =
        (spec.remove("preserveUnknownFields"), value.as_object_mut())
    {
        stored.insert("preserveUnknownFields".to_owned(), preserve);
    }
    Ok(Stripped { name: expected, path: format!("{group}/{plural}.json"), value })
}

fn text(map: &Map<String, Value>, key: &str) -> Option<String> {
    map.get(key).and_then(Value::as_str).filter(|text| !text.is_empty()).map(str::to_owned)
}

fn version(mut version: Value) -> Result<Value, Unusable> {
    let fields = version.as_object_mut().ok_or(Unusable::Field("spec.versions"))?;
    let name = text(fields, "name").ok_or(Unusable::Field("spec.versions[].name"))?;
    let mut schema = fields
        .remove("schema")
        .and_then(|mut schema| schema.as_object_mut().and_then(|schema| schema.remove("openAPIV3Schema")))
        .filter(Value::is_object)
        .ok_or(Unusable::NoSchema(name))?;
    prune(&mut schema);
    let mut out = Map::new();
    for key in ["name", "served", "storage", "deprecated", "deprecationWarning", "subresources"] {
        if let Some(value) = fields.remove(key).filter(|value| !value.is_null()) {
            out.insert(key.to_owned(), value);
        }
    }
    out.insert("schema".to_owned(), schema);
    Ok(Value::Object(out))
}

/// Only at the places of a schema: a property may be called `description`, and a default may contain one.
fn prune(schema: &mut Value) {
    let Some(schema) = schema.as_object_mut() else { return };
    for keyword in FOR_PEOPLE {
        schema.remove(keyword);
    }
    for keyword in ["properties", "patternProperties", "definitions"] {
        if let Some(Value::Object(inner)) = schema.get_mut(keyword) {
            inner.values_mut().for_each(prune);
        }
    }
    for keyword in ["items", "additionalProperties", "not", "additionalItems"] {
        match schema.get_mut(keyword) {
            Some(Value::Array(inner)) => inner.iter_mut().for_each(prune),
            Some(inner) => prune(inner),
            None => {}
        }
    }
    for keyword in ["allOf", "anyOf", "oneOf"] {
        if let Some(Value::Array(inner)) = schema.get_mut(keyword) {
            inner.iter_mut().for_each(prune);
        }
    }
}

/// Of the annotations or labels those that say which software, in which version, the CRD belongs to. Others (the last
/// applied configuration, a release's bookkeeping) change from cluster to cluster.
fn versions_said(map: Option<&Value>) -> Value {
    let says_version = |key: &str| {
        let name = key.rsplit('/').next().unwrap_or(key);
        name == "version"
            || name.ends_with("-version")
            || matches!(name, "channel" | "chart")
            || matches!(key, "app.kubernetes.io/name" | "app.kubernetes.io/part-of")
    };
    let entries = map.and_then(Value::as_object).into_iter().flatten();
    entries
        .filter(|(key, value)| says_version(key) && value.as_str().is_some_and(|text| text.len() <= 128))
        .map(|(key, value)| (key.clone(), value.clone()))
        .collect::<Map<_, _>>()
        .into()
}

#[cfg(test)]
mod tests {
    use super::{Unusable, strip};
    use serde_json::{Value, json};

    fn crd() -> Value {
        json!({
            "apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition",
            "metadata": {
                "name": "foos.example.com",
                "annotations": {
                    "controller-gen.kubebuilder.io/version": "v0.19.0",
                    "kubectl.kubernetes.io/last-applied-configuration": "{}",
                },
                "labels": {"app.kubernetes.io/version": "1.2.3", "release": "x"},
            },
            "spec": {
                "group": "example.com", "scope": "Namespaced",
                "names": {"plural": "foos", "kind": "Foo"},
                "conversion": {"strategy": "None"},
                "versions": [{
                    "name": "v1", "served": true, "storage": true, "additionalPrinterColumns": [],
                    "schema": {"openAPIV3Schema": {
                        "description": "dropped", "type": "object",
                        "properties": {
                            "description": {"description": "dropped", "type": "string", "default": "kept"},
                            "title": {"items": {"title": "dropped", "enum": [{"title": "kept"}]}},
                            "map": {"additionalProperties": {"description": "dropped", "type": "string"}},
                            "any": {"anyOf": [{"description": "dropped"}], "not": {"example": 1}},
                        },
                    }},
                }],
            },
            "status": {"storedVersions": ["v1"]},
        })
    }

    #[test]
    fn what_people_read_goes_and_what_validation_reads_stays() {
        let stripped = strip(crd()).unwrap();
        assert_eq!((stripped.name.as_str(), stripped.path.as_str()), ("foos.example.com", "example.com/foos.json"));
        let expected = json!({
            "dpjgen": 1, "group": "example.com", "scope": "Namespaced",
            "names": {"plural": "foos", "kind": "Foo"},
            "source": {
                "annotations": {"controller-gen.kubebuilder.io/version": "v0.19.0"},
                "labels": {"app.kubernetes.io/version": "1.2.3"},
            },
            "versions": [{
                "name": "v1", "served": true, "storage": true,
                "schema": {"type": "object", "properties": {
                    "description": {"type": "string", "default": "kept"},
                    "title": {"items": {"enum": [{"title": "kept"}]}},
                    "map": {"additionalProperties": {"type": "string"}},
                    "any": {"anyOf": [{}], "not": {}},
                }},
            }],
        });
        assert_eq!(stripped.value, expected);
    }

    #[test]
    fn what_is_missing_is_named() {
        let broken = |pointer: &str, value: Value| {
            let mut crd = crd();
            *crd.pointer_mut(pointer).unwrap() = value;
            strip(crd).unwrap_err().0
        };
        assert_eq!(
            broken("/apiVersion", json!("apiextensions.k8s.io/v1beta1")),
            Unusable::ApiVersion("apiextensions.k8s.io/v1beta1".to_owned())
        );
        assert_eq!(broken("/spec", json!(1)), Unusable::Field("spec"));
        assert_eq!(broken("/spec/versions", json!([])), Unusable::Field("spec.versions"));
        assert_eq!(broken("/spec/versions/0/schema", json!({})), Unusable::NoSchema("v1".to_owned()));
        assert_eq!(broken("/metadata/name", json!("foo.example.com")), Unusable::Name("foos.example.com".to_owned()));
        assert_eq!(broken("/metadata/name", json!(null)), Unusable::Field("metadata.name"));
    }
}
