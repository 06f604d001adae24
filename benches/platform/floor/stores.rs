//! The objects of datastores: PostgreSQL by CloudNativePG, MinIO with its setup.

use super::facts::{Facts, Store};
use super::pods::{compute_of, secret_variable};
use super::spec::{Engine, Parameter, Storage};
use super::text::{CUSTOM, document, labels, metadata, put, scalar};
use std::collections::BTreeSet;
use std::fmt::Write;

/// Those of a namespace with one engine.
fn of<'a>(stores: &[&'a Store<'a>], engine: Engine) -> Vec<&'a Store<'a>> {
    stores.iter().filter(|store| store.engine == engine).copied().collect()
}

/// The accounts of MinIO's pods.
pub fn accounts(out: &mut String, facts: &Facts<'_>, stores: &[&Store<'_>]) {
    for store in of(stores, Engine::Minio) {
        for name in [store.name.to_owned(), store.setup()] {
            document(out, "apiVersion: v1\nkind: ServiceAccount\n");
            metadata(out, facts.platform, &name, &name, &store.namespace);
            out.push_str("automountServiceAccountToken: false\n");
        }
    }
}

/// Everything after the Secrets, kind by kind.
pub fn all_of(out: &mut String, facts: &Facts<'_>, stores: &[&Store<'_>]) {
    let (minio, postgresql) = (of(stores, Engine::Minio), of(stores, Engine::Postgresql));
    for store in &minio {
        setup_files(out, facts, store);
    }
    for store in &minio {
        services(out, facts, store);
    }
    for store in &postgresql {
        object_store(out, facts, store);
    }
    for store in &postgresql {
        cluster(out, facts, store);
    }
    for store in &postgresql {
        scheduled_backup(out, facts, store);
    }
    for store in &minio {
        servers(out, facts, store);
    }
    for store in &minio {
        setup(out, facts, store);
    }
    for store in &minio {
        document(out, "apiVersion: policy/v1\nkind: PodDisruptionBudget\n");
        metadata(out, facts.platform, store.name, store.name, &store.namespace);
        out.push_str("spec:\n  maxUnavailable: 1\n  selector:\n    matchLabels:\n");
        put(out, &["      app.kubernetes.io/name: ", store.name, "\n"]);
    }
}

/// The names of clients, in order.
fn clients<'a>(store: &Store<'a>) -> BTreeSet<&'a str> {
    store.clients.iter().map(|client| client.name).collect()
}

fn setup_files(out: &mut String, facts: &Facts<'_>, store: &Store<'_>) {
    let name = store.setup();
    document(out, "apiVersion: v1\nkind: ConfigMap\n");
    metadata(out, facts.platform, &name, &name, &store.namespace);
    out.push_str("data:\n");
    let clients = clients(store);
    for client in &clients {
        put(out, &["  ", client, ".json: |\n    {\n      \"Statement\": [\n        {\n          \"Action\": [\n"]);
        out.push_str("            \"s3:GetBucketLocation\",\n            \"s3:ListBucket\",\n");
        out.push_str("            \"s3:ListBucketMultipartUploads\"\n          ],\n");
        out.push_str("          \"Effect\": \"Allow\",\n          \"Resource\": [\n            \"arn:aws:s3:::");
        put(out, &[client, "\"\n          ]\n        },\n        {\n          \"Action\": [\n"]);
        out.push_str("            \"s3:AbortMultipartUpload\",\n            \"s3:DeleteObject\",\n");
        out.push_str("            \"s3:GetObject\",\n            \"s3:ListMultipartUploadParts\",\n");
        out.push_str("            \"s3:PutObject\"\n          ],\n          \"Effect\": \"Allow\",\n");
        put(out, &["          \"Resource\": [\n            \"arn:aws:s3:::", client, "/*\"\n          ]\n"]);
        out.push_str("        }\n      ],\n      \"Version\": \"2012-10-17\"\n    }\n");
    }
    put(out, &["  setup.sh: |\n    set -eu\n    server=http://", &store.host, ":9000\n"]);
    out.push_str(SETUP);
    for client in &clients {
        let variable = variable(client);
        put(out, &["    client ", client, " \"$ACCESS_KEY_", &variable, "\" \"$SECRET_KEY_", &variable, "\"\n"]);
    }
}

const SETUP: &str = r#"
    until printf '%s\n%s\n' "$MINIO_ROOT_USER" "$MINIO_ROOT_PASSWORD" | mc alias set store "$server"; do
      sleep 5
    done
    mc ready store

    # client NAME ACCESS-KEY SECRET-KEY: a bucket of its own, a user, and a policy that opens the one to the other.
    client() {
      mc mb --ignore-existing "store/$1"
      mc admin policy create store "bucket-$1" "/setup/$1.json"
      printf '%s\n%s\n' "$2" "$3" | mc admin user add store
      if ! said=$(mc admin policy attach store "bucket-$1" --user "$2" 2>&1); then
        case $said in
          *'already in effect'*) ;;
          *) echo "$said" >&2; return 1 ;;
        esac
      fi
    }

"#;

/// A name as part of a variable's.
fn variable(name: &str) -> String {
    name.to_ascii_uppercase().replace('-', "_")
}

fn services(out: &mut String, facts: &Facts<'_>, store: &Store<'_>) {
    let name = store.name;
    document(out, "apiVersion: v1\nkind: Service\n");
    metadata(out, facts.platform, name, name, &store.namespace);
    out.push_str("spec:\n  ports:\n  - name: s3\n    port: 9000\n    protocol: TCP\n    targetPort: s3\n");
    out.push_str("  - name: console\n    port: 9001\n    protocol: TCP\n    targetPort: console\n");
    put(out, &["  selector:\n    app.kubernetes.io/name: ", name, "\n  type: ClusterIP\n"]);
    document(out, "apiVersion: v1\nkind: Service\n");
    metadata(out, facts.platform, name, &format!("{name}-hl"), &store.namespace);
    out.push_str("spec:\n  clusterIP: None\n  ports:\n  - name: s3\n    port: 9000\n    protocol: TCP\n");
    out.push_str("    targetPort: s3\n  publishNotReadyAddresses: true\n");
    put(out, &["  selector:\n    app.kubernetes.io/name: ", name, "\n  type: ClusterIP\n"]);
}

fn object_store(out: &mut String, facts: &Facts<'_>, store: &Store<'_>) {
    let Some(backup) = &store.spec.backup else { return };
    let name = store.name;
    document(out, "apiVersion: barmancloud.cnpg.io/v1\nkind: ObjectStore\n");
    out.push_str(CUSTOM);
    labels(out, facts.platform, name, name, &store.namespace);
    put(out, &["spec:\n  configuration:\n    destinationPath: ", &backup.to, "\n    s3Credentials:\n"]);
    put(out, &["      accessKeyId:\n        name: ", name, "-backup-credentials\n        key: ACCESS_KEY_ID\n"]);
    put(
        out,
        &["      secretAccessKey:\n        name: ", name, "-backup-credentials\n        key: SECRET_ACCESS_KEY\n"],
    );
    out.push_str("    wal:\n      compression: gzip\n    data:\n      compression: gzip\n  retentionPolicy: ");
    scalar(out, &backup.keep);
    out.push_str("\n  instanceSidecarConfiguration:\n    resources:\n");
    out.push_str("      limits:\n        cpu: 500m\n        memory: 512Mi\n");
    out.push_str("      requests:\n        cpu: 100m\n        memory: 128Mi\n");
}

fn cluster(out: &mut String, facts: &Facts<'_>, store: &Store<'_>) {
    let (name, spec) = (store.name, store.spec);
    document(out, "apiVersion: postgresql.cnpg.io/v1\nkind: Cluster\nmetadata:\n  annotations:\n");
    out.push_str("    argocd.argoproj.io/sync-options: ");
    out.push_str("Delete=confirm,Prune=confirm,SkipDryRunOnMissingResource=true\n");
    labels(out, facts.platform, name, name, &store.namespace);
    let _ = writeln!(out, "spec:\n  instances: {}\n  imageName: {}", spec.instances, spec.image);
    out.push_str("  primaryUpdateStrategy: unsupervised\n");
    if !spec.parameters.is_empty() {
        out.push_str("  postgresql:\n    parameters:\n");
    }
    for (setting, value) in &spec.parameters {
        put(out, &["      ", setting, ": "]);
        match value {
            Parameter::Text(text) => scalar(out, text),
            Parameter::Integer(number) => scalar(out, &number.to_string()),
            Parameter::Float(number) => scalar(out, &number.to_string()),
        }
        out.push('\n');
    }
    let owner = spec.database.as_ref().and_then(|database| database.owner.as_deref()).unwrap_or_default();
    put(out, &["  bootstrap:\n    initdb:\n      database: ", store.database, "\n      owner: ", owner]);
    put(out, &["\n      secret:\n        name: ", name, "-owner-credentials\n"]);
    if let Some(Storage { size, class }) = &spec.storage {
        out.push_str("  storage:\n    size: ");
        scalar(out, size);
        put(out, &["\n    storageClass: ", class, "\n"]);
    }
    out.push_str("  resources:\n");
    compute_of(out, "    ", &spec.resources);
    if spec.instances > 1 {
        out.push_str("  affinity:\n    enablePodAntiAffinity: true\n    podAntiAffinityType: required\n");
        out.push_str("    topologyKey: kubernetes.io/hostname\n");
    }
    if spec.backup.is_some() {
        out.push_str("  plugins:\n  - name: barman-cloud.cloudnative-pg.io\n    isWALArchiver: true\n");
        put(out, &["    parameters:\n      barmanObjectName: ", name, "\n"]);
    }
}

fn scheduled_backup(out: &mut String, facts: &Facts<'_>, store: &Store<'_>) {
    let Some(backup) = &store.spec.backup else { return };
    document(out, "apiVersion: postgresql.cnpg.io/v1\nkind: ScheduledBackup\n");
    out.push_str(CUSTOM);
    labels(out, facts.platform, store.name, store.name, &store.namespace);
    put(out, &["spec:\n  schedule: 0 ", &backup.schedule, "\n  immediate: true\n  cluster:\n    name: ", store.name]);
    out.push_str("\n  method: plugin\n  pluginConfiguration:\n    name: barman-cloud.cloudnative-pg.io\n");
    out.push_str("  backupOwnerReference: self\n");
}

/// The head of MinIO's pods, down to their name.
fn pods(out: &mut String, facts: &Facts<'_>, name: &str, image: &str) {
    out.push_str("  template:\n    metadata:\n      labels:\n        app.kubernetes.io/instance: ");
    put(out, &[name, "\n        app.kubernetes.io/managed-by: dpjgen\n        app.kubernetes.io/name: ", name]);
    put(out, &["\n        app.kubernetes.io/part-of: ", facts.platform, "\n        app.kubernetes.io/version: "]);
    scalar(out, image.rsplit_once(':').map_or("", |(_, tag)| tag));
    out.push_str("\n    spec:\n");
}

const HARDENED: &str = "        securityContext:
          allowPrivilegeEscalation: false
          capabilities:
            drop:
            - ALL
          readOnlyRootFilesystem: true
        volumeMounts:
";

fn servers(out: &mut String, facts: &Facts<'_>, store: &Store<'_>) {
    let (name, spec) = (store.name, store.spec);
    document(out, "apiVersion: apps/v1\nkind: StatefulSet\nmetadata:\n  annotations:\n");
    out.push_str("    argocd.argoproj.io/sync-options: Delete=confirm,Prune=confirm\n");
    labels(out, facts.platform, name, name, &store.namespace);
    let _ = writeln!(out, "spec:\n  podManagementPolicy: Parallel\n  replicas: {}\n  selector:", spec.instances);
    put(out, &["    matchLabels:\n      app.kubernetes.io/name: ", name, "\n  serviceName: ", name, "-hl\n"]);
    pods(out, facts, name, &spec.image);
    out.push_str("      affinity:\n        podAntiAffinity:\n");
    out.push_str("          requiredDuringSchedulingIgnoredDuringExecution:\n          - labelSelector:\n");
    put(out, &["              matchLabels:\n                app.kubernetes.io/name: ", name, "\n"]);
    out.push_str("            topologyKey: kubernetes.io/hostname\n      automountServiceAccountToken: false\n");
    put(
        out,
        &["      containers:\n      - name: ", name, "\n        args:\n        - server\n        - --certs-dir\n"],
    );
    out.push_str("        - /tmp/certs\n        - --console-address\n        - \":9001\"\n");
    let last = spec.instances.saturating_sub(1);
    let _ = writeln!(
        out,
        "        - http://{name}-{{0...{last}}}.{name}-hl.{}.svc.cluster.local:9000/data\n        env:",
        store.namespace
    );
    let root = format!("{name}-credentials");
    secret_variable(out, "MINIO_ROOT_PASSWORD", &root, "root-password");
    secret_variable(out, "MINIO_ROOT_USER", &root, "root-user");
    put(out, &["        image: ", &spec.image, "\n        livenessProbe:\n          httpGet:\n"]);
    out.push_str("            path: /minio/health/live\n            port: s3\n          initialDelaySeconds: 120\n");
    out.push_str("          periodSeconds: 30\n        ports:\n        - name: s3\n          containerPort: 9000\n");
    out.push_str("          protocol: TCP\n        - name: console\n          containerPort: 9001\n");
    out.push_str("          protocol: TCP\n        readinessProbe:\n          httpGet:\n");
    out.push_str("            path: /minio/health/ready\n            port: s3\n          initialDelaySeconds: 30\n");
    out.push_str("          periodSeconds: 10\n        resources:\n");
    compute_of(out, "          ", &spec.resources);
    out.push_str(HARDENED);
    out.push_str("        - name: data\n          mountPath: /data\n        - name: scratch-tmp\n");
    out.push_str("          mountPath: /tmp\n      enableServiceLinks: false\n      securityContext:\n");
    out.push_str("        fsGroup: 1000\n        fsGroupChangePolicy: OnRootMismatch\n        runAsGroup: 1000\n");
    out.push_str("        runAsNonRoot: true\n        runAsUser: 1000\n        seccompProfile:\n");
    put(out, &["          type: RuntimeDefault\n      serviceAccountName: ", name, "\n"]);
    out.push_str("      terminationGracePeriodSeconds: 30\n      topologySpreadConstraints:\n");
    put(out, &["      - labelSelector:\n          matchLabels:\n            app.kubernetes.io/name: ", name, "\n"]);
    out.push_str("        maxSkew: 1\n        topologyKey: topology.kubernetes.io/zone\n");
    out.push_str("        whenUnsatisfiable: ScheduleAnyway\n      volumes:\n      - name: scratch-tmp\n");
    out.push_str("        emptyDir:\n          sizeLimit: 64Mi\n");
    if let Some(Storage { size, class }) = &spec.storage {
        out.push_str("  volumeClaimTemplates:\n  - apiVersion: v1\n    kind: PersistentVolumeClaim\n");
        out.push_str("    metadata:\n      name: data\n    spec:\n      accessModes:\n      - ReadWriteOnce\n");
        out.push_str("      resources:\n        requests:\n          storage: ");
        scalar(out, size);
        put(out, &["\n      storageClassName: ", class, "\n"]);
    }
}

/// The Job that makes users and buckets.
fn setup(out: &mut String, facts: &Facts<'_>, store: &Store<'_>) {
    let (name, spec) = (store.setup(), store.spec);
    document(out, "apiVersion: batch/v1\nkind: Job\nmetadata:\n  annotations:\n    argocd.argoproj.io/hook: Sync\n");
    out.push_str("    argocd.argoproj.io/hook-delete-policy: BeforeHookCreation\n  labels:\n");
    put(out, &["    app.kubernetes.io/instance: ", &name, "\n    app.kubernetes.io/managed-by: dpjgen\n"]);
    put(out, &["    app.kubernetes.io/name: ", &name, "\n    app.kubernetes.io/part-of: ", facts.platform]);
    put(out, &["\n  name: ", &name, "\n  namespace: ", &store.namespace, "\nspec:\n"]);
    out.push_str("  activeDeadlineSeconds: 900\n  backoffLimit: 6\n");
    pods(out, facts, &name, &spec.client_image);
    put(out, &["      automountServiceAccountToken: false\n      containers:\n      - name: ", &name, "\n"]);
    out.push_str("        command:\n        - /bin/sh\n        - /setup/setup.sh\n        env:\n");
    let clients = clients(store);
    let keys = |out: &mut String, prefix: &str, key: &str| {
        for client in &clients {
            let secret = format!("{}-credentials", store.credential(client));
            secret_variable(out, &format!("{prefix}_{}", variable(client)), &secret, key);
        }
    };
    let root = format!("{}-credentials", store.name);
    keys(out, "ACCESS_KEY", "access-key");
    out.push_str("        - name: MC_CONFIG_DIR\n          value: /tmp/mc\n");
    secret_variable(out, "MINIO_ROOT_PASSWORD", &root, "root-password");
    secret_variable(out, "MINIO_ROOT_USER", &root, "root-user");
    keys(out, "SECRET_KEY", "secret-key");
    put(out, &["        image: ", &spec.client_image, "\n        resources:\n          limits:\n"]);
    out.push_str("            cpu: 200m\n            memory: 256Mi\n          requests:\n            cpu: 100m\n");
    out.push_str("            memory: 128Mi\n");
    out.push_str(HARDENED);
    put(out, &["        - name: ", &name, "\n          mountPath: /setup\n          readOnly: true\n"]);
    out.push_str("        - name: scratch-tmp\n          mountPath: /tmp\n      enableServiceLinks: false\n");
    out.push_str("      restartPolicy: OnFailure\n      securityContext:\n        fsGroup: 1000\n");
    out.push_str("        runAsGroup: 1000\n        runAsNonRoot: true\n        runAsUser: 1000\n");
    put(out, &["        seccompProfile:\n          type: RuntimeDefault\n      serviceAccountName: ", &name, "\n"]);
    put(out, &["      terminationGracePeriodSeconds: 30\n      volumes:\n      - name: ", &name, "\n"]);
    put(out, &["        configMap:\n          name: ", &name, "\n      - name: scratch-tmp\n        emptyDir:\n"]);
    out.push_str("          sizeLimit: 16Mi\n");
}
