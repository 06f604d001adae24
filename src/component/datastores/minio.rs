//! MinIO (D15): object storage with the protocol of S3.
//!
//! Source: MinIO documentation, "Deploy MinIO on Kubernetes": 9000 serves S3 and the traffic between servers, 9001 the
//! console. Each client has an access key of its own, so that it opens only its own bucket.

use super::declare::Engine;
use crate::decode::At;
use crate::k8s::labels;
use crate::model::contract::{endpoint, plain, port, property, url};
use crate::model::{Contract, Credential, Identity};
use crate::value::Name;
use serde::Deserialize;
use std::borrow::Cow;

/// A MinIO pool.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct MinioSpec {
    /// Where its servers run.
    pub namespace: At<Name>,
    /// Name of its resources; the key unless stated.
    pub name: Option<At<Name>>,
}

const PORT: u16 = 9000;

pub(super) fn engine(name: &str) -> Engine {
    Engine {
        selector: vec![(Cow::Borrowed(labels::NAME), name.to_owned())],
        service: name.to_owned(),
        ports: vec![("s3", PORT), ("console", 9001)],
        between: vec![("s3", PORT)],
        contract: Box::new(|host| Contract {
            fields: vec![
                plain("host", host),
                port("port"),
                endpoint("endpoint"),
                url("url", "http"),
                property("access-key", &["access-key"]),
                property("secret-key", &["secret-key"]),
            ],
            credential: Some(Credential { identity: Identity::PerClient }),
        }),
    }
}
