use crate::component::LowerContext;
use crate::component::datastores::declare::Placed;
use crate::component::datastores::spec::StorageSpec;
use crate::decode::At;
use crate::k8s::Custom;
use crate::k8s::cloudnative_pg::{
    Affinity, Annotations, Bootstrap, ClusterSpec, Compression, Initdb, LocalReference, OBJECT_STORE,
    ObjectStoreConfiguration, ObjectStoreSpec, PLUGIN, Plugin, PluginReference, PostgresqlConfiguration, S3Credentials,
    ScheduledBackupSpec, SecretKey, ServiceAccountTemplate, SidecarConfiguration, Storage, Variable,
};
use crate::model::pod::Resources;
use crate::plan::pod;
use crate::value::Cron;
use k8s_openapi::api::core::v1::ResourceRequirements;
use k8s_openapi::apimachinery::pkg::api::resource::Quantity;
use std::collections::BTreeMap;

/// One cluster.
pub(in super::super) struct Declared {
    pub(super) placed: Placed,
    pub(super) image: String,
    pub(super) instances: u32,
    pub(super) storage: StorageSpec,
    pub(super) resources: Resources,
    pub(super) database: String,
    pub(super) owner: String,
    pub(super) secret: String,
    pub(super) parameters: BTreeMap<String, String>,
    pub(super) backup: Option<Backup>,
}

pub(super) struct Backup {
    /// Where S3 answers; it has to be known where only the region's own name leads to an address that is permitted.
    pub(super) region: Option<At<String>>,
    pub(super) to: String,
    pub(super) schedule: Cron,
    pub(super) days: u64,
    pub(super) role: Option<String>,
    pub(super) secret: String,
}

/// IAM roles for service accounts (EKS).
const ROLE: &str = "eks.amazonaws.com/role-arn";

impl Declared {
    pub(in super::super) fn lower(&self, context: &mut LowerContext<'_>) {
        let origins = self.placed.origins(context);
        let metadata = self.placed.metadata(context, &self.placed.name, &self.placed.key);
        let cluster = Custom { metadata: metadata.clone(), spec: self.cluster() };
        self.placed.add(context, cluster, &origins);
        if let Some(backup) = &self.backup {
            let spec = self.scheduled_backup(backup);
            self.placed.add(context, Custom { metadata: metadata.clone(), spec }, &origins);
            let origins: Vec<_> = origins.into_iter().chain(backup.region.as_ref().map(|region| region.node)).collect();
            self.placed.add(context, Custom { metadata, spec: object_store(backup) }, &origins);
        }
    }

    fn cluster(&self) -> ClusterSpec {
        let role = self.backup.as_ref().and_then(|backup| backup.role.clone());
        let plugin = || Plugin {
            name: PLUGIN,
            is_wal_archiver: true,
            parameters: BTreeMap::from([(OBJECT_STORE, self.placed.name.clone())]),
        };
        ClusterSpec {
            instances: self.instances,
            image_name: self.image.clone(),
            primary_update_strategy: "unsupervised",
            postgresql: (!self.parameters.is_empty())
                .then(|| PostgresqlConfiguration { parameters: self.parameters.clone() }),
            bootstrap: Bootstrap {
                initdb: Initdb {
                    database: self.database.clone(),
                    owner: self.owner.clone(),
                    secret: LocalReference { name: self.secret.clone() },
                },
            },
            storage: Storage {
                size: self.storage.size.value.as_str().to_owned(),
                storage_class: self.storage.class.as_ref().map(|class| class.value.as_str().to_owned()),
            },
            resources: pod::requirements(&self.resources),
            affinity: Affinity {
                enable_pod_anti_affinity: true,
                pod_anti_affinity_type: "required",
                topology_key: pod::HOSTNAME,
            },
            // A budget for a single instance would block every drain of its node.
            enable_pdb: (self.instances == 1).then_some(false),
            service_account_template: role.map(|role| ServiceAccountTemplate {
                metadata: Annotations { annotations: BTreeMap::from([(ROLE.to_owned(), role)]) },
            }),
            plugins: self.backup.iter().map(|_| plugin()).collect(),
        }
    }

    fn scheduled_backup(&self, backup: &Backup) -> ScheduledBackupSpec {
        ScheduledBackupSpec {
            schedule: backup.schedule.with_seconds(),
            // The log of a new cluster restores nothing before there is a base backup.
            immediate: true,
            cluster: LocalReference { name: self.placed.name.clone() },
            method: "plugin",
            plugin_configuration: PluginReference { name: PLUGIN },
            backup_owner_reference: "self",
        }
    }
}

fn object_store(backup: &Backup) -> ObjectStoreSpec {
    let key = |key| SecretKey { name: backup.secret.clone(), key };
    let s3_credentials = match &backup.role {
        Some(_) => S3Credentials::Role { inherit_from_iam_role: true },
        None => {
            S3Credentials::Keys { access_key_id: key("ACCESS_KEY_ID"), secret_access_key: key("SECRET_ACCESS_KEY") }
        }
    };
    ObjectStoreSpec {
        configuration: ObjectStoreConfiguration {
            destination_path: backup.to.clone(),
            s3_credentials,
            wal: Compression { compression: "gzip" },
            data: Compression { compression: "gzip" },
        },
        retention_policy: format!("{}d", backup.days),
        instance_sidecar_configuration: SidecarConfiguration {
            env: backup
                .region
                .iter()
                .map(|region| Variable { name: "AWS_DEFAULT_REGION", value: region.value.clone() })
                .collect(),
            resources: sidecar(),
        },
    }
}

/// What the plugin's container gets, after the example of its documentation. Without amounts, a quota of the namespace
/// keeps every instance out.
fn sidecar() -> ResourceRequirements {
    let amounts = |cpu: &str, memory: &str| {
        let amounts = [("cpu", cpu), ("memory", memory)];
        Some(amounts.map(|(name, amount)| (name.to_owned(), Quantity(amount.to_owned()))).into())
    };
    ResourceRequirements { requests: amounts("100m", "128Mi"), limits: amounts("500m", "512Mi"), claims: None }
}
