use super::spec::OperatorSpec;
use super::{diags, text};
use crate::component::{Declare, Lower, NothingToLower};
use crate::decode::At;
use crate::model::{ModelBuilder, Operator, Operators};
use crate::value::Name;
use std::collections::BTreeMap;

pub(super) struct Decoded {
    /// A section and no list of entries: one with nothing in it says that the cluster has no operator.
    pub(super) operators: Option<At<BTreeMap<At<Name>, At<OperatorSpec>>>>,
}

impl Declare for Decoded {
    fn declare(self: Box<Self>, model: &mut ModelBuilder<'_>) -> Box<dyn Lower> {
        if let Some(At { value: operators, node }) = self.operators {
            let by_name = operators
                .into_iter()
                .filter_map(|(name, spec)| Some((name.value.as_str().to_owned(), operator(model, &name, &spec.value)?)))
                .collect();
            model.set_operators(Operators { by_name, node });
        }
        Box::new(NothingToLower)
    }
}

fn operator(model: &mut ModelBuilder<'_>, name: &At<Name>, spec: &OperatorSpec) -> Option<Operator> {
    let version = text::release(&spec.version.value);
    if version.is_none() {
        let corrected = spec.version.value.trim_start_matches(['v', 'V']);
        let right = text::release(corrected).map(|_| corrected);
        model.report(diags::release(&spec.version, right));
    }
    if !text::is_day(&spec.checked.value) {
        model.report(diags::day(&spec.checked));
    }
    let chart = spec.chart.as_ref().and_then(|chart| {
        let read = text::chart(&chart.value);
        if read.is_none() {
            model.report(diags::chart(chart));
        }
        read
    });
    Some(Operator { version: version?, chart, node: name.node })
}
