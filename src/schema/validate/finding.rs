//! What is found: a place in the object, what kind of mistake, and a sentence.

use std::fmt;

/// One step from an object to a value in it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PathSegment {
    /// A field.
    Key(String),
    /// An element of a list, from 0.
    Index(usize),
}

/// Something wrong in an object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// Where: the value at fault; for an unknown field, that field; for a missing one, the object that lacks it.
    pub path: Vec<PathSegment>,
    /// What, in a sentence without its place.
    pub message: String,
    /// What kind of mistake it is.
    pub kind: FindingKind,
}

/// Kinds of mistakes.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum FindingKind {
    /// A field that the schema does not know: the server drops it, or refuses the object.
    UnknownField {
        /// The known field that was perhaps meant.
        near: Option<String>,
    },
    /// A value of another type.
    WrongType,
    /// A field that has to be there.
    Missing {
        /// The field.
        field: String,
    },
    /// Not one of the possible values.
    Enum {
        /// The possible values.
        allowed: Vec<String>,
    },
    /// A number, a length or a count outside of its bounds.
    Bounds,
    /// A text that does not have the form of a pattern.
    Pattern,
    /// A text that is not what its format says: no date, no base64.
    Format,
    /// Two equal elements in a list of different ones.
    Duplicate,
    /// Fields that do not go together, or none of several of which one has to be there.
    Combination,
}

/// The answer for one object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// This version has no such kind.
    NoSuchKind,
    /// What is wrong with the object; empty if it is valid.
    Findings(Vec<Finding>),
}

/// A schema that cannot be compiled.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SchemaFault {
    message: String,
}

impl SchemaFault {
    pub(super) fn new(message: String) -> Self {
        SchemaFault { message }
    }
}

impl fmt::Display for SchemaFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for SchemaFault {}

/// `spec.template.spec.containers[0].image`; empty for the object itself.
pub fn path_text(path: &[PathSegment]) -> String {
    let segment = |(depth, segment): (usize, &PathSegment)| match segment {
        PathSegment::Index(index) => format!("[{index}]"),
        PathSegment::Key(key) if key.contains(['.', '/', '[']) => format!("[\"{key}\"]"),
        PathSegment::Key(key) if depth == 0 => key.clone(),
        PathSegment::Key(key) => format!(".{key}"),
    };
    path.iter().enumerate().map(segment).collect()
}
