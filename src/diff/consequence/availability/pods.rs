//! The number of pods, where they stand, and what takes care of them.
//!
//! Source: the API reference, `PodSpec`, `Container`, `Probe`; "Pod Topology Spread Constraints".

use super::super::found;
use super::super::pods::{autoscaler, below, bounds, containers, is_scaled, number, selector, template, template_path};
use super::super::subject::{Subject, at};
use super::super::surroundings::{Side, World};
use super::super::words::{change, count, shown, verb};
use crate::diff::change::{Class, Consequence};
use crate::manifest::Value;
use crate::value::{Leaf, Quantity};

/// `spec.replicas` of what runs equal pods.
pub(super) fn replicas(subject: &Subject<'_>, world: &World<'_>, out: &mut Vec<Consequence>) {
    if !is_scaled(&subject.id.group, &subject.id.kind) {
        return;
    }
    let fields = subject.touched("spec.replicas");
    if fields.is_empty() {
        return;
    }
    let (old, new) = subject.both("spec.replicas");
    let (autoscaler, is_known) = autoscaler(subject, Side::New, world, true);
    if let Some(autoscaler) = autoscaler {
        let (least, most) = bounds(autoscaler);
        let text = format!(
            "the number of pods is decided by the {} {}, which sets it between {least} and {most} again",
            autoscaler.id.kind, autoscaler.id.name
        );
        let advice = "leave out `replicas` where an autoscaler decides: each apply works against it";
        let consequence = found(Class::InPlace, text, fields);
        out.push(if new.is_some() { consequence.remedy(advice) } else { consequence });
        return;
    }
    let (before, after) = (number(old).unwrap_or(1), number(new).unwrap_or(1));
    let left = match new {
        None if !is_known => " (none is stated: one, unless an autoscaler decides)",
        _ => "",
    };
    if after < before {
        let stopped = before - after;
        let are = verb(stopped, "is", "are");
        let text = match after {
            0 if before == 1 => format!("its only pod is stopped: nothing serves{left}"),
            0 => format!("all {before} pods are stopped: nothing serves{left}"),
            1 => format!(
                "{stopped} of {before} pods {are} stopped: 1 remains, and while it restarts or moves nothing serves{left}"
            ),
            _ => format!("{stopped} of {before} pods {are} stopped: {after} remain{left}"),
        };
        out.push(found(Class::AvailabilityLower, text, fields));
    } else if after > before {
        let more = after - before;
        let are = verb(more, "is", "are");
        // With another template they restart, as is said beside it.
        let template = template_path(&subject.id.group, &subject.id.kind).unwrap_or("");
        let go_on = if subject.touched(template).is_empty() { "; the others go on" } else { "" };
        let text = format!("{} {are} started: {after} in all{go_on}", count(more, "more pod"));
        out.push(found(Class::InPlace, text, fields));
    }
}

/// What a pod template loses.
pub(super) fn losses(subject: &Subject<'_>, out: &mut Vec<Consequence>) {
    let Some(path) = template_path(&subject.id.group, &subject.id.kind) else { return };
    // What runs to its end serves nobody.
    if subject.id.group == "batch" {
        return;
    }
    let spec = |value| template(path, value).and_then(|template| template.get("spec"));
    let (Some(old), Some(new)) = (spec(subject.old), spec(subject.new)) else { return };
    let at = |field: &str| subject.touched(&below(path, &format!("spec.{field}")));
    spread(old, new, &at, out);
    if old.get("priorityClassName").is_some() && new.get("priorityClassName").is_none() {
        let text = "the pods lose their priority class: others may push them out where a node is full";
        out.push(found(Class::AvailabilityLower, text, at("priorityClassName")));
    }
    let grace = |spec: &Value<'_>| spec.get("terminationGracePeriodSeconds").and_then(Value::as_i64).unwrap_or(30);
    if grace(new) < grace(old) {
        let text = format!(
            "a pod that stops is killed after {} s instead of {} s: what it still serves then is cut off",
            grace(new),
            grace(old)
        );
        out.push(found(Class::AvailabilityLower, text, at("terminationGracePeriodSeconds")));
    }
    let before = containers(old);
    for (list, name, container) in containers(new) {
        let Some((_, _, was)) = before.iter().find(|(in_list, called, _)| *in_list == list && *called == name) else {
            continue;
        };
        let at = |field: &str| at(&format!("{list}[{name}].{field}"));
        for (probe, effect) in PROBES {
            if was.get(probe).is_some() && container.get(probe).is_none() {
                out.push(found(Class::AvailabilityLower, format!("{name} loses its {probe}: {effect}"), at(probe)));
            }
        }
        if was.at(&["lifecycle", "preStop"]).is_some() && container.at(&["lifecycle", "preStop"]).is_none() {
            let text = format!("{name} loses its preStop hook: it is stopped while requests may still arrive");
            out.push(found(Class::AvailabilityLower, text, at("lifecycle.preStop")));
        }
        resources(name, was, container, &at, out);
    }
}

const PROBES: [(&str, &str); 3] = [
    ("readinessProbe", "it gets requests as soon as it runs, ready or not, and rollouts go on past broken pods"),
    ("livenessProbe", "when it hangs nobody restarts it"),
    ("startupProbe", "the liveness probe counts from the first second and may kill it while it starts"),
];

/// Less memory: killed earlier. Less CPU only makes it slower and is no matter of availability.
fn resources(
    name: &str,
    old: &Value<'_>,
    new: &Value<'_>,
    at: &dyn Fn(&str) -> Vec<usize>,
    out: &mut Vec<Consequence>,
) {
    for (kind, effect) in [
        ("limits", "above that it is killed (OOMKilled)"),
        ("requests", "on a node that runs out of memory it is evicted earlier"),
    ] {
        let of = |container: &Value<'_>| container.at(&["resources", kind, "memory"]).map(|value| shown(Some(value)));
        let (Some(was), Some(is)) = (of(old), of(new)) else { continue };
        let (Ok(before), Ok(after)) = (Quantity::parse(&was), Quantity::parse(&is)) else { continue };
        if after.nanos() < before.nanos() {
            let what = if kind == "limits" { "may use" } else { "is promised" };
            let text = format!("{name} {what} less memory, {was} → {is}: {effect}");
            out.push(found(Class::AvailabilityLower, text, at(&format!("resources.{kind}.memory"))));
        }
    }
}

/// What keeps pods apart: anti-affinity and topology spread.
fn spread(old: &Value<'_>, new: &Value<'_>, at: &dyn Fn(&str) -> Vec<usize>, out: &mut Vec<Consequence>) {
    let terms = |spec: &Value<'_>, kind: &str| -> Vec<String> {
        let terms = spec.at(&["affinity", "podAntiAffinity", kind]).map_or(&[][..], Value::items);
        terms.iter().map(|term| place(term.get("podAffinityTerm").unwrap_or(term))).collect()
    };
    let (required, preferred) =
        ("requiredDuringSchedulingIgnoredDuringExecution", "preferredDuringSchedulingIgnoredDuringExecution");
    let kept: Vec<String> = terms(new, required);
    let wished = terms(new, preferred);
    for lost in terms(old, required).into_iter().filter(|term| !kept.contains(term)) {
        let text = if wished.contains(&lost) {
            format!("pods are only preferred apart, no longer required: several may stand on one {lost}")
        } else {
            format!("pods are no longer kept apart: several may stand on one {lost} and fail with it")
        };
        out.push(found(Class::AvailabilityLower, text, at("affinity")));
    }
    for lost in terms(old, preferred).into_iter().filter(|term| !wished.contains(term) && !kept.contains(term)) {
        let text = format!("pods are no longer preferred apart: several may stand on one {lost} and fail with it");
        out.push(found(Class::AvailabilityLower, text, at("affinity")));
    }
    let of = |spec: &Value<'_>| -> Vec<(String, i64, bool)> {
        let items = spec.get("topologySpreadConstraints").map_or(&[][..], Value::items);
        let hard = |item: &Value<'_>| item.get("whenUnsatisfiable").and_then(Value::as_str) != Some("ScheduleAnyway");
        items
            .iter()
            .map(|item| (place(item), item.get("maxSkew").and_then(Value::as_i64).unwrap_or(1), hard(item)))
            .collect()
    };
    let now = of(new);
    for (place, skew, hard) in of(old) {
        let text = match now.iter().find(|(other, _, _)| *other == place) {
            None => format!("pods are no longer spread over each {place}: all may stand on one and fail with it"),
            Some((_, _, false)) if hard => {
                format!("pods are spread over each {place} only where it is easy (ScheduleAnyway)")
            }
            Some((_, wider, _)) if *wider > skew => {
                format!("pods may be spread less evenly over each {place}: maxSkew {skew} → {wider}")
            }
            Some(_) => continue,
        };
        out.push(found(Class::AvailabilityLower, text, at("topologySpreadConstraints")));
    }
}

/// `node`, `zone`: the topology of a term.
fn place(term: &Value<'_>) -> String {
    match term.get("topologyKey").and_then(Value::as_str).unwrap_or("") {
        "kubernetes.io/hostname" => "node".to_owned(),
        "topology.kubernetes.io/zone" => "zone".to_owned(),
        "topology.kubernetes.io/region" => "region".to_owned(),
        other => other.to_owned(),
    }
}

/// For budgets: which pods a selector means, and `old → new`.
pub(super) fn meant(subject: &Subject<'_>, old: bool) -> String {
    selector(at(if old { subject.old } else { subject.new }, "spec.selector"))
}

/// `minAvailable 2 → 1`.
pub(super) fn field_change(subject: &Subject<'_>, name: &str) -> String {
    let (old, new) = subject.both(&format!("spec.{name}"));
    format!("{name} {}", change(old, new))
}
