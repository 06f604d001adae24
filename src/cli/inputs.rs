//! Manifests that the command line names: files, folders with all that is below them, standard input.
#![allow(clippy::disallowed_methods, reason = "the command line says what is read, wherever it is")]

use crate::files::{MAX_MANIFEST_BYTES, ReadError, Unreadable, read_folder};
use crate::manifest::is_manifest;
use std::collections::BTreeSet;
use std::fs;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

/// One file.
pub(super) struct Input {
    /// What messages call it.
    pub(super) name: String,
    pub(super) bytes: Result<Vec<u8>, ReadError>,
}

/// Reads everything, each file once, files of a folder sorted by path. Of a folder all manifests below it are read, as
/// [`read_folder`] does: links do not lead out of it.
pub(super) fn read(paths: &[PathBuf]) -> Vec<Input> {
    let mut seen = BTreeSet::new();
    let mut inputs = Vec::new();
    for path in paths {
        if !seen.insert(path.clone()) {
            continue;
        }
        if path.as_os_str() == "-" {
            inputs.push(Input { name: "standard input".to_owned(), bytes: limited(io::stdin().lock()) });
        } else if path.is_dir() {
            let below = |name: &str| if name.is_empty() { path.clone() } else { path.join(name) };
            match read_folder(path, is_manifest) {
                Ok(files) => {
                    let files = files.into_iter().map(|(name, bytes)| (below(&name), bytes));
                    let new = files.filter(|(file, _)| seen.insert(file.clone()));
                    inputs
                        .extend(new.map(|(file, bytes)| Input { name: file.display().to_string(), bytes: Ok(bytes) }));
                }
                Err(faults) => inputs.extend(faults.into_iter().map(|Unreadable { path, error, .. }| Input {
                    name: below(&path).display().to_string(),
                    bytes: Err(error),
                })),
            }
        } else {
            inputs.push(Input { name: path.display().to_string(), bytes: file(path) });
        }
    }
    inputs
}

/// A file, or the pipe of `<(kubectl …)`; a device has no end.
fn file(path: &Path) -> Result<Vec<u8>, ReadError> {
    let meta = fs::metadata(path)?;
    if !meta.is_file() && !is_pipe(&meta) {
        return Err(ReadError::NotRegular);
    }
    if meta.len() > MAX_MANIFEST_BYTES {
        return Err(ReadError::TooLarge { limit: MAX_MANIFEST_BYTES });
    }
    limited(fs::File::open(path)?)
}

#[cfg(unix)]
fn is_pipe(meta: &fs::Metadata) -> bool {
    std::os::unix::fs::FileTypeExt::is_fifo(&meta.file_type())
}

#[cfg(not(unix))]
fn is_pipe(_: &fs::Metadata) -> bool {
    false
}

fn limited(reader: impl Read) -> Result<Vec<u8>, ReadError> {
    let mut bytes = Vec::new();
    reader.take(MAX_MANIFEST_BYTES + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > MAX_MANIFEST_BYTES {
        Err(ReadError::TooLarge { limit: MAX_MANIFEST_BYTES })
    } else {
        Ok(bytes)
    }
}
