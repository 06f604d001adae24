//! Classes: what the members of a section have in common, stated once and merged under each of them.

use super::{Classes, Merger, Shape, diags};
use crate::load::{Entry, Node, Table, Value};
use smol_str::SmolStr;
use std::collections::BTreeMap;

/// The key by which a member (or a class) names its class.
const CLASS: &str = "class";

/// Takes both sections out of the layers, merges them and puts the result into `root`.
pub(super) fn merge(
    pair: Classes,
    members_shape: Shape,
    lower: &mut Table,
    upper: &mut Table,
    root: &mut Table,
    merger: &mut Merger<'_>,
) {
    let Shape::Named(each) = members_shape else { return };
    if let Some(classes) = section(pair.classes, lower, upper, members_shape, merger) {
        root.insert(pair.classes.into(), classes);
    }
    let classes = root.get(pair.classes).and_then(Node::as_table).cloned().unwrap_or_default();
    let mut resolver = Resolver { pair, shape: *each, classes, resolved: BTreeMap::new() };
    let names: Vec<String> = resolver.classes.keys().map(str::to_owned).collect();
    for name in &names {
        resolver.resolve(name, &mut Vec::new(), merger);
    }
    // Members: the class goes under what the platform states, the environment over both.
    let (Some(members), over) =
        (lower.remove(pair.members).or_else(|| empty_like(upper.get(pair.members))), upper.remove(pair.members))
    else {
        return;
    };
    let node = resolver.members(members, over, members_shape, merger);
    root.insert(pair.members.into(), node);
    // The classes stay in the tree as they were stated, so that their own mistakes are found: `decode` reads them, and
    // without `class`, which is consumed here.
    if let Some(classes) = root.get_mut(pair.classes).and_then(Node::as_table_mut) {
        for (_, class) in classes.iter_mut() {
            class.as_table_mut().map(|table| table.remove(CLASS));
        }
    }
}

fn empty_like(node: Option<&Node>) -> Option<Node> {
    node.map(|n| Node { id: n.id, value: Value::Table(Table::default()) })
}

fn section(
    key: &'static str,
    lower: &mut Table,
    upper: &mut Table,
    shape: Shape,
    merger: &mut Merger<'_>,
) -> Option<Node> {
    let over = upper.remove(key);
    let base = lower.remove(key).or_else(|| empty_like(over.as_ref()))?;
    let mut path = vec![key.to_owned()];
    Some(match over {
        Some(over) => merger.overlay(base, over, shape, &mut path),
        None => base,
    })
}

struct Resolver {
    pair: Classes,
    shape: Shape,
    classes: Table,
    /// Each class with its own classes under it; `None` for one that is circular.
    resolved: BTreeMap<String, Option<Node>>,
}

impl Resolver {
    fn resolve(&mut self, name: &str, chain: &mut Vec<String>, merger: &mut Merger<'_>) {
        if self.resolved.contains_key(name) {
            return;
        }
        let Some(node) = self.classes.get(name).cloned() else { return };
        chain.push(name.to_owned());
        let (mut node, class) = take_class(node, merger);
        if let Some(class) = class {
            let parent = class.as_str().unwrap_or_default().to_owned();
            if let Some(start) = chain.iter().position(|c| *c == parent) {
                let cycle = chain.get(start..).unwrap_or_default();
                merger.sink.push(diags::circular_class(cycle, class.id));
                for member in cycle {
                    self.resolved.insert(member.clone(), None);
                }
                chain.pop();
                return;
            }
            self.resolve(&parent, chain, merger);
            node = self.under(node, &class, self.pair.classes, name, merger);
        }
        chain.pop();
        self.resolved.entry(name.to_owned()).or_insert(Some(node));
    }

    /// Merges the class that `class` names under `node`.
    fn under(&self, node: Node, class: &Node, section: &str, name: &str, merger: &mut Merger<'_>) -> Node {
        let wanted = class.as_str().unwrap_or_default();
        match self.resolved.get(wanted) {
            Some(Some(found)) => {
                let mut path = vec![section.to_owned(), name.to_owned()];
                merger.member(found.clone(), node, self.shape, &mut path)
            }
            Some(None) => node,
            None => {
                merger.sink.push(diags::unknown_class(wanted, class.id, self.pair.classes, self.classes.keys()));
                node
            }
        }
    }

    fn members(&self, members: Node, over: Option<Node>, shape: Shape, merger: &mut Merger<'_>) -> Node {
        let Node { id, value } = members;
        let Value::Table(table) = value else { return Node { id, value } };
        // Which class a member has is the environment's to change.
        let mut over = over;
        let mut changed: BTreeMap<SmolStr, Node> = BTreeMap::new();
        if let Some(uppers) = over.as_mut().and_then(Node::as_table_mut) {
            for (name, node) in uppers.iter_mut() {
                if let Some(class) = node.as_table_mut().and_then(|t| t.remove(CLASS)) {
                    changed.insert(name.into(), class);
                }
            }
        }
        let mut entries = Vec::with_capacity(table.len());
        for Entry { key, node } in table.into_entries() {
            let (node, class) = take_class(node, merger);
            let class = changed.remove(&key).map_or(class, |class| checked_class(class, merger));
            let node = match class {
                Some(class) => self.under(node, &class, self.pair.members, &key, merger),
                None => node,
            };
            entries.push(Entry { key, node });
        }
        let base = Node { id, value: Value::Table(Table::from_entries(entries)) };
        // Members that only the overlay has take their class under their one statement.
        if let Some(uppers) = over.as_mut().and_then(Node::as_table_mut) {
            for (name, class) in changed {
                let Some(class) = checked_class(class, merger) else { continue };
                if let Some(node) = uppers.remove(&name) {
                    let node = self.under(node, &class, self.pair.members, &name, merger);
                    uppers.insert(name, node);
                }
            }
        }
        let mut path = vec![self.pair.members.to_owned()];
        match over {
            Some(over) => merger.overlay(base, over, shape, &mut path),
            None => base,
        }
    }
}

fn take_class(mut node: Node, merger: &mut Merger<'_>) -> (Node, Option<Node>) {
    let class = node.as_table_mut().and_then(|table| table.remove(CLASS));
    (node, class.and_then(|class| checked_class(class, merger)))
}

fn checked_class(class: Node, merger: &mut Merger<'_>) -> Option<Node> {
    if class.as_str().is_some() {
        return Some(class);
    }
    merger.sink.push(diags::class_type(&class));
    None
}
