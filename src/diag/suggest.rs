//! "Did you mean": the nearest of the names there are.

/// The candidate nearest to `word`, if one is near enough to be what was meant: at most a third of the word's letters
/// (at least one) differ, counting a swap of neighbours as one. Ties go to the first in order.
pub fn nearest<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let letters: Vec<char> = word.chars().take(MAX_LETTERS).collect();
    let allowed = (letters.len() / 3).max(1);
    let mut best: Option<(usize, &str)> = None;
    for candidate in candidates {
        if candidate == word || candidate.len().abs_diff(word.len()) > allowed * 4 {
            continue;
        }
        let distance = distance(&letters, &candidate.chars().take(MAX_LETTERS).collect::<Vec<_>>());
        if distance <= allowed && best.is_none_or(|(d, _)| distance < d) {
            best = Some((distance, candidate));
        }
    }
    best.map(|(_, candidate)| candidate)
}

/// Names are at most 253 characters; what is longer is not a misspelt name.
const MAX_LETTERS: usize = 253;

/// Optimal string alignment distance: insertions, deletions, substitutions and swaps of neighbours.
fn distance(a: &[char], b: &[char]) -> usize {
    let mut before: Vec<usize> = Vec::new();
    let mut last: Vec<usize> = (0..=b.len()).collect();
    let (mut previous_a, mut i) = (None, 0);
    for ca in a {
        i += 1;
        let mut row = vec![i];
        let mut previous_b = None;
        for (j, cb) in b.iter().enumerate() {
            let substituted = at(&last, j) + usize::from(ca != cb);
            let mut cost = substituted.min(at(&last, j + 1) + 1).min(at(&row, j) + 1);
            if previous_b == Some(ca) && previous_a == Some(cb) {
                cost = cost.min(at(&before, j.saturating_sub(1)) + 1);
            }
            row.push(cost);
            previous_b = Some(cb);
        }
        before = std::mem::replace(&mut last, row);
        previous_a = Some(ca);
    }
    at(&last, b.len())
}

fn at(row: &[usize], i: usize) -> usize {
    row.get(i).copied().unwrap_or(usize::MAX / 2)
}

/// "`a`", "`a` and `b`", "`a`, `b` and 7 more": a list of names for a sentence.
pub fn list<'a>(names: impl IntoIterator<Item = &'a str>, conjunction: &str) -> String {
    const SHOWN: usize = 24;
    let names: Vec<&str> = names.into_iter().collect();
    let mut shown: Vec<String> = names.iter().take(SHOWN).map(|n| format!("`{n}`")).collect();
    if names.len() > SHOWN {
        return format!("{} {conjunction} {} more", shown.join(", "), names.len() - SHOWN);
    }
    match shown.pop() {
        None => "none".to_owned(),
        Some(only) if shown.is_empty() => only,
        Some(last) => format!("{} {conjunction} {last}", shown.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_what_was_meant() {
        let keys = ["replicas", "resources", "rollout", "image"];
        assert_eq!(nearest("replica", keys), Some("replicas"));
        assert_eq!(nearest("ressources", keys), Some("resources"));
        assert_eq!(nearest("imgae", keys), Some("image"));
        assert_eq!(nearest("colour", keys), None);
        assert_eq!(nearest("", keys), None);
    }

    #[test]
    fn lists_names() {
        assert_eq!(list([], "or"), "none");
        assert_eq!(list(["a"], "or"), "`a`");
        assert_eq!(list(["a", "b", "c"], "and"), "`a`, `b` and `c`");
        let many: Vec<String> = (0..32).map(|i| i.to_string()).collect();
        assert!(list(many.iter().map(String::as_str), "and").ends_with("`23` and 8 more"));
    }
}
