//! Templates of opaque payloads: configuration files, never Kubernetes objects.
//!
//! MiniJinja, in which an undefined variable is an error. The defaults are embedded; a file of the same name in the
//! platform's `templates/` replaces one. What a template renders for a file of a known format (YAML, JSON, TOML by the
//! file's ending) is parsed, so that a broken payload never leaves the compiler, and none may hold a credential.

pub mod diags;
mod embedded;
mod format;

use crate::decode::At;
use crate::diag::mask::credential_in_value;
use crate::diag::{Diagnostic, Place, Sink};
use crate::files::{Files, ReadError};
use crate::source::{FileId, Layer, SourceFile, SourceMap};
use minijinja::syntax::SyntaxConfig;
use minijinja::value::Serde;
use minijinja::{Environment, UndefinedBehavior, Value};
use std::collections::{BTreeMap, BTreeSet};

/// The folder of the platform's own templates.
pub const FOLDER: &str = "templates";

/// The templates that a platform asks for, ready to render.
#[derive(Debug)]
pub struct Templates {
    environment: Environment<'static>,
    files: BTreeMap<String, FileId>,
}

impl Templates {
    /// Reads and compiles the templates of `needed`; each that is missing or wrong is reported.
    pub fn load(files: &dyn Files, needed: &BTreeSet<At<String>>, sources: &mut SourceMap, sink: &mut Sink) -> Self {
        let mut environment = Environment::new();
        environment.set_undefined_behavior(UndefinedBehavior::Strict);
        // A line that holds only a `{% … %}` leaves no empty line behind.
        if let Ok(syntax) =
            SyntaxConfig::builder().keep_trailing_newline(true).trim_blocks(true).lstrip_blocks(true).build()
        {
            environment.set_syntax(syntax);
        }
        let mut loaded = Templates { environment, files: BTreeMap::new() };
        for name in needed {
            loaded.add(files, name, sources, sink);
        }
        loaded
    }

    fn add(&mut self, files: &dyn Files, name: &At<String>, sources: &mut SourceMap, sink: &mut Sink) {
        let path = format!("{FOLDER}/{}", name.value);
        let text = match files.read(&path) {
            Ok(bytes) => match String::from_utf8(bytes) {
                Ok(text) => text,
                Err(_) => {
                    sink.push(diags::not_text(name, &path));
                    return;
                }
            },
            Err(ReadError::NotFound) => match embedded::find(&name.value) {
                Some(text) => text.to_owned(),
                None => {
                    sink.push(diags::missing(name, embedded::names()));
                    return;
                }
            },
            Err(error) => {
                sink.push(diags::unreadable(name, &error));
                return;
            }
        };
        let file = sources.add(SourceFile { path, text: text.clone(), layer: Layer::Base });
        self.files.insert(name.value.clone(), file);
        if let Err(error) = self.environment.add_template_owned(name.value.clone(), text) {
            sink.push(diags::syntax(name, &error, self.place(&name.value, &error)));
        }
    }

    /// Values for [`Templates::render`], made once for several templates.
    pub fn context(&self, values: &impl serde::Serialize) -> Value {
        Value::from(Serde(values))
    }

    /// Renders a template into the file `file`. Reads only what `values` holds.
    pub fn render(&self, name: &At<String>, file: &str, values: &Value) -> Result<String, Box<Diagnostic>> {
        let fail = |error: &minijinja::Error| Box::new(diags::render(name, error, self.place(&name.value, error)));
        let template = self.environment.get_template(&name.value).map_err(|error| fail(&error))?;
        let text = template.render(values).map_err(|error| fail(&error))?;
        if let Some(problem) = format::problem(file, &text) {
            return Err(Box::new(diags::format(name, file, &problem)));
        }
        if let Some(kind) = credential_in_value(&text) {
            return Err(Box::new(diags::credential(name, kind)));
        }
        Ok(text)
    }

    fn place(&self, name: &str, error: &minijinja::Error) -> Option<Place> {
        // An error inside of an included template names that one.
        let name = error.name().unwrap_or(name);
        Some(Place::Line(*self.files.get(name)?, error.line()?))
    }
}
