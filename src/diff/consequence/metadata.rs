//! Labels and annotations of objects: most are for readers, some are read by others.

use super::effect::keys;
use super::found;
use super::subject::Subject;
use super::words::list;
use crate::diff::change::{Class, Consequence};
use crate::manifest::Value;

/// What describes, and nobody acts on.
const INERT: [&str; 14] = [
    "app.kubernetes.io/component",
    "app.kubernetes.io/created-by",
    "app.kubernetes.io/managed-by",
    "app.kubernetes.io/part-of",
    "app.kubernetes.io/version",
    "argocd.argoproj.io/sync-wave",
    "argocd.argoproj.io/tracking-id",
    "deployment.kubernetes.io/",
    "dpjgen.io/",
    "helm.sh/",
    "kubectl.kubernetes.io/last-applied-configuration",
    "kubernetes.io/change-cause",
    "kubernetes.io/description",
    "meta.helm.sh/",
];

/// Kinds that others find by their labels.
const FOUND_BY_LABELS: [&str; 17] = [
    "AlertmanagerConfig",
    "ConfigMap",
    "GlobalNetworkSet",
    "HostEndpoint",
    "IPPool",
    "Namespace",
    "NetworkSet",
    "PersistentVolume",
    "Pod",
    "PodMonitor",
    "Probe",
    "PrometheusRule",
    "ScrapeConfig",
    "Secret",
    "Service",
    "ServiceAccount",
    "ServiceMonitor",
];

/// Whether nothing changed but labels and annotations that describe: no other rule has anything to say of those. That all
/// objects get another label of a version is the most frequent change there is.
pub(super) fn only_describes(subject: &Subject<'_>) -> bool {
    let describes = |index: usize| match keys(subject, index).as_slice() {
        ["metadata", "labels" | "annotations", name] => INERT.iter().any(|prefix| name.starts_with(prefix)),
        _ => false,
    };
    subject.is_changed() && (0..subject.fields.len()).all(describes)
}

/// Speaks of the fields of metadata that no rule has spoken of.
pub(super) fn rule(subject: &Subject<'_>, fields: &[usize], out: &mut Vec<Consequence>) {
    let (mut inert, mut labels, mut annotations) = (Names::default(), Names::default(), Names::default());
    let mut version = Vec::new();
    for index in fields {
        match keys(subject, *index).as_slice() {
            ["metadata", part @ ("labels" | "annotations"), rest @ ..] => {
                for name in named(subject, part, rest.first().copied()) {
                    let is_inert = INERT.iter().any(|prefix| name.starts_with(prefix));
                    let to = match *part {
                        // Any label may be selected by, those that describe as well.
                        "labels" if FOUND_BY_LABELS.contains(&subject.id.kind.as_str()) => &mut labels,
                        "annotations" if !is_inert && name.contains('/') => &mut annotations,
                        _ => &mut inert,
                    };
                    to.add(name, *index);
                }
            }
            ["metadata", other, ..] => inert.add((*other).to_owned(), *index),
            ["metadata"] => inert.add("all of it".to_owned(), *index),
            _ => version.push(*index),
        }
    }
    if !annotations.names.is_empty() {
        let text = format!("nothing restarts, but a controller that reads {} may act on it", list(&annotations.names));
        out.push(found(Class::InPlace, text, annotations.fields));
    }
    if !labels.names.is_empty() {
        let who = match subject.id.kind.as_str() {
            "Namespace" => "network policies and webhooks that select namespaces by it",
            "Service" => "monitors and others that select Services by it",
            "Pod" => "Services and policies that select pods by it",
            _ => "what selects it by that label",
        };
        let text = format!("nothing restarts, but {who} may find it, or no longer ({})", list(&labels.names));
        out.push(found(Class::InPlace, text, labels.fields));
    }
    if !inert.names.is_empty() {
        let text = format!("metadata only ({}): nothing that runs notices", list(&inert.names));
        out.push(found(Class::Metadata, text, inert.fields));
    }
    if !version.is_empty() {
        let text = "the same object in another version of its API: nothing that runs notices";
        out.push(found(Class::Metadata, text, version));
    }
}

#[derive(Default)]
struct Names {
    names: Vec<String>,
    fields: Vec<usize>,
}

impl Names {
    fn add(&mut self, name: String, index: usize) {
        if !self.names.contains(&name) {
            self.names.push(name);
        }
        self.fields.push(index);
    }
}

/// The label or annotation of a field, or all that differ where they changed as a whole.
fn named(subject: &Subject<'_>, part: &str, name: Option<&str>) -> Vec<String> {
    if let Some(name) = name {
        return vec![name.to_owned()];
    }
    let (old, new) = subject.both(&format!("metadata.{part}"));
    let entries = old.into_iter().chain(new).flat_map(Value::entries);
    let differs = |name: &str| old.and_then(|map| map.get(name)) != new.and_then(|map| map.get(name));
    let mut names: Vec<String> = entries.map(|(name, _)| name.to_string()).filter(|name| differs(name)).collect();
    names.sort();
    names.dedup();
    if names.is_empty() { vec![part.to_owned()] } else { names }
}
