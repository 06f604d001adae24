//! `[datastores.NAME]`: what the engines have in common.

pub use super::kafka::KafkaSpec;
pub use super::minio::spec::MinioSpec;
pub use super::mongodb::MongodbSpec;
pub use super::postgresql::spec::PostgresqlSpec;
pub use super::redis::RedisSpec;
use crate::decode::At;
use crate::model::ModelBuilder;
use crate::model::pod::Resources;
use crate::value::{Name, Quantity};
use serde::Deserialize;
use std::collections::BTreeMap;

/// A datastore, by `engine`.
#[derive(Debug, Deserialize)]
#[serde(rename = "engine", rename_all = "kebab-case")]
pub enum DatastoreSpec {
    /// PostgreSQL by CloudNativePG.
    Postgresql(PostgresqlSpec),
    /// MongoDB by the MongoDB Kubernetes operator.
    Mongodb(MongodbSpec),
    /// Redis.
    Redis(RedisSpec),
    /// MinIO, an object store with the protocol of S3.
    Minio(MinioSpec),
    /// Apache Kafka by Strimzi.
    Kafka(KafkaSpec),
}

/// The volume of each instance.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct StorageSpec {
    /// Its size.
    pub size: At<Quantity>,
    /// Its storage class; the cluster's default unless stated.
    pub class: Option<At<Name>>,
}

/// What each instance asks for and may use.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct ResourcesSpec {
    /// What the scheduler sets aside.
    pub requests: Option<ComputeSpec>,
    /// What it may use.
    pub limits: Option<ComputeSpec>,
}

/// Amounts.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct ComputeSpec {
    /// Processors, such as `"500m"`.
    pub cpu: Option<At<Quantity>>,
    /// Bytes, such as `"1Gi"`.
    pub memory: Option<At<Quantity>>,
}

impl ResourcesSpec {
    /// As the model has them; reports a request above its limit.
    pub(super) fn checked(spec: Option<&At<ResourcesSpec>>, model: &mut ModelBuilder<'_>) -> Resources {
        let map = |compute: Option<&ComputeSpec>| -> BTreeMap<&'static str, At<Quantity>> {
            let Some(compute) = compute else { return BTreeMap::new() };
            [("cpu", &compute.cpu), ("memory", &compute.memory)]
                .into_iter()
                .filter_map(|(name, quantity)| Some((name, quantity.clone()?)))
                .collect()
        };
        let Some(At { value: spec, .. }) = spec else { return Resources::default() };
        let resources = Resources { requests: map(spec.requests.as_ref()), limits: map(spec.limits.as_ref()) };
        for (name, request) in &resources.requests {
            if let Some(limit) = resources.limits.get(name) {
                model.check_order((&format!("requests.{name}"), request), (&format!("limits.{name}"), limit));
            }
        }
        resources
    }
}
