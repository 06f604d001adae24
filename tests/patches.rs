//! Patches and manifests as properties: what no list of examples shows.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]
#![allow(clippy::disallowed_methods, clippy::print_stdout, missing_docs)]
#![allow(clippy::format_push_string, clippy::format_collect, clippy::case_sensitive_file_extension_comparisons)]
#![cfg(unix)]

#[path = "support/crds.rs"]
mod crds;
#[path = "support/fields.rs"]
mod fields;
mod support;

use dpjgen::diag::{Diagnostic, Severity};
use dpjgen::k8s::Object;
use dpjgen::schema::PathSegment;
use dpjgen::{Compilation, Request, compile, emit};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use support::spec::{ENVIRONMENTS, compiled, dpj, memory, sound, stream};

/// DPJ with more in its `platform.toml`.
fn with(more: &str) -> Vec<(String, String)> {
    let mut files = dpj();
    files[0].1 += more;
    files
}

/// The lines of `platform.toml` on which errors of a code stand.
fn lines(compilation: &Compilation, code: &str) -> BTreeMap<usize, Vec<String>> {
    let mut found: BTreeMap<usize, Vec<String>> = BTreeMap::new();
    for diagnostic in compilation.diagnostics.iter().filter(|diagnostic| diagnostic.code.id == code) {
        let span = diagnostic.labels[0].place.span(&compilation.sources).expect("a place");
        assert_eq!(compilation.sources.file(span.file).unwrap().path, "platform.toml", "{diagnostic:?}");
        found.entry(compilation.sources.line_col(span).line).or_default().push(diagnostic.message.clone());
    }
    found
}

fn errors(compilation: &Compilation) -> Vec<&Diagnostic> {
    compilation.diagnostics.iter().filter(|diagnostic| diagnostic.severity == Severity::Error).collect()
}

fn target(object: &Object) -> String {
    let identity = object.identity();
    let namespace = identity.namespace.map_or_else(String::new, |namespace| {
        // By its key: DPJ's namespaces are called `dpj-KEY`, those of others by their name.
        format!("namespace = \"{}\", ", namespace.strip_prefix("dpj-").unwrap_or(namespace))
    });
    format!(
        "{{ kind = \"{}\", group = \"{}\", {namespace}name = \"{}\" }}",
        identity.kind, identity.group, identity.name
    )
}

fn pointer(path: &[PathSegment]) -> String {
    path.iter()
        .map(|segment| match segment {
            PathSegment::Key(key) => format!("/{}", key.replace('~', "~0").replace('/', "~1")),
            PathSegment::Index(index) => format!("/{index}"),
        })
        .collect()
}

/// A patch that misspells a field of a core kind is refused, at its line, for the oldest version and for the newest: an
/// error of the code that only one of them finds would be another one. Each field of each kind once, on every build as
/// many as there are objects.
#[test]
fn a_misspelt_field_is_refused() {
    let mut seen: BTreeSet<(String, Vec<String>)> = BTreeSet::new();
    let mut wanted: Vec<Vec<(String, Vec<PathSegment>, String)>> = Vec::new();
    for resource in sound(&dpj(), "prod").plan.resources() {
        let gvk = resource.object.gvk();
        if !gvk.is_core() {
            continue;
        }
        let object = serde_json::to_value(&resource.object).unwrap();
        let mut of_object = Vec::new();
        fields::fields(gvk.kind, &object, &mut Vec::new(), &mut |path, key| {
            let keys = path.iter().map(|segment| match segment {
                PathSegment::Key(key) => key.clone(),
                PathSegment::Index(_) => "*".to_owned(),
            });
            let place = keys.chain([key.to_owned()]).collect();
            // What tells an object cannot be changed at all.
            let identity = path.is_empty() && ["apiVersion", "kind", "metadata"].contains(&key)
                || pointer(path) == "/metadata" && ["name", "namespace"].contains(&key);
            if !identity && seen.insert((gvk.kind.to_owned(), place)) {
                of_object.push((target(&resource.object), path.to_vec(), key.to_owned()));
            }
        });
        wanted.push(of_object);
    }
    let rounds = wanted.iter().map(Vec::len).max().unwrap();
    let mut refused = 0;
    for round in 0..rounds {
        let mut spec = String::new();
        let mut expected = BTreeMap::new();
        let before = with("")[0].1.lines().count();
        for (number, (target, path, key)) in wanted.iter().filter_map(|of_object| of_object.get(round)).enumerate() {
            let from = pointer(&[path.as_slice(), &[PathSegment::Key(key.clone())]].concat());
            spec += &format!(
                "\n[patches.p{number}]\ntarget = {target}\noperations = [{{ op = \"move\", from = \"{from}\", path = \"{from}x\" }}]\n"
            );
            expected.insert(before + 4 * (number + 1), format!("unknown field `{key}x`; did you mean `{key}`?"));
        }
        let compilation = compiled(&with(&spec), "prod");
        let found = lines(&compilation, "DPJ1108");
        for (line, message) in &expected {
            let said = found.get(line).unwrap_or_else(|| panic!("nothing on line {line}: {message}\n{spec}"));
            assert!(said.contains(message), "{message}: {said:?}");
            refused += 1;
        }
        assert!(compilation.compiled.is_none());
    }
    println!("{refused} misspelt fields are refused");
    assert!(refused > 150, "only {refused}");
}

/// A field that a version does not have is refused for the reason, and taken from that version on.
#[test]
fn a_field_is_refused_until_its_version() {
    let patch = "
[patches.newer]
target = { kind = \"Deployment\", namespace = \"backend\", name = \"api-gateway\" }
merge.spec.template.spec.resources.limits.cpu = \"2\"
";
    let of = |version: &str| {
        let mut files = with(patch);
        files[0].1 = files[0].1.replacen("kubernetes = \"1.28\"", &format!("kubernetes = \"{version}\""), 1);
        assert!(files[0].1.contains(&format!("\"{version}\"")), "the platform states its version in another way");
        compiled(&files, "prod")
    };
    for old in ["1.28", "1.31"] {
        let compilation = of(old);
        let found = errors(&compilation);
        let [error] = found.as_slice() else { panic!("{found:?}") };
        assert_eq!(error.code.id, "DPJ1109");
        assert_eq!(
            error.message,
            format!("Kubernetes {old} does not know the field `resources`, which came with 1.32")
        );
    }
    assert!(of("1.32").compiled.is_some());
}

/// A patch changes the lines that it is about and no others, of every kind and type.
#[test]
fn a_patch_leaves_everything_else_as_it_was() {
    for environment in ENVIRONMENTS {
        let before = sound(&dpj(), environment);
        let mut spec = String::new();
        for (number, resource) in before.plan.resources().iter().enumerate() {
            spec += &format!(
                "\n[patches.p{number}]\ntarget = {}\nmerge = {{ metadata = {{ annotations = {{ \"example.com/x\" = \"y\" }} }} }}\n",
                target(&resource.object)
            );
        }
        let compilation = compiled(&with(&spec), environment);
        let after = compilation.compiled.as_ref().unwrap_or_else(|| panic!("{:#?}", errors(&compilation)));
        let patched = after.plan.resources();
        assert_eq!(before.plan.resources().len(), patched.len());
        for (was, is) in before.plan.resources().iter().zip(patched) {
            let text = |object: &Object| {
                let mut bytes = Vec::new();
                emit::yaml::write_document(object, &mut bytes).unwrap();
                String::from_utf8(bytes).unwrap()
            };
            let (was, is) = (text(&was.object), text(&is.object));
            assert!(is.contains("    example.com/x: \"y\"\n"), "{is}");
            let without = is.replacen("    example.com/x: \"y\"\n", "", 1);
            let none = was.lines().any(|line| line == "  annotations:");
            let without = if none { without } else { without.replacen("  annotations:\n", "", 1) };
            assert_eq!(without, was);
        }
        // Core kinds stay typed, so that every rule sees them.
        let trees = patched.iter().filter(|resource| matches!(resource.object, Object::Tree(_)));
        let cores: Vec<&str> =
            trees.map(|r| r.object.gvk()).filter(dpjgen::k8s::Gvk::is_core).map(|gvk| gvk.kind).collect();
        assert!(cores.is_empty(), "{environment}: {cores:?}");
        assert!(patched.iter().any(|resource| matches!(resource.object, Object::Tree(_))), "{environment}");
    }
}

/// Patches have names and no order.
#[test]
fn names_of_patches_do_not_matter() {
    let case = support::root().join("tests/cases/patches");
    let text = std::fs::read_to_string(case.join("platform.toml")).unwrap();
    let spec: Value = toml::from_str(&text).unwrap();
    let names: Vec<&String> = spec["patches"].as_object().unwrap().keys().collect();
    let mut renamed = text.clone();
    for (number, name) in names.iter().enumerate() {
        // The first one comes last; the parts of one patch are renamed together.
        let new = format!("x{:02}", names.len() - number);
        renamed = renamed.replace(&format!("[patches.{name}]"), &format!("[patches.{new}]"));
        renamed = renamed.replace(&format!("[patches.{name}."), &format!("[patches.{new}."));
    }
    assert_ne!(text, renamed);
    let built = |text: &str| {
        let files = [("platform.toml", text), ("overlays/prod.toml", "# as it is\n")];
        stream(&sound(&files.map(|(path, text)| (path.to_owned(), text.to_owned())), "prod").plan)
    };
    assert_eq!(built(&text), built(&renamed));
}

/// With `DPJGEN_TEST_CRDS`: a field that a patch adds to a custom resource is said not to be checked until its CRD is
/// imported, and refused then. What is built passes the real CRDs, their rules included.
#[test]
fn a_patched_custom_resource_is_checked_once_crds_are_imported() {
    let Some(folder) = crds::folder("patched custom resources") else { return };
    let plain = sound(&dpj(), "prod");
    let mut kinds: BTreeMap<(String, String), &Object> = BTreeMap::new();
    for resource in plain.plan.resources().iter().filter(|resource| !resource.object.gvk().is_core()) {
        let gvk = resource.object.gvk();
        kinds.entry((gvk.api_version.to_owned(), gvk.kind.to_owned())).or_insert(&resource.object);
    }
    let stored = crds::stored(&folder);
    let with_crds = |files: &[(String, String)]| {
        let mut memory = memory(files);
        for (path, bytes) in &stored {
            memory.insert(path, bytes.clone());
        }
        compile(&memory, Request { spec: "platform.toml", environment: "prod", record_defaults: false })
    };
    let sound = with_crds(&dpj());
    assert!(sound.compiled.is_some(), "{:#?}", errors(&sound));
    let store = crds::store(&folder);
    let mut checked = 0;
    for ((api_version, kind), object) in kinds {
        let patch = format!("\n[patches.x]\ntarget = {}\nmerge.spec.notAField = 1\n", target(object));
        let files = with(&patch);
        let before = compiled(&files, "prod");
        assert!(before.compiled.is_some(), "{:?}", errors(&before));
        let said = before.diagnostics.iter().filter(|diagnostic| diagnostic.code.id == "DPJ1111").count();
        assert_eq!(said, 1, "{kind}: {:?}", before.diagnostics);
        let (group, version) = api_version.split_once('/').unwrap();
        if store.find(group, &kind, version).is_none() {
            println!("patched custom resources: the folder has no CRD of {kind} {api_version}");
            continue;
        }
        let after = with_crds(&files);
        let messages: Vec<&str> = errors(&after).iter().map(|error| error.message.as_str()).collect();
        assert!(messages.len() == 1 && messages[0].starts_with("unknown field `notAField`"), "{kind}: {messages:?}");
        checked += 1;
    }
    println!("patched custom resources: {checked} kinds refuse a field that they do not know");
    assert!(checked > 10, "only {checked}");
}

/// Whoever copies the example gets what it says.
#[test]
fn the_example_of_the_documentation_is_compiled() {
    let documentation = std::fs::read_to_string(support::root().join("docs/SPEC.md")).unwrap();
    let example = documentation.split("```").find(|block| block.contains("[patches.slow-start]")).expect("an example");
    let example = example.trim_start_matches("toml\n");
    let compilation = compiled(&with(&format!("\n{example}")), "prod");
    let compiled = compilation.compiled.as_ref().unwrap_or_else(|| panic!("{:#?}", errors(&compilation)));
    let stream = stream(&compiled.plan);
    for line in ["  progressDeadlineSeconds: 900\n", "        - name: JAVA_TOOL_OPTIONS\n", "imagePullPolicy: Always\n"]
    {
        assert!(stream.contains(line), "{line}");
    }
}

const SHOP: &str = r#"
dpjgen = "1"

[platform]
name       = "shop"
registry   = "registry.example.com"
kubernetes = "1.35"

[namespaces.apps]
pod-security = "privileged"

[workloads.web]
namespace = "apps"
image     = "shop/web:1.0.0"
port      = 8080
env       = { A = "1", B = "2", C = "3" }
args      = ["--one", "--two", "--three"]
"#;

/// What a patch of `web` may be, each applicable by itself.
const BODIES: &[&str] = &[
    r#"merge.metadata.annotations.one = "1""#,
    r#"merge.metadata.annotations.two = "2""#,
    r#"merge.metadata.annotations = { one = "3" }"#,
    r"merge.metadata.annotations = {}",
    r"merge.spec.replicas = 4",
    r"merge.spec.replicas = 5",
    r#"operations = [{ op = "test", path = "/spec/replicas", value = 1 }]"#,
    r#"operations = [{ op = "test", path = "/spec/strategy/type", value = "RollingUpdate" }]"#,
    r#"operations = [{ op = "copy", from = "/spec/replicas", path = "/spec/minReadySeconds" }]"#,
    r#"operations = [{ op = "replace", path = "/spec/strategy", value = { type = "Recreate" } }]"#,
    r#"remove = ["/spec/strategy"]"#,
    r#"remove = ["/spec/strategy/rollingUpdate"]
merge.spec.strategy.type = "Recreate""#,
    r#"merge.spec.template.spec.containers."[name=web]".env."[+name=X]".value = "x""#,
    r#"merge.spec.template.spec.containers."[name=web]".env."[+name=Y]".value = "y""#,
    r#"merge.spec.template.spec.containers."[name=web]".env."[+name=X]".value = "z""#,
    r#"merge.spec.template.spec.containers."[name=web]".env."[name=A]".value = "9""#,
    r#"merge.spec.template.spec.containers."[value=1]".image = "x""#,
    r#"merge.spec.template.spec.containers."[name=web]".env."[value=1]".value = "8""#,
    r#"merge.spec.template.spec.containers."[name=web]".env."[name=B]".name = "D""#,
    r#"merge.spec.template.spec.containers."[name=web]".env."[name=B]".name = "X""#,
    r#"merge.spec.template.spec.containers."[name=web]".env = [{ name = "ONLY", value = "1" }]"#,
    r#"remove = ["/spec/template/spec/containers/[name=web]/env/[name=B]"]"#,
    r#"remove = ["/spec/template/spec/containers/[name=web]/env/[name=C]"]"#,
    r#"remove = ["/spec/template/spec/containers/0/env/0"]"#,
    r#"remove = ["/spec/template/spec/containers/0/env/2"]"#,
    r#"operations = [{ op = "replace", path = "/spec/template/spec/containers/0/env/0/value", value = "0" }]"#,
    r#"operations = [{ op = "replace", path = "/spec/template/spec/containers/0/env/1/value", value = "1" }]"#,
    r#"operations = [{ op = "replace", path = "/spec/template/spec/containers/0/env/1", value = { name = "E", value = "1" } }]"#,
    r#"operations = [{ op = "test", path = "/spec/template/spec/containers/0/env/2/name", value = "C" }]"#,
    r#"operations = [{ op = "remove", path = "/spec/template/spec/containers/0/env/1" }]"#,
    r#"operations = [{ op = "add", path = "/spec/template/spec/containers/0/env/1", value = { name = "F", value = "1" } }]"#,
    r#"operations = [
    { op = "remove", path = "/spec/template/spec/containers/0/env/0" },
    { op = "replace", path = "/spec/template/spec/containers/0/env/0/value", value = "6" },
]"#,
    r#"remove = ["/spec/template/spec/containers/[name=web]/args/[=--one]"]"#,
    r#"remove = ["/spec/template/spec/containers/[name=web]/args/[=--three]"]"#,
    r#"operations = [{ op = "add", path = "/spec/template/spec/containers/[name=web]/args/-", value = "--four" }]"#,
    r#"operations = [{ op = "add", path = "/spec/template/spec/containers/[name=web]/args/[=--two]", value = "--half" }]"#,
    r#"operations = [{ op = "replace", path = "/spec/template/spec/containers/[name=web]/args/[=--two]", value = "--one" }]"#,
    r#"operations = [
    { op = "move", from = "/spec/template/spec/containers/[name=web]/env/[name=A]/value", path = "/metadata/labels/a" },
    { op = "replace", path = "/metadata/labels/a", value = "b" },
    { op = "add", path = "/spec/template/spec/containers/[name=web]/env/[name=A]/value", value = "7" },
]"#,
    r#"operations = [
    { op = "replace", path = "/spec/template/spec/containers/[name=web]/env/[name=A]/name", value = "T" },
    { op = "replace", path = "/spec/template/spec/containers/[name=web]/env/[name=B]/name", value = "A" },
    { op = "replace", path = "/spec/template/spec/containers/[name=web]/env/[name=A]/value", value = "5" },
]"#,
    r#"merge.spec.template.spec.containers."[+name=side]".image = "side:1""#,
    r#"merge.spec.template.spec.containers."[+name=other]".image = "other:1""#,
    r#"merge.spec.template.spec.initContainers."[+name=first]".image = "first:1""#,
    r#"merge.spec.template.spec.initContainers."[+name=second]".image = "second:1""#,
    r#"merge.spec.template.spec.tolerations."[+key=a]".operator = "Exists""#,
    r#"merge.spec.template.spec.tolerations."[+key=b]".operator = "Exists""#,
    r#"merge.spec.template.spec.nodeSelector.disk = "fast""#,
    r#"merge.spec.template.spec.nodeSelector = { zone = "a" }"#,
    r#"merge.spec.template.spec.containers."[name=web]".ports."[containerPort=8080]".name = "web""#,
    r#"merge.spec.template.spec.containers."[name=web]".ports."[name=http]".protocol = "UDP""#,
];

/// The Deployment with patches of these bodies, in this order; or the codes of what is wrong with them.
fn patched(bodies: &[&str]) -> Result<Value, Vec<&'static str>> {
    let mut spec = SHOP.to_owned();
    for (index, body) in bodies.iter().enumerate() {
        spec += &format!("\n[patches.p{index}]\ntarget = {{ kind = \"Deployment\", name = \"web\" }}\n{body}\n");
    }
    let files = [("platform.toml".to_owned(), spec), ("overlays/prod.toml".to_owned(), "# As it is.\n".to_owned())];
    let compilation = compiled(&files, "prod");
    let codes = errors(&compilation).iter().map(|error| error.code.id).collect();
    let Some(compiled) = compilation.compiled else { return Err(codes) };
    let web = compiled.plan.resources().iter().find(|resource| resource.object.gvk().kind == "Deployment").unwrap();
    let mut object = serde_json::to_value(&web.object).unwrap();
    sort_named(&mut object, "");
    Ok(object)
}

/// Names tell items apart, so that their order is no difference but where it says something.
fn sort_named(value: &mut Value, field: &str) {
    match value {
        Value::Object(fields) => fields.iter_mut().for_each(|(name, value)| sort_named(value, name)),
        Value::Array(items) => {
            if field != "initContainers" && items.iter().all(|item| item["name"].is_string()) {
                items.sort_by_key(|item| item["name"].as_str().unwrap().to_owned());
            }
            for item in items {
                sort_named(item, field);
            }
        }
        _ => {}
    }
}

/// Two patches are refused, or give the same in either order: no conflict is missed for not having been looked for.
#[test]
fn patches_go_together_in_either_order_or_are_refused() {
    let alone: Vec<&str> = BODIES.iter().copied().filter(|body| !matches!(patched(&[body]), Err(codes) if codes.iter().any(|code| ["DPJ1103", "DPJ1104", "DPJ1105"].contains(code)))).collect();
    assert!(alone.len() + 1 >= BODIES.len(), "only {} of {} can be applied", alone.len(), BODIES.len());
    let (mut refused, mut fine) = (0, 0);
    for (index, first) in alone.iter().enumerate() {
        for second in alone.iter().skip(index + 1) {
            let conflict =
                |result: &Result<Value, Vec<&str>>| matches!(result, Err(codes) if codes.contains(&"DPJ1107"));
            let (one, other) = (patched(&[first, second]), patched(&[second, first]));
            assert_eq!(conflict(&one), conflict(&other), "{first}\n{second}");
            if conflict(&one) {
                refused += 1;
            } else {
                assert_eq!(one, other, "{first}\n{second}");
                fine += usize::from(one.is_ok());
            }
        }
    }
    println!("{fine} pairs of patches go together, {refused} are refused");
    assert!(fine > 300 && refused > 50, "{fine} and {refused}");
}
