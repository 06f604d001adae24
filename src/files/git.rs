//! Another revision of a platform, read with the `git` program: no checkout, no shell, nothing fetched.
#![allow(clippy::disallowed_methods, reason = "files/ is where the disk is touched")]

use super::{Files, MAX_FILE_BYTES, ReadError, ancestors, parts};
use std::collections::BTreeMap;
use std::fmt;
use std::io::{self, BufRead, BufReader, ErrorKind, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Output, Stdio};
use std::sync::Mutex;

/// Links that one path may lead through.
const MOST_LINKS: usize = 16;

/// Variables by which a hook's caller tells git where it works: whoever runs dpjgen in a hook asks for the repository of
/// the platform all the same.
const LOCAL: [&str; 7] = [
    "GIT_DIR",
    "GIT_WORK_TREE",
    "GIT_INDEX_FILE",
    "GIT_PREFIX",
    "GIT_COMMON_DIR",
    "GIT_OBJECT_DIRECTORY",
    "GIT_NAMESPACE",
];

/// The files of a directory as a revision has them.
pub struct GitFiles {
    /// Relative to the directory.
    entries: BTreeMap<String, Entry>,
    batch: Mutex<Batch>,
}

#[derive(Clone, Debug)]
struct Entry {
    kind: EntryKind,
    id: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum EntryKind {
    File,
    Link,
    Submodule,
}

/// Why a revision cannot be read. The text is a sentence without a full stop.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum GitError {
    /// It is none, or could be taken for an option.
    Revision,
    /// There is no `git` program.
    NoGit,
    /// The directory is in no repository.
    NoRepository,
    /// The repository is somebody else's (`safe.directory`).
    Ownership(String),
    /// The repository does not have it.
    Unknown {
        /// Whether the repository has only the end of its history.
        shallow: bool,
    },
    /// Anything else, in the program's words.
    Failed(String),
}

impl fmt::Display for GitError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            GitError::Revision => f.write_str("this is no name of a revision"),
            GitError::NoGit => f.write_str("there is no `git` program on this machine"),
            GitError::NoRepository => f.write_str("the platform is in no git repository"),
            GitError::Ownership(directory) => {
                write!(f, "git does not read `{directory}`, which belongs to somebody else")
            }
            GitError::Unknown { shallow: true } => f.write_str(
                "the repository does not have this revision: it was cloned with the end of its history only",
            ),
            GitError::Unknown { shallow: false } => f.write_str("the repository does not have this revision"),
            GitError::Failed(message) => write!(f, "git: {message}"),
        }
    }
}

impl GitError {
    /// What to do.
    pub fn help(&self) -> String {
        match self {
            GitError::Revision => "write a branch, a tag or a commit: `git:origin/main`".to_owned(),
            GitError::NoGit => "install git, or compare with a folder: `--against DIR`".to_owned(),
            GitError::NoRepository => "compare with a folder: `--against DIR`".to_owned(),
            GitError::Ownership(directory) => {
                format!("if you trust it: `git config --global --add safe.directory {directory}`")
            }
            GitError::Unknown { shallow: true } => {
                "fetch the history: `git fetch --unshallow`, or in CI a clone of full depth (`fetch-depth: 0`, `GIT_DEPTH: 0`)"
                    .to_owned()
            }
            GitError::Unknown { shallow: false } => {
                "`git branch --all` and `git tag` list what there is; a branch of the remote is `origin/NAME`, after `git fetch`"
                    .to_owned()
            }
            GitError::Failed(_) => "run `git fsck`, or compare with a folder: `--against DIR`".to_owned(),
        }
    }
}

impl GitFiles {
    /// The files of `directory`, which need not exist now, in a revision.
    pub fn open(directory: &Path, revision: &str) -> Result<Self, GitError> {
        if revision.is_empty() || revision.starts_with('-') || revision.contains(char::is_whitespace) {
            return Err(GitError::Revision);
        }
        let (place, missing) = existing(directory);
        let prefix = text(&git(&place, &["rev-parse", "--show-prefix"])?)?;
        let mut prefix = prefix.trim_end_matches('\n').to_owned();
        for part in &missing {
            prefix.push_str(part);
            prefix.push('/');
        }
        let commit = format!("{revision}^{{commit}}");
        let id = match git(&place, &["rev-parse", "--verify", "--quiet", &commit]) {
            Ok(output) => text(&output)?.trim().to_owned(),
            // With --quiet it says nothing of a revision that it does not know.
            Err(GitError::Failed(_)) => {
                let shallow = git(&place, &["rev-parse", "--is-shallow-repository"]);
                let shallow = shallow.is_ok_and(|output| output.stdout.starts_with(b"true"));
                return Err(GitError::Unknown { shallow });
            }
            Err(error) => return Err(error),
        };
        let mut list = vec!["ls-tree", "-r", "-z", "--full-tree", &id];
        if !prefix.is_empty() {
            list.extend(["--", &prefix]);
        }
        let entries = entries(&git(&place, &list)?.stdout, &prefix);
        Ok(GitFiles { entries, batch: Mutex::new(Batch::start(&place)?) })
    }

    /// All files below a directory, relative to it, sorted.
    pub fn below(&self, dir: &str) -> Vec<String> {
        self.resolved(dir).map_or_else(|_| Vec::new(), |dir| self.inside(&dir))
    }

    /// The same of a path without links.
    fn inside(&self, dir: &str) -> Vec<String> {
        let prefix = if dir.is_empty() { String::new() } else { format!("{dir}/") };
        let inside = self.entries.range(prefix.clone()..).take_while(|(path, _)| path.starts_with(&prefix));
        inside.filter_map(|(path, _)| path.strip_prefix(&prefix)).map(str::to_owned).collect()
    }

    fn is_directory(&self, dir: &str) -> bool {
        dir.is_empty() || !self.inside(dir).is_empty()
    }

    /// The file that a path leads to.
    fn find(&self, path: &str) -> Result<&Entry, ReadError> {
        let path = self.resolved(path)?;
        match self.entries.get(&path) {
            Some(entry) if entry.kind == EntryKind::File => Ok(entry),
            Some(_) => Err(ReadError::NotRegular),
            None if self.is_directory(&path) => Err(ReadError::IsDirectory),
            None => Err(ReadError::NotFound),
        }
    }

    /// Where a path leads through all links, of which directories may be some.
    fn resolved(&self, path: &str) -> Result<String, ReadError> {
        let mut path = parts(path)?.join("/");
        for _ in 0..MOST_LINKS {
            let link = ancestors(&path).chain([path.as_str()]).find_map(|part| {
                let entry = self.entries.get(part).filter(|entry| entry.kind == EntryKind::Link)?;
                Some((part, entry))
            });
            let Some((part, entry)) = link else { return Ok(path) };
            let target = followed(part, &self.content(entry)?)?;
            let rest = path.get(part.len()..).unwrap_or_default();
            let next = format!("{target}{rest}");
            path = next.split('/').filter(|part| !part.is_empty()).collect::<Vec<_>>().join("/");
        }
        Err(ReadError::Io("too many symbolic links".to_owned()))
    }

    fn content(&self, entry: &Entry) -> Result<Vec<u8>, ReadError> {
        let mut batch = self.batch.lock().map_err(|_| ReadError::Io("git was interrupted".to_owned()))?;
        batch.read(&entry.id)
    }
}

impl Files for GitFiles {
    fn read(&self, path: &str) -> Result<Vec<u8>, ReadError> {
        self.content(self.find(path)?)
    }

    fn list(&self, dir: &str) -> Result<Vec<String>, ReadError> {
        let dir = self.resolved(dir)?;
        if self.entries.contains_key(&dir) {
            return Err(ReadError::NotDirectory);
        }
        if !self.is_directory(&dir) {
            return Err(ReadError::NotFound);
        }
        let whole = |name: &str| if dir.is_empty() { name.to_owned() } else { format!("{dir}/{name}") };
        let names = self.inside(&dir).into_iter().filter(|name| !name.contains('/'));
        Ok(names.filter(|name| self.find(&whole(name)).is_ok()).collect())
    }
}

impl fmt::Debug for GitFiles {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("GitFiles").field("entries", &self.entries.len()).finish_non_exhaustive()
    }
}

/// The innermost directory of a path that exists, and the names below it.
fn existing(directory: &Path) -> (PathBuf, Vec<String>) {
    let mut place = directory;
    let mut missing = Vec::new();
    while !place.is_dir() {
        let (Some(name), Some(parent)) = (place.file_name().and_then(|name| name.to_str()), place.parent()) else {
            break;
        };
        missing.insert(0, name.to_owned());
        place = parent;
    }
    let place = if place.as_os_str().is_empty() { Path::new(".") } else { place };
    (place.to_owned(), missing)
}

/// The entries of `ls-tree -r -z`: `MODE TYPE ID TAB PATH NUL`. Names that are not UTF-8 are no files of a platform.
fn entries(listing: &[u8], prefix: &str) -> BTreeMap<String, Entry> {
    let entry = |record: &[u8]| {
        let (head, path) = std::str::from_utf8(record).ok()?.split_once('\t')?;
        let mut head = head.split(' ');
        let kind = match head.next()? {
            "120000" => EntryKind::Link,
            "160000" => EntryKind::Submodule,
            _ => EntryKind::File,
        };
        let id = head.nth(1)?.to_owned();
        Some((path.strip_prefix(prefix)?.to_owned(), Entry { kind, id }))
    };
    listing.split(|byte| *byte == 0).filter_map(entry).collect()
}

/// Where a link at `path` leads, below the same directory.
fn followed(path: &str, target: &[u8]) -> Result<String, ReadError> {
    let target = std::str::from_utf8(target).map_err(|_| ReadError::Outside)?;
    if target.starts_with('/') {
        return Err(ReadError::Outside);
    }
    let mut at: Vec<&str> = path.split('/').collect();
    at.pop();
    for part in target.split('/').filter(|part| !part.is_empty() && *part != ".") {
        if part == ".." {
            at.pop().ok_or(ReadError::Outside)?;
        } else {
            at.push(part);
        }
    }
    Ok(at.join("/"))
}

fn command(place: &Path) -> Command {
    let mut command = Command::new("git");
    command.arg("--no-pager").arg("-C").arg(place).stdin(Stdio::null());
    // Its words are read by programs, and nobody is there to be asked for a password.
    command.env("LC_ALL", "C").env("GIT_TERMINAL_PROMPT", "0").env("GIT_OPTIONAL_LOCKS", "0");
    command.env("GIT_LITERAL_PATHSPECS", "1");
    for variable in LOCAL {
        command.env_remove(variable);
    }
    command
}

fn git(place: &Path, arguments: &[&str]) -> Result<Output, GitError> {
    let output = command(place).args(arguments).output().map_err(|error| not_started(&error))?;
    if output.status.success() { Ok(output) } else { Err(failed(&output, place)) }
}

fn not_started(error: &io::Error) -> GitError {
    match error.kind() {
        ErrorKind::NotFound => GitError::NoGit,
        _ => GitError::Failed(error.to_string()),
    }
}

fn failed(output: &Output, place: &Path) -> GitError {
    let message = String::from_utf8_lossy(&output.stderr);
    if message.contains("dubious ownership") {
        let named = message.split('\'').nth(1).map_or_else(|| place.display().to_string(), str::to_owned);
        return GitError::Ownership(named);
    }
    if message.contains("not a git repository") {
        return GitError::NoRepository;
    }
    let line = message.lines().find(|line| !line.trim().is_empty()).unwrap_or("it failed without a word");
    GitError::Failed(line.trim_start_matches("fatal: ").to_owned())
}

fn text(output: &Output) -> Result<String, GitError> {
    String::from_utf8(output.stdout.clone()).map_err(|_| GitError::Failed("a path that is not UTF-8".to_owned()))
}

/// One `git cat-file --batch` for all files.
struct Batch {
    child: Child,
    /// Closed first, which ends the program.
    input: Option<ChildStdin>,
    output: BufReader<ChildStdout>,
}

impl Batch {
    fn start(place: &Path) -> Result<Self, GitError> {
        let mut command = command(place);
        command.args(["cat-file", "--batch"]).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut child = command.spawn().map_err(|error| not_started(&error))?;
        let (input, output) = (child.stdin.take(), child.stdout.take());
        let output = output.ok_or_else(|| GitError::Failed("it has no output".to_owned()))?;
        Ok(Batch { child, input, output: BufReader::new(output) })
    }

    /// `ID SP TYPE SP SIZE LF`, the bytes, LF; or `ID SP missing LF`.
    fn read(&mut self, id: &str) -> Result<Vec<u8>, ReadError> {
        let input = self.input.as_mut().ok_or_else(|| ReadError::Io("git has ended".to_owned()))?;
        input.write_all(format!("{id}\n").as_bytes())?;
        input.flush()?;
        let mut head = String::new();
        self.output.read_line(&mut head)?;
        let size = head.trim_end().rsplit(' ').next().and_then(|size| size.parse::<u64>().ok());
        let size = size.ok_or_else(|| ReadError::Io(format!("git does not have the object {id}")))?;
        let mut bytes = Vec::new();
        if size > MAX_FILE_BYTES {
            io::copy(&mut (&mut self.output).take(size + 1), &mut io::sink())?;
            return Err(ReadError::TooLarge { limit: MAX_FILE_BYTES });
        }
        (&mut self.output).take(size).read_to_end(&mut bytes)?;
        let mut end = [0; 1];
        self.output.read_exact(&mut end)?;
        if bytes.len() as u64 == size { Ok(bytes) } else { Err(ReadError::Io("git ended early".to_owned())) }
    }
}

impl Drop for Batch {
    fn drop(&mut self) {
        drop(self.input.take());
        // Nothing depends on how it ends.
        drop(self.child.wait());
    }
}
