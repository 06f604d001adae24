//! Writes one value as one YAML document that every reader reads the same; how a scalar is written is in `scalar`.
//!
//! A [`Serializer`] that writes bytes as it is told values: no tree in between. Block style, two spaces, list items at
//! the column of their key. Entries stand in the order in which a type serialises them, an item's `name`
//! and a document's `apiVersion`, `kind` and `metadata` first.

mod block;
mod key;

use std::fmt::{self, Display, Write as _};
use std::mem;

use serde::ser::{self, Serialize, Serializer};

use self::block::Block;
use super::scalar;

/// Why a value cannot be written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Error {
    /// A map key that is not a text, and what it is: JSON has only texts there.
    Key(&'static str),
    /// A number that JSON does not have (`NaN`, infinities) or that not every reader keeps (above `i64::MAX`).
    Number(String),
    /// Bytes: a type has to say how they become text.
    Bytes,
    /// What the type's `Serialize` says.
    Custom(String),
}

impl Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Error::Key(what) => write!(f, "a map key must be a text, not {what}"),
            Error::Number(number) => write!(f, "the number {number} cannot be written so that every reader keeps it"),
            Error::Bytes => f.write_str("bytes cannot be written: encode them as text"),
            Error::Custom(message) => f.write_str(message),
        }
    }
}

impl std::error::Error for Error {}

impl ser::Error for Error {
    fn custom<T: Display>(message: T) -> Self {
        Error::Custom(message.to_string())
    }
}

/// Appends one document without a `---` line, ending in one line break. Appends nothing if it fails.
pub fn write_document<T: Serialize + ?Sized>(value: &T, out: &mut Vec<u8>) -> Result<(), Error> {
    let start = out.len();
    let mut writer = Writer { out: mem::take(out), scratch: String::new() };
    let result = value.serialize(Value { writer: &mut writer, column: 0, at: At::Root });
    *out = writer.out;
    if result.is_err() {
        out.truncate(start);
    }
    result
}

struct Writer {
    out: Vec<u8>,
    /// For values that only know how to display themselves.
    scratch: String,
}

impl Writer {
    fn displayed<T: Display + ?Sized>(
        &mut self,
        text: &T,
        write: impl FnOnce(&mut Vec<u8>, &str),
    ) -> Result<(), Error> {
        self.scratch.clear();
        write!(self.scratch, "{text}").map_err(ser::Error::custom)?;
        write(&mut self.out, &self.scratch);
        Ok(())
    }
}

/// What stands before a value.
#[derive(Clone, Copy, PartialEq, Eq)]
enum At {
    /// Nothing: it is the document.
    Root,
    /// `key: `, with the key at `column`.
    Key,
    /// `- ` at `column`.
    Item,
}

/// Writes one value and the line break after it.
struct Value<'w> {
    writer: &'w mut Writer,
    column: usize,
    at: At,
}

impl<'w> Value<'w> {
    #[allow(clippy::unnecessary_wraps)] // what every method of the trait returns
    #[inline]
    fn line(self, text: &[u8]) -> Result<(), Error> {
        self.writer.out.extend_from_slice(text);
        Ok(())
    }

    fn integer<N: TryInto<i64> + Display + Copy>(self, number: N) -> Result<(), Error> {
        let small = number.try_into().map_err(|_| Error::Number(number.to_string()))?;
        scalar::integer(&mut self.writer.out, small);
        self.line(b"\n")
    }

    fn map(self) -> Block<'w> {
        let column = if self.at == At::Root { 0 } else { self.column + 2 };
        Block::new(self.writer, column, self.at, b"{}\n")
    }

    fn list(self) -> Block<'w> {
        let column = if self.at == At::Item { self.column + 2 } else { self.column };
        Block::new(self.writer, column, self.at, b"[]\n")
    }

    /// The value of an enum variant that has one: a map with one entry, named as the variant.
    fn variant(self, name: &'static str) -> Value<'w> {
        let mut map = self.map();
        map.key(name);
        map.into_value()
    }
}

macro_rules! integers {
    ($($method:ident $type:ty),*) => { $(fn $method(self, number: $type) -> Result<(), Error> {
        self.integer(number)
    })* };
}

macro_rules! floats {
    ($($method:ident $type:ty),*) => { $(fn $method(self, number: $type) -> Result<(), Error> {
        if !number.is_finite() {
            return Err(Error::Number(number.to_string()));
        }
        scalar::float(&mut self.writer.out, number, number.into());
        self.line(b"\n")
    })* };
}

impl<'w> Serializer for Value<'w> {
    type Ok = ();
    type Error = Error;
    type SerializeSeq = Block<'w>;
    type SerializeTuple = Block<'w>;
    type SerializeTupleStruct = Block<'w>;
    type SerializeTupleVariant = Block<'w>;
    type SerializeMap = Block<'w>;
    type SerializeStruct = Block<'w>;
    type SerializeStructVariant = Block<'w>;

    integers!(serialize_i8 i8, serialize_i16 i16, serialize_i32 i32, serialize_i64 i64, serialize_i128 i128);
    integers!(serialize_u8 u8, serialize_u16 u16, serialize_u32 u32, serialize_u64 u64, serialize_u128 u128);
    floats!(serialize_f32 f32, serialize_f64 f64);

    fn serialize_bool(self, value: bool) -> Result<(), Error> {
        self.line(if value { b"true\n" } else { b"false\n" })
    }

    fn serialize_char(self, value: char) -> Result<(), Error> {
        self.serialize_str(value.encode_utf8(&mut [0; 4]))
    }

    #[inline]
    fn serialize_str(self, text: &str) -> Result<(), Error> {
        match self.at {
            At::Root => scalar::inline(&mut self.writer.out, text),
            At::Key | At::Item => scalar::value(&mut self.writer.out, text, self.column),
        }
        self.line(b"\n")
    }

    fn collect_str<T: Display + ?Sized>(self, text: &T) -> Result<(), Error> {
        let (at, column) = (self.at, self.column);
        self.writer.displayed(text, |out, text| match at {
            At::Root => scalar::inline(out, text),
            At::Key | At::Item => scalar::value(out, text, column),
        })?;
        self.line(b"\n")
    }

    fn serialize_bytes(self, _: &[u8]) -> Result<(), Error> {
        Err(Error::Bytes)
    }

    fn serialize_none(self) -> Result<(), Error> {
        self.line(b"null\n")
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<(), Error> {
        value.serialize(self)
    }

    fn serialize_unit(self) -> Result<(), Error> {
        self.line(b"null\n")
    }

    fn serialize_unit_struct(self, _: &'static str) -> Result<(), Error> {
        self.line(b"null\n")
    }

    fn serialize_unit_variant(self, _: &'static str, _: u32, variant: &'static str) -> Result<(), Error> {
        self.serialize_str(variant)
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(self, _: &'static str, value: &T) -> Result<(), Error> {
        value.serialize(self)
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        value: &T,
    ) -> Result<(), Error> {
        value.serialize(self.variant(variant))
    }

    fn serialize_seq(self, _: Option<usize>) -> Result<Block<'w>, Error> {
        Ok(self.list())
    }

    fn serialize_tuple(self, _: usize) -> Result<Block<'w>, Error> {
        Ok(self.list())
    }

    fn serialize_tuple_struct(self, _: &'static str, _: usize) -> Result<Block<'w>, Error> {
        Ok(self.list())
    }

    fn serialize_tuple_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        _: usize,
    ) -> Result<Block<'w>, Error> {
        Ok(self.variant(variant).list())
    }

    fn serialize_map(self, _: Option<usize>) -> Result<Block<'w>, Error> {
        Ok(self.map())
    }

    fn serialize_struct(self, _: &'static str, _: usize) -> Result<Block<'w>, Error> {
        Ok(self.map())
    }

    fn serialize_struct_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        _: usize,
    ) -> Result<Block<'w>, Error> {
        Ok(self.variant(variant).map())
    }
}
