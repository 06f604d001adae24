//! Fields that are `null`.

use serde_json::{Map, Value};

/// Where `null` is as good as nothing: everywhere in what the server decodes into types of its own.
#[derive(Clone, Copy, Debug)]
pub(in crate::schema) enum Nulls {
    /// A core kind.
    Anywhere,
    /// A custom resource.
    InMetadata,
}

impl Nulls {
    /// The object without such fields; `None` if it has none.
    pub(super) fn dropped(self, object: &Value) -> Option<Value> {
        match self {
            Nulls::Anywhere => has_null(object).then(|| without_null(object)),
            Nulls::InMetadata => {
                let metadata = object.get("metadata").filter(|metadata| has_null(metadata)).map(without_null)?;
                let mut object = object.clone();
                object.as_object_mut()?.insert("metadata".to_owned(), metadata);
                Some(object)
            }
        }
    }
}

fn has_null(value: &Value) -> bool {
    match value {
        Value::Object(fields) => fields.values().any(|field| field.is_null() || has_null(field)),
        Value::Array(items) => items.iter().any(has_null),
        _ => false,
    }
}

/// Elements of lists stay, so that indexes do.
fn without_null(value: &Value) -> Value {
    match value {
        Value::Object(fields) => {
            let stated = fields.iter().filter(|(_, field)| !field.is_null());
            Value::Object(stated.map(|(name, field)| (name.clone(), without_null(field))).collect::<Map<_, _>>())
        }
        Value::Array(items) => items.iter().map(without_null).collect(),
        other => other.clone(),
    }
}
