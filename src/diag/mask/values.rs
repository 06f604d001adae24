//! Which values are credentials, whatever their key says, and where in a text they stand.
//!
//! Every finder reads its text once from front to back.

use super::names::is_plain_credential_name;
use std::ops::Range;

/// Tokens that say themselves what they are: a prefix and at least `min` more bytes of an alphabet.
struct Shape {
    prefix: &'static str,
    min: usize,
    /// No more than `min` either.
    exact: bool,
    alphabet: fn(u8) -> bool,
    kind: &'static str,
}

const fn shape(prefix: &'static str, min: usize, alphabet: fn(u8) -> bool, kind: &'static str) -> Shape {
    Shape { prefix, min, exact: false, alphabet, kind }
}

const SHAPES: [Shape; 24] = [
    Shape { exact: true, ..shape("AKIA", 16, upper, "an AWS access key id") },
    Shape { exact: true, ..shape("ASIA", 16, upper, "an AWS access key id") },
    shape("ghp_", 20, alphanumeric, "a GitHub token"),
    shape("gho_", 20, alphanumeric, "a GitHub token"),
    shape("ghu_", 20, alphanumeric, "a GitHub token"),
    shape("ghs_", 20, alphanumeric, "a GitHub token"),
    shape("ghr_", 20, alphanumeric, "a GitHub token"),
    shape("github_pat_", 20, wordy, "a GitHub token"),
    shape("glpat-", 20, wordy, "a GitLab token"),
    shape("gldt-", 20, wordy, "a GitLab token"),
    shape("glrt-", 20, wordy, "a GitLab token"),
    shape("xoxa-", 10, wordy, "a Slack token"),
    shape("xoxb-", 10, wordy, "a Slack token"),
    shape("xoxe-", 10, wordy, "a Slack token"),
    shape("xoxp-", 10, wordy, "a Slack token"),
    shape("xoxr-", 10, wordy, "a Slack token"),
    shape("xoxs-", 10, wordy, "a Slack token"),
    shape("AIza", 35, wordy, "a Google API key"),
    shape("sk_live_", 16, alphanumeric, "a Stripe key"),
    shape("rk_live_", 16, alphanumeric, "a Stripe key"),
    shape("npm_", 36, alphanumeric, "an npm token"),
    shape("hvs.", 24, wordy, "a Vault token"),
    shape("dckr_pat_", 20, wordy, "a Docker Hub token"),
    shape("AGE-SECRET-KEY-1", 40, upper, "an age key"),
];

/// Bytes with which a token begins: `e` and `$` are those of web tokens and of hashes.
static FIRST: [bool; 256] = first();

#[allow(clippy::indexing_slicing)] // at compile time
const fn first() -> [bool; 256] {
    let mut table = [false; 256];
    table[b'e' as usize] = true;
    table[b'$' as usize] = true;
    let mut at = 0;
    while at < SHAPES.len() {
        table[SHAPES[at].prefix.as_bytes()[0] as usize] = true;
        at += 1;
    }
    table
}

fn upper(b: u8) -> bool {
    b.is_ascii_uppercase() || b.is_ascii_digit()
}

fn alphanumeric(b: u8) -> bool {
    b.is_ascii_alphanumeric()
}

/// base64url's alphabet, and what most tokens are made of.
fn wordy(b: u8) -> bool {
    b.is_ascii_alphanumeric() || b == b'_' || b == b'-'
}

/// What kind of credential a value holds, whatever its key says: a noun phrase such as "a PEM private key".
pub fn credential_in_value(value: &str) -> Option<&'static str> {
    if !private_keys(value).is_empty() {
        return Some("a PEM private key");
    }
    if let Some((_, kind)) = tokens(value).first() {
        return Some(kind);
    }
    if !url_passwords(value).is_empty() {
        return Some("a URL with a password");
    }
    (!pairs(value).is_empty()).then_some("an argument or connection string with a credential")
}

/// What is a credential beyond doubt wherever it stands: keys, tokens, passwords of URLs.
pub(super) fn unmistakable(text: &str) -> Vec<Range<usize>> {
    let mut found = private_keys(text);
    found.extend(tokens(text).into_iter().map(|(range, _)| range));
    found.extend(url_passwords(text));
    found
}

/// Whether a value is written out: not empty, not a switch, not a placeholder, and not filled in from elsewhere.
pub(super) fn is_literal(value: &str) -> bool {
    let value = value.trim();
    let switch = ["true", "false", "yes", "no", "on", "off", "null", "none", "~"];
    let elsewhere = ["ENC[", "vault:", "ref+", "op://", "arn:aws:secretsmanager:"];
    let placeholder = (value.starts_with('<') && value.ends_with('>'))
        || value.chars().all(|c| matches!(c, '*' | '•' | '…' | '.'))
        || switch.iter().any(|word| value.eq_ignore_ascii_case(word))
        || elsewhere.iter().any(|prefix| value.starts_with(prefix));
    !placeholder && !refers(value)
}

/// Whether a value is the path of a file, which is where a credential should be. Base64 may look like one, but hardly
/// with two slashes and no other sign.
pub(super) fn is_path(value: &str) -> bool {
    let inside = |path: &str| path.contains('/') && path.bytes().all(|b| wordy(b) || b == b'.' || b == b'/');
    value.strip_prefix("file:").unwrap_or(value).strip_prefix('/').is_some_and(inside)
}

/// Whether a value takes something from elsewhere: `$(VAR)`, `${VAR}`, `{{ … }}`, `{name}`; `$VAR` as a whole.
fn refers(value: &str) -> bool {
    let within = |open: &str, close: &str| {
        value.find(open).is_some_and(|at| value.get(at + open.len()..).is_some_and(|rest| rest.contains(close)))
    };
    let named = |name: &str| !name.is_empty() && name.bytes().all(|b| wordy(b) || b == b'.');
    let braced = || {
        let mut parts = value.split('{').skip(1);
        parts.any(|part| part.split_once('}').is_some_and(|(name, _)| named(name)))
    };
    within("$(", ")")
        || within("${", "}")
        || within("{{", "}}")
        || braced()
        || value.strip_prefix('$').is_some_and(|name| name.bytes().all(|b| upper(b) || b == b'_'))
}

/// PEM blocks of private keys, to the end of the text where the block has none.
fn private_keys(text: &str) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let mut from = 0;
    while let Some(at) = find(text, from, "-----BEGIN ") {
        from = at + "-----BEGIN ".len();
        let Some(dashes) = find(text, from, "-----") else { break };
        let title = text.get(from..dashes).unwrap_or("");
        if title.len() > 60 || !(title.ends_with("PRIVATE KEY") || title.ends_with("PRIVATE KEY BLOCK")) {
            continue;
        }
        let end = find(text, dashes + 5, "-----END ")
            .and_then(|end| find(text, end + "-----END ".len(), "-----"))
            .map_or(text.len(), |end| end + 5);
        found.push(at..end);
        from = end;
    }
    found
}

/// Tokens of known shapes, JSON web tokens and bcrypt hashes.
fn tokens(text: &str) -> Vec<(Range<usize>, &'static str)> {
    let bytes = text.as_bytes();
    let mut found = Vec::new();
    let mut next_previous = b' ';
    let mut end = 0;
    for (at, &b) in bytes.iter().enumerate() {
        let previous = std::mem::replace(&mut next_previous, b);
        let starts = !(previous.is_ascii_alphanumeric() || previous == b'_');
        if !starts || at < end || FIRST.get(usize::from(b)) != Some(&true) {
            continue;
        }
        let rest = bytes.get(at..).unwrap_or_default();
        let hit = match b {
            // Not behind a hyphen, which a part may hold itself: each byte is looked at by one token only.
            b'e' if previous != b'-' => web_token(rest).map(|len| (len, "a JSON web token")),
            b'$' => bcrypt(rest).map(|len| (len, "a bcrypt password hash")),
            _ => None,
        };
        if let Some((len, kind)) = hit.or_else(|| shaped(rest)) {
            end = at + len;
            found.push((at..end, kind));
        }
    }
    found
}

fn shaped(rest: &[u8]) -> Option<(usize, &'static str)> {
    // Nearly every word of a text ends here, before its bytes are compared.
    let mut shapes = SHAPES.iter().filter(|shape| shape.prefix.as_bytes().first() == rest.first());
    shapes.find_map(|shape| {
        let more = run(rest.strip_prefix(shape.prefix.as_bytes())?, shape.alphabet);
        let fits = if shape.exact { more == shape.min } else { more >= shape.min };
        fits.then_some((shape.prefix.len() + more, shape.kind))
    })
}

/// Three parts of base64url, the first an encoded `{"`.
fn web_token(rest: &[u8]) -> Option<usize> {
    let mut len = 0;
    if !rest.starts_with(b"eyJ") {
        return None;
    }
    for part in 0..3 {
        if part > 0 {
            len += usize::from(rest.get(len) == Some(&b'.'));
        }
        let more = run(rest.get(len..)?, wordy);
        if more < 10 || (part > 0 && rest.get(len - 1) != Some(&b'.')) {
            return None;
        }
        len += more;
    }
    Some(len)
}

/// `$2b$12$` and 53 more characters.
fn bcrypt(rest: &[u8]) -> Option<usize> {
    let [b'$', b'2', variant, b'$', tens, ones, b'$', hash @ ..] = rest else { return None };
    let head = matches!(variant, b'a' | b'b' | b'x' | b'y') && tens.is_ascii_digit() && ones.is_ascii_digit();
    let alphabet = |b: u8| b.is_ascii_alphanumeric() || b == b'.' || b == b'/';
    (head && run(hash, alphabet) >= 53).then_some(60)
}

/// The passwords of `scheme://user:password@host`.
fn url_passwords(text: &str) -> Vec<Range<usize>> {
    let bytes = text.as_bytes();
    let mut found = Vec::new();
    let mut from = 0;
    while let Some(colon) = find(text, from, "://") {
        let start = colon + 3;
        from = start;
        if !colon.checked_sub(1).and_then(|i| bytes.get(i)).is_some_and(u8::is_ascii_alphanumeric) {
            continue;
        }
        let end = start + authority(bytes.get(start..).unwrap_or_default());
        from = end;
        let Some(user) = text.get(start..end).and_then(|a| a.rfind('@')).and_then(|at| text.get(start..start + at))
        else {
            continue;
        };
        if let Some((name, password)) = user.split_once(':')
            && is_literal(password)
        {
            let at = start + name.len() + 1;
            found.push(at..at + password.len());
        }
    }
    found
}

/// Length of a URL's part between `://` and the path. References in brackets belong to it with all that they hold; a
/// slash ends it only where what stands in front can be a host with a port, for many a password is written unescaped.
fn authority(rest: &[u8]) -> usize {
    let mut depth = 0_usize;
    let mut colon = false;
    let mut host = true;
    for (i, &b) in rest.iter().enumerate() {
        match b {
            b'\n' => return i,
            b'{' | b'(' | b'<' => depth += 1,
            b'}' | b')' | b'>' => depth = depth.saturating_sub(1),
            b'"' | b'\'' | b'`' | b'\\' | b' ' | b'\t' | b'\r' if depth == 0 => return i,
            b'/' | b'?' | b'#' if depth == 0 && host => return i,
            // Everything behind it is a host.
            b'@' => (colon, host) = (false, true),
            b':' => (colon, host) = (true, true),
            _ => host &= !colon || b.is_ascii_digit(),
        }
    }
    rest.len()
}

/// Values of `name=value` inside of arguments and connection strings, where the name names a credential.
pub(super) fn pairs(text: &str) -> Vec<Range<usize>> {
    let bytes = text.as_bytes();
    let mut found = Vec::new();
    let mut from = 0;
    for (equals, _) in text.match_indices('=') {
        if equals < from {
            continue;
        }
        let front = bytes.get(..equals).unwrap_or_default();
        let name = front.iter().rev().take(64).take_while(|b| wordy(**b) || **b == b'.').count();
        let Some(name) = text.get(equals - name..equals) else { continue };
        // Of ODBC: in a shell it is the folder.
        let is_odbc = name == "PWD"
            && (front.len() > name.len() && front.get(front.len() - name.len() - 1) == Some(&b';')
                || text.get(equals..).and_then(|rest| rest.split_whitespace().next()).is_some_and(|r| r.contains(';')));
        if !is_odbc && !is_plain_credential_name(name) {
            continue;
        }
        let value = run(bytes.get(equals + 1..).unwrap_or_default(), |b| {
            !b.is_ascii_whitespace() && !b";&,\"'`\\)]}".contains(&b)
        });
        from = equals + 1 + value;
        let value = text.get(equals + 1..from).unwrap_or("");
        if !value.starts_with(['$', '%', ':', '?', '~', '=', '<', '{', '[', '('])
            && is_literal(value)
            && !is_path(value)
        {
            found.push(equals + 1..from);
        }
    }
    found
}

/// How many bytes at the front are of an alphabet.
fn run(bytes: &[u8], alphabet: impl Fn(u8) -> bool) -> usize {
    bytes.iter().take_while(|b| alphabet(**b)).count()
}

fn find(text: &str, from: usize, what: &str) -> Option<usize> {
    let rest = text.get(from..)?.as_bytes();
    // To prepare a search takes longer than to see that a short text does not hold the first byte.
    let start = rest.iter().position(|byte| Some(byte) == what.as_bytes().first())?;
    text.get(from + start..)?.find(what).map(|at| from + start + at)
}
