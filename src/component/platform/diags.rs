//! What the platform section says.

use crate::decode::At;
use crate::diag::{Code, Diagnostic, Place};
use crate::value::KubernetesVersion;

/// The language's version.
pub const LANGUAGE: Code = Code {
    id: "DPJ0401",
    summary: "the version of the spec language is missing or unknown",
    docs: "\
A platform says which version of the language it is written in, so that a later compiler can still read it:

    dpjgen = \"1\"

This compiler reads version 1.",
};

/// No platform table.
pub const NO_PLATFORM: Code = Code {
    id: "DPJ0402",
    summary: "there is no `[platform]` table",
    docs: "\
Everything else refers to the platform's own facts:

    [platform]
    name       = \"dpj\"
    kubernetes = \"1.28\"",
};

/// Older than what is supported.
pub const TOO_OLD: Code = Code {
    id: "DPJ0403",
    summary: "`platform.kubernetes` is older than what this compiler writes for",
    docs: "\
Output is written for Kubernetes 1.28 and newer: `autoscaling/v2`, `policy/v1` and the Pod Security labels are stable
there.",
};

/// The oldest Kubernetes that output is written for.
pub const OLDEST: KubernetesVersion = KubernetesVersion { major: 1, minor: 28 };

/// All codes of this module.
pub const CODES: &[&Code] = &[&LANGUAGE, &NO_PLATFORM, &TOO_OLD];

pub(super) fn no_language() -> Diagnostic {
    Diagnostic::error(
        &LANGUAGE,
        "the version of the spec language is not stated",
        Place::Path("platform.toml".to_owned()),
    )
    .help("begin the platform with `dpjgen = \"1\"`")
}

pub(super) fn unknown_language(language: &At<String>) -> Diagnostic {
    let text = crate::value::quoted(&language.value);
    Diagnostic::error(
        &LANGUAGE,
        format!("this compiler does not read version {text} of the language"),
        Place::Value(language.node),
    )
    .help("write `dpjgen = \"1\"`, or use a newer dpjgen")
}

pub(super) fn no_platform() -> Diagnostic {
    Diagnostic::error(&NO_PLATFORM, "there is no `[platform]` table", Place::Path("platform.toml".to_owned()))
        .help("state at least `name` and `kubernetes` in `[platform]`")
}

pub(super) fn too_old(version: &At<KubernetesVersion>) -> Diagnostic {
    Diagnostic::error(&TOO_OLD, format!("Kubernetes {version} is older than {OLDEST}"), Place::Value(version.node))
        .help(format!("write `kubernetes = \"{OLDEST}\"` or newer"))
}
