//! Schedules.

use std::fmt;

use super::diags::Check;
use super::diags::time::{self as say, CronFault};
use super::{Duration, Invalid, Leaf};

/// When something runs: five fields as in a `CronJob` of Kubernetes (minute, hour, day of month, month, day of week), read
/// as robfig/cron v3 reads them. A macro such as `@daily` becomes the fields that it stands for. `Display` writes the
/// fields with one space between two.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cron {
    text: String,
    minutes: u64,
    hours: u64,
    days: u64,
    months: u64,
    weekdays: u64,
    /// Whether both fields of days have to match; if each of them says something, one is enough.
    both_days: bool,
}

/// One of the five fields.
#[derive(Debug)]
pub(super) struct Field {
    pub(super) name: &'static str,
    pub(super) first: u32,
    pub(super) last: u32,
    /// Names of its values, from `first` on.
    names: &'static [&'static str],
}

impl Field {
    /// The name of its first value, if its values have names.
    pub(super) fn first_name(&self) -> Option<&'static str> {
        self.names.first().copied()
    }
}

const MINUTE: Field = Field { name: "minute", first: 0, last: 59, names: &[] };
const HOUR: Field = Field { name: "hour", first: 0, last: 23, names: &[] };
const DAY: Field = Field { name: "day of month", first: 1, last: 31, names: &[] };
const MONTH: Field = Field {
    name: "month",
    first: 1,
    last: 12,
    names: &["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"],
};
const WEEKDAY: Field =
    Field { name: "day of week", first: 0, last: 6, names: &["sun", "mon", "tue", "wed", "thu", "fri", "sat"] };

const MACROS: [(&str, &str); 7] = [
    ("@yearly", "0 0 1 1 *"),
    ("@annually", "0 0 1 1 *"),
    ("@monthly", "0 0 1 * *"),
    ("@weekly", "0 0 * * 0"),
    ("@daily", "0 0 * * *"),
    ("@midnight", "0 0 * * *"),
    ("@hourly", "0 * * * *"),
];

/// The sets of fields that say nothing.
const EVERY_DAY: u64 = (1 << 32) - (1 << 1);
const EVERY_MONTH: u64 = (1 << 13) - (1 << 1);
const EVERY_WEEKDAY: u64 = (1 << 7) - 1;

/// Minutes of a day.
const DAY_MINUTES: u32 = 24 * 60;

impl Cron {
    /// The five fields.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The six fields of those who count seconds, such as CloudNativePG: at the start of the minute.
    pub fn with_seconds(&self) -> String {
        format!("0 {}", self.text)
    }

    /// Whether there is no such day: `0 0 31 2 *`.
    pub fn never_runs(&self) -> bool {
        self.intervals().is_none()
    }

    /// The shortest time between two runs; the longest of all durations if it never runs.
    pub fn min_interval(&self) -> Duration {
        self.intervals().map_or(Duration::from_secs(u32::MAX), |(shortest, _)| Duration::from_secs(shortest * 60))
    }

    /// The longest time between two runs (in any 28 years without a skipped leap day); the longest of all durations if
    /// it never runs.
    pub fn max_interval(&self) -> Duration {
        self.intervals().map_or(Duration::from_secs(u32::MAX), |(_, longest)| Duration::from_secs(longest * 60))
    }

    /// The shortest and the longest time between two runs, in minutes.
    fn intervals(&self) -> Option<(u32, u32)> {
        let minutes_of = |hour: u32| (0..60).filter(|minute| has(self.minutes, *minute)).map(move |m| hour * 60 + m);
        let times: Vec<u32> = (0..24).filter(|hour| has(self.hours, *hour)).flat_map(minutes_of).collect();
        let (first_time, last_time) = (*times.first()?, *times.last()?);
        let (mut shortest, mut longest) = (u32::MAX, 0);
        let mut gap = |minutes: u32| {
            shortest = shortest.min(minutes);
            longest = longest.max(minutes);
        };
        for (earlier, later) in times.iter().zip(times.iter().skip(1)) {
            gap(later - earlier);
        }
        let mut between = |days: u32| gap(days * DAY_MINUTES - (last_time - first_time));
        let mut known: Option<(u32, u32)> = None;
        let mut number = 0;
        let mut day = |runs: bool| {
            number += 1;
            if !runs {
                return;
            }
            if let Some((_, last)) = known {
                between(number - last);
            }
            known = Some((known.map_or(number, |(first, _)| first), number));
        };
        if self.days == EVERY_DAY && self.months == EVERY_MONTH {
            (1..=7).for_each(|weekday| day(self.runs_on(1, 1, weekday % 7)));
        } else {
            // From 2001, whose first day is a Monday, dates repeat after 4 years and with weekdays after 28.
            let years = if self.weekdays == EVERY_WEEKDAY { 4 } else { 28 };
            let mut weekday = 0;
            for year in 2001..2001 + years {
                for month in 1..=12 {
                    for date in 1..=days_of(month, u32::is_multiple_of(year, 4)) {
                        weekday = (weekday + 1) % 7;
                        day(self.runs_on(month, date, weekday));
                    }
                }
            }
        }
        let (first, last) = known?;
        between(first + number - last);
        Some((shortest, longest))
    }

    fn runs_on(&self, month: u32, day: u32, weekday: u32) -> bool {
        let (day, weekday) = (has(self.days, day), has(self.weekdays, weekday));
        has(self.months, month) && if self.both_days { day && weekday } else { day || weekday }
    }
}

fn has(set: u64, number: u32) -> bool {
    set >> number & 1 == 1
}

fn days_of(month: u32, leap: bool) -> u32 {
    match month {
        2 if leap => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

impl Leaf for Cron {
    const EXPECTED: &'static str = "a schedule";
    const PATTERN: &'static str =
        r"^\s*(@(yearly|annually|monthly|weekly|daily|midnight|hourly)|[^\s@]\S*(\s+\S+){4})\s*$";

    fn parse(text: &str) -> Result<Self, Invalid> {
        read(text).map_err(|fault| say::cron(text, &fault))
    }
}

impl Check for Cron {
    fn is_right(text: &str) -> bool {
        read(text).is_ok()
    }
}

fn read(text: &str) -> Result<Cron, CronFault<'_>> {
    let mut parts: Vec<&str> = text.split_whitespace().collect();
    if let [first, rest @ ..] = parts.as_slice() {
        if first.starts_with('@') {
            let Some((_, fields)) = MACROS.iter().find(|(name, _)| name == first).filter(|_| rest.is_empty()) else {
                return Err(CronFault::Macro(first));
            };
            parts = fields.split(' ').collect();
        } else if first.starts_with("TZ=") || first.starts_with("CRON_TZ=") {
            return Err(CronFault::Zone(rest.join(" ")));
        }
    }
    let &[minute, hour, day, month, weekday] = parts.as_slice() else {
        return Err(match parts.as_slice() {
            ["0", rest @ ..] if rest.len() == 5 => CronFault::Seconds(rest.join(" ")),
            _ => CronFault::Count(parts.len()),
        });
    };
    let ((minutes, _), (hours, _)) = (set(&MINUTE, minute)?, set(&HOUR, hour)?);
    let ((days, any_day), (months, _)) = (set(&DAY, day)?, set(&MONTH, month)?);
    let (weekdays, any_weekday) = set(&WEEKDAY, weekday)?;
    Ok(Cron { text: parts.join(" "), minutes, hours, days, months, weekdays, both_days: any_day || any_weekday })
}

/// The numbers of a field, and whether it says nothing: `*` is one of its parts.
fn set<'a>(field: &'static Field, text: &'a str) -> Result<(u64, bool), CronFault<'a>> {
    let (mut numbers, mut any) = (0, false);
    for part in text.split(',') {
        let (range, step) = match part.split_once('/') {
            None => (part, None),
            Some((range, step)) => match small(step) {
                Some(step @ 1..) => (range, Some(step)),
                _ => return Err(CronFault::Step(field, part)),
            },
        };
        let (from, to) = match range.split_once('-') {
            _ if matches!(range, "*" | "?") => {
                any |= step.is_none_or(|step| step == 1);
                (field.first, field.last)
            }
            Some((from, to)) => (number(field, from)?, number(field, to)?),
            None => {
                let from = number(field, range)?;
                (from, if step.is_some() { field.last } else { from })
            }
        };
        if from > to {
            return Err(CronFault::Order(field, range));
        }
        let step = usize::try_from(step.unwrap_or(1)).unwrap_or(usize::MAX);
        numbers |= (from..=to).step_by(step).fold(0, |set, number| set | 1 << number);
    }
    Ok((numbers, any))
}

/// A value of a field: a number or a name.
fn number<'a>(field: &'static Field, text: &'a str) -> Result<u32, CronFault<'a>> {
    let names = (field.first..).zip(field.names);
    let named = names.into_iter().find(|(_, name)| name.eq_ignore_ascii_case(text)).map(|(number, _)| number);
    match named.or_else(|| small(text)) {
        Some(number) if (field.first..=field.last).contains(&number) => Ok(number),
        _ => Err(CronFault::Value(field, text)),
    }
}

/// A number of at most three digits: more than any field has.
fn small(text: &str) -> Option<u32> {
    let digits = (1..=3).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit());
    if digits { text.parse().ok() } else { None }
}

impl fmt::Display for Cron {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{fuzz, help, problem, read};
    use super::*;

    #[test]
    fn reads_and_writes() {
        for (text, canonical) in [
            ("0 3 * * *", "0 3 * * *"),
            ("  0\t3  * * * ", "0 3 * * *"),
            ("@daily", "0 0 * * *"),
            ("@weekly", "0 0 * * 0"),
            ("*/15 0-23/2 1,15 JAN-Mar mon-fri", "*/15 0-23/2 1,15 JAN-Mar mon-fri"),
            ("5/20 03 ? * ?", "5/20 03 ? * ?"),
        ] {
            assert_eq!(read::<Cron>(text).to_string(), canonical, "{text}");
        }
        assert_eq!(read::<Cron>("0 3 * * *").with_seconds(), "0 0 3 * * *");
    }

    #[test]
    fn time_between_runs() {
        for (text, shortest, longest) in [
            ("* * * * *", "1m", "1m"),
            ("*/15 * * * *", "15m", "15m"),
            ("*/25 * * * *", "10m", "25m"),
            ("0,5 * * * *", "5m", "55m"),
            ("0 0,1 * * *", "1h", "23h"),
            ("0 3 * * *", "24h", "24h"),
            ("0 3 1-31 jan-dec mon", "24h", "24h"),
            ("0 3 */2 * *", "24h", "48h"),
            ("0 3 29 * mon", "24h", "168h"),
            ("0 0 1 1-11 *", "672h", "1464h"),
            ("0 3 * * 1-5", "24h", "72h"),
            ("0 3 * * sun", "168h", "168h"),
            ("0 3 1 * *", "672h", "744h"),
            ("0 0,23 * * 0", "23h", "145h"),
            ("59 23,0 1 1 *", "23h", "8761h"),
            ("0 0 1 1 *", "8760h", "8784h"),
            ("0 0 29 2 *", "35064h", "35064h"),
            // Two fields that say something: either is enough, so that a Monday after the first comes a day later.
            ("0 0 1 * mon", "24h", "168h"),
            // A step on `*` says something.
            ("0 0 31 2 */2", "24h", "8160h"),
        ] {
            let cron = read::<Cron>(text);
            let between = (cron.min_interval().to_string(), cron.max_interval().to_string());
            assert_eq!(between, (shortest.to_owned(), longest.to_owned()), "{text}");
            assert!(!cron.never_runs(), "{text}");
        }
    }

    #[test]
    fn days_that_do_not_exist() {
        for text in ["0 0 31 2 *", "0 0 30-31 feb *", "0 0 31 4,6,9,11 *", "0 0 31 2 ?", "* * 31 2 */1"] {
            assert!(read::<Cron>(text).never_runs(), "{text}");
            assert_eq!(read::<Cron>(text).min_interval().seconds(), Some(2_147_483_647));
        }
        assert!(!read::<Cron>("0 0 31 2 mon").never_runs());
    }

    #[test]
    fn mistakes_get_their_own_help() {
        for (text, expected) in [
            ("", SCHEDULE),
            ("0 3 * *", SCHEDULE),
            ("0 0 3 * * *", "write `0 3 * * *`"),
            ("30 0 3 * * *", SCHEDULE),
            ("@every 1h", MACRO),
            ("@reboot", MACRO),
            ("@Daily", "write `@daily`"),
            ("@daily *", "write `@daily`"),
            ("TZ=Europe/Paris 0 3 * * *", "write `0 3 * * *`"),
            ("CRON_TZ=UTC", SCHEDULE),
            ("60 * * * *", "write a number from 0 to 59 for the minute"),
            ("0 24 * * *", "write a number from 0 to 23 for the hour"),
            ("0 0 0 * *", "write a number from 1 to 31 for the day of month"),
            ("0 0 * foo *", "write a number from 1 to 12 or a name such as `jan` for the month"),
            ("0 0 * * 7", "write a number from 0 to 6 or a name such as `sun` for the day of week; Sunday is `0`"),
            ("0 0 * * monday", "write a number from 0 to 6 or a name such as `sun` for the day of week"),
            ("*/0 * * * *", "state a step such as `*/15`, every 15th"),
            ("*/x * * * *", "state a step such as `*/15`, every 15th"),
            ("0 22-2 * * *", "write two ranges with a comma between them"),
            ("0 1,,2 * * *", "write a number from 0 to 23 for the hour"),
            ("L 0 * * *", "write a number from 0 to 59 for the minute"),
        ] {
            assert_eq!(help::<Cron>(text), expected, "{text}");
        }
        assert_eq!(problem::<Cron>("0 3 * *"), "`0 3 * *` is not a schedule: it has 4 fields, not 5");
        assert_eq!(problem::<Cron>("0 24 * * *"), "`0 24 * * *` is not a schedule: `24` is no hour");
        problem::<Cron>(&"* ".repeat(50_000));
        problem::<Cron>(&"9".repeat(100_000));
        problem::<Cron>(&format!("{} * * * *", "9".repeat(100_000)));
    }

    const SCHEDULE: &str =
        "write minute, hour, day of month, month and day of week, such as `0 3 * * *` for 03:00 every day";
    const MACRO: &str = "write `@hourly`, `@daily`, `@weekly`, `@monthly`, `@yearly` or five fields";

    #[test]
    fn never_panics() {
        fuzz::<Cron>(&[
            "*/15 0-23/2 1,15 JAN-Mar mon-fri",
            "@daily",
            "0 0 3 * * *",
            "TZ=UTC 0 3 * * *",
            "5/20 03 ? * ?",
        ]);
    }
}
