//! What does no more than follow the new name of a workload: objects of its own name, and objects that name it.

use super::change::{Edit, Fate, FieldChange, ObjectChange, Segment};
use crate::manifest::Value;

/// A name that became another one.
#[derive(Clone, Copy, Debug)]
pub(super) struct Renaming<'n> {
    old: &'n str,
    new: &'n str,
}

/// Annotations whose value is a sum of what was renamed.
const SUMS: [&str; 1] = ["dpjgen.io/config-checksum"];

impl<'n> Renaming<'n> {
    /// That of an object that is called otherwise in the same namespace.
    pub(super) fn of(change: &'n ObjectChange<'_>) -> Option<Self> {
        let Fate::Renamed { from } = &change.fate else { return None };
        let is_one = from.namespace == change.id.namespace && from.name != change.id.name;
        // A letter or two stand in every text.
        (is_one && from.name.len() > 2).then_some(Renaming { old: &from.name, new: &change.id.name })
    }

    /// Whether a text has the new name, or the old one.
    pub(super) fn is_in(self, text: &str, is_new: bool) -> bool {
        text.contains(if is_new { self.new } else { self.old })
    }

    /// Whether a text is another one with the new name in place of the old one.
    pub(super) fn turns(self, old: &str, new: &str) -> bool {
        old != new && old.contains(self.old) && old.replace(self.old, self.new) == new
    }

    /// The same for all texts of a value.
    pub(super) fn turns_value(self, old: &Value<'_>, new: &Value<'_>) -> bool {
        let text = |old: &str, new: &str| old == new || self.turns(old, new);
        match (old, new) {
            (Value::String(old), Value::String(new)) => text(old, new),
            (Value::List(old), Value::List(new)) => {
                old.len() == new.len() && old.iter().zip(new).all(|(old, new)| self.turns_value(old, new))
            }
            (Value::Map(entries), Value::Map(others)) => {
                // Keys may have the name, too.
                let other = |name: &str| new.get(name).or_else(|| new.get(&name.replace(self.old, self.new)));
                entries.len() == others.len()
                    && entries.iter().all(|(name, value)| {
                        let is_sum = SUMS.contains(&name.as_ref());
                        other(name).is_some_and(|other| is_sum || self.turns_value(value, other))
                    })
            }
            (old, new) => old == new,
        }
    }

    /// The fields of an object that say nothing but the new name.
    pub(super) fn fields(self, fields: &[FieldChange<'_>]) -> Vec<usize> {
        let is_sum = |field: &FieldChange<'_>| matches!(field.path.last(), Some(Segment::Key(key)) if SUMS.contains(&key.as_str()));
        // An item that is told by its name comes and goes.
        let comes = |old: &Value<'_>| {
            fields.iter().any(|field| matches!(&field.edit, Edit::Added(new) if self.turns_value(old, new)))
        };
        let came_from = |new: &Value<'_>| {
            fields.iter().any(|field| matches!(&field.edit, Edit::Removed(old) if self.turns_value(old, new)))
        };
        let follows = |field: &FieldChange<'_>| match &field.edit {
            Edit::Replaced { old, new } => is_sum(field) || self.turns_value(old, new),
            Edit::Removed(old) => comes(old),
            Edit::Added(new) => came_from(new),
            Edit::Reordered { .. } => false,
        };
        fields.iter().enumerate().filter(|(_, field)| follows(field)).map(|(index, _)| index).collect()
    }
}
