//! The changed fields of two values of one object.

use super::change::{Edit, FieldChange, Segment};
use super::equal;
use super::lists;
use super::shape::{ANY, Form, Shape};
use crate::manifest::Value;
use std::cmp::Ordering;

/// A path that is being walked.
pub(super) struct Walk<'a> {
    pub path: Vec<Segment>,
    pub changes: Vec<FieldChange<'a>>,
    /// Stop at the first change: only whether there is one is asked.
    pub only_whether: bool,
}

impl<'a> Walk<'a> {
    pub fn new(only_whether: bool) -> Self {
        Walk { path: Vec::new(), changes: Vec::new(), only_whether }
    }

    /// Whether the answer is known already.
    pub fn is_done(&self) -> bool {
        self.only_whether && !self.changes.is_empty()
    }

    pub fn push(&mut self, edit: Edit<'a>) {
        let path = if self.only_whether { Vec::new() } else { self.path.clone() };
        self.changes.push(FieldChange { path, edit });
    }

    pub fn push_at(&mut self, segment: Segment, edit: Edit<'a>) {
        self.path.push(segment);
        self.push(edit);
        self.path.pop();
    }
}

/// Whether two values mean the same.
pub(super) fn is_same(old: &Value<'_>, new: &Value<'_>, form: Form, strict: bool) -> bool {
    let mut walk = Walk::new(true);
    value(old, new, form, strict, &mut walk);
    walk.changes.is_empty()
}

/// Two values at one place. `strict` is set below a pod template, where every order matters.
pub(super) fn value<'a>(old: &'a Value<'a>, new: &'a Value<'a>, form: Form, strict: bool, walk: &mut Walk<'a>) {
    if walk.is_done() {
        return;
    }
    match (old, new) {
        (Value::Map(old_entries), Value::Map(new_entries)) => {
            let (shape, strict) = equal::below(form, strict);
            let every = match form {
                Form::Map(every) => Some(*every),
                _ => None,
            };
            let sides = [(old, &**old_entries), (new, &**new_entries)];
            maps(sides, shape, every, strict, walk);
        }
        (Value::List(old_items), Value::List(new_items)) => {
            let list = match form {
                Form::List(list) => list,
                _ => &ANY,
            };
            lists::items(old_items, new_items, list, strict, walk);
        }
        _ if equal::scalars(old, new, form) => {}
        _ => walk.push(Edit::Replaced { old: borrowed(old), new: borrowed(new) }),
    }
}

type Entries<'a> = &'a [(std::borrow::Cow<'a, str>, Value<'a>)];

fn maps<'a>(
    [(old_map, mut old), (new_map, mut new)]: [(&'a Value<'a>, Entries<'a>); 2],
    shape: &'static Shape,
    every: Option<Form>,
    strict: bool,
    walk: &mut Walk<'a>,
) {
    loop {
        let order = match (old.first(), new.first()) {
            (None, None) => return,
            (Some(_), None) => Ordering::Less,
            (None, Some(_)) => Ordering::Greater,
            (Some((old, _)), Some((new, _))) => old.cmp(new),
        };
        match order {
            Ordering::Equal => {
                let (Some(((key, before), old_rest)), Some(((_, after), new_rest))) =
                    (old.split_first(), new.split_first())
                else {
                    return;
                };
                (old, new) = (old_rest, new_rest);
                if before == after {
                    continue;
                }
                // What is stated as null is not stated; what is not stated may still be the same.
                let (is_null, was_null) = (*after == Value::Null, *before == Value::Null);
                if was_null || is_null {
                    let (value, map) = if was_null { (after, new_map) } else { (before, old_map) };
                    one_sided(key, value, map, (shape, was_null), walk);
                    continue;
                }
                let form = every.or_else(|| shape.field(key).map(|field| field.form)).unwrap_or(Form::Plain);
                walk.path.push(Segment::Key(key.clone().into_owned()));
                value(before, after, form, strict, walk);
                walk.path.pop();
            }
            Ordering::Less => {
                let Some(((key, before), rest)) = old.split_first() else { return };
                old = rest;
                one_sided(key, before, old_map, (shape, false), walk);
            }
            Ordering::Greater => {
                let Some(((key, after), rest)) = new.split_first() else { return };
                new = rest;
                one_sided(key, after, new_map, (shape, true), walk);
            }
        }
        if walk.is_done() {
            return;
        }
    }
}

/// A field that only one side states.
fn one_sided<'a>(
    key: &str,
    value: &'a Value<'a>,
    map: &'a Value<'a>,
    (shape, is_new): (&'static Shape, bool),
    walk: &mut Walk<'a>,
) {
    if equal::is_default(value, key, shape, map) {
        return;
    }
    let value = borrowed(value);
    let edit = if is_new { Edit::Added(value) } else { Edit::Removed(value) };
    walk.push_at(Segment::Key(key.to_owned()), edit);
}

/// The same value, its texts borrowed from it.
pub(super) fn borrowed<'a>(value: &'a Value<'a>) -> Value<'a> {
    match value {
        Value::Null => Value::Null,
        Value::Bool(value) => Value::Bool(*value),
        Value::Number(text) => Value::Number(text.as_ref().into()),
        Value::String(text) => Value::String(text.as_ref().into()),
        Value::Sealed(sealed) => Value::Sealed(*sealed),
        Value::List(items) => Value::List(items.iter().map(borrowed).collect()),
        Value::Map(entries) => {
            Value::Map(entries.iter().map(|(key, value)| (key.as_ref().into(), borrowed(value))).collect())
        }
    }
}
