//! serde's `Deserializer` over nodes.

use super::at::NODE;
use super::error::{Error, Kind};
use super::stand_in::StandIn;
use crate::load::{Entry, Node, Table, Value};
use crate::source::NodeId;
use serde::de::value::{StrDeserializer, U32Deserializer};
use serde::de::{
    DeserializeSeed, Deserializer, EnumAccess, IntoDeserializer, MapAccess, SeqAccess, VariantAccess, Visitor,
};
use serde::forward_to_deserialize_any;
use std::cell::RefCell;

/// What is known to be wrong with an entry, so that the next reading finds what else is.
#[derive(Debug, Default)]
pub(super) struct Wrong {
    /// Nodes that are passed over as if they were not there.
    pub(super) poison: RefCell<Vec<NodeId>>,
    /// Required keys that their tables lack: something stands in for each.
    pub(super) missing: RefCell<Vec<(NodeId, &'static str)>>,
}

impl Wrong {
    pub(super) fn is_nothing(&self) -> bool {
        self.poison.borrow().is_empty() && self.missing.borrow().is_empty()
    }

    fn is_poisoned(&self, node: NodeId) -> bool {
        self.poison.borrow().contains(&node)
    }

    /// The required key of a table that comes behind `given` others.
    fn missing_key(&self, table: NodeId, given: usize) -> Option<&'static str> {
        let missing = self.missing.borrow();
        missing.iter().filter(|(of, _)| *of == table).nth(given).map(|(_, key)| *key)
    }
}

/// Reads one node, without what is known to be wrong with it.
#[derive(Clone)]
pub(super) struct NodeDeserializer<'de> {
    node: &'de Node,
    wrong: &'de Wrong,
    /// The key that made the choice, left out when the chosen table is read.
    chosen: Option<(&'static str, &'de str)>,
}

impl<'de> NodeDeserializer<'de> {
    pub(super) fn new(node: &'de Node, wrong: &'de Wrong) -> Self {
        NodeDeserializer { node, wrong, chosen: None }
    }

    fn child(&self, node: &'de Node) -> Self {
        NodeDeserializer::new(node, self.wrong)
    }

    fn table<V: Visitor<'de>>(self, table: &'de Table, visitor: V) -> Result<V::Value, Error> {
        let node = self.node.id;
        let (wrong, chosen) = (self.wrong, self.chosen);
        let access = Fields { de: self, entries: table.iter(), current: None, stand_ins: 0 };
        visitor.visit_map(access).map_err(|mut error| {
            if let (Kind::Missing(key), None) = (&*error.kind, error.node) {
                // A required key that is there, but poisoned, was reported already.
                error.follows_from_poison = table.get(key).is_some_and(|child| wrong.is_poisoned(child.id));
            }
            if let (Some((tag, choice)), Kind::UnknownKey { .. }) = (chosen, &*error.kind) {
                error.choice.get_or_insert_with(|| (tag, choice.to_owned()));
            }
            error.at(node)
        })
    }
}

impl<'de> Deserializer<'de> for NodeDeserializer<'de> {
    type Error = Error;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        let id = self.node.id;
        match &self.node.value {
            Value::String(text) => visitor.visit_borrowed_str(text),
            Value::Integer(integer) => visitor.visit_i64(*integer),
            Value::Float(float) => visitor.visit_f64(*float),
            Value::Boolean(boolean) => visitor.visit_bool(*boolean),
            Value::Datetime(_) => {
                Err(serde::de::Error::invalid_type(serde::de::Unexpected::Other("a date or time"), &visitor))
            }
            Value::Array(items) => visitor.visit_seq(Items { de: self, items: items.iter() }),
            Value::Table(table) => self.table(table, visitor),
        }
        .map_err(|error: Error| error.at(id))
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_some(self)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, name: &'static str, visitor: V) -> Result<V::Value, Error> {
        if name == NODE {
            let id = self.node.id;
            return visitor.visit_seq(WithNode::new(id, self)).map_err(|error| error.at(id));
        }
        visitor.visit_newtype_struct(self)
    }

    /// A string is a choice without keys of its own. In a table, the enum's serde name is the key that chooses.
    fn deserialize_enum<V: Visitor<'de>>(
        self,
        name: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        let id = self.node.id;
        let tag = match &self.node.value {
            Value::Table(table) => {
                let Some(tag) = table.get(name) else {
                    return Err(Error::new(Kind::NoChoice { tag: name, known: variants }).at(id));
                };
                if self.wrong.is_poisoned(tag.id) {
                    let mut error = Error::new(Kind::NoChoice { tag: name, known: variants }).at(id);
                    error.follows_from_poison = true;
                    return Err(error);
                }
                tag
            }
            _ => self.node,
        };
        let Some(choice) = tag.as_str() else {
            let expected = crate::diag::suggest::list(variants.iter().copied(), "or");
            return Err(Error::new(Kind::Type { found: tag.kind().to_owned(), expected, help: None }).at(tag.id));
        };
        if !variants.contains(&choice) {
            let tag_name = self.node.as_table().map(|_| name);
            let kind = Kind::UnknownChoice { tag: tag_name, found: choice.to_owned(), known: variants };
            return Err(Error::new(kind).at(tag.id));
        }
        let content = self.node.as_table().map(|_| NodeDeserializer { chosen: Some((name, choice)), ..self.clone() });
        visitor.visit_enum(Choice { choice, content }).map_err(|mut error| {
            error.chosen_in.get_or_insert(id);
            error.at(id)
        })
    }

    /// serde's own structs also come from arrays, by position: `["250m", "1Gi"]` is no table of the spec.
    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        if matches!(self.node.value, Value::Array(_)) {
            let error: Error = serde::de::Error::invalid_type(serde::de::Unexpected::Seq, &"a table");
            return Err(error.at(self.node.id));
        }
        self.deserialize_any(visitor)
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        self.deserialize_map(visitor)
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf unit unit_struct seq tuple
        tuple_struct identifier ignored_any
    }
}

/// The entries of a table as fields of a struct or entries of a map.
struct Fields<'de> {
    de: NodeDeserializer<'de>,
    entries: std::slice::Iter<'de, Entry>,
    /// The node whose key was read last; `None` for what stands in for a missing one.
    current: Option<&'de Node>,
    /// How many keys were made up.
    stand_ins: usize,
}

impl<'de> MapAccess<'de> for Fields<'de> {
    type Error = Error;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, Error> {
        for entry in self.entries.by_ref() {
            let chose = self.de.chosen.is_some_and(|(tag, _)| tag == entry.key.as_str());
            if chose || self.de.wrong.is_poisoned(entry.node.id) {
                continue;
            }
            self.current = Some(&entry.node);
            let id = entry.node.id;
            return seed.deserialize(KeyDeserializer { key: &entry.key, id }).map(Some).map_err(|e| e.at_key(id));
        }
        self.current = None;
        let Some(key) = self.de.wrong.missing_key(self.de.node.id, self.stand_ins) else { return Ok(None) };
        self.stand_ins += 1;
        let key: StrDeserializer<'_, Error> = key.into_deserializer();
        seed.deserialize(key).map(Some)
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, Error> {
        let Some(node) = self.current.take() else {
            return seed.deserialize(StandIn { table: self.de.node.id }).map_err(|mut error| {
                error.of_stand_in = true;
                error.at(self.de.node.id)
            });
        };
        seed.deserialize(self.de.child(node)).map_err(|error| error.at(node.id))
    }
}

struct Items<'de> {
    de: NodeDeserializer<'de>,
    items: std::slice::Iter<'de, Node>,
}

impl<'de> SeqAccess<'de> for Items<'de> {
    type Error = Error;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>, Error> {
        for item in self.items.by_ref() {
            if self.de.wrong.is_poisoned(item.id) {
                continue;
            }
            return seed.deserialize(self.de.child(item)).map(Some).map_err(|error| error.at(item.id));
        }
        Ok(None)
    }
}

/// What an [`super::At`] is made from: the node's id, then its value.
pub(super) struct WithNode<D> {
    id: NodeId,
    value: Option<D>,
    given: bool,
}

impl<D> WithNode<D> {
    pub(super) fn new(id: NodeId, value: D) -> Self {
        WithNode { id, value: Some(value), given: false }
    }
}

impl<'de, D: Deserializer<'de, Error = Error>> SeqAccess<'de> for WithNode<D> {
    type Error = Error;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>, Error> {
        if !self.given {
            self.given = true;
            let id: U32Deserializer<Error> = self.id.0.into_deserializer();
            return seed.deserialize(id).map(Some);
        }
        self.value.take().map(|value| seed.deserialize(value)).transpose()
    }
}

/// A key of a table.
struct KeyDeserializer<'de> {
    key: &'de str,
    id: NodeId,
}

impl<'de> Deserializer<'de> for KeyDeserializer<'de> {
    type Error = Error;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_borrowed_str(self.key)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, name: &'static str, visitor: V) -> Result<V::Value, Error> {
        if name == NODE {
            return visitor.visit_seq(WithNode::new(self.id, self));
        }
        visitor.visit_newtype_struct(self)
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option unit unit_struct seq
        tuple tuple_struct map struct enum identifier ignored_any
    }
}

/// A choice and the table that it governs.
struct Choice<'de> {
    choice: &'de str,
    content: Option<NodeDeserializer<'de>>,
}

impl<'de> EnumAccess<'de> for Choice<'de> {
    type Error = Error;
    type Variant = Content<'de>;

    fn variant_seed<V: DeserializeSeed<'de>>(self, seed: V) -> Result<(V::Value, Content<'de>), Error> {
        let choice: StrDeserializer<'de, Error> = self.choice.into_deserializer();
        Ok((seed.deserialize(choice)?, Content(self.content)))
    }
}

struct Content<'de>(Option<NodeDeserializer<'de>>);

impl<'de> VariantAccess<'de> for Content<'de> {
    type Error = Error;

    fn unit_variant(self) -> Result<(), Error> {
        Ok(())
    }

    fn newtype_variant_seed<T: DeserializeSeed<'de>>(self, seed: T) -> Result<T::Value, Error> {
        match self.0 {
            Some(table) => seed.deserialize(table),
            // `rollout = "recreate"`: a choice with nothing but defaults.
            None => {
                seed.deserialize(serde::de::value::MapDeserializer::<_, Error>::new(std::iter::empty::<(&str, &str)>()))
            }
        }
    }

    fn tuple_variant<V: Visitor<'de>>(self, _: usize, _: V) -> Result<V::Value, Error> {
        Err(serde::de::Error::custom("a choice with unnamed parts"))
    }

    fn struct_variant<V: Visitor<'de>>(self, _: &'static [&'static str], visitor: V) -> Result<V::Value, Error> {
        match self.0 {
            Some(table) => table.deserialize_any(visitor),
            None => visitor
                .visit_map(serde::de::value::MapDeserializer::<_, Error>::new(std::iter::empty::<(&str, &str)>())),
        }
    }
}
