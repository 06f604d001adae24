//! [`Written`]: an object of which its identity and its document are left, and what somebody still reads of it.

use super::object::{Identity, Object};
use serde::ser::Error as _;
use serde::{Serialize, Serializer};

/// An object that was written as soon as it was made: a plan of many of them takes a fraction of the memory of typed ones,
/// whose every map of labels has room for eleven. Its kind is one that has a type.
///
/// It still is the object: serialising it gives the values of the document, at the price of reading it.
#[derive(Clone, Debug, PartialEq)]
pub struct Written {
    /// Namespace, name and document, one after the other: what is asked for together lies together.
    text: Box<str>,
    name_at: usize,
    document_at: usize,
    /// Position of the kind among [`Object::KINDS`].
    pub(super) position: usize,
    is_namespaced: bool,
    /// What somebody still reads of it, by its type.
    rest: Option<Object>,
}

impl Written {
    /// An object whose kind has a type, and its document; `None` for any other object.
    pub fn new(object: &Object, document: &str) -> Option<Self> {
        let Identity { namespace, name, .. } = object.identity();
        let position = object.rank().after;
        if Object::KINDS.get(position) != Some(&object.gvk()) {
            return None;
        }
        let is_namespaced = namespace.is_some();
        let namespace = namespace.unwrap_or_default();
        let (name_at, document_at) = (namespace.len(), namespace.len() + name.len());
        let text = [namespace, name, document].concat().into_boxed_str();
        Some(Written { text, name_at, document_at, position, is_namespaced, rest: None })
    }

    /// The same, with what is left of the object for those who read its type: [`Object::typed`] and
    /// [`Object::pod_template`] show it.
    pub fn with_rest(self, rest: Option<Object>) -> Self {
        Written { rest, ..self }
    }

    /// The YAML document, without a `---` line, with the line break at its end.
    pub fn document(&self) -> &str {
        self.text.get(self.document_at..).unwrap_or_default()
    }

    /// What is left of the object for those who read its type.
    pub fn rest(&self) -> Option<&Object> {
        self.rest.as_ref()
    }

    pub(super) fn namespace(&self) -> Option<&str> {
        self.is_namespaced.then(|| self.text.get(..self.name_at).unwrap_or_default())
    }

    pub(super) fn name(&self) -> &str {
        self.text.get(self.name_at..self.document_at).unwrap_or_default()
    }
}

impl Serialize for Written {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serde_yaml::from_str::<serde_yaml::Value>(self.document()).map_err(S::Error::custom)?.serialize(serializer)
    }
}
