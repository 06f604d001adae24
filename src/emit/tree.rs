//! The tree of files: `NAMESPACE/GROUP/KIND-NAME.yaml`, with a kustomization for the environment and each namespace.

use super::{document, yaml};
use crate::files::{Tree, UnsafePath};
use crate::k8s::{Gvk, Object};
use crate::plan::Plan;
use serde::Serialize;
use std::fmt;

/// The folder of objects without a namespace. No namespace's name begins with `_`.
const CLUSTER: &str = "_cluster";

/// Why a plan cannot become a tree.
#[derive(Debug)]
pub enum TreeError {
    /// An object cannot be written.
    Yaml(yaml::Error),
    /// A file name is not safe everywhere.
    Path(UnsafePath),
}

impl fmt::Display for TreeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            TreeError::Yaml(error) => error.fmt(f),
            TreeError::Path(error) => error.fmt(f),
        }
    }
}

/// What kustomize reads. `fifo` keeps the order of `resources`; unset, it would sort by its own table of kinds.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Kustomization {
    api_version: &'static str,
    kind: &'static str,
    resources: Vec<String>,
    sort_options: SortOptions,
}

#[derive(Serialize)]
struct SortOptions {
    order: &'static str,
}

/// The files of one environment, relative to its folder. The plan is sorted, so that each namespace's resources follow one
/// another.
pub fn tree(plan: &Plan) -> Result<Tree, TreeError> {
    let mut tree = Tree::new();
    let mut folders: Vec<(String, Vec<String>)> = Vec::new();
    // One that grows, so that each file takes the room that it needs.
    let mut bytes = Vec::new();
    for resource in plan.resources() {
        let (folder, inner) = match resource.object.identity().namespace {
            None => (CLUSTER.to_owned(), file_name(&resource.object)),
            Some(namespace) => (namespace.to_owned(), format!("{}/{}", resource.group, file_name(&resource.object))),
        };
        bytes.clear();
        document(&resource.object, &mut bytes).map_err(TreeError::Yaml)?;
        tree.insert(format!("{folder}/{inner}"), bytes.clone()).map_err(TreeError::Path)?;
        match folders.last_mut() {
            Some((last, files)) if *last == folder => files.push(inner),
            _ => folders.push((folder, vec![inner])),
        }
    }
    let names = folders.iter().map(|(name, _)| name.clone()).collect();
    insert_kustomization(&mut tree, "kustomization.yaml", names)?;
    for (folder, files) in folders {
        insert_kustomization(&mut tree, &format!("{folder}/kustomization.yaml"), files)?;
    }
    Ok(tree)
}

fn insert_kustomization(tree: &mut Tree, path: &str, resources: Vec<String>) -> Result<(), TreeError> {
    let kustomization = Kustomization {
        api_version: "kustomize.config.k8s.io/v1beta1",
        kind: "Kustomization",
        resources,
        sort_options: SortOptions { order: "fifo" },
    };
    let mut bytes = Vec::new();
    yaml::write_document(&kustomization, &mut bytes).map_err(TreeError::Yaml)?;
    tree.insert(path, bytes).map_err(TreeError::Path)
}

/// `deployment-NAME.yaml`; kinds that come with a CRD carry their group: `externalsecret.external-secrets-NAME.yaml`.
pub fn file_name(object: &Object) -> String {
    let gvk = object.gvk();
    let name = object.identity().name.replace(':', "_");
    format!("{}-{name}.yaml", file_kind(gvk))
}

fn file_kind(gvk: Gvk<'_>) -> String {
    let kind = gvk.kind.to_ascii_lowercase();
    if gvk.is_core() {
        return kind;
    }
    let group = gvk.group.rsplit_once('.').map_or(gvk.group, |(short, _)| short);
    format!("{kind}.{group}")
}
