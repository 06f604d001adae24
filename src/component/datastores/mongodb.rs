//! MongoDB by the MongoDB Kubernetes operator, `MongoDBCommunity` (D14).
//!
//! Source: mongodb/mongodb-kubernetes, community: members carry `app: NAME-svc` and are behind the headless `NAME-svc`;
//! 27017 serves clients and replication. The replica set has the resource's name.

use super::declare::{Engine, in_url};
use crate::decode::At;
use crate::model::contract::{plain, port, property, template};
use crate::model::{Contract, Credential, Identity};
use crate::value::{Name, SqlName};
use serde::Deserialize;
use std::borrow::Cow;

/// A MongoDB replica set.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct MongodbSpec {
    /// Where its members run.
    pub namespace: At<Name>,
    /// Name of the `MongoDBCommunity`; the key unless stated.
    pub name: Option<At<Name>>,
    /// The application's database.
    pub database: DatabaseSpec,
}

/// The application's database.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct DatabaseSpec {
    /// Its name; users authenticate against it.
    pub name: At<SqlName>,
}

const PORT: u16 = 27017;

pub(super) fn engine(name: &str, spec: &MongodbSpec) -> Engine {
    let database = spec.database.name.value.as_str().to_owned();
    let replica_set = name.to_owned();
    Engine {
        selector: vec![(Cow::Borrowed("app"), format!("{name}-svc"))],
        service: format!("{name}-svc"),
        ports: vec![("mongodb", PORT)],
        between: vec![("mongodb", PORT)],
        contract: Box::new(move |host| {
            let (user, password) = (in_url("username"), in_url("password"));
            let url = format!(
                "mongodb://{user}:{password}@{host}:{PORT}/{database}?replicaSet={replica_set}&authSource={database}&tls=true"
            );
            Contract {
                fields: vec![
                    plain("host", host),
                    port("port"),
                    plain("database", database.clone()),
                    plain("replica-set", replica_set.clone()),
                    property("username", &["username"]),
                    property("password", &["password"]),
                    template("url", url, &["username", "password"]),
                ],
                credential: Some(Credential { identity: Identity::Shared, server: &[] }),
            }
        }),
        pod: None,
    }
}
