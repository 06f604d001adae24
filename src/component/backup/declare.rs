use super::diags;
use super::lower::{Declared, Schedule, Storage};
use super::spec::{AwsSpec, BackupSpec, BackupStorageSpec};
use crate::component::{Declare, Lower, NothingToLower};
use crate::decode::{At, Entry};
use crate::model::{ModelBuilder, NamespaceId};
use crate::source::NodeId;
use crate::value::{Name, is_aws_region, is_s3_bucket};

pub(super) struct Decoded {
    pub(super) storage: Option<At<BackupStorageSpec>>,
    pub(super) backups: Vec<Entry<BackupSpec>>,
}

/// The longest value of a label.
const MAX_NAME: usize = 63;

impl Declare for Decoded {
    fn declare(self: Box<Self>, model: &mut ModelBuilder<'_>) -> Box<dyn Lower> {
        let storage = self.storage.map(|storage| self::storage(model, storage));
        // Storage that no backup uses is not generated, and its namespace need not be there: an environment without
        // backups has no Velero.
        let Some(first) = self.backups.first() else { return Box::new(NothingToLower) };
        let storage = match storage {
            Some((namespace, rest)) => Some((model.namespace_or_any(&namespace), rest)),
            None => {
                model.report(diags::no_storage(&first.name));
                None
            }
        };
        let schedules = self.backups.into_iter().map(|backup| schedule(model, backup)).collect();
        match storage {
            Some((namespace, storage)) => Box::new(Declared { namespace, storage, schedules }),
            None => Box::new(NothingToLower),
        }
    }
}

fn storage(model: &mut ModelBuilder<'_>, spec: At<BackupStorageSpec>) -> (At<Name>, Storage) {
    let At { value: BackupStorageSpec::Aws(AwsSpec { namespace, bucket, prefix, region }), node } = spec;
    if !is_s3_bucket(&bucket.value) {
        model.report(diags::bucket(&bucket));
    }
    if !is_aws_region(&region.value) {
        model.report(diags::region(&region));
    }
    if let Some(prefix) = prefix.as_ref().filter(|prefix| !is_prefix(&prefix.value)) {
        model.report(diags::prefix(prefix));
    }
    let prefix = prefix.map_or_else(
        || {
            // A folder of its own, since Velero refuses one with other things in it; one for each environment, since each
            // cluster would list and expire the backups of all.
            let prefix = format!("velero/{}", model.environment());
            model.note_default(node, "prefix", &format!("\"{prefix}\""));
            prefix
        },
        |prefix| prefix.value,
    );
    (namespace, Storage { bucket: bucket.value, prefix, region: region.value, node })
}

fn is_prefix(text: &str) -> bool {
    text.len() <= 512
        && text.split('/').all(|part| !part.is_empty() && part != "." && part != "..")
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_./".contains(&b))
}

fn schedule(model: &mut ModelBuilder<'_>, backup: Entry<BackupSpec>) -> Schedule {
    let Entry { name: key, spec: BackupSpec { schedule, namespaces, keep } } = backup;
    let platform = model.platform().map_or_else(String::new, |platform| platform.name.clone());
    let name = format!("{platform}-{key}-backup");
    if name.len() > MAX_NAME {
        model.report(diags::name_too_long(&name, key.node));
    }
    if schedule.value.never_runs() {
        model.report(diags::never(&key, &schedule));
    } else if keep.value <= schedule.value.max_interval() {
        model.report(diags::retention(&key, &keep, &schedule, schedule.value.max_interval()));
    }
    if namespaces.value.is_empty() {
        model.report(diags::no_namespaces(&key, namespaces.node));
    }
    let mut included: Vec<(NamespaceId, NodeId)> = Vec::with_capacity(namespaces.value.len());
    for namespace in &namespaces.value {
        let Some(id) = model.namespace(namespace) else { continue };
        if let Some((_, first)) = included.iter().find(|(known, _)| *known == id) {
            model.report(diags::namespace_twice(namespace, *first));
        }
        included.push((id, namespace.node));
    }
    Schedule {
        name,
        cron: schedule.value.to_string(),
        namespaces: included.into_iter().map(|(id, _)| id).collect(),
        ttl: keep.value.to_string(),
        node: key.node,
    }
}
