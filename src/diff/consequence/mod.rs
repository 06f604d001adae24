//! What follows from a change: each [`ObjectChange`] gets its [`Consequence`]s.
//!
//! Input: changes, as the comparison finds them, and what else is known ([`Context`]). Output: at least one consequence for
//! each object, the worst first; each field that changed belongs to at least one of them. Rules read both versions of the
//! object and ask the changes only which of them to blame, so that they see the same however finely the comparison cuts.
//! Messages say names, numbers and sizes; what may be confidential (data, environment, arguments) is never in them.

mod availability;
mod config;
mod data;
mod effect;
mod exposure;
mod follow;
mod immutable;
mod lifecycle;
mod metadata;
mod minio;
mod operators;
mod permit;
mod pods;
mod postgresql;
mod privilege;
mod references;
mod restart;
mod subject;
mod surroundings;
mod transition;
mod versions;
mod whole;
mod words;

pub use immutable::{Row, rows};
pub use surroundings::{Context, Side, Surroundings};
pub use whole::Whole;

use super::change::{Class, Consequence, Fate, ObjectChange};
use subject::Subject;
use surroundings::World;

/// A rule: what it finds goes into the list, in the order in which it is to be read.
type Rule = fn(&Subject<'_>, &World<'_>, &mut Vec<Consequence>);

/// All rules. `effect` is the last: it speaks of what no other has spoken of.
const RULES: &[Rule] = &[
    lifecycle::rule,
    data::rule,
    immutable::rule,
    transition::rule,
    privilege::rule,
    exposure::rule,
    versions::rule,
    availability::rule,
    postgresql::rule,
    operators::rule,
    minio::rule,
    restart::rule,
    config::rule,
    effect::rule,
];

/// Finds what follows from each change, and puts it there, the worst first. What was there before is replaced. An object of
/// which nothing changed has no consequence.
pub fn classify(changes: &mut [ObjectChange<'_>], context: &Context<'_>) {
    let found: Vec<Vec<Consequence>> = {
        let world = World::new(changes, context);
        changes.iter().map(|change| consequences(change, &world)).collect()
    };
    for (change, consequences) in changes.iter_mut().zip(found) {
        (change.consequences, change.follows) = (consequences, None);
    }
    follow::follow(changes);
}

fn consequences(change: &ObjectChange<'_>, world: &World<'_>) -> Vec<Consequence> {
    if change.fate == Fate::Changed && change.fields.is_empty() {
        return Vec::new();
    }
    let subject = Subject::of(change);
    let mut found = Vec::new();
    if metadata::only_describes(&subject) {
        effect::rule(&subject, world, &mut found);
        debug_assert_eq!(found, by_all_rules(&subject, world), "a rule speaks of what is said to describe only");
    } else {
        found = by_all_rules(&subject, world);
    }
    for consequence in &mut found {
        consequence.message = line(&consequence.message);
    }
    // A stable sort: within a class, what a rule says first stays first.
    found.sort_by_key(|consequence| std::cmp::Reverse(consequence.class));
    if found.len() > 1
        && !immutable::is_partial(&subject)
        && let Some(refused) = found.iter_mut().find(|consequence| consequence.class == Class::Rejected)
    {
        refused.message.push_str("; nothing else of this change is applied either");
    }
    let mut seen: Vec<Consequence> = Vec::with_capacity(found.len());
    for consequence in found {
        match seen.iter_mut().find(|said| said.class == consequence.class && said.message == consequence.message) {
            Some(said) => said.fields.extend(consequence.fields),
            None => seen.push(consequence),
        }
    }
    for consequence in &mut seen {
        consequence.fields.sort_unstable();
        consequence.fields.dedup();
    }
    seen
}

fn by_all_rules(subject: &Subject<'_>, world: &World<'_>) -> Vec<Consequence> {
    let mut found = Vec::new();
    for rule in RULES {
        rule(subject, world, &mut found);
    }
    found
}

/// On one line, with one space between two words: names of foreign objects may hold anything.
fn line(text: &str) -> String {
    let bytes = text.as_bytes();
    let is_one = |two: &[u8]| matches!(two, [b'!'..=b'~', b' '..=b'~'] | [b' ', b'!'..=b'~']);
    // Nearly every message is one as it is.
    if bytes.windows(2).all(is_one) && !bytes.starts_with(b" ") && !text.ends_with([' ', '.']) && bytes.len() > 1 {
        return text.to_owned();
    }
    let mut line = String::with_capacity(text.len());
    for word in text.split_whitespace() {
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(word);
    }
    line.truncate(line.trim_end_matches('.').len());
    line
}

/// What a rule found.
fn found(class: Class, message: impl Into<String>, fields: Vec<usize>) -> Consequence {
    Consequence { class, message: message.into(), remedy: None, fields }
}

impl Consequence {
    /// With what to do about it.
    fn remedy(mut self, text: impl Into<String>) -> Self {
        self.remedy = Some(line(&text.into()));
        self
    }
}
