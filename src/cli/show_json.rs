//! `dpjgen show ENV --format json`.

use super::show::connections;
use crate::Compiled;
use crate::load::{Node, Value};
use crate::overlay::ACKNOWLEDGE;
use crate::source::{NodeId, SourceMap};
use serde_json::{Map, Value as Json, json};
use std::collections::BTreeMap;

/// Version 1: `values` is the list of leaves by path, each with `file`, `line` and `column` or with `default: true`.
pub(super) fn render(compiled: &Compiled, sources: &SourceMap) -> String {
    let mut values = Vec::new();
    let mut tables = BTreeMap::new();
    collect(&compiled.merged.root, &mut Vec::new(), sources, &mut values, &mut tables);
    for default in &compiled.model.defaults {
        let mut path: Vec<String> = tables.get(&default.table).cloned().unwrap_or_default();
        path.extend(default.key.split('.').map(str::to_owned));
        // Defaults are written as TOML; those that are used are JSON too.
        let value: Json = serde_json::from_str(&default.value).unwrap_or_else(|_| json!(default.value));
        values.push((path.clone(), json!({ "path": path, "value": value, "default": true })));
    }
    for answer in &compiled.merged.acknowledged {
        let mut path: Vec<String> = tables.get(&answer.table).cloned().unwrap_or_default();
        path.extend([ACKNOWLEDGE.to_owned(), answer.code.clone()]);
        values.push((path.clone(), leaf(&path, json!(answer.reason), answer.node, sources)));
    }
    values.sort_by(|a, b| a.0.cmp(&b.0));
    let values: Vec<Json> = values.into_iter().map(|(_, value)| value).collect();
    let connections: Vec<Json> = connections(&compiled.model, sources)
        .into_iter()
        .map(|c| {
            json!({ "from": c.from, "to": c.to, "port": c.port, "protocol": c.protocol, "declared": c.declared,
                    "because": c.because })
        })
        .collect();
    let shown = json!({
        "version": 1,
        "platform": compiled.model.platform.name,
        "environment": compiled.model.platform.environment,
        "values": values,
        "connections": connections,
        "disabled": compiled.merged.disabled.iter().map(|d| format!("{}.{}", d.section, d.name)).collect::<Vec<_>>(),
    });
    format!("{}\n", serde_json::to_string_pretty(&shown).unwrap_or_default())
}

type Shown = (Vec<String>, Json);

fn collect(
    node: &Node,
    path: &mut Vec<String>,
    sources: &SourceMap,
    values: &mut Vec<Shown>,
    tables: &mut BTreeMap<NodeId, Vec<String>>,
) {
    if let Value::Table(table) = &node.value {
        tables.insert(node.id, path.clone());
        for entry in table {
            path.push(entry.key.to_string());
            collect(&entry.node, path, sources, values, tables);
            path.pop();
        }
        return;
    }
    values.push((path.clone(), leaf(path, to_json(node), node.id, sources)));
}

fn leaf(path: &[String], value: Json, node: NodeId, sources: &SourceMap) -> Json {
    let mut shown = Map::new();
    shown.insert("path".to_owned(), json!(path));
    shown.insert("value".to_owned(), value);
    if let Some(spans) = sources.spans(node) {
        let place = sources.line_col(spans.value);
        let file = sources.file(spans.value.file).map(|file| file.path.clone());
        shown.insert("file".to_owned(), json!(file));
        shown.insert("line".to_owned(), json!(place.line));
        shown.insert("column".to_owned(), json!(place.column));
    }
    Json::Object(shown)
}

fn to_json(node: &Node) -> Json {
    match &node.value {
        Value::String(text) | Value::Datetime(text) => json!(text.as_str()),
        Value::Integer(integer) => json!(integer),
        Value::Float(float) => json!(float),
        Value::Boolean(boolean) => json!(boolean),
        Value::Array(items) => items.iter().map(to_json).collect(),
        Value::Table(table) => Json::Object(table.iter().map(|e| (e.key.to_string(), to_json(&e.node))).collect()),
    }
}
