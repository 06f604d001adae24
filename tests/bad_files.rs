//! Files of a platform that git cannot hold, or that are no files: made in a temporary folder.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]
#![allow(clippy::disallowed_methods, missing_docs)]
#![allow(clippy::format_push_string, clippy::format_collect, clippy::case_sensitive_file_extension_comparisons)]
#![cfg(unix)]

mod support;

use std::fs;
use std::os::unix::fs::symlink;
use std::process::Command;
use support::{PLATFORM, Place, run, snapshot};

/// Builds `prod`, which fails with exactly this message, no output and nothing changed.
#[track_caller]
fn fails(place: &Place, expected: &str) {
    let before = snapshot(&place.0);
    let run = run(&place.0, "build prod");
    assert_eq!(run.stderr.trim_end(), expected.trim(), "\n{}", run.stderr);
    assert_eq!((run.status, run.stdout.as_str()), (2, ""));
    assert_eq!(snapshot(&place.0), before, "the failed run changed something");
}

#[track_caller]
fn builds(place: &Place) -> String {
    let run = run(&place.0, "build prod");
    assert_eq!((run.status, run.stderr.as_str()), (0, ""));
    run.stdout
}

#[test]
fn a_binary_file() {
    let place = Place::with_platform("binary");
    place.put("platform.toml", b"\x7fELF\x02\x01\x01\x00\x00\x00\xff\xfe\x00");
    fails(
        &place,
        "
error[DPJ0002]: `platform.toml` is a binary file, not TOML text
 --> platform.toml
  |
  = help: a spec is a UTF-8 text file

error: 1 error; nothing was written",
    );
}

#[test]
fn utf_16_with_and_without_a_mark() {
    let expected = "
error[DPJ0002]: `platform.toml` is UTF-16, not UTF-8
 --> platform.toml
  |
  = help: save it as UTF-8: `iconv -f utf-16 -t utf-8 platform.toml`

error: 1 error; nothing was written";
    let place = Place::with_platform("utf-16");
    let little: Vec<u8> = PLATFORM.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let big: Vec<u8> = PLATFORM.encode_utf16().flat_map(u16::to_be_bytes).collect();
    for bytes in [[&[0xff, 0xfe], &little[..]].concat(), [&[0xfe, 0xff], &big[..]].concat(), little, big] {
        place.put("platform.toml", bytes);
        fails(&place, expected);
    }
}

#[test]
fn a_lone_byte_of_latin_1() {
    let place = Place::with_platform("latin-1");
    place.put("overlays/prod.toml", b"# la production\n# op\xe9rations\n");
    fails(
        &place,
        "
error[DPJ0002]: the byte 0xE9 is not UTF-8
 --> overlays/prod.toml:2:5
  |
2 | # op
  |     ^ after this
  |
  = help: save the file as UTF-8; a lone byte like this often comes from Latin-1 or Windows-1252

error: 1 error; nothing was written",
    );
}

#[test]
fn empty_files() {
    let place = Place::with_platform("empty");
    place.put("overlays/prod.toml", "");
    fails(
        &place,
        "
error[DPJ0003]: `overlays/prod.toml` is empty
 --> overlays/prod.toml
  |
  = help: an overlay that changes nothing says so in a comment

error: 1 error; nothing was written",
    );
    // White space is nothing, and both files are named at once.
    place.put("platform.toml", "\u{feff} \r\n\t");
    fails(
        &place,
        "
error[DPJ0003]: `overlays/prod.toml` is empty
 --> overlays/prod.toml
  |
  = help: an overlay that changes nothing says so in a comment

error[DPJ0003]: `platform.toml` is empty
 --> platform.toml
  |
  = help: a platform begins with `dpjgen = \"1\"` and a `[platform]` table

error: 2 errors; nothing was written",
    );
}

#[test]
fn folders_in_the_place_of_files() {
    let place = Place::with_platform("folders");
    fs::remove_file(place.at("platform.toml")).unwrap();
    fs::create_dir(place.at("platform.toml")).unwrap();
    fails(
        &place,
        "
error[DPJ0001]: cannot read `platform.toml`: it is a directory, not a file
 --> platform.toml

error: 1 error; nothing was written",
    );

    let place = Place::with_platform("overlay-folder");
    fs::remove_file(place.at("overlays/prod.toml")).unwrap();
    fs::create_dir(place.at("overlays/prod.toml")).unwrap();
    fails(
        &place,
        "
error[DPJ0001]: cannot read `overlays/prod.toml`: it is a directory, not a file
 --> overlays/prod.toml

error: 1 error; nothing was written",
    );
}

#[test]
fn a_key_of_a_hundred_thousand_parts() {
    let place = Place::with_platform("parts");
    place.put("platform.toml", format!("{}b = 1\n", "a.".repeat(100_000)));
    fails(
        &place,
        "
error[DPJ0008]: a key or a header has far too many parts
 --> platform.toml:1:1
  |
1 | a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.…
  | ^
  |
  = help: no part of the spec nests this deeply

error: 1 error; nothing was written",
    );
}

#[test]
fn a_file_in_the_place_of_the_overlays() {
    let place = Place::with_platform("overlays-file");
    fs::remove_dir_all(place.at("overlays")).unwrap();
    place.put("overlays", "replicas = 3\n");
    fails(
        &place,
        "
error[DPJ0005]: cannot list the environments: the folder `overlays` cannot be read: it is a file, not a directory
 --> overlays
  |
  = help: each environment is a file `overlays/ENV.toml` beside `platform.toml`; create one, such as `overlays/dev.toml`

error: 1 error; nothing was written",
    );
}

#[test]
fn an_empty_folder_of_overlays() {
    let place = Place::with_platform("no-overlays");
    fs::remove_file(place.at("overlays/prod.toml")).unwrap();
    fails(
        &place,
        "
error[DPJ0005]: there is no overlay for an environment `prod`
 --> overlays
  |
  = help: the folder `overlays` holds no `.toml` file; create one, such as `overlays/dev.toml`

error: 1 error; nothing was written",
    );
}

#[test]
fn an_empty_folder() {
    let place = Place::new("nothing");
    fails(
        &place,
        "
error[DPJ0001]: cannot read `platform.toml`: it does not exist
 --> platform.toml
  |
  = help: run dpjgen in the folder that holds `platform.toml`, or name it with `--spec PATH`

error: 1 error; nothing was written",
    );
}

/// Refused before it is opened: the run would wait for a writer for ever.
#[test]
fn a_pipe() {
    let place = Place::with_platform("pipe");
    fs::remove_file(place.at("platform.toml")).unwrap();
    assert!(Command::new("mkfifo").arg(place.at("platform.toml")).status().unwrap().success());
    fails(
        &place,
        "
error[DPJ0001]: cannot read `platform.toml`: it is a pipe, a socket or a device, not a file
 --> platform.toml

error: 1 error; nothing was written",
    );
}

#[test]
fn links() {
    let place = Place::with_platform("links");
    fs::rename(place.at("platform.toml"), place.at("real.toml")).unwrap();
    symlink("real.toml", place.at("platform.toml")).unwrap();
    assert!(builds(&place).contains("kind: Deployment"), "a link to a file is a file");

    fs::remove_file(place.at("real.toml")).unwrap();
    fails(
        &place,
        "
error[DPJ0001]: cannot read `platform.toml`: it is a symbolic link to something that does not exist
 --> platform.toml

error: 1 error; nothing was written",
    );

    // A device has no end.
    fs::remove_file(place.at("platform.toml")).unwrap();
    symlink("/dev/zero", place.at("platform.toml")).unwrap();
    fails(
        &place,
        "
error[DPJ0001]: cannot read `platform.toml`: it is a pipe, a socket or a device, not a file
 --> platform.toml

error: 1 error; nothing was written",
    );
}

/// Sparse: the test takes no space and no time.
#[test]
fn a_huge_file() {
    let place = Place::with_platform("huge");
    fs::OpenOptions::new().write(true).open(place.at("platform.toml")).unwrap().set_len(33 << 20).unwrap();
    let run = run(&place.0, "build prod");
    assert_eq!((run.status, run.stdout.as_str()), (2, ""));
    assert_eq!(
        run.stderr,
        "\
error[DPJ0001]: cannot read `platform.toml`: it is larger than 32 MiB, the most that is read
 --> platform.toml

error: 1 error; nothing was written
"
    );
}

#[test]
fn templates_that_are_no_text_files() {
    let place = Place::with_platform("template");
    let config = "config = { mount = \"/etc/api\", files = { \"a.conf\" = \"a.conf\" } }\n";
    place.put("platform.toml", format!("{PLATFORM}{config}"));
    place.put("templates/a.conf", b"caf\xe9\n");
    fails(
        &place,
        "
error[DPJ0501]: the template `templates/a.conf` is not UTF-8 text
  --> platform.toml:13:53
   |
13 | config = { mount = \"/etc/api\", files = { \"a.conf\" = \"a.conf\" } }
   |                                                     ^^^^^^^^
   |
   = help: save it as UTF-8

error: 1 error; nothing was written",
    );
    fs::remove_file(place.at("templates/a.conf")).unwrap();
    fs::create_dir(place.at("templates/a.conf")).unwrap();
    fails(
        &place,
        "
error[DPJ0501]: cannot read the template `a.conf`: it is a directory, not a file
  --> platform.toml:13:53
   |
13 | config = { mount = \"/etc/api\", files = { \"a.conf\" = \"a.conf\" } }
   |                                                     ^^^^^^^^
   |
   = help: templates are files below the platform's `templates/`

error: 1 error; nothing was written",
    );
}

/// What editors on Windows write gives the same bytes, and errors the same places.
#[test]
fn windows_line_ends_and_a_byte_order_mark_are_accepted() {
    let place = Place::with_platform("windows");
    let expected = builds(&place);
    let windows = |text: &str| format!("\u{feff}{}", text.replace('\n', "\r\n"));
    place.put("platform.toml", windows(PLATFORM));
    place.put("overlays/prod.toml", windows("# prod\n"));
    assert_eq!(builds(&place), expected);
    place.put("platform.toml", windows(&format!("{PLATFORM}replica = 3\n")));
    fails(
        &place,
        "
error[DPJ0201]: unknown key `replica`
  --> platform.toml:13:1
   |
13 | replica = 3
   | ^^^^^^^
   |
   = help: did you mean `replicas`?

error: 1 error; nothing was written",
    );
}
