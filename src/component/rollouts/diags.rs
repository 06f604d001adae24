//! What the analyses section says.

use crate::decode::At;
use crate::diag::suggest::{list, nearest};
use crate::diag::{Code, Diagnostic, Place};
use crate::model::rollout::{HASH, SERVICE};
use crate::overlay::Disabled;
use crate::source::NodeId;
use crate::value::{Duration, Name, quoted};

/// An analysis that is not there.
pub const UNKNOWN_ANALYSIS: Code = Code {
    id: "DPJ0550",
    summary: "a rollout names an analysis that is not declared",
    docs: "\
`analysis` of a rollout names entries of `[analyses]`. Each of them becomes an `AnalysisTemplate` for each workload that it
judges:

    [analyses.success-rate]
    measure    = \"success-rate\"
    at-least   = \"95%\"
    no-traffic = \"pass\"",
};

/// An analysis that has nothing to measure.
pub const NOTHING_TO_MEASURE: Code = Code {
    id: "DPJ0551",
    summary: "an analysis has nothing to measure",
    docs: "\
A query needs a Prometheus that answers it, which `[monitoring.prometheus]` states, and metrics. How an application counts
its requests is a fact of the framework that it is written with, stated for the workload or its class:

    [monitoring.prometheus]
    namespace = \"monitoring\"

    [workload-classes.spring]
    metrics = { framework = \"spring-boot\" }

A `query` of its own names the metrics itself, and `success` is a condition of `result[0]`, its first value. Its
arguments are `{{args.service-name}}`, the Service of the version that is judged, and
`{{args.pod-template-hash}}`, the hash in the names of its pods.",
};

/// Numbers and times of an analysis that cannot be.
pub const PACE: Code = Code {
    id: "DPJ0552",
    summary: "an analysis would never end, or never fail",
    docs: "\
An analysis measures `count` times, `interval` apart, over a `window`: at least once, and not without end. It fails
with more than `failures` failures, so that there have to be fewer than measurements. A smoke test takes whole
seconds, at most an hour.",
};

/// All codes of this module.
pub const CODES: &[&Code] = &[&UNKNOWN_ANALYSIS, &NOTHING_TO_MEASURE, &PACE];

pub(super) fn unknown_analysis<'a>(
    name: &At<Name>,
    known: impl Iterator<Item = &'a str> + Clone,
    disabled: Option<&Disabled>,
) -> Diagnostic {
    let diagnostic =
        Diagnostic::error(&UNKNOWN_ANALYSIS, format!("there is no analysis `{name}`"), Place::Value(name.node));
    if let Some(disabled) = disabled {
        return diagnostic
            .also(Place::Value(disabled.by), "switched off here")
            .help("state an `analysis` without it in the overlay too");
    }
    match nearest(name.value.as_str(), known.clone()) {
        Some(near) => diagnostic.help(format!("did you mean `{near}`?")),
        None => diagnostic.help(format!("declare `[analyses.{name}]`; there are {}", list(known, "and"))),
    }
}

pub(super) fn no_prometheus(name: &At<Name>) -> Diagnostic {
    Diagnostic::error(
        &NOTHING_TO_MEASURE,
        format!("`{name}` asks Prometheus, and nothing says where that is"),
        Place::Value(name.node),
    )
    .help("state it: `monitoring.prometheus = { namespace = \"monitoring\" }`")
}

pub(super) fn no_metrics(name: &At<Name>, workload: &str, node: Option<NodeId>, analysis: NodeId) -> Diagnostic {
    let diagnostic = Diagnostic::error(
        &NOTHING_TO_MEASURE,
        format!("`{name}` counts requests, and nothing says which metrics `{workload}` has"),
        Place::Value(name.node),
    );
    let diagnostic = match node {
        Some(node) => diagnostic.also(Place::Key(node), "states no `metrics`"),
        None => diagnostic,
    };
    diagnostic
        .also(Place::Key(analysis), "counts requests")
        .help("add `metrics = { framework = \"spring-boot\" }`, or what fits, to it or to its class")
}

pub(super) fn no_metric(query: &At<String>) -> Diagnostic {
    Diagnostic::error(&NOTHING_TO_MEASURE, "a query that names no metric", Place::Value(query.node))
        .help("write a query such as `\"sum(rate(http_requests_total[2m]))\"`")
}

pub(super) fn unknown_argument(name: &str, text: NodeId) -> Diagnostic {
    let message = format!("there is no argument {}", quoted(name));
    Diagnostic::error(&NOTHING_TO_MEASURE, message, Place::Value(text))
        .help(format!("the arguments are `args.{SERVICE}` and `args.{HASH}`"))
}

pub(super) fn no_result(success: &At<String>) -> Diagnostic {
    Diagnostic::error(
        &NOTHING_TO_MEASURE,
        "a condition that does not look at what the query gives",
        Place::Value(success.node),
    )
    .help("write a condition of `result[0]`, such as `\"result[0] < 2\"`")
}

pub(super) fn no_time(key: &str, node: NodeId) -> Diagnostic {
    Diagnostic::error(&PACE, format!("`{key}` is no time at all"), Place::Value(node)).help("write such as `\"1m\"`")
}

pub(super) fn count(count: u32, node: NodeId) -> Diagnostic {
    let message = format!("an analysis of {count} measurements, and at least 1 and at most 2147483647 are made");
    Diagnostic::error(&PACE, message, Place::Value(node)).help("write such as `count = 5`")
}

pub(super) fn never_fails(failures: &At<u32>, count: u32, place: NodeId) -> Diagnostic {
    let message = format!("with {failures} failures that are put up with, {count} measurements never fail");
    Diagnostic::error(&PACE, message, Place::Value(failures.node))
        .also(Place::Value(place), format!("measured {count} times"))
        .help("put up with fewer failures, or measure more often")
}

pub(super) fn timeout(timeout: &At<Duration>) -> Diagnostic {
    let message = format!("a smoke test takes whole seconds, at most an hour, and `{timeout}` is not that");
    Diagnostic::error(&PACE, message, Place::Value(timeout.node)).help("write such as `\"2m\"`")
}
