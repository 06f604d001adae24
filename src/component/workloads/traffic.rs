//! `traffic` of a workload: a fact for the mesh, which makes a `DestinationRule` of it.

use super::diags;
use crate::decode::At;
use crate::model::mesh::{Balance, Outlier, Traffic};
use crate::model::{ModelBuilder, TargetPort, WorkloadId};
use crate::value::{Duration, Percentage};
use serde::Deserialize;

/// How clients in the mesh treat the pods of a workload.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct TrafficSpec {
    /// The most connections of one client.
    pub connections: Option<At<u32>>,
    /// The most requests that wait for a connection.
    pub pending: Option<At<u32>>,
    /// The most requests over one connection.
    pub requests_per_connection: Option<At<u32>>,
    /// Which pod gets the next request.
    pub balance: Option<BalanceSpec>,
    /// When a pod gets no requests for a while.
    pub outlier: Option<OutlierSpec>,
}

/// Which pod gets the next request.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum BalanceSpec {
    /// The one with the fewest open requests, of two that chance picks.
    LeastRequest,
    /// Each in turn.
    RoundRobin,
    /// Any.
    Random,
}

/// When a pod gets no requests for a while.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct OutlierSpec {
    /// Errors of the server (5xx, no connection) in a row.
    pub errors: At<u32>,
    /// Time between two looks.
    pub interval: Option<At<Duration>>,
    /// How long a pod gets none, the first time.
    pub ejection: Option<At<Duration>>,
    /// The most of the pods that get none at once.
    pub max_ejected: Option<At<Percentage>>,
}

/// States the fact; what no proxy could do is reported.
pub(super) fn declare(model: &mut ModelBuilder<'_>, id: WorkloadId, spec: At<TrafficSpec>, ports: &[TargetPort]) {
    let At { value: spec, node } = spec;
    if ports.is_empty() {
        model.report(diags::traffic_without_port(node));
    }
    let outlier = spec.outlier.as_ref();
    let counts = [
        ("connections", spec.connections),
        ("pending", spec.pending),
        ("requests-per-connection", spec.requests_per_connection),
        ("errors", outlier.map(|outlier| outlier.errors)),
    ];
    for (key, count) in counts {
        if let Some(count) = count.filter(|count| i32::try_from(count.value).map_or(true, |count| count < 1)) {
            model.report(diags::traffic_count(key, &count));
        }
    }
    for duration in outlier.into_iter().flat_map(|outlier| [outlier.interval, outlier.ejection]).flatten() {
        if duration.value.is_zero() {
            model.report(diags::traffic_duration(duration.node));
        }
    }
    if let Some(share) = outlier.and_then(|outlier| outlier.max_ejected)
        && let Err(invalid) = share.value.at_most_hundred()
    {
        model.report(crate::decode::diags::invalid_value(&invalid, share.node));
    }
    let traffic = Traffic {
        connections: spec.connections.map(|count| count.value),
        pending: spec.pending.map(|count| count.value),
        requests_per_connection: spec.requests_per_connection.map(|count| count.value),
        balance: spec.balance.map(|balance| match balance {
            BalanceSpec::LeastRequest => Balance::LeastRequest,
            BalanceSpec::RoundRobin => Balance::RoundRobin,
            BalanceSpec::Random => Balance::Random,
        }),
        outlier: outlier.map(|outlier| Outlier {
            errors: outlier.errors.value,
            interval: outlier.interval.map(|interval| interval.value),
            ejection: outlier.ejection.map(|ejection| ejection.value),
            max_ejected: outlier.max_ejected.map(|share| share.value),
        }),
        node,
    };
    model.set_traffic(id, traffic);
}
