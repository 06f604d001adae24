use super::spec::PaceSpec;
use super::{config, controller, recommend, rollout};
use crate::component::{Lower, LowerContext};
use crate::k8s::{Object, labels};
use crate::model::{self, Model, Pod, Workload, WorkloadId};
use crate::plan::{Resource, metadata, pod};
use crate::source::NodeId;
use crate::value::{CountOrPercentage, Percentage};
use k8s_openapi::api::core::v1::{ConfigMap, Service, ServiceAccount, ServicePort, ServiceSpec};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use k8s_openapi::apimachinery::pkg::util::intstr::IntOrString;

pub(super) struct Declared {
    pub(super) workloads: Vec<Controller>,
}

/// What controls the pods of a workload.
pub(super) struct Controller {
    pub(super) id: WorkloadId,
    pub(super) replicas: u32,
    pub(super) autoscale: Option<Autoscale>,
    pub(super) recommend: Option<recommend::Recommend>,
    pub(super) rollout: Rollout,
    pub(super) disruptions: Option<CountOrPercentage>,
}

pub(super) struct Autoscale {
    pub(super) min: u32,
    pub(super) max: u32,
    pub(super) utilisation: Vec<(&'static str, Percentage)>,
    pub(super) down: Option<PaceSpec>,
    pub(super) up: Option<PaceSpec>,
    /// The `autoscale` table.
    pub(super) node: NodeId,
}

pub(super) enum Rollout {
    Rolling { max_unavailable: CountOrPercentage, max_surge: CountOrPercentage },
    Recreate,
    BlueGreen(BlueGreen),
}

/// Two versions side by side.
pub(super) struct BlueGreen {
    pub(super) fact: model::BlueGreen,
    pub(super) auto_promotion: bool,
    pub(super) scale_down_delay: u32,
}

impl Controller {
    /// With an autoscaler the number of pods is its own: stating it would reset it at every apply.
    pub(super) fn stated_replicas(&self) -> Option<i32> {
        self.autoscale.is_none().then(|| controller::int32(self.replicas))
    }

    /// The fewest pods that are wanted at any time.
    pub(super) fn least_replicas(&self) -> u32 {
        self.autoscale.as_ref().map_or(self.replicas, |autoscale| autoscale.min)
    }
}

impl Lower for Declared {
    fn lower(&self, context: &mut LowerContext<'_>) {
        for controller in &self.workloads {
            let Some(workload) = context.model.workloads.get(controller.id) else { continue };
            let Some(described) = &workload.pod else { continue };
            lower(context, controller, workload, described);
        }
    }
}

fn lower(context: &mut LowerContext<'_>, controller: &Controller, workload: &Workload, described: &Pod) {
    let model = context.model;
    let Some(namespace) = model.namespaces.get(workload.namespace) else { return };
    let platform = &model.platform;
    let own: Vec<NodeId> = [Some(platform.node), workload.node, namespace.node].into_iter().flatten().collect();
    let proxied = model.proxy(controller.id).is_some();
    // The mesh has a say in the pods, and in what is measured of them.
    let mut with_mesh = own.clone();
    with_mesh.extend(model.mesh.as_ref().map(|mesh| mesh.node));
    let with_targets = origins_with_targets(model, controller.id, &with_mesh);
    let labels = labels::of_application(&platform.name, &workload.name);
    let metadata = |name: &str| metadata(name, &namespace.name, labels.clone());
    let mut checksum = None;
    let add = |context: &mut LowerContext<'_>, object: Object, origins: &[NodeId]| {
        context.plan.add(Resource {
            object,
            origins: origins.to_vec(),
            owner: workload.node,
            group: workload.name.clone(),
            component: "workloads",
        });
    };
    if let Some(mount) = &described.config {
        let data = config::render(context, controller.id, workload, mount);
        checksum = Some(config::checksum(&data));
        let object = ConfigMap { metadata: metadata(&mount.config_map), data: Some(data), ..Default::default() };
        add(context, object.into(), &with_targets);
    }
    // The token of a service account opens the API server; no workload of the platform asks it anything.
    let account = ServiceAccount {
        metadata: metadata(&workload.name),
        automount_service_account_token: Some(false),
        ..Default::default()
    };
    add(context, account.into(), &own);
    if !described.ports.is_empty() {
        let preview = model.blue_green.get(&controller.id).map(|colours| colours.preview.as_str());
        for name in [Some(workload.name.as_str()), preview].into_iter().flatten() {
            add(context, service(context.model, controller.id, workload, metadata(name)).into(), &own);
        }
    }
    let template = pod::template(model, controller.id, labels.clone(), checksum);
    let object = match &controller.rollout {
        Rollout::BlueGreen(colours) => {
            rollout::object(controller, colours, workload, metadata(&workload.name), template).into()
        }
        rollout => controller::deployment(controller, rollout, workload, metadata(&workload.name), template).into(),
    };
    add(context, object, &with_targets);
    let target = controller::reference(&controller.rollout, &workload.name);
    if let Some(autoscale) = &controller.autoscale {
        let container = proxied.then_some(workload.name.as_str());
        let object = controller::autoscaler(autoscale, target.clone(), container, metadata(&workload.name));
        add(context, object.into(), &with_mesh);
    }
    if let Some(recommend) = &controller.recommend {
        add(context, recommend::autoscaler(recommend, workload, target, metadata(&workload.name)).into(), &own);
    }
    // A budget for a single pod would either mean nothing or block every drain of its node.
    if controller.least_replicas() >= 2 {
        add(context, controller::budget(controller, workload, metadata(&workload.name)).into(), &own);
    }
}

/// A pod's variables and files carry what its targets publish.
fn origins_with_targets(model: &Model, id: WorkloadId, own: &[NodeId]) -> Vec<NodeId> {
    let mut origins = own.to_vec();
    for connection in model.outgoing(id) {
        origins.extend(connection.node);
        origins.extend(model.origins_of(connection.to));
    }
    origins.sort_unstable();
    origins.dedup();
    origins
}

fn service(model: &Model, id: WorkloadId, workload: &Workload, metadata: ObjectMeta) -> Service {
    let target = model.target_of(id);
    let ports = target.iter().flat_map(|target| &target.ports).map(|port| ServicePort {
        name: Some(port.name.to_string()),
        port: i32::from(port.port),
        protocol: Some(port.protocol.as_str().to_owned()),
        // By name, so that the container's port can change without the Service.
        target_port: Some(IntOrString::String(port.name.to_string())),
        ..Default::default()
    });
    let spec = ServiceSpec {
        type_: Some("ClusterIP".to_owned()),
        selector: Some(pod::selector(workload)),
        ports: Some(ports.collect()),
        ..Default::default()
    };
    Service { metadata, spec: Some(spec), ..Default::default() }
}
