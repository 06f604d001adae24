//! For a terminal.

use super::entry::{self, Detail, Entry};
use super::{Report, spec, text};
use crate::diag::mask::Masks;
use crate::diag::render::Style;
use crate::diff::{Class, Fate, Group, SpecChange};
use std::fmt::Write as _;

/// Fields of one object that are shown.
const MOST_FIELDS: usize = 40;

/// What several reports call that of files which are in no environment's tree.
pub(super) const NO_TREE: &str = "beside the trees";

/// The reports one after the other, each with a last line that sums it up.
pub fn human(reports: &[Report<'_>], masks: &Masks, style: Style) -> String {
    let mut painter = Painter { out: String::new(), style, masks };
    for (index, report) in reports.iter().enumerate() {
        if index > 0 {
            painter.out.push('\n');
        }
        // The last line says it too, but of several environments one wants to know first.
        if report.differs() && reports.len() > 1 {
            let name = report.environment.unwrap_or(NO_TREE);
            let title = painter.paint(Paint::Bold, &format!("{}:", text::printable(name)));
            painter.line(0, &format!("{title}\n"));
        }
        painter.report(report);
    }
    painter.out
}

/// Codes of ANSI terminals.
#[derive(Clone, Copy)]
enum Paint {
    Bold,
    Dim,
    Red,
    Green,
    Yellow,
    Cyan,
}

struct Painter<'a> {
    out: String,
    style: Style,
    masks: &'a Masks,
}

impl Painter<'_> {
    fn paint(&self, paint: Paint, text: &str) -> String {
        let code = match paint {
            Paint::Bold => "1",
            Paint::Dim => "2",
            Paint::Red => "1;31",
            Paint::Green => "32",
            Paint::Yellow => "33",
            Paint::Cyan => "1;36",
        };
        if self.style.color { format!("\u{1b}[{code}m{text}\u{1b}[0m") } else { text.to_owned() }
    }

    fn line(&mut self, indent: usize, text: &str) {
        let _ = writeln!(self.out, "{:indent$}{text}", "");
    }

    fn report(&mut self, report: &Report<'_>) {
        for (group, _) in report.ranked() {
            self.group(report, group);
        }
        for note in report.notes() {
            self.line(0, &self.paint(Paint::Dim, &text::printable(&note)));
        }
        let summary = self.paint(Paint::Bold, &text::printable(&report.summary()));
        self.line(0, &summary);
    }

    fn group(&mut self, report: &Report<'_>, group: &Group) {
        let changes = spec(&group.cause);
        for change in changes {
            let line = self.spec(change);
            self.line(0, &line);
        }
        if changes.len() > 1 {
            self.line(0, &self.paint(Paint::Dim, "(together)"));
        }
        if let Some(heading) = entry::heading(&group.cause, report.old) {
            self.line(0, &self.paint(Paint::Cyan, &heading));
        }
        for entry in entry::entries(report, group, self.masks) {
            self.entry(&entry);
        }
        self.out.push('\n');
    }

    fn spec(&self, change: &SpecChange) -> String {
        let place = self.paint(Paint::Cyan, &text::place(&change.place));
        format!("{place}  {}", self.values(text::sides(change)))
    }

    fn values(&self, sides: (Option<String>, Option<String>)) -> String {
        match sides {
            (Some(old), Some(new)) => format!("{old} → {}", self.paint(Paint::Bold, &new)),
            (None, Some(new)) => format!("(new) {}", self.paint(Paint::Green, &new)),
            (Some(old), None) => format!("(gone) {}", self.paint(Paint::Red, &old)),
            (None, None) => String::new(),
        }
    }

    fn entry(&mut self, entry: &Entry<'_>) {
        let (title, fate) = entry::title(entry.change);
        let mark = match entry.change.fate {
            Fate::Added => self.paint(Paint::Green, "+ "),
            Fate::Removed => self.paint(Paint::Red, "- "),
            Fate::Changed | Fate::Renamed { .. } => String::new(),
        };
        let title = self.paint(Paint::Bold, &title);
        let title = if fate.is_empty() { title } else { format!("{mark}{title} {fate}") };
        self.line(2, &title);
        for consequence in &entry.consequences {
            let class = self.paint(paint(consequence.class), consequence.class.name());
            let message = self.masks.apply(&text::printable(&consequence.message));
            self.line(4, &format!("{class}: {message}"));
            if let Some(remedy) = &consequence.remedy {
                let remedy = self.masks.apply(&text::printable(remedy));
                self.line(6, &format!("→ {remedy}"));
            }
        }
        for (path, detail) in entry.fields.iter().take(MOST_FIELDS) {
            self.field(path, detail);
        }
        if entry.fields.len() > MOST_FIELDS {
            self.line(4, &format!("and {} more fields", entry.fields.len() - MOST_FIELDS));
        }
        for line in entry::with(entry) {
            self.line(4, &self.paint(Paint::Dim, &line));
        }
        if let Some(alike) = entry::alike(entry) {
            self.line(2, &self.paint(Paint::Dim, &alike));
        }
    }

    fn field(&mut self, path: &str, detail: &Detail) {
        match detail {
            Detail::Values(old, new) => {
                let values = self.values((old.clone(), new.clone()));
                self.line(4, &format!("{path}  {values}"));
            }
            Detail::Order(old, new) => {
                self.line(4, &format!("{path}  (order) {}", self.values((Some(old.clone()), Some(new.clone())))));
            }
            Detail::Lines(lines) => {
                self.line(4, path);
                for line in lines {
                    let shown = match line.mark {
                        '+' => self.paint(Paint::Green, &format!("+ {}", line.text)),
                        '-' => self.paint(Paint::Red, &format!("- {}", line.text)),
                        '@' => self.paint(Paint::Dim, &format!("… {}", line.text)),
                        _ => format!("  {}", line.text),
                    };
                    self.line(6, shown.trim_end());
                }
            }
        }
    }
}

fn paint(class: Class) -> Paint {
    match class {
        Class::DataAtRisk | Class::Rejected | Class::Recreate => Paint::Red,
        Class::PrivilegeWider | Class::ExposureWider | Class::AvailabilityLower | Class::Restart => Paint::Yellow,
        Class::PrivilegeNarrower | Class::ExposureNarrower | Class::InPlace => Paint::Green,
        Class::Metadata => Paint::Dim,
    }
}
