//! The exact look, and below in `edges` the places and texts that a renderer stumbles over.

mod edges;

use super::{Style, human, json};
use crate::diag::mask::Masks;
use crate::diag::{Code, Diagnostic, Place};
use crate::source::{FileId, Layer, NodeId, NodeSpans, SourceFile, SourceMap, Span};

static CODE: Code = Code { id: "DPJ0312", summary: "", docs: "" };

const BASE: &str = "\
[workloads.api]
replicas = 2
env = { DB_PASSWORD = \"hunter2\", LOG = \"info\" }

image = \"api:1\"
";

fn sources(files: &[(&str, &str)]) -> SourceMap {
    let mut sources = SourceMap::default();
    for (path, text) in files {
        sources.add(SourceFile { path: (*path).into(), text: (*text).into(), layer: Layer::Base });
    }
    sources
}

fn platform(text: &str) -> SourceMap {
    sources(&[("platform.toml", text)])
}

/// The place of the first occurrence of `part` in a file.
fn at(sources: &SourceMap, file: u32, part: &str) -> Place {
    let start = sources.file(FileId(file)).unwrap().text.find(part).unwrap();
    span(file, start, start + part.len())
}

fn span(file: u32, start: usize, end: usize) -> Place {
    Place::Span(Span { file: FileId(file), start: u32::try_from(start).unwrap(), end: u32::try_from(end).unwrap() })
}

fn error(message: &str, place: Place) -> Diagnostic {
    Diagnostic::error(&CODE, message, place)
}

fn masked(diagnostics: &[Diagnostic], sources: &SourceMap, masks: &Masks) -> String {
    human::render(diagnostics, sources, masks, Style::default(), None)
}

/// One diagnostic without the summary.
fn one(diagnostic: Diagnostic, sources: &SourceMap) -> String {
    let text = masked(&[diagnostic], sources, &Masks::default());
    text.strip_suffix("\nerror: 1 error\n").unwrap_or(&text).to_owned()
}

#[test]
fn a_conflict_of_two_files_and_a_summary() {
    let sources =
        sources(&[("platform.toml", BASE), ("overlays/prod.toml", "[workloads.api]\nreplicas = \"three\"\n")]);
    let diagnostics = [
        error("`workloads.api.replicas` is a number here and a string there", at(&sources, 1, "\"three\""))
            .label("a string here")
            .also(at(&sources, 0, "2"), "a number here")
            .note("an overlay may replace a value, not change its type")
            .help("write a number: `replicas = 3`"),
        error("`info` is no log level", at(&sources, 0, "\"info\"")).warning(),
        error("`image` has no registry", at(&sources, 0, "image")).help("one of\n- docker.io\n- quay.io"),
    ];
    let text = human::render(&diagnostics, &sources, &Masks::default(), Style::default(), Some("nothing was written"));
    let expected = "\
error[DPJ0312]: `workloads.api.replicas` is a number here and a string there
 --> overlays/prod.toml:2:12
  |
2 | replicas = \"three\"
  |            ^^^^^^^ a string here
  |
 ::: platform.toml:2:12
  |
2 | replicas = 2
  |            - a number here
  |
  = note: an overlay may replace a value, not change its type
  = help: write a number: `replicas = 3`

warning[DPJ0312]: `info` is no log level
 --> platform.toml:3:40
  |
3 | env = { DB_PASSWORD = \"•••••••\", LOG = \"info\" }
  |                                        ^^^^^^

error[DPJ0312]: `image` has no registry
 --> platform.toml:5:1
  |
5 | image = \"api:1\"
  | ^^^^^
  |
  = help: one of
          - docker.io
          - quay.io

error: 2 errors, 1 warning; nothing was written
";
    assert_eq!(text, expected);
}

#[test]
fn no_diagnostics_no_text() {
    assert_eq!(masked(&[], &platform(BASE), &Masks::default()), "");
}

#[test]
fn only_warnings() {
    let sources = platform(BASE);
    let warning = error("odd", Place::File(FileId(0))).warning();
    let text = human::render(&[warning], &sources, &Masks::default(), Style::default(), Some("written"));
    assert_eq!(text, "warning[DPJ0312]: odd\n --> platform.toml\n\nwarning: 1 warning; written\n");
}

#[test]
fn several_labels_of_one_file() {
    let sources = platform(BASE);
    let diagnostic = error("these do not go together", at(&sources, 0, "LOG"))
        .label("this")
        .also(at(&sources, 0, "\"hunter2\""), "that")
        .also(at(&sources, 0, "image"), "and\nthis");
    let expected = "\
error[DPJ0312]: these do not go together
 --> platform.toml:3:34
  |
3 | env = { DB_PASSWORD = \"•••••••\", LOG = \"info\" }
  |                       ---------  ^^^ this
  |                       |
  |                       that
4 |
5 | image = \"api:1\"
  | ----- and this
";
    assert_eq!(one(diagnostic, &sources), expected);
}

#[test]
fn labels_far_apart() {
    let sources = platform(&format!("first = 1\n{}near = 2\n{}last = 3\n", "#\n".repeat(5), "#\n".repeat(90)));
    let diagnostic = error("stated twice", at(&sources, 0, "last"))
        .label("here again")
        .also(at(&sources, 0, "first"), "first here")
        .also(at(&sources, 0, "near"), "near it");
    let expected = "\
error[DPJ0312]: stated twice
  --> platform.toml:98:1
   |
98 | last = 3
   | ^^^^ here again
   |
  ::: platform.toml:1:1
   |
 1 | first = 1
   | ----- first here
...
 7 | near = 2
   | ---- near it
";
    assert_eq!(one(diagnostic, &sources), expected);
}

#[test]
fn places_without_an_excerpt() {
    let sources = platform(BASE);
    let missing = error("cannot read it", Place::Path("overlays/prod.toml".into())).note("no such file");
    let expected = "\
error[DPJ0312]: cannot read it
 --> overlays/prod.toml
  |
  = note: no such file
";
    assert_eq!(one(missing, &sources), expected);

    let both = error("two\nlines", Place::File(FileId(0))).label("this one").also(at(&sources, 0, "image"), "for this");
    let expected = "\
error[DPJ0312]: two
                lines
 --> platform.toml: this one
  |
 ::: platform.toml:5:1
  |
5 | image = \"api:1\"
  | ----- for this
";
    assert_eq!(one(both.clone(), &sources), expected);

    let after = error("x", at(&sources, 0, "2")).also(Place::File(FileId(0)), "").also(Place::Path("b".into()), "gone");
    let expected = "\
error[DPJ0312]: x
 --> platform.toml:2:12
  |
2 | replicas = 2
  |            ^
  |
 ::: platform.toml
  |
 ::: b: gone
";
    assert_eq!(one(after, &sources), expected);

    // A node that came from no file, and a file that is none.
    let default = error("x", Place::Value(NodeId(7))).label("by default").also(Place::File(FileId(9)), "");
    assert_eq!(one(default, &sources), "error[DPJ0312]: x\n --> ?\n  |\n  = note: by default\n");
    assert_eq!(one(error("x", Place::Key(NodeId(7))), &sources), "error[DPJ0312]: x\n");
    assert_eq!(one(error("x", span(9, 3, 5)), &sources), "error[DPJ0312]: x\n --> ?:1:1\n  |\n1 |\n  | ^\n");
}

#[test]
fn lines_as_places() {
    let sources = platform("a {\n  b {{ c }}  \n}\n");
    let expected = "\
error[DPJ0312]: x
 --> platform.toml:2:3
  |
2 |   b {{ c }}
  |   ^^^^^^^^^
";
    assert_eq!(one(error("x", Place::Line(FileId(0), 2)), &sources), expected);
    assert_eq!(one(error("x", Place::Line(FileId(0), 9)), &sources), "error[DPJ0312]: x\n --> platform.toml\n");
}

#[test]
fn keys_and_values_of_nodes() {
    let mut sources = platform("replicas = 2\n");
    let file = FileId(0);
    let key = Span { file, start: 0, end: 8 };
    let node = sources.add_node(NodeSpans { key, value: Span { file, start: 11, end: 12 } });
    let expected = "\
error[DPJ0312]: x
 --> platform.toml:1:12
  |
1 | replicas = 2
  | --------   ^ the value
  | |
  | the key
";
    let diagnostic = error("x", Place::Value(node)).label("the value").also(Place::Key(node), "the key");
    assert_eq!(one(diagnostic, &sources), expected);
}

#[test]
fn secrets_are_masked_everywhere() {
    let sources = platform("pin = \"12\"\nmotd = \"it is hunter2\" # ü\n");
    let mut masks = Masks::default();
    masks.add("hunter2");
    masks.add_span(Span { file: FileId(0), start: 6, end: 10 });
    let diagnostic = error("`hunter2` is wrong", at(&sources, 0, "# ü"))
        .label("not hunter2")
        .also(at(&sources, 0, "\"12\""), "")
        .note("hunter2")
        .help("not hunter2");
    let expected = "\
error[DPJ0312]: `•••` is wrong
 --> platform.toml:2:24
  |
1 | pin = \"••\"
  |       ----
2 | motd = \"it is •••••••\" # ü
  |                        ^^^ not •••
  |
  = note: •••
  = help: not •••

error: 1 error
";
    assert_eq!(masked(std::slice::from_ref(&diagnostic), &sources, &masks), expected);
    let json = json::render(&[diagnostic], &sources, &masks);
    assert!(!json.contains("hunter2"), "{json}");
}

#[test]
fn colours() {
    let sources = sources(&[("spec", "a = 1\n")]);
    let diagnostic = error("x", at(&sources, 0, "1")).label("y").also(at(&sources, 0, "a"), "").help("z");
    let text = human::render(&[diagnostic], &sources, &Masks::default(), Style { color: true }, None);
    let expected = "\
<1><91>error[DPJ0312]<0><1>: x<0>
 <1><94>--> <0>spec:1:5
  <1><94>|<0>
<1><94>1<0> <1><94>|<0> a = 1
  <1><94>|<0> <1><94>-<0>   <1><91>^<0> <1><91>y<0>
  <1><94>|<0>
  <1><94>= <0><1>help<0>: z

<1><91>error<0><1>: 1 error<0>
";
    assert_eq!(text.replace("\u{1b}[", "<").replace('m', ">"), expected);
}

#[test]
fn json_document() {
    let sources = platform("a = \"ä\"\nb = \"\"\"\n\"\"\"\n");
    let diagnostic = error("`\"` is wrong", at(&sources, 0, "\"ä\""))
        .label("this")
        .also(at(&sources, 0, "\"\"\"\n\"\"\""), "")
        .also(Place::File(FileId(0)), "")
        .also(Place::Path("b.toml".into()), "gone")
        .also(Place::Key(NodeId(3)), "nowhere")
        .note("one")
        .help("two")
        .warning();
    let expected = concat!(
        r#"{"version":1,"diagnostics":[{"code":"DPJ0312","severity":"warning","message":"`\"` is wrong","labels":["#,
        r#"{"file":"platform.toml","line":1,"column":5,"endLine":1,"endColumn":8,"byteStart":4,"byteEnd":8,"#,
        r#""text":"this","primary":true},"#,
        r#"{"file":"platform.toml","line":2,"column":5,"endLine":3,"endColumn":4,"byteStart":13,"byteEnd":20,"#,
        r#""text":"","primary":false},"#,
        r#"{"file":"platform.toml","line":null,"column":null,"endLine":null,"endColumn":null,"byteStart":null,"#,
        r#""byteEnd":null,"text":"","primary":false},"#,
        r#"{"file":"b.toml","line":null,"column":null,"endLine":null,"endColumn":null,"byteStart":null,"#,
        r#""byteEnd":null,"text":"gone","primary":false},"#,
        r#"{"file":null,"line":null,"column":null,"endLine":null,"endColumn":null,"byteStart":null,"#,
        r#""byteEnd":null,"text":"nowhere","primary":false}],"notes":["one"],"help":["two"]}]}"#,
        "\n"
    );
    assert_eq!(json::render(&[diagnostic], &sources, &Masks::default()), expected);
    let none = json::render(&[], &sources, &Masks::default());
    assert_eq!(none, "{\"version\":1,\"diagnostics\":[]}\n");
}
