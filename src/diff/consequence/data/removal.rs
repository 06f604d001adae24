//! Objects whose removal takes data along.
//!
//! Source: Kubernetes, "Persistent Volumes" (reclaiming), "`StatefulSets`" (claim retention, `Retain` by default), "Custom
//! Resources"; `CloudNativePG`, "Storage" (claims belong to the Cluster); Strimzi, `PersistentClaimStorage.deleteClaim`;
//! MongoDB Kubernetes operator, "Deploy and Configure" (volumes remain); rabbitmq/cluster-operator#855, #2215 (claims go
//! with the cluster); Velero, "Schedule".

use super::super::found;
use super::super::subject::{Subject, at};
use super::super::words::shown;
use crate::diff::change::{Class, Consequence};
use crate::manifest::Value;

const BACKUP: &str = "make a backup first, and have it restored somewhere once";

/// What is lost with an object of a kind, and what to do before.
pub(in super::super) fn lost(subject: &Subject<'_>) -> Option<(String, &'static str)> {
    let old = subject.old;
    let text = match (subject.old_id().group.as_str(), subject.old_id().kind.as_str()) {
        ("", "PersistentVolumeClaim") => {
            return Some((
                "the volume is given back: unless its reclaimPolicy is Retain, the disk is deleted with all that is on it".to_owned(),
                "set `persistentVolumeReclaimPolicy: Retain` on its PersistentVolume first, or make a backup",
            ));
        }
        ("", "PersistentVolume") => {
            "the cluster forgets the volume; the disk itself stays where it is and has to be found again".to_owned()
        }
        ("", "Namespace") => {
            "everything in the namespace is deleted with it: claims and what is on their disks, secrets, databases".to_owned()
        }
        ("apiextensions.k8s.io", "CustomResourceDefinition") => {
            let kind = shown(at(old, "spec.names.kind"));
            return Some((
                format!("every {kind} of the cluster is deleted with its definition, and what they stand for"),
                "take a copy of the objects first, and check that no operator needs the kind any more",
            ));
        }
        ("apps", "StatefulSet") => {
            let claims = at(old, "spec.volumeClaimTemplates").map_or(0, |claims| claims.items().len());
            if claims == 0 {
                return None;
            }
            let policy = at(old, "spec.persistentVolumeClaimRetentionPolicy.whenDeleted").and_then(Value::as_str);
            if policy == Some("Delete") {
                "its volumes are deleted with it (persistentVolumeClaimRetentionPolicy.whenDeleted Delete)".to_owned()
            } else {
                "its pods are stopped and their volumes are left behind: the claims stay until somebody deletes them, and \
                 nobody uses or backs them up meanwhile"
                    .to_owned()
            }
        }
        ("postgresql.cnpg.io", "Cluster") => "the databases are deleted: the claims belong to the Cluster and go with it".to_owned(),
        ("postgresql.cnpg.io", "Database") => match at(old, "spec.databaseReclaimPolicy").and_then(Value::as_str) {
            Some("delete") => "the database is dropped (databaseReclaimPolicy delete)".to_owned(),
            _ => return None,
        },
        ("mongodbcommunity.mongodb.com", "MongoDBCommunity") => {
            "the replica set is stopped; its claims stay, and a new one of the same name takes them up again".to_owned()
        }
        ("kafka.strimzi.io", "Kafka" | "KafkaNodePool") => {
            if deletes_claims(old) {
                "the brokers are stopped and their volumes are deleted (deleteClaim true)".to_owned()
            } else {
                "the brokers are stopped; their claims stay, unless the storage is ephemeral".to_owned()
            }
        }
        ("kafka.strimzi.io", "KafkaTopic") => "the topic is deleted with all of its messages".to_owned(),
        ("rabbitmq.com", "RabbitmqCluster") => "the queues and their messages are deleted: the claims go with the cluster".to_owned(),
        ("rabbitmq.com", "Queue" | "Vhost" | "Exchange") => {
            format!("the {} is deleted in RabbitMQ with all that is in it", subject.old_id().kind.to_lowercase())
        }
        ("minio.min.io", "Tenant") => {
            "the object store is stopped; its claims stay until somebody deletes them, and what is stored there cannot be reached"
                .to_owned()
        }
        ("snapshot.storage.k8s.io", "VolumeSnapshot" | "VolumeSnapshotContent") => {
            "the snapshot is deleted, unless its class says Retain".to_owned()
        }
        ("redis.redis.opstreelabs.in" | "databases.spotahome.com" | "k8s.mariadb.com" | "elasticsearch.k8s.elastic.co", _) => {
            "the store is stopped, and its volumes may go with it, as its operator sees fit".to_owned()
        }
        ("argoproj.io", "Application") => {
            let finalizers = at(old, "metadata.finalizers").map_or(&[][..], Value::items);
            let cascades = finalizers.iter().filter_map(Value::as_str).any(|name| name.starts_with("resources-finalizer.argocd"));
            if !cascades {
                return None;
            }
            return Some((
                "Argo CD deletes everything that the application deployed, volumes and namespaces too (resources-finalizer)".to_owned(),
                "remove the finalizer first, and the objects stay",
            ));
        }
        ("argoproj.io", "ApplicationSet") => {
            let keeps = at(old, "spec.syncPolicy.preserveResourcesOnDeletion").and_then(Value::as_bool);
            if keeps == Some(true) {
                return None;
            }
            return Some((
                "Argo CD deletes the applications that it made, and everything that those deployed".to_owned(),
                "set `syncPolicy.preserveResourcesOnDeletion: true` first, and the objects stay",
            ));
        }
        _ => return None,
    };
    Some((text, BACKUP))
}

fn deletes_claims(kafka: &Value<'_>) -> bool {
    let is_true = |value: Option<&Value<'_>>| value.and_then(Value::as_bool) == Some(true);
    ["spec.storage", "spec.kafka.storage"].iter().filter_map(|path| at(kafka, path)).any(|storage| {
        is_true(storage.get("deleteClaim"))
            || storage.get("volumes").map_or(&[][..], Value::items).iter().any(|one| is_true(one.get("deleteClaim")))
    })
}

pub(super) fn rule(subject: &Subject<'_>, out: &mut Vec<Consequence>) {
    let Some((text, remedy)) = lost(subject) else { return };
    let text = match guard(subject.old) {
        // It does not go.
        Guard::Stays => return,
        Guard::Asks => format!("{text}; Argo CD asks for a confirmation before it prunes it (Prune=confirm)"),
        Guard::None => text,
    };
    out.push(found(Class::DataAtRisk, text, Vec::new()).remedy(remedy));
}

/// What Argo CD does before it prunes an object.
pub(in super::super) enum Guard {
    None,
    Asks,
    Stays,
}

/// Source: Argo CD, "Sync Options", "No Prune Resources", "Resource Pruning With Confirmation".
pub(in super::super) fn guard(value: &Value<'_>) -> Guard {
    let options = value.at(&["metadata", "annotations", "argocd.argoproj.io/sync-options"]).and_then(Value::as_str);
    let has = |option: &str| options.is_some_and(|all| all.split(',').any(|one| one.trim() == option));
    if has("Prune=false") {
        Guard::Stays
    } else if has("Prune=confirm") {
        Guard::Asks
    } else {
        Guard::None
    }
}

/// The guard itself is removed from an object that holds data.
pub(super) fn protection(subject: &Subject<'_>, out: &mut Vec<Consequence>) {
    let fields = subject.touched("metadata.annotations[\"argocd.argoproj.io/sync-options\"]");
    if !fields.is_empty() && lost(subject).is_some() {
        let (old, new) = (guard(subject.old), guard(subject.new));
        if !matches!(old, Guard::None) && matches!(new, Guard::None) {
            let text = "Argo CD no longer hesitates: once the object is gone from git, it is pruned with its data";
            out.push(found(Class::DataAtRisk, text, fields));
        }
    }
    if subject.is("argoproj.io", "Application") {
        let path = "spec.syncPolicy.automated.prune";
        let fields = subject.touched(path);
        if !fields.is_empty() && at(subject.new, path).and_then(Value::as_bool) == Some(true) {
            let text = "from now on Argo CD deletes by itself what is gone from git, claims and namespaces too";
            let remedy = "annotate what holds data with `argocd.argoproj.io/sync-options: Prune=confirm`";
            out.push(found(Class::DataAtRisk, text, fields).remedy(remedy));
        }
    }
}
