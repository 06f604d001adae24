//! `[datastores.NAME]`: what the engines have in common.

pub use super::kafka::KafkaSpec;
pub use super::minio::spec::MinioSpec;
pub use super::mongodb::MongodbSpec;
pub use super::postgresql::spec::PostgresqlSpec;
pub use super::redis::RedisSpec;
use crate::decode::At;
use crate::value::{Name, Quantity};
use serde::Deserialize;

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
