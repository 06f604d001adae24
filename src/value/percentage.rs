//! Percentages.

use std::fmt;

use super::diags::amount::{self as say, PercentageFault};
use super::diags::{self, Check, space};
use super::{Invalid, Leaf};

/// A whole percentage, as a value of its own from 1 to 1000. An autoscaler's target may be above 100, because it is a share of the request and
/// a container may use more than it requests; where that is wrong, ask [`Percentage::at_most_hundred`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Percentage(u16);

const LEAST: u16 = 1;
pub(super) const MOST: u16 = 1000;

impl Percentage {
    /// The number in front of the sign.
    pub fn percent(self) -> u16 {
        self.0
    }

    /// One that a [`CountOrPercentage`](super::CountOrPercentage) has read, where 0 is right too.
    pub(super) fn of(percent: u16) -> Self {
        Percentage(percent)
    }

    /// The percentage itself, or what is to be said if it is above 100.
    pub fn at_most_hundred(self) -> Result<Self, Invalid> {
        if self.0 <= 100 { Ok(self) } else { Err(say::percentage(&self.to_string(), &PercentageFault::AboveHundred)) }
    }
}

impl Leaf for Percentage {
    const EXPECTED: &'static str = "a percentage";
    const PATTERN: &'static str = "^([1-9][0-9]{0,2}|1000)%$";

    fn parse(text: &str) -> Result<Self, Invalid> {
        if text.contains(char::is_whitespace) {
            return Err(space::<Self>(&diags::PERCENTAGE, text));
        }
        read(text).map_err(|fault| say::percentage(text, &fault))
    }

    fn from_integer(value: i64) -> Option<Result<Self, Invalid>> {
        Some(Err(say::percentage(&value.to_string(), &PercentageFault::NoSign)))
    }
}

impl Check for Percentage {
    fn is_right(text: &str) -> bool {
        read(text).is_ok()
    }
}

fn read(text: &str) -> Result<Percentage, PercentageFault> {
    let number = text.strip_suffix('%').unwrap_or(text);
    if number.bytes().all(|b| b.is_ascii_digit() || matches!(b, b'.' | b','))
        && number.contains(|c: char| c.is_ascii_digit())
        && number.contains(['.', ','])
    {
        return Err(PercentageFault::Fraction(number.split(['.', ',']).next().and_then(|n| n.parse().ok())));
    }
    if number.is_empty() || !number.bytes().all(|b| b.is_ascii_digit()) {
        return Err(PercentageFault::Form);
    }
    if number.len() == text.len() {
        return Err(PercentageFault::NoSign);
    }
    let value = number.parse().ok().filter(|n| (LEAST..=MOST).contains(n));
    match value {
        None => Err(PercentageFault::Range(LEAST, MOST)),
        Some(_) if number.starts_with('0') => Err(PercentageFault::LeadingZero),
        Some(value) => Ok(Percentage(value)),
    }
}

impl fmt::Display for Percentage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}%", self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{fuzz, help, problem, read};
    use super::*;

    #[test]
    fn reads_one_to_a_thousand() {
        for (text, number) in [("1%", 1), ("70%", 70), ("100%", 100), ("101%", 101), ("1000%", 1000)] {
            let percentage = read::<Percentage>(text);
            assert_eq!((percentage.percent(), percentage.to_string().as_str()), (number, text));
            assert_eq!(percentage.at_most_hundred().is_ok(), number <= 100);
        }
        let invalid = read::<Percentage>("101%").at_most_hundred().unwrap_err();
        assert_eq!(invalid.problem, "`101%` is not a percentage: a share is at most all of it");
    }

    #[test]
    fn mistakes_get_their_own_help() {
        for (text, expected) in [
            ("70", "write `\"70%\"`"),
            ("70 %", "write `70%`"),
            ("070%", "write `70%`"),
            ("70.5%", "write `70%` or `71%`"),
            ("0.7", SHARE),
            ("", SHARE),
            ("%", SHARE),
            ("0%", SHARE),
            ("1001%", SHARE),
            ("65536%", SHARE),
            ("-5%", SHARE),
            ("70%%", SHARE),
            ("seventy", SHARE),
            ("٧٠%", SHARE),
        ] {
            assert_eq!(help::<Percentage>(text), expected, "{text}");
        }
        assert_eq!(problem::<Percentage>("1001%"), "`1001%` is not a percentage: it is outside of 1% to 1000%");
        problem::<Percentage>(&"9".repeat(100_000));
        assert_eq!(Percentage::from_integer(70).unwrap().unwrap_err().help, "write `\"70%\"`");
        assert_eq!(Percentage::from_integer(-1).unwrap().unwrap_err().help, SHARE);
    }

    const SHARE: &str = "write a whole number and a percent sign, such as `\"70%\"`";

    #[test]
    fn never_panics() {
        fuzz::<Percentage>(&["70%", "1000%", "70.5%", "007%", "65535%"]);
    }
}
