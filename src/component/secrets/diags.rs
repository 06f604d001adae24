//! What the secrets section says.

use crate::decode::At;
use crate::diag::suggest::{list, nearest};
use crate::diag::{Code, Diagnostic, Place};
use crate::value::quoted;

/// The path of a secret.
pub const PATH: Code = Code {
    id: "DPJ0420",
    summary: "the path of secrets in the store is wrong",
    docs: "\
The path says how a secret is called in the store: `{secret}` is the credential's name (that of a datastore, with the
client's where each client has its own), `{environment}` and `{platform}` keep environments and platforms apart:

    path = \"{platform}/{environment}/{secret}\"

AWS Secrets Manager takes letters, digits and `/_+=.@-` in a name.",
};

/// The store's region.
pub const REGION: Code = Code {
    id: "DPJ0421",
    summary: "a region is not the name of an AWS region",
    docs: "An AWS region is called as in `eu-west-1`. Availability zones such as `eu-west-1a` are not regions.",
};

/// All codes of this module.
pub const CODES: &[&Code] = &[&PATH, &REGION];

fn path_error(path: &At<String>, message: String) -> Diagnostic {
    Diagnostic::error(&PATH, message, Place::Value(path.node))
}

pub(super) fn open_brace(path: &At<String>) -> Diagnostic {
    path_error(path, "a `{` of the path is not closed".to_owned())
        .help("write `path = \"{platform}/{environment}/{secret}\"`")
}

pub(super) fn unknown_placeholder(path: &At<String>, name: &str, known: &[&str]) -> Diagnostic {
    let diagnostic = path_error(path, format!("the path has no placeholder {}", quoted(&format!("{{{name}}}"))));
    match nearest(name, known.iter().copied()) {
        Some(near) => diagnostic.help(format!("did you mean `{{{near}}}`?")),
        None => diagnostic.help(format!("the names in braces are {}", list(known.iter().copied(), "and"))),
    }
}

pub(super) fn path_without_secret(path: &At<String>) -> Diagnostic {
    path_error(path, "the path does not say where `{secret}` stands: all secrets would have one name".to_owned())
        .help("write `path = \"{platform}/{environment}/{secret}\"`")
}

pub(super) fn path_characters(path: &At<String>) -> Diagnostic {
    path_error(path, "the path has a character that AWS Secrets Manager does not take".to_owned())
        .help("use letters, digits and `/_+=.@-`")
}

pub(super) fn region(region: &At<String>) -> Diagnostic {
    Diagnostic::error(&REGION, format!("{} is not an AWS region", quoted(&region.value)), Place::Value(region.node))
        .help("write a region such as `eu-west-1`")
}
