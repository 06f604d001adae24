//! What the operators section says. What is wrong between the section and the output, `check` says.

use crate::decode::At;
use crate::diag::{Code, Diagnostic, Place};
use crate::value::quoted;

/// A text is not a release.
pub const RELEASE: Code = Code {
    id: "DPJ0492",
    summary: "a value is not the release of an operator",
    docs: "\
The release of an operator is three numbers. A range, a branch or a pre-release would not say what runs:

    version = \"v1.30.0\"      # wrong: no `v` in front
    version = \"1.30\"         # wrong: which one of them?
    version = \"1.30.0\"",
};

/// A text is not a day.
pub const DAY: Code = Code {
    id: "DPJ0493",
    summary: "a value is not a day",
    docs: "\
The day is that on which somebody held the operator's release against what the platform writes: how old a check is tells
whether it is worth another. It is written as year, month and day, in quotes:

    checked = \"2026-11-21\"",
};

/// A text is not a chart.
pub const CHART: Code = Code {
    id: "DPJ0494",
    summary: "a value is not the address of a Helm chart",
    docs: "\
A chart is stated by the address of its repository, a slash and its name. A name that one machine has given to a
repository (`helm repo add`) means nothing on another one:

    chart = \"velero/velero\"  # wrong: whose `velero`?
    chart = \"https://vmware-tanzu.github.io/helm-charts/velero\"
    chart = \"oci://quay.io/calico/charts/tigera-operator\"",
};

/// All codes of this module.
pub const CODES: &[&Code] = &[&RELEASE, &DAY, &CHART];

/// `corrected` is what was meant, if that is clear.
pub(super) fn release(version: &At<String>, corrected: Option<&str>) -> Diagnostic {
    let message = format!("{} is not the release of an operator", quoted(&version.value));
    let diagnostic = Diagnostic::error(&RELEASE, message, Place::Value(version.node));
    match corrected {
        Some(corrected) => diagnostic.help(format!("write `\"{corrected}\"`")),
        None => diagnostic.help("write its three numbers, such as `\"1.30.0\"`"),
    }
}

pub(super) fn day(day: &At<String>) -> Diagnostic {
    Diagnostic::error(&DAY, format!("{} is not a day", quoted(&day.value)), Place::Value(day.node))
        .help("write year, month and day, such as `\"2026-11-21\"`")
}

pub(super) fn chart(chart: &At<String>) -> Diagnostic {
    let message = format!("{} is not the address of a Helm chart", quoted(&chart.value));
    Diagnostic::error(&CHART, message, Place::Value(chart.node))
        .help("write the repository's address, a slash and the chart's name: `https://charts.example.com/velero`")
}
