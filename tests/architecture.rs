//! Who may import whom, and what else holds for the sources as a whole.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]
#![allow(clippy::disallowed_methods, missing_docs)]
#![allow(clippy::format_push_string, clippy::format_collect, clippy::case_sensitive_file_extension_comparisons)]
#![cfg(unix)]

mod support;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use support::{blessing, files, root};

/// Each module of `src/` with those that it may name. A line is short because a layer is: what a pass may not name it
/// cannot depend on.
const TABLE: &[(&str, &[&str])] = &[
    ("source", &[]),
    ("diag", &["source"]),
    ("files", &[]),
    ("value", &["diag"]),
    ("load", &["diag", "files", "source", "value"]),
    ("overlay", &["diag", "load", "source", "value"]),
    ("decode", &["diag", "load", "overlay", "source", "value"]),
    ("k8s", &[]),
    ("model", &["decode", "diag", "overlay", "source", "value"]),
    ("template", &["decode", "diag", "files", "source", "value"]),
    ("plan", &["decode", "k8s", "model", "source", "value"]),
    ("component", &["decode", "diag", "k8s", "model", "overlay", "plan", "source", "template", "value"]),
    ("resolve", &["decode", "diag", "model", "overlay", "source", "value"]),
    ("lower", &["component", "diag", "model", "plan", "template"]),
    ("check", &["decode", "diag", "k8s", "model", "overlay", "plan", "source", "value"]),
    ("acknowledge", &["diag", "load", "overlay", "source", "value"]),
    ("emit", &["files", "k8s", "plan"]),
    ("schema", &["diag", "files", "source", "value"]),
    ("manifest", &["diag", "k8s", "source", "value"]),
    (
        "patch",
        &[
            "decode", "diag", "files", "k8s", "load", "manifest", "model", "overlay", "plan", "schema", "source",
            "value",
        ],
    ),
    ("diff", &["diag", "k8s", "manifest", "schema", "source", "value"]),
    (
        "codes",
        &[
            "acknowledge",
            "check",
            "cli",
            "component",
            "decode",
            "diag",
            "diff",
            "load",
            "manifest",
            "model",
            "overlay",
            "patch",
            "resolve",
            "schema",
            "template",
            "value",
        ],
    ),
    (
        "cause",
        &[
            "component",
            "diag",
            "diff",
            "files",
            "k8s",
            "lib",
            "load",
            "manifest",
            "overlay",
            "patch",
            "plan",
            "source",
            "value",
        ],
    ),
    (
        "cli",
        &[
            "cause", "codes", "diag", "diff", "emit", "files", "lib", "load", "manifest", "model", "overlay", "patch",
            "plan", "schema", "source", "value",
        ],
    ),
    (
        "lib",
        &[
            "acknowledge",
            "cause",
            "check",
            "codes",
            "component",
            "decode",
            "diag",
            "diff",
            "emit",
            "files",
            "k8s",
            "load",
            "lower",
            "manifest",
            "model",
            "overlay",
            "patch",
            "plan",
            "resolve",
            "schema",
            "source",
            "template",
            "value",
            "cli",
        ],
    ),
    ("main", &[]),
];

/// Files of at most this many lines can be held in mind.
const MOST_LINES: usize = 400;

/// A file of `src/` with the path of its module: `component/netpol/mod.rs` is `component`, `netpol`.
struct Source {
    path: String,
    module: Vec<String>,
    text: String,
}

fn sources() -> Vec<Source> {
    let src = root().join("src");
    let found: Vec<Source> = files(&src)
        .into_iter()
        .filter(|path| path.ends_with(".rs"))
        .map(|path| {
            let mut module: Vec<String> = path.trim_end_matches(".rs").split('/').map(str::to_owned).collect();
            if module.len() > 1 && module.last().is_some_and(|last| last == "mod") {
                module.pop();
            }
            let text = fs::read_to_string(src.join(&path)).unwrap();
            Source { path, module, text }
        })
        .collect();
    assert!(found.len() > 80, "only {} files were found", found.len());
    found
}

impl Source {
    /// Every path of the crate that the file names outside of comments, from the crate's root: `component::netpol::spec`.
    fn named(&self) -> BTreeSet<Vec<String>> {
        let mut named = BTreeSet::new();
        // Inside of an inline module, `super` is the file's own module.
        let mut inline = 0;
        for statement in statements(&self.text) {
            if statement.starts_with("\u{0}mod") {
                inline = 1;
            }
            for (start, prefix) in [("crate::", 0_usize), ("super::", 1)] {
                for (at, _) in statement.match_indices(start) {
                    let before = statement[..at].chars().next_back();
                    if before.is_some_and(|c| c.is_alphanumeric() || c == '_') || statement[..at].ends_with("super::") {
                        continue;
                    }
                    let mut rest = &statement[at + start.len()..];
                    let mut up = prefix;
                    while let Some(more) = rest.strip_prefix("super::") {
                        rest = more;
                        up += 1;
                    }
                    let base = if prefix == 0 {
                        Vec::new()
                    } else {
                        let keep = (self.module.len() + inline).saturating_sub(up).min(self.module.len());
                        self.module[..keep].to_vec()
                    };
                    for tail in tree(rest) {
                        named.insert(base.iter().cloned().chain(tail).collect());
                    }
                }
            }
        }
        named
    }
}

/// The text without comments and white space, up to each `;` or line; an inline module begins with a mark.
fn statements(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut current = String::new();
    for line in text.lines() {
        let code = line.split("//").next().unwrap_or_default();
        if line.starts_with("mod ") && line.ends_with('{') {
            found.push("\u{0}mod".to_owned());
        }
        let continues = current.is_empty() && code.trim_start().trim_start_matches("pub ").starts_with("use ");
        current.extend(code.split_whitespace().flat_map(|word| [word, " "]));
        // A `use` may go over several lines; nothing else that names a path does.
        if (continues || current.trim_start_matches("pub ").starts_with("use ")) && !code.contains(';') {
            continue;
        }
        found.push(std::mem::take(&mut current));
    }
    found.push(current);
    found
}

/// The paths of a use tree: `a::{b, c::D}` is `a::b` and `a::c::D`.
fn tree(text: &str) -> Vec<Vec<String>> {
    let text = text.trim_start();
    if let Some(group) = text.strip_prefix('{') {
        let (mut depth, mut start, mut parts) = (0, 0, Vec::new());
        for (at, c) in group.char_indices() {
            match c {
                '{' => depth += 1,
                '}' if depth == 0 => {
                    parts.push(&group[start..at]);
                    break;
                }
                '}' => depth -= 1,
                ',' if depth == 0 => {
                    parts.push(&group[start..at]);
                    start = at + 1;
                }
                _ => {}
            }
        }
        return parts.into_iter().filter(|part| !part.trim().is_empty()).flat_map(tree).collect();
    }
    let end = text.find(|c: char| !(c.is_alphanumeric() || c == '_')).unwrap_or(text.len());
    let (name, rest) = text.split_at(end);
    if name.is_empty() {
        return vec![Vec::new()];
    }
    let tails = rest.strip_prefix("::").map_or_else(|| vec![Vec::new()], tree);
    tails.into_iter().map(|tail| std::iter::once(name.to_owned()).chain(tail).collect()).collect()
}

#[test]
fn use_trees_are_read() {
    let read = |text: &str| tree(text).into_iter().map(|path| path.join("::")).collect::<Vec<_>>();
    assert_eq!(read("a::b;"), ["a::b"]);
    assert_eq!(read("{a, b::{C, d::E}, f};"), ["a", "b::C", "b::d::E", "f"]);
    let text =
        "use crate::{x,\n    y::Z};\nfn f() { super::super::w::g() } // crate::no\nmod tests {\n use super::u;\n}\n";
    let source = Source { path: String::new(), module: vec!["p".into(), "q".into(), "r".into()], text: text.into() };
    let named: Vec<String> = source.named().into_iter().map(|path| path.join("::")).collect();
    assert_eq!(named, ["p::q::r::u", "p::w::g", "x", "y::Z"]);
}

#[test]
fn modules_name_only_what_the_table_allows() {
    let table: BTreeMap<&str, &[&str]> = TABLE.iter().copied().collect();
    let mut wrong = Vec::new();
    let mut used: BTreeSet<(String, String)> = BTreeSet::new();
    for source in sources() {
        let own = source.module[0].as_str();
        let Some(allowed) = table.get(own) else {
            wrong.push(format!("src/{}: the table has no line for `{own}`", source.path));
            continue;
        };
        for path in source.named() {
            let first = path.first().map_or("lib", String::as_str);
            // What is no module is an item of lib.rs.
            let to = if table.contains_key(first) { first } else { "lib" };
            if to != own && !allowed.contains(&to) {
                wrong.push(format!("src/{}: `{own}` may not name `{}`", source.path, path.join("::")));
            }
            used.insert((own.to_owned(), to.to_owned()));
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
    // A reader that finds nothing would allow everything.
    for (from, to) in [("load", "files"), ("component", "plan"), ("cli", "emit"), ("model", "decode")] {
        assert!(used.contains(&(from.to_owned(), to.to_owned())), "{from} names {to}, and this test does not see it");
    }
}

fn components() -> BTreeSet<String> {
    let found = sources();
    let folders = found.iter().filter(|source| source.module[0] == "component" && source.path.matches('/').count() > 1);
    folders.map(|source| source.module[1].clone()).collect()
}

#[test]
fn components_do_not_see_each_other() {
    let components = components();
    assert!(components.len() >= 7, "{components:?}");
    let mut wrong = Vec::new();
    for source in sources() {
        let own = source.module.get(1).filter(|_| source.module[0] == "component");
        for path in source.named() {
            let [first, second, ..] = &path[..] else { continue };
            let foreign = first == "component" && components.contains(second) && own != Some(second);
            let may = ["component/registry.rs", "component/mod.rs", "codes.rs"].contains(&source.path.as_str());
            if foreign && !may {
                wrong.push(format!("src/{} names `{}`", source.path, path.join("::")));
            }
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

#[test]
fn every_component_is_in_the_registry() {
    let registered: BTreeSet<String> =
        dpjgen::component::registry::COMPONENTS.iter().map(|component| component.name().to_owned()).collect();
    let missing: Vec<String> = components()
        .difference(&registered)
        .map(|name| format!("src/component/registry.rs needs a line for src/component/{name}/"))
        .collect();
    assert!(missing.is_empty(), "\n{}", missing.join("\n"));
    assert_eq!(registered, components(), "a component's name is that of its folder");
}

/// A section that two components read would be decoded twice, and its mistakes told twice.
#[test]
fn every_section_belongs_to_one_component() {
    let components = dpjgen::component::registry::sections();
    let mut sections: Vec<&str> = components.iter().chain(dpjgen::patch::SECTIONS).map(|(name, _)| *name).collect();
    sections.sort_unstable();
    assert!(sections.windows(2).all(|pair| pair[0] != pair[1]), "{sections:?}");
}

#[test]
fn files_are_short() {
    let long: Vec<String> = sources()
        .iter()
        .map(|source| (&source.path, source.text.lines().count()))
        .filter(|(_, lines)| *lines > MOST_LINES)
        .map(|(path, lines)| format!("src/{path} has {lines} lines, more than {MOST_LINES}"))
        .collect();
    assert!(long.is_empty(), "\n{}", long.join("\n"));
}

/// Constants of type `Code` and lists `CODES` in one text: names, in the order of the text.
fn code_names(text: &str) -> (Vec<String>, Vec<String>) {
    let declared = text.lines().filter_map(|line| {
        let name = line.trim().strip_prefix("pub const ").or_else(|| line.trim().strip_prefix("const "))?;
        name.strip_suffix(": Code = Code {").map(str::to_owned)
    });
    let list = text.split_once("CODES: &[&Code] =").and_then(|(_, list)| list.split_once(';')).map(|(list, _)| list);
    let listed = list.unwrap_or_default().split('&').skip(1).filter_map(|item| {
        let name: String =
            item.trim_start_matches('[').chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
        (!name.is_empty()).then_some(name)
    });
    (declared.collect(), listed.collect())
}

#[test]
fn every_code_is_in_its_modules_list() {
    let mut seen = 0;
    for source in sources() {
        let (declared, listed) = code_names(&source.text);
        for name in &declared {
            assert!(listed.contains(name), "src/{}: `{name}` is not in CODES", source.path);
        }
        assert_eq!(
            declared.len(),
            listed.len(),
            "src/{}: CODES lists what is not declared there, or twice",
            source.path
        );
        seen += declared.len();
    }
    assert_eq!(seen, dpjgen::codes::all().len(), "src/codes.rs takes the list of every module");
    assert!(seen > 60, "only {seen} codes were found");
}

#[test]
fn codes_are_well_formed() {
    let all = dpjgen::codes::all();
    let ids: Vec<&str> = all.iter().map(|code| code.id).collect();
    assert!(ids.windows(2).all(|pair| pair[0] < pair[1]), "sorted, and no id twice: {ids:?}");
    for code in all {
        let digits = code.id.strip_prefix("DPJ").unwrap_or_default();
        assert!(digits.len() == 4 && digits.bytes().all(|b| b.is_ascii_digit()), "{}", code.id);
        assert!(!code.summary.is_empty() && !code.summary.ends_with('.'), "{}: a summary is a phrase", code.id);
        assert!(code.summary.chars().count() <= 90, "{}: the summary is a line of a list", code.id);
        assert!(code.docs.trim().len() > 40, "{}: the documentation explains", code.id);
        for line in code.docs.lines() {
            assert!(line.chars().count() <= 125, "{}: a line of {} characters", code.id, line.chars().count());
        }
    }
}

/// People look codes up, and search for them: an id is never given up and never means something else. Summaries may be
/// reworded by editing tests/codes.txt; a new code is added by `DPJGEN_BLESS=1`.
#[test]
fn codes_are_pinned() {
    let path = root().join("tests/codes.txt");
    let pinned = fs::read_to_string(&path).unwrap_or_default();
    let now: BTreeMap<&str, &str> = dpjgen::codes::all().iter().map(|code| (code.id, code.summary)).collect();
    let mut wrong = Vec::new();
    let mut known = BTreeSet::new();
    for line in pinned.lines() {
        let (id, summary) = line.split_once("  ").expect("id, two spaces, summary");
        known.insert(id);
        match now.get(id) {
            None => wrong.push(format!("{id} ({summary}) is gone: an id is never given up")),
            Some(new) if *new != summary => {
                wrong.push(format!(
                    "{id} meant `{summary}` and says `{new}` now: if it means the same, edit tests/codes.txt"
                ));
            }
            Some(_) => {}
        }
    }
    let new: Vec<&str> = now.keys().copied().filter(|id| !known.contains(id)).collect();
    if blessing() && wrong.is_empty() {
        let text: String = now.iter().map(|(id, summary)| format!("{id}  {summary}\n")).collect();
        fs::write(path, text).unwrap();
        return;
    }
    wrong.extend(new.iter().map(|id| format!("{id} is new: DPJGEN_BLESS=1 cargo test --test architecture adds it")));
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}
