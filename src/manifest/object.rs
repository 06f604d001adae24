//! Values to objects: what identifies them, lists of them, and what a `Secret` holds.

use super::diags::{self, At, Source};
use super::events::Step;
use super::fault::Fault;
use super::value::Sealed;
use super::{Entries, Manifest, ObjectId, Value};
use crate::diag::mask::is_argument_credential;
use std::borrow::Cow;
use std::mem;

/// What a fault is about: the way from the document to it.
type Place<'p> = &'p dyn Fn(&[Step<'_>]) -> At;

/// Where a value comes from.
#[derive(Clone, Copy)]
pub(super) struct Origin<'a, 'p> {
    pub path: &'a str,
    /// The line of the document.
    pub line: usize,
    pub source: Source<'p>,
    pub place: Place<'p>,
    /// Whether the text of the document may be that of a `Secret`.
    pub is_confidential: bool,
    /// Nothing in it has to be sealed: whoever read it has looked, see [`holds_argument`] and [`is_kind_of_secret`].
    pub is_open: bool,
}

/// Adds the objects of a document: one, those of a list, or none if it is no object of a cluster.
pub(super) fn objects<'a>(
    value: Value<'a>,
    origin: Origin<'a, '_>,
    out: &mut Vec<Manifest<'a>>,
    faults: &mut Vec<Fault>,
) {
    match value {
        Value::Null => {}
        Value::Map(_) if is_kustomization(&value) => {}
        Value::Map(entries) if is_list(&entries) => list(entries, origin, out, faults),
        value => match object(value, origin, &[]) {
            Ok(manifest) => out.push(manifest),
            Err(fault) => faults.push(*fault),
        },
    }
}

/// A file of kustomize, which no cluster knows.
fn is_kustomization(value: &Value<'_>) -> bool {
    let group = value.get("apiVersion").and_then(Value::as_str).and_then(|version| version.split('/').next());
    group == Some("kustomize.config.k8s.io")
}

fn text<'v>(entries: &'v [(Cow<'_, str>, Value<'_>)], key: &str) -> Option<&'v str> {
    entries.iter().find(|(name, _)| name == key).and_then(|(_, value)| value.as_str())
}

/// `List`, or a typed list such as `DeploymentList`: no object, but how several are printed.
fn is_list(entries: &[(Cow<'_, str>, Value<'_>)]) -> bool {
    let is_named = entries.iter().any(|(key, value)| key == "metadata" && value.get("name").is_some());
    let has_items = entries.iter().any(|(key, value)| key == "items" && matches!(value, Value::List(_) | Value::Null));
    text(entries, "kind").is_some_and(|kind| kind == "List" || (kind.ends_with("List") && has_items)) && !is_named
}

fn list<'a>(entries: Entries<'a>, origin: Origin<'a, '_>, out: &mut Vec<Manifest<'a>>, faults: &mut Vec<Fault>) {
    // What the items of a typed list need not repeat.
    let kind = text(&entries, "kind").and_then(|kind| kind.strip_suffix("List")).filter(|kind| !kind.is_empty());
    let kind = kind.map(str::to_owned);
    let api_version = kind.as_ref().and_then(|_| text(&entries, "apiVersion")).map(str::to_owned);
    // The items are taken out, so that sealing them copies nothing unless others share them.
    let mut entries = entries;
    let items = entries.to_mut().iter_mut().find(|(key, _)| key == "items");
    let Some(Value::List(items)) = items.map(|(_, items)| mem::replace(items, Value::Null)) else { return };
    for (index, mut item) in items.into_iter().enumerate() {
        if let Value::Map(entries) = &mut item {
            for (key, value) in [("apiVersion", &api_version), ("kind", &kind)] {
                let at = entries.partition_point(|(name, _)| name.as_ref() < key);
                if let (Some(value), true) = (value, entries.get(at).is_none_or(|(name, _)| name != key)) {
                    let mut more = entries.to_vec();
                    more.insert(at, (Cow::Borrowed(key), Value::String(Cow::Owned(value.clone()))));
                    *entries = more.into();
                }
            }
        }
        match object(item, origin, &[Step::Key("items"), Step::Item(index)]) {
            Ok(manifest) => out.push(manifest),
            Err(fault) => faults.push(*fault),
        }
    }
}

/// `inside` is the way to the object within its document.
fn object<'a>(mut value: Value<'a>, origin: Origin<'a, '_>, inside: &[Step<'_>]) -> Result<Manifest<'a>, Box<Fault>> {
    let source = origin.source;
    let place = |steps: &[Step<'_>]| (origin.place)(&[inside, steps].concat());
    let what = match &value {
        Value::Map(_) => None,
        Value::List(_) => Some("a list"),
        _ => Some("a single value"),
    };
    if let Some(what) = what {
        return Err(diags::no_map(source, place(&[]), what));
    }
    let required = |keys: &[&'static str]| {
        let at = || place(&keys.iter().map(|key| Step::Key(key)).collect::<Vec<_>>());
        match value.at(keys) {
            Some(Value::String(text)) if !text.is_empty() => Ok(text.as_ref()),
            None | Some(Value::Null | Value::String(_)) => Err(diags::lacks(source, at(), &keys.join("."))),
            Some(_) => Err(diags::no_text(source, at(), &keys.join("."))),
        }
    };
    let api_version = required(&["apiVersion"])?.to_owned();
    let kind = required(&["kind"])?.to_owned();
    let name = required(&["metadata", "name"]).map_err(|fault| match value.at(&["metadata", "generateName"]) {
        Some(_) => diags::generated_name(source, place(&[Step::Key("metadata"), Step::Key("generateName")])),
        None => fault,
    })?;
    let name = name.to_owned();
    let namespace = match value.at(&["metadata", "namespace"]) {
        None | Some(Value::Null) => None,
        Some(Value::String(text)) => Some(text.as_ref().to_owned()).filter(|text| !text.is_empty()),
        Some(_) => {
            let place = place(&[Step::Key("metadata"), Step::Key("namespace")]);
            return Err(diags::no_text(source, place, "metadata.namespace"));
        }
    };
    let group = api_version.split_once('/').map_or("", |(group, _)| group).to_owned();
    if origin.is_open {
        debug_assert!(is_open(&value, &kind), "something that has to be sealed was passed over");
    } else {
        if kind == "Secret" && group.is_empty() {
            seal(&mut value);
        }
        seal_within(&mut value);
    }
    let id = ObjectId { namespace, group, kind, name };
    let (path, line, is_confidential) = (origin.path, origin.line, origin.is_confidential);
    Ok(Manifest { id, api_version, value, path, line, is_confidential })
}

/// Where kubectl keeps a copy of all that was applied.
const LAST_APPLIED: &str = "kubectl.kubernetes.io/last-applied-configuration";

/// Seals the values of a `Secret`: of `data` what its base64 stands for, so that it is the same as in `stringData`.
fn seal(secret: &mut Value<'_>) {
    let Value::Map(entries) = secret else { return };
    for (key, value) in entries.to_mut() {
        match key.as_ref() {
            "data" => seal_all(value, |text| base64(text).unwrap_or_else(|| text.as_bytes().to_vec())),
            "stringData" => seal_all(value, |text| text.as_bytes().to_vec()),
            "metadata" => seal_last_applied(value),
            _ => {}
        }
    }
}

/// Seals what of an object must not be shown: every `Secret` that it holds, one of a `Template`, or of a list that has a
/// name and so is no mere list; and arguments that are credentials. Whether there was a `Secret`.
pub(crate) fn seal_within(value: &mut Value<'_>) -> bool {
    let is_any = match value {
        // All of them: `any` would stop at the first.
        Value::List(items) => {
            seal_arguments(items);
            items.iter_mut().map(seal_nested).filter(|is_secret| *is_secret).count() > 0
        }
        Value::Map(entries) => {
            entries.to_mut().iter_mut().map(|(_, value)| seal_nested(value)).filter(|is| *is).count() > 0
        }
        _ => false,
    };
    // Items of a typed list need not state their kind.
    let is_list = value.get("kind").and_then(Value::as_str) == Some("SecretList");
    if let Value::Map(entries) = value {
        for (key, value) in entries.to_mut() {
            match (key.as_ref(), value) {
                ("items", Value::List(items)) if is_list => items.iter_mut().for_each(seal),
                // The copy of all that was applied holds it once more.
                ("metadata", metadata) if is_any || is_list => seal_last_applied(metadata),
                _ => {}
            }
        }
    }
    is_any || is_list
}

/// Whether nothing of an object has to be sealed.
fn is_open(value: &Value<'_>, kind: &str) -> bool {
    let mut sealed = value.clone();
    seal_within(&mut sealed);
    kind != "Secret" && sealed == *value
}

/// Whether what states this kind may be sealed, or makes what stands beside it be.
pub(super) fn is_kind_of_secret(kind: &str) -> bool {
    matches!(kind, "Secret" | "SecretList")
}

/// Whether one of some arguments is sealed.
pub(super) fn holds_argument(items: &[Value<'_>]) -> bool {
    items.windows(2).any(|two| matches!(two, [flag, value] if credential(flag, value).is_some()))
}

/// Seals what stands behind an argument that names a credential: `--token`, `x`.
fn seal_arguments(items: &mut [Value<'_>]) {
    for at in 1..items.len() {
        let Some((before, [value, ..])) = items.split_at_mut_checked(at) else { return };
        if let Some(text) = before.last().and_then(|flag| credential(flag, value)) {
            *value = Value::Sealed(Sealed::new(text.as_bytes()));
        }
    }
}

/// The value behind an argument that names a credential.
fn credential<'v>(flag: &Value<'_>, value: &'v Value<'_>) -> Option<&'v str> {
    let (flag, text) = (flag.as_str()?, value.as_str()?);
    (flag.starts_with('-') && is_argument_credential(flag, text)).then_some(text)
}

fn seal_nested(value: &mut Value<'_>) -> bool {
    let is_secret = value.get("kind").and_then(Value::as_str) == Some("Secret")
        && (value.get("data").is_some() || value.get("stringData").is_some());
    if is_secret {
        seal(value);
    }
    seal_within(value) || is_secret
}

fn seal_last_applied(metadata: &mut Value<'_>) {
    let Value::Map(metadata) = metadata else { return };
    for (_, annotations) in metadata.to_mut().iter_mut().filter(|(key, _)| key == "annotations") {
        let Value::Map(annotations) = annotations else { continue };
        for (_, value) in annotations.to_mut().iter_mut().filter(|(key, _)| key == LAST_APPLIED) {
            seal_all(value, |text| text.as_bytes().to_vec());
        }
    }
}

fn seal_all(value: &mut Value<'_>, bytes: fn(&str) -> Vec<u8>) {
    match value {
        Value::Map(entries) => entries.to_mut().iter_mut().for_each(|(_, value)| seal_all(value, bytes)),
        Value::List(items) => items.iter_mut().for_each(|value| seal_all(value, bytes)),
        Value::String(text) | Value::Number(text) => *value = Value::Sealed(Sealed::new(&bytes(text))),
        Value::Bool(flag) => *value = Value::Sealed(Sealed::new(flag.to_string().as_bytes())),
        Value::Null | Value::Sealed(_) => {}
    }
}

/// What a text in base64 stands for; line breaks do not count. `None` if it is none.
pub(super) fn base64(text: &str) -> Option<Vec<u8>> {
    let mut out = Vec::new();
    let (mut bits, mut count) = (0_u32, 0);
    for byte in text.bytes().filter(|byte| !matches!(byte, b'\n' | b'\r' | b'=')) {
        let digit = match byte {
            b'A'..=b'Z' => byte - b'A',
            b'a'..=b'z' => byte - b'a' + 26,
            b'0'..=b'9' => byte - b'0' + 52,
            b'+' => 62,
            b'/' => 63,
            _ => return None,
        };
        bits = bits << 6 | u32::from(digit);
        count += 6;
        if count >= 8 {
            count -= 8;
            out.push(u8::try_from(bits >> count & 0xff).ok()?);
        }
    }
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::base64;

    #[test]
    fn base64_is_decoded() {
        assert_eq!(base64("aGVsbG8=").as_deref(), Some(&b"hello"[..]));
        assert_eq!(base64("/+\n8").as_deref(), Some(&b"\xff\xef"[..]));
        assert_eq!(base64("a-b"), None);
    }
}
