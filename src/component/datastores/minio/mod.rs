//! MinIO (D15): object storage with the protocol of S3.
//!
//! Emits a `StatefulSet` with a Service for clients and a headless one for the servers, a budget of disruptions, and a
//! `Job` that makes for each client a bucket, a user and a policy: a key opens nothing before. The Job changes what is
//! there already, so that it may run at every sync; a client that is gone keeps its bucket.
//!
//! Source: MinIO documentation, "Deploy MinIO on Kubernetes": 9000 serves S3 and the traffic between servers, 9001 the
//! console. All servers start together (`Parallel`) and find each other before they are ready
//! (`publishNotReadyAddresses`), or none ever is. The number of servers of a pool cannot change.

mod declare;
mod lower;
mod setup;
pub mod spec;

pub(super) use declare::{declare, engine};
pub(super) use lower::Declared;

/// Whether so many servers can be divided into sets of 4 to 16.
pub(super) fn is_divisible(servers: u32) -> bool {
    (4..=16).any(|size| servers.is_multiple_of(size))
}

/// S3, for clients and between servers.
const PORT: (&str, u16) = ("s3", 9000);
/// The web console.
const CONSOLE: (&str, u16) = ("console", 9001);
/// Variables of the server, and the properties of its credential in the store.
const ROOT: [(&str, &str, &[&str; 1]); 2] =
    [("MINIO_ROOT_USER", "root-user", &["root-user"]), ("MINIO_ROOT_PASSWORD", "root-password", &["root-password"])];
