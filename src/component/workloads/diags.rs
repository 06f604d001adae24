//! What the workloads section says.

use super::spec::RangeSpec;
use crate::decode::At;
use crate::diag::suggest::{list, nearest};
use crate::diag::{Code, Diagnostic, Place};
use crate::model::TargetPort;
use crate::source::NodeId;
use crate::value::{Duration, Name, Port, PortName, quoted};

/// No image or namespace.
pub const INCOMPLETE: Code = Code {
    id: "DPJ0440",
    summary: "a workload lacks what it cannot run without",
    docs: "\
A workload needs an image and a namespace, its own or its class's:

    [workloads.document-service]
    class = \"spring\"
    image = \"dpj/document-service:1.1.0\"",
};

/// Ports that do not fit together.
pub const PORTS: Code = Code {
    id: "DPJ0441",
    summary: "a workload's ports do not fit together",
    docs: "\
`port` is the port that a workload serves HTTP on; it is called `http`. `ports` names others. Each name and each number
stands once, and probes name a port that exists. `service.port` is what clients dial instead of `port`.",
};

/// A credential in the spec.
pub const LITERAL_CREDENTIAL: Code = Code {
    id: "DPJ0442",
    summary: "a credential is written into the spec",
    docs: "\
What is in the spec is in git and in the output, for everybody who reads either. A credential comes from the platform's
secret store, through the connection that needs it:

    connects.postgresql = { env = { DATABASE_PASSWORD = \"password\" } }

Change the credential that was written down: it is known now. Its value is masked in every message.",
};

/// Durations that Kubernetes cannot take.
pub const SECONDS: Code = Code {
    id: "DPJ0443",
    summary: "a duration is not one that Kubernetes takes here",
    docs: "\
Probes, grace periods and autoscalers count in whole seconds. The period and the timeout of a probe are at least one; an
autoscaler's window is at most an hour and its period at most half an hour (API reference, `HPAScalingRules`).",
};

/// Autoscaling that cannot work.
pub const AUTOSCALE: Code = Code {
    id: "DPJ0444",
    summary: "an autoscaler could not work",
    docs: "\
An autoscaler compares use with what the pods request, so each resource that it looks at needs a request. Its minimum is at
least one pod, and it has at least one target:

    resources.requests = { cpu = \"250m\" }
    autoscale = { replicas = { min = 3, max = 10 }, target = { cpu = \"70%\" } }",
};

/// A rollout that cannot move.
pub const STUCK_ROLLOUT: Code = Code {
    id: "DPJ0445",
    summary: "a rolling update could never replace a pod",
    docs: "\
With `max-unavailable` and `max-surge` both zero, no old pod may go before a new one is there, and no new one may come. The
API server refuses it.",
};

/// Root.
pub const ROOT: Code = Code {
    id: "DPJ0446",
    summary: "a workload runs as root",
    docs: "\
Workloads run under the restricted Pod Security Standard, which admits no user 0. Any other number will do; images
should not depend on it.",
};

/// A number that does not fit.
pub const TOO_MANY: Code = Code {
    id: "DPJ0447",
    summary: "a number is beyond what Kubernetes takes",
    docs: "Counts are 32-bit integers, at most 2147483647; thresholds of probes are at least 1.",
};

/// Traffic that no proxy could serve.
pub const TRAFFIC: Code = Code {
    id: "DPJ0525",
    summary: "`traffic` of a workload states what no proxy can do",
    docs: "\
Numbers of connections, requests and errors are at least 1 and at most 2147483647; times are more than none:

    traffic = { connections = 100, outlier = { errors = 3, interval = \"30s\", ejection = \"30s\" } }

What is left out is Istio's own default.",
};

/// Two versions that nothing can tell apart.
pub const BLUE_GREEN: Code = Code {
    id: "DPJ0448",
    summary: "two versions side by side could not be told apart",
    docs: "\
With `strategy = \"blue-green\"` two versions of a workload run side by side. What takes the traffic from one to the other
is the workload's Service, and beside it there is one for the new version: without a port there is no Service, and the new
version would work as soon as it runs. Each analysis is named once before and once after:

    [workloads.document-service]
    port = 8080

    [workloads.document-service.rollout]
    strategy = \"blue-green\"
    analysis = { before = [\"smoke-test\", \"success-rate\"], after = [\"success-rate\"] }",
};

/// Two autoscalers of one amount.
pub const BOTH_SET: Code = Code {
    id: "DPJ0449",
    summary: "two autoscalers would undo each other's work",
    docs: "\
`autoscale` decides the number of pods by what they use of what they request; `recommend` with `apply` changes what they
request by what they use. Side by side, each changes what the other one measures. Beside an autoscaler a recommendation is
one that people read:

    autoscale = { replicas = { min = 3, max = 10 }, target = { cpu = \"70%\" } }
    recommend = { apply = \"never\" }",
};

/// Metrics that nobody could read.
pub const METRICS: Code = Code {
    id: "DPJ0541",
    summary: "a workload's metrics could not be read",
    docs: "\
`metrics` says which framework writes them, and so how they are called. They are asked for at a port of the workload, the
main one unless `port` names another:

    metrics = { framework = \"spring-boot\" }
    metrics = { framework = \"other\", requests = \"http_requests_total\", status = \"code\" }

Names of metrics have letters, digits, underscores and colons, those of labels no colons, and no digit in front.",
};

/// All codes of this module.
pub const CODES: &[&Code] = &[
    &INCOMPLETE,
    &PORTS,
    &LITERAL_CREDENTIAL,
    &SECONDS,
    &AUTOSCALE,
    &STUCK_ROLLOUT,
    &ROOT,
    &TOO_MANY,
    &BLUE_GREEN,
    &BOTH_SET,
    &TRAFFIC,
    &METRICS,
];

pub(super) fn missing(workload: &str, key: &str, example: &str, node: NodeId) -> Diagnostic {
    Diagnostic::error(&INCOMPLETE, format!("`{workload}` has no `{key}`"), Place::Key(node))
        .label(format!("needs `{key}`"))
        .help(format!("add `{key} = {example}` here or in its class"))
}

pub(super) fn service_without_port(node: NodeId) -> Diagnostic {
    Diagnostic::error(&PORTS, "a Service port, and no `port` behind it", Place::Value(node))
        .help("add `port = 8080`, the port that it listens on")
}

pub(super) fn port_name_taken(name: &At<PortName>) -> Diagnostic {
    Diagnostic::error(&PORTS, format!("the port name `{name}` is that of the main port"), Place::Key(name.node))
        .help("give it another name, or remove `port`")
}

pub(super) fn port_twice(port: &At<Port>, first: NodeId) -> Diagnostic {
    Diagnostic::error(&PORTS, format!("the port {port} has two names"), Place::Value(port.node))
        .also(Place::Value(first), "also here")
        .help("keep one of the two")
}

pub(super) fn probe_port(kind: &str, wanted: &At<PortName>, ports: &[TargetPort]) -> Diagnostic {
    let diagnostic = Diagnostic::error(
        &PORTS,
        format!("the {kind} probe asks a port `{wanted}` that is not there"),
        Place::Value(wanted.node),
    );
    match nearest(wanted.value.as_str(), ports.iter().map(|port| port.name.as_ref())) {
        Some(near) => diagnostic.help(format!("did you mean `{near}`?")),
        None => diagnostic.help("name one of the workload's ports; without `port` the main one is asked"),
    }
}

pub(super) fn probe_without_port(kind: &str, probe: NodeId, node: NodeId) -> Diagnostic {
    Diagnostic::error(&PORTS, format!("the {kind} probe has no port to ask"), Place::Value(probe))
        .also(Place::Key(node), "declared without a port")
        .help("add `port = 8080`, the port that it listens on")
}

/// Without the workload's name: a mistake of a class is one mistake, and the excerpt shows where it stands.
pub(super) fn literal_credential(reason: &str, place: Place) -> Diagnostic {
    Diagnostic::error(&LITERAL_CREDENTIAL, format!("a credential is written into the spec: {reason}"), place)
        .label("its value is masked")
        .note("what is in the spec is in git: change the credential, it is known now")
        .help("read it from the secret store, with `env` of the connection that needs it")
}

pub(super) fn zero_duration(node: NodeId) -> Diagnostic {
    Diagnostic::error(&SECONDS, "the period and the timeout of a probe are at least one second", Place::Value(node))
        .help("write `\"1s\"` or more")
}

pub(super) fn seconds(duration: &At<Duration>) -> Diagnostic {
    Diagnostic::error(&SECONDS, format!("`{duration}` is not a whole number of seconds"), Place::Value(duration.node))
        .help("Kubernetes counts this in whole seconds: write such as `\"2s\"`")
}

pub(super) fn pace(duration: &At<Duration>, most: u64) -> Diagnostic {
    let minutes = most / 60;
    Diagnostic::error(
        &SECONDS,
        format!("`{duration}` is more than the {minutes} minutes that Kubernetes takes"),
        Place::Value(duration.node),
    )
    .help(format!("write `\"{minutes}m\"` or less"))
}

pub(super) fn pace_of_nothing(node: NodeId) -> Diagnostic {
    Diagnostic::error(&AUTOSCALE, "an autoscaler that may change nothing in a period", Place::Value(node))
        .help("write a number of pods or a share, such as `\"10%\"`")
}

pub(super) fn period_of_nothing(node: NodeId) -> Diagnostic {
    Diagnostic::error(&AUTOSCALE, "`every` without `at-most` says how often nothing is limited", Place::Value(node))
        .help("add `at-most`, a number of pods or a share such as `\"10%\"`, or remove `every`")
}

pub(super) fn failures(value: u32, node: NodeId) -> Diagnostic {
    Diagnostic::error(
        &TOO_MANY,
        format!("`failures` is {value}, and is at least 1 and at most 2147483647"),
        Place::Value(node),
    )
    .help("write `failures = 3`")
}

pub(super) fn too_many(key: &str, value: u32, node: NodeId) -> Diagnostic {
    Diagnostic::error(
        &TOO_MANY,
        format!("`{key}` is {value}, beyond the 2147483647 that Kubernetes takes"),
        Place::Value(node),
    )
    .help("write the number that is meant")
}

pub(super) fn root(node: NodeId) -> Diagnostic {
    Diagnostic::error(&ROOT, "the user 0 is root", Place::Value(node))
        .help("write a user other than 0, or leave `user` out")
}

pub(super) fn stuck_rollout(node: NodeId) -> Diagnostic {
    Diagnostic::error(&STUCK_ROLLOUT, "`max-unavailable` and `max-surge` are both zero", Place::Value(node))
        .help("let one of the two be at least 1")
}

pub(super) fn blue_green_without_port(name: &str, rollout: NodeId, workload: NodeId) -> Diagnostic {
    let message = format!("`{name}` has no Service that could take the traffic from one version to the other");
    Diagnostic::error(&BLUE_GREEN, message, Place::Key(rollout))
        .also(Place::Key(workload), "declared without a port")
        .help("add `port = 8080`, the port that it listens on, or write another `strategy`")
}

pub(super) fn analysis_twice(name: &At<Name>, first: NodeId) -> Diagnostic {
    Diagnostic::error(&BLUE_GREEN, format!("the analysis `{name}` is named twice"), Place::Value(name.node))
        .also(Place::Value(first), "also here")
        .help("name it once: all of them run at the same time")
}

pub(super) fn both_set<'a>(resources: impl Iterator<Item = &'a str>, apply: NodeId, autoscale: NodeId) -> Diagnostic {
    let names = list(resources, "and");
    Diagnostic::error(
        &BOTH_SET,
        format!("what this changes, {names}, is what the other autoscaler measures"),
        Place::Value(apply),
    )
    .also(Place::Key(autoscale), "decides the number of pods by it")
    .help("write `apply = \"never\"`, or remove `autoscale`")
}

pub(super) fn metric_name(name: &At<String>) -> Diagnostic {
    let message = format!("{} is not the name of a metric", quoted(&name.value));
    Diagnostic::error(&METRICS, message, Place::Value(name.node))
        .help("write letters, digits, underscores and colons, such as `\"http_requests_total\"`")
}

pub(super) fn metric_label(name: &At<String>) -> Diagnostic {
    let message = format!("{} is not the name of a label of a metric", quoted(&name.value));
    Diagnostic::error(&METRICS, message, Place::Value(name.node))
        .help("write letters, digits and underscores, such as `\"status\"`")
}

pub(super) fn metrics_port(wanted: &At<PortName>, ports: &[TargetPort]) -> Diagnostic {
    let message = format!("metrics are asked for at a port `{wanted}` that is not there");
    let diagnostic = Diagnostic::error(&METRICS, message, Place::Value(wanted.node));
    match nearest(wanted.value.as_str(), ports.iter().map(|port| port.name.as_ref())) {
        Some(near) => diagnostic.help(format!("did you mean `{near}`?")),
        None => diagnostic.help("name one of the workload's ports; without `port` the main one is asked"),
    }
}

pub(super) fn metrics_without_port(node: NodeId) -> Diagnostic {
    Diagnostic::error(&METRICS, "metrics that nobody can ask for", Place::Key(node))
        .help("add `port = 8080`, the port that it listens on, or remove `metrics`")
}

pub(super) fn autoscale_from_zero(node: NodeId) -> Diagnostic {
    Diagnostic::error(&AUTOSCALE, "an autoscaler's minimum is at least one pod", Place::Value(node))
        .help("write `min = 1` or more")
}

pub(super) fn replicas_outside(replicas: &At<u32>, range: &RangeSpec, autoscale: NodeId) -> Diagnostic {
    let (min, max) = (range.min.value, range.max.value);
    Diagnostic::error(
        &AUTOSCALE,
        format!("`replicas` is {replicas}, outside of the autoscaler's {min} to {max}"),
        Place::Value(replicas.node),
    )
    .also(Place::Key(autoscale), format!("autoscaled between {min} and {max}"))
    .help("the autoscaler decides the number of pods: leave `replicas` out, or let the two agree")
}

pub(super) fn autoscale_without_target(node: NodeId) -> Diagnostic {
    Diagnostic::error(&AUTOSCALE, "the autoscaler looks at nothing", Place::Value(node))
        .help("write `target = { cpu = \"70%\" }`")
}

pub(super) fn autoscale_without_request(resource: &str, node: NodeId) -> Diagnostic {
    Diagnostic::error(
        &AUTOSCALE,
        format!("the autoscaler looks at {resource}, of which the pods request nothing"),
        Place::Value(node),
    )
    .help(format!("add `resources.requests.{resource}`, or remove the target"))
}

pub(super) fn traffic_count(key: &str, count: &At<u32>) -> Diagnostic {
    Diagnostic::error(
        &TRAFFIC,
        format!("`{key}` is {count}, and is at least 1 and at most 2147483647"),
        Place::Value(count.node),
    )
    .help("write a number that is meant, or leave the key out")
}

pub(super) fn traffic_duration(node: NodeId) -> Diagnostic {
    Diagnostic::error(&TRAFFIC, "a time of nothing", Place::Value(node)).help("write such as `\"30s\"`")
}

pub(super) fn traffic_without_port(node: NodeId) -> Diagnostic {
    Diagnostic::error(&TRAFFIC, "`traffic` of a workload that nobody can connect to", Place::Key(node))
        .help("add `port = 8080`, the port that it listens on, or remove `traffic`")
}
