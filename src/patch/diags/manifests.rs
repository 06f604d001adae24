//! Files of manifests and the objects in them.

use super::{CREDENTIAL, FILE, NAMESPACE, OBJECT, SECRET, SYNTAX, object};
use crate::decode::At;
use crate::diag::suggest::{list, nearest};
use crate::diag::{Diagnostic, Place};
use crate::files::ReadError;
use crate::k8s::Identity;
use crate::model::Model;
use crate::patch::yaml::Fault;
use crate::source::NodeId;

pub(in crate::patch) fn unreadable(path: &str, error: &ReadError, node: NodeId) -> Diagnostic {
    Diagnostic::error(&FILE, format!("cannot read `{path}`: {error}"), Place::Value(node))
        .help("`files` names YAML files below the folder of `platform.toml`")
}

pub(in crate::patch) fn not_text(path: &str, node: NodeId) -> Diagnostic {
    Diagnostic::error(&FILE, format!("`{path}` is not UTF-8 text"), Place::Value(node)).help("save it as UTF-8")
}

pub(in crate::patch) fn star_in_folder(pattern: &str, node: NodeId) -> Diagnostic {
    let message = format!("`*` in {} stands for a folder", crate::value::quoted(pattern));
    Diagnostic::error(&FILE, message, Place::Value(node))
        .help("it stands for a part of a file's name only: name each folder, as in `manifests/*.yaml`")
}

pub(in crate::patch) fn no_match<'a>(pattern: &str, names: impl Iterator<Item = &'a str>, node: NodeId) -> Diagnostic {
    let names: Vec<&str> = names.collect();
    Diagnostic::error(&FILE, format!("{} matches no file", crate::value::quoted(pattern)), Place::Value(node))
        .help(format!("the folder has {}", list(names, "and")))
}

pub(in crate::patch) fn file_twice(path: &str, second: NodeId, first: NodeId) -> Diagnostic {
    Diagnostic::error(&FILE, format!("`{path}` is named twice"), Place::Value(second))
        .also(Place::Value(first), "first here")
        .help("its objects would be made twice: name it once")
}

pub(in crate::patch) fn no_objects(path: &str, node: NodeId) -> Diagnostic {
    Diagnostic::error(&OBJECT, format!("`{path}` has no object"), Place::Value(node))
        .help("remove it, or do not name it")
}

pub(in crate::patch) fn yaml(fault: Fault) -> Diagnostic {
    let diagnostic = Diagnostic::error(&SYNTAX, fault.message, Place::Span(fault.place));
    match fault.other {
        Some((span, text)) => diagnostic.also(Place::Span(span), text).help("state it once"),
        None => diagnostic.help("the file is read as kubectl reads it: YAML or JSON"),
    }
}

/// A document that is no map, or an item of a list of objects that is none.
pub(in crate::patch) fn no_object(kind: &str, node: NodeId) -> Diagnostic {
    Diagnostic::error(&OBJECT, format!("an object is a map, not {kind}"), Place::Value(node))
        .help("it begins with `apiVersion`, `kind` and `metadata`")
}

pub(in crate::patch) fn lacks(field: &str, node: NodeId) -> Diagnostic {
    Diagnostic::error(&OBJECT, format!("the object has no `{field}`"), Place::Value(node))
        .help("an object has `apiVersion`, `kind` and `metadata.name`, each a text")
}

pub(in crate::patch) fn of_a_cluster(field: &str, node: NodeId) -> Diagnostic {
    Diagnostic::error(&OBJECT, format!("`metadata.{field}` is for a cluster to write"), Place::Key(node))
        .help("it was copied from a cluster: remove it")
}

/// What a library says that a schema should have said.
pub(in crate::patch) fn unusable(problem: &str, node: NodeId) -> Diagnostic {
    Diagnostic::error(&OBJECT, format!("the object cannot be used: {problem}"), Place::Key(node))
        .help("write it as `kubectl explain` describes it")
}

pub(in crate::patch) fn needs_namespace(kind: &str, node: NodeId) -> Diagnostic {
    Diagnostic::error(&NAMESPACE, format!("the {kind} is in no namespace"), Place::Key(node))
        .help("state `metadata.namespace`, or `namespace` for all objects of the entry that state none")
}

pub(in crate::patch) fn takes_no_namespace(kind: &str, node: NodeId) -> Diagnostic {
    Diagnostic::error(&NAMESPACE, format!("a {kind} is the cluster's and in no namespace"), Place::Key(node))
        .help("remove `metadata.namespace`")
}

pub(in crate::patch) fn undeclared_namespace(name: &str, model: &Model, node: NodeId) -> Diagnostic {
    let message = format!("the namespace {} is not the platform's", crate::value::quoted(name));
    let diagnostic = Diagnostic::error(&NAMESPACE, message, Place::Value(node));
    let own = |namespace: &&crate::model::Namespace| !namespace.key.is_empty();
    let known: Vec<_> = model.namespaces.iter().map(|(_, namespace)| namespace).filter(own).collect();
    if let Some(namespace) = known.iter().find(|namespace| namespace.key == name) {
        return diagnostic.help(format!("in the cluster it is called `{}`", namespace.name));
    }
    match nearest(name, known.iter().map(|namespace| namespace.name.as_str())) {
        Some(near) => diagnostic.help(format!("did you mean `{near}`?")),
        None => diagnostic.help("declare it in `[namespaces]`: its quotas and policies come from there"),
    }
}

pub(in crate::patch) fn secret(field: &str, name: &str, node: NodeId) -> Diagnostic {
    let message = format!("the Secret {} has `{field}`", crate::value::quoted(name));
    Diagnostic::error(&SECRET, message, Place::Key(node))
        .help("let an ExternalSecret make it from the store; change what is in it, since it has been in a file")
}

/// `why` is a phrase: `its name says that it is a credential`.
pub(in crate::patch) fn credential(why: &str, identity: &Identity<'_>, node: NodeId) -> Diagnostic {
    Diagnostic::error(&CREDENTIAL, format!("a literal credential: {why}"), Place::Value(node))
        .note(format!("in {}", object(identity)))
        .help("read it from a Secret that the store fills, and change it: it has been in a file")
}

/// Where an entry's `namespace` names one that is not there.
pub(in crate::patch) fn entry_namespace(key: &At<crate::value::Name>, model: &Model) -> Diagnostic {
    let mut diagnostic = super::no_namespace(key, model);
    diagnostic.code = &NAMESPACE;
    diagnostic
}
