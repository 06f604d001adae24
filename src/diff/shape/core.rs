//! Kubernetes' own kinds but pods and networking, as in its API reference and the `defaults.go` of each group.

use super::pods::{POD, RESOURCES};
use super::{Default, Field, Form, List, METADATA as META, SELECTOR, SET, Shape};
use crate::manifest::Value;

pub(super) fn of(group: &str, kind: &str) -> Option<&'static Shape> {
    Some(match (group, kind) {
        ("apps", "Deployment") => &DEPLOYMENT,
        ("apps", "StatefulSet") => &STATEFUL_SET,
        ("apps", "DaemonSet") => &DAEMON_SET,
        ("apps", "ReplicaSet") => &REPLICA_SET,
        ("batch", "Job") => &JOB,
        ("batch", "CronJob") => &CRON_JOB,
        ("", "Pod") => &POD_OBJECT,
        ("", "PersistentVolumeClaim") => &CLAIM,
        ("", "PersistentVolume") => &VOLUME,
        ("", "ConfigMap" | "Secret") => &DATA,
        ("", "ServiceAccount") => &SERVICE_ACCOUNT,
        ("", "ResourceQuota") => &QUOTA,
        ("", "LimitRange") => &LIMITS,
        ("", "Namespace") => &NAMESPACE,
        ("autoscaling", "HorizontalPodAutoscaler") => &AUTOSCALER,
        ("policy", "PodDisruptionBudget") => &BUDGET,
        ("rbac.authorization.k8s.io", "Role" | "ClusterRole") => &ROLE,
        ("rbac.authorization.k8s.io", "RoleBinding" | "ClusterRoleBinding") => &BINDING,
        ("storage.k8s.io", "StorageClass") => &STORAGE_CLASS,
        ("scheduling.k8s.io", "PriorityClass") => &PRIORITY,
        ("apiextensions.k8s.io", "CustomResourceDefinition") => &CRD,
        _ => return None,
    })
}

/// `ObjectMeta`.
pub(super) static METADATA: Shape = Shape::of(&[
    Field::map("labels"),
    Field::map("annotations"),
    Field::list("finalizers", &SET),
    Field::list("ownerReferences", &OWNERS),
]);
static OWNERS: List = List::keyed(&["uid"], &super::UNKNOWN);

static DEPLOYMENT: Shape = Shape::of(&[META, Field::object("spec", &DEPLOYMENT_SPEC)]);
static DEPLOYMENT_SPEC: Shape = Shape::of(&[
    Field::of("template", Form::Template),
    Field::object("selector", &SELECTOR),
    Field::number("replicas", "1"),
    Field::implied("strategy", &STRATEGY),
    Field::number("revisionHistoryLimit", "10"),
    Field::number("progressDeadlineSeconds", "600"),
    Field::number("minReadySeconds", "0"),
    Field::flag("paused", false),
]);
static STRATEGY: Shape = Shape::of(&[Field::text("type", "RollingUpdate"), Field::implied("rollingUpdate", &ROLLING)]);
static ROLLING: Shape = Shape::of(&[Field::text("maxSurge", "25%"), Field::text("maxUnavailable", "25%")]);

static STATEFUL_SET: Shape = Shape::of(&[META, Field::object("spec", &STATEFUL_SPEC)]);
static STATEFUL_SPEC: Shape = Shape::of(&[
    Field::of("template", Form::Template),
    Field::object("selector", &SELECTOR),
    Field::list("volumeClaimTemplates", &CLAIMS),
    Field::number("replicas", "1"),
    Field::implied("updateStrategy", &ORDERED_UPDATE),
    Field::implied("persistentVolumeClaimRetentionPolicy", &RETENTION),
    Field::text("podManagementPolicy", "OrderedReady"),
    Field::text("serviceName", ""),
    Field::number("revisionHistoryLimit", "10"),
    Field::number("minReadySeconds", "0"),
]);
static ORDERED_UPDATE: Shape =
    Shape::of(&[Field::text("type", "RollingUpdate"), Field::implied("rollingUpdate", &PARTITION)]);
static PARTITION: Shape = Shape::of(&[Field::number("partition", "0"), Field::number("maxUnavailable", "1")]);
static RETENTION: Shape = Shape::of(&[Field::text("whenDeleted", "Retain"), Field::text("whenScaled", "Retain")]);

/// Claims of a template have a name in their metadata.
static CLAIMS: List = List::keyed(&["metadata.name"], &CLAIM);
/// A `PersistentVolumeClaim`, also within a template.
pub(super) static CLAIM: Shape = Shape::of(&[META, Field::object("spec", &CLAIM_SPEC)]);
static CLAIM_SPEC: Shape = Shape::of(&[
    Field::list("accessModes", &SET),
    Field::implied("resources", &RESOURCES),
    Field::object("selector", &SELECTOR),
    Field::text("volumeMode", "Filesystem"),
]);
static VOLUME: Shape = Shape::of(&[META, Field::object("spec", &VOLUME_SPEC)]);
static VOLUME_SPEC: Shape = Shape::of(&[
    Field::list("accessModes", &SET),
    Field::amounts("capacity"),
    Field::text("volumeMode", "Filesystem"),
    Field::text("persistentVolumeReclaimPolicy", "Retain"),
]);

static DAEMON_SET: Shape = Shape::of(&[META, Field::object("spec", &DAEMON_SPEC)]);
static DAEMON_SPEC: Shape = Shape::of(&[
    Field::of("template", Form::Template),
    Field::object("selector", &SELECTOR),
    Field::implied("updateStrategy", &DAEMON_UPDATE),
    Field::number("revisionHistoryLimit", "10"),
    Field::number("minReadySeconds", "0"),
]);
static DAEMON_UPDATE: Shape =
    Shape::of(&[Field::text("type", "RollingUpdate"), Field::implied("rollingUpdate", &DAEMON_ROLLING)]);
static DAEMON_ROLLING: Shape = Shape::of(&[Field::number("maxUnavailable", "1"), Field::number("maxSurge", "0")]);

static REPLICA_SET: Shape = Shape::of(&[META, Field::object("spec", &REPLICA_SPEC)]);
static REPLICA_SPEC: Shape = Shape::of(&[
    Field::of("template", Form::Template),
    Field::object("selector", &SELECTOR),
    Field::number("replicas", "1"),
    Field::number("minReadySeconds", "0"),
]);

static JOB: Shape = Shape::of(&[META, Field::object("spec", &JOB_SPEC)]);
static JOB_SPEC: Shape = Shape::of(&[
    Field::of("template", Form::Template),
    Field::object("selector", &SELECTOR),
    Field::number("backoffLimit", "6"),
    Field::of("completions", Form::Plain).or(Default::From(is_completions_of_none)),
    Field::number("parallelism", "1"),
    Field::text("completionMode", "NonIndexed"),
    Field::flag("suspend", false),
    Field::flag("manualSelector", false),
]);

/// `SetDefaults_Job`: 1, if there is no parallelism either.
fn is_completions_of_none(completions: &Value<'_>, spec: &Value<'_>) -> bool {
    completions.as_i64() == Some(1) && spec.get("parallelism").is_none_or(|value| *value == Value::Null)
}

static CRON_JOB: Shape = Shape::of(&[META, Field::object("spec", &CRON_SPEC)]);
static CRON_SPEC: Shape = Shape::of(&[
    Field::object("jobTemplate", &JOB),
    Field::text("concurrencyPolicy", "Allow"),
    Field::flag("suspend", false),
    Field::number("successfulJobsHistoryLimit", "3"),
    Field::number("failedJobsHistoryLimit", "1"),
]);

static POD_OBJECT: Shape = Shape::of(&[META, Field::object("spec", &POD)]);

static DATA: Shape = Shape::of(&[
    META,
    Field::map("data"),
    Field::map("binaryData"),
    Field::map("stringData"),
    Field::flag("immutable", false),
    Field::text("type", "Opaque"),
]);
static SERVICE_ACCOUNT: Shape = Shape::of(&[
    META,
    Field::list("secrets", &super::pods::NAMED),
    Field::list("imagePullSecrets", &super::pods::NAMED),
    Field::flag("automountServiceAccountToken", true),
]);

static QUOTA: Shape = Shape::of(&[META, Field::object("spec", &QUOTA_SPEC)]);
static QUOTA_SPEC: Shape =
    Shape::of(&[Field::amounts("hard"), Field::list("scopes", &SET), Field::object("scopeSelector", &SCOPES)]);
static SCOPES: Shape = Shape::of(&[Field::list("matchExpressions", &SCOPE_EXPRESSIONS)]);
static SCOPE_EXPRESSIONS: List = List::keyed(&["scopeName", "operator"], &SCOPE);
static SCOPE: Shape = Shape::of(&[Field::list("values", &SET)]);
static LIMITS: Shape = Shape::of(&[META, Field::object("spec", &LIMIT_SPEC)]);
static LIMIT_SPEC: Shape = Shape::of(&[Field::list("limits", &LIMIT_ITEMS)]);
static LIMIT_ITEMS: List = List::keyed(&["type"], &LIMIT);
static LIMIT: Shape = Shape::of(&[
    Field::amounts("default"),
    Field::amounts("defaultRequest"),
    Field::amounts("max"),
    Field::amounts("min"),
    Field::amounts("maxLimitRequestRatio"),
]);
static NAMESPACE: Shape = Shape::of(&[META, Field::implied("spec", &NAMESPACE_SPEC)]);
static NAMESPACE_SPEC: Shape = Shape::of(&[Field::list("finalizers", &SET)]);

static AUTOSCALER: Shape = Shape::of(&[META, Field::object("spec", &AUTOSCALER_SPEC)]);
static AUTOSCALER_SPEC: Shape = Shape::of(&[
    Field::list("metrics", &METRICS),
    Field::object("behavior", &BEHAVIOR),
    Field::number("minReplicas", "1"),
]);
static METRICS: List = List::rules(&METRIC);
static METRIC: Shape = Shape::of(&[
    Field::object("resource", &METRIC_SOURCE),
    Field::object("containerResource", &METRIC_SOURCE),
    Field::object("pods", &METRIC_SOURCE),
    Field::object("object", &METRIC_SOURCE),
    Field::object("external", &METRIC_SOURCE),
]);
static METRIC_SOURCE: Shape =
    Shape::of(&[Field::object("target", &METRIC_TARGET), Field::object("metric", &METRIC_NAME)]);
static METRIC_TARGET: Shape = Shape::of(&[Field::amount("value"), Field::amount("averageValue")]);
static METRIC_NAME: Shape = Shape::of(&[Field::object("selector", &SELECTOR)]);
static BEHAVIOR: Shape = Shape::of(&[Field::object("scaleUp", &SCALE_UP), Field::object("scaleDown", &SCALE_DOWN)]);
static SCALE_UP: Shape = Shape::of(&[
    Field::list("policies", &SCALING_POLICIES),
    Field::text("selectPolicy", "Max"),
    Field::number("stabilizationWindowSeconds", "0"),
]);
static SCALE_DOWN: Shape = Shape::of(&[
    Field::list("policies", &SCALING_POLICIES),
    Field::text("selectPolicy", "Max"),
    Field::number("stabilizationWindowSeconds", "300"),
]);
static SCALING_POLICIES: List = List::keyed(&["type", "periodSeconds"], &super::UNKNOWN);

static BUDGET: Shape = Shape::of(&[META, Field::object("spec", &BUDGET_SPEC)]);
static BUDGET_SPEC: Shape =
    Shape::of(&[Field::object("selector", &SELECTOR), Field::text("unhealthyPodEvictionPolicy", "IfHealthyBudget")]);

static ROLE: Shape = Shape::of(&[META, Field::list("rules", &RULES), Field::object("aggregationRule", &AGGREGATION)]);
static RULES: List = List::rules(&RULE);
static RULE: Shape = Shape::of(&[
    Field::list("apiGroups", &SET),
    Field::list("resources", &SET),
    Field::list("resourceNames", &SET),
    Field::list("nonResourceURLs", &SET),
    Field::list("verbs", &SET),
]);
static AGGREGATION: Shape = Shape::of(&[Field::list("clusterRoleSelectors", &AGGREGATED)]);
static AGGREGATED: List = List::rules(&SELECTOR);
static BINDING: Shape = Shape::of(&[META, Field::object("roleRef", &ROLE_REF), Field::list("subjects", &SUBJECTS)]);
static ROLE_REF: Shape = Shape::of(&[Field::text("apiGroup", "rbac.authorization.k8s.io")]);
static SUBJECTS: List = List::keyed(&["kind", "namespace", "name"], &SUBJECT);
static SUBJECT: Shape = Shape::of(&[
    Field::of("apiGroup", Form::Plain).or(Default::From(is_group_of_subject)),
    Field::text("namespace", ""),
]);

/// `SetDefaults_Subject`: none for service accounts, RBAC's own for users and groups.
fn is_group_of_subject(group: &Value<'_>, subject: &Value<'_>) -> bool {
    let default = match subject.get("kind").and_then(Value::as_str) {
        Some("User" | "Group") => "rbac.authorization.k8s.io",
        _ => "",
    };
    group.as_str() == Some(default)
}

static STORAGE_CLASS: Shape = Shape::of(&[
    META,
    Field::map("parameters"),
    Field::text("reclaimPolicy", "Delete"),
    Field::text("volumeBindingMode", "Immediate"),
    Field::flag("allowVolumeExpansion", false),
    Field::list("mountOptions", &super::ROW),
]);
static PRIORITY: Shape = Shape::of(&[
    META,
    Field::flag("globalDefault", false),
    Field::text("preemptionPolicy", "PreemptLowerPriority"),
    Field::text("description", ""),
]);
static CRD: Shape = Shape::of(&[META, Field::object("spec", &CRD_SPEC)]);
static CRD_SPEC: Shape = Shape::of(&[
    Field::list("versions", &VERSIONS),
    Field::object("names", &CRD_NAMES),
    Field::implied("conversion", &CONVERSION),
    Field::flag("preserveUnknownFields", false),
]);
static VERSIONS: List = List::keyed(&["name"], &super::UNKNOWN);
static CRD_NAMES: Shape = Shape::of(&[Field::list("shortNames", &SET), Field::list("categories", &SET)]);
static CONVERSION: Shape = Shape::of(&[Field::text("strategy", "None")]);
