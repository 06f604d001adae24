//! Two folders, of which only those files are kept that are not the same in both.

use super::folder::{Entry, Folder, Kind, Listing};
use super::platform::stays;
use super::stage::JOURNAL;
use super::{ReadError, STAGE_DIR};
use std::cmp::Ordering;
use std::path::Path;

/// A file below a folder: its path, relative and with `/`, and its bytes.
pub type Bytes = (String, Vec<u8>);

/// What differs between two folders.
#[derive(Debug, Default)]
pub struct Pair {
    /// Files of the old folder that are not the same in the new one, sorted by path.
    pub old: Vec<Bytes>,
    /// Files of the new folder that are not the same in the old one, sorted by path.
    pub new: Vec<Bytes>,
}

/// A file or folder that cannot be read.
#[derive(Debug)]
pub struct Unreadable {
    /// Whether it is on the new side.
    pub is_new: bool,
    /// Its path below its folder; empty for the folder itself.
    pub path: String,
    /// Why.
    pub error: ReadError,
}

/// Compares the files of two folders, and keeps what differs. `is_wanted` is asked for the name of each file, and `same` is
/// told the path and the bytes of each that is the same in both. Links to
/// files are followed within a folder and refused where they lead out of it, links to folders are not followed, and what
/// belongs to git or to dpjgen itself is passed over.
pub fn read_pair(
    old: &Path,
    new: &Path,
    is_wanted: fn(&str) -> bool,
    same: &mut dyn FnMut(&str, &[u8]),
) -> Result<Pair, Unreadable> {
    let mut reader = Reader::new(is_wanted, [old, new], same);
    let folders = [Folder::open(old), Folder::open(new)];
    let [old, new] = folders;
    let (old, new) = (reader.checked(old, false)?, reader.checked(new, true)?);
    reader.both(&old, &new)?;
    let Reader { mut pair, .. } = reader;
    // Folders come where their names stand among those of files; paths are sorted as a whole.
    pair.old.sort_unstable_by(|one, other| one.0.cmp(&other.0));
    pair.new.sort_unstable_by(|one, other| one.0.cmp(&other.0));
    Ok(pair)
}

/// Reads all wanted files of a folder, sorted by path.
pub fn read_folder(folder: &Path, is_wanted: fn(&str) -> bool) -> Result<Vec<Bytes>, Unreadable> {
    let mut same = |_: &str, _: &[u8]| {};
    let mut reader = Reader::new(is_wanted, [folder, folder], &mut same);
    let opened = Folder::open(folder);
    let folder = reader.checked(opened, true)?;
    reader.only(&folder, true)?;
    let mut found = reader.pair.new;
    found.sort_unstable_by(|one, other| one.0.cmp(&other.0));
    Ok(found)
}

/// Reads some files of a folder again, which [`read_pair`] found to be the same in both; what is gone meanwhile is left out.
pub fn read_some<'p>(folder: &Path, paths: impl IntoIterator<Item = &'p str>) -> Vec<Bytes> {
    let mut buffer = Vec::new();
    let mut read = |path: &str| {
        let (below, name) = path.rsplit_once('/').unwrap_or(("", path));
        let length = Folder::open(&folder.join(below)).ok()?.read(name, Kind::Link, &mut buffer).ok()?;
        Some((path.to_owned(), buffer.get(..length)?.to_vec()))
    };
    paths.into_iter().filter_map(&mut read).collect()
}

/// Whether the stage of an output root holds a journal.
fn is_half_done(root: &Folder, room: &mut Vec<u8>) -> bool {
    let stage = root.folder(STAGE_DIR).and_then(|stage| stage.list(room));
    stage.is_ok_and(|entries| entries.iter().any(|entry| entry.name == JOURNAL))
}

struct Reader<'a> {
    roots: [&'a Path; 2],
    is_wanted: fn(&str) -> bool,
    /// Is told of files that are the same.
    same: &'a mut dyn FnMut(&str, &[u8]),
    pair: Pair,
    /// The path of the folder at hand; empty, or with a `/` at its end.
    path: String,
    /// What is kept between files, so that a file costs no memory of its own.
    buffers: [Vec<u8>; 2],
    room: Vec<u8>,
}

impl<'a> Reader<'a> {
    fn new(is_wanted: fn(&str) -> bool, roots: [&'a Path; 2], same: &'a mut dyn FnMut(&str, &[u8])) -> Self {
        Reader {
            roots,
            is_wanted,
            same,
            pair: Pair::default(),
            path: String::new(),
            buffers: [Vec::new(), Vec::new()],
            room: Vec::new(),
        }
    }

    /// What went wrong with the folder at hand.
    fn checked<T>(&self, result: Result<T, ReadError>, is_new: bool) -> Result<T, Unreadable> {
        result.map_err(|error| Unreadable { is_new, path: self.path.trim_end_matches('/').to_owned(), error })
    }

    /// What went wrong with something in it.
    fn named<T>(&self, result: Result<T, ReadError>, is_new: bool, name: &str) -> Result<T, Unreadable> {
        result.map_err(|error| Unreadable { is_new, path: format!("{}{name}", self.path), error })
    }

    /// The wanted files and the folders of a folder, sorted.
    fn list(&mut self, folder: &Folder, is_new: bool) -> Result<Listing, Unreadable> {
        let listed = folder.list(&mut self.room);
        let mut entries = self.checked(listed, is_new)?;
        if entries.iter().any(|entry| entry.name == STAGE_DIR) && is_half_done(folder, &mut self.room) {
            let why = "dpjgen's trees in it are part old, part new: a run is at work, or was stopped half-way";
            return self.checked(Err(ReadError::Io(why.to_owned())), is_new);
        }
        entries.sort(|entry| {
            let is_own = entry.name == ".git" || entry.name.starts_with(".dpjgen");
            !is_own && (entry.kind == Kind::Folder || (self.is_wanted)(entry.name))
        });
        Ok(entries)
    }

    /// Refuses a link that leads out of the folder.
    fn stays(&self, entry: Entry<'_>, is_new: bool) -> Result<(), Unreadable> {
        if entry.kind != Kind::Link {
            return Ok(());
        }
        let [old, new] = self.roots;
        let root = if is_new { new } else { old };
        self.named(stays(root, &root.join(&self.path).join(entry.name)), is_new, entry.name)
    }

    /// Goes into a folder of that name, and comes back.
    fn inside(
        &mut self,
        name: &str,
        visit: impl FnOnce(&mut Self) -> Result<(), Unreadable>,
    ) -> Result<(), Unreadable> {
        let length = self.path.len();
        self.path.push_str(name);
        self.path.push('/');
        visit(self)?;
        self.path.truncate(length);
        Ok(())
    }

    fn both(&mut self, old: &Folder, new: &Folder) -> Result<(), Unreadable> {
        let (old_entries, new_entries) = (self.list(old, false)?, self.list(new, true)?);
        let (mut old_left, mut new_left) = (old_entries.iter().peekable(), new_entries.iter().peekable());
        loop {
            let order = match (old_left.peek(), new_left.peek()) {
                (None, None) => return Ok(()),
                (Some(_), None) => Ordering::Less,
                (None, Some(_)) => Ordering::Greater,
                (Some(old), Some(new)) => old.name.cmp(new.name),
            };
            let before = if order.is_le() { old_left.next() } else { None };
            let after = if order.is_ge() { new_left.next() } else { None };
            match (before, after) {
                (Some(before), Some(after)) => match (before.kind, after.kind) {
                    (Kind::Folder, Kind::Folder) => {
                        let (below_old, below_new) = (old.folder(before.name), new.folder(after.name));
                        let below_old = self.named(below_old, false, before.name)?;
                        let below_new = self.named(below_new, true, after.name)?;
                        self.inside(before.name, |reader| reader.both(&below_old, &below_new))?;
                    }
                    (Kind::Folder, _) | (_, Kind::Folder) => {
                        self.one(old, before, false)?;
                        self.one(new, after, true)?;
                    }
                    _ => self.file([(old, before), (new, after)])?,
                },
                (before, after) => {
                    before.map_or(Ok(()), |entry| self.one(old, entry, false))?;
                    after.map_or(Ok(()), |entry| self.one(new, entry, true))?;
                }
            }
        }
    }

    /// A file of one name in both.
    fn file(&mut self, [(old, before), (new, after)]: [(&Folder, Entry<'_>); 2]) -> Result<(), Unreadable> {
        self.stays(before, false)?;
        self.stays(after, true)?;
        let [old_buffer, new_buffer] = &mut self.buffers;
        let old_length = old.read(before.name, before.kind, old_buffer);
        let new_length = new.read(after.name, after.kind, new_buffer);
        let old_length = self.named(old_length, false, before.name)?;
        let new_length = self.named(new_length, true, after.name)?;
        let [old_buffer, new_buffer] = &self.buffers;
        let (old, new) = (old_buffer.get(..old_length), new_buffer.get(..new_length));
        if old == new {
            let length = self.path.len();
            self.path.push_str(before.name);
            (self.same)(&self.path, old.unwrap_or_default());
            self.path.truncate(length);
        } else {
            let path = format!("{}{}", self.path, before.name);
            self.pair.old.push((path.clone(), old.unwrap_or_default().to_vec()));
            self.pair.new.push((path, new.unwrap_or_default().to_vec()));
        }
        Ok(())
    }

    /// All wanted files of a folder that the other side does not have.
    fn only(&mut self, folder: &Folder, is_new: bool) -> Result<(), Unreadable> {
        for entry in self.list(folder, is_new)?.iter() {
            self.one(folder, entry, is_new)?;
        }
        Ok(())
    }

    fn one(&mut self, folder: &Folder, entry: Entry<'_>, is_new: bool) -> Result<(), Unreadable> {
        if entry.kind == Kind::Folder {
            let below = self.named(folder.folder(entry.name), is_new, entry.name)?;
            return self.inside(entry.name, |reader| reader.only(&below, is_new));
        }
        self.stays(entry, is_new)?;
        let [buffer, _] = &mut self.buffers;
        let length = folder.read(entry.name, entry.kind, buffer);
        let length = self.named(length, is_new, entry.name)?;
        let [buffer, _] = &self.buffers;
        let bytes = buffer.get(..length).unwrap_or_default().to_vec();
        let side = if is_new { &mut self.pair.new } else { &mut self.pair.old };
        side.push((format!("{}{}", self.path, entry.name), bytes));
        Ok(())
    }
}
