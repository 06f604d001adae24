//! Which patches of one object may not go together: what each of them changes and relies on, by place.
//!
//! To apply each two of them in both orders is exact, and too slow for an object with hundreds of patches. Two whose places
//! have nothing to do with each other give the same in either order; only the others are tried. Places are those of the
//! object as it is made: an item of a list is the one that there is, however a patch addresses it, so that another item
//! that comes or goes moves nothing. What cannot be told so finely (positions, lists whose order means something, an
//! operation on what an earlier one made) is the whole list, or the field that is not there yet.

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

/// What a patch changes, and what it relies on.
#[derive(Default)]
struct Footprint {
    /// What it changes, and whether the place is only removed.
    writes: Vec<(Where, bool)>,
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
        for (place, is_removed) in &footprint.writes {
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
                    (Part::Item(_), None) if !is_removed => looks.all.iter().for_each(|other| meets(*other)),
                    (Part::Item(_), Some(Part::Field(key))) => {
                        looks.by_key.get(key.as_str()).into_iter().flatten().for_each(|other| meets(*other));
                    }
                    (Part::Added(name), _) => {
                        let named = [Some(name.as_str()), None].into_iter().filter_map(|name| looks.by_name.get(&name));
                        named.flatten().for_each(|other| meets(*other));
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
    by_key: BTreeMap<&'a str, BTreeSet<usize>>,
    by_name: BTreeMap<Option<&'a str>, BTreeSet<usize>>,
}

impl Footprint {
    fn of(object: &Node, patch: &PatchSpec) -> Self {
        let mut footprint = Footprint::default();
        for path in patch.remove.iter().flat_map(|paths| &paths.value) {
            let place = footprint.place(object, &steps(&path.value));
            footprint.writes.push((place, true));
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
                self.writes.push((place, false));
            }
            // An item that an operation removes may be added anew by the next one.
            OperationSpec::Remove(of) => {
                let place = self.place(object, &steps(&of.path.value));
                self.writes.push((place, false));
            }
            OperationSpec::Move(of) => {
                let place = self.place(object, &steps(&of.from.value));
                self.writes.push((place, false));
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
        self.writes.push((place, false));
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
            (Value::List(items), Step::Item(_) | Step::Is(_)) => {
                let Ok(index) = path::position(items, step, &[]) else { return false };
                self.look(place, step);
                *node = items.get(index);
                place.push(Part::Item(index));
                true
            }
            _ => false,
        }
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
            _ if fields.is_empty() => self.writes.push((place.clone(), false)),
            Some(Value::List(items)) => self.merge_list(items, fields, place),
            None if steps => self.merge_list(&[], fields, place),
            None | Some(Value::Map(_)) if !steps => {
                for (key, change) in fields {
                    place.push(Part::Field(key.clone()));
                    self.merge(target.and_then(|target| target.get(key)), change, place);
                    place.pop();
                }
            }
            _ => self.writes.push((place.clone(), false)),
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
                self.writes.push((place.clone(), false));
                continue;
            };
            self.look(place, step);
            let target = if let Part::Item(index) = item { items.get(index) } else { None };
            place.push(item);
            match target {
                Some(target) => self.merge(Some(target), change, place),
                None => self.writes.push((place.clone(), false)),
            }
            place.pop();
        }
    }
}

/// The steps of a path; one that cannot be read was reported, and leads to the whole object.
fn steps(path: &str) -> Vec<Step> {
    path::parse(path).unwrap_or_default()
}
