//! Diagnostics as data: what is wrong, where, and what would be right. Renderers turn them into text ([`render`]).
//!
//! Every message is built by a function in the `diags.rs` of the module that raises it, from one of the [`Code`]
//! constants beside it; call sites pass facts. A [`Sink`] collects all of a pass.

pub mod mask;
pub mod render;
pub mod suggest;

use crate::source::{FileId, NodeId, SourceMap, Span};

/// A kind of diagnostic: stable, documented, never reused for something else.
#[derive(Debug)]
pub struct Code {
    /// `DPJ` and four digits.
    pub id: &'static str,
    /// One line: what is wrong, in general.
    pub summary: &'static str,
    /// What it means, why it is wrong and how to mend it; plain text with an example. `dpjgen explain CODE` prints it.
    pub docs: &'static str,
}

/// How bad a diagnostic is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// Nothing is produced.
    Error,
    /// The output is produced; somebody should look.
    Warning,
}

/// What a label points at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// A range of a file.
    Span(Span),
    /// The value of a node.
    Value(NodeId),
    /// The key of a node.
    Key(NodeId),
    /// A line of a file, counted from 1, where no finer place is known.
    Line(FileId, usize),
    /// No place: the message says it all.
    None,
    /// A whole file that was read, without a place in it.
    File(FileId),
    /// A path that could not be read, relative to the platform's root.
    Path(String),
}

/// A place and what is to be said about it. The first label of a diagnostic is its primary one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Label {
    /// Where.
    pub place: Place,
    /// What; may be empty.
    pub text: String,
}

/// One finding.
#[derive(Clone, Debug)]
pub struct Diagnostic {
    /// Its kind.
    pub code: &'static Code,
    /// Error or warning.
    pub severity: Severity,
    /// One sentence without a full stop, names and values in backquotes.
    pub message: String,
    /// Primary place first, then others (the other side of a conflict, …).
    pub labels: Vec<Label>,
    /// Facts that help to understand it.
    pub notes: Vec<String>,
    /// What to do.
    pub help: Vec<String>,
}

impl Diagnostic {
    /// An error at a place.
    pub fn error(code: &'static Code, message: impl Into<String>, place: Place) -> Self {
        Diagnostic {
            code,
            severity: Severity::Error,
            message: message.into(),
            labels: vec![Label { place, text: String::new() }],
            notes: Vec::new(),
            help: Vec::new(),
        }
    }

    /// The text under the primary place.
    #[must_use]
    pub fn label(mut self, text: impl Into<String>) -> Self {
        if let Some(first) = self.labels.first_mut() {
            first.text = text.into();
        }
        self
    }

    /// A second place.
    #[must_use]
    pub fn also(mut self, place: Place, text: impl Into<String>) -> Self {
        self.labels.push(Label { place, text: text.into() });
        self
    }

    /// A fact that helps to understand it.
    #[must_use]
    pub fn note(mut self, text: impl Into<String>) -> Self {
        self.notes.push(text.into());
        self
    }

    /// What to do.
    #[must_use]
    pub fn help(mut self, text: impl Into<String>) -> Self {
        self.help.push(text.into());
        self
    }

    /// The node that it is about: the first place, where that is one of the spec.
    pub fn node(&self) -> Option<NodeId> {
        match self.labels.first()?.place {
            Place::Value(node) | Place::Key(node) => Some(node),
            _ => None,
        }
    }

    /// The same as a warning.
    #[must_use]
    pub fn warning(mut self) -> Self {
        self.severity = Severity::Warning;
        self
    }
}

impl Place {
    /// The range of a file that the place stands for, if it is inside of one.
    pub fn span(&self, sources: &SourceMap) -> Option<Span> {
        match self {
            Place::Span(span) => Some(*span),
            Place::Value(node) => sources.spans(*node).map(|s| s.value),
            Place::Key(node) => sources.spans(*node).map(|s| s.key),
            Place::Line(file, line) => sources.line_span(*file, *line),
            Place::None | Place::File(_) | Place::Path(_) => None,
        }
    }
}

/// Collects the diagnostics of a run.
#[derive(Debug, Default)]
pub struct Sink {
    items: Vec<Diagnostic>,
    errors: usize,
}

impl Sink {
    /// Adds one.
    pub fn push(&mut self, diagnostic: Diagnostic) {
        if diagnostic.severity == Severity::Error {
            self.errors += 1;
        }
        self.items.push(diagnostic);
    }

    /// Adds all that another one has.
    pub fn append(&mut self, other: Sink) {
        self.errors += other.errors;
        self.items.extend(other.items);
    }

    /// Takes the warnings out that are not to be kept.
    pub fn retain_warnings(&mut self, mut keep: impl FnMut(&mut Diagnostic) -> bool) {
        self.items.retain_mut(|diagnostic| diagnostic.severity == Severity::Error || keep(diagnostic));
    }

    /// Whether an error is among them: the next pass must not start then.
    pub fn has_errors(&self) -> bool {
        self.errors > 0
    }

    /// Whether a warning is among them.
    pub fn has_warnings(&self) -> bool {
        self.items.len() > self.errors
    }

    /// Number of errors so far.
    pub fn error_count(&self) -> usize {
        self.errors
    }

    /// All of them, sorted by place, each once. The same mistake of a class is seen through every member; it is one.
    pub fn into_sorted(self, sources: &SourceMap) -> Vec<Diagnostic> {
        type Key = (u8, u32, u32, String, &'static str, String);
        let key = |d: &Diagnostic| -> Key {
            let place = d.labels.first().map(|l| &l.place);
            let (group, file, start, path) = match place {
                Some(Place::Path(path)) => (0, 0, 0, path.clone()),
                Some(Place::File(file)) => (1, file.0, 0, String::new()),
                Some(place) => {
                    place.span(sources).map_or((2, 0, 0, String::new()), |s| (1, s.file.0, s.start, String::new()))
                }
                None => (2, 0, 0, String::new()),
            };
            (group, file, start, path, d.code.id, d.message.clone())
        };
        let mut keyed: Vec<(Key, Diagnostic)> = self.items.into_iter().map(|d| (key(&d), d)).collect();
        keyed.sort_by(|a, b| a.0.cmp(&b.0));
        keyed.dedup_by(|a, b| a.0 == b.0);
        keyed.into_iter().map(|(_, d)| d).collect()
    }
}
