//! `dpjgen explain CODE`.

use super::args::ExplainArgs;
use super::output::Terminal;
use super::{FAILED, diags};
use crate::codes;
use std::fmt::Write as _;

pub(super) fn run(args: &ExplainArgs, terminal: Terminal) -> u8 {
    let all = codes::all();
    let mut text = String::new();
    match &args.code {
        None => {
            for code in all {
                let _ = writeln!(text, "{}  {}", code.id, code.summary);
            }
        }
        Some(wanted) => {
            let id = wanted.trim().to_ascii_uppercase();
            let Some(code) = all.iter().find(|code| code.id == id) else {
                terminal.report(&[diags::unknown_code(wanted, &all)], &crate::source::SourceMap::default(), None);
                return FAILED;
            };
            let _ = writeln!(text, "{}: {}\n\n{}", code.id, code.summary, code.docs.trim_end());
        }
    }
    terminal.print(text.as_bytes())
}
