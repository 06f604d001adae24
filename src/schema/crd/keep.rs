//! What was stored before and is not in an import.

use super::{FOLDER, diags};
use crate::diag::Diagnostic;
use crate::files::{Digest, Files, OWNERSHIP_FILE, Ownership, Problem, ReadError, Tree};

/// What becomes of the CRDs that were stored before and are not in an import.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Kept {
    /// Names of those that stay.
    pub kept: Vec<String>,
    /// Names of those that go.
    pub pruned: Vec<String>,
    /// Those that stay, but are no longer what was stored: somebody edited them.
    pub edited: Vec<Problem>,
}

/// Adds to an import's files those that were stored before, unless they are to be pruned. A CRD that is not in an
/// import may have been removed from the cluster, or the import is of one operator only: which of the two, only people
/// know.
pub fn keep(files: &dyn Files, tree: &mut Tree, prune: bool) -> Result<Kept, Vec<Diagnostic>> {
    let mut kept = Kept::default();
    let mut faults = Vec::new();
    let Some(owned) = ownership(files).map_err(|fault| vec![fault])? else { return Ok(kept) };
    for (path, digest) in owned.iter() {
        if tree.get(path).is_some() {
            continue;
        }
        let name = name_of(path);
        if prune {
            kept.pruned.push(name);
            continue;
        }
        match files.read(&format!("{FOLDER}/{path}")) {
            Ok(bytes) => {
                if Digest::of(&bytes) != digest {
                    kept.edited.push(Problem::Edited { path: path.to_owned() });
                }
                if let Err(error) = tree.insert(path, bytes) {
                    faults.push(diags::stored(&format!("{FOLDER}/{path}"), &error.to_string()));
                }
                kept.kept.push(name);
            }
            // Somebody removed it by hand, and meant it.
            Err(ReadError::NotFound) => {}
            Err(error) => faults.push(diags::stored(&format!("{FOLDER}/{path}"), &error.to_string())),
        }
    }
    if faults.is_empty() { Ok(kept) } else { Err(faults) }
}

/// `foos.example.com` for `example.com/foos.json`.
fn name_of(path: &str) -> String {
    match path.strip_suffix(".json").and_then(|path| path.split_once('/')) {
        Some((group, plural)) => format!("{plural}.{group}"),
        None => path.to_owned(),
    }
}

/// The list of what is stored; `None` if nothing is.
pub(super) fn ownership(files: &dyn Files) -> Result<Option<Ownership>, Diagnostic> {
    let path = format!("{FOLDER}/{OWNERSHIP_FILE}");
    match files.read(&path) {
        Ok(bytes) => Ownership::parse(&bytes).map(Some).map_err(|error| diags::ownership(&path, &error)),
        Err(ReadError::NotFound) => match files.list(FOLDER) {
            // A folder of that name, but nothing of ours in it.
            Ok(_) | Err(ReadError::NotFound) => Ok(None),
            Err(error) => Err(diags::stored(FOLDER, &error.to_string())),
        },
        Err(error) => Err(diags::stored(&path, &error.to_string())),
    }
}

#[cfg(test)]
mod tests {
    use super::{Kept, keep};
    use crate::files::{MemoryFiles, Problem, Tree};

    fn stored() -> (MemoryFiles, Tree) {
        let mut tree = Tree::new();
        tree.insert("a.io/foos.json", "1").unwrap();
        tree.insert("b.io/bars.json", "2").unwrap();
        let mut files = MemoryFiles::new().with("schemas/.dpjgen", tree.ownership());
        tree.iter().for_each(|(path, bytes)| files.insert(&format!("schemas/{path}"), bytes));
        let mut new = Tree::new();
        new.insert("a.io/foos.json", "3").unwrap();
        (files, new)
    }

    #[test]
    fn what_is_not_imported_stays_unless_it_is_pruned() {
        let (mut files, new) = stored();
        let mut tree = new.clone();
        let kept = keep(&files, &mut tree, false).unwrap();
        assert_eq!(kept, Kept { kept: vec!["bars.b.io".to_owned()], ..Kept::default() });
        assert_eq!((tree.get("a.io/foos.json"), tree.get("b.io/bars.json")), (Some(&b"3"[..]), Some(&b"2"[..])));

        let mut tree = new.clone();
        let kept = keep(&files, &mut tree, true).unwrap();
        assert_eq!(kept, Kept { pruned: vec!["bars.b.io".to_owned()], ..Kept::default() });
        assert_eq!(tree, new);

        files.insert("schemas/b.io/bars.json", "edited");
        let kept = keep(&files, &mut new.clone(), false).unwrap();
        assert_eq!(kept.edited, [Problem::Edited { path: "b.io/bars.json".to_owned() }]);
        files.insert("schemas/.dpjgen", "<<<<<<< HEAD\n");
        assert_eq!(keep(&files, &mut new.clone(), false).unwrap_err().len(), 1);
    }

    #[test]
    fn without_a_store_there_is_nothing_to_keep() {
        let (_, mut new) = stored();
        assert_eq!(keep(&MemoryFiles::new(), &mut new, false).unwrap(), Kept::default());
    }
}
