//! Kinds of operators, as in their CRDs.

use super::pods::{ENV, RESOURCES, TOLERATIONS};
use super::{Field, Form, List, METADATA as META, SELECTOR, SET, Shape};

pub(super) fn of(group: &str, kind: &str) -> Option<&'static Shape> {
    Some(match (group, kind) {
        ("external-secrets.io", "ExternalSecret") => &EXTERNAL_SECRET,
        ("cert-manager.io", "Certificate") => &CERTIFICATE,
        ("argoproj.io", "Rollout") => &ROLLOUT,
        ("argoproj.io", "AnalysisTemplate" | "ClusterAnalysisTemplate") => &ANALYSIS,
        ("postgresql.cnpg.io", "Cluster") => &CNPG,
        ("kafka.strimzi.io", "Kafka") => &KAFKA,
        ("kafka.strimzi.io", "KafkaNodePool") => &NODE_POOL,
        ("kafka.strimzi.io", "KafkaUser") => &KAFKA_USER,
        ("monitoring.coreos.com", "ServiceMonitor") => &SERVICE_MONITOR,
        ("monitoring.coreos.com", "PodMonitor") => &POD_MONITOR,
        ("monitoring.coreos.com", "PrometheusRule") => &RULES,
        ("velero.io", "Schedule") => &SCHEDULE,
        ("velero.io", "Backup") => &BACKUP,
        ("autoscaling.k8s.io", "VerticalPodAutoscaler") => &VPA,
        _ => return None,
    })
}

static EXTERNAL_SECRET: Shape = Shape::custom(&[META, Field::object("spec", &EXTERNAL_SPEC)]);
static EXTERNAL_SPEC: Shape = Shape::custom(&[
    Field::list("data", &DATA),
    Field::time("refreshInterval").or(super::Default::Text("1h0m0s")),
    Field::object("target", &TARGET),
    Field::object("secretStoreRef", &STORE),
    Field::list("dataFrom", &super::ANY),
]);
static DATA: List = List::keyed(&["secretKey"], &DATUM);
static DATUM: Shape = Shape::custom(&[Field::object("remoteRef", &REMOTE)]);
static REMOTE: Shape = Shape::custom(&[
    Field::text("conversionStrategy", "Default"),
    Field::text("decodingStrategy", "None"),
    Field::text("metadataPolicy", "None"),
]);
static TARGET: Shape = Shape::custom(&[
    Field::text("creationPolicy", "Owner"),
    Field::text("deletionPolicy", "Retain"),
    Field::object("template", &TEMPLATE),
]);
static TEMPLATE: Shape =
    Shape::custom(&[Field::text("engineVersion", "v2"), Field::text("mergePolicy", "Replace"), Field::map("data")]);
static STORE: Shape = Shape::custom(&[Field::text("kind", "SecretStore")]);

static CERTIFICATE: Shape = Shape::custom(&[META, Field::object("spec", &CERTIFICATE_SPEC)]);
static CERTIFICATE_SPEC: Shape = Shape::custom(&[
    Field::time("duration"),
    Field::time("renewBefore"),
    Field::list("dnsNames", &SET),
    Field::list("ipAddresses", &SET),
    Field::list("uris", &SET),
    Field::list("emailAddresses", &SET),
    Field::list("usages", &SET),
    Field::flag("isCA", false),
    Field::object("issuerRef", &ISSUER),
]);
static ISSUER: Shape = Shape::custom(&[Field::text("kind", "Issuer"), Field::text("group", "cert-manager.io")]);

static ROLLOUT: Shape = Shape::custom(&[META, Field::object("spec", &ROLLOUT_SPEC)]);
static ROLLOUT_SPEC: Shape = Shape::custom(&[
    Field::of("template", Form::Template),
    Field::object("selector", &SELECTOR),
    Field::number("replicas", "1"),
    Field::number("revisionHistoryLimit", "10"),
    Field::number("progressDeadlineSeconds", "600"),
    Field::number("minReadySeconds", "0"),
    Field::flag("paused", false),
]);
static ANALYSIS: Shape = Shape::custom(&[META, Field::object("spec", &ANALYSIS_SPEC)]);
static ANALYSIS_SPEC: Shape = Shape::custom(&[Field::list("metrics", &METRICS), Field::list("args", &ARGUMENTS)]);
static METRICS: List = List::keyed(&["name"], &METRIC);
static METRIC: Shape = Shape::custom(&[Field::time("interval"), Field::time("initialDelay")]);
static ARGUMENTS: List = List::keyed(&["name"], &super::UNKNOWN);

static CNPG: Shape = Shape::custom(&[META, Field::object("spec", &CNPG_SPEC)]);
static CNPG_SPEC: Shape = Shape::custom(&[
    Field::number("instances", "1"),
    Field::object("storage", &CNPG_STORAGE),
    Field::object("walStorage", &CNPG_STORAGE),
    Field::list("tablespaces", &TABLESPACES),
    Field::implied("resources", &RESOURCES),
    Field::object("affinity", &CNPG_AFFINITY),
    Field::list("env", &ENV),
    Field::list("imagePullSecrets", &super::pods::NAMED),
    Field::list("externalClusters", &super::pods::NAMED),
    Field::object("managed", &CNPG_MANAGED),
    Field::object("postgresql", &CNPG_POSTGRESQL),
    Field::text("primaryUpdateStrategy", "unsupervised"),
    Field::text("primaryUpdateMethod", "restart"),
    Field::flag("enablePDB", true),
    Field::flag("enableSuperuserAccess", false),
    Field::text("logLevel", "info"),
    Field::number("maxSyncReplicas", "0"),
    Field::number("minSyncReplicas", "0"),
    Field::number("postgresUID", "26"),
    Field::number("postgresGID", "26"),
    Field::number("startDelay", "3600"),
    Field::number("stopDelay", "1800"),
    Field::number("smartShutdownTimeout", "180"),
    Field::number("switchoverDelay", "3600"),
]);
static CNPG_STORAGE: Shape = Shape::custom(&[Field::amount("size"), Field::flag("resizeInUseVolumes", true)]);
static TABLESPACES: List = List::keyed(&["name"], &TABLESPACE);
static TABLESPACE: Shape = Shape::custom(&[Field::object("storage", &CNPG_STORAGE), Field::flag("temporary", false)]);
static CNPG_AFFINITY: Shape = Shape::custom(&[Field::list("tolerations", &TOLERATIONS), Field::map("nodeSelector")]);
static CNPG_MANAGED: Shape = Shape::custom(&[Field::list("roles", &ROLES)]);
static ROLES: List = List::keyed(&["name"], &ROLE);
static ROLE: Shape = Shape::custom(&[Field::list("inRoles", &SET)]);
static CNPG_POSTGRESQL: Shape =
    Shape::custom(&[Field::map("parameters"), Field::list("shared_preload_libraries", &super::ROW)]);

static KAFKA: Shape = Shape::custom(&[META, Field::object("spec", &KAFKA_SPEC)]);
static KAFKA_SPEC: Shape = Shape::custom(&[Field::object("kafka", &BROKERS)]);
static BROKERS: Shape = Shape::custom(&[
    Field::list("listeners", &LISTENERS),
    Field::implied("resources", &RESOURCES),
    Field::object("storage", &KAFKA_STORAGE),
]);
static LISTENERS: List = List::keyed(&["name"], &super::UNKNOWN);
static KAFKA_STORAGE: Shape = Shape::custom(&[Field::amount("size"), Field::list("volumes", &KAFKA_VOLUMES)]);
static KAFKA_VOLUMES: List = List::keyed(&["id"], &KAFKA_VOLUME);
static KAFKA_VOLUME: Shape = Shape::custom(&[Field::amount("size")]);
static NODE_POOL: Shape = Shape::custom(&[META, Field::object("spec", &NODE_POOL_SPEC)]);
static NODE_POOL_SPEC: Shape = Shape::custom(&[
    Field::list("roles", &SET),
    Field::implied("resources", &RESOURCES),
    Field::object("storage", &KAFKA_STORAGE),
]);
static KAFKA_USER: Shape = Shape::custom(&[META, Field::object("spec", &KAFKA_USER_SPEC)]);
static KAFKA_USER_SPEC: Shape = Shape::custom(&[Field::object("authorization", &KAFKA_AUTHORIZATION)]);
static KAFKA_AUTHORIZATION: Shape = Shape::custom(&[Field::list("acls", &ACLS)]);
static ACLS: List = List::rules(&ACL);
static ACL: Shape =
    Shape::custom(&[Field::list("operations", &SET), Field::text("host", "*"), Field::text("type", "allow")]);

static SERVICE_MONITOR: Shape = Shape::custom(&[META, Field::object("spec", &MONITOR_SPEC)]);
static POD_MONITOR: Shape = Shape::custom(&[META, Field::object("spec", &MONITOR_SPEC)]);
static MONITOR_SPEC: Shape = Shape::custom(&[
    Field::list("endpoints", &ENDPOINTS),
    Field::list("podMetricsEndpoints", &ENDPOINTS),
    Field::object("selector", &SELECTOR),
    Field::object("namespaceSelector", &NAMESPACES),
]);
static ENDPOINTS: List = List::rules(&ENDPOINT);
static ENDPOINT: Shape = Shape::custom(&[Field::time("interval"), Field::time("scrapeTimeout")]);
static NAMESPACES: Shape = Shape::custom(&[Field::list("matchNames", &SET), Field::flag("any", false)]);
static RULES: Shape = Shape::custom(&[META, Field::object("spec", &RULES_SPEC)]);
static RULES_SPEC: Shape = Shape::custom(&[Field::list("groups", &GROUPS)]);
static GROUPS: List = List::keyed(&["name"], &GROUP);
// A rule may use what one before it records.
static GROUP: Shape = Shape::custom(&[Field::list("rules", &RULE_LIST), Field::time("interval")]);
static RULE_LIST: List = List::rules(&RULE).ordered();
static RULE: Shape = Shape::custom(&[Field::time("for"), Field::time("keep_firing_for")]);

static SCHEDULE: Shape = Shape::custom(&[META, Field::object("spec", &SCHEDULE_SPEC)]);
static SCHEDULE_SPEC: Shape = Shape::custom(&[Field::object("template", &BACKUP_SPEC), Field::flag("paused", false)]);
static BACKUP: Shape = Shape::custom(&[META, Field::object("spec", &BACKUP_SPEC)]);
static BACKUP_SPEC: Shape = Shape::custom(&[
    Field::time("ttl"),
    Field::time("itemOperationTimeout"),
    Field::time("csiSnapshotTimeout"),
    Field::list("includedNamespaces", &SET),
    Field::list("excludedNamespaces", &SET),
    Field::list("includedResources", &SET),
    Field::list("excludedResources", &SET),
    Field::list("volumeSnapshotLocations", &SET),
    Field::object("labelSelector", &SELECTOR),
]);

static VPA: Shape = Shape::custom(&[META, Field::object("spec", &VPA_SPEC)]);
static VPA_SPEC: Shape = Shape::custom(&[Field::object("resourcePolicy", &VPA_POLICY)]);
static VPA_POLICY: Shape = Shape::custom(&[Field::list("containerPolicies", &VPA_CONTAINERS)]);
static VPA_CONTAINERS: List = List::keyed(&["containerName"], &VPA_CONTAINER);
static VPA_CONTAINER: Shape = Shape::custom(&[
    Field::amounts("minAllowed"),
    Field::amounts("maxAllowed"),
    Field::list("controlledResources", &SET),
]);
