//! What reading manifests says.

use super::fault::{Fault, Spot};
use crate::diag::Code;
use crate::value::quoted;
use memchr::memmem;
use std::sync::LazyLock;

/// A file is not text in UTF-8.
pub const NOT_TEXT: Code = Code {
    id: "DPJ0901",
    summary: "a manifest is not UTF-8 text",
    docs: "\
Manifests are YAML or JSON in UTF-8. kubectl reads UTF-16 as well if a byte order mark is there, git and most tools do
not: PowerShell's `>` writes it. Convert the file:

    iconv -f UTF-16 -t UTF-8 old.yaml > new.yaml",
};

/// Neither YAML nor JSON.
pub const SYNTAX: Code = Code {
    id: "DPJ0902",
    summary: "a manifest is not valid YAML or JSON",
    docs: "\
The message says what the parser met, and where. A tab can not indent YAML. A text that begins with a special
character, or has `: ` or ` #` in it, needs quotes. A template (`{{ .Values.x }}`) is no YAML: render it first.",
};

/// A merge that was not finished.
pub const CONFLICT: Code = Code {
    id: "DPJ0903",
    summary: "a manifest has conflict markers of an unfinished merge",
    docs: "\
Lines that begin with `<<<<<<<`, `=======` and `>>>>>>>` are what git leaves where two branches changed the same lines.
A tree that dpjgen wrote is not merged by hand: take either side, and build it again.

    git checkout --ours out/ && dpjgen build --all -o out",
};

/// A key that stands twice.
pub const DUPLICATE_KEY: Code = Code {
    id: "DPJ0904",
    summary: "a key stands twice in a map of a manifest",
    docs: "\
Which of the two counts depends on the reader: kubectl takes the last one, others refuse the file. Two keys are also the
same if they mean the same to kubectl: `yes` and `on` are both `true`. Remove one of them.",
};

/// A document that is no object.
pub const NO_OBJECT: Code = Code {
    id: "DPJ0905",
    summary: "a document is no Kubernetes object",
    docs: "\
Every object states its `apiVersion`, its `kind` and `metadata.name`; the API server refuses it otherwise. An object with
`metadata.generateName` gets a new name each time it is created, so it cannot be compared with an older one.

A file that is no manifest (values of a chart, a configuration) does not belong into a folder of manifests.",
};

/// Too deep, or too much.
pub const TOO_MUCH: Code = Code {
    id: "DPJ0906",
    summary: "a manifest is nested too deeply, or its aliases repeat too much",
    docs: "\
Values are read up to a depth of 100, and aliases (`*name`) may repeat 200,000 values in a document (of a long text,
each 64 bytes count as one). No object comes close; a document that does is made to exhaust the memory of whoever reads it.",
};

/// What JSON cannot say.
pub const NO_JSON: Code = Code {
    id: "DPJ0907",
    summary: "a value of a manifest cannot be sent to an API server",
    docs: "\
kubectl turns YAML into JSON, which has no infinite numbers and no keys but texts: `.inf`, `.nan`, a list or map as a key,
and the key `null` are refused. A tag may not contradict its value (`!!int abc`). Put a text between quotes.",
};

/// All codes of this module.
pub const CODES: &[&Code] = &[&NOT_TEXT, &SYNTAX, &CONFLICT, &DUPLICATE_KEY, &NO_OBJECT, &TOO_MUCH, &NO_JSON];

/// Where a document's text stands, for whoever finds a fault in it.
#[derive(Clone, Copy)]
pub(super) struct Source<'a> {
    pub path: &'a str,
    /// The line before the document's first one.
    pub above: usize,
    /// The text, which is not to be shown if it may be that of a `Secret`.
    pub text: &'a str,
}

/// Line and column from 1, within the document.
pub(super) type At = (usize, usize);

impl Source<'_> {
    fn fault(&self, code: &'static Code, (line, column): At, message: String) -> Box<Fault> {
        Box::new(Fault {
            code,
            path: self.path.to_owned(),
            line: self.above + line,
            column,
            message,
            help: None,
            also: None,
            is_confidential: is_confidential(self.text),
        })
    }
}

/// Whether a text may hold a `Secret`: the word, however it is written that it is the kind, with escapes too.
pub(crate) fn is_confidential(text: &str) -> bool {
    says_secret(text) || (memchr::memchr(b'\\', text.as_bytes()).is_some() && says_secret(&unescaped(text)))
}

/// A text with the escapes of YAML and JSON resolved that a name may be written with: numbers of characters, and a line that
/// goes on.
fn unescaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, behind)) = rest.split_once('\\') {
        out.push_str(before);
        let digits = match behind.bytes().next() {
            Some(b'x') => 2,
            Some(b'u') => 4,
            Some(b'U') => 8,
            _ => 0,
        };
        let number = behind.get(1..=digits).filter(|_| digits > 0).and_then(|n| u32::from_str_radix(n, 16).ok());
        rest = match (number.and_then(char::from_u32), behind.strip_prefix("\r\n").or(behind.strip_prefix('\n'))) {
            (Some(c), _) => {
                out.push(c);
                behind.get(1 + digits..).unwrap_or_default()
            }
            (None, Some(below)) => below.trim_start_matches([' ', '\t']),
            // What is escaped is no part of the word; a backslash may be.
            (None, None) => {
                out.push('\\');
                behind.strip_prefix('\\').unwrap_or(behind)
            }
        };
    }
    out.push_str(rest);
    out
}

fn says_secret(text: &str) -> bool {
    const WORD: &str = "Secret";
    static FINDER: LazyLock<memmem::Finder<'static>> = LazyLock::new(|| memmem::Finder::new(WORD));
    let is_inside = |c: Option<char>| c.is_some_and(char::is_alphanumeric);
    FINDER.find_iter(text.as_bytes()).any(|at| {
        let before = text.get(..at).and_then(|before| before.chars().next_back());
        let after = text.get(at + WORD.len()..).unwrap_or_default();
        let after = after.strip_prefix("List").unwrap_or(after);
        !is_inside(before) && !is_inside(after.chars().next())
    })
}

fn helped(mut fault: Box<Fault>, help: &str) -> Box<Fault> {
    fault.help = Some(help.to_owned());
    fault
}

/// The whole file.
const NOWHERE: At = (0, 0);

pub(super) fn wide(source: Source<'_>) -> Box<Fault> {
    let message = format!("`{}` is not UTF-8 but UTF-16 or UTF-32", source.path);
    helped(source.fault(&NOT_TEXT, NOWHERE, message), "convert it: `iconv -f UTF-16 -t UTF-8`")
}

pub(super) fn binary(source: Source<'_>) -> Box<Fault> {
    let message = format!("`{}` is a binary file, neither YAML nor JSON", source.path);
    helped(source.fault(&NOT_TEXT, NOWHERE, message), "leave it out, or unpack an archive first")
}

pub(super) fn encoding(source: Source<'_>, at: At, byte: u8) -> Box<Fault> {
    let message = format!("`{}` is not UTF-8: the byte {byte:#04x} begins no character", source.path);
    let mut fault = source.fault(&NOT_TEXT, at, message);
    // What is around it is no text that could be shown.
    fault.is_confidential = true;
    helped(fault, "save it as UTF-8; `iconv` converts other encodings")
}

pub(super) fn control(source: Source<'_>, at: At, c: char) -> Box<Fault> {
    let message = format!("not valid YAML: the control character U+{:04X} is not allowed", u32::from(c));
    helped(source.fault(&SYNTAX, at, message), "remove it, or write it as an escape between double quotes")
}

pub(super) fn syntax(source: Source<'_>, language: &str, at: At, problem: &str, line: &str) -> Box<Fault> {
    let fault = source.fault(&SYNTAX, at, format!("not valid {language}: {problem}"));
    if line.contains("{{") {
        return helped(fault, "this is a template: render it first (`helm template`)");
    }
    let indentation = line.get(..line.len() - line.trim_start().len()).unwrap_or_default();
    if language == "YAML" && indentation.contains('\t') {
        return helped(fault, "indent with spaces: a tab can not indent YAML");
    }
    fault
}

pub(super) fn conflict(source: Source<'_>, line: usize) -> Box<Fault> {
    let fault = source.fault(&CONFLICT, (line, 1), "a merge was not finished here".to_owned());
    helped(fault, "resolve the conflict; of a tree that dpjgen wrote, take either side and build it again")
}

pub(super) fn duplicate_key(source: Source<'_>, key: &str, at: At, first: At) -> Box<Fault> {
    let spot = Spot { path: source.path.to_owned(), line: source.above + first.0, column: first.1 };
    let mut fault = source.fault(&DUPLICATE_KEY, at, format!("the key {} stands twice", quoted(key)));
    fault.also = Some((spot, "it is here already".to_owned()));
    helped(fault, "keep one of the two")
}

pub(super) fn too_deep(source: Source<'_>, at: At, most: usize) -> Box<Fault> {
    source.fault(&TOO_MUCH, at, format!("values are nested deeper than {most}"))
}

pub(super) fn aliases(source: Source<'_>, at: At, most: usize) -> Box<Fault> {
    let fault = source.fault(&TOO_MUCH, at, format!("the aliases of this document repeat more than {most} values"));
    helped(fault, "write out what is meant")
}

pub(super) fn recursive(source: Source<'_>, at: At) -> Box<Fault> {
    source.fault(&NO_JSON, at, "the value of this anchor contains itself".to_owned())
}

pub(super) fn infinite(source: Source<'_>, at: At) -> Box<Fault> {
    let fault = source.fault(&NO_JSON, at, "JSON has no infinite numbers".to_owned());
    helped(fault, "put it between quotes if it is a text")
}

pub(super) fn no_key(source: Source<'_>, at: At) -> Box<Fault> {
    helped(source.fault(&NO_JSON, at, "a key has to be a text".to_owned()), "put the key between quotes")
}

pub(super) fn no_merge(source: Source<'_>, at: At) -> Box<Fault> {
    let fault = source.fault(&NO_JSON, at, "`<<` takes a map, or a list of maps".to_owned());
    helped(fault, "put `<<` between quotes if it is a key")
}

pub(super) fn tag(source: Source<'_>, at: At, tag: &str) -> Box<Fault> {
    let fault = source.fault(&NO_JSON, at, format!("the value is not what its tag {} says", quoted(tag)));
    helped(fault, "remove the tag, or correct the value")
}

/// `what` is what the document is: `a list`.
pub(super) fn no_map(source: Source<'_>, at: At, what: &str) -> Box<Fault> {
    let fault = source.fault(&NO_OBJECT, at, format!("this is {what}, not a Kubernetes object"));
    helped(fault, "a file without manifests does not belong here: leave it out")
}

pub(super) fn lacks(source: Source<'_>, at: At, field: &str) -> Box<Fault> {
    let fault = source.fault(&NO_OBJECT, at, format!("this object states no `{field}`"));
    helped(fault, "every object has `apiVersion`, `kind` and `metadata.name`; leave out what is no manifest")
}

pub(super) fn no_text(source: Source<'_>, at: At, field: &str) -> Box<Fault> {
    let fault = source.fault(&NO_OBJECT, at, format!("`{field}` has to be a text"));
    helped(fault, "put it between quotes")
}

pub(super) fn generated_name(source: Source<'_>, at: At) -> Box<Fault> {
    let message = "this object gets its name when it is created (`metadata.generateName`)".to_owned();
    helped(source.fault(&NO_OBJECT, at, message), "give it a `metadata.name`, or leave it out")
}
