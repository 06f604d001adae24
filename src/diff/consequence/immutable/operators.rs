//! Kinds of operators whose row takes more than a changed path.

use super::super::postgresql::major;
use super::super::subject::{Subject, at};
use super::super::words::{change, list, shown};
use super::{Hit, shrinking, shrinks};
use crate::manifest::Value;

fn named<'v, 'a>(value: &'v Value<'a>, path: &str, key: &str) -> Vec<(String, &'v Value<'a>)> {
    let items = at(value, path).map_or(&[][..], Value::items).iter();
    items.map(|item| (shown(item.get(key)), item)).collect()
}

pub(super) fn cnpg_shrinks(subject: &Subject<'_>) -> Option<Hit> {
    let mut texts = Vec::new();
    let mut fields = Vec::new();
    let sizes = ["spec.storage.size", "spec.walStorage.size"];
    let templates = [
        "spec.storage.pvcTemplate.resources.requests.storage",
        "spec.walStorage.pvcTemplate.resources.requests.storage",
    ];
    for path in sizes.into_iter().chain(templates) {
        if let Some(sizes) = shrinks(at(subject.old, path), at(subject.new, path)) {
            let what = if path.contains("walStorage") { "the WAL volume " } else { "" };
            texts.push(format!("{what}{sizes}"));
            fields.extend(subject.touched(path));
        }
    }
    let before = named(subject.old, "spec.tablespaces", "name");
    for (name, tablespace) in named(subject.new, "spec.tablespaces", "name") {
        let Some((_, old)) = before.iter().find(|(other, _)| *other == name) else { continue };
        if let Some(sizes) = shrinks(old.at(&["storage", "size"]), tablespace.at(&["storage", "size"])) {
            texts.push(format!("the tablespace {name} {sizes}"));
            fields.extend(subject.touched(&format!("spec.tablespaces[{name}].storage.size")));
        }
    }
    let text = format!("PostgreSQL volumes cannot shrink: CloudNativePG refuses {}", list(&texts));
    (!texts.is_empty()).then_some(Hit { text, fields })
}

pub(super) fn cnpg_wal_removed(subject: &Subject<'_>) -> Option<Hit> {
    let (old, new) = subject.both("spec.walStorage");
    (old.is_some() && new.is_none() && subject.is_changed()).then(|| Hit {
        text: "CloudNativePG refuses this: walStorage cannot be removed".to_owned(),
        fields: subject.touched("spec.walStorage"),
    })
}

pub(super) fn cnpg_tablespace_removed(subject: &Subject<'_>) -> Option<Hit> {
    let now = named(subject.new, "spec.tablespaces", "name");
    let gone: Vec<String> = named(subject.old, "spec.tablespaces", "name")
        .into_iter()
        .map(|(name, _)| name)
        .filter(|name| !now.iter().any(|(other, _)| other == name))
        .collect();
    (!gone.is_empty() && subject.is_changed()).then(|| Hit {
        text: format!("CloudNativePG refuses this: tablespaces cannot be removed ({})", list(&gone)),
        fields: subject.touched("spec.tablespaces"),
    })
}

pub(super) fn cnpg_major(subject: &Subject<'_>) -> Option<Hit> {
    let (old, new) = (major(subject.old)?, major(subject.new)?);
    let why = if new < old {
        "PostgreSQL cannot go back to an older major version"
    } else if new > old && new < 16 {
        "a major upgrade in place needs PostgreSQL 16 or newer as its target"
    } else {
        return None;
    };
    let text = format!("CloudNativePG refuses this: {why} ({old} → {new})");
    Some(Hit { text, fields: subject.touched_any(["spec.imageName", "spec.imageCatalogRef"]) })
}

pub(super) fn cnpg_both(subject: &Subject<'_>) -> Option<Hit> {
    let image = subject.touched("spec.imageName");
    let parameters = subject.touched("spec.postgresql.parameters");
    let switchover = at(subject.new, "spec.primaryUpdateMethod").and_then(Value::as_str) == Some("switchover");
    (switchover && !image.is_empty() && !parameters.is_empty()).then(|| Hit {
        text: "CloudNativePG refuses this: with primaryUpdateMethod switchover the image and the parameters cannot change \
               together"
            .to_owned(),
        fields: image.into_iter().chain(parameters).collect(),
    })
}

pub(super) fn cnpg_slots(subject: &Subject<'_>) -> Option<Hit> {
    let path = "spec.replicationSlots";
    let fields = subject.touched(path);
    if fields.is_empty() || !subject.is_changed() {
        return None;
    }
    let get = |value, keys: &str| at(value, &format!("{path}.{keys}"));
    // Slots are on unless they are turned off.
    let enabled = get(subject.old, "highAvailability.enabled").and_then(Value::as_bool) != Some(false);
    let (old, new) = subject.both(path);
    let prefix =
        |value| get(value, "highAvailability.slotPrefix").and_then(Value::as_str).unwrap_or("_cnpg_").to_owned();
    let what = if old.is_some() && new.is_none() && enabled {
        "replicationSlots cannot be removed while highAvailability is enabled"
    } else if enabled && new.is_some() && prefix(subject.old) != prefix(subject.new) {
        "highAvailability.slotPrefix cannot be changed while it is enabled"
    } else if get(subject.old, "synchronizeReplicas").is_some() && get(subject.new, "synchronizeReplicas").is_none() {
        "synchronizeReplicas cannot be removed"
    } else {
        return None;
    };
    Some(Hit { text: format!("CloudNativePG refuses this: {what}"), fields })
}

pub(super) fn cnpg_wal_level(subject: &Subject<'_>) -> Option<Hit> {
    let path = "spec.postgresql.parameters.wal_level";
    let (old, new) = subject.texts(path);
    (subject.is_changed() && new == Some("minimal") && old != new).then(|| Hit {
        text: format!(
            "CloudNativePG refuses this: wal_level cannot become minimal (it was {})",
            old.unwrap_or("logical")
        ),
        fields: subject.touched(path),
    })
}

/// Names that are made when a Cluster is, and read afterwards too.
pub(in super::super) const NAMED_LATER: [&str; 2] = ["spec.bootstrap.initdb.database", "spec.bootstrap.initdb.owner"];

pub(super) fn cnpg_bootstrap(subject: &Subject<'_>) -> Option<Hit> {
    let mut fields = subject.touched("spec.bootstrap");
    // Other things still read these names: see `postgresql`.
    let named = subject.touched_any(NAMED_LATER);
    fields.retain(|field| !named.contains(field));
    (!fields.is_empty() && subject.is_changed()).then(|| Hit {
        text: "nothing happens: bootstrap is read once, when the Cluster is made, and its databases and owners stay as they are"
            .to_owned(),
        fields,
    })
}

pub(super) fn mongodb(subject: &Subject<'_>) -> Option<Hit> {
    let path = "spec.statefulSet.spec.volumeClaimTemplates";
    let fields = subject.touched(path);
    (!fields.is_empty() && subject.is_changed()).then(|| Hit {
        text: "the API server refuses the operator's update of its StatefulSet: volumeClaimTemplates cannot be changed; the \
               operator retries for ever, and later changes wait as well"
            .to_owned(),
        fields,
    })
}

pub(super) fn rabbitmq_scales_down(subject: &Subject<'_>) -> Option<Hit> {
    let number = |value| at(value, "spec.replicas").and_then(Value::as_i64).unwrap_or(1);
    let (old, new) = (number(subject.old), number(subject.new));
    (subject.is_changed() && new < old).then(|| Hit {
        text: format!(
            "RabbitMQ clusters cannot shrink: the operator refuses replicas {old} → {new}, and the pods stay"
        ),
        fields: subject.touched("spec.replicas"),
    })
}

pub(super) fn rabbitmq_shrinks(subject: &Subject<'_>) -> Option<Hit> {
    let hit = shrinking(subject, &["spec.persistence.storage"])?;
    let text = format!("RabbitMQ's volumes cannot shrink: the operator refuses {}", hit.text);
    Some(Hit { text, ..hit })
}

pub(super) fn kafka_storage(subject: &Subject<'_>) -> Option<Hit> {
    if !subject.is_changed() {
        return None;
    }
    let mut texts = Vec::new();
    let mut fields = Vec::new();
    for base in ["spec.storage", "spec.kafka.storage", "spec.zookeeper.storage"] {
        let get = |value, name: &str| at(value, &format!("{base}.{name}"));
        let volumes = |value| named(value, &format!("{base}.volumes"), "id");
        if let Some(sizes) = shrinks(get(subject.old, "size"), get(subject.new, "size")) {
            texts.push(format!("size {sizes}"));
            fields.extend(subject.touched(&format!("{base}.size")));
        }
        for name in ["type", "class"] {
            let (old, new) = (get(subject.old, name), get(subject.new, name));
            if old != new && (at(subject.old, base).is_some() && at(subject.new, base).is_some()) {
                texts.push(format!("{name} {}", change(old, new)));
                fields.extend(subject.touched(&format!("{base}.{name}")));
            }
        }
        let before = volumes(subject.old);
        for (id, volume) in volumes(subject.new) {
            let Some((_, old)) = before.iter().find(|(other, _)| *other == id) else { continue };
            if let Some(sizes) = shrinks(old.get("size"), volume.get("size")) {
                texts.push(format!("volume {id} {sizes}"));
                fields.extend(subject.touched(&format!("{base}.volumes[{id}].size")));
            }
            for name in ["type", "class"] {
                if old.get(name) != volume.get(name) {
                    texts.push(format!("volume {id} {name} {}", change(old.get(name), volume.get(name))));
                    fields.extend(subject.touched(&format!("{base}.volumes[{id}].{name}")));
                }
            }
        }
    }
    let text = format!("Kafka's volumes stay as they are: Strimzi ignores {} and warns in the status", list(&texts));
    (!texts.is_empty()).then_some(Hit { text, fields })
}

pub(super) fn kafka_topic(subject: &Subject<'_>) -> Option<Hit> {
    if !subject.is_changed() {
        return None;
    }
    let number = |value| at(value, "spec.partitions").and_then(Value::as_i64);
    if let (Some(old), Some(new)) = (number(subject.old), number(subject.new))
        && new < old
    {
        let text = format!("partitions cannot become fewer: Strimzi refuses {old} → {new}");
        return Some(Hit { text, fields: subject.touched("spec.partitions") });
    }
    let (old, new) = subject.both("spec.topicName");
    (old != new).then(|| Hit {
        text: format!("a topic cannot be renamed: Strimzi refuses topicName {}", change(old, new)),
        fields: subject.touched("spec.topicName"),
    })
}
