//! What the integration tests share: running the binary, temporary folders, diffs that people can read.
#![allow(dead_code)] // each test file uses a part of it

pub mod spec;

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

/// The command with nothing of the environment that it could depend on, and no terminal.
pub fn dpjgen(cwd: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_dpjgen"));
    command.current_dir(cwd).env_clear().env("NO_COLOR", "1").stdin(Stdio::null());
    command
}

/// What a run gave.
#[derive(Debug, PartialEq, Eq)]
pub struct Run {
    pub status: i32,
    pub stdout: String,
    pub stderr: String,
}

/// Runs the command line `args` (split at spaces) in `cwd`.
pub fn run(cwd: &Path, args: &str) -> Run {
    finished(&dpjgen(cwd).args(args.split_whitespace()).output().expect("the binary runs"))
}

pub fn finished(output: &Output) -> Run {
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).expect("output is UTF-8");
    Run {
        // A signal (a crash) is no status.
        status: output.status.code().unwrap_or(-1),
        stdout: text(&output.stdout),
        stderr: text(&output.stderr),
    }
}

/// The checkout.
pub fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Whether golden files are rewritten instead of compared.
pub fn blessing() -> bool {
    std::env::var_os("DPJGEN_BLESS").is_some_and(|value| value == "1")
}

/// A folder of one test, removed at its end.
#[derive(Debug)]
pub struct Place(pub PathBuf);

impl Place {
    pub fn new(name: &str) -> Self {
        let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("{}-{name}", std::process::id()));
        let _ = fs::remove_dir_all(&path);
        fs::create_dir_all(&path).expect("a folder for the test");
        Place(path)
    }

    /// With the smallest platform that builds.
    pub fn with_platform(name: &str) -> Self {
        let place = Place::new(name);
        place.put("platform.toml", PLATFORM);
        place.put("overlays/prod.toml", "# as in platform.toml\n");
        place
    }

    pub fn at(&self, path: &str) -> PathBuf {
        self.0.join(path)
    }

    pub fn put(&self, path: &str, bytes: impl AsRef<[u8]>) {
        let path = self.at(path);
        fs::create_dir_all(path.parent().expect("a file has a folder")).expect("a folder");
        fs::write(path, bytes).expect("a file");
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// The smallest platform that builds.
pub const PLATFORM: &str = "\
dpjgen = \"1\"

[platform]
name       = \"shop\"
registry   = \"registry.example.com\"
kubernetes = \"1.28\"

[namespaces.backend]

[workloads.api]
namespace = \"backend\"
image     = \"shop/api:1.0.0\"
";

/// Everything below a folder: path to bytes, inode and time of the last change.
pub fn snapshot(folder: &Path) -> BTreeMap<String, (Vec<u8>, u64, i64, i64)> {
    let mut all = BTreeMap::new();
    for path in paths(folder) {
        let meta = fs::symlink_metadata(folder.join(&path)).expect("what was listed is there");
        let bytes = if meta.is_file() { fs::read(folder.join(&path)).expect("readable") } else { Vec::new() };
        all.insert(path, (bytes, meta.ino(), meta.mtime(), meta.mtime_nsec()));
    }
    all
}

/// All files and folders below a folder, sorted, with `/`.
pub fn paths(folder: &Path) -> Vec<String> {
    let mut found = Vec::new();
    let mut todo = vec![folder.to_owned()];
    while let Some(dir) = todo.pop() {
        for entry in fs::read_dir(&dir).unwrap_or_else(|error| panic!("{}: {error}", dir.display())) {
            let entry = entry.expect("an entry");
            if entry.file_type().expect("a type").is_dir() {
                todo.push(entry.path());
            }
            let path = entry.path();
            let below = path.strip_prefix(folder).expect("below");
            found.push(below.to_str().expect("a name in UTF-8").to_owned());
        }
    }
    found.sort();
    found
}

/// Files below a folder, without folders.
pub fn files(folder: &Path) -> Vec<String> {
    paths(folder).into_iter().filter(|path| !folder.join(path).is_dir()).collect()
}

/// A unified diff, empty if there is no difference.
pub fn unified(old: &str, new: &str, names: (&str, &str)) -> String {
    if old == new {
        return String::new();
    }
    similar::TextDiff::from_lines(old, new).unified_diff().context_radius(3).header(names.0, names.1).to_string()
}
