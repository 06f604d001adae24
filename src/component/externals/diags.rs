//! What the externals section says.

use crate::diag::{Code, Diagnostic, Place};
use crate::source::NodeId;

/// No addresses.
pub const NO_ADDRESSES: Code = Code {
    id: "DPJ0430",
    summary: "something outside of the cluster has no addresses",
    docs: "\
A network policy permits addresses, not names. State those behind the name, as narrow as they are known:

    [externals.core-banking]
    host      = \"core.banque.fr\"
    addresses = [\"10.20.0.0/24\"]
    port      = 8443",
};

/// All codes of this module.
pub const CODES: &[&Code] = &[&NO_ADDRESSES];

pub(super) fn no_addresses(name: &str, node: NodeId) -> Diagnostic {
    Diagnostic::error(&NO_ADDRESSES, format!("`{name}` has no addresses"), Place::Value(node))
        .help("state at least one, such as `addresses = [\"10.20.0.0/24\"]`")
}
