//! What the namespaces section says.

use crate::diag::{Code, Diagnostic, Place};
use crate::source::NodeId;

/// A namespace's full name is too long.
pub const NAME_TOO_LONG: Code = Code {
    id: "DPJ0410",
    summary: "a namespace's full name is too long",
    docs: "\
A namespace's name is the platform's name, a dash and its key: at most 63 characters, since it is a DNS label.",
};

/// All codes of this module.
pub const CODES: &[&Code] = &[&NAME_TOO_LONG];

pub(super) fn name_too_long(name: &str, node: NodeId) -> Diagnostic {
    Diagnostic::error(
        &NAME_TOO_LONG,
        format!("the namespace's name `{name}` has {} characters, at most 63 are allowed", name.len()),
        Place::Key(node),
    )
    .help("shorten the key")
}
