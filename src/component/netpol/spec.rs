//! `[network-policy]`.

use crate::decode::At;
use serde::Deserialize;

/// How the connections are enforced.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct NetworkPolicySpec {
    /// The kinds of policy that are written; each alone permits exactly the connections. `["kubernetes"]` unless stated.
    pub dialects: Option<At<Vec<At<Dialect>>>>,
}

/// A kind of network policy.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Dialect {
    /// `networking.k8s.io/v1`.
    Kubernetes,
    /// `projectcalico.org/v3`, served by Calico's API server or by its v3 CRDs.
    Calico,
}
