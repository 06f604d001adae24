use crate::component::{Lower, LowerContext};
use crate::k8s::velero::{
    BackupMetadata, BackupSpec, BackupStorageLocationSpec, ObjectStorage, ScheduleSpec, VolumeSnapshotLocationSpec,
};
use crate::k8s::{Custom, Object, labels};
use crate::model::NamespaceId;
use crate::plan::{Resource, metadata};
use crate::source::NodeId;
use std::collections::BTreeMap;

pub(super) struct Declared {
    /// Where Velero runs.
    pub(super) namespace: NamespaceId,
    pub(super) storage: Storage,
    pub(super) schedules: Vec<Schedule>,
}

pub(super) struct Storage {
    pub(super) bucket: String,
    pub(super) prefix: String,
    pub(super) region: String,
    pub(super) node: NodeId,
}

pub(super) struct Schedule {
    pub(super) name: String,
    pub(super) cron: String,
    pub(super) namespaces: Vec<NamespaceId>,
    pub(super) ttl: String,
    pub(super) node: NodeId,
}

/// The folder of what belongs to backups.
const GROUP: &str = "backups";
/// The name of both locations; Velero's own for what is not said otherwise.
const LOCATION: &str = "default";
/// Velero's plugin for AWS.
const AWS: &str = "aws";
/// Events tell of what was, and nothing reads restored ones.
const EXCLUDED: [&str; 2] = ["events", "events.events.k8s.io"];

impl Lower for Declared {
    fn lower(&self, context: &mut LowerContext<'_>) {
        let model = context.model;
        let Some(velero) = model.namespaces.get(self.namespace) else { return };
        let shared: Vec<NodeId> =
            [Some(model.platform.node), Some(self.storage.node), velero.node].into_iter().flatten().collect();
        let labels = labels::of_platform(&model.platform.name);
        let metadata = |name: &str| metadata(name, &velero.name, labels.clone());
        let mut add = |object: Object, origins: Vec<NodeId>, owner| {
            let owner = Some(owner);
            context.plan.add(Resource { object, origins, owner, group: GROUP.to_owned(), component: "backup" });
        };
        let config = BTreeMap::from([("region", self.storage.region.clone())]);
        let storage = BackupStorageLocationSpec {
            provider: AWS,
            default: true,
            object_storage: ObjectStorage { bucket: self.storage.bucket.clone(), prefix: self.storage.prefix.clone() },
            config: config.clone(),
        };
        add(Custom { metadata: metadata(LOCATION), spec: storage }.into(), shared.clone(), self.storage.node);
        let snapshots = VolumeSnapshotLocationSpec { provider: AWS, config };
        add(Custom { metadata: metadata(LOCATION), spec: snapshots }.into(), shared.clone(), self.storage.node);
        for schedule in &self.schedules {
            let included: Vec<_> = schedule.namespaces.iter().filter_map(|id| model.namespaces.get(*id)).collect();
            let mut origins = shared.clone();
            origins.push(schedule.node);
            origins.extend(included.iter().filter_map(|namespace| namespace.node));
            let template = BackupSpec {
                // Labels of its own, or a backup takes the schedule's: those by which Argo CD knows what it applied, and
                // would remove again what is not in git.
                metadata: BackupMetadata {
                    labels: BTreeMap::from([(labels::PART_OF.to_owned(), model.platform.name.clone())]),
                },
                included_namespaces: included.iter().map(|namespace| namespace.name.clone()).collect(),
                excluded_resources: EXCLUDED.to_vec(),
                snapshot_volumes: true,
                storage_location: LOCATION,
                volume_snapshot_locations: vec![LOCATION],
                ttl: schedule.ttl.clone(),
            };
            let spec = ScheduleSpec { schedule: schedule.cron.clone(), template };
            add(Custom { metadata: metadata(&schedule.name), spec }.into(), origins, schedule.node);
        }
    }
}
