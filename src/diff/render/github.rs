//! Workflow commands: marks beside the lines of the spec on GitHub.
//!
//! The form is that of GitHub's runner: `::warning file=…,line=…,title=…::message`, in which `%`, line ends and, among the
//! properties, `:` and `,` are percent-encoded.

use super::entry::{self, Entry};
use super::{Report, spec, text};
use crate::diag::mask::Masks;
use crate::diff::{Cause, Class, SpecPlace};
use std::fmt::Write as _;

/// Lines that one mark shows; what is in the comment or the log is not lost.
const MOST_LINES: usize = 12;

/// One mark for each cause, those with the worst consequence first, since GitHub shows ten of a kind; then one for each
/// note, and the lines that sum up. Files of the spec are `folder/FILE`, relative to the repository.
pub fn github(reports: &[Report<'_>], folder: &str, masks: &Masks) -> String {
    let mut out = String::new();
    let mut marks: Vec<(Option<Class>, String)> = Vec::new();
    for report in reports {
        for (group, worst) in report.ranked() {
            let command = match worst {
                Some(Class::DataAtRisk | Class::Rejected | Class::Recreate) => "error",
                Some(Class::Metadata | Class::InPlace | Class::ExposureNarrower | Class::PrivilegeNarrower) => "notice",
                _ => "warning",
            };
            let mut properties = Vec::new();
            if let Some(place) = place(&group.cause) {
                properties.push(format!("file={}", property(&format!("{folder}{}", place.file))));
                properties.push(format!("line={}", place.line));
            }
            let name = report.environment.map_or_else(String::new, |name| format!("{name}: "));
            let title = worst.map_or("changed", Class::name);
            properties.push(format!("title={}", property(&text::printable(&format!("{name}{title}")))));
            let mut lines: Vec<String> = spec(&group.cause).iter().map(cause).collect();
            lines.extend(entry::heading(&group.cause, report.old));
            let entries = entry::entries(report, group, masks);
            lines.extend(entries.iter().flat_map(happens));
            let more = lines.len().saturating_sub(MOST_LINES);
            if more > 0 {
                lines.truncate(MOST_LINES);
                lines.push(format!("and {}", super::plural(more, "more line")));
            }
            let message = data(&masks.apply(&lines.join("\n")));
            marks.push((worst, format!("::{command} {}::{message}", properties.join(","))));
        }
    }
    marks.sort_by_key(|(worst, _)| std::cmp::Reverse(*worst));
    for (_, mark) in marks {
        let _ = writeln!(out, "{mark}");
    }
    for report in reports {
        let mut note = |command: &str, note: &str| {
            let title = report.environment.map_or_else(|| "dpjgen diff".to_owned(), |name| format!("{name}: note"));
            let (title, message) = (property(&text::printable(&title)), data(&masks.apply(&text::printable(note))));
            let _ = writeln!(out, "::{command} title={title}::{message}");
        };
        report.kustomizations.iter().for_each(|it| note("warning", it));
        report.notes.iter().map(String::as_str).chain(report.idle_line().as_deref()).for_each(|it| note("notice", it));
    }
    for report in reports {
        // Not at the beginning of a line could it be taken for a command.
        let _ = writeln!(out, "dpjgen: {}", text::printable(&report.summary()));
    }
    out
}

fn place(cause: &Cause) -> Option<&SpecPlace> {
    match cause {
        Cause::Spec(changes) => changes.first().map(|change| &change.place),
        Cause::Origin(places) => places.first(),
        Cause::Entry(place) => Some(place),
        Cause::HandEdit | Cause::Tool | Cause::Unknown => None,
    }
}

fn cause(change: &crate::diff::SpecChange) -> String {
    let values = match text::sides(change) {
        (Some(old), Some(new)) => format!("{old} → {new}"),
        (None, Some(new)) => format!("(new) {new}"),
        (Some(old), None) => format!("(gone) {old}"),
        (None, None) => String::new(),
    };
    format!("{}  {values}", text::place(&change.place))
}

/// What happens to an object, in a line for each consequence.
fn happens(entry: &Entry<'_>) -> Vec<String> {
    let (title, fate) = entry::title(entry.change);
    let alike = if entry.alike.is_empty() { String::new() } else { format!(" and {} more", entry.alike.len()) };
    let fate = if fate.is_empty() { String::new() } else { format!(" {fate}") };
    let mut lines = Vec::new();
    for consequence in &entry.consequences {
        let remedy = consequence.remedy.as_ref().map_or_else(String::new, |remedy| format!(" → {remedy}"));
        let said = text::printable(&format!("{}: {}{remedy}", consequence.class.name(), consequence.message));
        lines.push(format!("{title}{alike}{fate}: {said}"));
    }
    lines.extend(entry::with(entry).into_iter().map(|line| format!("{title}: {line}")));
    if lines.is_empty() {
        lines.push(format!("{title}{alike}{fate}"));
    }
    lines
}

fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}
