//! A group as entries: objects with what follows and what changed, those alike folded into one.

use super::lines::{self, Line};
use super::{Report, text};
use crate::diag::mask::Masks;
use crate::diff::names::Renaming;
use crate::diff::{Cause, Class, Consequence, Edit, Fate, FieldChange, Group, ObjectChange};
use crate::manifest::Value;
use std::collections::{BTreeMap, BTreeSet};

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
pub(super) fn entries<'a>(report: &Report<'a>, group: &'a Group, masks: &Masks) -> Vec<Entry<'a>> {
    let mut entries: Vec<Entry<'a>> = Vec::new();
    let mut seen: BTreeMap<String, usize> = BTreeMap::new();
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
            fields: shown.map(|field| (text::path(&field.path, masks), detail(field, masks))).collect(),
            alike: Vec::new(),
            named: fields.iter().filter(|field| named.contains(field)).count(),
            with,
        };
        if !entry.with.is_empty() {
            entries.push(entry);
            continue;
        }
        let signature = signature(&entry);
        match seen.get(&signature).and_then(|at| entries.get_mut(*at)) {
            Some(same) => same.alike.push(change),
            None => {
                seen.insert(signature, entries.len());
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

/// What makes two entries alike: everything but their own names, and checksums.
fn signature(entry: &Entry<'_>) -> String {
    let id = &entry.change.id;
    let fate = match &entry.change.fate {
        Fate::Renamed { from } => format!("renamed {from}"),
        fate => format!("{fate:?}"),
    };
    let said: Vec<_> = entry.consequences.iter().map(|c| (c.class, &c.message, &c.remedy)).collect();
    let text = format!("{} {} {fate} {said:?} {:?}", id.kind, id.group, entry.fields);
    let text = if id.name.len() > 2 { text.replace(&id.name, "\u{0}") } else { text };
    without_sums(&text)
}

/// A text in which each long number in hex counts as the same.
fn without_sums(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.find(|c: char| c.is_ascii_hexdigit()) {
        let (before, from) = rest.split_at(start);
        out.push_str(before);
        let end = from.find(|c: char| !c.is_ascii_hexdigit()).unwrap_or(from.len());
        let (run, after) = from.split_at(end);
        out.push_str(if is_sum(run) { "\u{1}" } else { run });
        rest = after;
    }
    out.push_str(rest);
    out
}

/// Whether a text is a checksum and nothing that people read.
fn is_sum(text: &str) -> bool {
    text.len() >= 32 && text.bytes().all(|b| b.is_ascii_hexdigit())
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
