//! The formats that the API server checks. Those that it does not (`password`, `uri` of a field that is free text) are
//! not checked here either.
//!
//! Source: `k8s.io/kube-openapi/pkg/validation/strfmt`; `duration` is Go's (`1h30m`), not that of ISO 8601.

use std::net::{Ipv4Addr, Ipv6Addr};

type Format = fn(&str) -> bool;

/// Name and check.
pub(super) const FORMATS: &[(&str, Format)] = &[
    ("byte", is_base64),
    ("cidr", is_cidr),
    ("date", is_date),
    ("date-time", is_date_time),
    ("duration", is_go_duration),
    ("ipv4", |text| text.parse::<Ipv4Addr>().is_ok()),
    ("ipv6", |text| text.parse::<Ipv6Addr>().is_ok()),
    ("uuid", is_uuid),
];

/// What a text of the format looks like, for a message.
pub(super) fn example(format: &str) -> &'static str {
    match format {
        "byte" => "base64, such as `c2VjcmV0`",
        "cidr" => "a range of addresses, such as `10.0.0.0/8`",
        "date" => "a date, such as `2026-11-21`",
        "date-time" => "a date and time, such as `2026-11-21T10:00:00Z`",
        "duration" => "a duration, such as `1h30m`",
        "ipv4" => "an IPv4 address",
        "ipv6" => "an IPv6 address",
        "uuid" => "a UUID",
        _ => "of its format",
    }
}

/// Standard alphabet with padding, as Go's `base64.StdEncoding`, which skips line ends.
fn is_base64(text: &str) -> bool {
    let text: Vec<u8> = text.bytes().filter(|b| !matches!(b, b'\r' | b'\n')).collect();
    let padding = text.iter().rev().take_while(|b| **b == b'=').count();
    let data = text.len().saturating_sub(padding);
    let letters = text.iter().take(data).all(|b| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'/'));
    text.len().is_multiple_of(4) && padding <= 2 && letters
}

fn is_cidr(text: &str) -> bool {
    let Some((address, bits)) = text.split_once('/') else { return false };
    let Some(bits) = digits(bits, 1..=3) else { return false };
    address.parse::<Ipv4Addr>().is_ok() && bits <= 32 || address.parse::<Ipv6Addr>().is_ok() && bits <= 128
}

fn is_uuid(text: &str) -> bool {
    let groups: Vec<&str> = text.split('-').collect();
    let hex = groups.iter().all(|g| g.bytes().all(|b| b.is_ascii_hexdigit()));
    hex && matches!(groups.iter().map(|g| g.len()).collect::<Vec<_>>()[..], [8, 4, 4, 4, 12] | [32])
}

fn is_date(text: &str) -> bool {
    let mut parts = text.splitn(3, '-');
    let mut part = |length: usize| parts.next().and_then(|part| digits(part, length..=length));
    let (Some(year), Some(month), Some(day)) = (part(4), part(2), part(2)) else { return false };
    let leap = year.is_multiple_of(4) && !year.is_multiple_of(100) || year.is_multiple_of(400);
    let days = match month {
        2 if leap => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        1..=12 => 31,
        _ => 0,
    };
    (1..=days).contains(&day)
}

/// RFC 3339.
fn is_date_time(text: &str) -> bool {
    let Some((date, time)) = text.split_once(['T', 't']) else { return false };
    let (clock, zone) = match time.find(['Z', 'z', '+', '-']) {
        Some(at) => time.split_at(at),
        None => return false,
    };
    let (clock, fraction) = clock.split_once('.').unwrap_or((clock, "0"));
    let zone_is_right = match zone.strip_prefix(['+', '-']) {
        None => zone.len() == 1,
        Some(offset) => numbers(offset).is_some_and(|n| matches!(n[..], [0..=23, 0..=59])),
    };
    let clock_is_right = numbers(clock).is_some_and(|n| matches!(n[..], [0..=23, 0..=59, 0..=60]));
    is_date(date) && clock_is_right && digits(fraction, 1..=9).is_some() && zone_is_right
}

/// Two-digit numbers between colons.
fn numbers(text: &str) -> Option<Vec<u32>> {
    text.split(':').map(|part| digits(part, 2..=2)).collect()
}

fn digits(text: &str, length: std::ops::RangeInclusive<usize>) -> Option<u32> {
    (length.contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit())).then(|| text.parse().ok()).flatten()
}

/// Go's `time.ParseDuration`.
fn is_go_duration(text: &str) -> bool {
    let mut rest = text.strip_prefix(['+', '-']).unwrap_or(text);
    if rest == "0" {
        return true;
    }
    if rest.is_empty() {
        return false;
    }
    while !rest.is_empty() {
        let number = rest.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(rest.len());
        let (amount, after) = rest.split_at(number);
        if !amount.bytes().any(|b| b.is_ascii_digit()) || amount.matches('.').count() > 1 {
            return false;
        }
        let units = ["ns", "us", "µs", "μs", "ms", "s", "m", "h"];
        let Some(after) = units.iter().find_map(|unit| after.strip_prefix(unit)) else { return false };
        rest = after;
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formats() {
        for (check, right, wrong) in [
            (is_base64 as Format, ["", "c2VjcmV0", "YQ=="], ["a", "YQ=", "Y-=="]),
            (is_cidr, ["10.0.0.0/8", "::/0", "fd00::/128"], ["10.0.0.0", "10.0.0.0/33", "x/8"]),
            (is_date, ["2026-11-21", "2024-02-29", "2000-02-29"], ["2025-02-29", "2026-13-01", "1-1-1"]),
            (
                is_date_time,
                ["2026-11-21T10:00:00Z", "2026-11-21T10:00:00.123456Z", "2026-11-21T10:00:00+01:00"],
                ["2026-11-21", "2026-11-21T10:00Z", "2026-11-21T25:00:00Z"],
            ),
            (is_go_duration, ["0", "1h30m", "1.5s"], ["", "5", "1d"]),
            (
                is_uuid,
                [
                    "123e4567-e89b-12d3-a456-426614174000",
                    "123e4567e89b12d3a456426614174000",
                    "00000000-0000-0000-0000-000000000000",
                ],
                ["123", "", "123e4567-e89b-12d3-a456-42661417400z"],
            ),
        ] {
            for text in right {
                assert!(check(text), "{text}");
            }
            for text in wrong {
                assert!(!check(text), "{text}");
            }
        }
    }
}
