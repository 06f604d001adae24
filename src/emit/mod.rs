//! Pass 9, emit: the plan becomes bytes, one stream or a tree of files.
//!
//! Input: the [`Plan`]. Output: a YAML stream, a JSON `List`, or a [`Tree`](crate::files::Tree) whose kustomizations give
//! the objects in the stream's order.

pub mod scalar;
mod tree;
pub mod yaml;

pub use tree::{file_name, tree};

use crate::plan::Plan;

/// All objects as one YAML stream, in the order in which they are applied.
pub fn stream(plan: &Plan) -> Result<Vec<u8>, yaml::Error> {
    // Some two kilobytes an object: enough to spare most of the growing.
    let mut out = Vec::with_capacity(plan.resources().len() * 2048);
    for (index, resource) in plan.resources().iter().enumerate() {
        if index > 0 {
            out.extend_from_slice(b"---\n");
        }
        yaml::write_document(&resource.object, &mut out)?;
    }
    Ok(out)
}

/// All objects as one `v1` `List` in JSON, which `kubectl apply -f -` takes.
pub fn json(plan: &Plan) -> Result<Vec<u8>, serde_json::Error> {
    #[derive(serde::Serialize)]
    #[serde(rename_all = "camelCase")]
    struct List<'a> {
        api_version: &'static str,
        kind: &'static str,
        items: Vec<&'a crate::k8s::Object>,
    }
    let items = plan.resources().iter().map(|resource| &resource.object).collect();
    let mut out = serde_json::to_vec_pretty(&List { api_version: "v1", kind: "List", items })?;
    out.push(b'\n');
    Ok(out)
}
