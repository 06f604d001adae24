//! What the command line says itself: output that cannot be written, codes that do not exist.

use crate::diag::suggest::nearest;
use crate::diag::{Code, Diagnostic, Place};
use crate::files::{Problem, WriteError};

/// The output cannot be written.
pub const WRITE: Code = Code {
    id: "DPJ0701",
    summary: "the output cannot be written",
    docs: "\
The operating system refused an operation: a full disk, a read-only file system, missing permission. All files are made
ready beside the tree before the first one is replaced, so a failure on the way leaves the tree as it was; the message says
so where it could not.",
};

/// Something is in the way.
pub const IN_THE_WAY: Code = Code {
    id: "DPJ0702",
    summary: "something in the output folder is not dpjgen's to replace",
    docs: "\
`dpjgen build -o` replaces and removes only files that it wrote itself; `.dpjgen` in each environment's folder lists them
with their hashes. A file of somebody else's in the way, a file of ours that was edited by hand, a symbolic link or a
folder where a file belongs: nothing is written, and all of them are named.

Move what is not dpjgen's. Put an edit by hand into the spec, then give it up with `--force`.",
};

/// There is no such code.
pub const UNKNOWN_CODE: Code = Code {
    id: "DPJ0703",
    summary: "there is no such diagnostic code",
    docs: "`dpjgen explain` without a code lists them all.",
};

/// All codes of this module.
pub const CODES: &[&Code] = &[&WRITE, &IN_THE_WAY, &UNKNOWN_CODE];

pub(super) fn unknown_code(wanted: &str, all: &[&'static Code]) -> Diagnostic {
    let mut diagnostic =
        Diagnostic::error(&UNKNOWN_CODE, format!("there is no code {}", crate::value::quoted(wanted)), Place::None);
    if let Some(near) = nearest(&wanted.to_ascii_uppercase(), all.iter().map(|code| code.id)) {
        diagnostic = diagnostic.help(format!("did you mean `{near}`?"));
    }
    diagnostic.help("`dpjgen explain` lists all codes")
}

pub(super) fn in_the_way(folder: &str, problem: &Problem) -> Diagnostic {
    let path = if problem.path().is_empty() { folder.to_owned() } else { format!("{folder}/{}", problem.path()) };
    Diagnostic::error(&IN_THE_WAY, problem.to_string(), Place::Path(path)).help(problem.help())
}

pub(super) fn write(error: &WriteError, path: &str) -> Diagnostic {
    let mut diagnostic = Diagnostic::error(&WRITE, error.to_string(), Place::Path(path.to_owned()));
    if let Some(help) = error.help() {
        diagnostic = diagnostic.help(help);
    }
    diagnostic
}

pub(super) fn stdout(error: &std::io::Error) -> Diagnostic {
    Diagnostic::error(&WRITE, format!("cannot write to standard output: {error}"), Place::None)
        .help("the output is incomplete: do not use it")
}

/// A value that the writers refuse; the checks before them leave none.
pub(super) fn internal(message: &str) -> Diagnostic {
    Diagnostic::error(&WRITE, format!("the plan cannot be written: {message}"), Place::None)
        .help("this is a mistake in dpjgen: please report it with the spec")
}
