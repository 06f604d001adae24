//! What the tests of all leaves share.

use std::fmt::{Debug, Display};

use super::{Invalid, Leaf};

/// The value of a text that must be right.
pub(super) fn read<T: Leaf + Debug>(text: &str) -> T {
    T::parse(text).unwrap_or_else(|invalid| panic!("{text}: {invalid:?}"))
}

/// The problem of a text that must be wrong.
pub(super) fn problem<T: Leaf + Debug>(text: &str) -> String {
    wrong::<T>(text).problem
}

/// The help for a text that must be wrong.
pub(super) fn help<T: Leaf + Debug>(text: &str) -> String {
    wrong::<T>(text).help
}

fn wrong<T: Leaf + Debug>(text: &str) -> Invalid {
    match T::parse(text) {
        Ok(value) => panic!("`{text}` was read as {value:?}"),
        Err(invalid) => {
            check::<T>(text, &invalid);
            invalid
        }
    }
}

/// A message is one line, short, without a full stop, and what it suggests is right.
pub(super) fn check<T: Leaf>(text: &str, invalid: &Invalid) {
    for line in [&invalid.problem, &invalid.help] {
        assert!(!line.is_empty() && !line.ends_with('.'), "{text:?}: {invalid:?}");
        assert!(line.chars().count() < 300 && !line.contains(char::is_control), "{text:?}: {invalid:?}");
    }
    if let Some((suggestion, _)) = invalid.help.strip_prefix("write `").and_then(|rest| rest.split_once('`')) {
        let bare = suggestion.trim_matches('"');
        let integer = bare.parse().ok().and_then(T::from_integer);
        let right = T::parse(bare).is_ok() || integer.is_some_and(|value| value.is_ok());
        assert!(right, "{text:?}: the suggestion is wrong: {invalid:?}");
    }
}

/// Reads thousands of texts made from the seeds, always the same ones: none may panic, and what is read has a canonical
/// text that reads as the same value.
pub(super) fn fuzz<T: Leaf + Display + Debug + PartialEq>(seeds: &[&str]) {
    const POOL: &[&str] = &[
        "", "0", "1", "9", "65535", "a", "Z", "i", "M", "e", ".", "..", "-", "--", "_", "/", "//", ":", "@", "%",
        "%2f", "#", "?", "*", " ", "\n", "\0", "[", "]", "`", "\"", "é", "٣", "😀", "\u{301}", "sha256:", "::",
        "https://", "latest", "+",
    ];
    let mut state: u64 = 0x9e37_79b9_7f4a_7c15;
    let mut below = |n: usize| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(state >> 33).unwrap() % n
    };
    for round in 0..20_000 {
        let mut chars: Vec<char> = seeds[below(seeds.len())].chars().collect();
        for _ in 0..below(5) {
            let (from, to) = (below(chars.len() + 1), below(chars.len() + 1));
            match below(4) {
                0 => drop(chars.drain(from.min(to)..from.max(to))),
                1 => chars.extend_from_within(from.min(to)..from.max(to)),
                _ => drop(chars.splice(from..from, POOL[below(POOL.len())].chars())),
            }
        }
        let text: String = chars.into_iter().collect();
        match T::parse(&text) {
            Ok(value) => {
                assert_eq!(T::parse(&value.to_string()).as_ref(), Ok(&value), "round {round}: {text:?}");
            }
            Err(invalid) => check::<T>(&text, &invalid),
        }
    }
    for value in [i64::MIN, -1, 0, 1, 100, 65_535, 65_536, i64::MAX] {
        if let Some(Err(invalid)) = T::from_integer(value) {
            check::<T>(&value.to_string(), &invalid);
        }
    }
}
