//! Names of Prometheus.
//!
//! Source: Prometheus, "Data model": names of metrics and of labels as its query language takes them without quotes.

/// Whether a text may be the name of a metric.
pub fn is_metric_name(text: &str) -> bool {
    let mut letters = text.bytes();
    let first = letters.next();
    first.is_some_and(|b| b.is_ascii_alphabetic() || b == b'_' || b == b':')
        && letters.all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b':')
}

/// Whether a text may be the name of a label.
pub fn is_series_label(text: &str) -> bool {
    is_metric_name(text) && !text.contains(':')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_those_of_the_data_model() {
        for right in ["http_server_requests_seconds_count", "job:rate", "_x", "A9"] {
            assert!(is_metric_name(right), "{right}");
        }
        for wrong in ["", "9a", "a-b", "a b", "http.requests", "é"] {
            assert!(!is_metric_name(wrong), "{wrong}");
            assert!(!is_series_label(wrong), "{wrong}");
        }
        assert!(is_series_label("kubernetes_pod_name") && !is_series_label("job:rate"));
    }
}
