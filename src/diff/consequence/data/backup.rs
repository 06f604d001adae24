//! Backups that end, are thrown away earlier, or cover less.
//!
//! Source: Velero, "Schedule", "`BackupStorageLocation`" (a bucket with a prefix is where Velero looks for its backups);
//! `CloudNativePG`, "Backup", "Barman Cloud" (`retentionPolicy`, `destinationPath`).

use super::super::found;
use super::super::subject::{Subject, at};
use super::super::words::{change, list, shown};
use crate::diff::change::{Class, Consequence};
use crate::manifest::Value;
use crate::value::{Duration, Leaf};

pub(super) fn rule(subject: &Subject<'_>, out: &mut Vec<Consequence>) {
    let gone = subject.is_gone();
    match (subject.old_id().group.as_str(), subject.old_id().kind.as_str()) {
        ("velero.io", "Schedule") if gone => {
            ends(out, "nothing is backed up by this schedule any more; backups that exist expire as they are due");
        }
        ("velero.io", "Schedule") => schedule(subject, out),
        ("velero.io", "BackupStorageLocation") if gone => {
            ends(
                out,
                "Velero forgets the backups that are stored there: they stay in the bucket, but nobody expires or restores them",
            );
        }
        ("velero.io", "BackupStorageLocation") => location(subject, out),
        ("velero.io", "VolumeSnapshotLocation") if gone => ends(out, "volumes are no longer snapshotted there"),
        ("postgresql.cnpg.io", "ScheduledBackup") if gone => {
            ends(out, "no base backups are made by this schedule any more");
        }
        ("postgresql.cnpg.io", "ScheduledBackup") => {
            paused(subject, "spec.suspend", "no base backups are made while it is suspended", out);
            less_often(subject, out);
        }
        ("postgresql.cnpg.io", "Cluster") => cluster(subject, out),
        ("barmancloud.cnpg.io", "ObjectStore") if gone => {
            ends(
                out,
                "clusters that archive there can neither write WAL nor be restored: backups stay in the bucket without a description",
            );
        }
        ("barmancloud.cnpg.io", "ObjectStore") => {
            retention(subject, "spec.retentionPolicy", out);
            moved(subject, &["spec.configuration.destinationPath", "spec.configuration.endpointURL"], out);
        }
        ("batch", "CronJob") if is_backup(subject) => {
            if gone {
                ends(out, "this backup is no longer made");
            } else {
                paused(subject, "spec.suspend", "this backup is not made while it is suspended", out);
                less_often(subject, out);
            }
        }
        ("monitoring.coreos.com", "Prometheus") => {
            retention(subject, "spec.retention", out);
        }
        _ => {}
    }
}

fn ends(out: &mut Vec<Consequence>, text: &str) {
    let remedy = "see that another schedule covers the same data before this one goes";
    out.push(found(Class::DataAtRisk, text, Vec::new()).remedy(remedy));
}

/// A `CronJob` that makes backups says so in its name or labels.
fn is_backup(subject: &Subject<'_>) -> bool {
    let labels = at(subject.old, "metadata.labels").map_or(&[][..], Value::entries);
    subject.old_id().name.contains("backup")
        || labels.iter().any(|(_, value)| value.as_str().is_some_and(|value| value.contains("backup")))
}

fn paused(subject: &Subject<'_>, path: &str, text: &str, out: &mut Vec<Consequence>) {
    let fields = subject.touched(path);
    if subject.is_changed() && !fields.is_empty() && at(subject.new, path).and_then(Value::as_bool) == Some(true) {
        out.push(found(Class::DataAtRisk, text, fields));
    }
}

fn less_often(subject: &Subject<'_>, out: &mut Vec<Consequence>) {
    let fields = subject.touched("spec.schedule");
    let (old, new) = subject.both("spec.schedule");
    if subject.is_changed() && !fields.is_empty() {
        out.push(found(Class::InPlace, format!("backups are made at other times: {}", change(old, new)), fields));
    }
}

/// Hours of `720h`, `30d`, `4w`, `1y`, and of `3m` where that means months: roughly, which is enough to compare.
fn hours(text: &str, months: bool) -> Option<u64> {
    let number = text.get(..text.len().checked_sub(1)?)?.parse::<u64>().ok();
    let days = |days: u64| number?.checked_mul(24 * days);
    match text.chars().next_back()? {
        'w' => days(7),
        'y' => days(365),
        'm' if months => days(30),
        _ => Duration::parse(text).ok().map(|duration| duration.millis() / 3_600_000).or_else(|| days(1)),
    }
}

fn retention(subject: &Subject<'_>, path: &str, out: &mut Vec<Consequence>) {
    let fields = subject.touched(path);
    if fields.is_empty() || !subject.is_changed() {
        return;
    }
    let (old, new) = subject.both(path);
    let months = subject.id.group.ends_with("cnpg.io");
    // Prometheus keeps a day unless it is told otherwise.
    let default = (subject.id.kind == "Prometheus").then_some(24);
    let read = |value: Option<&Value<'_>>| value.map_or(default, |value| hours(value.as_str()?, months));
    let what = if subject.id.kind == "Prometheus" { "metrics" } else { "backups" };
    match (read(old), read(new)) {
        (Some(before), Some(after)) if after < before => {
            let text = format!("{what} are thrown away earlier, those that exist too: {}", change(old, new));
            out.push(found(Class::DataAtRisk, text, fields));
        }
        (Some(_), Some(_) | None) => {
            let text = format!("{what} are kept longer: {}", change(old, new).replace("→ nothing", "→ for ever"));
            out.push(found(Class::InPlace, text, fields));
        }
        (None, Some(_)) => {
            let text = format!("{what} are thrown away from now on after {}; until now nothing did so", shown(new));
            out.push(found(Class::DataAtRisk, text, fields));
        }
        (None, None) => {}
    }
}

/// Where backups are written and looked for.
fn moved(subject: &Subject<'_>, paths: &[&str], out: &mut Vec<Consequence>) {
    for path in paths {
        let fields = subject.touched(path);
        let (old, new) = subject.both(path);
        if fields.is_empty() || !subject.is_changed() || old.is_none() || new.is_none() {
            continue;
        }
        let text = format!(
            "backups go to another place ({}): those made until now are not found there, and nobody expires or restores them",
            change(old, new)
        );
        let remedy = "make a backup at the new place at once, and keep the old one until its retention is over";
        out.push(found(Class::DataAtRisk, text, fields).remedy(remedy));
    }
}

fn schedule(subject: &Subject<'_>, out: &mut Vec<Consequence>) {
    if !subject.is_changed() {
        return;
    }
    paused(subject, "spec.paused", "nothing is backed up by this schedule while it is paused", out);
    less_often(subject, out);
    let path = "spec.template.ttl";
    let fields = subject.touched(path);
    if !fields.is_empty() {
        let (old, new) = subject.both(path);
        // Without a ttl Velero keeps a backup for 30 days.
        let read =
            |value: Option<&Value<'_>>| value.and_then(Value::as_str).map_or(Some(720), |text| hours(text, false));
        let (class, text) = match (read(old), read(new)) {
            (Some(before), Some(after)) if after >= before => {
                (Class::InPlace, "backups made from now on are kept longer")
            }
            _ => (Class::DataAtRisk, "backups made from now on are thrown away earlier"),
        };
        out.push(found(class, format!("{text}: ttl {}", change(old, new).replace("nothing", "720h")), fields));
    }
    for (field, fewer) in [
        ("includedNamespaces", true),
        ("includedResources", true),
        ("excludedNamespaces", false),
        ("excludedResources", false),
    ] {
        let path = format!("spec.template.{field}");
        let names = |value| -> Vec<String> {
            at(value, &path).map_or(&[][..], Value::items).iter().map(|name| shown(Some(name))).collect()
        };
        let (old, new) = (names(subject.old), names(subject.new));
        // No list, or a star, is everything.
        let all = |names: &[String]| fewer && (names.is_empty() || names.iter().any(|name| name == "*"));
        let lost: Vec<&String> = if fewer {
            if all(&new) { Vec::new() } else { old.iter().filter(|name| !new.contains(name)).collect() }
        } else {
            new.iter().filter(|name| !old.contains(name)).collect()
        };
        let text = if all(&old) && !all(&new) && fewer {
            format!("only {} is backed up from now on, no longer everything", list(&new))
        } else if !lost.is_empty() {
            format!("{} is no longer backed up ({field})", list(&lost))
        } else {
            continue;
        };
        out.push(found(Class::DataAtRisk, text, subject.touched(&path)));
    }
    for field in ["snapshotVolumes", "defaultVolumesToFsBackup"] {
        let path = format!("spec.template.{field}");
        let fields = subject.touched(&path);
        if !fields.is_empty() && at(subject.new, &path).and_then(Value::as_bool) != Some(true) {
            let text = format!("what is on volumes may no longer be backed up ({field})");
            out.push(found(Class::DataAtRisk, text, fields));
        }
    }
}

fn location(subject: &Subject<'_>, out: &mut Vec<Consequence>) {
    moved(subject, &["spec.objectStorage.bucket", "spec.objectStorage.prefix", "spec.provider"], out);
    let (old, new) = subject.both("spec.objectStorage.prefix");
    if subject.is_changed() && old.is_none() && new.is_some() {
        let text =
            format!("Velero looks for its backups below {} only: those made until now are not found there", shown(new));
        out.push(found(Class::DataAtRisk, text, subject.touched("spec.objectStorage.prefix")));
    }
    if subject.is_changed() && subject.texts("spec.accessMode").1 == Some("ReadOnly") {
        let fields = subject.touched("spec.accessMode");
        if !fields.is_empty() {
            out.push(found(Class::DataAtRisk, "no new backups can be stored there (accessMode ReadOnly)", fields));
        }
    }
}

fn cluster(subject: &Subject<'_>, out: &mut Vec<Consequence>) {
    if !subject.is_changed() {
        return;
    }
    let archives = |value: &Value<'_>| {
        let plugins = at(value, "spec.plugins").map_or(&[][..], Value::items);
        let plugin = plugins
            .iter()
            .any(|one| one.get("name").and_then(Value::as_str).is_some_and(|name| name.contains("barman")));
        plugin || at(value, "spec.backup.barmanObjectStore").is_some()
    };
    if archives(subject.old) && !archives(subject.new) {
        let text = "WAL is no longer archived: neither backups nor recovery to a point in time from now on";
        out.push(found(Class::DataAtRisk, text, subject.touched_any(["spec.backup", "spec.plugins"])));
    }
    if !archives(subject.new) {
        return;
    }
    retention(subject, "spec.backup.retentionPolicy", out);
    moved(
        subject,
        &["spec.backup.barmanObjectStore.destinationPath", "spec.backup.barmanObjectStore.endpointURL"],
        out,
    );
}
