//! Apache Kafka by Strimzi (D16).
//!
//! Source: Strimzi, "Configuring and deploying": brokers carry `strimzi.io/cluster`, `strimzi.io/kind: Kafka` and
//! `strimzi.io/name: NAME-kafka`, clients dial `NAME-kafka-bootstrap`; 9090 and 9091 are the control plane's and the
//! replication's.

use super::declare::Engine;
use crate::decode::At;
use crate::model::Contract;
use crate::model::contract::{endpoint, plain, port};
use crate::value::Name;
use serde::Deserialize;
use std::borrow::Cow;

/// A Kafka cluster.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct KafkaSpec {
    /// Where its brokers run.
    pub namespace: At<Name>,
    /// Name of the `Kafka`; the key unless stated.
    pub name: Option<At<Name>>,
}

const PORT: u16 = 9092;

pub(super) fn engine(name: &str) -> Engine {
    Engine {
        selector: vec![
            (Cow::Borrowed("strimzi.io/cluster"), name.to_owned()),
            (Cow::Borrowed("strimzi.io/kind"), "Kafka".to_owned()),
            (Cow::Borrowed("strimzi.io/name"), format!("{name}-kafka")),
        ],
        service: format!("{name}-kafka-bootstrap"),
        ports: vec![("kafka", PORT)],
        between: vec![("control-plane", 9090), ("replication", 9091)],
        contract: Box::new(|host| Contract {
            fields: vec![plain("host", host), port("port"), endpoint("bootstrap-servers")],
            credential: None,
        }),
        pod: None,
    }
}
