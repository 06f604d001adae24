use super::diags;
use super::spec::PlatformSpec;
use crate::component::{Declare, Lower, NothingToLower};
use crate::decode::At;
use crate::model::{self, ModelBuilder};

/// The version of the spec language that this compiler reads.
const LANGUAGE: &str = "1";

pub(super) struct Decoded {
    pub(super) language: Option<At<String>>,
    pub(super) platform: Option<At<PlatformSpec>>,
}

impl Declare for Decoded {
    fn declare(self: Box<Self>, model: &mut ModelBuilder<'_>) -> Box<dyn Lower> {
        match &self.language {
            None => model.report(diags::no_language()),
            Some(language) if language.value != LANGUAGE => model.report(diags::unknown_language(language)),
            Some(_) => {}
        }
        let Some(At { value: platform, node }) = self.platform else {
            model.report(diags::no_platform());
            return Box::new(NothingToLower);
        };
        if platform.kubernetes.value < diags::OLDEST {
            model.report(diags::too_old(&platform.kubernetes));
        }
        let environment = model.environment().to_owned();
        model.set_platform(model::Platform {
            name: platform.name.value.as_str().to_owned(),
            domain: platform.domain.map(|domain| domain.value),
            registry: platform.registry.map(|registry| registry.value),
            kubernetes: platform.kubernetes.value,
            environment,
            node,
        });
        Box::new(NothingToLower)
    }
}
