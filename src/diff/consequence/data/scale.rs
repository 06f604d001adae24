//! Stores that keep data by majority or in copies, with fewer members.
//!
//! Source: MongoDB, "Replica Set Deployment Architectures" (a majority of the voting members); Strimzi, "Deploying and
//! Managing", scaling down (partitions have to be moved off first); `StatefulSet`, claim retention `whenScaled`.

use super::super::found;
use super::super::pods::number;
use super::super::subject::{Subject, at};
use super::super::words::{count, verb};
use crate::diff::change::{Class, Consequence};
use crate::manifest::Value;

/// Images of stores that elect by majority, by a part of their name.
const VOTERS: [&str; 9] = ["etcd", "zookeeper", "consul", "mongo", "rabbitmq", "kafka", "cockroach", "vault", "nats"];

pub(super) fn rule(subject: &Subject<'_>, out: &mut Vec<Consequence>) {
    let path = match (subject.id.group.as_str(), subject.id.kind.as_str()) {
        ("mongodbcommunity.mongodb.com", "MongoDBCommunity") => "spec.members",
        ("kafka.strimzi.io", "Kafka") => "spec.kafka.replicas",
        ("kafka.strimzi.io", "KafkaNodePool") | ("apps", "StatefulSet") => "spec.replicas",
        _ => return,
    };
    let fields = subject.touched(path);
    let (old, new) = subject.both(path);
    let (before, after) = (number(old).unwrap_or(1), number(new).unwrap_or(1));
    if fields.is_empty() || after >= before {
        return;
    }
    let of = format!("{} of {before}", count(before - after, "member"));
    let (text, remedy) = match subject.id.kind.as_str() {
        "MongoDBCommunity" => (
            format!(
                "{of} {} the replica set, one after the other; {}",
                verb(before - after, "leaves", "leave"),
                majority(after)
            ),
            "wait until all members are healthy before and after; go down to an odd number",
        ),
        "Kafka" | "KafkaNodePool" => (
            format!(
                "{} of {before} {}: partitions that have copies there only are lost or block it",
                count(before - after, "broker"),
                verb(before - after, "goes", "go")
            ),
            "move the partitions off first (`KafkaRebalance`, mode remove-brokers), and keep at least as many brokers as \
             replication factors ask for",
        ),
        _ => match stateful(subject, before, after) {
            Some(found) => found,
            None => return,
        },
    };
    out.push(found(Class::DataAtRisk, text, fields).remedy(remedy));
}

fn majority(members: u32) -> String {
    match members {
        0 => "none is left".to_owned(),
        1 => "the one that is left is no copy of anything: when it fails, writes stop and data may be lost".to_owned(),
        _ => {
            let survives = (members - 1) / 2;
            let may = if survives == 1 { "1 may".to_owned() } else { format!("{survives} may") };
            let may = if survives == 0 { "none may".to_owned() } else { may };
            format!("of the {members} that are left {may} fail before there is no majority and writes stop")
        }
    }
}

/// A `StatefulSet` with volumes: by its image, or by what becomes of the claims.
fn stateful(subject: &Subject<'_>, before: u32, after: u32) -> Option<(String, &'static str)> {
    at(subject.old, "spec.volumeClaimTemplates").filter(|claims| !claims.items().is_empty())?;
    let policy = at(subject.new, "spec.persistentVolumeClaimRetentionPolicy.whenScaled").and_then(Value::as_str);
    let (removed, goes) = (count(before - after, "pod"), verb(before - after, "goes", "go"));
    if policy == Some("Delete") {
        let text = format!(
            "the volumes of the {removed} that {goes} are deleted (persistentVolumeClaimRetentionPolicy.whenScaled Delete)"
        );
        return Some((text, "set `whenScaled: Retain` first, or make a backup"));
    }
    let images = at(subject.old, "spec.template.spec.containers").map_or(&[][..], Value::items).iter();
    let mut images = images.filter_map(|container| container.get("image")?.as_str());
    let votes = images.any(|image| VOTERS.iter().any(|voter| image.contains(voter)));
    let minio = at(subject.old, "spec.template.spec.containers")
        .map_or(&[][..], Value::items)
        .iter()
        .filter_map(|container| container.get("image")?.as_str())
        .any(|image| image.contains("minio"));
    if minio {
        let text = format!(
            "{removed} of {before} {goes}: MinIO's pool cannot shrink, and erasure-coded objects may not be readable any more"
        );
        return Some((text, "add a pool of the wanted size and decommission the old one"));
    }
    votes.then(|| {
        let text = format!("{removed} of {before} {goes} without leaving the cluster in order; {}", majority(after));
        (text, "take the members out of the cluster first, one at a time; their claims stay")
    })
}
