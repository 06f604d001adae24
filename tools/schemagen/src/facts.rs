//! What the API server checks and the published schemas do not say.
//!
//! Source: the fields' documentation in the API reference and `pkg/apis/*/validation` of Kubernetes 1.28 to 1.37. A value
//! that came in a later version is in the list for all: the list is for typing mistakes.

/// Something about a field.
pub enum Fact {
    /// The possible texts.
    OneOf(&'static [&'static str]),
    /// The least and the most.
    Range(i64, i64),
    /// Asked for by k8s-openapi only.
    Optional,
    /// Asked for by the server only.
    Required,
}

use Fact::{OneOf, Optional, Range, Required};

const PORT: Fact = Range(1, 65535);
/// 0 stands for none.
const PORT_OR_NONE: Fact = Range(0, 65535);
const COUNT: Fact = Range(0, i32::MAX as i64);
const PROTOCOL: Fact = OneOf(&["TCP", "UDP", "SCTP"]);
const PULL: Fact = OneOf(&["Always", "IfNotPresent", "Never"]);
const OPERATOR: Fact = OneOf(&["In", "NotIn", "Exists", "DoesNotExist"]);
const EFFECT: Fact = OneOf(&["NoSchedule", "PreferNoSchedule", "NoExecute"]);
const PROFILE: Fact = OneOf(&["RuntimeDefault", "Localhost", "Unconfined"]);
const TRAFFIC: Fact = OneOf(&["Cluster", "Local"]);
const HONOR: Fact = OneOf(&["Honor", "Ignore"]);
const RETAIN: Fact = OneOf(&["Retain", "Delete"]);
const ACCESS: Fact = OneOf(&["ReadWriteOnce", "ReadOnlyMany", "ReadWriteMany", "ReadWriteOncePod"]);
const VOLUME_MODE: Fact = OneOf(&["Filesystem", "Block"]);
const PREEMPTION: Fact = OneOf(&["PreemptLowerPriority", "Never"]);
const UPDATE: Fact = OneOf(&["RollingUpdate", "OnDelete"]);
const FAILURE: Fact = OneOf(&["Fail", "Ignore"]);
const MATCH: Fact = OneOf(&["Exact", "Equivalent"]);
const REINVOCATION: Fact = OneOf(&["Never", "IfNeeded"]);
const SIDE_EFFECTS: Fact = OneOf(&["None", "NoneOnDryRun", "Some", "Unknown"]);
const RESTART: Fact = OneOf(&["Always", "OnFailure", "Never"]);
const MESSAGE: Fact = OneOf(&["File", "FallbackToLogsOnError"]);

/// Definition (its last three words), field (`[]`: of each element), fact.
const FACTS: &[(&str, &str, Fact)] = &[
    ("core.v1.AppArmorProfile", "type", PROFILE),
    ("core.v1.Container", "imagePullPolicy", PULL),
    ("core.v1.Container", "restartPolicy", RESTART),
    ("core.v1.Container", "terminationMessagePolicy", MESSAGE),
    ("core.v1.ContainerPort", "containerPort", PORT),
    ("core.v1.ContainerPort", "hostPort", PORT_OR_NONE),
    ("core.v1.ContainerPort", "protocol", PROTOCOL),
    ("core.v1.ContainerResizePolicy", "restartPolicy", OneOf(&["NotRequired", "RestartContainer"])),
    ("core.v1.EndpointPort", "port", PORT),
    ("core.v1.EndpointPort", "protocol", PROTOCOL),
    ("core.v1.EphemeralContainer", "imagePullPolicy", PULL),
    ("core.v1.EphemeralContainer", "terminationMessagePolicy", MESSAGE),
    ("core.v1.Event", "metadata", Required),
    ("core.v1.GRPCAction", "port", PORT),
    ("core.v1.HTTPGetAction", "port", PORT),
    ("core.v1.HTTPGetAction", "scheme", OneOf(&["HTTP", "HTTPS"])),
    ("core.v1.HostIP", "ip", Optional),
    (
        "core.v1.HostPathVolumeSource",
        "type",
        OneOf(&["", "BlockDevice", "CharDevice", "Directory", "DirectoryOrCreate", "File", "FileOrCreate", "Socket"]),
    ),
    ("core.v1.ImageVolumeSource", "pullPolicy", PULL),
    ("core.v1.LocalObjectReference", "name", Optional),
    ("core.v1.NodeSelectorRequirement", "operator", OneOf(&["In", "NotIn", "Exists", "DoesNotExist", "Gt", "Lt"])),
    ("core.v1.PersistentVolumeClaimSpec", "accessModes[]", ACCESS),
    ("core.v1.PersistentVolumeClaimSpec", "volumeMode", VOLUME_MODE),
    ("core.v1.PersistentVolumeSpec", "accessModes[]", ACCESS),
    ("core.v1.PersistentVolumeSpec", "persistentVolumeReclaimPolicy", OneOf(&["Retain", "Recycle", "Delete"])),
    ("core.v1.PersistentVolumeSpec", "volumeMode", VOLUME_MODE),
    ("core.v1.PodIP", "ip", Optional),
    ("core.v1.PodOS", "name", OneOf(&["linux", "windows"])),
    ("core.v1.PodSecurityContext", "fsGroupChangePolicy", OneOf(&["OnRootMismatch", "Always"])),
    ("core.v1.PodSecurityContext", "seLinuxChangePolicy", OneOf(&["MountOption", "Recursive"])),
    ("core.v1.PodSecurityContext", "supplementalGroupsPolicy", OneOf(&["Merge", "Strict"])),
    ("core.v1.PodSpec", "dnsPolicy", OneOf(&["ClusterFirst", "ClusterFirstWithHostNet", "Default", "None"])),
    ("core.v1.PodSpec", "preemptionPolicy", PREEMPTION),
    ("core.v1.PodSpec", "restartPolicy", RESTART),
    ("core.v1.Probe", "failureThreshold", COUNT),
    ("core.v1.Probe", "initialDelaySeconds", COUNT),
    ("core.v1.Probe", "periodSeconds", COUNT),
    ("core.v1.Probe", "successThreshold", COUNT),
    ("core.v1.Probe", "timeoutSeconds", COUNT),
    ("core.v1.ReplicationControllerSpec", "replicas", COUNT),
    (
        "core.v1.ResourceQuotaSpec",
        "scopes[]",
        OneOf(&[
            "BestEffort",
            "CrossNamespacePodAffinity",
            "NotBestEffort",
            "NotTerminating",
            "PriorityClass",
            "Terminating",
            "VolumeAttributesClass",
        ]),
    ),
    ("core.v1.ScopedResourceSelectorRequirement", "operator", OPERATOR),
    ("core.v1.SeccompProfile", "type", PROFILE),
    ("core.v1.SecurityContext", "procMount", OneOf(&["Default", "Unmasked"])),
    ("core.v1.ServicePort", "nodePort", PORT_OR_NONE),
    ("core.v1.ServicePort", "port", PORT),
    ("core.v1.ServicePort", "protocol", PROTOCOL),
    ("core.v1.ServicePort", "targetPort", PORT_OR_NONE),
    ("core.v1.ServiceSpec", "externalTrafficPolicy", TRAFFIC),
    ("core.v1.ServiceSpec", "healthCheckNodePort", PORT_OR_NONE),
    ("core.v1.ServiceSpec", "internalTrafficPolicy", TRAFFIC),
    ("core.v1.ServiceSpec", "ipFamilies[]", OneOf(&["IPv4", "IPv6"])),
    ("core.v1.ServiceSpec", "ipFamilyPolicy", OneOf(&["SingleStack", "PreferDualStack", "RequireDualStack"])),
    ("core.v1.ServiceSpec", "sessionAffinity", OneOf(&["ClientIP", "None"])),
    ("core.v1.ServiceSpec", "trafficDistribution", OneOf(&["PreferClose", "PreferSameZone", "PreferSameNode"])),
    ("core.v1.ServiceSpec", "type", OneOf(&["ClusterIP", "NodePort", "LoadBalancer", "ExternalName"])),
    ("core.v1.TCPSocketAction", "port", PORT),
    ("core.v1.Taint", "effect", EFFECT),
    ("core.v1.Toleration", "effect", OneOf(&["", "NoSchedule", "PreferNoSchedule", "NoExecute"])),
    ("core.v1.Toleration", "operator", OneOf(&["", "Exists", "Equal", "Lt", "Gt"])),
    ("core.v1.TopologySpreadConstraint", "nodeAffinityPolicy", HONOR),
    ("core.v1.TopologySpreadConstraint", "nodeTaintsPolicy", HONOR),
    ("core.v1.TopologySpreadConstraint", "whenUnsatisfiable", OneOf(&["DoNotSchedule", "ScheduleAnyway"])),
    ("core.v1.VolumeMount", "mountPropagation", OneOf(&["None", "HostToContainer", "Bidirectional"])),
    ("core.v1.VolumeMount", "recursiveReadOnly", OneOf(&["Disabled", "IfPossible", "Enabled"])),
    ("apps.v1.DaemonSetUpdateStrategy", "type", UPDATE),
    ("apps.v1.DeploymentSpec", "replicas", COUNT),
    ("apps.v1.DeploymentSpec", "revisionHistoryLimit", COUNT),
    ("apps.v1.DeploymentStrategy", "type", OneOf(&["RollingUpdate", "Recreate"])),
    ("apps.v1.ReplicaSetSpec", "replicas", COUNT),
    ("apps.v1.StatefulSetPersistentVolumeClaimRetentionPolicy", "whenDeleted", RETAIN),
    ("apps.v1.StatefulSetPersistentVolumeClaimRetentionPolicy", "whenScaled", RETAIN),
    ("apps.v1.StatefulSetSpec", "podManagementPolicy", OneOf(&["OrderedReady", "Parallel"])),
    ("apps.v1.StatefulSetSpec", "replicas", COUNT),
    ("apps.v1.StatefulSetUpdateStrategy", "type", UPDATE),
    ("autoscaling.v2.HPAScalingPolicy", "type", OneOf(&["Pods", "Percent"])),
    ("autoscaling.v2.HPAScalingRules", "selectPolicy", OneOf(&["Max", "Min", "Disabled"])),
    ("autoscaling.v2.HorizontalPodAutoscalerSpec", "maxReplicas", Range(1, i32::MAX as i64)),
    ("autoscaling.v2.HorizontalPodAutoscalerSpec", "minReplicas", COUNT),
    ("autoscaling.v2.MetricSpec", "type", OneOf(&["ContainerResource", "External", "Object", "Pods", "Resource"])),
    ("autoscaling.v2.MetricTarget", "type", OneOf(&["Utilization", "Value", "AverageValue"])),
    ("batch.v1.CronJobSpec", "concurrencyPolicy", OneOf(&["Allow", "Forbid", "Replace"])),
    ("batch.v1.JobSpec", "completionMode", OneOf(&["NonIndexed", "Indexed"])),
    ("batch.v1.JobSpec", "podReplacementPolicy", OneOf(&["TerminatingOrFailed", "Failed"])),
    ("batch.v1.PodFailurePolicyOnExitCodesRequirement", "operator", OneOf(&["In", "NotIn"])),
    ("batch.v1.PodFailurePolicyRule", "action", OneOf(&["FailJob", "FailIndex", "Ignore", "Count"])),
    ("discovery.v1.EndpointPort", "port", PORT),
    ("discovery.v1.EndpointPort", "protocol", PROTOCOL),
    ("discovery.v1.EndpointSlice", "addressType", OneOf(&["IPv4", "IPv6", "FQDN"])),
    ("networking.v1.HTTPIngressPath", "pathType", OneOf(&["Exact", "Prefix", "ImplementationSpecific"])),
    ("networking.v1.NetworkPolicyPort", "endPort", PORT),
    ("networking.v1.NetworkPolicyPort", "port", PORT),
    ("networking.v1.NetworkPolicyPort", "protocol", PROTOCOL),
    ("networking.v1.NetworkPolicySpec", "policyTypes[]", OneOf(&["Ingress", "Egress"])),
    ("networking.v1.ServiceBackendPort", "number", PORT_OR_NONE),
    ("policy.v1.PodDisruptionBudgetSpec", "unhealthyPodEvictionPolicy", OneOf(&["IfHealthyBudget", "AlwaysAllow"])),
    ("rbac.v1.RoleRef", "kind", OneOf(&["Role", "ClusterRole"])),
    ("rbac.v1.Subject", "kind", OneOf(&["User", "Group", "ServiceAccount"])),
    ("scheduling.v1.PriorityClass", "preemptionPolicy", PREEMPTION),
    ("storage.v1.CSIDriverSpec", "fsGroupPolicy", OneOf(&["ReadWriteOnceWithFSType", "File", "None"])),
    ("storage.v1.CSIDriverSpec", "volumeLifecycleModes[]", OneOf(&["Persistent", "Ephemeral"])),
    ("storage.v1.StorageClass", "reclaimPolicy", OneOf(&["Delete", "Recycle", "Retain"])),
    ("storage.v1.StorageClass", "volumeBindingMode", OneOf(&["Immediate", "WaitForFirstConsumer"])),
    ("events.v1.Event", "eventTime", Required),
    ("meta.v1.LabelSelectorRequirement", "operator", OPERATOR),
    ("admissionregistration.v1.MutatingWebhook", "failurePolicy", FAILURE),
    ("admissionregistration.v1.MutatingWebhook", "matchPolicy", MATCH),
    ("admissionregistration.v1.MutatingWebhook", "reinvocationPolicy", REINVOCATION),
    ("admissionregistration.v1.MutatingWebhook", "sideEffects", SIDE_EFFECTS),
    (
        "admissionregistration.v1.RuleWithOperations",
        "operations[]",
        OneOf(&["*", "CREATE", "UPDATE", "DELETE", "CONNECT"]),
    ),
    ("admissionregistration.v1.RuleWithOperations", "scope", OneOf(&["*", "Cluster", "Namespaced"])),
    ("admissionregistration.v1.ServiceReference", "port", PORT),
    (
        "admissionregistration.v1.ValidatingAdmissionPolicyBindingSpec",
        "validationActions[]",
        OneOf(&["Deny", "Warn", "Audit"]),
    ),
    ("admissionregistration.v1.ValidatingAdmissionPolicySpec", "failurePolicy", FAILURE),
    ("admissionregistration.v1.ValidatingWebhook", "failurePolicy", FAILURE),
    ("admissionregistration.v1.ValidatingWebhook", "matchPolicy", MATCH),
    ("admissionregistration.v1.ValidatingWebhook", "sideEffects", SIDE_EFFECTS),
    ("apiextensions.v1.CustomResourceConversion", "strategy", OneOf(&["None", "Webhook"])),
    ("apiextensions.v1.CustomResourceDefinitionSpec", "scope", OneOf(&["Cluster", "Namespaced"])),
];

/// The facts of a definition.
pub fn of(definition: &str) -> impl Iterator<Item = (&'static str, &'static Fact)> {
    let (group, kind) = definition.rsplit_once('.').unwrap_or_default();
    let (group, version) = group.rsplit_once('.').unwrap_or_default();
    let group = group.rsplit_once('.').map_or(group, |(_, group)| group);
    let name = format!("{group}.{version}.{kind}");
    FACTS.iter().filter(move |(of, _, _)| *of == name).map(|(_, field, fact)| (*field, fact))
}

/// Names in the table that no definition of any version has: misspelt.
pub fn unused<'a>(definitions: impl Iterator<Item = &'a str> + Clone) -> Vec<&'static str> {
    FACTS.iter().map(|(of, _, _)| *of).filter(|of| !definitions.clone().any(|name| name.ends_with(of))).collect()
}
