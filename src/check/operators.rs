//! Custom resources without the operator that reads them, and operators without any (checks.md, 12).
//!
//! The API server refuses a kind whose CRD nobody installed, and keeps one that no operator looks at. Both are checked for
//! a platform that says which operators its cluster has; one without `[operators]` leaves them to somebody else.

use super::diags;
use crate::diag::Sink;
use crate::k8s::Gvk;
use crate::model::Model;
use crate::plan::{Plan, Resource};
use std::collections::BTreeMap;

/// What serves a kind: API group, the kinds of it that are meant (none for all), and the operator's name in `[operators]`.
///
/// Source: the CRDs in each operator's repository.
const SERVED_BY: &[(&str, &[&str], &str)] = &[
    ("argoproj.io", &["AnalysisTemplate", "ClusterAnalysisTemplate", "Rollout"], "argo-rollouts"),
    ("argoproj.io", &["AppProject", "Application", "ApplicationSet"], "argo-cd"),
    ("autoscaling.k8s.io", &[], "vertical-pod-autoscaler"),
    ("barmancloud.cnpg.io", &[], "plugin-barman-cloud"),
    ("cert-manager.io", &[], "cert-manager"),
    ("external-secrets.io", &[], "external-secrets"),
    ("kafka.strimzi.io", &[], "strimzi"),
    ("mongodbcommunity.mongodb.com", &[], "mongodb-kubernetes"),
    ("monitoring.coreos.com", &[], "prometheus-operator"),
    ("networking.istio.io", &[], "istio"),
    ("postgresql.cnpg.io", &[], "cloudnative-pg"),
    ("projectcalico.org", &[], "calico"),
    ("rabbitmq.com", &["RabbitmqCluster"], "rabbitmq-cluster-operator"),
    ("security.istio.io", &[], "istio"),
    ("telemetry.istio.io", &[], "istio"),
    ("velero.io", &[], "velero"),
];

pub(super) fn check(model: &Model, plan: &Plan, sink: &mut Sink) {
    let Some(operators) = &model.operators else { return };
    // The first resource, and how many there are.
    let mut needed: BTreeMap<&'static str, (&Resource, usize)> = BTreeMap::new();
    for (first, count) in plan.kinds() {
        if let Some(operator) = served_by(first.object.gvk()) {
            needed.entry(operator).or_insert((first, 0)).1 += count;
        }
    }
    for (operator, (first, count)) in &needed {
        if !operators.by_name.contains_key(*operator) {
            let off = model.disabled.iter().find(|d| d.section == "operators" && d.name == *operator);
            sink.push(diags::no_operator(operator, first, count - 1, operators, off));
        }
    }
    for (name, operator) in &operators.by_name {
        if !needed.contains_key(name.as_str()) {
            let known = SERVED_BY.iter().map(|(_, _, operator)| *operator);
            sink.push(diags::idle_operator(name, operator.node, known));
        }
    }
}

/// The operator that a kind needs; `None` for what the API server serves itself.
fn served_by(gvk: Gvk<'_>) -> Option<&'static str> {
    let line = |(group, kinds, _): &&(&str, &[&str], &str)| {
        *group == gvk.group && (kinds.is_empty() || kinds.contains(&gvk.kind))
    };
    SERVED_BY.iter().find(line).filter(|_| !gvk.is_core()).map(|(_, _, operator)| *operator)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::k8s::Object;

    #[test]
    fn every_custom_kind_has_its_operator() {
        for kind in Object::KINDS {
            assert_eq!(served_by(*kind).is_some(), !kind.is_core(), "{kind:?}: add a line to the table, or remove one");
        }
    }

    #[test]
    fn the_table_is_sorted_and_names_no_kind_twice() {
        assert!(SERVED_BY.is_sorted());
        for (i, (group, kinds, _)) in SERVED_BY.iter().enumerate() {
            for (other, others, _) in SERVED_BY.iter().skip(i + 1).filter(|(other, _, _)| other == group) {
                assert!(!kinds.is_empty() && !others.is_empty(), "{other}");
                assert!(kinds.iter().all(|kind| !others.contains(kind)), "{other}");
            }
        }
    }
}
