//! What somebody edits by hand while trees are written, or before a run that was stopped is completed, is never lost.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use super::model::{HandEdit, How, ModelDisk};
use super::scenes::{ROOT, SCENES, SEEDS, Scene, World, coin, pending, world};
use super::{Problem, WriteError, Written};

const EDIT: &str = "by hand";

/// The files of the trees before and after; not what dpjgen itself keeps there.
fn paths(scene: &Scene) -> BTreeSet<String> {
    let (old, new, _) = scene.ends();
    let files = |world: World| world.into_iter().filter(|(_, bytes)| bytes.is_some()).map(|(path, _)| path);
    let all = files(old).chain(files(new));
    all.filter(|path| path.contains('/') && !path.ends_with(".dpjgen")).collect()
}

fn is_there(disk: &ModelDisk, path: &str) -> bool {
    world(disk).get(path) == Some(&Some(EDIT.as_bytes().to_vec()))
}

fn is_foreign(written: &Written, path: &str) -> bool {
    written.trees.iter().flat_map(|tree| &tree.foreign).any(|foreign| path.ends_with(foreign))
}

/// The edit is there; what was said, or else what the next run says, is about it; it goes with `--force`, if the file
/// is dpjgen's. Gives who said it.
fn survives(
    scene: &Scene,
    mut disk: ModelDisk,
    path: &str,
    said: Result<Written, WriteError>,
    text: &str,
) -> &'static str {
    assert!(is_there(&disk, path), "{text}: {said:?}");
    let (when, error) = match said {
        Err(error) => ("this run", error),
        Ok(_) => match scene.write_new(&mut disk) {
            Err(error) => ("the next run", error),
            Ok(written) => {
                // Somebody else's file, in a tree or beside them.
                let beside = !scene.new.iter().any(|(name, _)| path.starts_with(&format!("{name}/")));
                assert!(is_foreign(&written, path) || beside, "{text}: {written:?}");
                assert!(is_there(&disk, path), "{text}: {written:?}");
                return "a foreign file";
            }
        },
    };
    let about = |problem: &Problem| problem.path() == "." || path.contains(problem.path());
    assert!(error.obstacles().iter().any(|obstacle| about(&obstacle.problem)), "{text}: {error}");
    assert!(is_there(&disk, path), "{text}: {error}");
    let kept = scene.force_new(&mut disk).map_or(true, |written| is_foreign(&written, path));
    assert_eq!(is_there(&disk, path), kept, "{text}: {error}");
    when
}

/// At every operation, every path that the run may touch is edited. Only an edit in the instant between a look and a
/// rename would be lost.
#[test]
fn a_hand_edit_during_a_run_survives_and_is_reported() {
    let mut reported = BTreeMap::new();
    for scene in SCENES {
        let trace = {
            let mut disk = scene.disk();
            scene.write_new(&mut disk).unwrap();
            disk.done
        };
        for (at, (operation, path)) in trace.iter().enumerate() {
            for edited in paths(scene) {
                let full = Path::new(ROOT).join(&edited);
                let instant = *path == full || *operation == "rename" && full.starts_with(path);
                let mut disk = scene.disk();
                disk.hand_edit = Some(HandEdit { at, path: full, text: EDIT });
                let said = scene.write_new(&mut disk);
                if !instant && disk.edited {
                    let text = format!("{}: `{edited}` edited at {at} ({operation} {})", scene.name, path.display());
                    *reported.entry(survives(scene, disk, &edited, said, &text)).or_insert(0) += 1;
                }
            }
        }
    }
    assert!(reported.len() == 3 && reported.values().all(|times| *times > 20), "{reported:?}");
}

/// A run is stopped after its commit; then somebody edits a file; then the same command runs again.
#[test]
fn a_hand_edit_before_a_run_is_completed_survives_and_is_reported() {
    let mut reported = BTreeMap::new();
    for scene in SCENES {
        let (_, _, operations) = scene.ends();
        for at in 0..operations {
            let (stopped, _) = scene.run(at, How::Stop);
            for path in paths(scene).into_iter().filter(|_| pending(&stopped)) {
                let mut disk = stopped.restarted();
                if disk.put(&Path::new(ROOT).join(&path), EDIT) {
                    let said = scene.write_new(&mut disk);
                    let text = format!("{}: stopped at {at}, then `{path}` edited", scene.name);
                    assert!(!pending(&disk), "{text}: {said:?}");
                    *reported.entry(survives(scene, disk, &path, said, &text)).or_insert(0) += 1;
                }
            }
        }
    }
    assert!(reported.len() == 2 && reported.values().all(|times| *times > 10), "{reported:?}");
}

/// An edit is seen after the commit, which is taken back; then the power fails. The old trees are there, or a journal
/// that can be followed.
#[test]
fn a_commit_that_is_taken_back_does_not_come_back_without_its_stage() {
    let mut cut = 0;
    for scene in SCENES.iter().filter(|scene| !scene.old.is_empty()) {
        let mut disk = scene.disk();
        scene.write_new(&mut disk).unwrap();
        let commit = disk.done.iter().position(|(name, path)| *name == "rename" && path.ends_with("journal")).unwrap();
        for path in paths(scene) {
            for stop in commit.. {
                let mut disk = scene.disk();
                disk.hand_edit = Some(HandEdit { at: commit, path: Path::new(ROOT).join(&path), text: EDIT });
                disk.fault = Some((stop, How::Stop));
                let said = scene.write_new(&mut disk);
                if disk.done.len() <= stop || !matches!(said, Err(WriteError::Refused(_) | WriteError::Io { .. })) {
                    break;
                }
                for seed in 0..SEEDS {
                    let mut found = disk.after_power_cut(&mut coin(seed));
                    let said = scene.write_new(&mut found);
                    let text = format!("{}: `{path}`, stopped at {stop}, cut {seed}: {said:?}", scene.name);
                    assert!(!matches!(said, Err(WriteError::Journal { .. })) && !pending(&found), "{text}");
                    cut += usize::from(is_there(&found, &path));
                }
            }
        }
    }
    assert!(cut > 100, "{cut}");
}
