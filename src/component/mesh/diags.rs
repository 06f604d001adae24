//! What the mesh section says.

use crate::decode::At;
use crate::diag::{Code, Diagnostic, Place};
use crate::source::NodeId;
use crate::value::Name;

/// Pods that their namespace refuses.
pub const NEEDS_PRIVILEGES: Code = Code {
    id: "DPJ0520",
    summary: "the mesh needs privileges that a namespace does not admit",
    docs: "\
With `data-plane = \"sidecar\"` a container of each pod sets up its network as root, with the capabilities NET_ADMIN and
NET_RAW. Pod Security admits that at the level `privileged` only: the API server would refuse every pod of a
`restricted` or `baseline` namespace. With `sidecar-with-cni` and `ambient` an agent of the node does it.",
};

/// What a node's proxy cannot do.
pub const AMBIENT: Code = Code {
    id: "DPJ0521",
    summary: "the ambient data plane cannot do what is asked of it",
    docs: "\
In ambient mode pods have no proxy of their own, so that there is nothing to give resources to or to balance requests. Its
traffic arrives at port 15008 of the pods and probes come from 169.254.7.127, both of which the policies of an isolated
namespace would have to permit; they do not yet.",
};

/// Traffic outside of the mesh.
pub const NOT_IN_MESH: Code = Code {
    id: "DPJ0522",
    summary: "a workload states `traffic`, and is not in a mesh",
    docs: "\
`traffic` says how the proxies of a mesh treat the pods of a workload. It has no effect without `[mesh]`, or for a
workload whose namespace is not among `mesh.namespaces`.",
};

/// Pods that operators make.
pub const DATASTORE: Code = Code {
    id: "DPJ0523",
    summary: "a datastore is in a namespace of the mesh",
    docs: "\
A mesh takes the pods of whole namespaces. The instances of a datastore have a replication of their own, which its operator
secures, and would all get a proxy. Give datastores a namespace that is not among `mesh.namespaces`; clients in the mesh
reach them as before.",
};

/// A client without an identity.
pub const OUTSIDER: Code = Code {
    id: "DPJ0524",
    summary: "a client outside of the mesh connects to a workload that only accepts its members",
    docs: "\
With `mtls = \"strict\"` a pod of the mesh accepts clients that prove who they are, which only pods of the mesh can. Let
the client's namespace take part, or write `mtls = \"permissive\"`.",
};

/// The proxy's own user.
pub const PROXY_USER: Code = Code {
    id: "DPJ0526",
    summary: "a workload of the mesh runs as the proxy's user",
    docs: "\
What the user 1337 sends is the proxy's own and goes past it: a workload with this user would not be in the mesh. Any
other number will do.",
};

/// All codes of this module.
pub const CODES: &[&Code] = &[&NEEDS_PRIVILEGES, &AMBIENT, &NOT_IN_MESH, &DATASTORE, &OUTSIDER, &PROXY_USER];

pub(super) fn needs_privileges(namespace: &At<Name>, data_plane: NodeId) -> Diagnostic {
    Diagnostic::error(
        &NEEDS_PRIVILEGES,
        format!("`{namespace}` admits no container with the privileges that this data plane needs"),
        Place::Value(data_plane),
    )
    .also(Place::Value(namespace.node), "takes part here")
    .help("write `data-plane = \"sidecar-with-cni\"`")
}

pub(super) fn ambient_proxy(proxy: NodeId) -> Diagnostic {
    Diagnostic::error(&AMBIENT, "there are no proxies in the pods of an ambient mesh", Place::Key(proxy))
        .help("remove `proxy`, or write `data-plane = \"sidecar-with-cni\"`")
}

pub(super) fn ambient_traffic(traffic: NodeId) -> Diagnostic {
    Diagnostic::error(&AMBIENT, "nobody balances requests in an ambient mesh", Place::Key(traffic))
        .help("remove `traffic`, or write `data-plane = \"sidecar-with-cni\"`")
}

pub(super) fn ambient_isolated(namespace: &At<Name>, data_plane: NodeId) -> Diagnostic {
    Diagnostic::error(
        &AMBIENT,
        format!("`{namespace}` is isolated, and its policies do not permit the tunnels of an ambient mesh"),
        Place::Value(namespace.node),
    )
    .also(Place::Value(data_plane), "chosen here")
    .help("write `data-plane = \"sidecar-with-cni\"`, or `isolated = false` in the namespace")
}

pub(super) fn not_in_mesh(workload: &str, traffic: NodeId, mesh: Option<NodeId>) -> Diagnostic {
    let diagnostic = Diagnostic::error(&NOT_IN_MESH, format!("`{workload}` is not in a mesh"), Place::Key(traffic))
        .label("for the proxies of a mesh");
    match mesh {
        Some(namespaces) => diagnostic
            .also(Place::Value(namespaces), "the namespaces that take part")
            .help("let its namespace take part, or remove `traffic`"),
        None => diagnostic.help("declare the mesh in `[mesh]`, or remove `traffic`"),
    }
}

pub(super) fn datastore(name: &str, node: Option<NodeId>, namespace: &At<Name>) -> Diagnostic {
    let place = node.map_or_else(|| Place::Value(namespace.node), Place::Key);
    Diagnostic::error(
        &DATASTORE,
        format!("the datastore `{name}` is in `{namespace}`, which takes part in the mesh"),
        place,
    )
    .also(Place::Value(namespace.node), "takes part here")
    .help("put it into a namespace of its own")
}

pub(super) fn outsider(client: &str, workload: &str, connection: Option<NodeId>, mesh: NodeId) -> Diagnostic {
    Diagnostic::error(
        &OUTSIDER,
        format!("{client} connects to `{workload}`, which accepts members of the mesh only"),
        connection.map_or_else(|| Place::Key(mesh), Place::Key),
    )
    .also(Place::Key(mesh), "`mtls` is strict")
    .help("add the client's namespace to `mesh.namespaces`, or write `mtls = \"permissive\"`")
}

pub(super) fn proxy_user(workload: &str, node: NodeId) -> Diagnostic {
    Diagnostic::error(
        &PROXY_USER,
        format!("`{workload}` runs as the user 1337, which is the proxy's"),
        Place::Key(node),
    )
    .help("write another `user`, or leave it out")
}
