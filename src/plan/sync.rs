//! What Argo CD is told of an object because of its kind.

use crate::k8s::{Object, argo_cd};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;

/// The metadata of an object that is one of these kinds.
macro_rules! metadata_of {
    ($object:expr; $($kind:ident),* $(,)?) => {
        match $object {
            $(Object::$kind(object) => Some(&mut object.metadata),)*
            _ => None,
        }
    };
}

/// States what a kind needs beside what the object's own component says of its waves.
pub(super) fn annotate(object: &mut Object) {
    // Their data goes with them: the volumes of CloudNativePG have its `Cluster` as their owner, and a namespace is the
    // owner of everything in it.
    if let Some(metadata) = metadata_of!(object; Namespace, PostgresqlCluster, StatefulSet) {
        option(metadata, argo_cd::CONFIRM);
    }
    if let Some(metadata) = metadata_of!(object; AuthorizationPolicy, PeerAuthentication) {
        let annotations = metadata.annotations.get_or_insert_default();
        annotations.entry(argo_cd::SYNC_WAVE.to_owned()).or_insert_with(|| argo_cd::WAVE_POLICIES.to_owned());
    }
    if let Some(metadata) = custom(object) {
        option(metadata, argo_cd::SKIP_DRY_RUN);
    }
}

/// Metadata of a kind that an operator brings.
fn custom(object: &mut Object) -> Option<&mut ObjectMeta> {
    metadata_of!(
        object;
        AnalysisTemplate,
        AuthorizationPolicy,
        BackupSchedule,
        BackupStorageLocation,
        CalicoNetworkPolicy,
        Certificate,
        ClusterSecretStore,
        DestinationRule,
        ExternalSecret,
        Gateway,
        ObjectStore,
        PeerAuthentication,
        PostgresqlCluster,
        Rollout,
        ScheduledBackup,
        VerticalPodAutoscaler,
        VirtualService,
        VolumeSnapshotLocation,
    )
}

/// Adds an option to those that are stated.
fn option(metadata: &mut ObjectMeta, option: &str) {
    let options = metadata.annotations.get_or_insert_default().entry(argo_cd::SYNC_OPTIONS.to_owned()).or_default();
    if !options.is_empty() {
        options.push(',');
    }
    options.push_str(option);
}
