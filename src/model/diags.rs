//! What declaring says: names that are not there, or there twice.

use super::Target;
use crate::decode::At;
use crate::diag::suggest::{list, nearest};
use crate::diag::{Code, Diagnostic, Place};
use crate::overlay::Disabled;
use crate::source::NodeId;
use crate::value::Name;
use std::fmt::Display;

/// A namespace that is not declared.
pub const UNKNOWN_NAMESPACE: Code = Code {
    id: "DPJ0301",
    summary: "a namespace is not declared",
    docs: "\
Namespaces are named by their key in `[namespaces]`, without the platform's prefix: `namespace = \"backend\"` is the
namespace `dpj-backend` of the platform `dpj`. Each is declared with its Pod Security level and isolation, so a name that
is not declared cannot be made up on the way.",
};

/// One name for two things.
pub const AMBIGUOUS_TARGET: Code = Code {
    id: "DPJ0302",
    summary: "two things that can be connected to have one name",
    docs: "\
`connects.redis` names a workload, a datastore or an external; a name that is in two of these sections would not say which.",
};

/// Bounds in the wrong order.
pub const BOUNDS: Code = Code {
    id: "DPJ0303",
    summary: "a lower bound is above its upper bound",
    docs: "\
Where a table states several bounds of one quantity, they have to be in order: in `container-limits`, `min` ≤
`default-request` ≤ `default` ≤ `max`; requests ≤ limits; `min` ≤ `max` of an autoscaler. The API server refuses
anything else.",
};

/// All codes of this module.
pub const CODES: &[&Code] = &[&UNKNOWN_NAMESPACE, &AMBIGUOUS_TARGET, &BOUNDS];

pub(super) fn unknown_namespace<'a>(
    name: &At<Name>,
    declared: impl Iterator<Item = &'a str> + Clone,
    disabled: Option<&Disabled>,
) -> Diagnostic {
    let diagnostic =
        Diagnostic::error(&UNKNOWN_NAMESPACE, format!("there is no namespace `{name}`"), Place::Value(name.node));
    if let Some(disabled) = disabled {
        return diagnostic
            .also(Place::Value(disabled.by), "switched off here")
            .help("switch off what is in the namespace too, or keep it");
    }
    match nearest(name.value.as_str(), declared.clone()) {
        Some(near) => diagnostic.help(format!("did you mean `{near}`?")),
        None => diagnostic.help(format!("declare it in `[namespaces]`, or use {}", list(declared, "or"))),
    }
}

pub(super) fn ambiguous_target(target: &Target, existing: &Target) -> Diagnostic {
    let (this, that) = (target.kind.section(), existing.kind.section());
    let message = format!("`{}` is in `{this}` and in `{that}`", target.name);
    let place = |node: Option<NodeId>| node.map_or_else(|| Place::Path(String::new()), Place::Key);
    let mut diagnostic = Diagnostic::error(&AMBIGUOUS_TARGET, message, place(target.node));
    if let Some(node) = existing.node {
        diagnostic = diagnostic.also(Place::Key(node), "the other one");
    }
    diagnostic.help("`connects` names targets of all sections alike: rename one of the two")
}

/// `lower` must not be above `upper`; both are (name, text, node).
pub(super) fn bounds(lower: (&str, &dyn Display, NodeId), upper: (&str, &dyn Display, NodeId)) -> Diagnostic {
    let ((lower_name, low, low_node), (upper_name, high, high_node)) = (lower, upper);
    Diagnostic::error(
        &BOUNDS,
        format!("`{lower_name}` is {low}, above `{upper_name}`, which is {high}"),
        Place::Value(low_node),
    )
    .also(Place::Value(high_node), format!("`{upper_name}` is {high}"))
    .help(format!("lower `{lower_name}` or raise `{upper_name}`"))
}
