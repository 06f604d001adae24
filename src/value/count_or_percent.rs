//! A number of pods, or a share of them.

use std::fmt;

use super::diags::amount::{self as say, CountFault};
use super::diags::{self, Check, space};
use super::percentage::{MOST, Percentage};
use super::{Invalid, Leaf};

/// What Kubernetes calls an int-or-percent: `maxUnavailable`, `maxSurge`, `minAvailable`. Both may be zero; a surge may
/// be more than all pods, hence up to 1000 %.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum CountOrPercentage {
    /// A number of pods, 0 to 2147483647 (an `int32` in Kubernetes).
    Count(u32),
    /// A percentage of the wanted pods, 0 to 1000.
    Percentage(Percentage),
}

const MOST_PODS: u32 = i32::MAX.unsigned_abs();

impl CountOrPercentage {
    /// Whether it is `0` or `0%`.
    pub fn is_zero(self) -> bool {
        match self {
            Self::Count(count) => count == 0,
            Self::Percentage(share) => share.percent() == 0,
        }
    }

    /// How many of `total` it is, a fraction rounded down: what a Deployment does with `maxUnavailable`.
    pub fn rounded_down(self, total: u32) -> u32 {
        self.of(total, 0)
    }

    /// How many of `total` it is, a fraction rounded up: what a Deployment does with `maxSurge`, and a
    /// `PodDisruptionBudget` with both of its fields.
    pub fn rounded_up(self, total: u32) -> u32 {
        self.of(total, 99)
    }

    fn of(self, total: u32, add: u64) -> u32 {
        match self {
            Self::Count(count) => count,
            Self::Percentage(share) => {
                u32::try_from((u64::from(total) * u64::from(share.percent()) + add) / 100).unwrap_or(u32::MAX)
            }
        }
    }

    /// The value itself, or what is to be said if it is above 100 %, which only a surge may be.
    pub fn at_most_hundred(self) -> Result<Self, Invalid> {
        match self {
            Self::Percentage(share) => share.at_most_hundred().map(Self::Percentage),
            Self::Count(_) => Ok(self),
        }
    }
}

impl Leaf for CountOrPercentage {
    const EXPECTED: &'static str = "a count or a percentage";
    const PATTERN: &'static str = "^(0|[1-9][0-9]{0,2}|1000)%$";

    fn parse(text: &str) -> Result<Self, Invalid> {
        if text.contains(char::is_whitespace) {
            return Err(space::<Self>(&diags::PERCENTAGE, text));
        }
        read(text).map_err(|fault| say::count(text, &fault))
    }

    fn from_integer(value: i64) -> Option<Result<Self, Invalid>> {
        let count = u32::try_from(value).ok().filter(|n| *n <= MOST_PODS);
        Some(count.map(Self::Count).ok_or_else(|| say::count(&value.to_string(), &CountFault::Count(MOST_PODS))))
    }
}

impl Check for CountOrPercentage {
    fn is_right(text: &str) -> bool {
        read(text).is_ok()
    }
}

fn read(text: &str) -> Result<CountOrPercentage, CountFault> {
    let number = text.strip_suffix('%').unwrap_or(text);
    let leading_zero = number.len() > 1 && number.starts_with('0');
    if number.is_empty() || leading_zero || !number.bytes().all(|b| b.is_ascii_digit()) {
        return Err(CountFault::Form);
    }
    if number.len() == text.len() {
        return Err(CountFault::Quoted);
    }
    match number.parse().ok().filter(|n| *n <= MOST) {
        None => Err(CountFault::Percentage(MOST)),
        Some(share) => Ok(CountOrPercentage::Percentage(Percentage::of(share))),
    }
}

impl fmt::Display for CountOrPercentage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Count(count) => write!(f, "{count}"),
            Self::Percentage(share) => write!(f, "{share}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{fuzz, help, problem, read};
    use super::*;

    #[test]
    fn reads_both() {
        for (text, share) in [("0%", 0), ("25%", 25), ("100%", 100), ("1000%", 1000)] {
            let value = read::<CountOrPercentage>(text);
            assert_eq!(value, CountOrPercentage::Percentage(Percentage::of(share)));
            assert_eq!(value.is_zero(), share == 0);
            assert_eq!(value.to_string(), text);
            assert_eq!(value.at_most_hundred().is_ok(), share <= 100);
        }
        let count = |n| CountOrPercentage::from_integer(n).unwrap();
        assert_eq!(count(0), Ok(CountOrPercentage::Count(0)));
        assert_eq!(count(2_147_483_647).unwrap().to_string(), "2147483647");
        assert_eq!(
            count(-1).unwrap_err().problem,
            "`-1` is not a count or a percentage: it is outside of 0 to 2147483647"
        );
        assert!(count(2_147_483_648).is_err() && count(i64::MIN).is_err() && count(i64::MAX).is_err());
    }

    #[test]
    fn rounds_as_kubernetes_does() {
        let share = |n| CountOrPercentage::Percentage(Percentage::of(n));
        let quarter = share(25);
        assert_eq!((quarter.rounded_down(3), quarter.rounded_up(3)), (0, 1));
        assert_eq!((quarter.rounded_down(4), quarter.rounded_up(4)), (1, 1));
        assert_eq!(share(1000).rounded_up(u32::MAX), u32::MAX);
        assert_eq!(CountOrPercentage::Count(7).rounded_down(3), 7);
        assert_eq!(share(0).rounded_up(9), 0);
    }

    #[test]
    fn mistakes_get_their_own_help() {
        for (text, expected) in [
            ("1", "write `1` without quotes, or `\"1%\"`"),
            ("25 %", "write `25%`"),
            ("", COUNT),
            ("%", COUNT),
            ("025%", COUNT),
            ("1001%", COUNT),
            ("2.5%", COUNT),
            ("-1%", COUNT),
            ("half", COUNT),
            ("９%", COUNT),
            ("99999999999999999999", COUNT),
        ] {
            assert_eq!(help::<CountOrPercentage>(text), expected, "{text}");
        }
        problem::<CountOrPercentage>(&"9".repeat(100_000));
    }

    const COUNT: &str = "write an integer such as `1`, or a percentage such as `\"25%\"`";

    #[test]
    fn never_panics() {
        fuzz::<CountOrPercentage>(&["25%", "1000%", "1", "0%", "4294967296%"]);
    }
}
