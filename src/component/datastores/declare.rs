use super::spec::DatastoreSpec;
use super::{kafka, minio, mongodb, postgresql, redis};
use crate::component::{Declare, Lower, NothingToLower};
use crate::decode::{At, Entry};
use crate::model::{
    CLUSTER_DOMAIN, Contract, ModelBuilder, Opener, Peer, Protocol, Target, TargetKind, TargetPort, Workload,
};
use crate::value::Name;
use std::borrow::Cow;

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
}

impl Declare for Decoded {
    fn declare(self: Box<Self>, model: &mut ModelBuilder<'_>) -> Box<dyn Lower> {
        for Entry { name: key, spec } in self.datastores {
            let (namespace, name) = match &spec {
                DatastoreSpec::Postgresql(spec) => (&spec.namespace, &spec.name),
                DatastoreSpec::Mongodb(spec) => (&spec.namespace, &spec.name),
                DatastoreSpec::Redis(spec) => (&spec.namespace, &spec.name),
                DatastoreSpec::Minio(spec) => (&spec.namespace, &spec.name),
                DatastoreSpec::Kafka(spec) => (&spec.namespace, &spec.name),
            };
            let namespace = model.namespace_or_any(namespace);
            let name = object_name(&key, name.as_ref());
            let engine = match spec {
                DatastoreSpec::Postgresql(spec) => postgresql::engine(&name, &spec),
                DatastoreSpec::Mongodb(spec) => mongodb::engine(&name, &spec),
                DatastoreSpec::Redis(_) => redis::engine(&name),
                DatastoreSpec::Minio(_) => minio::engine(&name),
                DatastoreSpec::Kafka(_) => kafka::engine(&name),
            };
            let in_cluster = model.namespace_name(namespace);
            let host = format!("{}.{in_cluster}.svc.{CLUSTER_DOMAIN}", engine.service);
            let pods = model.add_workload(Workload {
                key: key.value.as_str().to_owned(),
                name,
                namespace,
                selector: engine.selector,
                node: Some(key.node),
                pod: None,
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
            let name = key.value.as_str();
            model.add_target(target(name.to_owned(), TargetKind::Datastore, &engine.ports, contract));
            let instances =
                target(format!("{name} instances"), TargetKind::System, &engine.between, Contract::default());
            if let Some(instances) = model.add_target(instances) {
                for port in 0..engine.between.len() {
                    let because = "the instances of a datastore reach each other";
                    model.imply(Opener::Workload(pods), instances, port, because, Some(key.node));
                }
            }
        }
        Box::new(NothingToLower)
    }
}

/// The name of the operator's resource: the key unless stated.
fn object_name(key: &At<Name>, name: Option<&At<Name>>) -> String {
    name.map_or(&key.value, |name| &name.value).as_str().to_owned()
}

fn tcp((name, port): (&'static str, u16)) -> TargetPort {
    TargetPort { name: Cow::Borrowed(name), port, pod_port: port, protocol: Protocol::Tcp }
}

/// A property of the store's secret, escaped for the user part of a URL. `urlquery` writes a space as `+`, which is only
/// right behind the `?` of a URL; every other `+` it has escaped.
pub(super) fn in_url(property: &str) -> String {
    format!("{{{{ .{property} | urlquery | replace \"+\" \"%20\" }}}}")
}
