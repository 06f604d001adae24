//! `[cluster]`.

use crate::decode::At;
use crate::value::{Cidr, KubernetesVersion, Name};
use serde::Deserialize;

/// The cluster that the platform runs on.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct ClusterSpec {
    /// Who runs its control plane.
    pub provider: At<Provider>,
    /// Its name there.
    pub name: Option<At<Name>>,
    /// The region that it is in.
    pub region: Option<At<Name>>,
    /// The version that it runs.
    pub version: Option<At<KubernetesVersion>>,
    /// Its networks.
    pub network: At<NetworkSpec>,
}

/// Who runs a control plane.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Provider {
    /// Amazon EKS: the API server has addresses in the private networks, port 443.
    Eks,
}

/// The networks of a cluster.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct NetworkSpec {
    /// The network that holds the others.
    pub vpc: Option<At<Cidr>>,
    /// Networks that the internet reaches.
    #[serde(default)]
    pub public: Vec<At<Cidr>>,
    /// Networks of the nodes; the API server answers in them.
    pub private: At<Vec<At<Cidr>>>,
    /// Where pods reach S3 and STS; `private` unless stated, by interface endpoints.
    pub aws_services: Option<At<Vec<At<Cidr>>>>,
}
