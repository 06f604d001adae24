use super::diags;
use super::spec::ExternalSpec;
use crate::component::{Declare, Lower, NothingToLower};
use crate::decode::Entry;
use crate::model::contract::{self, endpoint, plain};
use crate::model::{Contract, ModelBuilder, Peer, Protocol, Target, TargetKind, TargetPort};
use std::borrow::Cow;

pub(super) struct Decoded {
    pub(super) externals: Vec<Entry<ExternalSpec>>,
}

impl Declare for Decoded {
    fn declare(self: Box<Self>, model: &mut ModelBuilder<'_>) -> Box<dyn Lower> {
        for Entry { name: key, spec } in self.externals {
            if spec.addresses.value.is_empty() {
                model.report(diags::no_addresses(key.value.as_str(), spec.addresses.node));
            }
            let port =
                |name: Cow<'static, str>, port: u16| TargetPort { name, port, pod_port: port, protocol: Protocol::Tcp };
            let mut ports: Vec<TargetPort> =
                spec.port.iter().map(|main| port(Cow::Borrowed("main"), main.value.number())).collect();
            ports.extend(
                spec.ports
                    .iter()
                    .map(|(name, number)| port(Cow::Owned(name.value.as_str().to_owned()), number.value.number())),
            );
            let host = spec.host.value.to_string();
            let mut fields = vec![plain("host", host.clone())];
            if !ports.is_empty() {
                fields.extend([contract::port("port"), endpoint("endpoint")]);
            }
            model.add_target(Target {
                name: key.value.as_str().to_owned(),
                kind: TargetKind::External,
                peer: Peer::Addresses(spec.addresses.value),
                host,
                ports,
                contract: Contract { fields, credential: None },
                node: Some(key.node),
            });
        }
        Box::new(NothingToLower)
    }
}
