//! Containers of the pods that CloudNativePG makes of a Cluster: what the objects say that they are made from.
//!
//! Source: CloudNativePG, `ClusterSpec.resources` (every instance, and the Job that makes one), `PluginConfiguration`
//! (`enabled` unless it is stated); plugin-barman-cloud, `ObjectStoreSpec.instanceSidecarConfiguration.resources` (the container
//! that it adds to each instance of a cluster that archives to the store, and to no Job that makes one).

use crate::k8s::cloudnative_pg::{OBJECT_STORE, PLUGIN};
use crate::k8s::{Object, Tree, Value};
use crate::plan::{Resource, Slice};
use k8s_openapi::api::core::v1::ResourceRequirements;
use serde::Deserialize;
use std::borrow::Cow;
use std::collections::BTreeSet;

/// What an object says of the containers that are made from it.
pub(super) struct Operated<'a> {
    /// Where in the object it says so.
    pub(super) path: &'static str,
    /// What people put before `requests` and `limits` to say which are meant; empty, or with a `.` at the end.
    pub(super) prefix: &'static str,
    /// `None` where it says nothing.
    pub(super) resources: Option<Cow<'a, ResourceRequirements>>,
}

/// All objects that containers are made from: clusters, and the stores that one in their namespace archives to.
pub(super) fn all(slice: Slice<'_>) -> impl Iterator<Item = (&Resource, Operated<'_>)> {
    let clusters = slice.of_kind("postgresql.cnpg.io", "Cluster");
    let namespace = |resource: &'_ Resource| resource.object.identity().namespace.map(str::to_owned);
    let used: BTreeSet<(Option<String>, String)> = slice
        .of_kind("postgresql.cnpg.io", "Cluster")
        .filter_map(|cluster| Some((namespace(cluster), store_of(&cluster.object)?.to_owned())))
        .collect();
    let is_used = move |store: &&Resource| used.contains(&(namespace(store), store.object.identity().name.to_owned()));
    let stores = slice.of_kind("barmancloud.cnpg.io", "ObjectStore").filter(is_used);
    clusters.chain(stores).filter_map(|resource| Some((resource, of(&resource.object)?)))
}

/// The store that a cluster archives to by the plugin.
pub(super) fn store_of(cluster: &Object) -> Option<&str> {
    match cluster {
        Object::PostgresqlCluster(cluster) => {
            let mut plugins = cluster.spec.plugins.iter().filter(|plugin| plugin.name == PLUGIN);
            plugins.find_map(|plugin| plugin.parameters.get(OBJECT_STORE)).map(String::as_str)
        }
        Object::Tree(tree) => {
            let Some(Value::List(plugins)) = tree.value().at(&["spec", "plugins"]) else { return None };
            let is_used = |plugin: &&Value| {
                plugin.get("name").and_then(Value::as_str) == Some(PLUGIN)
                    && !matches!(plugin.get("enabled"), Some(Value::Bool(false)))
            };
            let mut used = plugins.iter().filter(is_used);
            used.find_map(|plugin| plugin.at(&["parameters", OBJECT_STORE])?.as_str())
        }
        Object::Written(written) => store_of(written.rest()?),
        _ => None,
    }
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
    let (path, prefix) =
        ("spec.instanceSidecarConfiguration.resources", "spec.instanceSidecarConfiguration.resources.");
    Operated { path, prefix, resources }
}

fn stated(tree: &Tree, keys: &[&str]) -> Option<Cow<'static, ResourceRequirements>> {
    let found = ResourceRequirements::deserialize(tree.value().at(keys)?.to_json()).ok()?;
    Some(Cow::Owned(found))
}
