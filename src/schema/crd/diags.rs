//! What the import and the store of CRDs say.

use super::read::Unreadable;
use super::strip::Unusable;
use crate::diag::{Code, Diagnostic, Place};
use crate::files::{OwnershipError, ReadError, UnsafePath};
use crate::value::quoted;

/// An input cannot be read.
pub const UNREADABLE: Code = Code {
    id: "DPJ0801",
    summary: "a file with CRDs cannot be read",
    docs: "\
`dpjgen schemas import` reads files, folders (all `.yaml`, `.yml` and `.json` below them) and, for `-`, standard
input; at most 256 MiB of each. The message says what the operating system answered. The schemas go into the folder
`schemas` beside `platform.toml`; in a folder without one, name it with `--spec PATH`.",
};

/// An input is not text.
pub const NOT_TEXT: Code = Code {
    id: "DPJ0802",
    summary: "a file with CRDs is not UTF-8 text",
    docs: "\
CRDs are read from YAML or JSON in UTF-8. An archive has to be unpacked first; a Helm chart's CRDs are printed by
`helm show crds CHART` or `helm template`.",
};

/// An input is neither YAML nor JSON.
pub const SYNTAX: Code = Code {
    id: "DPJ0803",
    summary: "a file with CRDs is not valid YAML or JSON",
    docs: "\
The parser's words and the place are in the message. A key that stands twice in a mapping is a mistake as well:
which of the two counts depends on the reader. A template (`{{ .Values.x }}`) is no YAML; render it first.",
};

/// Nothing to import.
pub const NO_CRD: Code = Code {
    id: "DPJ0804",
    summary: "the import holds no CustomResourceDefinition",
    docs: "\
An import reads documents of the kind `CustomResourceDefinition`, also within a `List`, and passes over all others.
An import without any is taken for a mistake: a wrong file, or a cluster that could not be asked.

    kubectl get crd -o yaml | dpjgen schemas import -",
};

/// A CRD of another version of the API.
pub const API_VERSION: Code = Code {
    id: "DPJ0805",
    summary: "a CRD is not of apiextensions.k8s.io/v1",
    docs: "\
No Kubernetes since 1.22 serves `apiextensions.k8s.io/v1beta1`, whose schemas could say less and drop nothing. A
cluster gives every CRD as v1, whatever it was created from:

    kubectl get crd NAME.GROUP -o yaml | dpjgen schemas import -

Newer releases of the operator publish v1.",
};

/// A CRD that lacks what validation needs.
pub const UNUSABLE: Code = Code {
    id: "DPJ0806",
    summary: "a CRD lacks what validation needs",
    docs: "\
A CRD states its group, names, scope and versions, and each version a schema (`schema.openAPIV3Schema`) that can be
compiled. The API server refuses others, so the file is not what is in the cluster: ask the cluster for it with
`kubectl get crd NAME.GROUP -o yaml`.",
};

/// Two CRDs of one name.
pub const TWO: Code = Code {
    id: "DPJ0807",
    summary: "an import holds two different CRDs of one name",
    docs: "\
A cluster has one CRD of a name. Two that differ come from two releases of an operator, or from its stable and its
experimental channel. Import the one that the clusters have. The same CRD twice is no mistake.",
};

/// The stored schemas cannot be read.
pub const STORE: Code = Code {
    id: "DPJ0808",
    summary: "a stored schema cannot be read",
    docs: "\
The folder `schemas` is written by `dpjgen schemas import`; its file `.dpjgen` lists what belongs to it. A merge
conflict, a file that was removed or edited by hand, or a format of a newer dpjgen: import the CRDs again, with
`--force` where files were edited.",
};

/// All codes of this module.
pub const CODES: &[&Code] = &[&UNREADABLE, &NOT_TEXT, &SYNTAX, &NO_CRD, &API_VERSION, &UNUSABLE, &TWO, &STORE];

/// An input that the disk does not give.
pub(crate) fn unreadable(path: &str, error: &ReadError) -> Diagnostic {
    let diagnostic =
        Diagnostic::error(&UNREADABLE, format!("cannot read `{path}`: {error}"), Place::Path(path.to_owned()));
    match error {
        ReadError::TooLarge { .. } => diagnostic.help("split it: several files may be named"),
        _ => diagnostic,
    }
}

/// There is no platform beside which the schemas could stand.
pub(crate) fn no_platform(spec: &str, error: &ReadError) -> Diagnostic {
    Diagnostic::error(&UNREADABLE, format!("cannot read `{spec}`: {error}"), Place::Path(spec.to_owned())).help(
        "schemas are stored beside a platform's spec: run dpjgen in the folder that holds `platform.toml`, or name it \
         with `--spec PATH`",
    )
}

/// `at` is the place of a syntax error.
pub(super) fn not_read(name: &str, error: &Unreadable, at: Place) -> Diagnostic {
    let place = Place::Path(name.to_owned());
    match error {
        Unreadable::Binary => {
            Diagnostic::error(&NOT_TEXT, format!("`{name}` is a binary file, neither YAML nor JSON"), place)
                .help("unpack an archive first; UTF-16 has to be converted to UTF-8")
        }
        Unreadable::Encoding => Diagnostic::error(&NOT_TEXT, format!("`{name}` is not UTF-8"), place)
            .help("save it as UTF-8; `iconv` converts other encodings"),
        Unreadable::Syntax { language, message, .. } => {
            let diagnostic = Diagnostic::error(&SYNTAX, format!("not valid {language}: {message}"), at);
            if message.contains("stands twice") { diagnostic.help("keep one of the two") } else { diagnostic }
        }
    }
}

/// `skipped` names what was there instead.
pub(super) fn no_crd(inputs: usize, skipped: &str) -> Diagnostic {
    let found = if skipped.is_empty() { "no documents at all".to_owned() } else { format!("only {skipped}") };
    let files = if inputs == 1 { "the input".to_owned() } else { format!("{inputs} inputs") };
    Diagnostic::error(&NO_CRD, format!("no CustomResourceDefinition in {files}: {found}"), Place::None)
        .help("a cluster's CRDs: `kubectl get crd -o yaml | dpjgen schemas import -`")
}

pub(super) fn unusable(file: &str, name: Option<&str>, unusable: &Unusable) -> Diagnostic {
    let place = Place::Path(file.to_owned());
    let name = name.map_or_else(|| "a CRD without a name".to_owned(), |name| format!("the CRD {}", quoted(name)));
    match unusable {
        Unusable::ApiVersion(version) => {
            let message = format!("{name} is of {}, not apiextensions.k8s.io/v1", quoted(version));
            Diagnostic::error(&API_VERSION, message, place).help(
                "convert it: a cluster gives it as v1, `kubectl get crd NAME.GROUP -o yaml`; or take it from a newer release",
            )
        }
        Unusable::Field(field) => Diagnostic::error(&UNUSABLE, format!("{name} has no usable `{field}`"), place)
            .help("ask the cluster for it: `kubectl get crd NAME.GROUP -o yaml`"),
        Unusable::NoSchema(version) => {
            Diagnostic::error(&UNUSABLE, format!("{name} has no schema for its version {}", quoted(version)), place)
                .help("apiextensions.k8s.io/v1 demands `schema.openAPIV3Schema` in each version")
        }
        Unusable::Name(expected) => {
            Diagnostic::error(&UNUSABLE, format!("{name} has to be called {}", quoted(expected)), place)
                .help("a CRD's name is its plural, a dot and its group")
        }
    }
}

pub(super) fn not_compiled(file: &str, name: &str, version: &str, error: &str) -> Diagnostic {
    let message =
        format!("the schema of the CRD {} cannot be compiled: version {}: {error}", quoted(name), quoted(version));
    Diagnostic::error(&UNUSABLE, message, Place::Path(file.to_owned()))
}

pub(super) fn two(name: &str, file: &str, first: &str) -> Diagnostic {
    let message = if file == first {
        format!("{file} holds two different CRDs {}", quoted(name))
    } else {
        format!("{file} and {first} hold two different CRDs {}", quoted(name))
    };
    Diagnostic::error(&TWO, message, Place::Path(file.to_owned())).help("import the one that the clusters have")
}

pub(super) fn no_path(name: &str, file: &str, error: &UnsafePath) -> Diagnostic {
    Diagnostic::error(
        &UNUSABLE,
        format!("the CRD {} cannot be stored: {error}", quoted(name)),
        Place::Path(file.to_owned()),
    )
}

const AGAIN: &str = "import the CRDs again: `dpjgen schemas import`";

pub(super) fn ownership(path: &str, error: &OwnershipError) -> Diagnostic {
    Diagnostic::error(&STORE, format!("`{path}` can not be understood: {error}"), Place::Path(path.to_owned())).help(
        "keep the lines of both sides of a merge, each path once, with either sum; or restore it from version control",
    )
}

pub(super) fn stored(path: &str, problem: &str) -> Diagnostic {
    Diagnostic::error(
        &STORE,
        format!("the stored schema `{path}` cannot be read: {problem}"),
        Place::Path(path.to_owned()),
    )
    .help(AGAIN)
}
