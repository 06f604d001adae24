//! Cilium's policies: rules are compared as wholes.
//!
//! Source: Cilium, "Network Policy", "Layer 3 to 7"; CRDs of cilium.io/v2. `ingress` and `egress` allow, `ingressDeny` and
//! `egressDeny` refuse. An endpoint that a policy selects is closed in the directions for which it has rules.

use super::super::found;
use super::super::permit::{Permit, Relation, compare};
use super::super::subject::{Subject, at};
use crate::diff::change::{Class, Consequence};
use crate::manifest::Value;

pub(super) fn rule(subject: &Subject<'_>, out: &mut Vec<Consequence>) {
    if !subject.is_changed() {
        if subject.is_gone() {
            let text = "what only this policy restricted is open, and what only it allowed is refused where another one \
                        selects the same pods";
            out.push(found(Class::ExposureWider, text, Vec::new()));
        }
        if subject.is_new() {
            let text = "pods that no policy selected before are closed but for what this one allows";
            out.push(found(Class::ExposureNarrower, text, Vec::new()));
        }
        return;
    }
    for (field, allows) in [("ingress", true), ("egress", true), ("ingressDeny", false), ("egressDeny", false)] {
        let rules = |value| -> Vec<Permit> {
            let rules = at(value, "spec").and_then(|spec| spec.get(field)).map_or(&[][..], Value::items);
            rules
                .iter()
                .map(|rule| Permit::new(field, "").only("rule", Relation::Equal, [format!("{rule:?}")]))
                .collect()
        };
        let (old, new) = (rules(subject.old), rules(subject.new));
        let difference = compare(&old, &new);
        let fields = subject.touched(&format!("spec.{field}"));
        let verb = if allows { "allow" } else { "refuse" };
        for (more, permits) in [(true, &difference.wider), (false, &difference.narrower)] {
            if permits.is_empty() {
                continue;
            }
            let class = if more == allows { Class::ExposureWider } else { Class::ExposureNarrower };
            let what = if more { "new or changed rules" } else { "rules that are gone or changed no longer" };
            out.push(found(class, format!("{what} {verb} {}", field.trim_end_matches("Deny")), fields.clone()));
        }
    }
    let fields = subject.touched_any(["spec.endpointSelector", "spec.nodeSelector", "specs"]);
    if !fields.is_empty() {
        let text = "the policy is for other pods: those that it leaves are open unless another policy selects them";
        out.push(found(Class::ExposureWider, text, fields));
    }
}
