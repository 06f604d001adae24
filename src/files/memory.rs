//! A platform that is held in memory, for tests and for users of the library.

use std::collections::BTreeMap;

use super::{Files, MAX_FILE_BYTES, ReadError, parts};

/// Files by path. What is put in as an error is read as that error.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MemoryFiles {
    files: BTreeMap<String, Result<Vec<u8>, ReadError>>,
}

impl MemoryFiles {
    /// A platform without files.
    pub fn new() -> Self {
        MemoryFiles::default()
    }

    /// Adds a file or replaces it. A path that leads out of the root is kept but can never be read.
    pub fn insert(&mut self, path: &str, bytes: impl Into<Vec<u8>>) {
        self.files.insert(normal(path), Ok(bytes.into()));
    }

    /// Adds a file whose reading fails.
    pub fn insert_error(&mut self, path: &str, error: ReadError) {
        self.files.insert(normal(path), Err(error));
    }

    /// The same with one more file, for building in one expression.
    #[must_use]
    pub fn with(mut self, path: &str, bytes: impl Into<Vec<u8>>) -> Self {
        self.insert(path, bytes);
        self
    }

    /// Whether a file lies below this directory.
    fn is_directory(&self, dir: &str) -> bool {
        let prefix = format!("{dir}/");
        dir.is_empty() || self.files.range(prefix.clone()..).next().is_some_and(|(path, _)| path.starts_with(&prefix))
    }
}

impl From<BTreeMap<String, Result<Vec<u8>, ReadError>>> for MemoryFiles {
    fn from(files: BTreeMap<String, Result<Vec<u8>, ReadError>>) -> Self {
        MemoryFiles { files: files.into_iter().map(|(path, file)| (normal(&path), file)).collect() }
    }
}

impl Files for MemoryFiles {
    fn read(&self, path: &str) -> Result<Vec<u8>, ReadError> {
        let path = parts(path)?.join("/");
        match self.files.get(&path) {
            Some(Ok(bytes)) if bytes.len() as u64 > MAX_FILE_BYTES => {
                Err(ReadError::TooLarge { limit: MAX_FILE_BYTES })
            }
            Some(file) => file.clone(),
            None if self.is_directory(&path) => Err(ReadError::IsDirectory),
            None => Err(ReadError::NotFound),
        }
    }

    fn list(&self, dir: &str) -> Result<Vec<String>, ReadError> {
        let dir = parts(dir)?.join("/");
        if self.files.contains_key(&dir) {
            return Err(ReadError::NotDirectory);
        }
        if !self.is_directory(&dir) {
            return Err(ReadError::NotFound);
        }
        let prefix = if dir.is_empty() { dir } else { format!("{dir}/") };
        Ok(self
            .files
            .range(prefix.clone()..)
            .take_while(|(path, _)| path.starts_with(&prefix))
            .filter(|(_, file)| is_regular(file))
            .filter_map(|(path, _)| path.strip_prefix(&prefix))
            .filter(|name| !name.contains('/'))
            .map(str::to_owned)
            .collect())
    }
}

/// Whether a disk would list it: a file that may not be read is one all the same.
fn is_regular(file: &Result<Vec<u8>, ReadError>) -> bool {
    !matches!(file, Err(ReadError::NotFound | ReadError::IsDirectory | ReadError::NotRegular | ReadError::Outside))
}

fn normal(path: &str) -> String {
    parts(path).map_or_else(|_| path.to_owned(), |parts| parts.join("/"))
}

#[cfg(test)]
mod tests {
    use super::{Files, MemoryFiles, ReadError};

    #[test]
    fn reads_and_lists_as_a_disk_does() {
        let mut files = MemoryFiles::new().with("platform.toml", "a").with("./overlays/prod.toml", "b");
        files.insert_error("overlays/dev.toml", ReadError::PermissionDenied);
        files.insert_error("overlays/pipe", ReadError::NotRegular);
        files.insert("overlays/old/x.toml", "c");
        assert_eq!(files.read("overlays//prod.toml"), Ok(b"b".to_vec()));
        assert_eq!(files.read("overlays/dev.toml"), Err(ReadError::PermissionDenied));
        assert_eq!(files.read("overlays"), Err(ReadError::IsDirectory));
        assert_eq!(files.read("over"), Err(ReadError::NotFound));
        assert_eq!(files.read("overlays/../platform.toml"), Err(ReadError::Outside));
        assert_eq!(files.list(""), Ok(vec!["platform.toml".to_owned()]));
        assert_eq!(files.list("overlays/"), Ok(vec!["dev.toml".to_owned(), "prod.toml".to_owned()]));
        assert_eq!(files.list("platform.toml"), Err(ReadError::NotDirectory));
        assert_eq!(files.list("overlay"), Err(ReadError::NotFound));
    }
}
