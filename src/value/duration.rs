//! Lengths of time.

use std::fmt;

use super::diags::amount::{self as say, DurationFault};
use super::diags::{self, Check, space};
use super::{Invalid, Leaf};

/// A length of time in whole milliseconds, from 0 to 2147483647 s. `Display` writes each unit that is not zero, large
/// ones first, and days as hours: `1h30m`, `720h`, `500ms`, `0s`. Go's `time.ParseDuration`, which reads the durations of
/// custom resources, knows no days; Prometheus reads both.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Duration {
    millis: u64,
}

/// The units and their lengths in milliseconds, the largest first.
const UNITS: [(&str, u64); 5] = [("d", 86_400_000), ("h", 3_600_000), ("m", 60_000), ("s", 1000), ("ms", 1)];
/// The longest duration: most fields of Kubernetes that take seconds are of 32 bits with a sign.
const LONGEST: Duration = Duration { millis: 2_147_483_647_000 };

impl Duration {
    /// A duration of so many seconds, for defaults of the program.
    pub const fn from_secs(seconds: u32) -> Self {
        let millis = seconds as u64 * 1000;
        Duration { millis: if millis > LONGEST.millis { LONGEST.millis } else { millis } }
    }

    /// Its length in milliseconds.
    pub fn millis(self) -> u64 {
        self.millis
    }

    /// Its length in seconds, `None` if they are not whole. At most 2147483647.
    pub fn seconds(self) -> Option<u64> {
        self.millis.is_multiple_of(1000).then_some(self.millis / 1000)
    }

    /// Whether it is no time at all.
    pub fn is_zero(self) -> bool {
        self.millis == 0
    }
}

impl Leaf for Duration {
    const EXPECTED: &'static str = "a duration";
    const PATTERN: &'static str = "^([0-9]+(d|h|m|s|ms))+$";

    fn parse(text: &str) -> Result<Self, Invalid> {
        if text.contains(char::is_whitespace) {
            return Err(space::<Self>(&diags::DURATION, text));
        }
        read(text).map_err(|fault| say::duration(text, &fault))
    }

    fn from_integer(value: i64) -> Option<Result<Self, Invalid>> {
        let fault = if value < 0 { DurationFault::Negative } else { DurationFault::NoUnit };
        Some(Err(say::duration(&value.to_string(), &fault)))
    }
}

impl Check for Duration {
    fn is_right(text: &str) -> bool {
        read(text).is_ok()
    }
}

fn read(text: &str) -> Result<Duration, DurationFault<'_>> {
    if text.is_empty() {
        return Err(DurationFault::Empty);
    }
    if text.starts_with(['-', '−']) {
        return Err(DurationFault::Negative);
    }
    if text.bytes().all(|b| b.is_ascii_digit()) {
        return Err(DurationFault::NoUnit);
    }
    if text.contains(['.', ',']) {
        return Err(DurationFault::Fraction(whole(text)));
    }
    let Some(parts) = parts(text) else {
        return Err(DurationFault::Form);
    };
    let mut total: Option<u64> = Some(0);
    let mut last = usize::MAX;
    let mut ordered = true;
    for (number, unit) in &parts {
        let Some(position) = UNITS.iter().position(|(u, _)| u == unit) else {
            return Err(DurationFault::Unit(unit, corrected(&parts)));
        };
        ordered &= last == usize::MAX || position > last;
        last = position;
        let length = UNITS.get(position).map_or(0, |(_, length)| *length);
        let millis = number.parse::<u64>().ok().and_then(|n| n.checked_mul(length));
        total = total.zip(millis).and_then(|(a, b)| a.checked_add(b));
    }
    match total.map(|millis| Duration { millis }).filter(|d| *d <= LONGEST) {
        None => Err(DurationFault::Long(LONGEST)),
        Some(duration) if !ordered => Err(DurationFault::Order(duration)),
        Some(duration) => Ok(duration),
    }
}

/// Numbers and what stands behind each; `None` if the text does not start with a number.
fn parts(text: &str) -> Option<Vec<(&str, &str)>> {
    let mut parts = Vec::new();
    let mut rest = text;
    while !rest.is_empty() {
        let digits = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
        let (number, behind) = rest.split_at(digits);
        let end = behind.find(|c: char| c.is_ascii_digit()).unwrap_or(behind.len());
        let (unit, next) = behind.split_at(end);
        if number.is_empty() {
            return None;
        }
        parts.push((number, unit));
        rest = next;
    }
    Some(parts)
}

/// The parts with the units that seem to be meant: `5min` as `5m`, `2w` as `14d`.
fn corrected(parts: &[(&str, &str)]) -> String {
    let mut text = String::new();
    for (number, unit) in parts {
        let (times, meant) = match unit.to_lowercase().as_str() {
            "s" | "sec" | "secs" | "second" | "seconds" => (1, "s"),
            "m" | "min" | "mins" | "minute" | "minutes" => (1, "m"),
            "h" | "hr" | "hrs" | "hour" | "hours" => (1, "h"),
            "d" | "day" | "days" => (1, "d"),
            "w" | "wk" | "week" | "weeks" => (7, "d"),
            "y" | "yr" | "year" | "years" => (365, "d"),
            "ms" | "msec" | "msecs" | "milli" | "millis" | "millisecond" | "milliseconds" => (1, "ms"),
            _ => (1, *unit),
        };
        match number.parse::<u64>().ok().and_then(|n| n.checked_mul(times)) {
            Some(n) if times > 1 => text.push_str(&n.to_string()),
            _ => text.push_str(number),
        }
        text.push_str(meant);
    }
    text
}

/// `1.5h` in whole numbers, if it is one number and comes out even.
fn whole(text: &str) -> Option<Duration> {
    let (number, unit) = text.split_at(text.find(|c: char| c.is_ascii_alphabetic())?);
    let (_, length) = UNITS.iter().find(|(u, _)| *u == unit)?;
    let (whole, fraction) = number.split_once(['.', ','])?;
    let digits = if whole.is_empty() { "0" } else { whole };
    let scale = 10u64.checked_pow(u32::try_from(fraction.len()).ok()?)?;
    let fraction = fraction.parse::<u64>().ok()?.checked_mul(*length)?;
    let millis = digits.parse::<u64>().ok()?.checked_mul(*length)?.checked_add(fraction / scale)?;
    let duration = Duration { millis };
    (fraction.is_multiple_of(scale) && duration <= LONGEST).then_some(duration)
}

impl fmt::Display for Duration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.millis == 0 {
            return f.write_str("0s");
        }
        let mut rest = self.millis;
        for (unit, length) in UNITS.iter().filter(|(unit, _)| *unit != "d") {
            if rest >= *length {
                write!(f, "{}{unit}", rest / length)?;
                rest %= length;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{fuzz, help, problem, read};
    use super::*;

    #[test]
    fn reads_and_writes() {
        for (text, millis, canonical) in [
            ("30s", 30_000, "30s"),
            ("5m", 300_000, "5m"),
            ("1h30m", 5_400_000, "1h30m"),
            ("90m", 5_400_000, "1h30m"),
            ("500ms", 500, "500ms"),
            ("1s500ms", 1500, "1s500ms"),
            ("30d", 2_592_000_000, "720h"),
            ("1d1m", 86_460_000, "24h1m"),
            ("0s", 0, "0s"),
            ("0d", 0, "0s"),
            ("007s", 7000, "7s"),
            ("2147483647s", 2_147_483_647_000, "596523h14m7s"),
        ] {
            let duration = read::<Duration>(text);
            assert_eq!((duration.millis(), duration.to_string().as_str()), (millis, canonical), "{text}");
        }
        assert_eq!(read::<Duration>("90m").seconds(), Some(5400));
        assert_eq!(read::<Duration>("1s500ms").seconds(), None);
        assert!(read::<Duration>("59s") < read::<Duration>("1m") && read::<Duration>("0ms").is_zero());
        assert_eq!(Duration::from_secs(30), read("30s"));
        assert_eq!(Duration::from_secs(u32::MAX), LONGEST);
    }

    #[test]
    fn mistakes_get_their_own_help() {
        for (text, expected) in [
            ("30", "write `\"30s\"`"),
            ("99999999999", SPAN),
            ("", SPAN),
            ("-5s", SPAN),
            ("s", SPAN),
            ("PT30S", SPAN),
            ("1h30", SPAN),
            ("30 s", "write `30s`"),
            ("5 min", "write `5m`"),
            ("5min", "write `5m`"),
            ("1hour30min", "write `1h30m`"),
            ("30S", "write `30s`"),
            ("2w", "write `14d`"),
            ("1y", "write `365d`"),
            ("1.5h", "write `1h30m`"),
            ("0.5s", "write `500ms`"),
            (".25s", "write `250ms`"),
            ("0.0001s", SPAN),
            ("1.5h30m", SPAN),
            ("30m1h", "write `1h30m`"),
            ("1m1m", "write `2m`"),
            ("10us", "write it in the units `d`, `h`, `m`, `s` and `ms`"),
            ("10µs", "write it in the units `d`, `h`, `m`, `s` and `ms`"),
            ("2147483648s", "write at most `596523h14m7s`"),
            ("99999999999999999999d", "write at most `596523h14m7s`"),
            ("18446744073709551615ms1ms", "write at most `596523h14m7s`"),
        ] {
            assert_eq!(help::<Duration>(text), expected, "{text}");
        }
        assert_eq!(problem::<Duration>("30"), "`30` is not a duration: it has no unit");
        assert_eq!(problem::<Duration>("2w"), "`2w` is not a duration: the unit `w` does not exist");
        problem::<Duration>(&"1s".repeat(50_000));
        problem::<Duration>(&"9".repeat(100_000));
    }

    const SPAN: &str = "write a duration such as `\"30s\"` or `\"1h30m\"`";

    #[test]
    fn integers_have_no_unit() {
        let invalid = Duration::from_integer(30).unwrap().unwrap_err();
        assert_eq!(
            (invalid.problem.as_str(), invalid.help.as_str()),
            ("`30` is not a duration: it has no unit", "write `\"30s\"`")
        );
        assert!(Duration::from_integer(i64::MIN).unwrap().is_err());
    }

    #[test]
    fn never_panics() {
        fuzz::<Duration>(&["1d2h3m4s5ms", "30s", "1.5h", "2147483647s", "5min", "18446744073709551615ms"]);
    }
}
