//! Pass 6, patch: what the platform says in Kubernetes' own words, onto the plan.
//!
//! Input: the sections `manifests` and `patches`, the [`Plan`]. Output: the plan with the objects of manifests and with
//! patched objects, sorted. What construction does not guarantee is validated here: both of these, and custom resources
//! against the CRDs that were imported. Nothing is done to a plan without any of them.
//!
//! Manifests come first: patches are for their objects as well. Each patch sees the object as it is made; two of one
//! object must give the same in either order.

mod apply;
mod credentials;
pub mod diags;
mod footprint;
mod manifests;
mod masks;
mod merge;
mod node;
mod operations;
mod path;
mod spec;
mod target;
mod validate;
mod yaml;

pub use masks::masks;

use crate::decode::{Decoder, Entry};
use crate::diag::{Place, Sink};
use crate::files::Files;
use crate::k8s::{Object, Tree};
use crate::model::Model;
use crate::overlay::Shape;
use crate::plan::{Plan, Resource, Stated};
use crate::schema::crd::Store;
use crate::schema::path_text;
use crate::source::SourceMap;
use node::Node;
use spec::{ManifestSpec, OperationSpec, PatchSpec};
use std::collections::BTreeSet;
use validate::{Schemas, Subject};

/// The sections, with what the merge must know of them: objects are free of its words.
pub const SECTIONS: &[(&str, Shape)] = &[
    ("manifests", Shape::Named(&crate::overlay::PLAIN)),
    (
        "patches",
        Shape::Named(&Shape::Keys(&[("merge", Shape::Free), ("target", Shape::Keys(&[("labels", Shape::Free)]))])),
    ),
];

/// What the sections say.
#[derive(Debug)]
pub struct Patches {
    manifests: Vec<Entry<ManifestSpec>>,
    patches: Vec<Entry<PatchSpec>>,
}

/// The group that a resource of a manifest is of, where a component's name stands elsewhere.
const MANIFESTS: &str = "manifests";

impl Patches {
    /// Reads the sections.
    pub fn decode(decoder: &mut Decoder<'_>) -> Self {
        Patches { manifests: decoder.named("manifests"), patches: decoder.named("patches") }
    }

    /// Whether [`Patches::apply`] may look into the objects of a plan: to find or change them, or to hold them against the
    /// clusters' own CRDs.
    pub fn read_objects(&self, files: &dyn Files) -> bool {
        !self.patches.is_empty() || !self.manifests.is_empty() || Store::exists(files)
    }

    /// Changes the plan.
    pub fn apply(&self, files: &dyn Files, model: &Model, plan: &mut Plan, sources: &mut SourceMap, sink: &mut Sink) {
        let schemas = Schemas::new(files, model.platform.kubernetes);
        let made = plan.resources().len();
        self.add(files, (model, &schemas), plan, sources, sink);
        let patched = self.patch(model, &schemas, plan, sink);
        generated(&schemas, plan, made, &patched, sink);
        for fault in schemas.faults() {
            sink.push(fault);
        }
        if plan.resources().len() > made {
            plan.sort();
        }
    }

    /// Adds the objects of manifests.
    fn add(
        &self,
        files: &dyn Files,
        (model, schemas): (&Model, &Schemas<'_>),
        plan: &mut Plan,
        sources: &mut SourceMap,
        sink: &mut Sink,
    ) {
        for entry in &self.manifests {
            if let Some(key) = &entry.spec.namespace
                && target::namespace(key, model).is_err()
            {
                sink.push(diags::entry_namespace(key, model));
            }
        }
        for stated in manifests::read(&self.manifests, files, sources, sink) {
            let Some(entry) = self.manifests.get(stated.entry) else { continue };
            let Some(node) = manifests::checked(stated.node, entry, model, schemas, sink) else { continue };
            let place = node.at(&["metadata", "name"]).and_then(|name| name.at).unwrap_or(entry.name.node);
            match object(&node) {
                Ok(object) => {
                    plan.note_stated(&object, stated_of(&node));
                    plan.add_as_it_is(Resource {
                        object,
                        origins: vec![entry.name.node],
                        owner: Some(place),
                        group: entry.name.value.as_str().to_owned(),
                        component: MANIFESTS,
                    });
                }
                Err(problem) => sink.push(diags::unusable(&problem, place)),
            }
        }
    }

    /// Applies the patches; gives the positions of the objects that they are for.
    fn patch(&self, model: &Model, schemas: &Schemas<'_>, plan: &mut Plan, sink: &mut Sink) -> BTreeSet<usize> {
        let mut selected = Vec::with_capacity(self.patches.len());
        for patch in &self.patches {
            let before = sink.error_count();
            apply::check(patch, sink);
            let found = target::select(&patch.spec.target, model, plan);
            let found = found.map_err(|diagnostic| sink.push(diagnostic)).unwrap_or_default();
            selected.push(if sink.error_count() > before { Vec::new() } else { found });
        }
        let mut effective: BTreeSet<&str> = BTreeSet::new();
        let by_object = target::by_object(&self.patches, &selected);
        for (index, patches) in &by_object {
            let Some(resource) = plan.resources().get(*index) else { continue };
            if let Some((changed, stated)) = patched(resource, patches, schemas, &mut effective, sink) {
                plan.note_stated(&changed.object, stated);
                plan.replace(*index, changed);
            }
        }
        if !sink.has_errors() {
            let tests = |spec: &PatchSpec| {
                let all = spec.operations.as_ref().map_or(&[][..], |all| &all.value);
                !all.is_empty() && all.iter().all(|one| matches!(one.value, OperationSpec::Test(_)))
            };
            for patch in self.patches.iter().filter(|patch| !tests(&patch.spec)) {
                if !effective.contains(patch.name.value.as_str()) {
                    sink.push(diags::no_effect(&patch.name));
                }
            }
        }
        by_object.into_keys().collect()
    }
}

/// A resource with its patches; `None` if it stays as it is, since it is wrong or nothing changes.
fn patched<'a>(
    resource: &Resource,
    patches: &[&'a Entry<PatchSpec>],
    schemas: &Schemas<'_>,
    effective: &mut BTreeSet<&'a str>,
    sink: &mut Sink,
) -> Option<(Resource, Stated)> {
    let identity = resource.object.identity();
    let owner = patches.first()?.name.node;
    let made = match Node::of(&resource.object) {
        Ok(made) => made,
        Err(error) => {
            sink.push(diags::unusable(&error.to_string(), owner));
            return None;
        }
    };
    let result = apply::all(&made, &identity, patches, sink)?;
    for patch in patches {
        if apply::changes(&made, &patch.spec) {
            effective.insert(patch.name.value.as_str());
        }
    }
    let before = sink.error_count();
    for found in credentials::find(&result.node, &identity) {
        sink.push(found);
    }
    if sink.error_count() == before {
        let subject = Subject {
            object: &result.node,
            identity: identity.clone(),
            removed: &result.removed,
            owner: Place::Key(owner),
            stated: true,
        };
        schemas.check(resource.object.gvk(), &subject, sink);
    }
    if sink.error_count() > before {
        return None;
    }
    let object = match object(&result.node) {
        Ok(object) => object,
        Err(problem) => {
            sink.push(diags::unusable(&problem, result.node.stated().unwrap_or(owner)));
            return None;
        }
    };
    let mut stated = stated_of(&result.node);
    stated.extend(result.removed.iter().map(|(path, node)| (path_text(path), *node)));
    let origins = resource.origins.iter().copied().chain(patches.iter().map(|patch| patch.name.node)).collect();
    let changed = Resource {
        object,
        origins,
        owner: resource.owner,
        group: resource.group.clone(),
        component: resource.component,
    };
    Some((changed, stated))
}

/// Custom resources that the compiler made, against the clusters' own CRDs: their release may not know a field.
fn generated(schemas: &Schemas<'_>, plan: &Plan, made: usize, patched: &BTreeSet<usize>, sink: &mut Sink) {
    let custom = |resource: &&Resource| !resource.object.gvk().is_core();
    let mut resources = plan.resources().iter().take(made).enumerate();
    if sink.has_errors() || !resources.any(|(_, resource)| custom(&resource)) || schemas.crds().is_empty() {
        return;
    }
    for (index, resource) in plan.resources().iter().take(made).enumerate() {
        if patched.contains(&index) || !custom(&resource) {
            continue;
        }
        let Ok(object) = Node::of(&resource.object) else { continue };
        let subject = Subject {
            object: &object,
            identity: resource.object.identity(),
            removed: &Vec::new(),
            owner: resource.owner.or(resource.origins.last().copied()).map_or(Place::None, Place::Key),
            stated: false,
        };
        schemas.check(resource.object.gvk(), &subject, sink);
    }
}

/// The object of the plan: typed where its kind is and the type says all of it, a tree else.
fn object(node: &Node) -> Result<Object, String> {
    Tree::new(node.to_tree()).map(Object::of_tree)
}

/// Which of an object's values somebody states.
fn stated_of(node: &Node) -> Stated {
    let mut stated = Stated::new();
    node.walk(&mut Vec::new(), &mut |path, node| {
        if let Some(at) = node.at {
            stated.insert(path_text(path), at);
        }
    });
    stated
}
