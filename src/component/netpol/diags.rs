//! What the network-policy section says.

use crate::diag::{Code, Diagnostic, Place};
use crate::source::NodeId;

/// No dialect.
pub const NO_DIALECT: Code = Code {
    id: "DPJ0450",
    summary: "no kind of network policy is to be written",
    docs: "\
`dialects` says in which kinds of policy the connections are enforced. With none of them nothing would be denied, and the
namespaces' isolation would be a word. A namespace that is to be open says so itself:

    [namespaces.sandbox]
    isolated = false",
};

/// All codes of this module.
pub const CODES: &[&Code] = &[&NO_DIALECT];

pub(super) fn no_dialect(node: NodeId) -> Diagnostic {
    Diagnostic::error(&NO_DIALECT, "`dialects` is empty: nothing would enforce the connections", Place::Value(node))
        .help("write `dialects = [\"kubernetes\"]`, or give open namespaces `isolated = false`")
}
