//! `[datastores.NAME]`.

pub use super::kafka::KafkaSpec;
pub use super::minio::MinioSpec;
pub use super::mongodb::MongodbSpec;
pub use super::postgresql::PostgresqlSpec;
pub use super::redis::RedisSpec;
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
