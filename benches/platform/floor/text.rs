//! Pieces of YAML.

/// Appends texts.
pub fn put(out: &mut String, texts: &[&str]) {
    for text in texts {
        out.push_str(text);
    }
}

/// Starts a document.
pub fn document(out: &mut String, head: &str) {
    if !out.is_empty() {
        out.push_str("---\n");
    }
    out.push_str(head);
}

/// Appends a text of the spec, quoted where a reader could take it for a number, a word of YAML or syntax.
pub fn scalar(out: &mut String, text: &str) {
    const OF_NUMBERS: &[u8] = b"0123456789abcdefinotxz.,:+-_";
    let like_number = || text.bytes().all(|byte| OF_NUMBERS.contains(&byte.to_ascii_lowercase()));
    let plain = match text.bytes().next() {
        Some(b'0'..=b'9') => !like_number(),
        Some(b'e' | b'E') => !text.ends_with(|last: char| last.is_ascii_digit()) || !like_number(),
        Some(b'a'..=b'z' | b'A'..=b'Z' | b'/') => !["true", "false", "yes", "no", "on", "off", "null"].contains(&text),
        _ => false,
    };
    if plain {
        out.push_str(text);
    } else {
        put(out, &["\"", text, "\""]);
    }
}

/// The beginning of a custom resource's metadata.
pub const CUSTOM: &str = "metadata:
  annotations:
    argocd.argoproj.io/sync-options: SkipDryRunOnMissingResource=true
";

/// Metadata of what belongs to an application.
pub fn metadata(out: &mut String, platform: &str, application: &str, name: &str, namespace: &str) {
    out.push_str("metadata:\n");
    labels(out, platform, application, name, namespace);
}

/// Metadata of what belongs to the platform.
pub fn platform_metadata(out: &mut String, platform: &str, name: &str, namespace: &str) {
    out.push_str("metadata:\n");
    platform_labels(out, platform, name, namespace);
}

/// The rest of an application's metadata, after annotations.
pub fn labels(out: &mut String, platform: &str, application: &str, name: &str, namespace: &str) {
    put(out, &["  labels:\n    app.kubernetes.io/instance: ", application]);
    put(out, &["\n    app.kubernetes.io/managed-by: dpjgen\n    app.kubernetes.io/name: ", application]);
    put(out, &["\n    app.kubernetes.io/part-of: ", platform, "\n  name: ", name, "\n  namespace: ", namespace, "\n"]);
}

/// The rest of the platform's metadata, after annotations.
pub fn platform_labels(out: &mut String, platform: &str, name: &str, namespace: &str) {
    out.push_str("  labels:\n    app.kubernetes.io/managed-by: dpjgen\n    app.kubernetes.io/part-of: ");
    put(out, &[platform, "\n  name: ", name, "\n  namespace: ", namespace, "\n"]);
}

/// The seconds of a duration such as `5m`.
pub fn seconds(duration: &str) -> u64 {
    let unit = match duration.as_bytes().last() {
        Some(b'm') => 60,
        Some(b'h') => 3600,
        Some(b'd') => 86400,
        _ => 1,
    };
    let number = duration.trim_end_matches(|letter: char| !letter.is_ascii_digit());
    number.parse::<u64>().map_or(0, |number| number * unit)
}
