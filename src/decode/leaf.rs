//! Typed leaves as serde sees them: text (or an integer) read once by [`Leaf`].

use super::error::{MARK, Marked};
use crate::value::{self, Leaf};
use serde::de::{Deserializer, Error, Visitor};
use std::fmt;
use std::marker::PhantomData;

struct LeafVisitor<T>(PhantomData<T>);

impl<T: Leaf> Visitor<'_> for LeafVisitor<T> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // What helps who wrote nothing helps who wrote something of another type.
        match T::parse("") {
            Err(invalid) => write!(f, "{}{MARK}{}", T::EXPECTED, invalid.help),
            Ok(_) => f.write_str(T::EXPECTED),
        }
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<T, E> {
        T::parse(text).map_err(|invalid| E::custom(Marked(&invalid)))
    }

    fn visit_i64<E: Error>(self, integer: i64) -> Result<T, E> {
        match T::from_integer(integer) {
            Some(read) => read.map_err(|invalid| E::custom(Marked(&invalid))),
            None => Err(E::invalid_type(serde::de::Unexpected::Signed(integer), &self)),
        }
    }

    fn visit_f64<E: Error>(self, float: f64) -> Result<T, E> {
        match T::from_float(float) {
            Some(invalid) => Err(E::custom(Marked(&invalid))),
            None => Err(E::invalid_type(serde::de::Unexpected::Float(float), &self)),
        }
    }
}

/// Implements `Deserialize` for types that are [`Leaf`]s. serde offers no blanket way to.
macro_rules! leaves {
    ($($leaf:ty),* $(,)?) => {
        $(impl<'de> serde::Deserialize<'de> for $leaf {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                $crate::decode::leaf(deserializer)
            }
        })*
    };
}
pub(crate) use leaves;

/// Reads a leaf.
pub(crate) fn leaf<'de, T: Leaf, D: Deserializer<'de>>(deserializer: D) -> Result<T, D::Error> {
    deserializer.deserialize_any(LeafVisitor(PhantomData))
}

leaves!(
    value::AbsolutePath,
    value::Cidr,
    value::CountOrPercentage,
    value::Cron,
    value::Duration,
    value::EnvName,
    value::FileName,
    value::Host,
    value::HttpPath,
    value::Image,
    value::KubernetesVersion,
    value::LabelKey,
    value::LabelValue,
    value::Name,
    value::Percentage,
    value::Port,
    value::PortName,
    value::Quantity,
    value::Registry,
    value::SqlName,
);
