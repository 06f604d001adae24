//! `[backups.NAME]` and `[backup-storage]`.

use crate::decode::At;
use crate::value::{Cron, Duration, Name};
use serde::Deserialize;

/// A backup that is made again and again.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct BackupSpec {
    /// When, in UTC.
    pub schedule: At<Cron>,
    /// What: keys of `[namespaces]`.
    pub namespaces: At<Vec<At<Name>>>,
    /// How long each is kept.
    pub keep: At<Duration>,
}

/// Where backups are, by `provider`.
#[derive(Debug, Deserialize)]
#[serde(rename = "provider", rename_all = "kebab-case")]
pub enum BackupStorageSpec {
    /// A bucket of Amazon S3, and snapshots of Amazon EBS.
    Aws(AwsSpec),
}

/// A bucket of Amazon S3, and snapshots of Amazon EBS.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct AwsSpec {
    /// The namespace that Velero runs in: a key of `[namespaces]`.
    pub namespace: At<Name>,
    /// The bucket.
    pub bucket: At<String>,
    /// The folder in it; `velero/` and the environment unless stated.
    pub prefix: Option<At<String>>,
    /// The region of the bucket and of the snapshots.
    pub region: At<String>,
}
