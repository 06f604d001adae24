//! Port numbers.

use std::fmt;

use super::diags::address as say;
use super::{Invalid, Leaf};

/// A port from 1 to 65535, written as an integer. Every text is refused: where Kubernetes takes a text, it is a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Port(u16);

impl Port {
    /// A port that the program knows of; `None` for 0.
    pub const fn new(number: u16) -> Option<Self> {
        if number == 0 { None } else { Some(Port(number)) }
    }

    /// Its number.
    pub fn number(self) -> u16 {
        self.0
    }
}

impl Leaf for Port {
    const EXPECTED: &'static str = "a port";

    fn parse(text: &str) -> Result<Self, Invalid> {
        let number = text.trim().parse::<u16>().ok().filter(|n| *n > 0);
        Err(say::port_text(text, number))
    }

    fn from_integer(value: i64) -> Option<Result<Self, Invalid>> {
        let port = u16::try_from(value).ok().and_then(Port::new);
        Some(port.ok_or_else(|| say::port_range(value)))
    }
}

impl fmt::Display for Port {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{fuzz, help, problem};
    use super::*;

    #[test]
    fn integers_only() {
        let port = |n| Port::from_integer(n).unwrap();
        assert_eq!((port(1), port(65_535)), (Ok(Port(1)), Ok(Port(65_535))));
        assert_eq!(port(8080).unwrap().to_string(), "8080");
        for wrong in [0, -1, 65_536, i64::MIN, i64::MAX] {
            let invalid = port(wrong).unwrap_err();
            assert_eq!(invalid.problem, format!("`{wrong}` is not a port: it is outside of 1 to 65535"));
        }
        assert_eq!((Port::new(0), Port::new(80)), (None, Some(Port(80))));
    }

    #[test]
    fn texts_are_refused() {
        for (text, expected) in [
            ("8080", "write `8080` without quotes"),
            (" 8080 ", "write `8080` without quotes"),
            ("65536", PORT),
            ("0", PORT),
            ("", PORT),
            ("http", PORT),
            ("80:8080", PORT),
            ("٨٠", PORT),
        ] {
            assert_eq!(help::<Port>(text), expected, "{text}");
        }
        assert_eq!(problem::<Port>("8080"), "`8080` is not a port: it is a text");
        problem::<Port>(&"9".repeat(100_000));
    }

    const PORT: &str = "write an integer from 1 to 65535, without quotes";

    #[test]
    fn never_panics() {
        fuzz::<Port>(&["8080", "http", "65535"]);
    }
}
