//! The table: its form, and the rows of Kubernetes itself.

use super::super::subject::Subject;
use super::{Hit, core, operator_rows};
use crate::diff::change::Class;

/// One row of the table of fields that cannot be changed.
pub struct Row {
    /// Its name: a case in the tests is called after it.
    pub id: &'static str,
    /// The kinds, with their group unless it is the core one; `*` for all.
    pub kinds: &'static [&'static str],
    /// The fields, for readers.
    pub field: &'static str,
    /// What comes of it.
    pub class: Class,
    /// Who refuses it.
    pub by: &'static str,
    /// What to do instead, with `NAME` for the object's; empty where nothing is to be done.
    pub remedy: &'static str,
    /// Whether all of the change is refused with it, as by the API server and by webhooks; an operator that does not carry
    /// out one field may well carry out the others.
    pub whole: bool,
    /// Where that stands.
    pub source: &'static str,
    /// The paths that cannot change at all.
    pub(super) paths: &'static [&'static str],
    /// A test of its own, if it takes more than a changed path.
    pub(super) test: Option<fn(&Subject<'_>) -> Option<Hit>>,
}

/// What rows have in common unless they say otherwise.
pub(super) const REFUSED: Row = Row {
    id: "",
    kinds: &[],
    field: "",
    class: Class::Rejected,
    by: "the API server",
    whole: true,
    remedy: "",
    source: "",
    paths: &[],
    test: None,
};

const RECREATE: &str = "delete the object and apply it anew (`kubectl replace --force`)";
const ORPHAN: &str = "delete it with `kubectl delete statefulset NAME --cascade=orphan`, which leaves pods and volumes, and \
                      apply it anew; grow existing volumes at their PersistentVolumeClaims";

/// All rows: those of Kubernetes, then those of operators.
pub fn rows() -> impl Iterator<Item = &'static Row> {
    ROWS.iter().chain(operator_rows::ROWS)
}

/// The rows of Kubernetes.
const ROWS: &[Row] = &[
    Row {
        id: "name",
        kinds: &["*"],
        field: "metadata.name, metadata.namespace",
        class: Class::Recreate,
        remedy: "",
        source: "Kubernetes, API conventions, `ObjectMeta`",
        test: Some(core::renamed),
        ..REFUSED
    },
    Row {
        id: "workload-selector",
        kinds: &["apps/Deployment", "apps/DaemonSet", "apps/ReplicaSet"],
        field: "spec.selector",
        remedy: "delete it and apply it anew, with downtime; without: keep the selector, or add a workload under another \
                 name, move traffic and remove the old one",
        source: "pkg/apis/apps/validation, `ValidateDeploymentUpdate`",
        paths: &["spec.selector"],
        ..REFUSED
    },
    Row {
        id: "template-labels",
        kinds: &["apps/Deployment", "apps/StatefulSet", "apps/DaemonSet", "apps/ReplicaSet"],
        field: "spec.template.metadata.labels that spec.selector does not match",
        remedy: "give the pod template the labels that the selector asks for",
        source: "pkg/apis/apps/validation, `ValidatePodTemplateSpecForReplicaSet`, `ValidateStatefulSetSpec`, \
                 `ValidateDaemonSetSpec`: `selector` does not match template `labels`",
        test: Some(core::template_labels),
        ..REFUSED
    },
    Row {
        id: "statefulset",
        kinds: &["apps/StatefulSet"],
        field: "all of spec but replicas, ordinals, template, updateStrategy, persistentVolumeClaimRetentionPolicy, \
                minReadySeconds",
        remedy: ORPHAN,
        source: "pkg/apis/apps/validation, `ValidateStatefulSetUpdate`",
        test: Some(core::stateful_set),
        ..REFUSED
    },
    Row {
        id: "job",
        kinds: &["batch/Job"],
        field: "spec.selector, template, completions (but Indexed together with parallelism), completionMode, \
                podFailurePolicy, successPolicy, backoffLimitPerIndex, managedBy",
        remedy: "delete the Job and apply it anew: it runs again; or let Argo CD do so (`argocd.argoproj.io/hook` with \
                 `hook-delete-policy: BeforeHookCreation`)",
        source: "pkg/apis/batch/validation, `ValidateJobSpecUpdate`",
        test: Some(core::job),
        ..REFUSED
    },
    Row {
        id: "pvc-spec",
        kinds: &["PersistentVolumeClaim"],
        field: "all of spec but resources.requests.storage and volumeAttributesClassName",
        remedy: "make a new claim, copy the data, and let the workload use that one",
        source: "pkg/apis/core/validation, `ValidatePersistentVolumeClaimUpdate`",
        test: Some(core::claim),
        ..REFUSED
    },
    Row {
        id: "pvc-shrink",
        kinds: &["PersistentVolumeClaim"],
        field: "spec.resources.requests.storage, less than before",
        remedy: "make a smaller claim, copy the data, and let the workload use that one",
        source: "pkg/apis/core/validation, `ValidatePersistentVolumeClaimUpdate`",
        test: Some(core::claim_shrinks),
        ..REFUSED
    },
    Row {
        id: "pv",
        kinds: &["PersistentVolume"],
        field: "the source of the volume, spec.volumeMode, spec.nodeAffinity once it is set",
        remedy: "make a new PersistentVolume for the same disk (first set reclaimPolicy Retain on this one)",
        source: "pkg/apis/core/validation, `ValidatePersistentVolumeUpdate`",
        test: Some(core::volume),
        ..REFUSED
    },
    Row {
        id: "resourcequota-scopes",
        kinds: &["ResourceQuota"],
        field: "spec.scopes",
        remedy: RECREATE,
        source: "pkg/apis/core/validation, `ValidateResourceQuotaUpdate`",
        paths: &["spec.scopes"],
        ..REFUSED
    },
    Row {
        id: "storageclass",
        kinds: &["storage.k8s.io/StorageClass"],
        field: "parameters, provisioner, reclaimPolicy, volumeBindingMode",
        remedy: "make a class under another name for new volumes; existing ones keep what they were made with",
        source: "pkg/apis/storage/validation, `ValidateStorageClassUpdate`",
        paths: &["parameters", "provisioner", "reclaimPolicy", "volumeBindingMode"],
        ..REFUSED
    },
    Row {
        id: "rolebinding-roleref",
        kinds: &["rbac.authorization.k8s.io/RoleBinding", "rbac.authorization.k8s.io/ClusterRoleBinding"],
        field: "roleRef",
        remedy: "delete the binding and apply it anew (`kubectl auth reconcile` does both), or bind under another name",
        source: "pkg/apis/rbac/validation, `ValidateRoleBindingUpdate`",
        paths: &["roleRef"],
        ..REFUSED
    },
    Row {
        id: "service-clusterip",
        kinds: &["Service"],
        field: "spec.clusterIP, clusterIPs[0], unless to or from ExternalName",
        remedy: "delete the Service and apply it anew: it gets another address, and clients that remember the old one fail \
                 until they ask DNS again",
        source: "pkg/apis/core/validation, `ValidateServiceClusterIPsRelatedFields`",
        test: Some(core::cluster_ip),
        ..REFUSED
    },
    Row {
        id: "service-ipfamily",
        kinds: &["Service"],
        field: "spec.ipFamilies[0]",
        remedy: "delete the Service and apply it anew; a second family may be added in place",
        source: "pkg/apis/core/validation, `ValidateServiceClusterIPsRelatedFields`",
        test: Some(core::ip_family),
        ..REFUSED
    },
    Row {
        id: "service-loadbalancerclass",
        kinds: &["Service"],
        field: "spec.loadBalancerClass while type is LoadBalancer",
        remedy: "make a second Service of the other class, let DNS follow, remove this one",
        source: "pkg/apis/core/validation, `validateServiceLoadBalancerClassField`; API reference, `ServiceSpec`",
        test: Some(core::load_balancer_class),
        ..REFUSED
    },
    Row {
        id: "secret-type",
        kinds: &["Secret"],
        field: "type",
        remedy: RECREATE,
        source: "pkg/apis/core/validation, `ValidateSecretUpdate`",
        paths: &["type"],
        ..REFUSED
    },
    Row {
        id: "immutable-data",
        kinds: &["ConfigMap", "Secret"],
        field: "data, binaryData and immutable, where immutable is true",
        remedy: "make one under another name and let the workloads refer to it, which restarts them",
        source: "pkg/apis/core/validation, `ValidateConfigMapUpdate`, `ValidateSecretUpdate`",
        test: Some(core::immutable_data),
        ..REFUSED
    },
    Row {
        id: "pod",
        kinds: &["Pod"],
        field: "all of spec but images, activeDeadlineSeconds and more tolerations",
        remedy: "delete the pod and apply it anew",
        source: "pkg/apis/core/validation, `ValidatePodUpdate`",
        test: Some(core::pod),
        ..REFUSED
    },
    Row {
        id: "priorityclass-value",
        kinds: &["scheduling.k8s.io/PriorityClass"],
        field: "value, preemptionPolicy",
        remedy: "make a class under another name; pods keep the number that they were made with",
        source: "pkg/apis/scheduling/validation, `ValidatePriorityClassUpdate`",
        paths: &["value", "preemptionPolicy"],
        ..REFUSED
    },
    Row {
        id: "ingressclass-controller",
        kinds: &["networking.k8s.io/IngressClass"],
        field: "spec.controller",
        remedy: "make a class under another name and move the Ingresses over",
        source: "API reference, `IngressClassSpec.controller`: immutable",
        paths: &["spec.controller"],
        ..REFUSED
    },
    Row {
        id: "endpointslice-addresstype",
        kinds: &["discovery.k8s.io/EndpointSlice"],
        field: "addressType",
        remedy: RECREATE,
        source: "API reference, `EndpointSlice.addressType`: immutable",
        paths: &["addressType"],
        ..REFUSED
    },
    Row {
        id: "runtimeclass-handler",
        kinds: &["node.k8s.io/RuntimeClass"],
        field: "handler",
        remedy: "make a class under another name and let the workloads use it",
        source: "API reference, `RuntimeClass.handler`: immutable",
        paths: &["handler"],
        ..REFUSED
    },
    Row {
        id: "crd-names",
        kinds: &["apiextensions.k8s.io/CustomResourceDefinition"],
        field: "spec.group, scope, names.kind, names.plural",
        remedy: "make another CRD and move the objects over: deleting this one deletes all of its objects",
        source: "apiextensions-apiserver, `ValidateCustomResourceDefinitionUpdate`",
        paths: &["spec.group", "spec.scope", "spec.names.kind", "spec.names.plural"],
        ..REFUSED
    },
];
