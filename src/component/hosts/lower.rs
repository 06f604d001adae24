use super::routes::Route;
use crate::component::{Lower, LowerContext};
use crate::k8s::cert_manager::{CertificateSpec, IssuerRef, PrivateKey};
use crate::k8s::istio::{
    Destination, GatewaySpec, HttpRoute, Match, PortNumber, Retries, RouteDestination, Seconds, Server, ServerPort,
    ServerTls, Uri, VirtualServiceSpec,
};
use crate::k8s::{Custom, Object, labels};
use crate::model::{Mesh, Model};
use crate::plan::{Resource, metadata, pod};
use crate::source::NodeId;
use crate::value::Duration;

pub(super) struct Declared {
    pub(super) hosts: Vec<One>,
    /// The `[certificates]` table.
    pub(super) certificates: Option<NodeId>,
}

/// A host.
pub(super) struct One {
    pub(super) key: String,
    /// Its full name.
    pub(super) host: String,
    /// The `ClusterIssuer` of its certificate.
    pub(super) issuer: String,
    pub(super) routes: Vec<Route>,
    pub(super) node: NodeId,
}

impl Lower for Declared {
    fn lower(&self, context: &mut LowerContext<'_>) {
        let model = context.model;
        let Some(mesh) = &model.mesh else { return };
        let gateway = model.workloads.get(mesh.gateway);
        let Some((gateway, namespace)) = gateway.and_then(|g| Some((g, model.namespaces.get(g.namespace)?))) else {
            return;
        };
        for one in &self.hosts {
            // The namespace belongs to whoever installed the mesh: other platforms may put theirs into it.
            let name = format!("{}-{}", model.platform.name, one.key);
            let secret = format!("{name}-tls");
            let metadata = || metadata(&name, &namespace.name, labels::of_platform(&model.platform.name));
            let own = vec![model.platform.node, mesh.node, one.node];
            let mut add = |object: Object, origins: Vec<NodeId>| {
                context.plan.add(Resource {
                    object,
                    origins,
                    owner: Some(one.node),
                    group: one.key.clone(),
                    component: "hosts",
                });
            };
            let certificate = Custom { metadata: metadata(), spec: certificate(one, &secret) };
            add(certificate.into(), own.iter().copied().chain(self.certificates).collect());
            let spec = GatewaySpec { selector: pod::selector(gateway), servers: servers(one, secret) };
            add(Custom { metadata: metadata(), spec }.into(), own.clone());
            let spec = VirtualServiceSpec {
                hosts: vec![one.host.clone()],
                gateways: vec![name.clone()],
                http: one.routes.iter().filter_map(|route| http_route(model, route)).collect(),
            };
            add(Custom { metadata: metadata(), spec }.into(), origins_with_targets(model, mesh, one));
        }
    }
}

fn certificate(one: &One, secret: &str) -> CertificateSpec {
    CertificateSpec {
        secret_name: secret.to_owned(),
        dns_names: vec![one.host.clone()],
        issuer_ref: IssuerRef { group: "cert-manager.io", kind: "ClusterIssuer", name: one.issuer.clone() },
        private_key: PrivateKey { rotation_policy: "Always" },
    }
}

/// HTTPS, and HTTP that is sent there.
fn servers(one: &One, secret: String) -> Vec<Server> {
    let server = |(number, name, protocol), tls| Server {
        port: ServerPort { number, name, protocol },
        hosts: vec![one.host.clone()],
        tls,
    };
    vec![
        server((443, "https", "HTTPS"), ServerTls::Terminate { mode: "SIMPLE", credential_name: secret }),
        server((80, "http", "HTTP"), ServerTls::Redirect { https_redirect: true }),
    ]
}

fn http_route(model: &Model, route: &Route) -> Option<HttpRoute> {
    let target = model.targets.get(route.target)?;
    let port = target.ports.get(route.port)?;
    // Istio's prefix is one of the text: `/client` alone would take `/clients` too.
    let below = Uri::Prefix(format!("{}/", route.path));
    let uris = if route.path.is_empty() { vec![below] } else { vec![Uri::Exact(route.path.clone()), below] };
    let seconds = |duration: Duration| Seconds { millis: duration.millis() };
    Some(HttpRoute {
        matches: uris.into_iter().map(|uri| Match { uri }).collect(),
        route: vec![RouteDestination {
            destination: Destination { host: target.host.clone(), port: PortNumber { number: port.port } },
        }],
        timeout: route.timeout.map(seconds),
        retries: route.retries.map(|(attempts, each)| Retries { attempts, per_try_timeout: each.map(seconds) }),
    })
}

/// Routes carry the names and ports of their targets.
fn origins_with_targets(model: &Model, mesh: &Mesh, one: &One) -> Vec<NodeId> {
    let mut origins = vec![model.platform.node, mesh.node, one.node];
    for route in &one.routes {
        origins.push(route.node);
        origins.extend(model.origins_of(route.target));
    }
    origins.sort_unstable();
    origins.dedup();
    origins
}
