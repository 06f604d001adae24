//! What rendering says.

use crate::decode::At;
use crate::diag::suggest::{list, nearest};
use crate::diag::{Code, Diagnostic, Place};
use crate::files::ReadError;

/// A template that is not there.
pub const MISSING: Code = Code {
    id: "DPJ0501",
    summary: "a template does not exist or cannot be read",
    docs: "\
Templates are files of the platform's `templates/` folder, or defaults that are built into dpjgen. A file of the same name
replaces a default.",
};

/// A template that does not parse.
pub const SYNTAX: Code = Code {
    id: "DPJ0502",
    summary: "a template is not valid MiniJinja",
    docs: "\
Templates are written in the language of Jinja: `{{ value }}`, `{% if … %}`, `{% for … %}`. The message says at which line
of the template the mistake is.",
};

/// A template that does not render.
pub const RENDER: Code = Code {
    id: "DPJ0503",
    summary: "a template cannot be rendered",
    docs: "\
An undefined variable is an error, never an empty text. A workload's files may read `environment`, `platform.name`,
`platform.domain`, `workload.name`, `workload.namespace`, `workload.port`, `workload.ports`, `workload.shutdown_seconds`
and, for each declared connection, `connects.NAME.FIELD` (with `_` for `-`). Credentials are not among them.
`{% if connects.kafka is defined %}` asks whether there is one.",
};

/// A payload that is broken.
pub const FORMAT: Code = Code {
    id: "DPJ0504",
    summary: "a template rendered a file that is not of its format",
    docs: "\
A file that ends in `.yaml`, `.json` or `.toml` is parsed after rendering, so that a broken one never reaches a pod.",
};

/// A credential in a payload.
pub const CREDENTIAL: Code = Code {
    id: "DPJ0505",
    summary: "a template rendered something that looks like a credential",
    docs: "\
What a template renders stands in a ConfigMap, in git, for everybody to read. An application reads its credentials from
environment variables, which come from the secret store through a connection.",
};

/// All codes of this module.
pub const CODES: &[&Code] = &[&MISSING, &SYNTAX, &RENDER, &FORMAT, &CREDENTIAL];

pub(super) fn missing<'a>(name: &At<String>, embedded: impl Iterator<Item = &'a str> + Clone) -> Diagnostic {
    let text = crate::value::quoted(&name.value);
    let diagnostic = Diagnostic::error(&MISSING, format!("there is no template {text}"), Place::Value(name.node));
    match nearest(&name.value, embedded.clone()) {
        Some(near) => diagnostic.help(format!("did you mean `{near}`?")),
        None => diagnostic.help(format!("put it into `templates/`; built in are {}", list(embedded, "and"))),
    }
}

pub(super) fn unreadable(name: &At<String>, error: &ReadError) -> Diagnostic {
    let text = crate::value::quoted(&name.value);
    Diagnostic::error(&MISSING, format!("cannot read the template {text}: {error}"), Place::Value(name.node))
        .help("templates are files below the platform's `templates/`")
}

pub(super) fn not_text(name: &At<String>, path: &str) -> Diagnostic {
    Diagnostic::error(&MISSING, format!("the template `{path}` is not UTF-8 text"), Place::Value(name.node))
        .help("save it as UTF-8")
}

pub(super) fn syntax(name: &At<String>, error: &minijinja::Error, place: Option<Place>) -> Diagnostic {
    let detail = error.detail().map_or_else(|| error.kind().to_string(), str::to_owned);
    Diagnostic::error(&SYNTAX, detail, place.unwrap_or(Place::Value(name.node)))
        .also(Place::Value(name.node), "asked for here")
        .help("mend the template")
}

pub(super) fn render(name: &At<String>, error: &minijinja::Error, place: Option<Place>) -> Diagnostic {
    let undefined = error.kind() == minijinja::ErrorKind::UndefinedError;
    let message = match (undefined, error.detail()) {
        (true, Some(detail)) => format!("an undefined value in the template `{}`: {detail}", name.value),
        (true, None) => format!("an undefined value in the template `{}`", name.value),
        (false, Some(detail)) => format!("the template `{}` cannot be rendered: {detail}", name.value),
        (false, None) => format!("the template `{}` cannot be rendered: {}", name.value, error.kind()),
    };
    let diagnostic = Diagnostic::error(&RENDER, message, place.unwrap_or(Place::Value(name.node)))
        .also(Place::Value(name.node), "asked for here");
    if undefined {
        return diagnostic.help(
            "a template may read `environment`, `platform`, `workload` and `connects`; `is defined` asks whether something is there",
        );
    }
    diagnostic.help("mend the template")
}

pub(super) fn format(name: &At<String>, file: &str, problem: &str) -> Diagnostic {
    Diagnostic::error(
        &FORMAT,
        format!("the template `{}` renders `{file}`, which cannot be read: {problem}", name.value),
        Place::Value(name.node),
    )
    .help("mend the template, or name the file after the format that it has")
}

pub(super) fn credential(name: &At<String>, kind: &str) -> Diagnostic {
    Diagnostic::error(&CREDENTIAL, format!("the template `{}` renders {kind}", name.value), Place::Value(name.node))
        .help("read the credential from an environment variable of a connection")
}
