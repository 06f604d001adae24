//! Who may connect to what: more or fewer than before.

mod calico;
mod cilium;
mod coverage;
mod gateway;
mod ingress;
mod mesh;
mod netpol;
mod routes;
mod service;

use super::found;
use super::permit::{Difference, texts};
use super::subject::Subject;
use super::surroundings::World;
use crate::diff::change::{Class, Consequence};
use std::collections::BTreeSet;

pub(super) fn rule(subject: &Subject<'_>, world: &World<'_>, out: &mut Vec<Consequence>) {
    match (subject.id.group.as_str(), subject.id.kind.as_str()) {
        ("networking.k8s.io", "NetworkPolicy") => netpol::rule(subject, world, out),
        ("projectcalico.org" | "crd.projectcalico.org", "NetworkPolicy" | "GlobalNetworkPolicy") => {
            calico::rule(subject, world, out);
        }
        ("cilium.io", "CiliumNetworkPolicy" | "CiliumClusterwideNetworkPolicy") => cilium::rule(subject, out),
        ("", "Service") => service::rule(subject, out),
        ("networking.k8s.io", "Ingress") => ingress::rule(subject, out),
        ("gateway.networking.k8s.io", _) => gateway::rule(subject, out),
        ("networking.istio.io", _) => routes::rule(subject, out),
        ("security.istio.io", _) => mesh::rule(subject, world, out),
        _ => {}
    }
}

/// One consequence for what is wider and one for what is narrower, with the fields of the rules. `wider` and `narrower`
/// are the beginnings of the sentences.
fn report(
    subject: &Subject<'_>,
    difference: &Difference,
    (wider, narrower): (&str, &str),
    fields: &[usize],
    out: &mut Vec<Consequence>,
) {
    for (class, lead, permits) in
        [(Class::ExposureWider, wider, &difference.wider), (Class::ExposureNarrower, narrower, &difference.narrower)]
    {
        if permits.is_empty() {
            continue;
        }
        // Many permits are of one rule, or of one list of rules.
        let paths: BTreeSet<&str> = permits.iter().map(|permit| permit.path.as_str()).collect();
        let own = subject.touched_any(paths);
        let fields = if own.is_empty() { fields.to_vec() } else { own };
        out.push(found(class, format!("{lead} {}", texts(permits)), fields));
    }
}
