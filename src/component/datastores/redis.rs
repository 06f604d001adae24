//! Redis (D16).
//!
//! Source: Redis documentation, "Scale with Redis Cluster": 6379 serves clients, 16379 is the bus between nodes.

use super::declare::{Engine, in_url};
use crate::decode::At;
use crate::k8s::labels;
use crate::model::contract::{endpoint, plain, port, property, template};
use crate::model::{Contract, Credential, Identity};
use crate::value::Name;
use serde::Deserialize;
use std::borrow::Cow;

/// A Redis cluster.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct RedisSpec {
    /// Where its nodes run.
    pub namespace: At<Name>,
    /// Name of its resources; the key unless stated.
    pub name: Option<At<Name>>,
}

const PORT: u16 = 6379;

pub(super) fn engine(name: &str) -> Engine {
    Engine {
        selector: vec![(Cow::Borrowed(labels::NAME), name.to_owned())],
        service: name.to_owned(),
        ports: vec![("redis", PORT)],
        between: vec![("redis", PORT), ("bus", 16379)],
        contract: Box::new(|host| Contract {
            fields: vec![
                plain("host", host),
                port("port"),
                endpoint("endpoint"),
                property("password", &["password"]),
                template("url", format!("redis://:{}@{host}:{PORT}", in_url("password")), &["password"]),
            ],
            credential: Some(Credential { identity: Identity::Shared, server: &[] }),
        }),
        pod: None,
    }
}
