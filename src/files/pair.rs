//! Two folders, of which only those files are kept that are not the same in both.

use super::{MAX_FILE_BYTES, ReadError};
use std::cmp::Ordering;
use std::fs::{self, File};
use std::io::Read;
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
    /// How many files are the same in both.
    pub same: usize,
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

/// Compares the files of two folders, and keeps what differs. `is_wanted` is asked for the name of each file. Links to
/// files are followed, links to folders are not, and what belongs to git or to dpjgen itself is passed over.
pub fn read_pair(old: &Path, new: &Path, is_wanted: fn(&str) -> bool) -> Result<Pair, Unreadable> {
    let mut reader = Reader {
        sides: [Side { root: old, is_new: false }, Side { root: new, is_new: true }],
        is_wanted,
        pair: Pair::default(),
        buffers: [Vec::new(), Vec::new()],
    };
    reader.folders("")?;
    Ok(reader.pair)
}

/// Reads all wanted files of a folder.
pub fn read_folder(folder: &Path, is_wanted: fn(&str) -> bool) -> Result<Vec<Bytes>, Unreadable> {
    let side = Side { root: folder, is_new: true };
    let mut found = Vec::new();
    only(side, "", is_wanted, &mut found)?;
    Ok(found)
}

#[derive(Clone, Copy)]
struct Side<'p> {
    root: &'p Path,
    is_new: bool,
}

struct Entry {
    name: String,
    is_folder: bool,
}

struct Reader<'p> {
    sides: [Side<'p>; 2],
    is_wanted: fn(&str) -> bool,
    pair: Pair,
    buffers: [Vec<u8>; 2],
}

/// What one read asks for: more than most manifests have.
const CHUNK: usize = 1 << 16;

fn below(folder: &str, name: &str) -> String {
    if folder.is_empty() { name.to_owned() } else { format!("{folder}/{name}") }
}

impl Side<'_> {
    fn failed(self, path: &str, error: impl Into<ReadError>) -> Unreadable {
        Unreadable { is_new: self.is_new, path: path.to_owned(), error: error.into() }
    }

    /// The wanted files and the folders of a folder, sorted.
    #[allow(clippy::disallowed_methods)] // files/ may
    fn list(self, folder: &str, is_wanted: fn(&str) -> bool) -> Result<Vec<Entry>, Unreadable> {
        let mut entries = Vec::new();
        let listed = fs::read_dir(self.root.join(folder)).map_err(|error| self.failed(folder, error))?;
        for entry in listed {
            let entry = entry.map_err(|error| self.failed(folder, error))?;
            let kind = entry.file_type().map_err(|error| self.failed(folder, error))?;
            let Ok(name) = entry.file_name().into_string() else { continue };
            let is_own = name == ".git" || name.starts_with(".dpjgen");
            if !is_own && (kind.is_dir() || is_wanted(&name)) {
                entries.push(Entry { name, is_folder: kind.is_dir() });
            }
        }
        entries.sort_unstable_by(|one, other| one.name.cmp(&other.name));
        Ok(entries)
    }

    /// Reads a file into a buffer that is kept between files.
    #[allow(clippy::disallowed_methods)] // files/ may
    fn read(self, path: &str, buffer: &mut Vec<u8>) -> Result<usize, Unreadable> {
        let file = File::open(self.root.join(path)).map_err(|error| self.failed(path, error))?;
        if buffer.len() < CHUNK {
            buffer.resize(CHUNK, 0);
        }
        let mut file = file.take(MAX_FILE_BYTES + 1);
        let mut length = 0;
        loop {
            let room = buffer.get_mut(length..).unwrap_or_default();
            match file.read(room) {
                Ok(0) => break,
                Ok(read) => length += read,
                Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
                Err(error) => return Err(self.failed(path, error)),
            }
            if length == buffer.len() {
                buffer.resize(length * 2, 0);
            }
        }
        if u64::try_from(length).is_ok_and(|length| length > MAX_FILE_BYTES) {
            return Err(self.failed(path, ReadError::TooLarge { limit: MAX_FILE_BYTES }));
        }
        Ok(length)
    }
}

impl Reader<'_> {
    fn folders(&mut self, folder: &str) -> Result<(), Unreadable> {
        let [old, new] = self.sides;
        let (old_entries, new_entries) = (old.list(folder, self.is_wanted)?, new.list(folder, self.is_wanted)?);
        let (mut old_left, mut new_left) = (old_entries.iter().peekable(), new_entries.iter().peekable());
        loop {
            let order = match (old_left.peek(), new_left.peek()) {
                (None, None) => return Ok(()),
                (Some(_), None) => Ordering::Less,
                (None, Some(_)) => Ordering::Greater,
                (Some(old), Some(new)) => old.name.cmp(&new.name),
            };
            let before = if order.is_le() { old_left.next() } else { None };
            let after = if order.is_ge() { new_left.next() } else { None };
            match (before, after) {
                (Some(before), Some(after)) if before.is_folder == after.is_folder => {
                    let path = below(folder, &before.name);
                    if before.is_folder { self.folders(&path)? } else { self.files(path)? }
                }
                (before, after) => {
                    for (side, entry, found) in [(old, before, &mut self.pair.old), (new, after, &mut self.pair.new)] {
                        if let Some(entry) = entry {
                            one(side, &below(folder, &entry.name), entry.is_folder, self.is_wanted, found)?;
                        }
                    }
                }
            }
        }
    }

    fn files(&mut self, path: String) -> Result<(), Unreadable> {
        let [old, new] = self.sides;
        let [old_buffer, new_buffer] = &mut self.buffers;
        let (old_length, new_length) = (old.read(&path, old_buffer)?, new.read(&path, new_buffer)?);
        let (old, new) = (old_buffer.get(..old_length), new_buffer.get(..new_length));
        if old == new {
            self.pair.same += 1;
        } else {
            self.pair.old.push((path.clone(), old.unwrap_or_default().to_vec()));
            self.pair.new.push((path, new.unwrap_or_default().to_vec()));
        }
        Ok(())
    }
}

/// All wanted files below a folder.
fn only(side: Side<'_>, folder: &str, is_wanted: fn(&str) -> bool, found: &mut Vec<Bytes>) -> Result<(), Unreadable> {
    for entry in side.list(folder, is_wanted)? {
        one(side, &below(folder, &entry.name), entry.is_folder, is_wanted, found)?;
    }
    Ok(())
}

fn one(
    side: Side<'_>,
    path: &str,
    is_folder: bool,
    is_wanted: fn(&str) -> bool,
    found: &mut Vec<Bytes>,
) -> Result<(), Unreadable> {
    if is_folder {
        return only(side, path, is_wanted, found);
    }
    let mut buffer = Vec::new();
    let length = side.read(path, &mut buffer)?;
    buffer.truncate(length);
    found.push((path.to_owned(), buffer));
    Ok(())
}
