use super::*;

/// Tokens are put together here, so that no scanner of repositories takes the tests for a leak.
fn fake(prefix: &str, len: usize) -> String {
    format!("{prefix}{}", "aB3dE5gH7j".repeat(8).get(..len).unwrap_or_default())
}

fn upper(prefix: &str, len: usize) -> String {
    format!("{prefix}{}", "AB3DE5GH7J".repeat(8).get(..len).unwrap_or_default())
}

fn pem(kind: &str) -> String {
    format!("-----BEGIN {kind}PRIVATE KEY-----\nMIIEow\n-----END {kind}PRIVATE KEY-----\n")
}

/// The text as an excerpt of it would be shown.
fn shown(masks: &Masks, text: &str) -> String {
    let hidden = masks.hidden(FileId(0), text);
    let inside = |i: usize| hidden.iter().any(|r| r.contains(&i));
    text.char_indices().map(|(i, c)| if inside(i) && c != '\n' { '•' } else { c }).collect()
}

fn span(text: &str, part: &str) -> Span {
    let start = u32::try_from(text.find(part).unwrap()).unwrap();
    Span { file: FileId(0), start, end: start + u32::try_from(part.len()).unwrap() }
}

#[test]
fn values_that_look_like_credentials() {
    let jwt = format!("{}.{}.{}", fake("eyJ", 20), fake("eyJ", 30), fake("", 40));
    for (value, kind) in [
        (pem(""), "a PEM private key"),
        (pem("RSA "), "a PEM private key"),
        (pem("OPENSSH ").replace('\n', "\\n"), "a PEM private key"),
        (upper("AKIA", 16), "an AWS access key id"),
        (upper("ASIA", 16), "an AWS access key id"),
        (fake("ghp_", 36), "a GitHub token"),
        (fake("github_pat_", 60), "a GitHub token"),
        (fake("glpat-", 20), "a GitLab token"),
        (fake("xoxb-", 30), "a Slack token"),
        (fake("AIza", 35), "a Google API key"),
        (fake("sk_live_", 24), "a Stripe key"),
        (format!("Bearer {jwt}"), "a JSON web token"),
        (fake("$2b$12$", 53), "a bcrypt password hash"),
        (format!("admin:{}", fake("$2y$10$", 53)), "a bcrypt password hash"),
        ("postgresql://app:hunter2@db:5432/app".into(), "a URL with a password"),
        ("jdbc:postgresql://app:p@ss@db/app".into(), "a URL with a password"),
        ("amqp://app:pa/ss#1@mq".into(), "a URL with a password"),
        ("redis://:hunter2@cache".into(), "a URL with a password"),
        ("http://$(USER):hunter2@db".into(), "a URL with a password"),
        ("Server=db;User Id=sa;Password=hunter2;".into(), "an argument or connection string with a credential"),
        ("--client-secret=hunter2".into(), "an argument or connection string with a credential"),
        ("jdbc:mysql://db/app?user=a&password=b2".into(), "an argument or connection string with a credential"),
    ] {
        assert_eq!(credential_in_value(&value), Some(kind), "{value}");
    }
}

#[test]
fn values_that_do_not() {
    for value in [
        String::new(),
        "hunter2".into(),
        "-----BEGIN CERTIFICATE-----\nMIIEow\n-----END CERTIFICATE-----".into(),
        "-----BEGIN PUBLIC KEY-----".into(),
        upper("AKIA", 15),
        upper("AKIA", 17),
        upper("XAKIA", 16),
        "ghp_short".into(),
        "eyJhbGciOi.two".into(),
        "$2b$12$short".into(),
        "https://example.com/a:b@c".into(),
        "https://example.com:8443/@scope/package".into(),
        "ssh://git@example.com:22/repo".into(),
        "postgresql://app@db:5432/app".into(),
        "postgresql://$(USER):$(PASSWORD)@$(HOST):5432/app".into(),
        "postgresql://${USER}:${PASSWORD}@db/app".into(),
        "postgresql://app:{{ .password }}@db/app".into(),
        "postgresql://{username}:{password}@{host}:{port}/app".into(),
        "postgresql://app:<password>@db/app".into(),
        "postgresql://app:****@db/app".into(),
        "--password=$(PASSWORD)".into(),
        "--tls-secret=web".into(),
        "--token-ttl=30s".into(),
        "--tls-key=/etc/tls/tls.key --token".into(),
        "--max-tokens=4096".into(),
        "PGPASSWORD=\"$1\" psql".into(),
        "rate(token=~\"x\")".into(),
    ] {
        assert_eq!(credential_in_value(&value), None, "{value}");
    }
}

#[test]
fn literal_credentials_and_references() {
    let named = Some("its name says that it is a credential".to_owned());
    assert_eq!(is_literal_credential("DB_PASSWORD", "hunter2"), named);
    assert_eq!(is_literal_credential("DB_PASSWORD", "password"), named);
    assert_eq!(is_literal_credential("DB_PASSWORD", "a$b"), named);
    assert_eq!(is_literal_credential("DB_PASSWORD", "/hunter2"), named);
    assert_eq!(
        is_literal_credential("MOTD", &fake("ghp_", 36)),
        Some("its value looks like a GitHub token".to_owned())
    );
    assert_eq!(
        is_literal_credential("DB_CONNECTION_STRING", "Server=db;Password=hunter2"),
        Some("its value looks like an argument or connection string with a credential".to_owned())
    );
    for (key, value) in [
        ("DB_USER", "hunter2"),
        ("DB_PASSWORD", ""),
        ("DB_PASSWORD", "  "),
        ("DB_PASSWORD", "$(DB_PASSWORD)"),
        ("DB_PASSWORD", "${DB_PASSWORD}"),
        ("DB_PASSWORD", "$DB_PASSWORD"),
        ("DB_PASSWORD", "{{ .Values.password }}"),
        ("DB_PASSWORD", "{password}"),
        ("DB_PASSWORD", "<password>"),
        ("DB_PASSWORD", "********"),
        ("DB_PASSWORD", "ENC[AES256_GCM,data:abc]"),
        ("ALLOW_EMPTY_PASSWORD", "yes"),
        ("automount-service-account-token", "false"),
        ("DB_CONNECTION_STRING", "postgresql://db:5432/app"),
        ("TOKEN_TTL", "30s"),
        ("TLS_KEY", "/etc/tls/tls.key"),
        ("DB_PASSWORD", "file:///run/secrets/db"),
    ] {
        assert_eq!(is_literal_credential(key, value), None, "{key} = {value}");
    }
}

#[test]
fn messages_lose_known_secrets() {
    let mut masks = Masks::default();
    masks.add("hunter2");
    masks.add(" päss wörd\n");
    masks.add("abcd-1");
    masks.add("d-1efg");
    assert_eq!(masks.apply("`hunter2` is no number"), "`•••` is no number");
    assert_eq!(masks.apply("hunter2hunter2, xhunter2y"), "•••, x•••y");
    assert_eq!(masks.apply("the päss wörd!"), "the •••!");
    assert_eq!(masks.apply("overlapping abcd-1efg"), "overlapping •••");
    assert_eq!(masks.apply("nothing"), "nothing");
    assert_eq!(masks.apply(""), "");
}

#[test]
fn messages_lose_what_looks_like_a_secret() {
    let masks = Masks::default();
    let token = fake("ghp_", 36);
    assert_eq!(masks.apply(&format!("unknown key `{token}`")), "unknown key `•••`");
    assert_eq!(masks.apply("cannot reach redis://:pw@cache/0"), "cannot reach redis://:•••@cache/0");
}

#[test]
fn short_secrets_and_plain_words_do_not_shred_messages() {
    let mut masks = Masks::default();
    masks.add("");
    masks.add("a");
    masks.add("abc");
    masks.add("postgres");
    assert_eq!(masks.apply("a banana, abc"), "a banana, abc");
    assert_eq!(
        masks.apply("`postgres` is the password of postgresql and of `postgres-exporter`"),
        "`•••` is the password of postgresql and of `postgres-exporter`"
    );
}

#[test]
fn secrets_of_several_lines_are_hidden_line_by_line() {
    let mut masks = Masks::default();
    masks.add("first line\nsecond line\nx\n");
    assert_eq!(masks.apply("`first line`, `second line`, x"), "`•••`, `•••`, x");
}

#[test]
fn debug_output_has_no_secrets() {
    let mut masks = Masks::default();
    masks.add("hunter2");
    assert_eq!(format!("{masks:?}"), "Masks { literals: 1, hidden: 0, .. }");
}

#[test]
fn excerpts_lose_values_beside_credential_names() {
    let text = r#"
DB_PASSWORD = "hunter2"                 # TOML
db-password='it''s'
"api key" = "x\"y"  # z
env = { DB_PASSWORD = "pässwort", LOG = "info", token = 12 }
env.DB_PASSWORD = "x"
tokens = ["a1", "b2"]
secrets = [
  "c3",
  "d4",
]
replicas = "3"
password = hunter2 and more # not TOML
password = "unclosed
  password: hunter2
  {"password":"hunter2","user":"me"}
  - name: DB_PASSWORD
    value: hunter2
  - name: LOG
    value: info
{ name = "DB_PASSWORD", value = "hunter2" }
# password = "commented out"
args = ["--password=hunter2", "--token", "-v"]
url = "postgresql://me:hunter2@db/app"
"#;
    let expected = r#"
DB_PASSWORD = "•••••••"                 # TOML
db-password='•••••'
"api key" = "••••"  # z
env = { DB_PASSWORD = "••••••••", LOG = "info", token = •• }
env.DB_PASSWORD = "•"
tokens = ["••", "••"]
secrets = [
  "••",
  "••",
]
replicas = "3"
password = •••••••••••••••• # not TOML
password = "••••••••
  password: •••••••
  {"password":"•••••••","user":"me"}
  - name: DB_PASSWORD
    value: •••••••
  - name: LOG
    value: info
{ name = "DB_PASSWORD", value = "•••••••" }
# password = "•••••••••••••"
args = ["--password=•••••••", "--token", "-v"]
url = "postgresql://me:•••••••@db/app"
"#;
    assert_eq!(shown(&Masks::default(), text), expected);
}

/// Each line as it is, and as it is shown.
#[test]
fn credentials_are_hidden_in_the_forms_of_tools() {
    for (text, expected) in [
        ("Authorization: Bearer hunter2", "Authorization: Bearer •••••••"),
        ("Authorization: hunter2-hunter2-1", "Authorization: •••••••••••••••••"),
        ("curl -H \"Authorization: Basic aHVudGVyMg==\" x", "curl -H \"Authorization: Basic ••••••••••••\" x"),
        ("proxy_set_header Authorization \"Bearer hunter2\";", "proxy_set_header Authorization \"Bearer •••••••\";"),
        ("authorization=Bearer hunter2", "authorization=Bearer •••••••"),
        ("[\"--token\", \"hunter2\", \"-v\"]", "[\"--token\", \"•••••••\", \"-v\"]"),
        ("- --db-password\n- hunter2\n- -v", "- --db-password\n- •••••••\n- -v"),
        ("app --api-key hunter2 --port 80", "app --api-key ••••••• --port 80"),
        ("curl -u me:hunter2 https://x", "curl -u me:••••••• https://x"),
        ("machine x login me password hunter2", "machine x login me password •••••••"),
        ("machine x\n  login me\n  password hunter2", "machine x\n  login me\n  password •••••••"),
        ("db:5432:app:me:hunter2", "db:5432:app:me:•••••••"),
        ("*:*:*:me:hun\\:ter2", "*:*:*:me:•••••••••"),
        ("  .pgpass: \"db:5432:*:me:hunter2", "  .pgpass: \"db:5432:*:me:•••••••"),
        ("me:hunter2@tcp(db:3306)/app", "me:•••••••@tcp(db:3306)/app"),
        ("me:hunter2@db:5432", "me:•••••••@db:5432"),
        ("jdbc:oracle:thin:me/hunter2@db:1521/x", "jdbc:oracle:thin:me/•••••••@db:1521/x"),
        ("see https://hunter2@git.example/x for it", "see https://•••••••@git.example/x for it"),
        ("Driver={x};UID=sa;PWD=hunter2;", "Driver={x};UID=sa;PWD=•••••••;"),
        ("PWD=hunter2;UID=sa", "PWD=•••••••;UID=sa"),
        (
            "{\"auths\": {\"r.io\": {\"auth\": \"aHVudGVyMg==\"}}}",
            "{\"auths\": {\"r.io\": {\"auth\": \"••••••••••••\"}}}",
        ),
    ] {
        assert_eq!(shown(&Masks::default(), text), expected);
    }
    for text in [
        "authorization: enabled",
        "apiVersion: rbac.authorization.k8s.io/v1",
        "--authorization-mode=Node,RBAC",
        "Authorization: Bearer $(TOKEN)",
        "Authorization: Bearer ${TOKEN}",
        "--token $TOKEN --password \"$1\" --token-ttl 30s --password-file /run/x",
        "- --token\n  env: []",
        "docker run --user 1000:1000 x",
        "machine: x\npassword policy",
        "image: shop/app:1.0@sha256:0123",
        "git@github.com:org/repo.git",
        "postgresql://me@db/app",
        "https://example.com/@scope/x",
        "mail me@example.com",
        "aa:11:bb:cc:dd:ee",
        "fd00:10:244:1::/64",
        "0.0.0.0:80:8080",
        "cd \"$PWD\" && PWD=/tmp x",
    ] {
        assert_eq!(shown(&Masks::default(), text), text);
    }
}

#[test]
fn excerpts_keep_what_is_no_secret() {
    let text = r#"
TOKEN_TTL = "30s"
DATABASE_PASSWORD = "password"
MINIO_SECRET_KEY = "secret-key"
password = { secret = "password" }
password = "$(DB_PASSWORD)"
automount-service-account-token = true
connection-string = "postgresql://db/app"
[secrets]
store = "aws-secrets-manager"
name = "LOG"
don't = "say \"password\" = 'x'"
"#;
    assert_eq!(shown(&Masks::default(), text), text.replace("{ secret = \"password\" }", "{ secret = \"••••••••\" }"));
}

#[test]
fn excerpts_lose_multi_line_strings() {
    let text = format!(
        r#"
password = """
one
two""" # three
tls = '''
{}'''
config = """
level: info
password: hunter2
other: |
  text
secret: |
  hunter2

  more
level: info
"""
replicas = 3
"#,
        pem("")
    );
    let expected = r#"
password = """
•••
•••""" # three
tls = '''
•••••••••••••••••••••••••••
••••••
•••••••••••••••••••••••••
'''
config = """
level: info
password: •••••••
other: |
  text
secret: |
  •••••••

  ••••
level: info
"""
replicas = 3
"#;
    assert_eq!(shown(&Masks::default(), &text), expected);
}

#[test]
fn excerpts_lose_places_and_known_secrets() {
    let text = "pin = \"12\"\nlist = [\"ab\", \"cd\"]\nmotd = \"it is hunter2\"\n";
    let mut masks = Masks::default();
    masks.add_span(span(text, "\"12\""));
    masks.add_span(span(text, "ab"));
    masks.add("hunter2");
    assert_eq!(shown(&masks, text), "pin = \"••\"\nlist = [\"••\", \"cd\"]\nmotd = \"it is •••••••\"\n");
    // Another file's spans, and spans that are none.
    masks.add_span(Span { file: FileId(1), start: 0, end: 5 });
    masks.add_span(Span { file: FileId(0), start: 900, end: 7 });
    assert_eq!(shown(&masks, text), "pin = \"••\"\nlist = [\"••\", \"cd\"]\nmotd = \"it is •••••••\"\n");
}

#[test]
fn references_may_be_shown() {
    let text = "secret = \"postgres-app\"\npassword = \"hunter2\"\n";
    let mut masks = Masks::default();
    masks.add_visible(span(text, "\"postgres-app\""));
    masks.add_visible(span(text, "\"hunter2\""));
    masks.add_span(span(text, "\"hunter2\""));
    assert_eq!(shown(&masks, text), "secret = \"postgres-app\"\npassword = \"•••••••\"\n");
}

#[test]
fn no_text_upsets_the_scanner() {
    let pieces =
        ["password", "=", ":", "\"", "'", "\"\"\"", "'''", "[", "]", "{", "}", "\n", "\r\n", " ", "ä", "|", "#"];
    let mut state = 1_usize;
    for _ in 0..3000 {
        let mut text = String::new();
        for _ in 0..12 {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            text.push_str(pieces[(state >> 33) % pieces.len()]);
        }
        let hidden = Masks::default().hidden(FileId(0), &text);
        assert!(hidden.iter().all(|r| text.get(r.clone()).is_some()), "{text:?}: {hidden:?}");
        assert!(hidden.windows(2).all(|w| w[0].end < w[1].start), "{text:?}: {hidden:?}");
    }
}
