//! Whether a rendered file is of the format that its name promises.

/// What is wrong with the text of `file`, as a phrase; `None` if nothing is or the format is not known.
pub(super) fn problem(file: &str, text: &str) -> Option<String> {
    let (_, ending) = file.rsplit_once('.')?;
    match ending {
        "yaml" | "yml" => serde_yaml::from_str::<serde::de::IgnoredAny>(text).err().map(|error| error.to_string()),
        "json" => serde_json::from_str::<serde::de::IgnoredAny>(text).err().map(|error| error.to_string()),
        "toml" => toml::de::DeTable::parse(text).err().map(|error| error.message().to_owned()),
        _ => None,
    }
}
