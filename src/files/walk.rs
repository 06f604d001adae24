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

/// The system takes no longer path.
const LONGEST_PATH: usize = 4096;

/// So deep a thread goes into folders, each of which it keeps open. What is deeper waits by its path alone: neither stack
/// nor open files grow with the depth.
const DEEPEST: usize = 16;

/// Something of the old and of the new side, in this order.
type Both<T> = [T; 2];

fn of<T>([old, new]: &Both<T>, is_new: bool) -> &T {
    if is_new { new } else { old }
}

fn of_mut<T>([old, new]: &mut Both<T>, is_new: bool) -> &mut T {
    if is_new { new } else { old }
}

/// A folder that waits for a thread.
struct Task {
    /// The sides to look at.
    is_on: Both<bool>,
    /// Empty, or with a `/` at the end.
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
    /// The topmost folders; a side without one is not read.
    pub roots: Both<Option<(&'a Path, Folder)>>,
    /// Whether the trees right below them may be read: they are locked, or it does not matter.
    pub are_settled: Both<bool>,
    /// Whether a file of this name is read.
    pub is_wanted: fn(&str) -> bool,
    /// Is told of files that are the same.
    pub note: fn(&mut N, &str, &[u8]),
}

/// What all threads share.
struct Walk<'a, N> {
    wanted: Wanted<'a, N>,
    threads: usize,
    /// That a side has to be locked first: nothing of this run is kept.
    is_unsettled: Both<AtomicBool>,
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
    /// Whether the old and the new side have to be locked first: trees of dpjgen are right below them. Then nothing else of
    /// this is to be used: it was read half.
    pub is_unsettled: Both<bool>,
}

/// Goes through folders with all that is below them.
pub(super) fn walk<N: Default + Send>(wanted: Wanted<'_, N>) -> Walked<N> {
    let is_on = wanted.roots.each_ref().map(Option::is_some);
    let threads = thread::available_parallelism().map_or(1, NonZero::get).min(MOST_THREADS);
    let walk = Walk {
        wanted,
        threads,
        is_unsettled: Default::default(),
        queue: Mutex::default(),
        changed: Condvar::new(),
        waiting: AtomicUsize::new(0),
    };
    walk.push(Task { is_on, path: String::new() });
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
        is_unsettled: walk.is_unsettled.map(AtomicBool::into_inner),
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
            depth: 0,
            buffers: [Vec::new(), Vec::new()],
            room: Vec::new(),
        };
        while let Some(Task { is_on, path }) = self.next() {
            // Said also where a panic ends this: the others would wait forever.
            let _done = Done(self);
            reader.path = path;
            reader.start(is_on);
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
    trees: Both<Vec<String>>,
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
    /// How many folders around it are open.
    depth: usize,
    /// What is kept between files, so that a file costs no memory of its own.
    buffers: Both<Vec<u8>>,
    room: Vec<u8>,
}

impl<N: Default> Reader<'_, '_, N> {
    /// Opens the folder of a task, and goes through it.
    fn start(&mut self, is_on: Both<bool>) {
        let walk = self.walk;
        let name = if self.path.is_empty() { "." } else { self.path.trim_end_matches('/') }.to_owned();
        let below = [false, true].map(|is_new| {
            let (_, root) = of(&walk.wanted.roots, is_new).as_ref().filter(|_| *of(&is_on, is_new))?;
            self.checked(root.folder(&name), is_new, "")
        });
        self.go_through(&below);
    }

    /// Goes into folders of a name, or leaves them to whoever has nothing to do.
    fn enter(&mut self, folders: Both<Option<&Folder>>, name: &str) {
        let length = self.path.len();
        if length + name.len() >= LONGEST_PATH {
            for is_new in [false, true].into_iter().filter(|is_new| of(&folders, *is_new).is_some()) {
                let fault = ReadError::Io(format!("its path has more than {LONGEST_PATH} bytes"));
                self.checked::<()>(Err(fault), is_new, name);
            }
        } else if self.depth >= DEEPEST || self.walk.is_hungry() {
            let is_on = folders.map(|folder| folder.is_some());
            self.walk.push(Task { is_on, path: [&self.path, name, "/"].concat() });
        } else {
            let below = [false, true].map(|is_new| self.checked((*of(&folders, is_new))?.folder(name), is_new, name));
            self.path.push_str(name);
            self.path.push('/');
            self.depth += 1;
            self.go_through(&below);
            self.depth -= 1;
            self.path.truncate(length);
        }
    }

    fn go_through(&mut self, folders: &Both<Option<Folder>>) {
        if self.walk.is_unsettled.iter().any(|found| found.load(Memory::Relaxed)) {
            return;
        }
        let listed = [false, true].map(|is_new| self.list(of(folders, is_new).as_ref()?, is_new));
        match (folders, &listed) {
            ([Some(old), Some(new)], [Some(old_entries), Some(new_entries)]) => {
                self.both([(old, old_entries), (new, new_entries)]);
            }
            // Of a side that cannot be read the other one is gone through for what cannot be read there.
            _ => {
                for is_new in [false, true] {
                    if let (Some(folder), Some(entries)) = (of(folders, is_new), of(&listed, is_new)) {
                        entries.iter().for_each(|entry| self.one(folder, entry, is_new));
                    }
                }
            }
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
        let is_half_done = has_stage && is_half_done(folder, &mut self.room);
        let tree = self.right_below().filter(|_| is_tree).map(str::to_owned);
        // A run at work is waited for by whoever locks the side.
        if !of(&self.walk.wanted.are_settled, is_new) && (tree.is_some() || is_half_done && self.path.is_empty()) {
            of(&self.walk.is_unsettled, is_new).store(true, Memory::Relaxed);
            return None;
        }
        if is_half_done {
            return self.checked(Err(ReadError::HalfDone), is_new, "");
        }
        of_mut(&mut self.part.trees, is_new).extend(tree);
        entries.sort(|entry| {
            !is_own(entry.name) && (entry.kind == Kind::Folder || (self.walk.wanted.is_wanted)(entry.name))
        });
        Some(entries)
    }

    /// The name of the folder at hand if it is right below the topmost one.
    fn right_below(&self) -> Option<&str> {
        self.path.strip_suffix('/').filter(|name| !name.contains('/'))
    }

    fn both(&mut self, [(old, old_entries), (new, new_entries)]: Both<(&Folder, &Listing)>) {
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
                    self.enter([Some(old), Some(new)], before.name);
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
        let buffer = of_mut(&mut self.buffers, is_new);
        let allowed = match (entry.kind, of(&self.walk.wanted.roots, is_new)) {
            (Kind::Link, Some((root, _))) => stays(root, &root.join(&self.path).join(entry.name)),
            _ => Ok(()),
        };
        let length = allowed.and_then(|()| folder.read(entry.name, entry.kind, buffer));
        let length = length.map_err(|error| match error {
            ReadError::NotFound if entry.kind == Kind::Link => ReadError::LinkToNothing,
            error => error,
        });
        self.checked(length, is_new, entry.name)
    }

    /// A file of one name in both.
    fn file(&mut self, [(old, before), (new, after)]: Both<(&Folder, Entry<'_>)>) {
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

    /// Something that the other side does not have.
    fn one(&mut self, folder: &Folder, entry: Entry<'_>, is_new: bool) {
        if entry.kind == Kind::Folder {
            let folders = [false, true].map(|side| (side == is_new).then_some(folder));
            return self.enter(folders, entry.name);
        }
        let Some(length) = self.read(folder, entry, is_new) else { return };
        let bytes = of(&self.buffers, is_new).get(..length).unwrap_or_default().to_vec();
        let side = if is_new { &mut self.part.new } else { &mut self.part.old };
        side.push((format!("{}{}", self.path, entry.name), bytes));
    }
}
