//! Differences as text: for a terminal ([`human`]), for a pull request ([`markdown`]), for programs ([`json`]) and for
//! the marks that GitHub puts beside lines ([`github`]).
//!
//! Input: [`Report`]s, and the secrets that must not be shown. The output depends on nothing else: no terminal, no
//! locale, no operating system. Whatever stands in a manifest may be hostile: nothing of it reaches a terminal, a page or
//! a workflow command as more than text.

mod entry;
mod github;
mod human;
mod json;
mod lines;
mod markdown;
#[cfg(test)]
mod tests;
mod text;

pub use github::github;
pub use human::human;
pub use json::json;
pub use markdown::{MOST_CHARACTERS, markdown};

use super::{Cause, Class, Fate, Group, ObjectChange, SpecChange};
use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

/// What one comparison found.
#[derive(Clone, Debug)]
pub struct Report<'a> {
    /// The environment; `None` where two trees were compared that no spec is known of.
    pub environment: Option<&'a str>,
    /// What the old side is: `out/prod`.
    pub old: &'a str,
    /// What the new side is: `the build`.
    pub new: &'a str,
    /// The changed objects, classified.
    pub changes: &'a [ObjectChange<'a>],
    /// By cause; each change in one of them.
    pub groups: &'a [Group],
    /// Changes of the spec that change nothing here.
    pub idle: &'a [SpecChange],
    /// What is said of files that differ though no object does: kustomizations, which say what is applied, and edits by hand
    /// that mean the same.
    pub kustomizations: &'a [String],
    /// What else is to be said.
    pub notes: &'a [String],
}

impl<'a> Report<'a> {
    /// Whether the sides are not the same.
    fn differs(&self) -> bool {
        !self.changes.is_empty() || !self.kustomizations.is_empty()
    }

    /// Everything that is said beside the changes.
    fn notes(&self) -> impl Iterator<Item = Cow<'a, str>> {
        let said = self.kustomizations.iter().chain(self.notes).map(|note| Cow::Borrowed(note.as_str()));
        said.chain(self.idle_line().map(Cow::Owned))
    }

    /// The groups, those with the worst consequence first.
    fn ranked(&self) -> Vec<(&'a Group, Option<Class>)> {
        let mut ranked: Vec<_> = self.groups.iter().map(|group| (group, self.worst(group))).collect();
        ranked.sort_by(|(a, worst_a), (b, worst_b)| worst_b.cmp(worst_a).then_with(|| a.cause.cmp(&b.cause)));
        ranked
    }

    /// The worst of what follows from a group.
    fn worst(&self, group: &Group) -> Option<Class> {
        let each = group.changes.iter().filter_map(|(object, fields)| Some((self.changes.get(*object)?, fields)));
        each.flat_map(|(change, fields)| entry::consequences(change, fields)).map(|consequence| consequence.class).max()
    }

    /// In how many objects each class occurs, worst first.
    fn classes(&self) -> Vec<(Class, usize)> {
        let mut classes: BTreeMap<Class, usize> = BTreeMap::new();
        for change in self.changes {
            let each: BTreeSet<Class> = change.consequences.iter().map(|consequence| consequence.class).collect();
            for class in each {
                *classes.entry(class).or_default() += 1;
            }
        }
        classes.into_iter().rev().collect()
    }

    /// `prod: 3 objects changed, 1 added; from 2 changes of the spec; rejected 1, restart 2`.
    fn summary(&self) -> String {
        let name = self.environment.map_or_else(String::new, |name| format!("{name}: "));
        if !self.differs() {
            return format!("{name}no differences between {} and {}", self.old, self.new);
        }
        let count = |wanted: fn(&Fate) -> bool| self.changes.iter().filter(|change| wanted(&change.fate)).count();
        let counts = [
            (count(|fate| *fate == Fate::Changed), "changed"),
            (count(|fate| *fate == Fate::Added), "added"),
            (count(|fate| *fate == Fate::Removed), "removed"),
            (count(|fate| matches!(fate, Fate::Renamed { .. })), "renamed"),
        ];
        let mut parts: Vec<String> = Vec::new();
        for (number, what) in counts.into_iter().filter(|(number, _)| *number > 0) {
            let objects = if parts.is_empty() { plural(number, "object") } else { number.to_string() };
            parts.push(format!("{objects} {what}"));
        }
        if parts.is_empty() {
            parts.push("no object changed".to_owned());
        }
        if !self.kustomizations.is_empty() {
            parts.push(format!("{} not as built", plural(self.kustomizations.len(), "file")));
        }
        let spec: BTreeSet<&SpecChange> = self.groups.iter().flat_map(|group| spec(&group.cause)).collect();
        let from = match spec.len() {
            0 => String::new(),
            number => format!(", from {} of the spec", plural(number, "change")),
        };
        let classes: Vec<String> =
            self.classes().iter().map(|(class, number)| format!("{} {number}", class.name())).collect();
        let classes = if classes.is_empty() { String::new() } else { format!("; {}", classes.join(", ")) };
        format!("{name}{}{from}{classes}", parts.join(", "))
    }

    /// A line about changes of the spec without effect.
    fn idle_line(&self) -> Option<String> {
        let each = |change: &SpecChange| match text::sides(change) {
            (Some(old), Some(new)) => format!("{} {old} → {new}", text::place(&change.place)),
            _ => text::place(&change.place),
        };
        let shown: Vec<String> = self.idle.iter().take(entry::NAMES).map(each).collect();
        let more = self.idle.len().saturating_sub(shown.len());
        let more = if more > 0 { format!(" and {more} more") } else { String::new() };
        (!shown.is_empty()).then(|| format!("changed in the spec, without effect here: {}{more}", shown.join(", ")))
    }
}

/// The leaves of a cause.
fn spec(cause: &Cause) -> &[SpecChange] {
    match cause {
        Cause::Spec(changes) => changes,
        Cause::Origin(_) | Cause::Entry(_) | Cause::HandEdit | Cause::Tool | Cause::Unknown => &[],
    }
}

/// `1 object`, `2 objects`.
fn plural(number: usize, what: &str) -> String {
    format!("{number} {what}{}", if number == 1 { "" } else { "s" })
}
