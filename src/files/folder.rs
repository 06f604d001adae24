//! An open folder, whose files are opened relative to it: the way to each is walked once, not for every file.

use super::{MAX_MANIFEST_BYTES, ReadError};
use std::io;
use std::ops::Range;

/// What a folder holds under a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// A folder.
    Folder,
    /// A regular file.
    File,
    /// A symbolic link, to whatever.
    Link,
}

/// What a folder holds. All names are one text: a file costs no memory of its own.
#[derive(Debug)]
pub(super) struct Listing {
    names: String,
    entries: Vec<(Range<usize>, Kind)>,
}

/// A name in a folder.
#[derive(Clone, Copy, Debug)]
pub(super) struct Entry<'n> {
    pub name: &'n str,
    pub kind: Kind,
}

impl Listing {
    /// With room for what most folders hold.
    fn new() -> Self {
        Listing { names: String::with_capacity(512), entries: Vec::with_capacity(16) }
    }

    fn push(&mut self, name: &str, kind: Kind) {
        let start = self.names.len();
        self.names.push_str(name);
        self.entries.push((start..self.names.len(), kind));
    }

    /// Keeps some entries, and sorts them by name.
    pub(super) fn sort(&mut self, is_kept: impl Fn(Entry<'_>) -> bool) {
        let Listing { names, entries } = self;
        let name = |range: &Range<usize>| names.get(range.clone()).unwrap_or_default();
        entries.retain(|(range, kind)| is_kept(Entry { name: name(range), kind: *kind }));
        entries.sort_unstable_by(|(one, _), (other, _)| name(one).cmp(name(other)));
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = Entry<'_>> {
        let entry =
            |(range, kind): &(Range<usize>, Kind)| Some(Entry { name: self.names.get(range.clone())?, kind: *kind });
        self.entries.iter().filter_map(entry)
    }
}

pub(super) use system::Folder;

/// What one read asks for: more than most manifests have.
const CHUNK: usize = 1 << 16;

/// Reads to the end, into a buffer that is kept between files, and says how many bytes there are. Of a regular file, a
/// read that gives less than it was asked for has come to the end.
fn read_all(
    kind: Kind,
    buffer: &mut Vec<u8>,
    mut read: impl FnMut(&mut [u8], u64) -> io::Result<usize>,
) -> Result<usize, ReadError> {
    if buffer.len() < CHUNK {
        buffer.resize(CHUNK, 0);
    }
    let mut length = 0;
    loop {
        let room = buffer.get_mut(length..).unwrap_or_default();
        let asked = room.len();
        match read(room, length as u64) {
            Ok(0) => return Ok(length),
            Ok(found) => {
                length += found;
                if kind == Kind::File && found < asked {
                    return Ok(length);
                }
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error.into()),
        }
        if u64::try_from(length).is_ok_and(|length| length > MAX_MANIFEST_BYTES) {
            return Err(ReadError::TooLarge { limit: MAX_MANIFEST_BYTES });
        }
        if length == buffer.len() {
            buffer.resize(length * 2, 0);
        }
    }
}

fn not_utf_8() -> ReadError {
    ReadError::Io("it holds a name that is not UTF-8".to_owned())
}

#[cfg(target_os = "linux")]
mod system {
    use super::{Kind, Listing, ReadError, not_utf_8, read_all};
    use rustix::fs::{AtFlags, CWD, FileType, Mode, OFlags, RawDir, openat, statat};
    use rustix::io::Errno;
    use rustix::path::Arg;
    use std::io;
    use std::os::fd::{AsFd, OwnedFd};
    use std::path::Path;

    pub struct Folder {
        fd: OwnedFd,
        /// What its folders and files are opened with beside the usual: reading leaves no trace, where the system lets it.
        /// Only who owns a file may ask for that, so it is asked of the topmost folder.
        flags: OFlags,
    }

    const FOLDER: OFlags = OFlags::RDONLY.union(OFlags::DIRECTORY).union(OFlags::CLOEXEC);

    /// Opens something, if need be with a trace.
    fn open(at: impl AsFd, path: impl Arg + Copy, flags: OFlags) -> Result<OwnedFd, ReadError> {
        let opened = match openat(&at, path, flags, Mode::empty()) {
            Err(Errno::PERM) if flags.contains(OFlags::NOATIME) => {
                openat(&at, path, flags.difference(OFlags::NOATIME), Mode::empty())
            }
            opened => opened,
        };
        opened.map_err(failed)
    }

    fn failed(error: Errno) -> ReadError {
        io::Error::from(error).into()
    }

    impl Folder {
        pub fn open(path: &Path) -> Result<Self, ReadError> {
            let flags = OFlags::NOATIME;
            match openat(CWD, path, FOLDER | flags, Mode::empty()) {
                Err(Errno::PERM) => {
                    let fd = openat(CWD, path, FOLDER, Mode::empty()).map_err(failed)?;
                    Ok(Folder { fd, flags: OFlags::empty() })
                }
                opened => Ok(Folder { fd: opened.map_err(failed)?, flags }),
            }
        }

        pub fn folder(&self, name: &str) -> Result<Self, ReadError> {
            let fd = open(&self.fd, name, FOLDER | OFlags::NOFOLLOW | self.flags)?;
            Ok(Folder { fd, flags: self.flags })
        }

        /// Whether a regular file, and no link to one, is there.
        pub fn is_file(&self, path: &Path) -> bool {
            let found = statat(&self.fd, path, AtFlags::SYMLINK_NOFOLLOW);
            found.is_ok_and(|found| FileType::from_raw_mode(found.st_mode) == FileType::RegularFile)
        }

        /// The files, links and folders in it, as they come. `room` is kept between folders.
        pub fn list(&self, room: &mut Vec<u8>) -> Result<Listing, ReadError> {
            room.clear();
            room.reserve(1 << 15);
            let mut found = Listing::new();
            let mut listed = RawDir::new(&self.fd, room.spare_capacity_mut());
            while let Some(entry) = listed.next() {
                let entry = entry.map_err(failed)?;
                let name = entry.file_name();
                if matches!(name.to_bytes(), b"." | b"..") {
                    continue;
                }
                let kind = match entry.file_type() {
                    FileType::Unknown => {
                        let found = statat(&self.fd, name, AtFlags::SYMLINK_NOFOLLOW).map_err(failed)?;
                        FileType::from_raw_mode(found.st_mode)
                    }
                    known => known,
                };
                let kind = match kind {
                    FileType::Directory => Kind::Folder,
                    FileType::RegularFile => Kind::File,
                    FileType::Symlink => Kind::Link,
                    _ => continue,
                };
                found.push(name.to_str().map_err(|_| not_utf_8())?, kind);
            }
            Ok(found)
        }

        pub fn read(&self, name: &str, kind: Kind, buffer: &mut Vec<u8>) -> Result<usize, ReadError> {
            // A link may lead to a pipe, whose opening would wait for a writer.
            let flags = OFlags::RDONLY | OFlags::CLOEXEC | OFlags::NONBLOCK;
            let file = open(&self.fd, name, flags | self.flags)?;
            read_all(kind, buffer, |room, at| rustix::io::pread(&file, room, at).map_err(io::Error::from))
        }
    }
}

#[cfg(not(target_os = "linux"))]
mod system {
    use super::{Kind, Listing, ReadError, not_utf_8, read_all};
    use std::fs::{self, File};
    use std::io::Read;
    use std::path::{Path, PathBuf};

    pub struct Folder(PathBuf);

    #[allow(clippy::disallowed_methods)] // files/ may
    impl Folder {
        pub fn open(path: &Path) -> Result<Self, ReadError> {
            Ok(Folder(path.to_owned()))
        }

        pub fn folder(&self, name: &str) -> Result<Self, ReadError> {
            Ok(Folder(self.0.join(name)))
        }

        /// Whether a regular file, and no link to one, is there.
        pub fn is_file(&self, path: &Path) -> bool {
            fs::symlink_metadata(self.0.join(path)).is_ok_and(|found| found.is_file())
        }

        /// The files, links and folders in it, as they come.
        pub fn list(&self, _: &mut Vec<u8>) -> Result<Listing, ReadError> {
            let mut found = Listing::new();
            for entry in fs::read_dir(&self.0)? {
                let entry = entry?;
                let kind = entry.file_type()?;
                let kind = match (kind.is_dir(), kind.is_file(), kind.is_symlink()) {
                    (true, _, _) => Kind::Folder,
                    (_, true, _) => Kind::File,
                    (_, _, true) => Kind::Link,
                    _ => continue,
                };
                let name = entry.file_name().into_string().map_err(|_| not_utf_8())?;
                found.push(&name, kind);
            }
            Ok(found)
        }

        pub fn read(&self, name: &str, kind: Kind, buffer: &mut Vec<u8>) -> Result<usize, ReadError> {
            let mut file = File::open(self.0.join(name))?;
            read_all(kind, buffer, |room, _| file.read(room))
        }
    }
}
