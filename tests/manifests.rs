//! Reading manifests: as kubectl reads them, the same on every way, and faults with their place.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]
#![allow(clippy::disallowed_methods, clippy::case_sensitive_file_extension_comparisons)]
#![allow(clippy::format_push_string, clippy::format_collect)]
#![cfg(unix)]

mod support;

use dpjgen::manifest::{self, Manifest, Value};
use serde_json::json;
use support::{files, root};

/// As JSON, numbers as numbers.
fn json(value: &Value<'_>) -> serde_json::Value {
    match value {
        Value::Null => serde_json::Value::Null,
        Value::Bool(value) => (*value).into(),
        Value::Number(text) => serde_json::from_str(text).unwrap(),
        Value::String(text) => text.as_ref().into(),
        Value::Sealed(sealed) => sealed.to_string().into(),
        Value::List(items) => items.iter().map(json).collect(),
        Value::Map(entries) => entries.iter().map(|(key, value)| (key.to_string(), json(value))).collect(),
    }
}

fn read<'a>(path: &'a str, text: &'a str) -> Vec<Manifest<'a>> {
    manifest::read(path, text.as_bytes()).unwrap_or_else(|faults| panic!("{path}: {faults:#?}"))
}

/// `line:column message` of each fault.
fn faults(bytes: impl AsRef<[u8]>) -> Vec<String> {
    let faults = manifest::read("a.yaml", bytes.as_ref()).unwrap_err();
    faults.iter().map(|fault| format!("{}:{} {}", fault.line, fault.column, fault.message)).collect()
}

/// The manifests of `out/`, by path.
fn snapshot() -> Vec<(String, String)> {
    let out = root().join("out");
    let found: Vec<(String, String)> = files(&out)
        .into_iter()
        .filter(|path| path.ends_with(".yaml"))
        .map(|path| (path.clone(), std::fs::read_to_string(out.join(&path)).unwrap()))
        .collect();
    assert!(found.len() > 200, "{}", found.len());
    found
}

#[test]
fn the_snapshot_is_read_as_another_reader_reads_it() {
    let mut seen = 0;
    for (path, text) in snapshot() {
        let expected: serde_json::Value = serde_yaml::from_str(&text).unwrap();
        let manifests = read(&path, &text);
        if path.ends_with("kustomization.yaml") {
            assert!(manifests.is_empty());
            continue;
        }
        assert_eq!(manifests.len(), 1, "{path}");
        assert_eq!(json(&manifests[0].value), expected, "{path}");
        assert_eq!(manifests[0].id.name, expected["metadata"]["name"].as_str().unwrap());
        seen += 1;
    }
    assert!(seen > 200);
}

const HEAD: &str = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: a\n";

#[test]
fn streams_lists_and_json() {
    let text = format!("# first\n---\n{HEAD}---\n\n---\n{}", HEAD.replace("name: a", "{name: b, namespace: c}"));
    let ids: Vec<String> = read("a.yaml", &text).iter().map(|m| format!("{} {}", m.line, m.id)).collect();
    assert_eq!(ids, ["3 ConfigMap a", "10 ConfigMap c/b"]);
    let object = |name: &str| json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name}});
    let list = json!({"apiVersion": "v1", "kind": "List", "items": [object("a"), object("b")]});
    assert_eq!(read("a.json", &list.to_string()).len(), 2);
    assert_eq!(read("a", &serde_yaml::to_string(&list).unwrap()).len(), 2);
    let typed = json!({"apiVersion": "apps/v1", "kind": "DeploymentList", "items": [{"metadata": {"name": "x"}}]});
    assert_eq!(read("a.json", &typed.to_string())[0].id.to_string(), "Deployment x");
    let two = format!("{}\n{}", object("a"), object("b"));
    assert_eq!(read("-", &two).iter().map(|m| m.line).collect::<Vec<_>>(), [1, 2]);
    assert!(read("a", "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\n").is_empty());
    assert!(read("x/kustomization.yaml", "resources: []\n").is_empty());
    assert!(read("a", "# nothing\n").is_empty());
}

#[test]
fn yaml_means_what_it_means_to_kubectl() {
    let text = format!(
        "{HEAD}base: &base {{a: 1, c: 2}}\nx: {{a: 9, <<: *base}}\nlater: {{<<: *base, a: 9}}\n\
         list: {{<<: [{{a: 1}}, {{a: 2, d: 3}}]}}\ny: [y, no, 0644, 08, 1_000, 1e3, 1.10, ~, '', 'no']\n8080: a\n\
         tags: [!foo bar, !!str 5, !!int \"5\", !!binary aGk=]\ncopy: *base\n"
    );
    let manifests = read("a.yaml", &text);
    let value = json(&manifests[0].value);
    assert_eq!(value["x"], json!({"a": 1, "c": 2}), "`<<` replaces what stands before it");
    assert_eq!(value["later"], json!({"a": 9, "c": 2}));
    assert_eq!(value["list"], json!({"a": 1, "d": 3}));
    assert_eq!(value["true"], json!([true, false, 420, 8, 1000, 1000, 1.1, null, "", "no"]));
    assert_eq!(value["8080"], "a");
    assert_eq!(value["tags"], json!(["bar", "5", 5, "hi"]));
    assert_eq!(value["copy"], json!({"a": 1, "c": 2}));
}

#[test]
fn faults_have_a_place() {
    assert_eq!(faults(format!("{HEAD}data:\n  a: 1\n  b: 2\n  a: 3\n")), ["8:3 the key `a` stands twice"]);
    assert_eq!(faults(format!("{HEAD}y: 1\n---\n{HEAD}yes: 1\non: 2\n")), ["12:1 the key `true` stands twice"]);
    assert_eq!(faults("kind: A\nmetadata: {name: x}\n"), ["1:1 this object states no `apiVersion`"]);
    assert_eq!(
        faults("apiVersion: v1\nkind: A\nmetadata:\n  labels: {}\n"),
        ["4:3 this object states no `metadata.name`"]
    );
    assert_eq!(faults("apiVersion: v1\nkind: A\nmetadata: {name: 5}\n"), ["3:18 `metadata.name` has to be a text"]);
    assert_eq!(faults("- a\n"), ["1:1 this is a list, not a Kubernetes object"]);
    assert_eq!(
        faults(format!("{HEAD}<<<<<<< HEAD\na: 1\n=======\na: 2\n>>>>>>> b\n")),
        ["5:1 a merge was not finished here"]
    );
    assert_eq!(faults(b"\xff\xfek\0"), ["0:0 `a.yaml` is not UTF-8 but UTF-16 or UTF-32"]);
    assert_eq!(faults(b"a: 1\nb: \xe9"), ["2:4 `a.yaml` is not UTF-8: the byte 0xe9 begins no character"]);
    assert_eq!(faults("a\0b"), ["0:0 `a.yaml` is a binary file, neither YAML nor JSON"]);
    assert_eq!(faults(format!("{HEAD}a: .inf\n")), ["5:4 JSON has no infinite numbers"]);
    assert_eq!(faults(format!("{HEAD}~: a\n")), ["5:1 a key has to be a text"]);
    assert_eq!(faults(format!("{HEAD}a: &a [*a]\n")), ["5:8 the value of this anchor contains itself"]);
    assert_eq!(
        faults(format!("{HEAD}data:\n\ta: 1\n")),
        ["6:2 not valid YAML: tabs disallowed within this context (block indentation)"]
    );
    let text = "{\"apiVersion\": \"v1\",\n \"kind\": \"A\", \"kind\": \"B\"}";
    assert_eq!(faults(text), ["2:15 the key `kind` stands twice"]);
}

#[test]
fn bombs_are_refused() {
    let mut text = format!("{HEAD}a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n");
    for level in 1..12 {
        let aliases = vec![format!("*a{}", level - 1); 10].join(", ");
        text += &format!("a{level}: &a{level} [{aliases}]\n");
    }
    assert!(faults(text)[0].contains("repeat more than"), "aliases");
    let long = format!("{HEAD}a: &a \"\\t{}\"\n", "x".repeat(500_000));
    let values: String = (0..2000).map(|n| format!("b{n}: *a\n")).collect();
    assert!(faults(format!("{long}{values}"))[0].contains("repeat more than"), "a long text");
    let keys: String = (0..2000).map(|n| format!("b{n}: {{*a : 1}}\n")).collect();
    assert!(faults(format!("{long}{keys}"))[0].contains("repeat more than"), "a long key");
    let deep = format!("{HEAD}a: {}{}\n", "[".repeat(5000), "]".repeat(5000));
    assert!(!faults(deep).is_empty());
    let deep: String = (0..1000).map(|level| format!("{}a:\n", " ".repeat(level))).collect();
    assert!(faults(deep)[0].contains("nested deeper"), "blocks");
}

#[test]
fn secrets_are_sealed() {
    let text = "apiVersion: v1\nkind: Secret\nmetadata: {name: s}\ndata: {a: aGVsbG8=}\nstringData: {a: hello, b: x}\n";
    let manifests = read("a.yaml", text);
    let value = &manifests[0].value;
    assert_eq!(value.at(&["data", "a"]), value.at(&["stringData", "a"]));
    assert_ne!(value.at(&["stringData", "a"]), value.at(&["stringData", "b"]));
    assert!(!format!("{manifests:?}").contains("hello") && !format!("{manifests:?}").contains("aGVsbG8"));
    let text = text.replace("a: hello", "b: hello");
    let faults = manifest::read("a.yaml", text.as_bytes()).unwrap_err();
    assert!(faults[0].is_confidential && !format!("{faults:?}").contains("hello"));
    let mut sources = dpjgen::source::SourceMap::default();
    let diagnostic = faults[0].diagnostic(&mut sources, |_| Some(&text));
    assert_eq!(diagnostic.message, "the key `b` stands twice, at a.yaml:5:24");
}

#[test]
fn secrets_within_other_objects_are_sealed() {
    let secret = "{apiVersion: v1, kind: Secret, metadata: {name: s}, stringData: {a: hunter2}}";
    let applied = "annotations: {kubectl.kubernetes.io/last-applied-configuration: 'a: hunter2'}";
    for text in [
        format!("apiVersion: v1\nkind: List\nmetadata: {{name: l, {applied}}}\nitems: [{secret}]\n"),
        format!("apiVersion: template.openshift.io/v1\nkind: Template\nmetadata: {{name: t}}\nobjects: [{secret}]\n"),
        "apiVersion: v1\nkind: SecretList\nmetadata: {name: l}\nitems: [{data: {a: hunter2}}]\n".to_owned(),
    ] {
        let manifests = read("a.yaml", &text);
        assert!(!format!("{manifests:?}").contains("hunter2"), "{manifests:?}");
    }
}

#[test]
fn whatever_may_be_a_secret_is_not_shown() {
    let body = "\nmetadata: {name: s}\nstringData: {foo: abcdefgh12 }}\n";
    for kind in ["kind:\n  Secret", "kind: !!str Secret", "kind: &a Secret", "kind: SecretList", "{kind: 'Secret'}"] {
        let text = format!("apiVersion: v1\n{kind}{body}");
        assert!(manifest::read("a.yaml", text.as_bytes()).unwrap_err()[0].is_confidential, "{kind}");
    }
    for kind in ["ExternalSecret", "SecretStore", "MySecretList"] {
        let text = format!("apiVersion: v1\nkind: {kind}{body}");
        assert!(!manifest::read("a.yaml", text.as_bytes()).unwrap_err()[0].is_confidential, "{kind}");
    }
    // Two objects on a line that holds a `Secret` as well.
    let map = r#"{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"a"}}"#;
    let secret = r#"{"apiVersion":"v1","kind":"Secret","metadata":{"name":"a"},"stringData":{"a":"hunter2"}}"#;
    let list = format!(r#"{{"apiVersion":"v1","kind":"List","items":[{map},{map},{secret}]}}"#);
    let manifests = read("a.json", &list);
    assert!(dpjgen::diff::compare(&[], &manifests).unwrap_err().new[0].is_confidential);
}

/// What a document says does not depend on what was read before it.
#[test]
fn blocks_that_were_read_before_say_the_same() {
    const PIECES: [&str; 14] = [
        "# x\n",
        "\n",
        "  x: 1\n",
        "- a\n",
        " ",
        "  # x\n",
        "\n\n",
        "&a ",
        "*a",
        "Secret",
        "kind: Secret\n",
        "\"",
        "    args:\n    - --token\n    - x\n",
        "  - kind: Secret\n    data: {a: b}\n",
    ];
    let mut state = 0x2545_F491_4F6C_DD1D_u64;
    let mut below = |end: usize| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        usize::try_from(state >> 33).unwrap() % end
    };
    let mut texts: Vec<String> = snapshot().into_iter().map(|(_, text)| text).collect();
    for at in 0..texts.len() {
        let mut text = texts[at].clone();
        for _ in 0..=below(2) {
            // At the start of a line, where blocks begin and end.
            let starts: Vec<usize> = text.match_indices('\n').map(|(at, _)| at + 1).collect();
            text.insert_str(starts[below(starts.len())], PIECES[below(PIECES.len())]);
        }
        texts.push(text);
    }
    texts.push("apiVersion: v1\nkind: A\nmetadata: {name: a}\n".to_owned());
    let mut blocks = manifest::Blocks::default();
    for text in &texts {
        for document in manifest::documents(text) {
            let (mut one, mut other) = ((Vec::new(), Vec::new()), (Vec::new(), Vec::new()));
            manifest::read_document("a.yaml", document, &mut one.0, &mut one.1);
            manifest::read_beside("a.yaml", document, Some(&mut blocks), &mut other.0, &mut other.1);
            assert_eq!(format!("{one:?}"), format!("{other:?}"), "{text}");
        }
    }
}

/// Whatever is read fast is read by events as the same; and what dpjgen writes is read fast.
#[test]
fn both_ways_of_reading_agree() {
    let agree = |text: &str, from: &str| match manifest::by_fast(text) {
        Some(value) => {
            let values = manifest::by_events(text).unwrap_or_else(|fault| panic!("{from}: {fault:?}\n{text}"));
            assert_eq!(values, [value], "{from}:\n{text}");
            true
        }
        None => false,
    };
    let snapshot = snapshot();
    for (path, text) in &snapshot {
        assert!(agree(text, path), "{path} is not read fast");
    }
    if let Some(crds) = std::env::var_os("DPJGEN_TEST_CRDS").map(std::path::PathBuf::from) {
        for path in files(&crds).into_iter().filter(|path| path.ends_with(".yaml")) {
            let text = std::fs::read_to_string(crds.join(&path)).unwrap();
            for document in manifest::documents(&text) {
                agree(document.text, &path);
            }
        }
    }
    // Pieces of the snapshot, with a few characters put in or taken out.
    const PIECES: [&str; 36] = [
        "\n", "  ", " ", "- ", "-", ":", ": ", "#", " #", "'", "\"", "|", "|-", "|2\n", "|+\n", "a", "key: v\n", "\t",
        "~", "y", "0644", "? ", "{}", "[]", "...\n", "é", "\\n", "\n\n", "- - ", "\\", "{a: b}", "&a ", "*a", "<<: ",
        "\u{a0}", "’",
    ];
    let mut state = 0x9E37_79B9_7F4A_7C15_u64;
    let mut below = |end: usize| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        usize::try_from(state >> 33).unwrap() % end
    };
    let mut fast = 0;
    for _ in 0..20_000 {
        let (path, text) = &snapshot[below(snapshot.len())];
        let lines: Vec<&str> = text.lines().collect();
        let lines: Vec<&str> = lines.iter().skip(below(lines.len())).take(1 + below(14)).copied().collect();
        let indentation = lines[0].len() - lines[0].trim_start().len();
        let mut piece: String = lines
            .iter()
            .map(|line| format!("{}\n", line.get(indentation.min(line.len() - line.trim_start().len())..).unwrap()))
            .collect();
        for _ in 0..below(4) {
            let mut at = below(piece.len() + 1);
            while !piece.is_char_boundary(at) {
                at -= 1;
            }
            if below(3) == 0 && at < piece.len() {
                piece.remove(at);
            } else {
                piece.insert_str(at, PIECES[below(PIECES.len())]);
            }
        }
        fast += usize::from(agree(&piece, path));
    }
    assert!(fast > 5000, "{fast}");
}
