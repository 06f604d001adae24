//! Manifests that the command line names: files, folders with all that is below them, standard input.
#![allow(clippy::disallowed_methods, reason = "the command line says what is read, wherever it is")]

use crate::files::ReadError;
use std::collections::BTreeSet;
use std::fs;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

/// The most that is read of one file: the CRDs of a cluster with forty operators are 40 MB.
const MOST: u64 = 256 * 1024 * 1024;

/// Folders below folders: a link that leads upwards has no end.
const DEEPEST: usize = 32;

/// One file.
pub(super) struct Input {
    /// What messages call it.
    pub(super) name: String,
    pub(super) bytes: Result<Vec<u8>, ReadError>,
}

/// Reads everything, each file once, files of a folder sorted by name.
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
            folder(path, 0, &mut seen, &mut inputs);
        } else {
            inputs.push(Input { name: path.display().to_string(), bytes: file(path) });
        }
    }
    inputs
}

fn folder(path: &Path, depth: usize, seen: &mut BTreeSet<PathBuf>, inputs: &mut Vec<Input>) {
    let failed = |error: ReadError| Input { name: path.display().to_string(), bytes: Err(error) };
    if depth > DEEPEST {
        inputs.push(failed(ReadError::Io(format!("more than {DEEPEST} folders within each other"))));
        return;
    }
    let entries = fs::read_dir(path).and_then(|entries| entries.map(|entry| Ok(entry?.path())).collect());
    let mut entries: Vec<PathBuf> = match entries {
        Ok(entries) => entries,
        Err(error) => {
            inputs.push(failed(error.into()));
            return;
        }
    };
    entries.sort_unstable();
    for entry in entries {
        let hidden = entry.file_name().is_some_and(|name| name.to_string_lossy().starts_with('.'));
        if hidden {
            // `.git` and the like.
        } else if entry.is_dir() {
            folder(&entry, depth + 1, seen, inputs);
        } else if is_manifest(&entry) && seen.insert(entry.clone()) {
            inputs.push(Input { name: entry.display().to_string(), bytes: file(&entry) });
        }
    }
}

/// Whether a file's name says that it holds manifests.
pub(super) fn is_manifest(path: &Path) -> bool {
    path.file_name().is_some_and(|name| is_manifest_name(name.as_encoded_bytes()))
}

/// The same of a bare name, without a look at how paths are made up.
pub(super) fn is_manifest_name(name: &[u8]) -> bool {
    let endings: [&[u8]; 3] = [b".yaml", b".yml", b".json"];
    endings.iter().any(|ending| name.len() > ending.len() && name.ends_with(ending))
}

/// A file, or the pipe of `<(kubectl …)`; a device has no end.
fn file(path: &Path) -> Result<Vec<u8>, ReadError> {
    let meta = fs::metadata(path)?;
    if !meta.is_file() && !is_pipe(&meta) {
        return Err(ReadError::NotRegular);
    }
    if meta.len() > MOST {
        return Err(ReadError::TooLarge { limit: MOST });
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
    reader.take(MOST + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > MOST { Err(ReadError::TooLarge { limit: MOST }) } else { Ok(bytes) }
}
