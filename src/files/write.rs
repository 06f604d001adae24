//! Makes trees of an output root hold what they should, all or nothing, whatever happens on the way.
//!
//! # The protocol
//!
//! 1. **Lock** the root. A second run waits ([`WriteOptions::wait`]), then refuses.
//! 2. **Roll forward**: if a journal is there, a run was committed and did not come to its end; its changes are done
//!    now.
//! 3. **Look and compare** ([`Snapshot`], [`Plan`]). Anything in the way: refuse. Nothing to do: stop.
//! 4. **Stage** the new bytes in `.dpjgen-stage/`, with the journal under another name, and bring all of it to the
//!    disk.
//! 5. **Commit**: rename the journal to its name, and bring that to the disk.
//! 6. **Look again** at all that will be replaced or removed: if somebody edited one of them, take the commit back.
//! 7. **Apply**: rename and remove what the journal says, each file only if it is still what it was; the ownership file
//!    of each tree last. Bring the directories to the disk.
//! 8. **Close**: remove the journal, bring that to the disk, remove the stage.
//!
//! All trees of a run have one journal, so that they change together.
//!
//! # Why a tree is always whole
//!
//! What the protocol rests on, and nothing more:
//!
//! - POSIX `rename` replaces a name at once: whoever opens the path gets the old file or the new one. A process that is
//!   killed has done it or has not. So before step 5 nothing in a tree has changed, and after it the journal is there
//!   until the tree is exactly the new one.
//! - After a power cut, only what `fsync` (or `syncfs`, which does it for all of a file system) returned for is sure to
//!   be there: of a file its bytes, of a directory its names. File systems write names and bytes in any order. Hence
//!   step 4: without it, a journal could come back whose files are empty. The rename of step 5 itself: without it, a
//!   change of step 7 could come back without the journal. The end of step 7: without it, the journal could be gone and
//!   a change of the trees with it. Step 8: without it, the journal could come back when its stage is gone.
//! - A change looks at what is there before it does anything, so that a journal can be followed any number of times,
//!   also when a run is killed while following another's. A run that takes up a journal brings it to the disk first (it
//!   may be seen and not be on the disk yet), and at the end also the directories in which it had nothing left to do.
//! - The lock is the kernel's (`flock` on the directory itself, which leaves no trace in it): it ends with the process.
//!   Where a directory can not be locked, that is so of a file in it, which stays.
//!
//! `faults.rs` holds all of this against a disk that stops before and in each operation, and forgets what was not
//! brought to it; it also shows that each of these waits is needed.
//!
//! # What somebody else edits meanwhile
//!
//! Until step 6 an edit is in the way, and everything is as it was. After it (that is, between two runs, or in the
//! moments of step 7) an edited file stays as it is, the rest is completed, and the run says so and ends with an error
//! ([`WriteError::Kept`]), unless edits are given up. What remains is the instant between the look at a file and its
//! rename, for which no system has an operation.

use std::path::{Path, PathBuf};
use std::time::Duration;

use super::apply::{Apply, JournalOr};
use super::journal::Journal;
use super::lock::{lock, pending_on};
use super::operations::kind_of;
use super::scan::Wanted;
use super::stage::{Place, Staging, above};
use super::{
    Disk, JournalFault, Kind, OWNERSHIP_FILE, Obstacle, Plan, Problem, RealDisk, STAGE_DIR, Sharing, Snapshot, Step,
    Tree, TreeDiff, WriteError,
};

/// How a tree is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WriteOptions {
    /// Give up what was edited by hand in files of ours. Files that are not ours are safe all the same.
    pub force: bool,
    /// How long another run is waited for.
    pub wait: Duration,
}

impl Default for WriteOptions {
    fn default() -> Self {
        WriteOptions { force: false, wait: Duration::from_secs(10) }
    }
}

/// What was done to a tree. Paths are relative to it and sorted; `.dpjgen` itself is not among them.
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
}

/// What was done to an output root.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Written {
    /// One for each tree, in the order in which they were given.
    pub trees: Vec<WriteReport>,
    /// Whether a run that had not come to its end was completed first.
    pub completed: bool,
    /// Set if the trees are complete but the working directory beside them could not be removed: a sentence that says
    /// so.
    pub leftover: Option<String>,
}

/// Makes each tree below `root` hold exactly its files, what it held that is not dpjgen's, and `.dpjgen`.
///
/// A tree's name is one part of a path; trees that are not named stay as they are.
pub fn write_trees(root: &Path, trees: &[(&str, &Tree)], options: WriteOptions) -> Result<Written, WriteError> {
    write_trees_on(&mut RealDisk, root, trees, options)
}

/// [`write_trees`] for one tree: `out/prod`.
pub fn write_tree(dir: &Path, tree: &Tree, options: WriteOptions) -> Result<WriteReport, WriteError> {
    let name = dir.file_name().and_then(|name| name.to_str()).ok_or_else(|| WriteError::no_name(dir))?;
    let mut written = write_trees(above(dir), &[(name, tree)], options)?;
    Ok(written.trees.pop().unwrap_or_default())
}

/// [`write_trees`] with a disk of one's own, so that every operation can be made to fail.
pub fn write_trees_on(
    disk: &mut dyn Disk,
    root: &Path,
    trees: &[(&str, &Tree)],
    options: WriteOptions,
) -> Result<Written, WriteError> {
    let wanted: Vec<(&str, Wanted<'_>)> = trees.iter().map(|(name, tree)| (*name, Wanted::new(tree))).collect();
    let mut made = Vec::new();
    let written = locked(disk, Place { root }, &wanted, options, &mut made);
    if written.is_err() {
        // Those that something is in stay by themselves.
        while let Some(dir) = made.pop() {
            let _ = disk.remove_dir(&dir);
        }
    }
    written
}

/// Completes what a run left that did not come to its end; whether there was such a run. [`write_trees`] does this by
/// itself: this is for who reads files before writing others beside them.
pub fn complete(root: &Path, options: WriteOptions) -> Result<bool, WriteError> {
    complete_on(&mut RealDisk, root, options)
}

/// [`complete`] with a disk of one's own.
pub fn complete_on(disk: &mut dyn Disk, root: &Path, options: WriteOptions) -> Result<bool, WriteError> {
    let place = Place { root };
    if !pending_on(disk, place)? {
        return Ok(false);
    }
    let _lock = lock(disk, place, options.wait, Sharing::Exclusive, &mut Vec::new())?;
    Ok(matches!(take_up(disk, place, options.force)?, Stage::Completed))
}

/// How `dir` differs from `tree`. Hand edits and whatever would be in the way of writing are differences, not errors;
/// refused is only what can not be read.
pub fn compare_tree(dir: &Path, tree: &Tree) -> Result<TreeDiff, WriteError> {
    let wanted = Wanted::new(tree);
    let found = Snapshot::take(&RealDisk, dir, &wanted);
    if !found.problems.is_empty() {
        let name = dir.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        return Err(WriteError::refused(found.problems.into_iter().map(|problem| problem.of(&name)).collect()));
    }
    Ok(Plan::new(&found, &wanted.digests, wanted.ownership_digest, false).diff)
}

fn locked(
    disk: &mut dyn Disk,
    place: Place<'_>,
    trees: &[(&str, Wanted<'_>)],
    options: WriteOptions,
    made: &mut Vec<PathBuf>,
) -> Result<Written, WriteError> {
    let _lock = lock(disk, place, options.wait, Sharing::Exclusive, made)?;
    let stage = take_up(disk, place, options.force)?;
    let plan = |(name, wanted): &(&str, Wanted<'_>)| {
        let found = Snapshot::take(disk, &place.root.join(name), wanted);
        Plan::new(&found, &wanted.digests, wanted.ownership_digest, options.force)
    };
    let plans: Vec<Plan> = trees.iter().map(plan).collect();
    let nothing_to_do = plans.iter().all(|plan| plan.steps.is_empty());
    let mut obstacles = Vec::new();
    for ((name, _), plan) in trees.iter().zip(&plans) {
        obstacles.extend(plan.problems.iter().map(|problem| problem.clone().of(name)));
    }
    let completed = matches!(stage, Stage::Completed);
    match stage {
        Stage::Taken(problem) if !nothing_to_do => obstacles.push(problem.of("")),
        Stage::Completed | Stage::Free | Stage::Leftover | Stage::Taken(_) => {}
    }
    if !obstacles.is_empty() {
        return Err(WriteError::refused(obstacles));
    }
    let mut leftover = None;
    if stage_kind(disk, place)? == Some(Kind::Directory) {
        // What a run left that was stopped before its commit.
        leftover = place.clear(disk).err();
    }
    if !nothing_to_do {
        if let Some(error) = leftover {
            return Err(WriteError::io("remove the working directory", &place.stage(), &error));
        }
        leftover = commit(disk, place, trees, &plans, options.force, made)?;
    }
    let leftover =
        leftover.map(|error| format!("could not remove the working directory `{}`: {error}", place.stage().display()));
    Ok(Written { trees: plans.into_iter().map(report).collect(), completed, leftover })
}

/// What was found where the stage is to be, and what was done about it.
enum Stage {
    Free,
    /// Something of somebody else's.
    Taken(Problem),
    /// Of a run that was stopped before its commit.
    Leftover,
    /// Of a run that was stopped after its commit, and is complete now.
    Completed,
}

fn stage_kind(disk: &dyn Disk, place: Place<'_>) -> Result<Option<Kind>, WriteError> {
    let stage = place.stage();
    kind_of(disk, &stage).map_err(|error| WriteError::io("read", &stage, &error))
}

/// Rolls a journal forward, if there is one.
fn take_up(disk: &mut dyn Disk, place: Place<'_>, force: bool) -> Result<Stage, WriteError> {
    let path = STAGE_DIR.to_owned();
    match stage_kind(disk, place)? {
        None => return Ok(Stage::Free),
        Some(Kind::Symlink) => return Ok(Stage::Taken(Problem::Symlink { path })),
        Some(Kind::File | Kind::Other) => return Ok(Stage::Taken(Problem::FileInTheWay { path })),
        Some(Kind::Directory) if !pending_on(disk, place)? => return Ok(Stage::Leftover),
        Some(Kind::Directory) => {}
    }
    let journal = read_journal(disk, place)?;
    let synced = disk.sync(&[], &[place.stage()]);
    synced.map_err(|error| WriteError::io("bring to the disk", &place.journal(), &error))?;
    let mut apply = Apply::new(disk, place, force);
    apply.check_stage(&journal).map_err(|error| match error {
        JournalOr::Fault(fault) => not_followed(place, fault),
        JournalOr::Error(error) => error.pending(),
    })?;
    let kept = apply.run(&journal).map_err(WriteError::pending)?;
    // A stage that could not be removed is a leftover: it is tried again below.
    place.close(disk).map_err(WriteError::pending)?;
    said(kept)?;
    Ok(Stage::Completed)
}

fn not_followed(place: Place<'_>, fault: JournalFault) -> WriteError {
    WriteError::Journal { path: place.journal().display().to_string(), fault }
}

fn read_journal(disk: &dyn Disk, place: Place<'_>) -> Result<Journal, WriteError> {
    let (path, mut bytes) = (place.journal(), Vec::new());
    let read = disk.open(&path).and_then(|mut file| file.read_to_end(&mut bytes));
    read.map_err(|error| WriteError::io("read", &path, &error))?;
    Journal::parse(&bytes).map_err(|fault| not_followed(place, fault))
}

fn said(kept: Vec<Obstacle>) -> Result<(), WriteError> {
    match WriteError::refused(kept) {
        WriteError::Refused(kept) if !kept.is_empty() => Err(WriteError::Kept(kept)),
        _ => Ok(()),
    }
}

/// Steps 4 to 8. Gives why the stage could not be removed, if so.
fn commit(
    disk: &mut dyn Disk,
    place: Place<'_>,
    trees: &[(&str, Wanted<'_>)],
    plans: &[Plan],
    force: bool,
    made: &[PathBuf],
) -> Result<Option<std::io::Error>, WriteError> {
    let staged = Staging::new(place, trees, plans).commit(disk, place, made);
    let journal = match staged {
        Ok(journal) => journal,
        Err(error) => return Err(take_back(disk, place, error)),
    };
    let synced = disk.sync(&[], &[place.stage()]);
    let synced = synced.map_err(|error| WriteError::io("bring to the disk", &place.journal(), &error));
    let mut apply = Apply::new(disk, place, force);
    let done = synced.and_then(|()| apply.check(&journal)).and_then(|()| apply.run(&journal));
    let changed = apply.changed;
    match done {
        Ok(kept) => {
            let leftover = place.close(disk).map_err(WriteError::pending)?;
            said(kept)?;
            Ok(leftover)
        }
        Err(error) if changed => Err(error.pending()),
        Err(error) => Err(take_back(disk, place, error)),
    }
}

/// Ends a run that failed before it changed anything, also if it was committed already: the error to give for it.
fn take_back(disk: &mut dyn Disk, place: Place<'_>, error: WriteError) -> WriteError {
    match pending_on(disk, place) {
        Ok(false) => {
            // What stays of the stage is cleared by the next run.
            let _ = place.clear(disk);
            error
        }
        Ok(true) => match place.close(disk) {
            Ok(_) => error,
            Err(stuck) if matches!(error, WriteError::Refused(_)) => stuck.pending(),
            Err(_) => error.pending(),
        },
        Err(stuck) => stuck.pending(),
    }
}

fn report(plan: Plan) -> WriteReport {
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
    }
}
