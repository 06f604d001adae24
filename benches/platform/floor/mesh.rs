//! What the mesh needs, and the hosts that its gateway serves.

use super::facts::{Facts, Inside, Service};
use super::text::{CUSTOM, document, labels, platform_labels, put};
use std::fmt::Write;

/// The namespace of the gateway.
pub const GATEWAY: &str = "istio-ingress";

/// Policies come before the pods that they protect.
const WAVE: &str = "    argocd.argoproj.io/sync-wave: \"-1\"\n";

/// The policies of a namespace: of itself and of each service that somebody reaches.
pub fn policies(out: &mut String, facts: &Facts<'_>, namespace: &str, inside: &Inside<'_>) {
    if !inside.meshed {
        return;
    }
    document(out, "apiVersion: security.istio.io/v1\nkind: PeerAuthentication\n");
    out.push_str(CUSTOM);
    out.push_str(WAVE);
    platform_labels(out, facts.platform, "default", namespace);
    out.push_str("spec:\n  mtls:\n    mode: STRICT\n");
    let services = inside.services.iter().filter_map(|name| facts.services.get(name));
    let mut named: Vec<(&str, Option<&Service<'_>>)> = vec![("default-deny", None)];
    named.extend(services.map(|service| (service.name, Some(service))));
    named.sort_by_key(|(name, _)| *name);
    for (name, service) in named {
        match service {
            None => {
                document(out, "apiVersion: security.istio.io/v1\nkind: AuthorizationPolicy\n");
                out.push_str(CUSTOM);
                out.push_str(WAVE);
                platform_labels(out, facts.platform, name, namespace);
                out.push_str("spec: {}\n");
            }
            Some(service) if service.routed || !service.clients.is_empty() => authorization(out, facts, service),
            Some(_) => {}
        }
    }
}

fn authorization(out: &mut String, facts: &Facts<'_>, service: &Service<'_>) {
    document(out, "apiVersion: security.istio.io/v1\nkind: AuthorizationPolicy\n");
    out.push_str(CUSTOM);
    out.push_str(WAVE);
    labels(out, facts.platform, service.name, service.name, &service.namespace);
    out.push_str("spec:\n  selector:\n    matchLabels:\n");
    put(out, &["      app.kubernetes.io/name: ", service.name, "\n  action: ALLOW\n  rules:\n"]);
    out.push_str("  - from:\n    - source:\n        principals:\n");
    if service.routed {
        put(out, &["        - cluster.local/ns/", GATEWAY, "/sa/istio-ingressgateway\n"]);
    }
    for client in &service.clients {
        put(out, &["        - cluster.local/ns/", &client.namespace, "/sa/", client.name, "\n"]);
    }
    let _ = writeln!(out, "    to:\n    - operation:\n        ports:\n        - \"{}\"", service.port);
}

/// How clients treat a service.
pub fn destination_rule(out: &mut String, facts: &Facts<'_>, service: &Service<'_>) {
    let Some(traffic) = service.layers.get(|w| w.traffic.as_ref()) else { return };
    document(out, "apiVersion: networking.istio.io/v1\nkind: DestinationRule\n");
    out.push_str(CUSTOM);
    labels(out, facts.platform, service.name, service.name, &service.namespace);
    put(out, &["spec:\n  host: ", &service.field("host"), "\n  trafficPolicy:\n"]);
    if let Some(connections) = traffic.connections {
        let _ = writeln!(out, "    connectionPool:\n      tcp:\n        maxConnections: {connections}");
    }
    if let Some(balance) = &traffic.balance {
        let balance = balance.to_ascii_uppercase().replace('-', "_");
        put(out, &["    loadBalancer:\n      simple: ", &balance, "\n"]);
    }
    if let Some(outlier) = &traffic.outlier {
        let _ = writeln!(out, "    outlierDetection:\n      consecutive5xxErrors: {}", outlier.errors);
        put(out, &["      interval: ", &outlier.interval, "\n      baseEjectionTime: ", &outlier.ejection]);
        put(out, &["\n      maxEjectionPercent: ", outlier.max_ejected.trim_end_matches('%'), "\n"]);
    }
}

/// The objects beside the gateway.
pub fn hosts(out: &mut String, facts: &Facts<'_>) {
    let hosts = || facts.spec.hosts.keys().map(|key| (format!("{}-{key}", facts.platform), key));
    let issuer = facts.spec.certificates.as_ref().map_or("", |certificates| &certificates.issuer);
    for (name, key) in hosts() {
        document(out, "apiVersion: cert-manager.io/v1\nkind: Certificate\n");
        out.push_str(CUSTOM);
        platform_labels(out, facts.platform, &name, GATEWAY);
        put(out, &["spec:\n  secretName: ", &name, "-tls\n  dnsNames:\n  - ", key, ".", facts.domain]);
        out.push_str("\n  issuerRef:\n    group: cert-manager.io\n    kind: ClusterIssuer\n    name: ");
        put(out, &[issuer, "\n  privateKey:\n    rotationPolicy: Always\n"]);
    }
    for (name, key) in hosts() {
        document(out, "apiVersion: networking.istio.io/v1\nkind: Gateway\n");
        out.push_str(CUSTOM);
        platform_labels(out, facts.platform, &name, GATEWAY);
        out.push_str("spec:\n  selector:\n    istio: ingressgateway\n  servers:\n");
        out.push_str("  - port:\n      number: 443\n      name: https\n      protocol: HTTPS\n");
        put(out, &["    hosts:\n    - ", key, ".", facts.domain, "\n    tls:\n      mode: SIMPLE\n"]);
        put(out, &["      credentialName: ", &name, "-tls\n"]);
        out.push_str("  - port:\n      number: 80\n      name: http\n      protocol: HTTP\n");
        put(out, &["    hosts:\n    - ", key, ".", facts.domain, "\n    tls:\n      httpsRedirect: true\n"]);
    }
    for (name, key) in hosts() {
        routes(out, facts, &name, key);
    }
}

fn routes(out: &mut String, facts: &Facts<'_>, name: &str, key: &str) {
    document(out, "apiVersion: networking.istio.io/v1\nkind: VirtualService\n");
    out.push_str(CUSTOM);
    platform_labels(out, facts.platform, name, GATEWAY);
    put(out, &["spec:\n  hosts:\n  - ", key, ".", facts.domain, "\n  gateways:\n  - ", name, "\n  http:\n"]);
    let Some(host) = facts.spec.hosts.get(key) else { return };
    // The longest path that covers a request is taken, so it comes first.
    let mut routes: Vec<_> = host.routes.iter().collect();
    routes.sort_by_key(|(path, _)| std::cmp::Reverse(path.len()));
    for (path, route) in routes {
        let Some(service) = facts.services.get(route.to.as_str()) else { continue };
        out.push_str("  - match:\n");
        if path == "/" {
            out.push_str("    - uri:\n        prefix: /\n");
        } else {
            put(out, &["    - uri:\n        exact: ", path, "\n    - uri:\n        prefix: ", path, "/\n"]);
        }
        put(out, &["    route:\n    - destination:\n        host: ", &service.field("host"), "\n"]);
        let _ = writeln!(out, "        port:\n          number: {}", service.port);
        if let Some(timeout) = &route.timeout {
            put(out, &["    timeout: ", timeout, "\n"]);
        }
        if let Some(retries) = &route.retries {
            let _ = writeln!(out, "    retries:\n      attempts: {}", retries.attempts);
            if let Some(timeout) = &retries.per_try_timeout {
                put(out, &["      perTryTimeout: ", timeout, "\n"]);
            }
        }
    }
}
