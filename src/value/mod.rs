//! Typed leaves of the spec: quantities, durations, schedules, percentages, addresses, names, image references.
//!
//! A leaf is read from text once, where it stands in the spec; after that its type says what it is. A text that is not
//! one gives an [`Invalid`]: the problem and what would be right, which `decode` turns into a diagnostic at the text.

pub mod aws;
pub mod cidr;
pub mod count_or_percent;
pub mod cron;
pub mod diags;
pub mod duration;
pub mod host;
pub mod image;
pub mod label;
pub mod name;
pub mod path;
pub mod percentage;
pub mod port;
pub mod prometheus;
pub mod quantity;
pub mod registry;
#[cfg(test)]
mod testing;
mod text;
pub mod version;

pub use aws::{is_aws_region, is_s3_bucket};
pub use cidr::Cidr;
pub use count_or_percent::CountOrPercentage;
pub use cron::Cron;
pub use diags::quoted;
pub use duration::Duration;
pub use host::Host;
pub use image::Image;
pub use label::{LabelKey, LabelValue};
pub use name::{
    EnvName, Name, PortName, SqlName, is_dns1035_label, is_dns1123_label, is_dns1123_subdomain, is_label_value,
    is_qualified_name,
};
pub use path::{AbsolutePath, FileName, HttpPath};
pub use percentage::Percentage;
pub use port::Port;
pub use prometheus::{is_metric_name, is_series_label};
pub use quantity::Quantity;
pub use registry::Registry;
pub use version::KubernetesVersion;

use crate::diag::Code;

/// Why a text is not a value of the wanted type.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Invalid {
    /// The diagnostic's code.
    pub code: CodeRef,
    /// What is wrong with it, as in "`12Q` is not a quantity: unknown suffix `Q`".
    pub problem: String,
    /// What would be right, as in "write an amount such as `\"512Mi\"` or `\"250m\"`".
    pub help: String,
}

/// A [`Code`] that compares by its id.
#[derive(Clone, Copy, Debug)]
pub struct CodeRef(pub &'static Code);

impl PartialEq for CodeRef {
    fn eq(&self, other: &Self) -> bool {
        self.0.id == other.0.id
    }
}

impl Eq for CodeRef {}

/// A value that the spec writes as a string (some also as an integer: a port, a replica count).
pub trait Leaf: Sized {
    /// What the value is, for "expected …": an article and a noun, as in "a duration".
    const EXPECTED: &'static str;
    /// A regular expression that says what the text may be, for the JSON Schema; empty for none.
    const PATTERN: &'static str = "";

    /// Reads the text.
    fn parse(text: &str) -> Result<Self, Invalid>;

    /// Reads an integer, where the spec may write one.
    fn from_integer(_: i64) -> Option<Result<Self, Invalid>> {
        None
    }

    /// Says what is wrong with a float, where one is a likely slip: a version without quotes.
    fn from_float(_: f64) -> Option<Invalid> {
        None
    }
}
