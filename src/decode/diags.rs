//! What pass 3 says: keys and values that are not of the language.

use crate::diag::suggest::{list, nearest};
use crate::diag::{Code, Diagnostic, Place};
use crate::source::NodeId;
use crate::value::{Invalid, quoted};

/// A key that the language does not have.
pub const UNKNOWN_KEY: Code = Code {
    id: "DPJ0201",
    summary: "the spec has a key that the language does not know",
    docs: "\
Every key of the spec means something; one that is not known is an error, never ignored. The message names the nearest
key and those there are. In a table with a choice (`engine`, `strategy`) the keys depend on what was chosen: an overlay
that changes the choice replaces the table and states the keys of the new one.

    [workloads.document-service]
    replica  = 3      # wrong
    replicas = 3",
};

/// A value of the wrong type.
pub const WRONG_TYPE: Code = Code {
    id: "DPJ0202",
    summary: "a value has the wrong type",
    docs: "\
The type that a key takes is part of the language; TOML's types are not converted into each other.

    replicas = \"3\"     # wrong: a string
    replicas = 3",
};

/// A required key is missing.
pub const MISSING_KEY: Code = Code {
    id: "DPJ0203",
    summary: "a required key is missing",
    docs: "\
The table needs the key to mean anything. It may also come from a class, or from an overlay for one environment.",
};

/// A choice that does not exist.
pub const UNKNOWN_CHOICE: Code = Code {
    id: "DPJ0204",
    summary: "a value is not one of those that the key takes",
    docs: "The key takes one of a few words. The message lists them and names the nearest.",
};

/// More errors than are looked for.
pub const TOO_MANY: Code = Code {
    id: "DPJ0205",
    summary: "an entry has more mistakes than are shown",
    docs: "Each mistake costs one more reading of the entry, so 200 of them are enough. Mend those and build again.",
};

/// All codes of this module.
pub const CODES: &[&Code] = &[&UNKNOWN_KEY, &WRONG_TYPE, &MISSING_KEY, &UNKNOWN_CHOICE, &TOO_MANY];

pub(super) fn custom(text: String, node: NodeId) -> Diagnostic {
    Diagnostic::error(&WRONG_TYPE, text, Place::Value(node))
}

/// A value that is not of its type.
pub fn invalid_value(invalid: &Invalid, node: NodeId) -> Diagnostic {
    Diagnostic::error(invalid.code.0, &invalid.problem, Place::Value(node)).help(&invalid.help)
}

/// A key that is not a name.
pub fn invalid_key(invalid: &Invalid, node: NodeId) -> Diagnostic {
    Diagnostic::error(invalid.code.0, &invalid.problem, Place::Key(node)).help(&invalid.help)
}

/// Rust's names of types are not the user's.
fn plain(expected: &str) -> &str {
    match expected {
        "u8" | "u16" | "u32" | "u64" | "usize" => "a whole number, zero or more",
        "i8" | "i16" | "i32" | "i64" => "a whole number",
        "f32" | "f64" => "a number",
        "a boolean" => "`true` or `false`",
        "a sequence" => "an array",
        "a map" => "a table",
        other if other.starts_with("struct ") => "a table",
        other => other,
    }
}

pub(super) fn wrong_type(expected: &str, found: &str, node: NodeId) -> Diagnostic {
    wrong_type_with(expected, found, None, node)
}

pub(super) fn wrong_type_with(expected: &str, found: &str, help: Option<String>, node: NodeId) -> Diagnostic {
    if let ("u32", Some(integer)) = (expected, found.strip_prefix("the integer ")) {
        // Whatever is counted is an int32 to Kubernetes.
        let range = "from 0 to 2147483647";
        return Diagnostic::error(&WRONG_TYPE, format!("{integer} is not {range}"), Place::Value(node))
            .help(format!("write a whole number {range}"));
    }
    let expected = plain(expected);
    Diagnostic::error(&WRONG_TYPE, format!("expected {expected}, found {found}"), Place::Value(node))
        .label(format!("expected {expected}"))
        .help(help.unwrap_or_else(|| example(expected)))
}

/// How a value of the kind is written.
fn example(expected: &str) -> String {
    let written = match expected {
        "a whole number, zero or more" | "a whole number" => "write it without quotes or decimals, such as `3`",
        "`true` or `false`" => "write `true` or `false` without quotes",
        "a string" => "write it in quotes",
        "an array" => "write a list such as `[\"a\", \"b\"]`",
        "a table" | "a table of named things" => {
            "write a table: `[section.name]` with keys below it, or `{ key = value }`"
        }
        other => return format!("write {other}"),
    };
    written.to_owned()
}

pub(super) fn unknown_key(
    key: &str,
    known: &'static [&'static str],
    choice: Option<(&'static str, String)>,
    node: NodeId,
) -> Diagnostic {
    let (message, of) = match &choice {
        Some((tag, chosen)) => (
            format!("{} is not a key of {tag} `{chosen}`", quoted(key)),
            format!("{tag} `{chosen}` has {}", list(known.iter().copied(), "and")),
        ),
        None => (
            format!("unknown key {}", quoted(key)),
            format!("the keys here are {}", list(known.iter().copied(), "and")),
        ),
    };
    let of = match (&choice, known.is_empty()) {
        (Some((tag, chosen)), true) => format!("{tag} `{chosen}` has no keys of its own"),
        _ => of,
    };
    let diagnostic = Diagnostic::error(&UNKNOWN_KEY, message, Place::Key(node));
    match nearest(key, known.iter().copied()) {
        Some(near) => diagnostic.help(format!("did you mean `{near}`?")),
        None => diagnostic.help(of),
    }
}

pub(super) fn unknown_section(key: &str, node: NodeId, known: &[&'static str]) -> Diagnostic {
    let mut known = known.to_vec();
    known.sort_unstable();
    let message = format!("unknown section {}", quoted(key));
    let diagnostic = Diagnostic::error(&UNKNOWN_KEY, message, Place::Key(node));
    match nearest(key, known.iter().copied()) {
        Some(near) => diagnostic.help(format!("did you mean `{near}`?")),
        None => diagnostic.help(format!("the sections are {}", list(known.iter().copied(), "and"))),
    }
}

pub(super) fn missing_key(key: &str, node: NodeId) -> Diagnostic {
    Diagnostic::error(&MISSING_KEY, format!("`{key}` is missing"), Place::Key(node))
        .label(format!("needs `{key}`"))
        .help(format!("add `{key} = …`"))
}

pub(super) fn unknown_choice(
    tag: Option<&'static str>,
    found: &str,
    known: &'static [&'static str],
    node: NodeId,
) -> Diagnostic {
    let found = quoted(found);
    let message = match tag {
        Some(tag) => format!("there is no {tag} {found}"),
        // What the word stands for, the key in front of it says.
        None => format!("{found} is none of the words that may stand here"),
    };
    let names = list(known.iter().copied(), "or");
    let diagnostic = Diagnostic::error(&UNKNOWN_CHOICE, message, Place::Value(node)).label(format!("expected {names}"));
    match nearest(found.trim_matches('`'), known.iter().copied()) {
        Some(near) => diagnostic.help(format!("did you mean `{near}`?")),
        None => diagnostic.help(format!("write {names}")),
    }
}

pub(super) fn no_choice(tag: &'static str, known: &'static [&'static str], node: NodeId) -> Diagnostic {
    Diagnostic::error(&MISSING_KEY, format!("`{tag}` is missing"), Place::Key(node))
        .label(format!("needs `{tag}`"))
        .help(format!("add `{tag} = …` with {}", list(known.iter().copied(), "or")))
}

pub(super) fn too_many(node: NodeId, limit: usize) -> Diagnostic {
    Diagnostic::error(&TOO_MANY, format!("more than {limit} mistakes in one entry"), Place::Key(node))
        .help("mend those above and build again")
}
