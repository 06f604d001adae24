//! The Secrets that connections need: exactly the keys that some variable of the namespace reads, and beside a target
//! that has to know its clients' keys, those.

use super::diags;
use crate::model::{Connection, FieldSource, ModelBuilder, NamespaceId, Opener, Peer, Secret, TargetId};
use crate::value::EnvName;
use crate::{decode::At, model};
use std::collections::BTreeMap;

/// Without a store, a variable that reads a credential has nothing to read it from.
pub(super) fn check_store(builder: &mut ModelBuilder<'_>, connections: &[Connection]) {
    if builder.store.is_some() {
        return;
    }
    let mut found = Vec::new();
    for connection in connections {
        for (name, field, _) in secret_fields(builder, connection) {
            found.push(diags::no_store(name, field));
        }
    }
    for secret in &builder.secrets {
        if let Some(node) = secret.nodes.first() {
            found.push(diags::no_store_for(&secret.name, *node));
        }
    }
    for diagnostic in found {
        builder.sink.push(diagnostic);
    }
}

/// Variables of a connection that read a credential.
fn secret_fields<'a>(
    builder: &'a ModelBuilder<'_>,
    connection: &'a Connection,
) -> impl Iterator<Item = (&'a At<EnvName>, &'a At<String>, &'a model::Field)> {
    let target = builder.targets.get(connection.to);
    connection.env.iter().filter_map(move |(name, wanted)| {
        let field = target?.contract.field(&wanted.value)?;
        matches!(field.source, FieldSource::Secret { .. }).then_some((name, wanted, field))
    })
}

/// One Secret for each namespace and credential, sorted by namespace and name.
pub(super) fn needed(builder: &ModelBuilder<'_>, connections: &[Connection]) -> Vec<Secret> {
    let mut secrets: BTreeMap<(NamespaceId, TargetId, String), Secret> = BTreeMap::new();
    for connection in connections {
        let Opener::Workload(from) = connection.from else { continue };
        let (Some(client), Some(target)) = (builder.workloads.get(from), builder.targets.get(connection.to)) else {
            continue;
        };
        let Some(credential) = &target.contract.credential else { continue };
        let name = credential.name(&target.name, &client.name);
        let mut need = |namespace, field: &model::Field| {
            let FieldSource::Secret { template, properties } = &field.source else { return };
            let key = (namespace, connection.to, name.clone());
            let secret = secrets.entry(key).or_insert_with_key(|(namespace, target, credential)| Secret {
                namespace: *namespace,
                name: format!("{credential}-credentials"),
                credential: credential.clone(),
                kind: None,
                labels: BTreeMap::new(),
                keys: BTreeMap::new(),
                properties: Vec::new(),
                target: *target,
                nodes: Vec::new(),
            });
            secret.keys.entry(field.name).or_insert_with(|| template.clone());
            for property in *properties {
                if let Err(place) = secret.properties.binary_search(property) {
                    secret.properties.insert(place, property);
                }
            }
            for node in [client.node, connection.node].into_iter().flatten() {
                if !secret.nodes.iter().rev().take(2).any(|known| *known == node) {
                    secret.nodes.push(node);
                }
            }
        };
        let mut read = false;
        for (_, _, field) in secret_fields(builder, connection) {
            need(client.namespace, field);
            read = true;
        }
        if let (true, Peer::Pods(pods)) = (read, &target.peer)
            && let Some(server) = builder.workloads.get(*pods)
        {
            for field in credential.server.iter().filter_map(|field| target.contract.field(field)) {
                need(server.namespace, field);
            }
        }
    }
    secrets.into_values().chain(builder.secrets.iter().cloned()).collect()
}
