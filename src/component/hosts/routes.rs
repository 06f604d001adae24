//! Routes of a host: which workload answers to which path.

use super::diags;
use super::spec::{RetriesSpec, RouteSpec};
use crate::decode::At;
use crate::model::{ModelBuilder, TargetId, TargetKind};
use crate::source::NodeId;
use crate::value::{Duration, HttpPath, Name, PortName};
use std::cmp::Reverse;
use std::collections::BTreeMap;

/// A route whose target is known.
pub(super) struct Route {
    /// The path that it is for, with everything below: no `/` at the end, and empty for all paths.
    pub(super) path: String,
    pub(super) target: TargetId,
    /// Index into the target's ports.
    pub(super) port: usize,
    pub(super) timeout: Option<Duration>,
    pub(super) retries: Option<(u32, Option<Duration>)>,
    pub(super) node: NodeId,
}

/// More is a storm.
const MOST_ATTEMPTS: u32 = 100;

/// The routes, the longest path first: the first that matches is taken.
pub(super) fn declare(model: &mut ModelBuilder<'_>, routes: BTreeMap<At<HttpPath>, At<RouteSpec>>) -> Vec<Route> {
    let mut found: Vec<Route> = Vec::new();
    for (path, At { value: spec, node }) in routes {
        if path.value.query().is_some() {
            model.report(diags::query(&path));
        }
        let covered = path.value.path().trim_end_matches('/').to_owned();
        if let Some(first) = found.iter().find(|route| route.path == covered) {
            model.report(diags::path_twice(path.value.path(), node, first.node));
        }
        check_times(model, &spec);
        let Some((target, port)) = resolve(model, &spec.to, spec.port.as_ref()) else { continue };
        found.push(Route {
            path: covered,
            target,
            port,
            timeout: spec.timeout.map(|timeout| timeout.value),
            retries: spec.retries.map(|r| (r.attempts.value, r.per_try_timeout.map(|each| each.value))),
            node,
        });
    }
    found.sort_by(|a, b| (Reverse(a.path.len()), &a.path).cmp(&(Reverse(b.path.len()), &b.path)));
    found
}

/// The workload and the port of it, or a diagnostic.
fn resolve(model: &mut ModelBuilder<'_>, to: &At<Name>, port: Option<&At<PortName>>) -> Option<(TargetId, usize)> {
    let name = to.value.as_str();
    let found = match model.find_target(name) {
        Some((id, target)) if target.kind == TargetKind::Workload => match port {
            None if target.ports.is_empty() => Err(diags::no_ports(to, target)),
            None => Ok((id, 0)),
            Some(wanted) => match target.ports.iter().position(|port| port.name == wanted.value.as_str()) {
                Some(port) => Ok((id, port)),
                None => Err(diags::unknown_port(wanted, target)),
            },
        },
        other => {
            let known = model.targets_of(TargetKind::Workload).map(|(_, target)| target.name.as_str());
            let other = other.map(|(_, target)| target);
            Err(diags::unknown_workload(to, other, known, model.switched_off("workloads", name)))
        }
    };
    found.map_err(|diagnostic| model.report(diagnostic)).ok()
}

fn check_times(model: &mut ModelBuilder<'_>, spec: &RouteSpec) {
    let each = spec.retries.as_ref().and_then(|retries| retries.per_try_timeout);
    for (key, time) in [("timeout", spec.timeout), ("per-try-timeout", each)] {
        if let Some(time) = time.filter(|time| time.value.is_zero()) {
            model.report(diags::no_time(key, time.node));
        }
    }
    if let (Some(all), Some(each)) = (spec.timeout, each)
        && each.value > all.value
    {
        model.report(diags::longer_than_all(&each, &all));
    }
    if let Some(RetriesSpec { attempts, .. }) = &spec.retries
        && attempts.value > MOST_ATTEMPTS
    {
        model.report(diags::attempts(attempts, MOST_ATTEMPTS));
    }
}
