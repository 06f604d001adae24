//! Pass 9, emit: the plan becomes bytes, one stream or a tree of files.
//!
//! Input: the [`Plan`]. Output: a YAML stream, a JSON `List`, or a [`Tree`](crate::files::Tree) whose kustomizations give
//! the objects in the stream's order.

pub mod scalar;
mod tree;
pub mod yaml;

pub use tree::{file_name, tree};

use crate::k8s::Object;
use crate::plan::Plan;
use std::io;

/// Why a stream was not written to its end.
#[derive(Debug)]
pub enum StreamError {
    /// An object cannot be written; nothing was.
    Yaml(yaml::Error),
    /// The other side does not take it.
    Io(io::Error),
}

/// Bytes that are written at once: what fits a processor's cache and is worth a system call.
const CHUNK: usize = 1 << 16;

/// Writes [`stream`] without ever holding it: a large one would be an eighth of the memory of a run. What cannot be
/// written is found before the first byte is: only an object without a type of its own can hold such a value (a number
/// that not every reader keeps), so that those are tried first.
pub fn write_stream(plan: &Plan, to: &mut impl io::Write) -> Result<(), StreamError> {
    let mut chunk = Vec::with_capacity(CHUNK + CHUNK / 4);
    for resource in plan.resources().iter().filter(|resource| matches!(resource.object, Object::Tree(_))) {
        chunk.clear();
        yaml::write_document(&resource.object, &mut chunk).map_err(StreamError::Yaml)?;
    }
    chunk.clear();
    for (index, resource) in plan.resources().iter().enumerate() {
        if index > 0 {
            chunk.extend_from_slice(b"---\n");
        }
        document(&resource.object, &mut chunk).map_err(StreamError::Yaml)?;
        if chunk.len() >= CHUNK {
            to.write_all(&chunk).map_err(StreamError::Io)?;
            chunk.clear();
        }
    }
    to.write_all(&chunk).map_err(StreamError::Io)
}

/// Appends an object's document, as [`yaml::write_document`] does.
pub fn document(object: &Object, out: &mut Vec<u8>) -> Result<(), yaml::Error> {
    if let Object::Written(written) = object {
        out.extend_from_slice(written.document().as_bytes());
        return Ok(());
    }
    yaml::write_document(object, out)
}

/// All objects as one YAML stream, in the order in which they are applied.
pub fn stream(plan: &Plan) -> Result<Vec<u8>, yaml::Error> {
    // Some two kilobytes an object: enough to spare most of the growing.
    let mut out = Vec::with_capacity(plan.resources().len() * 2048);
    for (index, resource) in plan.resources().iter().enumerate() {
        if index > 0 {
            out.extend_from_slice(b"---\n");
        }
        document(&resource.object, &mut out)?;
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
        items: Vec<&'a Object>,
    }
    let items = plan.resources().iter().map(|resource| &resource.object).collect();
    let mut out = serde_json::to_vec_pretty(&List { api_version: "v1", kind: "List", items })?;
    out.push(b'\n');
    Ok(out)
}
