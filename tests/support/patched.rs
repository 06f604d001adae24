//! The change of a case as patches of a spec: what differs is a key of its own, with the old value or the new one.

use crate::support::spec::inline;
use dpjgen::diff::{Edit, Fate, FieldChange, Segment, compare};
use dpjgen::manifest::{Manifest, Value};
use serde_json::Value as Json;
use std::collections::BTreeMap;
use std::fmt::Write as _;

/// What both states have in common, as manifests in JSON, and the patches of each.
pub struct Patched {
    pub manifests: String,
    pub patches: [String; 2],
}

/// A place in an object, as steps of a merge, with what it says before and after.
type Leaves = BTreeMap<Vec<String>, [Option<Json>; 2]>;

/// `None` where patches cannot say it: objects that come and go, Secrets, `null`.
pub fn patched(old: &[Manifest<'_>], new: &[Manifest<'_>]) -> Option<Patched> {
    let changes = compare(old, new).ok()?;
    let mut objects: BTreeMap<_, Json> = BTreeMap::new();
    for manifest in old {
        objects.insert(manifest.id.clone(), json(&manifest.value)?);
    }
    let mut patches = [String::new(), String::new()];
    for (number, change) in changes.iter().enumerate() {
        let (Fate::Changed, Some(before), Some(after)) = (&change.fate, change.old, change.new) else { return None };
        let mut leaves = Leaves::new();
        for field in &change.fields {
            let (path, values) = leaf(field, &before.value, &after.value)?;
            leaves.insert(path, values);
        }
        // What only one state has is in no state's manifests.
        let object = objects.get_mut(&before.id)?;
        for path in leaves.iter().filter(|(_, [_, new])| new.is_none()).map(|(path, _)| path) {
            remove(object, path)?;
        }
        let id = &change.id;
        let namespace = id.namespace.as_ref().map_or_else(String::new, |name| format!(", namespace = \"{name}\""));
        let target =
            format!("{{ kind = \"{}\", group = \"{}\"{namespace}, name = \"{}\" }}", id.kind, id.group, id.name);
        for (side, text) in patches.iter_mut().enumerate() {
            let lines: Vec<String> = leaves
                .iter()
                .filter_map(|(path, values)| {
                    let value = values[side].as_ref()?;
                    Some(format!("{} = {}\n", dotted(path), inline(value, &mut |_| {})))
                })
                .collect();
            if !lines.is_empty() {
                let name = format!("change-{}", number + 1);
                write!(text, "\n[patches.{name}]\ntarget = {target}\n\n[patches.{name}.merge]\n{}", lines.concat())
                    .ok()?;
            }
        }
    }
    let mut manifests = String::new();
    for object in objects.values() {
        writeln!(manifests, "{object}").ok()?;
    }
    (!changes.is_empty()).then_some(Patched { manifests, patches })
}

/// The place of a field, as far as a merge can say it; of a list whose items have no names, the list.
fn leaf(field: &FieldChange<'_>, old: &Value<'_>, new: &Value<'_>) -> Option<(Vec<String>, [Option<Json>; 2])> {
    let mut path = Vec::new();
    let (mut old, mut new) = (Some(old), Some(new));
    let mut segments = field.path.iter().peekable();
    while let Some(segment) = segments.next() {
        let step = match segment {
            Segment::Key(key) => {
                (old, new) = (old.and_then(|value| value.get(key)), new.and_then(|value| value.get(key)));
                key.clone()
            }
            Segment::Item { by, is } if by.len() == 1 && segments.peek().is_some() => {
                let item = |list: Option<&Value<'_>>| {
                    list?.items().iter().position(|item| item.get(by[0]).and_then(Value::as_str) == Some(is))
                };
                let (before, after) = (item(old)?, item(new)?);
                (old, new) = (old?.items().get(before), new?.items().get(after));
                format!("[{}={is}]", by[0])
            }
            Segment::Item { .. } | Segment::Index(_) => break,
        };
        path.push(step);
        let is_list = |value: Option<&Value<'_>>| matches!(value, Some(Value::List(_)));
        let is_order = segments.peek().is_none() && matches!(field.edit, Edit::Reordered { .. });
        if is_order && is_list(old) {
            break;
        }
    }
    let side = |value: Option<&Value<'_>>| match value {
        None => Some(None),
        Some(value) => json(value).map(Some),
    };
    Some((path, [side(old)?, side(new)?]))
}

/// Takes out what is at a path.
fn remove(object: &mut Json, path: &[String]) -> Option<()> {
    let (last, front) = path.split_last()?;
    let mut at = object;
    for step in front {
        at = match step.strip_prefix('[').and_then(|step| step.strip_suffix(']')) {
            Some(item) => {
                let (key, is) = item.split_once('=')?;
                at.as_array_mut()?.iter_mut().find(|item| item[key] == is)?
            }
            None => at.get_mut(step)?,
        };
    }
    at.as_object_mut()?.remove(last).map(drop)
}

/// A value without what TOML cannot say and what must not be shown.
fn json(value: &Value<'_>) -> Option<Json> {
    Some(match value {
        Value::Null | Value::Sealed(_) => return None,
        Value::Bool(value) => Json::Bool(*value),
        Value::Number(number) => serde_json::from_str(number).ok()?,
        Value::String(text) => Json::String(text.to_string()),
        Value::List(items) => Json::Array(items.iter().map(json).collect::<Option<_>>()?),
        Value::Map(entries) => {
            let entry = |(key, value): &(_, Value<'_>)| Some((ToString::to_string(key), json(value)?));
            Json::Object(entries.iter().map(entry).collect::<Option<_>>()?)
        }
    })
}

fn dotted(path: &[String]) -> String {
    let is_bare = |step: &str| step.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_');
    let key = |step: &String| if is_bare(step) { step.clone() } else { Json::String(step.clone()).to_string() };
    path.iter().map(key).collect::<Vec<_>>().join(".")
}
