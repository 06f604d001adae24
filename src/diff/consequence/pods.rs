//! Where objects describe pods, and how many they run.

use super::subject::{Subject, at};
use super::surroundings::{Side, World};
use super::words::{count, shown};
use crate::manifest::{Manifest, Value};
use crate::value::{CountOrPercentage, Leaf};

/// The path of the pod template within an object of a kind; a `Pod` is its own template: the empty path.
///
/// Source: the API reference of each kind; `MongoDBCommunity` and `RabbitmqCluster` merge theirs into what the operator makes.
pub(super) fn template_path(group: &str, kind: &str) -> Option<&'static str> {
    Some(match (group, kind) {
        ("apps", "Deployment" | "StatefulSet" | "DaemonSet" | "ReplicaSet")
        | ("argoproj.io", "Rollout")
        | ("batch", "Job")
        | ("", "ReplicationController") => "spec.template",
        ("batch", "CronJob") => "spec.jobTemplate.spec.template",
        ("mongodbcommunity.mongodb.com", "MongoDBCommunity") => "spec.statefulSet.spec.template",
        ("rabbitmq.com", "RabbitmqCluster") => "spec.override.statefulSet.spec.template",
        ("", "Pod") => "",
        _ => return None,
    })
}

/// The kinds that run pods, as [`template_path`] knows them.
pub(super) const RUNNING: [&str; 11] = [
    "CronJob",
    "DaemonSet",
    "Deployment",
    "Job",
    "MongoDBCommunity",
    "Pod",
    "RabbitmqCluster",
    "ReplicaSet",
    "ReplicationController",
    "Rollout",
    "StatefulSet",
];

/// The pod template of a value of a kind.
pub(super) fn template<'v, 'a>(path: &str, value: &'v Value<'a>) -> Option<&'v Value<'a>> {
    if path.is_empty() { (*value != Value::Null).then_some(value) } else { at(value, path) }
}

/// `spec.template.spec`, or `spec` of a Pod.
pub(super) fn below(path: &str, field: &str) -> String {
    if path.is_empty() { field.to_owned() } else { format!("{path}.{field}") }
}

/// All containers of a pod's spec with the list that they stand in.
pub(super) fn containers<'v, 'a>(spec: &'v Value<'a>) -> Vec<(&'static str, &'v str, &'v Value<'a>)> {
    let mut found = Vec::new();
    for list in ["initContainers", "containers"] {
        let items = spec.get(list).map_or(&[][..], Value::items);
        found.extend(items.iter().map(|item| (list, item.get("name").and_then(Value::as_str).unwrap_or(""), item)));
    }
    found
}

/// Kinds whose controller keeps a number of equal pods running.
pub(super) fn is_scaled(group: &str, kind: &str) -> bool {
    matches!(
        (group, kind),
        ("apps", "Deployment" | "StatefulSet" | "ReplicaSet")
            | ("argoproj.io", "Rollout")
            | ("", "ReplicationController")
    )
}

/// How many pods an object wants.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Pods {
    /// So many.
    Count(u32),
    /// As many as an autoscaler decides, between two numbers.
    Scaled(u32, u32),
    /// It states no number, and whether there is an autoscaler is not known.
    Unknown,
}

impl Pods {
    pub(super) fn count(&self) -> Option<u32> {
        match self {
            Pods::Count(count) => Some(*count),
            _ => None,
        }
    }

    /// `the 3 pods`, `its 2 to 6 pods`, `its pods`.
    pub(super) fn all(&self) -> String {
        match self {
            Pods::Count(1) => "its only pod".to_owned(),
            Pods::Count(number) => format!("the {}", count(*number, "pod")),
            Pods::Scaled(least, most) if least == most => format!("the {}", count(*least, "pod")),
            Pods::Scaled(least, most) => format!("its {least} to {most} pods"),
            Pods::Unknown => "its pods".to_owned(),
        }
    }
}

/// How many pods the object runs, on one side. Without `replicas` it is one, unless an autoscaler decides.
pub(super) fn pods(subject: &Subject<'_>, side: Side, world: &World<'_>) -> Pods {
    let value = if side == Side::Old { subject.old } else { subject.new };
    let stated = at(value, "spec.replicas").and_then(Value::as_i64).and_then(|number| u32::try_from(number).ok());
    // Who states a number hardly has an autoscaler: all objects are searched for one only where there is none.
    let (autoscaler, is_known) = autoscaler(subject, side, world, stated.is_none());
    if let Some(autoscaler) = autoscaler {
        let (least, most) = bounds(autoscaler);
        return Pods::Scaled(least, most);
    }
    match stated {
        Some(number) => Pods::Count(number),
        None if is_known => Pods::Count(1),
        None => Pods::Unknown,
    }
}

/// The least and the most pods that an autoscaler wants.
pub(super) fn bounds(autoscaler: &Manifest<'_>) -> (u32, u32) {
    let bound =
        |names: [&str; 2]| names.into_iter().find_map(|name| number(at(&autoscaler.value, &format!("spec.{name}"))));
    let least = bound(["minReplicas", "minReplicaCount"]).unwrap_or(1);
    (least, bound(["maxReplicas", "maxReplicaCount"]).unwrap_or(least).max(least))
}

/// The autoscaler of an object, among all objects or among the changed ones, and whether there is none otherwise.
pub(super) fn autoscaler<'w>(
    subject: &Subject<'_>,
    side: Side,
    world: &World<'w>,
    among_all: bool,
) -> (Option<&'w Manifest<'w>>, bool) {
    const KINDS: [&str; 2] = ["HorizontalPodAutoscaler", "ScaledObject"];
    let id = if side == Side::Old { subject.old_id() } else { subject.id };
    let targets = |manifest: &&Manifest<'_>| {
        let target = |field: &str| at(&manifest.value, &format!("spec.scaleTargetRef.{field}")).and_then(Value::as_str);
        KINDS.contains(&manifest.id.kind.as_str())
            && manifest.id.namespace == id.namespace
            && target("name") == Some(&id.name)
            && target("kind").unwrap_or("Deployment") == id.kind
    };
    let changed = world.changed(side, id.namespace.as_deref(), &KINDS).into_iter().find(targets);
    if changed.is_some() || !among_all {
        return (changed, false);
    }
    let (all, is_known) = world.within(side, id.namespace.as_deref(), &KINDS);
    (all.into_iter().find(targets), is_known)
}

/// A number or a percentage.
pub(super) fn share(value: Option<&Value<'_>>) -> Option<CountOrPercentage> {
    match value? {
        Value::Number(text) | Value::String(text) => CountOrPercentage::parse(text).ok().or_else(|| {
            let number = text.parse().ok()?;
            CountOrPercentage::from_integer(number)?.ok()
        }),
        _ => None,
    }
}

/// A number that is not negative.
pub(super) fn number(value: Option<&Value<'_>>) -> Option<u32> {
    value.and_then(Value::as_i64).and_then(|number| u32::try_from(number).ok())
}

/// Labels of the old or new pod template, or what a label selector asks for: `app=x, tier=y`.
pub(super) fn selector(value: Option<&Value<'_>>) -> String {
    let Some(value) = value else { return "all pods".to_owned() };
    let pairs = |map: Option<&Value<'_>>| -> Vec<String> {
        let entries = map.map_or(&[][..], Value::entries);
        entries.iter().map(|(key, value)| format!("{}={}", last(key), shown(Some(value)))).collect()
    };
    let mut terms = pairs(value.get("matchLabels"));
    for expression in value.get("matchExpressions").map_or(&[][..], Value::items) {
        let text = |field| expression.get(field).and_then(Value::as_str).unwrap_or("");
        let values: Vec<&str> =
            expression.get("values").map_or(&[][..], Value::items).iter().filter_map(Value::as_str).collect();
        let values = if values.is_empty() { String::new() } else { format!(" ({})", values.join(", ")) };
        terms.push(format!("{} {}{values}", last(text("key")), text("operator")));
    }
    if terms.is_empty() { "all pods".to_owned() } else { format!("pods {}", terms.join(", ")) }
}

/// `name` of `app.kubernetes.io/name`: what tells labels apart for a reader.
fn last(key: &str) -> &str {
    key.rsplit('/').next().unwrap_or(key)
}
