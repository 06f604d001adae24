//! `[mesh]`.

use crate::decode::At;
use crate::model::CpuAndMemorySpec;
use crate::value::{LabelValue, Name};
use serde::Deserialize;

/// A service mesh, by `kind`.
#[derive(Debug, Deserialize)]
#[serde(rename = "kind", rename_all = "kebab-case")]
pub enum MeshSpec {
    /// Istio.
    Istio(IstioSpec),
}

/// Istio, installed by somebody else.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct IstioSpec {
    /// What carries the traffic of a pod.
    pub data_plane: At<DataPlane>,
    /// Whether pods also accept clients that do not prove who they are; `strict` unless stated.
    pub mtls: Option<Mtls>,
    /// The namespaces that take part: keys of `[namespaces]`.
    pub namespaces: At<Vec<At<Name>>>,
    /// What the proxy of each pod asks for and may use.
    pub proxy: Option<At<ProxySpec>>,
    /// The pods through which the outside comes in.
    pub gateway: Option<At<GatewaySpec>>,
    /// Where the control plane is.
    pub control_plane: Option<At<ControlPlaneSpec>>,
}

/// What carries the traffic of a pod.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum DataPlane {
    /// A proxy in each pod; a node's agent sets its network up.
    SidecarWithCni,
    /// A proxy in each pod; a privileged container of the pod sets its network up.
    Sidecar,
    /// A proxy on each node.
    Ambient,
}

/// Whom pods accept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Mtls {
    /// Clients that prove who they are.
    Strict,
    /// Others too.
    Permissive,
}

/// What the proxy of each pod asks for and may use.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct ProxySpec {
    /// What the scheduler sets aside; `{ cpu = "100m", memory = "128Mi" }` unless stated.
    pub requests: Option<CpuAndMemorySpec>,
    /// What it may use; `{ cpu = "2", memory = "1Gi" }` unless stated.
    pub limits: Option<CpuAndMemorySpec>,
}

/// The pods through which the outside comes in.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct GatewaySpec {
    /// Their namespace in the cluster; `istio-ingress` unless stated.
    pub namespace: Option<At<Name>>,
    /// Their service account; `istio-ingressgateway` unless stated.
    pub service_account: Option<At<Name>>,
    /// The value of their label `istio`; `ingressgateway` unless stated.
    pub label: Option<At<LabelValue>>,
}

/// Where the control plane is.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct ControlPlaneSpec {
    /// Its namespace in the cluster; `istio-system` unless stated.
    pub namespace: Option<At<Name>>,
    /// Its revision, where several are installed side by side.
    pub revision: Option<At<LabelValue>>,
}
