use super::lower::Declared;
use super::spec::DatastoreSpec;
use super::{kafka, minio, mongodb, postgresql, redis};
use crate::component::{Declare, Lower};
use crate::decode::{At, Entry};
use crate::model::{
    CLUSTER_DOMAIN, Contract, Field, FieldSource, ModelBuilder, NamespaceId, Opener, Peer, Pod, Protocol, Secret,
    Target, TargetId, TargetKind, TargetPort, Workload, WorkloadId,
};
use crate::source::NodeId;
use crate::value::{Image, Name};
use std::borrow::Cow;
use std::collections::BTreeMap;

pub(super) struct Decoded {
    pub(super) datastores: Vec<Entry<DatastoreSpec>>,
}

/// What an engine says of one datastore.
pub(super) struct Engine {
    /// Labels of the pods that serve clients.
    pub(super) selector: Vec<(Cow<'static, str>, String)>,
    /// The Service that clients dial, without namespace.
    pub(super) service: String,
    /// Ports for clients, the main one first.
    pub(super) ports: Vec<(&'static str, u16)>,
    /// Ports on which the instances reach each other.
    pub(super) between: Vec<(&'static str, u16)>,
    /// Makes the contract from the full host name.
    pub(super) contract: Box<dyn FnOnce(&str) -> Contract>,
    /// What the pods are, where no operator makes them.
    pub(super) pod: Option<Pod>,
}

/// A datastore in the model.
#[derive(Clone, Debug)]
pub(super) struct Placed {
    /// Its key.
    pub(super) key: String,
    /// The name of the operator's resource.
    pub(super) name: String,
    /// Where its pods run.
    pub(super) namespace: NamespaceId,
    /// Its pods.
    pub(super) pods: WorkloadId,
    /// What clients connect to.
    pub(super) target: TargetId,
    /// What the instances connect to.
    pub(super) instances: TargetId,
    /// Its entry.
    pub(super) node: NodeId,
}

impl Declare for Decoded {
    fn declare(self: Box<Self>, model: &mut ModelBuilder<'_>) -> Box<dyn Lower> {
        let mut declared = Declared::default();
        for Entry { name: key, spec } in self.datastores {
            match spec {
                DatastoreSpec::Postgresql(spec) => {
                    let name = object_name(&key, spec.name.as_ref());
                    let engine = postgresql::engine(&name, &spec);
                    if let Some(placed) = place(model, &key, name, &spec.namespace, engine) {
                        declared.postgresql.push(postgresql::declare(model, placed, spec));
                    }
                }
                DatastoreSpec::Minio(spec) => {
                    let name = object_name(&key, spec.name.as_ref());
                    let engine = minio::engine(model, &name, &spec, key.node);
                    if let Some(placed) = place(model, &key, name, &spec.namespace, engine) {
                        declared.minio.push(minio::declare(model, placed, spec));
                    }
                }
                DatastoreSpec::Mongodb(spec) => {
                    let name = object_name(&key, spec.name.as_ref());
                    let engine = mongodb::engine(&name, &spec);
                    place(model, &key, name, &spec.namespace, engine);
                }
                DatastoreSpec::Redis(spec) => {
                    let name = object_name(&key, spec.name.as_ref());
                    let engine = redis::engine(&name);
                    place(model, &key, name, &spec.namespace, engine);
                }
                DatastoreSpec::Kafka(spec) => {
                    let name = object_name(&key, spec.name.as_ref());
                    let engine = kafka::engine(&name);
                    place(model, &key, name, &spec.namespace, engine);
                }
            }
        }
        Box::new(declared)
    }
}

/// Adds the pods of a datastore, what clients see of them, and the traffic among them. `None` if its name is taken.
fn place(
    model: &mut ModelBuilder<'_>,
    key: &At<Name>,
    name: String,
    namespace: &At<Name>,
    engine: Engine,
) -> Option<Placed> {
    let namespace = model.namespace_or_any(namespace);
    let host = format!("{}.{}.svc.{CLUSTER_DOMAIN}", engine.service, model.namespace_name(namespace));
    let key_name = key.value.as_str().to_owned();
    let pods = model.add_workload(Workload {
        key: key_name.clone(),
        name: name.clone(),
        namespace,
        selector: engine.selector,
        node: Some(key.node),
        pod: engine.pod.map(Box::new),
    });
    let contract = (engine.contract)(&host);
    let target = |name: String, kind, ports: &[(&'static str, u16)], contract| Target {
        name,
        kind,
        peer: Peer::Pods(pods),
        host: host.clone(),
        ports: ports.iter().map(|port| tcp(*port)).collect(),
        contract,
        node: Some(key.node),
    };
    let clients = model.add_target(target(key_name.clone(), TargetKind::Datastore, &engine.ports, contract));
    let among = target(format!("{key_name} instances"), TargetKind::System, &engine.between, Contract::default());
    let among = model.add_target(among);
    if let Some(among) = among {
        for port in 0..engine.between.len() {
            let because = "the instances of a datastore reach each other";
            model.imply(Opener::Workload(pods), among, port, because, Some(key.node));
        }
    }
    Some(Placed { key: key_name, name, namespace, pods, target: clients?, instances: among?, node: key.node })
}

/// The name of the operator's resource: the key unless stated.
fn object_name(key: &At<Name>, name: Option<&At<Name>>) -> String {
    name.map_or(&key.value, |name| &name.value).as_str().to_owned()
}

fn tcp((name, port): (&'static str, u16)) -> TargetPort {
    TargetPort { name: Cow::Borrowed(name), port, pod_port: port, protocol: Protocol::Tcp }
}

/// A full image reference and the version that it says it is, where that can be a label.
pub(super) fn image(model: &ModelBuilder<'_>, image: &Image) -> (String, Option<String>) {
    let registry = model.platform().and_then(|platform| platform.registry.as_ref());
    let full = registry.map_or_else(|| image.to_string(), |registry| image.with_registry(registry));
    (full, image.tag().filter(|tag| crate::value::is_label_value(tag)).map(str::to_owned))
}

/// A Secret of the datastore's own side, with these fields of the credential in the store.
pub(super) fn own_secret(
    placed: &Placed,
    name: String,
    credential: String,
    fields: Vec<(&'static str, Field)>,
) -> Secret {
    let mut secret = Secret {
        namespace: placed.namespace,
        name,
        credential,
        kind: None,
        labels: BTreeMap::new(),
        keys: BTreeMap::new(),
        properties: Vec::new(),
        target: placed.target,
        nodes: vec![placed.node],
    };
    for (key, field) in fields {
        let FieldSource::Secret { template, properties } = field.source else { continue };
        secret.keys.insert(key, template);
        secret.properties.extend(properties);
    }
    secret.properties.sort_unstable();
    secret.properties.dedup();
    secret
}

/// A property of the store's secret, escaped for the user part of a URL. `urlquery` writes a space as `+`, which is only
/// right behind the `?` of a URL; every other `+` it has escaped.
pub(super) fn in_url(property: &str) -> String {
    format!("{{{{ .{property} | urlquery | replace \"+\" \"%20\" }}}}")
}
