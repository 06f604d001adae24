//! Whether other policies select the same pods: what the removal of a policy means depends on it.
//!
//! Source: Kubernetes, "Network Policies": pods that no policy selects are open in both directions; several policies are
//! a union.

use super::super::subject::Subject;
use super::super::surroundings::{Side, World};
use crate::manifest::{Manifest, Value};

/// What is known of the other policies for the same pods.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Cover {
    /// Another one selects all of them.
    Covered,
    /// None does.
    Open,
    /// Not all policies are known.
    Unknown,
}

/// Looks for another policy of the same kind that selects at least these pods in this direction.
pub(super) fn others(
    subject: &Subject<'_>,
    world: &World<'_>,
    side: Side,
    selects: &dyn Fn(&Manifest<'_>) -> bool,
) -> Cover {
    let id = if side == Side::Old { subject.old_id() } else { subject.id };
    let alike = |manifest: &&Manifest<'_>| {
        manifest.id != *id && manifest.id.group == id.group && manifest.id.kind == id.kind && selects(manifest)
    };
    let (all, is_known) = world.within(side, id.namespace.as_deref(), &[&id.kind]);
    match all.iter().any(alike) {
        true => Cover::Covered,
        false if is_known => Cover::Open,
        false => Cover::Unknown,
    }
}

/// Whether a label selector selects at least what another one does: it asks for no more.
pub(super) fn selects_as_much(wide: Option<&Value<'_>>, narrow: Option<&Value<'_>>) -> bool {
    let labels = |value: Option<&Value<'_>>| -> Vec<(String, String)> {
        let map = value.and_then(|value| value.get("matchLabels")).map_or(&[][..], Value::entries);
        map.iter().map(|(key, value)| (key.to_string(), value.as_str().unwrap_or("").to_owned())).collect()
    };
    let expressions = |value: Option<&Value<'_>>| -> Vec<String> {
        let items = value.and_then(|value| value.get("matchExpressions")).map_or(&[][..], Value::items);
        items.iter().map(|item| format!("{item:?}")).collect()
    };
    let (asked, given) = (labels(wide), labels(narrow));
    let (asked_too, given_too) = (expressions(wide), expressions(narrow));
    asked.iter().all(|pair| given.contains(pair)) && asked_too.iter().all(|text| given_too.contains(text))
}
