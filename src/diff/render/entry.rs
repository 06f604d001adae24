//! A group as entries: objects with what follows and what changed, those alike folded into one.

use super::lines::{self, Line};
use super::{Report, text};
use crate::diag::mask::Masks;
use crate::diff::names::Renaming;
use crate::diff::{Cause, Class, Consequence, Edit, Fate, FieldChange, Group, ObjectChange};
use crate::manifest::Value;
use memchr::memmem;
use std::collections::btree_map::Entry as Slot;
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::ops::Range;

/// Names that are listed of objects that are folded.
pub(super) const NAMES: usize = 6;

/// What became of a field, as text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Detail {
    /// Values of one line; one of them where it is new or gone.
    Values(Option<String>, Option<String>),
    /// The order of a list.
    Order(String, String),
    /// A text of several lines.
    Lines(Vec<Line>),
}

/// An object of a group.
#[derive(Clone, Debug)]
pub(super) struct Entry<'a> {
    pub(super) change: &'a ObjectChange<'a>,
    pub(super) consequences: Vec<&'a Consequence>,
    pub(super) fields: Vec<(String, Detail)>,
    /// Objects to which the same happened.
    pub(super) alike: Vec<&'a ObjectChange<'a>>,
    /// Of a renamed workload: what does no more than follow it, and how many of its own fields say no more than its name.
    pub(super) with: Vec<&'a ObjectChange<'a>>,
    pub(super) named: usize,
}

/// Which consequences belong to some of an object's fields: theirs, and those of the object as a whole.
pub(super) fn consequences<'c>(
    change: &'c ObjectChange<'_>,
    fields: &'c [usize],
) -> impl Iterator<Item = &'c Consequence> {
    let theirs = |consequence: &&Consequence| {
        consequence.fields.is_empty() || consequence.fields.iter().any(|field| fields.contains(field))
    };
    change.consequences.iter().filter(theirs)
}

/// The entries of a group, worst first.
pub(super) fn entries<'a>(report: &Report<'a>, group: &'a Group, masks: &'a Masks) -> Vec<Entry<'a>> {
    let mut entries: Vec<Entry<'a>> = Vec::new();
    let mut seen: BTreeMap<String, usize> = BTreeMap::new();
    let mut details = Details { masks, recent: VecDeque::with_capacity(RECENT) };
    let with = followers(report, group);
    for (object, fields) in &group.changes {
        let Some(change) = report.changes.get(*object) else { continue };
        if change.follows.is_some_and(|main| with.contains_key(&main)) {
            continue;
        }
        let with = with.get(object).cloned().unwrap_or_default();
        let named = match Renaming::of(change) {
            Some(renaming) if !with.is_empty() => renaming.fields(&change.fields),
            _ => Vec::new(),
        };
        let shown = fields.iter().filter(|field| !named.contains(field)).filter_map(|field| change.fields.get(*field));
        let entry = Entry {
            change,
            consequences: consequences(change, fields).collect(),
            fields: shown.map(|field| details.of(field)).collect(),
            alike: Vec::new(),
            named: fields.iter().filter(|field| named.contains(field)).count(),
            with,
        };
        if !entry.with.is_empty() {
            entries.push(entry);
            continue;
        }
        match seen.entry(signature(&entry)) {
            Slot::Occupied(at) => entries.get_mut(*at.get()).into_iter().for_each(|same| same.alike.push(change)),
            Slot::Vacant(slot) => {
                slot.insert(entries.len());
                entries.push(entry);
            }
        }
    }
    entries.sort_by_key(|entry| std::cmp::Reverse(worst(entry)));
    entries
}

/// By renamed workload of a group what follows it there.
fn followers<'a>(report: &Report<'a>, group: &Group) -> BTreeMap<usize, Vec<&'a ObjectChange<'a>>> {
    let mut with: BTreeMap<usize, Vec<&ObjectChange<'a>>> = BTreeMap::new();
    let here: BTreeSet<usize> = group.changes.iter().map(|(object, _)| *object).collect();
    for change in here.iter().filter_map(|object| report.changes.get(*object)) {
        if let Some(main) = change.follows.filter(|main| here.contains(main)) {
            with.entry(main).or_default().push(change);
        }
    }
    with
}

/// What follows a renamed workload, folded: kinds of its own objects, names of others.
pub(super) fn with(entry: &Entry<'_>) -> Vec<String> {
    let mut lines = Vec::new();
    let mut kinds: BTreeMap<&str, usize> = BTreeMap::new();
    let own = entry.with.iter().filter(|change| matches!(change.fate, Fate::Added | Fate::Renamed { .. }));
    own.for_each(|change| *kinds.entry(&change.id.kind).or_default() += 1);
    let kind = |(kind, number): (&&str, &usize)| match number {
        1 => text::printable(kind),
        number => format!("{} ({number})", text::printable(kind)),
    };
    if !kinds.is_empty() {
        let kinds: Vec<String> = kinds.iter().map(kind).collect();
        lines.push(format!("removed and made anew with it: {}", kinds.join(", ")));
    }
    let others: Vec<_> = entry.with.iter().filter(|change| change.fate == Fate::Changed).collect();
    let mut names: Vec<String> =
        others.iter().take(NAMES).map(|change| text::printable(&change.id.to_string())).collect();
    if others.len() > NAMES {
        names.push(format!("and {} more", others.len() - NAMES));
    }
    if !names.is_empty() {
        lines.push(format!("nothing but its name changes in: {}", names.join(", ")));
    }
    if entry.named > 0 {
        lines.push(format!("{} of its own say the new name and nothing else", super::plural(entry.named, "field")));
    }
    lines
}

pub(super) fn worst(entry: &Entry<'_>) -> Option<Class> {
    entry.consequences.iter().map(|consequence| consequence.class).max()
}

/// How many fields are remembered as text: more than most changes have that are made to many objects.
const RECENT: usize = 16;

/// Fields as text. What was changed alike in many objects is written out once.
struct Details<'a> {
    masks: &'a Masks,
    /// The last ones, each with what it was made of.
    recent: VecDeque<(&'a FieldChange<'a>, String, Detail)>,
}

impl<'a> Details<'a> {
    fn of(&mut self, field: &'a FieldChange<'a>) -> (String, Detail) {
        if let Some((_, path, detail)) = self.recent.iter().rev().find(|(known, ..)| *known == field) {
            return (path.clone(), detail.clone());
        }
        let (path, detail) = (text::path(&field.path, self.masks), detail(field, self.masks));
        if self.recent.len() == RECENT {
            self.recent.pop_front();
        }
        self.recent.push_back((field, path.clone(), detail.clone()));
        (path, detail)
    }
}

/// What makes two entries alike: everything but their own names, and checksums.
fn signature(entry: &Entry<'_>) -> String {
    let id = &entry.change.id;
    let mut out = Signature { text: String::with_capacity(512), name: memmem::Finder::new(&id.name) };
    out.part(&id.kind);
    out.part(&id.group);
    match &entry.change.fate {
        Fate::Added => out.part("added"),
        Fate::Removed => out.part("removed"),
        Fate::Changed => out.part("changed"),
        Fate::Renamed { from } => {
            out.part("renamed");
            out.part(&from.to_string());
        }
    }
    for Consequence { class, message, remedy, .. } in &entry.consequences {
        out.part(class.name());
        out.part(message);
        out.optional(remedy.as_deref());
    }
    out.part("fields");
    for (path, detail) in &entry.fields {
        out.part(path);
        match detail {
            Detail::Values(old, new) => {
                out.optional(old.as_deref());
                out.optional(new.as_deref());
            }
            Detail::Order(old, new) => {
                out.part("order");
                out.part(old);
                out.part(new);
            }
            Detail::Lines(lines) => {
                out.part("lines");
                for line in lines {
                    out.part(line.mark.encode_utf8(&mut [0; 4]));
                    out.part(&line.text);
                }
            }
        }
    }
    without_sums(out.text)
}

/// Texts one after the other, so that no two lists of them give the same.
struct Signature<'a> {
    text: String,
    /// Finds the object's, which counts as the same as any other's.
    name: memmem::Finder<'a>,
}

impl Signature<'_> {
    fn part(&mut self, part: &str) {
        // What ends a part, and what stands for names and sums, is in none.
        if part.bytes().any(|byte| byte <= 3) {
            let escaped: String = part.escape_debug().collect();
            self.push(&escaped);
            self.text.push('\u{3}');
        } else {
            self.push(part);
            self.text.push('\u{2}');
        }
    }

    fn optional(&mut self, part: Option<&str>) {
        self.text.push(if part.is_some() { '+' } else { '-' });
        self.part(part.unwrap_or_default());
    }

    fn push(&mut self, part: &str) {
        let length = self.name.needle().len();
        let mut from = 0;
        // Two letters are in every word.
        if length > 2 {
            for at in self.name.find_iter(part.as_bytes()) {
                self.text.push_str(part.get(from..at).unwrap_or_default());
                self.text.push('\u{0}');
                from = at + length;
            }
        }
        self.text.push_str(part.get(from..).unwrap_or_default());
    }
}

/// A text in which each long number in hex counts as the same.
fn without_sums(mut text: String) -> String {
    let mut sums: Vec<Range<usize>> = Vec::new();
    let bytes = text.as_bytes();
    let is_digit = |byte: &&u8| byte.is_ascii_hexdigit();
    // Every number that is long enough has one of these digits.
    for at in (SUM - 1..bytes.len()).step_by(SUM) {
        let is_known = sums.last().is_some_and(|last| at < last.end);
        if is_known || !bytes.get(at).is_some_and(u8::is_ascii_hexdigit) {
            continue;
        }
        let (before, from) = bytes.split_at(at);
        let start = at - before.iter().rev().take_while(is_digit).count();
        let end = at + from.iter().take_while(is_digit).count();
        if end - start >= SUM {
            sums.push(start..end);
        }
    }
    for sum in sums.into_iter().rev() {
        text.replace_range(sum, "\u{1}");
    }
    text
}

/// The fewest hexadecimal digits of a checksum.
const SUM: usize = 32;

/// Whether a text is a checksum and nothing that people read.
fn is_sum(text: &str) -> bool {
    text.len() >= SUM && text.bytes().all(|b| b.is_ascii_hexdigit())
}

fn detail(field: &FieldChange<'_>, masks: &Masks) -> Detail {
    let name = text::name(&field.path);
    let one = |value: &Value<'_>| text::value(name, value, masks);
    match &field.edit {
        Edit::Added(value) => match several(name, value, masks) {
            Some(text) => Detail::Lines(lines::whole('+', text, masks)),
            None => Detail::Values(None, Some(text::cut(&one(value), text::WIDTH))),
        },
        Edit::Removed(value) => match several(name, value, masks) {
            Some(text) => Detail::Lines(lines::whole('-', text, masks)),
            None => Detail::Values(Some(text::cut(&one(value), text::WIDTH)), None),
        },
        Edit::Replaced { old, new } => match (several(name, old, masks), several(name, new, masks)) {
            (None, None) => {
                let (old, new) = match (old.as_str(), new.as_str()) {
                    (Some(old), Some(new)) if is_sum(old) && is_sum(new) => (short(old), short(new)),
                    _ => text::pair(&one(old), &one(new)),
                };
                Detail::Values(Some(old), Some(new))
            }
            (was, is) => {
                let text = |several: Option<&str>, value: &Value<'_>| several.map_or_else(|| one(value), str::to_owned);
                Detail::Lines(lines::unified(&text(was, old), &text(is, new), masks))
            }
        },
        Edit::Reordered { old, new } => {
            let shown = |item: &String| text::cut(&text::printable(&text::item(name, item, masks)), text::ITEM);
            let all =
                |items: &[String]| text::cut(&items.iter().map(shown).collect::<Vec<_>>().join(", "), text::WIDTH);
            Detail::Order(all(old), all(new))
        }
    }
}

/// The text of several lines that a value is, unless its name says that it is a secret.
fn several<'v>(name: &str, value: &'v Value<'_>, masks: &Masks) -> Option<&'v str> {
    let text = value.as_str()?;
    let inner = text.trim_end_matches('\n');
    (inner.contains('\n') && text::masked(name, inner, masks) != "•••").then_some(text)
}

/// The beginning of a checksum.
fn short(sum: &str) -> String {
    sum.chars().take(8).chain(['…']).collect()
}

/// `and 11 more: dpj-backend/a, dpj-backend/b, …`; nothing where nothing is folded.
pub(super) fn alike(entry: &Entry<'_>) -> Option<String> {
    let number = entry.alike.len();
    let name = |change: &&ObjectChange<'_>| match &change.id.namespace {
        Some(namespace) => text::printable(&format!("{namespace}/{}", change.id.name)),
        None => text::printable(&change.id.name),
    };
    let mut names: Vec<String> = entry.alike.iter().take(NAMES).map(name).collect();
    if number > NAMES {
        names.push("…".to_owned());
    }
    (number > 0).then(|| format!("and {number} more: {}", names.join(", ")))
}

/// `Deployment dpj-backend/x`, with what became of it where it did not just change.
pub(super) fn title(change: &ObjectChange<'_>) -> (String, &'static str) {
    let id = text::printable(&change.id.to_string());
    match &change.fate {
        Fate::Added => (id, "is new"),
        Fate::Removed => (id, "is removed"),
        Fate::Changed => (id, ""),
        Fate::Renamed { from } => (format!("{id}, until now {}", text::printable(&from.to_string())), "is renamed"),
    }
}

/// What is said behind an entry of the spec that is not the cause, but holds it or refers to it.
pub(super) const UNSURE: &str = "(which key is not known)";

/// The heading of a group; none where nothing is known of the cause.
pub(super) fn heading(cause: &Cause, old: &str) -> Option<String> {
    match cause {
        Cause::Spec(_) | Cause::Unknown => None,
        Cause::Origin(places) if places.is_empty() => Some("no longer in the spec".to_owned()),
        Cause::Origin(places) => Some(places.iter().map(text::place).collect::<Vec<_>>().join(", ")),
        Cause::Entry(place) => Some(format!("{} {UNSURE}", text::place(place))),
        Cause::HandEdit => Some(format!("edited by hand in {}", text::printable(old))),
        Cause::Tool => {
            let old = text::printable(old);
            Some(format!("not the spec: {old} is of another version of dpjgen, or was not built from its own spec"))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{SUM, without_sums};

    #[test]
    fn checksums_count_as_the_same_wherever_they_stand() {
        for front in 0..2 * SUM {
            let front = "x ".repeat(front);
            for (digits, is_sum) in [(SUM - 1, false), (SUM, true), (SUM + 1, true), (3 * SUM, true)] {
                let sum = "0aF1".repeat(SUM).split_off(4 * SUM - digits);
                let rest = if is_sum { "\u{1}" } else { sum.as_str() };
                assert_eq!(without_sums(format!("{front}{sum}")), format!("{front}{rest}"));
                assert_eq!(without_sums(format!("{front}{sum}-{sum}é")), format!("{front}{rest}-{rest}é"));
            }
        }
    }
}
