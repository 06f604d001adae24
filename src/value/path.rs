//! Paths: in a container, of an HTTP request, and names of files.

use super::diags::Check;
use super::diags::text::{self as say, HttpFault, NameFault, PathFault};
use super::name::{LONGEST_SUBDOMAIN, label_byte, spelled, starts_as_parent, stranger};
use super::text::text_leaf;
use super::{Invalid, Leaf};

text_leaf! {
    /// A path in a container: absolute, without `..` (what `validatePathNoBacksteps` of Kubernetes refuses) and `:` (what
    /// it refuses in a mount path). Held without doubled slashes, `.` and a slash at the end, so that two texts of one
    /// path are equal.
    AbsolutePath
}

text_leaf! {
    /// A path of an HTTP request with or without a query: what a kubelet sends in a probe and what Ingress and Gateway
    /// match. No `//`, `.`, `..` and `%2F` in the path, no fragment, only characters of RFC 3986.
    HttpPath
}

text_leaf! {
    /// The name of a file, which is a key of a `ConfigMap` or `Secret` (`IsConfigMapKey`): at most 253 letters, digits, `-`,
    /// `_` and `.`, neither `.` nor anything that starts with `..`.
    FileName
}

impl AbsolutePath {
    /// Whether `other` is this path or lies below it.
    pub fn covers(&self, other: &Self) -> bool {
        let below = other.as_str().strip_prefix(self.as_str());
        below.is_some_and(|rest| rest.is_empty() || rest.starts_with('/') || self.as_str() == "/")
    }
}

impl HttpPath {
    /// The path in front of the query.
    pub fn path(&self) -> &str {
        self.as_str().split_once('?').map_or(self.as_str(), |(path, _)| path)
    }

    /// What stands behind the first `?`.
    pub fn query(&self) -> Option<&str> {
        self.as_str().split_once('?').map(|(_, query)| query)
    }
}

impl Leaf for AbsolutePath {
    const EXPECTED: &'static str = "an absolute path";
    const PATTERN: &'static str = "^/[^:]*$";

    fn parse(text: &str) -> Result<Self, Invalid> {
        let Some(fault) = path_fault(text) else {
            return Ok(AbsolutePath(normal(text)));
        };
        let elsewhere = text.is_empty() || text.starts_with(['~', '$', '.']);
        Err(say::path(text, &fault, &if elsewhere { String::new() } else { normal(text.trim()) }))
    }
}

impl Check for AbsolutePath {
    fn is_right(text: &str) -> bool {
        path_fault(text).is_none()
    }
}

fn path_fault(text: &str) -> Option<PathFault> {
    Some(if text.is_empty() {
        PathFault::Empty
    } else if text.contains(char::is_control) || text.trim() != text {
        PathFault::Sign
    } else if !text.starts_with('/') {
        PathFault::Relative
    } else if text.contains(':') {
        PathFault::Colon
    } else if text.split('/').any(|part| part == "..") {
        PathFault::Parent
    } else {
        return None;
    })
}

/// The path from the root on, without what does not change it.
fn normal(text: &str) -> String {
    let mut parts: Vec<&str> = Vec::new();
    for part in text.split('/') {
        match part {
            "" | "." => {}
            ".." => drop(parts.pop()),
            _ => parts.push(part),
        }
    }
    format!("/{}", parts.join("/"))
}

impl Leaf for HttpPath {
    const EXPECTED: &'static str = "a path of an HTTP request";
    const PATTERN: &'static str = "^/[-A-Za-z0-9/._~!$&'()*+,;=:@%?]*$";

    fn parse(text: &str) -> Result<Self, Invalid> {
        match http_fault(text) {
            None => Ok(HttpPath(text.to_owned())),
            Some(HttpFault::Empty) => Err(say::http_path(text, &HttpFault::Empty, "")),
            Some(fault) => Err(say::http_path(text, &fault, &request_path(text))),
        }
    }
}

impl Check for HttpPath {
    fn is_right(text: &str) -> bool {
        http_fault(text).is_none()
    }
}

fn http_fault(text: &str) -> Option<HttpFault> {
    if text.is_empty() {
        return Some(HttpFault::Empty);
    }
    if !text.starts_with('/') {
        return Some(if text.contains("://") { HttpFault::Url } else { HttpFault::Relative });
    }
    if text.contains('#') {
        return Some(HttpFault::Fragment);
    }
    let known = |b: u8| b.is_ascii_alphanumeric() || b"/-._~!$&'()*+,;=:@%?".contains(&b);
    if let Some(sign) = stranger(text, known) {
        return Some(HttpFault::Sign(sign));
    }
    let hex = |s: Option<&str>| s.is_some_and(|s| s.bytes().all(|b| b.is_ascii_hexdigit()));
    if text.split('%').skip(1).any(|behind| !hex(behind.get(..2))) {
        return Some(HttpFault::Percent);
    }
    let path = text.split('?').next().unwrap_or_default();
    if path.contains("//") {
        return Some(HttpFault::TwoSlashes);
    }
    if path.split('/').any(|part| matches!(part, "." | "..")) {
        return Some(HttpFault::Points);
    }
    path.to_ascii_lowercase().contains("%2f").then_some(HttpFault::EncodedSlash)
}

/// The request path of a URL, or of a text that is nearly one.
fn request_path(text: &str) -> String {
    let path = match text.split_once("://") {
        Some((_, rest)) => rest.split_once('/').map_or("", |(_, path)| path),
        None => text,
    };
    let path = path.split('#').next().unwrap_or_default();
    let (path, query) = path.split_once('?').map_or((path, None), |(path, query)| (path, Some(query)));
    let end = if path.len() > 1 && path.ends_with('/') { "/" } else { "" };
    let query = query.map_or_else(String::new, |query| format!("?{query}"));
    let path = normal(path);
    let end = if path == "/" { "" } else { end };
    format!("{path}{end}{query}").replace(' ', "%20")
}

impl Leaf for FileName {
    const EXPECTED: &'static str = "the name of a file";
    const PATTERN: &'static str = "^[-._a-zA-Z0-9]{1,253}$";

    fn parse(text: &str) -> Result<Self, Invalid> {
        let Some(fault) = file_name_fault(text) else {
            return Ok(FileName(text.to_owned()));
        };
        let last = text.trim_end_matches('/').rsplit('/').next().unwrap_or_default();
        Err(say::file_name(text, &fault, &spelled(last, label_byte, "-")))
    }
}

impl Check for FileName {
    fn is_right(text: &str) -> bool {
        file_name_fault(text).is_none()
    }
}

fn file_name_fault(text: &str) -> Option<NameFault> {
    Some(if text.is_empty() {
        NameFault::Empty
    } else if text.contains('/') {
        NameFault::Folder
    } else if let Some(sign) = stranger(text, label_byte) {
        NameFault::Sign(sign)
    } else if text.len() > LONGEST_SUBDOMAIN {
        NameFault::Long(LONGEST_SUBDOMAIN)
    } else if starts_as_parent(text) {
        NameFault::Points
    } else {
        return None;
    })
}

#[cfg(test)]
mod tests {
    use super::super::testing::{fuzz, help, problem, read};
    use super::*;

    #[test]
    fn absolute_paths() {
        for (text, path) in [
            ("/", "/"),
            ("///", "/"),
            ("/data", "/data"),
            ("/data/", "/data"),
            ("/var//lib/./data", "/var/lib/data"),
            ("/my data/é", "/my data/é"),
            ("/..a/...", "/..a/..."),
        ] {
            assert_eq!(read::<AbsolutePath>(text).as_str(), path);
        }
        let path = read::<AbsolutePath>;
        assert!(
            path("/data").covers(&path("/data/x"))
                && path("/").covers(&path("/data"))
                && path("/a").covers(&path("/a"))
        );
        assert!(!path("/data").covers(&path("/database")) && !path("/data").covers(&path("/")));
        for (text, expected) in [
            ("data/x/", "write `/data/x`"),
            ("/var/lib/../data", "write `/var/data`"),
            ("/data ", "write `/data`"),
            ("~/data", PATH),
            ("./data", PATH),
            ("C:\\data", PATH),
            ("/a:b", PATH),
            ("/a\nb", PATH),
            ("", PATH),
        ] {
            assert_eq!(help::<AbsolutePath>(text), expected, "{text}");
        }
        assert_eq!(problem::<AbsolutePath>("data"), "`data` is not an absolute path: it does not start with `/`");
        problem::<AbsolutePath>(&"../".repeat(50_000));
    }

    const PATH: &str = "write a path such as `/var/lib/data`";

    #[test]
    fn http_paths() {
        for (text, path, query) in [
            ("/", "/", None),
            ("/healthz", "/healthz", None),
            ("/a/", "/a/", None),
            ("/ready?full=1&x=/y//z?", "/ready", Some("full=1&x=/y//z?")),
            ("/a%20b/~c;d=(e)", "/a%20b/~c;d=(e)", None),
            ("/..a", "/..a", None),
            ("/?%2F", "/", Some("%2F")),
        ] {
            let parsed = read::<HttpPath>(text);
            assert_eq!((parsed.path(), parsed.query(), parsed.as_str()), (path, query, text));
        }
        for (text, expected) in [
            ("healthz", "write `/healthz`"),
            ("http://localhost:8080/healthz?x", "write `/healthz?x`"),
            ("http://localhost:8080", "write `/`"),
            ("//healthz//x/", "write `/healthz/x/`"),
            ("/a/../b", "write `/b`"),
            ("/a#b", "write `/a`"),
            ("/a b", "write `/a%20b`"),
            ("/a%2Fb", HTTP),
            ("/100%", "write two hexadecimal digits behind each `%`, and `%25` for the sign itself"),
            ("/%2", "write two hexadecimal digits behind each `%`, and `%25` for the sign itself"),
            ("/%é", HTTP),
            ("/é", HTTP),
            ("/a\\b", HTTP),
            ("", HTTP),
        ] {
            assert_eq!(help::<HttpPath>(text), expected, "{text}");
        }
        problem::<HttpPath>(&"a?".repeat(50_000));
    }

    const HTTP: &str = "write a path such as `/healthz` or `/ready?full=1`";

    #[test]
    fn file_names() {
        let longest = "a".repeat(253);
        for text in ["app.conf", ".env", "-", "_", "A-1", &longest] {
            assert_eq!(read::<FileName>(text).as_str(), text);
        }
        for (text, expected) in [
            ("conf/app.conf", "write `app.conf`; the folder is stated elsewhere"),
            ("my app.conf", "write `my-app.conf`"),
            (".", FILE),
            ("..", FILE),
            ("..data", FILE),
            ("/", FILE),
            ("", FILE),
            ("é", FILE),
        ] {
            assert_eq!(help::<FileName>(text), expected, "{text}");
        }
        problem::<FileName>(&"a".repeat(254));
    }

    const FILE: &str = "write letters, digits, `-`, `_` and `.`, such as `app.conf`";

    #[test]
    fn never_panics() {
        let seeds = ["/var/lib/data", "http://a:1/b?c#d", "../x", "/a%20b", "app.conf", "/ready?full=1"];
        fuzz::<AbsolutePath>(&seeds);
        fuzz::<HttpPath>(&seeds);
        fuzz::<FileName>(&seeds);
    }
}
