use super::lower::{Backup, Declared};
use super::spec::{BackupSpec, PostgresqlSpec};
use super::{BETWEEN, CLUSTER_LABEL};
use crate::component::datastores::declare::{Placed, image, own_secret};
use crate::component::datastores::diags;
use crate::decode::At;
use crate::k8s::labels;
use crate::model::contract::{REGION, property, template};
use crate::model::{ModelBuilder, Opener, ResourcesSpec, Workload, WorkloadId};
use std::borrow::Cow;
use std::collections::BTreeMap;

/// Where the operator's manifests and chart put it, and what its pods are called.
const OPERATOR_NAMESPACE: &str = "cnpg-system";
const OPERATOR: &str = "cloudnative-pg";
/// The Jobs that make instances: the first one, and each further one from the primary.
const JOBS: [&str; 2] = ["initdb", "join"];
/// The operator refuses a longer name: those of Services and Jobs are made of it.
const LONGEST_NAME: usize = 50;

pub(in super::super) fn declare(model: &mut ModelBuilder<'_>, placed: Placed, spec: PostgresqlSpec) -> Declared {
    let node = placed.node;
    diags::check_name(model, &placed, spec.name.map(|name| name.node), LONGEST_NAME, "CloudNativePG");
    let instances = model.default(node, "instances", spec.instances.map(|instances| instances.value), 1);
    if let Some(instances) = &spec.instances {
        diags::check_instances(model, instances);
    }
    let resources = ResourcesSpec::checked(spec.resources.as_ref(), model);
    model.set_operated(node, resources.clone());
    let backup = spec.backup.map(|backup| self::backup(model, &placed, backup));
    connections(model, &placed, backup.as_ref());

    let owner = spec.database.owner.value.as_str().to_owned();
    let secret = format!("{}-owner-credentials", placed.key);
    let fields = vec![
        // CloudNativePG refuses a Secret whose name of the user is not the owner's.
        ("username", template("username", owner.clone(), &[])),
        ("password", property("password", &["password"])),
    ];
    let mut needed = own_secret(&placed, secret.clone(), placed.key.clone(), fields);
    needed.kind = Some("kubernetes.io/basic-auth");
    // The operator changes the role's password when the Secret's changes.
    needed.labels.insert("cnpg.io/reload".to_owned(), "true".to_owned());
    model.need_secret(needed);

    let (image, _) = image(model, &spec.image.value);
    let parameters: BTreeMap<String, String> =
        spec.parameters.into_iter().map(|(name, value)| (name.value, value.value.0)).collect();
    let database = spec.database.name.value.as_str().to_owned();
    Declared { placed, image, instances, storage: spec.storage, resources, database, owner, secret, parameters, backup }
}

/// What instances, Jobs and operator do under default deny, and nobody writes down.
fn connections(model: &mut ModelBuilder<'_>, placed: &Placed, backup: Option<&Backup>) {
    let node = Some(placed.node);
    let jobs = JOBS.map(|role| {
        let pods = model.add_workload(Workload {
            key: format!("{}-{role}", placed.key),
            name: format!("{}-{role}", placed.name),
            namespace: placed.namespace,
            selector: vec![
                (Cow::Borrowed(CLUSTER_LABEL), placed.name.clone()),
                (Cow::Borrowed("cnpg.io/jobRole"), role.to_owned()),
            ],
            node,
            pod: None,
        });
        (role, pods)
    });
    for pods in [placed.pods].into_iter().chain(jobs.map(|(_, pods)| pods)) {
        let because = "instances of CloudNativePG and the Jobs that make them watch the API server";
        system(model, placed, pods, "API server", because);
    }
    for (role, pods) in jobs {
        if role == "join" {
            let because = "a new replica copies the primary";
            model.imply(Opener::Workload(pods), placed.instances, 0, because, node);
        }
    }
    let namespace = model.foreign_namespace(OPERATOR_NAMESPACE);
    let operator = model.add_workload(Workload {
        key: OPERATOR.to_owned(),
        name: OPERATOR.to_owned(),
        namespace,
        selector: vec![(Cow::Borrowed(labels::NAME), OPERATOR.to_owned())],
        node: None,
        pod: None,
    });
    if let Some(status) = BETWEEN.iter().position(|(name, _)| *name == "status") {
        let because = "the operator asks each instance for its state";
        model.imply(Opener::Workload(operator), placed.instances, status, because, node);
    }
    if let Some(backup) = backup {
        system(model, placed, placed.pods, "S3", "backups and the write-ahead log go to S3");
        if backup.role.is_some() {
            system(model, placed, placed.pods, "STS", "a role of IAM is assumed at STS");
        }
    }
}

/// A connection to a part of the cluster; where pods may do nothing that is not declared, it has to be known.
fn system(model: &mut ModelBuilder<'_>, placed: &Placed, pods: WorkloadId, target: &str, because: &'static str) {
    if let Some(target) = model.system_target(target) {
        model.imply(Opener::Workload(pods), target, 0, because, Some(placed.node));
    } else if pods == placed.pods && model.namespaces.get(placed.namespace).is_some_and(|home| home.isolated) {
        model.report(diags::unknown_network(&placed.key, target, placed.node));
    }
}

fn backup(model: &mut ModelBuilder<'_>, placed: &Placed, spec: At<BackupSpec>) -> Backup {
    let spec = spec.value;
    diags::check_bucket(model, &spec.to);
    if spec.schedule.value.never_runs() {
        model.report(diags::never_runs(&spec.schedule));
    } else if spec.keep.value < spec.schedule.value.max_interval() {
        model.report(diags::keep_too_short(&spec.keep, &spec.schedule));
    }
    let days = spec.keep.value.millis() / 86_400_000;
    if !spec.keep.value.millis().is_multiple_of(86_400_000) || days == 0 {
        model.report(diags::keep_not_days(&spec.keep));
    }
    if let Some(role) = &spec.role {
        diags::check_role(model, role);
    }
    let secret = format!("{}-backup-credentials", placed.key);
    if spec.role.is_none() {
        let fields = vec![
            ("ACCESS_KEY_ID", property("access-key-id", &["access-key-id"])),
            ("SECRET_ACCESS_KEY", property("secret-access-key", &["secret-access-key"])),
        ];
        let needed = own_secret(placed, secret.clone(), format!("{}-backup", placed.key), fields);
        model.need_secret(needed);
    }
    let region = model.system_field("S3", REGION);
    Backup {
        region,
        to: spec.to.value,
        schedule: spec.schedule.value,
        days,
        role: spec.role.map(|role| role.value),
        secret,
    }
}
