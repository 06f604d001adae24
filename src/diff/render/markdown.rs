//! For a comment in a pull request: a table of what happens, then the details of each cause, folded.
//!
//! Values stand in `<code>` with every character that Markdown or HTML could take for something else as an entity: in a
//! table a bar would end a cell even within backquotes, and an `@` would call somebody.

use super::entry::{self, Detail, Entry};
use super::{Report, spec, text};
use crate::diag::mask::Masks;
use crate::diff::{Cause, Class, Group};
use std::fmt::Write as _;

/// What a comment may have at most; GitHub refuses more than 65,536.
pub const MOST_CHARACTERS: usize = 65_000;

/// Kept free for the lines that say what was cut, and the summary.
const RESERVE: usize = 1_500;

/// No details of a cause are shorter.
const SMALLEST: usize = 120;

/// Rows of the table of one report.
const MOST_ROWS: usize = 40;

/// Fields of one object that are shown.
const MOST_FIELDS: usize = 30;

/// The reports one after the other.
pub fn markdown(reports: &[Report<'_>], masks: &Masks) -> String {
    // Each gets its share, and what those before it left.
    let mut out = String::new();
    let mut used = 0;
    for (index, report) in reports.iter().enumerate() {
        let left = reports.len() - index;
        let share = MOST_CHARACTERS.saturating_sub(used) / left.max(1);
        let text = section(report, masks, share);
        used += text.chars().count();
        out.push_str(&text);
    }
    if used > MOST_CHARACTERS {
        // So many environments that not even their summaries fit.
        out = out.chars().take(MOST_CHARACTERS - 100).collect();
        out.push_str("\n\nThe rest was cut: see the job's log.\n");
    }
    out
}

fn section(report: &Report<'_>, masks: &Masks, share: usize) -> String {
    let mut out = String::new();
    let title = report.environment.unwrap_or("manifests");
    let _ = writeln!(out, "### {}\n", prose(title));
    let summary = format!("**{}**\n\n", prose(&report.summary()));
    out.push_str(&summary);
    let ranked = report.ranked();
    let mut tail = String::new();
    for note in report.notes() {
        let _ = writeln!(tail, "{}\n", prose(&text::cut(&note, 300)));
    }
    if ranked.is_empty() {
        out.push_str(&tail);
        return out;
    }
    out.push_str("| What happens | Objects | Cause |\n|---|---|---|\n");
    let mut rows = 0;
    for (group, _) in ranked.iter().take(MOST_ROWS) {
        let row = row(report, group);
        // At most half of the room is for the table.
        if length(&out) + length(&row) > share / 2 {
            break;
        }
        out.push_str(&row);
        rows += 1;
    }
    if rows < ranked.len() {
        let _ = writeln!(out, "| … | | {} more |", super::plural(ranked.len() - rows, "cause"));
    }
    out.push('\n');
    let room = share.saturating_sub(RESERVE.min(share / 4) + length(&tail));
    let (mut brief, mut gone) = (0, 0);
    for (group, _) in &ranked {
        let left = room.saturating_sub(length(&out));
        // The smallest there is takes more.
        if left < SMALLEST {
            gone += 1;
            continue;
        }
        let full = details(report, group, masks, true);
        if length(&full) <= left {
            out.push_str(&full);
            continue;
        }
        let short = details(report, group, masks, false);
        if length(&short) <= left {
            out.push_str(&short);
            brief += 1;
        } else {
            gone += 1;
        }
    }
    out.push_str(&tail);
    if brief + gone > 0 {
        let _ = writeln!(
            out,
            "_Cut to fit: {} without their fields, {} not shown in detail. The job's log has all._\n",
            super::plural(brief, "cause"),
            super::plural(gone, "cause"),
        );
    }
    out
}

fn length(text: &str) -> usize {
    text.chars().count()
}

/// `| **rejected**, restart | 3 | `overlays/prod.toml:14 …` 3 → 5 |`.
fn row(report: &Report<'_>, group: &Group) -> String {
    let mut classes: Vec<Class> = Vec::new();
    for (object, fields) in &group.changes {
        let Some(change) = report.changes.get(*object) else { continue };
        classes.extend(entry::consequences(change, fields).map(|consequence| consequence.class));
    }
    classes.sort_unstable_by(|a, b| b.cmp(a));
    classes.dedup();
    let name = |class: &Class| {
        let loud = *class >= Class::Restart;
        if loud { format!("**{}**", class.name()) } else { class.name().to_owned() }
    };
    let classes: Vec<String> = classes.iter().map(name).collect();
    format!("| {} | {} | {} |\n", classes.join(", "), group.changes.len(), cause(report, &group.cause))
}

/// A cause in a line.
fn cause(report: &Report<'_>, cause: &Cause) -> String {
    const MOST: usize = 4;
    let changes = spec(cause);
    let mut shown: Vec<String> = changes
        .iter()
        .take(MOST)
        .map(|change| format!("{} {}", code(&text::place(&change.place)), values(text::sides(change))))
        .collect();
    if changes.len() > MOST {
        shown.push(format!("and {} more", changes.len() - MOST));
    }
    match entry::heading(cause, report.old) {
        Some(heading) => match cause {
            Cause::Origin(places) if !places.is_empty() => code(&heading),
            Cause::Entry(place) => format!("{} {}", code(&text::place(place)), entry::UNSURE),
            _ => prose(&heading),
        },
        None if shown.is_empty() => "not known".to_owned(),
        None => shown.join("; "),
    }
}

fn details(report: &Report<'_>, group: &Group, masks: &Masks, fields: bool) -> String {
    let mut out = format!(
        "<details><summary>{}: {}</summary>\n\n",
        cause(report, &group.cause),
        super::plural(group.changes.len(), "object")
    );
    for entry in entry::entries(report, group, masks) {
        object(&entry, masks, fields, &mut out);
    }
    out.push_str("</details>\n\n");
    out
}

fn object(entry: &Entry<'_>, masks: &Masks, fields: bool, out: &mut String) {
    let (title, fate) = entry::title(entry.change);
    let fate = if fate.is_empty() { String::new() } else { format!(" {fate}") };
    let _ = writeln!(out, "**{}**{fate}\n", prose(&title));
    for consequence in &entry.consequences {
        let message = prose(&masks.apply(&text::printable(&consequence.message)));
        let remedy = consequence.remedy.as_ref();
        let remedy = remedy
            .map_or_else(String::new, |remedy| format!("<br>→ {}", prose(&masks.apply(&text::printable(remedy)))));
        let _ = writeln!(out, "- **{}**: {message}{remedy}", consequence.class.name());
    }
    let shown = if fields { MOST_FIELDS } else { 0 };
    let mut blocks = String::new();
    for (path, detail) in entry.fields.iter().take(shown) {
        match detail {
            Detail::Values(old, new) => {
                let _ = writeln!(out, "- {}: {}", code(path), values((old.clone(), new.clone())));
            }
            Detail::Order(old, new) => {
                let _ = writeln!(out, "- {} in another order: {} → {}", code(path), code(old), code(new));
            }
            Detail::Lines(lines) => {
                let lines: Vec<String> = lines.iter().map(|line| format!("{} {}", line.mark, line.text)).collect();
                let text = lines.join("\n");
                let fence = "`".repeat(longest_run(&text).max(2) + 1);
                let _ = writeln!(blocks, "\n{}:\n\n{fence}diff\n{text}\n{fence}", code(path));
            }
        }
    }
    if fields && entry.fields.len() > shown {
        let _ = writeln!(out, "- and {} more fields", entry.fields.len() - shown);
    }
    for line in entry::with(entry) {
        let _ = writeln!(out, "- {}", prose(&line));
    }
    out.push_str(&blocks);
    out.push('\n');
    if let Some(alike) = entry::alike(entry) {
        let _ = writeln!(out, "{}\n", prose(&alike));
    }
}

fn values(sides: (Option<String>, Option<String>)) -> String {
    match sides {
        (Some(old), Some(new)) => format!("{} → {}", code(&old), code(&new)),
        (None, Some(new)) => format!("new: {}", code(&new)),
        (Some(old), None) => format!("gone: {}", code(&old)),
        (None, None) => String::new(),
    }
}

/// The longest run of backquotes.
fn longest_run(text: &str) -> usize {
    text.split(|c| c != '`').map(str::len).max().unwrap_or(0)
}

/// A text as it is.
fn code(text: &str) -> String {
    format!("<code>{}</code>", escaped(text))
}

fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            // What begins a link: an address.
            ':' if chars.peek() == Some(&'/') => out.push_str("&#58;"),
            c if c.is_ascii_alphanumeric() || " /-.,:;\"'()=?%^+".contains(c) => out.push(c),
            c if c.is_ascii() => {
                let _ = write!(out, "&#{};", u32::from(c));
            }
            c => out.push(c),
        }
    }
    out
}

/// A sentence: what stands in backquotes becomes `<code>`, everything else is text.
fn prose(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let parts: Vec<&str> = text.split('`').collect();
    // An odd backquote is one and nothing more.
    let paired = parts.len() % 2 == 1;
    for (index, part) in parts.iter().enumerate() {
        if index % 2 == 1 && paired {
            out.push_str(&code(part));
        } else {
            if index > 0 && !paired {
                out.push_str("&#96;");
            }
            // An address would become a link, and a name behind an `@` a person who is called.
            out.push_str(&escaped(part).replace("&#64;", "&#64;<!-- -->").replace("&#58;//", "&#58;<!-- -->//"));
        }
    }
    out
}
