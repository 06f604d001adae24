//! How alike two values are, and which of two lists belong together.

use crate::manifest::Value;
use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet, VecDeque};

/// The most pairs of items that are all compared with each other; of longer lists only items that share something rare.
const MOST_PAIRS: usize = 4_096;
/// How alike two items have to be to be the same one with a change, in hundredths.
const ALIKE: usize = 50;
/// How many items of a long list may say something for it to be rare, and how many of those that share most of it with
/// an item are compared with it.
const RARE: usize = 8;

/// What of two lists belongs together, each item at most once: first what is the same, then what is most alike. Sorted.
pub(super) fn pairs<'a>(
    old: &'a [Value<'a>],
    new: &'a [Value<'a>],
    is_same: impl Fn(&'a Value<'a>, &'a Value<'a>) -> bool,
) -> Vec<(usize, usize)> {
    let same = |at: usize, other: usize| match (old.get(at), new.get(other)) {
        (Some(old), Some(new)) => is_same(old, new),
        _ => false,
    };
    // In place first: most items have not moved.
    let mut pairs: Vec<(usize, usize)> =
        (0..old.len().min(new.len())).filter(|at| same(*at, *at)).map(|at| (at, at)).collect();
    let in_place: BTreeSet<usize> = pairs.iter().map(|(at, _)| *at).collect();
    let left = |length: usize| -> Vec<usize> { (0..length).filter(|at| !in_place.contains(at)).collect() };
    let (mut old_left, mut new_left) = (left(old.len()), left(new.len()));
    let scores = if old_left.len().saturating_mul(new_left.len()) > MOST_PAIRS {
        of_long_lists([old, new], [&mut old_left, &mut new_left], &mut pairs)
    } else {
        old_left.retain(|at| match new_left.iter().position(|other| same(*at, *other)) {
            Some(found) => {
                pairs.push((*at, new_left.remove(found)));
                false
            }
            None => true,
        });
        let mut scores = Vec::new();
        for at in &old_left {
            for other in &new_left {
                let (Some(old), Some(new)) = (old.get(*at), new.get(*other)) else { continue };
                scores.push((likeness(old, new), *at, *other));
            }
        }
        scores
    };
    most_alike(scores, [&mut old_left, &mut new_left], &mut pairs);
    // What is left alone on both sides is one item with a change if it states the same things.
    if let ([at], [other]) = (old_left.as_slice(), new_left.as_slice())
        && matches!((old.get(*at), new.get(*other)), (Some(old), Some(new)) if has_same_keys(old, new))
    {
        pairs.push((*at, *other));
    }
    pairs.sort_unstable();
    pairs
}

/// How alike two items are, and where they stand in both lists.
type Score = (usize, usize, usize);

/// Pairs the most alike first; of equals, those that moved least.
fn most_alike(mut scores: Vec<Score>, [old, new]: [&mut Vec<usize>; 2], pairs: &mut Vec<(usize, usize)>) {
    scores.retain(|(score, ..)| *score >= ALIKE);
    scores.sort_unstable_by_key(|(score, at, other)| (usize::MAX - score, at.abs_diff(*other), *at, *other));
    let mut old_left: BTreeSet<usize> = old.iter().copied().collect();
    let mut new_left: BTreeSet<usize> = new.iter().copied().collect();
    for (_, at, other) in scores {
        if old_left.contains(&at) && new_left.contains(&other) {
            old_left.remove(&at);
            new_left.remove(&other);
            pairs.push((at, other));
        }
    }
    old.retain(|at| old_left.contains(at));
    new.retain(|at| new_left.contains(at));
}

/// Pairs of long lists what says the same, and compares of the rest only items that share something rare, or that stand at
/// the same place: the effort grows with the lists' length, not with its square.
fn of_long_lists<'a>(
    [old, new]: [&'a [Value<'a>]; 2],
    [old_left, new_left]: [&mut Vec<usize>; 2],
    pairs: &mut Vec<(usize, usize)>,
) -> Vec<Score> {
    let sums = |items: &[Value<'_>], left: &[usize]| -> BTreeMap<usize, Vec<u64>> {
        let sorted = |at: &usize| {
            let mut sums = leaves(items.get(*at)?);
            sums.sort_unstable();
            Some((*at, sums))
        };
        left.iter().filter_map(sorted).collect()
    };
    let (old_sums, new_sums) = (sums(old, old_left), sums(new, new_left));
    let of = |sums: &BTreeMap<usize, Vec<u64>>, at: usize| sums.get(&at).cloned().unwrap_or_default();
    let mut by_content: BTreeMap<&[u64], VecDeque<usize>> = BTreeMap::new();
    for (at, sums) in &new_sums {
        by_content.entry(sums).or_default().push_back(*at);
    }
    let mut taken = BTreeSet::new();
    old_left.retain(|at| {
        let same = old_sums.get(at).and_then(|sums| by_content.get_mut(sums.as_slice())?.pop_front());
        pairs.extend(same.map(|other| (*at, other)));
        taken.extend(same);
        same.is_none()
    });
    new_left.retain(|at| !taken.contains(at));
    let mut by_leaf: BTreeMap<u64, Vec<usize>> = BTreeMap::new();
    for at in new_left.iter() {
        for sum in of(&new_sums, *at) {
            by_leaf.entry(sum).or_default().push(*at);
        }
    }
    let mut scores = Vec::new();
    for at in old_left.iter() {
        let own = of(&old_sums, *at);
        let mut votes: BTreeMap<usize, usize> = BTreeMap::new();
        for other in own.iter().filter_map(|sum| by_leaf.get(sum)).filter(|who| who.len() <= RARE).flatten() {
            *votes.entry(*other).or_default() += 1;
        }
        if new_left.binary_search(at).is_ok() {
            votes.entry(*at).or_default();
        }
        let mut best: Vec<(usize, usize)> = votes.into_iter().collect();
        best.sort_by_key(|(other, votes)| (usize::MAX - votes, at.abs_diff(*other)));
        let place = best.iter().position(|(other, _)| other == at).filter(|place| *place >= RARE);
        let in_place = place.and_then(|place| best.get(place).copied());
        best.truncate(RARE);
        for (other, _) in best.into_iter().chain(in_place) {
            scores.push((shared(&own, &of(&new_sums, other)), *at, other));
        }
    }
    scores
}

fn has_same_keys(old: &Value<'_>, new: &Value<'_>) -> bool {
    match (old, new) {
        (Value::Map(old), Value::Map(new)) => {
            old.len() == new.len() && old.iter().zip(new).all(|((old, _), (new, _))| old == new)
        }
        _ => false,
    }
}

/// How many hundredths of their leaves two values share.
pub(super) fn likeness(old: &Value<'_>, new: &Value<'_>) -> usize {
    let (mut old_leaves, mut new_leaves) = (leaves(old), leaves(new));
    old_leaves.sort_unstable();
    new_leaves.sort_unstable();
    shared(&old_leaves, &new_leaves)
}

/// How many hundredths of two sorted lists are in both.
pub(super) fn shared(old: &[u64], new: &[u64]) -> usize {
    let total = old.len() + new.len();
    if total == 0 {
        return 100;
    }
    let (mut old, mut new, mut both) = (old.iter().peekable(), new.iter().peekable(), 0);
    while let (Some(left), Some(right)) = (old.peek(), new.peek()) {
        match left.cmp(right) {
            std::cmp::Ordering::Less => {
                old.next();
            }
            std::cmp::Ordering::Greater => {
                new.next();
            }
            std::cmp::Ordering::Equal => {
                both += 2;
                old.next();
                new.next();
            }
        }
    }
    both * 100 / total
}

/// A sum for each leaf of a value, of its path without the places in lists and of what it says.
fn leaves(value: &Value<'_>) -> Vec<u64> {
    let mut out = Vec::new();
    add(value, Sum::START, None, &mut out);
    out
}

/// The same for a field of an object of a name: a leaf that contains the name says the same as one that contains another
/// object's name at that place.
pub(super) fn leaves_of(key: &str, value: &Value<'_>, name: &str, out: &mut Vec<u64>) {
    add(value, Sum::START.and(key.as_bytes()), Some(name), out);
}

fn add(value: &Value<'_>, path: Sum, name: Option<&str>, out: &mut Vec<u64>) {
    match value {
        Value::Null => {}
        Value::Map(entries) if !entries.is_empty() => {
            for (key, value) in entries {
                add(value, path.and(key.as_bytes()).and(b"."), name, out);
            }
        }
        Value::List(items) if !items.is_empty() => items.iter().for_each(|item| add(item, path.and(b"[]"), name, out)),
        Value::String(text) => {
            let text = match name {
                Some(name) if name.len() > 2 && text.contains(name) => Cow::Owned(text.replace(name, "\0")),
                _ => Cow::Borrowed(text.as_ref()),
            };
            out.push(path.and(b"'").and(text.as_bytes()).0);
        }
        other => out.push(path.and(whole(other).as_bytes()).0),
    }
}

/// FNV-1a: the same on every machine.
#[derive(Clone, Copy)]
struct Sum(u64);

impl Sum {
    const START: Sum = Sum(0xcbf2_9ce4_8422_2325);

    fn and(self, bytes: &[u8]) -> Sum {
        Sum(bytes.iter().fold(self.0, |sum, byte| (sum ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3)))
    }
}

/// The longest common subsequence of two lists, as pairs of places; of long ones, what is the same in place.
pub(super) fn common(old: &[Value<'_>], new: &[Value<'_>]) -> Vec<(usize, usize)> {
    let width = new.len() + 1;
    if old.len().saturating_mul(new.len()) > MOST_PAIRS * 16 {
        return (0..old.len().min(new.len())).filter(|at| old.get(*at) == new.get(*at)).map(|at| (at, at)).collect();
    }
    // lengths[i * width + j]: of old[i..] and new[j..].
    let mut lengths = vec![0_usize; (old.len() + 1) * width];
    let length = |lengths: &[usize], i: usize, j: usize| lengths.get(i * width + j).copied().unwrap_or(0);
    for (i, left) in old.iter().enumerate().rev() {
        for (j, right) in new.iter().enumerate().rev() {
            let best = if left == right {
                length(&lengths, i + 1, j + 1) + 1
            } else {
                length(&lengths, i + 1, j).max(length(&lengths, i, j + 1))
            };
            if let Some(cell) = lengths.get_mut(i * width + j) {
                *cell = best;
            }
        }
    }
    let (mut i, mut j, mut found) = (0, 0, Vec::new());
    while let (Some(left), Some(right)) = (old.get(i), new.get(j)) {
        if left == right {
            found.push((i, j));
            (i, j) = (i + 1, j + 1);
        } else if length(&lengths, i + 1, j) >= length(&lengths, i, j + 1) {
            i += 1;
        } else {
            j += 1;
        }
    }
    found
}

/// What an item is called: its name, or all that it says. Whoever shows it hides what is secret in it, then cuts it.
pub(super) fn summary(value: &Value<'_>) -> String {
    if let Some(name) = value.get("name").and_then(Value::as_str) {
        return name.to_owned();
    }
    match value {
        Value::String(text) => text.as_ref().to_owned(),
        other => whole(other),
    }
}

/// All that a value says, in one line.
pub(super) fn whole(value: &Value<'_>) -> String {
    match value {
        Value::Null => "null".to_owned(),
        Value::Bool(value) => value.to_string(),
        Value::Number(text) => text.as_ref().to_owned(),
        Value::String(text) => format!("\"{text}\""),
        Value::Sealed(sealed) => sealed.to_string(),
        Value::List(items) => format!("[{}]", items.iter().map(whole).collect::<Vec<_>>().join(", ")),
        Value::Map(entries) => {
            let entries = entries.iter().map(|(key, value)| format!("{key}: {}", whole(value)));
            format!("{{{}}}", entries.collect::<Vec<_>>().join(", "))
        }
    }
}
