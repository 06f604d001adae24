//! What the monitoring section says.

use crate::decode::At;
use crate::diag::{Code, Diagnostic, Place};
use crate::value::quoted;

/// A text is no label of a series.
pub const SERIES_LABEL: Code = Code {
    id: "DPJ0540",
    summary: "a value is not the name of a label of Prometheus",
    docs: "\
`labels` says how the configuration of Prometheus calls the namespace and the pod that a series comes from, since queries
select by them. Such a name has letters, digits and underscores, and no digit in front:

    [monitoring.prometheus]
    namespace = \"monitoring\"
    labels    = { namespace = \"kubernetes_namespace\", pod = \"kubernetes_pod_name\" }",
};

/// All codes of this module.
pub const CODES: &[&Code] = &[&SERIES_LABEL];

pub(super) fn series_label(label: &At<String>) -> Diagnostic {
    let message = format!("{} is not the name of a label of Prometheus", quoted(&label.value));
    Diagnostic::error(&SERIES_LABEL, message, Place::Value(label.node))
        .help("write letters, digits and underscores, such as `\"kubernetes_pod_name\"`")
}
