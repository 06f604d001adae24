//! Networks in CIDR form.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr};

use super::diags::address::{self as say, CidrFault};
use super::diags::{self, Check, space};
use super::{Invalid, Leaf};

/// A network: an address whose bits behind the prefix are zero, and the length of the prefix (0 to 32 for IPv4, 0 to 128
/// for IPv6). `Display` writes IPv6 as RFC 5952 wants it, the spelling that Kubernetes takes without a warning.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Cidr {
    network: IpAddr,
    prefix: u8,
}

impl Cidr {
    /// The first address.
    pub fn network(self) -> IpAddr {
        self.network
    }

    /// Number of leading bits that all addresses share.
    pub fn prefix(self) -> u8 {
        self.prefix
    }

    /// Whether it is a network of IPv4 addresses; otherwise they are of IPv6.
    pub fn is_ipv4(self) -> bool {
        self.network.is_ipv4()
    }

    /// Whether an address belongs to the network. One of the other family never does.
    pub fn contains(self, address: IpAddr) -> bool {
        address.is_ipv4() == self.is_ipv4() && masked(address, self.prefix) == self.network
    }

    /// Whether each address of `other` belongs to the network.
    pub fn covers(self, other: Self) -> bool {
        self.prefix <= other.prefix && self.contains(other.network)
    }

    /// The network of that prefix in which it lies; `None` if its own is shorter.
    pub fn around(self, prefix: u8) -> Option<Self> {
        (prefix <= self.prefix).then(|| Cidr { network: masked(self.network, prefix), prefix })
    }

    /// Whether the two have an address in common: then one covers the other.
    pub fn overlaps(self, other: Self) -> bool {
        self.covers(other) || other.covers(self)
    }
}

/// The address with all bits behind the prefix zero.
fn masked(address: IpAddr, prefix: u8) -> IpAddr {
    let behind = u32::from(bits(address).saturating_sub(prefix));
    match address {
        IpAddr::V4(v4) => Ipv4Addr::from_bits(v4.to_bits() & u32::MAX.checked_shl(behind).unwrap_or(0)).into(),
        IpAddr::V6(v6) => {
            std::net::Ipv6Addr::from_bits(v6.to_bits() & u128::MAX.checked_shl(behind).unwrap_or(0)).into()
        }
    }
}

/// Length of an address.
fn bits(address: IpAddr) -> u8 {
    if address.is_ipv4() { 32 } else { 128 }
}

impl Leaf for Cidr {
    const EXPECTED: &'static str = "a network in CIDR form";
    const PATTERN: &'static str = "^[0-9a-fA-F:.]+/[0-9]{1,3}$";

    fn parse(text: &str) -> Result<Self, Invalid> {
        if text.contains(char::is_whitespace) {
            return Err(space::<Self>(&diags::CIDR, text));
        }
        read(text).map_err(|fault| say::cidr(text, &fault))
    }
}

impl Check for Cidr {
    fn is_right(text: &str) -> bool {
        read(text).is_ok()
    }
}

fn read(text: &str) -> Result<Cidr, CidrFault> {
    let Some((left, right)) = text.split_once('/') else {
        return Err(match text.parse::<IpAddr>() {
            Ok(address) => CidrFault::NoPrefix(single(address.to_canonical())),
            Err(_) => CidrFault::Form,
        });
    };
    let Ok(address) = left.parse::<IpAddr>() else {
        let trimmed = format!("{}/{right}", without_leading_zeros(left));
        return Err(if trimmed == text { CidrFault::Form } else { CidrFault::LeadingZero(trimmed) });
    };
    if let (Ok(mask), true) = (right.parse::<Ipv4Addr>(), address.is_ipv4()) {
        let ones = mask.to_bits().leading_ones();
        return Err(CidrFault::Mask(format!("{address}/{ones}")));
    }
    if right.is_empty() || !right.bytes().all(|b| b.is_ascii_digit()) {
        return Err(CidrFault::Form);
    }
    if right.len() > 1 && right.starts_with('0') {
        let trimmed = right.trim_start_matches('0');
        let trimmed = if trimmed.is_empty() { "0" } else { trimmed };
        return Err(CidrFault::LeadingZero(format!("{left}/{trimmed}")));
    }
    let Some(prefix) = right.parse::<u8>().ok().filter(|p| *p <= bits(address)) else {
        return Err(CidrFault::Prefix(bits(address)));
    };
    if let Some(v4) = mapped(address) {
        let candidate = prefix.checked_sub(96).map(|prefix| Cidr { network: masked(v4.into(), prefix), prefix });
        return Err(CidrFault::Mapped(candidate));
    }
    let network = masked(address, prefix);
    if network != address {
        return Err(CidrFault::HostBits {
            network: Cidr { network, prefix },
            single: Cidr { network: address, prefix: bits(address) },
        });
    }
    Ok(Cidr { network, prefix })
}

/// The network of one address, unless it looks like that of more.
fn single(address: IpAddr) -> Option<Cidr> {
    let zero = match address {
        IpAddr::V4(v4) => v4.octets().last() == Some(&0),
        IpAddr::V6(v6) => v6.segments().last() == Some(&0),
    };
    (!zero).then(|| Cidr { network: address, prefix: bits(address) })
}

/// The IPv4 address that an IPv6 address wraps (`::ffff:10.0.0.0`); Kubernetes warns that it will refuse
/// such networks.
fn mapped(address: IpAddr) -> Option<Ipv4Addr> {
    match address {
        IpAddr::V4(_) => None,
        IpAddr::V6(v6) => v6.to_ipv4_mapped(),
    }
}

/// Numbers with points between them, each without leading zeros.
fn without_leading_zeros(address: &str) -> String {
    let trimmed = |part: &str| {
        let rest = part.trim_start_matches('0');
        if rest.is_empty() && !part.is_empty() { "0".to_owned() } else { rest.to_owned() }
    };
    address.split('.').map(trimmed).collect::<Vec<_>>().join(".")
}

impl fmt::Display for Cidr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.network, self.prefix)
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{fuzz, help, problem, read};
    use super::*;

    #[test]
    fn reads_both_families() {
        for (text, canonical) in [
            ("10.0.0.0/16", "10.0.0.0/16"),
            ("0.0.0.0/0", "0.0.0.0/0"),
            ("255.255.255.255/32", "255.255.255.255/32"),
            ("::/0", "::/0"),
            ("2001:DB8:0:0::/32", "2001:db8::/32"),
            ("::1/128", "::1/128"),
        ] {
            let cidr = read::<Cidr>(text);
            assert_eq!(cidr.to_string(), canonical);
            assert_eq!(cidr.is_ipv4(), !text.contains(':'));
        }
        assert_eq!(
            (read::<Cidr>("10.0.0.0/8").network().to_string(), read::<Cidr>("::/0").prefix()),
            ("10.0.0.0".into(), 0)
        );
    }

    #[test]
    fn knows_what_lies_in_it() {
        let cidr = read::<Cidr>;
        let ip = |text: &str| text.parse::<IpAddr>().unwrap();
        assert!(cidr("10.0.0.0/8").contains(ip("10.255.255.255")) && !cidr("10.0.0.0/8").contains(ip("11.0.0.0")));
        assert!(cidr("0.0.0.0/0").contains(ip("255.0.0.1")) && !cidr("0.0.0.0/0").contains(ip("::1")));
        assert!(cidr("::/0").contains(ip("ffff::")) && cidr("::1/128").contains(ip("::1")));
        assert!(cidr("10.0.0.0/8").covers(cidr("10.1.0.0/16")) && !cidr("10.1.0.0/16").covers(cidr("10.0.0.0/8")));
        assert!(cidr("10.1.0.0/16").overlaps(cidr("10.0.0.0/8")) && cidr("10.0.0.0/8").overlaps(cidr("10.1.0.0/16")));
        assert!(!cidr("10.1.0.0/16").overlaps(cidr("10.2.0.0/16")) && !cidr("0.0.0.0/0").overlaps(cidr("::/0")));
    }

    #[test]
    fn mistakes_get_their_own_help() {
        for (text, expected) in [
            ("10.0.5.7/16", "write `10.0.0.0/16` for the network or `10.0.5.7/32` for this address alone"),
            ("2001:db8::1/32", "write `2001:db8::/32` for the network or `2001:db8::1/128` for this address alone"),
            ("10.0.5.7", "write `10.0.5.7/32` for this address alone"),
            ("10.0.0.0", CIDR),
            ("::", CIDR),
            ("::ffff:10.0.0.1", "write `10.0.0.1/32` for this address alone"),
            ("::1", "write `::1/128` for this address alone"),
            ("10.0.0.0/255.255.0.0", "write `10.0.0.0/16`"),
            ("10.0.0.1/255.255.0.0", CIDR),
            ("010.0.0.0/8", "write `10.0.0.0/8`"),
            ("10.0.0.0/08", "write `10.0.0.0/8`"),
            ("0.0.0.0/00", "write `0.0.0.0/0`"),
            ("10.0.0.0/33", "write a prefix from 0 to 32"),
            ("::/129", "write a prefix from 0 to 128"),
            ("10.0.0.0/999999", "write a prefix from 0 to 32"),
            ("::ffff:10.0.0.0/104", "write `10.0.0.0/8`"),
            ("::ffff:10.0.0.0/90", CIDR),
            ("10.0.0.0 /8", "write `10.0.0.0/8`"),
            ("", CIDR),
            ("/", CIDR),
            ("10.0.0.0/", CIDR),
            ("10.0.0.0/-1", CIDR),
            ("10.0.0.0/+8", CIDR),
            ("10.0.0/16", CIDR),
            ("256.0.0.0/8", CIDR),
            ("fe80::1%eth0/64", CIDR),
            ("example.com/16", CIDR),
            ("10.0.0.0/1/2", CIDR),
            ("١٠.0.0.0/8", CIDR),
        ] {
            assert_eq!(help::<Cidr>(text), expected, "{text}");
        }
        assert_eq!(
            problem::<Cidr>("10.0.5.7/16"),
            "`10.0.5.7/16` is not a network in CIDR form: bits behind the prefix are set"
        );
        problem::<Cidr>(&"1.".repeat(50_000));
        problem::<Cidr>(&format!("10.0.0.0/{}", "0".repeat(50_000)));
    }

    const CIDR: &str = "write a network such as `10.0.0.0/16` or `2001:db8::/32`";

    #[test]
    fn never_panics() {
        fuzz::<Cidr>(&["10.0.0.0/16", "2001:db8::/32", "::ffff:10.0.0.0/104", "010.0.0.1/255.0.0.0", "::/0"]);
    }
}
