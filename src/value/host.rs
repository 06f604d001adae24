//! DNS names.

use std::net::IpAddr;

use super::diags::address::{self as say, HostFault};
use super::diags::{self, Check, space};
use super::text::text_leaf;
use super::{Invalid, Leaf};

text_leaf! {
    /// A DNS name: labels of RFC 1123 in lower case with points between them, each at most 63 characters long, at most
    /// 253 in all; no address, no wildcard, no final point. What `IsDNS1123Subdomain` of k8s.io/apimachinery takes, with
    /// the limit of a label that DNS has besides.
    Host
}

/// Longest DNS name in characters (RFC 1035, written without the final point).
const LONGEST: usize = 253;
/// Longest label.
const LONGEST_LABEL: usize = 63;

impl Leaf for Host {
    const EXPECTED: &'static str = "a host name";
    const PATTERN: &'static str = r"^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?(\.[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?)*$";

    fn parse(text: &str) -> Result<Self, Invalid> {
        if text.contains(char::is_whitespace) {
            return Err(space::<Self>(&diags::HOST, text));
        }
        match fault(text) {
            None => Ok(Host(text.to_owned())),
            Some(fault) => Err(say::host(text, &fault, &bare(text))),
        }
    }
}

impl Check for Host {
    fn is_right(text: &str) -> bool {
        fault(text).is_none()
    }
}

fn fault(text: &str) -> Option<HostFault<'_>> {
    if text.is_empty() {
        return Some(HostFault::Empty);
    }
    if text.contains("://") {
        return Some(HostFault::Scheme);
    }
    if text.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>().is_ok() {
        return Some(HostFault::Address);
    }
    let around = [('/', HostFault::Path), ('@', HostFault::User), ('*', HostFault::Wildcard), (':', HostFault::Port)];
    if let Some((_, fault)) = around.into_iter().find(|(sign, _)| text.contains(*sign)) {
        return Some(fault);
    }
    if !text.is_ascii() {
        return Some(HostFault::NotAscii);
    }
    if text.ends_with('.') {
        return Some(HostFault::FinalPoint);
    }
    if text.bytes().any(|b| b.is_ascii_uppercase()) {
        return Some(HostFault::Case);
    }
    for label in text.split('.') {
        if label.is_empty() {
            return Some(HostFault::EmptyLabel);
        }
        if let Some(sign) = label.chars().find(|c| !c.is_ascii_alphanumeric() && *c != '-') {
            return Some(HostFault::Sign(sign));
        }
        if label.starts_with('-') || label.ends_with('-') {
            return Some(HostFault::Hyphen(label));
        }
        if label.len() > LONGEST_LABEL {
            return Some(HostFault::LongLabel(label));
        }
    }
    (text.len() > LONGEST).then_some(HostFault::Long)
}

/// The host that a URL or an authority names, in lower case.
fn bare(text: &str) -> String {
    let behind = text.split_once("://").map_or(text, |(_, rest)| rest);
    let authority = behind.split(['/', '?', '#']).next().unwrap_or_default();
    let host = authority.rsplit('@').next().unwrap_or_default();
    let host = host.rsplit_once(':').map_or(host, |(host, _)| host);
    host.trim_end_matches('.').to_ascii_lowercase()
}

#[cfg(test)]
mod tests {
    use super::super::testing::{fuzz, help, problem, read};
    use super::*;

    #[test]
    fn reads_names() {
        let label = "a".repeat(63);
        let longest = format!("{label}.{label}.{label}.{}", "a".repeat(61));
        for text in
            ["localhost", "shop.example.com", "1.example", "a--b.c-d", "xn--bcher-kva.example", &label, &longest]
        {
            assert_eq!(read::<Host>(text).as_str(), text);
        }
        assert_eq!(longest.len(), 253);
        problem::<Host>(&format!("{longest}a"));
        problem::<Host>(&format!("{label}a.example"));
    }

    #[test]
    fn mistakes_get_their_own_help() {
        for (text, expected) in [
            ("https://shop.example.com/cart", "write `shop.example.com`, the name alone"),
            ("https://me:secret@Shop.example.com:8443/", "write `shop.example.com`, the name alone"),
            ("shop.example.com:8080", "write `shop.example.com`; the port is stated elsewhere"),
            ("shop.example.com/cart", "write `shop.example.com`; the path is stated elsewhere"),
            ("me@example.com", "write `example.com`, the name alone"),
            ("Shop.Example.com", "write `shop.example.com`"),
            ("shop.example.com.", "write `shop.example.com`"),
            ("*.example.com", "write each name by itself, such as `shop.example.com`"),
            ("shop .example.com", "write `shop.example.com`"),
            ("10.0.0.1", "write a DNS name that leads to this address, such as `shop.example.com`"),
            ("[::1]", "write a DNS name that leads to this address, such as `shop.example.com`"),
            ("bücher.example", "write it in its ASCII form, each such label as `xn--…` (Punycode)"),
            ("my_shop.example.com", HOST),
            ("a..b", HOST),
            (".a", HOST),
            ("-a.b", HOST),
            ("a-.b", HOST),
            ("", HOST),
            (".", HOST),
            ("://", HOST),
        ] {
            assert_eq!(help::<Host>(text), expected, "{text}");
        }
        assert_eq!(problem::<Host>("my_shop"), "`my_shop` is not a host name: `_` cannot stand in it");
        assert_eq!(problem::<Host>("-a.b"), "`-a.b` is not a host name: `-a` starts or ends with a hyphen");
        problem::<Host>(&"a.".repeat(50_000));
    }

    const HOST: &str = "write a DNS name such as `shop.example.com`";

    #[test]
    fn never_panics() {
        fuzz::<Host>(&["shop.example.com", "https://me@shop.example.com:80/a?b#c", "[::1]:80", "a-b.c"]);
    }
}
