//! [`Node`]: an object while it is changed, each value with the place of the spec or the manifest that states it.

use crate::decode::At;
use crate::k8s;
use crate::schema::PathSegment;
use crate::source::NodeId;
use serde::de::{self, Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::Number;
use std::fmt;

/// A value and who states it: `None` is what the compiler made.
#[derive(Clone, Debug)]
pub(super) struct Node {
    pub(super) at: Option<NodeId>,
    pub(super) value: Value,
}

/// What it is. Fields are in order, each once.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Value {
    Null,
    Bool(bool),
    Number(Number),
    String(String),
    List(Vec<Node>),
    Map(Vec<(String, Node)>),
}

/// Who states a value is no part of it; nor is the order of fields, nor whether a number has a point.
impl PartialEq for Node {
    fn eq(&self, other: &Self) -> bool {
        match (&self.value, &other.value) {
            (Value::Map(a), Value::Map(b)) => {
                a.len() == b.len() && a.iter().all(|(name, value)| other.get(name).is_some_and(|same| same == value))
            }
            (Value::Number(a), Value::Number(b)) => a == b || a.as_f64() == b.as_f64(),
            (a, b) => a == b,
        }
    }
}

impl Node {
    /// A value that somebody states.
    pub(super) fn new(value: Value, at: Option<NodeId>) -> Self {
        Node { at, value }
    }

    /// An object of the plan.
    pub(super) fn of(object: &impl serde::Serialize) -> Result<Node, serde_json::Error> {
        // As text: JSON's own tree would not keep the order of fields.
        let text = serde_json::to_string(object)?;
        serde_json::from_str::<Made>(&text).map(|made| made.0)
    }

    /// The value of a field.
    pub(super) fn get(&self, field: &str) -> Option<&Node> {
        self.fields().iter().find(|(name, _)| name == field).map(|(_, value)| value)
    }

    /// The fields of a map; none of anything else.
    pub(super) fn fields(&self) -> &[(String, Node)] {
        if let Value::Map(fields) = &self.value { fields } else { &[] }
    }

    /// The value below several fields.
    pub(super) fn at(&self, fields: &[&str]) -> Option<&Node> {
        fields.iter().try_fold(self, |node, field| node.get(field))
    }

    /// The text, if it is one.
    pub(super) fn as_str(&self) -> Option<&str> {
        if let Value::String(text) = &self.value { Some(text) } else { None }
    }

    /// The text below several fields; empty if there is none.
    pub(super) fn text(&self, fields: &[&str]) -> &str {
        self.at(fields).and_then(Node::as_str).unwrap_or_default()
    }

    /// One step down.
    pub(super) fn child(&self, segment: &PathSegment) -> Option<&Node> {
        match (segment, &self.value) {
            (PathSegment::Key(field), _) => self.get(field),
            (PathSegment::Index(index), Value::List(items)) => items.get(*index),
            (PathSegment::Index(_), _) => None,
        }
    }

    /// What is at a path, to be changed.
    pub(super) fn find_mut(&mut self, path: &[PathSegment]) -> Option<&mut Node> {
        path.iter().try_fold(self, |node, segment| match (segment, &mut node.value) {
            (PathSegment::Key(field), Value::Map(fields)) => {
                fields.iter_mut().find(|(name, _)| name == field).map(|(_, value)| value)
            }
            (PathSegment::Index(index), Value::List(items)) => items.get_mut(*index),
            _ => None,
        })
    }

    /// What is at a path.
    pub(super) fn find(&self, path: &[PathSegment]) -> Option<&Node> {
        path.iter().try_fold(self, Node::child)
    }

    /// The same without fields that are `null`: as good as nothing for the API server's own kinds.
    pub(super) fn without_nulls(self) -> Node {
        let value = match self.value {
            Value::Map(fields) => {
                let stated = fields.into_iter().filter(|(_, field)| field.value != Value::Null);
                Value::Map(stated.map(|(name, field)| (name, field.without_nulls())).collect())
            }
            Value::List(items) => Value::List(items.into_iter().map(Node::without_nulls).collect()),
            other => other,
        };
        Node { at: self.at, value }
    }

    /// Everything in it, this first: paths and values.
    pub(super) fn walk<'a>(&'a self, path: &mut Vec<PathSegment>, visit: &mut dyn FnMut(&[PathSegment], &'a Node)) {
        visit(path, self);
        match &self.value {
            Value::Map(fields) => {
                for (name, field) in fields {
                    path.push(PathSegment::Key(name.clone()));
                    field.walk(path, visit);
                    path.pop();
                }
            }
            Value::List(items) => {
                for (index, item) in items.iter().enumerate() {
                    path.push(PathSegment::Index(index));
                    item.walk(path, visit);
                    path.pop();
                }
            }
            _ => {}
        }
    }

    /// The first place in it that somebody states.
    pub(super) fn stated(&self) -> Option<NodeId> {
        let mut found = None;
        self.walk(&mut Vec::new(), &mut |_, node| found = found.or(node.at));
        found
    }

    /// As a tree of the plan.
    pub(super) fn to_tree(&self) -> k8s::Value {
        match &self.value {
            Value::Null => k8s::Value::Null,
            Value::Bool(value) => k8s::Value::Bool(*value),
            Value::Number(number) => k8s::Value::Number(number.clone()),
            Value::String(text) => k8s::Value::String(text.clone()),
            Value::List(items) => k8s::Value::List(items.iter().map(Node::to_tree).collect()),
            Value::Map(fields) => {
                k8s::Value::Map(fields.iter().map(|(name, field)| (name.clone(), field.to_tree())).collect())
            }
        }
    }
}

impl Value {
    /// What kind of value it is, with an article.
    pub(super) fn kind(&self) -> &'static str {
        match self {
            Value::Null => "nothing",
            Value::Bool(_) => "a boolean",
            Value::Number(_) => "a number",
            Value::String(_) => "a text",
            Value::List(_) => "a list",
            Value::Map(_) => "a map",
        }
    }

    /// The text of a scalar.
    pub(super) fn scalar(&self) -> Option<String> {
        match self {
            Value::Bool(value) => Some(value.to_string()),
            Value::Number(number) => Some(number.to_string()),
            Value::String(text) => Some(text.clone()),
            Value::Null | Value::List(_) | Value::Map(_) => None,
        }
    }
}

/// A value of the spec: its node says where.
impl<'de> Deserialize<'de> for Node {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        At::<Stated>::deserialize(deserializer).map(|At { value, node }| Node::new(value.0, Some(node)))
    }
}

struct Stated(Value);

impl<'de> Deserialize<'de> for Stated {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Values::<Node>(std::marker::PhantomData)).map(Stated)
    }
}

/// A value that nobody states.
struct Made(Node);

impl<'de> Deserialize<'de> for Made {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let value = deserializer.deserialize_any(Values::<Made>(std::marker::PhantomData))?;
        Ok(Made(Node::new(value, None)))
    }
}

impl From<Made> for Node {
    fn from(made: Made) -> Node {
        made.0
    }
}

/// Reads a value whose parts are `T`s.
struct Values<T>(std::marker::PhantomData<T>);

impl<'de, T: Deserialize<'de> + Into<Node>> Visitor<'de> for Values<T> {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value of a Kubernetes object: a text, a number, a boolean, a list or a table")
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(Value::Number(value.into()))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(Value::Number(value.into()))
    }

    fn visit_f64<E: de::Error>(self, value: f64) -> Result<Value, E> {
        let number = Number::from_f64(value).map(Value::Number);
        number.ok_or_else(|| E::invalid_value(de::Unexpected::Float(value), &"a finite number"))
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(Value::String(value.to_owned()))
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut access: A) -> Result<Value, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = access.next_element::<T>()? {
            items.push(item.into());
        }
        Ok(Value::List(items))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<Value, A::Error> {
        let mut fields = Vec::new();
        while let Some((name, value)) = access.next_entry::<String, T>()? {
            fields.push((name, value.into()));
        }
        Ok(Value::Map(fields))
    }
}
