#![doc = include_str!("../docs/PASSES.md")]

pub mod acknowledge;
pub mod cause;
pub mod check;
pub mod codes;
pub mod component;
pub mod decode;
pub mod diag;
pub mod diff;
pub mod emit;
pub mod files;
pub mod k8s;
pub mod load;
pub mod lower;
pub mod manifest;
pub mod model;
pub mod overlay;
pub mod patch;
pub mod plan;
pub mod resolve;
pub mod schema;
pub mod source;
pub mod template;
pub mod value;

pub mod cli;

use check::Reads;
use component::registry;
use decode::Decoder;
use diag::{Diagnostic, Sink};
use files::Files;
use model::{Model, ModelBuilder};
use overlay::{Language, Merged};
use patch::Patches;
use plan::{Plan, Sealing};
use source::SourceMap;
use template::Templates;

/// What is compiled.
#[derive(Clone, Copy, Debug)]
pub struct Request<'a> {
    /// The platform's spec, relative to the root of the files: `platform.toml`.
    pub spec: &'a str,
    /// The environment: `prod` for `overlays/prod.toml`.
    pub environment: &'a str,
    /// Whether applied defaults are recorded, for `dpjgen show`.
    pub record_defaults: bool,
}

/// A platform for one environment, compiled.
#[derive(Debug)]
pub struct Compiled {
    /// The merged spec.
    pub merged: Merged,
    /// The facts.
    pub model: Model,
    /// The resources, in the order in which they are applied.
    pub plan: Plan,
}

/// What a compilation gives: always its sources and diagnostics, and the result unless one of them is an error.
#[derive(Debug)]
pub struct Compilation {
    /// Every file that was read.
    pub sources: SourceMap,
    /// What is to be said, sorted by place.
    pub diagnostics: Vec<Diagnostic>,
    /// The result; `None` after an error.
    pub compiled: Option<Compiled>,
}

/// Compiles a platform for one environment. Reads only `files`; the same files give the same result on every machine.
pub fn compile(files: &dyn Files, request: Request<'_>) -> Compilation {
    let mut sink = Sink::default();
    let loaded = load::load(files, request.spec, request.environment, &mut sink);
    compile_loaded(files, request, loaded, sink)
}

/// [`compile`] for a plan that is only written: the same resources, diagnostics and bytes, in less time and memory. Objects
/// that no later pass looks into are documents already ([`k8s::Written`]).
pub fn compile_documents(files: &dyn Files, request: Request<'_>) -> Compilation {
    let mut sink = Sink::default();
    let loaded = load::load(files, request.spec, request.environment, &mut sink);
    finish(files, request, Form::Documents, loaded, sink)
}

/// What the objects of a plan are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Form {
    /// Values.
    Values,
    /// Documents, where nothing looks into them any more.
    Documents,
}

/// [`compile`] after its first pass, for layers that no disk holds. `sink` has what loading them gave.
pub fn compile_loaded(files: &dyn Files, request: Request<'_>, loaded: load::Loaded, sink: Sink) -> Compilation {
    finish(files, request, Form::Values, loaded, sink)
}

fn finish(
    files: &dyn Files,
    request: Request<'_>,
    form: Form,
    mut loaded: load::Loaded,
    mut sink: Sink,
) -> Compilation {
    let compiled = passes(files, request, form, &mut loaded, &mut sink);
    let sources = loaded.sources;
    Compilation { diagnostics: sink.into_sorted(&sources), sources, compiled }
}

/// Passes 2 to 7; each starts only if the ones before found no error.
fn passes(
    files: &dyn Files,
    request: Request<'_>,
    form: Form,
    loaded: &mut load::Loaded,
    sink: &mut Sink,
) -> Option<Compiled> {
    if sink.has_errors() {
        return None;
    }
    let (mut sections, classes) = (registry::sections(), registry::classes());
    sections.extend_from_slice(patch::SECTIONS);
    let language = Language { sections: &sections, classes: &classes };
    let merged = overlay::merge(loaded, language, sink)?;
    if sink.has_errors() {
        return None;
    }

    let mut decoder = Decoder::new(&merged, sink);
    let decoded: Vec<_> = registry::COMPONENTS.iter().map(|component| component.decode(&mut decoder)).collect();
    let patches = Patches::decode(&mut decoder);
    decoder.finish();
    if sink.has_errors() {
        return None;
    }

    let mut builder = ModelBuilder::new(request.environment, merged.disabled.clone(), request.record_defaults, sink);
    let declared: Vec<_> = decoded.into_iter().map(|component| component.declare(&mut builder)).collect();
    let needed = builder.take_templates();
    let frozen = resolve::freeze(builder);
    let templates = Templates::load(files, &needed, &mut loaded.sources, sink);
    let model = frozen?;
    if sink.has_errors() {
        return None;
    }

    let plan = if form == Form::Documents && !patches.read_objects(files) {
        Plan::of_documents(Sealing {
            write: |object, out| check::reads(object) != Reads::Whole && emit::document(object, out).is_ok(),
            keep: |mut object| {
                (check::reads(&object) == Reads::Part).then(|| {
                    check::reduce(&mut object);
                    object
                })
            },
        })
    } else {
        Plan::default()
    };
    let mut plan = lower::lower(&declared, &model, &templates, plan, sink);
    if sink.has_errors() {
        return None;
    }
    patches.apply(files, &model, &mut plan, &mut loaded.sources, sink);
    if sink.has_errors() {
        return None;
    }
    check::check(&model, &plan, sink);
    acknowledge::apply(&merged, language, &loaded.sources, (&codes::warnings(), &codes::all()), sink);
    (!sink.has_errors()).then_some(Compiled { merged, model, plan })
}
