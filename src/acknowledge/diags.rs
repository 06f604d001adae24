//! What is wrong with an acknowledgement.

use crate::diag::suggest::{list, nearest};
use crate::diag::{Code, Diagnostic, Place};
use crate::overlay::Acknowledged;
use crate::value::quoted;

/// An answer to nothing.
pub const OF_NOTHING: Code = Code {
    id: "DPJ0620",
    summary: "an acknowledgement of something that no check questions",
    docs: "\
`acknowledge` answers the warnings of a code about the table that it stands in, or about what is in that table. Without such
a warning it would hide the next one, which nobody has thought about yet. Remove it; in an environment that does not need
what the platform acknowledges, `unset` removes it:

    [namespaces.backend.quota.limits]
    unset = [\"acknowledge.DPJ0605\"]",
};

/// An answer that no warning can have.
pub const NO_WARNING: Code = Code {
    id: "DPJ0621",
    summary: "an acknowledgement names a code that is no warning's",
    docs: "\
`acknowledge` is a table of codes and reasons. A warning is a question, which can be answered; an error is something that
cannot be, and is mended. `dpjgen explain` lists all codes.",
};

/// An answer without a reason.
pub const NO_REASON: Code = Code {
    id: "DPJ0622",
    summary: "an acknowledgement without a reason",
    docs: "\
Whoever reads the spec later has to know why a question was answered as it was, and who could answer it anew:

    [namespaces.backend.quota.limits]
    acknowledge = { DPJ0605 = \"000 §10.1 states 20 CPUs; a rollout at ten pods waits for its turn\" }",
};

/// All codes of this module.
pub const CODES: &[&Code] = &[&OF_NOTHING, &NO_WARNING, &NO_REASON];

/// What a warning says of itself.
pub(super) fn how(code: &Code, path: &str) -> String {
    format!("if it is meant, say why in `[{path}]`: `acknowledge = {{ {} = \"…\" }}`", code.id)
}

pub(super) fn of_nothing(answer: &Acknowledged) -> Diagnostic {
    Diagnostic::error(
        &OF_NOTHING,
        format!("`{}` is acknowledged, and nothing here is questioned by it", answer.code),
        Place::Key(answer.node),
    )
    .help(format!(
        "remove it; in an overlay, `unset = [\"acknowledge.{}\"]` removes what the platform says",
        answer.code
    ))
}

pub(super) fn no_warning(answer: &Acknowledged, warnings: &[&Code], all: &[&Code]) -> Diagnostic {
    let code = answer.code.as_str();
    let known = || warnings.iter().map(|warning| warning.id);
    if let Some(error) = all.iter().find(|known| known.id == code) {
        let message = format!("`{code}` cannot be acknowledged: {}", error.summary);
        return Diagnostic::error(&NO_WARNING, message, Place::Key(answer.node))
            .label("no warning")
            .help(format!("what can be acknowledged is {}", list(known(), "and")));
    }
    let message = format!("there is no diagnostic code {}", quoted(code));
    let diagnostic = Diagnostic::error(&NO_WARNING, message, Place::Key(answer.node));
    match nearest(code, known()) {
        Some(near) => diagnostic.help(format!("did you mean `{near}`?")),
        None => diagnostic.help(format!("what can be acknowledged is {}", list(known(), "and"))),
    }
}

pub(super) fn no_reason(answer: &Acknowledged) -> Diagnostic {
    Diagnostic::error(
        &NO_REASON,
        format!("`{}` is acknowledged without a reason", answer.code),
        Place::Value(answer.node),
    )
    .help("say why it is meant")
}
