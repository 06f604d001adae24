//! Writing to a disk that stops, fails or forgets at any operation: the trees are the old ones, or the next run makes
//! them the new ones.
//!
//! Each test goes through all operations of each [`SCENES`], over [`ModelDisk`].

use std::collections::{BTreeMap, BTreeSet};
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use super::model::{How, ModelDisk};
use super::scenes::{ROOT, SCENES, SEEDS, Scene, World, coin, comebacks, has_stage, options, pending, world};
use super::{Left, WriteError, complete_on};

/// Whatever is found is the old trees, or is completed to the new ones; and every next command can go on from there.
fn is_whole(scene: &Scene, found: &ModelDisk, (old, new): (&World, &World), at: &str) {
    let now = world(found);
    let committed = pending(found);
    assert!(committed || now == *old || now == *new, "{at}: half-done without a journal: {now:#?}");
    let mut completed = found.clone();
    assert_eq!(complete_on(&mut completed, Path::new(ROOT), options(false)), Ok(committed), "{at}");
    assert_eq!(world(&completed), if committed { new.clone() } else { now }, "{at}: completing");
    // What the run said is true for ever.
    for seed in 0..SEEDS {
        let later = completed.after_power_cut(&mut coin(seed));
        assert!(
            !committed || !pending(&later) && world(&later) == *new,
            "{at}: completed, then lost: {:#?}",
            world(&later)
        );
    }
    let mut again = found.clone();
    let written = scene.write_new(&mut again).unwrap_or_else(|error| panic!("{at}: {error}"));
    assert_eq!((world(&again), written.completed), (new.clone(), committed), "{at}: the same command again");
    assert!(!has_stage(&again), "{at}");
    let mut back = found.clone();
    scene.write_old(&mut back).unwrap_or_else(|error| panic!("{at}: {error}"));
    let mut expected = old.clone();
    for (path, bytes) in world(&back) {
        // A tree that was not there is one without files now.
        let empty = path.ends_with("/.dpjgen") && bytes == Some(Vec::new()) || !path.contains('/') && bytes.is_none();
        if empty {
            expected.entry(path).or_insert(bytes);
        }
    }
    assert_eq!(world(&back), expected, "{at}: back to the old trees");
}

#[test]
fn a_machine_that_stops_anywhere_leaves_the_old_trees_or_the_next_run_completes_the_new_ones() {
    let (mut old_ones, mut new_ones) = (0, 0);
    for scene in SCENES {
        let (old, new, operations) = scene.ends();
        assert!(operations > 10, "{}", scene.name);
        for at in 0..=operations {
            for how in [How::Stop, How::StopIn] {
                let (disk, said) = scene.run(at, how);
                // The last operations only tidy up.
                assert!(said.is_ok() || at < operations, "{}: {at}", scene.name);
                for (number, found) in comebacks(&disk).iter().enumerate() {
                    let text = format!("{}, {how:?} at {at} ({:?}), comeback {number}", scene.name, disk.done.get(at));
                    is_whole(scene, found, (&old, &new), &text);
                    if said.is_ok() {
                        assert_eq!(world(found), new, "{text}: done, then lost");
                    }
                    *if pending(found) || world(found) == new { &mut new_ones } else { &mut old_ones } += 1;
                }
            }
        }
    }
    assert!(old_ones > 500 && new_ones > 500, "{old_ones} and {new_ones}");
}

#[test]
fn a_disk_that_fails_anywhere_leaves_the_old_trees_or_the_next_run_completes_the_new_ones() {
    let (full, broken) = (ErrorKind::StorageFull, ErrorKind::Other);
    let hows = [How::Fail(full), How::Fail(broken), How::DoneAndFail, How::Die(full), How::Die(broken)];
    let (mut whole, mut half) = (0, 0);
    for scene in SCENES {
        let (old, new, operations) = scene.ends();
        for (at, how) in (0..operations).flat_map(|at| hows.map(|how| (at, how))) {
            let (disk, said) = scene.run(at, how);
            let text = format!("{}, {how:?} at {at} ({:?}): {said:?}", scene.name, disk.done.get(at));
            match &said {
                Err(error @ WriteError::Io { left: Left::AsItWas, .. }) => {
                    whole += 1;
                    assert!(world(&disk) == old && !pending(&disk), "{text}");
                    assert!(error.to_string().contains("nothing was changed"), "{text}");
                }
                Err(error @ WriteError::Io { left: Left::Pending, .. }) => {
                    half += 1;
                    assert!(pending(&disk) || how == How::DoneAndFail, "{text}");
                    assert!(error.to_string().contains("the next run completes them first"), "{text}");
                }
                // Only the tidying up failed.
                Ok(written) => assert!(written.leftover.is_some() && world(&disk) == new && !pending(&disk), "{text}"),
                Err(other) => panic!("{text}: {other}"),
            }
            if let (How::Fail(ErrorKind::StorageFull), Err(error)) = (how, &said) {
                assert!(error.to_string().contains("free some space"), "{text}");
            }
            for found in comebacks(&disk) {
                is_whole(scene, &found, (&old, &new), &text);
            }
        }
    }
    assert!(whole > 100 && half > 100, "{whole} and {half}");
}

/// A run that completes another's is stopped in turn, anywhere; and the power fails in between or not.
#[test]
fn completing_can_be_stopped_as_well() {
    let mut stopped = 0;
    for scene in SCENES {
        let (old, new, operations) = scene.ends();
        for at in 0..operations {
            let (disk, _) = scene.run(at, How::Stop);
            for found in comebacks(&disk).into_iter().take(3).filter(pending) {
                for second in 0.. {
                    let mut disk = found.clone();
                    disk.fault = Some((second, How::Stop));
                    if complete_on(&mut disk, Path::new(ROOT), options(false)).is_ok() {
                        break;
                    }
                    stopped += 1;
                    for mut found in comebacks(&disk) {
                        let text = format!("{}, stopped at {at}, then at {second}", scene.name);
                        // What is not on the disk yet is brought there first: until then it may be lost.
                        if second == 0 && !pending(&found) && world(&found) == old {
                            continue;
                        }
                        complete_on(&mut found, Path::new(ROOT), options(false)).unwrap();
                        assert_eq!(world(&found), new, "{text}");
                    }
                }
            }
        }
    }
    assert!(stopped > 500, "{stopped}");
}

/// Whether some stop or power cut would tear a tree if the disk did not bring that path to itself when it was asked to.
fn is_needed(scene: &Scene, forgets: &(usize, PathBuf)) -> bool {
    let (old, new, operations) = scene.ends();
    (0..=operations).any(|at| {
        let mut disk = scene.disk();
        disk.fault = Some((at, How::Stop));
        disk.forgets = Some(forgets.clone());
        let said = scene.write_new(&mut disk);
        (0..30).map(|seed| disk.after_power_cut(&mut coin(seed))).any(|found| {
            let mut completed = found.clone();
            let done = complete_on(&mut completed, Path::new(ROOT), options(false));
            let now = world(&completed);
            let torn = now != old && now != new;
            let lost = said.is_ok() && (now != new || pending(&found));
            torn || lost || matches!(done, Err(WriteError::Journal { .. }))
        })
    })
}

/// That the disk is waited for at the right places is shown by leaving out each of them: something tears.
#[test]
fn every_wait_for_the_disk_is_needed() {
    // Of the waits of a run: what is waited for, and whether it is needed in some scene.
    let mut needed: BTreeMap<(usize, &str), bool> = BTreeMap::new();
    for scene in SCENES {
        let mut disk = scene.disk();
        scene.write_new(&mut disk).unwrap();
        let waits: Vec<usize> = disk.synced.iter().map(|(at, _)| *at).collect::<BTreeSet<_>>().into_iter().collect();
        for forgets in &disk.synced {
            let what = match forgets.1.strip_prefix(ROOT).map(|path| path.to_str().unwrap()) {
                Err(_) => "above the root",
                Ok("") => "the root",
                Ok(".dpjgen-stage") => "the stage",
                Ok(".dpjgen-stage/journal.new") => "the journal",
                Ok(path) if path.starts_with(".dpjgen-stage/") => "in the stage",
                Ok(_) => "in a tree",
            };
            let wait = waits.iter().position(|at| *at == forgets.0).unwrap();
            let needed = needed.entry((wait, what)).or_default();
            *needed = *needed || is_needed(scene, forgets);
        }
    }
    let all = [
        (0, "above the root"),
        (0, "in the stage"),
        (0, "the journal"),
        (0, "the root"),
        (0, "the stage"),
        (1, "the stage"),
        (2, "in a tree"),
        (2, "the root"),
        (3, "the stage"),
    ];
    assert_eq!(needed, all.into_iter().map(|wait| (wait, true)).collect());
}
