//! What comparing says.

use crate::diag::Code;
use crate::manifest::{Fault, Manifest, Spot};

/// Two objects of one identity.
pub const TWO_OBJECTS: Code = Code {
    id: "DPJ1001",
    summary: "two objects of one side have the same identity",
    docs: "\
An object is told from all others of a cluster by its group, kind, namespace and name. Of two that are applied the second
one replaces the first. Remove one, or rename it; an object that moved to another file must be gone from the old one.",
};

/// All codes of this module.
pub const CODES: &[&Code] = &[&TWO_OBJECTS];

/// `second` stands behind `first`.
pub(super) fn two(first: &Manifest<'_>, second: &Manifest<'_>) -> Fault {
    Fault {
        code: &TWO_OBJECTS,
        path: second.path.to_owned(),
        line: second.line,
        column: 1,
        message: format!("`{}` is there twice", second.id),
        help: Some("remove one of the two, or rename it".to_owned()),
        also: Some((
            Spot { path: first.path.to_owned(), line: first.line, column: 1 },
            "it is here already".to_owned(),
        )),
        is_confidential: first.is_confidential || second.is_confidential,
    }
}
