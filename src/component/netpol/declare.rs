use super::diags;
use super::lower::Declared;
use super::spec::{Dialect, NetworkPolicySpec};
use crate::component::{Declare, Lower};
use crate::decode::At;
use crate::model::ModelBuilder;
use std::collections::BTreeSet;

pub(super) struct Decoded {
    pub(super) policy: Option<At<NetworkPolicySpec>>,
}

impl Declare for Decoded {
    fn declare(self: Box<Self>, model: &mut ModelBuilder<'_>) -> Box<dyn Lower> {
        let node = self.policy.as_ref().map(|policy| policy.node);
        let stated = self.policy.and_then(|policy| policy.value.dialects);
        if let Some(dialects) = stated.as_ref().filter(|dialects| dialects.value.is_empty()) {
            model.report(diags::no_dialect(dialects.node));
        }
        let dialects: BTreeSet<Dialect> = match stated {
            Some(dialects) => dialects.value.iter().map(|dialect| dialect.value).collect(),
            None => {
                if let Some(node) = node {
                    model.note_default(node, "dialects", &"[\"kubernetes\"]");
                }
                BTreeSet::from([Dialect::Kubernetes])
            }
        };
        Box::new(Declared { dialects, node })
    }
}
