//! What pass 1 says: files that cannot be read, text that is not TOML.

use super::Node;
use crate::diag::suggest::{list, nearest};
use crate::diag::{Code, Diagnostic, Place};
use crate::files::ReadError;
use crate::source::{FileId, Layer, NodeId, Span};

/// A file of the spec cannot be read.
pub const UNREADABLE: Code = Code {
    id: "DPJ0001",
    summary: "a file of the spec cannot be read",
    docs: "\
A platform is read from `platform.toml`, the files that its `include` names and `overlays/ENV.toml`. Each of them must
be a regular file of at most 32 MiB that the user who runs dpjgen may read. A folder, a device or a pipe in its place is
refused before it is opened.

The message says which file it was and what the operating system answered. `--spec PATH` names another platform.",
};

/// A file of the spec is not text.
pub const NOT_TEXT: Code = Code {
    id: "DPJ0002",
    summary: "a file of the spec is not UTF-8 text",
    docs: "\
TOML is UTF-8. A byte order mark in front and Windows line ends are accepted; UTF-16, other encodings and binary files are
not. An editor's \"save as UTF-8\" or `iconv -f utf-16 -t utf-8 FILE` mends it.",
};

/// A file of the spec is empty.
pub const EMPTY: Code = Code {
    id: "DPJ0003",
    summary: "a file of the spec is empty",
    docs: "\
An empty file is nearly always the remains of a write that failed, so it is not taken for a spec that says nothing. An
overlay that changes nothing says so in a comment:

    # staging is the platform as platform.toml states it",
};

/// TOML syntax.
pub const SYNTAX: Code = Code {
    id: "DPJ0004",
    summary: "the file is not valid TOML",
    docs: "\
The spec is TOML 1.1. All syntax errors of all files are shown at once; what follows a broken line may be reported only
because of it, so mend the first one of a group first.

    image = dpj/app:1.0.0       # wrong: a string needs quotes
    image = \"dpj/app:1.0.0\"",
};

/// There is no such environment.
pub const NO_ENVIRONMENT: Code = Code {
    id: "DPJ0005",
    summary: "there is no overlay for the environment",
    docs: "\
Each environment is a file `overlays/ENV.toml` beside `platform.toml`; its name is the environment's name. The message
lists those there are. To add one, create the file; it needs no content but a comment.",
};

/// The include list is wrong.
pub const INCLUDE: Code = Code {
    id: "DPJ0006",
    summary: "`include` is not a list of other files of the platform",
    docs: "\
A big platform is split over files that `platform.toml` names:

    include = [\"workloads.toml\", \"data.toml\"]

Paths are relative to `platform.toml` and stay below its folder. An included file does not include others, so that one
place says what the platform is made of, and no file is included twice.",
};

/// A key stands in two files.
pub const STATED_TWICE: Code = Code {
    id: "DPJ0007",
    summary: "a key is stated in two files of the platform",
    docs: "\
`platform.toml` and the files that it includes are one spec in several files: tables of the same name unite, and every
key in them stands once. Which of two statements should win is not a question of the order of files. What differs from
one environment to another belongs in an overlay.",
};

/// Text as found in a source would be unreadable for tools.
pub const TOO_DEEP: Code = Code {
    id: "DPJ0008",
    summary: "tables or arrays nest too deeply",
    docs: "\
No part of the spec nests deeper than a handful of levels. 64 are accepted, so that no input can exhaust the stack.",
};

/// An integer that does not fit.
pub const INTEGER_RANGE: Code = Code {
    id: "DPJ0009",
    summary: "an integer does not fit 64 bits",
    docs: "\
TOML integers lie between -9223372036854775808 and 9223372036854775807. No number of the spec comes near that.",
};

/// All codes of this module.
pub const CODES: &[&Code] =
    &[&UNREADABLE, &NOT_TEXT, &EMPTY, &SYNTAX, &NO_ENVIRONMENT, &INCLUDE, &STATED_TWICE, &TOO_DEEP, &INTEGER_RANGE];

pub(super) fn unreadable(path: &str, error: &ReadError, wanted_by: Option<NodeId>) -> Diagnostic {
    let place = wanted_by.map_or_else(|| Place::Path(path.to_owned()), Place::Value);
    let diagnostic = Diagnostic::error(&UNREADABLE, format!("cannot read `{path}`: {error}"), place);
    match (wanted_by, error) {
        (Some(_), _) => diagnostic.help("`include` names files relative to `platform.toml`"),
        (None, ReadError::NotFound) => {
            diagnostic.help("run dpjgen in the folder that holds `platform.toml`, or name it with `--spec PATH`")
        }
        (None, _) => diagnostic,
    }
}

pub(super) fn overlays_unreadable(error: &ReadError) -> Diagnostic {
    Diagnostic::error(
        &NO_ENVIRONMENT,
        format!("cannot list the environments: the folder `overlays` {}", folder_problem(error)),
        Place::Path(super::OVERLAYS.to_owned()),
    )
    .help("each environment is a file `overlays/ENV.toml` beside `platform.toml`; create one, such as `overlays/dev.toml`")
}

fn folder_problem(error: &ReadError) -> String {
    match error {
        ReadError::NotFound => "does not exist".to_owned(),
        other => format!("cannot be read: {other}"),
    }
}

pub(super) fn environment_name(name: &str) -> Diagnostic {
    Diagnostic::error(
        &NO_ENVIRONMENT,
        format!("`{name}` cannot be the name of an environment"),
        Place::Path(format!("{}/{name}.toml", super::OVERLAYS)),
    )
    .help(
        "name the file with lower-case letters, digits and `-`, at most 63 characters, such as `overlays/staging.toml`",
    )
}

pub(super) fn no_such_environment(name: &str, known: &[String]) -> Diagnostic {
    let place = Place::Path(super::OVERLAYS.to_owned());
    let diagnostic =
        Diagnostic::error(&NO_ENVIRONMENT, format!("there is no overlay for an environment `{name}`"), place);
    let names = || known.iter().map(String::as_str);
    let diagnostic = match nearest(name, names()) {
        Some(near) => diagnostic.help(format!("did you mean `{near}`?")),
        None => diagnostic,
    };
    if known.is_empty() {
        return diagnostic.help("the folder `overlays` holds no `.toml` file; create one, such as `overlays/dev.toml`");
    }
    let create =
        if is_plausible(name) { format!("; to add this one, create `overlays/{name}.toml`") } else { String::new() };
    diagnostic.help(format!("the environments are {}{create}", list(names(), "and")))
}

fn is_plausible(name: &str) -> bool {
    super::is_environment_name(name)
}

pub(super) fn utf16(path: &str) -> Diagnostic {
    Diagnostic::error(&NOT_TEXT, format!("`{path}` is UTF-16, not UTF-8"), Place::Path(path.to_owned()))
        .help(format!("save it as UTF-8: `iconv -f utf-16 -t utf-8 {path}`"))
}

pub(super) fn binary(path: &str) -> Diagnostic {
    Diagnostic::error(&NOT_TEXT, format!("`{path}` is a binary file, not TOML text"), Place::Path(path.to_owned()))
        .help("a spec is a UTF-8 text file")
}

pub(super) fn not_utf8(byte: u8, at: Span) -> Diagnostic {
    Diagnostic::error(&NOT_TEXT, format!("the byte 0x{byte:02X} is not UTF-8"), Place::Span(at))
        .label("after this")
        .help("save the file as UTF-8; a lone byte like this often comes from Latin-1 or Windows-1252")
}

pub(super) fn empty(path: &str, layer: Layer) -> Diagnostic {
    let help = match layer {
        Layer::Base => "a platform begins with `dpjgen = \"1\"` and a `[platform]` table",
        Layer::Environment => "an overlay that changes nothing says so in a comment",
    };
    Diagnostic::error(&EMPTY, format!("`{path}` is empty"), Place::Path(path.to_owned())).help(help)
}

pub(super) fn unfinished_merge(at: Span) -> Diagnostic {
    Diagnostic::error(&SYNTAX, "a merge was not finished here", Place::Span(at))
        .help("resolve the conflict: keep the lines of one side, or of both, and remove the markers")
}

/// `found` is the text at fault. The parser takes a bare word for a number that went wrong (`info` begins like `inf`).
pub(super) fn syntax(message: &str, found: &str, at: Span) -> Diagnostic {
    let mut message = message.replace('\n', ", ");
    if let Some(short) = message.strip_suffix(", expected nothing") {
        message.truncate(short.len());
    }
    let word = found.starts_with(|c: char| c.is_ascii_alphabetic());
    if word && (message.contains("invalid float") || message.contains("string values must be quoted")) {
        let found = crate::value::quoted(found);
        return Diagnostic::error(&SYNTAX, format!("{found} stands without quotes"), Place::Span(at))
            .help("a text needs quotes, as in `\"info\"`; only numbers, `true` and `false` stand without");
    }
    // An empty value is reported at the end of its line, or at what follows it.
    if message.contains("string values must be quoted") && found.trim().is_empty() {
        return Diagnostic::error(&SYNTAX, "the value is missing", Place::Span(at))
            .help("write a value behind the `=`, or remove the key");
    }
    if message == "recursion limit" {
        return Diagnostic::error(&TOO_DEEP, "a key or a header has far too many parts", Place::Span(at))
            .help("no part of the spec nests this deeply");
    }
    if message == "duplicate key" {
        return Diagnostic::error(&SYNTAX, format!("the key `{found}` stands twice in its table"), Place::Span(at))
            .help("keep one of the two");
    }
    Diagnostic::error(&SYNTAX, message, Place::Span(at))
}

pub(super) fn more_syntax_errors(file: FileId, more: usize) -> Diagnostic {
    Diagnostic::error(&SYNTAX, format!("{more} more syntax errors are not shown"), Place::File(file))
        .help("is this file TOML?")
}

pub(super) fn too_deep(at: Span, limit: usize) -> Diagnostic {
    Diagnostic::error(&TOO_DEEP, format!("more than {limit} levels of tables and arrays"), Place::Span(at))
        .help("no part of the spec nests this deeply")
}

pub(super) fn integer_range(text: &str, at: Span) -> Diagnostic {
    Diagnostic::error(&INTEGER_RANGE, format!("`{text}` does not fit a 64-bit integer"), Place::Span(at))
        .help("no number of the spec is this large; an amount of memory is a string such as `\"512Mi\"`")
}

pub(super) fn include_type(node: &Node) -> Diagnostic {
    Diagnostic::error(
        &INCLUDE,
        format!("`include` is a list of file names, found {}", node.kind()),
        Place::Value(node.id),
    )
    .help("write `include = [\"data.toml\"]`")
}

pub(super) fn include_twice(name: &str, at: NodeId, first: NodeId) -> Diagnostic {
    Diagnostic::error(&INCLUDE, format!("`{name}` is included twice"), Place::Value(at))
        .also(Place::Value(first), "first here")
        .help("remove one of the two")
}

pub(super) fn include_itself(name: &str, at: NodeId) -> Diagnostic {
    Diagnostic::error(&INCLUDE, format!("`{name}` includes itself"), Place::Value(at)).help("remove it from the list")
}

pub(super) fn include_nested(at: NodeId) -> Diagnostic {
    Diagnostic::error(&INCLUDE, "an included file includes others", Place::Key(at))
        .help("name all files in the `include` of `platform.toml`")
}

pub(super) fn stated_twice(path: &str, at: NodeId, first: NodeId) -> Diagnostic {
    Diagnostic::error(&STATED_TWICE, format!("`{path}` is stated in two files"), Place::Key(at))
        .label("stated again")
        .also(Place::Key(first), "first stated here")
        .help("keep one of the two; what differs by environment belongs in an overlay")
}

/// The folder of overlays is there, and empty.
pub fn no_environments() -> Diagnostic {
    Diagnostic::error(&NO_ENVIRONMENT, "the platform has no environments", Place::Path(super::OVERLAYS.to_owned()))
        .help("create an overlay, such as `overlays/dev.toml`; it needs no content but a comment")
}
