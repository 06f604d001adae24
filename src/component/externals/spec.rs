//! `[externals.NAME]`.

use crate::decode::At;
use crate::value::{Cidr, Host, Port, PortName};
use serde::Deserialize;
use std::collections::BTreeMap;

/// Something outside of the cluster.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct ExternalSpec {
    /// The name that clients dial.
    pub host: At<Host>,
    /// Its addresses: a network policy knows no names.
    pub addresses: At<Vec<At<Cidr>>>,
    /// Its main port.
    pub port: Option<At<Port>>,
    /// Other ports by name.
    #[serde(default)]
    pub ports: BTreeMap<At<PortName>, At<Port>>,
}
