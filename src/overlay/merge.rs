//! Two tables become one.

use super::words::{ENABLED, NEW, UNSET};
use super::{Merger, Shape, diags};
use crate::load::{Entry, Node, Table, Value};

/// Which two layers meet.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Mode {
    /// An environment's statement over the platform's: names must exist below, the merged table stays the lower one's.
    Overlay,
    /// A member's own statement over its class's: any name may be new, the merged table is the member's.
    Member,
}

impl Merger<'_> {
    /// `over` is an environment's statement of what `base` states.
    pub(super) fn overlay(&mut self, base: Node, over: Node, shape: Shape, path: &mut Vec<String>) -> Node {
        self.merge(base, over, shape, Mode::Overlay, path)
    }

    /// `member` is merged over its class.
    pub(super) fn member(&mut self, class: Node, member: Node, shape: Shape, path: &mut Vec<String>) -> Node {
        self.merge(class, member, shape, Mode::Member, path)
    }

    fn merge(&mut self, base: Node, over: Node, shape: Shape, mode: Mode, path: &mut Vec<String>) -> Node {
        let id = match mode {
            Mode::Overlay => base.id,
            Mode::Member => over.id,
        };
        let over_id = over.id;
        match (base.value, over.value) {
            (Value::Table(lower), Value::Table(upper)) => {
                if let Shape::Choice(tag, _) = shape
                    && changes_choice(&lower, &upper, tag)
                {
                    if let Some(old) = lower.get(tag) {
                        self.replaced.insert(over_id, old.id);
                    }
                    return Node { id: over_id, value: Value::Table(upper) };
                }
                Node { id, value: Value::Table(self.tables(lower, upper, shape, mode, path)) }
            }
            (Value::Table(_), value) => {
                self.sink.push(diags::type_conflict(&path.join("."), over_id, base.id, false));
                Node { id: over_id, value }
            }
            (_, Value::Table(table)) => {
                self.sink.push(diags::type_conflict(&path.join("."), over_id, base.id, true));
                Node { id: over_id, value: Value::Table(table) }
            }
            (_, value) => Node { id: over_id, value },
        }
    }

    fn tables(&mut self, lower: Table, upper: Table, shape: Shape, mode: Mode, path: &mut Vec<String>) -> Table {
        let mut lower = lower;
        let mut upper = upper;
        if !matches!(shape, Shape::Free | Shape::Named(_))
            && let Some(unset) = upper.remove(UNSET)
        {
            self.unset(&mut lower, &upper, &unset, path);
        }
        if matches!(shape, Shape::Named(_)) && mode == Mode::Overlay {
            self.check_names(&lower, &upper, path);
        }
        let mut merged: Vec<Entry> = Vec::with_capacity(lower.len() + upper.len());
        let mut uppers = upper.into_entries().into_iter().peekable();
        for entry in lower.into_entries() {
            while let Some(new) = uppers.next_if(|e| e.key < entry.key) {
                merged.push(new);
            }
            match uppers.next_if(|e| e.key == entry.key) {
                None => merged.push(entry),
                Some(over) => {
                    path.push(entry.key.to_string());
                    let mut over = over.node;
                    if let (Shape::Named(_), Some(table)) = (shape, over.as_table_mut()) {
                        // `new` of a thing that exists was reported by `check_names`.
                        table.remove(NEW);
                    }
                    let node = self.merge(entry.node, over, shape.of(&entry.key), mode, path);
                    path.pop();
                    merged.push(Entry { key: entry.key, node });
                }
            }
        }
        merged.extend(uppers);
        Table::from_entries(merged)
    }

    /// In an overlay, a named thing either exists below or says `new = true`.
    fn check_names(&mut self, lower: &Table, upper: &Table, path: &[String]) {
        for entry in upper {
            let new = entry.node.as_table().and_then(|table| table.get(NEW));
            let says_new = matches!(new, Some(Node { value: Value::Boolean(true), .. }));
            match lower.get(&entry.key) {
                Some(existing) if says_new => {
                    let at = new.map_or(entry.node.id, |n| n.id);
                    self.sink.push(diags::not_new(&path.join("."), &entry.key, at, existing.id));
                }
                None if !says_new => {
                    let switched_off = entry.node.as_table().and_then(|t| t.get(ENABLED)).is_some();
                    let section = path.join(".");
                    self.sink.push(diags::unknown_name(
                        &section,
                        &entry.key,
                        entry.node.id,
                        lower.keys(),
                        switched_off,
                    ));
                }
                _ => {}
            }
        }
    }

    /// `unset = ["a", "env.B"]` removes keys of the layers below.
    fn unset(&mut self, lower: &mut Table, upper: &Table, unset: &Node, path: &[String]) {
        let Value::Array(items) = &unset.value else {
            self.sink.push(diags::unset_type(unset));
            return;
        };
        for item in items {
            let Some(key) = item.as_str() else {
                self.sink.push(diags::unset_type(item));
                continue;
            };
            if let Some(stated) = find(upper, key) {
                self.sink.push(diags::unset_and_set(key, item.id, stated.id));
            } else if !remove(lower, key) {
                self.sink.push(diags::nothing_to_unset(&path.join("."), key, item.id, lower.keys()));
            }
        }
    }
}

/// The value of a key, or of a path: `env.DEBUG` is the key `DEBUG` of the table `env`, where no word is reserved.
fn find<'a>(table: &'a Table, key: &str) -> Option<&'a Node> {
    table.get(key).or_else(|| {
        let (first, rest) = key.split_once('.')?;
        find(table.get(first)?.as_table()?, rest)
    })
}

/// Removes what [`find`] finds; whether there was anything.
fn remove(table: &mut Table, key: &str) -> bool {
    if table.remove(key).is_some() {
        return true;
    }
    let Some((first, rest)) = key.split_once('.') else { return false };
    table.get_mut(first).and_then(Node::as_table_mut).is_some_and(|inner| remove(inner, rest))
}

fn changes_choice(lower: &Table, upper: &Table, tag: &str) -> bool {
    match upper.get(tag) {
        None => false,
        Some(new) => lower.get(tag).is_none_or(|old| old.as_str() != new.as_str()),
    }
}
