//! Budgets for evictions, and the bounds of autoscalers.
//!
//! Source: the API reference, `PodDisruptionBudgetSpec`, `HorizontalPodAutoscalerSpec`.

use super::super::found;
use super::super::pods::{number, share};
use super::super::subject::{Subject, at};
use super::super::surroundings::{Side, World};
use super::super::words::{count, list, shown};
use super::pods::{field_change, meant};
use crate::diff::change::{Class, Consequence, Fate};
use crate::manifest::{Manifest, ObjectId, Value};
use crate::value::CountOrPercentage;

pub(super) fn disruption(subject: &Subject<'_>, world: &World<'_>, out: &mut Vec<Consequence>) {
    match subject.fate {
        Fate::Removed => {
            let unlimited = || {
                let pods = meant(subject, true);
                let pods = pods.trim_start_matches("all ");
                format!("nothing limits evictions any more: a drain of nodes may stop all {pods} at once")
            };
            let consequence = match with_its_pods(subject, world) {
                Some(text) => found(Class::InPlace, text, Vec::new()),
                None => found(Class::AvailabilityLower, unlimited(), Vec::new()),
            };
            out.push(consequence);
        }
        Fate::Added | Fate::Renamed { .. } if forbids_evictions(subject.new) => {
            out.push(found(Class::AvailabilityLower, undrainable(&meant(subject, false)), Vec::new()));
        }
        Fate::Added | Fate::Renamed { .. } => {
            let text =
                format!("evictions of {} are limited from now on: {}", meant(subject, false), stated(subject.new));
            out.push(found(Class::InPlace, text, Vec::new()));
        }
        Fate::Changed => changed(subject, out),
    }
}

/// Of a budget for pods that are removed as well, and for no others.
fn with_its_pods(subject: &Subject<'_>, world: &World<'_>) -> Option<String> {
    let (namespace, selector) = (subject.old_id().namespace.as_deref(), at(subject.old, "spec.selector"));
    let is_gone = |manifest: &&Manifest<'_>| world.change(manifest).is_some_and(|change| change.fate == Fate::Removed);
    let gone = world.references.selected(world, (Side::Old, namespace), selector);
    let gone: Vec<String> =
        gone.into_iter().filter(is_gone).map(|pods| format!("{} {}", pods.id.kind, pods.id.name)).collect();
    let is_left = !world.references.selected(world, (Side::New, namespace), selector).is_empty();
    (!gone.is_empty() && !is_left).then(|| format!("it goes with the pods that it was for, those of {}", list(&gone)))
}

/// Whether no pod may ever be evicted, however many there are.
fn forbids_evictions(budget: &Value<'_>) -> bool {
    let is = |field: &str, count: Option<u32>, percent: u16| {
        share(at(budget, &format!("spec.{field}"))).is_some_and(|share| match share {
            CountOrPercentage::Count(stated) => Some(stated) == count,
            CountOrPercentage::Percentage(stated) => stated.percent() == percent,
        })
    };
    is("maxUnavailable", Some(0), 0) || is("minAvailable", None, 100)
}

fn undrainable(pods: &str) -> String {
    format!("none of {} may be evicted: a drain of their nodes does not end", pods.trim_start_matches("all "))
}

fn stated(budget: &Value<'_>) -> String {
    for field in ["minAvailable", "maxUnavailable"] {
        if let Some(value) = at(budget, &format!("spec.{field}")) {
            return format!("{field} {}", shown(Some(value)));
        }
    }
    "it states neither minAvailable nor maxUnavailable".to_owned()
}

fn changed(subject: &Subject<'_>, out: &mut Vec<Consequence>) {
    let fields = subject.touched("spec.selector");
    if !fields.is_empty() {
        let text = format!("the budget is for {} now, no longer for {}", meant(subject, false), meant(subject, true));
        out.push(found(Class::AvailabilityLower, text, fields));
    }
    let fields = subject.touched_any(["spec.minAvailable", "spec.maxUnavailable"]);
    if fields.is_empty() {
        return;
    }
    if forbids_evictions(subject.new) && !forbids_evictions(subject.old) {
        let text = format!("{} ({})", undrainable(&meant(subject, false)), stated(subject.new));
        out.push(found(Class::AvailabilityLower, text, fields));
        return;
    }
    let order = |field: &str| {
        let (old, new) = subject.both(&format!("spec.{field}"));
        match (share(old)?, share(new)?) {
            (CountOrPercentage::Count(old), CountOrPercentage::Count(new)) => Some(new.cmp(&old)),
            (CountOrPercentage::Percentage(old), CountOrPercentage::Percentage(new)) => {
                Some(new.percent().cmp(&old.percent()))
            }
            _ => None,
        }
    };
    use std::cmp::Ordering::{Equal, Greater, Less};
    let (text, class) = match (order("minAvailable"), order("maxUnavailable")) {
        (Some(Less), _) => (format!("evictions may leave fewer pods: {}", field_change(subject, "minAvailable")), true),
        (_, Some(Greater)) => {
            (format!("evictions may stop more pods at once: {}", field_change(subject, "maxUnavailable")), true)
        }
        (Some(Greater), _) => (format!("evictions leave more pods: {}", field_change(subject, "minAvailable")), false),
        (_, Some(Less)) => {
            (format!("evictions stop fewer pods at once: {}", field_change(subject, "maxUnavailable")), false)
        }
        (Some(Equal), _) | (_, Some(Equal)) => return,
        // A number against a percentage, or one field for the other: the sum depends on how many pods there are.
        (None, None) => (
            format!("evictions are limited otherwise: {} instead of {}", stated(subject.new), stated(subject.old)),
            true,
        ),
    };
    out.push(found(if class { Class::AvailabilityLower } else { Class::InPlace }, text, fields));
}

/// Whether what an autoscaler is for is removed as well.
fn is_target_gone(subject: &Subject<'_>, world: &World<'_>) -> bool {
    let text = |field| at(subject.old, &format!("spec.scaleTargetRef.{field}")).and_then(Value::as_str).unwrap_or("");
    let group = text("apiVersion").split_once('/').map_or("", |(group, _)| group);
    let id = ObjectId {
        namespace: subject.old_id().namespace.clone(),
        group: group.to_owned(),
        kind: text("kind").to_owned(),
        name: text("name").to_owned(),
    };
    world.change_of(&id).is_some_and(|change| change.fate == Fate::Removed)
}

pub(super) fn autoscaler(subject: &Subject<'_>, world: &World<'_>, out: &mut Vec<Consequence>) {
    let (least, most) = if subject.id.kind == "ScaledObject" {
        ("spec.minReplicaCount", "spec.maxReplicaCount")
    } else {
        ("spec.minReplicas", "spec.maxReplicas")
    };
    let target = |value: &Value<'_>| {
        let text = |field| at(value, &format!("spec.scaleTargetRef.{field}")).and_then(Value::as_str).unwrap_or("");
        format!("{} {}", text("kind"), text("name")).trim().to_owned()
    };
    let bound = |value: &Value<'_>, path: &str| number(at(value, path));
    match subject.fate {
        Fate::Removed if is_target_gone(subject, world) => {
            let text = format!("it goes with what it scaled, the {}", target(subject.old));
            out.push(found(Class::InPlace, text, Vec::new()));
        }
        Fate::Removed => {
            let text = format!(
                "nothing scales the {} any more: it keeps the number of pods that it has, or takes its own `replicas`",
                target(subject.old)
            );
            out.push(found(Class::AvailabilityLower, text, Vec::new()));
        }
        Fate::Added | Fate::Renamed { .. } => {
            let (least, most) = (bound(subject.new, least).unwrap_or(1), bound(subject.new, most).unwrap_or(1));
            let text =
                format!("from now on the {} is scaled between {least} and {}", target(subject.new), count(most, "pod"));
            out.push(found(Class::InPlace, text, Vec::new()));
        }
        Fate::Changed => {
            let _ = world;
            for (path, lower, higher) in [
                (least, "when there is little to do fewer pods run", "more pods run even when there is little to do"),
                (most, "under load fewer pods can be added", "under load more pods can be added"),
            ] {
                let fields = subject.touched(path);
                let name = path.rsplit('.').next().unwrap_or(path);
                let (old, new) = (bound(subject.old, path).unwrap_or(1), bound(subject.new, path).unwrap_or(1));
                if fields.is_empty() || old == new {
                    continue;
                }
                let (class, effect) =
                    if new < old { (Class::AvailabilityLower, lower) } else { (Class::InPlace, higher) };
                out.push(found(class, format!("{effect}: {name} {old} → {new}"), fields));
            }
            let fields = subject.touched("spec.scaleTargetRef");
            if !fields.is_empty() {
                let text = format!("it scales the {} now, no longer the {}", target(subject.new), target(subject.old));
                out.push(found(Class::AvailabilityLower, text, fields));
            }
        }
    }
}
