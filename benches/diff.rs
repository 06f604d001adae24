//! The benchmark of `dpjgen diff --manifests A B`: two trees with one percent changed beside `diff -r`, and two trees with
//! everything changed beside what js-yaml takes to parse both (`docs/BENCHMARKS.md`).
//!
//! `cargo bench --bench diff` measures and fails if a limit does not hold, or if node or js-yaml is not there: a limit
//! that was not measured does not hold. js-yaml is installed below `target/` by npm; `--without-js-yaml` leaves its limit
//! out. Run as a test (`cargo test --benches`) it measures nothing and only says so.
//!
//! Limits are of the time that goes by, as who waits for it sees it: dpjgen reads with as many threads as there are
//! processors. What that costs is printed beside it: the CPU time of all threads, and that of a run on one processor.

#![allow(clippy::disallowed_methods, clippy::print_stdout, clippy::print_stderr, reason = "a program, not the core")]

use std::env;
use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};
use std::time::Instant;
use wait4::Wait4;

const DPJGEN: &str = env!("CARGO_BIN_EXE_dpjgen");
const SCRATCH: &str = env!("CARGO_TARGET_TMPDIR");
/// The snapshot whose namespaces are repeated.
const SNAPSHOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/out/prod");

/// Times the time of `diff -r`, one percent changed.
const MOST_OF_DIFF: f64 = 0.8;
/// Times the time of js-yaml parsing both sides, everything changed.
const MOST_OF_JS_YAML: f64 = 0.25;

/// How often the namespaces of the snapshot are repeated: more than 10,000 objects.
const COPIES: usize = 80;
/// One file of so many is changed.
const HUNDRED: usize = 100;
const ROUNDS: usize = 11;
const QUICK_ROUNDS: usize = 5;

/// Reads every YAML file below two folders and parses it.
const JS_YAML: &str = "\
const fs = require('fs'), path = require('path'), yaml = require('js-yaml');
let documents = 0;
const walk = folder => {
  for (const entry of fs.readdirSync(folder, { withFileTypes: true })) {
    const found = path.join(folder, entry.name);
    if (entry.isDirectory()) walk(found);
    else yaml.loadAll(fs.readFileSync(found, 'utf8'), () => documents++);
  }
};
process.argv.slice(2).forEach(walk);
if (documents === 0) process.exit(1);
";

fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).collect();
    if !arguments.iter().any(|argument| argument == "--bench") {
        println!("nothing is measured as a test");
        return ExitCode::SUCCESS;
    }
    let rounds = if arguments.iter().any(|argument| argument == "--quick") { QUICK_ROUNDS } else { ROUNDS };
    let with_js_yaml = !arguments.iter().any(|argument| argument == "--without-js-yaml");
    match bench(rounds, with_js_yaml) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

/// Measures and prints; whether all limits hold.
fn bench(rounds: usize, with_js_yaml: bool) -> Result<bool, Box<dyn Error>> {
    let trees = Trees::write()?;
    println!("{} files of {} KiB on each side; whole processes, medians", trees.files, trees.bytes / 1024);
    let some = [trees.dpjgen(&trees.some), trees.diff(&trees.some)];
    let few = turns(some, rounds, "diff -r, one percent changed", Some(MOST_OF_DIFF))?;
    let pinned = [pinned(&trees.dpjgen(&trees.some)), pinned(&trees.diff(&trees.some))];
    turns(pinned, rounds, "diff -r, both on one processor", None)?;
    if !with_js_yaml {
        return Ok(few);
    }
    let Some(js_yaml) = js_yaml(&trees)? else {
        println!("js-yaml: node, npm or the package is not there; its limit was NOT measured, so it does not hold");
        return Ok(false);
    };
    let all = [trees.dpjgen(&trees.all), js_yaml];
    Ok(turns(all, rounds.div_ceil(2), "js-yaml parsing both sides, everything changed", Some(MOST_OF_JS_YAML))? && few)
}

/// The same command on one processor, by the program of util-linux.
fn pinned(command: &Command) -> Command {
    let mut pinned = Command::new("taskset");
    pinned.args(["-c", "0"]).arg(command.get_program()).args(command.get_args());
    pinned
}

/// Runs both commands in turn, and prints the medians of the ratios of their times; whether that of the time that goes by is
/// at most the limit.
fn turns(mut commands: [Command; 2], rounds: usize, what: &str, most: Option<f64>) -> Result<bool, Box<dyn Error>> {
    let mut turns = Vec::new();
    for round in 0..=rounds {
        let [first, second] = &mut commands;
        let turn = (Time::of(first)?, Time::of(second)?);
        // The first round fills the caches.
        if round > 0 {
            turns.push(turn);
        }
    }
    let of = |figure: fn(&(Time, Time)) -> f64| median(turns.iter().map(figure).collect());
    let found = of(|(own, other)| own.elapsed / other.elapsed);
    let holds = most.is_none_or(|most| found <= most);
    let verdict = match most {
        Some(most) => format!(", at most {most}: {}", if holds { "holds" } else { "EXCEEDED" }),
        None => String::new(),
    };
    println!(
        "dpjgen {:.1} ms, {what} {:.1} ms: {found:.3} times{verdict} (CPU time {:.1} and {:.1} ms: {:.3} times)",
        of(|(own, _)| own.elapsed),
        of(|(_, other)| other.elapsed),
        of(|(own, _)| own.cpu),
        of(|(_, other)| other.cpu),
        of(|(own, other)| own.cpu / other.cpu),
    );
    Ok(holds)
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
}

/// What a run took, in milliseconds.
struct Time {
    /// What went by.
    elapsed: f64,
    /// User and system time of all threads.
    cpu: f64,
}

impl Time {
    /// Runs a command to its end. Both `diff` and `dpjgen diff` end with 1 where there are differences, as there are here.
    fn of(command: &mut Command) -> Result<Self, Box<dyn Error>> {
        let start = Instant::now();
        let mut child = command.stdin(Stdio::null()).stdout(Stdio::null()).spawn()?;
        let end = child.wait4()?;
        let elapsed = start.elapsed().as_secs_f64() * 1000.0;
        if end.status.code().is_none_or(|code| code > 1) {
            return Err(format!("{} ended with {}", command.get_program().display(), end.status).into());
        }
        Ok(Time { elapsed, cpu: (end.rusage.utime + end.rusage.stime).as_secs_f64() * 1000.0 })
    }
}

/// A tree, the same with one file of a hundred changed, and the same with every file changed.
struct Trees {
    old: PathBuf,
    some: PathBuf,
    all: PathBuf,
    files: usize,
    bytes: usize,
}

impl Trees {
    fn write() -> Result<Self, Box<dyn Error>> {
        let folder = Path::new(SCRATCH).join("diff");
        let _ = fs::remove_dir_all(&folder);
        let (old, some, all) = (folder.join("old"), folder.join("some"), folder.join("all"));
        let mut trees = Trees { old, some, all, files: 0, bytes: 0 };
        let mut found = Vec::new();
        below(Path::new(SNAPSHOT), &mut found)?;
        for copy in 0..COPIES {
            for path in &found {
                let relative = path.strip_prefix(SNAPSHOT)?.to_str().ok_or("a path is UTF-8")?;
                // Namespaces of the platform are named after it, so that those of a copy are other ones.
                if !relative.starts_with("dpj-") || relative.ends_with("kustomization.yaml") {
                    continue;
                }
                let prefix = format!("p{copy:03}-");
                let text = fs::read_to_string(path)?.replace("dpj-", &prefix);
                let relative = relative.replace("dpj-", &prefix);
                let changed = text.replacen("managed-by: dpjgen", "managed-by: another", 1);
                trees.files += 1;
                trees.bytes += text.len();
                put(&trees.old.join(&relative), &text)?;
                put(&trees.some.join(&relative), if trees.files.is_multiple_of(HUNDRED) { &changed } else { &text })?;
                put(&trees.all.join(&relative), &changed)?;
            }
        }
        if trees.files < 5000 {
            return Err(format!("only {} files in {SNAPSHOT}", trees.files / COPIES).into());
        }
        Ok(trees)
    }

    fn dpjgen(&self, new: &Path) -> Command {
        let mut command = Command::new(DPJGEN);
        command.args(["diff", "--manifests"]).arg(&self.old).arg(new);
        command
    }

    fn diff(&self, new: &Path) -> Command {
        let mut command = Command::new("diff");
        command.arg("-r").arg(&self.old).arg(new);
        command
    }
}

fn put(path: &Path, text: &str) -> Result<(), Box<dyn Error>> {
    fs::create_dir_all(path.parent().ok_or("a file is in a folder")?)?;
    Ok(fs::write(path, text)?)
}

/// All files below a folder.
fn below(folder: &Path, found: &mut Vec<PathBuf>) -> Result<(), Box<dyn Error>> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() { below(&path, found)? } else { found.push(path) }
    }
    Ok(())
}

/// What parses both sides with js-yaml; `None` if it cannot be had.
fn js_yaml(trees: &Trees) -> Result<Option<Command>, Box<dyn Error>> {
    let folder = Path::new(SCRATCH).join("js-yaml");
    fs::create_dir_all(&folder)?;
    if !folder.join("node_modules/js-yaml").is_dir() {
        let mut npm = Command::new("npm");
        npm.args(["install", "--no-audit", "--no-fund", "--prefix"]).arg(&folder).arg("js-yaml@4");
        if !npm.stdout(Stdio::null()).status().is_ok_and(|status| status.success()) {
            return Ok(None);
        }
    }
    let script = folder.join("parse.cjs");
    fs::write(&script, JS_YAML)?;
    let mut node = Command::new("node");
    node.arg(script).arg(&trees.old).arg(&trees.all);
    // A small run says whether it works at all.
    let probe = Command::new("node").arg("--version").stdout(Stdio::null()).status();
    Ok(probe.is_ok_and(|status| status.success()).then_some(node))
}
