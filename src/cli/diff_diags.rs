//! What `dpjgen diff` says itself.

use crate::diag::{Code, Diagnostic, Place};
use crate::files::{GitError, OwnershipError, OwnershipFault, ReadError};

/// There is nothing to compare with.
pub const NO_SNAPSHOT: Code = Code {
    id: "DPJ0720",
    summary: "there is no snapshot to compare with",
    docs: "\
`dpjgen diff prod` compares a build with the snapshot that `dpjgen build prod -o out` wrote and that is committed, in the
folder `out` beside the spec unless `--out` or `--against` names another. There is none yet.

    dpjgen build prod -o out
    git add out

A cluster that runs already has another beginning: docs/ADOPTION.md.",
};

/// The snapshot is there and cannot be used.
pub const SNAPSHOT: Code = Code {
    id: "DPJ0721",
    summary: "the snapshot cannot be read",
    docs: "\
A file of the snapshot, its list of files (`.dpjgen`) or a folder cannot be read. Nothing was changed.

After a merge with conflicts, do not mend the snapshot by hand: resolve the spec, then build again.

    git checkout --theirs out
    dpjgen build --all -o out --force",
};

/// A revision cannot be read.
pub const REVISION: Code = Code {
    id: "DPJ0722",
    summary: "a git revision cannot be read",
    docs: "\
`--against git:REV` reads the spec and the snapshot of another revision with the `git` program, from the repository of the
platform: a branch, a tag, a commit. Nothing is fetched and nothing is checked out. In CI, clones often have only the end of
the history, and the branch to compare with is `origin/main`, not `main`.",
};

/// Both sides are the same stream.
pub const STREAMS: Code = Code {
    id: "DPJ0723",
    summary: "standard input cannot be both sides of a comparison",
    docs: "`dpjgen diff --manifests - NEW` reads the old side from standard input, `--manifests OLD -` the new one.",
};

/// Standard input ended before it began.
pub const EMPTY: Code = Code {
    id: "DPJ0724",
    summary: "standard input holds no objects to compare",
    docs: "\
`dpjgen diff --manifests - NEW` reads one side from another command. A command that fails writes nothing, and everything of
the other side would be new, or gone. In a shell script, `set -o pipefail` says which command it was.

To compare with nothing, name an empty folder.",
};

/// All codes of this module.
pub const CODES: &[&Code] = &[&NO_SNAPSHOT, &SNAPSHOT, &REVISION, &STREAMS, &EMPTY];

pub(super) fn no_snapshot(environment: &str, folder: &str, out: &str) -> Diagnostic {
    let message = format!("there is no snapshot of `{environment}`");
    Diagnostic::error(&NO_SNAPSHOT, message, Place::Path(folder.to_owned()))
        .help(format!("`dpjgen build {environment} -o {out}` makes one; then commit it"))
}

pub(super) fn no_folder(folder: &str) -> Diagnostic {
    let message = "there is no folder of manifests to compare with".to_owned();
    Diagnostic::error(&NO_SNAPSHOT, message, Place::Path(folder.to_owned()))
        .help("`--against DIR` is the folder of one environment: `out/prod`; a revision is `--against git:REV`")
}

pub(super) fn several_trees(folder: &str) -> Diagnostic {
    let message = "this holds the trees of several environments, or of one".to_owned();
    Diagnostic::error(&NO_SNAPSHOT, message, Place::Path(folder.to_owned())).help(format!(
        "name the tree of one of them, such as `--against {folder}/prod`; `--all` compares each with its own"
    ))
}

pub(super) fn no_snapshot_then(environment: &str, folder: &str, revision: &str) -> Diagnostic {
    let message = format!("the revision `{revision}` has no snapshot of `{environment}`");
    Diagnostic::error(&NO_SNAPSHOT, message, Place::Path(folder.to_owned()))
        .help("compare with a revision in which `out` is committed, or name its folder there with `--out`")
}

pub(super) fn unreadable(path: &str, error: &ReadError) -> Diagnostic {
    let help = match error {
        ReadError::PermissionDenied => "let the user that runs dpjgen read it: what is in it may change as well",
        ReadError::LinkToNothing => "remove the link, or put back what it led to",
        ReadError::LinkOutside => "put the file itself there: what a folder shows should be in it",
        ReadError::TooLarge { .. } => "split it into several files",
        ReadError::HalfDone => {
            "wait until that run has ended; of one that was stopped, the same `dpjgen build -o` completes it"
        }
        ReadError::NotRegular => "write it to a file first; standard input is `-`",
        ReadError::NotFound => "look whether its name is right; what is gone has no side to compare with",
        _ => "see what is wrong there: what is in it may change as well",
    };
    Diagnostic::error(&SNAPSHOT, format!("cannot read this: {error}"), Place::Path(path.to_owned())).help(help)
}

pub(super) fn ownership(path: &str, error: &OwnershipError) -> Diagnostic {
    let diagnostic = Diagnostic::error(&SNAPSHOT, error.to_string(), Place::Path(path.to_owned()));
    if error.fault == OwnershipFault::Conflict {
        diagnostic.help(
            "resolve the spec, take either side of `out` (`git checkout --ours out`), then `dpjgen build --all -o out`",
        )
    } else {
        diagnostic.help("take the file from git again: `git checkout HEAD -- PATH`")
    }
}

pub(super) fn revision(name: &str, error: &GitError) -> Diagnostic {
    let message = format!("cannot read the revision {}: {error}", crate::value::quoted(name));
    Diagnostic::error(&REVISION, message, Place::None).help(error.help())
}

pub(super) fn streams() -> Diagnostic {
    Diagnostic::error(&STREAMS, "both sides are standard input".to_owned(), Place::None)
        .help("write one of them to a file first")
}

pub(super) fn empty() -> Diagnostic {
    Diagnostic::error(&EMPTY, "standard input holds no objects".to_owned(), Place::None)
        .help("look whether the command in front of the pipe failed; to compare with nothing, name an empty folder")
}

/// What is said of sides without objects; `None` if both hold some.
pub(super) fn nothing([old, new]: [(&str, bool); 2]) -> Option<String> {
    match (old, new) {
        ((_, false), (_, false)) => None,
        ((old, true), (new, true)) => Some(format!("neither {old} nor {new} holds any object: nothing was compared")),
        ((old, true), (new, _)) => Some(format!("{old} holds no objects: everything of {new} counts as new")),
        ((old, _), (new, true)) => Some(format!("{new} holds no objects: everything of {old} counts as gone")),
    }
}
