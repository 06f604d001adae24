//! What the Kubernetes API knows of each kind, embedded: is an object one that the server of a given version takes whole?
//!
//! [`validate_core`] answers for the kinds that the server itself serves, in every version of [`versions`]; [`Validator`]
//! checks an object against any schema, such as that of a CRD. Findings are sentences for people. Everything here is pure
//! and needs no disk: the core kinds' schemas are part of the program.

mod core;
pub mod crd;
pub mod validate;

pub use validate::{Finding, FindingKind, PathSegment, SchemaFault, Validator, Verdict, path_text};

use crate::value::KubernetesVersion;
use serde_json::Value;
use std::ops::RangeInclusive;

/// The versions whose schemas are embedded.
pub fn versions() -> RangeInclusive<KubernetesVersion> {
    core::range()
}

/// What the API server of `version` would say of the fields of an object of its own kinds. A version that is not embedded
/// is taken for the nearest one that is. As for the server, `null` is as good as nothing.
pub fn validate_core(version: KubernetesVersion, object: &Value) -> Verdict {
    let text = |field: &str| object.get(field).and_then(Value::as_str);
    let (Some(api_version), Some(kind)) = (text("apiVersion"), text("kind")) else { return Verdict::NoSuchKind };
    let Some(validator) = core::validator(version, api_version, kind) else { return Verdict::NoSuchKind };
    let mut findings = validator.findings(object);
    for finding in &mut findings {
        let (FindingKind::UnknownField { near }, Some(PathSegment::Key(field))) =
            (&mut finding.kind, finding.path.last())
        else {
            continue;
        };
        if let Some(since) = field_since(api_version, kind, &finding.path) {
            *near = None;
            let asked = core::nearest(version);
            finding.message = if since > asked {
                format!("Kubernetes {asked} does not know the field `{field}`, which came with {since}")
            } else {
                format!("Kubernetes {asked} does not know the field `{field}`, which {since} still had")
            };
        }
    }
    Verdict::Findings(findings)
}

/// The first embedded version whose schema knows the field: for what is newer than the platform's minimum. `None` if no
/// version knows it, or the kind.
pub fn field_since(api_version: &str, kind: &str, path: &[PathSegment]) -> Option<KubernetesVersion> {
    core::versions().find(|version| core::knows(*version, api_version, kind, path))
}

/// The embedded versions that have the kind, oldest first.
pub fn kind_versions(api_version: &str, kind: &str) -> Vec<KubernetesVersion> {
    core::having(api_version, kind)
}
