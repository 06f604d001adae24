//! [`Blocks`]: parts of documents that were read before. Two versions of an object mostly say the same below most of their
//! keys, and to copy a value takes a fraction of the time that it takes to read it.

use super::Value;
use std::borrow::Cow;
use std::collections::HashMap;
use std::hash::{BuildHasherDefault, DefaultHasher};

/// Shorter blocks are read: that is as fast.
const SHORTEST: usize = 48;

/// The blocks below the keys of documents, each with its value.
///
/// A block is the lines below a `key:` of a document, up to the next key of the document or the end. What it says depends
/// on nothing else: the reader that uses it knows no anchors and no tags, and whatever stands at the first column and may
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
    /// Blocks that were not known, each with its key.
    pub unknown: Vec<(Block<'a>, Cow<'a, str>)>,
}

impl<'a> Blocks<'a> {
    pub(super) fn add(&mut self, block: Block<'a>, value: &Value<'a>) {
        self.values.insert(block.sum, (block.text, value.clone()));
    }

    /// The value of a block, if it was read before.
    pub(super) fn get(&self, block: Block<'a>) -> Option<Value<'a>> {
        let (known, value) = self.values.get(&block.sum)?;
        (*known == block.text).then(|| value.clone())
    }
}

impl<'a> Block<'a> {
    /// The indented lines with which a text begins, if they are a block.
    pub(super) fn at_start_of(text: &'a str) -> Option<Self> {
        let bytes = text.as_bytes();
        let mut end = 0;
        // Empty lines belong to it: to its texts, or to nothing.
        while matches!(bytes.get(end), Some(b' ' | b'\n')) {
            end += bytes.get(end..)?.iter().position(|byte| *byte == b'\n')? + 1;
        }
        let is_over = bytes.get(end).is_none_or(u8::is_ascii_alphabetic);
        let text = text.get(..end).filter(|_| is_over && end >= SHORTEST && text.starts_with(' '))?;
        Some(Block { text, sum: sum(text.as_bytes()) })
    }
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
