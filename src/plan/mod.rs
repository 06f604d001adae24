//! The plan: resources before they become bytes.
//!
//! Output of pass 5 (lower), input of the later ones. Invariant after [`Plan::sort`]: resources are in the order in which
//! they are applied, cluster-scoped ones first, then namespace by namespace.

pub mod pod;
pub mod sync;

use crate::k8s::Object;
use crate::source::NodeId;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use std::collections::{BTreeMap, BTreeSet};
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

/// Who states what of an object, where that is not the compiler: values by path, as in
/// `spec.template.spec.containers[0].image`.
pub type Stated = BTreeMap<String, NodeId>;

/// All resources of one environment.
#[derive(Clone, Debug, Default)]
pub struct Plan {
    resources: Vec<Resource>,
    /// What patches and manifests state, by object; without a patch or manifest there is none.
    stated: BTreeMap<Key, Stated>,
}

/// An object's identity, owned: group, kind, namespace and name.
type Key = (String, String, Option<String>, String);

fn key(object: &Object) -> Key {
    let identity = object.identity();
    let (group, kind, name) = (identity.group.to_owned(), identity.kind.to_owned(), identity.name.to_owned());
    (group, kind, identity.namespace.map(str::to_owned), name)
}

impl Plan {
    /// Adds a resource, with what Argo CD is told of its kind.
    pub fn add(&mut self, mut resource: Resource) {
        sync::annotate(&mut resource.object);
        self.resources.push(resource);
    }

    /// Adds a resource that somebody else has described.
    pub fn add_as_it_is(&mut self, resource: Resource) {
        self.resources.push(resource);
    }

    /// All of them.
    pub fn resources(&self) -> &[Resource] {
        &self.resources
    }

    /// Puts another object in the place of one.
    pub fn replace(&mut self, index: usize, resource: Resource) {
        if let Some(old) = self.resources.get_mut(index) {
            *old = resource;
        }
    }

    /// Notes what of an object a patch or a manifest states or removes.
    pub fn note_stated(&mut self, object: &Object, stated: Stated) {
        self.stated.entry(key(object)).or_default().extend(stated);
    }

    /// Who states, or has removed, the value at a path of an object or what it is in, if that was a patch or a manifest.
    pub fn stated_at(&self, resource: &Resource, path: &str) -> Option<NodeId> {
        if self.stated.is_empty() {
            return None;
        }
        let stated = self.stated.get(&key(&resource.object))?;
        let parents = path.char_indices().rev().filter(|(_, c)| matches!(c, '.' | '[')).map(|(at, _)| at);
        let around = || parents.filter_map(|at| path.get(..at)).find_map(|parent| stated.get(parent));
        stated.get(path).or_else(around).copied()
    }

    /// Puts them into the order in which they are applied: by namespace (cluster-scoped first), kind and name.
    pub fn sort(&mut self) {
        // Namespace by namespace: a sort of the whole plan would look at objects all over the memory again and again.
        let mut namespaces: BTreeMap<Option<&str>, usize> = BTreeMap::new();
        let mut places: Vec<Vec<(u64, &str, usize)>> = Vec::new();
        // What a component makes of a workload comes together, in one namespace.
        let mut last: Option<(Option<&str>, usize)> = None;
        let trees = self.resources.iter().filter(|resource| matches!(resource.object, Object::Tree(_)));
        let kinds: BTreeSet<(&str, &str)> = trees.map(|resource| resource.object.rank().kind).collect();
        for (index, resource) in self.resources.iter().enumerate() {
            let identity = resource.object.identity();
            let rank = resource.object.rank();
            // Kinds that nothing else tells apart follow one another by group and name.
            let among = kinds.iter().position(|kind| *kind == rank.kind).unwrap_or_default() as u64;
            let place = ((rank.after as u64) << 32 | (rank.then as u64) << 16 | among, identity.name, index);
            let group = match last {
                Some((namespace, group)) if namespace == identity.namespace => group,
                _ => *namespaces.entry(identity.namespace).or_insert_with(|| {
                    places.push(Vec::new());
                    places.len() - 1
                }),
            };
            last = Some((identity.namespace, group));
            if let Some(group) = places.get_mut(group) {
                group.push(place);
            }
        }
        let mut order: Vec<usize> = Vec::with_capacity(self.resources.len());
        for group in namespaces.into_values() {
            let mut group = places.get_mut(group).map(mem::take).unwrap_or_default();
            group.sort_unstable();
            order.extend(group.into_iter().map(|(.., index)| index));
        }
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
