//! A workload that is called otherwise: what bears its name or names it says the same of the new name as of the old one, and
//! is no matter of its own.

use super::found;
use super::pods::template_path;
use crate::diff::change::{Class, Consequence, Fate, ObjectChange};
use crate::diff::names::Renaming;
use std::collections::BTreeMap;

/// Finds what follows a renamed workload, says so, and puts the rest to the workload.
pub(super) fn follow(changes: &mut [ObjectChange<'_>]) {
    let is_workload = |change: &&(usize, &ObjectChange<'_>)| {
        let (_, change) = change;
        change.id.kind != "Pod" && template_path(&change.id.group, &change.id.kind).is_some()
    };
    let workloads: Vec<(usize, &ObjectChange<'_>)> = changes
        .iter()
        .enumerate()
        .filter(|(_, change)| Renaming::of(change).is_some())
        .filter(|change| is_workload(&change))
        .take(MOST)
        .collect();
    let mut followers: BTreeMap<usize, (usize, Vec<Consequence>)> = BTreeMap::new();
    let mut services: BTreeMap<usize, Consequence> = BTreeMap::new();
    for (main, workload) in workloads {
        let Some(renaming) = Renaming::of(workload) else { continue };
        let what = format!("{} {}", workload.id.kind, workload.id.name);
        for (index, change) in changes.iter().enumerate().filter(|(index, _)| *index != main) {
            let Some(text) = follows(change, workload, renaming, &what, changes) else { continue };
            if let (Fate::Renamed { from }, "Service") = (&change.fate, change.id.kind.as_str()) {
                let text = format!(
                    "the Service {} is gone and {} is new: who still calls the old name fails",
                    from.name, change.id.name
                );
                services.insert(main, found(Class::AvailabilityLower, text, Vec::new()));
            }
            let class = if matches!(change.fate, Fate::Renamed { .. }) { Class::Recreate } else { Class::InPlace };
            followers.entry(index).or_insert((main, vec![found(class, text, (0..change.fields.len()).collect())]));
        }
    }
    for (index, (main, consequences)) in followers {
        if let Some(change) = changes.get_mut(index) {
            (change.follows, change.consequences) = (Some(main), consequences);
        }
    }
    for (main, consequence) in services {
        if let Some(change) = changes.get_mut(main) {
            change.consequences.push(consequence);
            change.consequences.sort_by_key(|consequence| std::cmp::Reverse(consequence.class));
        }
    }
}

/// Workloads of which it is looked for what follows them: each is a look at all changes.
const MOST: usize = 64;

/// What is said of a change that does no more than follow a workload; `None` if it does more.
fn follows(
    change: &ObjectChange<'_>,
    workload: &ObjectChange<'_>,
    renaming: Renaming<'_>,
    what: &str,
    changes: &[ObjectChange<'_>],
) -> Option<String> {
    let id = &change.id;
    let allowed: &[Class] = match &change.fate {
        Fate::Changed => &[Class::ExposureWider, Class::ExposureNarrower, Class::InPlace, Class::Metadata],
        _ => &[
            Class::Recreate,
            Class::AvailabilityLower,
            Class::ExposureWider,
            Class::ExposureNarrower,
            Class::InPlace,
            Class::Metadata,
        ],
    };
    if !change.consequences.iter().all(|consequence| allowed.contains(&consequence.class)) {
        return None;
    }
    let is_own = id.namespace == workload.id.namespace;
    match &change.fate {
        Fate::Changed => {
            let all = !change.fields.is_empty() && renaming.fields(&change.fields).len() == change.fields.len();
            all.then(|| format!("it names {what}, as that is called from now on"))
        }
        Fate::Renamed { from } => {
            let all = renaming.fields(&change.fields).len() == change.fields.len();
            (all && is_own && from.namespace == id.namespace && renaming.turns(&from.name, &id.name))
                .then(|| format!("it is renamed with {what}: the old {} is removed, and a new one is made", id.kind))
        }
        // What says too little to be taken for the same object comes and goes.
        Fate::Added | Fate::Removed => {
            let is_new = change.fate == Fate::Added;
            if !is_own || !renaming.is_in(&id.name, is_new) {
                return None;
            }
            let is_other = |other: &&ObjectChange<'_>| {
                let (old, new) = if is_new { (*other, change) } else { (change, *other) };
                (&old.fate, &new.fate) == (&Fate::Removed, &Fate::Added)
                    && (&old.id.kind, &old.id.group, &old.id.namespace)
                        == (&new.id.kind, &new.id.group, &new.id.namespace)
                    && renaming.turns(&old.id.name, &new.id.name)
                    && matches!((old.old, new.new), (Some(old), Some(new)) if renaming.turns_value(&old.value, &new.value))
            };
            changes.iter().find(is_other)?;
            Some(if is_new {
                format!("it is new with {what}, in place of the old one")
            } else {
                format!("it goes with the old name of {what}")
            })
        }
    }
}
