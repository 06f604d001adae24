//! [`Blocks`]: parts of documents that were read before. Two versions of an object mostly say the same below most of their
//! keys, and to copy a value takes a fraction of the time that it takes to read it.

use super::Value;
use std::collections::HashMap;
use std::hash::{BuildHasherDefault, DefaultHasher};

/// Shorter blocks are read: that is as fast.
const SHORTEST: usize = 48;

/// The blocks below the keys of documents, each with its value.
///
/// A block is the lines below a `key:` that are indented by more than the key, up to the next key or the end. What it says
/// depends on nothing else: the reader that uses it knows no anchors and no tags, and whatever stands behind it and may
/// still belong to it, such as a comment, makes it none. Blocks of documents of which anything has to be sealed are not in
/// it.
#[derive(Debug, Default)]
pub struct Blocks<'a> {
    /// By the sum of the block. Asked for one at a time, never gone through: its order is nobody's.
    values: HashMap<u64, (&'a str, Value<'a>), BuildHasherDefault<DefaultHasher>>,
}

/// The text of a block, and its sum.
#[derive(Clone, Copy, Debug)]
pub(super) struct Block<'a> {
    pub(super) text: &'a str,
    sum: u64,
}

/// What a document says.
pub(super) struct Read<'a> {
    pub value: Value<'a>,
    /// Nothing of it has to be sealed.
    pub is_open: bool,
    /// Blocks that were not known.
    pub unknown: Vec<(Block<'a>, Value<'a>)>,
}

impl<'a> Blocks<'a> {
    pub(super) fn add(&mut self, block: Block<'a>, value: Value<'a>) {
        self.values.insert(block.sum, (block.text, value));
    }

    /// The value of a block, if it was read before.
    pub(super) fn get(&self, block: Block<'a>) -> Option<Value<'a>> {
        let (known, value) = self.values.get(&block.sum)?;
        (*known == block.text).then(|| value.clone())
    }
}

impl<'a> Block<'a> {
    /// The lines with which a text begins that are indented by more than a column, if they are a block.
    pub(super) fn at_start_of(text: &'a str, column: usize) -> Option<Self> {
        let bytes = text.as_bytes();
        let mut end = 0;
        while let Some(line) = bytes.get(end..).filter(|line| !line.is_empty()) {
            match line.iter().take(column + 1).find(|byte| **byte != b' ') {
                // Empty lines belong to it: to its texts, or to nothing.
                None | Some(b'\n') => end += newline(line)? + 1,
                Some(byte) if byte.is_ascii_alphabetic() => break,
                Some(_) => return None,
            }
        }
        let text = text.get(..end).filter(|text| end >= SHORTEST && text.starts_with(' '))?;
        Some(Block { text, sum: sum(text.as_bytes()) })
    }
}

/// Where the first line ends. Lines of manifests are so short that to look at eight bytes at once is faster than to call
/// what looks at more.
#[inline]
pub fn newline(text: &[u8]) -> Option<usize> {
    const ONES: u64 = 0x0101_0101_0101_0101;
    let (words, rest) = text.as_chunks::<8>();
    for (at, word) in words.iter().enumerate() {
        // A byte of this is 0 where there is a line feed; only bytes behind the first one may be taken for 0 wrongly.
        let other = u64::from_le_bytes(*word) ^ (ONES * u64::from(b'\n'));
        let found = other.wrapping_sub(ONES) & !other & (ONES << 7);
        if found != 0 {
            return usize::try_from(found.trailing_zeros() / 8).ok().map(|byte| at * 8 + byte);
        }
    }
    rest.iter().position(|byte| *byte == b'\n').map(|byte| words.len() * 8 + byte)
}

/// A sum that tells most texts apart: of two that have the same, the bytes decide.
pub fn sum(bytes: &[u8]) -> u64 {
    const FACTOR: u64 = 0x9e37_79b9_7f4a_7c15;
    let (words, rest) = bytes.as_chunks::<8>();
    let mut last = [0; 8];
    last.iter_mut().zip(rest).for_each(|(own, byte)| *own = *byte);
    words.iter().chain([&last]).fold(bytes.len() as u64, |sum, word| {
        let sum = (sum ^ u64::from_le_bytes(*word)).wrapping_mul(FACTOR);
        sum ^ (sum >> 32)
    })
}
