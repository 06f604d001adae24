//! Accounts of pods, what namespaces demand of pods, and admission policies.
//!
//! Source: Kubernetes, "Pod Security Admission" (the labels of namespaces; a change is for new pods), "Configure Service
//! Accounts for Pods"; Amazon EKS, "IAM roles for service accounts".

use super::super::found;
use super::super::pods::{below, template};
use super::super::subject::{Subject, annotation, at};
use super::super::words::shorten;
use crate::diff::change::{Class, Consequence};
use crate::manifest::Value;

/// The account of a template's pods.
pub(super) fn of_pods(subject: &Subject<'_>, path: &str, out: &mut Vec<Consequence>) {
    let spec = |value| template(path, value).and_then(|template| template.get("spec"));
    let (Some(old), Some(new)) = (spec(subject.old), spec(subject.new)) else { return };
    let fields = |name: &str| subject.touched(&below(path, &format!("spec.{name}")));
    let account =
        |spec: &Value<'_>| spec.get("serviceAccountName").and_then(Value::as_str).unwrap_or("default").to_owned();
    let (was, is) = (account(old), account(new));
    if was != is {
        let text = format!(
            "the pods act as the service account {is} instead of {was}: they may do what that one's bindings say"
        );
        let mut fields = fields("serviceAccountName");
        fields.extend(subject.touched(&below(path, "spec.serviceAccount")));
        out.push(found(Class::PrivilegeWider, text, fields));
    }
    let token = |spec: &Value<'_>| spec.get("automountServiceAccountToken").and_then(Value::as_bool);
    match (token(old), token(new)) {
        (before, after) if before == after => {}
        (_, Some(false)) => {
            let text = "the pods no longer hold a token of their service account";
            out.push(found(Class::PrivilegeNarrower, text, fields("automountServiceAccountToken")));
        }
        (Some(false), after) => {
            let unless = if after.is_none() { " unless the account itself forbids it" } else { "" };
            let text = format!("the pods hold a token of their service account and may use its rights{unless}");
            out.push(found(Class::PrivilegeWider, text, fields("automountServiceAccountToken")));
        }
        _ => {}
    }
}

pub(super) fn account(subject: &Subject<'_>, out: &mut Vec<Consequence>) {
    if !subject.is_changed() {
        return;
    }
    let fields = subject.touched("automountServiceAccountToken");
    if !fields.is_empty() {
        let holds = at(subject.new, "automountServiceAccountToken").and_then(Value::as_bool) != Some(false);
        let (class, text) = if holds {
            (
                Class::PrivilegeWider,
                "pods of this account that start from now on hold its token unless they forbid it themselves",
            )
        } else {
            (
                Class::PrivilegeNarrower,
                "pods of this account that start from now on hold no token unless they ask for it",
            )
        };
        out.push(found(class, text, fields));
    }
    for name in ["eks.amazonaws.com/role-arn", "iam.gke.io/gcp-service-account", "azure.workload.identity/client-id"] {
        let fields = subject.touched(&format!("metadata.annotations[\"{name}\"]"));
        if fields.is_empty() {
            continue;
        }
        let text = match annotation(subject.new, name) {
            Some(role) => format!("pods of this account act in the cloud as {} once they restart", shorten(role)),
            None => "pods of this account have no role in the cloud any more once they restart".to_owned(),
        };
        let class =
            if annotation(subject.new, name).is_some() { Class::PrivilegeWider } else { Class::PrivilegeNarrower };
        out.push(found(class, text, fields));
    }
}

/// The higher, the more a pod may.
fn level(text: Option<&str>) -> u8 {
    match text {
        Some("restricted") => 0,
        Some("baseline") => 1,
        // Without the label, the cluster's default holds: privileged unless somebody configured it.
        _ => 2,
    }
}

pub(super) fn namespace(subject: &Subject<'_>, out: &mut Vec<Consequence>) {
    let label = |value: &Value<'_>, name: &str| -> Option<String> {
        Some(value.at(&["metadata", "labels", name])?.as_str()?.to_owned())
    };
    let name = "pod-security.kubernetes.io/enforce";
    let fields = subject.touched(&format!("metadata.labels[\"{name}\"]"));
    if subject.is_changed() && !fields.is_empty() {
        let (old, new) = (label(subject.old, name), label(subject.new, name));
        let shown = |level: &Option<String>| level.clone().unwrap_or_else(|| "nothing".to_owned());
        let change = format!("{} → {}", shown(&old), shown(&new));
        match level(new.as_deref()).cmp(&level(old.as_deref())) {
            std::cmp::Ordering::Greater => {
                let text = format!("pods of the namespace may do more: Pod Security enforces {change}");
                out.push(found(Class::PrivilegeWider, text, fields));
            }
            std::cmp::Ordering::Less => {
                let text = format!(
                    "pods that need more are refused from now on: Pod Security enforces {change}; those that run stay until they restart"
                );
                let remedy = format!(
                    "try it first: `kubectl label --dry-run=server --overwrite ns {} {name}={}` lists the pods that would be refused",
                    subject.id.name,
                    shown(&new)
                );
                out.push(found(Class::PrivilegeNarrower, text, fields).remedy(remedy));
            }
            std::cmp::Ordering::Equal => {}
        }
    }
    for name in ["istio-injection", "istio.io/rev", "istio.io/dataplane-mode"] {
        let fields = subject.touched(&format!("metadata.labels[\"{name}\"]"));
        if !subject.is_changed() || fields.is_empty() {
            continue;
        }
        let new = label(subject.new, name);
        let off = new.is_none() || new.as_deref() == Some("disabled") || new.as_deref() == Some("none");
        let (class, text) = if off {
            (
                Class::ExposureWider,
                "pods that start from now on have no mesh proxy: neither mutual TLS nor authorization policies hold for them",
            )
        } else {
            (
                Class::ExposureNarrower,
                "pods that start from now on are part of the mesh; those that run stay as they are until they restart",
            )
        };
        out.push(found(class, format!("{text} ({name})"), fields));
    }
}

/// Admission policies: while they are gone, what they refuse is accepted.
pub(super) fn guard(subject: &Subject<'_>, out: &mut Vec<Consequence>) {
    let guards = matches!(
        (subject.id.group.as_str(), subject.id.kind.as_str()),
        ("kyverno.io", "ClusterPolicy" | "Policy")
            | (
                "admissionregistration.k8s.io",
                "ValidatingAdmissionPolicy"
                    | "ValidatingAdmissionPolicyBinding"
                    | "ValidatingWebhookConfiguration"
                    | "MutatingWebhookConfiguration"
            )
    ) || subject.id.group == "constraints.gatekeeper.sh";
    if !guards {
        return;
    }
    if subject.is_gone() {
        out.push(found(
            Class::PrivilegeWider,
            "objects that it refused or changed are accepted as they are",
            Vec::new(),
        ));
    } else if subject.is_new() {
        let text = "objects that it does not accept are refused from now on; what runs stays";
        out.push(found(Class::PrivilegeNarrower, text, Vec::new()));
    } else {
        let fields = subject.touched("spec.validationFailureAction");
        let (_, new) = subject.texts("spec.validationFailureAction");
        if !fields.is_empty() {
            let audit = !new.is_some_and(|action| action.eq_ignore_ascii_case("enforce"));
            let (class, text) = if audit {
                (Class::PrivilegeWider, "violations are only reported, no longer refused")
            } else {
                (Class::PrivilegeNarrower, "violations are refused, no longer only reported")
            };
            out.push(found(class, text, fields));
        }
    }
}
