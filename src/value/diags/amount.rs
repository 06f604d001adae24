//! Sentences about quantities, durations, percentages and versions.

use super::super::count_or_percent::CountOrPercentage;
use super::super::duration::Duration;
use super::super::percentage::Percentage;
use super::super::quantity::Quantity;
use super::super::version::KubernetesVersion;
use super::super::{Invalid, Leaf};
use super::{DURATION, PERCENTAGE, QUANTITY, VERSION, because, better, invalid, quoted, suggest};

/// What is wrong with a quantity.
#[derive(Debug)]
pub(in super::super) enum QuantityFault<'a> {
    Negative,
    /// Neither digits before nor after the point, or two points.
    Number,
    /// The suffix does not exist; the number in front of it is right.
    Suffix {
        number: &'a str,
        suffix: &'a str,
    },
    /// It is above what can be held.
    Large,
}

pub(in super::super) fn quantity(text: &str, fault: &QuantityFault<'_>) -> Invalid {
    const GENERAL: &str = "write an amount such as `512Mi` or `250m`";
    let (why, help) = match fault {
        QuantityFault::Negative => because("an amount is not negative", GENERAL),
        QuantityFault::Number if text.is_empty() => because("it has no number", GENERAL),
        QuantityFault::Number => because("it does not start with a decimal number", GENERAL),
        QuantityFault::Suffix { suffix, .. } if is_exponent(suffix) => because(
            "its exponent is not a small whole number",
            "write the exponent as one or two digits, as in `1e3` or `1e-3`",
        ),
        QuantityFault::Suffix { number, suffix } if suffix.starts_with([',', '_', '\'']) => because(
            "digits are not grouped, and fractions have a point",
            suggest::<Quantity>(&format!("{number}{}", suffix.replacen(',', ".", 1)), GENERAL),
        ),
        QuantityFault::Suffix { number, suffix } => {
            because(format!("the suffix {} does not exist", quoted(suffix)), suffix_help(number, suffix, GENERAL))
        }
        QuantityFault::Large => {
            because("it is above 2^63-1, more than Kubernetes can count with", "write at most `9223372036854775807`")
        }
    };
    invalid(&QUANTITY, text, Quantity::EXPECTED, &why, help)
}

fn is_exponent(suffix: &str) -> bool {
    suffix.strip_prefix(['e', 'E']).is_some_and(|e| e.starts_with(|c: char| c.is_ascii_digit() || "+-".contains(c)))
}

/// What to write for a suffix that does not exist.
fn suffix_help(number: &str, suffix: &str, general: &str) -> String {
    let lower = suffix.to_lowercase();
    let (to, behind) = match lower.as_str() {
        "b" | "byte" | "bytes" => ("", ": an amount without a suffix counts bytes".to_owned()),
        "c" | "core" | "cores" | "cpu" | "cpus" | "vcpu" | "vcpus" => {
            ("", ": an amount of CPU without a suffix counts cores".to_owned())
        }
        "mcpu" | "mcore" | "mcores" | "millicpu" | "millicore" | "millicores" | "milli" => ("m", String::new()),
        "µ" | "μ" => ("u", String::new()),
        "%" => return format!("{general}; a share of something is not one"),
        other => match unit(other) {
            Some((binary, decimal, many)) if !other.contains('i') => {
                (binary, format!(" ({}bytes) or `{number}{decimal}` ({}bytes)", many.0, many.1))
            }
            Some((binary, ..)) => (binary, String::new()),
            None => return format!("{general}; the suffixes are n, u, m, k, M, G, T, P, E and Ki, Mi, Gi, Ti, Pi, Ei"),
        },
    };
    better::<Quantity>(&format!("{number}{to}")).map_or_else(|| general.into(), |help| help + &behind)
}

/// Binary suffix, decimal suffix, and the prefixes that they stand for.
type Unit = (&'static str, &'static str, (&'static str, &'static str));

/// The suffixes that may be meant by something like `mb` or `mib`.
fn unit(lower: &str) -> Option<Unit> {
    let letter = lower.strip_suffix("bytes").or_else(|| lower.strip_suffix('b')).unwrap_or(lower);
    match letter.strip_suffix('i').unwrap_or(letter) {
        "k" => Some(("Ki", "k", ("kibi", "kilo"))),
        "m" => Some(("Mi", "M", ("mebi", "mega"))),
        "g" => Some(("Gi", "G", ("gibi", "giga"))),
        "t" => Some(("Ti", "T", ("tebi", "tera"))),
        "p" => Some(("Pi", "P", ("pebi", "peta"))),
        "e" => Some(("Ei", "E", ("exbi", "exa"))),
        _ => None,
    }
}

/// What is wrong with a duration.
#[derive(Debug)]
pub(in super::super) enum DurationFault<'a> {
    Empty,
    Negative,
    /// A bare number.
    NoUnit,
    /// Numbers and units do not take turns.
    Form,
    /// Fractions; what it would be without them, if that can be said.
    Fraction(Option<Duration>),
    /// The unit does not exist or is empty; the text with the units that seem to be meant.
    Unit(&'a str, String),
    /// Units out of order or twice; what they add up to.
    Order(Duration),
    /// Longer than this.
    Long(Duration),
}

pub(in super::super) fn duration(text: &str, fault: &DurationFault<'_>) -> Invalid {
    const GENERAL: &str = "write a duration such as `\"30s\"` or `\"1h30m\"`";
    let (why, help) = match fault {
        DurationFault::Empty => because("it has no number", GENERAL),
        DurationFault::Negative => because("no time is negative", GENERAL),
        DurationFault::NoUnit => because("it has no unit", in_quotes::<Duration>(&format!("{text}s"), GENERAL)),
        DurationFault::Form => because("it is not a row of numbers, each with a unit", GENERAL),
        DurationFault::Fraction(whole) => because(
            "its numbers must be whole",
            whole.map_or_else(|| GENERAL.to_owned(), |whole| format!("write `{whole}`")),
        ),
        DurationFault::Unit("", _) => because("its last number has no unit", GENERAL),
        DurationFault::Unit(unit, candidate) => because(
            format!("the unit {} does not exist", quoted(unit)),
            suggest::<Duration>(candidate, "write it in the units `d`, `h`, `m`, `s` and `ms`"),
        ),
        DurationFault::Order(sorted) => because("large units come first, each once", format!("write `{sorted}`")),
        DurationFault::Long(longest) => because("it is too long", format!("write at most `{longest}`")),
    };
    invalid(&DURATION, text, Duration::EXPECTED, &why, help)
}

/// A suggestion in quotes, for a value that was written without them.
fn in_quotes<T: super::Check>(candidate: &str, general: &str) -> String {
    better::<T>(candidate).map_or_else(|| general.into(), |_| format!("write `\"{candidate}\"`"))
}

/// What is wrong with a percentage.
#[derive(Debug)]
pub(in super::super) enum PercentageFault {
    /// A bare number.
    NoSign,
    /// A number that is not whole; its whole part.
    Fraction(Option<u16>),
    Form,
    LeadingZero,
    /// Outside of these two.
    Range(u16, u16),
    /// Right as a percentage, but only a share of a whole can stand here.
    AboveHundred,
}

pub(in super::super) fn percentage(text: &str, fault: &PercentageFault) -> Invalid {
    const GENERAL: &str = "write a whole number and a percent sign, such as `\"70%\"`";
    let (why, help) = match fault {
        PercentageFault::NoSign => {
            because("it has no percent sign", in_quotes::<Percentage>(&format!("{text}%"), GENERAL))
        }
        PercentageFault::Fraction(Some(n @ 1..100)) => {
            because("it must be a whole number", format!("write `{n}%` or `{}%`", n + 1))
        }
        PercentageFault::Fraction(_) => because("it must be a whole number", GENERAL),
        PercentageFault::Form => because("it is not a whole number and a percent sign", GENERAL),
        PercentageFault::LeadingZero => {
            because("it starts with a zero", suggest::<Percentage>(text.trim_start_matches('0'), GENERAL))
        }
        PercentageFault::Range(least, most) => because(format!("it is outside of {least}% to {most}%"), GENERAL),
        PercentageFault::AboveHundred => because("a share is at most all of it", "write at most `100%`"),
    };
    invalid(&PERCENTAGE, text, Percentage::EXPECTED, &why, help)
}

/// What is wrong with a count or percentage.
#[derive(Debug)]
pub(in super::super) enum CountFault {
    /// A number in quotes.
    Quoted,
    Form,
    /// A count above this, or below zero.
    Count(u32),
    /// A percentage above this.
    Percentage(u16),
}

pub(in super::super) fn count(text: &str, fault: &CountFault) -> Invalid {
    const GENERAL: &str = "write an integer such as `1`, or a percentage such as `\"25%\"`";
    let (why, help) = match fault {
        CountFault::Quoted if better::<CountOrPercentage>(&format!("{text}%")).is_some() => {
            because("a count is not written as text", format!("write `{text}` without quotes, or `\"{text}%\"`"))
        }
        CountFault::Quoted => because("a count is not written as text", GENERAL),
        CountFault::Form => because("it is neither an integer nor a whole number and a percent sign", GENERAL),
        CountFault::Count(most) => because(format!("it is outside of 0 to {most}"), GENERAL),
        CountFault::Percentage(most) => because(format!("it is outside of 0% to {most}%"), GENERAL),
    };
    invalid(&PERCENTAGE, text, CountOrPercentage::EXPECTED, &why, help)
}

/// What is wrong with a version.
#[derive(Debug)]
pub(in super::super) enum VersionFault<'a> {
    Form,
    /// It goes on behind the release.
    Precise(&'a str),
    /// Something stands in front of the release.
    Prefix(&'a str),
    /// A number of it has a leading zero or more than three digits, or the first is zero.
    Number,
    /// It stands without quotes.
    Unquoted,
}

pub(in super::super) fn version(text: &str, fault: &VersionFault<'_>) -> Invalid {
    const GENERAL: &str = "write major and minor in quotes, such as `\"1.30\"`";
    let (why, help) = match fault {
        VersionFault::Form => because("it is not two numbers with a point between them", GENERAL),
        VersionFault::Precise(release) => because(
            "only the major and minor number are stated: patch releases neither add nor remove fields",
            suggest::<KubernetesVersion>(release, GENERAL),
        ),
        VersionFault::Prefix(release) => {
            because("it does not start with a digit", suggest::<KubernetesVersion>(release, GENERAL))
        }
        VersionFault::Number => because("a number of it has a zero in front or is too large or too small", GENERAL),
        VersionFault::Unquoted => because(
            "without quotes it is a number, and the number 1.30 is the number 1.3",
            in_quotes::<KubernetesVersion>(text, GENERAL),
        ),
    };
    invalid(&VERSION, text, KubernetesVersion::EXPECTED, &why, help)
}

/// A number where the version stands without quotes, as the spec has it; for `decode`, which sees TOML's floats.
pub fn version_unquoted(text: &str) -> Invalid {
    version(text, &VersionFault::Unquoted)
}
