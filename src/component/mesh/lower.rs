use super::diags;
use crate::component::{Lower, LowerContext};
use crate::k8s::istio::{
    AuthorizationPolicySpec, ConnectionPool, DestinationRuleSpec, From, HttpPool, LoadBalancer, Mtls, Operation,
    OutlierDetection, PeerAuthenticationSpec, Rule, Seconds, Selector, Source, TcpPool, To, TrafficPolicy,
};
use crate::k8s::{Custom, Object, labels};
use crate::model::mesh::{Balance, Traffic};
use crate::model::{CLUSTER_DOMAIN, Connection, Mesh, Model, Namespace, Opener, Workload, WorkloadId};
use crate::plan::{Resource, metadata, pod};
use crate::source::NodeId;
use crate::value::Duration;
use std::collections::{BTreeMap, BTreeSet};

pub(super) struct Declared {
    pub(super) strict: bool,
}

/// The name that Istio's own documentation gives to what holds for a namespace.
const DEFAULT: &str = "default";
/// The policy that permits nothing.
const DENY_ALL: &str = "default-deny";
/// Ports of the proxy itself, which do not go through it: nothing that is said of the pod's traffic holds for them
/// (Istio, "Ports used by Istio").
const NOT_REDIRECTED: [u16; 3] = [15020, 15021, 15090];

impl Lower for Declared {
    fn lower(&self, context: &mut LowerContext<'_>) {
        let model = context.model;
        let Some(mesh) = &model.mesh else { return };
        for id in &mesh.namespaces {
            let Some(namespace) = model.namespaces.get(*id) else { continue };
            let mut origins = vec![model.platform.node, mesh.node];
            origins.extend(namespace.node);
            let mut add = |object: Object| {
                context.plan.add(Resource {
                    object,
                    origins: origins.clone(),
                    owner: namespace.node,
                    group: "namespace".to_owned(),
                    component: "mesh",
                });
            };
            let metadata = |name| metadata(name, &namespace.name, labels::of_platform(&model.platform.name));
            let mode = if self.strict { "STRICT" } else { "PERMISSIVE" };
            add(Custom { metadata: metadata(DEFAULT), spec: PeerAuthenticationSpec { mtls: Mtls { mode } } }.into());
            if namespace.isolated {
                add(Custom { metadata: metadata(DENY_ALL), spec: AuthorizationPolicySpec::default() }.into());
            }
        }
        for id in mesh.members.keys() {
            let Some(workload) = model.workloads.get(*id) else { continue };
            let Some(namespace) = model.namespaces.get(workload.namespace) else { continue };
            if !mesh.namespaces.contains(&workload.namespace) {
                continue;
            }
            if namespace.isolated {
                self.accept(context, mesh, (*id, workload), namespace);
            }
            if let Some(traffic) = model.traffic.get(id) {
                treat(context, mesh, (*id, workload), namespace, traffic);
            }
        }
    }
}

impl Declared {
    /// Permits the connections of a workload, and nothing that none of them is.
    fn accept(
        &self,
        context: &mut LowerContext<'_>,
        mesh: &Mesh,
        (id, workload): (WorkloadId, &Workload),
        namespace: &Namespace,
    ) {
        let model = context.model;
        let mut origins = origins(model, mesh, workload, namespace);
        let mut ports: BTreeMap<u16, BTreeSet<Client>> = BTreeMap::new();
        for connection in model.incoming(id) {
            let Some(target) = model.targets.get(connection.to) else { continue };
            let Some(port) = target.ports.get(connection.port) else { continue };
            if NOT_REDIRECTED.contains(&port.pod_port) {
                continue;
            }
            origins.extend(connection.node);
            origins.extend(target.node);
            origins.extend(nodes_of(model, connection.from));
            let client = client(model, mesh, connection.from);
            if client == Client::Stranger && self.strict {
                context.sink.push(outsider(model, connection, workload, mesh));
                continue;
            }
            ports.entry(port.pod_port).or_default().insert(client);
        }
        // The policy of the namespace permits nothing: no more has to be said of a workload without clients.
        if ports.is_empty() {
            return;
        }
        origins.sort_unstable();
        origins.dedup();
        let spec = AuthorizationPolicySpec {
            selector: Some(Selector { match_labels: pod::selector(workload) }),
            action: Some("ALLOW"),
            rules: ports.into_iter().map(|(port, clients)| rule(port, clients)).collect(),
        };
        add(context, workload, namespace, spec, origins);
    }
}

/// Who a client is to the mesh.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Client {
    /// Pods with this identity.
    Known(String),
    /// Every pod of a namespace that takes part.
    Namespace(String),
    /// Somebody who does not prove who he is.
    Stranger,
}

fn client(model: &Model, mesh: &Mesh, opener: Opener) -> Client {
    match opener {
        Opener::Workload(id) => {
            let namespace = model.workloads.get(id).and_then(|client| model.namespaces.get(client.namespace));
            match (mesh.members.get(&id), namespace) {
                (Some(member), Some(namespace)) => {
                    Client::Known(format!("{CLUSTER_DOMAIN}/ns/{}/sa/{}", namespace.name, member.account))
                }
                _ => Client::Stranger,
            }
        }
        Opener::Namespace(id) => match model.namespaces.get(id) {
            Some(namespace) if mesh.namespaces.contains(&id) => Client::Namespace(namespace.name.clone()),
            _ => Client::Stranger,
        },
    }
}

/// These clients may come to a port. The kinds of source stand apart: within one of them every list has to match.
fn rule(port: u16, clients: BTreeSet<Client>) -> Rule {
    let (mut principals, mut namespaces, mut strangers) = (Vec::new(), Vec::new(), false);
    for client in clients {
        match client {
            Client::Known(principal) => principals.push(principal),
            Client::Namespace(name) => namespaces.push(name),
            Client::Stranger => strangers = true,
        }
    }
    let mut from = Vec::new();
    if !principals.is_empty() {
        from.push(From { source: Source { principals, ..Source::default() } });
    }
    if !namespaces.is_empty() {
        from.push(From { source: Source { namespaces, ..Source::default() } });
    }
    if strangers {
        from.push(From { source: Source { not_principals: vec!["*"], ..Source::default() } });
    }
    Rule { from, to: vec![To { operation: Operation { ports: vec![port.to_string()] } }] }
}

fn outsider(model: &Model, connection: &Connection, workload: &Workload, mesh: &Mesh) -> crate::diag::Diagnostic {
    let client = match connection.from {
        Opener::Workload(id) => model.workloads.get(id).map(|client| format!("`{}`", client.key)),
        Opener::Namespace(id) => model.namespaces.get(id).map(|namespace| format!("every pod of `{}`", namespace.name)),
    };
    diags::outsider(&client.unwrap_or_default(), &workload.key, connection.node, mesh.node)
}

/// An object of a workload.
fn add<S>(context: &mut LowerContext<'_>, workload: &Workload, namespace: &Namespace, spec: S, origins: Vec<NodeId>)
where
    Custom<S>: Into<Object>,
{
    let labels = labels::of_application(&context.model.platform.name, &workload.key);
    context.plan.add(Resource {
        object: Custom { metadata: metadata(&workload.name, &namespace.name, labels), spec }.into(),
        origins,
        owner: workload.node,
        group: workload.key.clone(),
        component: "mesh",
    });
}

/// Tells the mesh's clients how to treat a workload.
fn treat(
    context: &mut LowerContext<'_>,
    mesh: &Mesh,
    (id, workload): (WorkloadId, &Workload),
    namespace: &Namespace,
    traffic: &Traffic,
) {
    let model = context.model;
    let Some(target) = model.target_of(id) else { return };
    let mut origins = origins(model, mesh, workload, namespace);
    origins.push(traffic.node);
    let spec = DestinationRuleSpec { host: target.host.clone(), traffic_policy: policy(traffic) };
    add(context, workload, namespace, spec, origins);
}

fn policy(traffic: &Traffic) -> TrafficPolicy {
    let tcp = traffic.connections.map(|max_connections| TcpPool { max_connections });
    let http = (traffic.pending.is_some() || traffic.requests_per_connection.is_some()).then_some(HttpPool {
        http1_max_pending_requests: traffic.pending,
        max_requests_per_connection: traffic.requests_per_connection,
    });
    let seconds = |duration: Duration| Seconds { millis: duration.millis() };
    TrafficPolicy {
        connection_pool: (tcp.is_some() || http.is_some()).then_some(ConnectionPool { tcp, http }),
        load_balancer: traffic.balance.map(|balance| LoadBalancer {
            simple: match balance {
                Balance::LeastRequest => "LEAST_REQUEST",
                Balance::RoundRobin => "ROUND_ROBIN",
                Balance::Random => "RANDOM",
            },
        }),
        outlier_detection: traffic.outlier.map(|outlier| OutlierDetection {
            consecutive_5xx_errors: outlier.errors,
            interval: outlier.interval.map(seconds),
            base_ejection_time: outlier.ejection.map(seconds),
            max_ejection_percent: outlier.max_ejected.map(crate::value::Percentage::percent),
        }),
    }
}

fn origins(model: &Model, mesh: &Mesh, workload: &Workload, namespace: &Namespace) -> Vec<NodeId> {
    [Some(model.platform.node), Some(mesh.node), workload.node, namespace.node].into_iter().flatten().collect()
}

/// The entries of a client and of its namespace.
fn nodes_of(model: &Model, opener: Opener) -> impl Iterator<Item = NodeId> {
    let (workload, namespace) = match opener {
        Opener::Workload(id) => {
            let workload = model.workloads.get(id);
            (workload.and_then(|workload| workload.node), workload.map(|workload| workload.namespace))
        }
        Opener::Namespace(id) => (None, Some(id)),
    };
    let namespace = namespace.and_then(|id| model.namespaces.get(id)).and_then(|namespace| namespace.node);
    [workload, namespace].into_iter().flatten()
}
