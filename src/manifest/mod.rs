//! Manifests as they stand in files: YAML or JSON of our own or of anybody else, read back.
//!
//! Input: bytes. Output: [`Manifest`]s, each an object with the place where it stands.

mod blocks;
pub mod diags;
mod events;
mod fast;
mod fault;
mod json;
mod object;
mod scalar;
mod split;
mod value;

pub use blocks::{Blocks, newline, sum};
pub use fault::{Fault, Spot};
pub(crate) use object::seal_within;
pub(crate) use scalar::{key as plain_key, plain as plain_scalar};
pub use split::{Document, documents};
pub use value::{Entries, Sealed, Value};

use crate::source::conflicts;
use diags::Source;
use object::Origin;
use split::NoText;
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
    /// The text of its document may be that of a `Secret`: it is not to be shown.
    pub is_confidential: bool,
}

/// Whether a file of a folder is one of manifests, by its name: YAML or JSON, and none of kustomize's own.
pub fn is_manifest(name: &str) -> bool {
    let is_ending = |ending: &str| {
        name.len().checked_sub(ending.len()).and_then(|at| name.get(at..)).is_some_and(|end| end == ending)
    };
    [".yaml", ".yml", ".json"].into_iter().any(is_ending) && !is_kustomization(name)
}

/// All objects of a file: a stream of YAML documents, or JSON values one after another; those of a `List` one by one.
/// They are read as kubectl reads them. Empty documents and files of kustomize are passed over.
///
/// `path` is what the file is called in faults and in [`Manifest::path`].
pub fn read<'a>(path: &'a str, bytes: &'a [u8]) -> Result<Vec<Manifest<'a>>, Vec<Fault>> {
    let (mut manifests, mut faults) = (Vec::new(), Vec::new());
    match split(path, bytes)? {
        Some(documents) => {
            for document in documents {
                read_document(path, document, &mut manifests, &mut faults);
            }
        }
        None => {
            let text = text(path, bytes).map_err(|fault| vec![*fault])?;
            if !read_json(path, text, &mut manifests, &mut faults) {
                for document in documents(text) {
                    read_document(path, document, &mut manifests, &mut faults);
                }
            }
        }
    }
    if faults.is_empty() { Ok(manifests) } else { Err(faults) }
}

/// The documents of a file, for [`read_document`]; `None` if it may be JSON, which [`read`] reads as a whole.
pub fn split<'a>(
    path: &str,
    bytes: &'a [u8],
) -> Result<Option<impl Iterator<Item = Document<'a>> + use<'a>>, Vec<Fault>> {
    let text = text(path, bytes).map_err(|fault| vec![*fault])?;
    if text.trim_start().starts_with('{') {
        return Ok(None);
    }
    Ok(Some(documents(if is_kustomization(path) { "" } else { text })))
}

/// Whether a merge was not finished in a document: what it says is then not known, whatever can be read of it.
pub fn in_conflict(document: Document<'_>) -> bool {
    document.text.contains("<<<<<<<") && !conflicts(document.text).is_empty()
}

/// The objects of one document of a stream, as [`documents`] gives it, added to `manifests` or `faults`.
pub fn read_document<'a>(
    path: &'a str,
    document: Document<'a>,
    manifests: &mut Vec<Manifest<'a>>,
    faults: &mut Vec<Fault>,
) {
    read_beside(path, document, None, manifests, faults);
}

/// The same beside documents that were read before: what `blocks` knows of them is not read again.
pub fn read_beside<'a>(
    path: &'a str,
    document: Document<'a>,
    blocks: Option<&mut Blocks<'a>>,
    manifests: &mut Vec<Manifest<'a>>,
    faults: &mut Vec<Fault>,
) {
    let source = Source { path, above: document.line - 1, text: document.text };
    let is_confidential = || diags::is_confidential(document.text);
    if let Some(blocks::Read { value, is_open, unknown }) = fast::read(document.text, blocks.as_deref()) {
        // Whatever has to be sealed is shared with nobody.
        if let Some(blocks) = blocks.filter(|_| is_open) {
            for (block, value) in unknown {
                blocks.add(block, value);
            }
        }
        let place = |steps: &[events::Step<'_>]| events::place(document.text, 0, steps);
        let (line, is_confidential) = (document.first_line(), is_confidential());
        let origin = Origin { path, line, source, place: &place, is_confidential, is_open };
        return object::objects(value, origin, manifests, faults);
    }
    let values = match events::read(document.text, source) {
        Ok(values) => values,
        Err(fault) => {
            let conflicts = conflicts(document.text);
            if conflicts.is_empty() {
                faults.push(*fault);
            }
            return faults.extend(conflicts.into_iter().map(|line| *diags::conflict(source, line)));
        }
    };
    let is_confidential = is_confidential();
    for (index, value) in values.into_iter().enumerate() {
        let place = |steps: &[events::Step<'_>]| events::place(document.text, index, steps);
        let line = document.first_line();
        let origin = Origin { path, line, source, place: &place, is_confidential, is_open: false };
        object::objects(value, origin, manifests, faults);
    }
}

/// The value of a document if it is in the part of YAML that manifests are mostly written in; what [`read`] tries first.
pub fn by_fast(text: &str) -> Option<Value<'_>> {
    Some(fast::read(text, None)?.value)
}

/// The values of a document by the reference reader alone, which [`by_fast`] has to agree with.
pub fn by_events(text: &str) -> Result<Vec<Value<'_>>, Box<Fault>> {
    events::read(text, Source { path: "", above: 0, text })
}

/// Whether the text was JSON; flow-style YAML begins with `{` as well.
fn read_json<'a>(path: &'a str, text: &'a str, manifests: &mut Vec<Manifest<'a>>, faults: &mut Vec<Fault>) -> bool {
    let source = Source { path, above: 0, text };
    match json::read(text, source) {
        Ok(values) => {
            let is_confidential = diags::is_confidential(text);
            for (index, (value, line)) in values.into_iter().enumerate() {
                let place = |steps: &[events::Step<'_>]| match index {
                    0 => events::place(text, 0, steps),
                    _ => (line, 1),
                };
                let origin = Origin { path, line, source, place: &place, is_confidential, is_open: false };
                object::objects(value, origin, manifests, faults);
            }
            true
        }
        // A file that says it is JSON, or whose keys are quoted and which is no YAML either.
        Err(fault) => {
            let is_json = path.to_ascii_lowercase().ends_with(".json")
                || (text.trim_start().get(1..).is_some_and(|rest| rest.trim_start().starts_with('"'))
                    && documents(text).any(|document| events::read(document.text, source).is_err()));
            if is_json {
                faults.push(*fault);
            }
            is_json
        }
    }
}

/// The text of a file, without a byte order mark; or why it is none.
pub fn text<'a>(path: &str, bytes: &'a [u8]) -> Result<&'a str, Box<Fault>> {
    let source = Source { path, above: 0, text: "" };
    match split::text(bytes) {
        Ok(text) if memchr::memchr(0, text.as_bytes()).is_some() => {
            Err(if split::is_wide(text) { diags::wide(source) } else { diags::binary(source) })
        }
        Ok(text) => Ok(text),
        Err(NoText::Wide) => Err(diags::wide(source)),
        Err(NoText::Binary) => Err(diags::binary(source)),
        Err(NoText::Encoding(valid)) => {
            let before = String::from_utf8_lossy(bytes.get(..valid).unwrap_or_default());
            let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
            let byte = bytes.get(valid).copied().unwrap_or_default();
            Err(diags::encoding(source, (before.matches('\n').count() + 1, column), byte))
        }
    }
}

/// Whether a file is kustomize's own.
fn is_kustomization(path: &str) -> bool {
    let front = ["kustomization.yaml", "kustomization.yml", "Kustomization"].map(|name| path.strip_suffix(name));
    front.into_iter().flatten().any(|front| front.is_empty() || front.ends_with(['/', '\\']))
}
