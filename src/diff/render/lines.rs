//! Texts of several lines, compared line by line.

use super::text;
use crate::diag::mask::Masks;
use similar::{ChangeTag, TextDiff};

/// Unchanged lines around each change.
const CONTEXT: usize = 2;

/// Changed lines, first to last, beyond which lines are not compared: the effort grows with their square.
const MOST_COMPARED: usize = 4_000;

/// Lines that are shown of one text.
const MOST_SHOWN: usize = 60;

/// Characters that are shown of one line.
const MOST_WIDTH: usize = 160;

/// A line of a comparison: `+`, `-`, a blank, or `@` for lines that are left out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Line {
    pub(super) mark: char,
    pub(super) text: String,
}

/// The lines that differ, with some around them.
pub(super) fn unified(old: &str, new: &str, masks: &Masks) -> Vec<Line> {
    let (old, new) = (masks.hide(old), masks.hide(new));
    let (was, is): (Vec<&str>, Vec<&str>) = (old.lines().collect(), new.lines().collect());
    let ahead = was.iter().zip(&is).take_while(|(a, b)| a == b).count();
    let most = was.len().min(is.len()) - ahead;
    let behind = was.iter().rev().zip(is.iter().rev()).take(most).take_while(|(a, b)| a == b).count();
    let line = |mark, text: &str| Line { mark, text: text::cut(&text::printable(text), MOST_WIDTH) };
    if was.len().max(is.len()) - ahead - behind > MOST_COMPARED {
        let count = |lines: &[&str]| super::plural(lines.len() - ahead - behind, "line");
        return vec![line('@', &format!("{} became {}", count(&was), count(&is)))];
    }
    if was == is {
        return vec![line('@', "differs in hidden values or in how its lines end")];
    }
    let diff = TextDiff::from_slices(&was, &is);
    let mut shown = Vec::new();
    for (index, group) in diff.grouped_ops(CONTEXT).iter().enumerate() {
        let at = group.first().map_or(0, |op| op.new_range().start);
        if index > 0 || at > 0 {
            shown.push(line('@', &format!("line {}", at + 1)));
        }
        for change in group.iter().flat_map(|op| diff.iter_changes(op)) {
            let mark = match change.tag() {
                ChangeTag::Delete => '-',
                ChangeTag::Insert => '+',
                ChangeTag::Equal => ' ',
            };
            shown.push(line(mark, change.value()));
        }
    }
    cut(shown)
}

/// All lines of a text that is new or gone.
pub(super) fn whole(mark: char, text: &str, masks: &Masks) -> Vec<Line> {
    let text = masks.hide(text);
    let line = |line: &str| Line { mark, text: text::cut(&text::printable(line), MOST_WIDTH) };
    cut(text.lines().map(line).collect())
}

fn cut(mut lines: Vec<Line>) -> Vec<Line> {
    let more = lines.len().saturating_sub(MOST_SHOWN);
    if more > 1 {
        lines.truncate(MOST_SHOWN);
        lines.push(Line { mark: '@', text: format!("{} more", super::plural(more, "line")) });
    }
    lines
}
