//! The plan: resources before they become bytes.
//!
//! Output of pass 5 (lower), input of the later ones. Invariant after [`Plan::sort`]: resources are in the order in which
//! they are applied, cluster-scoped ones first, then namespace by namespace.

pub mod pod;
mod sync;

use crate::k8s::Object;
use crate::source::NodeId;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use std::collections::BTreeMap;
use std::mem;

/// An object and where it comes from.
#[derive(Clone, Debug)]
pub struct Resource {
    /// The object.
    pub object: Object,
    /// Nodes of the spec in whose subtrees every leaf lies on which the object may depend.
    pub origins: Vec<NodeId>,
    /// The entry of the spec that the object belongs to: where to point at when the object is at fault.
    pub owner: Option<NodeId>,
    /// The folder below its namespace's: what the object belongs to.
    pub group: String,
    /// The component that made it.
    pub component: &'static str,
}

/// All resources of one environment.
#[derive(Clone, Debug, Default)]
pub struct Plan {
    resources: Vec<Resource>,
}

impl Plan {
    /// Adds a resource, with what Argo CD is told of its kind.
    pub fn add(&mut self, mut resource: Resource) {
        sync::annotate(&mut resource.object);
        self.resources.push(resource);
    }

    /// All of them.
    pub fn resources(&self) -> &[Resource] {
        &self.resources
    }

    /// Puts them into the order in which they are applied: by namespace (cluster-scoped first), kind and name.
    pub fn sort(&mut self) {
        // Namespace by namespace: a sort of the whole plan would look at objects all over the memory again and again.
        let mut namespaces: BTreeMap<Option<&str>, Vec<(usize, &str, usize)>> = BTreeMap::new();
        for (index, resource) in self.resources.iter().enumerate() {
            let identity = resource.object.identity();
            let place = (resource.object.rank(), identity.name, index);
            namespaces.entry(identity.namespace).or_default().push(place);
        }
        for places in namespaces.values_mut() {
            places.sort_unstable();
        }
        let order: Vec<usize> = namespaces.into_values().flatten().map(|(.., index)| index).collect();
        let mut unsorted: Vec<Option<Resource>> = mem::take(&mut self.resources).into_iter().map(Some).collect();
        self.resources = order.into_iter().filter_map(|index| unsorted.get_mut(index)?.take()).collect();
    }
}

/// Metadata of a namespaced object.
pub fn metadata(name: &str, namespace: &str, labels: BTreeMap<String, String>) -> ObjectMeta {
    ObjectMeta {
        name: Some(name.to_owned()),
        namespace: Some(namespace.to_owned()),
        labels: Some(labels),
        ..Default::default()
    }
}
