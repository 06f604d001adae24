//! Kinds of Kubernetes whose row takes more than a changed path.

use super::super::subject::{Subject, at};
use super::super::words::{change, list, shown};
use super::{Hit, shrinks};
use crate::diff::change::{Fate, FieldChange, Segment};
use crate::manifest::Value;

/// The second step of a field below `spec`; `spec` itself may change as a whole.
fn below_spec<'c>(subject: &Subject<'c>) -> Vec<(usize, &'c FieldChange<'c>, String)> {
    let mut found = Vec::new();
    for (index, field) in subject.fields.iter().enumerate() {
        if field.path.first() != Some(&Segment::Key("spec".to_owned())) {
            continue;
        }
        match field.path.get(1) {
            Some(Segment::Key(name)) => found.push((index, field, name.clone())),
            _ => found.push((index, field, String::new())),
        }
    }
    found
}

/// The fields of `spec` that changed and are not in the list of those that may.
fn all_but(subject: &Subject<'_>, allowed: &[&str]) -> (Vec<String>, Vec<usize>) {
    let mut names: Vec<String> = Vec::new();
    let mut fields = Vec::new();
    for (index, _, name) in below_spec(subject) {
        if !allowed.contains(&name.as_str()) {
            fields.push(index);
            let path = if name.is_empty() { "spec".to_owned() } else { format!("spec.{name}") };
            if !names.contains(&path) {
                names.push(path);
            }
        }
    }
    (names, fields)
}

pub(super) fn renamed(subject: &Subject<'_>) -> Option<Hit> {
    let Fate::Renamed { from } = subject.fate else { return None };
    let what = if from.namespace != subject.id.namespace && from.name == subject.id.name {
        format!(
            "namespace {} → {}",
            from.namespace.as_deref().unwrap_or("none"),
            subject.id.namespace.as_deref().unwrap_or("none")
        )
    } else {
        format!("{} → {}", from.name, subject.id.name)
    };
    let text = format!("a name cannot be changed ({what}): the old {} is removed, and a new one is made", from.kind);
    Some(Hit { text, fields: Vec::new() })
}

pub(super) fn stateful_set(subject: &Subject<'_>) -> Option<Hit> {
    const ALLOWED: [&str; 6] = [
        "replicas",
        "ordinals",
        "template",
        "updateStrategy",
        "persistentVolumeClaimRetentionPolicy",
        "minReadySeconds",
    ];
    if !subject.is_changed() {
        return None;
    }
    let (names, fields) = all_but(subject, &ALLOWED);
    if fields.is_empty() {
        return None;
    }
    let text = if names == ["spec.revisionHistoryLimit"] {
        "older API servers refuse this, newer ones take it: spec.revisionHistoryLimit".to_owned()
    } else {
        format!("the API server refuses this: {} cannot be changed{}", list(&names), claims(subject))
    };
    Some(Hit { text, fields })
}

/// What of the claims changes, if it is their sizes.
fn claims(subject: &Subject<'_>) -> String {
    let items = |value| at(value, "spec.volumeClaimTemplates").map_or(&[][..], Value::items);
    let size = |claim| at(claim, "spec.resources.requests.storage");
    let name = |claim: &Value<'_>| shown(claim.at(&["metadata", "name"]));
    let mut sizes = Vec::new();
    for claim in items(subject.new) {
        let Some(old) = items(subject.old).iter().find(|old| name(old) == name(claim)) else { continue };
        let (before, after) = (size(old), size(claim));
        if before != after {
            sizes.push(format!("{} {}", name(claim), change(before, after)));
        }
    }
    if sizes.is_empty() { String::new() } else { format!(" ({})", list(&sizes)) }
}

/// The template's labels have to be selected by the object's own selector.
pub(super) fn template_labels(subject: &Subject<'_>) -> Option<Hit> {
    let mismatched = |value: &Value<'_>| -> Vec<String> {
        let labels = at(value, "spec.template.metadata.labels");
        let label = |key: &str| labels.and_then(|labels| labels.get(key)).map(|label| shown(Some(label)));
        let wanted = at(value, "spec.selector.matchLabels").map_or(&[][..], Value::entries).iter();
        let differing = wanted.filter(|(key, wanted)| label(key).is_none_or(|label| label != shown(Some(wanted))));
        let mut keys: Vec<String> = differing.map(|(key, _)| key.to_string()).collect();
        let expressions = at(value, "spec.selector.matchExpressions").map_or(&[][..], Value::items);
        for expression in expressions {
            let key = shown(expression.get("key"));
            let values = expression.get("values").map_or(&[][..], Value::items);
            let among = |label: &String| values.iter().any(|value| shown(Some(value)) == *label);
            let label = label(&key);
            let matches = match expression.get("operator").and_then(Value::as_str) {
                Some("In") => label.as_ref().is_some_and(among),
                Some("NotIn") => !label.as_ref().is_some_and(among),
                Some("Exists") => label.is_some(),
                Some("DoesNotExist") => label.is_none(),
                _ => true,
            };
            if !matches {
                keys.push(key);
            }
        }
        keys
    };
    let keys = mismatched(subject.new);
    let fields = subject.touched_any(["spec.selector", "spec.template.metadata.labels"]);
    // An object that was refused before is not in the cluster: what it breaks is no consequence of the change.
    let new: Vec<&String> = keys.iter().filter(|key| !mismatched(subject.old).contains(key)).collect();
    (!new.is_empty() && !fields.is_empty()).then(|| Hit {
        text: format!(
            "the API server refuses this: spec.selector does not match the labels of the pod template ({})",
            list(&new)
        ),
        fields,
    })
}

pub(super) fn job(subject: &Subject<'_>) -> Option<Hit> {
    if !subject.is_changed() {
        return None;
    }
    let mut paths = vec![
        "spec.selector",
        "spec.template",
        "spec.completionMode",
        "spec.podFailurePolicy",
        "spec.successPolicy",
        "spec.backoffLimitPerIndex",
        "spec.managedBy",
    ];
    let indexed = at(subject.new, "spec.completionMode").and_then(Value::as_str) == Some("Indexed");
    let elastic = indexed && at(subject.new, "spec.completions") == at(subject.new, "spec.parallelism");
    if !elastic {
        paths.push("spec.completions");
    }
    refused(subject, &paths)
}

fn refused(subject: &Subject<'_>, paths: &[&str]) -> Option<Hit> {
    let paths: Vec<&str> = paths.iter().copied().filter(|path| !subject.touched(path).is_empty()).collect();
    let fields = subject.touched_any(paths.iter().copied());
    (!fields.is_empty())
        .then(|| Hit { text: format!("the API server refuses this: {} cannot be changed", list(&paths)), fields })
}

pub(super) fn claim(subject: &Subject<'_>) -> Option<Hit> {
    if !subject.is_changed() {
        return None;
    }
    let (names, mut fields) = all_but(subject, &["resources", "volumeAttributesClassName"]);
    fields.extend(subject.touched("spec.resources.limits"));
    let names = if names.is_empty() && !fields.is_empty() { vec!["spec.resources.limits".to_owned()] } else { names };
    (!fields.is_empty())
        .then(|| Hit { text: format!("the API server refuses this: {} cannot be changed", list(&names)), fields })
}

pub(super) fn claim_shrinks(subject: &Subject<'_>) -> Option<Hit> {
    let path = "spec.resources.requests.storage";
    let (old, new) = subject.both(path);
    let sizes = shrinks(old, new)?;
    let text = format!("volumes cannot shrink: the API server refuses {sizes}");
    Some(Hit { text, fields: subject.touched(path) })
}

/// Everything that is no source of a volume is a field of its own.
pub(super) fn volume(subject: &Subject<'_>) -> Option<Hit> {
    const ALLOWED: [&str; 7] = [
        "capacity",
        "accessModes",
        "claimRef",
        "persistentVolumeReclaimPolicy",
        "storageClassName",
        "mountOptions",
        "volumeAttributesClassName",
    ];
    if !subject.is_changed() {
        return None;
    }
    let mut allowed = ALLOWED.to_vec();
    if at(subject.old, "spec.nodeAffinity").is_none() {
        allowed.push("nodeAffinity");
    }
    let (names, fields) = all_but(subject, &allowed);
    (!fields.is_empty())
        .then(|| Hit { text: format!("the API server refuses this: {} cannot be changed", list(&names)), fields })
}

fn is_external(service: &Value<'_>) -> bool {
    at(service, "spec.type").and_then(Value::as_str) == Some("ExternalName")
}

pub(super) fn cluster_ip(subject: &Subject<'_>) -> Option<Hit> {
    if !subject.is_changed() || is_external(subject.old) || is_external(subject.new) {
        return None;
    }
    // What is no longer stated stays as it is: the API server fills in the address that the Service has.
    let (old, new) = subject.both("spec.clusterIP");
    let first = |value| at(value, "spec.clusterIPs").and_then(|list| list.items().first());
    let (old_first, new_first) = (first(subject.old), first(subject.new));
    let stated = new.is_some() && new != old;
    let stated_first = new_first.is_some() && new_first != old_first;
    if !stated && !stated_first {
        return None;
    }
    let what = if stated { change(old, new) } else { change(old_first, new_first) };
    let text = format!("the API server refuses this: spec.clusterIP cannot be changed ({what})");
    Some(Hit { text, fields: subject.touched_any(["spec.clusterIP", "spec.clusterIPs"]) })
}

pub(super) fn ip_family(subject: &Subject<'_>) -> Option<Hit> {
    let first = |value| at(value, "spec.ipFamilies").and_then(|list| list.items().first());
    let (old, new) = (first(subject.old)?, first(subject.new)?);
    if old == new || is_external(subject.old) || is_external(subject.new) {
        return None;
    }
    let text = format!(
        "the API server refuses this: the first of spec.ipFamilies cannot be changed ({})",
        change(Some(old), Some(new))
    );
    Some(Hit { text, fields: subject.touched("spec.ipFamilies") })
}

pub(super) fn load_balancer_class(subject: &Subject<'_>) -> Option<Hit> {
    let is_balanced = |value| at(value, "spec.type").and_then(Value::as_str) == Some("LoadBalancer");
    if !is_balanced(subject.old) || !is_balanced(subject.new) {
        return None;
    }
    refused(subject, &["spec.loadBalancerClass"])
}

pub(super) fn immutable_data(subject: &Subject<'_>) -> Option<Hit> {
    if subject.old.get("immutable").and_then(Value::as_bool) != Some(true) || !subject.is_changed() {
        return None;
    }
    let paths: Vec<&str> = ["data", "binaryData", "stringData", "immutable"]
        .into_iter()
        .filter(|path| !subject.touched(path).is_empty())
        .collect();
    let fields = subject.touched_any(paths.iter().copied());
    (!fields.is_empty()).then(|| Hit {
        text: format!("the API server refuses this: the {} is immutable ({})", subject.id.kind, list(&paths)),
        fields,
    })
}

pub(super) fn pod(subject: &Subject<'_>) -> Option<Hit> {
    if !subject.is_changed() {
        return None;
    }
    let mut names: Vec<String> = Vec::new();
    let mut fields = Vec::new();
    for (index, field, name) in below_spec(subject) {
        let last = match field.path.last() {
            Some(Segment::Key(key)) => key.as_str(),
            _ => "",
        };
        let image = matches!(name.as_str(), "containers" | "initContainers") && last == "image";
        let more = name == "tolerations" && matches!(field.edit, crate::diff::change::Edit::Added(_));
        if image || more || name == "activeDeadlineSeconds" || name == "terminationGracePeriodSeconds" {
            continue;
        }
        fields.push(index);
        let path = format!("spec.{name}");
        if !names.contains(&path) {
            names.push(path);
        }
    }
    (!fields.is_empty()).then(|| Hit {
        text: format!("the API server refuses this: {} of a pod cannot be changed", list(&names)),
        fields,
    })
}
