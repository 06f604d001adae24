//! Literal credentials in what patches and manifests state.

use super::diags;
use super::node::{Node, Value};
use crate::diag::Diagnostic;
use crate::diag::mask::{is_field_credential, is_literal_credential};
use crate::k8s::Identity;

/// All of them that somebody states. What the compiler made was checked where it was made.
pub(super) fn find(object: &Node, identity: &Identity<'_>) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    visit(object, "", identity, &mut found);
    found
}

fn visit(node: &Node, key: &str, identity: &Identity<'_>, found: &mut Vec<Diagnostic>) {
    match &node.value {
        Value::String(text) => {
            if let (Some(at), Some(why)) = (node.at, is_field_credential(key, text)) {
                found.push(diags::credential(&why, identity, at));
            }
        }
        Value::List(items) => items.iter().for_each(|item| visit(item, key, identity, found)),
        Value::Map(fields) => {
            // A variable, or whatever else is written like one.
            let variable = node.get("name").and_then(Node::as_str);
            // `secretKey` of an ExternalSecret is the key under which it is kept.
            let names_key = node.get("remoteRef").or(node.get("sourceRef")).is_some();
            for (name, field) in fields {
                match (variable, &field.value) {
                    (Some(variable), Value::String(text)) if name == "value" => {
                        if let (Some(at), Some(why)) = (field.at, is_literal_credential(variable, text)) {
                            found.push(diags::credential(&why, identity, at));
                        }
                    }
                    _ if names_key && name == "secretKey" => {}
                    _ => visit(field, name, identity, found),
                }
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}
