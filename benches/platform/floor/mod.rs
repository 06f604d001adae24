//! The floor: the same bytes as `dpjgen build prod`, by a straight program.
//!
//! It reads the same files into plain serde structs, merges their layers by hand and appends text to one buffer, which it
//! prints once. It derives everything that it writes from what it read; it just checks nothing, knows no places and has
//! no objects, so it is about the least that any compiler of the platform has to do. It knows what generated platforms
//! use of the language and no more.

mod facts;
mod mesh;
mod objects;
mod pods;
mod policies;
mod spec;
mod stores;
mod text;

use facts::Facts;
use spec::Spec;
use std::fs::read_to_string;
use std::io::{Write, stdout};
use std::path::Path;

/// Builds one environment of the platform in `folder`.
pub fn build(folder: &Path, environment: &str) -> Result<(), Box<dyn std::error::Error>> {
    let base: Spec = toml::from_str(&read_to_string(folder.join("platform.toml"))?)?;
    let overlay: Spec =
        toml::from_str(&read_to_string(folder.join("overlays").join(environment).with_extension("toml"))?)?;
    let facts = Facts::new(&base, &overlay, environment).ok_or("the platform does not state what the floor needs")?;
    let mut out = String::new();
    facts.write(&mut out);
    stdout().lock().write_all(out.as_bytes())?;
    Ok(())
}
