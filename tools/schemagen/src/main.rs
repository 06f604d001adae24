//! Generates `src/schema/core/core.bin`: what the API server of each Kubernetes version knows of the core kinds.
//!
//! `emit` prints the schemas of the version whose feature is on; `pack` puts those of all versions into one file;
//! `compare` says whether a file has the given versions as they would be generated. `./run` does it all.

mod emit;
mod facts;
mod normal;
mod pack;

use std::process::ExitCode;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let result = match words[..] {
        ["emit", version] => emit::emit(version).map(|json| println!("{json}")),
        ["pack", file, ref inputs @ ..] if !inputs.is_empty() => pack::pack(file, inputs),
        ["compare", file, ref inputs @ ..] if !inputs.is_empty() => pack::compare(file, inputs),
        _ => Err("schemagen emit VERSION | pack FILE JSON… | compare FILE JSON…".to_owned()),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("schemagen: {message}");
            ExitCode::FAILURE
        }
    }
}
