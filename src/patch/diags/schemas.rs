//! What schemas find.

use super::{NO_KIND, NOT_CHECKED, RULE, RULE_NOT_CHECKED, SCHEMA, VERSION, object};
use crate::diag::suggest::nearest;
use crate::diag::{Diagnostic, Place};
use crate::k8s::{Gvk, Identity};
use crate::schema::crd::NotEvaluated;
use crate::schema::{Finding, FindingKind, PathSegment, path_text};
use crate::value::KubernetesVersion;

fn inside(path: &[PathSegment], identity: &Identity<'_>) -> String {
    let of = object(identity);
    if path.is_empty() { format!("in {of}") } else { format!("at `{}` of {of}", path_text(path)) }
}

/// What is wrong in every version, or of a custom resource.
pub(in crate::patch) fn finding(finding: &Finding, identity: &Identity<'_>, place: Place) -> Diagnostic {
    let help = match &finding.kind {
        FindingKind::UnknownField { .. } => {
            let mut path = identity.kind.to_ascii_lowercase();
            for segment in finding.path.iter().rev().skip(1).rev() {
                if let PathSegment::Key(key) = segment {
                    path.push('.');
                    path.push_str(key);
                }
            }
            format!("`kubectl explain {path}` lists what there is")
        }
        FindingKind::Missing { field } => format!("state `{field}`, or leave it as it was"),
        FindingKind::WrongType => "write a value of the type that the field has".to_owned(),
        _ => "the API server would refuse it: write what the field takes".to_owned(),
    };
    Diagnostic::error(&SCHEMA, finding.message.clone(), place).note(inside(&finding.path, identity)).help(help)
}

/// The same of an object that the compiler made.
pub(in crate::patch) fn of_another_release(mut diagnostic: Diagnostic) -> Diagnostic {
    diagnostic.help = vec![
        "the imported CRD is of a release that dpjgen does not write for: upgrade the operator, import again"
            .to_owned(),
    ];
    diagnostic
}

/// What only one of the two versions finds.
pub(in crate::patch) fn version(
    finding: &Finding,
    identity: &Identity<'_>,
    (version, minimum): (KubernetesVersion, KubernetesVersion),
    place: Place,
) -> Diagnostic {
    let unknown = matches!(finding.kind, FindingKind::UnknownField { .. });
    let message =
        if unknown { finding.message.clone() } else { format!("for Kubernetes {version}, {}", finding.message) };
    let diagnostic = Diagnostic::error(&VERSION, message, place).note(inside(&finding.path, identity));
    if version == minimum {
        diagnostic.help(format!("do without it, or raise `platform.kubernetes`, which is \"{minimum}\""))
    } else {
        diagnostic.help(format!("Kubernetes {version} has to accept the output, too: do without it"))
    }
}

/// `having` are the versions that have the kind.
pub(in crate::patch) fn kind(
    gvk: Gvk<'_>,
    (version, minimum): (KubernetesVersion, KubernetesVersion),
    having: &[KubernetesVersion],
    place: Place,
) -> Diagnostic {
    let what = format!("{} of `{}`", gvk.kind, gvk.api_version);
    let (Some(first), Some(last)) = (having.first(), having.last()) else {
        return Diagnostic::error(&NO_KIND, format!("no version of Kubernetes has the kind {what}"), place)
            .help("`kubectl api-resources` lists kinds with their `apiVersion`");
    };
    if *first > version {
        return Diagnostic::error(
            &VERSION,
            format!("Kubernetes {version} has no {what}, which came with {first}"),
            place,
        )
        .help(format!("do without it, or raise `platform.kubernetes`, which is \"{minimum}\""));
    }
    Diagnostic::error(&VERSION, format!("Kubernetes {version} has no {what} any more: {last} was the last"), place)
        .help("write it in the version that has replaced it")
}

pub(in crate::patch) fn no_crd<'a>(gvk: Gvk<'_>, known: impl Iterator<Item = &'a str>, place: Place) -> Diagnostic {
    let message = format!("no imported CRD of the group `{}` defines the kind {}", gvk.group, gvk.kind);
    let diagnostic = Diagnostic::error(&NO_KIND, message, place);
    match nearest(gvk.kind, known) {
        Some(near) => diagnostic.help(format!("did you mean `{near}`?")),
        None => diagnostic.help("if the clusters have it, import their CRDs again: `dpjgen schemas import`"),
    }
}

/// `versions` are those that are served.
pub(in crate::patch) fn no_version(gvk: Gvk<'_>, versions: &[&str], place: Place) -> Diagnostic {
    let version = gvk.api_version.rsplit('/').next().unwrap_or_default();
    let served = crate::diag::suggest::list(versions.iter().copied(), "and");
    Diagnostic::error(&NO_KIND, format!("the imported CRD of {} serves no version `{version}`", gvk.kind), place)
        .help(format!("it serves {served}; import the CRDs again if the clusters have others"))
}

pub(in crate::patch) fn not_checked(gvk: Gvk<'_>, place: Place) -> Diagnostic {
    let message = format!("{} of `{}` is not fully checked: no CRD of it is imported", gvk.kind, gvk.api_version);
    Diagnostic::error(&NOT_CHECKED, message, place)
        .warning()
        .help("import the clusters' CRDs: `kubectl get crd -o yaml | dpjgen schemas import -`")
}

pub(in crate::patch) fn rule(finding: &Finding, identity: &Identity<'_>, place: Place) -> Diagnostic {
    Diagnostic::error(&RULE, finding.message.clone(), place)
        .note(inside(&finding.path, identity))
        .help("the CRD of the kind states this rule: the API server would refuse the object")
}

pub(in crate::patch) fn rule_not_checked(rule: &NotEvaluated, identity: &Identity<'_>, place: Place) -> Diagnostic {
    let message = format!("the rule `{}` was not evaluated: {}", rule.rule, rule.reason);
    Diagnostic::error(&RULE_NOT_CHECKED, message, place)
        .warning()
        .note(inside(&rule.path, identity))
        .help("`kubectl apply --dry-run=server` asks the API server")
}

pub(in crate::patch) fn bad_schema(problem: &str, gvk: Gvk<'_>, place: Place) -> Diagnostic {
    let message = format!("the imported schema of {} of `{}` cannot be used: {problem}", gvk.kind, gvk.api_version);
    Diagnostic::error(&NO_KIND, message, place).help("import the CRDs again: `dpjgen schemas import`")
}
