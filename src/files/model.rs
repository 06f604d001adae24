//! A disk in memory that can be stopped at any operation, and that forgets at a power cut what nobody waited for.
//!
//! What it forgets is what POSIX lets it forget: the bytes of a file without `fsync` (all, none or half of them), and
//! names in a directory without `fsync`, in any order. What a name was changed to twice comes in its order, and a
//! rename is done in both directories or in none, as journaling file systems do it.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsString;
use std::io::{self, ErrorKind, Read};
use std::path::{Component, Path, PathBuf};

use super::{Disk, Kind, Lock, Sharing};

type Names = BTreeMap<OsString, usize>;

#[derive(Clone, Debug, Default)]
struct Node {
    directory: bool,
    names: Names,
    durable_names: Names,
    bytes: Vec<u8>,
    durable_bytes: Option<Vec<u8>>,
}

/// Names that change together: the directory, the name, what it names from then on.
type Edit = Vec<(usize, OsString, Option<usize>)>;

/// What happens at an operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum How {
    /// The machine stops before it.
    Stop,
    /// The machine stops in it: half of the bytes are written, half of the files brought to the disk.
    StopIn,
    /// It fails half-way, and those after it do not.
    Fail(ErrorKind),
    /// It is done, and said to have failed.
    DoneAndFail,
    /// It fails, and so do all after it.
    Die(ErrorKind),
}

/// What somebody else does at an operation, before it: a file gets these bytes.
#[derive(Clone, Debug)]
pub(super) struct HandEdit {
    pub(super) at: usize,
    pub(super) path: PathBuf,
    pub(super) text: &'static str,
}

#[derive(Clone, Debug)]
pub(super) struct ModelDisk {
    nodes: Vec<Node>,
    log: Vec<Edit>,
    /// Every operation so far with the path that it is about.
    pub(super) done: Vec<(&'static str, PathBuf)>,
    pub(super) fault: Option<(usize, How)>,
    pub(super) hand_edit: Option<HandEdit>,
    /// A path that the disk is asked to bring to itself, and does not: of the operation with this number.
    pub(super) forgets: Option<(usize, PathBuf)>,
    /// Everything that it was asked to bring to itself: operation, path.
    pub(super) synced: Vec<(usize, PathBuf)>,
    /// Whether the hand edit was made.
    pub(super) edited: bool,
    stopped: bool,
    pub(super) locked: bool,
}

impl ModelDisk {
    pub(super) fn new() -> Self {
        ModelDisk {
            nodes: vec![Node { directory: true, ..Node::default() }],
            log: Vec::new(),
            done: Vec::new(),
            fault: None,
            hand_edit: None,
            forgets: None,
            synced: Vec::new(),
            edited: false,
            stopped: false,
            locked: false,
        }
    }

    /// The same with everything on the disk, nothing done and nothing wrong.
    pub(super) fn settled(&self) -> Self {
        let mut disk = self.restarted();
        disk.log.clear();
        for node in &mut disk.nodes {
            node.durable_names = node.names.clone();
            node.durable_bytes = Some(node.bytes.clone());
        }
        disk
    }

    /// After the process was killed: the kernel has forgotten nothing, and brought nothing to the disk either.
    pub(super) fn restarted(&self) -> Self {
        let (nodes, log) = (self.nodes.clone(), self.log.clone());
        ModelDisk { nodes, log, ..ModelDisk::new() }
    }

    /// After a power cut; `coin` says for each thing that nobody waited for what became of it.
    pub(super) fn after_power_cut(&self, coin: &mut dyn FnMut() -> u64) -> Self {
        let mut disk = self.restarted();
        let mut lost: BTreeSet<(usize, OsString)> = BTreeSet::new();
        for edit in std::mem::take(&mut disk.log) {
            let names = || edit.iter().map(|(dir, name, _)| (*dir, name.clone()));
            if names().any(|name| lost.contains(&name)) || coin().is_multiple_of(3) {
                lost.extend(names());
            } else {
                disk.persist(&edit);
            }
        }
        for node in &mut disk.nodes {
            node.names = node.durable_names.clone();
            let half = node.bytes.len() / 2;
            let durable = node.durable_bytes.take().unwrap_or_else(|| match coin() % 3 {
                0 => Vec::new(),
                1 => node.bytes[..half].to_vec(),
                _ => node.bytes.clone(),
            });
            node.bytes.clone_from(&durable);
            node.durable_bytes = Some(durable);
        }
        disk
    }

    /// Everything below a directory: files with bytes, directories with none.
    pub(super) fn all(&self, below: &str) -> BTreeMap<String, Option<Vec<u8>>> {
        let (mut all, mut todo) = (BTreeMap::new(), vec![(String::new(), self.find(Path::new(below)))]);
        while let Some((path, node)) = todo.pop() {
            let Ok(node) = node.map(|node| &self.nodes[node]) else { continue };
            for (name, inner) in &node.names {
                let path = format!("{path}/{}", name.to_str().unwrap());
                let inner_node = &self.nodes[*inner];
                all.insert(path[1..].to_owned(), (!inner_node.directory).then(|| inner_node.bytes.clone()));
                todo.push((path, Ok(*inner)));
            }
        }
        all
    }

    /// Somebody else's file, with the directories that it needs; it is on the disk at once. Whether that could be.
    pub(super) fn put(&mut self, path: &Path, text: &str) -> bool {
        let is = |at: &Path, kind: Kind| self.kind(at).is_ok_and(|found| found == kind);
        if path.ancestors().skip(1).any(|dir| is(dir, Kind::File)) || is(path, Kind::Directory) {
            return false;
        }
        let mut above: Vec<&Path> = path.ancestors().skip(1).collect();
        above.reverse();
        for dir in above {
            if self.find(dir).is_err() {
                self.add(dir, Node { directory: true, ..Node::default() }).unwrap();
            }
        }
        let _ = self.unlink(path);
        let (bytes, durable_bytes) = (text.as_bytes().to_vec(), Some(text.as_bytes().to_vec()));
        self.add(path, Node { bytes, durable_bytes, ..Node::default() }).unwrap();
        let dirs: BTreeSet<usize> = path.ancestors().filter_map(|dir| self.find(dir).ok()).collect();
        self.sync_names(&dirs);
        true
    }

    fn find(&self, path: &Path) -> io::Result<usize> {
        let mut node = 0;
        for part in path.components() {
            let Component::Normal(name) = part else { continue };
            if !self.nodes[node].directory {
                return Err(ErrorKind::NotADirectory.into());
            }
            node = *self.nodes[node].names.get(name).ok_or(ErrorKind::NotFound)?;
        }
        Ok(node)
    }

    fn parent(&self, path: &Path) -> io::Result<(usize, OsString)> {
        Ok((self.find(path.parent().unwrap())?, path.file_name().unwrap().to_owned()))
    }

    fn edit(&mut self, edit: Edit) {
        for (dir, name, node) in &edit {
            let names = &mut self.nodes[*dir].names;
            match node {
                Some(node) => drop(names.insert(name.clone(), *node)),
                None => drop(names.remove(name)),
            }
        }
        self.log.push(edit);
    }

    fn persist(&mut self, edit: &Edit) {
        for (dir, name, node) in edit {
            let names = &mut self.nodes[*dir].durable_names;
            match node {
                Some(node) => drop(names.insert(name.clone(), *node)),
                None => drop(names.remove(name)),
            }
        }
    }

    fn add(&mut self, path: &Path, node: Node) -> io::Result<()> {
        let (dir, name) = self.parent(path)?;
        if self.nodes[dir].names.contains_key(&name) {
            return Err(ErrorKind::AlreadyExists.into());
        }
        self.nodes.push(node);
        self.edit(vec![(dir, name, Some(self.nodes.len() - 1))]);
        Ok(())
    }

    fn unlink(&mut self, path: &Path) -> io::Result<()> {
        let (dir, name) = self.parent(path)?;
        self.find(path)?;
        self.edit(vec![(dir, name, None)]);
        Ok(())
    }

    /// Brings the names in these directories to the disk, with the earlier changes that those depend on.
    fn sync_names(&mut self, dirs: &BTreeSet<usize>) {
        let mut needed = Vec::new();
        let mut names: BTreeSet<(usize, OsString)> = BTreeSet::new();
        for edit in std::mem::take(&mut self.log).into_iter().rev() {
            if edit.iter().any(|(dir, name, _)| dirs.contains(dir) || names.contains(&(*dir, name.clone()))) {
                names.extend(edit.iter().map(|(dir, name, _)| (*dir, name.clone())));
                needed.push(edit);
            } else {
                self.log.insert(0, edit);
            }
        }
        for edit in needed.iter().rev() {
            self.persist(edit);
        }
    }

    /// Counts an operation. Gives whether it is to be done half, then whether it is to fail.
    fn operation(&mut self, name: &'static str, path: &Path) -> io::Result<Option<How>> {
        let now = self.done.len();
        self.done.push((name, path.to_owned()));
        if let Some(HandEdit { path, text, .. }) = self.hand_edit.take_if(|edit| edit.at == now) {
            self.edited = self.put(&path, text);
        }
        if self.stopped {
            return Err(io::Error::other("the machine is off"));
        }
        match self.fault {
            Some((at, How::Die(kind))) if at <= now => Err(kind.into()),
            Some((at, How::Stop)) if at == now => {
                self.stopped = true;
                Err(io::Error::other("the machine was turned off"))
            }
            Some((at, how)) if at == now => {
                self.stopped = how == How::StopIn;
                Ok(Some(how))
            }
            _ => Ok(None),
        }
    }

    /// What an operation that can not be done half does at a fault.
    fn whole(
        &mut self,
        name: &'static str,
        path: &Path,
        work: impl FnOnce(&mut Self) -> io::Result<()>,
    ) -> io::Result<()> {
        match self.operation(name, path)? {
            None => work(self),
            Some(How::DoneAndFail) => work(self).and(Err(io::Error::other("said to have failed"))),
            Some(How::Fail(kind)) => Err(kind.into()),
            Some(_) => Err(io::Error::other("the machine was turned off")),
        }
    }
}

fn failed(how: How) -> io::Error {
    match how {
        How::Fail(kind) | How::Die(kind) => kind.into(),
        _ => io::Error::other("failed"),
    }
}

impl Disk for ModelDisk {
    fn kind(&self, path: &Path) -> io::Result<Kind> {
        self.find(path).map(|node| if self.nodes[node].directory { Kind::Directory } else { Kind::File })
    }

    fn list(&self, dir: &Path) -> io::Result<Vec<(OsString, Kind)>> {
        let node = &self.nodes[self.find(dir)?];
        let kind = |node: usize| if self.nodes[node].directory { Kind::Directory } else { Kind::File };
        Ok(node.names.iter().map(|(name, node)| (name.clone(), kind(*node))).collect())
    }

    fn open(&self, path: &Path) -> io::Result<Box<dyn Read>> {
        Ok(Box::new(io::Cursor::new(self.nodes[self.find(path)?].bytes.clone())))
    }

    fn could_move(&self, staged: &Path, dir: &Path) -> io::Result<()> {
        self.find(staged).and_then(|_| self.find(dir)).map(|_| ())
    }

    fn try_lock(&self, dir: &Path, _: Sharing) -> io::Result<Option<Lock>> {
        self.find(dir).map(|_| (!self.locked).then(Lock::default))
    }

    fn create_dir(&mut self, path: &Path) -> io::Result<()> {
        self.whole("create_dir", path, |disk| disk.add(path, Node { directory: true, ..Node::default() }))
    }

    fn create_file(&mut self, path: &Path, bytes: &[u8]) -> io::Result<()> {
        let how = self.operation("create_file", path)?;
        let length = if matches!(how, None | Some(How::DoneAndFail)) { bytes.len() } else { bytes.len() / 2 };
        self.add(path, Node { bytes: bytes[..length].to_vec(), ..Node::default() })?;
        how.map_or(Ok(()), |how| Err(failed(how)))
    }

    fn sync(&mut self, files: &[PathBuf], dirs: &[PathBuf]) -> io::Result<()> {
        let now = self.done.len();
        let how = self.operation("sync", dirs.first().or(files.first()).map_or(Path::new(""), PathBuf::as_path))?;
        let all = files.len() + dirs.len();
        let length = if matches!(how, None | Some(How::DoneAndFail)) { all } else { all / 2 };
        for path in files.iter().chain(dirs).take(length) {
            self.synced.push((now, path.clone()));
            let node = self.find(path)?;
            if self.forgets.as_ref().is_some_and(|(at, forgotten)| *at == now && forgotten == path) {
                continue;
            }
            if self.nodes[node].directory {
                self.sync_names(&[node].into());
            } else {
                self.nodes[node].durable_bytes = Some(self.nodes[node].bytes.clone());
            }
        }
        how.map_or(Ok(()), |how| Err(failed(how)))
    }

    fn rename(&mut self, from: &Path, to: &Path) -> io::Result<()> {
        self.whole("rename", to, |disk| {
            let (node, (from_dir, from_name), (to_dir, to_name)) =
                (disk.find(from)?, disk.parent(from)?, disk.parent(to)?);
            if let Ok(there) = disk.find(to) {
                match (disk.nodes[node].directory, disk.nodes[there].directory) {
                    (false, true) => return Err(ErrorKind::IsADirectory.into()),
                    (true, false) => return Err(ErrorKind::NotADirectory.into()),
                    (true, true) if !disk.nodes[there].names.is_empty() => {
                        return Err(ErrorKind::DirectoryNotEmpty.into());
                    }
                    _ => {}
                }
            }
            disk.edit(vec![(from_dir, from_name, None), (to_dir, to_name, Some(node))]);
            Ok(())
        })
    }

    fn remove_file(&mut self, path: &Path) -> io::Result<()> {
        self.whole("remove_file", path, |disk| disk.unlink(path))
    }

    fn remove_dir(&mut self, path: &Path) -> io::Result<()> {
        self.whole("remove_dir", path, |disk| {
            let node = &disk.nodes[disk.find(path)?];
            match (node.directory, node.names.is_empty()) {
                (true, true) => disk.unlink(path),
                (true, false) => Err(ErrorKind::DirectoryNotEmpty.into()),
                (false, _) => Err(ErrorKind::NotADirectory.into()),
            }
        })
    }
}
