//! Two lists at one place: which items are the same ones, and what of them changed.

use super::change::{Edit, Segment};
use super::equal;
use super::fields::{self, Walk, borrowed};
use super::shape::{By, Default, Form, List, Shape};
use super::similar;
use crate::manifest::{Sealed, Value};
use std::collections::{BTreeMap, BTreeSet};

/// Compares the items of two lists.
pub(super) fn items<'a>(
    old: &'a [Value<'a>],
    new: &'a [Value<'a>],
    list: &'static List,
    strict: bool,
    walk: &mut Walk<'a>,
) {
    if old == new {
        return;
    }
    let is_scalar = |value: &Value<'_>| !matches!(value, Value::Map(_) | Value::List(_));
    let is_ordered = list.is_ordered || strict;
    if old.iter().chain(new).all(is_scalar) {
        return if list.is_ordered { row(old, new, walk) } else { set(old, new, strict, walk) };
    }
    if let By::Keys(keys) = list.by
        && let (Some(old_names), Some(new_names)) = (names(old, keys, list.item), names(new, keys, list.item))
    {
        let sides = Sides { old, new, old_names: &old_names, new_names: &new_names };
        return keyed(sides, keys, list.item, (is_ordered, strict), walk);
    }
    by_content(old, new, list.item, (is_ordered, strict), walk);
}

/// What each item is told by, in the order of the list; `None` if an item has none of the keys or two have the same.
fn names(items: &[Value<'_>], keys: &[&str], item: Form) -> Option<Vec<String>> {
    let shape = match item {
        Form::Object(shape) => shape,
        _ => &super::shape::UNKNOWN,
    };
    let names: Vec<String> = items.iter().map(|item| name(item, keys, shape)).collect::<Option<_>>()?;
    let mut sorted: Vec<&String> = names.iter().collect();
    sorted.sort_unstable();
    sorted.windows(2).all(|pair| pair.first() != pair.last()).then_some(names)
}

/// The values of the keys, defaults where none are stated, with `/` between them: `8080/TCP`.
fn name(item: &Value<'_>, keys: &[&str], shape: &Shape) -> Option<String> {
    let mut parts: Vec<&str> = Vec::new();
    let mut is_stated = false;
    for key in keys {
        let stated = key.split('.').try_fold(item, Value::get);
        let default = match shape.field(key).map(|field| field.default) {
            Some(Default::Text(default) | Default::Number(default)) => default,
            _ => "",
        };
        parts.push(match stated {
            Some(Value::String(text) | Value::Number(text)) => {
                is_stated = true;
                text
            }
            Some(Value::Bool(true)) => "true",
            None | Some(Value::Null) => default,
            Some(_) => return None,
        });
    }
    // An ingress rule without a host and a toleration of everything have none of the keys; they are told by that.
    let has_defaults =
        keys.iter().all(|key| shape.field(key).is_some_and(|field| !matches!(field.default, Default::None)));
    let name = parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join("/");
    (is_stated || has_defaults).then_some(name)
}

struct Sides<'a, 'n> {
    old: &'a [Value<'a>],
    new: &'a [Value<'a>],
    old_names: &'n [String],
    new_names: &'n [String],
}

fn keyed<'a>(
    sides: Sides<'a, '_>,
    keys: &'static [&'static str],
    item: Form,
    (is_ordered, strict): (bool, bool),
    walk: &mut Walk<'a>,
) {
    let places: BTreeMap<&str, &'a Value<'a>> = sides.new_names.iter().map(String::as_str).zip(sides.new).collect();
    let known: BTreeMap<&str, &'a Value<'a>> = sides.old_names.iter().map(String::as_str).zip(sides.old).collect();
    let segment = |name: &str| Segment::Item { by: keys.to_vec(), is: name.to_owned() };
    for (name, old) in sides.old_names.iter().zip(sides.old) {
        match places.get(name.as_str()) {
            Some(new) if old == *new => {}
            Some(new) => {
                walk.path.push(segment(name));
                fields::value(old, new, item, strict, walk);
                walk.path.pop();
            }
            None => walk.push_at(segment(name), Edit::Removed(borrowed(old))),
        }
        if walk.is_done() {
            return;
        }
    }
    for (name, new) in sides.new_names.iter().zip(sides.new) {
        if !known.contains_key(name.as_str()) {
            walk.push_at(segment(name), Edit::Added(borrowed(new)));
        }
    }
    if is_ordered {
        let kept = |names: &[String], others: &BTreeMap<&str, &'a Value<'a>>| -> Vec<String> {
            names.iter().filter(|name| others.contains_key(name.as_str())).cloned().collect()
        };
        reordered(kept(sides.old_names, &places), kept(sides.new_names, &known), walk);
    }
}

fn reordered(old: Vec<String>, new: Vec<String>, walk: &mut Walk<'_>) {
    if old != new {
        walk.push(Edit::Reordered { old, new });
    }
}

/// What a scalar is told by: its text, and what a secret is, since all secrets read the same.
type Told = (Option<Sealed>, String);

fn told(value: &Value<'_>) -> Told {
    let sealed = if let Value::Sealed(sealed) = value { Some(*sealed) } else { None };
    (sealed, similar::whole(value))
}

/// Scalars whose order does not matter, but below a pod template.
fn set<'a>(old: &'a [Value<'a>], new: &'a [Value<'a>], strict: bool, walk: &mut Walk<'a>) {
    let all = |items: &[Value<'_>]| -> BTreeSet<Told> { items.iter().map(told).collect() };
    let (old_texts, new_texts) = (all(old), all(new));
    let is_in = |all: &BTreeSet<Told>, value: &Value<'_>| all.contains(&told(value));
    let segment = |value: &Value<'_>| Segment::Item { by: Vec::new(), is: similar::summary(value) };
    for value in old.iter().filter(|value| !is_in(&new_texts, value)) {
        walk.push_at(segment(value), Edit::Removed(borrowed(value)));
    }
    for value in new.iter().filter(|value| !is_in(&old_texts, value)) {
        walk.push_at(segment(value), Edit::Added(borrowed(value)));
    }
    if strict {
        let kept = |items: &[Value<'_>], others: &BTreeSet<Told>| -> Vec<String> {
            items.iter().filter(|value| is_in(others, value)).map(similar::summary).collect()
        };
        reordered(kept(old, &new_texts), kept(new, &old_texts), walk);
    }
}

/// Scalars in an order: arguments of a command.
fn row<'a>(old: &'a [Value<'a>], new: &'a [Value<'a>], walk: &mut Walk<'a>) {
    let head = old.iter().zip(new).take_while(|(old, new)| old == new).count();
    let (old_rest, new_rest) = (old.get(head..).unwrap_or_default(), new.get(head..).unwrap_or_default());
    let tail = old_rest.iter().rev().zip(new_rest.iter().rev()).take_while(|(old, new)| old == new).count();
    let old_rest = old_rest.get(..old_rest.len() - tail).unwrap_or_default();
    let new_rest = new_rest.get(..new_rest.len() - tail).unwrap_or_default();
    if old_rest.len() == new_rest.len() {
        let sorted = |items: &[Value<'_>]| {
            let mut all: Vec<Told> = items.iter().map(told).collect();
            all.sort_unstable();
            all
        };
        if old_rest.len() > 1 && sorted(old_rest) == sorted(new_rest) {
            let texts = |items: &[Value<'_>]| items.iter().map(similar::summary).collect();
            return walk.push(Edit::Reordered { old: texts(old), new: texts(new) });
        }
        for (index, (old, new)) in old_rest.iter().zip(new_rest).enumerate().filter(|(_, (old, new))| old != new) {
            let edit = Edit::Replaced { old: borrowed(old), new: borrowed(new) };
            walk.push_at(Segment::Index(head + index), edit);
        }
        return;
    }
    let common = similar::common(old_rest, new_rest);
    let (old_kept, new_kept): (BTreeSet<usize>, BTreeSet<usize>) = common.into_iter().unzip();
    for (index, value) in old_rest.iter().enumerate().filter(|(index, _)| !old_kept.contains(index)) {
        walk.push_at(Segment::Index(head + index), Edit::Removed(borrowed(value)));
    }
    for (index, value) in new_rest.iter().enumerate().filter(|(index, _)| !new_kept.contains(index)) {
        walk.push_at(Segment::Index(head + index), Edit::Added(borrowed(value)));
    }
}

/// Items that nothing tells apart: each is paired with the one that is most like it.
fn by_content<'a>(
    old: &'a [Value<'a>],
    new: &'a [Value<'a>],
    item: Form,
    (is_ordered, strict): (bool, bool),
    walk: &mut Walk<'a>,
) {
    let mut pairs = similar::pairs(old, new, |old, new| equal::values(old, new, item, strict));
    // Another name is another item: what one name says of a value does not hold of the other's.
    let called = |items: &'a [Value<'a>], at: usize| items.get(at).and_then(|item| item.get("name")?.as_str());
    pairs.retain(|(at, other)| match (called(old, *at), called(new, *other)) {
        (Some(before), Some(after)) => before == after,
        _ => true,
    });
    let segment = |items: &'a [Value<'a>], at: usize| match called(items, at) {
        Some(name) => Segment::Item { by: Vec::new(), is: format!("{name}#{at}") },
        None => Segment::Index(at),
    };
    let old_taken: BTreeSet<usize> = pairs.iter().map(|pair| pair.0).collect();
    let partners: BTreeMap<usize, usize> = pairs.iter().map(|(old, new)| (*new, *old)).collect();
    for (index, value) in old.iter().enumerate().filter(|(index, _)| !old_taken.contains(index)) {
        walk.push_at(segment(old, index), Edit::Removed(borrowed(value)));
    }
    for (index, value) in new.iter().enumerate() {
        match partners.get(&index).and_then(|at| old.get(*at)) {
            Some(before) => {
                walk.path.push(segment(new, index));
                fields::value(before, value, item, strict, walk);
                walk.path.pop();
            }
            None => walk.push_at(segment(new, index), Edit::Added(borrowed(value))),
        }
        if walk.is_done() {
            return;
        }
    }
    if is_ordered {
        // Each as it is called in the new list.
        let label = |(_, at): &(usize, usize)| {
            new.get(*at).map(|value| format!("{at}: {}", similar::summary(value))).unwrap_or_default()
        };
        let (mut before, mut after) = (pairs.clone(), pairs);
        before.sort_unstable_by_key(|pair| pair.0);
        after.sort_unstable_by_key(|pair| pair.1);
        reordered(before.iter().map(label).collect(), after.iter().map(label).collect(), walk);
    }
}
