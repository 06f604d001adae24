//! `dpjgen`: arguments in, exit status out.

use std::process::ExitCode;

fn main() -> ExitCode {
    dpjgen::cli::run()
}
