//! Amounts of resources as several sections state them.

use super::ModelBuilder;
use super::pod::Resources;
use crate::decode::At;
use crate::value::Quantity;
use serde::Deserialize;
use std::collections::BTreeMap;

/// Requests and limits of a container.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct ResourcesSpec {
    /// What the scheduler sets aside.
    pub requests: Option<ComputeSpec>,
    /// What it may use.
    pub limits: Option<ComputeSpec>,
}

/// Amounts of a container's resources.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct ComputeSpec {
    /// Processors, such as `"250m"`.
    pub cpu: Option<At<Quantity>>,
    /// Bytes, such as `"512Mi"`.
    pub memory: Option<At<Quantity>>,
    /// Bytes of local disk: logs, writable layers and scratch directories.
    pub ephemeral_storage: Option<At<Quantity>>,
}

/// Processor and memory, where nothing else counts.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct CpuAndMemorySpec {
    /// Processors, such as `"250m"`.
    pub cpu: Option<At<Quantity>>,
    /// Bytes, such as `"512Mi"`.
    pub memory: Option<At<Quantity>>,
}

impl CpuAndMemorySpec {
    /// Resource names of Kubernetes with what is stated.
    pub fn entries(&self) -> impl Iterator<Item = (&'static str, &At<Quantity>)> {
        [("cpu", &self.cpu), ("memory", &self.memory)].into_iter().filter_map(|(name, q)| q.as_ref().map(|q| (name, q)))
    }
}

impl ResourcesSpec {
    /// As the model has them; reports a request above its limit.
    pub fn checked(spec: Option<&At<ResourcesSpec>>, model: &mut ModelBuilder<'_>) -> Resources {
        let map = |compute: Option<&ComputeSpec>| -> BTreeMap<&'static str, At<Quantity>> {
            let Some(compute) = compute else { return BTreeMap::new() };
            [("cpu", &compute.cpu), ("memory", &compute.memory), ("ephemeral-storage", &compute.ephemeral_storage)]
                .into_iter()
                .filter_map(|(name, quantity)| Some((name, quantity.clone()?)))
                .collect()
        };
        let Some(At { value: spec, .. }) = spec else { return Resources::default() };
        let resources = Resources { requests: map(spec.requests.as_ref()), limits: map(spec.limits.as_ref()) };
        for (name, request) in &resources.requests {
            if let Some(limit) = resources.limits.get(name) {
                model.check_order((&format!("requests.{name}"), request), (&format!("limits.{name}"), limit));
            }
        }
        resources
    }
}
