//! The platform as nouns: namespaces, workloads, targets, connections, secrets.
//!
//! Components *declare* into a [`ModelBuilder`]; `resolve` links names to ids and freezes it; from then on every
//! component reads the same facts. Invariants of a frozen [`Model`]: every id is valid; no name is left to look up; no
//! span is in it, only [`NodeId`]s, which say where the spec states a fact.

pub mod amounts;
mod builder;
pub mod contract;
pub mod diags;
mod ids;
pub mod mesh;
pub mod operators;
pub mod pod;
pub mod rollout;

pub use amounts::{ComputeSpec, CpuAndMemorySpec, ResourcesSpec};
pub use builder::{Connect, DefaultValue, ModelBuilder};
pub use contract::{Contract, Credential, Field, FieldSource, Identity};
pub use ids::{Arena, ConnectionId, Id, NamespaceId, TargetId, WorkloadId};
pub use mesh::Mesh;
pub use operators::{Chart, Operator, Operators, Release};
pub use pod::Pod;
pub use rollout::{BlueGreen, Prometheus};

use crate::decode::At;
use crate::overlay::Disabled;
use crate::source::NodeId;
use crate::value::{Cidr, EnvName, Host, KubernetesVersion, Quantity, Registry};
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;

/// The platform itself.
#[derive(Clone, Debug)]
pub struct Platform {
    /// Its name: the prefix of its namespaces, the value of `app.kubernetes.io/part-of`.
    pub name: String,
    /// The domain under which it is reached.
    pub domain: Option<Host>,
    /// Where images without a registry of their own are pulled from.
    pub registry: Option<Registry>,
    /// The oldest API server that must accept the core objects.
    pub kubernetes: KubernetesVersion,
    /// The environment that is built.
    pub environment: String,
    /// The `[platform]` table.
    pub node: NodeId,
}

/// The cluster's DNS domain. Kubernetes' default; the API server's certificates and every chart assume it.
pub const CLUSTER_DOMAIN: &str = "cluster.local";

/// A namespace.
#[derive(Clone, Debug)]
pub struct Namespace {
    /// Its name in the spec.
    pub key: String,
    /// Its name in the cluster.
    pub name: String,
    /// Whether pods in it may only do what the model's connections say. A namespace of somebody else's has no policies.
    pub isolated: bool,
    /// Labels that it has beyond those of every namespace of the platform: what makes a mesh look at it, for instance.
    pub labels: BTreeMap<String, String>,
    /// Whether it admits pods that ask for privileges, or is somebody else's, of which nobody knows.
    pub privileged: bool,
    /// What all of its pods together may ask for, by the names under which a quota counts, such as `limits.cpu`.
    pub quota: BTreeMap<String, At<Quantity>>,
    /// Its entry in the spec; `None` for a namespace of the cluster's, such as `kube-system`.
    pub node: Option<NodeId>,
}

/// A set of pods with one identity: a workload of the platform, or pods that an operator makes.
#[derive(Clone, Debug)]
pub struct Workload {
    /// Its name in the spec.
    pub key: String,
    /// Its name in the cluster: of the controller, the Service, the policy.
    pub name: String,
    /// Where its pods run.
    pub namespace: NamespaceId,
    /// Labels that its pods have and no other pods of the namespace.
    pub selector: Vec<(Cow<'static, str>, String)>,
    /// Its entry in the spec; `None` for the cluster's own.
    pub node: Option<NodeId>,
    /// What its pods are, where the compiler makes them itself. Apart: whoever looks for peers goes through workloads by the
    /// thousand for names and labels.
    pub pod: Option<Box<Pod>>,
}

/// Transport protocol of a port.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Protocol {
    /// TCP.
    Tcp,
    /// UDP.
    Udp,
}

impl fmt::Display for Protocol {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Protocol {
    /// As Kubernetes writes it.
    pub fn as_str(self) -> &'static str {
        match self {
            Protocol::Tcp => "TCP",
            Protocol::Udp => "UDP",
        }
    }
}

/// A port that can be connected to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TargetPort {
    /// Its name.
    pub name: Cow<'static, str>,
    /// The port that clients dial.
    pub port: u16,
    /// The port that the pods listen on: what a network policy sees.
    pub pod_port: u16,
    /// Its protocol.
    pub protocol: Protocol,
}

/// What kind of thing a target is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TargetKind {
    /// An entry of `workloads`.
    Workload,
    /// An entry of `datastores`.
    Datastore,
    /// An entry of `externals`.
    External,
    /// A part of the cluster itself.
    System,
}

impl TargetKind {
    /// The section in which such things are declared.
    pub fn section(self) -> &'static str {
        match self {
            TargetKind::Workload => "workloads",
            TargetKind::Datastore => "datastores",
            TargetKind::External => "externals",
            TargetKind::System => "the cluster",
        }
    }
}

/// Who is at the other end.
#[derive(Clone, Debug)]
pub enum Peer {
    /// Pods of the cluster.
    Pods(WorkloadId),
    /// Addresses outside of it.
    Addresses(Vec<At<Cidr>>),
}

/// Something that can be connected to.
#[derive(Clone, Debug)]
pub struct Target {
    /// Its name in the spec.
    pub name: String,
    /// What it is.
    pub kind: TargetKind,
    /// Who is at the other end.
    pub peer: Peer,
    /// The name that clients dial.
    pub host: String,
    /// Its ports; a connection that names none uses the first.
    pub ports: Vec<TargetPort>,
    /// What clients may read of it.
    pub contract: Contract,
    /// Its entry in the spec.
    pub node: Option<NodeId>,
}

/// Why a connection exists.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reason {
    /// The spec states it.
    Declared,
    /// It follows from something else: a sentence that says from what.
    Implied(&'static str),
}

/// Who opens a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Opener {
    /// The pods of one workload.
    Workload(WorkloadId),
    /// Every pod of a namespace.
    Namespace(NamespaceId),
}

/// One side opens a connection to a port of the other.
#[derive(Clone, Debug)]
pub struct Connection {
    /// Who opens it.
    pub from: Opener,
    /// What is connected to.
    pub to: TargetId,
    /// Index into the target's ports.
    pub port: usize,
    /// Why.
    pub reason: Reason,
    /// Environment variables that carry the target's fields: name to field name.
    pub env: BTreeMap<At<EnvName>, At<String>>,
    /// Where the spec states it, or states what it follows from.
    pub node: Option<NodeId>,
}

/// A Secret that is needed from the platform's store: by connections of its namespace, or by what serves them.
#[derive(Clone, Debug)]
pub struct Secret {
    /// Where it is needed.
    pub namespace: NamespaceId,
    /// Its name there.
    pub name: String,
    /// The name of the credential in the store's path.
    pub credential: String,
    /// Its type, where an operator asks for one, such as `kubernetes.io/basic-auth`.
    pub kind: Option<&'static str>,
    /// Labels of the Secret itself, where an operator looks for one.
    pub labels: BTreeMap<String, String>,
    /// Key to template; the properties are those of the store's secret.
    pub keys: BTreeMap<&'static str, String>,
    /// Properties that the templates read, sorted.
    pub properties: Vec<&'static str>,
    /// What the credentials open.
    pub target: TargetId,
    /// The entries that need it.
    pub nodes: Vec<NodeId>,
}

/// The external store that is authoritative for secrets.
#[derive(Clone, Debug)]
pub struct SecretStore {
    /// Name of the store object.
    pub name: String,
    /// Path of a secret in it, with `{platform}`, `{environment}` and `{secret}`.
    pub path: String,
    /// How often secrets are read again, as a Go duration.
    pub refresh: String,
    /// The `[secrets]` table.
    pub node: NodeId,
}

/// The frozen model.
#[derive(Debug)]
pub struct Model {
    /// The platform.
    pub platform: Platform,
    /// Namespaces by name.
    pub namespaces: Arena<NamespaceId, Namespace>,
    /// Pods.
    pub workloads: Arena<WorkloadId, Workload>,
    /// What can be connected to.
    pub targets: Arena<TargetId, Target>,
    /// Every permitted connection.
    pub connections: Arena<ConnectionId, Connection>,
    /// Every Secret that a connection needs.
    pub secrets: Vec<Secret>,
    /// Where secrets come from.
    pub store: Option<SecretStore>,
    /// The operators that the cluster has; `None` if the platform leaves them to somebody else and does not say.
    pub operators: Option<Operators>,
    /// The service mesh.
    pub mesh: Option<Mesh>,
    /// How clients in the mesh treat a workload.
    pub traffic: BTreeMap<WorkloadId, mesh::Traffic>,
    /// Where the platform's metrics are.
    pub prometheus: Option<Prometheus>,
    /// What containers that an operator makes ask for, by the entry of the spec that they belong to.
    pub operated: BTreeMap<NodeId, pod::Resources>,
    /// Workloads of which two versions run side by side.
    pub blue_green: BTreeMap<WorkloadId, BlueGreen>,
    /// Defaults that were applied.
    pub defaults: Vec<DefaultValue>,
    /// Connections by the workload that opens them.
    pub outgoing: Vec<Vec<ConnectionId>>,
    /// Connections by the pods that they reach.
    pub incoming: Vec<Vec<ConnectionId>>,
    /// The target that clients of a workload's pods connect to.
    pub target_of: Vec<Option<TargetId>>,
    /// What the environment switched off.
    pub disabled: Vec<Disabled>,
}

impl Model {
    /// The operator of a name, if the platform says that the cluster has it.
    pub fn operator(&self, name: &str) -> Option<&Operator> {
        self.operators.as_ref()?.by_name.get(name)
    }

    /// Connections that the pods of `workload` open.
    pub fn outgoing(&self, workload: WorkloadId) -> impl Iterator<Item = &Connection> {
        self.outgoing.get(workload.index()).into_iter().flatten().filter_map(|id| self.connections.get(*id))
    }

    /// Connections that reach the pods of `workload`.
    pub fn incoming(&self, workload: WorkloadId) -> impl Iterator<Item = &Connection> {
        self.incoming.get(workload.index()).into_iter().flatten().filter_map(|id| self.connections.get(*id))
    }

    /// The target that the pods of a workload of the spec are.
    pub fn target_of(&self, workload: WorkloadId) -> Option<&Target> {
        let target = self.target_of.get(workload.index()).copied().flatten()?;
        self.targets.get(target)
    }

    /// What the address of a target follows from: its entry, and that of the namespace that its pods are in.
    pub fn origins_of(&self, target: TargetId) -> impl Iterator<Item = NodeId> {
        let target = self.targets.get(target);
        let pods = target.and_then(|target| match target.peer {
            Peer::Pods(pods) => self.workloads.get(pods),
            Peer::Addresses(_) => None,
        });
        let namespace = pods.and_then(|pods| self.namespaces.get(pods.namespace));
        target.and_then(|target| target.node).into_iter().chain(namespace.and_then(|namespace| namespace.node))
    }

    /// The Secret from which a client in `namespace` reads the credentials of `target`.
    pub fn secret_name(&self, target: &Target, client: &Workload) -> Option<String> {
        let credential = target.contract.credential.as_ref()?;
        Some(format!("{}-credentials", credential.name(&target.name, &client.name)))
    }
}
