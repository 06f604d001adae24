//! What the leaves say of a text that is not one. The codes and their explanations stand here; the sentences stand in
//! `amount` (quantities, durations, percentages, versions), `address` (CIDRs, ports, hosts, registries, images), `text`
//! (names, paths, labels) and `time` (schedules).

pub(super) mod address;
pub(super) mod amount;
pub(super) mod text;
pub(super) mod time;

pub use amount::version_unquoted;

use super::{CodeRef, Invalid, Leaf};
use crate::diag::Code;

/// A text is not a quantity.
pub const QUANTITY: Code = Code {
    id: "DPJ0210",
    summary: "a value is not a quantity",
    docs: "\
Amounts of CPU, memory and storage are Kubernetes quantities: a number, then at most one suffix.

    n u m (none) k M G T P E    steps of 1000: `250m` is a quarter, `512M` is 512 million
    Ki Mi Gi Ti Pi Ei           steps of 1024: `512Mi` is 536870912

The case of a suffix counts: `m` is a thousandth and `M` a million. There is no `B` for bytes, no
space between number and suffix, and no amount is negative. Above 2^63-1 Kubernetes caps an amount
or overflows without a word; dpjgen refuses it.

    memory = \"512MB\"     # wrong: no suffix of this name
    memory = \"512Mi\"
    cpu = \"0.5 cores\"    # wrong: a CPU quantity without a suffix counts cores
    cpu = \"500m\"",
};

/// A text is not a duration.
pub const DURATION: Code = Code {
    id: "DPJ0211",
    summary: "a value is not a duration",
    docs: "\
A duration is one or more whole numbers, each with its unit: `d`, `h`, `m`, `s`, `ms`. Large units
come first and each comes once, so that a duration is written in one way. A bare number is refused:
nobody who reads it knows whether it means seconds or milliseconds. The longest duration is
2147483647 s (68 years), what most of Kubernetes' fields of seconds can hold.

    timeout = 30           # wrong: 30 of what?
    timeout = \"30s\"
    interval = \"1.5h\"      # wrong: no fractions
    interval = \"1h30m\"
    retention = \"2w\"       # wrong: the largest unit is the day
    retention = \"14d\"",
};

/// A text is not a percentage, or not a count or percentage.
pub const PERCENTAGE: Code = Code {
    id: "DPJ0212",
    summary: "a value is not a percentage",
    docs: "\
A percentage is a whole number and a percent sign, in quotes. The sign is needed because Kubernetes
reads a bare number as a count in some places and as a percentage in others.

    target = 70            # wrong: 70 of what?
    target = \"70%\"
    target = \"0.7\"         # wrong
    target = \"70.5%\"       # wrong: no fractions

Where a count may stand as well (how many pods may be missing during a rollout), the count is an
integer without quotes:

    max-unavailable = \"1\"  # wrong
    max-unavailable = 1
    max-unavailable = \"25%\"

A share of a whole stays at or below `100%`; the utilisation that an autoscaler aims at may be above
it, because it is measured against the request, not against the limit.",
};

/// A text is not a CIDR.
pub const CIDR: Code = Code {
    id: "DPJ0213",
    summary: "a value is not a network in CIDR form",
    docs: "\
A network is its first address, a slash and the number of leading bits that all its addresses share:
0 to 32 for IPv4, 0 to 128 for IPv6. The bits after the prefix must be zero: `10.0.5.7/16` may mean
the network `10.0.0.0/16` or the host `10.0.5.7/32`, and Kubernetes only warns. Leading zeros are
refused: some readers take them for octal.

    allow = [\"10.0.5.7/16\"]               # wrong: host bits are set
    allow = [\"10.0.0.0/16\"]
    allow = [\"10.0.5.7\"]                  # wrong: no prefix
    allow = [\"10.0.5.7/32\"]
    allow = [\"10.0.0.0/255.255.0.0\"]      # wrong: a netmask
    allow = [\"2001:db8::/32\"]",
};

/// A value is not a port.
pub const PORT: Code = Code {
    id: "DPJ0214",
    summary: "a value is not a port",
    docs: "\
A port is an integer from 1 to 65535, without quotes: in some fields of Kubernetes a text is the
name of a port, so that `\"8080\"` and `8080` mean different things.

    port = \"8080\"    # wrong
    port = 8080
    port = 0         # wrong: no port has this number",
};

/// A text is not a host, or not a registry.
pub const HOST: Code = Code {
    id: "DPJ0215",
    summary: "a value is not a host name or a registry",
    docs: "\
A host is a full DNS name and nothing else: labels of lower-case letters, digits and hyphens, each
at most 63 characters long, with dots between them, at most 253 characters in all. Scheme, port and
path are stated elsewhere, an address is not a name, and each name is stated by itself instead of by
a wildcard.

    host = \"https://shop.example.com/\"    # wrong
    host = \"shop.example.com\"

A registry is a host, a port if it needs one and a path prefix if images lie below one. Its host
must have a dot or a port or be `localhost`: container runtimes take anything else for a folder of
docker.io.

    registry = \"acme\"                     # wrong: images would come from docker.io/acme
    registry = \"registry.example.com:5000/acme\"",
};

/// A text is not an image reference.
pub const IMAGE: Code = Code {
    id: "DPJ0216",
    summary: "a value is not an image reference",
    docs: "\
An image is named as `[REGISTRY/]PATH[:TAG][@DIGEST]`. The path is in lower case; a tag has at most
128 letters, digits, `_`, `.` and `-`; a digest is `sha256:` and 64 hexadecimal digits (or `sha512:`
and 128).

A tag or a digest must be there, and `latest` does not count as one: what it names changes with
every push, so two pods of one Deployment may run different programs and a rollback runs the one
that it should undo.

    image = \"nginx\"                       # wrong: no version
    image = \"nginx:latest\"                # wrong: not a version
    image = \"nginx:1.27.3\"
    image = \"https://ghcr.io/acme/App:1\"  # wrong: a scheme, an upper-case letter
    image = \"ghcr.io/acme/app:1\"",
};

/// A text is not a name of the wanted kind.
pub const NAME: Code = Code {
    id: "DPJ0217",
    summary: "a value is not a name of the wanted kind",
    docs: "\
Names end up as names of Kubernetes objects and parts of them, and each kind has its alphabet:

    name         lower-case letters, digits, `-`; a letter first, no `-` last; at most 63
                 characters (RFC 1035: a Service of this name is also a DNS name)
    port name    lower-case letters, digits, `-`; one letter at least; at most 15 characters
    environment  letters, digits, `_`, `-`, `.`; no digit first
    file name    letters, digits, `_`, `-`, `.`; at most 253 characters; no folders (it is a key of
                 a ConfigMap)
    database     lower-case letters, digits, `_`; no digit and no `pg_` first; at most 63 characters

    [workloads.My_App]    # wrong
    [workloads.my-app]
    [workloads.2048]      # wrong: starts with a digit
    [workloads.game-2048]

Kubernetes has taken almost any text for an environment variable since
RelaxedEnvironmentVariableValidation (on by default from 1.32), but many programs and all shells do
not.",
};

/// A text is not a path.
pub const PATH: Code = Code {
    id: "DPJ0218",
    summary: "a value is not a path",
    docs: "\
A path in a container starts with `/`, has no `..` and no `:` (Kubernetes refuses a mount path with
one). Doubled and trailing slashes are dropped.

    mount = \"data\"                   # wrong: relative to what?
    mount = \"/var/lib/app/../data\"   # wrong
    mount = \"/var/lib/data\"

A path of an HTTP request starts with one `/`, may have a query and consists of the characters of
RFC 3986; any other is written as `%` and two hexadecimal digits. A fragment (`#`) is never sent, so
there is none; `//`, `/./`, `/../` and `%2F` are refused as Ingress and Gateway do.

    path = \"http://localhost:8080/healthz\"    # wrong
    path = \"/healthz\"
    path = \"/ready?full=1\"",
};

/// A text is not a Kubernetes version.
pub const VERSION: Code = Code {
    id: "DPJ0219",
    summary: "a value is not a Kubernetes version",
    docs: "\
A version of Kubernetes is its major and minor number in quotes. Patch releases neither add nor
remove fields, so none is stated. Without quotes the version is a number to TOML, and the number
1.30 is the number 1.3.

    kubernetes = 1.30        # wrong: reads as 1.3
    kubernetes = \"v1.30.4\"   # wrong
    kubernetes = \"1.30\"",
};

/// A text is not a label key or a label value.
pub const LABEL: Code = Code {
    id: "DPJ0220",
    summary: "a value is not a label",
    docs: "\
A label's key is a name of at most 63 letters, digits, `-`, `_` and `.` with a letter or digit at
both ends; a DNS name and `/` may stand in front of it. A label's value is empty or follows the rule
of the name. What does not fit (an address, a sentence, a list) belongs in an annotation.

    \"team name\" = \"Payments & Billing\"   # wrong, both
    \"acme.io/team\" = \"payments\"",
};

/// A text is not a schedule.
pub const CRON: Code = Code {
    id: "DPJ0221",
    summary: "a value is not a schedule",
    docs: "\
A schedule has the five fields of a Kubernetes CronJob. What counts in more fields (CloudNativePG
counts seconds) gets its own form from the compiler.

    minute          0 to 59
    hour            0 to 23
    day of month    1 to 31
    month           1 to 12, or jan to dec
    day of week     0 (Sunday) to 6, or sun to sat

A field is `*`, a value, a range `1-5`, either of the two with a step (`*/15`, `8-18/2`), or several
of these with commas between them. Where both fields of days say something, either is enough:
`0 0 1 * mon` is the first of the month and every Monday. `@hourly`, `@daily`, `@weekly`, `@monthly`
and `@yearly` stand for five fields; `@every` and `@reboot` depend on when a controller was started.
There is no time zone in a schedule.

    schedule = \"0 0 3 * * *\"    # wrong: six fields
    schedule = \"0 3 * * *\"
    schedule = \"0 3 * * 7\"      # wrong: Sunday is 0
    schedule = \"0 3 * * sun\"",
};

/// All codes of this module, by id.
pub const CODES: &[&Code] =
    &[&QUANTITY, &DURATION, &PERCENTAGE, &CIDR, &PORT, &HOST, &IMAGE, &NAME, &PATH, &VERSION, &LABEL, &CRON];

/// Longest value, in characters, that a message shows in full.
const SHOWN: usize = 60;

/// A value as messages show it: in backquotes, what cannot be seen as an escape, a long one cut after 60 characters and
/// marked with `…`.
pub fn quoted(text: &str) -> String {
    let mut out = String::from("`");
    for (i, c) in text.chars().enumerate() {
        if i == SHOWN {
            out.push('…');
            break;
        }
        match c {
            '"' | '\'' | '\\' => out.push(c),
            _ => out.extend(c.escape_debug()),
        }
    }
    out.push('`');
    out
}

/// Why a value is wrong, and the help.
fn because(why: impl Into<String>, help: impl Into<String>) -> (String, String) {
    (why.into(), help.into())
}

/// A character is not allowed in a value.
fn stranger(sign: char) -> String {
    let sign = if sign == ' ' { "a space".to_owned() } else { quoted(&sign.to_string()) };
    format!("{sign} cannot stand in it")
}

/// "… is not a quantity: …" with its help.
fn invalid(code: &'static Code, text: &str, what: &str, why: &str, help: impl Into<String>) -> Invalid {
    let subject = if text.is_empty() { "an empty text".to_owned() } else { quoted(text) };
    Invalid { code: CodeRef(code), problem: format!("{subject} is not {what}: {why}"), help: help.into() }
}

/// A leaf that can say whether a text is right without saying why it is not. A message may try what it suggests; if that
/// built a message again, the two could go on for ever.
pub(super) trait Check: Leaf {
    /// Whether [`Leaf::parse`] reads the text.
    fn is_right(text: &str) -> bool;
}

/// A text that may replace the wrong one: only if it is right itself, and can be read in a message as it is.
fn better<T: Check>(candidate: &str) -> Option<String> {
    let readable = quoted(candidate).get(1..) == Some(&format!("{candidate}`")) && !candidate.contains('`');
    (readable && T::is_right(candidate)).then(|| format!("write `{candidate}`"))
}

/// [`better`], or what holds in general.
fn suggest<T: Check>(candidate: &str, general: &str) -> String {
    better::<T>(candidate).unwrap_or_else(|| general.to_owned())
}

/// A space, a tab or a line end stands in the text. The help is that of the text without it.
pub(super) fn space<T: Check>(code: &'static Code, text: &str) -> Invalid {
    let squeezed: String = text.chars().filter(|c| !c.is_whitespace()).collect();
    let help = match T::parse(&squeezed) {
        Ok(_) => suggest::<T>(&squeezed, "write it without spaces"),
        Err(invalid) => invalid.help,
    };
    invalid(code, text, T::EXPECTED, "there is a space in it", help)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_in_order_and_documented() {
        let ids: Vec<&str> = CODES.iter().map(|c| c.id).collect();
        let expected: Vec<String> = (210..=221).map(|n| format!("DPJ{n:04}")).collect();
        assert_eq!(ids, expected);
        for code in CODES {
            assert!(!code.summary.is_empty() && !code.summary.ends_with('.'), "{}", code.id);
            for line in code.docs.lines() {
                assert!(line.chars().count() <= 100, "{}: {line}", code.id);
            }
        }
    }

    #[test]
    fn values_are_quoted_short_and_visible() {
        assert_eq!(quoted(""), "``");
        assert_eq!(quoted("a\n\u{202e}\"b\\"), "`a\\n\\u{202e}\"b\\`");
        assert_eq!(quoted(&"é".repeat(60)), format!("`{}`", "é".repeat(60)));
        assert_eq!(quoted(&"é".repeat(61)), format!("`{}…`", "é".repeat(60)));
    }
}
