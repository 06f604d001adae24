//! `include = ["data.toml", …]`: a big platform is split over files, and no key is stated twice.

use super::{Node, Value, diags, parse};
use crate::diag::Sink;
use crate::files::Files;
use crate::source::{Layer, SourceMap};
use smol_str::SmolStr;

/// Reads the files that `root` includes and adds what they state. Included files do not include others: one place says
/// what a platform is made of.
pub(super) fn resolve(files: &dyn Files, spec: &str, root: &mut Node, sources: &mut SourceMap, sink: &mut Sink) {
    let Some(include) = root.as_table_mut().and_then(|table| table.remove("include")) else { return };
    let Value::Array(items) = &include.value else {
        sink.push(diags::include_type(&include));
        return;
    };
    let folder = spec.rsplit_once('/').map_or("", |(folder, _)| folder);
    let mut seen: Vec<(&str, &Node)> = Vec::new();
    for item in items {
        let Some(name) = item.as_str() else {
            sink.push(diags::include_type(item));
            continue;
        };
        if let Some((_, first)) = seen.iter().find(|(other, _)| *other == name) {
            sink.push(diags::include_twice(name, item.id, first.id));
            continue;
        }
        seen.push((name, item));
        let path = if folder.is_empty() { name.to_owned() } else { format!("{folder}/{name}") };
        if path == spec {
            sink.push(diags::include_itself(name, item.id));
            continue;
        }
        let Some(part) = parse::read(files, &path, Layer::Base, Some(item.id), sources, sink) else { continue };
        if let Some(nested) = part.as_table().and_then(|table| table.get("include")) {
            sink.push(diags::include_nested(nested.id));
            continue;
        }
        unite(root, part, &mut Vec::new(), sink);
    }
}

/// Adds the keys of `part`. Tables unite; anything else may stand only once.
fn unite(root: &mut Node, part: Node, path: &mut Vec<SmolStr>, sink: &mut Sink) {
    let (Value::Table(into), Value::Table(from)) = (&mut root.value, part.value) else { return };
    for entry in from.into_entries() {
        path.push(entry.key.clone());
        match into.get_mut(&entry.key) {
            None => {
                into.insert(entry.key, entry.node);
            }
            Some(existing) => {
                if existing.as_table().is_some() && entry.node.as_table().is_some() {
                    unite(existing, entry.node, path, sink);
                } else {
                    sink.push(diags::stated_twice(&path.join("."), entry.node.id, existing.id));
                }
            }
        }
        path.pop();
    }
}
