use super::condition::conditions;
use super::lower::{Declared, Judged, Measured, Queried};
use super::spec::{AnalysisSpec, NothingSpec, QuerySpec, SuccessRateSpec};
use super::{diags, smoke_test};
use crate::component::{Declare, Lower};
use crate::decode::{At, Entry};
use crate::k8s::labels;
use crate::model::rollout::{HASH, SERVICE};
use crate::model::{BlueGreen, ModelBuilder, Opener, Workload, WorkloadId};
use crate::source::NodeId;
use crate::value::{Duration, Percentage};
use std::borrow::Cow;
use std::collections::BTreeMap;

pub(super) struct Decoded {
    pub(super) analyses: Vec<Entry<AnalysisSpec>>,
}

/// Where the manifests and the chart of Argo Rollouts put the controller, and what its pods are called.
const CONTROLLER: &str = "argo-rollouts";
/// A measurement a minute.
const INTERVAL: Duration = Duration::from_secs(60);
const WINDOW: Duration = Duration::from_secs(120);
const COUNT: u32 = 5;

/// An analysis, checked.
enum Analysis {
    SuccessRate { at_least: Percentage, window: Duration, no_traffic: NothingSpec, pace: Pace, node: NodeId },
    Query { query: String, success: String, no_data: NothingSpec, pace: Pace, node: NodeId },
    SmokeTest(smoke_test::SmokeTest),
}

/// When and how often something is measured.
#[derive(Clone, Copy)]
pub(super) struct Pace {
    /// Before the first measurement: pods that have just started have counted nothing, so that at once it would find
    /// nothing, and what nothing means could fail a version that nobody asked yet.
    pub(super) delay: Duration,
    pub(super) interval: Duration,
    pub(super) count: u32,
    pub(super) failures: u32,
}

impl Declare for Decoded {
    fn declare(self: Box<Self>, model: &mut ModelBuilder<'_>) -> Box<dyn Lower> {
        let mut analyses: BTreeMap<String, Analysis> = BTreeMap::new();
        for Entry { name, spec } in self.analyses {
            let analysis = match spec {
                AnalysisSpec::SuccessRate(spec) => success_rate(model, &spec, name.node),
                AnalysisSpec::Query(spec) => query(model, spec, name.node),
                AnalysisSpec::SmokeTest(spec) => Analysis::SmokeTest(smoke_test::read(model, *spec, name.node)),
            };
            analyses.insert(name.value.as_str().to_owned(), analysis);
        }
        let judged: Vec<(WorkloadId, BlueGreen)> = model.blue_green().map(|(id, fact)| (*id, fact.clone())).collect();
        let mut declared = Declared { judged: Vec::new() };
        // The entries because of which the controller asks Prometheus.
        let mut asking: Vec<NodeId> = Vec::new();
        for (id, fact) in judged {
            for name in fact.analyses() {
                let Some(analysis) = analyses.get(name.value.as_str()) else {
                    let off = model.switched_off("analyses", name.value.as_str());
                    let diagnostic = diags::unknown_analysis(name, analyses.keys().map(String::as_str), off);
                    model.report(diagnostic);
                    continue;
                };
                let measured = match analysis {
                    Analysis::SmokeTest(test) => {
                        smoke_test::declare(model, id, &fact, name, test).map(Measured::SmokeTest)
                    }
                    analysis => {
                        let queried = queried(model, id, name, analysis);
                        asking.extend(queried.iter().flat_map(|queried| [fact.node, queried.node]));
                        queried.map(Measured::Queried)
                    }
                };
                declared.judged.extend(measured.map(|measured| Judged {
                    workload: id,
                    analysis: name.value.as_str().to_owned(),
                    measured,
                }));
            }
        }
        asking.sort_unstable();
        asking.dedup();
        ask_prometheus(model, &asking);
        Box::new(declared)
    }
}

fn success_rate(model: &mut ModelBuilder<'_>, spec: &SuccessRateSpec, node: NodeId) -> Analysis {
    if let Err(invalid) = spec.at_least.value.at_most_hundred() {
        model.report(crate::decode::diags::invalid_value(&invalid, spec.at_least.node));
    }
    if let Some(window) = spec.window.filter(|window| window.value.is_zero()) {
        model.report(diags::no_time("window", window.node));
    }
    let window = time(model, node, "window", spec.window, WINDOW);
    let pace = pace(model, node, spec.interval, spec.count, spec.failures);
    Analysis::SuccessRate {
        at_least: spec.at_least.value,
        window,
        no_traffic: spec.no_traffic.value,
        // The first window begins with the version.
        pace: Pace { delay: window, ..pace },
        node,
    }
}

fn query(model: &mut ModelBuilder<'_>, spec: QuerySpec, node: NodeId) -> Analysis {
    if !spec.query.value.contains(|c: char| c.is_ascii_alphabetic()) {
        model.report(diags::no_metric(&spec.query));
    }
    // The controller puts arguments into both, and an analysis with one that it does not know never ends.
    for text in [&spec.query, &spec.success] {
        for argument in text.value.split("{{").skip(1) {
            let name = argument.split("}}").next().unwrap_or_default().trim();
            if ![SERVICE, HASH].iter().any(|known| name.strip_prefix("args.") == Some(known)) {
                model.report(diags::unknown_argument(name, text.node));
            }
        }
    }
    if !spec.success.value.contains("result[0]") {
        model.report(diags::no_result(&spec.success));
    }
    let pace = pace(model, node, spec.interval, spec.count, spec.failures);
    Analysis::Query { query: spec.query.value, success: spec.success.value, no_data: spec.no_data.value, pace, node }
}

fn pace(
    model: &mut ModelBuilder<'_>,
    node: NodeId,
    interval: Option<At<Duration>>,
    count: Option<At<u32>>,
    failures: Option<At<u32>>,
) -> Pace {
    if let Some(interval) = interval.filter(|interval| interval.value.is_zero()) {
        model.report(diags::no_time("interval", interval.node));
    }
    let place = count.map_or(node, |count| count.node);
    let interval = time(model, node, "interval", interval, INTERVAL);
    let pace = Pace {
        delay: interval,
        interval,
        count: model.default(node, "count", count.map(|count| count.value), COUNT),
        failures: model.default(node, "failures", failures.map(|failures| failures.value), 0),
    };
    if pace.count == 0 || i32::try_from(pace.count).is_err() {
        model.report(diags::count(pace.count, place));
    } else if let Some(failures) = failures.filter(|failures| failures.value >= pace.count) {
        model.report(diags::never_fails(&failures, pace.count, place));
    }
    pace
}

pub(super) fn time(
    model: &mut ModelBuilder<'_>,
    table: NodeId,
    key: &'static str,
    stated: Option<At<Duration>>,
    default: Duration,
) -> Duration {
    stated.map_or_else(
        || {
            model.note_default(table, key, &format!("\"{default}\""));
            default
        },
        |time| time.value,
    )
}

/// What is asked of Prometheus about a workload.
fn queried(
    model: &mut ModelBuilder<'_>,
    id: WorkloadId,
    name: &At<crate::value::Name>,
    analysis: &Analysis,
) -> Option<Queried> {
    let Some(prometheus) = model.prometheus().cloned() else {
        model.report(diags::no_prometheus(name));
        return None;
    };
    let workload = model.workload(id)?;
    let namespace = model.namespace_name(workload.namespace);
    match analysis {
        Analysis::SuccessRate { at_least, window, no_traffic, pace, node } => {
            let Some(metrics) = workload.pod.as_ref().and_then(|pod| pod.metrics.as_ref()) else {
                let diagnostic = diags::no_metrics(name, &workload.key, workload.node, *node);
                model.report(diagnostic);
                return None;
            };
            let pods = format!(
                "{}=\"{namespace}\", {}=~\"{}-{{{{args.{HASH}}}}}-.+\"",
                prometheus.namespace_label, prometheus.pod_label, workload.name
            );
            let of_it = metrics.but_probes.map_or_else(|| pods.clone(), |but_probes| format!("{pods}, {but_probes}"));
            let query = share_of_answers(&metrics.requests, &metrics.status, &of_it, *window);
            let passes = format!("result[0] >= {}", fraction(*at_least));
            let conditions = conditions(&passes, *no_traffic);
            Some(Queried { query, conditions, pace: *pace, node: *node })
        }
        Analysis::Query { query, success, no_data, pace, node } => {
            let conditions = conditions(success, *no_data);
            Some(Queried { query: query.clone(), conditions, pace: *pace, node: *node })
        }
        Analysis::SmokeTest(_) => None,
    }
}

/// The share of requests that were not answered with an error of the server.
///
/// Both sides are summed: divided series by series, the rate of each status would be compared with itself. A version that
/// answers nothing but errors has no series of anything else, and its share is none, not unknown: `or` gives the sum
/// above a value then. Below, no series stays no series, and no request at all stays 0 / 0.
fn share_of_answers(counter: &str, status: &str, of_it: &str, window: Duration) -> String {
    let answered = format!("sum(rate({counter}{{{of_it}, {status}!~\"5..\"}}[{window}]))");
    let asked = format!("sum(rate({counter}{{{of_it}}}[{window}]))");
    format!("({answered} or vector(0))\n/\n{asked}\n")
}

/// A share as a number: `0.95`.
fn fraction(share: Percentage) -> String {
    let (whole, rest) = (share.percent() / 100, share.percent() % 100);
    format!("{whole}.{rest:02}")
}

/// The controller asks for what it judges by.
fn ask_prometheus(model: &mut ModelBuilder<'_>, because_of: &[NodeId]) {
    let (Some(target), Some(first)) = (model.prometheus().map(|prometheus| prometheus.target), because_of.first())
    else {
        return;
    };
    let namespace = model.foreign_namespace(CONTROLLER);
    let pods = model.add_workload(Workload {
        key: CONTROLLER.to_owned(),
        name: CONTROLLER.to_owned(),
        namespace,
        selector: vec![(Cow::Borrowed(labels::NAME), CONTROLLER.to_owned())],
        node: Some(*first),
        pod: None,
    });
    for node in because_of {
        model.imply(Opener::Workload(pods), target, 0, "analyses of rollouts ask Prometheus", Some(*node));
    }
}
