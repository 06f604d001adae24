//! DPJ's spec in memory, and its values taken apart.

use dpjgen::files::MemoryFiles;
use dpjgen::plan::Plan;
use dpjgen::{Compilation, Compiled, Request, compile, emit};
use std::fs;

pub const ENVIRONMENTS: [&str; 3] = ["dev", "prod", "staging"];

/// The platform's files by path: the spec and its overlays. Templates are built in.
pub fn dpj() -> Vec<(String, String)> {
    let root = super::root();
    let read = |path: String| {
        let text = fs::read_to_string(root.join(&path)).expect("a file of the platform");
        (path, text)
    };
    let mut files = vec![read("platform.toml".to_owned())];
    files.extend(ENVIRONMENTS.map(|environment| read(format!("overlays/{environment}.toml"))));
    files
}

pub fn memory(files: &[(String, String)]) -> MemoryFiles {
    let mut memory = MemoryFiles::new();
    for (path, text) in files {
        memory.insert(path, text.as_bytes());
    }
    memory
}

pub fn compiled(files: &[(String, String)], environment: &str) -> Compilation {
    compile(&memory(files), Request { spec: "platform.toml", environment, record_defaults: true })
}

/// The compiled platform, which has no mistakes.
pub fn sound(files: &[(String, String)], environment: &str) -> Compiled {
    let compilation = compiled(files, environment);
    let messages: Vec<&str> = compilation.diagnostics.iter().map(|d| d.message.as_str()).collect();
    compilation.compiled.unwrap_or_else(|| panic!("{environment}: {messages:?}"))
}

pub fn stream(plan: &Plan) -> String {
    String::from_utf8(emit::stream(plan).expect("a plan that can be written")).expect("UTF-8")
}

/// Numbers that look random and are the same in every run (`SplitMix64`).
pub struct Dice(pub u64);

impl Dice {
    pub fn roll(&mut self, sides: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((z ^ (z >> 31)) % u64::try_from(sides).expect("few sides")).expect("less than the sides")
    }

    pub fn shuffle<T>(&mut self, items: &mut [T]) {
        for i in (1..items.len()).rev() {
            items.swap(i, self.roll(i + 1));
        }
    }
}

/// A spec as JSON's values: TOML has no more than that, dates aside.
pub fn parse(text: &str) -> serde_json::Value {
    toml::from_str(text).expect("the platform is TOML")
}

/// TOML in which every table is written inline, in the order that `order` gives to its keys.
pub fn write(value: &serde_json::Value, order: &mut dyn FnMut(&mut Vec<&String>)) -> String {
    let mut keys: Vec<&String> = value.as_object().expect("a table").keys().collect();
    order(&mut keys);
    let mut text = String::new();
    for key in keys {
        text.push_str(&quoted(key));
        text.push_str(" = ");
        text.push_str(&inline(&value[key.as_str()], order));
        text.push('\n');
    }
    text
}

fn quoted(text: &str) -> String {
    serde_json::to_string(text).expect("a string").replace('\u{7f}', "\\u007f")
}

pub fn inline(value: &serde_json::Value, order: &mut dyn FnMut(&mut Vec<&String>)) -> String {
    match value {
        serde_json::Value::String(text) => quoted(text),
        serde_json::Value::Array(items) => {
            format!("[{}]", items.iter().map(|item| inline(item, order)).collect::<Vec<_>>().join(", "))
        }
        serde_json::Value::Object(table) => {
            let mut keys: Vec<&String> = table.keys().collect();
            order(&mut keys);
            let entries =
                keys.into_iter().map(|key| format!("{} = {}", quoted(key), inline(&table[key.as_str()], order)));
            format!("{{ {} }}", entries.collect::<Vec<_>>().join(", "))
        }
        other => other.to_string(),
    }
}

/// The paths of every value that is not a table.
pub fn leaves(value: &serde_json::Value) -> Vec<Vec<String>> {
    fn visit(value: &serde_json::Value, path: &mut Vec<String>, found: &mut Vec<Vec<String>>) {
        match value.as_object() {
            None => found.push(path.clone()),
            Some(table) => {
                for (key, inner) in table {
                    path.push(key.clone());
                    visit(inner, path, found);
                    path.pop();
                }
            }
        }
    }
    let mut found = Vec::new();
    visit(value, &mut Vec::new(), &mut found);
    found
}
