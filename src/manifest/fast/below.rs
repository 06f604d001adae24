//! What stands below the keys of a document: read, or known from a document that was read before.

use super::super::Value;
use super::super::blocks::Block;
use super::Reader;

/// How deep in a document blocks are looked up: what is the same in two objects mostly is so below one of these keys, and
/// each level costs a look at all of what is below.
const LEVELS: usize = 3;

impl<'a> Reader<'a, '_> {
    /// What stands below a key, from the start of the next line.
    pub(super) fn below(&mut self, column: usize, key: &str) -> Option<Value<'a>> {
        // Metadata as a whole is never the same in two objects.
        let blocks = self.blocks.filter(|_| self.depth <= LEVELS && key != "metadata");
        let block = blocks.and_then(|_| Block::at_start_of(self.text.get(self.at..)?, column));
        if let (Some(blocks), Some(block)) = (blocks, block)
            && let Some(value) = blocks.get(block)
        {
            self.at += block.text.len();
            self.seek()?;
            return Some(value);
        }
        self.seek()?;
        if self.is_end() || self.column < column || (self.column == column && !self.is_item()) {
            return Some(Value::Null);
        }
        let value = self.block(self.column)?;
        self.unknown.extend(block.map(|block| (block, value.clone())));
        Some(value)
    }
}
