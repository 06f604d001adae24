//! Conditions of a measurement that may be nothing at all.
//!
//! Source: Argo Rollouts, "Analysis", sections on NaN and on empty arrays: conditions are expressions over `result`, a list
//! for an instant vector, with the functions `len` and `isNaN`. A measurement with both conditions of which neither holds
//! is inconclusive.

use super::spec::NothingSpec;

/// When a measurement passes, and when it fails, if that is not whenever it does not pass.
pub(super) struct Conditions {
    pub(super) success: String,
    pub(super) failure: Option<String>,
}

/// `passes` holds for a value that is there.
pub(super) fn conditions(passes: &str, nothing: NothingSpec) -> Conditions {
    const NOTHING: &str = "len(result) == 0 || isNaN(result[0])";
    const SOMETHING: &str = "len(result) > 0 && !isNaN(result[0])";
    match nothing {
        NothingSpec::Pass => Conditions { success: format!("{NOTHING} || ({passes})"), failure: None },
        NothingSpec::Fail => Conditions { success: format!("{SOMETHING} && ({passes})"), failure: None },
        NothingSpec::Inconclusive => Conditions {
            success: format!("{SOMETHING} && ({passes})"),
            failure: Some(format!("{SOMETHING} && !({passes})")),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_asked_for_before_the_value() {
        for nothing in [NothingSpec::Pass, NothingSpec::Fail, NothingSpec::Inconclusive] {
            let Conditions { success, failure } = conditions("result[0] >= 0.95", nothing);
            for condition in [Some(success), failure].into_iter().flatten() {
                let (guard, value) = (condition.find("len(result)"), condition.find("result[0]"));
                assert!(guard < value && condition.ends_with("(result[0] >= 0.95)"), "{condition}");
            }
        }
    }

    #[test]
    fn only_what_is_inconclusive_has_two_conditions() {
        assert!(conditions("result[0] < 1", NothingSpec::Pass).failure.is_none());
        assert!(conditions("result[0] < 1", NothingSpec::Fail).failure.is_none());
        assert!(conditions("result[0] < 1", NothingSpec::Inconclusive).failure.is_some());
    }
}
