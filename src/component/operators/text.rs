//! How releases, charts and days are written.

use crate::model::{Chart, Release};

/// A release, `1.30.0`: its three numbers, without a `v`.
pub(super) fn release(text: &str) -> Option<Release> {
    let mut numbers = text.split('.').map(number);
    let release = Release::new(numbers.next()??, numbers.next()??, numbers.next()??);
    numbers.next().is_none().then_some(release)
}

/// A number without leading zeros.
fn number(digits: &str) -> Option<u32> {
    let plain = digits == "0" || !digits.starts_with('0');
    (plain && digits.bytes().all(|b| b.is_ascii_digit())).then(|| digits.parse().ok())?
}

/// A Helm chart, `https://charts.example.com/stable/NAME` or `oci://registry.example.com/charts/NAME`.
pub(super) fn chart(text: &str) -> Option<Chart> {
    let (scheme, address) = text.split_once("://")?;
    let (place, name) = address.rsplit_once('/')?;
    let in_name = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
    let in_place = |b: u8| b.is_ascii_alphanumeric() || b"-._~/:".contains(&b);
    let right = ["https", "oci"].contains(&scheme)
        && place.split('/').all(|part| !part.is_empty())
        && place.bytes().all(in_place)
        && !name.is_empty()
        && name.bytes().all(in_name);
    right.then(|| Chart { repository: format!("{scheme}://{place}"), name: name.to_owned() })
}

/// Whether a text is a day of the Gregorian calendar, `2026-11-21`.
pub(super) fn is_day(text: &str) -> bool {
    let mut parts = text.split('-').map(|part| (part.len(), part.parse::<u32>().ok()));
    let (Some((4, Some(year))), Some((2, Some(month))), Some((2, Some(day))), None) =
        (parts.next(), parts.next(), parts.next(), parts.next())
    else {
        return false;
    };
    let leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    let days = match month {
        4 | 6 | 9 | 11 => 30,
        2 if leap => 29,
        2 => 28,
        1..=12 => 31,
        _ => return false,
    };
    (1..=days).contains(&day) && text.bytes().all(|b| b.is_ascii_digit() || b == b'-')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn releases_are_three_numbers_and_ordered() {
        assert_eq!(release("1.30.0"), Some(Release::new(1, 30, 0)));
        assert!(release("1.9.10") < release("1.30.0") && release("1.30.0") < release("1.30.1"));
        assert_eq!(release("0.11.2").map(|release| release.to_string()).as_deref(), Some("0.11.2"));
        let wrong =
            ["", "1", "1.30", "1.30.0.1", "1.30.0-rc.1", "1.030.0", "1..0", "4294967296.0.0", "+1.0.0", "v1.0.0"];
        for wrong in wrong {
            assert_eq!(release(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn charts_have_a_repository_and_a_name() {
        let expected = |repository: &str, name: &str| Some(Chart { repository: repository.into(), name: name.into() });
        assert_eq!(chart("https://charts.example.com/velero"), expected("https://charts.example.com", "velero"));
        assert_eq!(chart("oci://quay.io/calico/charts/operator"), expected("oci://quay.io/calico/charts", "operator"));
        let wrong = [
            "",
            "velero",
            "velero/velero",
            "http://a.b/c",
            "https://a.b",
            "https:///c",
            "https://a.b//c",
            "oci://a b/c",
        ];
        for wrong in wrong {
            assert_eq!(chart(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn days_are_those_of_the_calendar() {
        for right in ["2026-11-21", "2024-02-29", "2000-02-29"] {
            assert!(is_day(right), "{right}");
        }
        let wrong = [
            "",
            "2026-11-31",
            "2026-02-29",
            "1900-02-29",
            "2026-13-01",
            "2026-00-01",
            "26-11-21",
            "2026-1-1",
            "21.11.2026",
            "2026-11-21Z",
            "+026-11-21",
        ];
        for wrong in wrong {
            assert!(!is_day(wrong), "{wrong}");
        }
    }
}
