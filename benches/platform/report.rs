//! What was measured, as a table for people, and the limits.

use super::generate::ENVIRONMENT;
use super::measure::Usage;
use super::statistics::{exponent, median};
use std::fmt;

/// Times the floor's CPU time, at [`LARGE`] services.
const MOST_CPU: f64 = 7.0;
/// Growth of the CPU time from [`LARGE`] to [`HUGE`] services.
const MOST_GROWTH: f64 = 1.05;
/// The same beyond the floor's in the same run: what a loop within a loop breaks on every machine, and a machine whose
/// memory is slower at one size than at the other does not.
const MOST_BEYOND_FLOOR: f64 = 0.1;
/// Times the output's size, at [`LARGE`] services.
const MOST_MEMORY: f64 = 12.0;
/// Times the CPU time of `/bin/true`.
const MOST_START: f64 = 2.5;
/// What a further environment takes, times the size of its tree.
const MOST_ENVIRONMENT: f64 = 4.0;

const LARGE: usize = 1000;
const HUGE: usize = 5000;

/// All figures.
#[derive(Default)]
pub struct Report {
    /// Objects and workloads of DPJ.
    pub dpj: (usize, usize),
    /// One for each size.
    pub rows: Vec<Row>,
    /// `dpjgen --version` and `/bin/true`, in turn.
    pub starts: Vec<(Usage, Usage)>,
    /// Peak memory that a further environment of `build --all` takes, times the size of its tree.
    pub environment: Option<f64>,
}

/// One size.
pub struct Row {
    pub services: usize,
    pub spec_lines: usize,
    /// Those of the services themselves.
    pub service_lines: usize,
    pub objects: usize,
    /// Of the output.
    pub bytes: u64,
    /// The runs, round by round.
    pub rounds: Vec<Vec<Turn>>,
}

/// One run of each program, right after one another.
#[derive(Clone, Copy)]
pub struct Turn {
    pub dpjgen: Usage,
    pub floor: Usage,
    /// `cat` of the output.
    pub cat: Usage,
}

/// One of the programs.
type Program = fn(&Turn) -> Usage;

const DPJGEN: Program = |turn| turn.dpjgen;
const FLOOR: Program = |turn| turn.floor;
const CAT: Program = |turn| turn.cat;

impl Row {
    fn turns(&self) -> impl Iterator<Item = &Turn> {
        self.rounds.iter().flatten()
    }

    /// Median CPU time of a program, in milliseconds.
    fn cpu(&self, program: Program) -> f64 {
        median(self.turns().map(|turn| milliseconds(program(turn))))
    }

    /// The median over the pairs of runs, each as fast as the machine was just then.
    fn ratio(&self) -> f64 {
        median(self.turns().map(|turn| milliseconds(turn.dpjgen) / milliseconds(turn.floor)))
    }

    /// Median peak memory of a program, in bytes.
    fn peak(&self, program: Program) -> f64 {
        median(self.turns().map(|turn| float(program(turn).peak)))
    }

    fn memory(&self) -> f64 {
        self.peak(DPJGEN) / float(self.bytes)
    }
}

#[allow(clippy::cast_precision_loss)] // counts and bytes far below 2^52
fn float(count: u64) -> f64 {
    count as f64
}

fn milliseconds(usage: Usage) -> f64 {
    usage.cpu.as_secs_f64() * 1000.0
}

/// A limit: what it is of, what was measured, what it may be at most.
struct Limit {
    what: String,
    found: f64,
    most: f64,
    /// Whether it depends on the machine more than a few runs can even out.
    needs_quiet: bool,
}

impl Report {
    /// Whether every limit holds that could be measured. In few runs on a busy machine the growth of the CPU time alone
    /// decides nothing: the floor's own has been between 0.97 and 1.12 there.
    pub fn holds(&self, in_few_runs: bool) -> bool {
        self.limits().iter().all(|limit| limit.found <= limit.most || in_few_runs && limit.needs_quiet)
    }

    fn limits(&self) -> Vec<Limit> {
        let at = |services| self.rows.iter().find(|row: &&Row| row.services == services);
        let mut limits = Vec::new();
        let mut limit = |what: String, found, most| limits.push(Limit { what, found, most, needs_quiet: false });
        if let Some(row) = at(LARGE) {
            limit(format!("CPU time at {LARGE} services, times the floor's"), row.ratio(), MOST_CPU);
            limit(format!("peak memory at {LARGE} services, times the output's size"), row.memory(), MOST_MEMORY);
        }
        if let (Some(large), Some(huge)) = (at(LARGE), at(HUGE)) {
            let found = growth(large, huge, DPJGEN).middle;
            let what = format!("exponent of growth of the CPU time from {LARGE} to {HUGE} services");
            limit(format!("{what}, beyond the floor's"), found - growth(large, huge, FLOOR).middle, MOST_BEYOND_FLOOR);
            limits.push(Limit { what, found, most: MOST_GROWTH, needs_quiet: true });
        }
        let mut limit = |what: String, found, most| limits.push(Limit { what, found, most, needs_quiet: false });
        if !self.starts.is_empty() {
            let ratios = self.starts.iter().map(|(version, nothing)| milliseconds(*version) / milliseconds(*nothing));
            limit("CPU time of `dpjgen --version`, times that of `/bin/true`".to_owned(), median(ratios), MOST_START);
        }
        if let Some(found) = self.environment {
            let what = "memory of a further environment of `build --all`, times the size of its tree";
            limit(what.to_owned(), found, MOST_ENVIRONMENT);
        }
        limits
    }
}

/// How a program's CPU time grows, round by round: in each between the medians of its runs.
struct Growth {
    middle: f64,
    least: f64,
    most: f64,
}

impl fmt::Display for Growth {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:.3} (from {:.3} to {:.3})", self.middle, self.least, self.most)
    }
}

fn growth(small: &Row, large: &Row, program: Program) -> Growth {
    let point = |row: &Row, round: &[Turn]| {
        let services = float(row.services as u64);
        (services, median(round.iter().map(|turn| milliseconds(program(turn)))))
    };
    let rounds = small.rounds.iter().zip(&large.rounds);
    let found: Vec<f64> = rounds.map(|(few, many)| exponent(point(small, few), point(large, many))).collect();
    let least = found.iter().copied().fold(f64::INFINITY, f64::min);
    let most = found.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    Growth { middle: median(found), least, most }
}

const MEBIBYTE: f64 = 1_048_576.0;

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "CPU time and peak memory of whole processes, medians; output compared byte for byte in every run"
        )?;
        writeln!(f)?;
        let head = ["services", "objects", "output MiB", "dpjgen ms", "floor ms", "cat ms", "/ floor", "peak MiB"];
        for title in head {
            write!(f, "{title:>11}")?;
        }
        writeln!(f, "{:>11}{:>11}", "/ output", "floor MiB")?;
        for row in &self.rows {
            write!(f, "{:>11}{:>11}{:>11.2}", row.services, row.objects, float(row.bytes) / MEBIBYTE)?;
            write!(f, "{:>11.2}{:>11.2}{:>11.2}", row.cpu(DPJGEN), row.cpu(FLOOR), row.cpu(CAT))?;
            write!(f, "{:>11.2}{:>11.1}{:>11.1}", row.ratio(), row.peak(DPJGEN) / MEBIBYTE, row.memory())?;
            writeln!(f, "{:>11.1}", row.peak(FLOOR) / MEBIBYTE)?;
        }
        writeln!(f)?;
        if let Some(row) = self.rows.last() {
            let each = |count: usize| float(count as u64) / float(row.services as u64);
            let dpj = float(self.dpj.0 as u64) / float(self.dpj.1 as u64);
            write!(f, "a service: {:.1} lines of spec, with its share of everything else ", each(row.service_lines))?;
            write!(f, "{:.1}; {:.1} objects ", each(row.spec_lines), each(row.objects))?;
            writeln!(f, "(DPJ's {ENVIRONMENT}: {dpj:.1} for each of its {})", self.dpj.1)?;
        }
        for pair in self.rows.windows(2) {
            let [small, large] = pair else { continue };
            write!(f, "growth from {} to {}: ", small.services, large.services)?;
            writeln!(f, "dpjgen {}, floor {}", growth(small, large, DPJGEN), growth(small, large, FLOOR))?;
        }
        if !self.starts.is_empty() {
            let version = median(self.starts.iter().map(|(version, _)| milliseconds(*version)));
            let nothing = median(self.starts.iter().map(|(_, nothing)| milliseconds(*nothing)));
            writeln!(f, "dpjgen --version: {version:.3} ms; /bin/true: {nothing:.3} ms")?;
        }
        for Limit { what, found, most, .. } in self.limits() {
            let verdict = if found <= most { "holds" } else { "EXCEEDED" };
            writeln!(f, "{what}: {found:.3}, at most {most}: {verdict}")?;
        }
        Ok(())
    }
}
