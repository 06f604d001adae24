//! The service mesh: which pods take part in it, and as whom.

use super::Model;
use super::ids::{NamespaceId, WorkloadId};
use super::pod::Resources;
use crate::source::NodeId;
use crate::value::{Duration, Percentage};
use std::collections::{BTreeMap, BTreeSet};

/// A service mesh.
#[derive(Clone, Debug)]
pub struct Mesh {
    /// The platform's namespaces that take part.
    pub namespaces: BTreeSet<NamespaceId>,
    /// Pods that prove who they are.
    pub members: BTreeMap<WorkloadId, Member>,
    /// What the proxy in a pod asks for and may use.
    pub proxy: Resources,
    /// The pods through which the outside comes in.
    pub gateway: WorkloadId,
    /// The `[mesh]` table.
    pub node: NodeId,
}

/// Pods that prove who they are.
#[derive(Clone, Debug)]
pub struct Member {
    /// Their service account, which is their identity.
    pub account: String,
    /// Whether each has a proxy of its own, in a container beside the platform's.
    pub sidecar: bool,
}

/// How clients in the mesh treat the pods of a workload. What is absent is the mesh's own default.
#[derive(Clone, Debug)]
pub struct Traffic {
    /// Connections to all of its pods.
    pub connections: Option<u32>,
    /// Requests that wait for a connection.
    pub pending: Option<u32>,
    /// Requests after which a connection is closed.
    pub requests_per_connection: Option<u32>,
    /// Which pod gets the next request.
    pub balance: Option<Balance>,
    /// When a pod gets none for a while.
    pub outlier: Option<Outlier>,
    /// The `traffic` table.
    pub node: NodeId,
}

/// Which pod gets the next request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Balance {
    /// The one with the fewest open requests, of two that chance picks.
    LeastRequest,
    /// Each in turn.
    RoundRobin,
    /// Any.
    Random,
}

/// When a pod gets no requests for a while.
#[derive(Clone, Copy, Debug)]
pub struct Outlier {
    /// Errors of the server in a row.
    pub errors: u32,
    /// Time between two looks.
    pub interval: Option<Duration>,
    /// How long it gets none, the first time.
    pub ejection: Option<Duration>,
    /// The most of the pods that get none at once.
    pub max_ejected: Option<Percentage>,
}

impl Model {
    /// The proxy beside the pods of a workload, if they have one.
    pub fn proxy(&self, workload: WorkloadId) -> Option<&Resources> {
        let mesh = self.mesh.as_ref()?;
        mesh.members.get(&workload).filter(|member| member.sidecar).map(|_| &mesh.proxy)
    }
}
