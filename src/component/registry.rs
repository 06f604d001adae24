//! The components, in the order in which they declare: what names things comes before what refers to them.

use super::Component;
use crate::overlay::{Classes, Shape};

/// All components.
pub const COMPONENTS: &[&dyn Component] = &[
    &super::platform::Platform,
    &super::operators::Operators,
    &super::namespaces::Namespaces,
    &super::cluster::Cluster,
    &super::monitoring::Monitoring,
    &super::secrets::Secrets,
    &super::datastores::Datastores,
    &super::externals::Externals,
    &super::workloads::Workloads,
    &super::rollouts::Rollouts,
    &super::mesh::ServiceMesh,
    &super::hosts::Hosts,
    &super::netpol::NetworkPolicies,
    &super::backup::Backup,
];

/// The shape of every section.
pub fn sections() -> Vec<(&'static str, Shape)> {
    COMPONENTS.iter().flat_map(|component| component.sections().iter().copied()).collect()
}

/// The classes of all sections.
pub fn classes() -> Vec<Classes> {
    COMPONENTS.iter().filter_map(|component| component.classes()).collect()
}
