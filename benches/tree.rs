//! The benchmark of `dpjgen build -o`: what writing a tree costs beside building it, and beside a program that does no
//! more than the kernel must (`docs/BENCHMARKS.md`).
//!
//! `cargo bench --bench tree` measures 1000 services and fails if a limit does not hold; `-- --quick` takes fewer turns.
//! Run as a test (`cargo test --benches`) it takes one turn of ten services. The floors are programs of their own, though
//! not files of their own: this program runs itself as `tree create PACK FOLDER` and `tree compare PACK FOLDER`.

#![allow(clippy::disallowed_methods, clippy::print_stdout, clippy::print_stderr, reason = "a program, not the core")]

/// What it shares with the benchmark of platforms.
mod platform {
    pub mod generate;
    #[allow(dead_code, reason = "here no output is compared as a stream")]
    pub mod measure;
    #[allow(dead_code, reason = "nothing grows here")]
    pub mod statistics;
}

use platform::generate::{self, ENVIRONMENT};
use platform::measure::{Output, run};
use platform::statistics::median;
use rustix::fs::{CWD, Mode, OFlags, mkdirat, openat};
use std::collections::BTreeMap;
use std::env;
use std::error::Error;
use std::fs;
use std::io::{self, Read, Write};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};
use std::time::Duration;

const DPJGEN: &str = env!("CARGO_BIN_EXE_dpjgen");
const SCRATCH: &str = env!("CARGO_TARGET_TMPDIR");

type Any<T> = Result<T, Box<dyn Error>>;

/// A ratio of CPU times that must not be exceeded.
struct Limit {
    what: &'static str,
    most: f64,
    of: fn(&Turn) -> f64,
}

const LIMITS: [Limit; 3] = [
    Limit { what: "a fresh tree, times a stream and creating the same files", most: 1.8, of: Turn::fresh },
    Limit { what: "a run that changes nothing, times a stream and comparing every file", most: 1.6, of: Turn::nothing },
    Limit { what: "a run that changes 1 % of the files, times one that changes nothing", most: 1.2, of: Turn::few },
];

/// CPU times of whole processes, one after the other.
struct Turn {
    stream: Duration,
    create: Duration,
    fresh: Duration,
    compare: Duration,
    nothing: Duration,
    few: Duration,
}

impl Turn {
    fn fresh(&self) -> f64 {
        self.fresh.as_secs_f64() / (self.stream + self.create).as_secs_f64()
    }

    fn nothing(&self) -> f64 {
        self.nothing.as_secs_f64() / (self.stream + self.compare).as_secs_f64()
    }

    fn few(&self) -> f64 {
        self.few.as_secs_f64() / self.nothing.as_secs_f64()
    }
}

fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let done = match arguments.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        ["create", pack, folder] => Pack::read(Path::new(pack)).and_then(|pack| pack.create(folder)).map(|()| true),
        ["compare", pack, folder] => Pack::read(Path::new(pack)).and_then(|pack| pack.compare(folder)),
        words if !words.contains(&"--bench") => bench(10, 1).map(|_| true),
        words if words.contains(&"--quick") => bench(1000, 5),
        _ => bench(1000, 15),
    };
    match done {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

/// Measures and prints; whether all limits hold.
fn bench(services: usize, turns: usize) -> Any<bool> {
    let place = Place::new(services)?;
    let turns = (0..turns).map(|_| place.turn()).collect::<Any<Vec<_>>>()?;
    let row = |what: &str, of: fn(&Turn) -> Duration| {
        println!("{:>12.2} ms  {what}", median(turns.iter().map(|turn| of(turn).as_secs_f64() * 1000.0)));
    };
    println!(
        "CPU time of whole processes, medians of {} turns: {services} services, {} files",
        turns.len(),
        place.files
    );
    row("building to a stream", |turn| turn.stream);
    row("floor: creating the files with openat", |turn| turn.create);
    row("a fresh tree", |turn| turn.fresh);
    row("floor: reading and comparing every file", |turn| turn.compare);
    row("a run that changes nothing", |turn| turn.nothing);
    row("a run that changes 1 % of the files", |turn| turn.few);
    let mut holds = true;
    for limit in LIMITS {
        let ratio = median(turns.iter().map(limit.of));
        let verdict = if ratio <= limit.most { "holds" } else { "DOES NOT HOLD" };
        println!("{}: {ratio:.3}, at most {}: {verdict}", limit.what, limit.most);
        holds &= ratio <= limit.most;
    }
    Ok(holds)
}

/// Two platforms, of which the second changes one percent of the files, and where their trees go.
struct Place {
    folder: PathBuf,
    out: PathBuf,
    files: usize,
    own: PathBuf,
}

impl Place {
    fn new(services: usize) -> Any<Self> {
        let folder = Path::new(SCRATCH).join(format!("tree-{services}"));
        if folder.exists() {
            fs::remove_dir_all(&folder)?;
        }
        let place = Place { out: folder.join("out"), folder, files: 0, own: env::current_exe()? };
        for name in ["one", "two"] {
            generate::platform(&place.folder.join(name), services)?;
        }
        place.dpjgen("one", true)?;
        let files = inodes(&place.out)?.len();
        let spec = place.folder.join("two/platform.toml");
        let text = fs::read_to_string(&spec)?;
        // The image of a workload stands in one file.
        fs::write(spec, text.replacen("\"shop/", "\"shop/new-", files / 100))?;
        Pack::write(&place.out.join(ENVIRONMENT), &place.pack())?;
        place.check(files / 100)?;
        Ok(Place { files, ..place })
    }

    fn pack(&self) -> PathBuf {
        self.folder.join("pack")
    }

    /// That just the changed files are written, and none by a run that changes nothing.
    fn check(&self, changed: usize) -> Any<()> {
        let before = inodes(&self.out)?;
        self.dpjgen("one", true)?;
        if inodes(&self.out)? != before {
            return Err("a run that changes nothing changed something".into());
        }
        self.dpjgen("two", true)?;
        let after = inodes(&self.out)?;
        let written: Vec<_> = after.iter().filter(|(path, inode)| before.get(*path) != Some(*inode)).collect();
        // And `.dpjgen`.
        if written.len() != changed + 1 || after.len() != before.len() {
            return Err(format!("{} files were written, and {changed} have changed", written.len()).into());
        }
        Ok(())
    }

    fn dpjgen(&self, platform: &str, tree: bool) -> Any<Duration> {
        let mut command = Command::new(DPJGEN);
        command.args(["build", ENVIRONMENT, "--spec"]).arg(self.folder.join(platform));
        if tree {
            command.arg("-o").arg(&self.out).stderr(std::process::Stdio::null());
        }
        Ok(run(&mut command, Output::Any)?.cpu)
    }

    fn floor(&self, what: &str, folder: &Path) -> Any<Duration> {
        Ok(run(Command::new(&self.own).arg(what).arg(self.pack()).arg(folder), Output::Any)?.cpu)
    }

    fn turn(&self) -> Any<Turn> {
        let floor = self.folder.join("floor");
        for folder in [&floor, &self.out] {
            if folder.exists() {
                fs::remove_dir_all(folder)?;
            }
        }
        let stream = self.dpjgen("one", false)?;
        let create = self.floor("create", &floor)?;
        let fresh = self.dpjgen("one", true)?;
        let compare = self.floor("compare", &self.out.join(ENVIRONMENT))?;
        let nothing = self.dpjgen("one", true)?;
        let few = self.dpjgen("two", true)?;
        Ok(Turn { stream, create, fresh, compare, nothing, few })
    }
}

/// Every file below a folder with its inode.
fn inodes(folder: &Path) -> io::Result<BTreeMap<PathBuf, u64>> {
    let (mut found, mut todo) = (BTreeMap::new(), vec![folder.to_owned()]);
    while let Some(dir) = todo.pop() {
        for entry in fs::read_dir(dir)? {
            let entry = entry?;
            if entry.file_type()?.is_dir() {
                todo.push(entry.path());
            } else {
                found.insert(entry.path(), entry.metadata()?.ino());
            }
        }
    }
    Ok(found)
}

/// The files of a tree in one: what the floors read at once, so that they are measured for what they do with it.
struct Pack {
    bytes: Vec<u8>,
    /// Folder and files in it: names and lengths. Outer folders come first.
    folders: Vec<(String, Vec<(String, usize)>)>,
    start: usize,
}

impl Pack {
    /// Lines `FOLDER` and `LENGTH NAME` (after a tab), an empty one, then the bytes of all.
    fn write(tree: &Path, to: &Path) -> io::Result<()> {
        let mut folders: BTreeMap<PathBuf, Vec<PathBuf>> = BTreeMap::new();
        for path in inodes(tree)?.into_keys() {
            for dir in path.ancestors().skip(1).take_while(|dir| dir.starts_with(tree)) {
                folders.entry(dir.to_owned()).or_default();
            }
            folders.entry(path.parent().unwrap_or(tree).to_owned()).or_default().push(path);
        }
        let (mut lines, mut bytes) = (String::new(), Vec::new());
        for (folder, files) in folders {
            lines.extend([folder.strip_prefix(tree).unwrap_or(tree).display().to_string(), "\n".to_owned()]);
            for file in files {
                let read = fs::read(&file)?;
                let name = file.file_name().unwrap_or_default().display();
                lines.extend([format!("\t{} {name}\n", read.len())]);
                bytes.extend(read);
            }
        }
        let mut file = fs::File::create(to)?;
        file.write_all(format!("{}\n{lines}", lines.len()).as_bytes())?;
        file.write_all(&bytes)
    }

    fn read(path: &Path) -> Any<Self> {
        let bytes = fs::read(path)?;
        let first = bytes.iter().position(|b| *b == b'\n').ok_or("no pack")?;
        let length: usize = std::str::from_utf8(bytes.get(..first).unwrap_or_default())?.parse()?;
        let start = first + 1 + length;
        let lines = std::str::from_utf8(bytes.get(first + 1..start).unwrap_or_default())?;
        let mut folders: Vec<(String, Vec<(String, usize)>)> = Vec::new();
        for line in lines.lines() {
            match (line.strip_prefix('\t').and_then(|line| line.split_once(' ')), folders.last_mut()) {
                (Some((length, name)), Some((_, files))) => files.push((name.to_owned(), length.parse()?)),
                _ => folders.push((line.to_owned(), Vec::new())),
            }
        }
        Ok(Pack { bytes, folders, start })
    }

    /// Creates the files as a C program would: each folder is opened once, each file relative to its folder.
    fn create(&self, folder: &str) -> Any<()> {
        mkdirat(CWD, folder, Mode::from_raw_mode(0o777))?;
        let root = openat(CWD, folder, OFlags::DIRECTORY | OFlags::PATH, Mode::empty())?;
        let mut rest = self.bytes.get(self.start..).unwrap_or_default();
        for (folder, files) in &self.folders {
            let mut dir = None;
            if !folder.is_empty() {
                mkdirat(&root, folder.as_str(), Mode::from_raw_mode(0o777))?;
                dir = Some(openat(&root, folder.as_str(), OFlags::DIRECTORY | OFlags::PATH, Mode::empty())?);
            }
            for (name, length) in files {
                let (bytes, more) = rest.split_at(*length);
                let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::CLOEXEC;
                let file = openat(dir.as_ref().unwrap_or(&root), name.as_str(), flags, Mode::from_raw_mode(0o666))?;
                fs::File::from(file).write_all(bytes)?;
                rest = more;
            }
        }
        Ok(())
    }

    /// Reads every file and compares it.
    fn compare(&self, folder: &str) -> Any<bool> {
        let root = openat(CWD, folder, OFlags::DIRECTORY | OFlags::PATH, Mode::empty())?;
        let mut rest = self.bytes.get(self.start..).unwrap_or_default();
        let (mut buffer, mut same) = (vec![0; 1 << 24], true);
        for (folder, files) in &self.folders {
            let dir = match folder.as_str() {
                "" => None,
                folder => Some(openat(&root, folder, OFlags::DIRECTORY | OFlags::PATH, Mode::empty())?),
            };
            for (name, length) in files {
                let (bytes, more) = rest.split_at(*length);
                let flags = OFlags::RDONLY | OFlags::CLOEXEC;
                let file = openat(dir.as_ref().unwrap_or(&root), name.as_str(), flags, Mode::empty())?;
                let (mut file, mut at) = (fs::File::from(file), 0);
                while let read @ 1.. = file.read(buffer.get_mut(at..).unwrap_or_default())? {
                    at += read;
                }
                same &= buffer.get(..at) == Some(bytes);
                rest = more;
            }
        }
        Ok(same)
    }
}
