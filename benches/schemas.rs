//! What validation against the embedded schemas costs, beside what the objects cost anyway.
//!
//! `cargo bench --bench schemas` validates the core objects of the committed output and, in turn with that, writes them as
//! JSON and reads them back: work of the same order that no build can do without. Ratios of times of one run do not
//! depend on the machine. Run as a test it validates once and measures nothing.

#![allow(clippy::disallowed_methods, clippy::print_stdout, clippy::print_stderr, reason = "a program, not the core")]

use dpjgen::schema::{self, Verdict};
use dpjgen::value::KubernetesVersion;
use serde_json::Value;
use std::env;
use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Instant;

/// Validation of the objects, times their way to JSON and back.
const MOST: f64 = 0.6;
/// The first validation, which inflates and compiles a version's schemas, times the objects' way to JSON and back.
const MOST_FIRST: f64 = 60.0;

fn main() -> ExitCode {
    let rounds = if env::args().any(|argument| argument == "--bench") { 30 } else { 0 };
    match bench(rounds) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

/// Measures and prints; whether the limits hold.
fn bench(rounds: usize) -> Result<bool, Box<dyn Error>> {
    let mut objects = Vec::new();
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("out");
    collect(&root, &mut objects)?;
    let ends = [*schema::versions().start(), *schema::versions().end()];
    // Custom resources are no kind of Kubernetes'.
    objects.retain(|object| schema::validate_core(ends[0], object) != Verdict::NoSuchKind);
    let first = seconds(|| validate(&ends[1..], &objects))?;
    // The fastest of each is the one that was disturbed least.
    let (mut validated, mut copied) = (f64::INFINITY, f64::INFINITY);
    for _ in 0..rounds {
        validated = validated.min(seconds(|| validate(&ends[1..], &objects))?);
        copied = copied.min(seconds(|| copy(&objects))?);
    }
    validate(&ends, &objects)?;
    println!("{} objects are valid for {} and {}", objects.len(), ends[0], ends[1]);
    if rounds == 0 {
        return Ok(true);
    }
    println!("validated in {:.2} ms, at first in {:.2} ms", validated * 1e3, first * 1e3);
    println!("written as JSON and read back in {:.2} ms", copied * 1e3);
    let limits = [
        ("validation, times JSON and back", validated / copied, MOST),
        ("the first validation, times JSON and back", first / copied, MOST_FIRST),
    ];
    for (what, found, most) in limits {
        println!("{what}: {found:.2}, at most {most}: {}", if found <= most { "holds" } else { "EXCEEDED" });
    }
    Ok(limits.iter().all(|(_, found, most)| found <= most))
}

/// The objects below a folder.
fn collect(folder: &Path, objects: &mut Vec<Value>) -> Result<(), Box<dyn Error>> {
    let mut entries: Vec<PathBuf> =
        fs::read_dir(folder)?.map(|entry| entry.map(|e| e.path())).collect::<Result<_, _>>()?;
    entries.sort();
    for path in entries {
        if path.is_dir() {
            collect(&path, objects)?;
        } else if path.extension().is_some_and(|extension| extension == "yaml") {
            objects.push(serde_yaml::from_str(&fs::read_to_string(&path)?)?);
        }
    }
    Ok(())
}

fn seconds(work: impl FnOnce() -> Result<(), Box<dyn Error>>) -> Result<f64, Box<dyn Error>> {
    let start = Instant::now();
    work()?;
    Ok(start.elapsed().as_secs_f64())
}

fn validate(versions: &[KubernetesVersion], objects: &[Value]) -> Result<(), Box<dyn Error>> {
    for version in versions {
        for object in objects {
            match schema::validate_core(*version, object) {
                Verdict::Findings(findings) if findings.is_empty() => {}
                verdict => return Err(format!("Kubernetes {version} refuses {object}: {verdict:?}").into()),
            }
        }
    }
    Ok(())
}

fn copy(objects: &[Value]) -> Result<(), Box<dyn Error>> {
    for object in objects {
        let back: Value = serde_json::from_slice(&serde_json::to_vec(object)?)?;
        if back != *object {
            return Err("an object is not what it was".into());
        }
    }
    Ok(())
}
