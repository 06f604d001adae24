//! Volumes: what becomes of them when their claims go, which ones pods use, and their growth.
//!
//! Source: API reference, `PersistentVolumeSpec`, `StatefulSetPersistentVolumeClaimRetentionPolicy`, `StorageClass`.

use super::super::found;
use super::super::pods::{below, template, template_path};
use super::super::subject::Subject;
use super::super::words::{change, list, shown};
use crate::diff::change::{Class, Consequence};
use crate::manifest::Value;
use crate::value::{Leaf, Quantity};

pub(super) fn rule(subject: &Subject<'_>, out: &mut Vec<Consequence>) {
    match (subject.id.group.as_str(), subject.id.kind.as_str()) {
        ("", "PersistentVolume") => {
            let path = "spec.persistentVolumeReclaimPolicy";
            let (old, new) = subject.texts(path);
            let fields = subject.touched(path);
            if !fields.is_empty() && matches!(new, Some("Delete" | "Recycle")) {
                let text = format!(
                    "when its claim goes, the disk is deleted with all that is on it (reclaimPolicy {} → {})",
                    old.unwrap_or("none"),
                    new.unwrap_or("none")
                );
                out.push(found(Class::DataAtRisk, text, fields));
            }
        }
        ("", "PersistentVolumeClaim") => grows(subject, &["spec.resources.requests.storage"], out),
        ("apps", "StatefulSet") => retention(subject, out),
        ("kafka.strimzi.io", "Kafka" | "KafkaNodePool") => {
            grows(subject, &["spec.storage.size", "spec.kafka.storage.size"], out);
        }
        ("postgresql.cnpg.io", "Cluster") => {
            grows(
                subject,
                &["spec.storage.size", "spec.walStorage.size", "spec.storage.pvcTemplate.resources.requests.storage"],
                out,
            );
            for path in ["spec.storage.storageClass", "spec.walStorage.storageClass"] {
                let fields = subject.touched(path);
                let (old, new) = subject.both(path);
                if !fields.is_empty() {
                    let text = format!(
                        "no volume moves: those that exist stay in their class, only instances made from now on get the other ({})",
                        change(old, new)
                    );
                    let remedy = "replace the instances one by one: scale up by one, let the replica catch up, `kubectl cnpg destroy` an old one";
                    out.push(found(Class::InPlace, text, fields).remedy(remedy));
                }
            }
        }
        ("rabbitmq.com", "RabbitmqCluster") => {
            grows(subject, &["spec.persistence.storage"], out);
            let fields = subject.touched("spec.persistence.storageClassName");
            if !fields.is_empty() {
                let text =
                    "volumes that exist stay in their class: the operator cannot change the claims of its StatefulSet";
                let remedy = "make a new RabbitmqCluster in the class and move over";
                out.push(found(Class::DataAtRisk, text, fields).remedy(remedy));
            }
        }
        _ => {}
    }
    volumes(subject, out);
}

fn quantity(value: Option<&Value<'_>>) -> Option<Quantity> {
    match value? {
        Value::String(text) | Value::Number(text) => Quantity::parse(text).ok(),
        _ => None,
    }
}

fn grows(subject: &Subject<'_>, paths: &[&str], out: &mut Vec<Consequence>) {
    for path in paths {
        let (old, new) = subject.both(path);
        let (Some(before), Some(after)) = (quantity(old), quantity(new)) else { continue };
        if after.nanos() > before.nanos() {
            let text = format!(
                "the volumes grow {}, without a restart where driver and StorageClass allow it (allowVolumeExpansion); there is no way back",
                change(old, new)
            );
            out.push(found(Class::InPlace, text, subject.touched(path)));
        }
    }
}

fn retention(subject: &Subject<'_>, out: &mut Vec<Consequence>) {
    for (field, when) in [("whenDeleted", "when the StatefulSet is deleted"), ("whenScaled", "when it is scaled down")]
    {
        let path = format!("spec.persistentVolumeClaimRetentionPolicy.{field}");
        let fields = subject.touched(&path);
        let (old, new) = subject.texts(&path);
        let (old, new) = (old.unwrap_or("Retain"), new.unwrap_or("Retain"));
        if fields.is_empty() || old == new {
            continue;
        }
        if new == "Delete" {
            let text = format!("{when}, its volumes are deleted with it from now on ({field} {old} → Delete)");
            out.push(found(Class::DataAtRisk, text, fields));
        } else {
            out.push(found(Class::InPlace, format!("{when}, its volumes stay from now on"), fields));
        }
    }
}

/// Volumes of pods whose content is another one than before.
fn volumes(subject: &Subject<'_>, out: &mut Vec<Consequence>) {
    let Some(path) = template_path(&subject.id.group, &subject.id.kind) else { return };
    let claims = |value| -> Vec<(String, String)> {
        let volumes = template(path, value).and_then(|template| template.at(&["spec", "volumes"]));
        let volumes = volumes.map_or(&[][..], Value::items).iter();
        volumes
            .filter_map(|volume| {
                let claim = volume.at(&["persistentVolumeClaim", "claimName"])?;
                Some((shown(volume.get("name")), shown(Some(claim))))
            })
            .collect()
    };
    let (old, new) = (claims(subject.old), claims(subject.new));
    let mut lost = Vec::new();
    let mut fields = Vec::new();
    for (volume, claim) in &old {
        match new.iter().find(|(name, _)| name == volume) {
            Some((_, now)) if now == claim => {}
            Some((_, now)) => {
                lost.push(format!("the volume {volume} is the claim {now} now, not {claim}"));
                fields.extend(subject.touched(&below(path, &format!("spec.volumes[{volume}]"))));
            }
            None if new.iter().any(|(_, now)| now == claim) => {}
            None => {
                lost.push(format!("the claim {claim} is no longer mounted"));
                fields.extend(subject.touched(&below(path, &format!("spec.volumes[{volume}]"))));
            }
        }
    }
    if !lost.is_empty() {
        let text = format!("the pods no longer see the data that they wrote: {}", list(&lost));
        out.push(found(Class::DataAtRisk, text, fields).remedy("copy the data over first, or keep the claim"));
    }
}
