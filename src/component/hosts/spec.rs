//! `[hosts.NAME]` and `[certificates]`.

use crate::decode::At;
use crate::value::{Duration, Host, HttpPath, Name, PortName};
use serde::Deserialize;
use std::collections::BTreeMap;

/// A name under which the platform is reached.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct HostSpec {
    /// What leads the requests in.
    pub through: At<Through>,
    /// The full name; its name under the platform's domain unless stated.
    pub host: Option<At<Host>>,
    /// Path to workload; the longest path that covers a request's is taken.
    pub routes: At<BTreeMap<At<HttpPath>, At<RouteSpec>>>,
}

/// What leads requests in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Through {
    /// The ingress gateway of the mesh.
    Istio,
}

/// Where the requests under a path go.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct RouteSpec {
    /// The workload.
    pub to: At<Name>,
    /// Its port; the main one unless stated.
    pub port: Option<At<PortName>>,
    /// How long all of an answer may take, retries included; without end unless stated.
    pub timeout: Option<At<Duration>>,
    /// What is done after a failure.
    pub retries: Option<RetriesSpec>,
}

/// What is done after a failure.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct RetriesSpec {
    /// Attempts after the first; 0 for none.
    pub attempts: At<u32>,
    /// How long each may take; as long as all of them unless stated.
    pub per_try_timeout: Option<At<Duration>>,
}

/// Where certificates come from.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct CertificatesSpec {
    /// The `ClusterIssuer` of cert-manager that signs them.
    pub issuer: At<Name>,
}
