use super::kubernetes;
use super::spec::Dialect;
use crate::component::{Lower, LowerContext};
use crate::k8s::Object;
use crate::model::{Connection, Model, Namespace, NamespaceId, Opener, Peer, Workload, WorkloadId};
use crate::plan::Resource;
use crate::source::NodeId;
use std::collections::BTreeSet;

pub(super) struct Declared {
    pub(super) dialects: BTreeSet<Dialect>,
    pub(super) node: Option<NodeId>,
}

/// What one policy permits: connections by side.
pub(super) struct Permitted<'a> {
    pub(super) namespace: &'a Namespace,
    pub(super) namespace_id: NamespaceId,
    pub(super) incoming: Vec<&'a Connection>,
    pub(super) outgoing: Vec<&'a Connection>,
}

impl Lower for Declared {
    fn lower(&self, context: &mut LowerContext<'_>) {
        let model = context.model;
        if !self.dialects.contains(&Dialect::Kubernetes) {
            return;
        }
        let mut base: Vec<NodeId> = vec![model.platform.node];
        base.extend(self.node);
        let mut shared: Vec<Vec<&Connection>> = vec![Vec::new(); model.namespaces.len()];
        for (_, connection) in model.connections.iter() {
            if let Opener::Namespace(namespace) = connection.from {
                use crate::model::Id;
                if let Some(list) = shared.get_mut(namespace.index()) {
                    list.push(connection);
                }
            }
        }
        for ((id, namespace), outgoing) in model.namespaces.iter().zip(shared) {
            if !namespace.isolated {
                continue;
            }
            let mut origins = base.clone();
            origins.extend(namespace.node);
            let mut add = |object: Object| {
                context.plan.add(Resource {
                    object,
                    origins: origins.clone(),
                    owner: namespace.node,
                    group: "namespace".to_owned(),
                    component: "netpol",
                });
            };
            add(kubernetes::deny_all(model, namespace).into());
            if !outgoing.is_empty() {
                let permitted = Permitted { namespace, namespace_id: id, incoming: Vec::new(), outgoing };
                add(kubernetes::of_namespace(model, &permitted).into());
            }
        }
        for (id, workload) in model.workloads.iter() {
            Self::workload(context, &base, id, workload);
        }
    }
}

impl Declared {
    fn workload(context: &mut LowerContext<'_>, base: &[NodeId], id: WorkloadId, workload: &Workload) {
        let model = context.model;
        let Some(namespace) = model.namespaces.get(workload.namespace).filter(|namespace| namespace.isolated) else {
            return;
        };
        let permitted = Permitted {
            namespace,
            namespace_id: workload.namespace,
            incoming: model.incoming(id).collect(),
            outgoing: model.outgoing(id).collect(),
        };
        if permitted.incoming.is_empty() && permitted.outgoing.is_empty() {
            return;
        }
        let mut origins = base.to_vec();
        origins.extend(namespace.node);
        origins.extend(workload.node);
        for connection in permitted.incoming.iter().chain(&permitted.outgoing) {
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
        let object = kubernetes::of_workload(model, workload, &permitted).into();
        context.plan.add(Resource {
            object,
            origins,
            owner: workload.node,
            group: workload.key.clone(),
            component: "netpol",
        });
    }
}

/// The entries of a workload and of its namespace.
fn nodes_of(model: &Model, id: WorkloadId) -> impl Iterator<Item = NodeId> {
    let workload = model.workloads.get(id);
    let namespace = workload.and_then(|workload| model.namespaces.get(workload.namespace));
    [workload.and_then(|workload| workload.node), namespace.and_then(|namespace| namespace.node)].into_iter().flatten()
}
