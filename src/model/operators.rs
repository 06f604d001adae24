//! What runs in the cluster and is not the platform's to make: operators, each at a release.

use crate::source::NodeId;
use std::collections::BTreeMap;
use std::fmt;

/// A release of an operator; ordered by what came first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Release {
    /// Changes with what breaks.
    pub major: u32,
    /// Changes with what is new.
    pub minor: u32,
    /// Changes with what is mended.
    pub patch: u32,
}

impl Release {
    /// A release that the program knows of.
    pub const fn new(major: u32, minor: u32, patch: u32) -> Self {
        Release { major, minor, patch }
    }
}

impl fmt::Display for Release {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}.{}", self.major, self.minor, self.patch)
    }
}

/// Where a Helm chart is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Chart {
    /// Its repository, with its scheme: `https` or `oci`.
    pub repository: String,
    /// Its name there.
    pub name: String,
}

/// An operator.
#[derive(Clone, Debug)]
pub struct Operator {
    /// The release that runs: it decides which form of a resource is written.
    pub version: Release,
    /// What installs it, where that is a chart.
    pub chart: Option<Chart>,
    /// Its entry in the spec.
    pub node: NodeId,
}

/// The operators that the platform relies on.
#[derive(Clone, Debug)]
pub struct Operators {
    /// By name.
    pub by_name: BTreeMap<String, Operator>,
    /// The `[operators]` table.
    pub node: NodeId,
}
