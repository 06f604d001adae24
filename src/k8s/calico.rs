//! Calico, `projectcalico.org/v3` (its API server, or the v3 CRDs of release 3.30 and later).

use super::custom::CustomSpec;
use serde::Serialize;

/// `NetworkPolicy`. A pod that any policy of a tier selects for a direction is denied, at the end of the tier, whatever
/// none of them allows.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct CalicoPolicySpec {
    /// The pods of its namespace that it is for, as a selector expression.
    pub selector: String,
    /// `Ingress` and `Egress`.
    pub types: Vec<&'static str>,
    /// What may come in.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub ingress: Vec<Rule>,
    /// What may go out.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub egress: Vec<Rule>,
}

/// One rule.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Rule {
    /// `Allow`; an explicit `Deny` would also end what a later policy allows.
    pub action: &'static str,
    /// `TCP` or `UDP`.
    pub protocol: &'static str,
    /// Who opens the connection.
    #[serde(skip_serializing_if = "Entity::is_any")]
    pub source: Entity,
    /// Who accepts it, on which ports.
    #[serde(skip_serializing_if = "Entity::is_any")]
    pub destination: Entity,
}

/// One side of a rule; what is absent is anything.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Entity {
    /// Namespaces, as a selector expression; without it the policy's own.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub namespace_selector: Option<String>,
    /// Pods, as a selector expression.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub selector: Option<String>,
    /// Addresses.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub nets: Vec<String>,
    /// Ports.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub ports: Vec<u16>,
}

impl Entity {
    fn is_any(&self) -> bool {
        *self == Entity::default()
    }
}

impl CustomSpec for CalicoPolicySpec {
    const GROUP: &'static str = "projectcalico.org";
    const API_VERSION: &'static str = "projectcalico.org/v3";
    const KIND: &'static str = "NetworkPolicy";
}
