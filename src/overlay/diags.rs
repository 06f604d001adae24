//! What pass 2 says: layers that do not fit together.

use crate::diag::suggest::{list, nearest};
use crate::diag::{Code, Diagnostic, Place};
use crate::load::Node;
use crate::source::NodeId;

/// An overlay changes what does not exist.
pub const UNKNOWN_NAME: Code = Code {
    id: "DPJ0101",
    summary: "an overlay changes a named thing that the platform does not have",
    docs: "\
An overlay changes what `platform.toml` states. A name that it does not know is nearly always a misspelling or something
that was renamed, and changing nothing silently is how production loses its replica count. An overlay that means to add
something says so:

    [workloads.mail-catcher]
    new   = true
    image = \"tools/mail-catcher:2.1.0\"",
};

/// An overlay adds what exists.
pub const NOT_NEW: Code = Code {
    id: "DPJ0102",
    summary: "`new = true` on something that exists, or outside an overlay",
    docs: "\
`new = true` lets an overlay add a named thing that the platform lacks. On one that exists it would hide that the overlay
changes it; in `platform.toml` everything is new and the word means nothing.",
};

/// Table against scalar.
pub const TYPE_CONFLICT: Code = Code {
    id: "DPJ0103",
    summary: "two layers state a key with different types",
    docs: "\
Tables merge by key, values are replaced. A table cannot be merged with a value: one of the two layers means another key.",
};

/// Unset of nothing.
pub const UNSET: Code = Code {
    id: "DPJ0104",
    summary: "`unset` removes nothing",
    docs: "\
`unset = [\"autoscale\"]` removes keys that the layers below state: the platform's in an overlay, the class's in a member.
`unset = [\"env.DEBUG\"]` removes one key of a map of your own keys, in which no word is reserved.

Removing what is not there, or removing and stating a key at once, is a mistake in one of the two places. A whole named thing
is removed with `enabled = false`.",
};

/// Class that does not exist.
pub const UNKNOWN_CLASS: Code = Code {
    id: "DPJ0105",
    summary: "a class does not exist",
    docs: "\
`class = \"spring\"` takes what the members of a class have in common from `[workload-classes.spring]`. What a member states
itself wins over its class.",
};

/// Class of itself.
pub const CIRCULAR_CLASS: Code = Code {
    id: "DPJ0106",
    summary: "a class is, directly or through others, a class of itself",
    docs: "\
A class may have a class, which is merged under it. A circle has no lowest layer; remove one of the `class` keys in
it.",
};

/// A word of the merge with a wrong value.
pub const WORD_TYPE: Code = Code {
    id: "DPJ0107",
    summary: "`enabled`, `new`, `unset`, `class` or `acknowledge` has a value of the wrong type",
    docs: "\
`enabled` and `new` are `true` or `false`, `unset` is a list of keys, `class` is the name of a class, and `acknowledge` is a
table of codes and reasons. These words mean the same in every section; in maps of your own keys, such as `env`, they are
keys like any other.",
};

/// Keys that only the base has.
pub const NOT_IN_OVERLAY: Code = Code {
    id: "DPJ0108",
    summary: "a key that only `platform.toml` may have stands in an overlay",
    docs: "The language's version and the list of included files are the platform's, the same in every environment.",
};

/// All codes of this module.
pub const CODES: &[&Code] =
    &[&UNKNOWN_NAME, &NOT_NEW, &TYPE_CONFLICT, &UNSET, &UNKNOWN_CLASS, &CIRCULAR_CLASS, &WORD_TYPE, &NOT_IN_OVERLAY];

pub(super) fn unknown_name<'a>(
    section: &str,
    name: &str,
    at: NodeId,
    known: impl Iterator<Item = &'a str> + Clone,
    switched_off: bool,
) -> Diagnostic {
    let diagnostic =
        Diagnostic::error(&UNKNOWN_NAME, format!("the platform has no `{section}.{name}`"), Place::Key(at))
            .label("changed here, stated nowhere");
    let diagnostic = match nearest(name, known.clone()) {
        Some(near) => diagnostic.help(format!("did you mean `{near}`?")),
        None => diagnostic.note(format!("`{section}` has {}", list(known, "and"))),
    };
    if switched_off {
        diagnostic.help("there is nothing to switch off: remove it")
    } else {
        diagnostic.help("to add it in this environment, write `new = true` in it")
    }
}

pub(super) fn not_new(section: &str, name: &str, at: NodeId, existing: NodeId) -> Diagnostic {
    Diagnostic::error(&NOT_NEW, format!("`{section}.{name}` is not new"), Place::Value(at))
        .also(Place::Key(existing), "it exists here")
        .help("remove `new = true` to change it, or choose another name")
}

pub(super) fn new_in_base(section: &str, name: &str, at: NodeId) -> Diagnostic {
    Diagnostic::error(&NOT_NEW, format!("`new = true` on `{section}.{name}` outside an overlay"), Place::Value(at))
        .help("remove it: everything in `platform.toml` is new")
}

pub(super) fn type_conflict(path: &str, over: NodeId, base: NodeId, over_is_table: bool) -> Diagnostic {
    let (this, that) = if over_is_table { ("a table", "a value") } else { ("a value", "a table") };
    Diagnostic::error(
        &TYPE_CONFLICT,
        format!("`{path}` is {this} here and {that} in the layer below"),
        Place::Key(over),
    )
    .label(format!("stated as {this}"))
    .also(Place::Key(base), format!("stated as {that}"))
    .help("give both the same form; `unset` in the enclosing table removes a key")
}

pub(super) fn unset_type(node: &Node) -> Diagnostic {
    Diagnostic::error(&WORD_TYPE, format!("`unset` is a list of keys, found {}", node.kind()), Place::Value(node.id))
        .help("write `unset = [\"autoscale\"]`")
}

pub(super) fn unset_and_set(key: &str, at: NodeId, stated: NodeId) -> Diagnostic {
    Diagnostic::error(&UNSET, format!("`{key}` is unset and stated in the same table"), Place::Value(at))
        .also(Place::Key(stated), "stated here")
        .help("remove one of the two; a stated value replaces what is below without `unset`")
}

pub(super) fn nothing_to_unset<'a>(
    path: &str,
    key: &str,
    at: NodeId,
    known: impl Iterator<Item = &'a str> + Clone,
) -> Diagnostic {
    let diagnostic = Diagnostic::error(&UNSET, format!("`{path}` has no `{key}` to unset"), Place::Value(at));
    match nearest(key, known.clone()) {
        Some(near) => diagnostic.help(format!("did you mean `{near}`?")),
        None => diagnostic.help(format!("the layers below state {}", list(known, "and"))),
    }
}

pub(super) fn unset_without_layer(path: &str, at: NodeId) -> Diagnostic {
    Diagnostic::error(&UNSET, format!("nothing below `{path}` states anything to unset"), Place::Key(at))
        .help("`unset` belongs in an overlay, or in a member of a class; remove it here")
}

pub(super) fn word_type(word: &str, node: &Node) -> Diagnostic {
    Diagnostic::error(
        &WORD_TYPE,
        format!("`{word}` is `true` or `false`, found {}", node.kind()),
        Place::Value(node.id),
    )
    .help(format!("write `{word} = true` or `{word} = false`"))
}

pub(super) fn acknowledge_type(node: &Node) -> Diagnostic {
    let message = format!("`acknowledge` is a table of codes and reasons, found {}", node.kind());
    Diagnostic::error(&WORD_TYPE, message, Place::Value(node.id))
        .help("write such as `acknowledge = { DPJ0605 = \"why it is so\" }`")
}

pub(super) fn class_type(node: &Node) -> Diagnostic {
    Diagnostic::error(
        &WORD_TYPE,
        format!("`class` is the name of a class, found {}", node.kind()),
        Place::Value(node.id),
    )
    .help("write `class = \"spring\"`")
}

pub(super) fn unknown_class<'a>(
    name: &str,
    at: NodeId,
    section: &str,
    known: impl Iterator<Item = &'a str> + Clone,
) -> Diagnostic {
    let diagnostic = Diagnostic::error(&UNKNOWN_CLASS, format!("there is no class `{name}`"), Place::Value(at));
    match nearest(name, known.clone()) {
        Some(near) => diagnostic.help(format!("did you mean `{near}`?")),
        None => diagnostic.help(format!("`{section}` has {}", list(known, "and"))),
    }
}

pub(super) fn circular_class(cycle: &[String], at: NodeId) -> Diagnostic {
    let mut circle = cycle.join("` → `");
    if let Some(first) = cycle.first() {
        circle.push_str("` → `");
        circle.push_str(first);
    }
    Diagnostic::error(&CIRCULAR_CLASS, format!("the classes are circular: `{circle}`"), Place::Value(at))
        .help("remove one of these `class` keys")
}

pub(super) fn not_in_overlay(key: &str, at: NodeId) -> Diagnostic {
    Diagnostic::error(&NOT_IN_OVERLAY, format!("`{key}` stands in an overlay"), Place::Key(at))
        .help("remove it here; `platform.toml` states it for all environments")
}
