//! Every custom resource of the committed output against the real CRDs, with their CEL rules.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]
#![allow(clippy::disallowed_methods, clippy::print_stdout, missing_docs)]
#![allow(clippy::case_sensitive_file_extension_comparisons)]

#[path = "support/crds.rs"]
mod crds;
mod support;

use dpjgen::schema::crd::{Definition, RuleReport, Store};
use dpjgen::schema::validate::{FindingKind, PathSegment, path_text};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;

/// Custom resources of the output, each with its file.
fn resources() -> Vec<(String, Value)> {
    let mut found = Vec::new();
    for environment in ["dev", "staging", "prod"] {
        let tree = support::root().join("out").join(environment);
        for path in support::files(&tree).into_iter().filter(|path| path.ends_with(".yaml")) {
            let text = fs::read_to_string(tree.join(&path)).unwrap();
            let object: Value = serde_yaml::from_str(&text).unwrap();
            let group = object["apiVersion"].as_str().and_then(|version| version.split_once('/')).unwrap_or_default().0;
            // Kustomizations are read by kustomize, not by the API server.
            let core = !group.contains('.') || group.ends_with(".k8s.io") && !group.starts_with("gateway.");
            if !core && !group.ends_with("kustomize.config.k8s.io") {
                found.push((format!("{environment}/{path}"), object));
            }
        }
    }
    found
}

fn definition<'a>(store: &'a Store, object: &Value) -> Option<&'a Definition> {
    let (group, version) = object["apiVersion"].as_str()?.split_once('/')?;
    store.find(group, object["kind"].as_str()?, version)
}

/// Kinds whose CRDs nobody has put into the folder yet: said aloud, and checked as soon as they are there.
const WITHOUT_A_CRD: [(&str, &str); 1] = [("barmancloud.cnpg.io/v1", "ObjectStore")];

#[test]
fn the_output_is_what_the_real_crds_take() {
    let Some(folder) = crds::folder("custom resources") else { return };
    let store = crds::store(&folder);
    let (mut checked, mut rules) = (0, RuleReport::default());
    for (file, object) in resources() {
        let kind = (object["apiVersion"].as_str().unwrap(), object["kind"].as_str().unwrap());
        if WITHOUT_A_CRD.contains(&kind) && definition(&store, &object).is_none() {
            println!("custom resources: {file} is not checked: the folder has no CRD of {} {}", kind.0, kind.1);
            continue;
        }
        let definition = definition(&store, &object).unwrap_or_else(|| panic!("{file}: no CRD defines it"));
        assert!(definition.served, "{file}: the version is not served");
        let findings = definition.findings(&object).unwrap();
        assert!(findings.is_empty(), "{file}: {findings:#?}");
        let report = definition.rules(&object, Some(&object));
        assert!(report.broken.is_empty(), "{file}: {:#?}", report.broken);
        rules.evaluated += report.evaluated;
        rules.not_evaluated.extend(report.not_evaluated);
        assert_refused(definition, &object, &file);
        checked += 1;
    }
    println!(
        "custom resources: {checked} valid; CEL rules: {} times evaluated, {} times not",
        rules.evaluated,
        rules.not_evaluated.len()
    );
    assert!(checked > 0, "no custom resource was checked");
    assert!(rules.not_evaluated.is_empty(), "{:#?}", rules.not_evaluated);
}

/// What is wrong with it is found at the place of the mistake.
fn assert_refused(definition: &Definition, object: &Value, file: &str) {
    let at = |path: &str, kind: fn(&FindingKind) -> bool, object: &Value| {
        let findings = definition.findings(object).unwrap();
        let found = findings.iter().any(|finding| path_text(&finding.path) == path && kind(&finding.kind));
        assert!(found, "{file}: nothing at `{path}`: {findings:#?}");
    };
    let mut unknown = object.clone();
    unknown["spec"]["notAField"] = json!(1);
    at("spec.notAField", |kind| matches!(kind, FindingKind::UnknownField { .. }), &unknown);
    let mut unknown = object.clone();
    unknown["specs"] = json!({});
    at("specs", |kind| matches!(kind, FindingKind::UnknownField { .. }), &unknown);
    let mut wrong = object.clone();
    wrong["spec"] = json!("a text");
    at("spec", |kind| matches!(kind, FindingKind::WrongType), &wrong);

    let schema = definition.schema();
    for (path, schema, parent) in [("", schema, ""), ("spec", &schema["properties"]["spec"], "/spec")] {
        for field in schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str) {
            if schema["properties"][field].get("default").is_some() || field == "status" {
                continue;
            }
            let mut missing = object.clone();
            missing.pointer_mut(parent).unwrap().as_object_mut().unwrap().remove(field);
            at(path, |kind| matches!(kind, FindingKind::Missing { .. }), &missing);
        }
    }
}

/// A value with every field, as far as a schema says what to put there.
fn sample(schema: &Value, depth: usize) -> Value {
    if let Some(value) = schema.get("default").or_else(|| schema["enum"].get(0)) {
        return value.clone();
    }
    let integer = || schema["minimum"].as_i64().unwrap_or(1).max(1).into();
    match schema["type"].as_str() {
        _ if schema["x-kubernetes-int-or-string"] == true => 1.into(),
        Some("object") => {
            let mut object = serde_json::Map::new();
            for (name, inner) in schema["properties"].as_object().into_iter().flatten().filter(|_| depth < 14) {
                object.insert(name.clone(), sample(inner, depth + 1));
            }
            if schema["additionalProperties"].is_object() {
                object.insert("key".to_owned(), sample(&schema["additionalProperties"], depth + 1));
            }
            Value::Object(object)
        }
        Some("array") => [sample(&schema["items"], depth + 1)].into_iter().collect(),
        Some("integer") => integer(),
        Some("number") => 1.5.into(),
        Some("boolean") => true.into(),
        Some("string") => match schema["format"].as_str() {
            Some("date-time") => "2026-11-21T10:00:00Z".into(),
            Some("duration") => "1h30m".into(),
            Some("byte") => "YQ==".into(),
            _ if schema["pattern"].as_str().is_some_and(|pattern| pattern.contains("ms|s|m|h")) => "1h".into(),
            _ => "a".repeat(usize::try_from(schema["minLength"].as_u64().unwrap_or(1).clamp(1, 9)).unwrap()).into(),
        },
        _ => json!({}),
    }
}

/// How many of all rules the interpreter can evaluate, on an object that has every field.
#[test]
fn the_rules_of_the_real_crds_can_be_evaluated() {
    let Some(folder) = crds::folder("CEL rules") else { return };
    let store = crds::store(&folder);
    let (mut stated, mut evaluated) = (0, 0);
    let (mut reasons, mut unable) = (BTreeMap::<String, usize>::new(), BTreeSet::new());
    for definition in store.iter() {
        definition.validator().unwrap_or_else(|error| panic!("{}.{}: {error}", definition.plural, definition.group));
        for (rule, problem) in definition.stated_rules() {
            stated += 1;
            assert!(problem.is_none(), "{}.{}: {rule}: {problem:?}", definition.plural, definition.group);
        }
        let object = sample(definition.schema(), 0);
        let report = definition.rules(&object, Some(&object));
        evaluated += report.evaluated;
        for rule in report.not_evaluated {
            *reasons.entry(rule.reason).or_default() += 1;
            unable.insert(rule.rule);
        }
    }
    let not = reasons.values().sum::<usize>();
    println!(
        "CEL rules: {stated} stated, all compile; on samples {evaluated} evaluated, {not} not, for these reasons:"
    );
    for (reason, count) in &reasons {
        println!("  {count} times: {reason}");
    }
    for rule in &unable {
        println!("  not evaluated: {rule}");
    }
    assert!(stated > 0, "no rule was found");
    assert!(not * 100 < evaluated, "more than one rule in a hundred cannot be evaluated");
}

#[test]
fn rules_find_what_is_wrong_and_say_where() {
    let store = crds::store_of(&[("crd.yaml", CRD.as_bytes())]);
    let definition = store.find("example.com", "Shop", "v1").unwrap();
    let object =
        |spec: Value| json!({"apiVersion": "example.com/v1", "kind": "Shop", "metadata": {"name": "x"}, "spec": spec});
    let good = object(
        json!({"min": 1, "max": 2, "my_field": "a", "items": [{"name": "a", "size": 1}, {"name": "b", "size": 1}]}),
    );
    assert_eq!(definition.findings(&good).unwrap(), []);
    let messages = |object: &Value, old: Option<&Value>| -> Vec<String> {
        let report = definition.rules(object, old);
        report.broken.iter().map(|finding| format!("{}: {}", path_text(&finding.path), finding.message)).collect()
    };
    assert_eq!(messages(&good, None), Vec::<String>::new());
    assert_eq!(messages(&good, Some(&good)), Vec::<String>::new());

    let bad =
        object(json!({"min": 3, "max": 2, "my_field": "b", "timeout": "2h", "items": [{"name": "a", "size": -1}]}));
    assert_eq!(
        messages(&bad, None),
        [
            "spec: min 3 is over max 2",
            "spec.my_field: has to be a",
            "spec: at most 1 h",
            "spec.items[0].size: it breaks the rule `self >= 0`",
        ]
    );
    // Elements are followed by their name, whatever their position; a text that is immutable stays.
    let new = object(
        json!({"min": 1, "max": 2, "my_field": "a", "items": [{"name": "b", "size": 1}, {"name": "a", "size": 2}]}),
    );
    assert_eq!(messages(&new, Some(&good)), ["spec.items[1]: the size stays"]);
    // `max` has a default, which is there before rules look.
    assert_eq!(messages(&object(json!({"min": 9, "my_field": "a"})), None), Vec::<String>::new());
    let report = definition.rules(&object(json!({"min": 1, "my_field": "a", "odd": "x"})), None);
    assert_eq!(report.not_evaluated.len(), 1, "{report:#?}");
    assert_eq!(path_text(&report.not_evaluated[0].path), "spec.odd");

    let twice =
        object(json!({"min": 1, "my_field": "a", "items": [{"name": "a", "size": 1}, {"name": "a", "size": 2}]}));
    let findings = definition.findings(&twice).unwrap();
    assert_eq!(findings.len(), 1, "{findings:#?}");
    assert_eq!(findings[0].path.last(), Some(&PathSegment::Index(1)));
    let long = json!({"apiVersion": "example.com/v1", "kind": "Shop", "metadata": {"name": "much-too-long"}, "spec": {"min": 1}});
    assert_eq!(definition.findings(&long).unwrap().len(), 1, "the length of the name");
}

const CRD: &str = r#"
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: shops.example.com}
spec:
  group: example.com
  scope: Namespaced
  names: {plural: shops, kind: Shop}
  versions:
  - name: v1
    served: true
    storage: true
    schema:
      openAPIV3Schema:
        type: object
        required: [spec]
        properties:
          metadata: {type: object, properties: {name: {type: string, maxLength: 8}}}
          spec:
            type: object
            required: [min, max]
            properties:
              min: {type: integer}
              max: {type: integer, default: 10}
              my_field: {type: string}
              timeout: {type: string, format: duration}
              odd: {type: string, x-kubernetes-validations: [{rule: "self.noSuchFunction()"}]}
              items:
                type: array
                x-kubernetes-list-type: map
                x-kubernetes-list-map-keys: [name]
                items:
                  type: object
                  required: [name]
                  properties:
                    name: {type: string}
                    size: {type: integer, x-kubernetes-validations: [{rule: self >= 0}]}
                  x-kubernetes-validations:
                  - {rule: self.size == oldSelf.size, message: the size stays}
            x-kubernetes-validations:
            - rule: self.min <= self.max
              messageExpression: "'min ' + string(self.min) + ' is over max ' + string(self.max)"
            - {rule: "!has(self.my_field) || self.my_field == 'a'", message: has to be a, fieldPath: .my_field}
            - {rule: "!has(self.timeout) || self.timeout <= duration('1h')", message: at most 1 h}
            - {rule: "oldSelf.hasValue() ? oldSelf.value().min <= self.min : true", optionalOldSelf: true, message: min grows}
"#;
