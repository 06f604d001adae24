//! What the command line says itself: output that cannot be written, codes that do not exist.

use crate::diag::suggest::nearest;
use crate::diag::{Code, Diagnostic, Place};
use crate::files::{Obstacle, Problem, WriteError};

/// The output cannot be written.
pub const WRITE: Code = Code {
    id: "DPJ0701",
    summary: "the output cannot be written",
    docs: "\
The operating system refused an operation: a full disk, a read-only file system, missing permission. All files are made
ready beside the trees before the first one is replaced, so a failure on the way leaves them as they were. A failure while
files are being replaced leaves a journal in `.dpjgen-stage`, and the next `dpjgen build -o` completes that run first; the
message says so.",
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

/// Somebody else writes to the same place.
pub const LOCKED: Code = Code {
    id: "DPJ0710",
    summary: "another run is writing to the output folder",
    docs: "\
`dpjgen build -o` locks the output folder, waits ten seconds for another run that has the lock, then gives up. The lock is
the operating system's and ends with the process, however it ends: there is no file to delete.",
};

/// A journal that this version cannot follow.
pub const JOURNAL: Code = Code {
    id: "DPJ0711",
    summary: "the journal of a run that was stopped cannot be followed",
    docs: "\
Before the first file is replaced, `dpjgen build -o` writes a journal of all that it will do, `.dpjgen-stage/journal` in
the output folder; the next run completes a run that was stopped half-way. This journal was written by another version, or it
or the new files beside it are damaged. Nothing was changed.

Run the version that wrote it once more. Or restore the trees from version control (`git checkout -- out`), delete
`.dpjgen-stage`, and build again.",
};

/// A tree that is part old, part new.
pub const HALF_DONE: Code = Code {
    id: "DPJ0712",
    summary: "the output is half-done",
    docs: "\
A run that replaces files of the output is at work, or was stopped half-way: its journal, `.dpjgen-stage/journal`, is there.
Until it is completed the trees are part old and part new, and nothing that reads them would be right.

`dpjgen build -o` completes it before anything else.",
};

/// An edit by hand in the middle of a run.
pub const KEPT: Code = Code {
    id: "DPJ0713",
    summary: "a file was edited by hand while dpjgen was writing",
    docs: "\
When `dpjgen build -o` is stopped half-way, the next run completes it. A file that somebody edited in between is left as that
person made it; everything else is written.

Put the edit into the spec, or give it up: `--force` replaces what dpjgen wrote once.",
};

/// All codes of this module.
pub const CODES: &[&Code] = &[&WRITE, &IN_THE_WAY, &UNKNOWN_CODE, &LOCKED, &JOURNAL, &HALF_DONE, &KEPT];

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

/// Why trees below the output folder `out` were not written, or are not to be read.
pub(super) fn not_written(out: &str, error: &WriteError) -> Vec<Diagnostic> {
    let code = match error {
        WriteError::Locked { .. } => &LOCKED,
        WriteError::Journal { .. } => &JOURNAL,
        WriteError::HalfDone { .. } => &HALF_DONE,
        WriteError::Kept(_) => &KEPT,
        WriteError::Refused(_) => &IN_THE_WAY,
        _ => &WRITE,
    };
    let obstacles = error.obstacles().iter().map(|Obstacle { tree, problem }| {
        let parts = [out, tree, problem.path()].into_iter().filter(|part| !part.is_empty() && *part != ".");
        let path = parts.collect::<Vec<_>>().join("/");
        Diagnostic::error(code, problem.to_string(), Place::Path(path)).help(problem.help())
    });
    let mut found: Vec<Diagnostic> = obstacles.collect();
    if found.is_empty() {
        let diagnostic = Diagnostic::error(code, error.message(), Place::Path(out.to_owned()));
        found.push(error.help().into_iter().fold(diagnostic, Diagnostic::help));
    }
    found
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
