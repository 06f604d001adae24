//! Objects that are gone and new ones that are alike: another name, or another namespace.

use super::similar;
use crate::manifest::{Manifest, Value};
use std::collections::{BTreeMap, BTreeSet};

/// How many hundredths of their leaves two objects of different names must share.
const ALIKE: usize = 80;
/// The same where the name is the same and only the namespace is another one.
const ALIKE_MOVED: usize = 50;
/// Objects with fewer leaves say too little to be recognised.
const FEWEST_LEAVES: usize = 4;
/// The most pairs of a kind that are compared; of larger changes only those of one name or of the same content are found.
const MOST_PAIRS: usize = 20_000;

/// An object and the sums of its leaves.
struct Candidate<'a> {
    manifest: &'a Manifest<'a>,
    leaves: Vec<u64>,
}

/// Takes what belongs together out of both lists.
pub(super) fn pairs<'a>(
    removed: &mut Vec<&'a Manifest<'a>>,
    added: &mut Vec<&'a Manifest<'a>>,
) -> Vec<(&'a Manifest<'a>, &'a Manifest<'a>)> {
    type Kinds<'a> = BTreeMap<(&'a str, &'a str), [Vec<&'a Manifest<'a>>; 2]>;
    let mut kinds: Kinds<'a> = BTreeMap::new();
    for manifest in removed.iter() {
        let [old, _] = kinds.entry((&manifest.id.group, &manifest.id.kind)).or_default();
        old.push(manifest);
    }
    for manifest in added.iter() {
        // A kind that only comes or only goes has nothing to be paired with.
        if let Some([_, new]) = kinds.get_mut(&(manifest.id.group.as_str(), manifest.id.kind.as_str())) {
            new.push(manifest);
        }
    }
    let mut found = Vec::new();
    for [old, new] in kinds.into_values() {
        if !new.is_empty() {
            of_kind(&old, &new, &mut found);
        }
    }
    let address = |manifest: &'a Manifest<'a>| std::ptr::from_ref(manifest).addr();
    let taken: BTreeSet<usize> = found.iter().flat_map(|(old, new)| [address(old), address(new)]).collect();
    removed.retain(|manifest| !taken.contains(&address(manifest)));
    added.retain(|manifest| !taken.contains(&address(manifest)));
    found
}

fn of_kind<'a>(
    old: &[&'a Manifest<'a>],
    new: &[&'a Manifest<'a>],
    found: &mut Vec<(&'a Manifest<'a>, &'a Manifest<'a>)>,
) {
    let old: Vec<Candidate<'a>> = old.iter().map(|manifest| candidate(manifest)).collect();
    let new: Vec<Candidate<'a>> = new.iter().map(|manifest| candidate(manifest)).collect();
    let mut scores: Vec<(usize, usize, usize)> = Vec::new();
    let mut by_name: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    let mut by_content: BTreeMap<&[u64], Vec<usize>> = BTreeMap::new();
    let is_bounded = old.len().saturating_mul(new.len()) <= MOST_PAIRS;
    for (index, candidate) in new.iter().enumerate() {
        by_name.entry(&candidate.manifest.id.name).or_default().push(index);
        by_content.entry(&candidate.leaves).or_default().push(index);
    }
    for (at, before) in old.iter().enumerate() {
        let all: Vec<usize> = if is_bounded {
            (0..new.len()).collect()
        } else {
            let named = by_name.get(before.manifest.id.name.as_str()).into_iter().flatten();
            let same = by_content.get(before.leaves.as_slice()).into_iter().flatten();
            named.chain(same).copied().take(MOST_PAIRS / old.len().max(1) + 1).collect()
        };
        for other in all {
            let Some(after) = new.get(other) else { continue };
            let has_name = before.manifest.id.name == after.manifest.id.name;
            let score = similar::shared(&before.leaves, &after.leaves);
            let is_enough = before.leaves.len().min(after.leaves.len()) >= FEWEST_LEAVES;
            if (has_name && score >= ALIKE_MOVED) || (is_enough && score >= ALIKE) {
                // One of the same name goes before one that is more alike.
                scores.push((score + if has_name { 100 } else { 0 }, at, other));
            }
        }
    }
    scores.sort_unstable_by_key(|(score, at, other)| (usize::MAX - score, *at, *other));
    let (mut old_taken, mut new_taken) = (vec![false; old.len()], vec![false; new.len()]);
    for (_, at, other) in scores {
        let (Some(old_taken), Some(new_taken)) = (old_taken.get_mut(at), new_taken.get_mut(other)) else { continue };
        if *old_taken || *new_taken {
            continue;
        }
        (*old_taken, *new_taken) = (true, true);
        if let (Some(old), Some(new)) = (old.get(at), new.get(other)) {
            found.push((old.manifest, new.manifest));
        }
    }
}

/// What an object says but its name and namespace.
fn candidate<'a>(manifest: &'a Manifest<'a>) -> Candidate<'a> {
    let mut leaves = Vec::new();
    for (key, value) in manifest.value.entries() {
        match (key.as_ref(), value) {
            ("apiVersion" | "kind" | "status", _) => {}
            ("metadata", Value::Map(entries)) => {
                for (key, value) in entries.iter().filter(|(key, _)| key == "labels" || key == "annotations") {
                    similar::leaves_of(key, value, &manifest.id.name, &mut leaves);
                }
            }
            _ => similar::leaves_of(key, value, &manifest.id.name, &mut leaves),
        }
    }
    leaves.sort_unstable();
    Candidate { manifest, leaves }
}
