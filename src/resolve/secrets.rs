//! The Secrets that connections need: exactly the keys that some variable of the namespace reads, and beside a target
//! that has to know its clients' keys, those.

use super::diags;
use crate::model::{
    Connection, FieldSource, Identity, ModelBuilder, NamespaceId, Opener, Peer, Secret, TargetId, Workload,
};
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

/// A client's or a server's side of a connection whose variables read credentials.
struct Need<'a> {
    namespace: NamespaceId,
    target: TargetId,
    /// The client whose credentials they are, where each has its own.
    client: Option<&'a str>,
    connection: &'a Connection,
    opener: &'a Workload,
    is_server: bool,
}

impl Need<'_> {
    /// The Secret.
    fn key(&self) -> (NamespaceId, TargetId, Option<&str>) {
        (self.namespace, self.target, self.client)
    }
}

/// One Secret for each namespace and credential, sorted by namespace and name.
pub(super) fn needed(builder: &ModelBuilder<'_>, connections: &[Connection]) -> Vec<Secret> {
    let mut needs: Vec<Need<'_>> = Vec::new();
    for connection in connections {
        let Opener::Workload(from) = connection.from else { continue };
        let (Some(opener), Some(target)) = (builder.workloads.get(from), builder.targets.get(connection.to)) else {
            continue;
        };
        let Some(credential) = &target.contract.credential else { continue };
        if secret_fields(builder, connection).next().is_none() {
            continue;
        }
        let client = (credential.identity == Identity::PerClient).then_some(opener.name.as_str());
        let need =
            |namespace, is_server| Need { namespace, target: connection.to, client, connection, opener, is_server };
        needs.push(need(opener.namespace, false));
        if let (Peer::Pods(pods), false) = (&target.peer, credential.server.is_empty())
            && let Some(server) = builder.workloads.get(*pods)
        {
            needs.push(need(server.namespace, true));
        }
    }
    // Stable: what several connections say of one Secret stays in their order.
    needs.sort_by(|one, other| one.key().cmp(&other.key()));
    let secrets = needs.chunk_by(|one, next| one.key() == next.key()).filter_map(|needs| secret(builder, needs));
    secrets.chain(builder.secrets.iter().cloned()).collect()
}

/// The Secret of all who need it.
fn secret(builder: &ModelBuilder<'_>, needs: &[Need<'_>]) -> Option<Secret> {
    let first = needs.first()?;
    let target = builder.targets.get(first.target)?;
    let contract = &target.contract;
    let credential = contract.credential.as_ref()?.name(&target.name, &first.opener.name);
    let mut secret = Secret {
        namespace: first.namespace,
        name: format!("{credential}-credentials"),
        credential,
        kind: None,
        labels: BTreeMap::new(),
        keys: BTreeMap::new(),
        properties: Vec::new(),
        target: first.target,
        nodes: Vec::new(),
    };
    for need in needs {
        let mut is_needed = false;
        let mut add = |field: &model::Field| {
            let FieldSource::Secret { template, properties } = &field.source else { return };
            secret.keys.entry(field.name).or_insert_with(|| template.clone());
            for property in *properties {
                if let Err(place) = secret.properties.binary_search(property) {
                    secret.properties.insert(place, property);
                }
            }
            is_needed = true;
        };
        if need.is_server {
            let server = contract.credential.iter().flat_map(|credential| credential.server);
            server.filter_map(|field| contract.field(field)).for_each(&mut add);
        } else {
            secret_fields(builder, need.connection).for_each(|(_, _, field)| add(field));
        }
        for node in [need.opener.node, need.connection.node].into_iter().flatten().filter(|_| is_needed) {
            if !secret.nodes.iter().rev().take(2).any(|known| *known == node) {
                secret.nodes.push(node);
            }
        }
    }
    (!secret.keys.is_empty()).then_some(secret)
}
