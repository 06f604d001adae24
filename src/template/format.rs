//! Whether a rendered file is of the format that its name promises.

/// What is wrong with the text of `file`, as a phrase; `None` if nothing is or the format is not known.
pub(super) fn problem(file: &str, text: &str) -> Option<String> {
    let (_, ending) = file.rsplit_once('.')?;
    match ending {
        "yaml" | "yml" if is_simple_yaml(text) => None,
        "yaml" | "yml" => serde_yaml::from_str::<serde::de::IgnoredAny>(text).err().map(|error| error.to_string()),
        "json" => serde_json::from_str::<serde::de::IgnoredAny>(text).err().map(|error| error.to_string()),
        "toml" => toml::de::DeTable::parse(text).err().map(|error| error.message().to_owned()),
        _ => None,
    }
}

/// Whether a text is YAML beyond doubt: comments and lines of `key:` and `key: value`, nested by their indentation. Most
/// configuration is, and this look at it is a tenth of the parser's work; of anything else the parser is the judge.
fn is_simple_yaml(text: &str) -> bool {
    // The columns of the maps that are open, and whether the last key has no value yet.
    let (mut columns, mut awaits) = (vec![0], false);
    for line in text.lines() {
        let column = line.bytes().take_while(|b| *b == b' ').count();
        let content = line.get(column..).unwrap_or_default();
        if !content.bytes().all(|b| matches!(b, b' '..=b'~')) {
            return false;
        }
        if content.is_empty() || content.starts_with('#') {
            continue;
        }
        if awaits && columns.last().is_some_and(|last| column > *last) {
            columns.push(column);
        }
        while columns.last().is_some_and(|last| column < *last) {
            columns.pop();
        }
        let Some((key, value)) = content.split_once(':') else { return false };
        if columns.last() != Some(&column) || !is_simple_key(key) || !is_simple_value(value) {
            return false;
        }
        awaits = value.is_empty();
    }
    true
}

fn is_simple_key(key: &str) -> bool {
    key.starts_with(|c: char| c.is_ascii_alphanumeric())
        && key.len() < 100
        && key.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'.' | b'/'))
}

/// What follows the `:` of a key: nothing, or a space and a plain scalar on the same line.
fn is_simple_value(value: &str) -> bool {
    let Some(scalar) = value.strip_prefix(' ') else { return value.is_empty() };
    let has_syntax = || scalar.as_bytes().windows(2).any(|two| matches!(two, b": " | b" #"));
    scalar.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '/') && !scalar.ends_with(':') && !has_syntax()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_simple_is_yaml() {
        let lines = [
            "a:",
            "a: b",
            "a-b.c/d: /x y",
            "  b: c",
            "  b:",
            "    c: 1",
            " d: e:f",
            "# x",
            "   # a: b: c",
            "",
            "  - a: b",
            "a: b: c",
            "a: b #c",
            "a b",
            "---",
            "a: é",
            "a: b:",
            "a: b ",
        ];
        let mut simple = 0;
        let mut check = |text: &str| {
            if is_simple_yaml(text) {
                simple += 1;
                let read = serde_yaml::from_str::<serde::de::IgnoredAny>(text);
                assert!(read.is_ok(), "{text:?}: {read:?}");
            }
        };
        for a in lines {
            for b in lines {
                for c in lines {
                    for d in lines {
                        check(&[a, b, c, d].join("\n"));
                    }
                }
            }
        }
        assert!(simple > 1000, "{simple}");
    }

    #[test]
    fn configuration_is_simple() {
        let text = "# A comment: yes\nserver:\n  port: 8080\n\n  tls:\n      on: true\nspring.application.name: api\n";
        assert!(is_simple_yaml(text) && is_simple_yaml(""));
        assert!(
            !is_simple_yaml("a:\n  - b\n") && !is_simple_yaml("a: b\n  c: d\n") && !is_simple_yaml("a:\n   b:\n  c:")
        );
    }

    #[test]
    fn the_parser_judges_the_rest() {
        assert_eq!(problem("a.yaml", "a:\n- b\n- {c: d}\n"), None);
        assert!(problem("a.yaml", "a: b\n  c: d\n").is_some() && problem("a.yml", "a: [\n").is_some());
    }
}
