//! For programs: one JSON document. Its keys are documented in docs/DIFF.md.

use super::{Report, text};
use crate::diag::mask::Masks;
use crate::diff::{Cause, Class, Edit, Fate, FieldChange, ObjectChange, SpecChange, SpecPlace};
use crate::manifest::{ObjectId, Value};
use serde_json::{Map, Number, json};
use std::collections::BTreeMap;

/// Of the format. It grows when a reader could take something for what it is not, not when a key is added.
const VERSION: u32 = 1;

/// The reports as one line that ends with a newline.
pub fn json(reports: &[Report<'_>], masks: &Masks) -> String {
    let writer = Writer { masks };
    let reports: Vec<_> = reports.iter().map(|report| writer.report(report)).collect();
    let mut text = json!({ "version": VERSION, "reports": reports }).to_string();
    text.push('\n');
    text
}

struct Writer<'a> {
    masks: &'a Masks,
}

impl Writer<'_> {
    fn report(&self, report: &Report<'_>) -> serde_json::Value {
        let groups: Vec<_> = report
            .ranked()
            .into_iter()
            .map(|(group, worst)| {
                let each = |(object, fields): &(usize, Vec<usize>)| json!({ "object": object, "fields": fields });
                let (kind, spec, places) = cause(&group.cause);
                json!({
                    "cause": kind,
                    "spec": spec.iter().map(|change| self.spec(change)).collect::<Vec<_>>(),
                    "places": places.iter().map(place).collect::<Vec<_>>(),
                    "worst": worst.map(Class::name),
                    "changes": group.changes.iter().map(each).collect::<Vec<_>>(),
                })
            })
            .collect();
        let classes: BTreeMap<&str, usize> =
            report.classes().into_iter().map(|(class, number)| (class.name(), number)).collect();
        json!({
            "environment": report.environment,
            "old": report.old,
            "new": report.new,
            "differs": report.differs(),
            "worst": report.classes().first().map(|(class, _)| class.name()),
            "classes": classes,
            "groups": groups,
            "objects": report.changes.iter().map(|change| self.object(change)).collect::<Vec<_>>(),
            "idle": report.idle.iter().map(|change| self.spec(change)).collect::<Vec<_>>(),
            "kustomizations": report.kustomizations.iter().map(|note| self.masks.apply(note)).collect::<Vec<_>>(),
            "notes": report.notes.iter().map(|note| self.masks.apply(note)).collect::<Vec<_>>(),
            "summary": report.summary(),
        })
    }

    fn object(&self, change: &ObjectChange<'_>) -> serde_json::Value {
        let (fate, from) = match &change.fate {
            Fate::Added => ("added", None),
            Fate::Removed => ("removed", None),
            Fate::Changed => ("changed", None),
            Fate::Renamed { from } => ("renamed", Some(id(from))),
        };
        let side = |manifest: Option<&crate::manifest::Manifest<'_>>| {
            manifest.map(|found| json!({ "apiVersion": found.api_version, "file": found.path, "line": found.line }))
        };
        let consequences: Vec<_> = change
            .consequences
            .iter()
            .map(|consequence| {
                json!({
                    "class": consequence.class.name(),
                    "message": self.masks.apply(&consequence.message),
                    "remedy": consequence.remedy.as_ref().map(|remedy| self.masks.apply(remedy)),
                    "fields": consequence.fields,
                })
            })
            .collect();
        let mut object = id(&change.id);
        if let Some(map) = object.as_object_mut() {
            map.insert("change".to_owned(), fate.into());
            map.insert("from".to_owned(), from.into());
            map.insert("follows".to_owned(), change.follows.into());
            map.insert("old".to_owned(), side(change.old).into());
            map.insert("new".to_owned(), side(change.new).into());
            map.insert("consequences".to_owned(), consequences.into());
            map.insert("fields".to_owned(), change.fields.iter().map(|field| self.field(field)).collect());
        }
        object
    }

    fn field(&self, field: &FieldChange<'_>) -> serde_json::Value {
        let name = text::name(&field.path);
        let value = |value: &Value<'_>| self.value(name, value);
        let items = |items: &[String]| -> serde_json::Value {
            items.iter().map(|item| text::item(name, item, self.masks)).collect()
        };
        let (change, old, new) = match &field.edit {
            Edit::Added(new) => ("added", None, Some(value(new))),
            Edit::Removed(old) => ("removed", Some(value(old)), None),
            Edit::Replaced { old, new } => ("replaced", Some(value(old)), Some(value(new))),
            Edit::Reordered { old, new } => ("reordered", Some(items(old)), Some(items(new))),
        };
        let mut object = Map::new();
        object.insert("path".to_owned(), text::path(&field.path, self.masks).into());
        object.insert("change".to_owned(), change.into());
        // A value of `null` is not the same as none.
        object.extend(old.map(|old| ("old".to_owned(), old)));
        object.extend(new.map(|new| ("new".to_owned(), new)));
        object.into()
    }

    fn value(&self, name: &str, value: &Value<'_>) -> serde_json::Value {
        match value {
            Value::Null => serde_json::Value::Null,
            Value::Bool(value) => (*value).into(),
            Value::Number(text) => text
                .parse::<Number>()
                .map_or_else(|_| serde_json::Value::String(text.to_string()), serde_json::Value::Number),
            Value::String(text) => self.masks.hide(&text::masked(name, text, self.masks)).into(),
            Value::Sealed(sealed) => sealed.to_string().into(),
            Value::List(items) => items.iter().map(|item| self.value(name, item)).collect(),
            Value::Map(entries) => {
                let variable = value.get("name").and_then(Value::as_str);
                let entry = |(key, inner): &(std::borrow::Cow<'_, str>, Value<'_>)| {
                    let name = if key == "value" { variable.unwrap_or("value") } else { key.as_ref() };
                    (key.to_string(), self.value(name, inner))
                };
                serde_json::Value::Object(entries.iter().map(entry).collect())
            }
        }
    }

    fn spec(&self, change: &SpecChange) -> serde_json::Value {
        let masked = |text: &Option<String>| text.as_ref().map(|text| self.masks.apply(text));
        let mut object = place(&change.place);
        if let Some(map) = object.as_object_mut() {
            map.insert("old".to_owned(), masked(&change.old).into());
            map.insert("new".to_owned(), masked(&change.new).into());
        }
        object
    }
}

fn cause(cause: &Cause) -> (&'static str, &[SpecChange], &[SpecPlace]) {
    match cause {
        Cause::Spec(changes) => ("spec", changes, &[]),
        Cause::Origin(places) => ("origin", &[], places),
        Cause::Entry(place) => ("entry", &[], std::slice::from_ref(place)),
        Cause::HandEdit => ("hand-edit", &[], &[]),
        Cause::Tool => ("tool", &[], &[]),
        Cause::Unknown => ("unknown", &[], &[]),
    }
}

fn place(place: &SpecPlace) -> serde_json::Value {
    json!({ "file": place.file, "line": place.line, "key": place.key })
}

fn id(id: &ObjectId) -> serde_json::Value {
    json!({ "kind": id.kind, "group": id.group, "namespace": id.namespace, "name": id.name })
}
