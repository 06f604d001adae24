//! Versions of Kubernetes.

use std::fmt;

use super::diags::amount::{self as say, VersionFault};
use super::diags::{self, Check, space};
use super::{Invalid, Leaf};

/// A release of Kubernetes, `1.30`: what decides which fields and API groups exist. Ordered by release.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct KubernetesVersion {
    /// The number in front of the point; 1 since 2015.
    pub major: u16,
    /// The number behind it, one more every four months.
    pub minor: u16,
}

impl KubernetesVersion {
    /// A release that the program knows of.
    pub const fn new(major: u16, minor: u16) -> Self {
        KubernetesVersion { major, minor }
    }
}

impl Leaf for KubernetesVersion {
    const EXPECTED: &'static str = "a Kubernetes version";
    const PATTERN: &'static str = r"^[1-9][0-9]{0,2}\.(0|[1-9][0-9]{0,2})$";

    fn parse(text: &str) -> Result<Self, Invalid> {
        if text.contains(char::is_whitespace) {
            return Err(space::<Self>(&diags::VERSION, text));
        }
        read(text).map_err(|fault| say::version(text, &fault))
    }

    fn from_integer(value: i64) -> Option<Result<Self, Invalid>> {
        Some(Err(say::version_unquoted(&value.to_string())))
    }

    fn from_float(value: f64) -> Option<Invalid> {
        Some(say::version_unquoted(&value.to_string()))
    }
}

impl Check for KubernetesVersion {
    fn is_right(text: &str) -> bool {
        read(text).is_ok()
    }
}

fn read(text: &str) -> Result<KubernetesVersion, VersionFault<'_>> {
    let start = text.find(|c: char| c.is_ascii_digit()).unwrap_or(text.len());
    let (prefix, numbers) = text.split_at(start);
    let release = leading_release(numbers);
    if release.is_empty() {
        return Err(VersionFault::Form);
    }
    if !prefix.is_empty() {
        return Err(VersionFault::Prefix(release));
    }
    if release.len() < text.len() {
        return Err(VersionFault::Precise(release));
    }
    let (major, minor) = release.split_once('.').unwrap_or((release, ""));
    match (number(major), number(minor)) {
        (Some(major @ 1..), Some(minor)) => Ok(KubernetesVersion { major, minor }),
        _ => Err(VersionFault::Number),
    }
}

/// The `1.30` that a text starts with; empty if it does not.
fn leading_release(text: &str) -> &str {
    let digits = |s: &str| s.find(|c: char| !c.is_ascii_digit()).unwrap_or(s.len());
    let major = digits(text);
    let minor = text.get(major..).and_then(|rest| rest.strip_prefix('.')).map_or(0, digits);
    if major == 0 || minor == 0 { "" } else { text.get(..major + 1 + minor).unwrap_or_default() }
}

/// A number of at most three digits without leading zeros.
fn number(digits: &str) -> Option<u16> {
    let zero = digits.len() > 1 && digits.starts_with('0');
    if zero || digits.len() > 3 { None } else { digits.parse().ok() }
}

impl fmt::Display for KubernetesVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.major, self.minor)
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{fuzz, help, problem, read};
    use super::*;

    #[test]
    fn orders_by_release() {
        let version = read::<KubernetesVersion>;
        assert_eq!(version("1.30"), KubernetesVersion::new(1, 30));
        assert!(version("1.9") < version("1.28") && version("1.30") < version("2.0"));
        assert_eq!(version("1.30").to_string(), "1.30");
        assert_eq!(version("999.999"), KubernetesVersion::new(999, 999));
    }

    #[test]
    fn mistakes_get_their_own_help() {
        for (text, expected) in [
            ("1.28.3", "write `1.28`"),
            ("v1.28", "write `1.28`"),
            ("v1.28.3-gke.100", "write `1.28`"),
            ("1.28+", "write `1.28`"),
            (" 1.28", "write `1.28`"),
            ("", RELEASE),
            ("1", RELEASE),
            ("1.", RELEASE),
            (".28", RELEASE),
            ("1.028", RELEASE),
            ("0.9", RELEASE),
            ("1.1000", RELEASE),
            ("1.99999999999999999999", RELEASE),
            ("latest", RELEASE),
            ("١.٢٨", RELEASE),
        ] {
            assert_eq!(help::<KubernetesVersion>(text), expected, "{text}");
        }
        problem::<KubernetesVersion>(&"1.".repeat(50_000));
        assert_eq!(KubernetesVersion::from_integer(1).unwrap().unwrap_err().help, RELEASE);
        assert_eq!(diags::version_unquoted("1.28").help, "write `\"1.28\"`");
    }

    const RELEASE: &str = "write major and minor in quotes, such as `\"1.30\"`";

    #[test]
    fn never_panics() {
        fuzz::<KubernetesVersion>(&["1.30", "v1.28.3", "1.28.3-gke.1", "999.999", "0.0"]);
    }
}
