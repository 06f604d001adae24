//! The benchmark: what one environment costs at growing sizes, beside a floor (`docs/BENCHMARKS.md`).
//!
//! `cargo bench --bench platform` measures everything and fails if a limit does not hold; `-- --quick` is for CI. Run as
//! a test (`cargo test --benches`) it only checks that the floor writes the same bytes as dpjgen. The floor is a program
//! of its own, though not a file of its own: this program runs itself as `platform floor FOLDER`.

#![allow(clippy::disallowed_methods, clippy::print_stdout, clippy::print_stderr, reason = "a program, not the core")]

/// Its parts, in the folder beside it.
mod platform {
    pub mod floor;
    pub mod generate;
    pub mod measure;
    pub mod report;
    pub mod statistics;
}

use platform::floor;
use platform::generate::{self, ENVIRONMENT};
use platform::measure::{Output, run};
use platform::report::{Report, Row, Turn};
use std::env;
use std::error::Error;
use std::fs::{self, File};
use std::io::{self, BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

const DPJGEN: &str = env!("CARGO_BIN_EXE_dpjgen");
const SCRATCH: &str = env!("CARGO_TARGET_TMPDIR");
const DPJ: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/platform.toml");

/// How much is measured.
struct Plan {
    /// Numbers of services, and how often each is run in one round: short runs need more of them.
    sizes: &'static [(usize, usize)],
    /// Every size has its turn in every round, so that a machine that changes its speed changes it for all.
    rounds: usize,
    /// Runs of `--version` and of `/bin/true`. Without any, memory is not measured either.
    starts: usize,
    /// Whether they are too few for what depends on how busy the machine is.
    in_few_runs: bool,
}

/// A size, and a number of environments.
struct Many {
    services: usize,
    environments: usize,
}

const FULL: Plan =
    Plan { sizes: &[(10, 8), (100, 4), (1000, 4), (5000, 1)], rounds: 31, starts: 400, in_few_runs: false };
/// Fewer runs of the same sizes: every limit is measured, and all but that of the growth alone have to hold.
const QUICK: Plan =
    Plan { sizes: &[(10, 1), (100, 1), (1000, 4), (5000, 1)], rounds: 15, starts: 200, in_few_runs: true };
/// One run of the smallest size.
const TEST: Plan = Plan { sizes: &[(10, 1)], rounds: 1, starts: 0, in_few_runs: true };
/// The platform that is built for many environments at once.
const MANY: Many = Many { services: 100, environments: 8 };

fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let done = match arguments.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        ["floor", folder] => floor::build(Path::new(folder), ENVIRONMENT).map(|()| true),
        words if !words.contains(&"--bench") => bench(&TEST).map(|_| true),
        words if words.contains(&"--quick") => bench(&QUICK),
        _ => bench(&FULL),
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
fn bench(plan: &Plan) -> Result<bool, Box<dyn Error>> {
    let mut report = Report { dpj: dpj()?, ..Report::default() };
    let platforms = plan.sizes.iter().map(|(services, _)| Platform::new(*services)).collect::<Result<Vec<_>, _>>()?;
    for platform in &platforms {
        report.rows.push(platform.row()?);
    }
    for _ in 0..plan.rounds {
        // Up and down again: the runs of a small size stand on both sides of those of a larger one, so that a machine that
        // becomes faster or slower meanwhile does so for both.
        let mut sizes: Vec<_> = platforms.iter().zip(&mut report.rows).zip(plan.sizes).collect();
        for ((platform, row), (_, runs)) in &mut sizes {
            row.rounds.push((0..runs.div_ceil(2)).map(|_| platform.turn()).collect::<Result<_, _>>()?);
        }
        for ((platform, row), (_, runs)) in sizes.iter_mut().rev() {
            let rest: Vec<Turn> = (0..*runs / 2).map(|_| platform.turn()).collect::<Result<_, _>>()?;
            row.rounds.last_mut().into_iter().for_each(|round| round.extend(rest.iter().copied()));
        }
    }
    for _ in 0..plan.starts {
        let version = run(Command::new(DPJGEN).arg("--version"), Output::Any)?;
        report.starts.push((version, run(&mut Command::new("/bin/true"), Output::Any)?));
    }
    if plan.starts > 0 {
        report.environment = Some(environment(&MANY)?);
    }
    print!("{report}");
    Ok(report.holds(plan.in_few_runs))
}

/// Peak memory that each further environment of `build --all` takes, times the size of its tree.
fn environment(many: &Many) -> Result<f64, Box<dyn Error>> {
    let folder = Path::new(SCRATCH).join("platform-all");
    generate::platform(&folder, many.services)?;
    let overlay = |name: &str| folder.join("overlays").join(name).with_extension("toml");
    for number in 1..many.environments {
        fs::copy(overlay(ENVIRONMENT), overlay(&format!("copy-{number}")))?;
    }
    let out = folder.join("out");
    let peak = |what: &str| -> Result<u64, Box<dyn Error>> {
        let mut command = Command::new(DPJGEN);
        // As JSON it says nothing when nothing is wrong.
        command.args(["build", what, "--message-format", "json", "--spec"]).arg(&folder).arg("-o").arg(&out);
        run(&mut command, Output::Any)?;
        // The first run has written the files, which may take more memory than leaving them alone.
        Ok(run(&mut command, Output::Any)?.peak)
    };
    let (one, all) = (peak(ENVIRONMENT)?, peak("--all")?);
    let further = u32::try_from(many.environments - 1)?;
    let each = f64::from(u32::try_from(all.saturating_sub(one) / 1024)?) / f64::from(further);
    Ok(each / f64::from(u32::try_from(size(&out.join(ENVIRONMENT))? / 1024)?))
}

/// Bytes of all files below a folder.
fn size(folder: &Path) -> io::Result<u64> {
    fs::read_dir(folder)?.try_fold(0, |sum, entry| {
        let (entry, meta) = entry.and_then(|entry| entry.metadata().map(|meta| (entry, meta)))?;
        Ok(sum + if meta.is_dir() { size(&entry.path())? } else { meta.len() })
    })
}

/// Objects and workloads that DPJ itself comes to: what a service of a generated platform is compared with.
fn dpj() -> Result<(usize, usize), Box<dyn Error>> {
    let path = Path::new(SCRATCH).join("dpj.yaml");
    run(Command::new(DPJGEN).args(["build", ENVIRONMENT, "--spec", DPJ]), Output::Save(&path))?;
    let workloads = count(&path, "kind: Deployment")? + count(&path, "kind: Rollout")?;
    Ok((count(&path, "kind: ")?, workloads))
}

/// Lines of a file that start so.
fn count(path: &Path, start: &str) -> Result<usize, Box<dyn Error>> {
    let mut lines = BufReader::new(File::open(path)?).lines();
    lines.try_fold(0, |count, line| Ok(count + usize::from(line?.starts_with(start))))
}

/// A generated platform, and what it compiles to.
struct Platform {
    services: usize,
    folder: PathBuf,
    expected: PathBuf,
    floor: PathBuf,
}

impl Platform {
    /// Generates it and has dpjgen compile it once.
    fn new(services: usize) -> Result<Self, Box<dyn Error>> {
        let folder = Path::new(SCRATCH).join(format!("platform-{services}"));
        generate::platform(&folder, services)?;
        let expected = folder.join("expected.yaml");
        let platform = Platform { services, folder, expected, floor: env::current_exe()? };
        run(&mut platform.dpjgen(), Output::Save(&platform.expected))?;
        Ok(platform)
    }

    fn row(&self) -> Result<Row, Box<dyn Error>> {
        let spec = BufReader::new(File::open(self.folder.join("platform.toml"))?);
        // The services stand at the end.
        let (mut lines, mut others) = (0, None);
        for line in spec.lines() {
            if line?.starts_with("[workloads.") && others.is_none() {
                others = Some(lines);
            }
            lines += 1;
        }
        Ok(Row {
            services: self.services,
            spec_lines: lines,
            service_lines: lines - others.unwrap_or(lines),
            objects: count(&self.expected, "kind: ")?,
            bytes: self.expected.metadata()?.len(),
            rounds: Vec::new(),
        })
    }

    fn dpjgen(&self) -> Command {
        let mut command = Command::new(DPJGEN);
        command.args(["build", ENVIRONMENT, "--spec"]).arg(&self.folder);
        command
    }

    /// dpjgen, the floor and `cat`, one after the other. All three print the same bytes, or the benchmark fails.
    fn turn(&self) -> Result<Turn, Box<dyn Error>> {
        let expected = Output::Same(&self.expected);
        Ok(Turn {
            dpjgen: run(&mut self.dpjgen(), expected)?,
            floor: run(Command::new(&self.floor).arg("floor").arg(&self.folder), expected)?,
            cat: run(Command::new("cat").arg(&self.expected), expected)?,
        })
    }
}
