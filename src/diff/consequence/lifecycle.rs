//! Objects that come and go.
//!
//! Source: Argo CD, "Sync Options" (pruning); `kubectl apply` (it never deletes what is no longer in its input).

use super::data::{Guard, guard};
use super::found;
use super::pods::{Pods, is_scaled, pods};
use super::subject::{Subject, at};
use super::surroundings::{Side, World};
use super::words::{count, list, shown};
use crate::diff::change::{Class, Consequence, Fate};
use crate::manifest::Value;

/// What has to be done for an object to go.
pub(super) const PRUNE: &str = "`kubectl apply` never deletes: where Argo CD does not prune it, delete it by hand";

pub(super) fn rule(subject: &Subject<'_>, world: &World<'_>, out: &mut Vec<Consequence>) {
    match subject.fate {
        Fate::Added => {
            if let Some(text) = added(subject, world) {
                out.push(found(Class::InPlace, text, Vec::new()));
            }
        }
        // What is made of a renamed one, the table of what cannot be changed says.
        Fate::Removed | Fate::Renamed { .. } => removed(subject, world, out),
        Fate::Changed => {}
    }
}

fn added(subject: &Subject<'_>, world: &World<'_>) -> Option<String> {
    let value = subject.new;
    Some(match (subject.id.group.as_str(), subject.id.kind.as_str()) {
        (group, kind) if is_scaled(group, kind) => match pods(subject, Side::New, world) {
            Pods::Count(number) => {
                format!("it is new: {} {} started", count(number, "pod"), if number == 1 { "is" } else { "are" })
            }
            Pods::Scaled(least, most) => {
                format!("it is new: {least} to {most} pods are started, as its autoscaler decides")
            }
            Pods::Unknown => "it is new: its pods are started".to_owned(),
        },
        ("apps", "DaemonSet") => "it is new: a pod is started on each node that it selects".to_owned(),
        ("batch", "Job") => "it is new: it runs once".to_owned(),
        ("batch", "CronJob") => format!("it is new: it runs at {}", shown(at(value, "spec.schedule"))),
        ("postgresql.cnpg.io", "Cluster") => {
            let instances = at(value, "spec.instances").and_then(Value::as_i64).unwrap_or(1);
            format!(
                "it is new: a PostgreSQL cluster of {instances} is made, with volumes of {}",
                shown(at(value, "spec.storage.size"))
            )
        }
        ("", "PersistentVolumeClaim") => {
            format!("it is new: a volume of {} is made", shown(at(value, "spec.resources.requests.storage")))
        }
        ("", "ResourceQuota" | "LimitRange") => "it is new: it holds for pods that are made from now on".to_owned(),
        // `effect` says it, where no other rule has more to say.
        _ => return None,
    })
}

/// What the removal of a `ServiceAccount` means.
fn account(subject: &Subject<'_>, world: &World<'_>) -> (Class, String) {
    let id = subject.old_id();
    let (users, is_known) =
        world.references.users(world, id.namespace.as_deref(), ("ServiceAccount", id.name.as_str()));
    let users: Vec<String> = users.iter().map(|(user, _)| format!("{} {}", user.id.kind, user.id.name)).collect();
    if !users.is_empty() {
        let text = format!("pods of {} that are made from now on are refused: they run as this account", list(&users));
        (Class::AvailabilityLower, text)
    } else if is_known {
        (Class::InPlace, "the account is gone; nothing that is known in its namespace runs as it".to_owned())
    } else {
        (Class::AvailabilityLower, "pods that still use this account cannot be made any more".to_owned())
    }
}

fn removed(subject: &Subject<'_>, world: &World<'_>, out: &mut Vec<Consequence>) {
    if matches!(guard(subject.old), Guard::Stays) {
        let text = "Argo CD leaves it in the cluster (Prune=false), where nobody cares for it any more";
        let remedy = "delete it by hand once it is not needed";
        out.push(found(Class::InPlace, text, Vec::new()).remedy(remedy));
        return;
    }
    let renamed = matches!(subject.fate, Fate::Renamed { .. });
    let (class, text) = match (subject.old_id().group.as_str(), subject.old_id().kind.as_str()) {
        (group, kind) if is_scaled(group, kind) => {
            let text = match pods(subject, Side::Old, world) {
                Pods::Count(0) => "it ran no pods".to_owned(),
                Pods::Count(1) => "its only pod is stopped".to_owned(),
                Pods::Count(number) => format!("its {} are stopped", count(number, "pod")),
                _ => "its pods are stopped".to_owned(),
            };
            let after = if renamed {
                "; those of the new name start by themselves, whether the old ones are gone or not"
            } else {
                ""
            };
            (Class::AvailabilityLower, format!("{text}{after}"))
        }
        ("apps", "DaemonSet") => (Class::AvailabilityLower, "its pods are stopped on all nodes".to_owned()),
        ("batch", "CronJob") => (Class::InPlace, "it runs no more; a run that goes on is stopped".to_owned()),
        ("batch", "Job") => {
            (Class::InPlace, "the Job and its pods are deleted; what it has done stays done".to_owned())
        }
        ("", "ServiceAccount") => account(subject, world),
        ("scheduling.k8s.io", "PriorityClass") => {
            (Class::AvailabilityLower, "pods that still name this class cannot be made any more".to_owned())
        }
        ("cert-manager.io", "Certificate") => {
            let secret = shown(at(subject.old, "spec.secretName"));
            let text =
                format!("nobody renews the certificate in the Secret {secret} any more: it is served until it expires");
            (Class::AvailabilityLower, text)
        }
        ("cert-manager.io", "Issuer" | "ClusterIssuer") => {
            (Class::AvailabilityLower, "certificates that it issued are no longer renewed".to_owned())
        }
        ("monitoring.coreos.com", "PrometheusRule") => {
            (Class::AvailabilityLower, "its alerts no longer fire, its recorded series end".to_owned())
        }
        ("monitoring.coreos.com", "ServiceMonitor" | "PodMonitor") => (
            Class::AvailabilityLower,
            "what it selects is no longer scraped: alerts on those metrics go blind".to_owned(),
        ),
        ("", "ResourceQuota" | "LimitRange") => (Class::InPlace, "pods are no longer limited by it".to_owned()),
        // Each of these has a rule of its own that says what follows.
        ("", "ConfigMap" | "Secret") | ("external-secrets.io", "ExternalSecret") | ("bitnami.com", "SealedSecret") => {
            return;
        }
        // Or `effect`, if none has.
        _ => return,
    };
    let asks = if matches!(guard(subject.old), Guard::Asks) { "; Argo CD asks before it prunes it" } else { "" };
    let consequence = found(class, format!("{text}{asks}"), Vec::new());
    out.push(if renamed { consequence } else { consequence.remedy(PRUNE) });
}
