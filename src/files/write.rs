//! Makes an output directory hold a tree, or says how it differs from one.
//!
//! 1. look at everything ([`Snapshot`]);
//! 2. compare ([`Plan`]); refuse if anything is in the way; stop if nothing is to do;
//! 3. make all new bytes ready in the stage;
//! 4. look again: whoever edited a file in the meantime shall not lose it;
//! 5. put everything in place, `.dpjgen` last.

use std::path::Path;

use super::apply::{Apply, clear_stage};
use super::scan::{StagePlace, stage_of, stage_place};
use super::{Disk, OWNERSHIP_FILE, Ownership, Plan, Problem, RealDisk, Snapshot, Step, Tree, TreeDiff, WriteError};

/// How a tree is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct WriteOptions {
    /// Give up what was edited by hand in files of ours. Files that are not ours are safe all the same.
    pub force: bool,
}

/// What was done. Paths are relative to the output directory and sorted; `.dpjgen` itself is not among them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct WriteReport {
    /// New files, and those with new bytes.
    pub written: Vec<String>,
    /// What is no longer wanted.
    pub removed: Vec<String>,
    /// What was right already and was not touched.
    pub unchanged: Vec<String>,
    /// What was right already, was not touched, and is owned from now on.
    pub adopted: Vec<String>,
    /// What is not dpjgen's, was not touched, and stays.
    pub foreign: Vec<String>,
    /// Set if the tree is complete but the working directory beside it could not be removed: a sentence that says so.
    pub leftover: Option<String>,
}

/// Makes `dir` hold exactly the files of `tree`, what it held that is not dpjgen's, and `.dpjgen`.
pub fn write_tree(dir: &Path, tree: &Tree, options: WriteOptions) -> Result<WriteReport, WriteError> {
    write_tree_on(&mut RealDisk, dir, tree, options)
}

/// [`write_tree`] with a disk of one's own, so that every operation can be made to fail.
pub fn write_tree_on(
    disk: &mut dyn Disk,
    dir: &Path,
    tree: &Tree,
    options: WriteOptions,
) -> Result<WriteReport, WriteError> {
    let new = tree.digests();
    let ownership = new.to_bytes();
    let stage = stage_of(dir)?;
    let mut plan = Plan::new(&Snapshot::take(dir, tree), &new, options.force);
    let place = stage_place(&stage);
    if let StagePlace::Taken(problem) = &place
        && !plan.steps.is_empty()
    {
        plan.problems.push(problem.clone());
    }
    if !plan.problems.is_empty() {
        return Err(WriteError::refused(plan.problems));
    }
    let cleared = if let StagePlace::Leftover = place { clear_stage(disk, &stage) } else { Ok(()) };
    let leftover = if plan.steps.is_empty() {
        cleared.err()
    } else {
        cleared.map_err(|error| WriteError::io("remove the working directory", &stage, &error))?;
        let bytes = |path: &str| if path == OWNERSHIP_FILE { &ownership } else { tree.get(path).unwrap_or_default() };
        let check = || still_holds(&plan, dir, tree, &new, options);
        Apply::new(disk, dir, &stage).run(&plan, &bytes, &check)?
    };
    let leftover =
        leftover.map(|error| format!("could not remove the working directory `{}`: {error}", stage.display()));
    Ok(report(plan, leftover))
}

/// How `dir` differs from `tree`. Hand edits and whatever would be in the way of writing are differences, not errors;
/// refused is only what can not be read.
pub fn compare_tree(dir: &Path, tree: &Tree) -> Result<TreeDiff, WriteError> {
    let found = Snapshot::take(dir, tree);
    if !found.problems.is_empty() {
        return Err(WriteError::refused(found.problems));
    }
    Ok(Plan::new(&found, &tree.digests(), false).diff)
}

/// Whether the same would be planned now.
fn still_holds(plan: &Plan, dir: &Path, tree: &Tree, new: &Ownership, options: WriteOptions) -> Result<(), WriteError> {
    let now = Plan::new(&Snapshot::take(dir, tree), new, options.force);
    if !now.problems.is_empty() {
        return Err(WriteError::refused(now.problems));
    }
    let differs = |a: &Plan, b: &Plan| -> Vec<Problem> {
        let gone = a.steps.iter().filter(|step| !b.steps.contains(step));
        gone.map(|step| Problem::Changed { path: step.path().to_owned() }).collect()
    };
    if plan.steps == now.steps {
        return Ok(());
    }
    let mut problems = differs(plan, &now);
    problems.extend(differs(&now, plan));
    Err(WriteError::refused(problems))
}

fn report(plan: Plan, leftover: Option<String>) -> WriteReport {
    let paths = |wanted: fn(&Step) -> bool| {
        let steps = plan.steps.iter().filter(|step| wanted(step) && step.path() != OWNERSHIP_FILE);
        let mut paths: Vec<String> = steps.map(|step| step.path().to_owned()).collect();
        paths.sort_unstable();
        paths
    };
    WriteReport {
        written: paths(|step| matches!(step, Step::Write { .. })),
        removed: paths(|step| matches!(step, Step::Remove { .. })),
        unchanged: plan.unchanged,
        adopted: plan.adopted,
        foreign: plan.foreign,
        leftover,
    }
}
