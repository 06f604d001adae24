//! What the metadata of an object says, found in its text without reading it.

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

/// What a field of `metadata` says in a document, if that is a single object in block style with plain keys, and the
/// value a plain word.
pub(super) fn metadata<'t>(text: &'t str, field: &str) -> Stated<'t> {
    const START: &str = "\nmetadata:\n";
    let Some(block) = text.find(START).and_then(|at| text.get(at + START.len()..)) else { return Stated::Unknown };
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
                    let is_plain = |b: u8| b.is_ascii_alphanumeric() || b"-._".contains(&b);
                    if value.is_empty() || !value.bytes().all(is_plain) {
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

#[cfg(test)]
mod tests {
    use super::{Stated, metadata};

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
}
