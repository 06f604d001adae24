//! The words of the merge, wherever no layer below consumed them.

use super::{Acknowledged, Disabled, Merger, Shape, diags};
use crate::load::{Node, Value};
use crate::source::{Layer, NodeId};

/// Removes a named thing when `false`.
pub(super) const ENABLED: &str = "enabled";
/// Removes keys that layers below state.
pub(super) const UNSET: &str = "unset";
/// Lets an overlay add a named thing.
pub(super) const NEW: &str = "new";
/// Answers what a check asks.
pub const ACKNOWLEDGE: &str = "acknowledge";

impl Merger<'_> {
    /// Removes what is disabled and the words that are left, and reports those that mean nothing where they stand.
    pub(super) fn consume_words(&mut self, node: &mut Node, shape: Shape, path: &mut Vec<String>) {
        if matches!(shape, Shape::Free) {
            return;
        }
        let id = node.id;
        let Some(table) = node.as_table_mut() else { return };
        let named = matches!(shape, Shape::Named(_));
        if !named && let Some(unset) = table.remove(UNSET) {
            self.sink.push(diags::unset_without_layer(&path.join("."), unset.id));
        }
        if !named && let Some(answers) = table.remove(ACKNOWLEDGE) {
            self.acknowledge(id, &answers);
        }
        let mut removed: Vec<String> = Vec::new();
        for (key, child) in table.iter_mut() {
            if child.as_table().is_none() {
                continue;
            }
            if named && self.is_disabled(key, child, path) {
                removed.push(key.to_owned());
                continue;
            }
            path.push(key.to_owned());
            self.consume_words(child, shape.of(key), path);
            path.pop();
        }
        for name in removed {
            table.remove(&name);
        }
    }

    /// Notes `{ CODE = "reason" }`, which a table says of itself.
    fn acknowledge(&mut self, table: NodeId, answers: &Node) {
        let Some(entries) = answers.as_table() else {
            self.sink.push(diags::acknowledge_type(answers));
            return;
        };
        for entry in entries {
            match entry.node.as_str() {
                Some(reason) => self.acknowledged.push(Acknowledged {
                    table,
                    code: entry.key.to_string(),
                    reason: reason.to_owned(),
                    node: entry.node.id,
                }),
                None => self.sink.push(diags::acknowledge_type(&entry.node)),
            }
        }
    }

    /// Takes `enabled` and `new` out of a named thing.
    fn is_disabled(&mut self, name: &str, node: &mut Node, path: &[String]) -> bool {
        let Some(table) = node.as_table_mut() else { return false };
        if let Some(new) = table.remove(NEW) {
            match new.value {
                Value::Boolean(true) if self.layer(&new) == Some(Layer::Base) => {
                    self.sink.push(diags::new_in_base(&path.join("."), name, new.id));
                }
                Value::Boolean(_) => {}
                _ => self.sink.push(diags::word_type(NEW, &new)),
            }
        }
        let Some(enabled) = table.remove(ENABLED) else { return false };
        match enabled.value {
            Value::Boolean(true) => false,
            Value::Boolean(false) => {
                self.disabled.push(Disabled { section: path.join("."), name: name.to_owned(), by: enabled.id });
                true
            }
            _ => {
                self.sink.push(diags::word_type(ENABLED, &enabled));
                false
            }
        }
    }

    fn layer(&self, node: &Node) -> Option<Layer> {
        let span = self.sources.spans(node.id)?.value;
        self.sources.file(span.file).map(|file| file.layer)
    }
}
