//! `dpjgen show ENV`: the resolved spec, every value with where it comes from.

use super::args::{ShowArgs, ShowFormat};
use super::output::Terminal;
use super::platform::Platform;
use super::{FAILED, show_json};
use crate::load::write::{self, key};
use crate::load::{Node, Table};
use crate::model::{DefaultValue, Model, Opener, Reason};
use crate::overlay::{ACKNOWLEDGE, Acknowledged};
use crate::source::{NodeId, SourceMap};
use crate::{Compilation, Compiled, Request, compile};
use std::collections::BTreeMap;
use std::fmt::Write as _;

pub(super) fn run(args: &ShowArgs, terminal: Terminal) -> u8 {
    let platform = Platform::at(&args.spec.spec);
    let request = Request { spec: &platform.spec, environment: &args.environment, record_defaults: true };
    let Compilation { sources, diagnostics, compiled } = compile(&platform.files, request);
    terminal.report(&diagnostics, &sources, compiled.is_none().then_some("nothing can be shown"));
    let Some(compiled) = compiled else { return FAILED };
    let text = match args.format {
        ShowFormat::Toml => toml(&compiled, &sources),
        ShowFormat::Json => show_json::render(&compiled, &sources),
    };
    terminal.print(text.as_bytes())
}

/// The column at which origins stand, where values leave room for it.
const ORIGIN_COLUMN: usize = 56;

fn toml(compiled: &Compiled, sources: &SourceMap) -> String {
    let mut defaults: BTreeMap<NodeId, Vec<&DefaultValue>> = BTreeMap::new();
    for default in &compiled.model.defaults {
        defaults.entry(default.table).or_default().push(default);
    }
    let mut acknowledged: BTreeMap<NodeId, Vec<&Acknowledged>> = BTreeMap::new();
    for answer in &compiled.merged.acknowledged {
        acknowledged.entry(answer.table).or_default().push(answer);
    }
    let mut shown = Toml { out: String::new(), sources, defaults, acknowledged };
    let _ =
        writeln!(shown.out, "# {}, environment {}", compiled.model.platform.name, compiled.model.platform.environment);
    if let Some(root) = compiled.merged.root.as_table() {
        shown.table(&mut Vec::new(), compiled.merged.root.id, root);
    }
    for disabled in &compiled.merged.disabled {
        let _ = writeln!(shown.out, "\n# {}.{} is switched off", disabled.section, disabled.name);
        shown.origin(disabled.by);
    }
    shown.connections(&compiled.model);
    shown.out
}

struct Toml<'a> {
    out: String,
    sources: &'a SourceMap,
    defaults: BTreeMap<NodeId, Vec<&'a DefaultValue>>,
    acknowledged: BTreeMap<NodeId, Vec<&'a Acknowledged>>,
}

impl Toml<'_> {
    fn table(&mut self, path: &mut Vec<String>, id: NodeId, table: &Table) {
        let (tables, values): (Vec<_>, Vec<_>) = table.iter().partition(|entry| entry.node.as_table().is_some());
        let defaults = self.defaults.remove(&id).unwrap_or_default();
        let answers = self.acknowledged.remove(&id).unwrap_or_default();
        let nothing = values.is_empty() && defaults.is_empty() && answers.is_empty();
        if !path.is_empty() && (!nothing || tables.is_empty()) {
            let _ = writeln!(self.out, "\n[{}]", path.join("."));
        }
        for entry in values {
            let line = format!("{} = {}", key(&entry.key), value(&entry.node));
            self.line(&line, &self.describe(entry.node.id));
        }
        for default in defaults {
            self.line(&format!("{} = {}", default.key, default.value), "default");
        }
        for answer in answers {
            let line = format!("{ACKNOWLEDGE}.{} = {}", key(&answer.code), write::string(&answer.reason));
            self.line(&line, &self.describe(answer.node));
        }
        for entry in tables {
            if let Some(inner) = entry.node.as_table() {
                path.push(key(&entry.key));
                self.table(path, entry.node.id, inner);
                path.pop();
            }
        }
    }

    fn line(&mut self, line: &str, origin: &str) {
        let _ = writeln!(self.out, "{line:ORIGIN_COLUMN$} # {origin}");
    }

    fn describe(&self, node: NodeId) -> String {
        self.sources.spans(node).map_or_else(String::new, |spans| self.sources.describe(spans.value))
    }

    fn origin(&mut self, node: NodeId) {
        let _ = writeln!(self.out, "#   {}", self.describe(node));
    }

    fn connections(&mut self, model: &Model) {
        let _ = writeln!(self.out, "\n# Connections, declared and implied");
        for line in connections(model, self.sources) {
            let text = format!("# {} -> {} {}/{}", line.from, line.to, line.port, line.protocol);
            self.line(&text, &line.because);
        }
    }
}

/// A connection for people.
pub(super) struct ConnectionLine {
    pub(super) from: String,
    pub(super) to: String,
    pub(super) port: u16,
    pub(super) protocol: String,
    pub(super) declared: bool,
    pub(super) because: String,
}

/// All connections, by who opens them.
pub(super) fn connections(model: &Model, sources: &SourceMap) -> Vec<ConnectionLine> {
    let mut lines: Vec<ConnectionLine> = Vec::new();
    for (_, connection) in model.connections.iter() {
        let (Some(target), from) = (model.targets.get(connection.to), connection.from) else { continue };
        let Some(port) = target.ports.get(connection.port) else { continue };
        let from = match from {
            Opener::Workload(id) => model.workloads.get(id).map(|workload| workload.key.clone()),
            Opener::Namespace(id) => {
                model.namespaces.get(id).map(|namespace| format!("every pod of {}", namespace.name))
            }
        };
        let place = connection.node.and_then(|node| sources.spans(node)).map(|spans| sources.describe(spans.key));
        let because = match connection.reason {
            Reason::Declared => place.unwrap_or_default(),
            Reason::Implied(because) => format!("implied: {because}"),
        };
        lines.push(ConnectionLine {
            from: from.unwrap_or_default(),
            to: target.name.clone(),
            port: port.port,
            protocol: port.protocol.to_string(),
            declared: connection.reason == Reason::Declared,
            because,
        });
    }
    let key = |line: &ConnectionLine| {
        (line.from.clone(), line.to.clone(), line.port, line.protocol.clone(), line.declared, line.because.clone())
    };
    lines.sort_by_cached_key(key);
    // Several entries may imply the same.
    lines.dedup_by_key(|line| key(line));
    lines
}

fn value(node: &Node) -> String {
    write::value(node, "", &|_, text| write::string(text))
}
