//! What every format holds to, on manifests that nobody would write.

use super::{MOST_CHARACTERS, Report, github, human, json, markdown};
use crate::diag::mask::Masks;
use crate::diag::render::Style;
use crate::diff::{Cause, Class, Consequence, Group, ObjectChange, SpecChange, SpecPlace, compare};
use crate::manifest::{Manifest, Value, read};

fn manifests(text: &str) -> Vec<Manifest<'_>> {
    read("x.yaml", text.as_bytes()).unwrap_or_else(|faults| panic!("{}", faults[0].message))
}

fn change(line: usize, key: &str, old: &str, new: &str) -> SpecChange {
    let place = SpecPlace { file: "overlays/prod.toml".to_owned(), line, key: key.to_owned() };
    SpecChange { place, old: Some(old.to_owned()), new: Some(new.to_owned()) }
}

fn all(changes: &[ObjectChange<'_>]) -> Vec<(usize, Vec<usize>)> {
    changes.iter().enumerate().map(|(index, change)| (index, (0..change.fields.len()).collect())).collect()
}

fn consequence(class: Class, message: &str, remedy: Option<&str>) -> Consequence {
    Consequence { class, message: message.to_owned(), remedy: remedy.map(str::to_owned), fields: Vec::new() }
}

/// Human, markdown, JSON, GitHub.
fn formats(report: &Report<'_>, masks: &Masks) -> [String; 4] {
    let reports = std::slice::from_ref(report);
    let style = Style { color: false };
    [human(reports, masks, style), markdown(reports, masks), json(reports, masks), github(reports, "", masks)]
}

/// Compares, says that everything has one cause and one consequence, and writes it in all formats.
fn written(old: &str, new: &str, cause: Cause, said: &[Consequence]) -> [String; 4] {
    let (old, new) = (manifests(old), manifests(new));
    let mut changes = compare(&old, &new).unwrap();
    for change in &mut changes {
        change.consequences = said.to_vec();
    }
    let group = (!changes.is_empty()).then(|| Group { cause, changes: all(&changes) });
    let groups: Vec<Group> = group.into_iter().collect();
    let report = Report {
        environment: Some("prod"),
        old: "out/prod",
        new: "the build",
        changes: &changes,
        groups: &groups,
        idle: &[],
        kustomizations: &[],
        notes: &[],
    };
    formats(&report, &Masks::default())
}

fn deployment(name: &str, replicas: u32) -> String {
    format!(
        "apiVersion: apps/v1\nkind: Deployment\nmetadata: {{ name: {name}, namespace: shop }}\nspec: {{ replicas: {replicas} }}\n"
    )
}

#[test]
fn a_cause_stands_above_what_follows_from_it() {
    let cause = Cause::Spec(vec![change(14, "workloads.web.replicas", "3", "5")]);
    let said = [consequence(Class::Rejected, "the API server refuses `spec.replicas`", Some("remove it first"))];
    let [human, markdown, json, github] = written(&deployment("web", 3), &deployment("web", 5), cause, &said);
    assert_eq!(
        human,
        "\
overlays/prod.toml:14 workloads.web.replicas  3 → 5
  Deployment shop/web
    rejected: the API server refuses `spec.replicas`
      → remove it first
    spec.replicas  3 → 5

prod: 1 object changed, from 1 change of the spec; rejected 1
"
    );
    assert!(markdown.contains("| **rejected** | 1 | <code>overlays/prod.toml:14 workloads.web.replicas</code> <code>3</code> → <code>5</code> |"), "{markdown}");
    assert!(markdown.contains("the API server refuses <code>spec.replicas</code><br>→ remove it first"), "{markdown}");
    let json: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!(json["version"], 1);
    assert_eq!(json["reports"][0]["groups"][0]["spec"][0]["line"], 14);
    assert_eq!(json["reports"][0]["objects"][0]["fields"][0]["new"], 5);
    assert_eq!(
        github,
        "::error file=overlays/prod.toml,line=14,title=prod%3A rejected::overlays/prod.toml:14 workloads.web.replicas  3 → 5\
         %0ADeployment shop/web: rejected: the API server refuses `spec.replicas` → remove it first\n\
         dpjgen: prod: 1 object changed, from 1 change of the spec; rejected 1\n"
    );
}

#[test]
fn the_last_line_says_it_when_nothing_differs() {
    let [human, markdown, json, github] = written(&deployment("web", 3), &deployment("web", 3), Cause::Tool, &[]);
    let said = "prod: no differences between out/prod and the build";
    assert_eq!(human, format!("{said}\n"));
    assert_eq!(github, format!("dpjgen: {said}\n"));
    assert!(markdown.contains("no differences between out/prod and the build"), "{markdown}");
    let json: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!((&json["reports"][0]["differs"], &json["reports"][0]["summary"]), (&false.into(), &said.into()));
}

#[test]
fn objects_to_which_the_same_happened_are_folded() {
    let of =
        |replicas| (0..12).map(|n| deployment(&format!("service-{n:02}"), replicas)).collect::<Vec<_>>().join("---\n");
    let cause = || Cause::Spec(vec![change(3, "workload-classes.spring.replicas", "3", "5")]);
    let [human, markdown, json, _] =
        written(&of(3), &of(5), cause(), &[consequence(Class::InPlace, "2 pods more", None)]);
    assert_eq!(human.matches("spec.replicas").count(), 1, "{human}");
    assert!(human.contains("and 11 more: shop/service-01, shop/service-02,"), "{human}");
    assert!(markdown.contains("and 11 more: shop/service-01"), "{markdown}");
    let json: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!(json["reports"][0]["objects"].as_array().unwrap().len(), 12);
}

#[test]
fn hostile_values_are_text_and_nothing_more() {
    let evil = "</code></details><script>alert(1)</script> | `x` ``y`` @everyone https://evil.example [a](b) \\u001b[31mred\\u202e ::error::%0A";
    let of = |value: &str| {
        format!(
            "apiVersion: v1\nkind: ConfigMap\nmetadata: {{ name: x, annotations: {{ \"a|`b\": \"{value}\" }} }}\n\
             data:\n  text: |\n    first\n    {}\n    ```\n    last\n",
            value.replace("\\u001b", "").replace("\\u202e", "")
        )
    };
    let cause = Cause::Spec(vec![change(1, "a.\"</summary>|`\"", "\"<b>\"", "\"::error::\u{1b}[0m\"")]);
    let said =
        [consequence(Class::Metadata, "`<i>` of @everyone, see https://evil.example | \u{1b}[2J", Some("<img src=x>"))];
    let [human, markdown, json, github] = written(&of("plain"), &of(evil), cause, &said);
    for text in [&human, &markdown, &github] {
        assert!(!text.contains('\u{1b}') && !text.contains('\u{202e}'), "{text:?}");
    }
    let json: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert!(json.to_string().contains("<script>"), "programs get the value");
    // Outside of the fenced text, no tag but those that are ours.
    let fence = markdown.split("\n````diff\n").collect::<Vec<_>>();
    assert_eq!(fence.len(), 2, "a fence longer than any run within: {markdown}");
    let after = fence[1].split_once("\n````\n").unwrap().1;
    let outside = format!("{}{after}", fence[0]);
    let tags = ["details>", "/details>", "summary>", "/summary>", "code>", "/code>", "br>", "!-- -->"];
    for tag in outside.split('<').skip(1) {
        assert!(tags.iter().any(|known| tag.starts_with(known)), "<{tag}");
    }
    assert_eq!(outside.matches("<details>").count(), outside.matches("</details>").count());
    assert!(!outside.contains("@everyone") && !outside.contains("https://"), "{outside}");
    // The table has its own bars only.
    let rows = outside.lines().filter(|line| line.starts_with('|'));
    assert!(rows.clone().count() == 3 && rows.into_iter().all(|row| row.matches('|').count() == 4), "{outside}");
    for line in github.lines() {
        assert!(line.starts_with("::notice ") || line.starts_with("dpjgen: "), "{line}");
    }
    assert_eq!(github.lines().count(), 2);
}

#[test]
fn no_value_of_a_secret_is_shown() {
    let of = |secret: &str| {
        format!(
            "apiVersion: v1\nkind: Secret\nmetadata: {{ name: s }}\nstringData: {{ password: {secret}-a }}\n---\n\
             apiVersion: v1\nkind: ConfigMap\nmetadata: {{ name: c }}\ndata:\n  db-password: {secret}-b\n  app.properties: |\n    a=1\n    spring.datasource.password={secret}-c\n    b=2\n---\n\
             apiVersion: apps/v1\nkind: Deployment\nmetadata: {{ name: d }}\nspec:\n  template:\n    spec:\n      containers:\n        - name: app\n          env: [{{ name: DB_PASSWORD, value: {secret}-d }}]\n          args: [\"--url=postgresql://app:{secret}-e@db/x\"]\n---\n\
             apiVersion: apps/v1\nkind: Deployment\nmetadata: {{ name: {secret}x }}\nspec: {{}}\n"
        )
        .replace(&format!("name: {secret}x"), "name: e")
    };
    let new = of("hunter2secret").replace("name: e }\nspec: {}", "name: e }\nspec: { template: { spec: { containers: [{ name: app, env: [{ name: API_TOKEN, value: hunter2secret-f }] }] } } }");
    for text in written(&of("correcthorse"), &new, Cause::Unknown, &[]) {
        assert!(!text.contains("hunter2") && !text.contains("correcthorse"), "{text}");
        assert!(text.contains('4') || text.contains("Secret"), "{text}");
    }
}

#[test]
fn no_credential_is_shown_in_an_order_or_a_path() {
    let of = |args: &str, rules: &str| {
        format!(
            "apiVersion: apps/v1\nkind: Deployment\nmetadata: {{ name: d }}\nspec:\n  template:\n    spec:\n      \
             containers: [{{ name: app, args: [{args}] }}]\n---\n\
             apiVersion: example.com/v1\nkind: Proxy\nmetadata: {{ name: p }}\nspec: {{ rules: [{rules}], urls: [{args}] }}\n"
        )
    };
    let long = format!("--url=https://{}:hunter2xyz@db.example", "u".repeat(35));
    let rules = ["{ match: a, password: hunter2xyz }", "{ match: [b], port: 5, paths: [x, y] }"];
    let old = of(&format!("--password=hunter2xyz, -v, {long}"), &rules.join(", "));
    let new = of(&format!("-v, {long}, --password=hunter2xyz"), &[rules[1], rules[0]].join(", "));
    for (old, new) in [(&old, &new), (&old, &of("-v", rules[1]))] {
        for text in written(old, new, Cause::Unknown, &[]) {
            assert!(!text.contains("hunter2"), "{text}");
        }
    }
    let [human, _, json, _] = written(&old, &new, Cause::Unknown, &[]);
    assert!(human.contains("•••, -v") && json.contains("\"•••\",\"-v\""), "the order is still seen: {human}");
}

#[test]
fn a_variable_that_stands_twice_is_still_known_by_its_name() {
    let of = |value: &str, last: &str| {
        format!(
            "apiVersion: apps/v1\nkind: Deployment\nmetadata: {{ name: d }}\nspec: {{ template: {{ spec: {{ containers: [{{ \
             name: app, env: [{{ name: A, value: b }}, {{ name: A, value: c }}, {{ name: DB_PASSWORD, value: {value} }}, \
             {{ name: {last}, value: {value} }}] }}] }} }} }}\n"
        )
    };
    for text in written(&of("correcthorse", "API_TOKEN"), &of("batterystaple", "API_TOKEN"), Cause::Unknown, &[]) {
        assert!(!text.contains("correcthorse") && !text.contains("batterystaple"), "{text}");
    }
    for text in written(&of("correcthorse", "API_TOKEN"), &of("correcthorse", "PLAIN"), Cause::Unknown, &[]) {
        assert!(!text.contains("API_TOKEN, value: correct") && !text.contains("API_TOKEN → PLAIN"), "{text}");
    }
}

#[test]
fn a_comment_stays_within_what_a_pull_request_takes() {
    let text = |n: usize, word: &str| {
        (0..40).fold(String::new(), |text, line| format!("{text}    {word} {n} {line} |`<{}\n", "x".repeat(60)))
    };
    let of = |word: &str| {
        let each = |n| {
            format!(
                "apiVersion: v1\nkind: ConfigMap\nmetadata: {{ name: c-{n}, namespace: shop }}\ndata:\n  a: |\n{}",
                text(n, word)
            )
        };
        (0..300).map(each).collect::<Vec<_>>().join("---\n")
    };
    let (old, new) = (of("old"), of("new"));
    let (old, new) = (manifests(&old), manifests(&new));
    let changes = compare(&old, &new).unwrap();
    let groups: Vec<Group> = (0..changes.len())
        .map(|index| Group {
            cause: Cause::Spec(vec![change(index, "a.key", "1", "2")]),
            changes: vec![(index, vec![0])],
        })
        .collect();
    let report = |name| Report {
        environment: Some(name),
        old: "out",
        new: "new",
        changes: &changes,
        groups: &groups,
        idle: &[],
        kustomizations: &[],
        notes: &[],
    };
    for reports in [vec![report("prod")], vec![report("prod"), report("dev"), report("staging")]] {
        let text = markdown(&reports, &Masks::default());
        let length = text.chars().count();
        assert!(length <= MOST_CHARACTERS && length > MOST_CHARACTERS / 2, "{length}");
        assert_eq!(text.matches("Cut to fit").count(), reports.len());
        assert!(text.contains("300 objects changed, from 300 changes of the spec"), "the summary is never cut");
        assert_eq!(text.matches("<details>").count(), text.matches("</details>").count());
        assert_eq!(text.matches("```").count() % 2, 0);
    }
    let many: Vec<Report<'_>> = (0..400).map(|_| report("prod")).collect();
    assert!(markdown(&many, &Masks::default()).chars().count() <= MOST_CHARACTERS);
}

#[test]
fn long_values_are_cut_around_what_differs() {
    let of = |middle: &str| {
        format!(
            "apiVersion: v1\nkind: ConfigMap\nmetadata: {{ name: c }}\ndata: {{ a: \"{}{middle}{}\" }}\n",
            "x".repeat(5000),
            "y".repeat(5000)
        )
    };
    let [human, ..] = written(&of("BEFORE"), &of("AFTER"), Cause::Unknown, &[]);
    assert!(human.contains("BEFORE") && human.contains("AFTER") && human.len() < 600, "{human}");
}

#[test]
fn a_credential_inside_of_a_text_is_hidden_before_the_text_is_quoted() {
    let text = Value::String("{\"apiKey\": \"hunter7xyz\", \"size\": 3}".into());
    let shown = super::text::value("my.json", &text, &Masks::default());
    assert!(!shown.contains("hunter7xyz") && shown.contains("size"), "{shown}");
}
