//! [`RealDisk`]: the machine's.
#![allow(clippy::disallowed_methods, reason = "files/ is where the disk is touched, and only here and in platform.rs")]

use std::ffi::OsString;
use std::fs;
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::thread;

use super::{Disk, Kind, Lock, Sharing};

/// The [`Disk`] of the machine.
#[derive(Clone, Copy, Debug, Default)]
pub struct RealDisk;

impl Disk for RealDisk {
    fn kind(&self, path: &Path) -> io::Result<Kind> {
        fs::symlink_metadata(path).map(|meta| kind(meta.file_type()))
    }

    fn list(&self, dir: &Path) -> io::Result<Vec<(OsString, Kind)>> {
        fs::read_dir(dir)?
            .map(|entry| entry.and_then(|entry| Ok((entry.file_name(), kind(entry.file_type()?)))))
            .collect()
    }

    fn open(&self, path: &Path) -> io::Result<Box<dyn Read>> {
        let mut options = fs::OpenOptions::new();
        options.read(true);
        // What was a file a moment ago may be a link or a pipe now: the one is not followed, the other not waited for.
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::custom_flags(
            &mut options,
            (rustix::fs::OFlags::NOFOLLOW | rustix::fs::OFlags::NONBLOCK).bits().cast_signed(),
        );
        Ok(Box::new(options.open(path)?))
    }

    #[cfg(unix)]
    fn could_move(&self, staged: &Path, dir: &Path) -> io::Result<()> {
        rustix::fs::access(dir, rustix::fs::Access::WRITE_OK | rustix::fs::Access::EXEC_OK)?;
        // A mount point, even of the same file system, can not be renamed into. Renaming to `.` never does anything
        // (POSIX: EINVAL, Linux: EBUSY), but Linux looks at the mounts first.
        match fs::rename(staged, dir.join(".")) {
            Err(error) if error.kind() == io::ErrorKind::CrossesDevices => Err(error),
            _ => Ok(()),
        }
    }

    #[cfg(not(unix))]
    fn could_move(&self, _: &Path, dir: &Path) -> io::Result<()> {
        fs::metadata(dir).map(|_| ())
    }

    fn try_lock(&self, dir: &Path, sharing: Sharing) -> io::Result<Option<Lock>> {
        #[cfg(unix)]
        match lock(fs::File::open(dir)?, sharing) {
            // Whoever had it may have removed the directory: that lock keeps nobody out.
            Ok(Some(file)) => return Ok(is_still(&file, dir)?.then(|| Lock::of(file))),
            Ok(None) => return Ok(None),
            // Network file systems lock only what is open for writing, which a directory can not be.
            Err(_) => {}
        }
        if !fs::metadata(dir)?.is_dir() {
            return Err(io::ErrorKind::NotADirectory.into());
        }
        if sharing == Sharing::Shared {
            return match fs::File::open(dir.join(LOCK_FILE)) {
                Ok(file) => Ok(lock(file, sharing)?.map(Lock::of)),
                // Nobody has ever written here, or the folder may not be written: who only reads makes no file.
                Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Some(Lock::default())),
                Err(error) => Err(error),
            };
        }
        let file = fs::OpenOptions::new().create(true).write(true).truncate(false).open(dir.join(LOCK_FILE))?;
        Ok(lock(file, sharing)?.map(Lock::of))
    }

    fn create_dir(&mut self, path: &Path) -> io::Result<()> {
        fs::create_dir(path)
    }

    fn create_file(&mut self, path: &Path, bytes: &[u8]) -> io::Result<()> {
        fs::OpenOptions::new().write(true).create_new(true).open(path)?.write_all(bytes)
    }

    fn sync(&mut self, files: &[PathBuf], dirs: &[PathBuf]) -> io::Result<()> {
        #[cfg(target_os = "linux")]
        if files.len() + dirs.len() > MANY
            && let Some(any) = dirs.iter().chain(files).next()
        {
            return Ok(rustix::fs::syncfs(fs::File::open(any)?)?);
        }
        in_threads(files, sync_file)?;
        in_threads(dirs, sync_dir)
    }

    fn rename(&mut self, from: &Path, to: &Path) -> io::Result<()> {
        fs::rename(from, to)
    }

    fn remove_file(&mut self, path: &Path) -> io::Result<()> {
        fs::remove_file(path)
    }

    fn remove_dir(&mut self, path: &Path) -> io::Result<()> {
        fs::remove_dir(path)
    }
}

fn kind(kind: fs::FileType) -> Kind {
    if kind.is_symlink() {
        Kind::Symlink
    } else if kind.is_dir() {
        Kind::Directory
    } else if kind.is_file() {
        Kind::File
    } else {
        Kind::Other
    }
}

/// What is locked where a directory can not be. It stays: removing it would let two hold a lock.
const LOCK_FILE: &str = ".dpjgen-lock";

fn lock(file: fs::File, sharing: Sharing) -> io::Result<Option<fs::File>> {
    let locked = match sharing {
        Sharing::Exclusive => file.try_lock(),
        Sharing::Shared => file.try_lock_shared(),
    };
    match locked {
        Ok(()) => Ok(Some(file)),
        Err(fs::TryLockError::WouldBlock) => Ok(None),
        Err(fs::TryLockError::Error(error)) => Err(error),
    }
}

#[cfg(unix)]
fn is_still(file: &fs::File, path: &Path) -> io::Result<bool> {
    use std::os::unix::fs::MetadataExt;
    let (open, named) = (file.metadata()?, fs::metadata(path));
    Ok(named.is_ok_and(|named| (named.dev(), named.ino()) == (open.dev(), open.ino())))
}

/// More paths than this are brought to the disk by one `syncfs`, which waits for the whole file system: one commit of
/// its journal instead of one for each file, and a hundredth of the system calls.
#[cfg(target_os = "linux")]
const MANY: usize = 64;

/// Files that are waited for at the same time. A file system's journal commits them together: for 1000 small files on
/// ext4, 0.3 to 0.8 seconds instead of 0.8 to 4 one by one.
const SYNC_THREADS: usize = 8;

fn in_threads(paths: &[PathBuf], sync: fn(&Path) -> io::Result<()>) -> io::Result<()> {
    if paths.len() < SYNC_THREADS {
        return paths.iter().try_for_each(|path| sync(path));
    }
    let part = paths.len().div_ceil(SYNC_THREADS);
    thread::scope(|scope| {
        let spawn = |paths: &'_ [PathBuf]| {
            let paths = paths.to_owned();
            thread::Builder::new().spawn_scoped(scope, move || paths.iter().try_for_each(|path| sync(path)))
        };
        let threads: Vec<_> = paths.chunks(part).map(spawn).collect::<io::Result<_>>()?;
        let join = |thread: thread::ScopedJoinHandle<_>| thread.join().unwrap_or(Err(io::ErrorKind::Other.into()));
        threads.into_iter().try_for_each(join)
    })
}

/// Opened for writing, since Windows syncs nothing else.
fn sync_file(path: &Path) -> io::Result<()> {
    fs::OpenOptions::new().write(true).open(path)?.sync_all()
}

#[cfg(unix)]
fn sync_dir(path: &Path) -> io::Result<()> {
    match fs::File::open(path)?.sync_all() {
        // Some file systems (of networks, in user space) can not do this for directories.
        Err(error) if matches!(error.kind(), io::ErrorKind::InvalidInput | io::ErrorKind::Unsupported) => Ok(()),
        done => done,
    }
}

/// NTFS journals its directories, and offers no call that waits for them.
#[cfg(not(unix))]
#[allow(clippy::unnecessary_wraps, reason = "the same signature as on Unix")]
fn sync_dir(_: &Path) -> io::Result<()> {
    Ok(())
}
