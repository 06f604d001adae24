//! When two values mean the same.

use super::shape::{self, Default, Form, Shape};
use crate::manifest::Value;
use crate::value::{Leaf, Quantity};

/// Whether two scalars of a form mean the same. Maps and lists are compared by `fields`.
pub(super) fn scalars(old: &Value<'_>, new: &Value<'_>, form: Form) -> bool {
    if old == new {
        return true;
    }
    let (Some(old), Some(new)) = (amount_text(old), amount_text(new)) else { return false };
    match form {
        Form::Quantity => match (Quantity::parse(old), Quantity::parse(new)) {
            (Ok(old), Ok(new)) => old == new,
            _ => false,
        },
        Form::Duration => matches!((nanoseconds(old), nanoseconds(new)), (Some(old), Some(new)) if old == new),
        _ => false,
    }
}

/// A quantity may be stated as a number as well.
fn amount_text<'v>(value: &'v Value<'_>) -> Option<&'v str> {
    match value {
        Value::String(text) | Value::Number(text) => Some(text),
        _ => None,
    }
}

/// The length of a duration as Go's `time.ParseDuration` reads it, and with Prometheus' days and weeks.
fn nanoseconds(text: &str) -> Option<u128> {
    if text == "0" {
        return Some(0);
    }
    let mut rest = text;
    let mut total: u128 = 0;
    while !rest.is_empty() {
        let end = rest.find(|c: char| !c.is_ascii_digit() && c != '.')?;
        let (number, behind) = rest.split_at(end);
        let unit_end = behind.find(|c: char| c.is_ascii_digit() || c == '.').unwrap_or(behind.len());
        let (unit, behind) = behind.split_at(unit_end);
        let length: u128 = match unit {
            "ns" => 1,
            "us" | "µs" | "μs" => 1_000,
            "ms" => 1_000_000,
            "s" => 1_000_000_000,
            "m" => 60_000_000_000,
            "h" => 3_600_000_000_000,
            "d" => 86_400_000_000_000,
            "w" => 604_800_000_000_000,
            "y" => 31_536_000_000_000_000,
            _ => return None,
        };
        let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
        if whole.is_empty() && fraction.is_empty() || fraction.contains('.') {
            return None;
        }
        let whole: u128 = if whole.is_empty() { 0 } else { whole.parse().ok()? };
        total = total.checked_add(whole.checked_mul(length)?)?;
        // Nine digits are a nanosecond of a second, the most that anybody writes.
        let mut step = length;
        for digit in fraction.bytes().take(12) {
            step /= 10;
            total = total.checked_add(step.checked_mul(u128::from(digit - b'0'))?)?;
        }
        rest = behind;
    }
    (!text.is_empty()).then_some(total)
}

/// Whether a field that one side does not state says there what it says by default. `parent` is the map that states it.
pub(super) fn is_default(value: &Value<'_>, name: &str, shape: &Shape, parent: &Value<'_>) -> bool {
    if *value == Value::Null {
        return true;
    }
    let Some(field) = shape.field(name) else { return false };
    match (field.default, value) {
        (Default::Text(default), Value::String(_)) => scalars(value, &Value::String(default.into()), field.form),
        (Default::Text(default), Value::Number(number)) => matches!(field.form, Form::Quantity) && number == default,
        (Default::Number(default), Value::Number(number)) => number == default,
        (Default::Bool(default), Value::Bool(value)) => default == *value,
        (Default::From(is_default), _) if is_default(value, parent) => true,
        (Default::Empty, Value::Map(entries)) => match field.form {
            Form::Object(inner) => entries.iter().all(|(name, entry)| is_default(entry, name, inner, value)),
            _ => entries.is_empty(),
        },
        (_, Value::List(items)) => items.is_empty() && shape.drops_empty,
        _ => false,
    }
}

/// Whether two values mean the same, all of them.
pub(super) fn values(old: &Value<'_>, new: &Value<'_>, form: Form, strict: bool) -> bool {
    old == new || super::fields::is_same(old, new, form, strict)
}

/// The shape below a form, and whether order matters throughout.
pub(super) fn below(form: Form, strict: bool) -> (&'static Shape, bool) {
    match form {
        Form::Object(shape) => (shape, strict),
        Form::Template => (shape::template(), true),
        _ => (&shape::UNKNOWN, strict),
    }
}

#[cfg(test)]
mod tests {
    use super::nanoseconds;

    #[test]
    fn durations_have_a_length() {
        for (one, other) in
            [("30s", "0m30s"), ("90s", "1m30s"), ("1h", "1h0m0s"), ("1.5h", "90m"), ("0", "0s"), ("1d", "24h")]
        {
            assert_eq!(nanoseconds(one), nanoseconds(other), "{one} {other}");
            assert!(nanoseconds(one).is_some());
        }
        for text in ["", "5", "s", "1x", "1..5s", "-1s", "1s "] {
            assert_eq!(nanoseconds(text), None, "{text}");
        }
    }
}
