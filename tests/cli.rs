//! The command line as people and scripts use it.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]
#![allow(clippy::disallowed_methods, missing_docs)]
#![allow(clippy::format_push_string, clippy::format_collect, clippy::case_sensitive_file_extension_comparisons)]
#![cfg(unix)]

mod support;

use std::fs;
use std::io::Read;
use std::os::unix::fs::symlink;
use std::process::{Command, Stdio};
use support::{PLATFORM, Place, dpjgen, finished, root, run, snapshot, unified};

/// The commands that `--help` lists, except `help` itself.
fn commands() -> Vec<String> {
    let help = run(root(), "--help").stdout;
    let listed = help.split("Commands:\n").nth(1).expect("a list of commands");
    let names = listed.lines().take_while(|line| line.starts_with("  ")).filter(|line| !line.starts_with("   "));
    names.map(|line| line.split_whitespace().next().unwrap().to_owned()).filter(|name| name != "help").collect()
}

#[test]
fn the_help_of_each_command_has_examples() {
    let commands = commands();
    assert!(commands.len() >= 3, "{commands:?}");
    for command in commands {
        let help = run(root(), &format!("{command} --help"));
        assert_eq!((help.status, help.stderr.as_str()), (0, ""));
        let examples = help.stdout.split("Examples:").nth(1).unwrap_or_else(|| panic!("{command} has no examples"));
        assert!(examples.contains(&format!("  dpjgen {command}")), "{examples}");
        assert!(help.stdout.lines().all(|line| line.chars().count() <= 120), "{}", help.stdout);
        // What an example says is a command line that exists: no run rejects its arguments.
        for example in examples.lines().filter_map(|line| line.strip_prefix("  dpjgen ")) {
            let args = example.split(['|', '<']).next().unwrap().split("  ").next().unwrap().trim();
            let place = Place::with_platform("examples");
            let run = run(&place.0, args);
            assert!(!run.stderr.contains("Usage:"), "dpjgen {args}: {}", run.stderr);
        }
    }
}

#[test]
fn wrong_arguments_are_status_2_with_usage() {
    let place = Place::with_platform("usage");
    for args in
        ["", "build", "biuld prod", "build prod --all -o out", "build --all", "build prod --fromat json", "show"]
    {
        let run = run(&place.0, args);
        assert_eq!((run.status, run.stdout.as_str()), (2, ""), "dpjgen {args}");
        assert!(run.stderr.contains("Usage: dpjgen"), "dpjgen {args}: {}", run.stderr);
    }
    let version = run(&place.0, "--version");
    assert_eq!((version.status, version.stdout.as_str()), (0, &*format!("dpjgen {}\n", env!("CARGO_PKG_VERSION"))));
}

/// `dpjgen build prod | head -1`: the reader has what it wanted.
#[test]
fn a_closed_pipe_ends_quietly() {
    for args in ["build prod", "show prod", "explain", "--help", "build --help"] {
        let mut command = dpjgen(root());
        let mut child = command.args(args.split(' ')).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        drop(child.stdout.take());
        let mut stderr = String::new();
        child.stderr.take().unwrap().read_to_string(&mut stderr).unwrap();
        assert_eq!((child.wait().unwrap().code(), stderr.as_str()), (Some(0), ""), "{args}");
    }
}

#[test]
fn a_full_disk_behind_standard_output_is_an_error() {
    if !std::path::Path::new("/dev/full").exists() {
        return;
    }
    for args in ["build prod", "show prod", "explain"] {
        let full = fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
        let output = dpjgen(root()).args(args.split(' ')).stdout(full).output().unwrap();
        let run = finished(&output);
        assert_eq!(run.status, 2, "{args}");
        assert_eq!(
            run.stderr,
            "error[DPJ0701]: cannot write to standard output: No space left on device (os error 28)\n  \
             |\n  = help: the output is incomplete: do not use it\n\nerror: 1 error\n",
            "{args}"
        );
    }
}

#[test]
fn the_platform_may_be_anywhere() {
    let place = Place::new("elsewhere");
    let expected = run(root(), "build prod");
    assert_eq!((expected.status, expected.stderr.as_str()), (0, ""));
    let folder = root().display();
    for spec in [format!("{folder}"), format!("{folder}/"), format!("{folder}/platform.toml")] {
        assert!(run(&place.0, &format!("build prod --spec {spec}")) == expected, "{spec}");
    }
    symlink(root(), place.at("link")).unwrap();
    for spec in ["link", "./link/platform.toml", "link/."] {
        assert!(run(&place.0, &format!("build prod --spec {spec}")) == expected, "{spec}");
    }
    // A spec of another name, and messages that name it.
    place.put("shop.toml", format!("{PLATFORM}replica = 3\n"));
    place.put("overlays/prod.toml", "# prod\n");
    let wrong = run(&place.0, "build prod --spec shop.toml");
    assert_eq!(wrong.status, 2);
    assert!(wrong.stderr.contains("--> shop.toml:13:1"), "{}", wrong.stderr);
}

#[test]
fn output_is_the_same_in_every_environment_and_folder() {
    let place = Place::new("environment");
    let expected = run(root(), "build prod").stdout;
    let tree = |name: &str, prepare: &dyn Fn(&mut Command)| {
        let out = place.at(name);
        let mut command = dpjgen(&place.0);
        prepare(&mut command);
        let output = command.args(["build", "prod", "--spec"]).arg(root()).arg("-o").arg(&out).output().unwrap();
        assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
        let files = snapshot(&out).into_iter().map(|(path, (bytes, ..))| (path, bytes));
        files.collect::<Vec<_>>()
    };
    let plain = tree("plain", &|_| {});
    assert!(plain.len() > 50);
    let variants: [(&str, &[(&str, &str)]); 4] = [
        ("tr", &[("LANG", "tr_TR.UTF-8"), ("LC_ALL", "tr_TR.UTF-8"), ("TZ", "Asia/Kathmandu")]),
        ("c", &[("LANG", "C"), ("HOME", "/nowhere"), ("USER", "nobody"), ("COLUMNS", "20"), ("TERM", "dumb")]),
        ("noisy", &[("RUST_LOG", "trace"), ("RUST_BACKTRACE", "full"), ("CLICOLOR_FORCE", "1"), ("KUBECONFIG", "/x")]),
        ("tmp", &[("TMPDIR", "/nonexistent"), ("PATH", ""), ("PWD", "/wrong")]),
    ];
    for (name, environment) in variants {
        assert!(
            tree(name, &|command| {
                command.envs(environment.iter().copied());
            }) == plain,
            "{name}"
        );
        let output = dpjgen(root()).args(["build", "prod"]).envs(environment.iter().copied()).output().unwrap();
        assert!(String::from_utf8(output.stdout).unwrap() == expected, "{name}");
        assert_eq!(String::from_utf8(output.stderr).unwrap(), "", "{name}");
    }
    // The umask of the user decides who may read the files, never what is in them.
    let out = place.at("umask");
    let script = format!(
        "umask 077; exec '{}' build prod --spec '{}' -o '{}'",
        env!("CARGO_BIN_EXE_dpjgen"),
        root().display(),
        out.display()
    );
    assert!(Command::new("sh").args(["-c", &script]).stderr(Stdio::null()).status().unwrap().success());
    let files: Vec<_> = snapshot(&out).into_iter().map(|(path, (bytes, ..))| (path, bytes)).collect();
    assert_eq!(files, plain, "umask");
}

#[test]
fn a_second_run_touches_nothing() {
    let place = Place::with_platform("second");
    let first = run(&place.0, "build prod -o out");
    assert_eq!((first.status, first.stdout.as_str()), (0, ""));
    assert!(first.stderr.starts_with("out/prod: "), "{}", first.stderr);
    let before = snapshot(&place.at("out"));
    assert!(before.len() > 5);
    let second = run(&place.0, "build prod -o out");
    assert_eq!((second.status, second.stdout.as_str()), (0, ""));
    assert!(!second.stderr.contains("written") && second.stderr.contains("unchanged"), "{}", second.stderr);
    assert_eq!(snapshot(&place.at("out")), before, "the second run touched something");
}

#[test]
fn what_is_not_dpjgens_is_left_alone() {
    let place = Place::with_platform("foreign");
    assert_eq!(run(&place.0, "build prod -o out").status, 0);
    place.put("out/prod/NOTES.md", "ours\n");
    place.put("out/README.md", "ours too\n");
    let before = snapshot(&place.at("out"));
    let again = run(&place.0, "build prod -o out");
    assert_eq!(again.status, 0);
    assert!(again.stderr.contains("out/prod/NOTES.md: not dpjgen's, left alone"), "{}", again.stderr);
    assert_eq!(snapshot(&place.at("out")), before);
}

#[test]
fn an_edit_by_hand_is_refused_and_given_up_with_force() {
    let place = Place::with_platform("edited");
    assert_eq!(run(&place.0, "build prod -o out").status, 0);
    let path = "out/prod/shop-backend/api/deployment-api.yaml";
    let original = fs::read_to_string(place.at(path)).unwrap();
    place.put(path, original.replace("replicas: 1", "replicas: 7"));
    place.put("platform.toml", format!("{PLATFORM}replicas = 2\n"));
    let before = snapshot(&place.at("out"));
    let refused = run(&place.0, "build prod -o out");
    assert_eq!((refused.status, refused.stdout.as_str()), (2, ""));
    assert!(refused.stderr.contains("error[DPJ0702]"), "{}", refused.stderr);
    assert!(refused.stderr.contains(&format!("--> {path}")), "{}", refused.stderr);
    assert!(refused.stderr.contains("--force"), "{}", refused.stderr);
    assert_eq!(snapshot(&place.at("out")), before, "a refused run changed something");
    assert_eq!(run(&place.0, "build prod -o out --force").status, 0);
    assert!(fs::read_to_string(place.at(path)).unwrap().contains("replicas: 2"));
}

/// A mistake in one environment stops all of them, before anything is written.
#[test]
fn nothing_is_written_after_an_error() {
    let place = Place::with_platform("error");
    place.put("overlays/dev.toml", "[workloads.api]\nreplica = 3\n");
    let before = snapshot(&place.0);
    for args in ["build --all -o out", "build dev -o out", "build dev", "show dev", "show dev --format json"] {
        let run = run(&place.0, args);
        assert_eq!((run.status, run.stdout.as_str()), (2, ""), "{args}");
        assert!(run.stderr.contains("--> overlays/dev.toml:2:1"), "{args}: {}", run.stderr);
        assert_eq!(snapshot(&place.0), before, "{args}");
    }
}

#[test]
fn every_code_is_explained() {
    let list = run(root(), "explain");
    assert_eq!((list.status, list.stderr.as_str()), (0, ""));
    let codes: Vec<&str> = list.stdout.lines().map(|line| line.split("  ").next().unwrap()).collect();
    assert_eq!(codes.len(), dpjgen::codes::all().len());
    for code in dpjgen::codes::all() {
        let explained = run(root(), &format!("explain {}", code.id.to_lowercase()));
        assert_eq!((explained.status, explained.stderr.as_str()), (0, ""));
        let expected = format!("{}: {}\n\n{}\n", code.id, code.summary, code.docs.trim_end());
        assert_eq!(explained.stdout, expected);
    }
}

#[test]
fn an_unknown_code_is_an_error_with_the_nearest_one() {
    let run = run(root(), "explain DPJ031O");
    assert_eq!((run.status, run.stdout.as_str()), (2, ""));
    assert!(run.stderr.starts_with("error[DPJ0703]: there is no code `DPJ031O`\n"), "{}", run.stderr);
    assert!(run.stderr.contains("did you mean `DPJ0310`?"), "{}", run.stderr);
}

#[test]
fn what_is_shown_is_toml_and_json_of_version_1() {
    for environment in ["dev", "staging", "prod"] {
        let shown = run(root(), &format!("show {environment}"));
        assert_eq!((shown.status, shown.stderr.as_str()), (0, ""));
        let errors = toml::de::DeTable::parse_recoverable(&shown.stdout).1;
        assert!(errors.is_empty(), "{errors:?}");
        let json = run(root(), &format!("show {environment} --format json"));
        assert_eq!((json.status, json.stderr.as_str()), (0, ""));
        let json: serde_json::Value = serde_json::from_str(&json.stdout).unwrap();
        assert_eq!(json["version"], 1);
        assert_eq!(json["environment"], *environment);
        // Every value that is no default says where it stands, and the place holds it.
        let values = json["values"].as_array().unwrap();
        assert!(values.len() > 100);
        for value in values.iter().filter(|value| value.get("default").is_none()) {
            let text = fs::read_to_string(root().join(value["file"].as_str().unwrap())).unwrap();
            let number = |key: &str| usize::try_from(value[key].as_u64().unwrap()).unwrap();
            let line = text.lines().nth(number("line") - 1).unwrap();
            let at: String = line.chars().skip(number("column") - 1).collect();
            let wanted = value["value"].to_string();
            assert!(value["value"].is_array() || at.starts_with(&wanted), "{value}: {at}");
        }
    }
}

/// What `show` prints is a spec: without an overlay's changes it gives the same platform.
#[test]
fn what_is_shown_builds_to_the_same_bytes() {
    for environment in ["dev", "staging", "prod"] {
        let shown = run(root(), &format!("show {environment}")).stdout;
        let place = Place::new(&format!("shown-{environment}"));
        place.put("platform.toml", &shown);
        place.put(&format!("overlays/{environment}.toml"), "# nothing\n");
        let again = run(&place.0, &format!("build {environment}"));
        assert_eq!((again.status, again.stderr.as_str()), (0, ""), "{shown}");
        let diff = unified(&run(root(), &format!("build {environment}")).stdout, &again.stdout, ("spec", "as shown"));
        assert!(diff.is_empty(), "{diff}");
    }
}

#[test]
fn colours_are_asked_for() {
    let place = Place::with_platform("colour");
    place.put("platform.toml", format!("{PLATFORM}replica = 3\n"));
    let coloured = |args: &[&str], environment: &[(&str, &str)]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_dpjgen"));
        command.current_dir(&place.0).env_clear().envs(environment.iter().copied()).args(["build", "prod"]).args(args);
        finished(&command.output().unwrap()).stderr.contains('\u{1b}')
    };
    // Standard error is no terminal here.
    assert!(!coloured(&[], &[]));
    assert!(!coloured(&[], &[("CLICOLOR_FORCE", "1")]));
    assert!(coloured(&["--color", "always"], &[]));
    assert!(!coloured(&["--color", "never"], &[]));
    // Who asks on the command line means it.
    assert!(coloured(&["--color", "always"], &[("NO_COLOR", "1")]));
}
