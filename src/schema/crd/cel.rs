//! Values and programs of CEL, the language of a CRD's rules, as Kubernetes understands them.
//!
//! Source: Kubernetes, "Extend the API with `CustomResourceDefinitions`", "Validation rules"; for names
//! `k8s.io/apiserver/pkg/cel`, `Escape`. The interpreter is the crate `cel`, Kubernetes' functions are those of
//! `kube-cel`. Its own walk over schemas (its feature `validation`) is not used: of version 0.8 it writes `my_field` as
//! `my__field`, follows lists by position instead of by their keys, and gives `optionalOldSelf` no optional value.

use super::lists;
use kube_cel::cel::objects::{Key, Map};
use kube_cel::cel::{Context, ExecutionError, Program, Value as Cel};
use serde_json::Value;
use std::collections::HashMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

/// What conversion needs to know of texts that are no texts in CEL.
pub(super) struct Converter {
    duration: Option<Program>,
    timestamp: Option<Program>,
}

impl Converter {
    pub(super) fn new() -> Self {
        Converter { duration: compile("duration(self)").ok(), timestamp: compile("timestamp(self)").ok() }
    }

    /// The value of `self` at a place with this schema.
    pub(super) fn convert(&self, context: &Context<'_>, schema: &Value, value: &Value) -> Cel {
        match value {
            Value::Null => Cel::Null,
            Value::Bool(value) => Cel::Bool(*value),
            Value::Number(number) => {
                let integer = schema.get("type").and_then(Value::as_str) != Some("number");
                match (integer, number.as_i64(), number.as_f64()) {
                    (true, Some(integer), _) => Cel::Int(integer),
                    (_, _, Some(float)) => Cel::Float(float),
                    _ => Cel::Null,
                }
            }
            Value::String(text) => self.text(context, schema, text),
            Value::Array(items) => {
                let inner = schema.get("items").unwrap_or(&Value::Null);
                Cel::List(Arc::new(items.iter().map(|item| self.convert(context, inner, item)).collect()))
            }
            Value::Object(object) => {
                // The keys of a map are data, those of an object are names.
                let is_map = schema.get("additionalProperties").is_some_and(|more| *more != Value::Bool(false));
                let mut map = HashMap::with_capacity(object.len());
                for (name, value) in object {
                    let inner = lists::field(schema, name).unwrap_or(&Value::Null);
                    let key = if is_map { name.clone() } else { escaped(name) };
                    map.insert(Key::String(Arc::new(key)), self.convert(context, inner, value));
                }
                Cel::Map(Map { map: Arc::new(map) })
            }
        }
    }

    fn text(&self, context: &Context<'_>, schema: &Value, text: &str) -> Cel {
        let plain = || Cel::String(Arc::new(text.to_owned()));
        let program = match schema.get("format").and_then(Value::as_str) {
            Some("duration") => &self.duration,
            Some("date-time") => &self.timestamp,
            _ => return plain(),
        };
        let mut inner = context.new_inner_scope();
        inner.add_variable_from_value("self", plain());
        program.as_ref().and_then(|program| program.execute(&inner).ok()).unwrap_or_else(plain)
    }
}

/// A field's name as an identifier of CEL.
fn escaped(name: &str) -> String {
    const RESERVED: [&str; 21] = [
        "true",
        "false",
        "null",
        "in",
        "as",
        "break",
        "const",
        "continue",
        "else",
        "for",
        "function",
        "if",
        "import",
        "let",
        "loop",
        "package",
        "namespace",
        "return",
        "var",
        "void",
        "while",
    ];
    if RESERVED.contains(&name) {
        return format!("__{name}__");
    }
    if !name.contains("__") && !name.contains(['.', '-', '/']) {
        return name.to_owned();
    }
    let name = name.replace("__", "__underscores__");
    name.replace('.', "__dot__").replace('-', "__dash__").replace('/', "__slash__")
}

/// What a program gives.
pub(super) enum Outcome {
    /// A value.
    Value(Cel),
    /// The API server would fail as well, and refuses the object then.
    Fails(String),
    /// This interpreter cannot do it; the API server may.
    Unable(String),
}

/// Functions that fail for a text that does not have the form they want, here as there.
const CONVERSIONS: [&str; 10] =
    ["cidr", "double", "duration", "int", "ip", "quantity", "semver", "timestamp", "uint", "url"];

/// Runs a program; the interpreter's own mistakes end here.
pub(super) fn run(program: &Program, context: &Context<'_>) -> Outcome {
    match catch_unwind(AssertUnwindSafe(|| program.execute(context))) {
        Ok(Ok(value)) => Outcome::Value(value),
        Ok(Err(error)) => {
            let message = short(&error.to_string());
            let fails = match &error {
                ExecutionError::NoSuchKey(_)
                | ExecutionError::DivisionByZero(_)
                | ExecutionError::RemainderByZero(_) => true,
                ExecutionError::FunctionError { function, .. } => CONVERSIONS.contains(&function.as_str()),
                _ => false,
            };
            if fails { Outcome::Fails(message) } else { Outcome::Unable(message) }
        }
        Err(_) => Outcome::Unable("the interpreter panicked".to_owned()),
    }
}

/// Compiles an expression, or says why not.
pub(super) fn compile(text: &str) -> Result<Program, String> {
    match catch_unwind(|| Program::compile(text)) {
        Ok(Ok(program)) => Ok(program),
        Ok(Err(error)) => Err(short(&error.to_string())),
        Err(_) => Err("the parser panicked".to_owned()),
    }
}

/// The interpreter's messages hold whole values.
fn short(message: &str) -> String {
    const MOST: usize = 200;
    let line = message.lines().next().unwrap_or_default();
    match line.char_indices().nth(MOST) {
        Some((end, _)) => format!("{}…", line.get(..end).unwrap_or_default()),
        None => line.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::escaped;

    #[test]
    fn names_are_escaped_as_kubernetes_does() {
        for (name, expected) in [
            ("replicas", "replicas"),
            ("my_field", "my_field"),
            ("namespace", "__namespace__"),
            ("a__b", "a__underscores__b"),
            ("foo-bar", "foo__dash__bar"),
            ("a.b/c", "a__dot__b__slash__c"),
        ] {
            assert_eq!(escaped(name), expected);
        }
    }
}
