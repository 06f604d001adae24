use super::rules::{Rules, rules};
use super::spec::Dialect;
use super::{calico, kubernetes};
use crate::component::{Lower, LowerContext};
use crate::k8s::{Object, labels};
use crate::model::{Connection, Id, Model, Namespace, Opener, Peer, Workload, WorkloadId};
use crate::plan::{Resource, metadata};
use crate::source::NodeId;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use std::borrow::Cow;
use std::collections::BTreeSet;

pub(super) struct Declared {
    pub(super) dialects: BTreeSet<Dialect>,
    pub(super) node: Option<NodeId>,
}

/// The pods that a policy is for.
#[derive(Clone, Copy)]
pub(super) enum Subject<'a> {
    /// All of its namespace.
    AllPods,
    /// Those with these labels.
    Pods(&'a [(Cow<'static, str>, String)]),
}

/// The directions that a policy is about: those that it permits something in, or both if it permits nothing.
pub(super) fn directions(rules: &Rules<'_>) -> Vec<&'static str> {
    let (no_ingress, no_egress) = (rules.ingress.is_empty(), rules.egress.is_empty());
    let mut directions = Vec::new();
    if !no_ingress || no_egress {
        directions.push("Ingress");
    }
    if !no_egress || no_ingress {
        directions.push("Egress");
    }
    directions
}

/// Names of a namespace's own policies.
const DENY_ALL: &str = "default-deny";
const ALL_PODS: &str = "all-pods";

impl Lower for Declared {
    fn lower(&self, context: &mut LowerContext<'_>) {
        let model = context.model;
        let mut base: Vec<NodeId> = vec![model.platform.node];
        base.extend(self.node);
        let mut shared: Vec<Vec<&Connection>> = vec![Vec::new(); model.namespaces.len()];
        for (_, connection) in model.connections.iter() {
            if let Opener::Namespace(namespace) = connection.from
                && let Some(list) = shared.get_mut(namespace.index())
            {
                list.push(connection);
            }
        }
        for ((id, namespace), outgoing) in model.namespaces.iter().zip(shared) {
            if !namespace.isolated {
                continue;
            }
            let mut origins = base.clone();
            origins.extend(namespace.node);
            let mut add = |name: &str, rules: &Rules<'_>| {
                let metadata = metadata(name, &namespace.name, labels::of_platform(&model.platform.name));
                for object in self.policies(&metadata, Subject::AllPods, rules) {
                    context.plan.add(Resource {
                        object,
                        origins: origins.clone(),
                        owner: namespace.node,
                        group: "namespace".to_owned(),
                        component: "netpol",
                    });
                }
            };
            add(DENY_ALL, &Rules::default());
            if !outgoing.is_empty() {
                add(ALL_PODS, &rules(model, id, &[], &outgoing));
            }
        }
        for (id, workload) in model.workloads.iter() {
            let namespace = model.namespaces.get(workload.namespace);
            if let Some(namespace) = namespace.filter(|namespace| namespace.isolated) {
                self.workload(context, &base, id, workload, namespace);
            }
        }
    }
}

impl Declared {
    /// One policy in each dialect.
    fn policies(&self, metadata: &ObjectMeta, subject: Subject<'_>, rules: &Rules<'_>) -> Vec<Object> {
        let policy = |dialect: &Dialect| match dialect {
            Dialect::Kubernetes => kubernetes::policy(metadata.clone(), subject, rules).into(),
            Dialect::Calico => calico::policy(metadata.clone(), subject, rules).into(),
        };
        self.dialects.iter().map(policy).collect()
    }

    fn workload(
        &self,
        context: &mut LowerContext<'_>,
        base: &[NodeId],
        id: WorkloadId,
        workload: &Workload,
        namespace: &Namespace,
    ) {
        let model = context.model;
        let (incoming, outgoing): (Vec<_>, Vec<_>) = (model.incoming(id).collect(), model.outgoing(id).collect());
        if incoming.is_empty() && outgoing.is_empty() {
            return;
        }
        let mut origins = base.to_vec();
        origins.extend(namespace.node);
        origins.extend(workload.node);
        for connection in incoming.iter().chain(&outgoing) {
            origins.extend(connection.node);
            if let Opener::Workload(other) = connection.from {
                origins.extend(nodes_of(model, other));
            }
            if let Some(target) = model.targets.get(connection.to) {
                origins.extend(target.node);
                if let Peer::Pods(other) = target.peer {
                    origins.extend(nodes_of(model, other));
                }
            }
        }
        origins.sort_unstable();
        origins.dedup();
        let rules = rules(model, workload.namespace, &incoming, &outgoing);
        let labels = labels::of_application(&model.platform.name, &workload.key);
        let metadata = metadata(&workload.name, &namespace.name, labels);
        for object in self.policies(&metadata, Subject::Pods(&workload.selector), &rules) {
            context.plan.add(Resource {
                object,
                origins: origins.clone(),
                owner: workload.node,
                group: workload.key.clone(),
                component: "netpol",
            });
        }
    }
}

/// The entries of a workload and of its namespace.
fn nodes_of(model: &Model, id: WorkloadId) -> impl Iterator<Item = NodeId> {
    let workload = model.workloads.get(id);
    let namespace = workload.and_then(|workload| model.namespaces.get(workload.namespace));
    [workload.and_then(|workload| workload.node), namespace.and_then(|namespace| namespace.node)].into_iter().flatten()
}
