//! Golden cases: every folder `tests/cases/<name>/` is a platform and what the command says about it.
//!
//! - `platform.toml`, `overlays/`, `templates/`, `manifests/`, `schemas/` and whatever else the platform consists of;
//! - `args`: the command line, `build prod` unless stated;
//! - `never`: texts, one a line, that may occur nowhere in the output, of people's messages and of JSON's;
//! - `expected/stdout.yaml` (`.json`, `.txt`): the case succeeds with this output and status 0; messages, if it has any,
//!   stand in `expected/stderr.txt`;
//! - `expected/stderr.txt` alone: the case fails with this message, status 2 and nothing on standard output.
//!
//! No case changes anything on disk. `DPJGEN_BLESS=1 cargo test --test cases` writes what the cases give now; a case that
//! changes from failing to succeeding, or back, is not blessed before its `expected/` is removed.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]
#![allow(clippy::disallowed_methods, clippy::print_stderr, missing_docs)]
#![allow(clippy::format_push_string, clippy::format_collect, clippy::case_sensitive_file_extension_comparisons)]
#![cfg(unix)]

mod support;

use std::fs;
use std::path::{Path, PathBuf};
use support::{Run, blessing, dpjgen, finished, paths, snapshot, unified};

const DEFAULT_ARGS: &str = "build prod";

struct Case {
    name: String,
    folder: PathBuf,
    args: String,
}

fn cases() -> Vec<Case> {
    let all = support::root().join("tests/cases");
    let mut names: Vec<String> =
        fs::read_dir(&all).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
        .into_iter()
        .map(|name| {
            let folder = all.join(&name);
            let args = fs::read_to_string(folder.join("args")).unwrap_or_else(|_| DEFAULT_ARGS.to_owned());
            Case { name, folder, args: args.trim().to_owned() }
        })
        .collect()
}

impl Case {
    fn run(&self) -> Run {
        finished(&dpjgen(&self.folder).args(self.args.split_whitespace()).output().unwrap())
    }

    /// The name of standard output's golden file.
    fn stdout_file(&self) -> &'static str {
        match () {
            () if self.args.contains("--format json") => "stdout.json",
            () if self.args.starts_with("build") => "stdout.yaml",
            () => "stdout.txt",
        }
    }

    fn expected(&self, file: &str) -> Option<String> {
        fs::read_to_string(self.folder.join("expected").join(file)).ok()
    }

    /// Runs the case; everything that is wrong with it.
    fn check(&self) -> Vec<String> {
        let mut wrong = Vec::new();
        let before = snapshot(&self.folder);
        let run = self.run();
        if snapshot(&self.folder) != before {
            wrong.push("the run changed the case's folder".to_owned());
        }
        wrong.extend(self.leaks(&run));
        if run.status != 0 && (run.status != 2 || !run.stdout.is_empty() || run.stderr.is_empty()) {
            wrong.push(format!(
                "a failing case has status 2, a message and no output, but: status {}, stdout {:?}, stderr {:?}",
                run.status, run.stdout, run.stderr
            ));
            return wrong;
        }
        let texts = [(self.stdout_file(), &run.stdout), ("stderr.txt", &run.stderr)];
        if blessing() {
            wrong.extend(self.bless(&run, &texts));
            return wrong;
        }
        if (run.status == 0) != self.expected(self.stdout_file()).is_some() {
            wrong.push(format!(
                "it {}, which is not what `expected/` says\n{}",
                if run.status == 0 { "succeeds" } else { "fails" },
                run.stderr
            ));
            return wrong;
        }
        for (file, text) in texts {
            let golden = self.expected(file).unwrap_or_default();
            wrong.extend(Some(unified(&golden, text, (&format!("expected/{file}"), "now"))).filter(|d| !d.is_empty()));
        }
        wrong
    }

    fn bless(&self, run: &Run, texts: &[(&str, &String); 2]) -> Option<String> {
        let expected = self.folder.join("expected");
        let was = expected.is_dir().then(|| expected.join(self.stdout_file()).exists());
        if was.is_some_and(|succeeded| succeeded != (run.status == 0)) {
            return Some(format!("not blessed: status {} now. If that is right, remove `expected/` first", run.status));
        }
        let _ = fs::remove_dir_all(&expected);
        fs::create_dir_all(&expected).unwrap();
        for (file, text) in texts {
            // Output belongs to success, even where it is empty.
            if !text.is_empty() || (file.starts_with("stdout") && run.status == 0) {
                fs::write(expected.join(file), text).unwrap();
            }
        }
        None
    }

    /// What must never be said is not said, in neither format of messages.
    fn leaks(&self, run: &Run) -> Vec<String> {
        let Ok(never) = fs::read_to_string(self.folder.join("never")) else { return Vec::new() };
        let never: Vec<&str> = never.lines().filter(|line| !line.is_empty()).collect();
        assert!(!never.is_empty(), "{}: `never` is empty", self.name);
        let read = |path: String| fs::read_to_string(self.folder.join(path)).ok();
        let stated = |path: &String| path == "platform.toml" || path.starts_with("manifests/");
        let platform: String = paths(&self.folder).into_iter().filter(stated).filter_map(read).collect();
        let json = support::run(&self.folder, &format!("{} --message-format json", self.args));
        let mut wrong = Vec::new();
        for text in never {
            assert!(platform.contains(text), "{}: `never` names {text}, which the platform does not say", self.name);
            for (what, said) in
                [("stdout", &run.stdout), ("stderr", &run.stderr), ("json", &json.stdout), ("json", &json.stderr)]
            {
                if said.contains(text) {
                    wrong.push(format!("{what} says `{text}`:\n{said}"));
                }
            }
        }
        wrong
    }

    /// Files that no run looks at, and what is missing.
    fn tidy(&self) -> Vec<String> {
        let mut wrong = Vec::new();
        if !self.folder.is_dir() {
            return vec!["is not a folder".to_owned()];
        }
        // The one case without a platform is about that.
        let has_spec = self.folder.join("platform.toml").exists() || self.name == "platform-missing";
        if !has_spec || !self.folder.join("expected").is_dir() {
            wrong.push("a case has a platform.toml and an expected/ (DPJGEN_BLESS=1 writes it)".to_owned());
        }
        for path in paths(&self.folder) {
            let known = match path.split('/').next().unwrap_or_default() {
                "expected" => {
                    path == "expected"
                        || path == "expected/stderr.txt"
                        || path == format!("expected/{}", self.stdout_file())
                }
                "overlays" | "templates" | "manifests" | "schemas" | "args" | "never" => true,
                _ => path.ends_with(".toml") || self.folder.join(&path).is_dir(),
            };
            let empty = self.folder.join(&path).metadata().is_ok_and(|meta| meta.is_file() && meta.len() == 0);
            if !known || (empty && !path.starts_with("expected/stdout")) {
                wrong.push(format!("`{path}` is {}", if known { "empty" } else { "nothing that a case has" }));
            }
        }
        if !paths(&self.folder).iter().any(|path| path.starts_with("expected/")) {
            wrong.push("`expected/` is empty".to_owned());
        }
        wrong
    }
}

/// Fails with everything that is wrong with any case.
fn all_right(check: impl Fn(&Case) -> Vec<String>) {
    let mut wrong = String::new();
    let cases = cases();
    assert!(cases.len() > 50, "only {} cases were found", cases.len());
    for case in &cases {
        for problem in check(case) {
            wrong.push_str(&format!("\n── tests/cases/{}: {problem}\n", case.name));
        }
    }
    assert!(wrong.is_empty(), "{wrong}\nDPJGEN_BLESS=1 cargo test --test cases rewrites expected/");
}

#[test]
fn every_case_gives_what_it_should() {
    all_right(Case::check);
}

#[test]
fn no_case_has_files_that_nothing_reads() {
    if !blessing() {
        all_right(Case::tidy);
    }
}

/// Every message is for people: no name of a Rust type, no `Some(…)`, no escape, no line that is only blanks at its end.
#[test]
fn messages_are_for_people() {
    all_right(|case| {
        let Some(text) = case.expected("stderr.txt") else { return Vec::new() };
        let mut wrong = Vec::new();
        for word in [
            "Some(", "None", "Ok(", "Err(", "core::", "std::", "struct ", "enum ", "variant", "NodeId", "usize",
            "\u{1b}",
        ] {
            if text.contains(word) {
                wrong.push(format!("its stderr.txt says `{word}`"));
            }
        }
        if let Some(line) = text.lines().find(|line| line.trim_end() != *line) {
            wrong.push(format!("a line ends in blanks: {line:?}"));
        }
        wrong
    });
}

fn case(name: &str) -> PathBuf {
    let folder = support::root().join("tests/cases").join(name);
    assert!(Path::new(&folder).is_dir(), "tests/cases/{name} is gone");
    folder
}

/// Ten mistakes in five workloads are all reported, once each, in the order of the file.
#[test]
fn ten_mistakes_are_ten_errors_in_order() {
    let run = support::run(&case("ten-mistakes"), DEFAULT_ARGS);
    let errors = run.stderr.lines().filter(|line| line.starts_with("error[")).count();
    assert_eq!(errors, 10, "{}", run.stderr);
    let lines: Vec<u32> = places(&run.stderr);
    assert_eq!(lines.len(), 10, "{}", run.stderr);
    assert!(lines.is_sorted(), "{lines:?}");
}

/// A mistake of a class is one mistake, however many members it has.
#[test]
fn a_mistake_of_a_class_is_said_once() {
    let run = support::run(&case("class-mistake-seen-through-members"), DEFAULT_ARGS);
    let errors = run.stderr.lines().filter(|line| line.starts_with("error[")).count();
    let distinct: std::collections::BTreeSet<u32> = places(&run.stderr).into_iter().collect();
    assert_eq!(errors, distinct.len(), "{}", run.stderr);
}

/// The lines of the main places: `--> platform.toml:12:3`.
fn places(stderr: &str) -> Vec<u32> {
    stderr
        .lines()
        .filter_map(|line| line.trim_start().strip_prefix("--> "))
        .map(|place| place.split(':').nth(1).unwrap().parse().unwrap())
        .collect()
}

/// What a check questions can be acknowledged: every warning that a case shows is on the list of those that can be.
#[test]
fn warnings_can_be_acknowledged() {
    let known: Vec<&str> = dpjgen::codes::warnings().iter().map(|code| code.id).collect();
    let mut shown = std::collections::BTreeSet::new();
    for case in cases() {
        for message in case.expected("stderr.txt").unwrap_or_default().split("warning[").skip(1) {
            let code = message.split(']').next().unwrap().to_owned();
            assert!(known.contains(&code.as_str()), "{}: {code} is in no module's WARNINGS", case.name);
            shown.insert(code);
        }
    }
    assert!(shown.len() > 1, "hardly any case shows a warning: {shown:?}");
}
