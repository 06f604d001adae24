//! One line of a file as it may be shown: without secrets, without what would upset a terminal, and not too long.

use std::ops::Range;

/// Characters of a line that are shown; longer lines are cut around what is underlined.
const WIDTH: usize = 120;
/// Characters around an underlined part that are shown of a line that is cut.
const AROUND: usize = 30;
/// Characters of an underlined part that are shown at least of a line that is cut.
const WITHIN: usize = 60;

/// Stands for a character of a secret: one for one, so that columns stay what they are.
const BULLET: char = '•';
/// Stands for what was cut off.
const CUT: char = '…';
/// Never occurs in an excerpt or a message: `human` marks with it where a place is to be printed.
pub(super) const MARK: char = '\u{FFFF}';

/// A line and the parts of it that are to be underlined.
pub(super) struct Shown {
    pub(super) text: String,
    /// Bytes of `text`, one for each part that was asked for, in the same order.
    pub(super) parts: Vec<Range<usize>>,
}

/// Shows the bytes `line` of a text, of which `parts` are to be underlined (inside of it, at character boundaries).
/// `hidden` are the secrets of the whole text, in order.
pub(super) fn show(text: &str, line: Range<usize>, parts: &[Range<usize>], hidden: &[Range<usize>]) -> Shown {
    let kept = kept(text, line.clone(), parts);
    let mut shown = String::new();
    // Where the bytes of the text went: pairs of offsets, ascending in both.
    let mut places: Vec<(usize, usize)> = Vec::new();
    let mut reached = line.start;
    for part in &kept {
        if part.start > reached {
            places.push((reached, shown.len()));
            shown.push(CUT);
        }
        for (i, c) in text.get(part.clone()).unwrap_or("").char_indices() {
            let at = part.start + i;
            places.push((at, shown.len()));
            shown.push(if is_hidden(hidden, at) { BULLET } else { printable(c) });
        }
        reached = part.end;
        places.push((reached, shown.len()));
    }
    if reached < line.end {
        shown.push(CUT);
    }
    places.push((line.end, shown.len()));
    let whole = shown.len();
    let place = |offset: usize| {
        let at = places.partition_point(|(from, _)| *from < offset);
        places.get(at).map_or(whole, |(_, to)| *to)
    };
    // A part that ends in what was cut off is underlined up to behind the sign for it, by the next place that is kept.
    let parts = parts.iter().map(|p| place(p.start)..place(p.end)).collect();
    Shown { text: shown, parts }
}

/// What is kept of a line: everything if it is short, else what is around the parts; in order, apart from each other.
fn kept(text: &str, line: Range<usize>, parts: &[Range<usize>]) -> Vec<Range<usize>> {
    let whole = text.get(line.clone()).unwrap_or("");
    if whole.chars().nth(WIDTH).is_none() {
        return vec![line];
    }
    let forward = |at: usize, n: usize| {
        let rest = text.get(at..line.end).unwrap_or("");
        rest.char_indices().nth(n).map_or(line.end, |(i, _)| at + i)
    };
    let backward = |at: usize, n: usize| {
        let front = text.get(line.start..at).unwrap_or("");
        n.checked_sub(1).map_or(at, |n| front.char_indices().rev().nth(n).map_or(line.start, |(i, _)| line.start + i))
    };
    let mut around: Vec<Range<usize>> = parts
        .iter()
        .map(|part| {
            let end = forward(part.start, WITHIN);
            backward(part.start, AROUND)..if part.end <= end { forward(part.end, AROUND) } else { end }
        })
        .collect();
    if around.is_empty() {
        around.push(line.start..line.start);
    }
    around.sort_by_key(|r| (r.start, r.end));
    let mut kept: Vec<Range<usize>> = Vec::new();
    for range in around {
        match kept.last_mut() {
            Some(last) if range.start <= last.end => last.end = last.end.max(range.end),
            _ => kept.push(range),
        }
    }
    // What room is left goes to the end, then to the front.
    let used = |kept: &[Range<usize>]| kept.iter().map(|r| text.get(r.clone()).unwrap_or("").chars().count()).sum();
    let room = |kept: &[Range<usize>]| WIDTH.saturating_sub(used(kept));
    let left = room(&kept);
    if let Some(last) = kept.last_mut() {
        last.end = forward(last.end, left);
    }
    let left = room(&kept);
    if let Some(first) = kept.first_mut() {
        first.start = backward(first.start, left);
    }
    kept
}

fn is_hidden(hidden: &[Range<usize>], at: usize) -> bool {
    let behind = hidden.partition_point(|range| range.start <= at);
    behind.checked_sub(1).and_then(|i| hidden.get(i)).is_some_and(|range| at < range.end)
}

/// Control characters that annotate-snippets lets through: a terminal may take U+009B for the start of a command.
pub(super) fn printable(c: char) -> char {
    match c {
        '\u{80}'..='\u{9F}' | '\u{2028}' | '\u{2029}' | MARK => char::REPLACEMENT_CHARACTER,
        _ => c,
    }
}
