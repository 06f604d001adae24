//! Sentences about names, paths and labels.

use super::super::Invalid;
use super::super::label::{LabelKey, LabelValue};
use super::super::name::{EnvName, Name, PortName, SqlName};
use super::super::path::{AbsolutePath, FileName, HttpPath};
use super::{Check, LABEL, NAME, PATH, better, invalid, quoted, stranger, suggest};
use crate::diag::Code;

/// What is wrong with a name.
#[derive(Debug)]
pub(in super::super) enum NameFault {
    Empty,
    /// Longer than so many characters.
    Long(usize),
    /// A character that no name of the kind has.
    Sign(char),
    /// It starts with what cannot come first.
    First,
    /// It ends with what cannot come last.
    Last,
    NoLetter,
    TwoHyphens,
    /// It is `.` or starts with `..`.
    Points,
    /// It has a slash.
    Folder,
    /// It starts with what the system keeps for itself.
    Reserved(&'static str),
}

/// The fault in words; `first` and `last` say what the ends must be.
fn words(fault: &NameFault, first: &str, last: &str) -> String {
    match fault {
        NameFault::Empty => "it has no characters".to_owned(),
        NameFault::Long(most) => format!("it is longer than {most} characters"),
        NameFault::Sign(sign) => stranger(*sign),
        NameFault::First => format!("it does not start with {first}"),
        NameFault::Last => format!("it does not end with {last}"),
        NameFault::NoLetter => "it has no letter".to_owned(),
        NameFault::TwoHyphens => "two hyphens stand side by side".to_owned(),
        NameFault::Points => "it is `.` or starts with `..`".to_owned(),
        NameFault::Folder => "it has a folder".to_owned(),
        NameFault::Reserved(prefix) => format!("names that start with `{prefix}` are reserved"),
    }
}

const EITHER: &str = "a letter or a digit";

/// A message whose help is the candidate if that is right, and the rule otherwise.
fn text<T: Check>(code: &'static Code, text: &str, why: &str, candidate: &str, rule: &str) -> Invalid {
    invalid(code, text, T::EXPECTED, why, suggest::<T>(candidate, rule))
}

pub(in super::super) fn name(name: &str, fault: &NameFault, candidate: &str) -> Invalid {
    let rule = match fault {
        NameFault::Long(_) => "write a shorter one",
        _ => "write lower-case letters, digits and `-`, a letter first, such as `my-app`",
    };
    text::<Name>(&NAME, name, &words(fault, "a letter", EITHER), candidate, rule)
}

pub(in super::super) fn env_name(name: &str, fault: &NameFault, candidate: &str) -> Invalid {
    let rule = "write letters, digits, `_`, `-` and `.`, no digit first, such as `DATABASE_URL`";
    text::<EnvName>(&NAME, name, &words(fault, "a letter or `_`", EITHER), candidate, rule)
}

pub(in super::super) fn port_name(name: &str, fault: &NameFault, candidate: &str) -> Invalid {
    let rule = "write at most 15 lower-case letters, digits and `-`, one letter at least, such as `http`";
    text::<PortName>(&NAME, name, &words(fault, EITHER, EITHER), candidate, rule)
}

pub(in super::super) fn sql_name(name: &str, fault: &NameFault, candidate: &str) -> Invalid {
    let rule = "write lower-case letters, digits and `_`, no digit first, such as `shop`";
    text::<SqlName>(&NAME, name, &words(fault, "a letter or `_`", EITHER), candidate, rule)
}

pub(in super::super) fn file_name(name: &str, fault: &NameFault, candidate: &str) -> Invalid {
    let rule = "write letters, digits, `-`, `_` and `.`, such as `app.conf`";
    let mut invalid = text::<FileName>(&NAME, name, &words(fault, EITHER, EITHER), candidate, rule);
    if matches!(fault, NameFault::Folder) && better::<FileName>(candidate).is_some() {
        invalid.help.push_str("; the folder is stated elsewhere");
    }
    invalid
}

/// What is wrong with a path in a container.
#[derive(Debug)]
pub(in super::super) enum PathFault {
    Empty,
    Relative,
    Parent,
    Colon,
    /// A control character, or a space at an end.
    Sign,
}

pub(in super::super) fn path(path: &str, fault: &PathFault, candidate: &str) -> Invalid {
    let why = match fault {
        PathFault::Empty => "it has no characters",
        PathFault::Relative => "it does not start with `/`",
        PathFault::Parent => "it has a part `..`",
        PathFault::Colon => "Kubernetes allows no `:` in it",
        PathFault::Sign => "it has a control character, or a space at an end",
    };
    text::<AbsolutePath>(&PATH, path, why, candidate, "write a path such as `/var/lib/data`")
}

/// What is wrong with a path of an HTTP request.
#[derive(Debug)]
pub(in super::super) enum HttpFault {
    Empty,
    Url,
    Relative,
    Fragment,
    Sign(char),
    Percent,
    TwoSlashes,
    Points,
    EncodedSlash,
}

pub(in super::super) fn http_path(path: &str, fault: &HttpFault, candidate: &str) -> Invalid {
    let why = match fault {
        HttpFault::Empty => "it has no characters".to_owned(),
        HttpFault::Url => "it is a URL".to_owned(),
        HttpFault::Relative => "it does not start with `/`".to_owned(),
        HttpFault::Fragment => "it has a fragment (`#`), which is never sent".to_owned(),
        HttpFault::Sign(sign) => stranger(*sign),
        HttpFault::Percent => "a `%` in it is not followed by two hexadecimal digits".to_owned(),
        HttpFault::TwoSlashes => "two slashes stand side by side".to_owned(),
        HttpFault::Points => "it has a part `.` or `..`".to_owned(),
        HttpFault::EncodedSlash => "Ingress and Gateway refuse an encoded slash".to_owned(),
    };
    let rule = match fault {
        HttpFault::Percent => "write two hexadecimal digits behind each `%`, and `%25` for the sign itself",
        _ => "write a path such as `/healthz` or `/ready?full=1`",
    };
    text::<HttpPath>(&PATH, path, &why, candidate, rule)
}

/// What is wrong with the key of a label.
#[derive(Debug)]
pub(in super::super) enum LabelFault<'a> {
    /// More than one.
    Slashes,
    /// What stands before the slash.
    Prefix(&'a str),
    /// What stands behind the slash.
    Name(NameFault),
}

pub(in super::super) fn label_key(key: &str, fault: &LabelFault<'_>, candidate: &str) -> Invalid {
    let why = match fault {
        LabelFault::Slashes => "it has more than one slash".to_owned(),
        LabelFault::Prefix("") => "nothing stands before the slash".to_owned(),
        LabelFault::Prefix(prefix) => format!("{} is not a DNS name", quoted(prefix)),
        LabelFault::Name(NameFault::Empty) => "its name is empty".to_owned(),
        LabelFault::Name(fault) => words(fault, EITHER, EITHER),
    };
    text::<LabelKey>(&LABEL, key, &why, candidate, "write a key such as `team` or `acme.io/team`")
}

pub(in super::super) fn label_value(value: &str, fault: &NameFault, candidate: &str) -> Invalid {
    let rule = "write at most 63 letters, digits, `-`, `_` and `.`, a letter or a digit at both ends";
    // The empty text is right but hardly what was meant.
    let candidate = if candidate.is_empty() { "-" } else { candidate };
    text::<LabelValue>(&LABEL, value, &words(fault, EITHER, EITHER), candidate, rule)
}
