//! Credentials in the forms that tools write them in, beside their own words: headers, arguments of two words, files of
//! passwords, users in addresses. These are hidden and not refused: each is what it looks like nearly always.
//!
//! Sources: RFC 9110, 11.6.2 (`Authorization`); curl(1) (`--user`, `.netrc`); PostgreSQL, "The Password File";
//! go-sql-driver/mysql, "DSN"; the containers-auth.json(5) of registries.
//!
//! Every finder reads its text once from front to back.

use super::names::is_plain_credential_name;
use super::values::{is_literal, is_path};
use std::ops::Range;

/// How far in front of a sign a word is looked for.
const MOST: usize = 512;

/// All of them, in the text of a file or of a field.
pub(super) fn all(text: &str) -> Vec<Range<usize>> {
    let mut found = in_words(text);
    found.extend(arguments(text));
    found.extend(lines(text));
    found.extend(registries(text));
    found
}

/// Those that a sentence may hold.
pub(super) fn in_words(text: &str) -> Vec<Range<usize>> {
    let mut found = authorizations(text);
    found.extend(users(text));
    found
}

/// Whether an argument says that the next one is a credential: `--token`, `-db-password`.
pub fn is_credential_flag(argument: &str) -> bool {
    let name = argument.trim_start_matches('-');
    matches!(argument.len() - name.len(), 1 | 2) && is_plain_credential_name(name)
}

/// Whether an argument says that the next one may be a user with a password: `-u me:…`.
fn is_user_flag(argument: &str) -> bool {
    matches!(argument, "-u" | "-U" | "--user" | "--proxy-user")
}

/// Whether `value`, behind the argument `flag`, is or has a credential.
pub fn is_argument_credential(flag: &str, value: &str) -> bool {
    let is_own = !value.starts_with('-') && is_literal(value) && !is_path(value);
    is_own && (is_credential_flag(flag) || is_user_flag(flag) && password(value).is_some())
}

/// Where the password of `user:password` begins; a user and a group of numbers have none.
fn password(text: &str) -> Option<usize> {
    let (user, password) = text.split_once(':')?;
    let is_one = is_literal(password) && !password.bytes().all(|b| b.is_ascii_digit());
    is_one.then_some(user.len() + 1)
}

/// `Authorization: Bearer …`, however it is written: a header, an argument, a directive, a pair.
fn authorizations(text: &str) -> Vec<Range<usize>> {
    const NAME: &str = "authorization";
    let mut found = Vec::new();
    if !text.contains("uthorization") && !text.contains("UTHORIZATION") {
        return found;
    }
    for line in Lines::of(text) {
        let lower = line.text.to_ascii_lowercase();
        let mut done = 0;
        for (at, _) in lower.match_indices(NAME) {
            if at < done {
                continue;
            }
            let behind = at + NAME.len();
            let sign = run(&lower, behind, |b| b"\"' \t:=,\\".contains(&b));
            let start = behind + sign;
            let word = run(&lower, start, is_token);
            let gap = run(&lower, start + word, |b| b == b' ');
            let next = run(&lower, start + word + gap, is_token);
            // What a value holds is no header of its own: each byte is looked at once.
            done = start + word;
            let scheme = lower.get(start..start + word).unwrap_or_default();
            let is_scheme = matches!(scheme, "bearer" | "basic" | "token" | "apikey" | "digest" | "negotiate");
            let (from, to) = match sign {
                0 => continue,
                _ if is_scheme && gap > 0 => (start + word + gap, start + word + gap + next),
                _ => (start, start + word),
            };
            let value = line.text.get(from..to).unwrap_or_default();
            // `authorization: enabled` is a setting.
            let is_setting = !is_scheme && (value.len() < 16 || value.bytes().all(|b| b.is_ascii_alphabetic()));
            if !is_setting && is_literal(value) && !value.starts_with('$') {
                found.push(line.start + from..line.start + to);
            }
        }
    }
    found
}

/// `--token x` and `-u me:x`, in a command or as items of a list on the same line or the next.
fn arguments(text: &str) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let mut from = 0;
    while let Some(at) = text.get(from..).and_then(|rest| rest.find('-')).map(|at| from + at) {
        let word = run(text, at, |b| is_word(b) || b == b'-');
        from = at + word;
        let before = at.checked_sub(1).and_then(|at| text.as_bytes().get(at));
        let flag = text.get(at..from).unwrap_or_default();
        if before.is_some_and(|b| is_word(*b)) || !(is_credential_flag(flag) || is_user_flag(flag)) {
            continue;
        }
        let start = from + between(text.get(from..).unwrap_or_default());
        let end = start + run(text, start, |b| !b.is_ascii_whitespace() && !b"\"',;]}".contains(&b));
        let value = text.get(start..end).unwrap_or_default();
        if start > from && is_argument_credential(flag, value) {
            let user = if is_credential_flag(flag) { 0 } else { password(value).unwrap_or(0) };
            found.push(start + user..end);
            from = end;
        }
    }
    found
}

/// Length of what stands between an argument and the next: blanks, or the end of an item and the beginning of the next.
fn between(text: &str) -> usize {
    let closed = text.strip_prefix(['"', '\'']).unwrap_or(text).trim_start_matches([' ', '\t', '\r']);
    let next = match (closed.strip_prefix(','), closed.strip_prefix('\n')) {
        (Some(next), _) => next.trim_start(),
        // On the next line only as an item of a list.
        (None, Some(below)) => below.trim_start().strip_prefix("- ").map_or(closed, str::trim_start),
        (None, None) => closed,
    };
    text.len() - next.strip_prefix(['"', '\'']).unwrap_or(next).len()
}

/// Lines of `.netrc` and of PostgreSQL's password file.
fn lines(text: &str) -> Vec<Range<usize>> {
    let is_netrc = ["machine", "default", "login"].iter().filter(|word| text.contains(**word)).count() > 1;
    let mut found = Vec::new();
    for line in Lines::of(text) {
        if is_netrc {
            for (at, word) in line.text.match_indices("password") {
                let blank = |b: u8| b.is_ascii_whitespace();
                let gap = run(line.text, at + word.len(), blank);
                let start = at + word.len() + gap;
                let is_alone = at == 0 || line.text.as_bytes().get(at - 1).is_some_and(|b| blank(*b));
                let length = run(line.text, start, |b| !blank(b));
                if is_alone && gap > 0 && line.text.get(start..start + length).is_some_and(is_literal) {
                    found.push(line.start + start..line.start + start + length);
                }
            }
        }
        if let Some(start) = password_of_line(line.text) {
            found.push(line.start + start..line.start + line.text.len());
        }
    }
    found
}

/// Where the password of `host:port:database:user:password` begins.
fn password_of_line(line: &str) -> Option<usize> {
    let bytes = line.as_bytes();
    let is_escaped = |at: usize| at.checked_sub(1).and_then(|at| bytes.get(at)) == Some(&b'\\');
    let colons: Vec<usize> = line.match_indices(':').map(|(at, _)| at).filter(|at| !is_escaped(*at)).collect();
    colons.windows(4).find_map(|colons| {
        let [host, port, database, user] = colons else { return None };
        let start = host - run_back(line, *host);
        let number = line.get(host + 1..*port)?;
        let is_number = !number.is_empty() && number.len() < 6 && number.bytes().all(|b| b.is_ascii_digit());
        let fields = [(start, *host), (port + 1, *database), (database + 1, *user)];
        let fields = fields.map(|(from, to)| line.get(from..to).unwrap_or_default());
        let are_names =
            fields.iter().all(|field| !field.is_empty() && !field.contains([' ', '\t', '"', '/', '{', '[']));
        // An address of IPv6, or of a network card.
        let is_hex = |field: &&str| field.len() <= 4 && field.bytes().all(|b| b.is_ascii_hexdigit());
        let fits = (is_number || number == "*") && are_names && !fields.iter().all(is_hex);
        (fits && line.get(user + 1..).is_some_and(|password| !password.trim().is_empty())).then_some(user + 1)
    })
}

/// How many bytes in front of a place are of one word.
fn run_back(text: &str, end: usize) -> usize {
    let front = text.as_bytes().get(..end).unwrap_or_default().iter().rev().take(MOST);
    front.take_while(|b| !b.is_ascii_whitespace() && !b"\"'".contains(b)).count()
}

/// Users in addresses: `https://TOKEN@host`, `me:…@tcp(db:3306)/app`, `jdbc:oracle:thin:me/…@db`.
fn users(text: &str) -> Vec<Range<usize>> {
    let is_end = |c: char| c.is_whitespace() || "\"'`,;<>()[]{}=".contains(c);
    let mut found = Vec::new();
    let mut start = 0;
    for word in text.split_inclusive(is_end) {
        let own = start;
        start += word.len();
        found.extend(user(word, text.get(own..).unwrap_or_default()).map(|range| own + range.start..own + range.end));
    }
    found
}

/// The credential in front of the `@` of a word, which may go on in `text`.
fn user(word: &str, text: &str) -> Option<Range<usize>> {
    let range = match word.split_once("://") {
        // In the others a user alone is a name.
        Some((scheme, behind)) if matches!(scheme.rsplit(':').next(), Some("http" | "https")) => {
            let authority = behind.split(['/', '?', '#']).next().unwrap_or(behind);
            let user =
                authority.rfind('@').filter(|at| !authority.get(..*at).is_some_and(|user| user.contains(':')))?;
            let start = scheme.len() + "://".len();
            start..start + user
        }
        Some(_) => return None,
        None => {
            let at = word.rfind('@')?;
            let (user, host) = (word.get(..at)?, text.get(at + 1..)?);
            if host.starts_with("sha256:") || host.starts_with("sha512:") {
                return None;
            }
            let of_oracle = [":thin:", ":oci:"].into_iter().find_map(|kind| Some(user.find(kind)? + kind.len()));
            match of_oracle {
                Some(behind) => behind + user.get(behind..)?.find('/')? + 1..at,
                None if is_address(host) && !user.contains('/') => password(user)?..at,
                None => return None,
            }
        }
    };
    word.get(range.clone()).is_some_and(is_literal).then_some(range)
}

/// `tcp(db:3306)/app`, `db:3306`, `db/app`.
fn is_address(text: &str) -> bool {
    let host = run(text, 0, |b| b.is_ascii_alphanumeric() || b == b'-' || b == b'.');
    let behind = text.get(host..).unwrap_or_default();
    host > 0
        && (behind.starts_with(['(', '/'])
            || behind.strip_prefix(':').is_some_and(|port| port.starts_with(|c: char| c.is_ascii_digit())))
}

/// `"auths": {"r.example": {"auth": "…"}}`.
fn registries(text: &str) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    if !text.contains("auths") {
        return found;
    }
    for name in ["\"auth\"", "\"identitytoken\"", "\"registrytoken\""] {
        for (at, _) in text.match_indices(name) {
            let sign = at + name.len() + run(text, at + name.len(), |b| b.is_ascii_whitespace() || b == b':');
            let Some(value) = text.get(sign..).and_then(|rest| rest.strip_prefix('"')) else { continue };
            let length = value.find('"').unwrap_or(value.len());
            found.push(sign + 1..sign + 1 + length);
        }
    }
    found
}

/// What tokens of headers are made of: RFC 9110, `token68`, and what is near.
fn is_token(b: u8) -> bool {
    b.is_ascii_alphanumeric() || b"-._~+/=$(){}".contains(&b)
}

fn is_word(b: u8) -> bool {
    b.is_ascii_alphanumeric() || b == b'_'
}

/// How many bytes from a place on are of an alphabet.
fn run(text: &str, from: usize, alphabet: impl Fn(u8) -> bool) -> usize {
    text.as_bytes().get(from..).unwrap_or_default().iter().take_while(|b| alphabet(**b)).count()
}

/// A line, and where it begins.
struct Line<'t> {
    text: &'t str,
    start: usize,
}

struct Lines<'t> {
    rest: &'t str,
    at: usize,
}

impl<'t> Lines<'t> {
    fn of(text: &'t str) -> Self {
        Lines { rest: text, at: 0 }
    }
}

impl<'t> Iterator for Lines<'t> {
    type Item = Line<'t>;

    fn next(&mut self) -> Option<Line<'t>> {
        if self.rest.is_empty() {
            return None;
        }
        let end = self.rest.find('\n').map_or(self.rest.len(), |at| at + 1);
        let (line, rest) = self.rest.split_at(end);
        let start = self.at;
        (self.rest, self.at) = (rest, start + end);
        Some(Line { text: line.trim_end_matches(['\n', '\r']), start })
    }
}
