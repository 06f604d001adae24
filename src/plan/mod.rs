//! The plan: resources before they become bytes.
//!
//! Output of pass 5 (lower), input of the later ones. Invariant after [`Plan::sort`]: resources are in the order in which
//! they are applied, cluster-scoped ones first, then namespace by namespace.

mod place;
pub mod pod;
pub mod sync;

use crate::k8s::{Object, Written};
use crate::source::NodeId;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use place::{Namespaces, Place};
use std::cmp::Ordering;
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

/// How an object becomes a document as soon as it is made.
#[derive(Clone, Copy, Debug)]
pub struct Sealing {
    /// Appends the document of an object of which nobody is going to read the whole; `false`, and nothing, for every
    /// other one.
    pub write: fn(&Object, &mut Vec<u8>) -> bool,
    /// What is kept of such an object, for those who read a part of it.
    pub keep: fn(Object) -> Option<Object>,
}

/// All resources of one environment.
#[derive(Clone, Debug, Default)]
pub struct Plan {
    resources: Vec<Resource>,
    /// What each resource is sorted by.
    places: Vec<Place>,
    /// The namespaces in the order in which they came.
    namespaces: Namespaces,
    /// How objects are written as soon as they are made, where they are.
    sealing: Option<Sealing>,
    /// The document that is being written.
    document: Vec<u8>,
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
    /// A plan whose objects become documents as soon as they are added, as far as `sealing` does so. It takes a
    /// fraction of the memory; nobody can change such an object.
    pub fn of_documents(sealing: Sealing) -> Self {
        Plan { sealing: Some(sealing), ..Plan::default() }
    }

    /// Adds a resource, with what Argo CD is told of its kind.
    pub fn add(&mut self, mut resource: Resource) {
        sync::annotate(&mut resource.object);
        self.document.clear();
        if let Some(Sealing { write, keep }) = self.sealing
            && write(&resource.object, &mut self.document)
            && let Ok(document) = std::str::from_utf8(&self.document)
            && let Some(written) = Written::new(&resource.object, document)
        {
            let kept = keep(resource.object);
            resource.object = Object::Written(Box::new(written.with_rest(kept)));
        }
        self.add_as_it_is(resource);
    }

    /// Adds a resource that somebody else has described.
    pub fn add_as_it_is(&mut self, resource: Resource) {
        self.places.push(Place::of(&resource.object, &mut self.namespaces));
        self.resources.push(resource);
    }

    /// All of them.
    pub fn resources(&self) -> &[Resource] {
        &self.resources
    }

    /// All of them, to be picked from.
    pub fn all(&self) -> Slice<'_> {
        Slice { places: &self.places, resources: &self.resources }
    }

    /// The resources of each namespace, those of the cluster itself first. The plan has to be sorted.
    pub fn by_namespace(&self) -> impl Iterator<Item = Slice<'_>> {
        let mut rest = self.resources.as_slice();
        self.places.chunk_by(|one, next| one.namespace == next.namespace).filter_map(move |places| {
            let (resources, others) = rest.split_at_checked(places.len())?;
            rest = others;
            Some(Slice { places, resources })
        })
    }

    /// Of each kind the first resource, in their order, and how many there are. The plan has to be sorted.
    pub fn kinds(&self) -> impl Iterator<Item = (&Resource, usize)> {
        let mut kinds: BTreeMap<_, (usize, usize)> = BTreeMap::new();
        for (index, place) in self.places.iter().enumerate() {
            kinds.entry(place.kind()).or_insert((index, 0)).1 += 1;
        }
        let mut kinds: Vec<(usize, usize)> = kinds.into_values().collect();
        kinds.sort_unstable();
        kinds.into_iter().filter_map(|(first, count)| Some((self.resources.get(first)?, count)))
    }

    /// Each two resources of one identity, as far as they follow one another. The plan has to be sorted.
    pub fn duplicates(&self) -> impl Iterator<Item = (&Resource, &Resource)> {
        let pairs = self.places.windows(2).zip(self.resources.windows(2));
        pairs.filter_map(|(places, resources)| match (places, resources) {
            ([one, other], [first, second]) if one == other => {
                (first.object.identity() == second.object.identity()).then_some((first, second))
            }
            _ => None,
        })
    }

    /// Puts another object in the place of one.
    pub fn replace(&mut self, index: usize, resource: Resource) {
        if let (Some(old), Some(place)) = (self.resources.get_mut(index), self.places.get_mut(index)) {
            *place = Place::of(&resource.object, &mut self.namespaces);
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
        // Kinds that nothing else tells apart follow one another by group and name.
        let trees = self.resources.iter().filter(|resource| matches!(resource.object, Object::Tree(_)));
        let kinds: BTreeSet<(&str, &str)> = trees.map(|resource| resource.object.rank().kind).collect();
        let among: BTreeMap<_, u64> = kinds.into_iter().zip(0..).collect();
        let trees = self.resources.iter().zip(&mut self.places).filter(|(r, _)| matches!(r.object, Object::Tree(_)));
        for (resource, place) in trees {
            place.among = among.get(&resource.object.rank().kind).copied().unwrap_or_default();
        }
        // Places alone: a sort that looks at objects looks all over the memory, again and again. Namespace by namespace
        // for the same reason.
        let mut groups: Vec<Vec<usize>> = vec![Vec::new(); self.namespaces.len()];
        for (index, place) in self.places.iter().enumerate() {
            if let Some(group) = groups.get_mut(place.namespace) {
                group.push(index);
            }
        }
        let mut order: Vec<usize> = Vec::with_capacity(self.resources.len());
        for namespace in self.namespaces.sorted() {
            let mut group = groups.get_mut(namespace).map(mem::take).unwrap_or_default();
            group.sort_unstable_by(|one, other| self.compare(*one, *other));
            order.append(&mut group);
        }
        self.places = order.iter().filter_map(|index| self.places.get(*index).copied()).collect();
        let mut resources: Vec<Option<Resource>> = mem::take(&mut self.resources).into_iter().map(Some).collect();
        self.resources = order.iter().filter_map(|index| resources.get_mut(*index)?.take()).collect();
    }

    /// Two resources of one namespace.
    fn compare(&self, one: usize, other: usize) -> Ordering {
        let place = |index: usize| self.places.get(index).map(|place| (place.kind(), place.name));
        let name = |index: usize| self.resources.get(index).map(|resource| resource.object.identity().name);
        place(one).cmp(&place(other)).then_with(|| name(one).cmp(&name(other))).then(one.cmp(&other))
    }
}

/// Resources that follow one another in a plan. What is picked from them is found by what was noted of each: objects lie
/// all over the memory.
#[derive(Clone, Copy, Debug)]
pub struct Slice<'a> {
    places: &'a [Place],
    resources: &'a [Resource],
}

impl<'a> Slice<'a> {
    /// All of them.
    pub fn resources(self) -> &'a [Resource] {
        self.resources
    }

    fn filter(self, mut wanted: impl FnMut(&Place) -> bool) -> impl Iterator<Item = &'a Resource> {
        self.places.iter().zip(self.resources).filter(move |(place, _)| wanted(place)).map(|(_, resource)| resource)
    }

    /// Those that are more than a document.
    pub fn with_values(self) -> impl Iterator<Item = &'a Resource> {
        self.filter(|place| !place.is_document)
    }

    /// Those of a kind that has a type.
    pub fn of_kind(self, group: &str, kind: &str) -> impl Iterator<Item = &'a Resource> {
        let position = Object::KINDS.iter().position(|known| known.group == group && known.kind == kind);
        self.filter(move |place| position.is_some_and(|at| place.rank == (at, 0)))
    }

    /// Those whose names are longer than so many bytes.
    pub fn with_names_longer_than(self, bytes: usize) -> impl Iterator<Item = &'a Resource> {
        self.filter(move |place| place.length > bytes)
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
