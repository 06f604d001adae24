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

/// The folder below which the second file stands where the first one stands below another, if its own folder has the same
/// name there too: two environments of a platform have most of their files in common.
fn other_tree<'p>(first: &str, second: &'p str) -> Option<&'p str> {
    let differs = first.rsplit('/').zip(second.rsplit('/')).position(|(one, other)| one != other)?;
    let tree = second.rsplitn(differs + 1, '/').last()?;
    (differs > 1).then_some(tree)
}

/// `second` stands behind `first`.
pub(super) fn two(first: &Manifest<'_>, second: &Manifest<'_>) -> Fault {
    Fault {
        code: &TWO_OBJECTS,
        path: second.path.to_owned(),
        line: second.line,
        column: 1,
        message: format!("`{}` is there twice", second.id),
        help: Some(match other_tree(first.path, second.path) {
            Some(tree) => format!(
                "remove one of the two, or rename it; if these are two environments of a platform, compare one at a time, such as `{tree}`"
            ),
            None => "remove one of the two, or rename it".to_owned(),
        }),
        also: Some((
            Spot { path: first.path.to_owned(), line: first.line, column: 1 },
            "it is here already".to_owned(),
        )),
        is_confidential: first.is_confidential || second.is_confidential,
    }
}

#[cfg(test)]
mod tests {
    use super::other_tree;

    #[test]
    fn another_environment_is_known_by_what_it_has_in_common() {
        assert_eq!(other_tree("out/prod/data/x.yaml", "out/dev/data/x.yaml"), Some("out/dev"));
        assert_eq!(other_tree("a/data/x.yaml", "b/data/x.yaml"), Some("b"));
        for other in ["out/prod/other/x.yaml", "out/prod/data/y.yaml", "out/prod/data/x.yaml", "x.yaml", ""] {
            assert_eq!(other_tree("out/prod/data/x.yaml", other), None, "{other}");
        }
    }
}
