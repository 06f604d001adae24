//! Two folders, read by several threads.

use super::*;
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

#[test]
fn folders_are_compared_file_by_file() {
    let place = support::Place::new("pair");
    for (path, text) in [("a/x/1.yaml", "1"), ("b/x/1.yaml", "1"), ("a/x/2.yaml", "2"), ("b/x/2.yaml", "3")] {
        place.put(path, text);
    }
    place.put("a/only/3.yaml", "4");
    place.put("b/4.json", "5");
    place.put("b/notes.txt", "6");
    place.put("b/.git/5.yaml", "7");
    place.put("a/big.yaml", "x".repeat(200_000));
    place.put("b/big.yaml", "x".repeat(200_001));
    let note = |same: &mut Vec<String>, path: &str, _: &[u8]| same.push(path.to_owned());
    let read = |old: &str, new: &str, are_settled| {
        read_pair([&place.at(old), &place.at(new)], are_settled, manifest::is_manifest, note)
    };
    let pair = read("a", "b", [false, false]).unwrap();
    let paths = |side: &[(String, Vec<u8>)]| side.iter().map(|(path, _)| path.clone()).collect::<Vec<_>>();
    assert_eq!(paths(&pair.old), ["big.yaml", "only/3.yaml", "x/2.yaml"]);
    assert_eq!(paths(&pair.new), ["4.json", "big.yaml", "x/2.yaml"]);
    assert_eq!(pair.new[1].1.len(), 200_001);
    assert_eq!(pair.same.concat(), ["x/1.yaml"]);
    let missing = |is_new| Unreadable { is_new, path: String::new(), error: ReadError::NotFound };
    assert_eq!(read("a", "c", [false, false]).unwrap_err(), PairError::Unreadable(vec![missing(true)]));
    let both = vec![missing(false), missing(true)];
    assert_eq!(read("c", "d", [false, false]).unwrap_err(), PairError::Unreadable(both));
    // A tree of dpjgen right below a side has to be locked, one further below or of the side itself has not.
    place.put("b/x/.dpjgen", "");
    assert_eq!(read("a", "b", [true, false]).unwrap_err(), PairError::Unsettled { sides: [false, true] });
    assert_eq!(read("b", "a", [false, true]).unwrap_err(), PairError::Unsettled { sides: [true, false] });
    assert_eq!(read("a", "b", [false, true]).unwrap().new.len(), 3);
    place.put("e/f/x/1.yaml", "1");
    place.put("e/f/x/.dpjgen", "");
    place.put("e/.dpjgen", "");
    assert_eq!(read("a", "e", [false, false]).unwrap().new.len(), 1);
    assert_eq!(dpjgen::files::read_folder(&place.at("a"), manifest::is_manifest).unwrap().len(), 4);
}

/// A run that is at work makes its stage in a folder that had none when the locks were taken: it is waited for, no fault.
#[test]
fn a_run_at_work_is_to_be_waited_for() {
    let place = support::Place::new("pair-stage");
    place.put("a/prod/x.yaml", "1");
    place.put("b/prod/x.yaml", "1");
    place.put("b/.dpjgen-stage/journal", "");
    let note = |(): &mut (), _: &str, _: &[u8]| {};
    let read = |are_settled| {
        read_pair([&place.at("a"), &place.at("b")], are_settled, manifest::is_manifest, note).unwrap_err()
    };
    assert_eq!(read([false, false]), PairError::Unsettled { sides: [false, true] });
    let fault = |path: &str| Unreadable { is_new: true, path: path.to_owned(), error: ReadError::HalfDone };
    assert_eq!(read([true, true]), PairError::Unreadable(vec![fault("")]));
    // Further below it is nobody's to wait for. All that is wrong is said, also below what the other side cannot read.
    fs::remove_dir_all(place.at("b/.dpjgen-stage")).unwrap();
    place.put("b/prod/.dpjgen-stage/journal", "");
    std::os::unix::fs::symlink("nowhere", place.at("a/prod/y.yaml")).unwrap();
    let other = Unreadable { is_new: false, path: "prod/y.yaml".to_owned(), error: ReadError::LinkToNothing };
    assert_eq!(read([false, false]), PairError::Unreadable(vec![other, fault("prod")]));
}

/// A thread neither goes as deep as folders do, nor keeps all of them open.
#[test]
fn deep_folders_cost_no_stack_and_no_open_files() {
    let place = support::Place::new("pair-deep");
    let deep = ["a/"; 900].concat();
    for side in ["old", "new"] {
        for wide in 0..40 {
            fs::create_dir_all(place.at(&format!("{side}/wide/{wide}"))).unwrap();
        }
        for chain in 0..4 {
            place.put(&format!("{side}/{chain}/{deep}x.yaml"), side);
        }
    }
    let note = |(): &mut (), _: &str, _: &[u8]| {};
    let limit = std::process::Command::new("sh")
        .args([
            "-c",
            "ulimit -n 200; exec \"$@\"",
            "sh",
            env!("CARGO_BIN_EXE_dpjgen"),
            "diff",
            "--manifests",
            "old",
            "new",
        ])
        .current_dir(&place.0)
        .output()
        .unwrap();
    assert_eq!(limit.status.code(), Some(2), "{limit:?}");
    let said = String::from_utf8_lossy(&limit.stderr).into_owned();
    assert!(!said.contains("open files") && said.contains("x.yaml"), "{said}");
    let pair = read_pair([&place.at("old"), &place.at("new")], [false, false], manifest::is_manifest, note).unwrap();
    assert_eq!((pair.old.len(), pair.new.len()), (4, 4));
}

/// The files below a folder, as one thread reads them that knows nothing of the other side.
fn below(folder: &Path, prefix: &str, found: &mut BTreeMap<String, Vec<u8>>) {
    for entry in fs::read_dir(folder).unwrap() {
        let entry = entry.unwrap();
        let name = format!("{prefix}{}", entry.file_name().to_str().unwrap());
        if entry.file_type().unwrap().is_dir() {
            below(&entry.path(), &format!("{name}/"), found);
        } else {
            found.insert(name, fs::read(entry.path()).unwrap());
        }
    }
}

/// Deep folders, wide ones, empty ones and such that only one side has: threads share them, and what they find is what a
/// single one would.
#[test]
fn threads_find_what_one_would() {
    let place = support::Place::new("folders");
    let mut seed = 7_u64;
    let mut next = move |below: u64| {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (seed >> 33) % below
    };
    for file in 0..1500 {
        let depth = next(6);
        let folders: Vec<String> = (0..depth).map(|_| format!("f{}", next(4))).collect();
        let path = [folders.as_slice(), &[format!("{file}.yaml")]].concat().join("/");
        let text = format!("{file}\n").repeat(usize::try_from(next(40)).unwrap());
        match next(10) {
            0 => place.put(&format!("old/{path}"), text),
            1 => place.put(&format!("new/{path}"), text),
            2 => {
                place.put(&format!("old/{path}"), &text);
                place.put(&format!("new/{path}"), format!("{text}!"));
            }
            _ => {
                place.put(&format!("old/{path}"), &text);
                place.put(&format!("new/{path}"), &text);
            }
        }
    }
    fs::create_dir_all(place.at("old/empty/folder")).unwrap();
    let [old, new] = ["old", "new"].map(|side| {
        let mut found = BTreeMap::new();
        below(&place.at(side), "", &mut found);
        found
    });
    let only = |these: &BTreeMap<String, Vec<u8>>, those: &BTreeMap<String, Vec<u8>>| -> Vec<(String, Vec<u8>)> {
        let differs = |(path, bytes): &(&String, &Vec<u8>)| those.get(*path) != Some(bytes);
        these.iter().filter(differs).map(|(path, bytes)| (path.clone(), bytes.clone())).collect()
    };
    let note =
        |same: &mut Vec<(String, Vec<u8>)>, path: &str, bytes: &[u8]| same.push((path.to_owned(), bytes.to_vec()));
    for _ in 0..5 {
        let both = [&*place.at("old"), &*place.at("new")];
        let pair = read_pair(both, [false, false], manifest::is_manifest, note).unwrap();
        assert_eq!(pair.old, only(&old, &new));
        assert_eq!(pair.new, only(&new, &old));
        let mut same = pair.same.concat();
        same.sort_unstable();
        let expected = old.iter().filter(|(path, bytes)| new.get(*path) == Some(bytes));
        assert_eq!(same, expected.map(|(path, bytes)| (path.clone(), bytes.clone())).collect::<Vec<_>>());
        let whole: BTreeMap<String, Vec<u8>> =
            dpjgen::files::read_folder(both[0], manifest::is_manifest).unwrap().into_iter().collect();
        assert_eq!(whole, old);
    }
}
