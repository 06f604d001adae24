//! Vertical Pod Autoscaler, `autoscaling.k8s.io/v1` (CRDs of release 1.7).

use super::custom::CustomSpec;
use k8s_openapi::api::autoscaling::v2::CrossVersionObjectReference;
use k8s_openapi::apimachinery::pkg::api::resource::Quantity;
use serde::Serialize;
use std::collections::BTreeMap;

/// `VerticalPodAutoscaler`: watches what the pods of a controller use.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct VerticalPodAutoscalerSpec {
    /// The controller.
    pub target_ref: CrossVersionObjectReference,
    /// What is done with the recommendation.
    pub update_policy: UpdatePolicy,
    /// Its bounds.
    pub resource_policy: ResourcePolicy,
}

/// What is done with the recommendation.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct UpdatePolicy {
    /// `Off`: it stands in the status, and nothing else happens.
    pub update_mode: &'static str,
}

/// Bounds of the recommendation.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ResourcePolicy {
    /// Of each container.
    pub container_policies: Vec<ContainerPolicy>,
}

/// Bounds for one container.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ContainerPolicy {
    /// Its name.
    pub container_name: String,
    /// The resources that are looked at.
    pub controlled_resources: Vec<&'static str>,
    /// The least that is recommended.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub min_allowed: BTreeMap<&'static str, Quantity>,
    /// The most that is recommended.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub max_allowed: BTreeMap<&'static str, Quantity>,
}

impl CustomSpec for VerticalPodAutoscalerSpec {
    const GROUP: &'static str = "autoscaling.k8s.io";
    const API_VERSION: &'static str = "autoscaling.k8s.io/v1";
    const KIND: &'static str = "VerticalPodAutoscaler";
}
