//! What the rules read of an object, beyond its identity: all else of it may be written and let go before they are asked.

use super::security;
use crate::k8s::{Object, labels};
use k8s_openapi::api::core::v1::{Container, PodSpec, PodTemplateSpec};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::{LabelSelector, ObjectMeta};
use std::mem;

/// How much of an object some rule reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reads {
    /// Its identity.
    Identity,
    /// What [`reduce`] leaves of it.
    Part,
    /// It may read anything. Kinds that nobody has looked at are of these.
    Whole,
}

/// How much of it some rule reads.
pub fn reads(object: &Object) -> Reads {
    match object {
        Object::AuthorizationPolicy(_)
        | Object::CalicoNetworkPolicy(_)
        | Object::Certificate(_)
        | Object::ConfigMap(_)
        | Object::DestinationRule(_)
        | Object::ExternalSecret(_)
        | Object::NetworkPolicy(_)
        | Object::PeerAuthentication(_)
        | Object::PodDisruptionBudget(_)
        | Object::ScheduledBackup(_)
        | Object::Service(_)
        | Object::ServiceAccount(_)
        | Object::VerticalPodAutoscaler(_)
        | Object::VirtualService(_) => Reads::Identity,
        Object::Deployment(_) | Object::Rollout(_) | Object::HorizontalPodAutoscaler(_) => Reads::Part,
        _ => Reads::Whole,
    }
}

/// Takes what no rule reads from an object of which they read a [`Part`](Reads::Part). Most of a pod is volumes, variables
/// and probes.
pub fn reduce(object: &mut Object) {
    match object {
        Object::Deployment(deployment) => {
            deployment.spec.selector = LabelSelector::default();
            reduce_template(&mut deployment.spec.template);
        }
        Object::Rollout(rollout) => {
            rollout.spec.selector = LabelSelector::default();
            reduce_template(&mut rollout.spec.template);
        }
        Object::HorizontalPodAutoscaler(autoscaler) => {
            autoscaler.spec.metrics = None;
            autoscaler.spec.behavior = None;
        }
        _ => return,
    }
    if let Some(metadata) = object.metadata_mut() {
        let (name, namespace) = (metadata.name.take(), metadata.namespace.take());
        *metadata = ObjectMeta { name, namespace, ..Default::default() };
    }
}

pub(super) fn reduce_template(template: &mut PodTemplateSpec) {
    if let Some(metadata) = &mut template.metadata {
        let mut labels = metadata.labels.take().unwrap_or_default();
        let mut annotations = metadata.annotations.take().unwrap_or_default();
        labels.retain(|key, _| key == labels::NAME);
        annotations.retain(|key, _| security::reads_annotation(key));
        *metadata = ObjectMeta { labels: Some(labels), annotations: Some(annotations), ..Default::default() };
    }
    let Some(spec) = &mut template.spec else { return };
    for container in spec.containers.iter_mut().chain(spec.init_containers.iter_mut().flatten()) {
        reduce_container(container);
    }
    // Named fields rather than all but some: a field that Kubernetes adds is not kept for nobody.
    let PodSpec {
        containers,
        ephemeral_containers,
        host_ipc,
        host_network,
        host_pid,
        host_users,
        init_containers,
        os,
        overhead,
        resources,
        security_context,
        volumes,
        ..
    } = mem::take(spec);
    *spec = PodSpec {
        containers,
        ephemeral_containers,
        host_ipc,
        host_network,
        host_pid,
        host_users,
        init_containers,
        os,
        overhead,
        resources,
        security_context,
        // All or none of them: what is at fault is named by its position.
        volumes: volumes.filter(|volumes| volumes.iter().any(security::reads_volume)),
        ..Default::default()
    };
}

fn reduce_container(container: &mut Container) {
    let Container {
        lifecycle,
        liveness_probe,
        name,
        ports,
        readiness_probe,
        resources,
        restart_policy,
        security_context,
        startup_probe,
        ..
    } = mem::take(container);
    *container = Container {
        lifecycle,
        liveness_probe,
        name,
        ports: ports.filter(|ports| ports.iter().any(|port| port.host_port.is_some())),
        readiness_probe,
        resources,
        restart_policy,
        security_context,
        startup_probe,
        ..Default::default()
    };
}
