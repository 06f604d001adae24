//! Istio, `networking.istio.io/v1` and `security.istio.io/v1` (CRDs of release 1.22 and later), and what it reads on
//! namespaces and pods.

use super::custom::CustomSpec;
use serde::{Serialize, Serializer};
use std::collections::BTreeMap;

/// Label of a namespace whose pods get a sidecar, with the value [`ENABLED`].
pub const INJECTION: &str = "istio-injection";
/// The value of [`INJECTION`].
pub const ENABLED: &str = "enabled";
/// Label of a namespace whose pods get the sidecar of a certain control plane: its revision.
pub const REVISION: &str = "istio.io/rev";
/// Label of a namespace whose pods take part without a sidecar, with the value [`AMBIENT`].
pub const DATA_PLANE: &str = "istio.io/dataplane-mode";
/// The value of [`DATA_PLANE`].
pub const AMBIENT: &str = "ambient";

/// Annotations of a pod for its proxy: request and limit of processors, then of memory. As soon as one of them is there,
/// the injector takes no default for the others.
pub const PROXY_CPU: &str = "sidecar.istio.io/proxyCPU";
/// See [`PROXY_CPU`].
pub const PROXY_CPU_LIMIT: &str = "sidecar.istio.io/proxyCPULimit";
/// See [`PROXY_CPU`].
pub const PROXY_MEMORY: &str = "sidecar.istio.io/proxyMemory";
/// See [`PROXY_CPU`].
pub const PROXY_MEMORY_LIMIT: &str = "sidecar.istio.io/proxyMemoryLimit";
/// Annotation of a pod: settings of its proxy, as YAML.
pub const PROXY_CONFIG: &str = "proxy.istio.io/config";
/// The value of [`PROXY_CONFIG`]. What an application asks for while it starts and ends, it asks through the proxy, so that
/// the proxy is there first, and of a pod that is killed `grace_seconds` after it is told to end, to the end: 5 seconds after
/// that word it would leave otherwise, with requests still under way. A proxy that is a native sidecar outlives the
/// application anyway, and leaves with it. The proxy of a pod that ends by itself (`None`) is told so by the pod, and has
/// nothing to wait for.
///
/// Source: `ProxyConfig`, `holdApplicationUntilProxyStarts` and `terminationDrainDuration` (5s unless it is stated; the
/// agent sleeps for it, also after `/quitquitquit` before istio#55424).
#[must_use]
pub fn proxy_config(grace_seconds: Option<u64>) -> String {
    // A second before it is killed, where there is one: it ends by itself and sends its last telemetry.
    let drain = |seconds: u64| format!("\nterminationDrainDuration: {}s", seconds.saturating_sub(1).max(1));
    let drain = grace_seconds.map_or_else(String::new, drain);
    format!("holdApplicationUntilProxyStarts: true{drain}")
}

/// A duration in seconds, a form that protobuf's JSON, Go and CEL read alike.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Seconds {
    /// Its length in milliseconds.
    pub millis: u64,
}

impl Serialize for Seconds {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let (whole, rest) = (self.millis / 1000, self.millis % 1000);
        let fraction = if rest == 0 { String::new() } else { format!(".{rest:03}") };
        serializer.collect_str(&format_args!("{whole}{fraction}s"))
    }
}

/// `PeerAuthentication`: what the pods of its namespace accept.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct PeerAuthenticationSpec {
    /// Mutual TLS.
    pub mtls: Mtls,
}

/// Mutual TLS.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Mtls {
    /// `STRICT` or `PERMISSIVE`.
    pub mode: &'static str,
}

impl CustomSpec for PeerAuthenticationSpec {
    const GROUP: &'static str = "security.istio.io";
    const API_VERSION: &'static str = "security.istio.io/v1";
    const KIND: &'static str = "PeerAuthentication";
}

/// `AuthorizationPolicy`. Pods that any policy with the action `ALLOW` is for refuse whatever none of them matches; one
/// without rules matches nothing.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct AuthorizationPolicySpec {
    /// The pods that it is for; all of its namespace where it is absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub selector: Option<Selector>,
    /// `ALLOW`, which is also the default.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub action: Option<&'static str>,
    /// What it matches: any of these.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub rules: Vec<Rule>,
}

/// Pods by their labels.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Selector {
    /// Labels that they all have.
    pub match_labels: BTreeMap<String, String>,
}

/// A rule: any of the sources to any of the operations.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Rule {
    /// Who.
    pub from: Vec<From>,
    /// What.
    pub to: Vec<To>,
}

/// Who.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct From {
    /// The client.
    pub source: Source,
}

/// A client; every list that is there has to match.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Source {
    /// Identities, `TRUST-DOMAIN/ns/NAMESPACE/sa/ACCOUNT`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub principals: Vec<String>,
    /// Identities that it does not have; `*` is any.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub not_principals: Vec<&'static str>,
    /// Namespaces, by the identity.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub namespaces: Vec<String>,
}

/// What.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct To {
    /// The operation.
    pub operation: Operation,
}

/// An operation.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Operation {
    /// Ports on which the pods listen.
    pub ports: Vec<String>,
}

impl CustomSpec for AuthorizationPolicySpec {
    const GROUP: &'static str = "security.istio.io";
    const API_VERSION: &'static str = "security.istio.io/v1";
    const KIND: &'static str = "AuthorizationPolicy";
}

/// `DestinationRule`: how clients in the mesh treat a Service.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct DestinationRuleSpec {
    /// The Service's full name.
    pub host: String,
    /// How.
    pub traffic_policy: TrafficPolicy,
}

/// How clients treat a Service.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct TrafficPolicy {
    /// Connections.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub connection_pool: Option<ConnectionPool>,
    /// Which pod is next.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub load_balancer: Option<LoadBalancer>,
    /// Which pods are left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub outlier_detection: Option<OutlierDetection>,
}

/// Connections.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ConnectionPool {
    /// Of TCP.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tcp: Option<TcpPool>,
    /// Of HTTP.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub http: Option<HttpPool>,
}

/// Connections of TCP.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct TcpPool {
    /// The most.
    pub max_connections: u32,
}

/// Requests over HTTP.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct HttpPool {
    /// The most that wait for a connection; in spite of its name of HTTP/2 too.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub http1_max_pending_requests: Option<u32>,
    /// The most that go over one connection.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_requests_per_connection: Option<u32>,
}

/// Which pod is next.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct LoadBalancer {
    /// `LEAST_REQUEST`, `ROUND_ROBIN` or `RANDOM`.
    pub simple: &'static str,
}

/// Which pods are left out.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct OutlierDetection {
    /// Errors of the server in a row.
    pub consecutive_5xx_errors: u32,
    /// Time between two looks.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub interval: Option<Seconds>,
    /// How long a pod is left out, the first time.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub base_ejection_time: Option<Seconds>,
    /// The most of the pods that are left out, in per cent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_ejection_percent: Option<u16>,
}

impl CustomSpec for DestinationRuleSpec {
    const GROUP: &'static str = "networking.istio.io";
    const API_VERSION: &'static str = "networking.istio.io/v1";
    const KIND: &'static str = "DestinationRule";
}

/// `Gateway`: what the gateway's pods listen to.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct GatewaySpec {
    /// Labels of the gateway's pods.
    pub selector: BTreeMap<String, String>,
    /// Ports and the hosts behind them.
    pub servers: Vec<Server>,
}

/// A port and the hosts behind it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Server {
    /// The port.
    pub port: ServerPort,
    /// Full names.
    pub hosts: Vec<String>,
    /// What is done about TLS.
    pub tls: ServerTls,
}

/// A port of a gateway.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ServerPort {
    /// Number, as clients dial it.
    pub number: u16,
    /// Name.
    pub name: &'static str,
    /// `HTTP` or `HTTPS`.
    pub protocol: &'static str,
}

/// TLS on a port of a gateway.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(untagged)]
pub enum ServerTls {
    /// It ends here.
    #[serde(rename_all = "camelCase")]
    Terminate {
        /// `SIMPLE`: the server alone proves who it is.
        mode: &'static str,
        /// The Secret with the certificate, in the namespace of the gateway's pods.
        credential_name: String,
    },
    /// Clients are sent to HTTPS.
    #[serde(rename_all = "camelCase")]
    Redirect {
        /// `true`.
        https_redirect: bool,
    },
}

impl CustomSpec for GatewaySpec {
    const GROUP: &'static str = "networking.istio.io";
    const API_VERSION: &'static str = "networking.istio.io/v1";
    const KIND: &'static str = "Gateway";
}

/// `VirtualService`: where the requests to a host go.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct VirtualServiceSpec {
    /// Full names.
    pub hosts: Vec<String>,
    /// The gateways for which it holds, of its own namespace.
    pub gateways: Vec<String>,
    /// Routes; the first that matches is taken.
    pub http: Vec<HttpRoute>,
}

/// A route.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct HttpRoute {
    /// Any of these.
    #[serde(rename = "match")]
    pub matches: Vec<Match>,
    /// Where to.
    pub route: Vec<RouteDestination>,
    /// How long all of an answer may take.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub timeout: Option<Seconds>,
    /// What is done after a failure.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub retries: Option<Retries>,
}

/// What a request has to be.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Match {
    /// Its path.
    pub uri: Uri,
}

/// A path.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Uri {
    /// This one.
    Exact(String),
    /// Every one that begins like this, in the middle of a segment too.
    Prefix(String),
}

/// One of the places where a route leads.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct RouteDestination {
    /// The place.
    pub destination: Destination,
}

/// A port of a Service.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Destination {
    /// The Service's full name.
    pub host: String,
    /// The Service's port.
    pub port: PortNumber,
}

/// A port by its number.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct PortNumber {
    /// Its number.
    pub number: u16,
}

/// What is done after a failure.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Retries {
    /// Attempts after the first.
    pub attempts: u32,
    /// How long each may take.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub per_try_timeout: Option<Seconds>,
}

impl CustomSpec for VirtualServiceSpec {
    const GROUP: &'static str = "networking.istio.io";
    const API_VERSION: &'static str = "networking.istio.io/v1";
    const KIND: &'static str = "VirtualService";
}
