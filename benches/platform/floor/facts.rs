//! What follows from the spec: who runs where, who reaches whom, which Secrets are needed.

use super::objects;
use super::spec::{Datastore, Engine, Layers, Namespace, Spec};
use std::collections::BTreeMap;

/// The platform of one environment.
pub struct Facts<'a> {
    pub platform: &'a str,
    pub registry: &'a str,
    pub kubernetes: &'a str,
    pub environment: &'a str,
    pub refresh: &'a str,
    pub region: &'a str,
    pub path: &'a str,
    /// By name in the cluster.
    pub namespaces: BTreeMap<String, Inside<'a>>,
    pub services: BTreeMap<&'a str, Service<'a>>,
    pub stores: BTreeMap<&'a str, Store<'a>>,
}

/// A namespace.
pub struct Inside<'a> {
    pub spec: &'a Namespace,
    pub services: Vec<&'a str>,
    pub stores: Vec<&'a str>,
    /// By name.
    pub secrets: BTreeMap<String, Secret<'a>>,
}

/// A workload.
pub struct Service<'a> {
    pub name: &'a str,
    /// In the cluster.
    pub namespace: String,
    pub layers: Layers<'a>,
    pub port: u16,
    pub connects: BTreeMap<&'a str, BTreeMap<&'a str, &'a str>>,
    pub clients: Vec<Client<'a>>,
}

/// A datastore.
pub struct Store<'a> {
    pub name: &'a str,
    /// In the cluster.
    pub namespace: String,
    pub engine: Engine,
    pub host: String,
    /// The database.
    pub database: &'a str,
    pub clients: Vec<Client<'a>>,
}

/// Who connects.
pub struct Client<'a> {
    pub namespace: String,
    pub name: &'a str,
}

/// An `ExternalSecret`.
pub struct Secret<'a> {
    pub target: &'a str,
    /// Its name in the store.
    pub credential: String,
    /// Key to template.
    pub keys: BTreeMap<&'a str, String>,
    pub properties: Vec<&'a str>,
}

impl<'a> Facts<'a> {
    /// `None` if something is missing.
    pub fn new(base: &'a Spec, overlay: &'a Spec, environment: &'a str) -> Option<Self> {
        let stated = |field: fn(&'a Spec) -> Option<&'a String>| field(overlay).or_else(|| field(base));
        let secrets = overlay.secrets.as_ref().or(base.secrets.as_ref())?;
        let mut facts = Facts {
            platform: stated(|spec| spec.platform.name.as_ref())?,
            registry: stated(|spec| spec.platform.registry.as_ref())?,
            kubernetes: stated(|spec| spec.platform.kubernetes.as_ref())?,
            environment,
            refresh: &secrets.refresh,
            region: &secrets.store.region,
            path: &secrets.store.path,
            namespaces: BTreeMap::new(),
            services: BTreeMap::new(),
            stores: BTreeMap::new(),
        };
        for (key, spec) in &base.namespaces {
            let inside = Inside { spec, services: Vec::new(), stores: Vec::new(), secrets: BTreeMap::new() };
            facts.namespaces.insert(format!("{}-{key}", facts.platform), inside);
        }
        for (name, spec) in &base.datastores {
            let store = facts.store(name, spec);
            facts.namespaces.get_mut(&store.namespace)?.stores.push(name);
            facts.stores.insert(name, store);
        }
        for name in base.workloads.keys() {
            let layers = Layers::of(name, base, overlay);
            let namespace = format!("{}-{}", facts.platform, layers.get(|w| w.namespace.as_ref())?);
            facts.namespaces.get_mut(&namespace)?.services.push(name);
            let (port, connects) = (layers.get(|w| w.port)?, layers.connects());
            let service = Service { name, namespace, layers, port, connects, clients: Vec::new() };
            facts.services.insert(name, service);
        }
        facts.connect()?;
        Some(facts)
    }

    fn store(&self, name: &'a str, spec: &'a Datastore) -> Store<'a> {
        let namespace = format!("{}-{}", self.platform, spec.namespace);
        let suffix = match spec.engine {
            Engine::Postgresql => "-rw",
            Engine::Mongodb => "-svc",
            Engine::Redis | Engine::Minio => "",
            Engine::Kafka => "-kafka-bootstrap",
        };
        let host = format!("{name}{suffix}.{namespace}.svc.cluster.local");
        let database = spec.database.as_ref().map_or("", |database| &database.name);
        Store { name, namespace, engine: spec.engine, host, database, clients: Vec::new() }
    }

    /// Tells each target its clients, and each namespace the Secrets that its services read.
    fn connect(&mut self) -> Option<()> {
        let mut of_services: BTreeMap<&str, Vec<Client<'a>>> = BTreeMap::new();
        for service in self.services.values() {
            for (&target, env) in &service.connects {
                let client = Client { namespace: service.namespace.clone(), name: service.name };
                let Some(store) = self.stores.get_mut(target) else {
                    of_services.entry(target).or_default().push(client);
                    continue;
                };
                store.clients.push(client);
                for field in env.values() {
                    let Some((template, properties)) = store.secret(field) else { continue };
                    let credential = store.credential(service.name);
                    let inside = self.namespaces.get_mut(&service.namespace)?;
                    let secret = inside.secrets.entry(format!("{credential}-credentials")).or_insert_with(|| Secret {
                        target,
                        credential,
                        keys: BTreeMap::new(),
                        properties: Vec::new(),
                    });
                    secret.keys.insert(field, template);
                    for property in properties {
                        if !secret.properties.contains(property) {
                            secret.properties.push(property);
                        }
                    }
                }
            }
        }
        for (target, clients) in of_services {
            self.services.get_mut(target)?.clients = clients;
        }
        for store in self.stores.values_mut() {
            store.clients.sort_by(|a, b| a.namespace.cmp(&b.namespace));
        }
        for service in self.services.values_mut() {
            service.clients.sort_by(|a, b| a.namespace.cmp(&b.namespace));
        }
        for inside in self.namespaces.values_mut() {
            for secret in inside.secrets.values_mut() {
                secret.properties.sort_unstable();
            }
        }
        Some(())
    }

    /// Writes all objects in the order in which they are applied.
    pub fn write(&self, out: &mut String) {
        for (name, inside) in &self.namespaces {
            objects::namespace(out, self, name, inside.spec);
        }
        objects::cluster_store(out, self);
        for (name, inside) in &self.namespaces {
            objects::all_of(out, self, name, inside);
        }
    }
}

impl Service<'_> {
    /// What a client may read of it.
    pub fn field(&self, name: &str) -> String {
        let host = format!("{}.{}.svc.cluster.local", self.name, self.namespace);
        match name {
            "host" => host,
            "port" => self.port.to_string(),
            _ => format!("http://{host}:{}", self.port),
        }
    }
}

impl Store<'_> {
    /// The port that clients dial.
    pub fn port(&self) -> u16 {
        match self.engine {
            Engine::Postgresql => 5432,
            Engine::Mongodb => 27017,
            Engine::Redis => 6379,
            Engine::Minio => 9000,
            Engine::Kafka => 9092,
        }
    }

    /// What a client may read of it, unless that is in a Secret.
    pub fn field(&self, name: &str) -> Option<String> {
        let (host, port, database) = (&self.host, self.port(), self.database);
        match name {
            "host" => Some(host.clone()),
            "port" => Some(port.to_string()),
            "endpoint" | "bootstrap-servers" => Some(format!("{host}:{port}")),
            "jdbc-url" => Some(format!("jdbc:postgresql://{host}:{port}/{database}")),
            _ => None,
        }
    }

    /// The template and the properties of a field that is in a Secret.
    fn secret(&self, field: &str) -> Option<(String, &'static [&'static str])> {
        let in_url = |property: &str| format!("{{{{ .{property} | urlquery | replace \"+\" \"%20\" }}}}");
        let property = |name: &str| format!("\"{{{{ {name} }}}}\"");
        match field {
            "username" => Some((property(".username"), &["username"])),
            "password" => Some((property(".password"), &["password"])),
            "access-key" => Some((property("index . \\\"access-key\\\""), &["access-key"])),
            "secret-key" => Some((property("index . \\\"secret-key\\\""), &["secret-key"])),
            "url" => {
                let (host, port, database, name) = (&self.host, self.port(), self.database, self.name);
                let (user, password) = (in_url("username"), in_url("password"));
                let url = format!(
                    "mongodb://{user}:{password}@{host}:{port}/{database}?replicaSet={name}&authSource={database}&tls=true"
                );
                Some((url, &["username", "password"]))
            }
            _ => None,
        }
    }

    /// The name of the credential that a client uses: its own where the store knows its clients apart.
    pub fn credential(&self, client: &str) -> String {
        match self.engine {
            Engine::Minio => format!("{}-{client}", self.name),
            _ => self.name.to_owned(),
        }
    }
}
