//! [`Object`]: one of the kinds that the compiler writes.

use super::argo_rollouts::{AnalysisTemplateSpec, Provider, RolloutSpec};
use super::calico::CalicoPolicySpec;
use super::cert_manager::CertificateSpec;
use super::cloudnative_pg::{ClusterSpec, ObjectStoreSpec, ScheduledBackupSpec};
use super::custom::{Custom, CustomSpec};
use super::external_secrets::{ClusterSecretStoreSpec, ExternalSecretSpec};
use super::istio::{
    AuthorizationPolicySpec, DestinationRuleSpec, GatewaySpec, PeerAuthenticationSpec, VirtualServiceSpec,
};
use super::tree::{self, Tree};
use super::velero::{BackupStorageLocationSpec, ScheduleSpec, VolumeSnapshotLocationSpec};
use super::vpa::VerticalPodAutoscalerSpec;
use super::written::Written;
use k8s_openapi::Resource;
use k8s_openapi::api::apps::v1::{Deployment, StatefulSet};
use k8s_openapi::api::autoscaling::v2::HorizontalPodAutoscaler;
use k8s_openapi::api::batch::v1::Job;
use k8s_openapi::api::core::v1::{
    ConfigMap, LimitRange, Namespace, PodTemplateSpec, ResourceQuota, Service, ServiceAccount,
};
use k8s_openapi::api::networking::v1::NetworkPolicy;
use k8s_openapi::api::policy::v1::PodDisruptionBudget;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use serde::{Serialize, Serializer};
use std::borrow::Cow;

/// What the API server tells a kind by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Gvk<'a> {
    /// API group; empty for the legacy core group.
    pub group: &'a str,
    /// `group/version`, or the version alone for the legacy core group.
    pub api_version: &'a str,
    /// Kind.
    pub kind: &'a str,
}

/// What tells an object from every other one of a cluster. The version is not part of it: the same object is served in
/// several.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Identity<'a> {
    /// API group; empty for the legacy core group.
    pub group: &'a str,
    /// Kind.
    pub kind: &'a str,
    /// Namespace; `None` for cluster-scoped objects.
    pub namespace: Option<&'a str>,
    /// Name.
    pub name: &'a str,
}

/// A kind's place in the order of application.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Rank<'a> {
    /// Position of a kind with a type: its own, or that of the one after which a kind without a type comes.
    pub after: usize,
    /// 0 for kinds with a type; position among those that come after the same one.
    pub then: usize,
    /// Group and kind, where nothing else tells kinds apart.
    pub kind: (&'a str, &'a str),
}

/// A kind's place in the output and its constants, for core types and our own alike.
trait Kind {
    const GVK: Gvk<'static>;
    fn metadata(&self) -> &ObjectMeta;
    fn metadata_mut(&mut self) -> &mut ObjectMeta;
}

impl<S: CustomSpec> Kind for Custom<S> {
    const GVK: Gvk<'static> = Gvk { group: S::GROUP, api_version: S::API_VERSION, kind: S::KIND };
    fn metadata(&self) -> &ObjectMeta {
        &self.metadata
    }
    fn metadata_mut(&mut self) -> &mut ObjectMeta {
        &mut self.metadata
    }
}

macro_rules! core_kinds {
    ($($kind:ident),* $(,)?) => {
        $(impl Kind for $kind {
            const GVK: Gvk<'static> = Gvk {
                group: <$kind as Resource>::GROUP,
                api_version: <$kind as Resource>::API_VERSION,
                kind: <$kind as Resource>::KIND,
            };
            fn metadata(&self) -> &ObjectMeta {
                &self.metadata
            }
            fn metadata_mut(&mut self) -> &mut ObjectMeta {
                &mut self.metadata
            }
        })*

        /// The typed value of a core kind; `None` for other kinds, and where the type does not take the JSON.
        fn typed(gvk: Gvk<'_>, json: serde_json::Value) -> Option<Object> {
            #[inline(never)]
            fn read<T: serde::de::DeserializeOwned + Into<Object>>(json: serde_json::Value) -> Option<Object> {
                serde_json::from_value::<T>(json).ok().map(Into::into)
            }
            $(if gvk == <$kind as Kind>::GVK {
                return read::<$kind>(json);
            })*
            None
        }
    };
}

core_kinds!(
    ConfigMap,
    Deployment,
    HorizontalPodAutoscaler,
    Job,
    LimitRange,
    Namespace,
    NetworkPolicy,
    PodDisruptionBudget,
    ResourceQuota,
    Service,
    ServiceAccount,
    StatefulSet,
);

/// The list below is the order in which a namespace's objects are applied: what others refer to comes first.
macro_rules! objects {
    ($($variant:ident($type:ty)),* $(,)?) => {
        /// An object of the output: a typed value, or a tree where no type can say it.
        #[derive(Clone, Debug, PartialEq)]
        pub enum Object {
            $(#[doc = concat!("A `", stringify!($variant), "`.")] $variant(Box<$type>),)*
            /// What a patch has changed or a manifest states: of any kind.
            Tree(Box<Tree>),
            /// One of the kinds above, written already.
            Written(Box<Written>),
        }

        $(impl From<$type> for Object {
            fn from(object: $type) -> Object {
                Object::$variant(Box::new(object))
            }
        })*

        impl Object {
            /// Its group, version and kind.
            pub fn gvk(&self) -> Gvk<'_> {
                match self {
                    $(Object::$variant(_) => <$type as Kind>::GVK,)*
                    Object::Tree(tree) => tree.gvk(),
                    Object::Written(written) => {
                        Object::KINDS.get(written.position).copied().unwrap_or(<Namespace as Kind>::GVK)
                    }
                }
            }

            /// Its metadata; of one that is written already only its [`Object::identity`] is left.
            pub fn metadata(&self) -> Option<&ObjectMeta> {
                match self {
                    $(Object::$variant(object) => Some(Kind::metadata(object.as_ref())),)*
                    Object::Tree(tree) => Some(tree.metadata()),
                    Object::Written(_) => None,
                }
            }

            /// Its metadata, to be changed; `None` of a tree, whose fields are what somebody states, and of a document.
            pub fn metadata_mut(&mut self) -> Option<&mut ObjectMeta> {
                match self {
                    $(Object::$variant(object) => Some(Kind::metadata_mut(object.as_mut())),)*
                    Object::Tree(_) | Object::Written(_) => None,
                }
            }

            /// Every kind that has a type, in the order of application.
            pub const KINDS: &[Gvk<'static>] = &[$(<$type as Kind>::GVK),*];

            /// Its place in the order of application.
            pub fn rank(&self) -> Rank<'_> {
                enum Position {
                    $($variant,)*
                }
                let position = match self {
                    $(Object::$variant(_) => Position::$variant,)*
                    Object::Tree(tree) => return tree::rank(tree.gvk()),
                    Object::Written(written) => return Rank { after: written.position, ..Rank::default() },
                };
                Rank { after: position as usize, ..Rank::default() }
            }
        }

        impl Serialize for Object {
            /// One non-inlined function for each kind and serialiser: an inlined match of them all takes the optimiser
            /// minutes.
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                #[inline(never)]
                fn write<T: Serialize, S: Serializer>(object: &T, serializer: S) -> Result<S::Ok, S::Error> {
                    object.serialize(serializer)
                }
                match self {
                    $(Object::$variant(object) => write(object.as_ref(), serializer),)*
                    Object::Tree(tree) => write(tree.as_ref(), serializer),
                    Object::Written(written) => write(written.as_ref(), serializer),
                }
            }
        }
    };
}

objects!(
    Namespace(Namespace),
    ClusterSecretStore(Custom<ClusterSecretStoreSpec>),
    ResourceQuota(ResourceQuota),
    LimitRange(LimitRange),
    NetworkPolicy(NetworkPolicy),
    CalicoNetworkPolicy(Custom<CalicoPolicySpec>),
    PeerAuthentication(Custom<PeerAuthenticationSpec>),
    AuthorizationPolicy(Custom<AuthorizationPolicySpec>),
    ServiceAccount(ServiceAccount),
    ExternalSecret(Custom<ExternalSecretSpec>),
    BackupStorageLocation(Custom<BackupStorageLocationSpec>),
    VolumeSnapshotLocation(Custom<VolumeSnapshotLocationSpec>),
    BackupSchedule(Custom<ScheduleSpec>),
    Certificate(Custom<CertificateSpec>),
    ConfigMap(ConfigMap),
    Service(Service),
    ObjectStore(Custom<ObjectStoreSpec>),
    PostgresqlCluster(Custom<ClusterSpec>),
    ScheduledBackup(Custom<ScheduledBackupSpec>),
    StatefulSet(StatefulSet),
    Job(Job),
    AnalysisTemplate(Custom<AnalysisTemplateSpec>),
    DestinationRule(Custom<DestinationRuleSpec>),
    Gateway(Custom<GatewaySpec>),
    VirtualService(Custom<VirtualServiceSpec>),
    Deployment(Deployment),
    Rollout(Custom<RolloutSpec>),
    HorizontalPodAutoscaler(HorizontalPodAutoscaler),
    VerticalPodAutoscaler(Custom<VerticalPodAutoscalerSpec>),
    PodDisruptionBudget(PodDisruptionBudget),
);

impl Object {
    /// A tree as a typed value, where its kind has a type that says all of it; every rule that reads types sees it then.
    pub fn of_tree(tree: Tree) -> Object {
        let json = tree.value().to_json();
        let typed = typed(tree.gvk(), json.clone());
        let same = |object: &Object| serde_json::to_value(object).is_ok_and(|typed| typed == json);
        typed.filter(same).unwrap_or_else(|| Object::Tree(Box::new(tree)))
    }

    /// As a typed value where its kind has a type, though the type may not say all of it: for rules that only read.
    pub fn typed(&self) -> Cow<'_, Object> {
        match self {
            Object::Tree(tree) => typed(tree.gvk(), tree.value().to_json()).map_or(Cow::Borrowed(self), Cow::Owned),
            Object::Written(written) => Cow::Borrowed(written.rest().unwrap_or(self)),
            _ => Cow::Borrowed(self),
        }
    }

    /// What it says of pods: those that it makes, or the pod that it is. Every check of pods reads this, so that it sees
    /// a patched Deployment and somebody's `DaemonSet` as well.
    pub fn pod_template(&self) -> Option<Cow<'_, PodTemplateSpec>> {
        match self {
            Object::Deployment(object) => Some(Cow::Borrowed(&object.spec.template)),
            Object::Rollout(object) => Some(Cow::Borrowed(&object.spec.template)),
            // One metric is a Job, or none is.
            Object::AnalysisTemplate(object) => match &object.spec.metrics.first()?.provider {
                Provider::Job(job) => Some(Cow::Borrowed(&job.spec.template)),
                Provider::Prometheus(_) => None,
            },
            Object::StatefulSet(object) => Some(Cow::Borrowed(&object.spec.template)),
            Object::Job(object) => object.spec.as_ref().map(|spec| Cow::Borrowed(&spec.template)),
            Object::Tree(tree) => tree.pod_template().map(Cow::Owned),
            Object::Written(written) => written.rest()?.pod_template(),
            _ => None,
        }
    }

    /// The path in the object of what is below its [`Object::pod_template`]: `spec.template.spec.hostNetwork` for
    /// `spec.hostNetwork`.
    pub fn in_pod_template(&self, below: &str) -> String {
        let mut path = match (tree::template_path(self.gvk()), self) {
            (Some(path), _) => path.join("."),
            (None, Object::Tree(tree)) => job_path(tree.job_metric().map_or(0, |(metric, _)| metric)),
            // One metric is a Job, or none is.
            (None, _) => job_path(0),
        };
        if !path.is_empty() {
            path.push('.');
        }
        path.push_str(below);
        path
    }

    /// What tells it from every other object of a cluster.
    pub fn identity(&self) -> Identity<'_> {
        let Gvk { group, kind, .. } = self.gvk();
        let (namespace, name) = match self {
            Object::Written(written) => (written.namespace(), written.name()),
            _ => {
                let metadata = self.metadata();
                let name = metadata.and_then(|metadata| metadata.name.as_deref());
                (metadata.and_then(|metadata| metadata.namespace.as_deref()), name.unwrap_or_default())
            }
        };
        Identity { group, kind, namespace, name }
    }
}

fn job_path(metric: usize) -> String {
    format!("spec.metrics[{metric}].{}", tree::JOB_TEMPLATE.join("."))
}

impl Gvk<'_> {
    /// Whether the API server itself serves the kind, without a CRD. Other groups of `k8s.io` come with CRDs, such as
    /// those of the Gateway API and of volume snapshots.
    pub fn is_core(&self) -> bool {
        const BUILT_IN: [&str; 16] = [
            "admissionregistration",
            "apiextensions",
            "apiregistration",
            "authentication",
            "authorization",
            "certificates",
            "coordination",
            "discovery",
            "events",
            "flowcontrol.apiserver",
            "networking",
            "node",
            "rbac.authorization",
            "resource",
            "scheduling",
            "storage",
        ];
        match self.group.strip_suffix(".k8s.io") {
            Some(name) => BUILT_IN.contains(&name),
            None => !self.group.contains('.'),
        }
    }
}
