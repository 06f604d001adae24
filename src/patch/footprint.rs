//! Which patches of one object may not go together: what each of them changes and relies on, by place.
//!
//! To apply each two of them in both orders is exact, and too slow for an object with hundreds of patches. Two whose places
//! have nothing to do with each other give the same in either order; only the others are tried. Places are those of the
//! object as it is made: an item of a list is the one that there is, however a patch addresses it, so that another item
//! that comes or goes moves nothing. A position is that of the object as it is made, too, and whoever makes another one of
//! it, by an item that comes or goes, is told. What cannot be told so finely (lists whose order means something, an operation
//! on what an earlier one made or moved) is the whole list, or the field that is not there yet.

use super::node::{Node, Value};
use super::path::{self, Step};
use super::spec::{OperationSpec, PatchSpec};
use std::collections::{BTreeMap, BTreeSet};

/// Lists in which the order of items means something.
pub(super) const ORDERED: [&str; 2] = ["initContainers", "http"];

/// A step to a place.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Part {
    Field(String),
    /// An item of the object as it is made.
    Item(usize),
    /// An item that is added under a name.
    Added(String),
}

type Where = Vec<Part>;

/// What a patch does to a place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Write {
    /// Nothing is there behind it.
    Removes,
    /// Something else is there, and all others keep their positions.
    Replaces,
    /// Any of both, or something comes.
    Changes,
}

/// What a patch changes, and what it relies on.
#[derive(Default)]
struct Footprint {
    /// What it changes.
    writes: Vec<(Where, Write)>,
    /// Places with lists whose items have other positions behind what it changed.
    moved: BTreeSet<Where>,
    /// Lists whose items it has other keys in, or that are others as a whole: what it looks for behind that may be another.
    renamed: BTreeSet<(Where, Option<String>)>,
    /// Lists in which it goes to an item by its position.
    positions: BTreeSet<Where>,
    /// What has to be as it is.
    reads: Vec<Where>,
    /// Lists in which it looks for an item: by which keys, and by which name if `name` is one of them.
    looks: Vec<(Where, Vec<String>, Option<String>)>,
}

/// The pairs of patches that may not go together, in order; all others do. `patches` can each be applied to `object`.
pub(super) fn pairs<'a>(object: &Node, patches: impl Iterator<Item = &'a PatchSpec>) -> BTreeSet<(usize, usize)> {
    let footprints: Vec<Footprint> = patches.map(|patch| Footprint::of(object, patch)).collect();
    let mut places: BTreeMap<&[Part], Vec<(usize, bool)>> = BTreeMap::new();
    let mut looks: BTreeMap<&[Part], Looks<'_>> = BTreeMap::new();
    for (index, footprint) in footprints.iter().enumerate() {
        for (place, _) in &footprint.writes {
            places.entry(place).or_default().push((index, true));
        }
        for place in &footprint.reads {
            places.entry(place).or_default().push((index, false));
        }
        for list in &footprint.positions {
            looks.entry(list).or_default().by_position.insert(index);
        }
        for (list, keys, name) in &footprint.looks {
            let looks = looks.entry(list).or_default();
            looks.all.insert(index);
            looks.by_name.entry(name.as_deref()).or_default().insert(index);
            for key in keys {
                looks.by_key.entry(key).or_default().insert(index);
            }
        }
    }
    let mut found = BTreeSet::new();
    for (index, footprint) in footprints.iter().enumerate() {
        for (place, write) in &footprint.writes {
            let mut meets = |other: usize| {
                if other != index {
                    found.insert((index.min(other), index.max(other)));
                }
            };
            // What is inside of it, then what it is inside of: other changes see that from their side.
            let inside = places.range(place.as_slice()..).take_while(|(other, _)| other.starts_with(place));
            inside.flat_map(|(_, all)| all).for_each(|(other, _)| meets(*other));
            for around in (0..place.len()).filter_map(|length| places.get(place.get(..length)?)) {
                around.iter().filter(|(_, is_write)| !is_write).for_each(|(other, _)| meets(*other));
            }
            for (depth, part) in place.iter().enumerate() {
                let Some(looks) = place.get(..depth).and_then(|list| looks.get(list)) else { continue };
                match (part, place.get(depth + 1)) {
                    (Part::Item(_), None) => {
                        let all = looks.all.iter().filter(|_| *write != Write::Removes);
                        all.chain(looks.by_position.iter().filter(|_| *write != Write::Replaces))
                            .for_each(|other| meets(*other));
                    }
                    (Part::Item(_), Some(Part::Field(key))) => {
                        looks.by_key.get(key.as_str()).into_iter().flatten().for_each(|other| meets(*other));
                    }
                    (Part::Added(name), _) => {
                        let named = [Some(name.as_str()), None].into_iter().filter_map(|name| looks.by_name.get(&name));
                        named.flatten().chain(&looks.by_position).for_each(|other| meets(*other));
                    }
                    _ => {}
                }
            }
        }
    }
    found
}

/// Who looks for items of a list.
#[derive(Default)]
struct Looks<'a> {
    all: BTreeSet<usize>,
    by_position: BTreeSet<usize>,
    by_key: BTreeMap<&'a str, BTreeSet<usize>>,
    by_name: BTreeMap<Option<&'a str>, BTreeSet<usize>>,
}

impl Footprint {
    fn of(object: &Node, patch: &PatchSpec) -> Self {
        let mut footprint = Footprint::default();
        for path in patch.remove.iter().flat_map(|paths| &paths.value) {
            let place = footprint.place(object, &steps(&path.value));
            footprint.write(place, Write::Removes);
        }
        if let Some(changes) = &patch.merge {
            footprint.merge(Some(object), changes, &mut Vec::new());
        }
        for operation in patch.operations.iter().flat_map(|all| &all.value) {
            footprint.operation(object, &operation.value);
        }
        footprint
    }

    fn operation(&mut self, object: &Node, operation: &OperationSpec) {
        match operation {
            OperationSpec::Add(to) => self.add(object, &to.path.value),
            OperationSpec::Replace(to) => {
                let place = self.place(object, &steps(&to.path.value));
                self.write(place, Write::Replaces);
            }
            // An item that an operation removes may be added anew by the next one.
            OperationSpec::Remove(of) => {
                let place = self.place(object, &steps(&of.path.value));
                self.write(place, Write::Changes);
            }
            OperationSpec::Move(of) => {
                let place = self.place(object, &steps(&of.from.value));
                self.write(place, Write::Changes);
                self.add(object, &of.path.value);
            }
            OperationSpec::Copy(of) => {
                let place = self.place(object, &steps(&of.from.value));
                self.reads.push(place);
                self.add(object, &of.path.value);
            }
            OperationSpec::Test(of) => {
                let place = self.place(object, &steps(&of.path.value));
                self.reads.push(place);
            }
        }
    }

    fn write(&mut self, place: Where, how: Write) {
        if how != Write::Replaces {
            let list = place.split_last().filter(|(last, _)| matches!(last, Part::Item(_) | Part::Added(_)));
            self.moved.extend(list.map(|(_, list)| list.to_vec()));
        }
        for (depth, _) in place.iter().enumerate().filter(|(_, part)| matches!(part, Part::Item(_))) {
            let list = place.get(..depth).unwrap_or_default().to_vec();
            match place.get(depth + 1) {
                Some(Part::Field(key)) => drop(self.renamed.insert((list, Some(key.clone())))),
                None if how != Write::Removes => drop(self.renamed.insert((list, None))),
                _ => {}
            }
        }
        self.moved.insert(place.clone());
        self.writes.push((place, how));
    }

    /// A list into which something is added is another one behind it.
    fn add(&mut self, object: &Node, path: &str) {
        let steps = steps(path);
        let Some((last, parent)) = steps.split_last() else { return };
        let mut node = Some(object);
        let mut place = Where::new();
        let complete = parent.iter().all(|step| self.step(&mut node, step, &mut place));
        if let (true, Some(Node { value: Value::Map(_), .. }), Step::Key(key)) = (complete, node, last) {
            place.push(Part::Field(key.clone()));
        }
        self.write(place, Write::Changes);
    }

    /// Where a path leads, as far as it does.
    fn place(&mut self, object: &Node, steps: &[Step]) -> Where {
        let (mut node, mut place) = (Some(object), Where::new());
        for step in steps {
            if !self.step(&mut node, step, &mut place) {
                break;
            }
        }
        place
    }

    /// One step; false if the place is all that is known.
    fn step(&mut self, node: &mut Option<&Node>, step: &Step, place: &mut Where) -> bool {
        let Some(Node { value, .. }) = *node else { return false };
        match (value, step) {
            (Value::Map(_), Step::Key(key)) => {
                *node = node.and_then(|node| node.get(key));
                place.push(Part::Field(key.clone()));
                node.is_some()
            }
            (Value::List(items), _) => {
                let Ok(index) = path::position(items, step, &[]) else { return false };
                match step {
                    Step::Key(_) if self.moved.contains(place) => return false,
                    Step::Key(_) => drop(self.positions.insert(place.clone())),
                    Step::Item(_) | Step::Is(_) if self.is_renamed(place, step) => return false,
                    Step::Item(_) | Step::Is(_) => self.look(place, step),
                }
                *node = items.get(index);
                place.push(Part::Item(index));
                true
            }
            _ => false,
        }
    }

    /// Whether an item may be found at another position than in the object as it is made.
    fn is_renamed(&self, list: &Where, step: &Step) -> bool {
        let keys: &[(String, String)] = if let Step::Item(keys) = step { keys } else { &[] };
        let keys = keys.iter().map(|(key, _)| Some(key.clone())).chain([None]);
        keys.into_iter().any(|key| self.renamed.contains(&(list.clone(), key)))
    }

    fn look(&mut self, list: &Where, step: &Step) {
        let keys: &[(String, String)] = if let Step::Item(keys) = step { keys } else { &[] };
        let name = keys.iter().find(|(key, _)| key == "name").map(|(_, name)| name.clone());
        self.looks.push((list.clone(), keys.iter().map(|(key, _)| key.clone()).collect(), name));
    }

    /// The places of a merge patch. `target` is what is there; nothing where a field is new.
    fn merge(&mut self, target: Option<&Node>, patch: &Node, place: &mut Where) {
        let fields = patch.fields();
        let steps = fields.iter().any(|(key, _)| path::item(key).is_some());
        match target.map(|target| &target.value) {
            _ if fields.is_empty() => self.write(place.clone(), Write::Changes),
            Some(Value::List(items)) => self.merge_list(items, fields, place),
            None if steps => self.merge_list(&[], fields, place),
            None | Some(Value::Map(_)) if !steps => {
                for (key, change) in fields {
                    place.push(Part::Field(key.clone()));
                    self.merge(target.and_then(|target| target.get(key)), change, place);
                    place.pop();
                }
            }
            _ => self.write(place.clone(), Write::Changes),
        }
    }

    fn merge_list(&mut self, items: &[Node], fields: &[(String, Node)], place: &mut Where) {
        let field = place.iter().rev().find_map(|part| if let Part::Field(field) = part { Some(field) } else { None });
        let is_ordered = field.is_some_and(|field| ORDERED.contains(&field.as_str()));
        let is_named = items.iter().all(|item| item.get("name").is_some());
        for (key, change) in fields {
            let added = key.strip_prefix("[+").map(|rest| format!("[{rest}"));
            let step = path::item(added.as_deref().unwrap_or(key)).and_then(Result::ok);
            let item = match (&step, added.is_some()) {
                (Some(Step::Item(keys)), true) if is_named && !is_ordered => match keys.as_slice() {
                    [(key, name)] if key == "name" => Some(Part::Added(name.clone())),
                    _ => None,
                },
                (Some(step), false) => path::position(items, step, &[]).ok().map(Part::Item),
                _ => None,
            };
            let (Some(item), Some(step)) = (item, &step) else {
                self.write(place.clone(), Write::Changes);
                continue;
            };
            self.look(place, step);
            let target = if let Part::Item(index) = item { items.get(index) } else { None };
            place.push(item);
            match target {
                Some(target) => self.merge(Some(target), change, place),
                None => self.write(place.clone(), Write::Changes),
            }
            place.pop();
        }
    }
}

/// The steps of a path; one that cannot be read was reported, and leads to the whole object.
fn steps(path: &str) -> Vec<Step> {
    path::parse(path).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decode::At;
    use crate::patch::spec::{TargetSpec, WithPath, WithValue};
    use crate::source::NodeId;
    use serde_json::json;

    fn at<T>(value: T) -> At<T> {
        At { value, node: NodeId(0) }
    }

    fn patch(operation: OperationSpec) -> PatchSpec {
        let target = TargetSpec { kind: at("A".to_owned()), group: None, namespace: None, name: None, labels: None };
        PatchSpec { target: at(target), merge: None, remove: None, operations: Some(at(vec![at(operation)])) }
    }

    /// Many patches of items by their positions are not held against each other, but against one that moves the items.
    #[test]
    fn positions_are_places_of_their_own() {
        const MANY: usize = 400;
        let object =
            Node::of(&json!({ "list": vec![json!({ "x": 0 }); MANY] })).unwrap_or(Node::new(Value::Null, None));
        let path = |path: String| at(path);
        let replace = |place: &str| {
            let spec = WithValue { path: path(place.to_owned()), value: Node::new(Value::Null, None) };
            patch(OperationSpec::Replace(spec))
        };
        let mut patches: Vec<PatchSpec> = (0..MANY).map(|index| replace(&format!("/list/{index}/x"))).collect();
        assert_eq!(pairs(&object, patches.iter()).len(), 0);
        patches.push(replace("/list/7"));
        assert_eq!(pairs(&object, patches.iter()), BTreeSet::from([(7, MANY)]));
        patches.push(patch(OperationSpec::Remove(WithPath { path: path("/list/9".to_owned()) })));
        assert_eq!(pairs(&object, patches.iter()).len(), 1 + MANY + 1);
    }
}
