//! The YAML writer against a reader: what is written comes back as the same JSON, for tens of thousands of texts.
//!
//! With `DPJGEN_YAML_CORPUS=DIR` the same texts are written to `DIR/corpus.yaml` and, as a JSON list of what must come
//! back, to `DIR/corpus.json`, for `python3 tools/judge_yaml.py corpus DIR`: other readers in other languages.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]
#![allow(clippy::disallowed_methods, clippy::print_stdout)] // the corpus

use std::collections::{BTreeMap, BTreeSet};

use dpjgen::emit::yaml::{Error, write_document};
use dpjgen::manifest;
use serde::Serialize;
use serde_json::{Value, json};

fn written<T: Serialize + ?Sized>(value: &T) -> String {
    let mut out = Vec::new();
    write_document(value, &mut out).unwrap();
    String::from_utf8(out).unwrap()
}

fn refused<T: Serialize + ?Sized>(value: &T) -> Error {
    let mut out = b"before".to_vec();
    let error = write_document(value, &mut out).unwrap_err();
    assert_eq!(out, b"before");
    error
}

/// Texts that some reader is known to take for something else.
#[rustfmt::skip]
const TRICKY: &[&str] = &[
    "", " ", "  ", "~", "null", "Null", "NULL", "y", "Y", "n", "N", "yes", "Yes", "YES", "no", "No", "NO", "on", "On",
    "ON", "off", "Off", "OFF", "t", "T", "f", "F", "true", "True", "TRUE", "false", "False", "FALSE", "0", "1", "-1",
    "+1", "0777", "0644", "08", "0x1F", "0X1f", "0b1", "0o17", "1_000", "_1", "1__0_", "1e3", "1E3", "7e10", "1e+3",
    "1.10", "1.1.0", "1.28", ".5", "5.", "+.5", "-.5e-3", ".inf", "-.inf", "+.Inf", ".NaN", ".nan", "inf", "nan",
    "-inf", "Infinity", "22:22", "22:22:22", "-1:30", "190:20:30.15", "2001-12-14", "2001-1-1",
    "2001-12-14T21:59:43.10-05:00", "2001-12-14 21:59:43.10 -5", "2001-12-15 2:59:43.10", "12:30", "1,000", "<<", "=",
    "-", "--", "---", "--- a", "---a", "...", "... a", "..", ".", "?", "? a", ":", ": a", ":a", "a:", "a: b", "a:b",
    "a :b", "a : b", "#", "# a", "a #b", "a# b", "[", "]", "{", "}", "[]", "{}", "[a]", "{a: b}", ",", "a, b", "&a",
    "*a", "!a", "!!str a", "|", "|-", ">", ">2", "'", "''", "'a'", "\"", "\"a\"", "a\"b'c", "%", "%YAML 1.2", "@a",
    "`a`", "\\", "\\n", "a\\b", "a ", " a", "a\t", "\ta", "a\tb", "\n", "\n\n", "a\n", "a\n\n", "\na", "\n\na\n",
    "a\nb", "a\nb\n", " a\nb", "  a\n b\n", "\n a\nb", "a \nb", "a\n ", "a\n \nb", "a\n\tb", "a\n# b", "# a\nb\n",
    "---\na", "a\n---\nb\n", "a\n...\nb\n", "- a\n- b\n", "a: b\nc: d\n", "|\na", "a\r", "a\r\nb\r\n", "\r", "\0",
    "a\0b", "\u{7}\u{8}\u{b}\u{c}\u{1b}", "\u{7f}", "\u{80}", "\u{85}", "a\u{85}b", "\u{9f}", "\u{a0}", "a\u{a0}b",
    "a\u{a0}b\nc\n", "\u{ad}", "é", "l’été\nà Évry : 10\u{202f}€\n", "日本語", "\u{200b}", "\u{2028}", "a\u{2028}b\nc",
    "\u{2029}", "\u{202e}abc", "\u{3000}a", "\u{d7ff}", "\u{e000}", "\u{fdd0}", "\u{feff}", "\u{feff}a",
    "a\u{feff}\nb", "\u{fffd}", "\u{fffe}", "\u{ffff}", "😀", "a 😀\nb\n", "👨\u{200d}👩", "\u{1ffff}", "\u{e0001}",
    "\u{10fffd}", "\u{10ffff}", "app.kubernetes.io/name", "512Mi", "250m", "10%", "1Ei", "5e", "1d", "30s", "8080:80",
    "127.0.0.1", "10.0.0.0/8", "fe80::1", "*/5 * * * *", "0 3 * * *", "$(NAME)", "{{ .Values.x }}", "-Xmx512m", "-c",
    "--flag=1", "http://a:80/b", "name",
];

/// Numbers without a pattern, the same in each run.
struct Random(u64);

impl Random {
    fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 >> 33).unwrap() % end
    }

    /// A text of one to nine pieces, from one of the alphabets.
    fn text(&mut self) -> String {
        #[rustfmt::skip]
        const ALPHABETS: [&[&str]; 4] = [
            // What numbers and times are made of.
            &[
                "0", "0", "1", "2", "7", "8", "9", "_", ".", "-", "+", ":", "e", "E", "x", "o", "b", "f", "T", "Z",
                " ", ",", "inf", "nan",
            ],
            // Words and what stands between them.
            &[
                "y", "n", "yes", "no", "on", "off", "true", "null", "~", "a", "B", "-", ".", "_", ":", " ", "/", "#",
                "=", "<<", "1",
            ],
            // Lines.
            &[
                "a", "bc", "\n", "\n", "\n\n", " ", "  ", "- ", "# ", ": ", "---", "...", "\t", "\r", "é", "😀",
                "\u{a0}", "1", "|", ">", "\\",
            ],
            // Syntax and characters that are not seen.
            &[
                "a", "0", " ", ":", "#", "-", "?", ",", "[", "]", "{", "}", "&", "*", "!", "|", ">", "'", "\"", "%",
                "@", "`", "\\", "=", "~", "\n", "\t", "\r", "\0", "\u{1b}", "\u{7f}", "\u{85}", "\u{a0}", "\u{2028}",
                "\u{2029}", "\u{feff}", "\u{200b}", "\u{fffe}", "é", "日", "😀", "\u{10ffff}", "\u{d7ff}", "\u{e000}",
            ],
        ];
        let alphabet = ALPHABETS[self.below(ALPHABETS.len())];
        (0..=self.below(9)).map(|_| alphabet[self.below(alphabet.len())]).collect()
    }
}

/// The tricky texts and generated ones, no two the same.
fn texts() -> Vec<String> {
    let mut random = Random(0x9E37_79B9_7F4A_7C15);
    let mut texts: BTreeSet<String> = TRICKY.iter().map(|&text| text.to_owned()).collect();
    for text in TRICKY.iter().skip(1).step_by(4) {
        texts.insert(text.repeat(1100 / text.len())); // longer than what a reader takes for a key by itself
    }
    while texts.len() < 25_000 {
        texts.insert(random.text());
    }
    texts.into_iter().collect()
}

/// Objects that hold every text as a value, a key, an item and an item's name, and mixed.
fn objects() -> Vec<Value> {
    let object = |number: usize, chunk: &[String]| {
        let map = |entry: fn(usize, &String) -> (String, Value)| -> Value {
            chunk.iter().enumerate().map(|(index, text)| entry(index, text)).collect()
        };
        let list = |item: fn(&String) -> Value| -> Value { chunk.iter().map(item).collect() };
        json!({
            "apiVersion": "example.com/v1",
            "kind": "Corpus",
            "metadata": { "name": format!("corpus-{number}") },
            "spec": {
                "values": map(|index, text| (format!("k{index}"), json!(text))),
                "keys": map(|index, text| (text.clone(), json!(index))),
                "items": list(|text| json!(text)),
                "names": list(|text| json!({ "first": [text.len()], "name": text })),
                "nested": list(|text| json!([[text], { text: [{ text: { text: text } }] }])),
            },
        })
    };
    texts().chunks(250).enumerate().map(|(number, chunk)| object(number, chunk)).collect()
}

#[test]
fn what_is_written_is_read() {
    for object in objects() {
        let yaml = written(&object);
        let read: Value = serde_yaml::from_str(&yaml).unwrap();
        for section in ["items", "names", "nested"] {
            for (read, item) in
                read["spec"][section].as_array().unwrap().iter().zip(object["spec"][section].as_array().unwrap())
            {
                assert_eq!(read, item, "{}", written(item));
            }
        }
        assert_eq!(read, object);
        assert_eq!(written(&read), yaml);
        assert!(yaml.ends_with('\n') && !yaml.ends_with("\n\n"));
        assert!(!yaml.contains(['\t', '\r', '\0']) && yaml.split('\n').all(|line| !line.ends_with(' ')));
    }
}

#[test]
fn every_text_is_a_document() {
    for text in texts() {
        let yaml = written(&text);
        assert_eq!(serde_yaml::from_str::<Value>(&yaml).unwrap(), Value::String(text));
        assert_eq!(yaml.lines().count(), 1);
    }
}

/// For `tools/judge_yaml.py`.
#[test]
fn corpus() {
    let Ok(directory) = std::env::var("DPJGEN_YAML_CORPUS") else { return };
    let mut objects = objects();
    objects.push(json!({
        "apiVersion": "example.com/v1",
        "kind": "Corpus",
        "metadata": { "name": "numbers" },
        "spec": {
            "integers": [0, 1, -1, 8, 420, i64::MAX, i64::MIN],
            "floats": [0.0, -0.0, 1.0, -3.0, 0.1, 1.5e-7, 1e15, 1e16, 1e22, -1.25e300, f64::MAX, 5e-324],
            "others": [true, false, null, {}, [], [[]], [{}], [[[1], 2], 3], {"a": {"b": {}}}],
        },
    }));
    let mut yaml = Vec::new();
    for object in &objects {
        yaml.extend_from_slice(b"---\n");
        write_document(object, &mut yaml).unwrap();
    }
    std::fs::write(format!("{directory}/corpus.yaml"), yaml).unwrap();
    let list = json!({ "apiVersion": "v1", "kind": "List", "items": objects });
    std::fs::write(format!("{directory}/corpus.json"), list.to_string()).unwrap();
    println!("{} texts in {} documents", texts().len(), objects.len());
}

#[derive(Serialize)]
struct Item {
    args: Vec<&'static str>,
    empty: BTreeMap<String, String>,
    list: Vec<u8>,
    name: &'static str,
    script: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    absent: Option<u8>,
    none: Option<u8>,
}

fn item(name: &'static str) -> Item {
    Item {
        args: vec!["-c", "1"],
        empty: BTreeMap::new(),
        list: vec![],
        name,
        script: "a\nb\n",
        absent: None,
        none: None,
    }
}

#[test]
fn blocks_are_as_kubectl_writes_them_and_the_name_comes_first() {
    #[derive(Serialize)]
    struct Root {
        items: Vec<Item>,
        map: Item,
        matrix: Vec<Vec<i32>>,
    }
    let expected = r#"items:
- name: one
  args:
  - -c
  - "1"
  empty: {}
  list: []
  script: |
    a
    b
  none: null
- name: "2"
  args:
  - -c
  - "1"
  empty: {}
  list: []
  script: |
    a
    b
  none: null
map:
  args:
  - -c
  - "1"
  empty: {}
  list: []
  name: three
  script: |
    a
    b
  none: null
matrix:
- - 1
  - 2
- []
"#;
    let root = Root { items: vec![item("one"), item("2")], map: item("three"), matrix: vec![vec![1, 2], vec![]] };
    assert_eq!(written(&root), expected);
    assert_eq!(
        written(&[json!([[{ "a": { "b": 1 }, "name": { "x": [" y\n"] } }]])]),
        "- - - name:\n        x:\n        - |2\n           y\n      a:\n        b: 1\n"
    );
}

#[test]
fn a_long_key_is_explicit() {
    let key = "k".repeat(1001);
    let value = json!([{ &key: { "a": 1 }, "name": 2 }, { &key: [1] }, { &key: " a\nb" }]);
    let yaml = written(&value);
    assert_eq!(
        yaml.replace(&key, "K"),
        "- name: 2\n  ? K\n  :\n    a: 1\n- ? K\n  :\n  - 1\n- ? K\n  : |2-\n     a\n    b\n"
    );
    assert_eq!(serde_yaml::from_str::<Value>(&yaml).unwrap(), value);
}

#[test]
fn enums_are_as_in_json() {
    #[derive(Serialize)]
    enum Choice {
        Unit,
        New(u8),
        Tuple(u8, u8),
        Struct { on: bool },
    }
    let choices = [Choice::Unit, Choice::New(1), Choice::Tuple(1, 2), Choice::Struct { on: true }];
    let expected = "- Unit\n- New: 1\n- Tuple:\n  - 1\n  - 2\n- Struct:\n    \"on\": true\n";
    assert_eq!(written(&choices), expected);
    assert_eq!(serde_yaml::from_str::<Value>(expected).unwrap(), serde_json::to_value(&choices).unwrap());
}

#[test]
fn a_document_may_be_anything() {
    assert_eq!(written(&()), "null\n");
    assert_eq!(written(&'y'), "\"y\"\n");
    assert_eq!(written("a\nb"), "\"a\\nb\"\n");
    assert_eq!(written(&json!({})), "{}\n");
    assert_eq!(written(&json!([])), "[]\n");
    assert_eq!(written(&(1, 2.5, 0.1_f32, true)), "- 1\n- 2.5\n- 0.1\n- true\n");
    assert_eq!(written(&format_args!("{}.{}", 1, 10)), "\"1.10\"\n");
    assert_eq!(written(&Some(BTreeMap::from([('y', Some(i128::from(i64::MIN)))]))), "\"y\": -9223372036854775808\n");
}

#[test]
fn what_json_or_a_reader_cannot_say_is_refused() {
    struct Bytes;
    impl Serialize for Bytes {
        fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
            serializer.serialize_bytes(b"x")
        }
    }
    assert_eq!(refused(&BTreeMap::from([(1, 1)])), Error::Key("a number"));
    assert_eq!(refused(&BTreeMap::from([(true, 1)])), Error::Key("a boolean"));
    assert_eq!(refused(&BTreeMap::from([(None::<String>, 1)])), Error::Key("null"));
    assert_eq!(refused(&BTreeMap::from([(["a"], 1)])), Error::Key("a list"));
    assert_eq!(refused(&[("a", Bytes)]), Error::Bytes);
    assert_eq!(refused(&[f64::NAN]), Error::Number("NaN".to_owned()));
    assert_eq!(refused(&f32::NEG_INFINITY), Error::Number("-inf".to_owned()));
    assert_eq!(refused(&json!({ "a": [u64::MAX] })), Error::Number(u64::MAX.to_string()));
    assert_eq!(refused(&i128::MIN), Error::Number(i128::MIN.to_string()));
}

#[test]
fn a_document_begins_with_what_it_is() {
    // A map sorts its keys, as k8s-openapi sorts its fields.
    let object: BTreeMap<&str, Value> = BTreeMap::from([
        ("aardvark", json!({ "kind": "inner", "name": "x", "apiVersion": "v0" })),
        ("apiVersion", json!("v1")),
        ("kind", json!("ConfigMap")),
        ("data", json!(["a", "b"])),
        ("metadata", json!({ "labels": { "z": "1" }, "name": "it" })),
        ("spec", json!([{ "image": "i", "name": "first", "ports": [] }])),
    ]);
    let expected = "\
apiVersion: v1
kind: ConfigMap
metadata:
  labels:
    z: \"1\"
  name: it
aardvark:
  apiVersion: v0
  kind: inner
  name: x
data:
- a
- b
spec:
- name: first
  image: i
  ports: []
";
    assert_eq!(written(&object), expected);
}

/// What is written is in the part of YAML that `manifest` reads fast, and is read as it was, on both of its ways.
#[test]
fn manifests_are_read_back() {
    fn json(value: &manifest::Value<'_>) -> Value {
        match value {
            manifest::Value::Null => Value::Null,
            manifest::Value::Bool(value) => json!(value),
            manifest::Value::Number(text) => serde_json::from_str(text).unwrap(),
            manifest::Value::String(text) => json!(text),
            manifest::Value::Sealed(_) => panic!("no document is a secret"),
            manifest::Value::List(items) => items.iter().map(json).collect(),
            manifest::Value::Map(entries) => {
                entries.iter().map(|(key, value)| (key.to_string(), json(value))).collect()
            }
        }
    }
    let mut fast = 0;
    let objects = objects();
    for object in &objects {
        for section in ["values", "keys", "items", "names", "nested"] {
            let part = json!({ "spec": object["spec"][section] });
            let yaml = written(&part);
            let values = manifest::by_events(&yaml).unwrap();
            assert_eq!(values.len(), 1);
            assert_eq!(json(&values[0]), part);
            if let Some(value) = manifest::by_fast(&yaml) {
                assert_eq!(value, values[0]);
                fast += 1;
            }
        }
    }
    assert!(fast > objects.len(), "{fast} of {} are read fast", objects.len() * 5);
}
