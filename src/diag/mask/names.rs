//! Which keys name a credential.

/// Last words that name a credential; also as the end of a word written in one (`PGPASSWORD`, `authtoken`).
const ENDINGS: [&str; 7] = ["password", "passwd", "passphrase", "passcode", "secret", "token", "apikey"];

/// Last words that name a credential only as whole words.
const WHOLE: [&str; 11] = [
    "pwd",
    "credential",
    "cred",
    "secretkey",
    "privatekey",
    "accesskey",
    "signingkey",
    "encryptionkey",
    "passkey",
    "requirepass",
    "masterauth",
];

/// What in front of `key` makes it a credential.
const KEYS: [&str; 18] = [
    "api",
    "access",
    "secret",
    "private",
    "encryption",
    "decryption",
    "signing",
    "master",
    "account",
    "auth",
    "ssh",
    "tls",
    "shared",
    "hmac",
    "jwt",
    "license",
    "storage",
    "deploy",
];

/// Words behind a credential that say how it is written, not that it is something else.
const FORMS: [&str; 5] = ["base64", "b64", "pem", "hex", "value"];

/// What in front of `secret` makes it the name of a Kubernetes object.
const OBJECTS: [&str; 3] = ["pull", "existing", "sealed"];

/// What in front of `tokens` makes it a number.
const COUNTS: [&str; 9] = ["max", "min", "num", "total", "limit", "prompt", "input", "output", "per"];

/// nginx directives: `proxy_pass` and its kin.
const PASSING: [&str; 6] = ["proxy", "fastcgi", "uwsgi", "scgi", "grpc", "memcached"];

/// What in front of `secret` leaves no doubt that the value is one, and not the name of a Kubernetes object.
const OWNERS: [&str; 11] =
    ["client", "app", "shared", "oauth", "oauth2", "cookie", "jwt", "webhook", "api", "consumer", "session"];

/// Whether a key names a credential: `DB_PASSWORD`, `dbPassword`, `spring.datasource.password`, `SECRET_ACCESS_KEY`.
/// The last words decide, so that `TOKEN_TTL`, `PASSWORD_FILE` and `SECRET_NAME` are none.
pub fn is_credential_name(key: &str) -> bool {
    // The working directory of every shell.
    if key == "PWD" || !may_name_one(key) {
        return false;
    }
    let words = words(key);
    let Some((last, before)) = last_words(&words) else { return false };
    let one = singular(last);
    match one {
        "key" => KEYS.contains(&before),
        "string" | "str" => matches!(before, "connection" | "conn"),
        "connectionstring" => true,
        "pass" => !before.is_empty() && !PASSING.contains(&before),
        "secret" => !OBJECTS.contains(&before),
        "token" => last == "token" || !COUNTS.contains(&before),
        _ => WHOLE.contains(&one) || ENDINGS.iter().any(|ending| one.ends_with(ending)),
    }
}

/// Whether a key has a part of any word that names a credential: a first look, before it is cut into words. Most keys end
/// here.
fn may_name_one(key: &str) -> bool {
    let bytes = key.as_bytes();
    let begins = |at: usize, word: &str| {
        bytes.get(at..at + word.len()).is_some_and(|part| part.eq_ignore_ascii_case(word.as_bytes()))
    };
    // Beyond ASCII there are letters whose small ones are ASCII.
    !key.is_ascii()
        || bytes.iter().enumerate().any(|(at, byte)| match byte.to_ascii_lowercase() {
            b'a' => begins(at, "auth"),
            b'c' => begins(at, "cred"),
            b'k' => begins(at, "key"),
            b'p' => begins(at, "pass") || begins(at, "pwd"),
            b's' => begins(at, "secret") || begins(at, "str"),
            b't' => begins(at, "token"),
            _ => false,
        })
}

/// Whether a key names a credential and cannot well be the name of an object that holds one: `--tls-secret=web` is an
/// everyday argument, `--client-secret=…` is a leak.
pub(super) fn is_plain_credential_name(key: &str) -> bool {
    let words = words(key);
    is_credential_name(key)
        && last_words(&words).is_some_and(|(last, before)| match singular(last) {
            "secret" => OWNERS.contains(&before),
            "credential" | "cred" => false,
            _ => true,
        })
}

/// Whether a key names a connection string, which need not hold a password.
pub(super) fn is_connection_string(key: &str) -> bool {
    let words = words(key);
    is_credential_name(key)
        && last_words(&words).is_some_and(|(last, _)| matches!(singular(last), "string" | "str" | "connectionstring"))
}

/// Whether a value merely repeats the last words of its key: `DATABASE_PASSWORD = "password"` picks from a contract.
pub(super) fn repeats(key: &str, value: &str) -> bool {
    let (key, value_words) = (words(key), words(value));
    !value_words.is_empty() && value.bytes().all(|b| b.is_ascii_lowercase() || b == b'-') && key.ends_with(&value_words)
}

/// The word that decides and the one in front of it, without numbers and forms behind them.
fn last_words(words: &[String]) -> Option<(&str, &str)> {
    let mut words = words;
    while let Some((last, rest)) = words.split_last() {
        if !FORMS.contains(&last.as_str()) {
            return Some((last, rest.last().map_or("", String::as_str)));
        }
        words = rest;
    }
    None
}

/// `passwords` → `password`; `pass` stays.
fn singular(word: &str) -> &str {
    match word.strip_suffix('s') {
        Some(one) if !one.ends_with('s') => one,
        _ => word,
    }
}

/// Splits at everything that is no letter or digit and at the humps of camel case, in lower case. Digits at a word's
/// end are dropped (`password2`), except in the words that have them.
fn words(key: &str) -> Vec<String> {
    let chars: Vec<char> = key.chars().collect();
    let mut words = Vec::new();
    let mut word = String::new();
    for (i, &c) in chars.iter().enumerate() {
        if !c.is_alphanumeric() {
            words.push(std::mem::take(&mut word));
            continue;
        }
        let before = i.checked_sub(1).and_then(|i| chars.get(i)).copied().unwrap_or(' ');
        let after = chars.get(i + 1).copied().unwrap_or(' ');
        // `dbPassword`, `s3Key`, and the last capital of `APIKey`.
        let hump = c.is_uppercase()
            && (before.is_lowercase() || before.is_numeric() || (before.is_uppercase() && after.is_lowercase()));
        if hump {
            words.push(std::mem::take(&mut word));
        }
        word.extend(c.to_lowercase());
    }
    words.push(word);
    for word in &mut words {
        if !matches!(word.as_str(), "base64" | "b64" | "oauth2") {
            word.truncate(word.trim_end_matches(|c: char| c.is_ascii_digit()).len());
        }
    }
    words.retain(|w| !w.is_empty());
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_words_name_a_credential() {
        for key in [
            "password",
            "DB_PASSWORD",
            "db-password",
            "dbPassword",
            "DbPassword",
            "spring.datasource.password",
            "DB_PASSWORD_2",
            "password2",
            "passwords",
            "PGPASSWORD",
            "rootpassword",
            "passwd",
            "pwd",
            "DB_PWD",
            "ssh-key-passphrase",
            "DB_PASS",
            "AWS_SECRET_ACCESS_KEY",
            "access-key",
            "MINIO_SECRET_KEY",
            "apiKey",
            "APIKey",
            "API_KEYS",
            "googleApiKey",
            "apikey",
            "client_secret",
            "clientSecret",
            "secrets",
            "PRIVATE_KEY",
            "private-key-pem",
            "tls.key",
            "encryption-key",
            "signingKey",
            "token",
            "GITHUB_TOKEN",
            "tokens",
            "authtoken",
            "TOKEN_BASE64",
            "credentials",
            "credential",
            "connection-string",
            "ConnectionStrings",
            "connectionString",
            "requirepass",
            "S3SecretKey",
            "env.\"DB_PASSWORD\"",
        ] {
            assert!(is_credential_name(key), "{key}");
        }
    }

    #[test]
    fn the_first_look_passes_over_no_word() {
        let others = ["string", "str", "connectionstring", "pass", "secret", "token", "key"];
        for word in ENDINGS.iter().chain(&WHOLE).chain(&others) {
            assert!(may_name_one(word) && may_name_one(&word.to_uppercase()), "{word}");
        }
        assert!(may_name_one("API_\u{212a}EY") && !may_name_one("app.kubernetes.io/managed-by"));
    }

    #[test]
    fn words_in_front_do_not_decide() {
        for key in [
            "",
            "-",
            "2",
            "TOKEN_TTL",
            "PASSWORD_MIN_LENGTH",
            "SECRET_NAME",
            "PASSWORD_FILE",
            "secret-path",
            "AWS_ACCESS_KEY_ID",
            "accessKeyId",
            "public-key",
            "key",
            "keys",
            "partition-key",
            "PWD",
            "pass",
            "bypass",
            "compass",
            "proxy_pass",
            "max-tokens",
            "MAX_TOKENS",
            "imagePullSecrets",
            "existingSecret",
            "secretKeyRef",
            "string",
            "username",
            "passwordless",
            "tokenizer",
            "value",
        ] {
            assert!(!is_credential_name(key), "{key}");
        }
    }

    #[test]
    fn the_name_of_an_object_is_no_plain_credential() {
        assert!(is_plain_credential_name("client-secret"));
        assert!(is_plain_credential_name("password"));
        assert!(!is_plain_credential_name("tls-secret"));
        assert!(!is_plain_credential_name("credentials"));
    }

    #[test]
    fn a_value_may_repeat_its_key() {
        assert!(repeats("DATABASE_PASSWORD", "password"));
        assert!(repeats("MINIO_SECRET_KEY", "secret-key"));
        assert!(!repeats("DATABASE_PASSWORD", "Password"));
        assert!(!repeats("DATABASE_PASSWORD", "super-password"));
        assert!(!repeats("PASSWORD", "hunter"));
        assert!(!repeats("PASSWORD", ""));
    }
}
