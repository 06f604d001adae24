//! What pass 4 says: connections that lead nowhere, variables that read what is not there.

use crate::decode::At;
use crate::diag::suggest::{list, nearest};
use crate::diag::{Code, Diagnostic, Place};
use crate::model::{Target, TargetKind};
use crate::overlay::Disabled;
use crate::source::NodeId;
use crate::value::{EnvName, Name};

/// A connection to nothing.
pub const UNKNOWN_TARGET: Code = Code {
    id: "DPJ0310",
    summary: "a connection leads to something that is not declared",
    docs: "\
`connects.NAME` names a workload, a datastore or an external of the platform. Environment variables, secrets and network
policies follow from the connection, so its other end has to be declared: `[datastores.NAME]` for a store,
`[externals.NAME]` for addresses outside of the cluster.",
};

/// A connection to itself.
pub const TO_ITSELF: Code = Code {
    id: "DPJ0311",
    summary: "a workload connects to itself",
    docs: "\
A connection leads from one workload to another thing. Traffic inside of a container needs no connection.",
};

/// A port that is not there.
pub const UNKNOWN_PORT: Code = Code {
    id: "DPJ0312",
    summary: "a connection leads to a port that its target does not have",
    docs: "\
A connection uses the target's main port unless it names another one, by name or by the number that clients dial:

    connects.minio = { port = \"console\" }

The ports of a workload are `port` and `ports`; those of a datastore follow from its engine.",
};

/// A field that is not there.
pub const UNKNOWN_FIELD: Code = Code {
    id: "DPJ0313",
    summary: "a variable reads a field that the connection's target does not publish",
    docs: "\
Each kind of target publishes what its clients may need: host and port, and by engine a URL, user and password. The
message lists the fields of the target. `env` of a connection gives them the names that the client expects:

    connects.postgresql = { env = { DATABASE_URL = \"jdbc-url\", DATABASE_PASSWORD = \"password\" } }",
};

/// One variable twice.
pub const VARIABLE_TWICE: Code = Code {
    id: "DPJ0314",
    summary: "two statements give one environment variable",
    docs: "\
A container sees one value of a variable. Kubernetes would take the last one of a list and say nothing.",
};

/// No store for secrets.
pub const NO_STORE: Code = Code {
    id: "DPJ0315",
    summary: "a variable reads a credential and the platform has no secret store",
    docs: "\
Credentials come from an external store, never from the spec:

    [secrets.store]
    kind   = \"aws-secrets-manager\"
    region = \"eu-west-1\"
    path   = \"{platform}/{environment}/{secret}\"",
};

/// All codes of this module.
pub const CODES: &[&Code] = &[&UNKNOWN_TARGET, &TO_ITSELF, &UNKNOWN_PORT, &UNKNOWN_FIELD, &VARIABLE_TWICE, &NO_STORE];

pub(super) fn unknown_target<'a>(
    name: &At<Name>,
    known: impl Iterator<Item = &'a str> + Clone,
    disabled: Option<&Disabled>,
) -> Diagnostic {
    let diagnostic =
        Diagnostic::error(&UNKNOWN_TARGET, format!("there is no `{name}` to connect to"), Place::Key(name.node));
    if let Some(disabled) = disabled {
        return diagnostic
            .also(Place::Value(disabled.by), "switched off here")
            .help(format!("switch this connection off too: `connects.{name} = {{ enabled = false }}` in the overlay"));
    }
    match nearest(name.value.as_str(), known.clone()) {
        Some(near) => diagnostic.help(format!("did you mean `{near}`?")),
        None => diagnostic
            .help(format!("declare it as a workload, datastore or external; there are {}", list(known, "and"))),
    }
}

pub(super) fn to_itself(name: &At<Name>) -> Diagnostic {
    Diagnostic::error(&TO_ITSELF, format!("`{name}` connects to itself"), Place::Key(name.node))
        .help("remove the connection; containers of one pod reach each other without it")
}

pub(super) fn no_ports(name: &At<Name>, target: &Target) -> Diagnostic {
    let mut diagnostic =
        Diagnostic::error(&UNKNOWN_PORT, format!("`{name}` has no port to connect to"), Place::Key(name.node));
    if let Some(node) = target.node {
        diagnostic = diagnostic.also(Place::Key(node), "declared without a port");
    }
    diagnostic.help(format!("give `{}.{name}` a `port`", target.kind.section()))
}

pub(super) fn unknown_port(wanted: &At<String>, target: &Target) -> Diagnostic {
    let names: Vec<String> = target.ports.iter().map(|port| format!("`{}` ({})", port.name, port.port)).collect();
    let mut diagnostic = Diagnostic::error(
        &UNKNOWN_PORT,
        format!("`{}` has no port `{}`", target.name, wanted.value),
        Place::Value(wanted.node),
    );
    if let (Some(node), TargetKind::Workload | TargetKind::External) = (target.node, target.kind) {
        diagnostic = diagnostic.also(Place::Key(node), "declared here");
    }
    if let Some(near) = nearest(&wanted.value, target.ports.iter().map(|port| port.name.as_ref())) {
        return diagnostic.help(format!("did you mean `{near}`?"));
    }
    diagnostic.help(format!("its ports are {}; without `port` the first is meant", names.join(", ")))
}

pub(super) fn unknown_field(field: &At<String>, target: &Target) -> Diagnostic {
    let names = || target.contract.fields.iter().map(|field| field.name);
    let diagnostic = Diagnostic::error(
        &UNKNOWN_FIELD,
        format!("`{}` publishes no {}", target.name, crate::value::quoted(&field.value)),
        Place::Value(field.node),
    );
    match nearest(&field.value, names()) {
        Some(near) => diagnostic.help(format!("did you mean `{near}`?")),
        None => diagnostic.help(format!("it publishes {}", list(names(), "and"))),
    }
}

pub(super) fn variable_twice(name: &At<EnvName>, first: &At<EnvName>) -> Diagnostic {
    Diagnostic::error(&VARIABLE_TWICE, format!("the variable `{name}` is given twice"), Place::Key(name.node))
        .also(Place::Key(first.node), "also here")
        .help("keep one of the two")
}

pub(super) fn no_store_for(secret: &str, node: NodeId) -> Diagnostic {
    Diagnostic::error(
        &NO_STORE,
        format!("`{secret}` holds credentials, and the platform has no secret store"),
        Place::Key(node),
    )
    .help("declare the store in `[secrets.store]`")
}

pub(super) fn no_store(name: &At<EnvName>, field: &At<String>) -> Diagnostic {
    Diagnostic::error(
        &NO_STORE,
        format!("`{name}` reads the credential `{}`, and the platform has no secret store", field.value),
        Place::Value(field.node),
    )
    .help("declare the store in `[secrets.store]`")
}
