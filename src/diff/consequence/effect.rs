//! What is left: fields of which no other rule has spoken.

use super::found;
use super::lifecycle::PRUNE;
use super::metadata;
use super::subject::Subject;
use super::surroundings::World;
use super::words::shown;
use crate::diff::change::{Class, Consequence, Segment};
use std::collections::BTreeSet;

pub(super) fn rule(subject: &Subject<'_>, _: &World<'_>, out: &mut Vec<Consequence>) {
    if !subject.is_changed() {
        if out.is_empty() {
            let consequence = if subject.is_gone() {
                found(Class::InPlace, "it is gone: what still refers to it fails", Vec::new()).remedy(PRUNE)
            } else {
                found(Class::InPlace, "it is new: nothing that runs is touched by its being made", Vec::new())
            };
            out.push(consequence);
        }
        return;
    }
    let said: BTreeSet<usize> = out.iter().flat_map(|consequence| &consequence.fields).copied().collect();
    let left = (0..subject.fields.len()).filter(|index| !said.contains(index));
    let (metadata, rest): (Vec<usize>, Vec<usize>) = left.partition(|index| is_metadata(subject, *index));
    metadata::rule(subject, &metadata, out);
    if rest.is_empty() {
        return;
    }
    for (text, fields) in split(subject, rest) {
        out.push(found(Class::InPlace, text, fields));
    }
}

pub(super) fn keys<'c>(subject: &'c Subject<'_>, index: usize) -> Vec<&'c str> {
    let path = subject.fields.get(index).map_or(&[][..], |field| field.path.as_slice());
    path.iter().map_while(|segment| if let Segment::Key(key) = segment { Some(key.as_str()) } else { None }).collect()
}

fn is_metadata(subject: &Subject<'_>, index: usize) -> bool {
    matches!(keys(subject, index).first(), Some(&("metadata" | "apiVersion")))
}

/// The fields by what can be said of them.
fn split(subject: &Subject<'_>, rest: Vec<usize>) -> Vec<(String, Vec<usize>)> {
    let mut found: Vec<(String, Vec<usize>)> = Vec::new();
    for index in rest {
        let text = sentence(subject, keys(subject, index).as_slice());
        match found.iter_mut().find(|(known, _)| *known == text) {
            Some((_, fields)) => fields.push(index),
            None => found.push((text, vec![index])),
        }
    }
    found
}

fn sentence(subject: &Subject<'_>, keys: &[&str]) -> String {
    let field = keys.get(1).copied().unwrap_or("");
    match (subject.id.group.as_str(), subject.id.kind.as_str(), field) {
        ("batch", "CronJob", "schedule" | "timeZone") => {
            let (old, new) = subject.both("spec.schedule");
            format!("it runs at other times ({} → {}), from the next one on", shown(old), shown(new))
        }
        ("batch", "CronJob", "suspend") => {
            match subject.both("spec.suspend").1.and_then(crate::manifest::Value::as_bool) {
                Some(true) => "it does not run while it is suspended".to_owned(),
                _ => "it runs again at its times".to_owned(),
            }
        }
        ("batch", "CronJob", _) => "takes effect at the next run; what runs now is left alone".to_owned(),
        ("batch", "Job", _) => "taken up by the Job as it is: it does not run again".to_owned(),
        ("apps", "Deployment", "strategy")
        | ("apps", "StatefulSet" | "DaemonSet", "updateStrategy")
        | ("argoproj.io", "Rollout", "strategy" | "analysis" | "workloadRef") => {
            "no pod restarts: it counts from the next change of the pod template on".to_owned()
        }
        ("apps", "Deployment", "paused") | ("argoproj.io", "Rollout", "paused") => {
            match subject.both("spec.paused").1.and_then(crate::manifest::Value::as_bool) {
                Some(true) => "changes of the pod template wait until it is resumed".to_owned(),
                _ => "it is resumed: changes of the pod template that waited are rolled out now".to_owned(),
            }
        }
        ("apps", _, _) | ("argoproj.io", "Rollout", _) => {
            "no pod restarts: the controller takes it up as it is".to_owned()
        }
        ("", "ResourceQuota" | "LimitRange", _) => {
            "it holds for pods that are made from now on; those that run are left alone".to_owned()
        }
        (
            "networking.k8s.io" | "projectcalico.org" | "crd.projectcalico.org" | "cilium.io",
            _,
            "ingress" | "egress" | "policyTypes" | "types",
        ) => "taken up at once; who may connect to what stays the same".to_owned(),
        ("networking.k8s.io" | "projectcalico.org" | "crd.projectcalico.org" | "cilium.io", _, _) => {
            "taken up at once, without a restart".to_owned()
        }
        ("networking.istio.io" | "security.istio.io" | "gateway.networking.k8s.io", _, _) => {
            "the mesh takes it up within seconds, without a restart".to_owned()
        }
        ("autoscaling", _, _) => "the autoscaler decides by it from now on; nothing restarts by that".to_owned(),
        ("autoscaling.k8s.io", "VerticalPodAutoscaler", _) => match subject.texts("spec.updatePolicy.updateMode").1 {
            Some("Off") => "recommendations change; nothing restarts (updateMode Off)".to_owned(),
            _ => "the autoscaler may evict pods to give them other requests".to_owned(),
        },
        ("cert-manager.io", "Certificate", _) => {
            "a new certificate is issued into the Secret if what it states differs; who serves it has to read it again"
                .to_owned()
        }
        ("monitoring.coreos.com", _, _) => "Prometheus takes it up by itself, without a restart".to_owned(),
        ("rbac.authorization.k8s.io", _, _) => "who may do what stays the same".to_owned(),
        ("velero.io", _, _) => "it counts from the next backup on".to_owned(),
        ("external-secrets.io", _, _) => {
            "the operator takes it up at its next refresh; nothing restarts by that".to_owned()
        }
        ("", "Pod", "containers" | "initContainers") => {
            "its container restarts in place, with the other image".to_owned()
        }
        ("", "Service", "clusterIP" | "clusterIPs") if subject.both("spec.clusterIP").1.is_none() => {
            "nothing happens: the Service keeps the address that it has (clusterIP)".to_owned()
        }
        ("", "Service", _) => "taken up at once, for new connections; no pod restarts".to_owned(),
        ("", _, _) => "applied to the object as it is: nothing restarts".to_owned(),
        (group, _, _) if group.contains('.') && !group.ends_with(".k8s.io") => {
            "applied to the object as it is; what follows is up to its operator".to_owned()
        }
        _ => "applied to the object as it is: nothing restarts".to_owned(),
    }
}
