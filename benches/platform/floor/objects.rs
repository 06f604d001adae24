//! Every object but pods and policies.

use super::facts::{Facts, Inside, Secret, Service, Store};
use super::spec::{Compute, Engine, Layers, Namespace, Pace};
use super::text::{CUSTOM, document, labels, metadata, platform_labels, platform_metadata, put, scalar, seconds};
use super::{mesh, pods, policies, stores};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::fmt::Write;

/// A namespace's own object.
pub fn namespace(out: &mut String, facts: &Facts<'_>, name: &str, inside: &Inside<'_>) {
    let spec = inside.spec;
    let level = spec.pod_security.as_deref().unwrap_or("restricted");
    document(out, "apiVersion: v1\nkind: Namespace\nmetadata:\n  annotations:\n");
    out.push_str("    argocd.argoproj.io/sync-options: Delete=confirm,Prune=confirm\n");
    out.push_str("    argocd.argoproj.io/sync-wave: \"-3\"\n  labels:\n    app.kubernetes.io/managed-by: dpjgen\n");
    put(out, &["    app.kubernetes.io/part-of: ", facts.platform, "\n"]);
    out.push_str(if inside.meshed { "    istio-injection: enabled\n" } else { "" });
    for mode in ["audit", "enforce", "warn"] {
        put(out, &["    pod-security.kubernetes.io/", mode, ": ", level, "\n    pod-security.kubernetes.io/", mode]);
        put(out, &["-version: v", facts.kubernetes, "\n"]);
    }
    if let Some(tier) = &spec.tier {
        put(out, &["    tier: ", tier, "\n"]);
    }
    put(out, &["  name: ", name, "\n"]);
}

/// Where secrets come from.
pub fn cluster_store(out: &mut String, facts: &Facts<'_>) {
    document(out, "apiVersion: external-secrets.io/v1\nkind: ClusterSecretStore\n");
    out.push_str(CUSTOM);
    out.push_str("    argocd.argoproj.io/sync-wave: \"-2\"\n  labels:\n    app.kubernetes.io/managed-by: dpjgen\n");
    put(out, &["    app.kubernetes.io/part-of: ", facts.platform, "\n  name: ", facts.platform, "\nspec:\n"]);
    put(out, &["  provider:\n    aws:\n      service: SecretsManager\n      region: ", facts.region]);
    out.push_str("\n      auth:\n        jwt:\n          serviceAccountRef:\n            name: external-secrets\n");
    out.push_str("            namespace: external-secrets\n  conditions:\n  - namespaces:\n");
    for (name, inside) in &facts.namespaces {
        if !inside.secrets.is_empty() {
            put(out, &["    - ", name, "\n"]);
        }
    }
}

/// What is in a namespace, kind by kind.
pub fn all_of(out: &mut String, facts: &Facts<'_>, name: &str, inside: &Inside<'_>) {
    quota(out, facts, name, inside.spec);
    container_limits(out, facts, name, inside.spec);
    if inside.spec.isolated != Some(false) {
        policies::all_of(out, facts, name, inside);
    }
    mesh::policies(out, facts, name, inside);
    let services: Vec<&Service<'_>> = inside.services.iter().filter_map(|name| facts.services.get(name)).collect();
    let stores: Vec<&Store<'_>> = inside.stores.iter().filter_map(|name| facts.stores.get(name)).collect();
    for service in &services {
        document(out, "apiVersion: v1\nkind: ServiceAccount\n");
        metadata(out, facts.platform, service.name, service.name, name);
        out.push_str("automountServiceAccountToken: false\n");
    }
    stores::accounts(out, facts, &stores);
    for (secret_name, secret) in &inside.secrets {
        external_secret(out, facts, secret_name, name, secret);
    }
    backups(out, facts, name);
    let files: Vec<String> = services.iter().map(|service| file(facts, service)).collect();
    for (service, file) in services.iter().zip(&files) {
        config_map(out, facts, service, file);
    }
    for service in &services {
        self::service(out, facts, service);
    }
    for service in &services {
        mesh::destination_rule(out, facts, service);
    }
    for (service, file) in services.iter().zip(&files) {
        pods::deployment(out, facts, service, &checksum(file));
    }
    for service in &services {
        autoscaler(out, facts, service);
    }
    for service in &services {
        recommender(out, facts, service);
    }
    for service in &services {
        budget(out, facts, service);
    }
    // No namespace has services and stores.
    stores::all_of(out, facts, &stores);
}

/// Velero's objects, in its own namespace.
fn backups(out: &mut String, facts: &Facts<'_>, namespace: &str) {
    let Some(storage) = &facts.spec.backup_storage else { return };
    if facts.namespace(&storage.namespace).is_none_or(|name| name != namespace) {
        return;
    }
    document(out, "apiVersion: velero.io/v1\nkind: BackupStorageLocation\n");
    out.push_str(CUSTOM);
    platform_labels(out, facts.platform, "default", namespace);
    put(out, &["spec:\n  provider: aws\n  default: true\n  objectStorage:\n    bucket: ", &storage.bucket]);
    put(out, &["\n    prefix: velero/", facts.environment, "\n  config:\n    region: ", &storage.region, "\n"]);
    document(out, "apiVersion: velero.io/v1\nkind: VolumeSnapshotLocation\n");
    out.push_str(CUSTOM);
    platform_labels(out, facts.platform, "default", namespace);
    put(out, &["spec:\n  provider: aws\n  config:\n    region: ", &storage.region, "\n"]);
    for (key, backup) in &facts.spec.backups {
        document(out, "apiVersion: velero.io/v1\nkind: Schedule\n");
        out.push_str(CUSTOM);
        platform_labels(out, facts.platform, &format!("{}-{key}-backup", facts.platform), namespace);
        put(out, &["spec:\n  schedule: ", &backup.schedule, "\n  template:\n    metadata:\n      labels:\n"]);
        put(out, &["        app.kubernetes.io/part-of: ", facts.platform, "\n    includedNamespaces:\n"]);
        for key in &backup.namespaces {
            put(out, &["    - ", &facts.namespace(key).unwrap_or_default(), "\n"]);
        }
        out.push_str("    excludedResources:\n    - events\n    - events.events.k8s.io\n");
        out.push_str("    snapshotVolumes: true\n    storageLocation: default\n    volumeSnapshotLocations:\n");
        let _ = writeln!(out, "    - default\n    ttl: {}h", seconds(&backup.keep) / 3600);
    }
}

fn quota(out: &mut String, facts: &Facts<'_>, namespace: &str, spec: &Namespace) {
    let Some(quota) = &spec.quota else { return };
    document(out, "apiVersion: v1\nkind: ResourceQuota\n");
    platform_metadata(out, facts.platform, "quota", namespace);
    out.push_str("spec:\n  hard:\n");
    let compute = |out: &mut String, prefix: &str, compute: &Option<Compute>| {
        let Some(compute) = compute else { return };
        for (name, amount) in [("cpu", &compute.cpu), ("memory", &compute.memory)] {
            if let Some(amount) = amount {
                put(out, &["    ", prefix, ".", name, ": "]);
                scalar(out, amount);
                out.push('\n');
            }
        }
    };
    compute(out, "limits", &quota.limits);
    let count = |out: &mut String, name: &str, count: Option<u32>| {
        if let Some(count) = count {
            let _ = writeln!(out, "    {name}: \"{count}\"");
        }
    };
    let objects = quota.objects.as_ref();
    count(out, "persistentvolumeclaims", objects.and_then(|objects| objects.persistent_volume_claims));
    count(out, "pods", objects.and_then(|objects| objects.pods));
    compute(out, "requests", &quota.requests);
    count(out, "services", objects.and_then(|objects| objects.services));
}

fn container_limits(out: &mut String, facts: &Facts<'_>, namespace: &str, spec: &Namespace) {
    let Some(limits) = &spec.container_limits else { return };
    document(out, "apiVersion: v1\nkind: LimitRange\n");
    platform_metadata(out, facts.platform, "container-limits", namespace);
    out.push_str("spec:\n  limits:\n");
    let mut indent = "  - ";
    let amounts = [
        ("default", &limits.default),
        ("defaultRequest", &limits.default_request),
        ("max", &limits.max),
        ("min", &limits.min),
    ];
    for (name, compute) in amounts {
        let Some(compute) = compute else { continue };
        put(out, &[indent, name, ":\n"]);
        pods::compute(out, "      ", compute.cpu.as_deref(), compute.memory.as_deref());
        indent = "    ";
    }
    put(out, &[indent, "type: Container\n"]);
}

fn external_secret(out: &mut String, facts: &Facts<'_>, name: &str, namespace: &str, secret: &Secret<'_>) {
    document(out, "apiVersion: external-secrets.io/v1\nkind: ExternalSecret\n");
    out.push_str(CUSTOM);
    out.push_str("    argocd.argoproj.io/sync-wave: \"-1\"\n  labels:\n    app.kubernetes.io/managed-by: dpjgen\n");
    put(out, &["    app.kubernetes.io/name: ", secret.target, "\n    app.kubernetes.io/part-of: ", facts.platform]);
    put(out, &["\n  name: ", name, "\n  namespace: ", namespace, "\nspec:\n  secretStoreRef:\n"]);
    put(out, &["    kind: ClusterSecretStore\n    name: ", facts.platform, "\n  refreshInterval: ", facts.refresh]);
    put(out, &["\n  target:\n    name: ", name, "\n    creationPolicy: Owner\n    deletionPolicy: Retain\n"]);
    out.push_str("    template:\n      engineVersion: v2\n");
    if secret.owner {
        out.push_str("      type: kubernetes.io/basic-auth\n      metadata:\n        labels:\n");
        out.push_str("          cnpg.io/reload: \"true\"\n");
    }
    out.push_str("      data:\n");
    for (key, template) in &secret.keys {
        put(out, &["        ", key, ": ", template, "\n"]);
    }
    out.push_str("  data:\n");
    let key = facts.path.replace("{platform}", facts.platform).replace("{environment}", facts.environment);
    let key = key.replace("{secret}", &secret.credential);
    for property in &secret.properties {
        put(out, &["  - secretKey: ", property, "\n    remoteRef:\n      key: ", &key, "\n      property: "]);
        put(out, &[property, "\n"]);
    }
}

/// What the template `service.yaml` renders.
fn file(facts: &Facts<'_>, service: &Service<'_>) -> String {
    let mut out = String::new();
    let shutdown = pods::shutdown(&service.layers).saturating_sub(5).max(1);
    out.push_str("# What follows from the platform. Credentials come from the environment.\nserver:\n  port: ");
    let _ = write!(out, "{}\n  shutdown: graceful\napplication:\n  name: {}\n", service.port, service.name);
    let _ = write!(out, "  namespace: {}\n  environment: {}\n", service.namespace, facts.environment);
    let _ = writeln!(out, "  shutdown-phase: {shutdown}s");
    let stores = service.connects.keys().filter_map(|name| facts.stores.get(name));
    for kafka in stores.filter(|store| store.engine == Engine::Kafka) {
        let servers = kafka.field("bootstrap-servers").unwrap_or_default();
        put(&mut out, &["kafka:\n  bootstrap-servers: ", &servers, "\n"]);
    }
    out.push_str("management:\n  health:\n    probes: true\n  endpoints: health,info,prometheus\n");
    out.push_str("logging:\n  file: /app/logs\n");
    out
}

/// Sixteen hexadecimal digits of the file's hash.
fn checksum(file: &str) -> String {
    let mut hash = Sha256::new();
    for part in ["application.yaml", file] {
        hash.update(part.len().to_le_bytes());
        hash.update(part);
    }
    hash.finalize().iter().take(8).fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

fn config_map(out: &mut String, facts: &Facts<'_>, service: &Service<'_>, file: &str) {
    document(out, "apiVersion: v1\nkind: ConfigMap\n");
    metadata(out, facts.platform, service.name, &format!("{}-config", service.name), &service.namespace);
    out.push_str("data:\n");
    let files = service.layers.get(|w| w.config.as_ref()).map(|config| &config.files);
    for name in files.iter().flat_map(|files| files.keys()) {
        put(out, &["  ", name, ": |\n"]);
        for line in file.lines() {
            put(out, &["    ", line, "\n"]);
        }
    }
}

fn service(out: &mut String, facts: &Facts<'_>, service: &Service<'_>) {
    document(out, "apiVersion: v1\nkind: Service\n");
    metadata(out, facts.platform, service.name, service.name, &service.namespace);
    let _ = writeln!(out, "spec:\n  ports:\n  - name: http\n    port: {}", service.port);
    out.push_str("    protocol: TCP\n    targetPort: http\n  selector:\n");
    put(out, &["    app.kubernetes.io/name: ", service.name, "\n  type: ClusterIP\n"]);
}

fn autoscaler(out: &mut String, facts: &Facts<'_>, service: &Service<'_>) {
    let layers = &service.layers;
    let Some(replicas) = layers.get(|w| w.autoscale.as_ref()?.replicas.as_ref()) else { return };
    document(out, "apiVersion: autoscaling/v2\nkind: HorizontalPodAutoscaler\n");
    metadata(out, facts.platform, service.name, service.name, &service.namespace);
    out.push_str("spec:\n  behavior:\n");
    pace(out, "scaleDown", layers.get(|w| w.autoscale.as_ref()?.scale_down.as_ref()));
    pace(out, "scaleUp", layers.get(|w| w.autoscale.as_ref()?.scale_up.as_ref()));
    let _ = writeln!(out, "  maxReplicas: {}\n  metrics:", replicas.max);
    let target = layers.get(|w| w.autoscale.as_ref()?.target.as_ref());
    let targets: BTreeMap<&str, &String> = [
        ("cpu", target.and_then(|target| target.cpu.as_ref())),
        ("memory", target.and_then(|target| target.memory.as_ref())),
    ]
    .into_iter()
    .filter_map(|(name, percentage)| Some((name, percentage?)))
    .collect();
    for (name, percentage) in targets {
        put(out, &["  - containerResource:\n      container: ", service.name, "\n      name: ", name]);
        put(out, &["\n      target:\n        averageUtilization: ", percentage.trim_end_matches('%')]);
        out.push_str("\n        type: Utilization\n    type: ContainerResource\n");
    }
    let _ = writeln!(out, "  minReplicas: {}", replicas.min);
    out.push_str("  scaleTargetRef:\n    apiVersion: apps/v1\n    kind: Deployment\n");
    put(out, &["    name: ", service.name, "\n"]);
}

fn recommender(out: &mut String, facts: &Facts<'_>, service: &Service<'_>) {
    let Some(recommend) = service.layers.get(|w| w.recommend.as_ref()) else { return };
    let name = service.name;
    document(out, "apiVersion: autoscaling.k8s.io/v1\nkind: VerticalPodAutoscaler\n");
    out.push_str(CUSTOM);
    labels(out, facts.platform, name, name, &service.namespace);
    put(out, &["spec:\n  targetRef:\n    apiVersion: apps/v1\n    kind: Deployment\n    name: ", name, "\n"]);
    out.push_str("  updatePolicy:\n    updateMode: \"Off\"\n  resourcePolicy:\n    containerPolicies:\n");
    put(out, &["    - containerName: ", name, "\n      controlledResources:\n      - cpu\n      - memory\n"]);
    for (bound, amounts) in [("minAllowed", &recommend.min), ("maxAllowed", &recommend.max)] {
        if let Some(amounts) = amounts {
            put(out, &["      ", bound, ":\n"]);
            pods::compute(out, "        ", amounts.cpu.as_deref(), amounts.memory.as_deref());
        }
    }
}

fn pace(out: &mut String, name: &str, pace: Option<&Pace>) {
    let Some(pace) = pace else { return };
    let _ = writeln!(out, "    {name}:\n      policies:\n      - periodSeconds: {}", seconds(&pace.every));
    let (kind, value) = match pace.at_most.strip_suffix('%') {
        Some(percentage) => ("Percent", percentage),
        None => ("Pods", pace.at_most.as_str()),
    };
    put(out, &["        type: ", kind, "\n        value: ", value, "\n"]);
    let _ = writeln!(out, "      stabilizationWindowSeconds: {}", seconds(&pace.stabilization));
}

fn budget(out: &mut String, facts: &Facts<'_>, service: &Service<'_>) {
    let least = |layers: &Layers<'_>| {
        let scaled = layers.get(|w| Some(w.autoscale.as_ref()?.replicas.as_ref()?.min));
        scaled.or_else(|| layers.get(|w| w.replicas)).unwrap_or(1)
    };
    if least(&service.layers) < 2 {
        return;
    }
    document(out, "apiVersion: policy/v1\nkind: PodDisruptionBudget\n");
    metadata(out, facts.platform, service.name, service.name, &service.namespace);
    out.push_str("spec:\n  maxUnavailable: 1\n  selector:\n    matchLabels:\n");
    put(out, &["      app.kubernetes.io/name: ", service.name, "\n  unhealthyPodEvictionPolicy: AlwaysAllow\n"]);
}
