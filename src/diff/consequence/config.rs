//! Configuration that pods read: `ConfigMap`s, Secrets, and what makes Secrets.
//!
//! Source: Kubernetes, "`ConfigMaps`", "Mounted `ConfigMaps` are updated automatically" (within the kubelet's sync period and
//! cache, about a minute; environment variables and `subPath` mounts never), "Secrets".

use super::found;
use super::pods::{below, template_path};
use super::references::Use;
use super::subject::{Subject, at};
use super::surroundings::World;
use super::versions;
use super::words::list;
use crate::diff::change::{Class, Consequence, Fate};
use crate::manifest::{Manifest, Value};
use std::fmt::Write as _;

pub(super) fn rule(subject: &Subject<'_>, world: &World<'_>, out: &mut Vec<Consequence>) {
    let Some(source) = Source::of(subject) else { return };
    match subject.fate {
        Fate::Added => {}
        Fate::Removed | Fate::Renamed { .. } => source.removed(subject, world, out),
        Fate::Changed => source.changed(subject, world, out),
    }
}

/// What pods refer to.
struct Source {
    /// `ConfigMap` or `Secret`.
    kind: &'static str,
    name: String,
    /// The paths whose change is a change of content.
    content: &'static [&'static str],
    /// What happens to the content before pods see it.
    lead: String,
}

impl Source {
    fn of(subject: &Subject<'_>) -> Option<Self> {
        let id = subject.old_id();
        let (kind, content, lead): (_, &[&str], _) = match (id.group.as_str(), id.kind.as_str()) {
            ("", "ConfigMap") => ("ConfigMap", &["data", "binaryData"], String::new()),
            ("", "Secret") => ("Secret", &["data", "stringData"], String::new()),
            ("external-secrets.io", "ExternalSecret") => {
                let value = if subject.is_gone() { subject.old } else { subject.new };
                let name = at(value, "spec.target.name").and_then(Value::as_str).unwrap_or(&id.name).to_owned();
                let lead = format!("the Secret {name} is written anew from the store; ");
                return Some(Source { kind: "Secret", name, content: &["spec"], lead });
            }
            ("bitnami.com", "SealedSecret") => {
                ("Secret", &["spec"], format!("the Secret {} is written anew; ", id.name))
            }
            _ => return None,
        };
        Some(Source { kind, name: id.name.clone(), content, lead })
    }

    fn users<'w>(&self, subject: &Subject<'_>, world: &World<'w>) -> (Vec<(&'w Manifest<'w>, Use)>, bool) {
        let namespace = subject.old_id().namespace.as_deref();
        world.references.users(world, namespace, (self.kind, &self.name))
    }

    fn changed(&self, subject: &Subject<'_>, world: &World<'_>, out: &mut Vec<Consequence>) {
        let fields = subject.touched_any(self.content.iter().copied());
        if fields.is_empty() || out.iter().any(|other| other.class == Class::Rejected) {
            return;
        }
        let mut restarted = Vec::new();
        let (mut at_start, mut fixed, mut updated) = (Vec::new(), Vec::new(), Vec::new());
        let mut commands = Vec::new();
        let (users, is_known) = self.users(subject, world);
        for (manifest, how) in users {
            let who = format!("{} {}", manifest.id.kind, manifest.id.name);
            if restarts(manifest, world) {
                restarted.push(who);
                continue;
            }
            match manifest.id.kind.as_str() {
                "CronJob" | "Job" => {
                    updated.push(format!("{who} at its next run"));
                    continue;
                }
                "Deployment" | "StatefulSet" | "DaemonSet" => {
                    let namespace = manifest.id.namespace.as_deref().unwrap_or("default");
                    commands.push(format!(
                        "`kubectl rollout restart {} {} -n {namespace}`",
                        manifest.id.kind.to_lowercase(),
                        manifest.id.name
                    ));
                }
                "Rollout" => {
                    let namespace = manifest.id.namespace.as_deref().unwrap_or("default");
                    commands.push(format!("`kubectl argo rollouts restart {} -n {namespace}`", manifest.id.name));
                }
                _ => {}
            }
            match how {
                Use::Environment => at_start.push(who),
                Use::SubPath => fixed.push(who),
                Use::Files => updated.push(format!("{who} within about a minute, if it reads its files again")),
            }
        }
        let mut text = self.lead.clone();
        let mut parts = Vec::new();
        if !restarted.is_empty() {
            let verb = if restarted.len() == 1 { "restarts" } else { "restart" };
            parts.push(format!(
                "{} {verb} by a change of the pod template and {} it",
                list(&restarted),
                if restarted.len() == 1 { "reads" } else { "read" }
            ));
        }
        if !at_start.is_empty() {
            let keeps = if at_start.len() == 1 {
                "keeps what it read when it started"
            } else {
                "keep what they read when they started"
            };
            parts.push(format!("{} {keeps} (environment)", list(&at_start)));
        }
        if !fixed.is_empty() {
            let never = if fixed.len() == 1 { "never sees" } else { "never see" };
            parts.push(format!("{} {never} it without a restart (subPath)", list(&fixed)));
        }
        if !updated.is_empty() {
            parts.push(format!("it reaches {}", list(&updated)));
        }
        let nothing = restarted.is_empty();
        let others = if parts.is_empty() { self.others(subject, world) } else { Vec::new() };
        if !others.is_empty() {
            let refer = if others.len() == 1 { "refers" } else { "refer" };
            let _ = write!(text, "no pod restarts by it at once: {} {refer} to it and may act on it", list(&others));
        } else if parts.is_empty() {
            text.push_str(if is_known {
                "nothing restarts: nothing that is known in its namespace refers to it"
            } else {
                "nothing restarts by it: pods that mount it see other files within about a minute (never with subPath) and \
                 have to read them again; pods that take it as environment keep the old values until they restart"
            });
        } else {
            if nothing {
                text.push_str("nothing restarts by it: ");
            }
            text.push_str(&parts.join("; "));
        }
        let consequence = found(Class::InPlace, text, fields);
        let stale = !at_start.is_empty() || !fixed.is_empty() || (nothing && !is_known);
        out.push(match (commands.is_empty(), stale) {
            (false, true) => consequence.remedy(format!("to have it read now: {}", list(&commands))),
            (true, true) => {
                consequence.remedy("restart the pods that read it, or give their template a checksum of it")
            }
            _ => consequence,
        });
    }

    fn removed(&self, subject: &Subject<'_>, world: &World<'_>, out: &mut Vec<Consequence>) {
        let (users, is_known) = self.users(subject, world);
        let users: Vec<String> =
            users.into_iter().map(|(manifest, _)| format!("{} {}", manifest.id.kind, manifest.id.name)).collect();
        let kept = subject.id.kind == "ExternalSecret"
            && at(subject.old, "spec.target.deletionPolicy").and_then(Value::as_str) == Some("Retain")
            && at(subject.old, "spec.target.creationPolicy").and_then(Value::as_str) == Some("Orphan");
        let what = match (self.kind, kept) {
            (_, true) => format!("the Secret {} stays, but nobody renews it", self.name),
            ("Secret", _) if subject.id.kind != "Secret" => format!("the Secret {} goes with it", self.name),
            (kind, _) => format!("the {kind} {} is gone", self.name),
        };
        let is_early = !kept && self.removed_early(subject, world, &what, out);
        if is_early && users.is_empty() {
            return;
        }
        let others = if users.is_empty() { self.others(subject, world) } else { Vec::new() };
        let (class, text) = if !others.is_empty() && !kept {
            let refer = if others.len() == 1 { "refers" } else { "refer" };
            (Class::AvailabilityLower, format!("{what}, though {} still {refer} to it", list(&others)))
        } else if !users.is_empty() && !kept {
            let text = format!("{what}: pods of {} that start from now on fail, since they refer to it", list(&users));
            (Class::AvailabilityLower, text)
        } else if is_known {
            (Class::InPlace, format!("{what}; nothing that is known in its namespace refers to it"))
        } else {
            (Class::InPlace, format!("{what}: pods that still refer to it cannot start"))
        };
        out.push(found(class, text, Vec::new()));
    }

    /// It goes at once, also for pods of an old version that is still in use; whether there are such pods.
    fn removed_early(&self, subject: &Subject<'_>, world: &World<'_>, what: &str, out: &mut Vec<Consequence>) -> bool {
        let namespace = subject.old_id().namespace.as_deref();
        let before = out.len();
        for rollout in world.references.losers(world, namespace, (self.kind, &self.name)) {
            let text = format!(
                "{what} at once: Rollout {} keeps its old version in use {}, and pods of that which start meanwhile fail",
                rollout.id.name,
                versions::until(rollout)
            );
            out.push(found(Class::AvailabilityLower, text, Vec::new()).remedy(versions::REMEDY));
        }
        out.len() > before
    }

    /// Custom resources that name it, whose operators read it.
    fn others(&self, subject: &Subject<'_>, world: &World<'_>) -> Vec<String> {
        let namespace = subject.old_id().namespace.as_deref();
        let readers = world.references.readers(world, namespace, &self.name);
        readers.into_iter().map(|manifest| format!("{} {}", manifest.id.kind, manifest.id.name)).collect()
    }
}

/// Whether the pods of an object are made anew by a change of its own.
fn restarts(manifest: &Manifest<'_>, world: &World<'_>) -> bool {
    let Some(change) = world.change(manifest) else { return false };
    let subject = Subject::of(change);
    let path = template_path(&manifest.id.group, &manifest.id.kind).unwrap_or("");
    subject.is_new()
        || !subject.touched(&below(path, "metadata")).is_empty()
        || !subject.touched(&below(path, "spec")).is_empty()
}
