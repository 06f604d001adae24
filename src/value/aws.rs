//! What AWS calls things.

/// Whether a text can be the name of a region, such as `eu-west-1` or `us-gov-east-1`. Zones such as `eu-west-1a` are none.
pub fn is_aws_region(text: &str) -> bool {
    let parts: Vec<&str> = text.split('-').collect();
    let words = parts.len() >= 3
        && parts.iter().rev().skip(1).all(|p| !p.is_empty() && p.bytes().all(|b| b.is_ascii_lowercase()));
    words && parts.last().is_some_and(|p| !p.is_empty() && p.bytes().all(|b| b.is_ascii_digit()))
}

/// Whether a text can be the name of a bucket. Source: Amazon S3, "General purpose bucket naming rules".
pub fn is_s3_bucket(text: &str) -> bool {
    let end = |b: Option<u8>| b.is_some_and(|b| b.is_ascii_lowercase() || b.is_ascii_digit());
    let address = text.split('.').count() == 4 && text.bytes().all(|b| b.is_ascii_digit() || b == b'.');
    (3..=63).contains(&text.len())
        && end(text.bytes().next())
        && end(text.bytes().last())
        && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b"-.".contains(&b))
        && !text.contains("..")
        && !address
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn regions() {
        for right in ["eu-west-1", "us-gov-east-1", "ap-southeast-3"] {
            assert!(is_aws_region(right), "{right}");
        }
        for wrong in ["", "eu", "eu-west", "eu-west-1a", "eu--1", "EU-WEST-1", "eu-west-"] {
            assert!(!is_aws_region(wrong), "{wrong}");
        }
    }

    #[test]
    fn buckets() {
        for right in ["dpj-backups", "a.b", "123", "x1-.y"] {
            assert!(is_s3_bucket(right), "{right}");
        }
        for wrong in ["", "ab", "-abc", "abc-", "a..b", "Abc", "a_b", "a/b", "s3://abc", "192.168.0.1", &"a".repeat(64)]
        {
            assert!(!is_s3_bucket(wrong), "{wrong}");
        }
    }
}
