//! Files of manifests become objects.

use super::node::{Node, Value};
use super::spec::ManifestSpec;
use super::validate::{Schemas, Subject};
use super::{credentials, diags, target, yaml};
use crate::decode::{At, Entry};
use crate::diag::{Place, Sink};
use crate::files::Files;
use crate::k8s::{Gvk, Identity, argo_cd};
use crate::model::Model;
use crate::plan::sync::{self, Advice};
use crate::schema::PathSegment;
use crate::source::{Layer, NodeId, SourceFile, SourceMap};
use std::collections::BTreeMap;

/// An object of a manifest.
pub(super) struct Stated {
    pub(super) node: Node,
    /// The entry that names its file.
    pub(super) entry: usize,
}

/// Reads the files of all entries.
pub(super) fn read(
    entries: &[Entry<ManifestSpec>],
    files: &dyn Files,
    sources: &mut SourceMap,
    sink: &mut Sink,
) -> Vec<Stated> {
    let mut objects = Vec::new();
    let mut seen: BTreeMap<String, NodeId> = BTreeMap::new();
    for (entry, manifest) in entries.iter().enumerate() {
        for pattern in &manifest.spec.files.value {
            for path in matching(pattern, files, sink) {
                if let Some(first) = seen.insert(path.clone(), pattern.node) {
                    sink.push(diags::file_twice(&path, pattern.node, first));
                    continue;
                }
                let before = sink.error_count();
                let found = file(&path, pattern.node, files, sources, sink);
                if found.is_empty() && sink.error_count() == before {
                    sink.push(diags::no_objects(&path, pattern.node));
                }
                objects.extend(found.into_iter().map(|node| Stated { node, entry }));
            }
        }
    }
    objects
}

/// The files that a pattern names.
fn matching(pattern: &At<String>, files: &dyn Files, sink: &mut Sink) -> Vec<String> {
    let (folder, name) = pattern.value.rsplit_once('/').unwrap_or(("", &pattern.value));
    if folder.contains('*') {
        sink.push(diags::star_in_folder(&pattern.value, pattern.node));
        return Vec::new();
    }
    if !name.contains('*') {
        return vec![pattern.value.clone()];
    }
    let names = match files.list(folder) {
        Ok(names) => names,
        Err(error) => {
            sink.push(diags::unreadable(folder, &error, pattern.node));
            return Vec::new();
        }
    };
    let found: Vec<String> = names.iter().filter(|file| fits(file, name)).map(|file| join(folder, file)).collect();
    if found.is_empty() {
        sink.push(diags::no_match(&pattern.value, names.iter().map(String::as_str), pattern.node));
    }
    found
}

fn join(folder: &str, name: &str) -> String {
    if folder.is_empty() { name.to_owned() } else { format!("{folder}/{name}") }
}

/// Whether a name fits a pattern in which `*` is any text.
fn fits(name: &str, pattern: &str) -> bool {
    let mut parts = pattern.split('*');
    let (Some(first), Some(last)) = (parts.next(), parts.next_back()) else { return name == pattern };
    let Some(rest) = name.strip_prefix(first).and_then(|rest| rest.strip_suffix(last)) else { return false };
    let mut rest = rest;
    parts.all(|part| match rest.find(part) {
        Some(at) => {
            rest = rest.get(at + part.len()..).unwrap_or_default();
            true
        }
        None => false,
    })
}

/// The objects of one file.
fn file(path: &str, at: NodeId, files: &dyn Files, sources: &mut SourceMap, sink: &mut Sink) -> Vec<Node> {
    let bytes = match files.read(path) {
        Ok(bytes) => bytes,
        Err(error) => {
            sink.push(diags::unreadable(path, &error, at));
            return Vec::new();
        }
    };
    let bytes = bytes.strip_prefix(&[0xEF, 0xBB, 0xBF]).map(<[u8]>::to_vec).unwrap_or(bytes);
    let Some(text) = String::from_utf8(bytes).ok().filter(|text| !text.contains('\0')) else {
        sink.push(diags::not_text(path, at));
        return Vec::new();
    };
    let file = sources.add(SourceFile { path: path.to_owned(), text: text.clone(), layer: Layer::Base });
    sources.note_named(file, at);
    match yaml::documents(file, &text, sources) {
        Ok(documents) => documents.into_iter().flat_map(|document| items(document, sink)).collect(),
        Err(fault) => {
            sink.push(diags::yaml(fault));
            Vec::new()
        }
    }
}

/// The objects of a document: itself, or what a list of kubectl's holds.
fn items(document: Node, sink: &mut Sink) -> Vec<Node> {
    let at = document.at.unwrap_or(NodeId(0));
    let is_list = document.text(&["kind"]).ends_with("List");
    match document.value {
        Value::Map(mut fields) => {
            let list = fields
                .iter()
                .position(|(name, field)| is_list && name == "items" && matches!(field.value, Value::List(_)));
            if let Some(index) = list
                && let Value::List(all) = fields.swap_remove(index).1.value
            {
                return all.into_iter().flat_map(|item| items(item, sink)).collect();
            }
            vec![Node::new(Value::Map(fields), document.at)]
        }
        other => {
            sink.push(diags::no_object(other.kind(), at));
            Vec::new()
        }
    }
}

/// Fields of metadata that only a cluster writes.
const OF_A_CLUSTER: [&str; 3] = ["uid", "resourceVersion", "managedFields"];

/// Checks an object of a manifest and puts it into its namespace; `None` if anything is wrong with it.
pub(super) fn checked(
    object: Node,
    entry: &Entry<ManifestSpec>,
    model: &Model,
    schemas: &Schemas<'_>,
    sink: &mut Sink,
) -> Option<Node> {
    let before = sink.error_count();
    let root = object.at.unwrap_or(entry.name.node);
    for (field, path) in
        [("apiVersion", &["apiVersion"][..]), ("kind", &["kind"]), ("metadata.name", &["metadata", "name"])]
    {
        if object.text(path).is_empty() {
            sink.push(diags::lacks(field, object.at(path).and_then(|node| node.at).unwrap_or(root)));
        }
    }
    for field in OF_A_CLUSTER {
        if let Some(stated) = object.at(&["metadata", field]) {
            sink.push(diags::of_a_cluster(field, stated.at.unwrap_or(root)));
        }
    }
    if sink.error_count() > before {
        return None;
    }
    let (api_version, kind) = (object.text(&["apiVersion"]).to_owned(), object.text(&["kind"]).to_owned());
    let group = api_version.split_once('/').map_or("", |(group, _)| group);
    let gvk = Gvk { group, api_version: &api_version, kind: &kind };
    let object = if gvk.is_core() { object.without_nulls() } else { object };
    let mut object = in_namespace(object, gvk, entry, (model, schemas), sink)?;
    add_advice(&mut object, gvk);
    let name = object.at(&["metadata", "name"]);
    let owner = Place::Key(name.and_then(|name| name.at).unwrap_or(root));
    let identity = Identity {
        group,
        kind: &kind,
        namespace: object.at(&["metadata", "namespace"]).and_then(Node::as_str),
        name: object.text(&["metadata", "name"]),
    };
    if gvk.api_version == "v1" && gvk.kind == "Secret" {
        for field in ["data", "stringData"] {
            if let Some(data) = object.get(field).filter(|data| !data.fields().is_empty()) {
                sink.push(diags::secret(field, identity.name, data.at.unwrap_or(root)));
            }
        }
    }
    if sink.error_count() == before {
        for found in credentials::find(&object, &identity) {
            sink.push(found);
        }
    }
    if sink.error_count() == before {
        let subject = Subject { object: &object, identity, removed: &Vec::new(), owner, stated: true };
        schemas.check(gvk, &subject, sink);
    }
    (sink.error_count() == before).then_some(object)
}

/// What Argo CD is told of generated objects of a kind, it is told of one that says nothing of it itself.
fn add_advice(object: &mut Node, gvk: Gvk<'_>) {
    let scaled = ["scaleTargetRef", "targetRef"].iter().find_map(|of| object.at(&["spec", of, "kind"])?.as_str());
    let advice = sync::advice(gvk, scaled);
    if advice == Advice::default() {
        return;
    }
    let Some(Value::Map(metadata)) =
        object.find_mut(&[PathSegment::Key("metadata".to_owned())]).map(|metadata| &mut metadata.value)
    else {
        return;
    };
    let stated = metadata.iter().position(|(name, field)| name == "annotations" && field.value != Value::Null);
    let annotations = stated.unwrap_or_else(|| {
        metadata.retain(|(name, _)| name != "annotations");
        metadata.push(("annotations".to_owned(), Node::new(Value::Map(Vec::new()), None)));
        metadata.len() - 1
    });
    // Annotations that are no map are for the schema to refuse.
    let Some((_, Node { value: Value::Map(fields), .. })) = metadata.get_mut(annotations) else { return };
    for (key, value) in
        [(argo_cd::SYNC_OPTIONS, advice.options()), (argo_cd::SYNC_WAVE, advice.wave.map(str::to_owned))]
    {
        // Its author's own word wins.
        if let Some(value) = value.filter(|_| !fields.iter().any(|(name, _)| name == key)) {
            fields.push((key.to_owned(), Node::new(Value::String(value), None)));
        }
    }
}

/// An object of a namespaced kind that states no namespace is in that of its entry.
fn in_namespace(
    mut object: Node,
    gvk: Gvk<'_>,
    entry: &Entry<ManifestSpec>,
    (model, schemas): (&Model, &Schemas<'_>),
    sink: &mut Sink,
) -> Option<Node> {
    let root = object.at(&["metadata", "name"]).and_then(|name| name.at).unwrap_or(entry.name.node);
    let namespaced = schemas.is_namespaced(gvk);
    let stated = object.at(&["metadata", "namespace"]).filter(|stated| stated.value != Value::Null);
    if let Some(stated) = stated {
        let node = stated.at.unwrap_or(root);
        if namespaced == Some(false) {
            sink.push(diags::takes_no_namespace(gvk.kind, node));
            return None;
        }
        let name = stated.as_str().unwrap_or_default();
        let known = model.namespaces.iter().any(|(_, namespace)| namespace.name == name);
        // What is no text is for the schema to say.
        if !known && stated.as_str().is_some() {
            sink.push(diags::undeclared_namespace(name, model, node));
            return None;
        }
        return Some(object);
    }
    match (&entry.spec.namespace, namespaced) {
        (Some(key), Some(true) | None) => {
            // A key of nothing was reported once for the entry.
            let name = target::namespace(key, model).ok()?;
            let metadata = object.find_mut(&[PathSegment::Key("metadata".to_owned())])?;
            if let Value::Map(fields) = &mut metadata.value {
                fields.retain(|(field, _)| field != "namespace");
                let at = fields.iter().position(|(field, _)| field == "name").map_or(0, |at| at + 1);
                let namespace = Node::new(Value::String(name.to_owned()), Some(key.node));
                fields.insert(at, ("namespace".to_owned(), namespace));
            }
            Some(object)
        }
        (None, Some(true)) => {
            sink.push(diags::needs_namespace(gvk.kind, root));
            None
        }
        (_, Some(false) | None) => Some(object),
    }
}
