//! The examples of docs/DIFF.md and docs/CI.md.

use super::*;

/// What docs/DIFF.md shows: name, file, and what is changed in it.
const EXAMPLES: &[(&str, &str, &str, &str)] = &[
    ("replicas", "overlays/prod.toml", "# Production is", "[workloads.client-app]\nreplicas = 5\n\n# Production is"),
    ("image", "platform.toml", "dpj/dossier-service:1.0.0", "dpj/dossier-service:1.1.0"),
    ("storage", "platform.toml", "size = \"100Gi\", class", "size = \"80Gi\", class"),
];

#[test]
fn the_examples_of_the_documents_are_what_is_printed() {
    let place = Place::new("diff-examples");
    place.put("platform.toml", fs::read(root().join("platform.toml")).unwrap());
    // Not all of the checkout: other tests make and remove folders below `target/` meanwhile.
    let folders = ["overlays", "templates", "schemas", "manifests"].map(|folder| root().join(folder));
    for folder in folders.iter().filter(|folder| folder.is_dir()) {
        for path in support::files(folder) {
            let from = folder.join(path);
            place.put(from.strip_prefix(root()).unwrap().to_str().unwrap(), fs::read(&from).unwrap());
        }
    }
    assert_eq!(run(&place.0, "build --all -o out").status, 0);
    git(&place.0, &["init", "--quiet"]);
    commit(&place, "first");
    let mut wrong = String::new();
    for (name, file, from, to) in EXAMPLES {
        git(&place.0, &["checkout", "--quiet", "."]);
        edit(&place, file, from, to);
        for (format, ending) in [("human", "txt"), ("markdown", "md")] {
            let found = run(&place.0, &format!("diff --all --against git:HEAD --format {format}"));
            assert_eq!((found.status, found.stderr.as_str()), (1, ""), "{name}");
            let golden = root().join(format!("docs/diff/{name}.{ending}"));
            if blessing() {
                fs::create_dir_all(golden.parent().unwrap()).unwrap();
                fs::write(&golden, &found.stdout).unwrap();
            }
            let expected = fs::read_to_string(&golden).unwrap_or_default();
            wrong += &unified(&expected, &found.stdout, (&format!("docs/diff/{name}.{ending}"), "printed"));
        }
    }
    assert!(wrong.is_empty(), "DPJGEN_BLESS=1 cargo test --test diff writes the examples anew:\n{wrong}");
}

/// The fenced blocks of a language.
fn blocks(text: &str, language: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut lines = text.lines();
    while let Some(line) = lines.next() {
        let indent = line.len() - line.trim_start().len();
        if line.trim_start() == format!("```{language}") {
            let block = lines.by_ref().take_while(|line| line.trim() != "```");
            found.push(block.map(|line| format!("{}\n", line.get(indent..).unwrap_or(""))).collect());
        }
    }
    found
}

/// All texts of a YAML tree below a key.
fn texts(yaml: &yaml_rust2::Yaml, key: &str, wanted: bool, found: &mut Vec<String>) {
    match yaml {
        yaml_rust2::Yaml::Hash(map) => {
            map.iter().for_each(|(name, value)| texts(value, key, name.as_str() == Some(key), found));
        }
        yaml_rust2::Yaml::Array(items) => items.iter().for_each(|item| texts(item, key, wanted, found)),
        yaml_rust2::Yaml::String(text) if wanted => found.push(text.clone()),
        _ => {}
    }
}

#[test]
fn the_jobs_of_the_documents_are_yaml_and_their_scripts_are_scripts() {
    let read = |path: &str| fs::read_to_string(root().join(path)).unwrap();
    let parse =
        |text: &str| yaml_rust2::YamlLoader::load_from_str(text).unwrap_or_else(|error| panic!("{error}: {text}"));
    let jobs: Vec<_> = blocks(&read("docs/CI.md"), "yaml").iter().map(|text| parse(text).remove(0)).collect();
    assert_eq!(jobs.len(), 3);
    assert_eq!(jobs[0]["dpjgen"]["stage"].as_str(), Some("check"));
    assert!(jobs[1]["jobs"]["dpjgen"]["steps"].as_vec().unwrap().len() > 3);
    assert_eq!(jobs[2]["repos"][0]["hooks"][0]["id"].as_str(), Some("dpjgen-diff"));
    let hooks = parse(&read(".pre-commit-hooks.yaml")).remove(0);
    assert_eq!(hooks[0]["id"].as_str(), Some("dpjgen-diff"));
    assert_eq!(blocks(&read("docs/ADOPTION.md"), "yaml").iter().map(|text| parse(text).len()).sum::<usize>(), 1);
    let mut scripts = Vec::new();
    texts(&jobs[0], "script", false, &mut scripts);
    texts(&jobs[1], "run", false, &mut scripts);
    for document in ["docs/CI.md", "docs/ADOPTION.md", "docs/DIFF.md"] {
        scripts.extend(blocks(&read(document), "sh"));
    }
    let mut commands = 0;
    let place = Place::with_platform("diff-documents");
    for script in &scripts {
        let mut shell = Command::new("sh").args(["-n", "-s"]).stdin(Stdio::piped()).spawn().unwrap();
        shell.stdin.take().unwrap().write_all(script.as_bytes()).unwrap();
        assert!(shell.wait().unwrap().success(), "{script}");
        // What they call exists: no run rejects its arguments.
        for part in script.split(['\n', '|', ';', '&']).map(str::trim).filter_map(|part| part.strip_prefix("dpjgen ")) {
            let args = part
                .split(['<', '>', '#'])
                .next()
                .unwrap()
                .replace("\"git:$BASE\"", "git:HEAD")
                .replace("\"git:$base\"", "git:HEAD")
                .replace("\"$FAIL_ON\"", "any");
            let run = run(&place.0, &args);
            assert!(!run.stderr.contains("Usage:"), "dpjgen {args}: {}", run.stderr);
            commands += 1;
        }
    }
    assert!(scripts.len() > 8 && commands > 8, "{} scripts, {commands} commands", scripts.len());
}
