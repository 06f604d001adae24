//! Targets, paths, conflicts.

use super::{CONFLICT, FORM, IDENTITY, NO_EFFECT, NO_TARGET, PATH, TEST, WIDE_TARGET, object};
use crate::decode::At;
use crate::diag::suggest::{list, nearest};
use crate::diag::{Diagnostic, Place};
use crate::k8s::Identity;
use crate::model::Model;
use crate::patch::path::Fault;
use crate::plan::Resource;
use crate::schema::{PathSegment, path_text};
use crate::source::NodeId;
use crate::value::Name;
use std::collections::BTreeSet;

pub(in crate::patch) fn target_of_everything(node: NodeId) -> Diagnostic {
    Diagnostic::error(&WIDE_TARGET, "the target is every object of its kind", Place::Value(node))
        .help("state `name`, `namespace` or `labels`")
}

/// The names that differ, each once.
fn names<'a>(all: impl Iterator<Item = &'a str>) -> Vec<&'a str> {
    all.collect::<BTreeSet<_>>().into_iter().collect()
}

/// Says the nearest name, or all of them.
fn suggested(diagnostic: Diagnostic, wanted: &str, known: &[&str], what: &str) -> Diagnostic {
    match nearest(wanted, known.iter().copied()) {
        Some(near) => diagnostic.help(format!("did you mean `{near}`?")),
        None if known.is_empty() => diagnostic,
        None => diagnostic.help(format!("{what} {}", list(known.iter().copied(), "and"))),
    }
}

pub(in crate::patch) fn no_namespace(key: &At<Name>, model: &Model) -> Diagnostic {
    let diagnostic =
        Diagnostic::error(&NO_TARGET, format!("there is no `namespaces.{}`", key.value), Place::Value(key.node));
    if let Some(off) = model.disabled.iter().find(|d| d.section == "namespaces" && d.name == key.value.as_str()) {
        return diagnostic
            .also(Place::Value(off.by), "switched off here")
            .help("switch off what is for it too, or keep it");
    }
    if let Some((_, namespace)) =
        model.namespaces.iter().find(|(_, n)| n.name == key.value.as_str() && !n.key.is_empty())
    {
        return diagnostic.help(format!("a namespace is named by its key: `{}`", namespace.key));
    }
    let known = names(model.namespaces.iter().map(|(_, n)| n.key.as_str()).filter(|key| !key.is_empty()));
    suggested(diagnostic, key.value.as_str(), &known, "there are")
}

pub(in crate::patch) fn no_such_kind<'a>(kind: &At<String>, known: impl Iterator<Item = &'a str>) -> Diagnostic {
    let known = names(known);
    let same = known.iter().find(|known| known.eq_ignore_ascii_case(&kind.value));
    let message = format!("the platform makes no {}", crate::value::quoted(&kind.value));
    let diagnostic = Diagnostic::error(&NO_TARGET, message, Place::Value(kind.node));
    match same {
        Some(same) => diagnostic.help(format!("did you mean `{same}`?")),
        None => suggested(diagnostic, &kind.value, &known, "it makes"),
    }
}

pub(in crate::patch) fn no_such_group<'a>(
    kind: &At<String>,
    group: &At<String>,
    known: impl Iterator<Item = &'a str>,
) -> Diagnostic {
    let message = format!("the platform makes no `{}` of the group {}", kind.value, crate::value::quoted(&group.value));
    let diagnostic = Diagnostic::error(&NO_TARGET, message, Place::Value(group.node));
    match names(known).as_slice() {
        [""] => diagnostic.help("its kind is of the core group: `group = \"\"`"),
        known => suggested(diagnostic, &group.value, known, "it makes those of"),
    }
}

pub(in crate::patch) fn nothing_picked(kind: &At<String>) -> Diagnostic {
    Diagnostic::error(&NO_TARGET, format!("no `{}` is what the target picks", kind.value), Place::Value(kind.node))
        .help("all of `group`, `namespace` and `labels` have to be true of an object; `dpjgen build` prints them")
}

/// `namespace` is the one that the target states, if the object is in another.
pub(in crate::patch) fn named_elsewhere(
    kind: &At<String>,
    name: &At<String>,
    found: &Identity<'_>,
    namespace: Option<&Option<At<Name>>>,
    model: &Model,
) -> Diagnostic {
    let diagnostic = |what: &str, place| {
        Diagnostic::error(&NO_TARGET, format!("no `{}` is `{}` {what}", kind.value, name.value), place)
    };
    match (namespace, found.namespace) {
        (Some(Some(stated)), Some(other)) => {
            let key = model.namespaces.iter().find(|(_, n)| n.name == other && !n.key.is_empty());
            let key = key.map_or(other, |(_, namespace)| namespace.key.as_str());
            diagnostic("in this namespace", Place::Value(stated.node)).help(format!("there is one in `{key}`"))
        }
        (Some(Some(stated)), None) => {
            diagnostic("in a namespace", Place::Value(stated.node)).help("it is the cluster's: state no `namespace`")
        }
        _ => diagnostic("with these labels", Place::Value(name.node)).help("a name needs no labels: remove them"),
    }
}

pub(in crate::patch) fn no_such_name<'a>(
    kind: &At<String>,
    name: &At<String>,
    known: impl Iterator<Item = &'a str>,
    model: &Model,
) -> Diagnostic {
    let message = format!("the platform makes no `{}` called {}", kind.value, crate::value::quoted(&name.value));
    let diagnostic = Diagnostic::error(&NO_TARGET, message, Place::Value(name.node));
    if let Some(off) = model.disabled.iter().find(|disabled| disabled.name == name.value) {
        return diagnostic
            .also(Place::Value(off.by), "switched off here")
            .help("switch off the patch too: `enabled = false` in its table");
    }
    suggested(diagnostic, &name.value, &names(known), "there are")
}

pub(in crate::patch) fn several_groups(kind: &At<String>, one: &str, other: &str) -> Diagnostic {
    Diagnostic::error(&WIDE_TARGET, format!("there are two kinds `{}`", kind.value), Place::Value(kind.node))
        .help(format!("state `group = \"{one}\"` or `group = \"{other}\"`"))
}

pub(in crate::patch) fn several_objects<'a>(
    kind: &At<String>,
    name: &At<String>,
    found: impl Iterator<Item = &'a Resource>,
) -> Diagnostic {
    let namespaces = names(found.filter_map(|resource| resource.object.identity().namespace));
    let message = format!("several `{}` are called `{}`", kind.value, name.value);
    Diagnostic::error(&WIDE_TARGET, message, Place::Value(name.node))
        .note(format!("in the namespaces {}", list(namespaces, "and")))
        .help("state the `namespace`, or pick them all by `labels` without a name")
}

/// A path that cannot be read.
pub(in crate::patch) fn syntax(fault: &Fault, path: &At<String>) -> Diagnostic {
    let problem = if let Fault::Syntax(problem) = fault { problem } else { "it is no path" };
    Diagnostic::error(
        &PATH,
        format!("{} is no path: {problem}", crate::value::quoted(&path.value)),
        Place::Value(path.node),
    )
    .help("write it as in `/spec/template/spec/containers/[name=app]/image`")
}

fn of(inside: &str) -> String {
    if inside.is_empty() { "the object".to_owned() } else { format!("`{inside}`") }
}

/// What keeps a patch from being applied.
pub(in crate::patch) fn fault(fault: &Fault, identity: &Identity<'_>, place: Place) -> Diagnostic {
    let code = if matches!(fault, Fault::TestFailed { .. }) { &TEST } else { &PATH };
    let error = |message: String| Diagnostic::error(code, message, place);
    let diagnostic = match fault {
        Fault::Syntax(problem) => error(format!("this is no path: {problem}"))
            .help("write it as in `/spec/template/spec/containers/[name=app]/image`"),
        Fault::NoField { inside, field, known } => {
            let known: Vec<&str> = known.iter().map(String::as_str).collect();
            let diagnostic = error(format!("{} has no `{field}`", of(inside)));
            let diagnostic = suggested(diagnostic, field, &known, "it has");
            if known.is_empty() { diagnostic.help("it is empty") } else { diagnostic }
        }
        Fault::NoItem { inside, step, known } => {
            let known: Vec<&str> = known.iter().map(String::as_str).collect();
            let diagnostic = error(format!("{} has no item `{step}`", of(inside)));
            let diagnostic = suggested(diagnostic, step, &known, "it has");
            let new = step.replacen('[', "[+", 1);
            diagnostic.help(format!("`merge` adds an item with `\"{new}\"`, `operations` with `add`"))
        }
        Fault::SeveralItems { inside, step } => error(format!("{} has several items `{step}`", of(inside)))
            .help("say more: `[name=dns,protocol=UDP]`, or a position"),
        Fault::NoPosition { inside, step, length } => {
            let items = if *length == 1 { "one item".to_owned() } else { format!("{length} items") };
            error(format!("{} has no item `{step}`: it has {items}", of(inside)))
                .help("address an item by what it says, as in `[name=app]`; `add` puts one at the end with `-`")
        }
        Fault::NotInside { inside, step, kind } => error(format!("{} is {kind}: `{step}` leads nowhere", of(inside)))
            .help("an item of a list is `[name=app]`, a field of a map its name"),
        Fault::Whole => error("the path is the object itself".to_owned()).help("name what is to change inside of it"),
        Fault::ListByFields { inside } => {
            error(format!("{} is a list, and this table has other keys than items", of(inside)))
                .help("change an item with `\"[name=app]\"`, add one with `\"[+name=app]\"`, or state the whole list")
        }
        Fault::ItemIsThere { inside, step } => {
            error(format!("{} has an item `{step}` already", of(inside))).help(format!("change it with `\"{step}\"`"))
        }
        Fault::OtherKey { step, field } => error(format!("`{field}` is something else than `{step}` says"))
            .help("leave it out: the key of the table says it"),
        Fault::TestFailed { at } => error(format!("the object says something else at `{at}`"))
            .help("look whether the patch is still needed, and what it should rely on"),
        Fault::IntoItself => error("something would be moved into itself".to_owned()).help("use `copy`"),
    };
    diagnostic.note(format!("in {}", object(identity)))
}

pub(in crate::patch) fn identity(field: &str, identity: &Identity<'_>, node: NodeId) -> Diagnostic {
    Diagnostic::error(&IDENTITY, format!("the patch changes `{field}` of {}", object(identity)), Place::Key(node))
        .help("an object keeps its identity; rename the entry of the spec that it comes from")
}

/// The patches and the places at which they say it. `path` is empty where no field is known.
pub(in crate::patch) fn conflict(
    path: &[PathSegment],
    identity: &Identity<'_>,
    (first, a): (&At<Name>, Place),
    (second, b): (&At<Name>, Place),
) -> Diagnostic {
    let what = if path.is_empty() { "what it needs".to_owned() } else { format!("`{}`", path_text(path)) };
    let message = if path.is_empty() {
        format!("the patches `{}` and `{}` do not go together", first.value, second.value)
    } else {
        format!("the patches `{}` and `{}` say different things of {what}", first.value, second.value)
    };
    Diagnostic::error(&CONFLICT, message, b)
        .also(a, format!("`{}` says it here", first.value))
        .note(format!("in {}", object(identity)))
        .note("patches have no order: in another one the object would be another")
        .help("make one patch of the two, or switch one off with `enabled = false`")
}

pub(in crate::patch) fn two_ways(operations: NodeId, other: NodeId) -> Diagnostic {
    Diagnostic::error(&FORM, "a patch has `operations`, or `merge` and `remove`", Place::Key(operations))
        .also(Place::Key(other), "the other way is here")
        .help("say all of it in one way, or make two patches")
}

pub(in crate::patch) fn no_change(name: &At<Name>) -> Diagnostic {
    Diagnostic::error(&FORM, format!("the patch `{}` does not say what it changes", name.value), Place::Key(name.node))
        .help("add `merge`, `remove` or `operations`")
}

pub(in crate::patch) fn merge_type(kind: &str, node: NodeId) -> Diagnostic {
    Diagnostic::error(&FORM, format!("`merge` is a table, not {kind}"), Place::Value(node))
        .help("write what is to change as in the object: `merge.spec.replicas = 3`")
}

pub(in crate::patch) fn no_effect(name: &At<Name>) -> Diagnostic {
    Diagnostic::error(&NO_EFFECT, format!("the patch `{}` changes nothing", name.value), Place::Key(name.node))
        .warning()
        .help("its target says all of it already: remove the patch")
}
