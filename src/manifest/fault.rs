//! [`Fault`]: why a manifest cannot be read, as data.

use crate::diag::{Code, Diagnostic, Place};
use crate::source::{FileId, Layer, SourceFile, SourceMap, Span};

/// Why something cannot be read or compared, and where.
#[derive(Clone, Debug)]
pub struct Fault {
    /// Its kind.
    pub code: &'static Code,
    /// The file, as the caller named it.
    pub path: String,
    /// Line, from 1; 0 if the file as a whole is meant.
    pub line: usize,
    /// Column in characters, from 1; 0 if the file as a whole is meant.
    pub column: usize,
    /// One sentence without a full stop. Never a value of a `Secret`.
    pub message: String,
    /// What to do.
    pub help: Option<String>,
    /// The other side of a conflict: where, and what is there.
    pub also: Option<(Spot, String)>,
    /// The text around it may be that of a `Secret`: it is not to be shown.
    pub is_confidential: bool,
}

/// A place in a file.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Spot {
    /// The file, as the caller named it.
    pub path: String,
    /// Line, from 1.
    pub line: usize,
    /// Column in characters, from 1.
    pub column: usize,
}

impl Fault {
    /// As a diagnostic. Files that are pointed at are added to `sources` with their text, which `text` gives by path;
    /// where it gives none, or the text is confidential, the message states the place.
    pub fn diagnostic<'t>(&self, sources: &mut SourceMap, text: impl Fn(&str) -> Option<&'t str>) -> Diagnostic {
        let mut place = |spot: &Spot| {
            let text = text(&spot.path).filter(|_| !self.is_confidential && spot.line > 0)?;
            let text = text.strip_prefix('\u{feff}').unwrap_or(text);
            let known = sources.files().find(|(_, file)| file.path == spot.path).map(|(id, _)| id);
            let file = known.unwrap_or_else(|| {
                sources.add(SourceFile { path: spot.path.clone(), text: text.to_owned(), layer: Layer::Base })
            });
            Some(span(file, text, spot))
        };
        let own = Spot { path: self.path.clone(), line: self.line, column: self.column };
        let mut diagnostic = match place(&own) {
            Some(span) => Diagnostic::error(self.code, &self.message, Place::Span(span)),
            None if self.line > 0 => {
                let message = format!("{}, at {}:{}:{}", self.message, self.path, self.line, self.column);
                Diagnostic::error(self.code, message, Place::Path(self.path.clone()))
            }
            None => Diagnostic::error(self.code, &self.message, Place::Path(self.path.clone())),
        };
        if let Some((spot, text)) = &self.also {
            diagnostic = match place(spot) {
                Some(span) => diagnostic.also(Place::Span(span), text),
                None => diagnostic.note(format!("{text}: {}:{}:{}", spot.path, spot.line, spot.column)),
            };
        }
        match &self.help {
            Some(help) => diagnostic.help(help),
            None => diagnostic,
        }
    }
}

/// The character at a place; nothing at the end of a line.
fn span(file: FileId, text: &str, spot: &Spot) -> Span {
    let line_start = match spot.line {
        0 | 1 => 0,
        line => text.match_indices('\n').nth(line - 2).map_or(text.len(), |(at, _)| at + 1),
    };
    let line = text.get(line_start..).unwrap_or_default().split('\n').next().unwrap_or_default();
    let before: usize = line.chars().take(spot.column.saturating_sub(1)).map(char::len_utf8).sum();
    let length = line.get(before..).and_then(|rest| rest.chars().next()).map_or(0, char::len_utf8);
    let offset = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
    Span { file, start: offset(line_start + before), end: offset(line_start + before + length) }
}
