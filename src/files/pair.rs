//! Two folders, of which only those files are kept that are not the same in both.

use super::ReadError;
use super::folder::{Folder, Kind};
use super::walk::{Walked, Wanted, walk};
use std::path::Path;

/// A file below a folder: its path, relative and with `/`, and its bytes.
pub type Bytes = (String, Vec<u8>);

/// What differs between two folders.
#[derive(Debug)]
pub struct Pair<N> {
    /// Files of the old folder that are not the same in the new one, sorted by path.
    pub old: Vec<Bytes>,
    /// Files of the new folder that are not the same in the old one, sorted by path.
    pub new: Vec<Bytes>,
    /// What was noted of the files that are the same in both: in as many parts as threads have read, and which file is in
    /// which of them is chance.
    pub same: Vec<N>,
    /// The folders right below the old and the new one that hold a tree of dpjgen, sorted.
    pub trees: [Vec<String>; 2],
}

/// A file or folder that cannot be read.
#[derive(Debug, PartialEq, Eq)]
pub struct Unreadable {
    /// Whether it is on the new side.
    pub is_new: bool,
    /// Its path below its folder; empty for the folder itself.
    pub path: String,
    /// Why.
    pub error: ReadError,
}

/// Why two folders were not compared.
#[derive(Debug, PartialEq, Eq)]
pub enum PairError {
    /// All that cannot be read, sorted.
    Unreadable(Vec<Unreadable>),
    /// Trees that dpjgen wrote are right below a side, so that a run may change them meanwhile: it has to be locked.
    Unsettled {
        /// Of the old and of the new side whether that was seen; the other one may have to be locked as well.
        sides: [bool; 2],
    },
}

/// Compares the files of two folders, and keeps what differs. `is_wanted` is asked for the name of each file, and `note` is
/// told the path and the bytes of each that is the same in both. Links to
/// files are followed within a folder and refused where they lead out of it, links to folders are not followed, and what
/// belongs to git or to dpjgen itself is passed over. Several threads read, where the machine has them.
///
/// `are_settled` says of each side whether the trees of dpjgen right below it, if there are any, are locked.
pub fn read_pair<N: Default + Send>(
    [old, new]: [&Path; 2],
    are_settled: [bool; 2],
    is_wanted: fn(&str) -> bool,
    note: fn(&mut N, &str, &[u8]),
) -> Result<Pair<N>, PairError> {
    let roots = match (Folder::open(old), Folder::open(new)) {
        (Ok(below_old), Ok(below_new)) => [Some((old, below_old)), Some((new, below_new))],
        (old, new) => {
            let faults = [(false, old.err()), (true, new.err())];
            let faults = faults.into_iter().filter_map(|(is_new, error)| error.map(|error| topmost(is_new, error)));
            return Err(PairError::Unreadable(faults.collect()));
        }
    };
    match walk(Wanted { roots, are_settled, is_wanted, note }) {
        Walked { is_unsettled, .. } if is_unsettled.contains(&true) => {
            Err(PairError::Unsettled { sides: is_unsettled })
        }
        Walked { pair, faults, .. } if faults.is_empty() => Ok(pair),
        Walked { faults, .. } => Err(PairError::Unreadable(faults)),
    }
}

/// A folder that was named cannot be read.
fn topmost(is_new: bool, error: ReadError) -> Unreadable {
    Unreadable { is_new, path: String::new(), error }
}

/// Reads all wanted files of a folder, sorted by path.
///
/// # Errors
///
/// All that cannot be read, sorted.
pub fn read_folder(folder: &Path, is_wanted: fn(&str) -> bool) -> Result<Vec<Bytes>, Vec<Unreadable>> {
    let below = Folder::open(folder).map_err(|error| vec![topmost(true, error)])?;
    let note = |(): &mut (), _: &str, _: &[u8]| {};
    let roots = [None, Some((folder, below))];
    let Walked { pair, faults, .. } = walk(Wanted { roots, are_settled: [true, true], is_wanted, note });
    if faults.is_empty() { Ok(pair.new) } else { Err(faults) }
}

/// Reads some files of a folder again, which [`read_pair`] found to be the same in both; what is gone meanwhile is left out.
pub fn read_some<'p>(folder: &Path, paths: impl IntoIterator<Item = &'p str>) -> Vec<Bytes> {
    let mut buffer = Vec::new();
    let mut read = |path: &str| {
        let (below, name) = path.rsplit_once('/').unwrap_or(("", path));
        let length = Folder::open(&folder.join(below)).ok()?.read(name, Kind::Link, &mut buffer).ok()?;
        Some((path.to_owned(), buffer.get(..length)?.to_vec()))
    };
    paths.into_iter().filter_map(&mut read).collect()
}
