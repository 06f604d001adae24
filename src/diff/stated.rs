//! What an object says of itself, found in its text without reading it.

use crate::manifest;
use memchr::memmem;
use std::iter;
use std::sync::LazyLock;

/// What a first look at a document finds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stated<'t> {
    /// This text.
    As(&'t [u8]),
    /// The object surely states nothing.
    Nothing,
    /// Only reading it tells.
    Unknown,
}

/// What tells an object from others, but for the group: texts, as bytes of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Identity<'t> {
    pub(super) kind: &'t [u8],
    pub(super) namespace: Option<&'t [u8]>,
    pub(super) name: &'t [u8],
}

/// The metadata of an object.
struct Metadata<'t> {
    namespace: Stated<'t>,
    name: Stated<'t>,
}

/// Where another document may begin.
static MARKER: LazyLock<memmem::Finder<'static>> = LazyLock::new(|| memmem::Finder::new("\n---"));

/// What a single object of block YAML says that it is; `None` where only reading it tells.
pub(super) fn identity(text: &[u8]) -> Option<Identity<'_>> {
    let (kind, block) = head(text)?;
    let metadata = metadata(block)?;
    let namespace = match metadata.namespace {
        Stated::As(namespace) => Some(namespace),
        Stated::Nothing => None,
        Stated::Unknown => return None,
    };
    match metadata.name {
        Stated::As(name) if MARKER.find(block).is_none() => Some(Identity { kind: kind?, namespace, name }),
        _ => None,
    }
}

/// The namespace that a document states, if that is a single object in block style with plain keys, and the value a plain
/// word.
pub(super) fn namespace(text: &str) -> Stated<'_> {
    let Some((Some(_), block)) = head(text.as_bytes()) else { return Stated::Unknown };
    match metadata(block) {
        Some(metadata) if MARKER.find(block).is_none() => metadata.namespace,
        _ => Stated::Unknown,
    }
}

/// The kind that stands before the metadata, unless that holds others or is no plain word; and what stands below the
/// metadata's key.
fn head(text: &[u8]) -> Option<(Option<&[u8]>, &[u8])> {
    let mut rest = text;
    let mut kind = None;
    loop {
        let (line, below) = line(rest);
        rest = below?;
        if let Some(said) = line.strip_prefix(b"kind: ") {
            kind = word(said).filter(|kind| !kind.ends_with(b"List"));
        } else if line == b"metadata:" {
            return Some((kind, rest));
        } else if line.starts_with(b"---") && rest.len() + line.len() + 1 < text.len() {
            return None;
        }
    }
}

/// The first line of a text, and what stands below it.
fn line(text: &[u8]) -> (&[u8], Option<&[u8]>) {
    match manifest::newline(text).and_then(|end| text.split_at_checked(end)) {
        Some((line, rest)) => (line, rest.get(1..)),
        None => (text, None),
    }
}

/// What the lines below `metadata:` say. `None` if that is not sure.
fn metadata(block: &[u8]) -> Option<Metadata<'_>> {
    let mut found = Metadata { namespace: Stated::Nothing, name: Stated::Nothing };
    let starts = memchr::memchr_iter(b'\n', block).map(|end| end + 1);
    for start in iter::once(0).chain(starts) {
        let is_first = start == 0;
        match block.get(start..).unwrap_or_default() {
            // Only lines at the first indentation are keys of the metadata.
            [b' ', b' ', b' ' | b'#' | b'-' | b'\n', ..] | [b' ', b' '] | [b'\n', ..] | [] if !is_first => {}
            // A key that begins with another letter is another one.
            [b' ', b' ', b'a'..=b'm' | b'o'..=b'z', ..] => {}
            [b' ', b' ', key @ ..] => {
                let (key, _) = line(key);
                let end = key.iter().position(|byte| !byte.is_ascii_alphabetic())?;
                let (key, value) = key.split_at_checked(end)?;
                let value = value.strip_prefix(b":").filter(|_| end > 0)?;
                let said = || word(value).map_or(Stated::Unknown, Stated::As);
                match key {
                    b"name" => found.name = said(),
                    b"namespace" => found.namespace = said(),
                    _ => {}
                }
            }
            [b' ', ..] => return None,
            _ if is_first => return None,
            _ => break,
        }
        if matches!((found.namespace, found.name), (Stated::As(_), Stated::As(_))) {
            break;
        }
    }
    Some(found)
}

/// A text that stands for itself: a name, also one of RBAC (`system:node`).
fn word(text: &[u8]) -> Option<&[u8]> {
    let text = text.trim_ascii();
    let is_plain = |b: &u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'.' | b'_' | b':');
    (!text.is_empty() && text.iter().all(is_plain) && !text.ends_with(b":")).then_some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_sure_is_found() {
        let plain =
            "kind: A\nmetadata:\n  labels:\n    name: x\n\n    namespace: y\n  name: a\n  namespace: b\nspec: 1\n";
        assert_eq!(namespace(plain), Stated::As(b"b"));
        assert_eq!(namespace("kind: A\nmetadata:\n  name: a\nspec:\n  namespace: x\n"), Stated::Nothing);
        assert_eq!(namespace("kind: A\nmetadata:\n  name: \"a\"\n  namespace: b"), Stated::As(b"b"));
        for text in [
            "kind: A\nmetadata: {namespace: a}\n",
            "kind: A\nmetadata:\n    namespace: a\n",
            "kind: A\nmetadata:\n   namespace: a\n",
            "kind: A\nmetadata:\n  \"namespace\": a\n",
            "kind: A\nmetadata:\n  <<: *x\n  labels: {}\n",
            "kind: A\nmetadata:\n  # x\n  namespace: a\n",
            "kind: A\nmetadata:\n\n  namespace: a\n",
            "kind: A\nmetadata:\n  namespace: *a\n",
            "kind: A\nmetadata:\n  namespace: \"a\"\n",
            "kind: AList\nmetadata:\n  namespace: a\n",
            "kind: A\nmetadata:\r\n  namespace: a\r\n",
            "kind: A\nmetadata:\n  namespace: a\n---\nkind: B\n",
            "kind: A\n---\nkind: B\nmetadata:\n  namespace: a\n",
        ] {
            assert_eq!(namespace(text), Stated::Unknown, "{text}");
        }
    }

    #[test]
    fn a_single_object_is_known_by_kind_namespace_and_name() {
        let object = "---\napiVersion: v1\nkind: Service\nmetadata:\n  labels:\n    name: y\n  name: x\nspec: {}\n";
        let is = |name: &'static str, namespace: Option<&'static str>| {
            Some(Identity { kind: b"Service", namespace: namespace.map(str::as_bytes), name: name.as_bytes() })
        };
        assert_eq!(identity(object.as_bytes()), is("x", None));
        assert_eq!(identity(object.replace("name: x", "name: system:x").as_bytes()), is("system:x", None));
        let within = object.replace("  name: x", "  name: x\n  namespace: n");
        assert_eq!(identity(within.as_bytes()), is("x", Some("n")));
        for other in [
            object.replace("Service", "ServiceList"),
            object.replace("name: x", "name: \"x\""),
            within.replace("namespace: n", "namespace: \"n\""),
            format!("{object}---\n{object}"),
            object.replace("metadata:\n", "metadata: # of it\n"),
            object.replace("kind: Service\n", "") + "kind: Service\n",
        ] {
            assert_eq!(identity(other.as_bytes()), None, "{other}");
        }
    }
}
