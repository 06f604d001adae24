use super::spec::{ContainerLimitsSpec, PodSecurity};
use crate::component::{Lower, LowerContext};
use crate::k8s::{Object, labels};
use crate::model::{CpuAndMemorySpec, NamespaceId};
use crate::plan::{Resource, metadata};
use k8s_openapi::api::core::v1::{
    LimitRange, LimitRangeItem, LimitRangeSpec, Namespace, ResourceQuota, ResourceQuotaSpec,
};
use k8s_openapi::apimachinery::pkg::api::resource::Quantity;
use std::collections::BTreeMap;

pub(super) struct Declared {
    pub(super) namespaces: Vec<One>,
}

pub(super) struct One {
    pub(super) id: NamespaceId,
    pub(super) tier: Option<String>,
    pub(super) security: PodSecurity,
    pub(super) quota: bool,
    pub(super) limits: Option<ContainerLimitsSpec>,
}

/// The folder of what belongs to a namespace as a whole.
const GROUP: &str = "namespace";

impl Lower for Declared {
    fn lower(&self, context: &mut LowerContext<'_>) {
        let platform = &context.model.platform;
        for one in &self.namespaces {
            let Some(namespace) = context.model.namespaces.get(one.id) else { continue };
            let origins: Vec<_> = [Some(platform.node), namespace.node].into_iter().flatten().collect();
            let labels = labels::of_platform(&platform.name);
            let mut own = labels.clone();
            own.extend(namespace.labels.clone());
            // A mesh that it takes part in labels it.
            let mesh = context.model.mesh.as_ref().filter(|mesh| mesh.namespaces.contains(&one.id));
            let mut add = |object: Object| {
                let mut origins = origins.clone();
                if matches!(object, Object::Namespace(_)) {
                    origins.extend(mesh.map(|mesh| mesh.node));
                }
                context.plan.add(Resource {
                    object,
                    origins,
                    owner: namespace.node,
                    group: GROUP.to_owned(),
                    component: "namespaces",
                });
            };
            add(self::namespace(one, &namespace.name, own, &platform.kubernetes.to_string()).into());
            if one.quota {
                let hard =
                    namespace.quota.iter().map(|(name, q)| (name.clone(), Quantity(q.value.as_str().to_owned())));
                let mut object = ResourceQuota {
                    metadata: metadata("quota", &namespace.name, labels.clone()),
                    ..Default::default()
                };
                object.spec = Some(ResourceQuotaSpec { hard: Some(hard.collect()), ..Default::default() });
                add(object.into());
            }
            if let Some(limits) = &one.limits {
                let mut object = LimitRange {
                    metadata: metadata("container-limits", &namespace.name, labels.clone()),
                    ..Default::default()
                };
                object.spec = Some(LimitRangeSpec { limits: vec![item(limits)] });
                add(object.into());
            }
        }
    }
}

fn namespace(one: &One, name: &str, mut labels: BTreeMap<String, String>, version: &str) -> Namespace {
    let level = match one.security {
        PodSecurity::Restricted => "restricted",
        PodSecurity::Baseline => "baseline",
        PodSecurity::Privileged => "privileged",
    };
    // The version is pinned: a newer API server then judges as the platform's oldest does, and an upgrade refuses no pod.
    for mode in ["enforce", "audit", "warn"] {
        labels.insert(format!("pod-security.kubernetes.io/{mode}"), level.to_owned());
        labels.insert(format!("pod-security.kubernetes.io/{mode}-version"), format!("v{version}"));
    }
    if let Some(tier) = &one.tier {
        labels.insert("tier".to_owned(), tier.clone());
    }
    let mut object = Namespace { metadata: metadata(name, "", labels), ..Default::default() };
    object.metadata.namespace = None;
    object
}

/// One item: the API server refuses two of one type.
fn item(limits: &ContainerLimitsSpec) -> LimitRangeItem {
    let map = |compute: &Option<CpuAndMemorySpec>| {
        compute.as_ref().map(|compute| {
            compute.entries().map(|(r, q)| (r.to_owned(), Quantity(q.value.as_str().to_owned()))).collect()
        })
    };
    LimitRangeItem {
        default: map(&limits.default),
        default_request: map(&limits.default_request),
        max: map(&limits.max),
        min: map(&limits.min),
        max_limit_request_ratio: None,
        type_: "Container".to_owned(),
    }
}
