//! MinIO in a `StatefulSet`: its pools of drives, as the arguments of its servers name them.
//!
//! Source: MinIO, "Expand a MinIO deployment": a pool (`http://minio-{0...3}/data`) never changes in number of servers or
//! drives; a deployment grows by another pool behind those that it has, and all servers get the same arguments.

use super::found;
use super::pods::containers;
use super::subject::{Subject, at};
use super::surroundings::World;
use crate::diff::change::{Class, Consequence};
use crate::manifest::Value;

pub(super) fn rule(subject: &Subject<'_>, _: &World<'_>, out: &mut Vec<Consequence>) {
    if !subject.is("apps", "StatefulSet") || !subject.is_changed() {
        return;
    }
    let (old, new) = (pools(subject.old), pools(subject.new));
    if old.is_empty() || old.iter().zip(&new).filter(|(before, after)| before == after).count() == old.len() {
        return;
    }
    let fields = subject.touched_any(["spec.template.spec.containers", "spec.replicas"]);
    let text = "the pool of MinIO's servers is another one: a pool that holds data cannot change in size, and with other \
                servers or drives MinIO does not start, so that nobody reads or writes until this is taken back";
    let remedy = "leave the pool as it is and add a second one behind it; or make another MinIO and copy the buckets to it \
                  (`mc mirror`)";
    out.push(found(Class::DataAtRisk, text, fields).remedy(remedy));
}

/// What the arguments of all containers say of servers and drives, in order: those with MinIO's `{0...3}`.
fn pools<'v>(value: &'v Value<'_>) -> Vec<&'v str> {
    let Some(spec) = at(value, "spec.template.spec") else { return Vec::new() };
    let arguments = containers(spec).into_iter().flat_map(|(_, _, container)| {
        ["command", "args"].into_iter().filter_map(|list| container.get(list)).flat_map(Value::items)
    });
    let is_pool = |text: &&str| {
        let range = text.split_once('{').and_then(|(_, rest)| rest.split_once('}')).map(|(range, _)| range);
        (text.starts_with('/') || text.starts_with("http")) && range.is_some_and(|range| range.contains("..."))
    };
    arguments.filter_map(Value::as_str).filter(is_pool).collect()
}
