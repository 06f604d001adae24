//! `dpjgen --version`.

use super::args::{Color, MessageFormat};
use super::output::Terminal;

const VERSION: &str = concat!("dpjgen ", env!("CARGO_PKG_VERSION"), "\n");

/// Prints the version where the process is asked for nothing else: scripts and shells ask for it again and again, and the
/// tree of all commands need not be built to say it. Everything else is clap's, which says the same.
pub(super) fn answer() -> Option<u8> {
    let mut arguments = std::env::args_os().skip(1);
    let (Some(only), None) = (arguments.next(), arguments.next()) else { return None };
    if only != "--version" && only != "-V" {
        return None;
    }
    Some(Terminal::new(Color::Auto, MessageFormat::Human).print(VERSION.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::super::args::Cli;
    use super::VERSION;
    use clap::CommandFactory;

    #[test]
    fn says_what_clap_says() {
        assert_eq!(VERSION, Cli::command().render_version());
    }
}
