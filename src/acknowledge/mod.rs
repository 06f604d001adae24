//! Answers to what the checks question: a warning that the spec acknowledges, with a reason, is not given.
//!
//! Input: the diagnostics of all passes, and what the merge took out of the tables (`acknowledge = { CODE = "reason" }`).
//! An answer is for the warnings of its code whose place lies in its table; the nearest table is the one that a message
//! suggests. An answer to nothing is an error: what was questioned is gone, and the reason with it. What is an error cannot
//! be acknowledged. What a manifest says is in the table that names its file, `[manifests.NAME]`.
//!
//! A check whose finding may be meant as it is gives a warning, and names its code in its module's `WARNINGS`.

pub mod diags;

use crate::diag::{Code, Diagnostic, Place, Sink};
use crate::load::{Node, Value};
use crate::overlay::{Acknowledged, Language, Merged, Shape};
use crate::source::{NodeId, SourceMap};
use std::collections::{BTreeMap, BTreeSet};

/// Takes out the warnings that are acknowledged, and says of the others how they would be. `warnings` are the codes that
/// this run may have given as warnings, `all` those that there are.
pub fn apply(
    merged: &Merged,
    language: Language<'_>,
    sources: &SourceMap,
    (warnings, all): (&[&Code], &[&Code]),
    sink: &mut Sink,
) {
    if merged.acknowledged.is_empty() && !sink.has_warnings() {
        return;
    }
    let tables = Tables::of(&merged.root, language);
    let mut answered: BTreeSet<NodeId> = BTreeSet::new();
    sink.retain_warnings(|warning| {
        let Some(node) = node(warning, sources) else { return true };
        let around = tables.around(node);
        let answers: Vec<&Acknowledged> = merged
            .acknowledged
            .iter()
            .filter(|answer| answer.code == warning.code.id && around.contains_key(&answer.table))
            .collect();
        answered.extend(answers.iter().map(|answer| answer.node));
        if let (true, Some(path)) = (answers.is_empty(), tables.nearest(&around)) {
            warning.help.push(diags::how(warning.code, path));
        }
        answers.iter().all(|answer| answer.reason.trim().is_empty())
    });
    for answer in &merged.acknowledged {
        let diagnostic = if answer.reason.trim().is_empty() {
            diags::no_reason(answer)
        } else if !warnings.iter().any(|code| code.id == answer.code) {
            diags::no_warning(answer, warnings, all)
        } else if !answered.contains(&answer.node) {
            diags::of_nothing(answer)
        } else {
            continue;
        };
        sink.push(diagnostic);
    }
}

/// The value of the spec that a warning is about: of one in a manifest, what names its file.
fn node(warning: &Diagnostic, sources: &SourceMap) -> Option<NodeId> {
    let file = match warning.labels.first()?.place {
        Place::File(file) | Place::Line(file, _) => Some(file),
        ref place => place.span(sources).map(|span| span.file),
    };
    file.and_then(|file| sources.named_by(file)).or_else(|| warning.node())
}

/// The tables of a tree, each with its path and what is around it.
struct Tables {
    /// The tables in which a node is directly: those of a class are seen through each of its members.
    parents: BTreeMap<NodeId, Vec<NodeId>>,
    /// Paths of those in which `acknowledge` is a word and no key.
    paths: BTreeMap<NodeId, String>,
}

impl Tables {
    fn of(root: &Node, language: Language<'_>) -> Self {
        let mut tables = Tables { parents: BTreeMap::new(), paths: BTreeMap::new() };
        for entry in root.as_table().into_iter().flatten() {
            tables.collect(&entry.node, language.shape(&entry.key), &mut vec![key(&entry.key)]);
        }
        tables
    }

    fn collect(&mut self, node: &Node, shape: Shape, path: &mut Vec<String>) {
        let mut inside = |inner: &Node| self.parents.entry(inner.id).or_default().push(node.id);
        match &node.value {
            Value::Table(table) => {
                for entry in table {
                    inside(&entry.node);
                }
                if !matches!(shape, Shape::Free | Shape::Named(_)) {
                    self.paths.entry(node.id).or_insert_with(|| path.join("."));
                }
                for entry in table {
                    path.push(key(&entry.key));
                    self.collect(&entry.node, shape.of(&entry.key), path);
                    path.pop();
                }
            }
            Value::Array(items) => {
                items.iter().for_each(&mut inside);
                for item in items {
                    self.collect(item, Shape::Free, path);
                }
            }
            _ => {}
        }
    }

    /// A node and everything that it is in, each with its distance.
    fn around(&self, node: NodeId) -> BTreeMap<NodeId, usize> {
        let mut found = BTreeMap::from([(node, 0)]);
        let mut next = vec![node];
        let mut distance = 0;
        while !next.is_empty() {
            distance += 1;
            let outer: Vec<NodeId> =
                next.iter().filter_map(|inner| self.parents.get(inner)).flatten().copied().collect();
            next = outer.into_iter().filter(|outer| found.insert(*outer, distance).is_none()).collect();
        }
        found
    }

    /// The path of the innermost table of those around a node.
    fn nearest(&self, around: &BTreeMap<NodeId, usize>) -> Option<&str> {
        let nearest =
            around.iter().filter(|(id, _)| self.paths.contains_key(id)).min_by_key(|(_, distance)| **distance);
        nearest.and_then(|(id, _)| self.paths.get(id)).map(String::as_str)
    }
}

/// A key as TOML writes it.
fn key(text: &str) -> String {
    let bare = !text.is_empty() && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_');
    if bare { text.to_owned() } else { format!("{text:?}") }
}
