//! Container registries, and the rules that they share with image references.

use std::net::Ipv6Addr;

use super::diags::address::{self as say, RegistryFault};
use super::diags::{self, Check, space};
use super::name::is_framed;
use super::text::text_leaf;
use super::{Invalid, Leaf};

text_leaf! {
    /// Where images come from: `HOST[:PORT][/PATH]`, without a slash at the end. The host has a point or a port or is
    /// `localhost`; the reference grammar (github.com/distribution/reference) would take any other for a path.
    Registry
}

impl Registry {
    /// The host with its port.
    pub fn domain(&self) -> &str {
        self.as_str().split_once('/').map_or(self.as_str(), |(domain, _)| domain)
    }

    /// The path below which the images lie, without a slash at either end, if there is one.
    pub fn path(&self) -> Option<&str> {
        self.as_str().split_once('/').map(|(_, path)| path)
    }
}

impl Leaf for Registry {
    const EXPECTED: &'static str = "a registry";
    const PATTERN: &'static str = r"^([a-z0-9][-a-z0-9.]*|\[[0-9a-f:]+\])(:[0-9]{1,5})?(/[a-z0-9][-a-z0-9._]*)*$";

    fn parse(text: &str) -> Result<Self, Invalid> {
        if text.contains(char::is_whitespace) {
            return Err(space::<Self>(&diags::HOST, text));
        }
        match fault(text) {
            None => Ok(Registry(text.to_owned())),
            Some(fault) => {
                let behind = text.split_once("://").map_or(text, |(_, rest)| rest);
                Err(say::registry(text, &fault, &behind.trim_end_matches('/').to_ascii_lowercase()))
            }
        }
    }
}

impl Check for Registry {
    fn is_right(text: &str) -> bool {
        fault(text).is_none()
    }
}

fn fault(text: &str) -> Option<RegistryFault<'_>> {
    if text.is_empty() {
        return Some(RegistryFault::Empty);
    }
    if text.contains("://") {
        return Some(RegistryFault::Scheme);
    }
    if text.ends_with('/') {
        return Some(RegistryFault::FinalSlash);
    }
    let (domain, path) = text.split_once('/').map_or((text, None), |(domain, path)| (domain, Some(path)));
    if let Some(fault) = domain_fault(domain) {
        return Some(fault);
    }
    if !is_domain(domain) {
        return Some(RegistryFault::NoPoint(domain));
    }
    path.and_then(|path| path.split('/').find(|part| !is_path_component(part))).map(RegistryFault::Component)
}

/// Whether the first component of a reference names a registry, by the rule of container runtimes.
pub(super) fn is_domain(component: &str) -> bool {
    component.contains(['.', ':']) || component == "localhost"
}

/// What is wrong with `HOST[:PORT]`. Of the grammar's hosts, those with upper-case letters are refused, so that one
/// registry has one spelling.
pub(super) fn domain_fault(domain: &str) -> Option<RegistryFault<'_>> {
    if domain.bytes().any(|b| b.is_ascii_uppercase()) {
        return Some(RegistryFault::Case);
    }
    let (host, port) = match domain.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        Some((address, behind)) => {
            let port = if behind.is_empty() { Some(None) } else { behind.strip_prefix(':').map(Some) };
            match (address.parse::<Ipv6Addr>(), port) {
                (Ok(_), Some(port)) if address.bytes().all(|b| b != b'.') => (None, port),
                _ => return Some(RegistryFault::Host(domain)),
            }
        }
        None => match domain.split_once(':') {
            Some((host, port)) => (Some(host), Some(port)),
            None => (Some(domain), None),
        },
    };
    if host.is_some_and(|host| !host.split('.').all(is_domain_component)) {
        return Some(RegistryFault::Host(domain));
    }
    let wrong = |port: &&str| !port.bytes().all(|b| b.is_ascii_digit()) || !port.parse::<u16>().is_ok_and(|p| p > 0);
    port.filter(wrong).map(RegistryFault::Port)
}

fn is_domain_component(text: &str) -> bool {
    is_framed(text, |b| b.is_ascii_alphanumeric(), |b| b.is_ascii_alphanumeric() || b == b'-')
}

/// The grammar's `path-component`: lower-case letters and digits in groups, with `.`, `_`, `__` or hyphens between them.
pub(super) fn is_path_component(text: &str) -> bool {
    let alphanumeric = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
    let edges = text.starts_with(alphanumeric) && text.ends_with(alphanumeric);
    edges && text.split(alphanumeric).all(|s| matches!(s, "" | "." | "_" | "__") || s.bytes().all(|b| b == b'-'))
}

#[cfg(test)]
mod tests {
    use super::super::testing::{fuzz, help, problem, read};
    use super::*;

    #[test]
    fn reads_registries() {
        for (text, domain, path) in [
            ("ghcr.io", "ghcr.io", None),
            ("localhost", "localhost", None),
            ("localhost:5000", "localhost:5000", None),
            ("registry:5000/acme", "registry:5000", Some("acme")),
            ("10.0.0.5:5000", "10.0.0.5:5000", None),
            ("[::1]:5000/a", "[::1]:5000", Some("a")),
            ("registry.example.com/acme/to-ols__x", "registry.example.com", Some("acme/to-ols__x")),
        ] {
            let registry = read::<Registry>(text);
            assert_eq!((registry.domain(), registry.path(), registry.as_str()), (domain, path, text));
        }
    }

    #[test]
    fn mistakes_get_their_own_help() {
        for (text, expected) in [
            ("https://ghcr.io/acme/", "write `ghcr.io/acme`"),
            ("ghcr.io/acme/", "write `ghcr.io/acme`"),
            ("GHCR.io/Acme", "write `ghcr.io/acme`"),
            ("ghcr.io /acme", "write `ghcr.io/acme`"),
            ("acme", "write the registry's host in full, such as `docker.io/acme`"),
            ("acme/tools", "write the registry's host in full, such as `docker.io/acme/tools`"),
            ("ghcr.io:0", "write a port from 1 to 65535, such as `registry.example.com:5000`"),
            ("ghcr.io:http", "write a port from 1 to 65535, such as `registry.example.com:5000`"),
            ("ghcr.io/app:1", REGISTRY),
            ("ghcr..io", REGISTRY),
            ("-a.io", REGISTRY),
            ("", REGISTRY),
            ("/", REGISTRY),
            ("[::1", REGISTRY),
            ("[::1]5000", REGISTRY),
            ("[::ffff:10.0.0.1]", REGISTRY),
            ("ghcr.io//acme", REGISTRY),
            ("ghcr.io/a---_b", REGISTRY),
            ("ghcr.io/é", REGISTRY),
        ] {
            assert_eq!(help::<Registry>(text), expected, "{text}");
        }
        assert!(problem::<Registry>("acme").contains("docker.io"));
        problem::<Registry>(&"a/".repeat(50_000));
    }

    const REGISTRY: &str = "write a registry such as `ghcr.io/acme` or `registry.example.com:5000`";

    #[test]
    fn path_components_follow_the_grammar() {
        for right in ["a", "0", "a.b", "a_b", "a__b", "a-b", "a---b", "a.b_c-d"] {
            assert!(is_path_component(right), "{right}");
        }
        for wrong in ["", ".", "a..b", "a___b", "a._b", "-a", "a-", "_a", "A", "a b", "a-_b", "é", "a:b"] {
            assert!(!is_path_component(wrong), "{wrong}");
        }
    }

    #[test]
    fn never_panics() {
        fuzz::<Registry>(&["registry.example.com:5000/acme/tools", "[::1]:5000/a", "https://GHCR.io/", "acme"]);
    }
}
