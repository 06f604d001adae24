//! `dpjgen build --all -o out`, killed (`SIGKILL`) again and again while it writes: what is found is one of the two
//! trees, or the next writing command makes it exactly the new one; and nothing that somebody edits meanwhile is lost.
//!
//! `DPJGEN_KILLS` says how often; `.ci/run kills` does it 500 times with the optimised binary. When the process is hit
//! depends on the machine; which spec, which moment is aimed at and what comes after follow from a seed.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]
#![allow(clippy::disallowed_methods, clippy::print_stdout, missing_docs, clippy::format_push_string)]
#![cfg(unix)]

mod support;

use dpjgen::files::{WriteOptions, complete, pending};
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};
use support::{PLATFORM, Place, Run, dpjgen, finished};

type Contents = BTreeMap<String, Vec<u8>>;

/// Of every file below the output folder but the stage.
fn contents(out: &Path) -> Contents {
    let paths = support::files(out).into_iter().filter(|path| !path.starts_with(".dpjgen-stage"));
    paths.map(|path| (path.clone(), fs::read(out.join(path)).unwrap())).collect()
}

/// A spec whose trees share most paths and no deployment with those of the other; each has folders that the other
/// lacks.
fn spec(name: &str, image: &str, only: &str) -> Place {
    let place = Place::new(name);
    let mut text = PLATFORM.replace("api:1.0.0", image);
    for number in 0..12 {
        text += &format!("\n[workloads.s{number}]\nnamespace = \"backend\"\nimage = \"shop/{image}\"\n");
    }
    text += &format!("\n[namespaces.{only}]\n\n[workloads.{only}]\nnamespace = \"{only}\"\nimage = \"shop/{image}\"\n");
    place.put("platform.toml", text);
    place.put("overlays/dev.toml", "# as in platform.toml\n");
    place.put("overlays/prod.toml", "[workloads.s1]\nreplicas = 3\n");
    place
}

/// xorshift: a choice needs no more.
struct Choices(u64);

impl Choices {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 16) % limit
    }

    fn part_of(&mut self, time: Duration) -> Duration {
        time * u32::try_from(self.below(1000)).unwrap() / 1000
    }
}

struct Loop {
    specs: [Place; 2],
    trees: [Contents; 2],
    out: PathBuf,
    _place: Place,
    /// How long a run takes, and its part after the stage is made.
    whole: Duration,
    writing: Duration,
    choices: Choices,
}

impl Loop {
    fn new() -> Self {
        let specs = [spec("a", "api:1.0.0", "left"), spec("b", "api:2.0.0", "right")];
        let place = Place::new("killed");
        let out = place.at("out");
        let trees = specs.each_ref().map(|spec| {
            assert_eq!(built(spec, &spec.at("out")).status, 0);
            contents(&spec.at("out"))
        });
        let changed = trees[0].iter().filter(|(path, bytes)| trees[1].get(*path) != Some(bytes)).count();
        assert!(changed > 20, "{changed}");
        let choices = Choices(0x005E_ED0F_D1F5);
        let (whole, writing) = (Duration::ZERO, Duration::ZERO);
        let mut this = Loop { specs, trees, out, _place: place, whole, writing, choices };
        for which in [0, 1, 0] {
            let begin = Instant::now();
            let mut child = this.start(which);
            let staged = this.wait_for(&mut child, ".dpjgen-stage");
            assert!(child.wait().unwrap().success());
            this.whole = begin.elapsed();
            this.writing = this.whole.saturating_sub(staged.unwrap_or_default());
        }
        this
    }

    fn start(&self, which: usize) -> Child {
        let mut command = dpjgen(&self.specs[which].0);
        command.args(["build", "--all", "-o"]).arg(&self.out).stderr(Stdio::null()).stdout(Stdio::null());
        command.spawn().unwrap()
    }

    /// Waits until something stands in the output folder, or the run has ended; how long that took.
    fn wait_for(&self, child: &mut Child, path: &str) -> Option<Duration> {
        let begin = Instant::now();
        loop {
            if fs::symlink_metadata(self.out.join(path)).is_ok() {
                return Some(begin.elapsed());
            }
            if child.try_wait().unwrap().is_some() {
                return None;
            }
            sleep(Duration::from_micros(50));
        }
    }

    /// Starts a run and kills it: at any time, in the time in which it writes, or after its commit.
    fn kill(&mut self, which: usize) {
        let mut child = self.start(which);
        let pause = match self.choices.below(4) {
            0 => self.choices.part_of(self.whole),
            1 => {
                self.wait_for(&mut child, ".dpjgen-stage");
                self.choices.part_of(self.writing)
            }
            _ => {
                self.wait_for(&mut child, ".dpjgen-stage/journal");
                self.choices.part_of(self.writing / 4)
            }
        };
        sleep(pause);
        // Too late is no mistake: there are runs that end.
        let _ = child.kill();
        child.wait().unwrap();
    }

    fn is_tree(&self, which: usize) -> bool {
        contents(&self.out) == self.trees[which]
    }
}

fn built(spec: &Place, out: &Path) -> Run {
    finished(&dpjgen(&spec.0).args(["build", "--all", "-o"]).arg(out).output().unwrap())
}

#[test]
fn a_killed_run_leaves_a_whole_tree_or_one_that_the_next_run_completes() {
    let kills = std::env::var("DPJGEN_KILLS").map_or(25, |text| text.parse().expect("DPJGEN_KILLS is a number"));
    let mut this = Loop::new();
    let (mut last, mut untouched, mut staged, mut half, mut done, mut edited) = (0, 0, 0, 0, 0, 0);
    for round in 0..kills {
        let which = 1 - last;
        this.kill(which);
        let committed = pending(&this.out).unwrap();
        let text = format!("kill {round}, committed: {committed}");
        if !committed {
            let new = this.is_tree(which);
            assert!(new || this.is_tree(last), "{text}: a mixture, and no journal");
            let stage = this.out.join(".dpjgen-stage").exists();
            *if new {
                &mut done
            } else if stage {
                &mut staged
            } else {
                &mut untouched
            } += 1;
        }
        half += usize::from(committed);
        let next = usize::from(this.choices.below(2) == 1);
        match this.choices.below(3) {
            // Somebody edits a file that the run was to replace, or has replaced.
            0 if committed => {
                let changed = this.trees[which].iter().filter(|(path, bytes)| {
                    this.trees[1 - which].get(*path).is_some_and(|other| other != *bytes) && !path.ends_with(".dpjgen")
                });
                let paths: Vec<String> = changed.map(|(path, _)| path.clone()).collect();
                let index = usize::try_from(this.choices.below(paths.len() as u64)).unwrap();
                let path = this.out.join(&paths[index]);
                fs::write(&path, "by hand").unwrap();
                let run = built(&this.specs[which], &this.out);
                assert_eq!(run.status, 2, "{text}: {}", run.stderr);
                assert!(run.stderr.contains(&paths[index]), "{text}: {}", run.stderr);
                let mut expected = this.trees[which].clone();
                expected.insert(paths[index].clone(), b"by hand".to_vec());
                assert!(contents(&this.out) == expected, "{text}: everything else is new");
                fs::remove_file(path).unwrap();
                edited += 1;
            }
            1 => {
                assert_eq!(complete(&this.out, WriteOptions::default()), Ok(committed), "{text}");
                let now = if committed || this.is_tree(which) { which } else { last };
                assert!(this.is_tree(now), "{text}: completed");
            }
            _ => {}
        }
        let run = built(&this.specs[next], &this.out);
        assert_eq!(run.status, 0, "{text}: {}", run.stderr);
        assert!(this.is_tree(next) && !this.out.join(".dpjgen-stage").exists(), "{text}: after the next run");
        last = next;
    }
    println!("{kills} kills: {untouched} before anything was written, {staged} before the commit, {half} after it");
    println!("{edited} of those then edited by hand; {done} kills too late");
    // Enough of them hit; a few prove nothing.
    assert!(kills < 200 || staged + half > kills / 3 && half > kills / 20 && staged > 0 && edited > 0);
}
