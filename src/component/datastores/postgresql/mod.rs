//! PostgreSQL by CloudNativePG (D13).
//!
//! Emits `Cluster`, and with a backup `ObjectStore` and `ScheduledBackup`, for the operator's release 1.30 and the Barman
//! Cloud plugin: `barmanObjectStore` and `enablePodMonitor` of the `Cluster` are deprecated since 1.26.
//!
//! Source: CloudNativePG, "Labels and annotations" and "Networking": instances carry `cnpg.io/cluster` and
//! `cnpg.io/podRole`, the Jobs that make them `cnpg.io/jobRole`; the primary is behind `CLUSTER-rw`; 5432 serves clients
//! and replication, 9187 metrics, 8000 the instance manager, which the operator asks for its state. Instances and Jobs
//! watch the API server.

mod declare;
mod lower;
pub mod spec;

pub(super) use declare::declare;
pub(super) use lower::Declared;

use super::declare::{Engine, in_url};
use crate::model::contract::{plain, port, property, template};
use crate::model::{Contract, Credential, Identity};
use spec::PostgresqlSpec;
use std::borrow::Cow;

const PORT: u16 = 5432;

/// What instances and Jobs of one cluster have in common.
const CLUSTER_LABEL: &str = "cnpg.io/cluster";

pub(super) fn engine(name: &str, spec: &PostgresqlSpec) -> Engine {
    let database = spec.database.name.value.as_str().to_owned();
    let owner = spec.database.owner.value.as_str().to_owned();
    Engine {
        selector: vec![
            (Cow::Borrowed(CLUSTER_LABEL), name.to_owned()),
            (Cow::Borrowed("cnpg.io/podRole"), "instance".to_owned()),
        ],
        service: format!("{name}-rw"),
        ports: vec![("postgresql", PORT), ("metrics", 9187)],
        between: BETWEEN.to_vec(),
        contract: Box::new(move |host| {
            let url = format!("postgresql://{owner}:{}@{host}:{PORT}/{database}", in_url("password"));
            Contract {
                fields: vec![
                    plain("host", host),
                    port("port"),
                    plain("database", database.clone()),
                    // The spec knows who it is; a Secret without anything from the store would be refused.
                    template("username", owner, &["password"]),
                    property("password", &["password"]),
                    template("url", url, &["password"]),
                    // Drivers of the JVM take user and password apart.
                    plain("jdbc-url", format!("jdbc:postgresql://{host}:{PORT}/{database}")),
                ],
                credential: Some(Credential { identity: Identity::Shared, server: &[] }),
            }
        }),
        pod: None,
    }
}

/// Ports on which the instances reach each other.
const BETWEEN: [(&str, u16); 2] = [("postgresql", PORT), ("status", 8000)];
