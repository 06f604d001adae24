//! What the API makes of fields: which lists are told apart by which keys, where order matters, which texts are amounts
//! or lengths of time, and what a field is when it is not stated.
//!
//! The tables are in `pods`, `core`, `network` and `custom`; the grammar they are written in is here. Their source is the
//! API reference of Kubernetes (`x-kubernetes-list-map-keys`, `x-kubernetes-list-type`, `x-kubernetes-patch-merge-key`),
//! its `pkg/apis/*/v1/defaults.go`, and the CRDs of the operators. A field that no table has is compared as it is
//! written, its lists by content.

mod core;
mod custom;
mod network;
mod pods;

use crate::manifest::Value;

/// The fields of a map that mean something.
#[derive(Debug)]
pub(super) struct Shape {
    fields: &'static [Field],
    /// Whether a list that is empty is the same as none: where the API drops it (`omitempty`).
    pub drops_empty: bool,
}

/// A field.
#[derive(Debug)]
pub(super) struct Field {
    name: &'static str,
    /// What its value is.
    pub form: Form,
    /// What it is when it is not stated.
    pub default: Default,
}

/// What a value is.
#[derive(Clone, Copy, Debug)]
pub(super) enum Form {
    /// Nothing is known of it.
    Plain,
    /// `resource.Quantity`: `0.5` is `500m`.
    Quantity,
    /// A length of time as Go writes it: `1m30s` is `90s`.
    Duration,
    /// A map with known fields.
    Object(&'static Shape),
    /// A map with any keys, whose values are all of one form.
    Map(&'static Form),
    /// A list.
    List(&'static List),
    /// A pod template: a controller compares it as it is, so that the order of every list in it matters.
    Template,
}

/// A list.
#[derive(Debug)]
pub(super) struct List {
    /// What tells an item from the others.
    pub by: By,
    /// Whether another order is a change.
    pub is_ordered: bool,
    /// What the items are.
    pub item: Form,
}

/// What tells the items of a list apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum By {
    /// These keys of the item.
    Keys(&'static [&'static str]),
    /// All of it: items are paired with those that are most like them.
    Content,
}

/// What a field is when it is not stated. `null` is the same as not stated everywhere.
#[derive(Clone, Copy, Debug)]
pub(super) enum Default {
    /// Something that no value is the same as.
    None,
    /// A text.
    Text(&'static str),
    /// A number.
    Number(&'static str),
    /// A boolean.
    Bool(bool),
    /// A map that states nothing but defaults, or an empty list.
    Empty,
    /// It follows from the map that the field is in.
    From(fn(&Value<'_>, &Value<'_>) -> bool),
}

/// Of what no table knows.
pub(super) static UNKNOWN: Shape = Shape { fields: &[], drops_empty: false };

impl Shape {
    /// What is known of a field.
    pub fn field(&self, name: &str) -> Option<&'static Field> {
        self.fields.iter().find(|field| field.name == name)
    }

    const fn of(fields: &'static [Field]) -> Shape {
        Shape { fields, drops_empty: true }
    }

    /// Of a custom resource, where an empty list is not always the same as none.
    const fn custom(fields: &'static [Field]) -> Shape {
        Shape { fields, drops_empty: false }
    }
}

impl Field {
    const fn of(name: &'static str, form: Form) -> Field {
        Field { name, form, default: Default::None }
    }

    const fn text(name: &'static str, default: &'static str) -> Field {
        Field { name, form: Form::Plain, default: Default::Text(default) }
    }

    const fn number(name: &'static str, default: &'static str) -> Field {
        Field { name, form: Form::Plain, default: Default::Number(default) }
    }

    const fn flag(name: &'static str, default: bool) -> Field {
        Field { name, form: Form::Plain, default: Default::Bool(default) }
    }

    const fn object(name: &'static str, shape: &'static Shape) -> Field {
        Field::of(name, Form::Object(shape))
    }

    /// An object that is the same as none if it states nothing but defaults.
    const fn implied(name: &'static str, shape: &'static Shape) -> Field {
        Field { name, form: Form::Object(shape), default: Default::Empty }
    }

    const fn list(name: &'static str, list: &'static List) -> Field {
        Field::of(name, Form::List(list))
    }

    /// A map of texts; an empty one is the same as none.
    const fn map(name: &'static str) -> Field {
        Field { name, form: Form::Map(&Form::Plain), default: Default::Empty }
    }

    const fn amounts(name: &'static str) -> Field {
        Field { name, form: Form::Map(&Form::Quantity), default: Default::Empty }
    }

    const fn amount(name: &'static str) -> Field {
        Field::of(name, Form::Quantity)
    }

    const fn time(name: &'static str) -> Field {
        Field::of(name, Form::Duration)
    }

    const fn or(mut self, default: Default) -> Field {
        self.default = default;
        self
    }
}

impl List {
    /// By keys; their order does not matter.
    const fn keyed(keys: &'static [&'static str], item: &'static Shape) -> List {
        List { by: By::Keys(keys), is_ordered: false, item: Form::Object(item) }
    }

    /// By content; their order does not matter.
    const fn rules(item: &'static Shape) -> List {
        List { by: By::Content, is_ordered: false, item: Form::Object(item) }
    }

    const fn ordered(mut self) -> List {
        self.is_ordered = true;
        self
    }
}

/// Texts without an order.
static SET: List = List { by: By::Content, is_ordered: false, item: Form::Plain };
/// Texts, or whatever else, in an order.
static ROW: List = List { by: By::Content, is_ordered: true, item: Form::Plain };
/// What is known of a list of which nothing is known.
pub(super) static ANY: List = List { by: By::Content, is_ordered: true, item: Form::Object(&UNKNOWN) };

/// What is known of a kind.
pub(super) fn of(group: &str, kind: &str) -> &'static Shape {
    core::of(group, kind).or_else(|| network::of(group, kind)).or_else(|| custom::of(group, kind)).unwrap_or(&OTHER)
}

/// What is known of the pods of a template.
pub(super) fn template() -> &'static Shape {
    &pods::TEMPLATE
}

/// Of every kind: metadata.
static OTHER: Shape = Shape::custom(&[METADATA]);

const METADATA: Field = Field::object("metadata", &core::METADATA);

/// A `metav1.LabelSelector`.
static SELECTOR: Shape = Shape::of(&[Field::map("matchLabels"), Field::list("matchExpressions", &EXPRESSIONS)]);
static EXPRESSIONS: List = List::keyed(&["key", "operator"], &EXPRESSION);
static EXPRESSION: Shape = Shape::of(&[Field::list("values", &SET)]);
