//! Containers of pods that operators make: what the objects say that they are made from.
//!
//! Source: CloudNativePG, `ClusterSpec.resources` (every instance, and the Job that makes one); plugin-barman-cloud,
//! `ObjectStoreSpec.instanceSidecarConfiguration.resources` (the container that it adds to each instance).

use crate::k8s::{Object, Tree};
use crate::plan::{Resource, Slice};
use k8s_openapi::api::core::v1::ResourceRequirements;
use serde::Deserialize;
use std::borrow::Cow;

/// What an object says of the containers that are made from it.
pub(super) struct Operated<'a> {
    /// Where in the object it says so.
    pub(super) path: &'static str,
    /// What people put before `requests` and `limits` to say which are meant; empty, or with a `.` at the end.
    pub(super) prefix: &'static str,
    /// `None` where it says nothing.
    pub(super) resources: Option<Cow<'a, ResourceRequirements>>,
}

/// All objects that operators make pods from.
pub(super) fn all(slice: Slice<'_>) -> impl Iterator<Item = (&Resource, Operated<'_>)> {
    let clusters = slice.of_kind("postgresql.cnpg.io", "Cluster");
    let stores = slice.of_kind("barmancloud.cnpg.io", "ObjectStore");
    clusters.chain(stores).filter_map(|resource| Some((resource, of(&resource.object)?)))
}

/// What an object says; `None` of a kind from which no pods are made.
pub(super) fn of(object: &Object) -> Option<Operated<'_>> {
    Some(match object {
        Object::PostgresqlCluster(cluster) => instance(cluster.spec.resources.as_ref().map(Cow::Borrowed)),
        Object::ObjectStore(store) => {
            sidecar(Some(Cow::Borrowed(&store.spec.instance_sidecar_configuration.resources)))
        }
        // A custom resource that was patched, or that a manifest states.
        Object::Tree(tree) => match (tree.gvk().group, tree.gvk().kind) {
            ("postgresql.cnpg.io", "Cluster") => instance(stated(tree, &["spec", "resources"])),
            ("barmancloud.cnpg.io", "ObjectStore") => {
                sidecar(stated(tree, &["spec", "instanceSidecarConfiguration", "resources"]))
            }
            _ => return None,
        },
        Object::Written(written) => return of(written.rest()?),
        _ => return None,
    })
}

fn instance(resources: Option<Cow<'_, ResourceRequirements>>) -> Operated<'_> {
    Operated { path: "spec.resources", prefix: "", resources }
}

fn sidecar(resources: Option<Cow<'_, ResourceRequirements>>) -> Operated<'_> {
    let (path, prefix) = ("spec.instanceSidecarConfiguration.resources", "instanceSidecarConfiguration.resources.");
    Operated { path, prefix, resources }
}

fn stated(tree: &Tree, keys: &[&str]) -> Option<Cow<'static, ResourceRequirements>> {
    let found = ResourceRequirements::deserialize(tree.value().at(keys)?.to_json()).ok()?;
    Some(Cow::Owned(found))
}
