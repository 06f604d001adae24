//! Labels of Kubernetes objects.

use super::diags::Check;
use super::diags::text::{self as say, LabelFault, NameFault};
use super::name::{
    LONGEST_LABEL, is_dns1123_subdomain, is_label_value, is_qualified_name, label_byte, spelled, stranger,
};
use super::text::text_leaf;
use super::{Invalid, Leaf};

text_leaf! {
    /// The key of a label, `[DNS-NAME/]NAME`: see [`is_qualified_name`].
    LabelKey
}

text_leaf! {
    /// The value of a label: empty, or at most 63 letters, digits, `-`, `_` and `.`, a letter or digit at both ends.
    LabelValue
}

impl Leaf for LabelKey {
    const EXPECTED: &'static str = "the key of a label";
    const PATTERN: &'static str = "^([a-z0-9][-a-z0-9.]*/)?[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$";

    fn parse(text: &str) -> Result<Self, Invalid> {
        if is_qualified_name(text) {
            return Ok(LabelKey(text.to_owned()));
        }
        let fault = match text.split_once('/') {
            Some((_, name)) if name.contains('/') => LabelFault::Slashes,
            Some((prefix, _)) if !is_dns1123_subdomain(prefix) => LabelFault::Prefix(prefix),
            Some((_, name)) => LabelFault::Name(value_fault(name)),
            None => LabelFault::Name(value_fault(text)),
        };
        let candidate = match text.split_once('/') {
            Some((_, name)) if name.contains('/') => String::new(),
            Some((prefix, name)) => format!("{}/{}", prefix.to_ascii_lowercase(), words(name)),
            None => words(text),
        };
        Err(say::label_key(text, &fault, &candidate))
    }
}

impl Leaf for LabelValue {
    const EXPECTED: &'static str = "the value of a label";
    const PATTERN: &'static str = "^([A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?)?$";

    fn parse(text: &str) -> Result<Self, Invalid> {
        if is_label_value(text) {
            return Ok(LabelValue(text.to_owned()));
        }
        Err(say::label_value(text, &value_fault(text), &words(text)))
    }
}

impl Check for LabelKey {
    fn is_right(text: &str) -> bool {
        is_qualified_name(text)
    }
}

impl Check for LabelValue {
    fn is_right(text: &str) -> bool {
        is_label_value(text)
    }
}

/// What is wrong with a name that is wrong.
fn value_fault(name: &str) -> NameFault {
    if name.is_empty() {
        NameFault::Empty
    } else if let Some(sign) = stranger(name, label_byte) {
        NameFault::Sign(sign)
    } else if name.len() > LONGEST_LABEL {
        NameFault::Long(LONGEST_LABEL)
    } else if name.starts_with(|c: char| c.is_ascii_alphanumeric()) {
        NameFault::Last
    } else {
        NameFault::First
    }
}

fn words(name: &str) -> String {
    let spelled = spelled(name, |b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'.'), "-");
    spelled.trim_matches(['_', '.', '-']).to_owned()
}

#[cfg(test)]
mod tests {
    use super::super::testing::{fuzz, help, problem, read};
    use super::*;

    #[test]
    fn keys() {
        for text in ["team", "acme.io/team", "app.kubernetes.io/part-of"] {
            assert_eq!(read::<LabelKey>(text).as_str(), text);
        }
        for (text, expected) in [
            ("team name", "write `team-name`"),
            ("Acme.io/Team Name", "write `acme.io/Team-Name`"),
            ("_team", "write `team`"),
            ("a/b/c", KEY),
            ("/team", KEY),
            ("acme_io/team", KEY),
            ("", KEY),
            ("é", KEY),
        ] {
            assert_eq!(help::<LabelKey>(text), expected, "{text}");
        }
        assert_eq!(problem::<LabelKey>("a_b/c"), "`a_b/c` is not the key of a label: `a_b` is not a DNS name");
        assert_eq!(problem::<LabelKey>("/c"), "`/c` is not the key of a label: nothing stands before the slash");
        problem::<LabelKey>(&"a".repeat(100_000));
    }

    const KEY: &str = "write a key such as `team` or `acme.io/team`";

    #[test]
    fn values() {
        for text in ["", "payments", "A.b_c-1"] {
            assert_eq!(read::<LabelValue>(text).as_str(), text);
        }
        for (text, expected) in [
            ("Payments & Billing", "write `Payments-Billing`"),
            ("me@example.com", "write `me-example.com`"),
            ("-a-", "write `a`"),
            ("größe", VALUE),
            ("&", VALUE),
        ] {
            assert_eq!(help::<LabelValue>(text), expected, "{text}");
        }
        assert_eq!(problem::<LabelValue>("a b"), "`a b` is not the value of a label: a space cannot stand in it");
        assert_eq!(
            problem::<LabelValue>("a."),
            "`a.` is not the value of a label: it does not end with a letter or a digit"
        );
        problem::<LabelValue>(&"a".repeat(64));
    }

    const VALUE: &str = "write at most 63 letters, digits, `-`, `_` and `.`, a letter or a digit at both ends";

    #[test]
    fn never_panics() {
        let seeds = ["acme.io/team", "Payments & Billing", "A.b_c-1", "a/b/c", ""];
        fuzz::<LabelKey>(&seeds);
        fuzz::<LabelValue>(&seeds);
    }
}
