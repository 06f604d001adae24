//! The spec as plain serde structs, and the merge of its layers by hand.

use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};

/// A file of the spec.
#[derive(Default, Deserialize)]
#[serde(rename_all = "kebab-case", default)]
pub struct Spec {
    pub platform: Platform,
    pub cluster: Option<Cluster>,
    pub namespaces: BTreeMap<String, Namespace>,
    pub secrets: Option<Secrets>,
    pub mesh: Option<Mesh>,
    pub hosts: BTreeMap<String, Host>,
    pub certificates: Option<Certificates>,
    pub backups: BTreeMap<String, Backup>,
    pub backup_storage: Option<BackupStorage>,
    pub datastores: BTreeMap<String, Datastore>,
    pub workload_classes: BTreeMap<String, Workload>,
    pub workloads: BTreeMap<String, Workload>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub struct Platform {
    pub name: Option<String>,
    pub domain: Option<String>,
    pub registry: Option<String>,
    pub kubernetes: Option<String>,
}

#[derive(Deserialize)]
pub struct Cluster {
    pub network: Network,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Network {
    pub private: Vec<String>,
    pub aws_services: Vec<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Namespace {
    pub name: Option<String>,
    pub pod_security: Option<String>,
    pub isolated: Option<bool>,
    pub tier: Option<String>,
    pub quota: Option<Quota>,
    pub container_limits: Option<ContainerLimits>,
}

#[derive(Deserialize)]
pub struct Quota {
    pub requests: Option<Compute>,
    pub limits: Option<Compute>,
    pub objects: Option<Objects>,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Objects {
    pub pods: Option<u32>,
    pub services: Option<u32>,
    pub persistent_volume_claims: Option<u32>,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct ContainerLimits {
    pub default: Option<Compute>,
    pub default_request: Option<Compute>,
    pub min: Option<Compute>,
    pub max: Option<Compute>,
}

#[derive(Deserialize)]
pub struct Compute {
    pub cpu: Option<String>,
    pub memory: Option<String>,
}

#[derive(Deserialize)]
pub struct Secrets {
    pub refresh: String,
    pub store: Store,
}

#[derive(Deserialize)]
pub struct Store {
    pub region: String,
    pub path: String,
}

#[derive(Deserialize)]
pub struct Mesh {
    pub namespaces: BTreeSet<String>,
    pub proxy: Resources,
}

#[derive(Deserialize)]
pub struct Host {
    pub routes: BTreeMap<String, Route>,
}

#[derive(Deserialize)]
pub struct Route {
    pub to: String,
    pub timeout: Option<String>,
    pub retries: Option<Retries>,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Retries {
    pub attempts: u32,
    pub per_try_timeout: Option<String>,
}

#[derive(Deserialize)]
pub struct Certificates {
    pub issuer: String,
}

#[derive(Deserialize)]
pub struct Backup {
    pub schedule: String,
    pub namespaces: Vec<String>,
    pub keep: String,
}

#[derive(Deserialize)]
pub struct BackupStorage {
    pub namespace: String,
    pub bucket: String,
    pub region: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Datastore {
    pub engine: Engine,
    pub namespace: String,
    pub database: Option<Database>,
    #[serde(default)]
    pub image: String,
    #[serde(default)]
    pub client_image: String,
    #[serde(default)]
    pub instances: u32,
    pub storage: Option<Storage>,
    #[serde(default)]
    pub resources: Resources,
    #[serde(default)]
    pub parameters: BTreeMap<String, Parameter>,
    pub backup: Option<StoreBackup>,
}

/// A setting of PostgreSQL.
#[derive(Deserialize)]
#[serde(untagged)]
pub enum Parameter {
    Text(String),
    Integer(i64),
    Float(f64),
}

#[derive(Deserialize)]
pub struct Storage {
    pub size: String,
    pub class: String,
}

#[derive(Deserialize)]
pub struct StoreBackup {
    pub to: String,
    pub schedule: String,
    pub keep: String,
}

#[derive(Clone, Copy, Deserialize, PartialEq)]
#[serde(rename_all = "kebab-case")]
pub enum Engine {
    Postgresql,
    Mongodb,
    Redis,
    Minio,
    Kafka,
}

#[derive(Deserialize)]
pub struct Database {
    pub name: String,
    pub owner: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub struct Workload {
    pub class: Option<String>,
    pub namespace: Option<String>,
    pub image: Option<String>,
    pub port: Option<u16>,
    pub replicas: Option<u32>,
    pub env: BTreeMap<String, String>,
    pub resources: Resources,
    pub probes: Probes,
    pub spread: Option<Spread>,
    pub scratch: BTreeMap<String, String>,
    pub config: Option<Config>,
    pub shutdown: Option<String>,
    pub rollout: Option<Rollout>,
    pub autoscale: Option<Autoscale>,
    pub recommend: Option<Recommend>,
    pub traffic: Option<Traffic>,
    pub connects: BTreeMap<String, Connect>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub struct Resources {
    pub requests: Option<Compute>,
    pub limits: Option<Compute>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub struct Probes {
    pub liveness: Option<Probe>,
    pub readiness: Option<Probe>,
    pub startup: Option<Probe>,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Probe {
    pub http_get: Option<String>,
    pub initial_delay: Option<String>,
    pub period: Option<String>,
    pub timeout: Option<String>,
    pub failures: Option<u32>,
}

#[derive(Deserialize)]
pub struct Spread {
    pub hosts: Option<Force>,
    pub zones: Option<Force>,
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Force {
    Prefer,
}

#[derive(Deserialize)]
pub struct Config {
    pub mount: String,
    pub files: BTreeMap<String, String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Rollout {
    pub max_unavailable: Option<u32>,
    pub max_surge: Option<u32>,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Autoscale {
    pub replicas: Option<Range>,
    pub target: Option<Utilisation>,
    pub scale_down: Option<Pace>,
    pub scale_up: Option<Pace>,
}

#[derive(Deserialize)]
pub struct Range {
    pub min: u32,
    pub max: u32,
}

#[derive(Deserialize)]
pub struct Utilisation {
    pub cpu: Option<String>,
    pub memory: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Pace {
    pub stabilization: String,
    pub at_most: String,
    pub every: String,
}

#[derive(Deserialize)]
pub struct Recommend {
    pub min: Option<Compute>,
    pub max: Option<Compute>,
}

#[derive(Deserialize)]
pub struct Traffic {
    pub connections: Option<u32>,
    pub balance: Option<String>,
    pub outlier: Option<Outlier>,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Outlier {
    pub errors: u32,
    pub interval: String,
    pub ejection: String,
    pub max_ejected: String,
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub struct Connect {
    pub env: BTreeMap<String, String>,
}

/// What one workload is: its statements, the highest layer first.
pub struct Layers<'a> {
    layers: Vec<&'a Workload>,
}

impl<'a> Layers<'a> {
    /// The platform's and the environment's statements of a workload, over those of its class.
    pub fn of(name: &str, base: &'a Spec, overlay: &'a Spec) -> Self {
        let stated = [overlay.workloads.get(name), base.workloads.get(name)];
        let class = stated.iter().flatten().find_map(|workload| workload.class.as_ref());
        let of_class = |spec: &'a Spec| class.and_then(|class| spec.workload_classes.get(class));
        let layers = stated.into_iter().chain([of_class(overlay), of_class(base)]).flatten().collect();
        Layers { layers }
    }

    /// What the highest layer says that says anything.
    pub fn get<T>(&self, field: impl FnMut(&&'a Workload) -> Option<T>) -> Option<T> {
        self.layers.iter().find_map(field)
    }

    /// A map to which every layer adds.
    pub fn map<V>(&self, field: impl Fn(&'a Workload) -> &'a BTreeMap<String, V>) -> BTreeMap<&'a str, &'a V> {
        let mut merged = BTreeMap::new();
        for layer in self.layers.iter().rev() {
            merged.extend(field(layer).iter().map(|(key, value)| (key.as_str(), value)));
        }
        merged
    }

    /// The connections, each with the variables that read fields of its target.
    pub fn connects(&self) -> BTreeMap<&'a str, BTreeMap<&'a str, &'a str>> {
        let mut merged: BTreeMap<&str, BTreeMap<&str, &str>> = BTreeMap::new();
        for layer in self.layers.iter().rev() {
            for (target, connect) in &layer.connects {
                let env = connect.env.iter().map(|(name, field)| (name.as_str(), field.as_str()));
                merged.entry(target).or_default().extend(env);
            }
        }
        merged
    }
}
