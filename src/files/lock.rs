//! Who may write to an output root, and who may read it.
#![allow(clippy::disallowed_methods, reason = "files/ is where the disk is touched")]

use std::ffi::OsString;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::Duration;

use super::folder::Folder;
use super::operations::kind_of;
use super::stage::{Place, above};
use super::{Disk, Kind, Lock, OWNERSHIP_FILE, RealDisk, STAGE_DIR, Sharing, WriteError};

/// Whether the trees below `root` are part old, part new: a run is changing them just now, or was stopped half-way.
pub fn pending(root: &Path) -> Result<bool, WriteError> {
    pending_on(&RealDisk, Place { root })
}

/// For who reads the trees below `root`: waits for a run that is at work and keeps others from starting as long as the
/// lock is held. Refuses trees that are half-done. Where nothing is there is nothing to wait for.
pub fn settled(root: &Path, wait: Duration) -> Result<Lock, WriteError> {
    let (mut disk, place) = (RealDisk, Place { root });
    if kind_of(&disk, root).is_ok_and(|kind| kind.is_none()) {
        return Ok(Lock::default());
    }
    let held = lock(&mut disk, place, wait, Sharing::Shared, &mut Vec::new())?;
    if pending_on(&disk, place)? { Err(WriteError::HalfDone { root: root.display().to_string() }) } else { Ok(held) }
}

/// The output roots that have to do with a path: those that it lies in, and itself if trees are right below it. Known by
/// what dpjgen leaves in them, so that no folder of somebody else is ever locked.
pub fn roots_around(path: &Path) -> Vec<PathBuf> {
    let mut roots = roots_above(path);
    if !roots.iter().any(|root| root == path) && trees(path).next().is_some() {
        roots.push(path.to_owned());
    }
    roots
}

/// The names of the trees that dpjgen wrote right below a folder, sorted. What cannot be read has none.
pub fn trees_in(root: &Path) -> Vec<String> {
    let mut names: Vec<String> = trees(root).filter_map(|name| name.into_string().ok()).collect();
    names.sort_unstable();
    names
}

fn trees(root: &Path) -> impl Iterator<Item = OsString> {
    // The way to the folder is walked once, and not for all that is in it.
    let opened = Folder::open(root).ok();
    let is_tree =
        move |name: &OsString| opened.as_ref().is_some_and(|root| root.is_file(&Path::new(name).join(OWNERSHIP_FILE)));
    fs::read_dir(root).into_iter().flatten().flatten().map(|entry| entry.file_name()).filter(is_tree)
}

/// The output roots that a path lies in, or that it is, where a run has left its stage.
pub fn roots_above(path: &Path) -> Vec<PathBuf> {
    let Ok(whole) = fs::canonicalize(path) else { return Vec::new() };
    let disk = RealDisk;
    let is = |path: &Path, wanted: Kind| kind_of(&disk, path).is_ok_and(|kind| kind == Some(wanted));
    let is_tree = |folder: &Path| is(&folder.join(OWNERSHIP_FILE), Kind::File);
    let mut roots = Vec::new();
    for folder in whole.ancestors() {
        roots.extend(is(&folder.join(STAGE_DIR), Kind::Directory).then(|| folder.to_owned()));
        roots.extend(folder.parent().filter(|_| is_tree(folder)).map(Path::to_owned));
    }
    roots.sort_unstable();
    roots.dedup();
    // As whoever named the path would call them.
    let called = |root: &PathBuf| {
        let mut names = path.ancestors().map(|name| if name.as_os_str().is_empty() { Path::new(".") } else { name });
        names.find(|name| fs::canonicalize(name).is_ok_and(|name| name == *root)).map(Path::to_owned)
    };
    roots.into_iter().map(|root| called(&root).unwrap_or(root)).collect()
}

/// [`pending`] on any disk.
pub(super) fn pending_on(disk: &dyn Disk, place: Place<'_>) -> Result<bool, WriteError> {
    let journal = place.journal();
    let kind = kind_of(disk, &journal).map_err(|error| WriteError::io("read", &journal, &error))?;
    Ok(kind.is_some())
}

/// Locks the root, having made it if it is to be written to. Without a clock: the naps are what is waited.
pub(super) fn lock(
    disk: &mut dyn Disk,
    place: Place<'_>,
    wait: Duration,
    sharing: Sharing,
    made: &mut Vec<PathBuf>,
) -> Result<Lock, WriteError> {
    const NAP: Duration = Duration::from_millis(20);
    let failed = |action, error| WriteError::io(action, place.root, &error);
    let mut left = wait;
    loop {
        if sharing == Sharing::Exclusive {
            make_all(disk, place.root, made).map_err(|error| failed("create the directory", error))?;
        }
        match disk.try_lock(place.root, sharing) {
            Ok(Some(lock)) => return Ok(lock),
            Ok(None) => {}
            // Another run had made it, and removed it when it failed. A link to nothing stays one.
            Err(error) if error.kind() == io::ErrorKind::NotFound && !is_link(disk, place.root) => {}
            Err(error) => return Err(failed("lock", error)),
        }
        if left.is_zero() {
            return Err(WriteError::Locked { root: place.root.display().to_string(), waited: wait });
        }
        let nap = NAP.min(left);
        thread::sleep(nap);
        left -= nap;
    }
}

fn is_link(disk: &dyn Disk, path: &Path) -> bool {
    matches!(kind_of(disk, path), Ok(Some(Kind::Symlink)))
}

/// Creates a directory with those above it.
fn make_all(disk: &mut dyn Disk, path: &Path, made: &mut Vec<PathBuf>) -> io::Result<()> {
    // Through links: whoever names the output root may name it by one.
    match kind_of(disk, path)? {
        Some(Kind::Directory | Kind::Symlink) => return Ok(()),
        Some(_) => return Err(io::ErrorKind::NotADirectory.into()),
        None if above(path) != path => make_all(disk, above(path), made)?,
        None => {}
    }
    match disk.create_dir(path) {
        // Another run was faster.
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        done => {
            done?;
            made.push(path.to_owned());
            Ok(())
        }
    }
}
