//! Kubernetes resource quantities: amounts of CPU, memory, storage.

use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};

use super::diags::amount::{self as say, QuantityFault};
use super::diags::{self, Check, space};
use super::{Invalid, Leaf};

/// An amount that is not negative, with the text that it was written as.
///
/// The grammar is that of `resource.Quantity` in k8s.io/apimachinery. Two quantities are equal if they amount to the same
/// (`1` and `1000m`), whatever their texts.
///
/// The value is held in nano-units, the finest step that Kubernetes has; like Kubernetes, anything finer is rounded up.
/// The largest value that can be read is 2^63-1 units: there Kubernetes caps binary amounts without a word. That is less
/// than 2^94 nano-units, so a product with a `u32` stays below 2^126 and is exact in the 128 bits of this type.
#[derive(Clone, Debug)]
pub struct Quantity {
    text: String,
    nano: u128,
    format: Format,
}

/// The family of suffixes that a computed quantity is written with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Format {
    /// `Ki`, `Mi`, …
    Binary,
    /// `m`, `k`, `M`, …, and exponents.
    Decimal,
}

/// Nano-units in a unit.
const NANO: u128 = 1_000_000_000;
/// 2^63-1 units, in nano-units.
const MAX: u128 = 9_223_372_036_854_775_807 * NANO;
/// Binary suffixes in steps of 1024 from one unit.
const BINARY: [&str; 7] = ["", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei"];
/// Decimal suffixes in steps of 1000 from one nano-unit.
const DECIMAL: [&str; 10] = ["n", "u", "m", "", "k", "M", "G", "T", "P", "E"];

impl Quantity {
    /// No amount, `0`: where a sum starts.
    pub fn zero() -> Self {
        Quantity { text: "0".to_owned(), nano: 0, format: Format::Decimal }
    }

    /// The text: as the spec has it, or in canonical form if the quantity was computed.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The text that Kubernetes shows for it: the largest suffix of its family that leaves a whole number (`1.5Gi` is
    /// `1536Mi`, `0.5` is `500m`).
    pub fn canonical(&self) -> String {
        canonical(self.nano, self.format)
    }

    /// The amount in nano-units.
    pub fn nanos(&self) -> u128 {
        self.nano
    }

    /// The amount in whole units (bytes, cores), rounded up as Kubernetes does.
    pub fn units(&self) -> u128 {
        self.nano.div_ceil(NANO)
    }

    /// Whether it is no amount at all.
    pub fn is_zero(&self) -> bool {
        self.nano == 0
    }

    /// Whether it is not a whole number of units. Right for CPU; for bytes it is a mistake (`512m` instead of `512M`).
    pub fn has_fraction(&self) -> bool {
        !self.nano.is_multiple_of(NANO)
    }

    /// The sum, in the suffixes of `self` (of `other` if `self` is zero); `None` on overflow, which takes sums of
    /// thousand millions of the largest amounts.
    pub fn checked_add(&self, other: &Self) -> Option<Self> {
        let format = if self.is_zero() { other.format } else { self.format };
        Some(Self::computed(self.nano.checked_add(other.nano)?, format))
    }

    /// As much for each of `count`. Exact for every quantity that was read; a product of products stops at 2^128-1
    /// nano-units.
    #[must_use]
    pub fn times(&self, count: u32) -> Self {
        Self::computed(self.nano.saturating_mul(u128::from(count)), self.format)
    }

    fn computed(nano: u128, format: Format) -> Self {
        Quantity { text: canonical(nano, format), nano, format }
    }
}

impl Leaf for Quantity {
    const EXPECTED: &'static str = "a quantity";
    const PATTERN: &'static str = r"^\+?([0-9]+(\.[0-9]*)?|\.[0-9]+)([numkMGTPE]|[KMGTPE]i|[eE][-+]?[0-9]{1,2})?$";

    fn parse(text: &str) -> Result<Self, Invalid> {
        if text.contains(char::is_whitespace) {
            return Err(space::<Self>(&diags::QUANTITY, text));
        }
        read(text).map_err(|fault| say::quantity(text, &fault))
    }

    fn from_integer(value: i64) -> Option<Result<Self, Invalid>> {
        let text = value.to_string();
        Some(match u128::try_from(value) {
            Ok(units) => Ok(Quantity { text, nano: units * NANO, format: Format::Decimal }),
            Err(_) => Err(say::quantity(&text, &QuantityFault::Negative)),
        })
    }
}

impl Check for Quantity {
    fn is_right(text: &str) -> bool {
        read(text).is_ok()
    }
}

fn read(text: &str) -> Result<Quantity, QuantityFault<'_>> {
    if text.starts_with(['-', '−']) {
        return Err(QuantityFault::Negative);
    }
    let unsigned = text.strip_prefix('+').unwrap_or(text);
    let end = unsigned.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(unsigned.len());
    let (number, suffix) = unsigned.split_at(end);
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    if (whole.is_empty() && fraction.is_empty()) || fraction.contains('.') {
        return Err(QuantityFault::Number);
    }
    let Some(scale) = scale(suffix) else {
        return Err(QuantityFault::Suffix { number, suffix });
    };
    let Some(nano) = nano(whole, fraction, &scale) else {
        return Err(QuantityFault::Large);
    };
    Ok(Quantity { text: text.to_owned(), nano, format: scale.format })
}

/// What a suffix stands for: `10^ten * 2^two`.
struct Scale {
    ten: i64,
    two: u32,
    format: Format,
}

/// The scale of a suffix, `None` if there is no such suffix. An exponent has at most two digits: the amounts that can be
/// read need no more, and Kubernetes takes exponents modulo 2^32.
fn scale(suffix: &str) -> Option<Scale> {
    let decimal = |ten| Some(Scale { ten, two: 0, format: Format::Decimal });
    if let (Some(step), false) = (BINARY.iter().position(|s| *s == suffix), suffix.is_empty()) {
        return Some(Scale { ten: 0, two: 10 * u32::try_from(step).ok()?, format: Format::Binary });
    }
    if let Some(step) = DECIMAL.iter().position(|s| *s == suffix) {
        return decimal(3 * i64::try_from(step).ok()? - 9);
    }
    let exponent = suffix.strip_prefix(['e', 'E'])?;
    let digits = exponent.strip_prefix(['-', '+']).unwrap_or(exponent);
    if digits.is_empty() || digits.len() > 2 || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    decimal(exponent.parse().ok()?)
}

/// `whole.fraction` times the scale in nano-units, rounded up; `None` if it is more than [`MAX`]. Both are ASCII digits,
/// any number of them.
fn nano(whole: &str, fraction: &str, scale: &Scale) -> Option<u128> {
    // Decimal digits, the lowest first, times the power of two as in written multiplication.
    let mut digits: Vec<u8> = fraction.bytes().rev().chain(whole.bytes().rev()).map(|b| b.wrapping_sub(b'0')).collect();
    let mut carry: u64 = 0;
    for digit in &mut digits {
        let product = (u64::from(*digit) << scale.two) + carry;
        *digit = last_digit(product);
        carry = product / 10;
    }
    while carry > 0 {
        digits.push(last_digit(carry));
        carry /= 10;
    }
    if digits.iter().all(|d| *d == 0) {
        return Some(0);
    }
    // The lowest digit counts 10^shift nano-units: what is below one is rounded up, what is above is multiplied.
    let shift = scale.ten + 9 - i64::try_from(fraction.len()).ok()?;
    let below = if shift < 0 { usize::try_from(shift.unsigned_abs()).ok()? } else { 0 };
    let mut value: u128 = 0;
    for digit in digits.iter().skip(below).rev() {
        value = value.checked_mul(10)?.checked_add(u128::from(*digit))?;
    }
    if digits.iter().take(below).any(|d| *d != 0) {
        value = value.checked_add(1)?;
    }
    if value > 0 && shift > 0 {
        value = value.checked_mul(10u128.checked_pow(u32::try_from(shift).ok()?)?)?;
    }
    (value <= MAX).then_some(value)
}

fn last_digit(n: u64) -> u8 {
    u8::try_from(n % 10).unwrap_or(0)
}

fn canonical(nano: u128, format: Format) -> String {
    let units = nano / NANO;
    let (mut number, step, suffixes) = if nano == 0 {
        return "0".to_owned();
    } else if format == Format::Binary && units >= 1024 && nano.is_multiple_of(NANO) {
        (units, 1024, BINARY.as_slice())
    } else {
        (nano, 1000, DECIMAL.as_slice())
    };
    let mut suffix = "";
    for (i, next) in suffixes.iter().enumerate() {
        if i > 0 {
            if !number.is_multiple_of(step) {
                break;
            }
            number /= step;
        }
        suffix = next;
    }
    format!("{number}{suffix}")
}

impl fmt::Display for Quantity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl PartialEq for Quantity {
    fn eq(&self, other: &Self) -> bool {
        self.nano == other.nano
    }
}

impl Eq for Quantity {}

impl PartialOrd for Quantity {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Quantity {
    fn cmp(&self, other: &Self) -> Ordering {
        self.nano.cmp(&other.nano)
    }
}

impl Hash for Quantity {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.nano.hash(state);
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{fuzz, help, problem, read};
    use super::*;

    #[test]
    fn the_grammar_of_kubernetes() {
        for (text, nano) in [
            ("0", 0),
            ("00", 0),
            ("0Ki", 0),
            ("0e99", 0),
            ("1", NANO),
            ("+1", NANO),
            ("007", 7 * NANO),
            ("1.", NANO),
            (".5", NANO / 2),
            ("0.5", NANO / 2),
            ("250m", NANO / 4),
            ("1n", 1),
            ("1u", 1000),
            ("1k", 1000 * NANO),
            ("1E", 1_000_000_000_000_000_000 * NANO),
            ("1e3", 1000 * NANO),
            ("1.5E+3", 1500 * NANO),
            ("12e-3", 12_000_000),
            ("1Ki", 1024 * NANO),
            ("1.5Gi", 1536 * 1024 * 1024 * NANO),
            ("0.1Ki", 102_400_000_000),
            ("7Ei", 7 * (1 << 60) * NANO),
            ("9223372036854775807", MAX),
            // Rounded up to the nano-unit, as Kubernetes does.
            ("0.1n", 1),
            ("1.0000000001", NANO + 1),
            ("0.00000000000000000000000000000000000000000000000001", 1),
            ("1e-99", 1),
            ("0.00000000000000000001e20", NANO),
        ] {
            let quantity = read::<Quantity>(text);
            assert_eq!((quantity.nanos(), quantity.as_str()), (nano, text), "{text}");
        }
    }

    #[test]
    fn mistakes_get_their_own_help() {
        for (text, expected) in [
            ("512MB", "write `512Mi` (mebibytes) or `512M` (megabytes)"),
            ("1GB", "write `1Gi` (gibibytes) or `1G` (gigabytes)"),
            ("1kb", "write `1Ki` (kibibytes) or `1k` (kilobytes)"),
            ("1g", "write `1Gi` (gibibytes) or `1G` (gigabytes)"),
            ("1K", "write `1Ki` (kibibytes) or `1k` (kilobytes)"),
            ("512mi", "write `512Mi`"),
            ("512MiB", "write `512Mi`"),
            ("0.5 ", "write `0.5`"),
            ("500 m", "write `500m`"),
            ("512 MB", "write `512Mi` (mebibytes) or `512M` (megabytes)"),
            ("1,5Gi", "write `1.5Gi`"),
            ("100B", "write `100`: an amount without a suffix counts bytes"),
            ("2cores", "write `2`: an amount of CPU without a suffix counts cores"),
            ("100millicores", "write `100m`"),
            ("5µ", "write `5u`"),
            ("-5Gi", "write an amount such as `512Mi` or `250m`"),
            ("", "write an amount such as `512Mi` or `250m`"),
            ("1e1.5", "write the exponent as one or two digits, as in `1e3` or `1e-3`"),
            ("1e4294967296", "write the exponent as one or two digits, as in `1e3` or `1e-3`"),
            ("8Ei", "write at most `9223372036854775807`"),
        ] {
            assert_eq!(help::<Quantity>(text), expected, "{text}");
        }
        assert_eq!(problem::<Quantity>("512MB"), "`512MB` is not a quantity: the suffix `MB` does not exist");
        assert_eq!(problem::<Quantity>("1.2.3"), "`1.2.3` is not a quantity: it does not start with a decimal number");
        for text in
            [".", "+", "Ki", "e3", "1e", "1Kii", "1 .5", "--1", "٥", "1_000", "0x10", "NaN", "9223372036854775808"]
        {
            problem::<Quantity>(text);
        }
        problem::<Quantity>(&"9".repeat(100_000));
        assert_eq!(read::<Quantity>(&format!("0.{}", "1".repeat(100_000))).nanos(), 111_111_112);
    }

    #[test]
    fn compares_and_computes_by_value() {
        let q = read::<Quantity>;
        assert_eq!(q("1000m"), q("1"));
        assert!(q("1Gi") > q("1G") && q("999m") < q("1") && q("1e3") == q("1k"));
        let sum = |a: &str, b: &str| q(a).checked_add(&q(b)).unwrap().to_string();
        assert_eq!(sum("1Gi", "512Mi"), "1536Mi");
        assert_eq!(sum("0", "512Mi"), "512Mi");
        assert_eq!(sum("0.5", "250m"), "750m");
        assert_eq!(sum("512Mi", "1"), "536870913");
        assert_eq!(sum("0.5Ki", "0"), "512");
        assert_eq!(sum("1Ki", "1m"), "1024001m");
        assert_eq!(q("250m").times(4).as_str(), "1");
        assert_eq!(q("1Gi").times(3).as_str(), "3Gi");
        assert!(q("1Gi").times(0).is_zero());
        let most = q("9223372036854775807").times(u32::MAX);
        assert_eq!(most.nanos(), MAX * u128::from(u32::MAX));
        assert_eq!(most.times(u32::MAX).nanos(), u128::MAX);
        assert_eq!(most.times(u32::MAX).checked_add(&q("1")), None);
        assert_eq!(q("1.5Gi").canonical(), "1536Mi");
        assert!(q("512m").has_fraction() && !q("512M").has_fraction());
        assert_eq!((q("1n").units(), q("1001m").units()), (1, 2));
    }

    #[test]
    fn integers_are_units() {
        assert_eq!(Quantity::from_integer(2).unwrap().unwrap().as_str(), "2");
        assert!(Quantity::from_integer(i64::MAX).unwrap().is_ok());
        assert!(Quantity::from_integer(-1).unwrap().is_err());
    }

    #[test]
    fn never_panics() {
        fuzz::<Quantity>(&["512Mi", "1.5e-3", "+.5n", "9223372036854775807", "512MB", "0.000000001Ei"]);
    }
}
