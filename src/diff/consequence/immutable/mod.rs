//! Fields that an update cannot change: [`rows`] is the table of them.

mod core;
mod operator_rows;
mod operators;
mod rows;

pub(super) use operators::NAMED_LATER;
pub use rows::{Row, rows};

use super::data::lost;
use super::found;
use super::subject::{Subject, annotation, at};
use super::surroundings::World;
use super::words::list;
use crate::diff::change::{Class, Consequence};
use crate::manifest::Value;

/// What a row found.
struct Hit {
    /// Why, where the row's own words are not enough: `storage 100Gi → 50Gi`.
    text: String,
    fields: Vec<usize>,
}

pub(super) fn rule(subject: &Subject<'_>, _: &World<'_>, out: &mut Vec<Consequence>) {
    let kind = subject.kind();
    let start = out.len();
    for row in rows().filter(|row| row.kinds.contains(&"*") || row.kinds.contains(&kind.as_ref())) {
        let Some(hit) = row.hit(subject) else { continue };
        let consequence = found(row.class, hit.text, hit.fields);
        out.push(if row.remedy.is_empty() {
            consequence
        } else {
            consequence.remedy(row.remedy.replace("NAME", &subject.id.name))
        });
    }
    if let Some(how) = replaced(subject) {
        let hits: Vec<usize> = out.iter().skip(start).flat_map(|consequence| consequence.fields.clone()).collect();
        if let Some((lost, remedy)) = lost(subject).filter(|_| !hits.is_empty()) {
            out.push(
                found(Class::DataAtRisk, format!("Argo CD deletes it to make it anew: {lost}"), hits).remedy(remedy),
            );
        }
        for consequence in out.iter_mut().skip(start).filter(|consequence| consequence.class == Class::Rejected) {
            consequence.class = Class::Recreate;
            how.clone_into(&mut consequence.message);
            consequence.remedy = None;
        }
    }
}

/// Whether only parts of the change are refused: an operator passes over them and carries out the rest.
pub(super) fn is_partial(subject: &Subject<'_>) -> bool {
    let kind = subject.kind();
    let mut partial = rows().filter(|row| !row.whole && row.kinds.contains(&kind.as_ref()));
    partial.any(|row| row.hit(subject).is_some())
}

impl Row {
    fn hit(&self, subject: &Subject<'_>) -> Option<Hit> {
        // Only a name is a matter of other objects than changed ones.
        if !subject.is_changed() && self.kinds != ["*"] {
            return None;
        }
        if let Some(test) = self.test {
            return test(subject);
        }
        let paths: Vec<&str> = self.paths.iter().copied().filter(|path| !subject.touched(path).is_empty()).collect();
        let fields = subject.touched_any(paths.iter().copied());
        (!fields.is_empty())
            .then(|| Hit { text: format!("{} refuses this: {} cannot be changed", self.by, list(&paths)), fields })
    }
}

/// How the object comes to be made anew instead, if Argo CD is told to.
///
/// Source: Argo CD, "Resource Hooks" (without a policy it is `BeforeHookCreation`), "Sync Options" (`Replace` alone
/// replaces in place, which the API server refuses; with `Force` it deletes first).
fn replaced(subject: &Subject<'_>) -> Option<&'static str> {
    if annotation(subject.new, "argocd.argoproj.io/hook").is_some() {
        let policy = annotation(subject.new, "argocd.argoproj.io/hook-delete-policy").unwrap_or("");
        if policy.is_empty() || policy.contains("BeforeHookCreation") {
            return Some(match subject.id.kind.as_str() {
                "Job" => {
                    "Argo CD deletes the Job and makes it anew at the next sync, as at each: it runs again, as it is now"
                }
                _ => "Argo CD deletes it and makes it anew at the next sync, as at each (hook)",
            });
        }
    }
    let options = annotation(subject.new, "argocd.argoproj.io/sync-options")?;
    let has = |option: &str| options.split(',').any(|stated| stated.trim() == option);
    (has("Replace=true") && has("Force=true")).then_some(match subject.id.kind.as_str() {
        "Job" => "Argo CD deletes the Job and makes it anew (Replace=true, Force=true): it runs again",
        _ => "Argo CD deletes it and makes it anew (Replace=true, Force=true): what it runs is gone meanwhile",
    })
}

/// A quantity below which a volume would have to shrink: `100Gi → 50Gi`, if it does.
fn shrinks(old: Option<&Value<'_>>, new: Option<&Value<'_>>) -> Option<String> {
    use crate::value::{Leaf, Quantity};
    let read = |value: Option<&Value<'_>>| match value? {
        Value::String(text) | Value::Number(text) => Quantity::parse(text).ok(),
        _ => None,
    };
    let (before, after) = (read(old)?, read(new)?);
    (after.nanos() < before.nanos()).then(|| format!("{} → {}", before.as_str(), after.as_str()))
}

/// `path old → new` of those paths that shrink.
fn shrinking(subject: &Subject<'_>, paths: &[&str]) -> Option<Hit> {
    let mut texts = Vec::new();
    let mut fields = Vec::new();
    for path in paths {
        let (old, new) = (at(subject.old, path), at(subject.new, path));
        if let Some(text) = shrinks(old, new) {
            texts.push(text);
            fields.extend(subject.touched(path));
        }
    }
    (!texts.is_empty()).then(|| Hit { text: list(&texts), fields })
}
