//! What a target tells its clients: fields by name, some of them read from a secret.

/// Fields that a client may bind to environment variables or read in templates.
#[derive(Clone, Debug, Default)]
pub struct Contract {
    /// The fields, in the order in which messages list them.
    pub fields: Vec<Field>,
    /// Whose credentials a client uses; `None` where there are none.
    pub credential: Option<Credential>,
}

/// The field in which a service of a cloud says in which region it answers.
pub const REGION: &str = "region";

/// One fact that a client may read.
#[derive(Clone, Debug)]
pub struct Field {
    /// Its name, as in `username`.
    pub name: &'static str,
    /// Where its value comes from.
    pub source: FieldSource,
}

/// Where a field's value comes from.
#[derive(Clone, Debug)]
pub enum FieldSource {
    /// It is no secret, and the same on every port.
    Plain(String),
    /// The number of the connection's port.
    Port,
    /// Host and port of the connection, as in `minio.dpj-data.svc.cluster.local:9000`.
    Endpoint,
    /// The same with a scheme, as in `http://…`.
    Url(&'static str),
    /// It is the name of the client that reads it, and no secret.
    Client,
    /// It is in the client's Secret, made by this template of External Secrets (Go template, properties as variables).
    Secret {
        /// The template.
        template: String,
        /// The properties that it reads.
        properties: &'static [&'static str],
    },
}

/// Whose credentials.
#[derive(Clone, Debug)]
pub struct Credential {
    /// One for all clients, or one for each.
    pub identity: Identity,
    /// Fields that the target's own side reads too, of each of its clients: a Secret beside the target.
    pub server: &'static [&'static str],
}

/// How many identities a target knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Identity {
    /// All clients are one user.
    Shared,
    /// Each client is a user of its own.
    PerClient,
}

impl Credential {
    /// The credential's name, in the store and (with a suffix) in the cluster.
    pub fn name(&self, target: &str, client: &str) -> String {
        match self.identity {
            Identity::Shared => target.to_owned(),
            Identity::PerClient => format!("{target}-{client}"),
        }
    }
}

impl Field {
    /// Its text for `client`, which dials `port` of `host`; `None` if it is a secret.
    pub fn text(&self, host: &str, port: u16, client: &str) -> Option<String> {
        match &self.source {
            FieldSource::Plain(text) => Some(text.clone()),
            FieldSource::Port => Some(port.to_string()),
            FieldSource::Endpoint => Some(format!("{host}:{port}")),
            FieldSource::Url(scheme) => Some(format!("{scheme}://{host}:{port}")),
            FieldSource::Client => Some(client.to_owned()),
            FieldSource::Secret { .. } => None,
        }
    }
}

impl Contract {
    /// The field of a name.
    pub fn field(&self, name: &str) -> Option<&Field> {
        self.fields.iter().find(|field| field.name == name)
    }
}

/// A field that is no secret.
pub fn plain(name: &'static str, value: impl Into<String>) -> Field {
    Field { name, source: FieldSource::Plain(value.into()) }
}

/// The number of the port.
pub fn port(name: &'static str) -> Field {
    Field { name, source: FieldSource::Port }
}

/// Host and port in one field.
pub fn endpoint(name: &'static str) -> Field {
    Field { name, source: FieldSource::Endpoint }
}

/// Scheme, host and port in one field.
pub fn url(name: &'static str, scheme: &'static str) -> Field {
    Field { name, source: FieldSource::Url(scheme) }
}

/// A field that is the client's name.
pub fn client(name: &'static str) -> Field {
    Field { name, source: FieldSource::Client }
}

/// A field that is one property of the store's secret.
pub fn property(name: &'static str, property: &'static [&'static str; 1]) -> Field {
    let [only] = property;
    // A Go template takes `.access-key` for a subtraction.
    let template =
        if only.contains('-') { format!("{{{{ index . \"{only}\" }}}}") } else { format!("{{{{ .{only} }}}}") };
    Field { name, source: FieldSource::Secret { template, properties: property } }
}

/// A field that a template makes of properties of the store's secret.
pub fn template(name: &'static str, template: String, properties: &'static [&'static str]) -> Field {
    Field { name, source: FieldSource::Secret { template, properties } }
}
