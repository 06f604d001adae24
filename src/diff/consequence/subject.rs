//! [`Subject`]: one changed object, as rules look at it.

use crate::diff::change::{Fate, FieldChange, ObjectChange, Segment};
use crate::manifest::{ObjectId, Value};
use std::borrow::Cow;

static NOTHING: Value<'static> = Value::Null;

/// One changed object with both of its versions; the one that is not there is `null`.
pub(super) struct Subject<'c> {
    pub(super) id: &'c ObjectId,
    pub(super) fate: &'c Fate,
    pub(super) old: &'c Value<'c>,
    pub(super) new: &'c Value<'c>,
    pub(super) fields: &'c [FieldChange<'c>],
    /// `apps/v1`, of the new version if there is one.
    pub(super) api_version: &'c str,
}

impl<'c> Subject<'c> {
    pub(super) fn of(change: &'c ObjectChange<'_>) -> Self {
        let old = change.old.map_or(&NOTHING, |manifest| &manifest.value);
        let new = change.new.map_or(&NOTHING, |manifest| &manifest.value);
        let api_version = change.new.or(change.old).map_or("", |manifest| manifest.api_version.as_str());
        Subject { id: &change.id, fate: &change.fate, old, new, fields: &change.fields, api_version }
    }

    /// `group/Kind`, for tables; core kinds have no group: `apps/Deployment`, `Service`.
    pub(super) fn kind(&self) -> Cow<'c, str> {
        if self.id.group.is_empty() {
            Cow::Borrowed(&self.id.kind)
        } else {
            Cow::Owned(format!("{}/{}", self.id.group, self.id.kind))
        }
    }

    pub(super) fn is(&self, group: &str, kind: &str) -> bool {
        self.id.group == group && self.id.kind == kind
    }

    /// The same object with other fields; a renamed one is two objects.
    pub(super) fn is_changed(&self) -> bool {
        *self.fate == Fate::Changed
    }

    /// The same object with the same `spec`, whatever else changed: what it permits is what it permitted.
    pub(super) fn has_same_spec(&self) -> bool {
        self.is_changed() && self.old.get("spec") == self.new.get("spec")
    }

    /// There was none, or it was called otherwise.
    pub(super) fn is_new(&self) -> bool {
        matches!(self.fate, Fate::Added | Fate::Renamed { .. })
    }

    /// There is none any more, or it is called otherwise.
    pub(super) fn is_gone(&self) -> bool {
        matches!(self.fate, Fate::Removed | Fate::Renamed { .. })
    }

    /// What the object that goes is called.
    pub(super) fn old_id(&self) -> &'c ObjectId {
        match self.fate {
            Fate::Renamed { from } => from,
            _ => self.id,
        }
    }

    /// The fields at, below or above a path whose value differs: `spec.template.spec.containers[app].image`. `[]` is any
    /// item that was and is: one that comes or goes as a whole has no changed fields. Empty if nothing there changed.
    pub(super) fn touched(&self, path: &str) -> Vec<usize> {
        let steps = steps(path);
        let any_item = steps.iter().any(|step| matches!(step, Step::AnyItem));
        let by_fields = |(index, field): (usize, &FieldChange<'_>)| {
            let matches = steps.iter().zip(&field.path).all(|(step, segment)| step.is(segment));
            let there = field.path.len() >= steps.len() || (!any_item && self.differs(&steps));
            (matches && there).then_some(index)
        };
        self.fields.iter().enumerate().filter_map(by_fields).collect()
    }

    /// Of the fields at these paths.
    pub(super) fn touched_any<'p>(&self, paths: impl IntoIterator<Item = &'p str>) -> Vec<usize> {
        let mut all: Vec<usize> = paths.into_iter().flat_map(|path| self.touched(path)).collect();
        all.sort_unstable();
        all.dedup();
        all
    }

    /// Whether a path that is only keys has another value. A path through lists may always have.
    fn differs(&self, steps: &[Step<'_>]) -> bool {
        let (mut old, mut new) = (Some(self.old), Some(self.new));
        for step in steps {
            let Step::Key(key) = step else { return old != new };
            (old, new) = (old.and_then(|value| value.get(key)), new.and_then(|value| value.get(key)));
        }
        old != new
    }

    /// A value of either version, by keys: `spec.replicas`. Keys with dots have to be asked for by [`Value::at`].
    pub(super) fn both(&self, path: &str) -> (Option<&'c Value<'c>>, Option<&'c Value<'c>>) {
        (at(self.old, path), at(self.new, path))
    }

    pub(super) fn texts(&self, path: &str) -> (Option<&'c str>, Option<&'c str>) {
        let (old, new) = self.both(path);
        (old.and_then(Value::as_str), new.and_then(Value::as_str))
    }
}

/// An annotation of a version.
pub(super) fn annotation<'v>(value: &'v Value<'_>, name: &str) -> Option<&'v str> {
    value.at(&["metadata", "annotations", name])?.as_str()
}

/// A value below keys that have no dots.
pub(super) fn at<'v, 'a>(value: &'v Value<'a>, path: &str) -> Option<&'v Value<'a>> {
    path.split('.').try_fold(value, |value, key| value.get(key))
}

enum Step<'p> {
    Key(&'p str),
    Item(&'p str),
    AnyItem,
}

impl Step<'_> {
    fn is(&self, segment: &Segment) -> bool {
        match (self, segment) {
            (Step::Key(key), Segment::Key(name)) => key == name,
            (Step::AnyItem, Segment::Item { .. } | Segment::Index(_)) | (Step::Item(_), Segment::Index(_)) => true,
            (Step::Item(name), Segment::Item { is, .. }) => name == is,
            _ => false,
        }
    }
}

/// `a.b[c].d` in steps; within brackets a dot is a dot, and `["a.b"]` is a key with a dot.
fn steps(path: &str) -> Vec<Step<'_>> {
    let mut found = Vec::new();
    let mut rest = path;
    while !rest.is_empty() {
        if let Some(inner) = rest.strip_prefix('[') {
            let end = inner.find(']').unwrap_or(inner.len());
            let (name, after) = (inner.get(..end).unwrap_or(""), inner.get(end + 1..).unwrap_or(""));
            found.push(match name.strip_prefix('"').and_then(|name| name.strip_suffix('"')) {
                Some(key) => Step::Key(key),
                None if name.is_empty() => Step::AnyItem,
                None => Step::Item(name),
            });
            rest = after;
        } else {
            let key = rest.strip_prefix('.').unwrap_or(rest);
            let end = key.find(['.', '[']).unwrap_or(key.len());
            if let Some(name) = key.get(..end).filter(|name| !name.is_empty()) {
                found.push(Step::Key(name));
            }
            rest = key.get(end..).unwrap_or("");
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(name: &str) -> Segment {
        Segment::Key(name.to_owned())
    }

    #[test]
    fn a_path_finds_what_is_at_below_and_above_it() {
        let item = Segment::Item { by: vec!["name"], is: "app".to_owned() };
        let paths = [
            vec![key("spec"), key("containers"), item.clone(), key("image")],
            vec![key("spec"), key("containers"), item, key("securityContext"), key("privileged")],
            vec![key("metadata"), key("annotations"), key("a.b/c")],
        ];
        let edit = crate::diff::change::Edit::Added(Value::Null);
        let fields: Vec<FieldChange<'_>> =
            paths.into_iter().map(|path| FieldChange { path, edit: edit.clone() }).collect();
        let id = ObjectId { namespace: None, group: String::new(), kind: "Pod".to_owned(), name: "a".to_owned() };
        let fate = Fate::Changed;
        let subject =
            Subject { id: &id, fate: &fate, old: &NOTHING, new: &NOTHING, fields: &fields, api_version: "v1" };
        assert_eq!(subject.touched("spec.containers[app].image"), [0]);
        assert_eq!(subject.touched("spec.containers[]"), [0, 1]);
        assert_eq!(subject.touched("spec.containers[web]"), [] as [usize; 0]);
        assert_eq!(subject.touched("metadata.annotations[\"a.b/c\"]"), [2]);
        // Above the path, only where the value at the path differs; through a list that cannot be told.
        assert_eq!(subject.touched("metadata.annotations[\"a.b/c\"].x"), [] as [usize; 0]);
    }
}
