use super::{CONSOLE, PORT, ROOT};
use crate::component::LowerContext;
use crate::component::datastores::declare::Placed;
use crate::component::datastores::spec::StorageSpec;
use crate::k8s::labels;
use crate::model::{CLUSTER_DOMAIN, Workload, WorkloadId};
use crate::plan::pod::{self, Extras};
use k8s_openapi::api::apps::v1::{StatefulSet, StatefulSetSpec};
use k8s_openapi::api::core::v1::{
    PersistentVolumeClaim, PersistentVolumeClaimSpec, Service, ServiceAccount, ServicePort, ServiceSpec,
    VolumeResourceRequirements,
};
use k8s_openapi::api::policy::v1::{PodDisruptionBudget, PodDisruptionBudgetSpec};
use k8s_openapi::apimachinery::pkg::api::resource::Quantity;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::{LabelSelector, ObjectMeta};
use k8s_openapi::apimachinery::pkg::util::intstr::IntOrString;
use std::collections::BTreeMap;

/// One pool.
pub(in super::super) struct Declared {
    pub(super) placed: Placed,
    pub(super) instances: u32,
    pub(super) storage: StorageSpec,
    /// The Secret with the root user.
    pub(super) root: String,
    /// The pods of the Job.
    pub(super) setup: WorkloadId,
}

/// The claim of each server and where it is mounted.
const DATA: (&str, &str) = ("data", "/data");

impl Declared {
    pub(in super::super) fn lower(&self, context: &mut LowerContext<'_>) {
        let model = context.model;
        let Some(workload) = model.workloads.get(self.placed.pods) else { return };
        let origins = self.placed.origins(context);
        let name = &self.placed.name;
        let headless = format!("{name}-hl");
        let metadata = |context: &LowerContext<'_>, object: &str| self.placed.metadata(context, object, name);

        let account = service_account(metadata(context, name));
        self.placed.add(context, account, &origins);
        let clients = service(metadata(context, name), workload, &[PORT, CONSOLE], false);
        self.placed.add(context, clients, &origins);
        let servers = service(metadata(context, &headless), workload, &[PORT], true);
        self.placed.add(context, servers, &origins);

        let extras = Extras { secrets: self.root_variables(), claims: vec![DATA], ..Extras::default() };
        let labels = labels::of_application(&model.platform.name, name);
        let mut template = pod::template_with(model, self.placed.pods, labels, &extras);
        if let Some(container) = template.spec.as_mut().and_then(|spec| spec.containers.first_mut()) {
            container.args = Some(self.arguments(context, &headless));
        }
        let spec = StatefulSetSpec {
            replicas: i32::try_from(self.instances).ok(),
            service_name: Some(headless),
            pod_management_policy: Some("Parallel".to_owned()),
            selector: LabelSelector { match_labels: Some(pod::selector(workload)), ..Default::default() },
            template,
            volume_claim_templates: Some(vec![self.claim()]),
            ..Default::default()
        };
        let set = StatefulSet { metadata: metadata(context, name), spec, ..Default::default() };
        self.placed.add(context, set, &origins);
        // Of four servers and more, the others still read and write when one is missing.
        if self.instances > 1 {
            let budget = budget(metadata(context, name), workload);
            self.placed.add(context, budget, &origins);
        }
        self.lower_setup(context);
    }

    /// The variables of the root user, by Secret and key.
    pub(super) fn root_variables(&self) -> BTreeMap<String, (String, &'static str)> {
        ROOT.map(|(variable, key, _)| (variable.to_owned(), (self.root.clone(), key))).into()
    }

    /// Certificates would be looked for in the home directory, which is not writable.
    fn arguments(&self, context: &LowerContext<'_>, headless: &str) -> Vec<String> {
        let namespace = self.placed.home(context).map_or("", |namespace| &namespace.name);
        let (name, path, port) = (&self.placed.name, DATA.1, PORT.1);
        let volumes = match self.instances {
            1 => path.to_owned(),
            count => {
                let servers = format!("{name}-{{0...{}}}", count.saturating_sub(1));
                format!("http://{servers}.{headless}.{namespace}.svc.{CLUSTER_DOMAIN}:{port}{path}")
            }
        };
        let console = format!(":{}", CONSOLE.1);
        ["server", "--certs-dir", "/tmp/certs", "--console-address", &console, &volumes].map(str::to_owned).to_vec()
    }

    fn claim(&self) -> PersistentVolumeClaim {
        let size = Quantity(self.storage.size.value.as_str().to_owned());
        PersistentVolumeClaim {
            metadata: ObjectMeta { name: Some(DATA.0.to_owned()), ..Default::default() },
            spec: Some(PersistentVolumeClaimSpec {
                access_modes: Some(vec!["ReadWriteOnce".to_owned()]),
                storage_class_name: self.storage.class.as_ref().map(|class| class.value.as_str().to_owned()),
                resources: Some(VolumeResourceRequirements {
                    requests: Some(BTreeMap::from([("storage".to_owned(), size)])),
                    limits: None,
                }),
                ..Default::default()
            }),
            status: None,
        }
    }
}

pub(super) fn service_account(metadata: ObjectMeta) -> ServiceAccount {
    ServiceAccount { metadata, automount_service_account_token: Some(false), ..Default::default() }
}

/// The Service of the clients, or that of the servers, which find each other before they are ready.
fn service(metadata: ObjectMeta, workload: &Workload, ports: &[(&str, u16)], headless: bool) -> Service {
    let port = |(name, port): &(&str, u16)| ServicePort {
        name: Some((*name).to_owned()),
        port: i32::from(*port),
        protocol: Some("TCP".to_owned()),
        target_port: Some(IntOrString::String((*name).to_owned())),
        ..Default::default()
    };
    let spec = ServiceSpec {
        type_: Some("ClusterIP".to_owned()),
        cluster_ip: headless.then(|| "None".to_owned()),
        publish_not_ready_addresses: headless.then_some(true),
        selector: Some(pod::selector(workload)),
        ports: Some(ports.iter().map(port).collect()),
        ..Default::default()
    };
    Service { metadata, spec: Some(spec), ..Default::default() }
}

fn budget(metadata: ObjectMeta, workload: &Workload) -> PodDisruptionBudget {
    let spec = PodDisruptionBudgetSpec {
        max_unavailable: Some(IntOrString::Int(1)),
        selector: Some(LabelSelector { match_labels: Some(pod::selector(workload)), ..Default::default() }),
        // The default (`IfHealthyBudget`): a server that is still reading its volume counts for the quorum.
        ..Default::default()
    };
    PodDisruptionBudget { metadata, spec: Some(spec), ..Default::default() }
}
