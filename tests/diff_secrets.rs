//! What anybody's manifests hold of credentials is in no output of `dpjgen diff`, whatever its form, and in no excerpt.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::string_slice)]
#![allow(clippy::disallowed_methods, clippy::indexing_slicing, missing_docs)]
#![cfg(unix)]

mod support;

use support::{Place, run};

/// Each `SECRET` is another credential, which the two sides have changed.
const MANIFESTS: &str = r#"
apiVersion: apps/v1
kind: Deployment
metadata: {name: a, namespace: x}
spec:
  template:
    spec:
      containers:
        - name: a
          args: ["--token", "SECRET", "--db-password", "SECRET", "--level", "info"]
          command: ["curl", "-H", "Authorization: Bearer SECRET", "--header=Authorization: Basic SECRET", "-u", "admin:SECRET"]
          env:
            - {name: DSN, value: "app:SECRET@tcp(db:3306)/app"}
            - {name: ODBC, value: "Driver={x};Server=db;UID=sa;PWD=SECRET;"}
            - {name: ADO, value: "Server=db;User Id=sa;Pwd=SECRET"}
            - {name: URL, value: "see https://me:SECRET@host/path for it"}
            - {name: GIT, value: "https://SECRET@github.com/org/repo.git"}
            - {name: HEADERS, value: "authorization=Bearer SECRET"}
            - {name: JDBC, value: "jdbc:oracle:thin:app/SECRET@db:1521/x"}
            - {name: PG, value: "host=db user=app password=SECRET dbname=x"}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: c, namespace: x}
data:
  .netrc: |
    machine github.com login me password SECRET
    machine gitlab.com
      login me
      password SECRET
  pgpass: |
    db:5432:app:app:SECRET
    *:*:*:postgres:SECRET
  .pgpass: "db:5432:*:app:SECRET"
  headers.conf: |
    proxy_set_header Authorization "Bearer SECRET";
    Authorization: Basic SECRET
  my.cnf: |
    [client]
    password=SECRET
  .npmrc: |
    //registry.npmjs.org/:_authToken=SECRET
  .git-credentials: |
    https://me:SECRET@github.com
  config.json: |
    {"auths": {"r.io": {"auth": "SECRET", "password": "SECRET"}}}
  readme: |
    the DSN is mysql://app:SECRET@db/app, or sqlserver://sa:SECRET@db
  run.sh: |
    app --api-key SECRET --port 80
---
apiVersion: v1
kind: "\u0053ecret"
metadata: {name: s, namespace: x}
data: {a: SECRET}
stringData: {b: SECRET}
---
apiVersion: v1
kind: "Sec\
  ret"
metadata: {name: t, namespace: x}
stringData: {b: SECRET}
"#;

/// What the credentials of a side are called.
const MARK: &str = "hunter";

fn side(name: &str) -> String {
    let mut parts = MANIFESTS.split("SECRET");
    let first = parts.next().unwrap().to_owned();
    parts.enumerate().fold(first, |text, (number, part)| format!("{text}{MARK}{name}{number:02}{part}"))
}

#[test]
fn credentials_of_foreign_manifests_are_in_no_format() {
    let place = Place::new("diff-secrets");
    place.put("old.yaml", side("a"));
    place.put("new.yaml", side("b"));
    place.put("none.yaml", "");
    for sides in ["old.yaml new.yaml", "old.yaml none.yaml", "none.yaml new.yaml"] {
        for format in ["human", "markdown", "json", "github"] {
            let found = run(&place.0, &format!("diff --manifests {sides} --format {format}"));
            assert_eq!((found.status, found.stderr.as_str()), (1, ""), "{sides}");
            let at = found.stdout.find(MARK).map(|at| &found.stdout[at.saturating_sub(80)..]);
            let at = at.map(|text| text.chars().take(160).collect::<String>());
            assert_eq!(at, None, "{sides}, {format}");
        }
    }
    let found = run(&place.0, "diff --manifests old.yaml new.yaml");
    for shown in
        ["args[1]  (secret) → (secret)", "app:•••@tcp(db:3306)/app", "\"Authorization: Bearer •••\"", "Secret x/s"]
    {
        assert!(found.stdout.contains(shown), "{shown}: {}", found.stdout);
    }
}

/// What documents share is read once. What of it is a credential in one of them is hidden there, whichever is read first.
#[test]
fn credentials_that_documents_share_are_in_no_format() {
    const WORKLOAD: &str = "
spec:
  template:
    spec:
      containers:
        - name: app
          args: []
          command:
            - --db-password
            - hunter1
          env:
            - name: API_TOKEN
              value: hunter1-x
";
    const DATA: &str = "
data:
  some-key-that-is-long-enough-to-be-shared: hunter1-x
  another-one-of-the-same-length-as-that: hunter1-x
";
    const ITEMS: &str = "
items:
  - metadata:
      name: one-that-is-long-enough-to-be-shared
      namespace: x
    data:
      a: hunter1-x
";
    let object = |kind: &str, name: &str, rest: &str| {
        format!("apiVersion: v1\nkind: {kind}\nmetadata:\n  name: {name}\n  namespace: x{rest}")
    };
    let list = |kind: &str, _: &str, items: &str| format!("apiVersion: v1\nkind: {kind}{items}");
    let later = |text: &str| text.replace("hunter1", "hunter2");
    // Two objects that change alike; or one that changes, and others that state openly what it was and what it is.
    let both = |kind: &str| ["a", "b"].map(|name| (object(kind, name, WORKLOAD), object(kind, name, &later(WORKLOAD))));
    let beside = |make: &dyn Fn(&str, &str, &str) -> String, kinds: [&str; 3], block: &str| {
        let stays = |kind: &str, name: &str, block: &str| {
            let text = make(kind, name, block);
            (format!("# old\n{text}"), format!("# new\n{text}"))
        };
        let [first, second, secret] = kinds;
        let changes = (make(secret, "s", block), make(secret, "s", &later(block)));
        vec![stays(first, "a", block), stays(second, "b", &later(block)), changes]
    };
    for documents in [
        both("ReplicaSet").to_vec(),
        both("Deployment").to_vec(),
        beside(&object, ["ConfigMap", "ConfigMap", "Secret"], DATA),
        beside(&list, ["ConfigMapList", "ThingList", "SecretList"], ITEMS),
    ] {
        let place = Place::new("diff-secrets-shared");
        for is_reversed in [false, true] {
            let (mut old, mut new): (Vec<String>, Vec<String>) = documents.iter().cloned().unzip();
            if is_reversed {
                old.reverse();
                new.reverse();
            }
            place.put("old.yaml", old.join("---\n"));
            place.put("new.yaml", new.join("---\n"));
            for format in ["human", "markdown", "json", "github"] {
                let found = run(&place.0, &format!("diff --manifests old.yaml new.yaml --format {format}"));
                assert_eq!((found.status, found.stderr.as_str()), (1, ""), "{format}");
                assert!(!found.stdout.contains(MARK), "{format}: {}", found.stdout);
                assert!(format == "github" || found.stdout.contains("(secret)"), "{format}: {}", found.stdout);
            }
        }
    }
}

/// A document that cannot be read is shown around the mistake, which is on the line of the credential.
#[test]
fn credentials_are_in_no_excerpt() {
    let place = Place::new("diff-secrets-excerpt");
    place.put("old.yaml", "");
    let head = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n";
    let secret = |kind: &str| format!("apiVersion: v1\nkind: {kind}\nmetadata: {{name: a}}\ndata: {{a: {MARK}}} x\n");
    let mut broken: Vec<String> = [
        "  b: [\"--token\", \"hunter2\" d]",
        "  c: \"Authorization: Bearer hunter2\" x",
        "  d: \"app:hunter2@tcp(db:3306)/app\" x",
        "  e: \"db:5432:*:app:hunter2\" x",
        "  f: \"https://hunter2@github.com\" x",
        "  g: 'machine x login me password hunter2' x",
    ]
    .iter()
    .map(|line| format!("{head}data:\n{line}\n"))
    .collect();
    broken.extend(["\"\\u0053ecret\"", "\"S\\x65cret\"", "\"Sec\\\n  ret\"", "&kind Secret"].map(secret));
    broken.push("{\"apiVersion\": \"v1\", \"kind\": \"\\u0053ecret\", \"data\": {\"a\": \"hunter2\",}}".to_owned());
    for text in broken {
        place.put("new.yaml", &text);
        let found = run(&place.0, "diff --manifests old.yaml new.yaml");
        assert_eq!(found.status, 2, "{text}");
        assert!(found.stderr.contains("new.yaml") && !found.stderr.contains(MARK), "{text}\n{}", found.stderr);
    }
}
