//! The keys of maps.

use std::fmt::Display;

use serde::ser::{Impossible, Serialize, Serializer};

use super::{Error, Writer};
use crate::emit::scalar;

/// Writes a map's key, which has to be a text.
pub(super) struct Key<'w> {
    pub(super) writer: &'w mut Writer,
}

macro_rules! no_keys {
    ($($method:ident($($type:ty),*) -> $ok:ty: $what:literal;)*) => { $(
        fn $method(self, $(_: $type),*) -> Result<$ok, Error> {
            Err(Error::Key($what))
        }
    )* };
}

type Never = Impossible<(), Error>;

impl Serializer for Key<'_> {
    type Ok = ();
    type Error = Error;
    type SerializeSeq = Never;
    type SerializeTuple = Never;
    type SerializeTupleStruct = Never;
    type SerializeTupleVariant = Never;
    type SerializeMap = Never;
    type SerializeStruct = Never;
    type SerializeStructVariant = Never;

    no_keys! {
        serialize_bool(bool) -> (): "a boolean";
        serialize_i8(i8) -> (): "a number";
        serialize_i16(i16) -> (): "a number";
        serialize_i32(i32) -> (): "a number";
        serialize_i64(i64) -> (): "a number";
        serialize_i128(i128) -> (): "a number";
        serialize_u8(u8) -> (): "a number";
        serialize_u16(u16) -> (): "a number";
        serialize_u32(u32) -> (): "a number";
        serialize_u64(u64) -> (): "a number";
        serialize_u128(u128) -> (): "a number";
        serialize_f32(f32) -> (): "a number";
        serialize_f64(f64) -> (): "a number";
        serialize_bytes(&[u8]) -> (): "bytes";
        serialize_none() -> (): "null";
        serialize_unit() -> (): "null";
        serialize_unit_struct(&'static str) -> (): "null";
        serialize_seq(Option<usize>) -> Never: "a list";
        serialize_tuple(usize) -> Never: "a list";
        serialize_tuple_struct(&'static str, usize) -> Never: "a list";
        serialize_tuple_variant(&'static str, u32, &'static str, usize) -> Never: "a map";
        serialize_map(Option<usize>) -> Never: "a map";
        serialize_struct(&'static str, usize) -> Never: "a map";
        serialize_struct_variant(&'static str, u32, &'static str, usize) -> Never: "a map";
    }

    fn serialize_char(self, value: char) -> Result<(), Error> {
        self.serialize_str(value.encode_utf8(&mut [0; 4]))
    }

    #[inline]
    fn serialize_str(self, text: &str) -> Result<(), Error> {
        scalar::inline(&mut self.writer.out, text);
        Ok(())
    }

    fn collect_str<T: Display + ?Sized>(self, text: &T) -> Result<(), Error> {
        self.writer.displayed(text, scalar::inline)
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<(), Error> {
        value.serialize(self)
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
        _: &'static str,
        _: &T,
    ) -> Result<(), Error> {
        Err(Error::Key("a map"))
    }
}
