//! Data that may be lost: volumes and databases that go, backups that go or end.

mod backup;
mod removal;
mod scale;
mod storage;

pub(super) use removal::{Guard, guard, lost};

use super::subject::Subject;
use super::surroundings::World;
use crate::diff::change::Consequence;

pub(super) fn rule(subject: &Subject<'_>, _: &World<'_>, out: &mut Vec<Consequence>) {
    if subject.is_gone() {
        removal::rule(subject, out);
    }
    if subject.is_changed() {
        storage::rule(subject, out);
        scale::rule(subject, out);
        removal::protection(subject, out);
    }
    backup::rule(subject, out);
}
