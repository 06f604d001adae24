//! Names of objects, ports and environment variables, and the alphabets that names of Kubernetes are made of.

use super::diags::Check;
use super::diags::text::{self as say, NameFault};
use super::text::text_leaf;
use super::{Invalid, Leaf};

text_leaf! {
    /// The name of something in the spec: a label of RFC 1035, as Services require it. Lower-case letters, digits and
    /// `-`, a letter first, no `-` last, at most 63 characters.
    Name
}

text_leaf! {
    /// The name of an environment variable: `[-._a-zA-Z][-._a-zA-Z0-9]*`, and neither `.` nor anything that starts with
    /// `..`. It is the rule of `IsEnvVarName`, which holds on every server; since 1.30 servers may take nearly all of
    /// ASCII (`RelaxedEnvironmentVariableValidation`).
    EnvName
}

text_leaf! {
    /// The name of a port: an `IANA_SVC_NAME` (RFC 6335) in lower case. At most 15 lower-case letters, digits and `-`, at
    /// least one letter, no `-` at an end or beside another.
    PortName
}

text_leaf! {
    /// The name of a database or of a role in it, as PostgreSQL takes it without quotes (its manual, "Identifiers and Key
    /// Words"): lower-case letters, digits and `_`, no digit first, at most 63 characters. Roles whose names start with
    /// `pg_` are those of the system. MongoDB takes all of these names too, and none needs an escape in a URL.
    SqlName
}

/// Longest label of DNS, and longest name and value of a label of Kubernetes.
pub(super) const LONGEST_LABEL: usize = 63;
/// Longest DNS name, and longest key of a `ConfigMap`.
pub(super) const LONGEST_SUBDOMAIN: usize = 253;
/// Longest identifier of PostgreSQL in bytes, `NAMEDATALEN` - 1.
const LONGEST_SQL_NAME: usize = 63;
/// Longest port name.
const LONGEST_PORT_NAME: usize = 15;

/// Whether a text is not empty, both its ends are `edge`s and all of it is `inner`s.
pub(super) fn is_framed(text: &str, edge: fn(u8) -> bool, inner: fn(u8) -> bool) -> bool {
    let bytes = text.as_bytes();
    bytes.first().is_some_and(|b| edge(*b)) && bytes.last().is_some_and(|b| edge(*b)) && bytes.iter().all(|b| inner(*b))
}

fn lower(byte: u8) -> bool {
    byte.is_ascii_lowercase() || byte.is_ascii_digit()
}

fn lower_or_hyphen(byte: u8) -> bool {
    lower(byte) || byte == b'-'
}

/// A letter, a digit, `-`, `_` or `.`: what labels and keys of a `ConfigMap` are made of.
pub(super) fn label_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.')
}

/// Whether a text is a DNS label in lower case (RFC 1123), `IsDNS1123Label`: the names of Namespaces, for one.
pub fn is_dns1123_label(text: &str) -> bool {
    text.len() <= LONGEST_LABEL && is_framed(text, lower, lower_or_hyphen)
}

/// Whether a text is a DNS name in lower case (RFC 1123), `IsDNS1123Subdomain`: the names of most objects. As there, the
/// single label may be longer than DNS allows.
pub fn is_dns1123_subdomain(text: &str) -> bool {
    text.len() <= LONGEST_SUBDOMAIN && text.split('.').all(|label| is_framed(label, lower, lower_or_hyphen))
}

/// Whether a text is a DNS label in lower case that starts with a letter (RFC 1035), `IsDNS1035Label`: the names of
/// Services, and of everything in the spec.
pub fn is_dns1035_label(text: &str) -> bool {
    is_dns1123_label(text) && text.starts_with(|c: char| c.is_ascii_lowercase())
}

/// Whether a text may be the value of a label, `IsValidLabelValue`. It may be empty.
pub fn is_label_value(text: &str) -> bool {
    text.is_empty() || (text.len() <= LONGEST_LABEL && is_framed(text, |b| b.is_ascii_alphanumeric(), label_byte))
}

/// Whether a text may be the key of a label or an annotation, `IsQualifiedName`: a name as in a label's value, with a DNS
/// name and `/` in front of it or not. (Keys of annotations are compared in lower case, so they may have upper-case
/// letters in the DNS name; those of labels may not.)
pub fn is_qualified_name(text: &str) -> bool {
    let (prefix, name) = text.split_once('/').map_or((None, text), |(prefix, name)| (Some(prefix), name));
    prefix.is_none_or(is_dns1123_subdomain) && !name.is_empty() && is_label_value(name)
}

impl Leaf for Name {
    const EXPECTED: &'static str = "a name";
    const PATTERN: &'static str = "^[a-z]([-a-z0-9]{0,61}[a-z0-9])?$";

    fn parse(text: &str) -> Result<Self, Invalid> {
        let Some(fault) = name_fault(text) else {
            return Ok(Name(text.to_owned()));
        };
        Err(say::name(text, &fault, &spelled(&text.to_ascii_lowercase(), lower, "-")))
    }
}

impl Check for Name {
    fn is_right(text: &str) -> bool {
        name_fault(text).is_none()
    }
}

fn name_fault(text: &str) -> Option<NameFault> {
    Some(if text.is_empty() {
        NameFault::Empty
    } else if let Some(sign) = stranger(text, lower_or_hyphen) {
        NameFault::Sign(sign)
    } else if text.len() > LONGEST_LABEL {
        NameFault::Long(LONGEST_LABEL)
    } else if !text.starts_with(|c: char| c.is_ascii_lowercase()) {
        NameFault::First
    } else if text.ends_with('-') {
        NameFault::Last
    } else {
        return None;
    })
}

impl Leaf for EnvName {
    const EXPECTED: &'static str = "the name of an environment variable";
    const PATTERN: &'static str = "^[-._a-zA-Z][-._a-zA-Z0-9]*$";

    fn parse(text: &str) -> Result<Self, Invalid> {
        let Some(fault) = env_name_fault(text) else {
            return Ok(EnvName(text.to_owned()));
        };
        let spelled = spelled(text, |b| b.is_ascii_alphanumeric() || b == b'_', "_");
        let front = if spelled.starts_with(|c: char| c.is_ascii_digit()) { "_" } else { "" };
        Err(say::env_name(text, &fault, &format!("{front}{spelled}")))
    }
}

impl Check for EnvName {
    fn is_right(text: &str) -> bool {
        env_name_fault(text).is_none()
    }
}

fn env_name_fault(text: &str) -> Option<NameFault> {
    Some(if text.is_empty() {
        NameFault::Empty
    } else if let Some(sign) = stranger(text, label_byte) {
        NameFault::Sign(sign)
    } else if text.starts_with(|c: char| c.is_ascii_digit()) {
        NameFault::First
    } else if starts_as_parent(text) {
        NameFault::Points
    } else {
        return None;
    })
}

impl Leaf for PortName {
    const EXPECTED: &'static str = "the name of a port";
    const PATTERN: &'static str = "^[a-z0-9]([-a-z0-9]{0,13}[a-z0-9])?$";

    fn parse(text: &str) -> Result<Self, Invalid> {
        let Some(fault) = port_name_fault(text) else {
            return Ok(PortName(text.to_owned()));
        };
        Err(say::port_name(text, &fault, &spelled(&text.to_ascii_lowercase(), lower, "-")))
    }
}

impl Check for PortName {
    fn is_right(text: &str) -> bool {
        port_name_fault(text).is_none()
    }
}

fn port_name_fault(text: &str) -> Option<NameFault> {
    Some(if text.is_empty() {
        NameFault::Empty
    } else if let Some(sign) = stranger(text, lower_or_hyphen) {
        NameFault::Sign(sign)
    } else if text.len() > LONGEST_PORT_NAME {
        NameFault::Long(LONGEST_PORT_NAME)
    } else if !text.bytes().any(|b| b.is_ascii_lowercase()) {
        NameFault::NoLetter
    } else if text.starts_with('-') {
        NameFault::First
    } else if text.ends_with('-') {
        NameFault::Last
    } else if text.contains("--") {
        NameFault::TwoHyphens
    } else {
        return None;
    })
}

impl Leaf for SqlName {
    const EXPECTED: &'static str = "the name of a database or role";
    const PATTERN: &'static str = "^[a-z_][a-z0-9_]{0,62}$";

    fn parse(text: &str) -> Result<Self, Invalid> {
        let Some(fault) = sql_name_fault(text) else {
            return Ok(SqlName(text.to_owned()));
        };
        Err(say::sql_name(text, &fault, &spelled(&text.to_ascii_lowercase(), |b| lower(b) || b == b'_', "_")))
    }
}

impl Check for SqlName {
    fn is_right(text: &str) -> bool {
        sql_name_fault(text).is_none()
    }
}

fn sql_name_fault(text: &str) -> Option<NameFault> {
    Some(if text.is_empty() {
        NameFault::Empty
    } else if let Some(sign) = stranger(text, |b| lower(b) || b == b'_') {
        NameFault::Sign(sign)
    } else if text.len() > LONGEST_SQL_NAME {
        NameFault::Long(LONGEST_SQL_NAME)
    } else if text.starts_with(|c: char| c.is_ascii_digit()) {
        NameFault::First
    } else if text.starts_with("pg_") {
        NameFault::Reserved("pg_")
    } else {
        return None;
    })
}

/// The first character that is not of an alphabet of ASCII.
pub(super) fn stranger(text: &str, known: fn(u8) -> bool) -> Option<char> {
    text.chars().find(|c| !u8::try_from(*c).is_ok_and(|b| b.is_ascii() && known(b)))
}

/// Whether a text is `.`, or starts with `..` (`hasChDirPrefix`): as the name of a file it would lead elsewhere.
pub(super) fn starts_as_parent(text: &str) -> bool {
    text == "." || text.starts_with("..")
}

/// The words of a text, put together again with something that is allowed between them; empty where this would drop
/// letters that are not of ASCII.
pub(super) fn spelled(text: &str, word: fn(u8) -> bool, between: &str) -> String {
    if !text.is_ascii() {
        return String::new();
    }
    let words: Vec<&str> = text.split(|c: char| !u8::try_from(c).is_ok_and(word)).filter(|w| !w.is_empty()).collect();
    words.join(between)
}

#[cfg(test)]
mod tests {
    use super::super::testing::{fuzz, help, problem, read};
    use super::*;

    #[test]
    fn names() {
        let longest = "a".repeat(63);
        for text in ["a", "api", "my-app", "a1", "a--b", &longest] {
            assert_eq!(read::<Name>(text).as_str(), text);
        }
        for (text, expected) in [
            ("My_App", "write `my-app`"),
            ("my app", "write `my-app`"),
            ("my.app", "write `my-app`"),
            ("-app-", "write `app`"),
            ("2048", NAME),
            ("größe", NAME),
            ("", NAME),
            ("-", NAME),
            ("a\u{0}b", "write `a-b`"),
        ] {
            assert_eq!(help::<Name>(text), expected, "{text}");
        }
        assert_eq!(problem::<Name>("My_App"), "`My_App` is not a name: `M` cannot stand in it");
        assert_eq!(problem::<Name>("2048"), "`2048` is not a name: it does not start with a letter");
        assert!(problem::<Name>(&"a".repeat(64)).ends_with("is not a name: it is longer than 63 characters"));
        problem::<Name>(&"a".repeat(100_000));
    }

    const NAME: &str = "write lower-case letters, digits and `-`, a letter first, such as `my-app`";

    #[test]
    fn env_names() {
        for text in ["HOME", "_x", "a.b-c", "-", ".a", "A1"] {
            assert_eq!(read::<EnvName>(text).as_str(), text);
        }
        for (text, expected) in [
            ("MY VAR", "write `MY_VAR`"),
            ("A=B", "write `A_B`"),
            ("1ST", "write `_1ST`"),
            ("..a", "write `a`"),
            (".", ENV),
            ("", ENV),
            ("Ä", ENV),
        ] {
            assert_eq!(help::<EnvName>(text), expected, "{text}");
        }
    }

    const ENV: &str = "write letters, digits, `_`, `-` and `.`, no digit first, such as `DATABASE_URL`";

    #[test]
    fn port_names() {
        for text in ["http", "a", "8a", "http-metrics", "a23456789012345"] {
            assert_eq!(read::<PortName>(text).as_str(), text);
        }
        for (text, expected) in [
            ("HTTP", "write `http`"),
            ("http_2", "write `http-2`"),
            ("a--b", "write `a-b`"),
            ("-a", "write `a`"),
            ("8080", PORT),
            ("a234567890123456", PORT),
            ("", PORT),
            ("é", PORT),
        ] {
            assert_eq!(help::<PortName>(text), expected, "{text}");
        }
    }

    const PORT: &str = "write at most 15 lower-case letters, digits and `-`, one letter at least, such as `http`";

    #[test]
    fn sql_names() {
        for text in ["app", "_x", "shop_2", "pgx", &"a".repeat(63)] {
            assert_eq!(read::<SqlName>(text).as_str(), text);
        }
        for (text, expected) in [
            ("My-Shop", "write `my_shop`"),
            ("1st", SQL),
            ("pg_shop", SQL),
            ("é", SQL),
            ("", SQL),
            (&"a".repeat(64), SQL),
        ] {
            assert_eq!(help::<SqlName>(text), expected, "{text}");
        }
    }

    const SQL: &str = "write lower-case letters, digits and `_`, no digit first, such as `shop`";

    #[test]
    fn alphabets_of_kubernetes() {
        let label = "a".repeat(63);
        let long = "a".repeat(64);
        assert!(
            is_dns1123_label("1a") && is_dns1123_label(&label) && !is_dns1123_label(&long) && !is_dns1123_label("a.b")
        );
        assert!(
            is_dns1123_subdomain("a.b-c.1") && is_dns1123_subdomain(&long) && is_dns1123_subdomain(&"a".repeat(253))
        );
        for wrong in ["", ".", "a.", ".a", "a..b", "A", "a_b", "-a", "é", &"a".repeat(254)] {
            assert!(!is_dns1123_subdomain(wrong), "{wrong}");
        }
        assert!(is_dns1035_label("a1") && !is_dns1035_label("1a") && !is_dns1035_label(""));
        for right in ["", "a", "A.b_c-1", "1", &label] {
            assert!(is_label_value(right), "{right}");
        }
        for wrong in ["-a", "a.", "a b", "a/b", "é", &long] {
            assert!(!is_label_value(wrong), "{wrong}");
        }
        for right in ["team", "acme.io/Team_1", "a/b", &format!("{}/{label}", "a".repeat(253))] {
            assert!(is_qualified_name(right), "{right}");
        }
        for wrong in ["", "/", "a/", "/a", "a/b/c", "A.io/x", "-a", "é", &long] {
            assert!(!is_qualified_name(wrong), "{wrong}");
        }
    }

    #[test]
    fn never_panics() {
        let seeds = ["my-app", "My App 2", "a234567890123456", "..a", "DATABASE_URL"];
        fuzz::<Name>(&seeds);
        fuzz::<EnvName>(&seeds);
        fuzz::<PortName>(&seeds);
        fuzz::<SqlName>(&seeds);
    }
}
