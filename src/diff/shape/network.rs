//! Networking: Kubernetes' own kinds, Calico's and Istio's, as in their API references.

use super::{By, Default, Field, Form, List, METADATA as META, ROW, SELECTOR, SET, Shape};
use crate::manifest::Value;

pub(super) fn of(group: &str, kind: &str) -> Option<&'static Shape> {
    Some(match (group, kind) {
        ("", "Service") => &SERVICE,
        ("networking.k8s.io", "NetworkPolicy") => &POLICY,
        ("networking.k8s.io", "Ingress") => &INGRESS,
        ("projectcalico.org" | "crd.projectcalico.org", "NetworkPolicy" | "GlobalNetworkPolicy") => &CALICO,
        ("projectcalico.org" | "crd.projectcalico.org", "NetworkSet" | "GlobalNetworkSet") => &CALICO_SET,
        ("security.istio.io", "AuthorizationPolicy") => &AUTHORIZATION,
        ("security.istio.io", "RequestAuthentication") => &REQUEST_AUTHENTICATION,
        ("networking.istio.io", "VirtualService") => &VIRTUAL_SERVICE,
        ("networking.istio.io", "DestinationRule") => &DESTINATION_RULE,
        ("networking.istio.io", "Gateway") => &GATEWAY,
        ("networking.istio.io", "ServiceEntry") => &SERVICE_ENTRY,
        ("networking.istio.io", "Sidecar") => &SIDECAR,
        _ => return None,
    })
}

static SERVICE: Shape = Shape::of(&[META, Field::object("spec", &SERVICE_SPEC)]);
static SERVICE_SPEC: Shape = Shape::of(&[
    Field::list("ports", &SERVICE_PORTS),
    Field::map("selector"),
    Field::text("type", "ClusterIP"),
    Field::text("sessionAffinity", "None"),
    Field::text("internalTrafficPolicy", "Cluster"),
    Field::text("externalTrafficPolicy", "Cluster"),
    Field::flag("publishNotReadyAddresses", false),
    Field::flag("allocateLoadBalancerNodePorts", true),
    Field::list("externalIPs", &SET),
    Field::list("loadBalancerSourceRanges", &SET),
    Field::list("clusterIPs", &ROW),
    Field::list("ipFamilies", &ROW),
    Field::object("sessionAffinityConfig", &AFFINITY_CONFIG),
]);
static SERVICE_PORTS: List = List::keyed(&["port", "protocol"], &SERVICE_PORT);
static SERVICE_PORT: Shape =
    Shape::of(&[Field::text("protocol", "TCP"), Field::of("targetPort", Form::Plain).or(Default::From(is_port))]);
static AFFINITY_CONFIG: Shape = Shape::of(&[Field::object("clientIP", &CLIENT_IP)]);
static CLIENT_IP: Shape = Shape::of(&[Field::number("timeoutSeconds", "10800")]);

/// `SetDefaults_Service`: the target is the port itself.
fn is_port(target: &Value<'_>, port: &Value<'_>) -> bool {
    port.get("port") == Some(target)
}

static POLICY: Shape = Shape::of(&[META, Field::object("spec", &POLICY_SPEC)]);
static POLICY_SPEC: Shape = Shape::of(&[
    Field::object("podSelector", &SELECTOR),
    Field::list("ingress", &INGRESS_RULES),
    Field::list("egress", &EGRESS_RULES),
    Field::list("policyTypes", &SET).or(Default::From(are_policy_types)),
]);
static INGRESS_RULES: List = List::rules(&POLICY_RULE);
static EGRESS_RULES: List = List::rules(&POLICY_RULE);
static POLICY_RULE: Shape =
    Shape::of(&[Field::list("from", &PEERS), Field::list("to", &PEERS), Field::list("ports", &POLICY_PORTS)]);
static PEERS: List = List::rules(&PEER);
static PEER: Shape = Shape::of(&[
    Field::object("podSelector", &SELECTOR),
    Field::object("namespaceSelector", &SELECTOR),
    Field::object("ipBlock", &IP_BLOCK),
]);
static IP_BLOCK: Shape = Shape::of(&[Field::list("except", &SET)]);
static POLICY_PORTS: List = List::keyed(&["port", "protocol"], &POLICY_PORT);
static POLICY_PORT: Shape = Shape::of(&[Field::text("protocol", "TCP")]);

/// `SetDefaults_NetworkPolicy`: ingress, and egress if there are such rules.
fn are_policy_types(types: &Value<'_>, spec: &Value<'_>) -> bool {
    let has_egress = spec.get("egress").is_some_and(|rules| !rules.items().is_empty());
    let mut stated: Vec<&str> = types.items().iter().filter_map(Value::as_str).collect();
    stated.sort_unstable();
    stated == if has_egress { vec!["Egress", "Ingress"] } else { vec!["Ingress"] }
}

static INGRESS: Shape = Shape::of(&[META, Field::object("spec", &INGRESS_SPEC)]);
static INGRESS_SPEC: Shape = Shape::of(&[Field::list("rules", &HOSTS), Field::list("tls", &TLS)]);
static HOSTS: List = List::keyed(&["host"], &HOST);
static HOST: Shape = Shape::of(&[Field::text("host", ""), Field::object("http", &HTTP)]);
static HTTP: Shape = Shape::of(&[Field::list("paths", &PATHS)]);
// The API has no key here; of two equal paths the first one counts, and there should not be two.
static PATHS: List = List::keyed(&["path", "pathType"], &super::UNKNOWN);
static TLS: List = List::rules(&TLS_ITEM);
static TLS_ITEM: Shape = Shape::of(&[Field::list("hosts", &SET)]);

static CALICO: Shape = Shape::of(&[META, Field::object("spec", &CALICO_SPEC)]);
static CALICO_SPEC: Shape = Shape::of(&[
    // The first rule that matches decides.
    Field::list("ingress", &CALICO_RULES),
    Field::list("egress", &CALICO_RULES),
    Field::list("types", &SET),
]);
static CALICO_RULES: List = List::rules(&CALICO_RULE).ordered();
static CALICO_RULE: Shape =
    Shape::of(&[Field::object("source", &CALICO_ENTITY), Field::object("destination", &CALICO_ENTITY)]);
static CALICO_ENTITY: Shape = Shape::of(&[
    Field::list("nets", &SET),
    Field::list("notNets", &SET),
    Field::list("ports", &SET),
    Field::list("notPorts", &SET),
    Field::list("domains", &SET),
]);
static CALICO_SET: Shape = Shape::of(&[META, Field::object("spec", &CALICO_NETS)]);
static CALICO_NETS: Shape = Shape::of(&[Field::list("nets", &SET), Field::list("allowedEgressDomains", &SET)]);

static AUTHORIZATION: Shape = Shape::of(&[META, Field::object("spec", &AUTHORIZATION_SPEC)]);
static AUTHORIZATION_SPEC: Shape = Shape::of(&[
    Field::list("rules", &AUTHORIZATION_RULES),
    Field::text("action", "ALLOW"),
    Field::object("selector", &SELECTOR),
    Field::list("targetRefs", &TARGETS),
]);
static TARGETS: List = List::keyed(&["group", "kind", "name"], &super::UNKNOWN);
static AUTHORIZATION_RULES: List = List::rules(&AUTHORIZATION_RULE);
static AUTHORIZATION_RULE: Shape =
    Shape::of(&[Field::list("from", &SOURCES), Field::list("to", &OPERATIONS), Field::list("when", &CONDITIONS)]);
static SOURCES: List = List::rules(&SOURCE);
static SOURCE: Shape = Shape::of(&[Field::of("source", Form::Map(&Form::List(&SET)))]);
static OPERATIONS: List = List::rules(&OPERATION);
static OPERATION: Shape = Shape::of(&[Field::of("operation", Form::Map(&Form::List(&SET)))]);
static CONDITIONS: List = List::keyed(&["key"], &CONDITION);
static CONDITION: Shape = Shape::of(&[Field::list("values", &SET), Field::list("notValues", &SET)]);
static REQUEST_AUTHENTICATION: Shape = Shape::of(&[META, Field::object("spec", &REQUEST_SPEC)]);
static REQUEST_SPEC: Shape = Shape::of(&[Field::list("jwtRules", &JWT_RULES), Field::object("selector", &SELECTOR)]);
static JWT_RULES: List = List::keyed(&["issuer"], &JWT_RULE);
static JWT_RULE: Shape = Shape::of(&[Field::list("audiences", &SET)]);

static VIRTUAL_SERVICE: Shape = Shape::of(&[META, Field::object("spec", &VIRTUAL_SPEC)]);
static VIRTUAL_SPEC: Shape = Shape::of(&[
    Field::list("hosts", &SET),
    Field::list("gateways", &SET),
    Field::list("exportTo", &SET),
    // The first route that matches is taken.
    Field::list("http", &ROUTES),
    Field::list("tcp", &ROUTES),
    Field::list("tls", &ROUTES),
]);
static ROUTES: List = List::rules(&ROUTE).ordered();
static ROUTE: Shape = Shape::of(&[
    Field::list("match", &MATCHES),
    Field::list("route", &DESTINATIONS),
    Field::time("timeout"),
    Field::object("retries", &RETRIES),
    Field::object("fault", &FAULT),
    Field::object("corsPolicy", &CORS),
]);
static MATCHES: List = List::rules(&MATCH);
static MATCH: Shape = Shape::of(&[Field::flag("ignoreUriCase", false), Field::list("gateways", &SET)]);
static DESTINATIONS: List = List::rules(&super::UNKNOWN);
static RETRIES: Shape = Shape::of(&[Field::time("perTryTimeout"), Field::time("backoff")]);
static FAULT: Shape = Shape::of(&[Field::object("delay", &DELAY)]);
static DELAY: Shape = Shape::of(&[Field::time("fixedDelay")]);
static CORS: Shape = Shape::of(&[
    Field::list("allowOrigins", &super::ANY),
    Field::list("allowMethods", &SET),
    Field::list("allowHeaders", &SET),
    Field::list("exposeHeaders", &SET),
    Field::time("maxAge"),
]);

static DESTINATION_RULE: Shape = Shape::of(&[META, Field::object("spec", &DESTINATION_SPEC)]);
static DESTINATION_SPEC: Shape = Shape::of(&[
    Field::list("subsets", &SUBSETS),
    Field::object("trafficPolicy", &TRAFFIC),
    Field::list("exportTo", &SET),
]);
static SUBSETS: List = List::keyed(&["name"], &SUBSET);
static SUBSET: Shape = Shape::of(&[Field::map("labels"), Field::object("trafficPolicy", &TRAFFIC)]);
static TRAFFIC: Shape = Shape::of(&[
    Field::object("connectionPool", &POOL),
    Field::object("outlierDetection", &OUTLIERS),
    Field::list("portLevelSettings", &PORT_LEVEL),
]);
static PORT_LEVEL: List = List::keyed(&["port.number"], &PORT_SETTINGS);
static PORT_SETTINGS: Shape =
    Shape::of(&[Field::object("connectionPool", &POOL), Field::object("outlierDetection", &OUTLIERS)]);
static POOL: Shape = Shape::of(&[Field::object("tcp", &TCP_POOL), Field::object("http", &HTTP_POOL)]);
static TCP_POOL: Shape = Shape::of(&[
    Field::time("connectTimeout"),
    Field::time("maxConnectionDuration"),
    Field::time("idleTimeout"),
    Field::object("tcpKeepalive", &KEEPALIVE),
]);
static KEEPALIVE: Shape = Shape::of(&[Field::time("time"), Field::time("interval")]);
static HTTP_POOL: Shape = Shape::of(&[Field::time("idleTimeout")]);
static OUTLIERS: Shape = Shape::of(&[Field::time("interval"), Field::time("baseEjectionTime")]);

static GATEWAY: Shape = Shape::of(&[META, Field::object("spec", &GATEWAY_SPEC)]);
static GATEWAY_SPEC: Shape = Shape::of(&[Field::list("servers", &SERVERS), Field::map("selector")]);
static SERVERS: List = List::keyed(&["port.number", "port.name", "name"], &SERVER);
static SERVER: Shape = Shape::of(&[Field::list("hosts", &SET)]);
static SERVICE_ENTRY: Shape = Shape::of(&[META, Field::object("spec", &ENTRY_SPEC)]);
static ENTRY_SPEC: Shape = Shape::of(&[
    Field::list("hosts", &SET),
    Field::list("addresses", &SET),
    Field::list("exportTo", &SET),
    Field::list("subjectAltNames", &SET),
    Field::list("ports", &ENTRY_PORTS),
    Field::list("endpoints", &ENDPOINTS),
    Field::text("location", "MESH_EXTERNAL"),
    Field::text("resolution", "NONE"),
]);
static ENTRY_PORTS: List = List { by: By::Keys(&["number"]), is_ordered: false, item: Form::Object(&super::UNKNOWN) };
static ENDPOINTS: List = List::keyed(&["address"], &super::UNKNOWN);
static SIDECAR: Shape = Shape::of(&[META, Field::object("spec", &SIDECAR_SPEC)]);
static SIDECAR_SPEC: Shape = Shape::of(&[Field::list("egress", &LISTENERS), Field::list("ingress", &LISTENERS)]);
static LISTENERS: List = List::rules(&LISTENER).ordered();
static LISTENER: Shape = Shape::of(&[Field::list("hosts", &SET)]);
