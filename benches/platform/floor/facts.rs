//! What follows from the spec: who runs where, who reaches whom, which Secrets are needed.

use super::spec::{Datastore, Engine, Layers, Namespace, Spec};
use super::{mesh, objects};
use std::collections::BTreeMap;

/// The platform of one environment.
pub struct Facts<'a> {
    pub spec: &'a Spec,
    pub platform: &'a str,
    pub domain: &'a str,
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
    /// Whether it takes part in the mesh.
    pub meshed: bool,
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
    /// Whether the gateway sends it requests.
    pub routed: bool,
}

/// A datastore.
pub struct Store<'a> {
    pub name: &'a str,
    pub spec: &'a Datastore,
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
    /// Whether it is the account of a database's owner, which CloudNativePG watches.
    pub owner: bool,
    /// Key to template.
    pub keys: BTreeMap<&'a str, String>,
    pub properties: Vec<&'a str>,
}

impl<'a> Secret<'a> {
    fn new(target: &'a str, credential: String) -> Self {
        Secret { target, credential, owner: false, keys: BTreeMap::new(), properties: Vec::new() }
    }

    /// With a key for each property, as it is.
    fn with(mut self, keys: &[(&'a str, &'a str)]) -> Self {
        for (key, property) in keys {
            self.keys.insert(key, template(property));
            self.properties.push(property);
        }
        self
    }
}

/// The template of a property as it is. A name with a hyphen is no name of a field.
fn template(property: &str) -> String {
    if property.contains('-') {
        format!("\"{{{{ index . \\\"{property}\\\" }}}}\"")
    } else {
        format!("\"{{{{ .{property} }}}}\"")
    }
}

impl<'a> Facts<'a> {
    /// `None` if something is missing.
    pub fn new(base: &'a Spec, overlay: &'a Spec, environment: &'a str) -> Option<Self> {
        let stated = |field: fn(&'a Spec) -> Option<&'a String>| field(overlay).or_else(|| field(base));
        let secrets = overlay.secrets.as_ref().or(base.secrets.as_ref())?;
        let mut facts = Facts {
            spec: base,
            platform: stated(|spec| spec.platform.name.as_ref())?,
            domain: stated(|spec| spec.platform.domain.as_ref())?,
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
            let meshed = base.mesh.as_ref().is_some_and(|mesh| mesh.namespaces.contains(key));
            let (services, stores, secrets) = (Vec::new(), Vec::new(), BTreeMap::new());
            facts.namespaces.insert(facts.namespace(key)?, Inside { spec, meshed, services, stores, secrets });
        }
        for (name, spec) in &base.datastores {
            let store = facts.store(name, spec)?;
            facts.namespaces.get_mut(&store.namespace)?.stores.push(name);
            facts.stores.insert(name, store);
        }
        for name in base.workloads.keys() {
            let layers = Layers::of(name, base, overlay);
            let namespace = facts.namespace(layers.get(|w| w.namespace.as_ref())?)?;
            facts.namespaces.get_mut(&namespace)?.services.push(name);
            let (port, connects) = (layers.get(|w| w.port)?, layers.connects());
            let service = Service { name, namespace, layers, port, connects, clients: Vec::new(), routed: false };
            facts.services.insert(name, service);
        }
        for route in base.hosts.values().flat_map(|host| host.routes.values()) {
            facts.services.get_mut(route.to.as_str())?.routed = true;
        }
        facts.connect()?;
        facts.own_secrets()?;
        Some(facts)
    }

    /// A namespace's name in the cluster.
    pub fn namespace(&self, key: &str) -> Option<String> {
        let stated = self.spec.namespaces.get(key)?.name.as_ref();
        Some(stated.map_or_else(|| format!("{}-{key}", self.platform), Clone::clone))
    }

    fn store(&self, name: &'a str, spec: &'a Datastore) -> Option<Store<'a>> {
        let namespace = self.namespace(&spec.namespace)?;
        let suffix = match spec.engine {
            Engine::Postgresql => "-rw",
            Engine::Mongodb => "-svc",
            Engine::Redis | Engine::Minio => "",
            Engine::Kafka => "-kafka-bootstrap",
        };
        let host = format!("{name}{suffix}.{namespace}.svc.cluster.local");
        let database = spec.database.as_ref().map_or("", |database| &database.name);
        Some(Store { name, spec, namespace, engine: spec.engine, host, database, clients: Vec::new() })
    }

    /// The Secrets that the stores themselves read.
    fn own_secrets(&mut self) -> Option<()> {
        for store in self.stores.values() {
            let secrets = &mut self.namespaces.get_mut(&store.namespace)?.secrets;
            let name = store.name;
            match store.engine {
                Engine::Postgresql => {
                    let keys = [("ACCESS_KEY_ID", "access-key-id"), ("SECRET_ACCESS_KEY", "secret-access-key")];
                    let backup = Secret::new(name, format!("{name}-backup")).with(&keys);
                    secrets.insert(format!("{name}-backup-credentials"), backup);
                    let mut owner = Secret::new(name, name.to_owned()).with(&[("password", "password")]);
                    owner.owner = true;
                    owner.keys.insert("username", store.spec.database.as_ref()?.owner.clone()?);
                    secrets.insert(format!("{name}-owner-credentials"), owner);
                }
                Engine::Minio => {
                    let root = [("root-password", "root-password"), ("root-user", "root-user")];
                    secrets.insert(format!("{name}-credentials"), Secret::new(name, name.to_owned()).with(&root));
                    for client in &store.clients {
                        let credential = store.credential(client.name);
                        let keys = [("access-key", "access-key"), ("secret-key", "secret-key")];
                        secrets.insert(format!("{credential}-credentials"), Secret::new(name, credential).with(&keys));
                    }
                }
                Engine::Mongodb | Engine::Redis | Engine::Kafka => {}
            }
        }
        Some(())
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
                    let name = format!("{credential}-credentials");
                    let secret = inside.secrets.entry(name).or_insert_with(|| Secret::new(target, credential));
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
            objects::namespace(out, self, name, inside);
        }
        objects::cluster_store(out, self);
        let (before, after): (Vec<_>, Vec<_>) =
            self.namespaces.iter().partition(|(name, _)| name.as_str() < mesh::GATEWAY);
        for (name, inside) in before {
            objects::all_of(out, self, name, inside);
        }
        mesh::hosts(out, self);
        for (name, inside) in after {
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
        match field {
            // The role that the spec names is no secret.
            "username" => Some((self.spec.database.as_ref()?.owner.clone()?, &[])),
            "password" => Some((template(field), &["password"])),
            "access-key" => Some((template(field), &["access-key"])),
            "secret-key" => Some((template(field), &["secret-key"])),
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

    /// The name of the Job that makes MinIO's users.
    pub fn setup(&self) -> String {
        format!("{}-setup", self.name)
    }

    /// The name of the credential that a client uses: its own where the store knows its clients apart.
    pub fn credential(&self, client: &str) -> String {
        match self.engine {
            Engine::Minio => format!("{}-{client}", self.name),
            _ => self.name.to_owned(),
        }
    }
}
