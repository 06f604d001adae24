//! Custom resources behind which an operator runs pods: which fields make it restart them.
//!
//! Source: Strimzi, "Deploying and Managing", rolling updates (brokers one at a time, the controller of the cluster last;
//! options that Kafka takes while it runs are applied so); MongoDB Kubernetes operator, architecture (a change of its
//! `StatefulSet` is rolled out one member at a time); RabbitMQ cluster operator, "Using the operator" (a change of
//! configuration restarts the pods one at a time, plugins are enabled in place).

use super::found;
use super::pods::number;
use super::subject::{Subject, at};
use super::surroundings::World;
use super::words::{change, count, verb};
use crate::diff::change::{Class, Consequence};

/// Which fields restart pods, and how that is said.
struct Kind {
    group: &'static str,
    kind: &'static str,
    restarts: &'static [&'static str],
    how: &'static str,
    /// The number of pods, and what they are called.
    size: &'static str,
    member: &'static str,
}

const KINDS: &[Kind] = &[
    Kind {
        group: "mongodbcommunity.mongodb.com",
        kind: "MongoDBCommunity",
        restarts: &[
            "spec.version",
            "spec.statefulSet.spec.template",
            "spec.additionalMongodConfig",
            "spec.security.tls",
        ],
        how: "the members of the replica set restart one at a time; when it is the primary's turn, another one is elected and open connections break",
        size: "spec.members",
        member: "member",
    },
    Kind {
        group: "kafka.strimzi.io",
        kind: "Kafka",
        restarts: &[
            "spec.kafka.version",
            "spec.kafka.image",
            "spec.kafka.config",
            "spec.kafka.listeners",
            "spec.kafka.resources",
            "spec.kafka.jvmOptions",
            "spec.kafka.template",
            "spec.kafka.rack",
            "spec.kafka.authorization",
            "spec.kafka.logging",
            "spec.kafka.metricsConfig",
        ],
        how: "the brokers restart one at a time, unless Kafka takes the option while it runs; topics with a copy elsewhere stay available",
        size: "spec.kafka.replicas",
        member: "broker",
    },
    Kind {
        group: "kafka.strimzi.io",
        kind: "KafkaNodePool",
        restarts: &["spec.resources", "spec.jvmOptions", "spec.template", "spec.roles"],
        how: "the nodes of the pool restart one at a time; topics with a copy elsewhere stay available",
        size: "spec.replicas",
        member: "node",
    },
    Kind {
        group: "rabbitmq.com",
        kind: "RabbitmqCluster",
        restarts: &[
            "spec.image",
            "spec.resources",
            "spec.rabbitmq.additionalConfig",
            "spec.rabbitmq.advancedConfig",
            "spec.rabbitmq.envConfig",
            "spec.affinity",
            "spec.tolerations",
            "spec.tls",
            "spec.override.statefulSet",
        ],
        how: "the nodes restart one at a time; queues with copies on other nodes stay available, connections break",
        size: "spec.replicas",
        member: "node",
    },
    Kind {
        group: "minio.min.io",
        kind: "Tenant",
        restarts: &[
            "spec.image",
            "spec.env",
            "spec.configuration",
            "spec.pools[].resources",
            "spec.pools[].affinity",
            "spec.pools[].securityContext",
        ],
        how: "the operator restarts MinIO's pods: requests may fail for seconds",
        size: "",
        member: "",
    },
];

pub(super) fn rule(subject: &Subject<'_>, _: &World<'_>, out: &mut Vec<Consequence>) {
    let Some(kind) = KINDS.iter().find(|kind| subject.is(kind.group, kind.kind)) else { return };
    if !subject.is_changed() {
        return;
    }
    let fields = subject.touched_any(kind.restarts.iter().copied());
    if !fields.is_empty() {
        out.push(found(Class::Restart, kind.how, fields));
    }
    let fields = if kind.size.is_empty() { Vec::new() } else { subject.touched(kind.size) };
    let (old, new) = (number(at(subject.old, kind.size)).unwrap_or(1), number(at(subject.new, kind.size)).unwrap_or(1));
    if !fields.is_empty() && new > old {
        let more = count(new - old, &format!("more {}", kind.member));
        out.push(found(
            Class::InPlace,
            format!("{more} {} started: {new} in all", verb(new - old, "is", "are")),
            fields,
        ));
    } else if !fields.is_empty() && new < old && kind.kind != "RabbitmqCluster" {
        out.push(found(
            Class::AvailabilityLower,
            format!("{} {} left instead of {old}", count(new, kind.member), verb(new, "is", "are")),
            fields,
        ));
    }
    if kind.kind == "Tenant" {
        pools(subject, out);
    }
    if kind.kind == "RabbitmqCluster" {
        let fields = subject.touched("spec.rabbitmq.additionalPlugins");
        if !fields.is_empty() {
            out.push(found(Class::InPlace, "plugins are enabled or disabled while it runs", fields));
        }
    }
    if kind.kind == "MongoDBCommunity" {
        let fields = subject.touched("spec.featureCompatibilityVersion");
        if !fields.is_empty() {
            let (old, new) = subject.both("spec.featureCompatibilityVersion");
            let text =
                format!("data is written in another version's format ({}): the way back is narrow", change(old, new));
            out.push(found(Class::DataAtRisk, text, fields));
        }
    }
}

/// Pools of a MinIO tenant come and go as wholes.
fn pools(subject: &Subject<'_>, out: &mut Vec<Consequence>) {
    use super::words::{list, shown};
    use crate::manifest::Value;
    let names = |value| -> Vec<String> {
        at(value, "spec.pools").map_or(&[][..], Value::items).iter().map(|pool| shown(pool.get("name"))).collect()
    };
    let (old, new) = (names(subject.old), names(subject.new));
    let gone: Vec<&String> = old.iter().filter(|name| !new.contains(name)).collect();
    let more: Vec<&String> = new.iter().filter(|name| !old.contains(name)).collect();
    let fields = subject.touched("spec.pools");
    if !gone.is_empty() {
        let text = format!("the pool {} is removed: objects that are stored there cannot be read", list(&gone));
        let remedy = "decommission it first (`mc admin decommission start`) and wait until it is empty";
        out.push(found(Class::DataAtRisk, text, fields.clone()).remedy(remedy));
    }
    if !more.is_empty() {
        let text = format!("the pool {} is added, and all pods of MinIO restart together to take it in", list(&more));
        out.push(found(Class::Restart, text, fields));
    }
}
