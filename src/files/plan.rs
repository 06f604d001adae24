//! [`Plan`]: what has to be done so that an output directory holds a tree. A pure comparison of what was found with
//! what is wanted; `stage` makes a journal of it, and `apply` follows that.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Bound;

use super::{Digest, Found, OWNERSHIP_FILE, Ownership, Problem, Snapshot, ancestors};

/// One change of an output directory. Paths are relative to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// Create a directory; `""` is the output directory itself.
    MakeDir {
        /// The directory.
        path: String,
    },
    /// Write a file.
    Write {
        /// The file.
        path: String,
        /// The sum of the bytes that it replaces, if it replaces any.
        old: Option<Digest>,
    },
    /// Remove a file.
    Remove {
        /// The file.
        path: String,
        /// The sum of its bytes.
        old: Digest,
    },
    /// Remove a directory that held files of ours and is empty now.
    RemoveDir {
        /// The directory.
        path: String,
    },
}

impl Step {
    /// What it changes.
    pub fn path(&self) -> &str {
        match self {
            Step::MakeDir { path }
            | Step::Write { path, .. }
            | Step::Remove { path, .. }
            | Step::RemoveDir { path } => path,
        }
    }
}

/// How a directory differs from a tree. Empty just if [`super::write_tree`] would have nothing to write or to remove,
/// so `.dpjgen` counts too.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TreeDiff {
    /// What the tree has and the directory has not.
    pub added: Vec<String>,
    /// What is something else in the directory.
    pub changed: Vec<String>,
    /// What dpjgen wrote once and the tree has no longer.
    pub removed: Vec<String>,
}

impl TreeDiff {
    /// Whether there is no difference.
    pub fn is_empty(&self) -> bool {
        self.added.is_empty() && self.changed.is_empty() && self.removed.is_empty()
    }
}

/// What has to be done, in the order in which it can be done. All lists are sorted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Plan {
    /// What is in the way of the new tree; directories; new bytes; what is no longer wanted; `.dpjgen`. Valid only
    /// without problems.
    pub steps: Vec<Step>,
    /// Owned files that are right already.
    pub unchanged: Vec<String>,
    /// Files that are right already and become ours.
    pub adopted: Vec<String>,
    /// What is not ours and stays.
    pub foreign: Vec<String>,
    /// What has to be refused.
    pub problems: Vec<Problem>,
    /// The differences, problems or not.
    pub diff: TreeDiff,
}

impl Plan {
    /// Compares what was found with the sums of the new tree and of its `.dpjgen`. `force` gives hand edits up.
    pub fn new(found: &Snapshot, new: &Ownership, ownership: Digest, force: bool) -> Self {
        if !found.problems.is_empty() {
            return Plan { problems: found.problems.clone(), ..Plan::default() };
        }
        let mut planner = Planner {
            found,
            new,
            ownership,
            force,
            new_dirs: new.iter().flat_map(|(path, _)| ancestors(path)).collect(),
            removals: BTreeMap::new(),
            emptied: BTreeSet::new(),
            writes: Vec::new(),
            plan: Plan::default(),
        };
        planner.stale();
        planner.empty();
        planner.wanted();
        planner.others();
        planner.finish()
    }
}

struct Planner<'a> {
    found: &'a Snapshot,
    new: &'a Ownership,
    ownership: Digest,
    force: bool,
    /// The directories of the new tree.
    new_dirs: BTreeSet<&'a str>,
    removals: BTreeMap<&'a str, Digest>,
    /// The directories that held files of ours and are empty after the removals.
    emptied: BTreeSet<&'a str>,
    writes: Vec<(&'a str, Option<Digest>)>,
    plan: Plan,
}

impl<'a> Planner<'a> {
    fn at(&self, path: &str) -> Option<Found> {
        self.found.entries.get(path).copied()
    }

    /// What is ours and no longer wanted.
    fn stale(&mut self) {
        let found = self.found;
        for (path, recorded) in found.owned.iter().filter(|(path, _)| self.new.get(path).is_none()) {
            match self.at(path) {
                Some(Found::File(digest)) => {
                    self.plan.diff.removed.push(path.to_owned());
                    match digest {
                        Some(digest) if digest == recorded || self.force => {
                            self.removals.insert(path, digest);
                        }
                        _ => self.plan.problems.push(Problem::Edited { path: path.to_owned() }),
                    }
                }
                Some(Found::Symlink) => self.plan.problems.push(Problem::Symlink { path: path.to_owned() }),
                // Somebody removed it, or put something else there that is not ours.
                Some(Found::Directory | Found::Other | Found::Git) | None => {}
            }
        }
    }

    /// The directories that held what is no longer wanted and hold nothing else. Also where that is gone already: a run
    /// that was killed, or a person, removed the files only.
    fn empty(&mut self) {
        let stale = self.found.owned.iter().map(|(path, _)| path).filter(|path| self.new.get(path).is_none());
        let held: BTreeSet<&str> = stale
            .flat_map(ancestors)
            .filter(|dir| !self.new_dirs.contains(dir) && self.at(dir) == Some(Found::Directory))
            .collect();
        let goes = |path: &str| self.removals.contains_key(path) || held.contains(path);
        let emptied = held.iter().filter(|dir| below(&self.found.entries, dir).all(|(path, _)| goes(path)));
        self.emptied = emptied.copied().collect();
    }

    /// What the new tree has.
    fn wanted(&mut self) {
        for (path, digest) in self.new.iter() {
            if self.blocked(path) {
                self.plan.diff.added.push(path.to_owned());
                continue;
            }
            let owned = self.found.owned.get(path);
            match self.at(path) {
                None => {
                    self.plan.diff.added.push(path.to_owned());
                    self.writes.push((path, None));
                }
                Some(Found::File(Some(old))) if old == digest => {
                    let list = if owned.is_some() { &mut self.plan.unchanged } else { &mut self.plan.adopted };
                    list.push(path.to_owned());
                }
                Some(there) => {
                    self.plan.diff.changed.push(path.to_owned());
                    self.replace(path, owned, there);
                }
            }
        }
    }

    fn replace(&mut self, path: &'a str, owned: Option<Digest>, there: Found) {
        let name = path.to_owned();
        let problem = match there {
            Found::File(old) => match owned {
                None => Problem::Foreign { path: name },
                Some(_) if old == owned || self.force => return self.writes.push((path, old)),
                Some(_) => Problem::Edited { path: name },
            },
            Found::Directory if self.emptied.contains(path) => return self.writes.push((path, None)),
            Found::Directory => Problem::Directory { path: name },
            Found::Symlink => Problem::Symlink { path: name },
            Found::Other | Found::Git => Problem::NotRegular { path: name },
        };
        self.plan.problems.push(problem);
    }

    /// Whether something on the way to a path is neither a directory nor nothing.
    fn blocked(&mut self, path: &str) -> bool {
        for dir in ancestors(path) {
            let name = dir.to_owned();
            let problem = match self.at(dir) {
                None | Some(Found::Directory) => continue,
                Some(Found::File(_)) if self.removals.contains_key(dir) => return false,
                // It is among the hand edits.
                Some(Found::File(_)) if self.found.owned.get(dir).is_some() => return true,
                Some(Found::File(_)) => Problem::FileInTheWay { path: name },
                Some(Found::Symlink) => Problem::Symlink { path: name },
                Some(Found::Other | Found::Git) => Problem::NotRegular { path: name },
            };
            self.plan.problems.push(problem);
            return true;
        }
        false
    }

    /// What is not ours, and what of it is one file with ours where case does not count.
    fn others(&mut self) {
        let spellings = self.spellings();
        for (path, there) in &self.found.entries {
            let goes = self.removals.contains_key(path.as_str()) || self.emptied.contains(path.as_str());
            if let Some(spelling) = spellings.get(&path.to_ascii_lowercase())
                && spelling != path
                && !goes
            {
                let (path, existing) = ((*spelling).to_owned(), path.clone());
                self.plan.problems.push(Problem::Case { path, existing });
            }
            let ours = goes || path == OWNERSHIP_FILE || self.new.get(path).is_some();
            if !ours && !matches!(there, Found::Directory | Found::Git) {
                self.plan.foreign.push(path.clone());
            }
        }
    }

    /// Every path and directory of the new tree by its lower-case form.
    fn spellings(&self) -> BTreeMap<String, &'a str> {
        let paths = self.new.iter().map(|(path, _)| path).chain(self.new_dirs.iter().copied()).chain([OWNERSHIP_FILE]);
        paths.map(|path| (path.to_ascii_lowercase(), path)).collect()
    }

    /// Removals that must come before the new files: a file where a directory comes, or the other way round; and what
    /// differs from a new path only in case, since removing it later would remove the new file on some file systems.
    fn first_removals(&self) -> BTreeSet<&'a str> {
        let spellings = self.spellings();
        let in_the_way = |path: &str| {
            self.new_dirs.contains(path)
                || ancestors(path).any(|dir| self.new.get(dir).is_some())
                || ancestors(path)
                    .chain([path])
                    .any(|part| spellings.get(&part.to_ascii_lowercase()).is_some_and(|spelling| *spelling != part))
        };
        self.removals.keys().copied().filter(|path| in_the_way(path)).collect()
    }

    /// What is removed before the new files are written, and what after.
    fn removal_steps(&self) -> (Vec<Step>, Vec<Step>) {
        let first = self.first_removals();
        let first_dir = |dir: &str| below(&self.removals, dir).all(|(path, _)| first.contains(path));
        let (mut before, mut after) = (Vec::new(), Vec::new());
        for (path, old) in &self.removals {
            let list = if first.contains(path) { &mut before } else { &mut after };
            list.push(Step::Remove { path: (*path).to_owned(), old: *old });
        }
        // Backwards: the inner ones before the outer ones.
        for dir in self.emptied.iter().rev() {
            let list = if first_dir(dir) { &mut before } else { &mut after };
            list.push(Step::RemoveDir { path: (*dir).to_owned() });
        }
        (before, after)
    }

    fn finish(mut self) -> Plan {
        let (before, after) = self.removal_steps();
        let root = (!self.found.exists).then_some("");
        let dirs = self.new_dirs.iter().filter(|dir| self.at(dir) != Some(Found::Directory)).copied();
        let mut steps = before;
        steps.extend(root.into_iter().chain(dirs).map(|dir| Step::MakeDir { path: dir.to_owned() }));
        steps.extend(self.writes.iter().map(|(path, old)| Step::Write { path: (*path).to_owned(), old: *old }));
        steps.extend(after);
        steps.extend(self.ownership_step());
        Problem::sort(&mut self.plan.problems);
        Plan { steps, ..self.plan }
    }

    /// `.dpjgen` comes last: it never names a file that is not there.
    fn ownership_step(&mut self) -> Option<Step> {
        let path = OWNERSHIP_FILE.to_owned();
        let old = match self.at(&path) {
            None => None,
            Some(Found::File(old)) if old == Some(self.ownership) => return None,
            Some(Found::File(old)) => old,
            Some(there) => {
                self.plan.problems.push(match there {
                    Found::Symlink => Problem::Symlink { path },
                    Found::Directory => Problem::Directory { path },
                    _ => Problem::NotRegular { path },
                });
                None
            }
        };
        let list =
            if self.at(OWNERSHIP_FILE).is_some() { &mut self.plan.diff.changed } else { &mut self.plan.diff.added };
        list.insert(0, OWNERSHIP_FILE.to_owned());
        list.sort_unstable();
        Some(Step::Write { path: OWNERSHIP_FILE.to_owned(), old })
    }
}

/// The entries below a directory.
fn below<'m, K: Ord + std::borrow::Borrow<str>, V>(
    map: &'m BTreeMap<K, V>,
    dir: &str,
) -> impl Iterator<Item = (&'m str, &'m V)> {
    let prefix = format!("{dir}/");
    map.range::<str, _>((Bound::Included(prefix.as_str()), Bound::Unbounded))
        .map(|(path, value)| (path.borrow(), value))
        .take_while(move |(path, _)| path.starts_with(&prefix))
}

#[cfg(test)]
mod tests {
    use super::{Digest, Found, Ownership, Plan, Snapshot};

    fn owned(paths: &[&str]) -> Ownership {
        paths.iter().map(|path| ((*path).to_owned(), Digest::of(b"old"))).collect()
    }

    #[test]
    fn steps_stand_in_an_order_in_which_they_can_be_done() {
        let files = ["A/x", "b/c/d", "e", "z/y/x"];
        let file = |path: &str| (path.to_owned(), Found::File(Some(Digest::of(b"old"))));
        let dir = |path: &str| (path.to_owned(), Found::Directory);
        let entries = files.map(file).into_iter().chain(["A", "b", "b/c", "z", "z/y"].map(dir)).collect();
        let found = Snapshot { exists: true, entries, owned: owned(&files), problems: Vec::new() };
        let new: Ownership =
            ["a/x", "b/c", "e/f", "n/o/p"].map(|path| (path.to_owned(), Digest::of(b"new"))).into_iter().collect();
        let plan = Plan::new(&found, &new, Digest::of(&new.to_bytes()), false);
        assert_eq!(plan.problems, []);
        let steps: Vec<String> = plan
            .steps
            .iter()
            .map(|step| format!("{} {}", format!("{step:?}").split(' ').next().unwrap(), step.path()))
            .collect();
        let first = ["Remove A/x", "Remove b/c/d", "Remove e", "RemoveDir b/c", "RemoveDir A"];
        let made = ["MakeDir a", "MakeDir e", "MakeDir n", "MakeDir n/o"];
        let written = ["Write a/x", "Write b/c", "Write e/f", "Write n/o/p"];
        let last = ["Remove z/y/x", "RemoveDir z/y", "RemoveDir z", "Write .dpjgen"];
        assert_eq!(steps, [&first[..], &made, &written, &last].concat());
    }

    #[test]
    fn what_is_there_already_needs_no_step() {
        let mut tree = owned(&["a"]);
        let entry = |bytes: &[u8]| Found::File(Some(Digest::of(bytes)));
        let entries = [("a".to_owned(), entry(b"old")), (".dpjgen".to_owned(), entry(&tree.to_bytes()))].into();
        let found = Snapshot { exists: true, entries, owned: tree.clone(), problems: Vec::new() };
        let plan = |tree: &Ownership| Plan::new(&found, tree, Digest::of(&tree.to_bytes()), false);
        assert_eq!(plan(&tree).steps, []);
        tree = owned(&["a", "b"]);
        assert_eq!(plan(&tree).steps.len(), 2);
    }
}
