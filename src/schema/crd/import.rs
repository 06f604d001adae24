//! Files with CRDs in, files to store out.

use super::read::{self, Unreadable};
use super::strip::{self, Stripped};
use super::{diags, json};
use crate::diag::{Diagnostic, Place, Sink};
use crate::files::{ReadError, Tree};
use crate::source::{Layer, SourceFile, SourceMap, Span};
use serde_json::Value;
use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

/// Collects the CRDs of several files. All that is wrong with any of them is reported.
#[derive(Debug, Default)]
pub struct Import {
    /// By name, with the file that it came from.
    crds: BTreeMap<String, (Stripped, String)>,
    /// Documents that are no CRDs, by kind.
    skipped: BTreeMap<String, usize>,
    inputs: usize,
    sources: SourceMap,
    sink: Sink,
}

/// What an import gives.
#[derive(Debug)]
pub struct Imported {
    /// The files to store, relative to the folder `schemas`; `None` after an error.
    pub tree: Option<Tree>,
    /// The CRDs' names, sorted.
    pub names: Vec<String>,
    /// How many documents were passed over because they are no CRDs, by kind.
    pub skipped: BTreeMap<String, usize>,
    /// The files with syntax errors.
    pub sources: SourceMap,
    /// What is to be said.
    pub diagnostics: Vec<Diagnostic>,
}

/// One input.
type Input<'a> = (&'a str, &'a [u8]);

impl Import {
    /// Adds files by the names that messages give them, in parallel where the machine can.
    pub fn add(&mut self, inputs: &[Input<'_>]) {
        let threads = std::thread::available_parallelism().map_or(1, std::num::NonZero::get).min(inputs.len());
        let next = std::sync::atomic::AtomicUsize::new(0);
        let work = || {
            let mut done = Vec::new();
            while let Some((name, bytes)) = inputs.get(next.fetch_add(1, std::sync::atomic::Ordering::Relaxed)) {
                done.push((*name, *bytes, taken_apart(bytes)));
            }
            done
        };
        // In the order of the names, not in that in which the threads were ready.
        let mut read: Vec<_> = if threads > 1 {
            std::thread::scope(|scope| {
                let workers: Vec<_> = (0..threads).map(|_| scope.spawn(work)).collect();
                workers.into_iter().filter_map(|worker| worker.join().ok()).flatten().collect()
            })
        } else {
            work()
        };
        read.sort_by_key(|(name, ..)| *name);
        for (name, bytes, parts) in read {
            self.file(name, bytes, parts);
        }
    }

    /// Notes an input that could not be read.
    pub fn unreadable(&mut self, name: &str, error: &ReadError) {
        self.sink.push(diags::unreadable(name, error));
    }

    fn file(&mut self, name: &str, bytes: &[u8], parts: Result<Vec<Part>, Unreadable>) {
        self.inputs += 1;
        let parts = match parts {
            Ok(parts) => parts,
            Err(error) => {
                let place = self.place(name, bytes, &error);
                self.sink.push(diags::not_read(name, &error, place));
                return;
            }
        };
        for part in parts {
            match part {
                Part::Other(kind) => *self.skipped.entry(kind).or_default() += 1,
                Part::Unusable(unusable, crd) => {
                    self.sink.push(diags::unusable(name, crd.as_deref(), &unusable));
                }
                Part::Crd(crd) => match self.crds.entry(crd.name.clone()) {
                    Entry::Vacant(entry) => {
                        entry.insert((crd, name.to_owned()));
                    }
                    Entry::Occupied(entry) => {
                        let (first, file) = entry.get();
                        if first.value != crd.value {
                            self.sink.push(diags::two(&crd.name, name, file));
                        }
                    }
                },
            }
        }
    }

    /// The place of a syntax error: its line if the parser knows it.
    fn place(&mut self, name: &str, bytes: &[u8], error: &Unreadable) -> Place {
        let (Unreadable::Syntax { at: Some((line, column)), .. }, Ok(text)) = (error, read::text(bytes)) else {
            return Place::Path(name.to_owned());
        };
        let start: usize = text.split_inclusive('\n').take(line - 1).map(str::len).sum();
        let rest = text.get(start..).unwrap_or_default().lines().next().unwrap_or_default();
        let within: usize = rest.chars().take(column - 1).map(char::len_utf8).sum();
        let one = rest.get(within..).and_then(|rest| rest.chars().next()).map_or(0, char::len_utf8);
        let offset = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
        let (start, end) = (offset(start + within), offset(start + within + one));
        let file = SourceFile { path: name.to_owned(), text: text.to_owned(), layer: Layer::Base };
        Place::Span(Span { file: self.sources.add(file), start, end })
    }

    /// Compiles every schema and gives what is to be stored, unless something was wrong.
    pub fn finish(mut self) -> Imported {
        if self.crds.is_empty() && !self.sink.has_errors() {
            self.sink.push(diags::no_crd(self.inputs, &kinds(&self.skipped)));
        }
        let mut tree = Tree::new();
        for (name, (crd, file)) in &self.crds {
            for (version, error) in not_compiled(&crd.value) {
                self.sink.push(diags::not_compiled(file, name, &version, &error));
            }
            if let Err(error) = tree.insert(crd.path.clone(), json::write(&crd.value)) {
                self.sink.push(diags::no_path(name, file, &error));
            }
        }
        Imported {
            tree: (!self.sink.has_errors()).then_some(tree),
            names: self.crds.into_keys().collect(),
            skipped: self.skipped,
            diagnostics: self.sink.into_sorted(&self.sources),
            sources: self.sources,
        }
    }
}

impl Imported {
    /// `3 ConfigMap, 1 Service`: what was passed over; empty if nothing was.
    pub fn skipped_kinds(&self) -> String {
        kinds(&self.skipped)
    }
}

fn kinds(skipped: &BTreeMap<String, usize>) -> String {
    let parts: Vec<String> = skipped.iter().map(|(kind, count)| format!("{count} {kind}")).collect();
    parts.join(", ")
}

/// What a document is.
enum Part {
    Crd(Stripped),
    Unusable(strip::Unusable, Option<String>),
    Other(String),
}

fn taken_apart(bytes: &[u8]) -> Result<Vec<Part>, Unreadable> {
    let mut parts = Vec::new();
    for document in read::documents(read::text(bytes)?)? {
        sort_out(document, &mut parts);
    }
    Ok(parts)
}

const CRD: &str = "CustomResourceDefinition";

/// A `List` holds documents; that of the CRD's own kind leaves their kind out.
fn sort_out(mut document: Value, parts: &mut Vec<Part>) {
    let kind = document.get("kind").and_then(Value::as_str).unwrap_or_default().to_owned();
    match kind.as_str() {
        CRD => parts.push(match strip::strip(document) {
            Ok(crd) => Part::Crd(crd),
            Err((unusable, name)) => Part::Unusable(unusable, name),
        }),
        "List" | "CustomResourceDefinitionList" => {
            let version = document.get("apiVersion").cloned().unwrap_or_default();
            let items = document.get_mut("items").and_then(Value::as_array_mut).map(std::mem::take).unwrap_or_default();
            for mut item in items {
                if kind != "List"
                    && let Some(item) = item.as_object_mut()
                {
                    item.entry("kind").or_insert_with(|| CRD.into());
                    item.entry("apiVersion").or_insert_with(|| version.clone());
                }
                // A list in a list is nothing that kubectl prints; it is counted and not followed.
                match item.get("kind").and_then(Value::as_str) {
                    Some("List" | "CustomResourceDefinitionList") => parts.push(Part::Other(kind.clone())),
                    _ => sort_out(item, parts),
                }
            }
        }
        "" => parts.push(Part::Other("without a kind".to_owned())),
        _ => parts.push(Part::Other(kind)),
    }
}

fn not_compiled(crd: &Value) -> Vec<(String, String)> {
    let versions = crd.get("versions").and_then(Value::as_array).into_iter().flatten();
    let faults = versions.filter_map(|version| {
        let name = version.get("name").and_then(Value::as_str).unwrap_or_default().to_owned();
        let error = super::definition::compile(version.get("schema")?).err()?;
        Some((name, error.to_string()))
    });
    faults.collect()
}
