//! What the hosts section says.

use crate::decode::At;
use crate::diag::suggest::{list, nearest};
use crate::diag::{Code, Diagnostic, Place};
use crate::model::Target;
use crate::overlay::Disabled;
use crate::source::NodeId;
use crate::value::{Duration, Host, HttpPath, Invalid, Name, PortName};

/// A gateway of nothing.
pub const NO_MESH: Code = Code {
    id: "DPJ0530",
    summary: "a host goes through a mesh that the platform does not have",
    docs: "\
`through = \"istio\"` is the ingress gateway of the service mesh, which `[mesh]` declares: where its pods are, and as whom
workloads know them.",
};

/// A route to nothing.
pub const ROUTE_TARGET: Code = Code {
    id: "DPJ0531",
    summary: "a route leads to something that is no workload of the platform",
    docs: "\
A route names a workload and, where it is not the main one, a port of it by name:

    [hosts.api.routes]
    \"/admin\" = { to = \"api-gateway\", port = \"admin\" }

Datastores and externals are not reached from outside.",
};

/// A port that is not there.
pub const ROUTE_PORT: Code = Code {
    id: "DPJ0532",
    summary: "a route leads to a port that its workload does not have",
    docs: "\
A route uses the workload's main port unless it names another one. The ports of a workload are `port`, called `http`, and
`ports`.",
};

/// A host of somebody else's.
pub const OUTSIDE_DOMAIN: Code = Code {
    id: "DPJ0533",
    summary: "a host is not under the platform's domain",
    docs: "\
`[hosts.api]` of a platform whose domain is `dpj.banque.fr` is api.dpj.banque.fr. `host` states another name, which is the
domain itself or ends with it: DNS and certificates of other domains are not the platform's, and an environment that
changes `platform.domain` changes all of its hosts.",
};

/// Two entries for one thing.
pub const TWICE: Code = Code {
    id: "DPJ0534",
    summary: "two entries are for one host or one path",
    docs: "\
A host has one entry, with all of its routes, and one certificate; a path has one route. A `/` at the end of a path makes
no difference.",
};

/// Paths and routes that cannot be.
pub const ROUTES: Code = Code {
    id: "DPJ0535",
    summary: "routes of a host that match nothing",
    docs: "\
A host has at least one route. Its path has no query and stands for itself and everything below it: `/client` is
`/client` and `/client/...`, and not `/clients`.",
};

/// Times that do not fit together.
pub const TIMES: Code = Code {
    id: "DPJ0536",
    summary: "a route's time limits do not fit together",
    docs: "\
`timeout` is the limit for all attempts together, `retries.per-try-timeout` for each of them, which therefore is not longer.
Both are more than nothing: Istio would take `0s` for no limit at all. There are at most 100 attempts.",
};

/// Nobody to sign certificates.
pub const NO_ISSUER: Code = Code {
    id: "DPJ0537",
    summary: "hosts without an issuer of certificates",
    docs: "\
Every host is served over HTTPS, with a certificate that cert-manager gets from a `ClusterIssuer` of the cluster:

    [certificates]
    issuer = \"letsencrypt-prod\"

Requests over HTTP are sent to HTTPS, so the issuer has to prove the domain by DNS (DNS-01).",
};

/// All codes of this module.
pub const CODES: &[&Code] =
    &[&NO_MESH, &ROUTE_TARGET, &ROUTE_PORT, &OUTSIDE_DOMAIN, &TWICE, &ROUTES, &TIMES, &NO_ISSUER];

pub(super) fn no_mesh(through: NodeId) -> Diagnostic {
    Diagnostic::error(&NO_MESH, "the platform has no mesh, and so no gateway of one", Place::Value(through))
        .help("declare it in `[mesh]`")
}

pub(super) fn no_issuer(host: &str, node: NodeId) -> Diagnostic {
    Diagnostic::error(&NO_ISSUER, format!("nobody signs the certificate of the host `{host}`"), Place::Key(node))
        .help("name the cluster's issuer: `certificates.issuer = \"letsencrypt-prod\"`")
}

pub(super) fn no_domain(host: &str, node: NodeId) -> Diagnostic {
    Diagnostic::error(&OUTSIDE_DOMAIN, format!("the host `{host}` has no domain to be in"), Place::Key(node))
        .help("state `platform.domain`")
}

pub(super) fn outside_domain(host: &At<Host>, domain: &Host) -> Diagnostic {
    Diagnostic::error(&OUTSIDE_DOMAIN, format!("`{host}` is not under `{domain}`"), Place::Value(host.node))
        .help(format!("write a name that ends with `.{domain}`"))
}

pub(super) fn bad_name(invalid: &Invalid, host: NodeId) -> Diagnostic {
    Diagnostic::error(&OUTSIDE_DOMAIN, invalid.problem.clone(), Place::Key(host))
        .help("shorten the name, or state `host`")
}

pub(super) fn host_twice(host: &str, second: NodeId, first: NodeId) -> Diagnostic {
    Diagnostic::error(&TWICE, format!("two entries are `{host}`"), Place::Key(second))
        .also(Place::Key(first), "the other one")
        .help("put the routes of both into one entry")
}

pub(super) fn path_twice(path: &str, second: NodeId, first: NodeId) -> Diagnostic {
    Diagnostic::error(&TWICE, format!("two routes are for `{path}`"), Place::Key(second))
        .also(Place::Key(first), "the other one")
        .help("keep one of the two")
}

pub(super) fn no_routes(host: &str, routes: NodeId) -> Diagnostic {
    Diagnostic::error(&ROUTES, format!("the host `{host}` leads nowhere"), Place::Value(routes))
        .help("add a route such as `\"/\" = { to = \"api-gateway\" }`")
}

pub(super) fn query(path: &At<HttpPath>) -> Diagnostic {
    Diagnostic::error(&ROUTES, "the path of a route has a query", Place::Key(path.node))
        .help(format!("write `\"{}\"`", path.value.path()))
}

pub(super) fn unknown_workload<'a>(
    name: &At<Name>,
    other: Option<&Target>,
    known: impl Iterator<Item = &'a str> + Clone,
    disabled: Option<&Disabled>,
) -> Diagnostic {
    if let Some(other) = other {
        return Diagnostic::error(
            &ROUTE_TARGET,
            format!("`{name}` is in `{}`, and routes lead to workloads", other.kind.section()),
            Place::Value(name.node),
        )
        .help("let a workload stand in front of it");
    }
    let diagnostic =
        Diagnostic::error(&ROUTE_TARGET, format!("there is no workload `{name}`"), Place::Value(name.node));
    if let Some(disabled) = disabled {
        return diagnostic
            .also(Place::Value(disabled.by), "switched off here")
            .help("switch this route off too, with `enabled = false` in the overlay");
    }
    match nearest(name.value.as_str(), known.clone()) {
        Some(near) => diagnostic.help(format!("did you mean `{near}`?")),
        None => diagnostic.help(format!("the workloads are {}", list(known, "and"))),
    }
}

pub(super) fn no_ports(name: &At<Name>, target: &Target) -> Diagnostic {
    let mut diagnostic = Diagnostic::error(
        &ROUTE_PORT,
        format!("`{name}` has no port that a route could lead to"),
        Place::Value(name.node),
    );
    if let Some(node) = target.node {
        diagnostic = diagnostic.also(Place::Key(node), "declared without a port");
    }
    diagnostic.help(format!("give `workloads.{name}` a `port`"))
}

pub(super) fn unknown_port(port: &At<PortName>, target: &Target) -> Diagnostic {
    let names = || target.ports.iter().map(|port| port.name.as_ref());
    let mut diagnostic =
        Diagnostic::error(&ROUTE_PORT, format!("`{}` has no port `{port}`", target.name), Place::Value(port.node));
    if let Some(node) = target.node {
        diagnostic = diagnostic.also(Place::Key(node), "declared here");
    }
    match nearest(port.value.as_str(), names()) {
        Some(near) => diagnostic.help(format!("did you mean `{near}`?")),
        None => diagnostic.help(format!("its ports are {}; without `port` the first is meant", list(names(), "and"))),
    }
}

pub(super) fn no_time(key: &str, node: NodeId) -> Diagnostic {
    Diagnostic::error(&TIMES, format!("`{key}` leaves no time"), Place::Value(node))
        .help("write such as `\"30s\"`, or leave it out for no limit of its own")
}

pub(super) fn longer_than_all(each: &At<Duration>, all: &At<Duration>) -> Diagnostic {
    Diagnostic::error(
        &TIMES,
        format!("one attempt may take {each}, longer than the {all} of all together"),
        Place::Value(each.node),
    )
    .also(Place::Value(all.node), "for all attempts")
    .help("lower `per-try-timeout`, or raise `timeout`")
}

pub(super) fn attempts(attempts: &At<u32>, most: u32) -> Diagnostic {
    Diagnostic::error(&TIMES, format!("{attempts} attempts, more than {most}"), Place::Value(attempts.node))
        .help("write a number such as `3`: every attempt is load for what is failing already")
}
