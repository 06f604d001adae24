//! Changed lines, of files that the spec refers to and of the documents of its manifests.

use super::record::Content;
use crate::diag::mask::Masks;
use crate::diff::{Fate, ObjectChange, SpecChange, SpecPlace};
use crate::manifest::{self, Document, ObjectId};
use std::cell::RefCell;
use std::collections::BTreeMap;

/// What stands for a secret.
const HIDDEN: &str = "•••";

/// The first line of a file that differs, and how many more do.
pub(super) fn of_file(path: &str, old: &Content, new: &Content, masks: &Masks) -> SpecChange {
    let text = |content: &Content| content.as_ref().ok().map(|bytes| String::from_utf8_lossy(bytes).into_owned());
    let (old, new) = (text(old), text(new));
    let part = |text| Part::new(text, 1, masks);
    between(path, old.as_deref().map(part), new.as_deref().map(part))
}

/// Lines of a file.
struct Part<'t> {
    /// Each as it stands there, and as it may be shown.
    lines: Vec<(&'t str, String)>,
    /// The number of the first of them.
    first: usize,
}

impl<'t> Part<'t> {
    fn new(text: &'t str, first: usize, masks: &Masks) -> Self {
        Part { lines: text.lines().zip(masks.hide_lines(text)).collect(), first }
    }
}

fn between(path: &str, old: Option<Part<'_>>, new: Option<Part<'_>>) -> SpecChange {
    let place = |line| SpecPlace { file: path.to_owned(), line, key: String::new() };
    let (was, is) = match (old, new) {
        (Some(was), Some(is)) => (was, is),
        (old, new) => {
            let line = new.as_ref().or(old.as_ref()).map_or(1, |part| part.first);
            let says = |part: Option<Part<'_>>| part.map(|part| number(part.lines.len(), ""));
            return SpecChange { place: place(line), old: says(old), new: says(new) };
        }
    };
    let (first, was, is) = (is.first, was.lines, is.lines);
    let same = |((a, _), (b, _)): &(&(&str, String), &(&str, String))| a == b;
    let ahead = was.iter().zip(&is).take_while(same).count();
    let most = was.len().min(is.len()) - ahead;
    let behind = was.iter().rev().zip(is.iter().rev()).take(most).take_while(same).count();
    let (was_end, is_end) = (was.len() - behind, is.len() - behind);
    let (was, is) = (was.get(ahead..was_end).unwrap_or_default(), is.get(ahead..is_end).unwrap_or_default());
    let (old, new) = match (was, is) {
        // Line for line: the first one shows what it is about.
        ([(before, old), ..], [(after, new), ..])
            if was.len() == is.len() && (was.len() == 1 || key(before) == key(after)) =>
        {
            let more = was.iter().zip(is).filter(|pair| !same(pair)).count() - 1;
            let more = if more > 0 { format!(" (and {})", number(more, "more ")) } else { String::new() };
            (Some(old.trim().to_owned()), Some(format!("{}{more}", new.trim())))
        }
        _ => (some(was), some(is)),
    };
    SpecChange { place: place(first + ahead), old, new }
}

/// What a line of YAML is about.
fn key(line: &str) -> &str {
    line.split_once(':').map_or("", |(key, _)| key)
}

fn some(lines: &[(&str, String)]) -> Option<String> {
    match lines {
        [] => None,
        [(_, line)] => Some(line.trim().to_owned()),
        more => Some(number(more.len(), "")),
    }
}

fn number(lines: usize, more: &str) -> String {
    format!("{lines} {more}line{}", if lines == 1 { "" } else { "s" })
}

/// The documents of both states of a file of manifests, by the objects in them.
pub(super) struct Documents<'a> {
    path: &'a str,
    old: BTreeMap<ObjectId, Stated<'a>>,
    new: BTreeMap<ObjectId, Stated<'a>>,
    /// What was found before, by the index of the change.
    known: RefCell<BTreeMap<usize, Option<SpecChange>>>,
}

#[derive(Clone, Copy)]
struct Stated<'a> {
    document: Document<'a>,
    is_confidential: bool,
}

impl<'a> Documents<'a> {
    /// Those of a file; of one that is no stream of YAML there are none.
    pub(super) fn of(path: &'a str, old: &'a Content, new: &'a Content) -> Self {
        Documents { path, old: documents(path, old), new: documents(path, new), known: RefCell::default() }
    }

    /// What changed in the document that states an object, the one of the change with this index; `None` if no document
    /// of this file does.
    pub(super) fn change(&self, (index, change): (usize, &ObjectChange<'_>), masks: &Masks) -> Option<SpecChange> {
        let known = self.known.borrow().get(&index).cloned();
        known.unwrap_or_else(|| {
            let found = self.find(change, masks);
            self.known.borrow_mut().insert(index, found.clone());
            found
        })
    }

    fn find(&self, change: &ObjectChange<'_>, masks: &Masks) -> Option<SpecChange> {
        let former = match &change.fate {
            Fate::Renamed { from } => from,
            Fate::Added | Fate::Removed | Fate::Changed => &change.id,
        };
        let (old, new) = (stated(&self.old, former), stated(&self.new, &change.id));
        if old.map(|stated| stated.document.text) == new.map(|stated| stated.document.text) {
            return None;
        }
        let part = |Stated { document, is_confidential }: Stated<'a>| {
            let skipped = document.first_line() - document.line;
            let mut part = Part::new(document.text, document.line, masks);
            part.lines.drain(..skipped.min(part.lines.len()));
            part.first += skipped;
            if is_confidential {
                part.lines.iter_mut().for_each(|(_, shown)| *shown = sealed(shown));
            }
            part
        };
        Some(between(self.path, old.map(part), new.map(part)))
    }
}

/// What a Secret says of itself, unindented.
const OPEN: [&str; 4] = ["apiVersion: ", "kind: ", "type: ", "immutable: "];

/// A line of the document of a Secret: what it is about, not what it says.
fn sealed(line: &str) -> String {
    if OPEN.iter().any(|key| line.starts_with(key)) {
        return line.to_owned();
    }
    let key = line.split_once(": ").map(|(key, _)| key.trim()).filter(|key| is_key(key));
    key.map_or_else(|| HIDDEN.to_owned(), |key| format!("{key}: {HIDDEN}"))
}

fn is_key(text: &str) -> bool {
    text.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_./".contains(&b))
}

/// A manifest may leave its namespace to the spec.
fn stated<'a>(all: &BTreeMap<ObjectId, Stated<'a>>, id: &ObjectId) -> Option<Stated<'a>> {
    all.get(id).or_else(|| all.get(&ObjectId { namespace: None, ..id.clone() })).copied()
}

fn documents<'a>(path: &'a str, content: &'a Content) -> BTreeMap<ObjectId, Stated<'a>> {
    let mut found = BTreeMap::new();
    let Some(documents) = content.as_ref().ok().and_then(|bytes| manifest::split(path, bytes).ok().flatten()) else {
        return found;
    };
    for document in documents {
        let (mut manifests, mut faults) = (Vec::new(), Vec::new());
        manifest::read_document(path, document, &mut manifests, &mut faults);
        for manifest in manifests {
            found.insert(manifest.id, Stated { document, is_confidential: manifest.is_confidential });
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::of_file;
    use crate::diag::mask::Masks;
    use crate::files::ReadError;

    #[test]
    fn the_first_changed_line_of_a_file_is_named() {
        let lines = |text: &str| Ok(text.as_bytes().to_vec());
        let masks = Masks::default();
        let found = |old: &str, new: &str| {
            let found = of_file("t", &lines(old), &lines(new), &masks);
            (found.place.line, found.old.unwrap_or_default(), found.new.unwrap_or_default())
        };
        let says = |line, old: &str, new: &str| (line, old.to_owned(), new.to_owned());
        assert_eq!(found("a\nb\nc\n", "a\nB\nc\n"), says(2, "b", "B"));
        assert_eq!(found("a\nb\nc\n", "a\nx\ny\nc\n"), says(2, "b", "2 lines"));
        assert_eq!(found("a\nb: 1\nc\nd\n", "a\nb: 2\nc\nD\n"), says(2, "b: 1", "b: 2 (and 1 more line)"));
        assert_eq!(found("b: 1\nc: 1\n", "c: 2\nd: 1\n"), says(1, "2 lines", "2 lines"));
        let added = of_file("t", &Err(ReadError::NotFound), &lines("a\n"), &masks);
        assert_eq!((added.old, added.new.as_deref()), (None, Some("1 line")));
    }

    #[test]
    fn credentials_are_hidden_also_by_the_line_before() {
        let old = Ok(b"password: correcthorse-1\n".to_vec());
        let found = of_file("a", &old, &Ok(b"b\n".to_vec()), &Masks::default());
        assert_eq!((found.place.line, found.old.as_deref()), (1, Some("password: •••")));
        let env = |value: &str| Ok(format!("env:\n  - name: DB_PASSWORD\n    value: {value}\n").into_bytes());
        let found = of_file("a", &env("correcthorse-1"), &env("$(FROM)"), &Masks::default());
        assert_eq!((found.place.line, found.old.as_deref()), (3, Some("value: •••")));
    }
}
