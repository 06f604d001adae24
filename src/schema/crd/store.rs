//! The stored CRDs, read again.

use super::definition::{Definition, Scope, Source};
use super::rules::Programs;
use super::{FOLDER, diags, keep, strip};
use crate::diag::Diagnostic;
use crate::files::Files;
use serde::Deserialize;
use serde_json::value::RawValue;
use std::collections::BTreeMap;
use std::sync::OnceLock;

/// All versions of all CRDs that are stored.
#[derive(Debug, Default)]
pub struct Store {
    /// By group, kind and version.
    groups: BTreeMap<String, BTreeMap<String, BTreeMap<String, Definition>>>,
}

/// The stored form. Schemas are only looked for, not read: most are never needed.
#[derive(Deserialize)]
struct Stored<'a> {
    dpjgen: u64,
    group: String,
    names: Names,
    scope: Scope,
    #[serde(default)]
    source: Source,
    #[serde(borrow)]
    versions: Vec<Version<'a>>,
}

#[derive(Deserialize)]
struct Names {
    kind: String,
    plural: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Version<'a> {
    name: String,
    #[serde(default)]
    served: bool,
    #[serde(default)]
    storage: bool,
    #[serde(default)]
    deprecated: bool,
    deprecation_warning: Option<String>,
    #[serde(borrow)]
    schema: &'a RawValue,
}

impl Store {
    /// Whether the platform has one, or something in its place that may be one.
    pub fn exists(files: &dyn Files) -> bool {
        !matches!(keep::ownership(files), Ok(None))
    }

    /// Reads what `schemas/.dpjgen` lists. A platform without the folder has an empty store; a file that cannot be read
    /// is left out and said.
    pub fn load(files: &dyn Files) -> (Store, Vec<Diagnostic>) {
        let mut store = Store::default();
        let owned = match keep::ownership(files) {
            Ok(owned) => owned.unwrap_or_default(),
            Err(fault) => return (store, vec![fault]),
        };
        let mut faults = Vec::new();
        for (path, _) in owned.iter() {
            let path = format!("{FOLDER}/{path}");
            let read = files.read(&path).map_err(|error| error.to_string());
            if let Err(problem) = read.and_then(|bytes| store.add(&bytes)) {
                faults.push(diags::stored(&path, &problem));
            }
        }
        (store, faults)
    }

    /// Adds one stored file.
    fn add(&mut self, bytes: &[u8]) -> Result<(), String> {
        /// The first thing that is read of a file.
        #[derive(Deserialize)]
        struct Format {
            dpjgen: u64,
        }
        let stored: Stored<'_> =
            serde_json::from_slice(bytes).map_err(|error| match serde_json::from_slice::<Format>(bytes) {
                Ok(Format { dpjgen }) if dpjgen > strip::FORMAT => newer(dpjgen),
                _ => error.to_string(),
            })?;
        if stored.dpjgen > strip::FORMAT {
            return Err(newer(stored.dpjgen));
        }
        let kinds = self.groups.entry(stored.group.clone()).or_default();
        let versions = kinds.entry(stored.names.kind.clone()).or_default();
        for version in stored.versions {
            let warning = version
                .deprecation_warning
                .unwrap_or_else(|| format!("{}/{} {} is deprecated", stored.group, version.name, stored.names.kind));
            versions.insert(
                version.name.clone(),
                Definition {
                    group: stored.group.clone(),
                    kind: stored.names.kind.clone(),
                    plural: stored.names.plural.clone(),
                    version: version.name,
                    scope: stored.scope,
                    served: version.served,
                    storage: version.storage,
                    deprecated: version.deprecated.then_some(warning),
                    source: stored.source.clone(),
                    text: version.schema.get().into(),
                    schema: OnceLock::new(),
                    validator: OnceLock::new(),
                    programs: Programs::default(),
                },
            );
        }
        Ok(())
    }

    /// The definition of a kind in one version; also of a version that is no longer served.
    pub fn find(&self, group: &str, kind: &str, version: &str) -> Option<&Definition> {
        self.groups.get(group)?.get(kind)?.get(version)
    }

    /// All versions of a kind, by name; empty if no CRD defines it.
    pub fn versions(&self, group: &str, kind: &str) -> impl Iterator<Item = &Definition> {
        self.groups.get(group).and_then(|kinds| kinds.get(kind)).into_iter().flat_map(BTreeMap::values)
    }

    /// Everything, sorted by group, kind and version.
    pub fn iter(&self) -> impl Iterator<Item = &Definition> {
        self.groups.values().flat_map(BTreeMap::values).flat_map(BTreeMap::values)
    }

    /// Whether nothing is stored.
    pub fn is_empty(&self) -> bool {
        self.groups.is_empty()
    }
}

fn newer(format: u64) -> String {
    format!("it is of format {format}, and this dpjgen reads {} at most: use a newer one", strip::FORMAT)
}
