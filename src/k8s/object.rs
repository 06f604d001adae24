//! [`Object`]: one of the kinds that the compiler writes.

use super::argo_rollouts::{AnalysisTemplateSpec, RolloutSpec};
use super::calico::CalicoPolicySpec;
use super::cert_manager::CertificateSpec;
use super::cloudnative_pg::{ClusterSpec, ObjectStoreSpec, ScheduledBackupSpec};
use super::custom::{Custom, CustomSpec};
use super::external_secrets::{ClusterSecretStoreSpec, ExternalSecretSpec};
use super::istio::{
    AuthorizationPolicySpec, DestinationRuleSpec, GatewaySpec, PeerAuthenticationSpec, VirtualServiceSpec,
};
use super::velero::{BackupStorageLocationSpec, ScheduleSpec, VolumeSnapshotLocationSpec};
use super::vpa::VerticalPodAutoscalerSpec;
use k8s_openapi::Resource;
use k8s_openapi::api::apps::v1::{Deployment, StatefulSet};
use k8s_openapi::api::autoscaling::v2::HorizontalPodAutoscaler;
use k8s_openapi::api::batch::v1::Job;
use k8s_openapi::api::core::v1::{ConfigMap, LimitRange, Namespace, ResourceQuota, Service, ServiceAccount};
use k8s_openapi::api::networking::v1::NetworkPolicy;
use k8s_openapi::api::policy::v1::PodDisruptionBudget;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use serde::{Serialize, Serializer};

/// What the API server tells a kind by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Gvk {
    /// API group; empty for the legacy core group.
    pub group: &'static str,
    /// `group/version`, or the version alone for the legacy core group.
    pub api_version: &'static str,
    /// Kind.
    pub kind: &'static str,
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

/// A kind's place in the output and its constants, for core types and our own alike.
trait Kind {
    const GVK: Gvk;
    fn metadata(&self) -> &ObjectMeta;
}

impl<S: CustomSpec> Kind for Custom<S> {
    const GVK: Gvk = Gvk { group: S::GROUP, api_version: S::API_VERSION, kind: S::KIND };
    fn metadata(&self) -> &ObjectMeta {
        &self.metadata
    }
}

macro_rules! core_kinds {
    ($($kind:ident),* $(,)?) => {
        $(impl Kind for $kind {
            const GVK: Gvk = Gvk {
                group: <$kind as Resource>::GROUP,
                api_version: <$kind as Resource>::API_VERSION,
                kind: <$kind as Resource>::KIND,
            };
            fn metadata(&self) -> &ObjectMeta {
                &self.metadata
            }
        })*
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
        /// An object of the output.
        #[derive(Clone, Debug, PartialEq)]
        pub enum Object {
            $(#[doc = concat!("A `", stringify!($variant), "`.")] $variant(Box<$type>),)*
        }

        $(impl From<$type> for Object {
            fn from(object: $type) -> Object {
                Object::$variant(Box::new(object))
            }
        })*

        impl Object {
            /// Its group, version and kind.
            pub fn gvk(&self) -> Gvk {
                match self {
                    $(Object::$variant(_) => <$type as Kind>::GVK,)*
                }
            }

            /// Its metadata.
            pub fn metadata(&self) -> &ObjectMeta {
                match self {
                    $(Object::$variant(object) => Kind::metadata(object.as_ref()),)*
                }
            }

            /// Every kind, in the order of application.
            pub const KINDS: &[Gvk] = &[$(<$type as Kind>::GVK),*];

            /// Its place in the order of application, from 0.
            pub fn rank(&self) -> usize {
                enum Rank {
                    $($variant,)*
                }
                let rank = match self {
                    $(Object::$variant(_) => Rank::$variant,)*
                };
                rank as usize
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
    /// What tells it from every other object of a cluster.
    pub fn identity(&self) -> Identity<'_> {
        let gvk = self.gvk();
        let metadata = self.metadata();
        Identity {
            group: gvk.group,
            kind: gvk.kind,
            namespace: metadata.namespace.as_deref(),
            name: metadata.name.as_deref().unwrap_or_default(),
        }
    }
}

impl Gvk {
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
