//! What construction does not guarantee is held against the schemas: of Kubernetes, at the platform's minimum and at
//! the newest version, or of the CRDs that were imported.
//!
//! Nothing of them is read before an object needs it.

use super::diags;
use super::node::Node;
use super::operations::Removed;
use crate::diag::{Diagnostic, Place, Sink};
use crate::files::Files;
use crate::k8s::{Gvk, Identity};
use crate::schema::crd::{Definition, Scope, Store};
use crate::schema::{self, Finding, FindingKind, PathSegment, Validator, Verdict};
use crate::source::NodeId;
use crate::value::KubernetesVersion;
use serde_json::{Value, json};
use std::cell::OnceCell;

/// The schemas of a platform.
pub(super) struct Schemas<'a> {
    files: &'a dyn Files,
    minimum: KubernetesVersion,
    crds: OnceCell<(Store, Vec<Diagnostic>)>,
}

/// An object, and where what is wrong with it is said.
pub(super) struct Subject<'a> {
    pub(super) object: &'a Node,
    pub(super) identity: Identity<'a>,
    /// What a patch removed from it.
    pub(super) removed: &'a Removed,
    /// The entry to point at when no place in it is known.
    pub(super) owner: Place,
    /// Whether somebody states all or a part of it: then it is said when it is not checked.
    pub(super) stated: bool,
}

impl<'a> Schemas<'a> {
    pub(super) fn new(files: &'a dyn Files, minimum: KubernetesVersion) -> Self {
        Schemas { files, minimum, crds: OnceCell::new() }
    }

    /// The imported CRDs.
    pub(super) fn crds(&self) -> &Store {
        &self.crds.get_or_init(|| Store::load(self.files)).0
    }

    /// What was wrong with the stored CRDs, if they were needed.
    pub(super) fn faults(self) -> Vec<Diagnostic> {
        self.crds.into_inner().map_or_else(Vec::new, |(_, faults)| faults)
    }

    /// Reports all that the schemas find.
    pub(super) fn check(&self, gvk: Gvk<'_>, subject: &Subject<'_>, sink: &mut Sink) {
        let json = subject.object.to_tree().to_json();
        if gvk.is_core() { self.core(gvk, &json, subject, sink) } else { self.custom(gvk, &json, subject, sink) }
    }

    fn core(&self, gvk: Gvk<'_>, json: &Value, subject: &Subject<'_>, sink: &mut Sink) {
        let newest = *schema::versions().end();
        let minimum = self.minimum.min(newest);
        let of_newest = schema::validate_core(newest, json);
        let of_minimum = schema::validate_core(minimum, json);
        let (of_newest, of_minimum) = match (of_newest, of_minimum) {
            (Verdict::Findings(newest), Verdict::Findings(minimum)) => (newest, minimum),
            (of_newest, _) => {
                let having = schema::kind_versions(gvk.api_version, gvk.kind);
                let version = if of_newest == Verdict::NoSuchKind { newest } else { minimum };
                sink.push(diags::kind(gvk, (version, minimum), &having, subject.field(&["kind"])));
                return;
            }
        };
        let same = |a: &Finding, b: &Finding| a.path == b.path && a.kind == b.kind;
        for finding in &of_newest {
            let place = subject.place(finding);
            if of_minimum.iter().any(|other| same(finding, other)) {
                sink.push(diags::finding(finding, &subject.identity, place));
            } else {
                sink.push(diags::version(finding, &subject.identity, (newest, minimum), place));
            }
        }
        for finding in of_minimum.iter().filter(|finding| !of_newest.iter().any(|other| same(finding, other))) {
            let place = subject.place(finding);
            sink.push(diags::version(finding, &subject.identity, (minimum, minimum), place));
        }
    }

    fn custom(&self, gvk: Gvk<'_>, json: &Value, subject: &Subject<'_>, sink: &mut Sink) {
        let version = gvk.api_version.rsplit('/').next().unwrap_or_default();
        let crds = self.crds();
        let Some(definition) = crds.find(gvk.group, gvk.kind, version).filter(|definition| definition.served) else {
            let served: Vec<&str> =
                crds.versions(gvk.group, gvk.kind).filter(|d| d.served).map(|d| d.version.as_str()).collect();
            let mut kinds = crds.iter().filter(|d| d.group == gvk.group).map(|d| d.kind.as_str()).peekable();
            if !served.is_empty() {
                sink.push(diags::no_version(gvk, &served, subject.field(&["apiVersion"])));
            } else if kinds.peek().is_some() {
                sink.push(diags::no_crd(gvk, kinds, subject.field(&["kind"])));
            } else if subject.stated {
                sink.push(diags::not_checked(gvk, subject.field(&["kind"])));
                // Metadata is the same everywhere.
                let open =
                    Validator::from_schema(&json!({"type": "object", "x-kubernetes-preserve-unknown-fields": true}));
                subject.report(open.map(|open| open.findings(json)).unwrap_or_default(), sink);
            }
            return;
        };
        match definition.findings(json) {
            Ok(findings) if findings.is_empty() => subject.rules(definition, json, sink),
            Ok(findings) => subject.report(findings, sink),
            Err(fault) => sink.push(diags::bad_schema(&fault.to_string(), gvk, subject.field(&["kind"]))),
        }
    }

    /// Whether objects of a kind live in namespaces, as far as it is known.
    pub(super) fn is_namespaced(&self, gvk: Gvk<'_>) -> Option<bool> {
        let imported = || self.crds().versions(gvk.group, gvk.kind).next().map(|d| d.scope == Scope::Namespaced);
        crate::k8s::is_namespaced(gvk).or_else(imported)
    }
}

impl Subject<'_> {
    fn report(&self, findings: Vec<Finding>, sink: &mut Sink) {
        for finding in findings {
            let place = self.place(&finding);
            let diagnostic = diags::finding(&finding, &self.identity, place);
            sink.push(if self.stated { diagnostic } else { diags::of_another_release(diagnostic) });
        }
    }

    /// Evaluates the rules of a CRD; for an object whose fields are as they should be.
    fn rules(&self, definition: &Definition, json: &Value, sink: &mut Sink) {
        let report = definition.rules(json, None);
        for finding in &report.broken {
            let diagnostic = diags::rule(finding, &self.identity, self.place(finding));
            sink.push(if self.stated { diagnostic } else { diags::of_another_release(diagnostic) });
        }
        for rule in &report.not_evaluated {
            sink.push(diags::rule_not_checked(rule, &self.identity, self.at(&rule.path)));
        }
    }

    /// The place of a field that a manifest states; of what the compiler made, its entry.
    fn field(&self, path: &[&str]) -> Place {
        self.object.at(path).and_then(|node| node.at).map_or_else(|| self.owner.clone(), Place::Value)
    }

    fn place(&self, finding: &Finding) -> Place {
        match &finding.kind {
            FindingKind::UnknownField { .. } => match self.object.find(&finding.path).and_then(|node| node.at) {
                Some(node) => Place::Key(node),
                None => self.at(&finding.path),
            },
            FindingKind::Missing { field } => {
                let path: Vec<PathSegment> =
                    finding.path.iter().cloned().chain([PathSegment::Key(field.clone())]).collect();
                let gone = self.removed.iter().find(|(removed, _)| *removed == path);
                gone.map_or_else(|| self.at(&finding.path), |(_, node)| Place::Value(*node))
            }
            _ => self.at(&finding.path),
        }
    }

    /// Who states what is at a path: it itself, something in it, or what it is in.
    fn at(&self, path: &[PathSegment]) -> Place {
        let own = self.object.find(path);
        let inside = || own.and_then(Node::stated);
        let around = || -> Option<NodeId> {
            let ancestors = (0..path.len()).rev().filter_map(|length| path.get(..length));
            ancestors.filter_map(|path| self.object.find(path)).find_map(|node| node.at)
        };
        let gone = || self.removed.iter().find(|(removed, _)| removed.starts_with(path)).map(|(_, node)| *node);
        own.and_then(|node| node.at)
            .or_else(inside)
            .or_else(gone)
            .or_else(around)
            .map_or_else(|| self.owner.clone(), Place::Value)
    }
}
