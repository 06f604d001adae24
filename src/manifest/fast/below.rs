//! What stands below the keys of a document: read, or known from a document that was read before.

use super::super::Value;
use super::super::blocks::Block;
use super::Reader;
use std::borrow::Cow;

impl<'a> Reader<'a, '_> {
    /// What stands below a key, from the start of the next line.
    pub(super) fn below(&mut self, column: usize, key: &Cow<'a, str>) -> Option<Value<'a>> {
        // Metadata is never the same in two objects.
        let blocks = self.blocks.filter(|_| column == 0 && self.depth == 1 && key != "metadata");
        if let Some(blocks) = blocks
            && let Some(block) = self.text.get(self.at..).and_then(Block::at_start_of)
        {
            if let Some(value) = blocks.get(block) {
                self.at += block.text.len();
                self.column = 0;
                return Some(value);
            }
            self.unknown.push((block, key.clone()));
        }
        self.seek()?;
        if !self.is_end() && (self.column > column || (self.column == column && self.is_item())) {
            return self.block(self.column);
        }
        Some(Value::Null)
    }
}
