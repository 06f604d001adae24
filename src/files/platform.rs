//! A platform on the disk: what a build reads.
#![allow(clippy::disallowed_methods, reason = "files/ is where the disk is touched, and only here and in real.rs")]

use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};

use super::{Files, MAX_FILE_BYTES, ReadError, parts};

/// A platform on the disk.
#[derive(Clone, Debug)]
pub struct DiskFiles {
    root: PathBuf,
    /// Whether links may lead out of it.
    is_open: bool,
}

impl DiskFiles {
    /// The platform in this directory.
    pub fn new(root: impl Into<PathBuf>) -> Self {
        DiskFiles { root: root.into(), is_open: true }
    }

    /// The same for a directory whose content may be somebody else's: no link leads out of it.
    pub fn confined(root: impl Into<PathBuf>) -> Self {
        DiskFiles { root: root.into(), is_open: false }
    }

    /// The directory.
    pub fn root(&self) -> &Path {
        &self.root
    }

    fn resolve(&self, path: &str) -> Result<PathBuf, ReadError> {
        let mut full = self.root.clone();
        full.extend(parts(path)?);
        Ok(full)
    }
}

impl Files for DiskFiles {
    fn read(&self, path: &str) -> Result<Vec<u8>, ReadError> {
        let full = self.resolve(path)?;
        if !self.is_open {
            stays(&self.root, &full)?;
        }
        read_regular(&full, MAX_FILE_BYTES)
    }

    fn list(&self, dir: &str) -> Result<Vec<String>, ReadError> {
        let full = self.resolve(dir)?;
        let meta = metadata(&full)?;
        if !meta.is_dir() {
            return Err(if meta.is_file() { ReadError::NotDirectory } else { ReadError::NotRegular });
        }
        let mut names = Vec::new();
        for entry in fs::read_dir(&full)? {
            let entry = entry?;
            let kind = entry.file_type()?;
            // A link counts as what it leads to; one that leads nowhere (an editor's lock) is no file.
            let regular = kind.is_file() || kind.is_symlink() && fs::metadata(entry.path()).is_ok_and(|m| m.is_file());
            if regular {
                names.push(entry.file_name().into_string().map_err(|name| {
                    ReadError::Io(format!("the name of the file `{}` in it is not UTF-8", name.display()))
                })?);
            }
        }
        names.sort_unstable();
        Ok(names)
    }
}

/// Refuses a path that leads out of a directory by a link: what is read is shown, and a repository that was cloned must not
/// choose it.
pub(super) fn stays(root: &Path, path: &Path) -> Result<(), ReadError> {
    match (fs::canonicalize(root), fs::canonicalize(path)) {
        (Ok(root), Ok(path)) if !path.starts_with(&root) => Err(ReadError::LinkOutside),
        // What is not there is said by who reads it.
        _ => Ok(()),
    }
}

/// Reads a regular file, and nothing else: opening a pipe would wait for its writer.
fn read_regular(path: &Path, limit: u64) -> Result<Vec<u8>, ReadError> {
    check_regular(&metadata(path)?)?;
    let file = fs::File::open(path)?;
    let meta = file.metadata()?;
    check_regular(&meta)?;
    if meta.len() > limit {
        return Err(ReadError::TooLarge { limit });
    }
    read_limited(file, meta.len(), limit)
}

/// Reads to the end, but never more than one byte over the limit, whatever the size was said to be: files grow, and
/// those of `/proc` say 0.
fn read_limited(reader: impl Read, expected: u64, limit: u64) -> Result<Vec<u8>, ReadError> {
    let mut bytes = Vec::with_capacity(usize::try_from(expected.min(limit)).unwrap_or(0) + 1);
    reader.take(limit + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > limit { Err(ReadError::TooLarge { limit }) } else { Ok(bytes) }
}

/// Of what a path leads to. A link to nothing is not "does not exist": somebody put it there, and an optional file must
/// not be passed over for it.
fn metadata(path: &Path) -> Result<fs::Metadata, ReadError> {
    fs::metadata(path).map_err(|error| match ReadError::from(error) {
        ReadError::NotFound if fs::symlink_metadata(path).is_ok() => ReadError::LinkToNothing,
        error => error,
    })
}

fn check_regular(meta: &fs::Metadata) -> Result<(), ReadError> {
    if meta.is_dir() {
        Err(ReadError::IsDirectory)
    } else if meta.is_file() {
        Ok(())
    } else {
        Err(ReadError::NotRegular)
    }
}

#[cfg(test)]
mod tests {
    use super::{ReadError, read_limited};
    use std::io;

    #[test]
    fn an_endless_file_is_too_large_after_limit_and_one_bytes() {
        assert_eq!(read_limited(io::repeat(0), 0, 10), Err(ReadError::TooLarge { limit: 10 }));
    }

    #[test]
    fn a_file_of_just_the_limit_is_read() {
        assert_eq!(read_limited(&b"0123456789"[..], 3, 10), Ok(b"0123456789".to_vec()));
        assert_eq!(read_limited(&b"0123456789a"[..], 3, 10), Err(ReadError::TooLarge { limit: 10 }));
    }
}
