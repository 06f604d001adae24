//! What an object says of itself, found in its text without reading it.

/// What a first look at a document finds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stated<'t> {
    /// This.
    As(&'t str),
    /// The object surely states nothing.
    Nothing,
    /// Only reading it tells.
    Unknown,
}

/// Where the metadata begins in a document of block YAML.
const METADATA: &str = "\nmetadata:\n";

/// The kind and the name that a single object of block YAML states; `None` where only reading it tells.
pub(super) fn identity(text: &str) -> Option<(&str, &str)> {
    let head = text.get(..text.find(METADATA)?)?;
    let kind = head.rsplit('\n').find_map(|line| line.strip_prefix("kind: "))?.trim_end();
    match metadata(text, "name") {
        Stated::As(name) if is_word(kind) && !kind.ends_with("List") => Some((kind, name)),
        _ => None,
    }
}

/// What a field of `metadata` says in a document, if that is a single object in block style with plain keys, and the
/// value a plain word.
pub(super) fn metadata<'t>(text: &'t str, field: &str) -> Stated<'t> {
    let Some(block) = text.find(METADATA).and_then(|at| text.get(at + METADATA.len()..)) else {
        return Stated::Unknown;
    };
    // Something that holds other objects, or a text that is cut elsewhere.
    if text.contains("\n---") || text.contains("List\n") {
        return Stated::Unknown;
    }
    let mut found = Stated::Nothing;
    let mut lines = block.lines().take_while(|line| line.starts_with(' ') || line.is_empty()).peekable();
    if !lines.peek().and_then(|line| line.strip_prefix("  ")).is_some_and(|line| line.starts_with(is_letter)) {
        return Stated::Unknown;
    }
    // Only lines at the first indentation are keys of the metadata.
    for line in lines.filter_map(|line| line.strip_prefix("  ")) {
        match line.bytes().next() {
            None | Some(b' ' | b'#' | b'-') => continue,
            Some(_) => {}
        }
        match line.split_once(':') {
            Some((key, value)) if key.chars().all(is_letter) => {
                if key == field {
                    let value = value.trim();
                    if !is_word(value) {
                        return Stated::Unknown;
                    }
                    found = Stated::As(value);
                }
            }
            _ => return Stated::Unknown,
        }
    }
    found
}

fn is_letter(c: char) -> bool {
    c.is_ascii_alphabetic()
}

/// Whether a text stands for itself: a name, also one of RBAC (`system:node`).
fn is_word(text: &str) -> bool {
    let is_plain = |b: u8| b.is_ascii_alphanumeric() || b"-._:".contains(&b);
    !text.is_empty() && text.bytes().all(is_plain) && !text.ends_with(':')
}

#[cfg(test)]
mod tests {
    use super::{Stated, identity, metadata};

    #[test]
    fn only_what_is_sure_is_found() {
        let plain =
            "kind: A\nmetadata:\n  labels:\n    name: x\n\n    namespace: y\n  name: a\n  namespace: b\nspec: 1\n";
        assert_eq!(metadata(plain, "name"), Stated::As("a"));
        assert_eq!(metadata(plain, "namespace"), Stated::As("b"));
        assert_eq!(metadata("kind: A\nmetadata:\n  name: a\nspec:\n  namespace: x\n", "namespace"), Stated::Nothing);
        for text in [
            "kind: A\nmetadata: {name: a}\n",
            "kind: A\nmetadata:\n    name: a\n",
            "kind: A\nmetadata:\n  \"name\": a\n",
            "kind: A\nmetadata:\n  <<: *x\n  labels: {}\n",
            "kind: A\nmetadata:\n  name: *a\n",
            "kind: A\nmetadata:\n  name: \"a\"\n",
            "kind: AList\nmetadata:\n  name: a\n",
            "kind: A\nmetadata:\r\n  name: a\r\n",
        ] {
            assert_eq!(metadata(text, "name"), Stated::Unknown, "{text}");
        }
    }

    #[test]
    fn a_single_object_is_known_by_kind_and_name() {
        let object = "apiVersion: v1\nkind: Service\nmetadata:\n  labels:\n    name: y\n  name: x\nspec: {}\n";
        assert_eq!(identity(object), Some(("Service", "x")));
        assert_eq!(identity(&object.replace("name: x", "name: system:x")), Some(("Service", "system:x")));
        for other in [
            object.replace("Service", "ServiceList"),
            object.replace("name: x", "name: \"x\""),
            format!("{object}---\n{object}"),
            object.replace("metadata:\n", "metadata: # of it\n"),
            object.replace("kind: Service\n", "") + "kind: Service\n",
        ] {
            assert_eq!(identity(&other), None, "{other}");
        }
    }
}
