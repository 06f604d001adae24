//! What takes effect at once while an old version is still in use: a blue-green or canary Rollout keeps it until the new one
//! has taken over, but policies and Secrets that only the old one needs change with the same sync.
//!
//! Source: Argo Rollouts, "`BlueGreen` Deployment Strategy" (the active Service selects the old `ReplicaSet` until the
//! promotion), "Canary Deployment Strategy" (a step at a time).

use super::found;
use super::pods::template;
use super::subject::{Subject, at};
use super::surroundings::World;
use super::words::list;
use crate::diff::change::{Class, Consequence, Fate, ObjectChange, Segment};
use crate::manifest::Value;

/// What to do: one object at a time.
pub(super) const REMEDY: &str = "sync the Rollout alone and have it promoted, then the rest";

/// Rollouts whose pods change, and whose old version stays in use for a while.
pub(super) fn kept<'s, 'w>(world: &'s World<'w>) -> impl Iterator<Item = &'w ObjectChange<'w>> + use<'s, 'w> {
    let all = || world.changes.iter().filter(|change| is_kept(change)).collect();
    world.kept.get_or_init(all).iter().copied()
}

fn is_kept(change: &ObjectChange<'_>) -> bool {
    if change.id.kind != "Rollout" || change.id.group != "argoproj.io" || change.fate != Fate::Changed {
        return false;
    }
    let subject = Subject::of(change);
    let strategy = |name: &str| at(subject.new, &format!("spec.strategy.{name}"));
    let in_steps =
        strategy("blueGreen").is_some() || strategy("canary.steps").is_some_and(|steps| !steps.items().is_empty());
    in_steps && !subject.touched("spec.template").is_empty()
}

/// `until it is promoted`, in the words of the strategy.
pub(super) fn until(change: &ObjectChange<'_>) -> &'static str {
    let new = Subject::of(change).new;
    let automatic = at(new, "spec.strategy.blueGreen.autoPromotionEnabled").and_then(Value::as_bool) != Some(false);
    match at(new, "spec.strategy.blueGreen") {
        Some(_) if !automatic => "until somebody promotes the new one",
        _ => "until the new one has taken over",
    }
}

/// A policy that is narrower from now on, for the old version too.
pub(super) fn rule(subject: &Subject<'_>, world: &World<'_>, out: &mut Vec<Consequence>) {
    let narrower = out.iter().filter(|one| one.class == Class::ExposureNarrower);
    let mut fields: Vec<usize> = narrower.flat_map(|one| one.fields.iter().copied()).collect();
    if !out.iter().any(|one| one.class == Class::ExposureNarrower) {
        return;
    }
    fields.sort_unstable();
    fields.dedup();
    let who: Vec<&ObjectChange<'_>> = kept(world).filter(|rollout| is_cut(subject, rollout, &fields)).collect();
    let Some(first) = who.first() else { return };
    let names: Vec<&str> = who.iter().map(|rollout| rollout.id.name.as_str()).collect();
    let (keeps, loses) = if who.len() == 1 {
        ("keeps its old version", "that version loses")
    } else {
        ("keep their old versions", "those versions lose")
    };
    let text = format!("Rollout {} {keeps} in use {}, and {loses} this at once", list(&names), until(first));
    out.push(found(Class::AvailabilityLower, text, fields).remedy(REMEDY));
}

/// Whether pods of a Rollout's old version lose something that they may connect to.
fn is_cut(policy: &Subject<'_>, rollout: &ObjectChange<'_>, fields: &[usize]) -> bool {
    let old = Subject::of(rollout).old;
    let Some(pods) = template("spec.template", old) else { return false };
    let (own, theirs) = (policy.old_id().namespace.as_deref(), rollout.id.namespace.as_deref());
    let is_here = own == theirs;
    let outwards = policy.is_new() || policy.is_gone() || fields.iter().any(|index| is_egress(policy, *index));
    match (policy.id.group.as_str(), policy.id.kind.as_str()) {
        ("networking.k8s.io", "NetworkPolicy") => {
            let value = if policy.is_gone() { policy.old } else { policy.new };
            let selects = is_here && selects(at(value, "spec.podSelector"), pods);
            let reached = |value| reaches(value, pods, is_here, theirs);
            (selects && outwards) || (reached(policy.old) && !reached(policy.new))
        }
        ("projectcalico.org" | "crd.projectcalico.org", _) => {
            let selector = at(policy.new, "spec.selector").and_then(Value::as_str).unwrap_or("");
            (is_here || own.is_none()) && outwards && selects_by_text(selector, pods)
        }
        ("security.istio.io", "AuthorizationPolicy") => {
            let account = at(pods, "spec.serviceAccountName").and_then(Value::as_str).unwrap_or("default");
            let account = format!("/ns/{}/sa/{account}", theirs.unwrap_or("default"));
            let named = |value| sources(value).any(|principal| principal.ends_with(&account));
            named(policy.old) && !named(policy.new)
        }
        _ => false,
    }
}

/// Whether a field of a policy is about what its pods may connect to.
fn is_egress(policy: &Subject<'_>, index: usize) -> bool {
    let path = policy.fields.get(index).map_or(&[][..], |field| field.path.as_slice());
    matches!(path, [_, Segment::Key(direction), ..] if direction == "egress")
}

/// Whether a rule of a `NetworkPolicy` lets pods of a namespace in.
fn reaches(policy: &Value<'_>, pods: &Value<'_>, is_here: bool, namespace: Option<&str>) -> bool {
    let rules = at(policy, "spec.ingress").map_or(&[][..], Value::items);
    rules.iter().any(|rule| {
        let peers = rule.get("from").map_or(&[][..], Value::items);
        peers.is_empty()
            || peers.iter().any(|peer| {
                let by_namespace = match peer.get("namespaceSelector") {
                    // Labels of namespaces are not known, but for the one that each has.
                    Some(selector) => {
                        let name = selector.at(&["matchLabels", "kubernetes.io/metadata.name"]);
                        name.is_none_or(|name| name.as_str() == namespace)
                    }
                    None => is_here && peer.get("podSelector").is_some(),
                };
                by_namespace && selects(peer.get("podSelector"), pods)
            })
    })
}

/// Whether a label selector selects pods of a template; an absent one selects all.
pub(super) fn selects(selector: Option<&Value<'_>>, pods: &Value<'_>) -> bool {
    let Some(selector) = selector else { return true };
    let label = |key: &str| pods.at(&["metadata", "labels", key]).and_then(Value::as_str);
    let by_labels = selector.get("matchLabels").map_or(&[][..], Value::entries).iter();
    let by_terms = selector.get("matchExpressions").map_or(&[][..], Value::items).iter();
    by_labels.clone().all(|(key, value)| label(key) == value.as_str())
        && by_terms.clone().all(|term| {
            let text = |field| term.get(field).and_then(Value::as_str).unwrap_or("");
            let label = label(text("key"));
            let named = || term.get("values").map_or(&[][..], Value::items).iter().any(|value| value.as_str() == label);
            match text("operator") {
                "In" => label.is_some() && named(),
                "NotIn" => label.is_none() || !named(),
                "Exists" => label.is_some(),
                _ => label.is_none(),
            }
        })
}

/// The same for Calico's language, as far as it is terms that all hold: `app == 'x' && tier == 'y'`.
fn selects_by_text(selector: &str, pods: &Value<'_>) -> bool {
    selector.split("&&").map(str::trim).filter(|term| !matches!(*term, "" | "all()")).all(|term| {
        let Some((key, value)) = term.split_once("==") else { return false };
        let value = value.trim().trim_matches(['\'', '"']);
        pods.at(&["metadata", "labels", key.trim()]).and_then(Value::as_str) == Some(value)
    })
}

/// The principals that an `AuthorizationPolicy` lets in.
fn sources<'v>(policy: &'v Value<'_>) -> impl Iterator<Item = &'v str> {
    let rules = at(policy, "spec.rules").map_or(&[][..], Value::items).iter();
    let from = rules.flat_map(|rule| rule.get("from").map_or(&[][..], Value::items));
    let principals = from.flat_map(|from| from.at(&["source", "principals"]).map_or(&[][..], Value::items));
    principals.filter_map(Value::as_str)
}
