//! Paths of a patch: JSON pointers (RFC 6901), in which `[name=app]` is an item of a list by what it says.

use super::node::{Node, Value};
use crate::schema::{PathSegment, path_text};

/// One step.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Step {
    /// A field, a position in a list, or `-` for the end of one.
    Key(String),
    /// The one item of a list that has these fields: `[name=app]`, `[containerPort=8080,protocol=UDP]`.
    Item(Vec<(String, String)>),
    /// The one item of a list that is this scalar: `[=--verbose]`.
    Is(String),
}

/// Why a path leads nowhere. `inside` is the path up to there, as in `spec.template`.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Fault {
    /// Not a pointer; what is wrong with it.
    Syntax(&'static str),
    /// No such field; those that there are.
    NoField { inside: String, field: String, known: Vec<String> },
    /// No such item; those that there are.
    NoItem { inside: String, step: String, known: Vec<String> },
    /// More than one such item.
    SeveralItems { inside: String, step: String },
    /// No such position.
    NoPosition { inside: String, step: String, length: usize },
    /// A step into something that has no parts of this kind.
    NotInside { inside: String, step: String, kind: &'static str },
    /// The object itself cannot be removed, moved or replaced.
    Whole,
    /// A list and a table without steps of items.
    ListByFields { inside: String },
    /// `[+name=…]`: there is one already.
    ItemIsThere { inside: String, step: String },
    /// `[+name=…]` beside another value for the same key.
    OtherKey { step: String, field: String },
    /// `test`: the value is another one, of this kind.
    TestFailed { at: String },
    /// `move` of something into itself.
    IntoItself,
}

/// Reads a path.
pub(super) fn parse(text: &str) -> Result<Vec<Step>, Fault> {
    if text.is_empty() {
        return Ok(Vec::new());
    }
    let Some(rest) = text.strip_prefix('/') else { return Err(Fault::Syntax("it does not begin with `/`")) };
    rest.split('/').map(token).collect()
}

fn token(token: &str) -> Result<Step, Fault> {
    let mut text = String::with_capacity(token.len());
    let mut rest = token.chars();
    while let Some(c) = rest.next() {
        text.push(match c {
            '~' => match rest.next() {
                Some('0') => '~',
                Some('1') => '/',
                _ => return Err(Fault::Syntax("`~` stands in front of `0` (for `~`) or `1` (for `/`) only")),
            },
            c => c,
        });
    }
    match item(&text) {
        Some(step) => step,
        None => Ok(Step::Key(text)),
    }
}

/// The step that `[…]` says; `None` for anything else.
pub(super) fn item(text: &str) -> Option<Result<Step, Fault>> {
    const FORM: Fault = Fault::Syntax("an item of a list is `[KEY=VALUE]`, as in `[name=app]`, or `[=VALUE]`");
    let inner = text.strip_prefix('[')?.strip_suffix(']')?;
    if inner.starts_with('+') {
        return Some(Err(Fault::Syntax(
            "`+` adds an item in `merge`, where it is a key; a path leads to what is there",
        )));
    }
    if let Some(value) = inner.strip_prefix('=') {
        return Some(Ok(Step::Is(value.to_owned())));
    }
    let mut keys: Vec<(String, String)> = Vec::new();
    for part in inner.split(',') {
        match part.split_once('=').filter(|(key, _)| is_field(key)) {
            Some((key, value)) => keys.push((key.to_owned(), value.to_owned())),
            // A comma that no key follows belongs to the value.
            None => match keys.last_mut() {
                Some((_, value)) => {
                    value.push(',');
                    value.push_str(part);
                }
                None => return Some(Err(FORM)),
            },
        }
    }
    Some(Ok(Step::Item(keys)))
}

fn is_field(key: &str) -> bool {
    !key.is_empty() && key.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.'))
}

impl Step {
    /// As a path says it.
    pub(super) fn text(&self) -> String {
        match self {
            Step::Key(key) => key.clone(),
            Step::Is(value) => format!("[={value}]"),
            Step::Item(keys) => {
                let keys: Vec<String> = keys.iter().map(|(key, value)| format!("{key}={value}")).collect();
                format!("[{}]", keys.join(","))
            }
        }
    }

    fn is(&self, item: &Node) -> bool {
        let says = |node: Option<&Node>, value: &str| node.and_then(|n| n.value.scalar()).is_some_and(|v| v == value);
        match self {
            Step::Key(_) => false,
            Step::Is(value) => says(Some(item), value),
            Step::Item(keys) => keys.iter().all(|(key, value)| says(item.get(key), value)),
        }
    }
}

/// The position of the one item that a step is about.
pub(super) fn position(items: &[Node], step: &Step, path: &[PathSegment]) -> Result<usize, Fault> {
    let inside = || path_text(path);
    if let Step::Key(key) = step {
        let index = key.parse::<usize>().ok().filter(|index| index.to_string() == *key);
        return match index {
            Some(index) if index < items.len() => Ok(index),
            _ => Err(Fault::NoPosition { inside: inside(), step: key.clone(), length: items.len() }),
        };
    }
    let mut found = items.iter().enumerate().filter(|(_, item)| step.is(item)).map(|(index, _)| index);
    match (found.next(), found.next()) {
        (Some(index), None) => Ok(index),
        (Some(_), Some(_)) => Err(Fault::SeveralItems { inside: inside(), step: step.text() }),
        _ => {
            let known = items.iter().filter_map(|item| {
                let step = match step {
                    Step::Item(keys) => {
                        let keys = keys.iter().map(|(key, _)| Some((key.clone(), item.get(key)?.value.scalar()?)));
                        Step::Item(keys.collect::<Option<_>>()?)
                    }
                    _ => Step::Is(item.value.scalar()?),
                };
                Some(step.text())
            });
            Err(Fault::NoItem { inside: inside(), step: step.text(), known: known.collect() })
        }
    }
}

/// Where a path leads in an object.
pub(super) fn resolve(object: &Node, steps: &[Step]) -> Result<Vec<PathSegment>, Fault> {
    let (mut node, mut path) = (object, Vec::with_capacity(steps.len()));
    for step in steps {
        let segment = segment(node, step, &path)?;
        let inner = node.child(&segment);
        path.push(segment);
        // `segment` only gives what is there.
        let Some(inner) = inner else { break };
        node = inner;
    }
    Ok(path)
}

fn segment(node: &Node, step: &Step, path: &[PathSegment]) -> Result<PathSegment, Fault> {
    match (&node.value, step) {
        (Value::List(items), step) => position(items, step, path).map(PathSegment::Index),
        (Value::Map(fields), Step::Key(key)) => {
            if fields.iter().any(|(name, _)| name == key) {
                return Ok(PathSegment::Key(key.clone()));
            }
            let known = fields.iter().map(|(name, _)| name.clone()).collect();
            Err(Fault::NoField { inside: path_text(path), field: key.clone(), known })
        }
        (other, step) => Err(Fault::NotInside { inside: path_text(path), step: step.text(), kind: other.kind() }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_pointers() {
        let key = |text: &str| Step::Key(text.to_owned());
        assert_eq!(parse(""), Ok(vec![]));
        assert_eq!(parse("/a/b~1c~0d/0/-"), Ok(vec![key("a"), key("b/c~d"), key("0"), key("-")]));
        assert_eq!(parse("/"), Ok(vec![key("")]));
        assert!(matches!(parse("a/b"), Err(Fault::Syntax(_))));
        assert!(matches!(parse("/a~2"), Err(Fault::Syntax(_))));
        assert!(matches!(parse("/a/[name]"), Err(Fault::Syntax(_))));
        assert_eq!(parse("/[=--a=b]"), Ok(vec![Step::Is("--a=b".to_owned())]));
        let pair = |key: &str, value: &str| (key.to_owned(), value.to_owned());
        assert_eq!(parse("/[mountPath=~1var~1run]"), Ok(vec![Step::Item(vec![pair("mountPath", "/var/run")])]));
        assert_eq!(
            parse("/[containerPort=80,protocol=UDP]"),
            Ok(vec![Step::Item(vec![pair("containerPort", "80"), pair("protocol", "UDP")])])
        );
        assert_eq!(parse("/[name=a,b]"), Ok(vec![Step::Item(vec![pair("name", "a,b")])]));
    }
}
