//! Places and texts that a renderer stumbles over.

use super::*;
use crate::diag::render::json;

#[test]
fn values_of_several_lines() {
    let text = "motd = \"\"\"  \r\nhello\r\n\"\"\"\r\nnext = 1\r\n";
    let sources = platform(text);
    let expected = "\
error[DPJ0312]: x
 --> platform.toml:1:8
  |
1 | motd = \"\"\"
  |        ^^^ this
";
    let whole = span(0, 7, text.find("next").unwrap() - 2);
    assert_eq!(one(error("x", whole).label("this"), &sources), expected);
}

#[test]
fn tabs_wide_characters_and_line_ends() {
    let sources = platform("a = 1\r\n\tname = \"日本\" # é\r\nend = 1");
    let expected = "\
error[DPJ0312]: x
 --> platform.toml:2:9
  |
2 |     name = \"日本\" # é
  |            ^^^^^^ wide
";
    assert_eq!(one(error("x", at(&sources, 0, "\"日本\"")).label("wide"), &sources), expected);
    // In the middle of a character, and between `\r` and `\n`.
    let expected = "\
error[DPJ0312]: x
 --> platform.toml:2:10
  |
2 |     name = \"日本\" # é
  |             ^^
";
    assert_eq!(one(error("x", span(0, 17, 19)), &sources), expected);
    let expected = "\
error[DPJ0312]: x
 --> platform.toml:1:6
  |
1 | a = 1
  |      ^
";
    assert_eq!(one(error("x", span(0, 6, 6)), &sources), expected);
}

#[test]
fn ends_of_files_and_places_beyond() {
    let eof = "error[DPJ0312]: x\n --> platform.toml:2:1\n  |\n2 |\n  | ^ expected a key\n";
    let sources = platform("a = 1\n");
    assert_eq!(one(error("x", span(0, 6, 6)).label("expected a key"), &sources), eof);
    assert_eq!(one(error("x", span(0, 600, 700)).label("expected a key"), &sources), eof);
    let sources = platform("a =");
    let eof = "error[DPJ0312]: x\n --> platform.toml:1:4\n  |\n1 | a =\n  |    ^\n";
    assert_eq!(one(error("x", span(0, 3, 3)), &sources), eof);
    assert_eq!(one(error("x", span(0, 3, 99)), &sources), eof);
    assert_eq!(one(error("x", span(0, 99, 3)), &sources), eof);
    let empty = "error[DPJ0312]: x\n --> platform.toml:1:1\n  |\n1 |\n  | ^\n";
    assert_eq!(one(error("x", span(0, 0, 0)), &platform("")), empty);
}

#[test]
fn long_lines_are_cut() {
    let sources = platform(&format!("a = [{}\"bad\", {}]\n", "\"ab\", ".repeat(100), "\"cd\", ".repeat(100)));
    let expected = "\
error[DPJ0312]: x
 --> platform.toml:1:606
  |
1 | …\"ab\", \"ab\", \"ab\", \"ab\", \"ab\", \"bad\", \"cd\", \"cd\", \"cd\", \"cd\", \"cd\", \"cd\", \"cd\", \"cd\", \"cd\", \"cd\", \"cd\", \"cd\", \"cd\", \"cd\",…
  |                                ^^^^^ this
";
    assert_eq!(one(error("x", at(&sources, 0, "\"bad\"")).label("this"), &sources), expected);

    // What is underlined is itself too long; a second place behind it; the secret in between.
    let long = "x".repeat(400);
    let sources = platform(&format!("a = {{ b = \"{long}\", password = \"hunter2\", c = \"{long}\", d = 1 }}"));
    let diagnostic =
        error("x", at(&sources, 0, &format!("\"{long}\""))).label("long").also(at(&sources, 0, "d = 1"), "");
    let expected = "\
error[DPJ0312]: x
 --> platform.toml:1:11
  |
1 | a = { b = \"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx…xxxxxxxxxxxxxxxxxxxxxxxxxxx\", d = 1 }
  |           ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ long                         -----
";
    assert_eq!(one(diagnostic, &sources), expected);
}

#[test]
fn nothing_reaches_the_terminal_as_a_command() {
    let sources = platform("a = \"\u{1b}[31m\u{9b}31m\u{202e}\u{ffff}\" x\n");
    let diagnostic = error("`\u{1b}[31m\u{9b}\u{ffff}`", at(&sources, 0, "x"))
        .note("\u{7}\t|")
        .label("\u{1b}")
        .also(Place::Path("\u{1b}".into()), "");
    let expected = "\
error[DPJ0312]: `␛[31m��`
 --> platform.toml:1:19
  |
1 | a = \"␛[31m�31m��\" x
  |                   ^ ␛
  |
 ::: ␛
  |
  = note: ␇    |
";
    assert_eq!(one(diagnostic, &sources), expected);
}

#[test]
fn no_place_upsets_the_renderers() {
    let long = "é\u{200d}日\t".repeat(90);
    let head = "a = \"ä\u{301}\"\r\n\r\n";
    let sources = platform(&format!("{head}{long}\rpassword = '''\nx\n\n\u{feff}''' 👩‍👩‍👧 {long}\n\n"));
    let len = sources.file(FileId(0)).unwrap().text.len();
    for start in (0..len + 3).step_by(7) {
        for (i, size) in [0, 1, 7, 150, len].into_iter().enumerate() {
            let other = (start * 31 + i * 17) % (len + 2);
            let diagnostic = error("x", span(0, start, start + size)).label("y").also(span(0, other, start), "z");
            let text = masked(std::slice::from_ref(&diagnostic), &sources, &Masks::default());
            assert!(!text.contains('\u{ffff}') && text.contains('^'), "{text}");
            json::render(&[diagnostic], &sources, &Masks::default());
        }
    }
}
