//! Maps and lists, written entry by entry.

use std::mem;

use serde::ser::{self, Serialize};

use super::key::Key;
use super::{At, Error, Value, Writer};
use crate::emit::scalar;

/// A key of more bytes than this is written after `? `: readers look 1024 characters ahead for the `:`.
const LONGEST_SIMPLE_KEY: usize = 1000;

/// A map or a list that is being written.
pub(super) struct Block<'w> {
    writer: &'w mut Writer,
    /// Of the keys or the `-`.
    column: usize,
    at: At,
    /// Where the first entry's key or `-` was written, once there is one.
    start: Option<usize>,
    /// Where the entry at hand starts, with its indentation unless it is the first.
    entry: usize,
    is_leading: bool,
    /// Where the next leading entry belongs.
    head: usize,
    /// How it is written without entries.
    empty: &'static [u8],
}

impl<'w> Block<'w> {
    pub(super) fn new(writer: &'w mut Writer, column: usize, at: At, empty: &'static [u8]) -> Self {
        Block { writer, column, at, start: None, entry: 0, is_leading: false, head: 0, empty }
    }

    /// After [`Block::key`]: what writes its value, if that is the last of the map.
    pub(super) fn into_value(self) -> Value<'w> {
        Value { writer: self.writer, column: self.column, at: At::Key }
    }

    #[inline]
    fn begin_entry(&mut self) {
        let out = &mut self.writer.out;
        if self.start.is_some() {
            self.entry = out.len();
            scalar::indent(out, self.column);
        } else {
            if self.at == At::Key {
                out.pop(); // the space of `key: `
                out.push(b'\n');
                scalar::indent(out, self.column);
            }
            self.entry = out.len();
            self.start = Some(out.len());
            self.head = out.len();
        }
    }

    #[inline]
    pub(super) fn key(&mut self, key: &str) {
        self.begin_entry();
        let start = self.writer.out.len();
        scalar::inline(&mut self.writer.out, key);
        self.end_key(start);
    }

    #[inline]
    fn end_key(&mut self, start: usize) {
        let out = &mut self.writer.out;
        if out.len() - start > LONGEST_SIMPLE_KEY {
            out.splice(start..start, *b"? ");
            out.push(b'\n');
            scalar::indent(out, self.column);
        } else {
            self.is_leading = match self.at {
                At::Item => out.get(start..) == Some(b"name"),
                At::Root => matches!(out.get(start..), Some(b"apiVersion" | b"kind" | b"metadata")),
                At::Key => false,
            };
        }
        out.extend_from_slice(b": ");
    }

    #[inline]
    fn value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Error> {
        value.serialize(Value { writer: self.writer, column: self.column, at: At::Key })?;
        if mem::take(&mut self.is_leading) {
            self.move_entry_first();
        }
        Ok(())
    }

    /// Moves the last entry before those that lead nothing: turns `a␤··b␤··name␤` into `name␤··a␤··b␤`. Only the root,
    /// which has no indentation, has more than one leading entry.
    fn move_entry_first(&mut self) {
        let length = self.writer.out.len() - self.entry;
        let head = self.head;
        self.head += length;
        if head == self.entry {
            return;
        }
        let Some(entries) = self.writer.out.get_mut(head..) else { return };
        entries.rotate_right(length);
        if let Some(entry) = entries.get_mut(..length) {
            entry.rotate_left(self.column);
        }
    }

    #[inline]
    fn item<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Error> {
        self.begin_entry();
        self.writer.out.extend_from_slice(b"- ");
        value.serialize(Value { writer: self.writer, column: self.column, at: At::Item })
    }

    #[allow(clippy::unnecessary_wraps)] // what every `end` returns
    fn finish(self) -> Result<(), Error> {
        if self.start.is_none() {
            self.writer.out.extend_from_slice(self.empty);
        }
        Ok(())
    }
}

macro_rules! lists {
    ($($trait:ident $method:ident),*) => { $(impl ser::$trait for Block<'_> {
        type Ok = ();
        type Error = Error;

        fn $method<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Error> {
            self.item(value)
        }

        fn end(self) -> Result<(), Error> {
            self.finish()
        }
    })* };
}

lists!(SerializeSeq serialize_element, SerializeTuple serialize_element);
lists!(SerializeTupleStruct serialize_field, SerializeTupleVariant serialize_field);

macro_rules! structs {
    ($($trait:ident),*) => { $(impl ser::$trait for Block<'_> {
        type Ok = ();
        type Error = Error;

        fn serialize_field<T: Serialize + ?Sized>(&mut self, key: &'static str, value: &T) -> Result<(), Error> {
            self.key(key);
            self.value(value)
        }

        fn end(self) -> Result<(), Error> {
            self.finish()
        }
    })* };
}

structs!(SerializeStruct, SerializeStructVariant);

impl ser::SerializeMap for Block<'_> {
    type Ok = ();
    type Error = Error;

    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Result<(), Error> {
        self.begin_entry();
        let start = self.writer.out.len();
        key.serialize(Key { writer: self.writer })?;
        self.end_key(start);
        Ok(())
    }

    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Error> {
        self.value(value)
    }

    fn end(self) -> Result<(), Error> {
        self.finish()
    }
}
