//! The CEL rules of a schema (`x-kubernetes-validations`), evaluated at every place of an object.
//!
//! Source: Kubernetes, "Extend the API with `CustomResourceDefinitions`", "Validation rules" and "Transition rules".

use super::cel::{self, Converter, Outcome};
use super::lists;
use crate::schema::validate::{Finding, FindingKind, PathSegment};
use kube_cel::KubeCelExt;
use kube_cel::cel::objects::OptionalValue;
use kube_cel::cel::{Context, Program, Value as Cel};
use serde_json::Value;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

/// What evaluating the rules of an object gave.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RuleReport {
    /// How often a rule was evaluated, kept or broken.
    pub evaluated: usize,
    /// Rules that the object breaks.
    pub broken: Vec<Finding>,
    /// Rules that nobody has checked.
    pub not_evaluated: Vec<NotEvaluated>,
}

/// A rule that could not be evaluated here; the API server evaluates it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NotEvaluated {
    /// The value that it is about.
    pub path: Vec<PathSegment>,
    /// The rule.
    pub rule: String,
    /// Why not.
    pub reason: String,
}

/// Programs by their text, each compiled when it is first needed.
#[derive(Debug, Default)]
pub(super) struct Programs(Mutex<BTreeMap<String, Arc<Result<Rule, String>>>>);

#[derive(Debug)]
struct Rule {
    program: Program,
    /// Whether it compares the object with the one that is there.
    transition: bool,
}

impl Programs {
    fn get(&self, text: &str) -> Arc<Result<Rule, String>> {
        let mut programs = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(program) = programs.get(text) {
            return Arc::clone(program);
        }
        let program = cel::compile(text).map(|program| {
            let transition = program.references().has_variable("oldSelf");
            Rule { program, transition }
        });
        let program = Arc::new(program);
        programs.insert(text.to_owned(), Arc::clone(&program));
        program
    }
}

/// Evaluates all rules. Both objects have their defaults.
pub(super) fn evaluate(schema: &Value, programs: &Programs, object: &Value, old: Option<&Value>) -> RuleReport {
    let mut walk = Walk {
        programs,
        context: Context::default().with_all(),
        converter: Converter::new(),
        path: Vec::new(),
        report: RuleReport::default(),
    };
    walk.value(schema, object, old);
    walk.report
}

/// All rules that a schema states, each with the reason for which it cannot be compiled, if so.
pub(super) fn stated(schema: &Value) -> Vec<(String, Option<String>)> {
    let mut rules = Vec::new();
    collect(schema, &mut rules);
    rules
}

fn collect(schema: &Value, out: &mut Vec<(String, Option<String>)>) {
    for rule in rules_of(schema) {
        let text = rule.get("rule").and_then(Value::as_str).unwrap_or_default();
        out.push((text.to_owned(), cel::compile(text).err()));
    }
    let properties = schema.get("properties").and_then(Value::as_object).into_iter().flatten();
    for inner in properties.map(|(_, inner)| inner).chain(inner(schema)) {
        collect(inner, out);
    }
}

fn inner(schema: &Value) -> impl Iterator<Item = &Value> {
    ["items", "additionalProperties"].into_iter().filter_map(|keyword| schema.get(keyword))
}

fn rules_of(schema: &Value) -> &[Value] {
    schema.get("x-kubernetes-validations").and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

struct Walk<'a> {
    programs: &'a Programs,
    context: Context<'static>,
    converter: Converter,
    path: Vec<PathSegment>,
    report: RuleReport,
}

impl Walk<'_> {
    /// `old` is the value that was at the same place, where there is such a place.
    fn value(&mut self, schema: &Value, value: &Value, old: Option<&Value>) {
        // What is `null` is not there, as far as rules are concerned.
        if value.is_null() {
            return;
        }
        let old = old.filter(|old| !old.is_null());
        let rules = rules_of(schema);
        if !rules.is_empty() {
            self.rules(rules, schema, value, old);
        }
        match value {
            Value::Object(object) => {
                for (name, value) in object {
                    if let Some(schema) = lists::field(schema, name) {
                        let old = old.and_then(|old| old.get(name));
                        self.step(PathSegment::Key(name.clone()), schema, value, old);
                    }
                }
            }
            Value::Array(items) => {
                let Some(inner) = schema.get("items") else { return };
                let before = correlated(schema, old);
                for (index, item) in items.iter().enumerate() {
                    let old = lists::identity(schema, item).and_then(|identity| before.get(&identity).copied());
                    self.step(PathSegment::Index(index), inner, item, old);
                }
            }
            _ => {}
        }
    }

    fn step(&mut self, segment: PathSegment, schema: &Value, value: &Value, old: Option<&Value>) {
        self.path.push(segment);
        self.value(schema, value, old);
        self.path.pop();
    }

    fn rules(&mut self, rules: &[Value], schema: &Value, value: &Value, old: Option<&Value>) {
        let context = std::mem::take(&mut self.context);
        let mut scope = context.new_inner_scope();
        let root = self.path.is_empty();
        let convert = |value: &Value| match named_only(value, root || is_embedded(schema)) {
            Some(value) => self.converter.convert(&context, schema, &value),
            None => self.converter.convert(&context, schema, value),
        };
        scope.add_variable_from_value("self", convert(value));
        let old = old.map(convert);
        for rule in rules {
            self.rule(rule, &scope, old.as_ref());
        }
        drop(scope);
        self.context = context;
    }

    fn rule(&mut self, stated: &Value, scope: &Context<'_>, old: Option<&Cel>) {
        let said = |key: &str| stated.get(key).and_then(Value::as_str);
        let text = said("rule").unwrap_or_default();
        let program = self.programs.get(text);
        let rule = match program.as_ref() {
            Ok(rule) => rule,
            Err(reason) => return self.not_evaluated(text, reason),
        };
        let mut scope = scope.new_inner_scope();
        if rule.transition {
            let optional = stated.get("optionalOldSelf") == Some(&Value::Bool(true));
            match (optional, old) {
                (false, None) => return,
                (false, Some(old)) => scope.add_variable_from_value("oldSelf", old.clone()),
                (true, old) => {
                    let old = old.map_or_else(OptionalValue::none, |old| OptionalValue::of(old.clone()));
                    scope.add_variable_from_value("oldSelf", Cel::Opaque(Arc::new(old)));
                }
            }
        }
        let message = match cel::run(&rule.program, &scope) {
            Outcome::Value(Cel::Bool(true)) => None,
            Outcome::Value(Cel::Bool(false)) => Some(self.message(stated, &scope)),
            Outcome::Fails(reason) => Some(format!("the rule `{text}` fails: {reason}")),
            Outcome::Value(_) => return self.not_evaluated(text, "it gives no boolean"),
            Outcome::Unable(reason) => return self.not_evaluated(text, &reason),
        };
        self.report.evaluated += 1;
        if let Some(message) = message {
            let mut path = self.path.clone();
            path.extend(said("fieldPath").into_iter().flat_map(field_path));
            self.report.broken.push(Finding { path, message, kind: FindingKind::Combination });
        }
    }

    /// In the rule's own words if it has some.
    fn message(&self, stated: &Value, scope: &Context<'_>) -> String {
        let said = |key: &str| stated.get(key).and_then(Value::as_str);
        if let Some(expression) = said("messageExpression")
            && let Ok(rule) = self.programs.get(expression).as_ref()
            && let Outcome::Value(Cel::String(text)) = cel::run(&rule.program, scope)
            && !text.trim().is_empty()
        {
            return text.to_string();
        }
        let rule = said("rule").unwrap_or_default();
        said("message").map_or_else(|| format!("it breaks the rule `{rule}`"), |text| text.trim().to_owned())
    }

    fn not_evaluated(&mut self, rule: &str, reason: &str) {
        let (rule, reason) = (rule.to_owned(), reason.to_owned());
        self.report.not_evaluated.push(NotEvaluated { path: self.path.clone(), rule, reason });
    }
}

/// The elements that were there, by their keys. Elements of other lists than those with keys have no place of their
/// own.
fn correlated<'a>(schema: &Value, old: Option<&'a Value>) -> BTreeMap<String, &'a Value> {
    if schema.get("x-kubernetes-list-type").and_then(Value::as_str) != Some("map") {
        return BTreeMap::new();
    }
    let items = old.and_then(Value::as_array).into_iter().flatten();
    items.filter_map(|item| Some((lists::identity(schema, item)?, item))).collect()
}

fn is_embedded(schema: &Value) -> bool {
    schema.get("x-kubernetes-embedded-resource") == Some(&Value::Bool(true))
}

/// Of an object's metadata, rules see the name only.
fn named_only(value: &Value, has_metadata: bool) -> Option<Value> {
    if !has_metadata || value.get("metadata").is_none() {
        return None;
    }
    let mut value = value.clone();
    if let Some(metadata) = value.get_mut("metadata").and_then(Value::as_object_mut) {
        metadata.retain(|name, _| name == "name" || name == "generateName");
    }
    Some(value)
}

/// The simple form of a `fieldPath`: `.spec.replicas`, `.spec['my-field']`.
fn field_path(text: &str) -> impl Iterator<Item = PathSegment> {
    let names = text.split(['.', '[', ']']).map(|name| name.trim_matches(['\'', '"'])).filter(|name| !name.is_empty());
    names.map(|name| PathSegment::Key(name.to_owned())).collect::<Vec<_>>().into_iter()
}
