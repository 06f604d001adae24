//! Typed leaves as serde sees them: text (or an integer) read once by [`Leaf`].

use super::error::{MARK, Marked};
use crate::value::{self, Leaf};
use serde::de::{Deserializer, Error, Visitor};
use std::fmt;
use std::marker::PhantomData;

/// One of these, or the number 1, is a value of each type.
const STAND_INS: [&str; 9] = ["x", "1s", "1%", "/", "x:1", "1.28", "@daily", "10.0.0.0/8", "localhost"];

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

    /// What stands in for a missing value. No file of the spec can state a unit.
    fn visit_unit<E: Error>(self) -> Result<T, E> {
        let read = STAND_INS.iter().find_map(|text| T::parse(text).ok());
        read.or_else(|| T::from_integer(1)?.ok()).ok_or_else(|| E::custom("nothing stands in for it"))
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

#[cfg(test)]
mod tests {
    use super::super::stand_in::StandIn;
    use crate::decode::At;
    use crate::source::NodeId;
    use crate::value;
    use serde::Deserialize;

    macro_rules! every_leaf_has_a_stand_in {
        ($($leaf:ident),* $(,)?) => {
            $(assert!(At::<value::$leaf>::deserialize(StandIn { table: NodeId(7) }).is_ok(), stringify!($leaf));)*
        };
    }

    #[test]
    fn something_stands_in_for_a_value_of_every_type() {
        every_leaf_has_a_stand_in!(
            AbsolutePath,
            Cidr,
            CountOrPercentage,
            Cron,
            Duration,
            EnvName,
            FileName,
            Host,
            HttpPath,
            Image,
            KubernetesVersion,
            LabelKey,
            LabelValue,
            Name,
            Percentage,
            Port,
            PortName,
            Quantity,
            Registry,
            SqlName,
        );
    }
}
