use super::documents;
use crate::patch::node::Node;
use crate::source::{Layer, SourceFile, SourceMap};
use serde_json::{Value, json};

fn read(text: &str) -> (SourceMap, Result<Vec<Node>, String>) {
    let mut sources = SourceMap::default();
    let file = sources.add(SourceFile { path: "a.yaml".to_owned(), text: text.to_owned(), layer: Layer::Base });
    let read = documents(file, text, &mut sources);
    let read = read.map_err(|fault| format!("{}: {}", sources.describe(fault.place), fault.message));
    (sources, read)
}

fn json_of(text: &str) -> Vec<Value> {
    read(text).1.unwrap().iter().map(|node| node.to_tree().to_json()).collect()
}

#[test]
fn documents_lists_and_flow() {
    let text = "# x\na: 1\n---\n---\nb: [yes, null, 1.5, 'no', \"\\u00e9\"]\nc:\n- d: |\n    e\n    f\n- {}\n...\n";
    assert_eq!(
        json_of(text),
        [json!({"a": 1}), json!({"b": [true, null, 1.5, "no", "é"], "c": [{"d": "e\nf\n"}, {}]})]
    );
    assert_eq!(json_of("{\"a\": {\"b\": [1, \"x\"]}}"), [json!({"a": {"b": [1, "x"]}})]);
    assert_eq!(json_of(""), Vec::<Value>::new());
    assert_eq!(json_of("y: 1\n12: 2\n'no': 3\n"), [json!({"true": 1, "12": 2, "no": 3})]);
}

#[test]
fn anchors_merges_and_tags() {
    let text = "a: &x {b: 1, c: 2}\nd: *x\ne:\n  <<: *x\n  c: 3\nf: !!str 1\ng: ! yes\n";
    let x = json!({"b": 1, "c": 2});
    assert_eq!(json_of(text), [json!({"a": x, "d": x, "e": {"b": 1, "c": 3}, "f": "1", "g": "yes"})]);
    assert_eq!(read("a: &x [*x]").1.unwrap_err(), "a.yaml:1:8: an alias stands inside of what it repeats");
    assert_eq!(read("a: !include b").1.unwrap_err(), "a.yaml:1:4: the tag `!include` means nothing in a manifest");
    // Nine levels of nine: over three hundred million values.
    let mut bomb = "a0: &a0 x\n".to_owned();
    for level in 1..10 {
        let items = vec![format!("*a{}", level - 1); 9].join(", ");
        bomb += &[&format!("a{level}: &a{level} ["), items.as_str(), "]\n"].concat();
    }
    assert!(read(&bomb).1.unwrap_err().contains("more than 1000000 values"));
}

#[test]
fn mistakes_have_a_place() {
    assert_eq!(read("a: 1\nb:\n  c: 1\n  c: 2\n").1.unwrap_err(), "a.yaml:4:3: the key `c` stands twice");
    assert_eq!(read("y: 1\nyes: 2\n").1.unwrap_err(), "a.yaml:2:1: the key `true` stands twice");
    assert!(read("a: 1\nb:\n\tc: 2\n").1.unwrap_err().starts_with("a.yaml:3:"));
    assert!(read(&"[".repeat(5000)).1.is_err());
}

/// The place of every value, in a text whose characters are not all of one byte.
#[test]
fn values_have_a_place() {
    let text = "é: ü\na:\n  b: [x, 2]\n  c: |\n    z\n";
    let (sources, nodes) = read(text);
    let mut places = Vec::new();
    nodes.unwrap()[0].walk(&mut Vec::new(), &mut |_, node| {
        let spans = sources.spans(node.at.unwrap()).unwrap();
        let text = |span: crate::source::Span| text[span.start as usize..span.end as usize].to_owned();
        places.push((text(spans.key), text(spans.value)));
    });
    let expected =
        [("é: ü", "é: ü"), ("é", "ü"), ("a", "b: [x, 2]"), ("b", "[x, 2]"), ("x", "x"), ("2", "2"), ("c", "z")];
    assert_eq!(places, expected.map(|(key, value)| (key.to_owned(), value.to_owned())));
}
