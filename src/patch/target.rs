//! Which objects a patch is for.

use super::diags;
use super::spec::TargetSpec;
use crate::decode::{At, Entry};
use crate::diag::Diagnostic;
use crate::model::Model;
use crate::plan::{Plan, Resource};
use std::collections::BTreeMap;

/// The positions in the plan of the objects that a target names or picks; never none.
pub(super) fn select(target: &At<TargetSpec>, model: &Model, plan: &Plan) -> Result<Vec<usize>, Diagnostic> {
    let spec = &target.value;
    if spec.name.is_none() && spec.namespace.is_none() && spec.labels.as_ref().is_none_or(BTreeMap::is_empty) {
        return Err(diags::target_of_everything(target.node));
    }
    let namespace = match &spec.namespace {
        Some(key) => Some(namespace(key, model)?),
        None => None,
    };
    let matches = |resource: &Resource| {
        let identity = resource.object.identity();
        identity.kind == spec.kind.value
            && spec.group.as_ref().is_none_or(|group| group.value == identity.group)
            && namespace.is_none_or(|name| identity.namespace == Some(name))
            && spec.name.as_ref().is_none_or(|name| name.value == identity.name)
            && has_labels(resource, spec)
    };
    let found: Vec<(usize, &Resource)> =
        plan.resources().iter().enumerate().filter(|(_, resource)| matches(resource)).collect();
    match found.as_slice() {
        [] => Err(nothing(spec, namespace, model, plan)),
        [(_, first), others @ ..] => {
            let group = first.object.identity().group;
            if let Some((_, other)) = others.iter().find(|(_, other)| other.object.identity().group != group) {
                return Err(diags::several_groups(&spec.kind, group, other.object.identity().group));
            }
            match &spec.name {
                Some(name) if !others.is_empty() => {
                    Err(diags::several_objects(&spec.kind, name, found.iter().map(|(_, r)| *r)))
                }
                _ => Ok(found.iter().map(|(index, _)| *index).collect()),
            }
        }
    }
}

fn has_labels(resource: &Resource, spec: &TargetSpec) -> bool {
    let Some(wanted) = &spec.labels else { return true };
    let labels = resource.object.metadata().and_then(|metadata| metadata.labels.as_ref());
    wanted.iter().all(|(key, value)| labels.and_then(|all| all.get(&key.value)) == Some(&value.value))
}

/// The name in the cluster of a namespace: by its key, or of somebody else's by its name.
pub(super) fn namespace<'a>(key: &At<crate::value::Name>, model: &'a Model) -> Result<&'a str, Diagnostic> {
    let wanted = key.value.as_str();
    let own = |namespace: &crate::model::Namespace| {
        namespace.key == wanted || namespace.key.is_empty() && namespace.name == wanted
    };
    let found = model.namespaces.iter().find(|(_, namespace)| own(namespace));
    found.map(|(_, namespace)| namespace.name.as_str()).ok_or_else(|| diags::no_namespace(key, model))
}

/// Says what is nearest to a target that matches nothing.
fn nothing(spec: &TargetSpec, namespace: Option<&str>, model: &Model, plan: &Plan) -> Diagnostic {
    let identities = || plan.resources().iter().map(|resource| resource.object.identity());
    let kinds = || identities().filter(|identity| identity.kind == spec.kind.value);
    if kinds().next().is_none() {
        return diags::no_such_kind(&spec.kind, identities().map(|identity| identity.kind));
    }
    if let Some(group) = &spec.group
        && !kinds().any(|identity| identity.group == group.value)
    {
        return diags::no_such_group(&spec.kind, group, kinds().map(|identity| identity.group));
    }
    let Some(name) = &spec.name else { return diags::nothing_picked(&spec.kind) };
    let elsewhere = kinds().find(|identity| identity.name == name.value);
    if let Some(identity) = elsewhere {
        let in_it = identity.namespace == namespace || namespace.is_none();
        return diags::named_elsewhere(&spec.kind, name, &identity, (!in_it).then_some(&spec.namespace), model);
    }
    let here = kinds().filter(|identity| namespace.is_none() || identity.namespace == namespace);
    diags::no_such_name(&spec.kind, name, here.map(|identity| identity.name), model)
}

/// Two patches of one object have to give the same in either order.
pub(super) fn by_object<'a, T>(entries: &'a [Entry<T>], selected: &[Vec<usize>]) -> BTreeMap<usize, Vec<&'a Entry<T>>> {
    let mut all: BTreeMap<usize, Vec<&Entry<T>>> = BTreeMap::new();
    for (entry, objects) in entries.iter().zip(selected) {
        for object in objects {
            all.entry(*object).or_default().push(entry);
        }
    }
    all
}
