//! Sentences about networks, ports, hosts, registries and images.

use super::super::cidr::Cidr;
use super::super::host::Host;
use super::super::image::Image;
use super::super::port::Port;
use super::super::registry::Registry;
use super::super::{Invalid, Leaf};
use super::{CIDR, HOST, IMAGE, PORT, because, better, invalid, quoted, stranger, suggest};

/// What is wrong with a network. The networks in it are those that may be meant.
#[derive(Debug)]
pub(in super::super) enum CidrFault {
    Form,
    /// An address alone; its network, if it is likely that only this one is meant.
    NoPrefix(Option<Cidr>),
    /// A netmask for a prefix.
    Mask(String),
    LeadingZero(String),
    /// The prefix is longer than so many bits.
    Prefix(u8),
    /// IPv4 in IPv6 form.
    Mapped(Option<Cidr>),
    HostBits {
        network: Cidr,
        single: Cidr,
    },
}

pub(in super::super) fn cidr(text: &str, fault: &CidrFault) -> Invalid {
    const GENERAL: &str = "write a network such as `10.0.0.0/16` or `2001:db8::/32`";
    let (why, help) = match fault {
        CidrFault::Form => because("it is not an address, a slash and a number of bits", GENERAL),
        CidrFault::NoPrefix(None) => because("it is an address without a prefix", GENERAL),
        CidrFault::NoPrefix(Some(single)) => {
            because("it is an address without a prefix", format!("write `{single}` for this address alone"))
        }
        CidrFault::Mask(candidate) => because("it has a netmask for a prefix", suggest::<Cidr>(candidate, GENERAL)),
        CidrFault::LeadingZero(candidate) => {
            because("a number in it is wrong or starts with a zero", suggest::<Cidr>(candidate, GENERAL))
        }
        CidrFault::Prefix(most) => {
            because("its prefix is longer than an address", format!("write a prefix from 0 to {most}"))
        }
        CidrFault::Mapped(candidate) => because(
            "it is IPv4 in IPv6 form, which Kubernetes is about to refuse",
            candidate.map_or_else(|| GENERAL.to_owned(), |network| format!("write `{network}`")),
        ),
        CidrFault::HostBits { network, single } => because(
            "bits behind the prefix are set",
            format!("write `{network}` for the network or `{single}` for this address alone"),
        ),
    };
    invalid(&CIDR, text, Cidr::EXPECTED, &why, help)
}

/// A text where a port is wanted; `number` is the port that it holds.
pub(in super::super) fn port_text(text: &str, number: Option<u16>) -> Invalid {
    let help = number.map_or_else(|| NUMBER.to_owned(), |n| format!("write `{n}` without quotes"));
    invalid(&PORT, text, Port::EXPECTED, "it is a text", help)
}

const NUMBER: &str = "write an integer from 1 to 65535, without quotes";

pub(in super::super) fn port_range(value: i64) -> Invalid {
    invalid(&PORT, &value.to_string(), Port::EXPECTED, "it is outside of 1 to 65535", NUMBER)
}

/// What is wrong with a host.
#[derive(Debug)]
pub(in super::super) enum HostFault<'a> {
    Empty,
    /// A URL.
    Scheme,
    /// An IP address.
    Address,
    Path,
    User,
    Wildcard,
    Port,
    NotAscii,
    FinalPoint,
    Case,
    EmptyLabel,
    /// A character that is not allowed.
    Sign(char),
    /// The label that starts or ends with a hyphen.
    Hyphen(&'a str),
    LongLabel(&'a str),
    Long,
}

/// `bare` is the host that the text names if it is one with something around it.
pub(in super::super) fn host(text: &str, fault: &HostFault<'_>, bare: &str) -> Invalid {
    const DNS: &str = "write a DNS name such as `shop.example.com`";
    let (why, behind) = match fault {
        HostFault::Empty => ("it has no label".to_owned(), ""),
        HostFault::Scheme => ("it is a URL".to_owned(), ", the name alone"),
        HostFault::User => ("it has a user".to_owned(), ", the name alone"),
        HostFault::Path => ("it has a path".to_owned(), "; the path is stated elsewhere"),
        HostFault::Port => ("it has a port".to_owned(), "; the port is stated elsewhere"),
        HostFault::Address => ("it is an address".to_owned(), ""),
        HostFault::Wildcard => ("it has a wildcard".to_owned(), ""),
        HostFault::NotAscii => ("it has letters outside of ASCII".to_owned(), ""),
        HostFault::FinalPoint => ("it ends with a point".to_owned(), ""),
        HostFault::Case => ("it has upper-case letters".to_owned(), ""),
        HostFault::EmptyLabel => ("nothing stands before or after a point".to_owned(), ""),
        HostFault::Sign(sign) => (stranger(*sign), ""),
        HostFault::Hyphen(label) => (format!("{} starts or ends with a hyphen", quoted(label)), ""),
        HostFault::LongLabel(label) => (format!("{} is longer than 63 characters", quoted(label)), ""),
        HostFault::Long => ("it is longer than 253 characters".to_owned(), ""),
    };
    let help = match fault {
        HostFault::Address => "write a DNS name that leads to this address, such as `shop.example.com`".to_owned(),
        HostFault::Wildcard => "write each name by itself, such as `shop.example.com`".to_owned(),
        HostFault::NotAscii => "write it in its ASCII form, each such label as `xn--…` (Punycode)".to_owned(),
        _ => better::<Host>(bare).filter(|_| bare != text).map_or_else(|| DNS.to_owned(), |help| help + behind),
    };
    invalid(&HOST, text, Host::EXPECTED, &why, help)
}

/// What is wrong with a registry, or with the registry of an image.
#[derive(Debug)]
pub(in super::super) enum RegistryFault<'a> {
    Empty,
    Scheme,
    FinalSlash,
    Case,
    /// Neither a point nor a port: no host to a container runtime.
    NoPoint(&'a str),
    /// `HOST[:PORT]` where the host is wrong.
    Host(&'a str),
    Port(&'a str),
    /// A wrong part of the path.
    Component(&'a str),
}

fn registry_fault(fault: &RegistryFault<'_>) -> String {
    match fault {
        RegistryFault::Empty => "it has no host".to_owned(),
        RegistryFault::Scheme => "it is a URL".to_owned(),
        RegistryFault::FinalSlash => "it ends with a slash".to_owned(),
        RegistryFault::Case => "it has upper-case letters".to_owned(),
        RegistryFault::NoPoint(domain) => {
            format!("{} has neither a point nor a port, so images would come from docker.io", quoted(domain))
        }
        RegistryFault::Host(domain) => part(domain, "a host"),
        RegistryFault::Port(port) => part(port, "a port"),
        RegistryFault::Component(component) => part(component, "a part of a path"),
    }
}

/// What is wrong with a part of a value that is not a `what`.
fn part(part: &str, what: &str) -> String {
    if part.is_empty() { format!("{what} of it is empty") } else { format!("{} is not {what}", quoted(part)) }
}

/// `candidate` is the text without scheme and final slash, in lower case.
pub(in super::super) fn registry(text: &str, fault: &RegistryFault<'_>, candidate: &str) -> Invalid {
    const GENERAL: &str = "write a registry such as `ghcr.io/acme` or `registry.example.com:5000`";
    let help = match fault {
        RegistryFault::NoPoint(_) => better::<Registry>(&format!("docker.io/{text}")).map_or_else(
            || GENERAL.to_owned(),
            |_| format!("write the registry's host in full, such as `docker.io/{text}`"),
        ),
        RegistryFault::Port(_) => "write a port from 1 to 65535, such as `registry.example.com:5000`".to_owned(),
        _ if candidate == text => GENERAL.to_owned(),
        _ => suggest::<Registry>(candidate, GENERAL),
    };
    invalid(&HOST, text, Registry::EXPECTED, &registry_fault(fault), help)
}

/// What is wrong with an image reference.
#[derive(Debug)]
pub(in super::super) enum ImageFault<'a> {
    Empty,
    Scheme,
    Case,
    Registry(RegistryFault<'a>),
    /// A wrong part of the path.
    Component(&'a str),
    /// The path is longer than so many characters.
    LongPath(usize),
    Tag(&'a str),
    Digest(&'a str),
    NoVersion,
    /// The tag `latest`; the name is what stands before it.
    Latest(&'a str),
}

/// `candidate` is the text without scheme and outer slashes, its name in lower case.
pub(in super::super) fn image(text: &str, fault: &ImageFault<'_>, candidate: &str) -> Invalid {
    const GENERAL: &str = "write a reference such as `ghcr.io/acme/app:1.2.3`";
    let versions = |name: &str| {
        let short = if better::<Image>(&format!("{name}:1.2.3")).is_some() { name } else { "app" };
        format!("such as `{short}:1.2.3` or `{short}@sha256:…`")
    };
    let why = match fault {
        ImageFault::Empty => "it has no path".to_owned(),
        ImageFault::Scheme => "it is a URL".to_owned(),
        ImageFault::Case => "its path has upper-case letters".to_owned(),
        ImageFault::Registry(fault) => registry_fault(fault),
        ImageFault::Component(component) => part(component, "a part of a path"),
        ImageFault::LongPath(most) => format!("its path is longer than {most} characters"),
        ImageFault::Tag(tag) => part(tag, "a tag"),
        ImageFault::Digest(digest) => part(digest, "a digest"),
        ImageFault::NoVersion => "it has neither a tag nor a digest".to_owned(),
        ImageFault::Latest(_) => "what `latest` names changes with every push".to_owned(),
    };
    let help = match fault {
        ImageFault::NoVersion => format!("write the version too, {}", versions(text)),
        ImageFault::Latest(name) => format!("write the version instead, {}", versions(name)),
        ImageFault::Tag(_) => {
            "write a tag of at most 128 letters, digits, `_`, `.` and `-`, the first of them a letter, a digit or `_`"
                .to_owned()
        }
        ImageFault::Digest(_) => {
            "write a digest as `sha256:` and 64 lower-case hexadecimal digits, or `sha512:` and 128".to_owned()
        }
        _ if candidate == text => GENERAL.to_owned(),
        _ => suggest::<Image>(candidate, GENERAL),
    };
    invalid(&IMAGE, text, Image::EXPECTED, &why, help)
}
