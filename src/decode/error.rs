//! What serde's visitors say, with the node at which they said it.

use super::diags;
use crate::diag::Diagnostic;
use crate::source::NodeId;
use crate::value::{self, CodeRef, Invalid};
use std::fmt;

/// An error of decoding.
#[derive(Debug)]
pub(super) struct Error {
    pub(super) kind: Box<Kind>,
    /// The innermost node at which it arose.
    pub(super) node: Option<NodeId>,
    /// Whether it is about the node's key.
    pub(super) on_key: bool,
    /// Whether it arose only because a poisoned node was left out.
    pub(super) follows_from_poison: bool,
    /// Whether it is about a value that stands in for one that is missing.
    pub(super) of_stand_in: bool,
    /// The table in which a choice was made, if it arose inside of one.
    pub(super) chosen_in: Option<NodeId>,
    /// The choice (`strategy`, `rolling`) whose keys were being read.
    pub(super) choice: Option<(&'static str, String)>,
}

#[derive(Debug)]
pub(super) enum Kind {
    Custom(String),
    Leaf(Invalid),
    Type { found: String, expected: String, help: Option<String> },
    UnknownKey { key: String, known: &'static [&'static str] },
    UnknownChoice { tag: Option<&'static str>, found: String, known: &'static [&'static str] },
    Missing(&'static str),
    NoChoice { tag: &'static str, known: &'static [&'static str] },
}

impl Error {
    pub(super) fn new(kind: Kind) -> Self {
        Error {
            kind: Box::new(kind),
            node: None,
            on_key: false,
            follows_from_poison: false,
            of_stand_in: false,
            chosen_in: None,
            choice: None,
        }
    }

    /// Sets the node unless an inner one is known.
    pub(super) fn at(mut self, node: NodeId) -> Self {
        self.node.get_or_insert(node);
        self
    }

    /// Sets the node, and that the error is about its key, unless an inner one is known.
    pub(super) fn at_key(mut self, node: NodeId) -> Self {
        if self.node.is_none() {
            self.on_key = true;
        }
        self.at(node)
    }

    /// The key that its table lacks, if that is what it says.
    pub(super) fn lacks(&self) -> Option<&'static str> {
        match *self.kind {
            Kind::Missing(key) if !self.of_stand_in => Some(key),
            _ => None,
        }
    }

    pub(super) fn into_diagnostic(self, node: NodeId) -> Diagnostic {
        let on_key = self.on_key;
        match *self.kind {
            Kind::Custom(text) => diags::custom(text, node),
            Kind::Leaf(invalid) if on_key => diags::invalid_key(&invalid, node),
            Kind::Leaf(invalid) => diags::invalid_value(&invalid, node),
            Kind::Type { found, expected, help } => diags::wrong_type_with(&expected, &found, help, node),
            Kind::UnknownKey { key, known } => diags::unknown_key(&key, known, self.choice, node),
            Kind::UnknownChoice { tag, found, known } => diags::unknown_choice(tag, &found, known, node),
            Kind::Missing(key) => diags::missing_key(key, node),
            Kind::NoChoice { tag, known } => diags::no_choice(tag, known, node),
        }
    }
}

/// serde's `custom` carries text only. An [`Invalid`] goes through it between these marks.
pub(super) const MARK: char = '\u{1}';

/// Wraps an [`Invalid`] for [`serde::de::Error::custom`].
pub(super) struct Marked<'a>(pub(super) &'a Invalid);

impl fmt::Display for Marked<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{MARK}{}{MARK}{}{MARK}{}", self.0.code.0.id, self.0.problem, self.0.help)
    }
}

fn unmark(text: &str) -> Option<Invalid> {
    let mut parts = text.strip_prefix(MARK)?.splitn(3, MARK);
    let (id, problem, help) = (parts.next()?, parts.next()?, parts.next()?);
    let code = value::diags::CODES.iter().find(|code| code.id == id)?;
    Some(Invalid { code: CodeRef(code), problem: problem.to_owned(), help: help.to_owned() })
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", self.kind)
    }
}

impl std::error::Error for Error {}

impl serde::de::Error for Error {
    fn custom<T: fmt::Display>(message: T) -> Self {
        let text = message.to_string();
        Error::new(unmark(&text).map_or(Kind::Custom(text), Kind::Leaf))
    }

    fn invalid_type(found: serde::de::Unexpected<'_>, expected: &dyn serde::de::Expected) -> Self {
        Error::new(wrong_type(describe(found), expected))
    }

    fn invalid_value(found: serde::de::Unexpected<'_>, expected: &dyn serde::de::Expected) -> Self {
        Error::new(wrong_type(describe(found), expected))
    }

    fn unknown_field(key: &str, known: &'static [&'static str]) -> Self {
        Error::new(Kind::UnknownKey { key: key.to_owned(), known })
    }

    fn unknown_variant(found: &str, known: &'static [&'static str]) -> Self {
        Error::new(Kind::UnknownChoice { tag: None, found: found.to_owned(), known })
    }

    fn missing_field(key: &'static str) -> Self {
        Error::new(Kind::Missing(key))
    }
}

/// What a leaf expects carries its help behind a mark.
fn wrong_type(found: String, expected: &dyn serde::de::Expected) -> Kind {
    let expected = expected.to_string();
    match expected.split_once(MARK) {
        Some((expected, help)) => Kind::Type { found, expected: expected.to_owned(), help: Some(help.to_owned()) },
        None => Kind::Type { found, expected, help: None },
    }
}

/// The found value, as a phrase.
fn describe(found: serde::de::Unexpected<'_>) -> String {
    use serde::de::Unexpected as U;
    match found {
        U::Str(text) => format!("the string {}", value::quoted(text)),
        U::Signed(integer) => format!("the integer `{integer}`"),
        U::Unsigned(integer) => format!("the integer `{integer}`"),
        U::Float(float) => format!("the float `{float}`"),
        U::Bool(boolean) => format!("`{boolean}`"),
        U::Seq => "an array".to_owned(),
        U::Map => "a table".to_owned(),
        other => other.to_string(),
    }
}
