//! Deployments.

use super::facts::{Facts, Service};
use super::spec::{Compute, Force, Layers, Probe, Probes, Resources};
use super::text::{document, metadata, put, scalar, seconds};
use std::collections::BTreeMap;
use std::fmt::Write;

/// A service's pods.
pub fn deployment(out: &mut String, facts: &Facts<'_>, service: &Service<'_>, checksum: &str) {
    let (name, layers) = (service.name, &service.layers);
    document(out, "apiVersion: apps/v1\nkind: Deployment\n");
    metadata(out, facts.platform, name, name, &service.namespace);
    out.push_str("spec:\n");
    if layers.get(|w| w.autoscale.as_ref()).is_none() {
        let _ = writeln!(out, "  replicas: {}", layers.get(|w| w.replicas).unwrap_or(1));
    }
    put(out, &["  revisionHistoryLimit: 3\n  selector:\n    matchLabels:\n      app.kubernetes.io/name: ", name]);
    let surge = layers.get(|w| w.rollout.as_ref()?.max_surge).unwrap_or(1);
    let unavailable = layers.get(|w| w.rollout.as_ref()?.max_unavailable).unwrap_or(0);
    let _ = writeln!(out, "\n  strategy:\n    rollingUpdate:\n      maxSurge: {surge}");
    let _ = writeln!(out, "      maxUnavailable: {unavailable}\n    type: RollingUpdate");
    out.push_str("  template:\n    metadata:\n      annotations:\n        dpjgen.io/config-checksum: ");
    scalar(out, checksum);
    proxy(out, facts, layers);
    put(out, &["\n      labels:\n        app.kubernetes.io/instance: ", name]);
    put(out, &["\n        app.kubernetes.io/managed-by: dpjgen\n        app.kubernetes.io/name: ", name]);
    put(out, &["\n        app.kubernetes.io/part-of: ", facts.platform, "\n        app.kubernetes.io/version: "]);
    let image = layers.get(|w| w.image.as_deref()).unwrap_or_default();
    scalar(out, image.rsplit_once(':').map_or("", |(_, tag)| tag));
    out.push_str("\n    spec:\n");
    apart(out, layers, name);
    out.push_str("      automountServiceAccountToken: false\n      containers:\n");
    container(out, facts, service, image);
    out.push_str("      enableServiceLinks: false\n      securityContext:\n        fsGroup: 10001\n");
    out.push_str("        runAsGroup: 10001\n        runAsNonRoot: true\n        runAsUser: 10001\n");
    out.push_str("        seccompProfile:\n          type: RuntimeDefault\n");
    put(out, &["      serviceAccountName: ", name, "\n"]);
    let _ = writeln!(out, "      terminationGracePeriodSeconds: {}", shutdown(layers));
    evenly(out, layers, name);
    volumes(out, layers, name);
}

/// What the proxy beside the container may use.
fn proxy(out: &mut String, facts: &Facts<'_>, layers: &Layers<'_>) {
    let Some(mesh) = &facts.spec.mesh else { return };
    let drain = shutdown(layers).saturating_sub(1).max(1);
    out.push_str("\n        proxy.istio.io/config: |-\n          holdApplicationUntilProxyStarts: true");
    let _ = write!(out, "\n          terminationDrainDuration: {drain}s");
    let amount =
        |side: &Option<Compute>, which: fn(&Compute) -> Option<&String>| side.as_ref().and_then(which).cloned();
    let (requests, limits) = (&mesh.proxy.requests, &mesh.proxy.limits);
    let annotations = [
        ("proxyCPU", amount(requests, |compute| compute.cpu.as_ref())),
        ("proxyCPULimit", amount(limits, |compute| compute.cpu.as_ref())),
        ("proxyMemory", amount(requests, |compute| compute.memory.as_ref())),
        ("proxyMemoryLimit", amount(limits, |compute| compute.memory.as_ref())),
    ];
    for (name, amount) in annotations {
        put(out, &["\n        sidecar.istio.io/", name, ": "]);
        scalar(out, &amount.unwrap_or_default());
    }
}

/// How long a service may take to end, in seconds.
pub fn shutdown(layers: &Layers<'_>) -> u64 {
    layers.get(|w| w.shutdown.as_deref()).map_or(30, seconds)
}

fn apart(out: &mut String, layers: &Layers<'_>, name: &str) {
    let Some(Force::Prefer) = layers.get(|w| w.spread.as_ref()?.hosts) else { return };
    out.push_str("      affinity:\n        podAntiAffinity:\n");
    out.push_str("          preferredDuringSchedulingIgnoredDuringExecution:\n          - podAffinityTerm:\n");
    out.push_str("              labelSelector:\n                matchLabels:\n");
    put(out, &["                  app.kubernetes.io/name: ", name, "\n"]);
    out.push_str("              topologyKey: kubernetes.io/hostname\n            weight: 100\n");
}

fn evenly(out: &mut String, layers: &Layers<'_>, name: &str) {
    let Some(Force::Prefer) = layers.get(|w| w.spread.as_ref()?.zones) else { return };
    out.push_str("      topologySpreadConstraints:\n      - labelSelector:\n          matchLabels:\n");
    put(out, &["            app.kubernetes.io/name: ", name, "\n        maxSkew: 1\n"]);
    out.push_str("        topologyKey: topology.kubernetes.io/zone\n        whenUnsatisfiable: ScheduleAnyway\n");
}

fn container(out: &mut String, facts: &Facts<'_>, service: &Service<'_>, image: &str) {
    let layers = &service.layers;
    put(out, &["      - name: ", service.name, "\n        env:\n"]);
    variables(out, facts, service);
    put(out, &["        image: ", facts.registry, "/", image, "\n"]);
    probe(out, "livenessProbe", layers, |probes| probes.liveness.as_ref());
    let _ = writeln!(out, "        ports:\n        - name: http\n          containerPort: {}", service.port);
    out.push_str("          protocol: TCP\n");
    probe(out, "readinessProbe", layers, |probes| probes.readiness.as_ref());
    resources(out, layers);
    out.push_str("        securityContext:\n          allowPrivilegeEscalation: false\n          capabilities:\n");
    out.push_str("            drop:\n            - ALL\n          readOnlyRootFilesystem: true\n");
    probe(out, "startupProbe", layers, |probes| probes.startup.as_ref());
    out.push_str("        volumeMounts:\n");
    if let Some(config) = layers.get(|w| w.config.as_ref()) {
        put(out, &["        - name: config\n          mountPath: ", &config.mount, "\n          readOnly: true\n"]);
    }
    for path in layers.map(|w| &w.scratch).keys() {
        put(out, &["        - name: ", &scratch_volume(path), "\n          mountPath: ", path, "\n"]);
    }
}

/// What a variable holds.
enum Variable<'a> {
    Text(&'a str),
    Field(String),
    Secret(String, &'a str),
}

fn variables(out: &mut String, facts: &Facts<'_>, service: &Service<'_>) {
    let mut variables: BTreeMap<&str, Variable<'_>> =
        service.layers.map(|w| &w.env).into_iter().map(|(name, text)| (name, Variable::Text(text))).collect();
    for (target, env) in &service.connects {
        for (name, field) in env {
            let variable = match (facts.stores.get(target), facts.services.get(target)) {
                (Some(store), _) => match store.field(field) {
                    Some(text) => Variable::Field(text),
                    None => Variable::Secret(format!("{}-credentials", store.credential(service.name)), field),
                },
                (None, Some(service)) => Variable::Field(service.field(field)),
                (None, None) => continue,
            };
            variables.insert(name, variable);
        }
    }
    for (name, variable) in variables {
        let text = match &variable {
            Variable::Text(text) => text,
            Variable::Field(text) => text.as_str(),
            Variable::Secret(secret, key) => {
                secret_variable(out, name, secret, key);
                continue;
            }
        };
        put(out, &["        - name: ", name, "\n          value: "]);
        scalar(out, text);
        out.push('\n');
    }
}

/// A variable that a Secret holds.
pub fn secret_variable(out: &mut String, name: &str, secret: &str, key: &str) {
    put(
        out,
        &["        - name: ", name, "\n          valueFrom:\n            secretKeyRef:\n              key: ", key],
    );
    put(out, &["\n              name: ", secret, "\n"]);
}

fn probe(out: &mut String, key: &str, layers: &Layers<'_>, which: fn(&Probes) -> Option<&Probe>) {
    let Some(path) = layers.get(|w| which(&w.probes)?.http_get.as_deref()) else { return };
    put(out, &["        ", key, ":\n"]);
    if let Some(failures) = layers.get(|w| which(&w.probes)?.failures) {
        let _ = writeln!(out, "          failureThreshold: {failures}");
    }
    put(out, &["          httpGet:\n            path: ", path, "\n            port: http\n"]);
    let durations = [
        ("initialDelaySeconds", layers.get(|w| which(&w.probes)?.initial_delay.as_deref())),
        ("periodSeconds", layers.get(|w| which(&w.probes)?.period.as_deref())),
        ("timeoutSeconds", layers.get(|w| which(&w.probes)?.timeout.as_deref())),
    ];
    for (key, duration) in durations {
        if let Some(duration) = duration {
            let _ = writeln!(out, "          {key}: {}", seconds(duration));
        }
    }
}

fn resources(out: &mut String, layers: &Layers<'_>) {
    out.push_str("        resources:\n");
    let mut side = |name: &str, side: fn(&Resources) -> Option<&Compute>| {
        let cpu = layers.get(|w| side(&w.resources)?.cpu.as_deref());
        let memory = layers.get(|w| side(&w.resources)?.memory.as_deref());
        put(out, &["          ", name, ":\n"]);
        compute(out, "            ", cpu, memory);
    };
    side("limits", |resources| resources.limits.as_ref());
    side("requests", |resources| resources.requests.as_ref());
}

/// Resources that one layer states.
pub fn compute_of(out: &mut String, indent: &str, resources: &Resources) {
    for (name, side) in [("limits:\n", &resources.limits), ("requests:\n", &resources.requests)] {
        if let Some(side) = side {
            put(out, &[indent, name]);
            compute(out, &format!("{indent}  "), side.cpu.as_deref(), side.memory.as_deref());
        }
    }
}

/// Processors and memory.
pub fn compute(out: &mut String, indent: &str, cpu: Option<&str>, memory: Option<&str>) {
    for (name, amount) in [("cpu: ", cpu), ("memory: ", memory)] {
        if let Some(amount) = amount {
            put(out, &[indent, name]);
            scalar(out, amount);
            out.push('\n');
        }
    }
}

fn volumes(out: &mut String, layers: &Layers<'_>, name: &str) {
    out.push_str("      volumes:\n");
    if layers.get(|w| w.config.as_ref()).is_some() {
        put(out, &["      - name: config\n        configMap:\n          name: ", name, "-config\n"]);
    }
    for (path, size) in layers.map(|w| &w.scratch) {
        put(out, &["      - name: ", &scratch_volume(path), "\n        emptyDir:\n          sizeLimit: "]);
        scalar(out, size);
        out.push('\n');
    }
}

fn scratch_volume(path: &str) -> String {
    format!("scratch{}", path.replace('/', "-"))
}
