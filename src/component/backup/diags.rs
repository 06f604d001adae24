//! What the backup sections say.

use crate::decode::At;
use crate::diag::{Code, Diagnostic, Place};
use crate::source::NodeId;
use crate::value::{Cron, Duration, Name, quoted};

/// Nowhere to go.
pub const NO_STORAGE: Code = Code {
    id: "DPJ0480",
    summary: "a backup has nowhere to go",
    docs: "\
Backups go into a bucket, and snapshots of volumes into a region; both are stated once:

    [backup-storage]
    provider  = \"aws\"
    namespace = \"velero\"       # where Velero runs
    bucket    = \"dpj-backups\"
    region    = \"eu-west-1\"",
};

/// A bucket, folder or region that cannot be.
pub const STORAGE: Code = Code {
    id: "DPJ0481",
    summary: "the storage of backups is not one that AWS has",
    docs: "\
A bucket's name has 3 to 63 lower-case letters, digits, `-` and `.`, with a letter or digit at both ends (Amazon S3,
\"General purpose bucket naming rules\"); a region is called as in `eu-west-1`. What is below the bucket is the prefix,
letters, digits and `-_.` with single slashes between:

    bucket = \"s3://dpj-backups/velero\"   # wrong
    bucket = \"dpj-backups\"
    prefix = \"velero\"",
};

/// A schedule without a time.
pub const NEVER: Code = Code {
    id: "DPJ0482",
    summary: "a backup would never be made",
    docs: "\
The schedule is one, and there is no day that it names: `0 2 31 2 *` waits for the 31st of February.",
};

/// Gone before the next.
pub const RETENTION: Code = Code {
    id: "DPJ0483",
    summary: "a backup would be gone before the next one is there",
    docs: "\
Velero deletes a backup when its time is over, whether there is a newer one or not. `keep` has to be longer than the
longest time between two runs of the schedule, or there are hours without any backup:

    schedule = \"0 1 * * 0\"      # every Sunday: 7 days apart
    keep     = \"7d\"             # wrong: gone when the next one begins
    keep     = \"90d\"",
};

/// No namespace, or one twice.
pub const NAMESPACES: Code = Code {
    id: "DPJ0484",
    summary: "a backup's list of namespaces is wrong",
    docs: "\
Each namespace stands in the list once. An empty list is refused: to Velero it means every namespace of the cluster.",
};

/// Too long a name.
pub const NAME_TOO_LONG: Code = Code {
    id: "DPJ0485",
    summary: "the full name of a backup's schedule is too long",
    docs: "\
The schedule is called as the platform, the backup's key and `backup`, with dashes between. Velero writes that name into a
label of each backup, and the value of a label has at most 63 characters.",
};

/// All codes of this module.
pub const CODES: &[&Code] = &[&NO_STORAGE, &STORAGE, &NEVER, &RETENTION, &NAMESPACES, &NAME_TOO_LONG];

pub(super) fn no_storage(backup: &At<Name>) -> Diagnostic {
    Diagnostic::error(&NO_STORAGE, format!("the backup `{backup}` has nowhere to go"), Place::Key(backup.node))
        .help("state the bucket in `[backup-storage]`")
}

pub(super) fn bucket(bucket: &At<String>) -> Diagnostic {
    let message = format!("{} is not the name of a bucket", quoted(&bucket.value));
    let diagnostic = Diagnostic::error(&STORAGE, message, Place::Value(bucket.node));
    match bucket.value.strip_prefix("s3://") {
        Some(_) => diagnostic.help("write the bucket's name alone; a folder in it is `prefix`"),
        None => diagnostic.help("write 3 to 63 lower-case letters, digits, `-` and `.`, such as `dpj-backups`"),
    }
}

pub(super) fn prefix(prefix: &At<String>) -> Diagnostic {
    let message = format!("{} is not a folder of a bucket", quoted(&prefix.value));
    Diagnostic::error(&STORAGE, message, Place::Value(prefix.node))
        .help("write letters, digits and `-_.`, with single slashes between, such as `velero/prod`")
}

pub(super) fn region(region: &At<String>) -> Diagnostic {
    Diagnostic::error(&STORAGE, format!("{} is not an AWS region", quoted(&region.value)), Place::Value(region.node))
        .help("write a region such as `eu-west-1`")
}

pub(super) fn never(backup: &At<Name>, schedule: &At<Cron>) -> Diagnostic {
    let message = format!("the backup `{backup}` would never be made: no day is that of `{schedule}`");
    Diagnostic::error(&NEVER, message, Place::Value(schedule.node))
        .help("name a day that exists, such as `0 2 * * *` for 02:00 every day")
}

pub(super) fn retention(backup: &At<Name>, keep: &At<Duration>, schedule: &At<Cron>, longest: Duration) -> Diagnostic {
    let message = format!("the backup `{backup}` is kept for {keep}, and the next one may begin {longest} after it");
    Diagnostic::error(&RETENTION, message, Place::Value(keep.node))
        .also(Place::Value(schedule.node), format!("up to {longest} from one to the next"))
        .help(format!("keep it for longer than {longest}, or make it more often"))
}

pub(super) fn no_namespaces(backup: &At<Name>, node: NodeId) -> Diagnostic {
    let message = format!("the backup `{backup}` names no namespace: Velero would take all of the cluster's");
    Diagnostic::error(&NAMESPACES, message, Place::Value(node)).help("name at least one, or remove the backup")
}

pub(super) fn namespace_twice(namespace: &At<Name>, first: NodeId) -> Diagnostic {
    let message = format!("the namespace `{namespace}` is in the list twice");
    Diagnostic::error(&NAMESPACES, message, Place::Value(namespace.node))
        .also(Place::Value(first), "also here")
        .help("keep one of the two")
}

pub(super) fn name_too_long(name: &str, node: NodeId) -> Diagnostic {
    let message = format!("the schedule's name `{name}` has {} characters, at most 63 are allowed", name.len());
    Diagnostic::error(&NAME_TOO_LONG, message, Place::Key(node)).help("shorten the key")
}
