//! What the checks say.

use crate::diag::{Code, Diagnostic, Place};
use crate::plan::Resource;
use crate::source::NodeId;

/// Two resources of one identity.
pub const DUPLICATE: Code = Code {
    id: "DPJ0601",
    summary: "two parts of the platform make one object",
    docs: "\
Two objects of the same kind, namespace and name: applied together, the later one overwrites the earlier. Names of objects
follow from names of the spec, so two entries that live in one namespace must not lead to one name.",
};

/// Too long a name.
pub const NAME: Code = Code {
    id: "DPJ0602",
    summary: "a derived name is not one that Kubernetes takes",
    docs: "\
Names of objects have at most 253 characters, those of volumes 63, and a pod's volumes have different names.",
};

/// Outside of its namespace's limits.
pub const OUTSIDE_RANGE: Code = Code {
    id: "DPJ0603",
    summary: "a container asks for less or more than its namespace admits",
    docs: "\
`container-limits` of a namespace becomes a LimitRange. The API server refuses every pod with a container outside of it, so
the Deployment would exist and have no pods.",
};

/// Quota without resources.
pub const QUOTA_NEEDS: Code = Code {
    id: "DPJ0604",
    summary: "a container states no amount of what its namespace's quota counts",
    docs: "\
Under a quota of `limits.cpu`, every container has to state a CPU limit: the API server refuses pods that do not. State
it, or give the namespace `container-limits` with a default.",
};

/// All codes of this module.
pub const CODES: &[&Code] = &[&DUPLICATE, &NAME, &OUTSIDE_RANGE, &QUOTA_NEEDS];

/// The most specific origin: the later entries of the spec.
fn place(resource: &Resource) -> Place {
    own(resource).map_or_else(|| Place::Path("platform.toml".to_owned()), Place::Key)
}

fn own(resource: &Resource) -> Option<NodeId> {
    resource.owner.or_else(|| resource.origins.last().copied())
}

pub(super) fn duplicate(first: &Resource, second: &Resource) -> Diagnostic {
    let identity = second.object.identity();
    let named = identity.namespace.map_or_else(|| identity.name.to_owned(), |ns| format!("{ns}/{}", identity.name));
    let mut diagnostic =
        Diagnostic::error(&DUPLICATE, format!("two {} `{named}`", identity.kind), place(second)).label("one from here");
    if let Some(node) = own(first).filter(|node| own(second) != Some(*node)) {
        diagnostic = diagnostic.also(Place::Key(node), "the other from here");
    }
    diagnostic.help("rename one of the two, or put them into different namespaces")
}

pub(super) fn name(kind: &str, name: &str, most: usize, node: Option<NodeId>) -> Diagnostic {
    let place = node.map_or_else(|| Place::Path("platform.toml".to_owned()), Place::Key);
    let message = format!("the {kind} would be called `{name}`: {} characters, at most {most} are allowed", name.len());
    Diagnostic::error(&NAME, message, place).help("shorten the names that it is made of")
}

pub(super) fn volume_name(name: &str, node: NodeId) -> Diagnostic {
    Diagnostic::error(
        &NAME,
        format!("the volume of this path would be called `{name}`, longer than 63 characters"),
        Place::Key(node),
    )
    .help("mount scratch space at a shorter path")
}

pub(super) fn same_volume(second: NodeId, first: NodeId) -> Diagnostic {
    Diagnostic::error(&NAME, "two paths give one volume name", Place::Key(second))
        .also(Place::Key(first), "the other path")
        .help("paths have to differ in more than punctuation and case")
}

/// `found` is the key, the amount and where it stands; `bound` is `min` or `max` and its value.
pub(super) fn outside_range(
    resource: &Resource,
    namespace: &str,
    (key, amount, node): (&str, &str, Option<NodeId>),
    (bound, value): (&str, &str),
) -> Diagnostic {
    let relation = if bound == "min" { "below" } else { "above" };
    Diagnostic::error(
        &OUTSIDE_RANGE,
        format!("`{key}` is {amount}, {relation} the `{bound}` {value} of a container in `{namespace}`"),
        node.map_or_else(|| place(resource), Place::Value),
    )
    .help(format!("change it, or `container-limits.{bound}` of the namespace"))
}

pub(super) fn quota_needs(resource: &Resource, namespace: &str, key: &str) -> Diagnostic {
    let object = resource.object.identity().name;
    Diagnostic::error(
        &QUOTA_NEEDS,
        format!("`{object}` states no `{key}`, which the quota of `{namespace}` counts"),
        place(resource),
    )
    .help(format!("state `resources.{key}`, or a default in `container-limits` of the namespace"))
}
