//! Merges that nobody finished, in texts of any language.

/// The lines on which an unresolved merge conflict begins, from 1; of one that began before the text, where it ends.
pub fn conflicts(text: &str) -> Vec<usize> {
    let lines = |marker: &str| -> Vec<usize> {
        let is_marker = |line: &str| {
            line.strip_prefix(marker).is_some_and(|rest| matches!(rest.chars().next(), None | Some(' ' | '\r')))
        };
        text.lines().enumerate().filter(|(_, line)| is_marker(line)).map(|(index, _)| index + 1).collect()
    };
    let starts = lines("<<<<<<<");
    if starts.is_empty() { lines(">>>>>>>") } else { starts }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn conflicts_are_found_at_their_start() {
        assert_eq!(conflicts("a: 1\n<<<<<<< HEAD\nb\n=======\nc\n>>>>>>> x\n"), [2]);
        assert!(conflicts("a: |\n  <<<<<<< x\n<<<<<<<<\n").is_empty());
    }
}
