//! An object against a schema, told in sentences.

mod explain;
mod finding;
mod formats;
mod nulls;
mod prepare;

pub(super) use nulls::Nulls;

pub use finding::{Finding, FindingKind, PathSegment, SchemaFault, Verdict, path_text};

use jsonschema::{Draft, PatternOptions};
use serde_json::Value;

/// What a quantity looks like: Kubernetes, `apimachinery/pkg/api/resource`, in the words of `kubectl explain`.
pub(super) const QUANTITY: &str = r"^[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([KMGTPE]i|[numkMGTPE]|[eE][+-]?[0-9]+)?$";

/// A schema, compiled.
#[derive(Debug)]
pub struct Validator {
    /// The schema in plain JSON Schema: messages need the names that it knows.
    schema: Value,
    compiled: jsonschema::Validator,
    nulls: Nulls,
}

impl Validator {
    /// Compiles the schema of one kind: the `openAPIV3Schema` of a CRD's version ("structural schema"), or JSON Schema.
    ///
    /// As the API server does, objects are closed unless they say otherwise (`additionalProperties`,
    /// `x-kubernetes-preserve-unknown-fields`), and the root as well as every `x-kubernetes-embedded-resource` knows
    /// `apiVersion`, `kind` and `metadata` without stating them. `x-kubernetes-int-or-string` and `nullable` are understood;
    /// CEL rules (`x-kubernetes-validations`) are not evaluated here.
    pub fn from_schema(schema: &Value) -> Result<Self, SchemaFault> {
        let (metadata, definitions) = super::core::metadata();
        Self::compile(prepare::structural(schema, metadata, definitions), Nulls::InMetadata)
    }

    /// Compiles plain JSON Schema (2020-12) as it is.
    pub(super) fn compile(schema: Value, nulls: Nulls) -> Result<Self, SchemaFault> {
        let mut options = jsonschema::options()
            .with_draft(Draft::Draft202012)
            .with_pattern_options(PatternOptions::regex())
            .should_validate_formats(true)
            .should_ignore_unknown_formats(true);
        for (name, check) in formats::FORMATS {
            options = options.with_format(*name, *check);
        }
        let compiled = options.build(&schema).map_err(|error| SchemaFault::new(error.to_string()))?;
        Ok(Validator { schema, compiled, nulls })
    }

    /// What is wrong with `object`; empty if it is valid. In the order of the object's fields.
    pub fn findings(&self, object: &Value) -> Vec<Finding> {
        let stated = self.nulls.dropped(object);
        let object = stated.as_ref().unwrap_or(object);
        if self.compiled.is_valid(object) {
            return Vec::new();
        }
        let mut findings = Vec::new();
        for error in self.compiled.iter_errors(object) {
            explain::explain(&self.schema, object, &error, &mut findings);
        }
        findings.sort_by(|a, b| a.path.cmp(&b.path).then_with(|| a.message.cmp(&b.message)));
        findings.dedup();
        findings
    }
}

#[cfg(test)]
mod tests;
