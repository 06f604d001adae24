//! The engine's errors as findings: every sentence is made here.

use super::finding::{Finding, FindingKind, PathSegment};
use super::formats;
use crate::diag::suggest;
use jsonschema::ValidationError;
use jsonschema::error::{TypeKind, ValidationErrorKind as Raw};
use serde_json::Value;

/// Longest piece of a value that a message repeats, in characters.
const SHOWN: usize = 60;

/// Adds what `error` says about `object`.
pub(super) fn explain(schema: &Value, object: &Value, error: &ValidationError<'_>, findings: &mut Vec<Finding>) {
    let path = segments(object, error.instance_path().as_str());
    let name = named(&path);
    let value = error.instance();
    let mut push = |kind: FindingKind, message: String| findings.push(Finding { path: path.clone(), message, kind });
    match error.kind() {
        Raw::AdditionalProperties { unexpected } | Raw::UnevaluatedProperties { unexpected } => {
            let known = known_fields(schema, error.schema_path().as_str());
            findings.extend(unexpected.iter().map(|field| unknown(&path, field, &known)));
        }
        Raw::FalseSchema => push(FindingKind::Combination, format!("{name} must not be there")),
        Raw::Type { kind } => {
            push(FindingKind::WrongType, format!("{name} must be {}, not {}", wanted(kind), article(value)));
        }
        Raw::Required { property } => {
            let field = property.as_str().unwrap_or_default().to_owned();
            push(FindingKind::Missing { field: field.clone() }, format!("{name} lacks the field `{field}`"));
        }
        Raw::Enum { options } => {
            let allowed = options.as_array().map_or_else(Vec::new, |options| options.iter().map(plain).collect());
            let list = suggest::list(allowed.iter().map(String::as_str), "or");
            let near = value.as_str().and_then(|value| near_value(value, &allowed));
            let near = near.map_or_else(String::new, |near| format!("; did you mean `{near}`?"));
            push(FindingKind::Enum { allowed }, format!("{name} is {}, it must be {list}{near}", shown(value)));
        }
        Raw::Constant { expected_value } => {
            let allowed = vec![plain(expected_value)];
            let message = format!("{name} is {}, it must be {}", shown(value), shown(expected_value));
            push(FindingKind::Enum { allowed }, message);
        }
        Raw::Minimum { limit } => push(FindingKind::Bounds, bounds(&name, value, "at least", limit)),
        Raw::Maximum { limit } => push(FindingKind::Bounds, bounds(&name, value, "at most", limit)),
        Raw::ExclusiveMinimum { limit } => push(FindingKind::Bounds, bounds(&name, value, "more than", limit)),
        Raw::ExclusiveMaximum { limit } => push(FindingKind::Bounds, bounds(&name, value, "less than", limit)),
        Raw::MultipleOf { multiple_of } => {
            push(FindingKind::Bounds, format!("{name} is {}, it must be a multiple of {multiple_of}", shown(value)));
        }
        Raw::MinLength { limit } => push(FindingKind::Bounds, amount(&name, "at least", *limit, "character")),
        Raw::MaxLength { limit } => push(FindingKind::Bounds, amount(&name, "at most", *limit, "character")),
        Raw::MinItems { limit } => push(FindingKind::Bounds, amount(&name, "at least", *limit, "element")),
        Raw::MaxItems { limit } => push(FindingKind::Bounds, amount(&name, "at most", *limit, "element")),
        Raw::MinProperties { limit } => push(FindingKind::Bounds, amount(&name, "at least", *limit, "field")),
        Raw::MaxProperties { limit } => push(FindingKind::Bounds, amount(&name, "at most", *limit, "field")),
        Raw::Pattern { pattern } => push(FindingKind::Pattern, pattern_message(&name, value, pattern)),
        // The value of a `byte` field is a secret's.
        Raw::Format { format } if format == "byte" => {
            push(FindingKind::Format, format!("{name} is not {}", formats::example(format)));
        }
        Raw::Format { format } => {
            push(FindingKind::Format, format!("{name} is {}, which is not {}", shown(value), formats::example(format)));
        }
        Raw::UniqueItems => push(FindingKind::Duplicate, format!("{name} has two equal elements")),
        Raw::AnyOf { .. } | Raw::OneOfNotValid { .. } => {
            push(FindingKind::Combination, none_of(&name, schema, error.schema_path().as_str()));
        }
        Raw::OneOfMultipleValid { .. } => {
            push(FindingKind::Combination, several_of(&name, value, schema, error.schema_path().as_str()));
        }
        Raw::Not { schema } => push(FindingKind::Combination, negated(&name, schema)),
        _ => push(FindingKind::Combination, format!("{name} does not have the form that its schema describes")),
    }
}

fn unknown(path: &[PathSegment], field: &str, known: &[&str]) -> Finding {
    let near = suggest::nearest(field, known.iter().copied()).map(str::to_owned);
    let meant = near.as_ref().map_or_else(String::new, |near| format!("; did you mean `{near}`?"));
    let mut path = path.to_vec();
    path.push(PathSegment::Key(field.to_owned()));
    Finding { path, message: format!("unknown field `{field}`{meant}"), kind: FindingKind::UnknownField { near } }
}

/// A pointer's steps; the object decides whether a number is a key or an index.
fn segments(object: &Value, pointer: &str) -> Vec<PathSegment> {
    let mut at = Some(object);
    let steps = pointer.split('/').skip(1).map(|step| {
        let step = step.replace("~1", "/").replace("~0", "~");
        match at {
            Some(Value::Array(list)) => {
                let index = step.parse().unwrap_or(usize::MAX);
                at = list.get(index);
                PathSegment::Index(index)
            }
            _ => {
                at = at.and_then(|value| value.get(&step));
                PathSegment::Key(step)
            }
        }
    });
    steps.collect()
}

/// The names beside the keyword at `pointer`.
fn known_fields<'a>(schema: &'a Value, pointer: &str) -> Vec<&'a str> {
    let parent = pointer.rsplit_once('/').map_or("", |(parent, _)| parent);
    let properties = schema.pointer(parent).and_then(|schema| schema.get("properties")).and_then(Value::as_object);
    properties.map_or_else(Vec::new, |properties| properties.keys().map(String::as_str).collect())
}

/// The value as the subject of a sentence: its field, and its place in a list.
fn named(path: &[PathSegment]) -> String {
    let from = path.iter().rposition(|segment| matches!(segment, PathSegment::Key(_))).unwrap_or(0);
    match path.get(from..) {
        Some([PathSegment::Key(key), indexes @ ..]) => {
            let indexes = indexes.iter().map(|segment| match segment {
                PathSegment::Index(index) => format!("[{index}]"),
                PathSegment::Key(_) => String::new(),
            });
            format!("`{key}{}`", indexes.collect::<String>())
        }
        _ => "the object".to_owned(),
    }
}

fn wanted(kind: &TypeKind) -> String {
    let names: Vec<&str> = match kind {
        TypeKind::Single(kind) => vec![with_article(kind.as_str())],
        TypeKind::Multiple(kinds) => kinds.iter().map(|kind| with_article(kind.as_str())).collect(),
    };
    let names: Vec<&str> = names.into_iter().filter(|name| *name != "null").collect();
    names.join(" or ")
}

fn with_article(kind: &str) -> &'static str {
    match kind {
        "array" => "a list",
        "boolean" => "true or false",
        "integer" => "a whole number",
        "number" => "a number",
        "object" => "a map",
        "string" => "a string",
        _ => "null",
    }
}

fn article(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "a string",
        Value::Array(_) => "a list",
        Value::Object(_) => "a map",
    }
}

/// A value in a message: short, on one line.
fn shown(value: &Value) -> String {
    let text = plain(value);
    let short: String = text.chars().take(SHOWN).map(|c| if c.is_control() { ' ' } else { c }).collect();
    let more = if short.len() < text.len() { "…" } else { "" };
    format!("`{short}{more}`")
}

fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// A possible value that differs in case or by a letter or two.
fn near_value<'a>(value: &str, allowed: &'a [String]) -> Option<&'a str> {
    let same = allowed.iter().map(String::as_str).find(|a| a.eq_ignore_ascii_case(value));
    same.or_else(|| suggest::nearest(value, allowed.iter().map(String::as_str)))
}

fn bounds(name: &str, value: &Value, relation: &str, limit: &Value) -> String {
    format!("{name} is {}, it must be {relation} {}", shown(value), plain(limit))
}

fn amount(name: &str, relation: &str, limit: u64, unit: &str) -> String {
    let plural = if limit == 1 { "" } else { "s" };
    format!("{name} must have {relation} {limit} {unit}{plural}")
}

fn pattern_message(name: &str, value: &Value, pattern: &str) -> String {
    if pattern == super::QUANTITY {
        return format!("{name} is {}, which is not a quantity, such as `500m` or `1Gi`", shown(value));
    }
    format!("{name} is {}, which does not match the pattern `{pattern}`", shown(value))
}

/// The alternatives at `pointer`, if each of them only asks for fields.
fn alternatives(schema: &Value, pointer: &str) -> Option<Vec<String>> {
    let fields = |part: &Value| {
        let fields = part.get("required")?.as_array()?;
        Some(fields.iter().map(|field| format!("`{}`", plain(field))).collect::<Vec<_>>().join(" with "))
    };
    schema.pointer(pointer)?.as_array()?.iter().map(fields).collect()
}

fn none_of(name: &str, schema: &Value, pointer: &str) -> String {
    match alternatives(schema, pointer) {
        Some(fields) => format!("{name} needs {}", fields.join(" or ")),
        None => format!("{name} has none of the forms that its schema describes"),
    }
}

fn several_of(name: &str, value: &Value, schema: &Value, pointer: &str) -> String {
    let Some(fields) = alternatives(schema, pointer) else {
        return format!("{name} has several of the forms that exclude each other in its schema");
    };
    let is_there = |field: &String| value.get(field.trim_matches('`')).is_some();
    let there: Vec<String> = fields.iter().filter(|field| is_there(field)).cloned().collect();
    let which = if there.len() > 1 { there } else { fields };
    format!("{name} takes only one of {}", which.join(", "))
}

fn negated(name: &str, schema: &Value) -> String {
    match schema.get("required").and_then(Value::as_array).map(Vec::as_slice) {
        Some([field]) => format!("{name} must not have `{}` here", plain(field)),
        Some(fields) => {
            let fields: Vec<String> = fields.iter().map(plain).collect();
            format!("{name} cannot have {} together", suggest::list(fields.iter().map(String::as_str), "and"))
        }
        None => format!("{name} has a form that its schema excludes"),
    }
}
