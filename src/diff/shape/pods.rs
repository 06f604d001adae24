//! Pods, as in the API reference of `core/v1`; defaults as in `pkg/apis/core/v1/defaults.go`.

use super::{Default, Field, Form, List, ROW, SELECTOR, SET, Shape};
use crate::manifest::Value;

/// `PodTemplateSpec`.
pub(super) static TEMPLATE: Shape =
    Shape::of(&[Field::object("metadata", &super::core::METADATA), Field::object("spec", &POD)]);

/// `PodSpec`.
pub(super) static POD: Shape = Shape::of(&[
    Field::list("containers", &CONTAINERS),
    // These run one after another.
    Field::list("initContainers", &INIT_CONTAINERS),
    Field::list("ephemeralContainers", &CONTAINERS),
    Field::list("volumes", &VOLUMES),
    Field::list("imagePullSecrets", &NAMED),
    Field::list("tolerations", &TOLERATIONS),
    Field::list("topologySpreadConstraints", &SPREAD),
    Field::list("hostAliases", &HOST_ALIASES),
    Field::list("readinessGates", &GATES),
    Field::list("schedulingGates", &NAMED),
    Field::list("resourceClaims", &NAMED),
    Field::object("affinity", &AFFINITY),
    Field::object("dnsConfig", &DNS),
    Field::implied("securityContext", &POD_SECURITY),
    Field::map("nodeSelector"),
    Field::amounts("overhead"),
    Field::implied("resources", &RESOURCES),
    Field::text("restartPolicy", "Always"),
    Field::text("dnsPolicy", "ClusterFirst"),
    Field::text("schedulerName", "default-scheduler"),
    Field::text("serviceAccountName", "default"),
    Field::number("terminationGracePeriodSeconds", "30"),
    Field::flag("enableServiceLinks", true),
    Field::flag("hostNetwork", false),
    Field::flag("hostPID", false),
    Field::flag("hostIPC", false),
    Field::flag("shareProcessNamespace", false),
    Field::flag("hostUsers", true),
]);

static CONTAINERS: List = List::keyed(&["name"], &CONTAINER);
static INIT_CONTAINERS: List = List::keyed(&["name"], &CONTAINER).ordered();
pub(super) static NAMED: List = List::keyed(&["name"], &super::UNKNOWN);

pub(super) static CONTAINER: Shape = Shape::of(&[
    Field::list("args", &ROW),
    Field::list("command", &ROW),
    // `$(NAME)` is replaced by what stands before it.
    Field::list("env", &ENV),
    // Of two sources of one variable, the last one counts.
    Field::list("envFrom", &ENV_FROM),
    Field::list("ports", &PORTS),
    Field::list("volumeMounts", &MOUNTS),
    Field::list("volumeDevices", &DEVICES),
    Field::list("resizePolicy", &RESIZE),
    Field::implied("resources", &RESOURCES),
    Field::object("livenessProbe", &PROBE),
    Field::object("readinessProbe", &PROBE),
    Field::object("startupProbe", &PROBE),
    Field::object("lifecycle", &LIFECYCLE),
    Field::object("securityContext", &SECURITY),
    Field::of("imagePullPolicy", Form::Plain).or(Default::From(is_pull_policy_of_image)),
    Field::text("terminationMessagePath", "/dev/termination-log"),
    Field::text("terminationMessagePolicy", "File"),
    Field::flag("stdin", false),
    Field::flag("stdinOnce", false),
    Field::flag("tty", false),
]);

/// `SetDefaults_Container`: `Always` for the tag `latest` or none, else `IfNotPresent`.
fn is_pull_policy_of_image(policy: &Value<'_>, container: &Value<'_>) -> bool {
    let Some(image) = container.get("image").and_then(Value::as_str) else { return false };
    let name = image.rsplit('/').next().unwrap_or(image);
    let is_latest = match (name.split_once('@'), name.split_once(':')) {
        (Some((name, _)), _) => name.ends_with(":latest"),
        (None, Some((_, tag))) => tag == "latest",
        (None, None) => true,
    };
    policy.as_str() == Some(if is_latest { "Always" } else { "IfNotPresent" })
}

pub(super) static ENV: List = List::keyed(&["name"], &VARIABLE).ordered();
static VARIABLE: Shape = Shape::of(&[Field::text("value", ""), Field::object("valueFrom", &VALUE_FROM)]);
static VALUE_FROM: Shape = Shape::of(&[
    Field::object("fieldRef", &FIELD_REF),
    Field::object("resourceFieldRef", &RESOURCE_FIELD),
    Field::object("configMapKeyRef", &REFERENCE),
    Field::object("secretKeyRef", &REFERENCE),
]);
static FIELD_REF: Shape = Shape::of(&[Field::text("apiVersion", "v1")]);
static RESOURCE_FIELD: Shape = Shape::of(&[Field::amount("divisor").or(Default::Text("0"))]);
static REFERENCE: Shape = Shape::of(&[Field::flag("optional", false)]);
static ENV_FROM: List = List::rules(&ENV_SOURCE).ordered();
static ENV_SOURCE: Shape = Shape::of(&[
    Field::object("configMapRef", &REFERENCE),
    Field::object("secretRef", &REFERENCE),
    Field::text("prefix", ""),
]);

static PORTS: List = List::keyed(&["containerPort", "protocol"], &PORT);
static PORT: Shape = Shape::of(&[Field::text("protocol", "TCP"), Field::number("hostPort", "0")]);

static MOUNTS: List = List::keyed(&["mountPath"], &MOUNT);
static MOUNT: Shape = Shape::of(&[
    Field::flag("readOnly", false),
    Field::text("subPath", ""),
    Field::text("subPathExpr", ""),
    Field::text("mountPropagation", "None"),
    Field::of("recursiveReadOnly", Form::Plain).or(Default::Text("Disabled")),
]);
static DEVICES: List = List::keyed(&["devicePath"], &super::UNKNOWN);
static RESIZE: List = List::keyed(&["resourceName"], &super::UNKNOWN);

/// `ResourceRequirements`.
pub(super) static RESOURCES: Shape =
    Shape::of(&[Field::amounts("limits"), Field::amounts("requests"), Field::list("claims", &NAMED)]);

pub(super) static PROBE: Shape = Shape::of(&[
    Field::object("httpGet", &HTTP_GET),
    Field::object("exec", &EXEC),
    Field::object("grpc", &GRPC),
    Field::number("initialDelaySeconds", "0"),
    Field::number("timeoutSeconds", "1"),
    Field::number("periodSeconds", "10"),
    Field::number("successThreshold", "1"),
    Field::number("failureThreshold", "3"),
]);
static HTTP_GET: Shape = Shape::of(&[
    Field::text("path", "/"),
    Field::text("scheme", "HTTP"),
    Field::text("host", ""),
    Field::list("httpHeaders", &HEADERS),
]);
static HEADERS: List = List::rules(&super::UNKNOWN).ordered();
static EXEC: Shape = Shape::of(&[Field::list("command", &ROW)]);
static GRPC: Shape = Shape::of(&[Field::text("service", "")]);
static LIFECYCLE: Shape = Shape::of(&[Field::object("postStart", &PROBE), Field::object("preStop", &PROBE)]);

static SECURITY: Shape = Shape::of(&[
    Field::object("capabilities", &CAPABILITIES),
    Field::flag("privileged", false),
    Field::flag("readOnlyRootFilesystem", false),
    Field::text("procMount", "Default"),
]);
static CAPABILITIES: Shape = Shape::of(&[Field::list("add", &SET), Field::list("drop", &SET)]);
static POD_SECURITY: Shape = Shape::of(&[
    Field::list("supplementalGroups", &SET),
    Field::list("sysctls", &NAMED),
    Field::text("fsGroupChangePolicy", "Always"),
    Field::text("supplementalGroupsPolicy", "Merge"),
]);

static VOLUMES: List = List::keyed(&["name"], &VOLUME);
static VOLUME: Shape = Shape::of(&[
    Field::object("secret", &FILES),
    Field::object("configMap", &FILES),
    Field::object("downwardAPI", &FILES),
    Field::object("projected", &PROJECTED),
    Field::object("emptyDir", &EMPTY_DIR),
    Field::object("hostPath", &HOST_PATH),
    Field::object("persistentVolumeClaim", &READ_ONLY),
    Field::object("ephemeral", &EPHEMERAL),
    Field::object("csi", &READ_ONLY),
    Field::object("nfs", &READ_ONLY),
]);
static FILES: Shape =
    Shape::of(&[Field::number("defaultMode", "420"), Field::flag("optional", false), Field::list("items", &PATHS)]);
static PATHS: List = List::keyed(&["path"], &PATH);
static PATH: Shape =
    Shape::of(&[Field::object("fieldRef", &FIELD_REF), Field::object("resourceFieldRef", &RESOURCE_FIELD)]);
// Of two sources of one file, the last one counts.
static SOURCES: List = List::rules(&SOURCE).ordered();
static PROJECTED: Shape = Shape::of(&[Field::number("defaultMode", "420"), Field::list("sources", &SOURCES)]);
static SOURCE: Shape = Shape::of(&[
    Field::object("secret", &FILES),
    Field::object("configMap", &FILES),
    Field::object("downwardAPI", &FILES),
    Field::object("serviceAccountToken", &TOKEN),
]);
static TOKEN: Shape = Shape::of(&[Field::number("expirationSeconds", "3600"), Field::text("audience", "")]);
static EMPTY_DIR: Shape = Shape::of(&[Field::text("medium", ""), Field::amount("sizeLimit")]);
static HOST_PATH: Shape = Shape::of(&[Field::text("type", "")]);
static READ_ONLY: Shape = Shape::of(&[Field::flag("readOnly", false), Field::map("volumeAttributes")]);
static EPHEMERAL: Shape = Shape::of(&[Field::object("volumeClaimTemplate", &super::core::CLAIM)]);

pub(super) static TOLERATIONS: List = List::keyed(&["key", "operator", "value", "effect"], &TOLERATION);
static TOLERATION: Shape = Shape::of(&[
    Field::text("operator", "Equal"),
    Field::text("value", ""),
    Field::text("key", ""),
    Field::text("effect", ""),
]);
static SPREAD: List = List::keyed(&["topologyKey", "whenUnsatisfiable"], &CONSTRAINT);
static CONSTRAINT: Shape = Shape::of(&[
    Field::object("labelSelector", &SELECTOR),
    Field::list("matchLabelKeys", &SET),
    Field::text("nodeAffinityPolicy", "Honor"),
    Field::text("nodeTaintsPolicy", "Ignore"),
    Field::number("minDomains", "1"),
]);
static HOST_ALIASES: List = List::keyed(&["ip"], &ALIAS);
static ALIAS: Shape = Shape::of(&[Field::list("hostnames", &SET)]);
static GATES: List = List::keyed(&["conditionType"], &super::UNKNOWN);
static DNS: Shape =
    Shape::of(&[Field::list("nameservers", &ROW), Field::list("searches", &ROW), Field::list("options", &NAMED)]);

pub(super) static AFFINITY: Shape = Shape::of(&[
    Field::object("nodeAffinity", &NODE_AFFINITY),
    Field::object("podAffinity", &POD_AFFINITY),
    Field::object("podAntiAffinity", &POD_AFFINITY),
]);
const REQUIRED: &str = "requiredDuringSchedulingIgnoredDuringExecution";
const PREFERRED: &str = "preferredDuringSchedulingIgnoredDuringExecution";
static NODE_AFFINITY: Shape =
    Shape::of(&[Field::object(REQUIRED, &NODE_SELECTOR), Field::list(PREFERRED, &NODE_PREFERENCES)]);
static NODE_SELECTOR: Shape = Shape::of(&[Field::list("nodeSelectorTerms", &NODE_TERMS)]);
static NODE_TERMS: List = List::rules(&NODE_TERM);
static NODE_TERM: Shape =
    Shape::of(&[Field::list("matchExpressions", &super::EXPRESSIONS), Field::list("matchFields", &super::EXPRESSIONS)]);
static NODE_PREFERENCES: List = List::rules(&NODE_PREFERENCE);
static NODE_PREFERENCE: Shape = Shape::of(&[Field::object("preference", &NODE_TERM)]);
static POD_AFFINITY: Shape = Shape::of(&[Field::list(REQUIRED, &POD_TERMS), Field::list(PREFERRED, &POD_PREFERENCES)]);
static POD_TERMS: List = List::rules(&POD_TERM);
static POD_TERM: Shape = Shape::of(&[
    Field::object("labelSelector", &SELECTOR),
    Field::object("namespaceSelector", &SELECTOR),
    Field::list("namespaces", &SET),
]);
static POD_PREFERENCES: List = List::rules(&POD_PREFERENCE);
static POD_PREFERENCE: Shape = Shape::of(&[Field::object("podAffinityTerm", &POD_TERM)]);
