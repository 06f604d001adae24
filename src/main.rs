//! `dpjgen`: arguments in, exit status out.

use mimalloc::MiMalloc;
use std::process::ExitCode;

/// A run makes a million small values and ends: the allocator of the C library spends a tenth of it on putting free pieces
/// together again, more so the larger the platform.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

fn main() -> ExitCode {
    dpjgen::cli::run()
}
