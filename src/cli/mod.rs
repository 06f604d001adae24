//! The command line: one file for each command, and the only printer.

mod args;
mod build;
pub mod diags;
mod diff;
mod diff_against;
pub mod diff_diags;
mod diff_faults;
mod diff_manifests;
mod diff_world;
mod explain;
mod inputs;
mod output;
mod platform;
mod schemas;
mod show;
mod show_json;
mod version;

use args::{Cli, Command, SchemasCommand};
use clap::Parser;
use std::process::ExitCode;

/// Exit status: everything is fine.
const FINE: u8 = 0;
/// Exit status: the answer is no.
const NO: u8 = 1;
/// Exit status: it could not be done (bad input, a disk that does not take it).
const FAILED: u8 = 2;
/// Exit status: a threshold that was asked for is crossed.
const CROSSED: u8 = 3;

/// Runs the command that the process's arguments name. The exit status is 0 if all is well and 2 if it could not be done;
/// 1 and 3 belong to commands that answer a question.
pub fn run() -> ExitCode {
    if let Some(status) = version::answer() {
        return ExitCode::from(status);
    }
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => {
            // Help and version are no errors; clap prints them to standard output. A closed pipe is none either.
            let status = if error.use_stderr() { FAILED } else { FINE };
            drop(error.print());
            return ExitCode::from(status);
        }
    };
    let terminal = output::Terminal::new(cli.color, cli.message_format);
    let status = match &cli.command {
        Command::Build(args) => build::run(args, terminal),
        Command::Diff(args) => diff::run(args, terminal),
        Command::Show(args) => show::run(args, terminal),
        Command::Schemas(SchemasCommand::Import(args)) => schemas::import(args, terminal),
        Command::Explain(args) => explain::run(args, terminal),
    };
    ExitCode::from(status)
}
