//! Image references.

use std::fmt;

use super::diags::address::{self as say, ImageFault};
use super::diags::{self, Check, space};
use super::registry::{Registry, domain_fault, is_domain, is_path_component};
use super::{Invalid, Leaf};

/// An image and its version: `[REGISTRY/]PATH[:TAG][@DIGEST]` by the grammar of github.com/distribution/reference, with a
/// tag or a digest. Digests are those of OCI: `sha256` or `sha512` in lower-case hexadecimal.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Image {
    registry: Option<String>,
    path: String,
    tag: Option<String>,
    digest: Option<String>,
}

/// Longest path in characters, as the reference grammar's `RepositoryNameTotalLengthMax` has it.
const LONGEST_PATH: usize = 255;
/// Longest tag.
const LONGEST_TAG: usize = 128;

impl Image {
    /// The registry's host with its port, if the reference names one. It does if its first component has a `.` or a `:`
    /// or is `localhost`; otherwise container runtimes take the image from docker.io.
    pub fn registry(&self) -> Option<&str> {
        self.registry.as_deref()
    }

    /// The path within the registry, such as `acme/app`.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// The tag.
    pub fn tag(&self) -> Option<&str> {
        self.tag.as_deref()
    }

    /// The digest with its algorithm, `sha256:…`.
    pub fn digest(&self) -> Option<&str> {
        self.digest.as_deref()
    }

    /// The reference with `registry` in front of it if it names none itself.
    pub fn with_registry(&self, registry: &Registry) -> String {
        if self.registry.is_some() { self.to_string() } else { format!("{registry}/{self}") }
    }
}

impl Leaf for Image {
    const EXPECTED: &'static str = "an image reference";
    const PATTERN: &'static str = r"^[a-z0-9\[][-a-z0-9._:/\[\]]*(:[A-Za-z0-9_][-A-Za-z0-9_.]{0,127})?(@sha(256:[0-9a-f]{64}|512:[0-9a-f]{128}))?$";

    fn parse(text: &str) -> Result<Self, Invalid> {
        if text.contains(char::is_whitespace) {
            return Err(space::<Self>(&diags::IMAGE, text));
        }
        read(text).map_err(|fault| {
            let behind = text.split_once("://").map_or(text, |(_, rest)| rest);
            let (name, version) = split(behind);
            say::image(text, &fault, &format!("{}{version}", name.trim_matches('/').to_ascii_lowercase()))
        })
    }
}

impl Check for Image {
    fn is_right(text: &str) -> bool {
        read(text).is_ok()
    }
}

/// The name, and tag and digest with their signs.
fn split(text: &str) -> (&str, &str) {
    let digest = text.find('@').unwrap_or(text.len());
    let (before, _) = text.split_at(digest);
    let last = before.rfind('/').map_or(0, |i| i + 1);
    let name = before.get(last..).and_then(|s| s.find(':')).map_or(digest, |i| last + i);
    text.split_at(name)
}

fn read(text: &str) -> Result<Image, ImageFault<'_>> {
    if text.is_empty() {
        return Err(ImageFault::Empty);
    }
    if text.contains("://") {
        return Err(ImageFault::Scheme);
    }
    let (name, version) = split(text);
    if name.bytes().any(|b| b.is_ascii_uppercase()) {
        return Err(ImageFault::Case);
    }
    let (registry, path) = match name.split_once('/') {
        Some((first, rest)) if is_domain(first) => (Some(first), rest),
        _ => (None, name),
    };
    if let Some(fault) = registry.and_then(domain_fault) {
        return Err(ImageFault::Registry(fault));
    }
    if let Some(component) = path.split('/').find(|c| !is_path_component(c)) {
        return Err(ImageFault::Component(component));
    }
    if path.len() > LONGEST_PATH {
        return Err(ImageFault::LongPath(LONGEST_PATH));
    }
    let (tag, digest) = match version.split_once('@') {
        Some((tag, digest)) => (tag, Some(digest)),
        None => (version, None),
    };
    let tag = tag.strip_prefix(':');
    if let Some(tag) = tag
        && !is_tag(tag)
    {
        return Err(ImageFault::Tag(tag));
    }
    if let Some(digest) = digest
        && !is_digest(digest)
    {
        return Err(ImageFault::Digest(digest));
    }
    match (tag, digest) {
        (None, None) => return Err(ImageFault::NoVersion),
        // With a digest the tag is only a remark.
        (Some("latest"), None) => return Err(ImageFault::Latest(name)),
        _ => {}
    }
    let owned = |s: &str| s.to_owned();
    Ok(Image { registry: registry.map(owned), path: owned(path), tag: tag.map(owned), digest: digest.map(owned) })
}

fn is_tag(text: &str) -> bool {
    let word = |b: u8| b.is_ascii_alphanumeric() || b == b'_';
    text.len() <= LONGEST_TAG
        && text.bytes().next().is_some_and(word)
        && text.bytes().all(|b| word(b) || matches!(b, b'.' | b'-'))
}

fn is_digest(text: &str) -> bool {
    let (algorithm, hex) = text.split_once(':').unwrap_or((text, ""));
    let length = match algorithm {
        "sha256" => 64,
        "sha512" => 128,
        _ => return false,
    };
    hex.len() == length && hex.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'))
}

impl fmt::Display for Image {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(registry) = &self.registry {
            write!(f, "{registry}/")?;
        }
        f.write_str(&self.path)?;
        if let Some(tag) = &self.tag {
            write!(f, ":{tag}")?;
        }
        self.digest.iter().try_for_each(|digest| write!(f, "@{digest}"))
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{fuzz, help, problem, read};
    use super::*;

    const SHA: &str = "sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

    #[test]
    fn reads_references() {
        let pinned = format!("ghcr.io/acme/app:1@{SHA}");
        let digest = format!("app@{SHA}");
        let latest = format!("app:latest@{SHA}");
        let longest = format!("app:{}", "1".repeat(128));
        for (text, registry, path, tag, digest) in [
            ("nginx:1.27", None, "nginx", Some("1.27"), None),
            ("acme/app:v1_2-b.3", None, "acme/app", Some("v1_2-b.3"), None),
            ("ghcr.io/acme/app:1", Some("ghcr.io"), "acme/app", Some("1"), None),
            ("localhost/app:1", Some("localhost"), "app", Some("1"), None),
            ("registry:5000/app:Beta", Some("registry:5000"), "app", Some("Beta"), None),
            ("[::1]:5000/app:1", Some("[::1]:5000"), "app", Some("1"), None),
            ("registry.example.com:5000", None, "registry.example.com", Some("5000"), None),
            (&pinned, Some("ghcr.io"), "acme/app", Some("1"), Some(SHA)),
            (&digest, None, "app", None, Some(SHA)),
            (&latest, None, "app", Some("latest"), Some(SHA)),
            (&longest, None, "app", longest.strip_prefix("app:"), None),
        ] {
            let image = read::<Image>(text);
            assert_eq!(image.to_string(), text);
            assert_eq!((image.registry(), image.path(), image.tag(), image.digest()), (registry, path, tag, digest));
        }
        read::<Image>(&format!("app@sha512:{}", "a".repeat(128)));
        read::<Image>(&format!("{}:1", "a".repeat(255)));
    }

    #[test]
    fn takes_a_registry_only_without_one() {
        let mirror = read::<Registry>("mirror.example.com/hub");
        let with = |text: &str| read::<Image>(text).with_registry(&mirror);
        assert_eq!(with("nginx:1"), "mirror.example.com/hub/nginx:1");
        assert_eq!(with("acme/app:1"), "mirror.example.com/hub/acme/app:1");
        assert_eq!(with("ghcr.io/acme/app:1"), "ghcr.io/acme/app:1");
        assert_eq!(with("localhost/app:1"), "localhost/app:1");
    }

    #[test]
    fn mistakes_get_their_own_help() {
        for (text, expected) in [
            ("nginx", "write the version too, such as `nginx:1.2.3` or `nginx@sha256:…`"),
            ("nginx:latest", "write the version instead, such as `nginx:1.2.3` or `nginx@sha256:…`"),
            ("docker://nginx:1", "write `nginx:1`"),
            ("https://ghcr.io/acme/App:1", "write `ghcr.io/acme/app:1`"),
            ("ghcr.io/Acme/App:1-RC", "write `ghcr.io/acme/app:1-RC`"),
            ("nginx :1", "write `nginx:1`"),
            ("app:", TAG),
            ("app:1.0+build", TAG),
            ("app:-1", TAG),
            ("app:1:2", TAG),
            ("app@sha256:abc", DIGEST),
            ("app@md5:0123456789abcdef0123456789abcdef", DIGEST),
            ("app@", DIGEST),
            ("app:1@", DIGEST),
            ("ghcr.io:0/app:1", IMAGE),
            ("a//b:1", IMAGE),
            ("/app:1", "write `app:1`"),
            ("app_:1", IMAGE),
            ("${REGISTRY}/app:1", IMAGE),
            (":1", IMAGE),
            ("@", IMAGE),
            ("", IMAGE),
            ("é:1", IMAGE),
        ] {
            assert_eq!(help::<Image>(text), expected, "{text}");
        }
        assert!(problem::<Image>("nginx:latest").contains("changes with every push"));
        problem::<Image>(&format!("app:{}", "1".repeat(129)));
        problem::<Image>(&format!("{}:1", "a".repeat(256)));
        problem::<Image>(&format!("app@{}", SHA.to_uppercase()));
        problem::<Image>(&"a:/@".repeat(50_000));
    }

    const IMAGE: &str = "write a reference such as `ghcr.io/acme/app:1.2.3`";
    const TAG: &str =
        "write a tag of at most 128 letters, digits, `_`, `.` and `-`, the first of them a letter, a digit or `_`";
    const DIGEST: &str = "write a digest as `sha256:` and 64 lower-case hexadecimal digits, or `sha512:` and 128";

    #[test]
    fn never_panics() {
        fuzz::<Image>(&[
            "ghcr.io/acme/app:1.2.3",
            "localhost:5000/a/b:c",
            &format!("a/b:c@{SHA}"),
            "docker://A:1",
            "[::1]:1/a:b",
        ]);
    }
}
