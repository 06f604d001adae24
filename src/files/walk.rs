//! All files of a folder, or of two side by side, read by as many threads as the machine has.
//!
//! What one thread reads is chance; what is found is not: everything is sorted by path at the end.

use super::folder::{Entry, Folder, Kind, Listing};
use super::pair::{Bytes, Pair, Unreadable};
use super::platform::stays;
use super::stage::JOURNAL;
use super::{OWNERSHIP_FILE, ReadError, STAGE_DIR};
use std::cmp::Ordering;
use std::num::NonZero;
use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering as Memory};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;

/// All threads share one table of open files, which the kernel locks whenever one is opened or closed.
const MOST_THREADS: usize = 4;

/// Folders nested deeper than the system takes a path are refused, so that going into them needs no more than this stack.
const LONGEST_PATH: usize = 4096;

/// What a thread goes through.
pub(super) enum Folders {
    /// The same folder of the old and of the new side.
    Both([Folder; 2]),
    /// A folder that the other side does not have; whether it is on the new side.
    One(Folder, bool),
}

/// Folders that wait for a thread, and where they are: empty, or with a `/` at the end.
struct Task {
    folders: Folders,
    path: String,
}

#[derive(Default)]
struct Queue {
    waiting: Vec<Task>,
    /// How many threads are in a folder, and may find more of them.
    working: usize,
}

/// What is to be read, and how.
pub(super) struct Wanted<'a, N> {
    /// The topmost folders of the old and of the new side.
    pub roots: [&'a Path; 2],
    /// Whether trees right below them may be read: they are locked, or it does not matter.
    pub are_settled: [bool; 2],
    /// Whether a file of this name is read.
    pub is_wanted: fn(&str) -> bool,
    /// Is told of files that are the same.
    pub note: fn(&mut N, &str, &[u8]),
}

/// What all threads share.
struct Walk<'a, N> {
    wanted: Wanted<'a, N>,
    threads: usize,
    /// That trees were found which have to be locked: nothing of this run is kept.
    found_trees: [AtomicBool; 2],
    queue: Mutex<Queue>,
    /// That the queue has changed.
    changed: Condvar,
    /// How many tasks wait, for who does not want to lock the queue.
    waiting: AtomicUsize,
}

/// What was found.
pub(super) struct Walked<N> {
    pub pair: Pair<N>,
    /// What cannot be read, sorted.
    pub faults: Vec<Unreadable>,
    /// Whether there are trees right below the old and the new side that have to be locked first. Then nothing else of this
    /// is to be used: it was read half.
    pub found_trees: [bool; 2],
}

/// Goes through folders with all that is below them.
pub(super) fn walk<N: Default + Send>(wanted: Wanted<'_, N>, folders: Folders) -> Walked<N> {
    let threads = thread::available_parallelism().map_or(1, NonZero::get).min(MOST_THREADS);
    let walk = Walk {
        wanted,
        threads,
        found_trees: Default::default(),
        queue: Mutex::default(),
        changed: Condvar::new(),
        waiting: AtomicUsize::new(0),
    };
    walk.push(Task { folders, path: String::new() });
    let parts: Vec<Part<N>> = thread::scope(|scope| {
        let helper = |_| thread::Builder::new().spawn_scoped(scope, || walk.work());
        // A system that gives no more threads is gone through by those that are there.
        let helpers: Vec<_> = (1..threads).map(helper).map_while(Result::ok).collect();
        let own = walk.work();
        let join = |helper: thread::ScopedJoinHandle<'_, Part<N>>| {
            helper.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
        };
        std::iter::once(own).chain(helpers.into_iter().map(join)).collect()
    });
    let mut walked = Walked {
        pair: Pair { old: Vec::new(), new: Vec::new(), same: Vec::new(), trees: Default::default() },
        faults: Vec::new(),
        found_trees: walk.found_trees.map(AtomicBool::into_inner),
    };
    let Walked { pair, faults, .. } = &mut walked;
    for part in parts {
        pair.old.extend(part.old);
        pair.new.extend(part.new);
        pair.same.push(part.same);
        pair.trees.iter_mut().zip(part.trees).for_each(|(all, found)| all.extend(found));
        faults.extend(part.faults);
    }
    pair.trees.iter_mut().for_each(|trees| trees.sort_unstable());
    pair.old.sort_unstable_by(|one, other| one.0.cmp(&other.0));
    pair.new.sort_unstable_by(|one, other| one.0.cmp(&other.0));
    faults.sort_by(|one, other| (one.is_new, &one.path).cmp(&(other.is_new, &other.path)));
    walked
}

impl<N: Default> Walk<'_, N> {
    fn locked(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether a thread has nothing to do, or soon will not.
    fn is_hungry(&self) -> bool {
        self.threads > 1 && self.waiting.load(Memory::Relaxed) < self.threads
    }

    fn push(&self, task: Task) {
        let mut queue = self.locked();
        queue.waiting.push(task);
        self.waiting.store(queue.waiting.len(), Memory::Relaxed);
        drop(queue);
        self.changed.notify_one();
    }

    /// Waits for folders; `None` once all are done.
    fn next(&self) -> Option<Task> {
        let mut queue = self.locked();
        loop {
            if let Some(task) = queue.waiting.pop() {
                self.waiting.store(queue.waiting.len(), Memory::Relaxed);
                queue.working += 1;
                return Some(task);
            }
            if queue.working == 0 {
                return None;
            }
            queue = self.changed.wait(queue).unwrap_or_else(PoisonError::into_inner);
        }
    }

    fn work(&self) -> Part<N> {
        let mut reader = Reader {
            walk: self,
            part: Part::default(),
            path: String::new(),
            buffers: [Vec::new(), Vec::new()],
            room: Vec::new(),
        };
        while let Some(Task { folders, path }) = self.next() {
            // Said also where a panic ends this: the others would wait forever.
            let _done = Done(self);
            reader.path = path;
            reader.go_through(folders);
        }
        reader.part
    }
}

/// Says that a task is done.
struct Done<'w, 'a, N: Default>(&'w Walk<'a, N>);

impl<N: Default> Drop for Done<'_, '_, N> {
    fn drop(&mut self) {
        let mut queue = self.0.locked();
        queue.working -= 1;
        if queue.working == 0 && queue.waiting.is_empty() {
            self.0.changed.notify_all();
        }
    }
}

/// What one thread has found.
#[derive(Default)]
struct Part<N> {
    old: Vec<Bytes>,
    new: Vec<Bytes>,
    same: N,
    trees: [Vec<String>; 2],
    faults: Vec<Unreadable>,
}

/// What belongs to git or to dpjgen itself.
fn is_own(name: &str) -> bool {
    name.starts_with('.') && (name == ".git" || name.starts_with(".dpjgen"))
}

/// Whether the stage of an output root holds a journal.
fn is_half_done(root: &Folder, room: &mut Vec<u8>) -> bool {
    let stage = root.folder(STAGE_DIR).and_then(|stage| stage.list(room));
    stage.is_ok_and(|entries| entries.iter().any(|entry| entry.name == JOURNAL))
}

/// A thread's place in the folders. What went wrong is noted and passed over: all of it is said at once.
struct Reader<'w, 'a, N> {
    walk: &'w Walk<'a, N>,
    part: Part<N>,
    /// The path of the folder at hand; empty, or with a `/` at its end.
    path: String,
    /// What is kept between files, so that a file costs no memory of its own.
    buffers: [Vec<u8>; 2],
    room: Vec<u8>,
}

impl<N: Default> Reader<'_, '_, N> {
    fn go_through(&mut self, folders: Folders) {
        match folders {
            _ if self.walk.found_trees.iter().any(|found| found.load(Memory::Relaxed)) => {}
            Folders::Both([old, new]) => self.both(&old, &new),
            Folders::One(folder, is_new) => self.only(&folder, is_new),
        }
    }

    /// Notes what went wrong with something in the folder at hand, or with the folder itself if the name is empty.
    fn checked<T>(&mut self, result: Result<T, ReadError>, is_new: bool, name: &str) -> Option<T> {
        let fault = |error| {
            let path = format!("{}{name}", self.path).trim_end_matches('/').to_owned();
            self.part.faults.push(Unreadable { is_new, path, error });
        };
        result.map_err(fault).ok()
    }

    /// The wanted files and the folders of a folder, sorted.
    fn list(&mut self, folder: &Folder, is_new: bool) -> Option<Listing> {
        let listed = folder.list(&mut self.room);
        let mut entries = self.checked(listed, is_new, "")?;
        let (mut has_stage, mut is_tree) = (false, false);
        for entry in entries.iter().filter(|entry| is_own(entry.name)) {
            has_stage |= entry.name == STAGE_DIR;
            is_tree |= entry.name == OWNERSHIP_FILE && entry.kind == Kind::File;
        }
        if has_stage && is_half_done(folder, &mut self.room) {
            let why = "dpjgen's trees in it are part old, part new: a run is at work, or was stopped half-way";
            return self.checked(Err(ReadError::Io(why.to_owned())), is_new, "");
        }
        let [are_old_settled, are_new_settled] = self.walk.wanted.are_settled;
        let are_settled = if is_new { are_new_settled } else { are_old_settled };
        if let Some(tree) = self.right_below().filter(|_| is_tree).map(str::to_owned) {
            let [old_trees, new_trees] = &mut self.part.trees;
            if is_new { new_trees } else { old_trees }.push(tree);
            if !are_settled {
                let [found_old, found_new] = &self.walk.found_trees;
                if is_new { found_new } else { found_old }.store(true, Memory::Relaxed);
                return None;
            }
        }
        entries.sort(|entry| {
            !is_own(entry.name) && (entry.kind == Kind::Folder || (self.walk.wanted.is_wanted)(entry.name))
        });
        Some(entries)
    }

    /// The name of the folder at hand if it is right below the topmost one.
    fn right_below(&self) -> Option<&str> {
        self.path.strip_suffix('/').filter(|name| !name.contains('/'))
    }

    /// Goes into folders of that name, or leaves them to a thread that has nothing to do.
    fn enter(&mut self, name: &str, folders: Folders) {
        let length = self.path.len();
        if length + name.len() >= LONGEST_PATH {
            let is_new = !matches!(folders, Folders::One(_, false));
            let why = format!("its path has more than {LONGEST_PATH} bytes");
            self.checked::<()>(Err(ReadError::Io(why)), is_new, name);
        } else if self.walk.is_hungry() {
            self.walk.push(Task { folders, path: [&self.path, name, "/"].concat() });
        } else {
            self.path.push_str(name);
            self.path.push('/');
            self.go_through(folders);
            self.path.truncate(length);
        }
    }

    fn both(&mut self, old: &Folder, new: &Folder) {
        let (Some(old_entries), Some(new_entries)) = (self.list(old, false), self.list(new, true)) else { return };
        let (mut old_left, mut new_left) = (old_entries.iter().peekable(), new_entries.iter().peekable());
        loop {
            let order = match (old_left.peek(), new_left.peek()) {
                (None, None) => return,
                (Some(_), None) => Ordering::Less,
                (None, Some(_)) => Ordering::Greater,
                (Some(old), Some(new)) => old.name.cmp(new.name),
            };
            let before = if order.is_le() { old_left.next() } else { None };
            let after = if order.is_ge() { new_left.next() } else { None };
            match (before, after) {
                (Some(before), Some(after)) if (before.kind, after.kind) == (Kind::Folder, Kind::Folder) => {
                    let below_old = self.checked(old.folder(before.name), false, before.name);
                    let below_new = self.checked(new.folder(after.name), true, after.name);
                    if let (Some(below_old), Some(below_new)) = (below_old, below_new) {
                        self.enter(before.name, Folders::Both([below_old, below_new]));
                    }
                }
                (Some(before), Some(after)) if ![before.kind, after.kind].contains(&Kind::Folder) => {
                    self.file([(old, before), (new, after)]);
                }
                (before, after) => {
                    for (folder, entry, is_new) in [(old, before, false), (new, after, true)] {
                        if let Some(entry) = entry {
                            self.one(folder, entry, is_new);
                        }
                    }
                }
            }
        }
    }

    /// Reads a file into the buffer of its side; how many bytes it has.
    fn read(&mut self, folder: &Folder, entry: Entry<'_>, is_new: bool) -> Option<usize> {
        let [old, new] = self.walk.wanted.roots;
        let [old_buffer, new_buffer] = &mut self.buffers;
        let (root, buffer) = if is_new { (new, new_buffer) } else { (old, old_buffer) };
        let allowed = match entry.kind {
            Kind::Link => stays(root, &root.join(&self.path).join(entry.name)),
            Kind::File | Kind::Folder => Ok(()),
        };
        let length = allowed.and_then(|()| folder.read(entry.name, entry.kind, buffer));
        let length = length.map_err(|error| match error {
            ReadError::NotFound if entry.kind == Kind::Link => ReadError::LinkToNothing,
            error => error,
        });
        self.checked(length, is_new, entry.name)
    }

    /// A file of one name in both.
    fn file(&mut self, [(old, before), (new, after)]: [(&Folder, Entry<'_>); 2]) {
        let lengths = (self.read(old, before, false), self.read(new, after, true));
        let (Some(old_length), Some(new_length)) = lengths else { return };
        let [old_buffer, new_buffer] = &self.buffers;
        let (old, new) = (old_buffer.get(..old_length), new_buffer.get(..new_length));
        if old == new {
            let length = self.path.len();
            self.path.push_str(before.name);
            (self.walk.wanted.note)(&mut self.part.same, &self.path, old.unwrap_or_default());
            self.path.truncate(length);
        } else {
            let path = format!("{}{}", self.path, before.name);
            self.part.old.push((path.clone(), old.unwrap_or_default().to_vec()));
            self.part.new.push((path, new.unwrap_or_default().to_vec()));
        }
    }

    /// All wanted files of a folder that the other side does not have.
    fn only(&mut self, folder: &Folder, is_new: bool) {
        let Some(entries) = self.list(folder, is_new) else { return };
        entries.iter().for_each(|entry| self.one(folder, entry, is_new));
    }

    fn one(&mut self, folder: &Folder, entry: Entry<'_>, is_new: bool) {
        if entry.kind == Kind::Folder {
            let below = self.checked(folder.folder(entry.name), is_new, entry.name);
            return below.map_or((), |below| self.enter(entry.name, Folders::One(below, is_new)));
        }
        let Some(length) = self.read(folder, entry, is_new) else { return };
        let [old, new] = &self.buffers;
        let bytes = if is_new { new } else { old }.get(..length).unwrap_or_default().to_vec();
        let side = if is_new { &mut self.part.new } else { &mut self.part.old };
        side.push((format!("{}{}", self.path, entry.name), bytes));
    }
}
