use super::spec::{ComputeSpec, ContainerLimitsSpec, PodSecurity, QuotaSpec};
use crate::component::{Lower, LowerContext};
use crate::k8s::{argo_cd, labels};
use crate::model::NamespaceId;
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
    pub(super) quota: Option<QuotaSpec>,
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
            let mut add = |object| {
                context.plan.add(Resource {
                    object,
                    origins: origins.clone(),
                    owner: namespace.node,
                    group: GROUP.to_owned(),
                    component: "namespaces",
                });
            };
            add(self::namespace(one, &namespace.name, own, &platform.kubernetes.to_string()).into());
            if let Some(quota) = &one.quota {
                let mut object = ResourceQuota {
                    metadata: metadata("quota", &namespace.name, labels.clone()),
                    ..Default::default()
                };
                object.spec = Some(ResourceQuotaSpec { hard: Some(hard(quota)), ..Default::default() });
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
    object.metadata.annotations =
        Some(BTreeMap::from([(argo_cd::SYNC_WAVE.to_owned(), argo_cd::WAVE_NAMESPACES.to_owned())]));
    object
}

/// The names of resources under which a quota counts.
fn hard(quota: &QuotaSpec) -> BTreeMap<String, Quantity> {
    let mut hard = BTreeMap::new();
    for (prefix, compute) in [("requests", &quota.requests), ("limits", &quota.limits)] {
        for (resource, quantity) in compute.iter().flat_map(ComputeSpec::entries) {
            hard.insert(format!("{prefix}.{resource}"), Quantity(quantity.value.as_str().to_owned()));
        }
    }
    if let Some(objects) = &quota.objects {
        let counts = [
            ("pods", objects.pods),
            ("services", objects.services),
            ("persistentvolumeclaims", objects.persistent_volume_claims),
        ];
        for (resource, count) in counts {
            if let Some(count) = count {
                hard.insert(resource.to_owned(), Quantity(count.to_string()));
            }
        }
    }
    hard
}

/// One item: the API server refuses two of one type.
fn item(limits: &ContainerLimitsSpec) -> LimitRangeItem {
    let map = |compute: &Option<ComputeSpec>| {
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
