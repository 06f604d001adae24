//! `[operators.NAME]`.

use crate::decode::At;
use serde::Deserialize;

/// An operator that the cluster has.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct OperatorSpec {
    /// Its release, such as `"1.30.0"`.
    pub version: At<String>,
    /// The Helm chart that installs it: its repository, a slash and its name.
    pub chart: Option<At<String>>,
    /// The day on which somebody held the release against what the platform writes, such as `"2026-11-21"`.
    pub checked: At<String>,
}
