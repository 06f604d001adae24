//! [`Whole`]: all objects of both sides, each read when a rule first asks for its kind and namespace.

use super::surroundings::{Side, Surroundings};
use crate::diff::sides::File;
use crate::diff::stated::{self, Stated};
use crate::manifest::{self, Document, Manifest};
use std::collections::BTreeMap;
use std::sync::OnceLock;

/// The files of both sides, unread. A file that cannot be read makes its side unknown: nothing is taken for absent that may
/// be there.
#[derive(Debug, Default)]
pub struct Whole<'a> {
    old: Files<'a>,
    new: Files<'a>,
}

#[derive(Debug, Default)]
struct Files<'a> {
    files: Vec<File<'a>>,
    /// The documents of all files; `None` if one of them is no text or unresolved.
    parts: OnceLock<Option<Parts<'a>>>,
}

/// The documents of a side, so that those that may hold what is asked for are found without a look at all.
#[derive(Debug, Default)]
struct Parts<'a> {
    all: Vec<Part<'a>>,
    by_kind: BTreeMap<&'a str, OfKind<'a>>,
    /// Those that may be of any kind.
    others: Vec<usize>,
}

/// Places of the documents of a kind.
#[derive(Debug, Default)]
struct OfKind<'a> {
    /// By namespace; empty where none is stated.
    stated: BTreeMap<&'a [u8], Vec<usize>>,
    /// Where only reading them tells.
    others: Vec<usize>,
}

/// A document, or a file of JSON.
#[derive(Debug)]
struct Part<'a> {
    path: &'a str,
    text: Text<'a>,
    /// The kind, if a line says so; a part that states it otherwise may be of any.
    kind: Option<&'a str>,
    manifests: OnceLock<Option<Vec<Manifest<'a>>>>,
}

#[derive(Debug)]
enum Text<'a> {
    Document(Document<'a>),
    File(&'a [u8]),
}

impl<'a> Whole<'a> {
    /// All files of both sides; nothing is read yet.
    pub fn new(old: impl IntoIterator<Item = File<'a>>, new: impl IntoIterator<Item = File<'a>>) -> Self {
        let files = |files: Vec<File<'a>>| Files { files, parts: OnceLock::new() };
        Whole { old: files(old.into_iter().collect()), new: files(new.into_iter().collect()) }
    }
}

impl Surroundings for Whole<'_> {
    fn within(&self, side: Side, namespace: Option<&str>, kinds: &[&str]) -> Option<Vec<&Manifest<'_>>> {
        let files = if side == Side::Old { &self.old } else { &self.new };
        let mut found = Vec::new();
        let parts = files.parts.get_or_init(|| parts(&files.files)).as_ref()?;
        for part in parts.places(namespace, kinds).into_iter().filter_map(|place| parts.all.get(place)) {
            let manifests = part.manifests.get_or_init(|| part.read()).as_ref()?;
            found.extend(manifests.iter().filter(|manifest| manifest.id.namespace.as_deref() == namespace));
        }
        Some(found)
    }
}

impl<'a> Parts<'a> {
    fn push(&mut self, part: Part<'a>) {
        let place = self.all.len();
        match (part.kind, &part.text) {
            (Some(kind), Text::Document(document)) => {
                let of_kind = self.by_kind.entry(kind).or_default();
                let namespace = match stated::namespace(document.text) {
                    Stated::As(namespace) => Some(namespace),
                    Stated::Nothing => Some(&b""[..]),
                    Stated::Unknown => None,
                };
                match namespace {
                    Some(namespace) => of_kind.stated.entry(namespace).or_default().push(place),
                    None => of_kind.others.push(place),
                }
            }
            _ => self.others.push(place),
        }
        self.all.push(part);
    }

    /// The documents that may hold objects of these kinds in the namespace, in their order.
    fn places(&self, namespace: Option<&str>, kinds: &[&str]) -> Vec<usize> {
        let mut places = Vec::new();
        let may_be = |place: &&usize| self.all.get(**place).is_some_and(|part| part.may_be_within(namespace));
        for of_kind in kinds.iter().filter_map(|kind| self.by_kind.get(kind)) {
            places.extend(of_kind.stated.get(namespace.unwrap_or_default().as_bytes()).into_iter().flatten());
            places.extend(of_kind.others.iter().filter(may_be));
        }
        places.extend(self.others.iter().filter(may_be));
        places.sort_unstable();
        places.dedup();
        places
    }
}

fn parts<'a>(files: &[File<'a>]) -> Option<Parts<'a>> {
    let mut parts = Parts::default();
    for (path, bytes) in files {
        match manifest::split(path, bytes).ok()? {
            Some(documents) => {
                for document in documents {
                    if manifest::in_conflict(document) {
                        return None;
                    }
                    let kind = kind(document.text);
                    parts.push(Part { path, text: Text::Document(document), kind, manifests: OnceLock::new() });
                }
            }
            None => parts.push(Part { path, text: Text::File(bytes), kind: None, manifests: OnceLock::new() }),
        }
    }
    Some(parts)
}

/// What a line `kind: X` of a document says. A `List` holds other kinds.
fn kind(text: &str) -> Option<&str> {
    let line = text.lines().find_map(|line| line.strip_prefix("kind: "))?.trim_end();
    let plain = !line.is_empty() && line.bytes().all(|byte| byte.is_ascii_alphanumeric());
    (plain && !line.ends_with("List")).then_some(line)
}

impl<'a> Part<'a> {
    /// Whether an object in the namespace may stand here. A first look, without reading it.
    fn may_be_within(&self, namespace: Option<&str>) -> bool {
        match (&self.text, namespace) {
            (Text::Document(document), Some(namespace)) => document.text.contains(namespace),
            _ => true,
        }
    }

    fn read(&self) -> Option<Vec<Manifest<'a>>> {
        match self.text {
            Text::Document(document) => {
                let (mut manifests, mut faults) = (Vec::new(), Vec::new());
                manifest::read_document(self.path, document, &mut manifests, &mut faults);
                faults.is_empty().then_some(manifests)
            }
            Text::File(bytes) => manifest::read(self.path, bytes).ok(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const POLICY: &[u8] = b"apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {name: a, namespace: b}\n";
    const LIST: &[u8] =
        br#"{"kind": "List", "items": [{"apiVersion": "v1", "kind": "Service", "metadata": {"name": "s", "namespace": "b"}}]}"#;

    fn names(whole: &Whole<'_>, kinds: &[&str]) -> Option<Vec<String>> {
        let found = whole.within(Side::New, Some("b"), kinds)?;
        Some(found.into_iter().map(|manifest| manifest.id.name.clone()).collect())
    }

    #[test]
    fn only_what_is_asked_for_is_read() {
        let broken: &[u8] = b"kind: ConfigMap\nmetadata: {name: a, namespace: b\n";
        let whole = Whole::new([], [("p.yaml", POLICY), ("l.json", LIST), ("c.yaml", broken)]);
        assert_eq!(names(&whole, &["NetworkPolicy"]), Some(vec!["a".to_owned(), "s".to_owned()]));
        assert_eq!(names(&whole, &["ConfigMap"]), None, "what cannot be read is not taken for absent");
        assert_eq!(whole.within(Side::Old, None, &["Service"]).map(|found| found.len()), Some(0));
    }

    #[test]
    fn an_unresolved_conflict_makes_all_unknown() {
        let whole = Whole::new([], [("p.yaml", POLICY), ("c.yaml", b"<<<<<<< HEAD\na: 1\n".as_slice())]);
        assert_eq!(names(&whole, &["NetworkPolicy"]), None);
    }
}
