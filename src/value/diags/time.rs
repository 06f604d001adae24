//! Sentences about schedules.

use super::super::cron::{Cron, Field};
use super::super::{Invalid, Leaf};
use super::{CRON, because, invalid, quoted, suggest};

/// What is wrong with a schedule.
#[derive(Debug)]
pub(in super::super) enum CronFault<'a> {
    /// It has so many fields.
    Count(usize),
    /// It starts with the second 0; the five other fields.
    Seconds(String),
    /// A word with `@` that does not exist, or that has something behind it.
    Macro(&'a str),
    /// It states a time zone; what stands behind it.
    Zone(String),
    /// What stands where a value should.
    Value(&'static Field, &'a str),
    /// A step that is not one.
    Step(&'static Field, &'a str),
    /// A range that ends before it begins.
    Order(&'static Field, &'a str),
}

pub(in super::super) fn cron(text: &str, fault: &CronFault<'_>) -> Invalid {
    const GENERAL: &str =
        "write minute, hour, day of month, month and day of week, such as `0 3 * * *` for 03:00 every day";
    const MACRO: &str = "write `@hourly`, `@daily`, `@weekly`, `@monthly`, `@yearly` or five fields";
    let (why, help) = match fault {
        CronFault::Count(0) => because("it has no fields", GENERAL),
        CronFault::Count(1) => because("it has 1 field, not 5", GENERAL),
        CronFault::Count(count) => because(format!("it has {count} fields, not 5"), GENERAL),
        CronFault::Seconds(rest) => {
            because("it has a sixth field, of seconds, in front", suggest::<Cron>(rest, GENERAL))
        }
        CronFault::Macro(name) => {
            let lower = name.to_lowercase();
            because(format!("{} stands for no schedule", quoted(text)), suggest::<Cron>(&lower, MACRO))
        }
        CronFault::Zone(rest) => because("it states a time zone", suggest::<Cron>(rest, GENERAL)),
        CronFault::Value(field, value) => {
            because(format!("{} is no {}", quoted(value), field.name), value_help(field, value))
        }
        CronFault::Step(field, part) => because(
            format!("the step of {} in the field of the {} is no positive number", quoted(part), field.name),
            "state a step such as `*/15`, every 15th",
        ),
        CronFault::Order(field, range) => because(
            format!("the range {} of the {} ends before it begins", quoted(range), field.name),
            "write two ranges with a comma between them",
        ),
    };
    invalid(&CRON, text, Cron::EXPECTED, &why, help)
}

fn value_help(field: &Field, value: &str) -> String {
    let names = field.first_name().map_or_else(String::new, |name| format!(" or a name such as `{name}`"));
    let sunday = if field.last == 6 && value == "7" { "; Sunday is `0`" } else { "" };
    format!("write a number from {} to {}{names} for the {}{sunday}", field.first, field.last, field.name)
}
