//! The `.dpjgen` file: which files of a tree are dpjgen's, and what was last written into each.
//!
//! One line per path, sorted: the SHA-256 in hex, two spaces, the path. `sha256sum -c .dpjgen` reads it too. Reading is
//! strict, since what the file names may be removed.

use std::collections::BTreeMap;
use std::fmt;
use std::io::{self, Read};

use sha2::{Digest as _, Sha256};

use super::tree::{UnsafePath, check_path};

/// The SHA-256 of a file's bytes.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Digest([u8; 32]);

impl Digest {
    /// Of these bytes.
    pub fn of(bytes: &[u8]) -> Self {
        Digest(Sha256::digest(bytes).into())
    }

    /// Of everything that a reader gives, into `buffer` bit by bit. As long as that is what was expected, whose sum is
    /// known, nothing is summed up: comparing costs a fiftieth of that.
    pub(super) fn read(
        mut reader: impl Read,
        expected: Option<(&[u8], Digest)>,
        buffer: &mut [u8],
    ) -> io::Result<Self> {
        let (bytes, known) = expected.unwrap_or((&[], Digest([0; 32])));
        let (mut same, mut sum): (_, Option<Sha256>) = (0, expected.is_none().then(Sha256::new));
        loop {
            let read = match reader.read(buffer) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                read => buffer.get(..read?).unwrap_or_default(),
            };
            if read.is_empty() && sum.is_none() && same == bytes.len() {
                return Ok(known);
            }
            if sum.is_none() && !read.is_empty() && bytes.get(same..).is_some_and(|rest| rest.starts_with(read)) {
                same += read.len();
                continue;
            }
            let sum = sum.get_or_insert_with(|| Sha256::new_with_prefix(bytes.get(..same).unwrap_or_default()));
            if read.is_empty() {
                return Ok(Digest(sum.finalize_reset().into()));
            }
            sum.update(read);
        }
    }

    /// 64 digits of lower-case hex at the end of a text: quicker than formatting.
    pub(super) fn push_hex(self, text: &mut String) {
        let digit = |half: u8| char::from(if half < 10 { b'0' + half } else { b'a' + half - 10 });
        text.extend(self.0.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]));
    }

    /// From 64 digits of lower-case hex.
    pub(super) fn parse(hex: &str) -> Option<Self> {
        let digit = |b: u8| match b {
            b'0'..=b'9' => Some(b - b'0'),
            b'a'..=b'f' => Some(b - b'a' + 10),
            _ => None,
        };
        let mut bytes = [0; 32];
        let mut digits = hex.bytes();
        for byte in &mut bytes {
            *byte = digit(digits.next()?)? * 16 + digit(digits.next()?)?;
        }
        digits.next().is_none().then_some(Digest(bytes))
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut text = String::with_capacity(64);
        self.push_hex(&mut text);
        f.write_str(&text)
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// Paths of a tree, each with the sum of its bytes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Ownership {
    files: BTreeMap<String, Digest>,
}

impl Ownership {
    /// The sum that was recorded for a path.
    pub fn get(&self, path: &str) -> Option<Digest> {
        self.files.get(path).copied()
    }

    /// All paths, sorted.
    pub fn iter(&self) -> impl Iterator<Item = (&str, Digest)> {
        self.files.iter().map(|(path, digest)| (path.as_str(), *digest))
    }

    /// Whether a path lies in a directory.
    pub(super) fn any_below(&self, dir: &str) -> bool {
        let prefix = format!("{dir}/");
        self.files.range(prefix.clone()..).next().is_some_and(|(path, _)| path.starts_with(&prefix))
    }

    /// The bytes of the `.dpjgen` file.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut text = String::with_capacity(self.files.keys().map(|path| 64 + 2 + path.len() + 1).sum());
        for (path, digest) in &self.files {
            digest.push_hex(&mut text);
            text.extend(["  ", path, "\n"]);
        }
        text.into_bytes()
    }

    /// Reads a `.dpjgen` file. Lines may end as on Windows, which git makes of them there, and may stand in any order.
    pub fn parse(bytes: &[u8]) -> Result<Self, OwnershipError> {
        let mut files = BTreeMap::new();
        let mut first_fault = None;
        for (index, raw) in bytes.split_inclusive(|b| *b == b'\n').enumerate() {
            let line = index + 1;
            match parse_line(raw) {
                // Beside a conflict's markers, everything else is only its consequence.
                Err(OwnershipFault::Conflict) => return Err(OwnershipError { line, fault: OwnershipFault::Conflict }),
                Err(fault) => first_fault = first_fault.or(Some(OwnershipError { line, fault })),
                Ok((path, digest)) => {
                    if files.insert(path.to_owned(), digest).is_some() {
                        let fault = OwnershipFault::Twice(path.to_owned());
                        first_fault = first_fault.or(Some(OwnershipError { line, fault }));
                    }
                }
            }
        }
        first_fault.map_or(Ok(Ownership { files }), Err)
    }
}

impl FromIterator<(String, Digest)> for Ownership {
    fn from_iter<I: IntoIterator<Item = (String, Digest)>>(files: I) -> Self {
        Ownership { files: files.into_iter().collect() }
    }
}

fn parse_line(raw: &[u8]) -> Result<(&str, Digest), OwnershipFault> {
    if [b"<<<<<<<", b"|||||||", b"=======", b">>>>>>>"].iter().any(|marker| raw.starts_with(*marker)) {
        return Err(OwnershipFault::Conflict);
    }
    let text = str::from_utf8(raw).map_err(|_| OwnershipFault::Garbage)?;
    // A path that was cut off is another path.
    let text = text.strip_suffix('\n').ok_or(OwnershipFault::Cut)?;
    let text = text.strip_suffix('\r').unwrap_or(text);
    let (hex, path) = text.split_once("  ").ok_or(OwnershipFault::Garbage)?;
    let digest = Digest::parse(hex).ok_or(OwnershipFault::Garbage)?;
    match check_path(path) {
        Ok(()) => Ok((path, digest)),
        Err(reason) => Err(OwnershipFault::Unsafe(UnsafePath { path: path.to_owned(), reason })),
    }
}

/// Why a `.dpjgen` file can not be understood.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OwnershipError {
    /// The line, from 1.
    pub line: usize,
    /// What is wrong there.
    pub fault: OwnershipFault,
}

/// What is wrong with a line of a `.dpjgen` file.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum OwnershipFault {
    /// A marker of a merge conflict.
    Conflict,
    /// Not a sum, two spaces and a path.
    Garbage,
    /// The last line does not end: the file was cut off.
    Cut,
    /// A path stands there for the second time.
    Twice(String),
    /// A path that dpjgen never writes.
    Unsafe(UnsafePath),
}

impl fmt::Display for OwnershipError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}: ", self.line)?;
        match &self.fault {
            OwnershipFault::Conflict => f.write_str("an unresolved merge conflict"),
            OwnershipFault::Garbage => f.write_str("not a SHA-256, two spaces and a path"),
            OwnershipFault::Cut => f.write_str("the file ends in the middle of a line"),
            OwnershipFault::Twice(path) => write!(f, "`{path}` stands there twice"),
            OwnershipFault::Unsafe(error) => write!(f, "{error}"),
        }
    }
}

impl std::error::Error for OwnershipError {}

#[cfg(test)]
mod tests {
    use super::{Digest, Ownership, OwnershipError, OwnershipFault};

    fn fault(text: &str) -> (usize, OwnershipFault) {
        let OwnershipError { line, fault } = Ownership::parse(text.as_bytes()).unwrap_err();
        (line, fault)
    }

    #[test]
    fn sums_are_those_of_sha256sum() {
        let abc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        assert_eq!(Digest::of(b"abc").to_string(), abc);
        assert_eq!(Digest::parse(abc), Some(Digest::of(b"abc")));
        let read = |text: &str, expected: Option<&str>| {
            let known = Digest::of(b"known");
            Digest::read(text.as_bytes(), expected.map(|text| (text.as_bytes(), known)), &mut [0; 2]).unwrap()
        };
        // The sum that is known is taken just if the bytes are those that were expected.
        assert_eq!(read("abcde", Some("abcde")), Digest::of(b"known"));
        for other in [None, Some(""), Some("abc"), Some("abcdef"), Some("abxde"), Some("abcdx")] {
            assert_eq!(read("abcde", other), Digest::of(b"abcde"), "{other:?}");
        }
    }

    #[test]
    fn what_is_written_is_read_again_with_any_line_ends() {
        let paths = ["a/b.yaml", "a-b", "with space"];
        let owned: Ownership = paths.iter().map(|p| ((*p).to_owned(), Digest::of(p.as_bytes()))).collect();
        let bytes = owned.to_bytes();
        assert_eq!(Ownership::parse(&bytes).as_ref(), Ok(&owned));
        let windows = String::from_utf8(bytes).unwrap().replace('\n', "\r\n");
        assert_eq!(Ownership::parse(windows.as_bytes()), Ok(owned));
        assert_eq!(Ownership::parse(b""), Ok(Ownership::default()));
    }

    #[test]
    fn what_is_not_understood_is_an_error_with_its_line() {
        let sum = Digest::of(b"");
        let good = format!("{sum}  a\n");
        assert_eq!(fault(&format!("{good}nonsense\n=======\n")), (3, OwnershipFault::Conflict));
        assert_eq!(fault(&format!("{good}\n")), (2, OwnershipFault::Garbage));
        assert_eq!(fault(&good.to_uppercase()), (1, OwnershipFault::Garbage));
        assert_eq!(fault(&format!("{good}{sum}  b.ya")), (2, OwnershipFault::Cut));
        assert_eq!(fault(&format!("{good}{good}")), (2, OwnershipFault::Twice("a".to_owned())));
        for path in ["../x", "/x", "a//b", ".dpjgen", ".git/config", " "] {
            assert!(matches!(fault(&format!("{sum}  {path}\n")), (1, OwnershipFault::Unsafe(_))), "{path}");
        }
        assert!(matches!(Ownership::parse(b"\xff\n").unwrap_err().fault, OwnershipFault::Garbage));
    }
}
