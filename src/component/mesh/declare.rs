use super::diags;
use super::lower::Declared;
use super::spec::{DataPlane, IstioSpec, MeshSpec, Mtls, ProxySpec};
use crate::component::{Declare, Lower, NothingToLower};
use crate::decode::At;
use crate::k8s::istio;
use crate::model::mesh::Member;
use crate::model::pod::Resources;
use crate::model::{
    CLUSTER_DOMAIN, Contract, CpuAndMemorySpec, Mesh, ModelBuilder, NamespaceId, Opener, Peer, Protocol, Target,
    TargetKind, TargetPort, Workload, WorkloadId,
};
use crate::source::NodeId;
use crate::value::{Leaf, Name, Quantity};
use std::borrow::Cow;
use std::collections::BTreeMap;

pub(super) struct Decoded {
    pub(super) mesh: Option<At<MeshSpec>>,
}

/// What Istio's charts call these.
const CONTROL_PLANE: &str = "istio-system";
const GATEWAY: &str = "istio-ingress";
const GATEWAY_ACCOUNT: &str = "istio-ingressgateway";
const GATEWAY_LABEL: &str = "ingressgateway";
/// Discovery and certificates, over TLS: what a sidecar asks its control plane for (Istio, "Application Requirements").
const DISCOVERY: u16 = 15012;
/// The user of the proxy; what it sends is not redirected to the proxy (Istio, "Application Requirements").
const PROXY_USER: u32 = 1337;

impl Declare for Decoded {
    fn declare(self: Box<Self>, model: &mut ModelBuilder<'_>) -> Box<dyn Lower> {
        let Some(At { value: MeshSpec::Istio(spec), node }) = self.mesh else {
            without_mesh(model, None);
            super::scrape::declare(model);
            return Box::new(NothingToLower);
        };
        let namespaces = namespaces(model, &spec);
        let ambient = spec.data_plane.value == DataPlane::Ambient;
        let proxy = match &spec.proxy {
            Some(proxy) if ambient => {
                model.report(diags::ambient_proxy(proxy.node));
                Resources::default()
            }
            None if ambient => Resources::default(),
            proxy => self::proxy(model, proxy.as_ref(), node),
        };
        let control_plane = spec.control_plane.as_ref();
        let revision = control_plane.and_then(|c| c.value.revision.as_ref()).map(|revision| revision.value.as_str());
        for id in namespaces.keys() {
            if ambient {
                model.label_namespace(*id, istio::DATA_PLANE, istio::AMBIENT);
            } else if revision.is_none() {
                model.label_namespace(*id, istio::INJECTION, istio::ENABLED);
            }
            if let Some(revision) = revision {
                model.label_namespace(*id, istio::REVISION, revision);
            }
        }
        let mut members = members(model, &namespaces, !ambient);
        let gateway = gateway(model, &spec, node, &mut members);
        let namespace = control_plane.and_then(|c| c.value.namespace.clone());
        let namespace = or_default(model, node, "control-plane.namespace", namespace, CONTROL_PLANE);
        if !ambient {
            reach_control_plane(model, &namespaces, &namespace, node);
        }
        let strict = match spec.mtls {
            Some(mtls) => mtls == Mtls::Strict,
            None => {
                model.note_default(node, "mtls", &"\"strict\"");
                true
            }
        };
        let namespaces = namespaces.into_keys().collect();
        model.set_mesh(Mesh { namespaces, members, proxy, gateway, node });
        without_mesh(model, Some(spec.namespaces.node));
        super::scrape::declare(model);
        if ambient {
            let stated: Vec<NodeId> = model.traffic.values().map(|traffic| traffic.node).collect();
            for traffic in stated {
                model.report(diags::ambient_traffic(traffic));
            }
        }
        Box::new(Declared { strict })
    }
}

/// The namespaces that take part; those whose pods the data plane could not serve are reported.
fn namespaces(model: &mut ModelBuilder<'_>, spec: &IstioSpec) -> BTreeMap<NamespaceId, At<Name>> {
    let mut found = BTreeMap::new();
    for name in &spec.namespaces.value {
        let Some(id) = model.namespace(name) else { continue };
        let data_plane = &spec.data_plane;
        let (privileged, isolated) =
            model.namespaces.get(id).map_or((true, false), |namespace| (namespace.privileged, namespace.isolated));
        match data_plane.value {
            DataPlane::Sidecar if !privileged => model.report(diags::needs_privileges(name, data_plane.node)),
            DataPlane::Ambient if isolated => model.report(diags::ambient_isolated(name, data_plane.node)),
            _ => {}
        }
        found.insert(id, name.clone());
    }
    let stores: Vec<_> = model
        .targets_of(TargetKind::Datastore)
        .filter_map(|(_, target)| {
            let Peer::Pods(pods) = target.peer else { return None };
            let namespace = found.get(&model.workloads.get(pods)?.namespace)?;
            Some(diags::datastore(&target.name, target.node, namespace))
        })
        .collect();
    for diagnostic in stores {
        model.report(diagnostic);
    }
    found
}

/// What every proxy asks for and may use. Stated in full: the injector takes no default as soon as one amount is there.
fn proxy(model: &mut ModelBuilder<'_>, spec: Option<&At<ProxySpec>>, mesh: NodeId) -> Resources {
    let requests = spec.and_then(|spec| spec.value.requests.as_ref());
    let limits = spec.and_then(|spec| spec.value.limits.as_ref());
    // The injector's own.
    let mut amounts = |spec: Option<&CpuAndMemorySpec>, cpu: (&'static str, &str), memory: (&'static str, &str)| {
        let stated = [spec.and_then(|spec| spec.cpu.clone()), spec.and_then(|spec| spec.memory.clone())];
        let mut amounts = BTreeMap::new();
        for ((name, stated), (key, default)) in ["cpu", "memory"].into_iter().zip(stated).zip([cpu, memory]) {
            let amount = stated.or_else(|| {
                model.note_default(mesh, key, &format!("\"{default}\""));
                Some(At { value: Quantity::parse(default).ok()?, node: mesh })
            });
            amounts.extend(amount.map(|amount| (name, amount)));
        }
        amounts
    };
    let resources = Resources {
        requests: amounts(requests, ("proxy.requests.cpu", "100m"), ("proxy.requests.memory", "128Mi")),
        limits: amounts(limits, ("proxy.limits.cpu", "2"), ("proxy.limits.memory", "1Gi")),
    };
    for (name, request) in &resources.requests {
        if let Some(limit) = resources.limits.get(name) {
            model.check_order((&format!("proxy.requests.{name}"), request), (&format!("proxy.limits.{name}"), limit));
        }
    }
    resources
}

/// The platform's own pods in these namespaces, each known by its service account.
fn members(
    model: &mut ModelBuilder<'_>,
    namespaces: &BTreeMap<NamespaceId, At<Name>>,
    sidecar: bool,
) -> BTreeMap<WorkloadId, Member> {
    let mut members = BTreeMap::new();
    let mut found = Vec::new();
    for (id, workload) in model.workloads.iter() {
        let Some(pod) = workload.pod.as_ref().filter(|_| namespaces.contains_key(&workload.namespace)) else {
            continue;
        };
        if let (true, PROXY_USER, Some(node)) = (sidecar, pod.user, workload.node) {
            found.push(diags::proxy_user(&workload.key, node));
        }
        members.insert(id, Member { account: workload.name.clone(), sidecar });
    }
    for diagnostic in found {
        model.report(diagnostic);
    }
    members
}

/// The gateway's pods. Source: Istio's chart `gateway`, installed as `istio-ingressgateway`.
fn gateway(
    model: &mut ModelBuilder<'_>,
    spec: &IstioSpec,
    mesh: NodeId,
    members: &mut BTreeMap<WorkloadId, Member>,
) -> WorkloadId {
    let stated = spec.gateway.as_ref().map(|gateway| &gateway.value);
    let namespace = stated.and_then(|gateway| gateway.namespace.clone());
    let namespace = or_default(model, mesh, "gateway.namespace", namespace, GATEWAY);
    let account = stated.and_then(|gateway| gateway.service_account.clone());
    let account = or_default(model, mesh, "gateway.service-account", account, GATEWAY_ACCOUNT);
    let label = match stated.and_then(|gateway| gateway.label.as_ref()) {
        Some(label) => label.value.to_string(),
        None => {
            model.note_default(mesh, "gateway.label", &format!("\"{GATEWAY_LABEL}\""));
            GATEWAY_LABEL.to_owned()
        }
    };
    let namespace = model.foreign_namespace(&namespace);
    let pods = model.add_workload(Workload {
        key: "istio ingress gateway".to_owned(),
        name: account.clone(),
        namespace,
        selector: vec![(Cow::Borrowed("istio"), label)],
        node: Some(mesh),
        pod: None,
    });
    members.insert(pods, Member { account, sidecar: false });
    pods
}

/// Every pod of these namespaces has a sidecar, and a sidecar without its control plane carries nothing.
fn reach_control_plane(
    model: &mut ModelBuilder<'_>,
    namespaces: &BTreeMap<NamespaceId, At<Name>>,
    control_plane: &str,
    mesh: NodeId,
) {
    let namespace = model.foreign_namespace(control_plane);
    let pods = model.add_workload(Workload {
        key: "istiod".to_owned(),
        name: "istiod".to_owned(),
        namespace,
        selector: vec![(Cow::Borrowed("app"), "istiod".to_owned())],
        node: Some(mesh),
        pod: None,
    });
    let port =
        TargetPort { name: Cow::Borrowed("discovery"), port: DISCOVERY, pod_port: DISCOVERY, protocol: Protocol::Tcp };
    let target = model.add_target(Target {
        name: "istio control plane".to_owned(),
        kind: TargetKind::System,
        peer: Peer::Pods(pods),
        host: format!("istiod.{control_plane}.svc.{CLUSTER_DOMAIN}"),
        ports: vec![port],
        contract: Contract::default(),
        node: Some(mesh),
    });
    let Some(target) = target else { return };
    for id in namespaces.keys() {
        if model.namespaces.get(*id).is_some_and(|namespace| namespace.isolated) {
            model.imply(
                Opener::Namespace(*id),
                target,
                0,
                "sidecars get routes and certificates from istiod",
                Some(mesh),
            );
        }
    }
}

/// Workloads with `traffic` that no proxy serves.
fn without_mesh(model: &mut ModelBuilder<'_>, namespaces: Option<NodeId>) {
    let mut found = Vec::new();
    for (id, traffic) in &model.traffic {
        if model.mesh().is_some_and(|mesh| mesh.members.contains_key(id)) {
            continue;
        }
        let name = model.workloads.get(*id).map_or("", |workload| workload.key.as_str());
        found.push(diags::not_in_mesh(name, traffic.node, namespaces));
    }
    for diagnostic in found {
        model.report(diagnostic);
    }
}

/// The stated name, or the default, which is recorded.
fn or_default(
    model: &mut ModelBuilder<'_>,
    table: NodeId,
    key: &'static str,
    stated: Option<At<Name>>,
    default: &str,
) -> String {
    stated.map_or_else(
        || {
            model.note_default(table, key, &format!("\"{default}\""));
            default.to_owned()
        },
        |name| name.value.as_str().to_owned(),
    )
}
