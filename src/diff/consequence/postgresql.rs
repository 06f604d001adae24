//! CloudNativePG's `Cluster`: what restarts, what is reloaded, in which order.
//!
//! Source: CloudNativePG, "Rolling Updates" (replicas first, the primary last; `unsupervised` and `restart` by default),
//! "PostgreSQL Configuration" (parameters that standbys depend on: lowered on the primary first), "Declarative
//! hibernation"; PostgreSQL, `pg_settings.context`: those of `postmaster` take a restart.

use super::found;
use super::immutable::NAMED_LATER;
use super::pods::number;
use super::subject::{Subject, annotation, at};
use super::surroundings::World;
use super::words::{change, count, list, shown, verb};
use crate::diff::change::{Class, Consequence, Segment};
use crate::manifest::Value;

/// Parameters of the context `postmaster`, of all versions that are supported.
const POSTMASTER: [&str; 50] = [
    "archive_mode",
    "autovacuum_freeze_max_age",
    "autovacuum_max_workers",
    "autovacuum_multixact_freeze_max_age",
    "autovacuum_worker_slots",
    "bonjour",
    "cluster_name",
    "commit_timestamp_buffers",
    "dynamic_shared_memory_type",
    "hot_standby",
    "huge_page_size",
    "huge_pages",
    "io_max_combine_limit",
    "io_max_concurrency",
    "io_method",
    "jit_provider",
    "listen_addresses",
    "logging_collector",
    "max_active_replication_origins",
    "max_connections",
    "max_files_per_process",
    "max_locks_per_transaction",
    "max_logical_replication_workers",
    "max_notify_queue_pages",
    "max_pred_locks_per_transaction",
    "max_prepared_transactions",
    "max_replication_slots",
    "max_wal_senders",
    "max_worker_processes",
    "min_dynamic_shared_memory",
    "multixact_member_buffers",
    "multixact_offset_buffers",
    "notify_buffers",
    "old_snapshot_threshold",
    "pg_stat_statements.max",
    "port",
    "reserved_connections",
    "serializable_buffers",
    "shared_buffers",
    "shared_memory_type",
    "shared_preload_libraries",
    "subtransaction_buffers",
    "superuser_reserved_connections",
    "track_activity_query_size",
    "track_commit_timestamp",
    "transaction_buffers",
    "wal_buffers",
    "wal_decode_buffer_size",
    "wal_level",
    "wal_log_hints",
];

/// Parameters that a standby needs at least as large as the primary.
const STANDBY: [&str; 5] = [
    "max_connections",
    "max_prepared_transactions",
    "max_wal_senders",
    "max_worker_processes",
    "max_locks_per_transaction",
];

pub(super) fn rule(subject: &Subject<'_>, _: &World<'_>, out: &mut Vec<Consequence>) {
    if !subject.is("postgresql.cnpg.io", "Cluster") || !subject.is_changed() {
        return;
    }
    instances(subject, out);
    image(subject, out);
    parameters(subject, out);
    durability(subject, out);
    hibernation(subject, out);
    budgets(subject, out);
    names(subject, out);
    let fields = subject.touched_any([
        "metadata.annotations[\"kubectl.kubernetes.io/restartedAt\"]",
        "spec.resources",
        "spec.affinity",
        "spec.env",
        "spec.envFrom",
        "spec.priorityClassName",
        "spec.topologySpreadConstraints",
        "spec.seccompProfile",
        "spec.projectedVolumeTemplate",
        "spec.postgresql.extensions",
        "spec.schedulerName",
        "spec.ephemeralVolumesSizeLimit",
    ]);
    if !fields.is_empty() {
        out.push(found(Class::Restart, rolled(subject), fields));
    }
    let fields = subject.touched("spec.enableSuperuserAccess");
    if !fields.is_empty() {
        let on = at(subject.new, "spec.enableSuperuserAccess").and_then(Value::as_bool) == Some(true);
        let (class, text) = if on {
            (Class::PrivilegeWider, "the superuser postgres can log in over the network with a password")
        } else {
            (Class::PrivilegeNarrower, "the superuser postgres can no longer log in over the network")
        };
        out.push(found(class, text, fields));
    }
    let fields = subject.touched_any(["spec.postgresql.pg_hba", "spec.postgresql.pg_ident"]);
    if !fields.is_empty() {
        let text = "PostgreSQL lets in other clients than before (pg_hba, pg_ident): reloaded, without a restart";
        out.push(found(Class::ExposureWider, text, fields));
    }
}

/// `the 3 instances restart one at a time, …`.
fn rolled(subject: &Subject<'_>) -> String {
    let instances = number(at(subject.new, "spec.instances")).unwrap_or(1);
    if instances < 2 {
        return "PostgreSQL's only instance restarts: the database is down meanwhile".to_owned();
    }
    let text = |path| at(subject.new, path).and_then(Value::as_str);
    let restart = verb(instances - 1, "restarts", "restart one at a time");
    let replicas = format!("the {} of PostgreSQL {restart}", count(instances - 1, "replica"));
    let supervised = text("spec.primaryUpdateStrategy") == Some("supervised");
    let switchover = text("spec.primaryUpdateMethod") == Some("switchover");
    let primary = match (supervised, switchover) {
        (true, _) => "then it waits until somebody moves the primary over (primaryUpdateStrategy supervised)",
        (false, true) => "then a replica becomes the primary: open connections break for seconds (switchover)",
        (false, false) => "then the primary, which takes no connections meanwhile (primaryUpdateMethod restart)",
    };
    format!("{replicas}, {primary}")
}

fn instances(subject: &Subject<'_>, out: &mut Vec<Consequence>) {
    let fields = subject.touched("spec.instances");
    let (old, new) = subject.both("spec.instances");
    let (before, after) = (number(old).unwrap_or(1), number(new).unwrap_or(1));
    if fields.is_empty() || before == after {
        return;
    }
    if after > before {
        let more = after - before;
        let (replicas, are) = (count(more, "more replica"), verb(more, "is", "are"));
        let text = format!("{replicas} {are} made from the primary: {after} instances in all; nothing restarts");
        out.push(found(Class::InPlace, text, fields));
        return;
    }
    let left = match after {
        1 => {
            "one instance is left, nothing takes over if it fails, and while it restarts or moves the database is down"
                .to_owned()
        }
        _ => format!("{after} instances are left"),
    };
    let gone = before - after;
    let (replicas, are) = (count(gone, "replica"), verb(gone, "is", "are"));
    let text = format!("{replicas} of PostgreSQL {are} removed with the volumes; {left}");
    out.push(found(Class::AvailabilityLower, text, fields));
}

/// The major version that an image's tag or a catalogue's entry states.
pub(super) fn major(cluster: &Value<'_>) -> Option<u32> {
    if let Some(major) = number(at(cluster, "spec.imageCatalogRef.major")) {
        return Some(major);
    }
    let image = at(cluster, "spec.imageName")?.as_str()?;
    let image = image.split('@').next()?;
    let (_, tag) = image.rsplit('/').next()?.split_once(':')?;
    let digits: String = tag.chars().take_while(char::is_ascii_digit).collect();
    digits.parse().ok()
}

fn image(subject: &Subject<'_>, out: &mut Vec<Consequence>) {
    let fields = subject.touched_any(["spec.imageName", "spec.imageCatalogRef"]);
    if fields.is_empty() {
        return;
    }
    match (major(subject.old), major(subject.new)) {
        (Some(old), Some(new)) if new > old => {
            let text = format!(
                "major upgrade of PostgreSQL {old} → {new}: all instances stop, pg_upgrade runs, the replicas are made anew; the database is down meanwhile"
            );
            let remedy = "make a backup first and try it on a copy; operators before 1.26 cannot do it in place";
            out.push(found(Class::Restart, text, fields.clone()).remedy(remedy));
            out.push(found(Class::DataAtRisk, "there is no way back from a major upgrade but a backup", fields));
        }
        (Some(old), Some(new)) if new < old => {}
        _ => {
            out.push(found(Class::Restart, format!("{}; each comes back with the new image", rolled(subject)), fields));
        }
    }
}

/// The names of changed parameters with the indices of their fields.
fn changed_parameters(subject: &Subject<'_>) -> Vec<(String, usize)> {
    let mut found = Vec::new();
    for index in subject.touched("spec.postgresql.parameters") {
        let Some(field) = subject.fields.get(index) else { continue };
        match field.path.get(3) {
            Some(Segment::Key(name)) => found.push((name.clone(), index)),
            // All parameters at once.
            _ => {
                let all = |value| at(value, "spec.postgresql.parameters").map_or(&[][..], Value::entries);
                for (name, value) in all(subject.new).iter().chain(all(subject.old)) {
                    let of = |side| at(side, "spec.postgresql.parameters").and_then(|map| map.get(name));
                    let differs = of(subject.old) != of(subject.new);
                    if differs && !found.iter().any(|(known, _)| known == name) {
                        let _ = value;
                        found.push((name.to_string(), index));
                    }
                }
            }
        }
    }
    found
}

fn parameters(subject: &Subject<'_>, out: &mut Vec<Consequence>) {
    let value = |side, name: &str| at(side, "spec.postgresql.parameters").and_then(|map| map.get(name));
    let all = changed_parameters(subject);
    let (restart, reload): (Vec<_>, Vec<_>) =
        all.into_iter().partition(|(name, _)| POSTMASTER.contains(&name.as_str()));
    let mut restart_fields: Vec<usize> = restart.iter().map(|(_, index)| *index).collect();
    let mut names: Vec<String> = restart
        .iter()
        .map(|(name, _)| format!("{name} {}", change(value(subject.old, name), value(subject.new, name))))
        .collect();
    let libraries = subject.touched("spec.postgresql.shared_preload_libraries");
    if !libraries.is_empty() {
        names.push("shared_preload_libraries".to_owned());
        restart_fields.extend(libraries);
    }
    if !names.is_empty() {
        let lowered = restart.iter().any(|(name, _)| {
            let amount = |side| value(side, name).and_then(|v| shown(Some(v)).parse::<u64>().ok());
            STANDBY.contains(&name.as_str()) && amount(subject.new) < amount(subject.old)
        });
        let order = if lowered && number(at(subject.new, "spec.instances")).unwrap_or(1) > 1 {
            "all instances of PostgreSQL restart, the primary first, since standbys need at least its value: it takes no \
             connections meanwhile"
                .to_owned()
        } else {
            rolled(subject)
        };
        out.push(found(
            Class::Restart,
            format!("{order}; {} takes effect at a restart only", list(&names)),
            restart_fields,
        ));
    }
    if !reload.is_empty() {
        let names: Vec<&str> = reload.iter().map(|(name, _)| name.as_str()).collect();
        let unless =
            if names.iter().any(|name| name.contains('.')) { ", unless an extension asks for a restart" } else { "" };
        let text = format!("PostgreSQL reloads its configuration ({}), without a restart{unless}", list(&names));
        out.push(found(Class::InPlace, text, reload.iter().map(|(_, index)| *index).collect()));
    }
}

/// What commits wait for.
fn durability(subject: &Subject<'_>, out: &mut Vec<Consequence>) {
    let synchronous = |value: &Value<'_>| -> u32 {
        let modern = number(at(value, "spec.postgresql.synchronous.number"));
        modern.or_else(|| number(at(value, "spec.minSyncReplicas"))).unwrap_or(0)
    };
    let fields = subject.touched_any(["spec.postgresql.synchronous", "spec.minSyncReplicas", "spec.maxSyncReplicas"]);
    let (old, new) = (synchronous(subject.old), synchronous(subject.new));
    if fields.is_empty() {
        return;
    }
    if new < old {
        let text = format!(
            "commits wait for {} instead of {old}: if the primary is lost, the last ones may be lost with it",
            if new == 0 { "no replica".to_owned() } else { count(new, "replica") }
        );
        out.push(found(Class::DataAtRisk, text, fields));
    } else {
        let text = format!(
            "commits wait for {} from now on: slower, and none passes while too few are there",
            count(new, "replica")
        );
        out.push(found(Class::AvailabilityLower, text, fields));
    }
}

/// Source: CloudNativePG, "Bootstrap" (read once), and its `reconcileUser`: the password of the owner that is named here
/// follows the Secret, also later.
fn names(subject: &Subject<'_>, out: &mut Vec<Consequence>) {
    let [database, owner] = NAMED_LATER;
    for (path, what, remedy) in [
        (database, "database", "make the database first, or keep the name: what is stored stays in the old one"),
        (
            owner,
            "role",
            "make the role first, give it what the old one owns, and only then restart clients; or keep the name",
        ),
    ] {
        let fields = subject.touched(path);
        let (Some(_), Some(new)) = subject.texts(path) else { continue };
        if !fields.is_empty() {
            let text = format!(
                "nobody makes the {what} {new}: bootstrap is read once, when the Cluster is made; clients that are told this \
                 name fail from their next start on"
            );
            out.push(found(Class::AvailabilityLower, text, fields).remedy(remedy));
        }
    }
}

/// Source: the CRD's `enablePDB`, which is true unless it is stated.
fn budgets(subject: &Subject<'_>, out: &mut Vec<Consequence>) {
    let fields = subject.touched("spec.enablePDB");
    if fields.is_empty() {
        return;
    }
    let is_alone = number(at(subject.new, "spec.instances")).unwrap_or(1) < 2;
    let (class, text) = match (at(subject.new, "spec.enablePDB").and_then(Value::as_bool), is_alone) {
        (Some(false), true) => (
            Class::AvailabilityLower,
            "PostgreSQL's only instance has no budget any more: a drain of its node no longer waits, and stops the database",
        ),
        (Some(false), false) => (
            Class::AvailabilityLower,
            "PostgreSQL's budgets are removed: drains of nodes may stop the primary, and all instances at once",
        ),
        (_, true) => (
            Class::InPlace,
            "PostgreSQL's only instance gets a budget: a drain of its node waits until somebody moves the database",
        ),
        (_, false) => (
            Class::InPlace,
            "PostgreSQL gets budgets: a drain of nodes stops one replica at a time, and the primary after a switchover",
        ),
    };
    out.push(found(class, text, fields));
}

fn hibernation(subject: &Subject<'_>, out: &mut Vec<Consequence>) {
    let fields = subject.touched("metadata.annotations[\"cnpg.io/hibernation\"]");
    if fields.is_empty() {
        return;
    }
    if annotation(subject.new, "cnpg.io/hibernation") == Some("on") {
        let text = "PostgreSQL is put to sleep: all instances stop, the volumes stay (cnpg.io/hibernation)";
        out.push(found(Class::AvailabilityLower, text, fields));
    } else {
        out.push(found(Class::InPlace, "PostgreSQL is woken up (cnpg.io/hibernation)", fields));
    }
}
