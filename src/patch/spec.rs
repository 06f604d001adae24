//! `[patches.NAME]` and `[manifests.NAME]`.

use super::node::Node;
use crate::decode::At;
use crate::value::Name;
use serde::Deserialize;
use std::collections::BTreeMap;

/// A change of objects that no other section can say.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(super) struct PatchSpec {
    /// The objects that it changes.
    pub(super) target: At<TargetSpec>,
    /// What is merged into them: a JSON merge patch (RFC 7386), in which lists may be addressed by item.
    pub(super) merge: Option<Node>,
    /// Paths of what is removed: TOML has no `null` for the merge patch to say so.
    pub(super) remove: Option<At<Vec<At<String>>>>,
    /// A JSON patch (RFC 6902) instead of the two.
    pub(super) operations: Option<At<Vec<At<OperationSpec>>>>,
}

/// Which objects: one by its name, or all that the other keys pick.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(super) struct TargetSpec {
    /// Their kind.
    pub(super) kind: At<String>,
    /// Their API group, where two have the kind; empty for the core group.
    pub(super) group: Option<At<String>>,
    /// The namespace in which they are, by its key.
    pub(super) namespace: Option<At<Name>>,
    /// The name of one object.
    pub(super) name: Option<At<String>>,
    /// Labels that they have.
    pub(super) labels: Option<BTreeMap<At<String>, At<String>>>,
}

/// An operation of a JSON patch, by `op`.
#[derive(Debug, Deserialize)]
#[serde(rename = "op", rename_all = "kebab-case")]
pub(super) enum OperationSpec {
    /// Adds a field, or an item in front of another, or with `-` at the end.
    Add(WithValue),
    /// Replaces what is there.
    Replace(WithValue),
    /// Removes what is there.
    Remove(WithPath),
    /// Moves what is at `from`.
    Move(WithFrom),
    /// Copies what is at `from`.
    Copy(WithFrom),
    /// Refuses the patch unless the value is there.
    Test(WithValue),
}

/// An operation with a value.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(super) struct WithValue {
    pub(super) path: At<String>,
    pub(super) value: Node,
}

/// An operation without.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(super) struct WithPath {
    pub(super) path: At<String>,
}

/// An operation from somewhere else.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(super) struct WithFrom {
    pub(super) from: At<String>,
    pub(super) path: At<String>,
}

/// Manifests that are somebody else's words.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(super) struct ManifestSpec {
    /// YAML files below the platform's root; `*` stands for any part of a file's name.
    pub(super) files: At<Vec<At<String>>>,
    /// The namespace, by its key, of those objects that state none.
    pub(super) namespace: Option<At<Name>>,
}
