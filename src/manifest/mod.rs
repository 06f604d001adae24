//! Manifests as they stand in files: YAML or JSON of our own or of anybody else, read back.
//!
//! Input: bytes. Output: [`Manifest`]s, each an object with the place where it stands.

mod value;

pub use value::Value;

use std::fmt;

/// What tells an object from every other one of a cluster, owned. The version is not part of it: the same object is
/// served in several.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ObjectId {
    /// Namespace; `None` for cluster-scoped objects, and for namespaced ones that state none.
    pub namespace: Option<String>,
    /// API group; empty for the legacy core group.
    pub group: String,
    /// Kind.
    pub kind: String,
    /// Name.
    pub name: String,
}

impl fmt::Display for ObjectId {
    /// `Deployment dpj-backend/document-service`, `Rollout.argoproj.io dpj-backend/x`, `Namespace dpj-data`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.kind)?;
        if self.group.contains('.') && !self.group.ends_with(".k8s.io") {
            write!(f, ".{}", self.group)?;
        }
        match &self.namespace {
            Some(namespace) => write!(f, " {namespace}/{}", self.name),
            None => write!(f, " {}", self.name),
        }
    }
}

/// An object as it stands in a file.
#[derive(Clone, Debug)]
pub struct Manifest<'a> {
    /// Which object it is.
    pub id: ObjectId,
    /// Group and version as stated: `apps/v1`.
    pub api_version: String,
    /// All of it, `apiVersion` and `kind` too.
    pub value: Value<'a>,
    /// The file, as the caller named it.
    pub path: &'a str,
    /// The line on which its document begins, from 1.
    pub line: usize,
}
