//! Where the platform is.

use crate::files::DiskFiles;
use std::path::{Path, PathBuf};

/// A platform on disk.
#[derive(Debug)]
pub(super) struct Platform {
    pub(super) files: DiskFiles,
    /// The spec's name below the root.
    pub(super) spec: String,
}

/// The file that a folder stands for.
const SPEC: &str = "platform.toml";

impl Platform {
    /// The platform that `--spec` names: a file, or the folder that holds a `platform.toml`.
    #[allow(clippy::disallowed_methods, reason = "the command line says where the platform is")]
    pub(super) fn at(path: &Path) -> Self {
        if path.is_dir() && path.file_name().is_none_or(|name| name != SPEC) {
            return Platform { files: DiskFiles::new(path), spec: SPEC.to_owned() };
        }
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or(SPEC).to_owned();
        let root = match path.parent() {
            Some(parent) if parent.as_os_str().is_empty() => PathBuf::from("."),
            Some(parent) => parent.to_owned(),
            None => PathBuf::from("."),
        };
        Platform { files: DiskFiles::new(root), spec: name }
    }
}
