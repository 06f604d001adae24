//! Velero, `velero.io/v1` (CRDs of release 1.18).

use super::custom::CustomSpec;
use serde::Serialize;
use std::collections::BTreeMap;

/// `Schedule`: backups at the times of a cron expression. Each is called like the schedule, with its time behind it.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ScheduleSpec {
    /// Five fields, in UTC.
    pub schedule: String,
    /// What each backup is.
    pub template: BackupSpec,
}

/// One backup.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct BackupSpec {
    /// Labels of the backup; the schedule's own where it is absent.
    pub metadata: BackupMetadata,
    /// Namespaces; an empty list would be all of them.
    pub included_namespaces: Vec<String>,
    /// Resources that are left out.
    pub excluded_resources: Vec<&'static str>,
    /// Whether volumes are backed up by snapshots.
    pub snapshot_volumes: bool,
    /// Name of the storage location.
    pub storage_location: &'static str,
    /// Names of the snapshot locations, one for each provider.
    pub volume_snapshot_locations: Vec<&'static str>,
    /// How long it is kept, as a Go duration.
    pub ttl: String,
}

/// Metadata of a backup.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct BackupMetadata {
    /// Labels.
    pub labels: BTreeMap<String, String>,
}

/// `BackupStorageLocation`: where backups of objects are.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct BackupStorageLocationSpec {
    /// The plugin that reaches it.
    pub provider: &'static str,
    /// Whether it is the one for backups that name none.
    pub default: bool,
    /// The bucket.
    pub object_storage: ObjectStorage,
    /// What the plugin wants to know.
    pub config: BTreeMap<&'static str, String>,
}

/// A place in a bucket.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ObjectStorage {
    /// The bucket's name.
    pub bucket: String,
    /// The folder below which everything is. Velero refuses one with folders that it does not know.
    pub prefix: String,
}

/// `VolumeSnapshotLocation`: where snapshots of volumes are.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct VolumeSnapshotLocationSpec {
    /// The plugin that makes them.
    pub provider: &'static str,
    /// What the plugin wants to know.
    pub config: BTreeMap<&'static str, String>,
}

impl CustomSpec for ScheduleSpec {
    const GROUP: &'static str = "velero.io";
    const API_VERSION: &'static str = "velero.io/v1";
    const KIND: &'static str = "Schedule";
}

impl CustomSpec for BackupStorageLocationSpec {
    const GROUP: &'static str = "velero.io";
    const API_VERSION: &'static str = "velero.io/v1";
    const KIND: &'static str = "BackupStorageLocation";
}

impl CustomSpec for VolumeSnapshotLocationSpec {
    const GROUP: &'static str = "velero.io";
    const API_VERSION: &'static str = "velero.io/v1";
    const KIND: &'static str = "VolumeSnapshotLocation";
}
