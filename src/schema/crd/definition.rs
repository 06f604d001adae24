//! One version of one CRD.

use super::rules::{Programs, RuleReport};
use super::{default, lists, rules};
use crate::schema::validate::{Finding, PathSegment, SchemaFault, Validator};
use serde::Deserialize;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use std::sync::OnceLock;

/// Whether objects of a kind live in namespaces.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
pub enum Scope {
    /// They do.
    Namespaced,
    /// They are the cluster's.
    Cluster,
}

/// What a CRD says of the software that it belongs to.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
pub struct Source {
    /// Of its annotations those that name a version.
    #[serde(default)]
    pub annotations: BTreeMap<String, String>,
    /// Of its labels those that name the software or its version.
    #[serde(default)]
    pub labels: BTreeMap<String, String>,
}

/// One version of one CRD. Its schema is read, and its validator and rules are compiled, when they are first asked for.
#[derive(Debug)]
pub struct Definition {
    /// API group.
    pub group: String,
    /// Kind.
    pub kind: String,
    /// Plural, as in the CRD's name.
    pub plural: String,
    /// Version, such as `v1beta1`.
    pub version: String,
    /// Whether its objects live in namespaces.
    pub scope: Scope,
    /// Whether the API server takes objects of this version.
    pub served: bool,
    /// Whether it is the version in which objects are stored.
    pub storage: bool,
    /// Whether it is deprecated, and what the API server says then.
    pub deprecated: Option<String>,
    /// What the CRD says of the software that it belongs to.
    pub source: Source,
    /// The schema's JSON.
    pub(super) text: Box<str>,
    pub(super) schema: OnceLock<Value>,
    pub(super) validator: OnceLock<Result<Validator, SchemaFault>>,
    pub(super) programs: Programs,
}

impl Definition {
    /// The structural schema. JSON that nests deeper than any reader follows is no schema: `null`.
    pub fn schema(&self) -> &Value {
        self.schema.get_or_init(|| serde_json::from_str(&self.text).unwrap_or_default())
    }

    /// The validator of the schema, closed: unknown fields are findings, unless the schema preserves them. `status` is
    /// free if the schema does not state it. A missing field that has a default is none.
    pub fn validator(&self) -> Result<&Validator, &SchemaFault> {
        self.validator.get_or_init(|| compile(self.schema())).as_ref()
    }

    /// The object as the API server sees it when it validates: with defaults, without `null` where none is allowed.
    pub fn defaulted(&self, object: &Value) -> Value {
        let mut object = object.clone();
        default::apply(self.schema(), &mut object);
        object
    }

    /// All that the schema finds wrong with an object; CEL rules are [`Definition::rules`]. Defaults are filled in
    /// before.
    pub fn findings(&self, object: &Value) -> Result<Vec<Finding>, &SchemaFault> {
        let validator = self.validator()?;
        let object = self.defaulted(object);
        let mut findings = validator.findings(&object);
        lists::duplicates(self.schema(), &object, &mut Vec::<PathSegment>::new(), &mut findings);
        Ok(findings)
    }

    /// All CEL rules of the schema, each with the reason for which it cannot be evaluated at all, if so. Compiles them.
    pub fn stated_rules(&self) -> Vec<(String, Option<String>)> {
        rules::stated(self.schema())
    }

    /// Evaluates the CEL rules (`x-kubernetes-validations`) at every place of an object. With the object that is in the
    /// cluster as `old`, also those that compare the two. Makes sense for objects without [`Definition::findings`]: the
    /// API server evaluates no rules for others.
    pub fn rules(&self, object: &Value, old: Option<&Value>) -> RuleReport {
        let old = old.map(|old| self.defaulted(old));
        rules::evaluate(self.schema(), &self.programs, &self.defaulted(object), old.as_ref())
    }
}

/// Compiles a structural schema.
pub(super) fn compile(schema: &Value) -> Result<Validator, SchemaFault> {
    let mut relaxed = schema.clone();
    relax(&mut relaxed);
    if let Some(root) = relaxed.as_object_mut() {
        allow_status(root);
    }
    Validator::from_schema(&relaxed)
}

const PRESERVE: &str = "x-kubernetes-preserve-unknown-fields";

/// A field with a default is never missing.
fn relax(schema: &mut Value) {
    let Some(schema) = schema.as_object_mut() else { return };
    if let Some(Value::Array(mut required)) = schema.remove("required") {
        let properties = schema.get("properties");
        let has_default = |name: &Value| {
            let field = name.as_str().and_then(|name| properties?.get(name));
            field.is_some_and(|field| field.get("default").is_some())
        };
        required.retain(|name| !has_default(name));
        if !required.is_empty() {
            schema.insert("required".to_owned(), Value::Array(required));
        }
    }
    if let Some(Value::Object(properties)) = schema.get_mut("properties") {
        properties.values_mut().for_each(relax);
    }
    for keyword in ["items", "additionalProperties"] {
        if let Some(inner) = schema.get_mut(keyword) {
            relax(inner);
        }
    }
}

/// The controller writes the status; an object from a cluster has one, an object of ours does not.
fn allow_status(root: &mut Map<String, Value>) {
    if let Some(Value::Array(required)) = root.get_mut("required") {
        required.retain(|name| name != "status");
    }
    if root.get("required").and_then(Value::as_array).is_some_and(Vec::is_empty) {
        root.remove("required");
    }
    if let Some(properties) = root.entry("properties").or_insert_with(|| json!({})).as_object_mut() {
        properties.entry("status").or_insert_with(|| json!({PRESERVE: true}));
    }
}
