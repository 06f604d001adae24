//! Diagnostics for machines: one JSON document on one line.

use super::lines::Index;
use crate::diag::mask::Masks;
use crate::diag::{Diagnostic, Label, Place};
use crate::source::SourceMap;
use serde::Serialize;

/// Of the format. It grows when a reader could take something for what it is not, not when a key is added.
const VERSION: u32 = 1;

/// ```json
/// {"version": 1, "diagnostics": [{"code": "DPJ0312", "severity": "error", "message": "…", "labels": […],
///  "notes": ["…"], "help": ["…"]}]}
/// ```
#[derive(Serialize)]
struct Document {
    version: u32,
    diagnostics: Vec<Item>,
}

#[derive(Serialize)]
struct Item {
    code: &'static str,
    severity: &'static str,
    message: String,
    labels: Vec<Marker>,
    notes: Vec<String>,
    help: Vec<String>,
}

/// A place. Lines and columns count from 1, columns in characters; offsets count bytes of the file without its byte
/// order mark; ends are exclusive. They are null for a file as a whole; `file` is null for a value of no file.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Marker {
    file: Option<String>,
    line: Option<usize>,
    column: Option<usize>,
    end_line: Option<usize>,
    end_column: Option<usize>,
    byte_start: Option<usize>,
    byte_end: Option<usize>,
    text: String,
    primary: bool,
}

/// The diagnostics in their order, with secrets masked, as one line that ends with a newline.
pub fn render(diagnostics: &[Diagnostic], sources: &SourceMap, masks: &Masks) -> String {
    let mut index = Index::new(sources);
    let masked = |texts: &[String]| texts.iter().map(|text| masks.apply(text)).collect();
    let diagnostics = diagnostics.iter().map(|d| Item {
        code: d.code.id,
        severity: super::word(d.severity),
        message: masks.apply(&d.message),
        labels: d.labels.iter().enumerate().map(|(i, l)| marker(l, i == 0, sources, masks, &mut index)).collect(),
        notes: masked(&d.notes),
        help: masked(&d.help),
    });
    let document = Document { version: VERSION, diagnostics: diagnostics.collect() };
    // Cannot fail: strings, numbers and lists only.
    let mut json = serde_json::to_string(&document).unwrap_or_default();
    json.push('\n');
    json
}

fn marker(label: &Label, primary: bool, sources: &SourceMap, masks: &Masks, index: &mut Index<'_>) -> Marker {
    let mut marker = Marker {
        file: None,
        line: None,
        column: None,
        end_line: None,
        end_column: None,
        byte_start: None,
        byte_end: None,
        text: masks.apply(&label.text),
        primary,
    };
    if let Some(span) = label.place.span(sources) {
        marker.file = Some(index.path(span.file).to_owned());
        let lines = index.lines(span.file);
        let range = lines.range(span);
        let (start, end) = (lines.position(range.start), lines.position(range.end));
        (marker.line, marker.column) = (Some(start.line), Some(start.column));
        (marker.end_line, marker.end_column) = (Some(end.line), Some(end.column));
        (marker.byte_start, marker.byte_end) = (Some(range.start), Some(range.end));
    } else {
        marker.file = match &label.place {
            Place::File(file) | Place::Line(file, _) => Some(index.path(*file).to_owned()),
            Place::Path(path) => Some(path.clone()),
            Place::None | Place::Span(_) | Place::Value(_) | Place::Key(_) => None,
        };
    }
    marker
}
