//! Pass 4, resolve: what the components declared becomes a frozen [`Model`].
//!
//! Input: a [`ModelBuilder`] with everything declared. Output: the model, in which connections point at ids, every
//! environment variable names a field that exists, and the Secrets that the connections need are known.

mod connections;
pub mod diags;
mod secrets;

use crate::model::{Arena, Connection, Id, Model, ModelBuilder, Opener, Peer, TargetKind};

/// Links and freezes. `None` after an error.
pub fn freeze(mut builder: ModelBuilder<'_>) -> Option<Model> {
    let mut connections = connections::link(&mut builder);
    secrets::check_store(&mut builder, &connections);
    if builder.sink.has_errors() {
        return None;
    }
    connections.append(&mut builder.implied);
    let secrets = secrets::needed(&builder, &connections);
    let (mut outgoing, mut incoming) = (builder.per_workload(), builder.per_workload());
    let mut arena: Arena<_, Connection> = Arena::default();
    for connection in connections {
        let (from, to) = (connection.from, connection.to);
        let id = arena.push(connection);
        if let Opener::Workload(from) = from {
            push(&mut outgoing, from.index(), id);
        }
        if let Some(Peer::Pods(pods)) = builder.targets.get(to).map(|target| &target.peer) {
            push(&mut incoming, pods.index(), id);
        }
    }
    let mut target_of = builder.per_workload();
    for (id, target) in builder.targets.iter() {
        if let (Peer::Pods(pods), true) = (&target.peer, target.kind != TargetKind::System)
            && let Some(slot) = target_of.get_mut(pods.index())
        {
            *slot = Some(id);
        }
    }
    Some(Model {
        platform: builder.platform?,
        namespaces: builder.namespaces,
        workloads: builder.workloads,
        targets: builder.targets,
        connections: arena,
        secrets,
        store: builder.store,
        operators: builder.operators,
        mesh: builder.mesh,
        traffic: builder.traffic,
        prometheus: builder.prometheus,
        operated: builder.operated,
        blue_green: builder.blue_green,
        defaults: builder.defaults,
        outgoing,
        incoming,
        target_of,
        disabled: builder.disabled,
    })
}

fn push<T>(lists: &mut [Vec<T>], slot: usize, item: T) {
    if let Some(list) = lists.get_mut(slot) {
        list.push(item);
    }
}
