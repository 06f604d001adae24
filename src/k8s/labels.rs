//! Labels and annotations of the output, each named once.
//!
//! Source: <https://kubernetes.io/docs/reference/labels-annotations-taints/>.

use std::collections::BTreeMap;

/// What an application is called. The only label that selectors use: a Deployment's selector cannot be changed.
pub const NAME: &str = "app.kubernetes.io/name";
/// Which instance of it; here the same as the name.
pub const INSTANCE: &str = "app.kubernetes.io/instance";
/// The platform that it belongs to.
pub const PART_OF: &str = "app.kubernetes.io/part-of";
/// What wrote the object.
pub const MANAGED_BY: &str = "app.kubernetes.io/managed-by";
/// The version that runs, on pods.
pub const VERSION: &str = "app.kubernetes.io/version";
/// Set on every namespace by the API server: the namespace's name, for policies' selectors.
pub const NAMESPACE_NAME: &str = "kubernetes.io/metadata.name";
/// The value of [`MANAGED_BY`].
pub const DPJGEN: &str = "dpjgen";
/// Hash of the configuration that a pod reads: a change of it restarts the pods.
pub const CONFIG_CHECKSUM: &str = "dpjgen.io/config-checksum";
/// Whether Prometheus asks a pod, by the convention of its own example for Kubernetes, which Istio follows too.
pub const SCRAPE: &str = "prometheus.io/scrape";
/// The path that it asks.
pub const SCRAPE_PATH: &str = "prometheus.io/path";
/// The port that it asks.
pub const SCRAPE_PORT: &str = "prometheus.io/port";

/// The labels of everything that belongs to one application of a platform.
pub fn of_application(platform: &str, name: &str) -> BTreeMap<String, String> {
    let mut labels = of_platform(platform);
    labels.insert(NAME.to_owned(), name.to_owned());
    labels.insert(INSTANCE.to_owned(), name.to_owned());
    labels
}

/// The labels of everything that belongs to a platform but to no application of it.
pub fn of_platform(platform: &str) -> BTreeMap<String, String> {
    BTreeMap::from([(PART_OF.to_owned(), platform.to_owned()), (MANAGED_BY.to_owned(), DPJGEN.to_owned())])
}
