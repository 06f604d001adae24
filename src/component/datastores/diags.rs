//! What the datastores section says.

use super::declare::Placed;
use crate::decode::At;
use crate::diag::{Code, Diagnostic, Place};
use crate::model::ModelBuilder;
use crate::source::NodeId;
use crate::value::{Cron, Duration, quoted};

/// A number of instances that cannot work.
pub const INSTANCES: Code = Code {
    id: "DPJ0460",
    summary: "an engine cannot work with this number of instances",
    docs: "\
A datastore has at least one instance. What else holds follows from the engine:

- PostgreSQL: any number; one is the primary and the others copy it.
- MinIO: one server keeps its data on one volume. Several spread each object over all of them and need at least four, in
  sets of 4 to 16 of one size: 17 servers cannot be divided into such sets.",
};

/// Where a backup goes.
pub const DESTINATION: Code = Code {
    id: "DPJ0461",
    summary: "where a backup goes, or who may write there, is stated wrongly",
    docs: "\
A backup goes to a bucket of S3, below a path if one is stated. The bucket's name has 3 to 63 lower-case letters, digits,
`-` and `.`, a letter or a digit at both ends. `role` is the ARN of an IAM role that may write there; without it a key is
read from the secret store.

    backup = { to = \"s3://dpj-backups/postgresql\", schedule = \"0 3 * * *\", keep = \"30d\" }",
};

/// A schedule without a date.
pub const SCHEDULE: Code = Code {
    id: "DPJ0462",
    summary: "a backup would never be made",
    docs: "\
A schedule is right in form and names a day that does not exist, such as the 31st of February. Nothing would be copied,
and nothing would say so.",
};

/// Kept too short.
pub const RETENTION: Code = Code {
    id: "DPJ0463",
    summary: "a backup's retention does not fit",
    docs: "\
`keep` is how far back any moment can be restored. It is a number of whole days, since the operator counts in them, and at
least the longest time between two backups: what is kept shorter is gone before the next one is made.",
};

/// Networks that nobody stated.
pub const NETWORK: Code = Code {
    id: "DPJ0464",
    summary: "a datastore needs something whose addresses are not stated",
    docs: "\
Instances of CloudNativePG watch the API server, and backups go to S3. In an isolated namespace a network policy has to
permit both, by address. The cluster's networks say which:

    [cluster]
    provider = \"eks\"
    network  = { private = [\"10.0.10.0/24\", \"10.0.20.0/24\"] }",
};

/// A client that no bucket can be named after.
pub const BUCKET: Code = Code {
    id: "DPJ0465",
    summary: "a bucket cannot have the name of its client",
    docs: "\
Each client of an object store has a bucket of its own, called like the client. The name of a bucket has at least three
characters.",
};

/// A name that the operator refuses.
pub const NAME: Code = Code {
    id: "DPJ0466",
    summary: "the name of a datastore is too long for what is named after it",
    docs: "\
CloudNativePG makes the names of Services, Jobs and pods from the cluster's name and takes at most 50 characters. For a
StatefulSet, MinIO's, Kubernetes puts the name and a hash into one label of the pods, which leaves 52.",
};

/// All codes of this module.
pub const CODES: &[&Code] = &[&INSTANCES, &DESTINATION, &SCHEDULE, &RETENTION, &NETWORK, &BUCKET, &NAME];

/// Reports a number of instances that no engine works with: none, or more than the API server can count.
pub(super) fn check_instances(model: &mut ModelBuilder<'_>, instances: &At<u32>) {
    let place = Place::Value(instances.node);
    if instances.value == 0 {
        model.report(
            Diagnostic::error(&INSTANCES, "a datastore of no instances stores nothing", place)
                .help("write `instances = 1`, or switch the datastore off: `enabled = false` in the overlay"),
        );
    } else if i32::try_from(instances.value).is_err() {
        let message = format!("{instances} instances are more than Kubernetes can count");
        model.report(Diagnostic::error(&INSTANCES, message, place).help(format!("write at most {}", i32::MAX)));
    }
}

pub(super) fn minio_instances(instances: &At<u32>) -> Diagnostic {
    let message = format!("MinIO cannot work with {instances} servers");
    let diagnostic = Diagnostic::error(&INSTANCES, message, Place::Value(instances.node));
    if instances.value < 4 {
        return diagnostic.help("write `instances = 1`, or 4 and more: fewer have no majority when one is lost");
    }
    let near = (4..instances.value).rev().find(|count| super::minio::is_divisible(*count)).unwrap_or(4);
    diagnostic.help(format!("write {near}: servers are divided into sets of 4 to 16 of one size"))
}

/// Reports what is not `s3://BUCKET[/PATH]`. Source: Amazon S3, "Bucket naming rules".
pub(super) fn check_bucket(model: &mut ModelBuilder<'_>, to: &At<String>) {
    let report = |model: &mut ModelBuilder<'_>, message: String| {
        let diagnostic = Diagnostic::error(&DESTINATION, message, Place::Value(to.node));
        model.report(diagnostic.help("write a bucket and a path, such as `s3://backups/postgresql`"));
    };
    let Some(place) = to.value.strip_prefix("s3://") else {
        return report(model, format!("{} does not begin with `s3://`", quoted(&to.value)));
    };
    let (bucket, path) = place.split_once('/').unwrap_or((place, ""));
    let letter = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
    let ends = bucket.starts_with(letter) && bucket.ends_with(letter);
    let signs = bucket.chars().all(|c| letter(c) || matches!(c, '-' | '.')) && !bucket.contains("..");
    if bucket.is_empty() {
        report(model, "the destination names no bucket".to_owned());
    } else if !(ends && signs && (3..=63).contains(&bucket.len())) {
        report(model, format!("{} is not the name of a bucket", quoted(bucket)));
    } else if path.contains("//") || path.starts_with('/') || path.chars().any(|c| c.is_whitespace() || c.is_control())
    {
        report(model, format!("{} is not a path in a bucket", quoted(path)));
    }
}

/// Reports what is not the ARN of a role. Source: AWS IAM, "IAM identifiers".
pub(super) fn check_role(model: &mut ModelBuilder<'_>, role: &At<String>) {
    let parts: Vec<&str> = role.value.splitn(6, ':').collect();
    let right = match parts.as_slice() {
        ["arn", partition, "iam", "", account, name] => {
            partition.starts_with("aws")
                && account.len() == 12
                && account.bytes().all(|b| b.is_ascii_digit())
                && name.strip_prefix("role/").is_some_and(|name| !name.is_empty() && !name.contains(' '))
        }
        _ => false,
    };
    if !right {
        let message = format!("{} is not the ARN of a role", quoted(&role.value));
        model.report(
            Diagnostic::error(&DESTINATION, message, Place::Value(role.node))
                .help("write it as in `arn:aws:iam::123456789012:role/backups`"),
        );
    }
}

pub(super) fn never_runs(schedule: &At<Cron>) -> Diagnostic {
    Diagnostic::error(&SCHEDULE, format!("there is no day for the schedule `{schedule}`"), Place::Value(schedule.node))
        .help("write a day that every month has, such as `0 3 1 * *`")
}

pub(super) fn keep_too_short(keep: &At<Duration>, schedule: &At<Cron>) -> Diagnostic {
    let between = schedule.value.max_interval();
    Diagnostic::error(
        &RETENTION,
        format!("backups are kept for {keep}, and up to {between} lie between two"),
        Place::Value(keep.node),
    )
    .also(Place::Value(schedule.node), "made at these times")
    .help(format!("keep them for at least `{between}`, or make them more often"))
}

pub(super) fn keep_not_days(keep: &At<Duration>) -> Diagnostic {
    Diagnostic::error(&RETENTION, format!("{keep} is not a number of whole days"), Place::Value(keep.node))
        .help("write days, such as `\"30d\"`")
}

pub(super) fn unknown_network(name: &str, target: &str, node: NodeId) -> Diagnostic {
    let article = if target == "API server" { "the " } else { "" };
    let message = format!("`{name}` needs {article}{target}, and nothing says where that is");
    Diagnostic::error(&NETWORK, message, Place::Key(node))
        .help("state the cluster's networks in `[cluster.network]`: policies permit addresses")
}

pub(super) fn bucket_name(client: &str, node: NodeId) -> Diagnostic {
    Diagnostic::error(&BUCKET, format!("a bucket cannot be called `{client}`"), Place::Key(node))
        .help("give the client a name of at least three characters")
}

/// Reports a name longer than `who` takes: the one that is stated, or else the entry's key.
pub(super) fn check_name(
    model: &mut ModelBuilder<'_>,
    placed: &Placed,
    stated: Option<NodeId>,
    most: usize,
    who: &str,
) {
    let name = &placed.name;
    if name.len() > most {
        let message = format!("`{name}` has {} characters, and {who} takes {most}", name.len());
        let place = stated.map_or(Place::Key(placed.node), Place::Value);
        model.report(Diagnostic::error(&NAME, message, place).help("state a shorter `name`"));
    }
}
