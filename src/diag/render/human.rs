//! Diagnostics for people: rustc's look, drawn by annotate-snippets.
//!
//! annotate-snippets gets the lines that are underlined, masked and cut already, never a file. It would print the
//! columns of what it gets; so the places behind `-->` are marks at first and are filled in afterwards.

use super::Style;
use super::excerpt::{self, MARK};
use super::lines::Index;
use crate::diag::mask::Masks;
use crate::diag::{Diagnostic, Label, Place, Severity};
use crate::source::{FileId, SourceMap};
use annotate_snippets::renderer::{AnsiColor, Effects};
use annotate_snippets::{Annotation, AnnotationKind, Element, Level, Origin, Padding, Renderer, Snippet};
use std::collections::BTreeMap;
use std::ops::Range;

/// Places of one file with no more lines between them than this share an excerpt, in which `...` stands for the lines
/// that nothing points at; places further apart get one each.
const TOGETHER: usize = 30;

/// The diagnostics in their order, apart by blank lines, with secrets masked; behind them a line with their number and,
/// after a semicolon, the `outcome` for the run (`nothing was written`). Empty without diagnostics.
///
/// A spec with ten thousand errors takes no longer than its size and theirs: each file is read twice, for its lines and
/// its secrets.
pub fn render(
    diagnostics: &[Diagnostic],
    sources: &SourceMap,
    masks: &Masks,
    style: Style,
    outcome: Option<&str>,
) -> String {
    let worst = diagnostics.iter().map(|d| d.severity).min();
    let Some(worst) = worst else { return String::new() };
    let renderer = renderer(style);
    let mut painter = Painter { sources, masks, index: Index::new(sources), hidden: BTreeMap::new() };
    let mut out = String::new();
    for diagnostic in diagnostics {
        let drawing = painter.draw(diagnostic);
        let group = level(diagnostic.severity)
            .primary_title(clean(&masks.apply(&diagnostic.message)))
            .id(diagnostic.code.id)
            .elements(drawing.elements);
        // Without a line number the renderer leaves no room in front of the arrow.
        let title = if drawing.numbered { usize::MAX } else { diagnostic.message.lines().count().max(1) };
        finish(&renderer.render(&[group]), &drawing.places, title, &mut out);
        out.push('\n');
    }
    let mut summary = super::counts(diagnostics);
    if let Some(outcome) = outcome {
        summary.push_str("; ");
        summary.push_str(outcome);
    }
    let nothing: [Element<'_>; 0] = [];
    finish(&renderer.render(&[level(worst).primary_title(summary).elements(nothing)]), &[], usize::MAX, &mut out);
    out
}

/// Nothing of it may come from the terminal or the operating system: the same bytes on every machine. Lines are cut
/// before they get here, hence no width.
fn renderer(style: Style) -> Renderer {
    let plain = Renderer::plain().term_width(usize::from(u16::MAX));
    if !style.color {
        return plain;
    }
    let bold = |color: AnsiColor| color.on_default().effects(Effects::BOLD);
    plain
        .error(bold(AnsiColor::BrightRed))
        .warning(bold(AnsiColor::BrightYellow))
        .note(bold(AnsiColor::BrightGreen))
        .help(bold(AnsiColor::BrightCyan))
        .line_num(bold(AnsiColor::BrightBlue))
        .context(bold(AnsiColor::BrightBlue))
        .emphasis(annotate_snippets::renderer::Style::new().effects(Effects::BOLD))
}

fn level(severity: Severity) -> Level<'static> {
    match severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
    }
}

/// What is drawn below the message, and the places that its marks stand for.
struct Drawing {
    elements: Vec<Element<'static>>,
    places: Vec<String>,
    /// Whether there are lines with numbers.
    numbered: bool,
}

/// A label that points into a file.
struct Mark {
    file: FileId,
    /// From 0.
    line: usize,
    /// What is underlined; ends on the line on which it begins.
    range: Range<usize>,
    primary: bool,
    text: String,
}

struct Painter<'a> {
    sources: &'a SourceMap,
    masks: &'a Masks,
    index: Index<'a>,
    /// The secrets of the files that were drawn from.
    hidden: BTreeMap<FileId, Vec<Range<usize>>>,
}

impl Painter<'_> {
    fn draw(&mut self, diagnostic: &Diagnostic) -> Drawing {
        let mut drawing = Drawing { elements: Vec::new(), places: Vec::new(), numbered: false };
        let mut notes = Vec::new();
        // Each excerpt stands where its first label stands.
        let mut excerpts = self.excerpts(&diagnostic.labels);
        for (i, label) in diagnostic.labels.iter().enumerate() {
            if label.place.span(self.sources).is_some() {
                if let Some(marks) = excerpts.remove(&i) {
                    self.draw_excerpt(marks, &mut drawing);
                }
                continue;
            }
            let text = clean_line(&self.masks.apply(&label.text));
            let path = match &label.place {
                // A line too far is one of a file that has become shorter.
                Place::File(file) | Place::Line(file, _) => self.index.path(*file),
                Place::Path(path) => path.as_str(),
                // A value that came from nowhere: a default.
                Place::None | Place::Span(_) | Place::Value(_) | Place::Key(_) => {
                    notes.extend((!text.is_empty()).then_some(text));
                    continue;
                }
            };
            if !drawing.elements.is_empty() {
                drawing.elements.push(Padding.into());
            }
            drawing.elements.push(Origin::path(String::from(MARK)).into());
            let colon = if text.is_empty() { "" } else { ": " };
            drawing.places.push(format!("{}{colon}{text}", clean_line(path)));
        }
        notes.extend(diagnostic.notes.iter().map(|note| clean(&self.masks.apply(note))));
        let help = diagnostic.help.iter().map(|help| clean(&self.masks.apply(help)));
        if matches!(drawing.elements.last(), Some(Element::Origin(_))) && notes.len() + diagnostic.help.len() > 0 {
            drawing.elements.push(Padding.into());
        }
        drawing.elements.extend(notes.into_iter().map(|text| Level::NOTE.message(text).into()));
        drawing.elements.extend(help.map(|text| Level::HELP.message(text).into()));
        drawing
    }

    /// Labels that share an excerpt, by the number of the first of them.
    fn excerpts(&mut self, labels: &[Label]) -> BTreeMap<usize, Vec<Mark>> {
        let mut marks: Vec<(usize, Mark)> = Vec::new();
        for (i, label) in labels.iter().enumerate() {
            let Some(span) = label.place.span(self.sources) else { continue };
            let text = clean_line(&self.masks.apply(&label.text));
            let lines = self.index.lines(span.file);
            let range = lines.range(span);
            let line = lines.line_of(range.start);
            // At the end of a line, behind what belongs to it: between `\r` and `\n`.
            let start = range.start.min(lines.line(line).end);
            let end = range.end.clamp(start, lines.line(line).end);
            // Of several lines only the first is underlined, without the blanks at its end.
            let first = lines.text.get(start..end).unwrap_or("");
            let end = if range.end > end { start + first.trim_end().len() } else { end };
            marks.push((i, Mark { file: span.file, line, range: start..end, primary: i == 0, text }));
        }
        marks.sort_by_key(|(i, mark)| (mark.file, mark.line, *i));
        let mut excerpts: BTreeMap<usize, Vec<Mark>> = BTreeMap::new();
        let mut open: Vec<(usize, Mark)> = Vec::new();
        let mut close = |open: &mut Vec<(usize, Mark)>| {
            if let Some(first) = open.iter().map(|(i, _)| *i).min() {
                excerpts.insert(first, open.drain(..).map(|(_, mark)| mark).collect());
            }
        };
        for (i, mark) in marks {
            let apart = |last: &Mark| last.file != mark.file || mark.line - last.line > TOGETHER;
            if open.last().is_some_and(|(_, last)| apart(last)) {
                close(&mut open);
            }
            open.push((i, mark));
        }
        close(&mut open);
        excerpts
    }

    /// Draws marks of one file, in the order of their lines.
    fn draw_excerpt(&mut self, marks: Vec<Mark>, drawing: &mut Drawing) {
        let (Some(first), Some(last)) = (marks.first(), marks.last()) else { return };
        let (file, first_line, last_line) = (first.file, first.line, last.line);
        let lines = self.index.lines(file);
        let text = lines.text;
        let hidden = self.hidden.entry(file).or_insert_with(|| self.masks.hidden(file, text));
        let chief = marks.iter().find(|m| m.primary).unwrap_or(first);
        let place = lines.position(chief.range.start);

        let mut source = String::new();
        let mut annotations: Vec<Annotation<'static>> = Vec::new();
        let mut by_line: BTreeMap<usize, Vec<&Mark>> = BTreeMap::new();
        for mark in &marks {
            by_line.entry(mark.line).or_default().push(mark);
        }
        for line in first_line..=last_line {
            if line > first_line {
                source.push('\n');
            }
            // A single line between two others is drawn with them; more are not, and need not be there.
            let between = line > 0 && by_line.contains_key(&(line - 1)) && by_line.contains_key(&(line + 1));
            let on_line = by_line.get(&line).map_or(&[][..], Vec::as_slice);
            if on_line.is_empty() && !between {
                continue;
            }
            let parts: Vec<Range<usize>> = on_line.iter().map(|m| m.range.clone()).collect();
            let shown = excerpt::show(text, lines.line(line), &parts, hidden);
            for (mark, part) in on_line.iter().zip(&shown.parts) {
                let kind = if mark.primary { AnnotationKind::Primary } else { AnnotationKind::Context };
                let annotation = kind.span(source.len() + part.start..source.len() + part.end);
                annotations.push(annotation.label((!mark.text.is_empty()).then(|| mark.text.clone())));
            }
            source.push_str(&shown.text);
        }
        // Without it, a last line that is empty would not be a line.
        source.push(' ');
        let path = clean_line(self.index.path(file));
        drawing.places.push(format!("{path}:{place}"));
        let snippet = Snippet::source(source).line_start(first_line + 1).path(String::from(MARK));
        drawing.elements.push(snippet.annotations(annotations).into());
        drawing.numbered = true;
    }
}

/// Appends what was drawn, with the places in it, without blanks at the ends of lines, and with one in front of those
/// behind the first `unmoved` ones.
fn finish(drawn: &str, places: &[String], unmoved: usize, out: &mut String) {
    let mut places = places.iter();
    for (i, line) in drawn.lines().enumerate() {
        if i >= unmoved {
            out.push(' ');
        }
        match line.split_once(MARK) {
            Some((arrow, rest)) => {
                out.push_str(arrow);
                out.push_str(places.next().map_or("?", String::as_str));
                // The renderer's own line and column.
                out.push_str(rest.trim_start_matches(|c: char| c == ':' || c.is_ascii_digit()));
            }
            None => out.push_str(line.trim_end()),
        }
        out.push('\n');
    }
}

/// A text of several lines that does no harm to a terminal.
fn clean(text: &str) -> String {
    let text: String = text.replace("\r\n", "\n").chars().map(excerpt::printable).collect();
    annotate_snippets::normalize_untrusted_str(text.trim_end())
}

/// The same on one line.
fn clean_line(text: &str) -> String {
    clean(&text.lines().collect::<Vec<_>>().join(" "))
}
