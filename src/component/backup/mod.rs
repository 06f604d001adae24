//! Backups of namespaces by Velero (D25): their objects, and snapshots of their volumes.
//!
//! Emits a `Schedule` for each backup, and the `BackupStorageLocation` and `VolumeSnapshotLocation` that they name. Velero
//! itself is the cluster's. It sees its own kinds in its own namespace only, which the storage section names.
//!
//! Sources, in Velero's repository: `pkg/builder/backup_builder.go` (a backup gets the schedule's labels unless its
//! template has some, and the schedule's name as a label's value), "Backup Storage Locations" of its documentation (a folder
//! with other things in it is refused; of two clusters that share one, each sees and expires the other's backups).

mod declare;
pub mod diags;
mod lower;
pub mod spec;

use super::{Component, Declare};
use crate::decode::Decoder;
use crate::overlay::{PLAIN, Shape};

/// The component.
#[derive(Debug)]
pub struct Backup;

impl Component for Backup {
    fn name(&self) -> &'static str {
        "backup"
    }

    fn sections(&self) -> &'static [(&'static str, Shape)] {
        &[("backups", Shape::Named(&PLAIN)), ("backup-storage", Shape::Choice("provider", &[]))]
    }

    fn decode(&self, decoder: &mut Decoder<'_>) -> Box<dyn Declare> {
        Box::new(declare::Decoded { storage: decoder.section("backup-storage"), backups: decoder.named("backups") })
    }
}
