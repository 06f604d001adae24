//! Pass 1, load: the bytes of `platform.toml`, its `include`d parts and one overlay become trees of nodes with spans.
//!
//! Input: a [`Files`]. Output: [`Loaded`], one tree for each layer. Every syntax error of every file is reported, not
//! just the first. Invariants of the trees: the entries of a table are sorted by key and each key stands once; every
//! node has an id whose spans the [`SourceMap`] knows.

pub mod diags;
mod include;
mod masks;
mod node;
mod parse;
mod pieces;
pub mod write;

pub use masks::masks;
pub use node::{Entry, Node, Table, Value};

use crate::diag::Sink;
use crate::files::{Files, ReadError};
use crate::source::{Layer, SourceMap};

/// What the spec's files say, layer by layer.
#[derive(Clone, Debug, Default)]
pub struct Loaded {
    /// Every file that was read.
    pub sources: SourceMap,
    /// `platform.toml` with its included parts; `None` if it could not be read at all.
    pub base: Option<Node>,
    /// `overlays/ENV.toml`; `None` if it could not be read at all.
    pub environment: Option<Node>,
}

/// The folder of the overlays, relative to the platform's root.
pub const OVERLAYS: &str = "overlays";

/// Names of the environments: the overlays' file names without `.toml`, sorted. A file whose name cannot name an
/// environment is an error, and so is a folder that cannot be listed.
pub fn environments(files: &dyn Files, sink: &mut Sink) -> Vec<String> {
    let names = match files.list(OVERLAYS) {
        Ok(names) => names,
        Err(error) => {
            sink.push(diags::overlays_unreadable(&error));
            return Vec::new();
        }
    };
    let mut environments: Vec<String> =
        names.iter().filter_map(|name| name.strip_suffix(".toml")).map(str::to_owned).collect();
    environments.sort();
    environments.retain(|name| {
        let valid = is_environment_name(name);
        if !valid {
            sink.push(diags::environment_name(name));
        }
        valid
    });
    environments
}

/// An environment's name becomes a folder, a label value and a part of a secret's path: an RFC 1123 label.
fn is_environment_name(name: &str) -> bool {
    let inner = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit();
    (1..=63).contains(&name.len())
        && name.bytes().all(|b| inner(b) || b == b'-')
        && name.bytes().next().is_some_and(inner)
        && name.bytes().last().is_some_and(inner)
}

/// Reads the platform's spec `spec` (a path relative to the platform's root) and the overlay of `environment`.
pub fn load(files: &dyn Files, spec: &str, environment: &str, sink: &mut Sink) -> Loaded {
    load_beside(SourceMap::default(), files, spec, environment, sink)
}

/// [`load()`] into sources that hold another state of the same spec: no two nodes of both have one id, so that layers
/// may be put together of both.
pub fn load_beside(sources: SourceMap, files: &dyn Files, spec: &str, environment: &str, sink: &mut Sink) -> Loaded {
    let mut loaded = Loaded { sources, base: None, environment: None };
    loaded.base = parse::read(files, spec, Layer::Base, None, &mut loaded.sources, sink);
    if let Some(root) = loaded.base.as_mut() {
        include::resolve(files, spec, root, &mut loaded.sources, sink);
    }
    if loaded.base.is_none() && files.list(OVERLAYS).is_err() {
        // Neither is there: this is no platform's folder, and one message says so.
        return loaded;
    }
    let known = environments(files, sink);
    let path = format!("{OVERLAYS}/{environment}.toml");
    // A folder or a device of that name is in no list; what it is says whoever reads it.
    let hidden = || is_environment_name(environment) && !matches!(files.read(&path), Err(ReadError::NotFound));
    if known.iter().any(|name| name == environment) || hidden() {
        loaded.environment = parse::read(files, &path, Layer::Environment, None, &mut loaded.sources, sink);
    } else if !sink.has_errors() || !known.is_empty() {
        sink.push(diags::no_such_environment(environment, &known));
    }
    loaded
}
