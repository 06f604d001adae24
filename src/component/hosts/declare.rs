use super::lower::{Declared, One};
use super::spec::{CertificatesSpec, HostSpec, Through};
use super::{diags, routes};
use crate::component::{Declare, Lower};
use crate::decode::{At, Entry};
use crate::model::{ModelBuilder, Opener};
use crate::source::NodeId;
use crate::value::{Host, Leaf};
use std::collections::BTreeMap;

pub(super) struct Decoded {
    pub(super) hosts: Vec<Entry<HostSpec>>,
    pub(super) certificates: Option<At<CertificatesSpec>>,
}

impl Declare for Decoded {
    fn declare(self: Box<Self>, model: &mut ModelBuilder<'_>) -> Box<dyn Lower> {
        let issuer = self.certificates.map(|at| (at.value.issuer.value.as_str().to_owned(), at.node));
        let gateway = model.mesh().map(|mesh| mesh.gateway);
        let mut names: BTreeMap<String, NodeId> = BTreeMap::new();
        let mut hosts = Vec::with_capacity(self.hosts.len());
        for Entry { name: key, spec } in self.hosts {
            let name = key.value.as_str();
            let Through::Istio = spec.through.value;
            if gateway.is_none() {
                model.report(diags::no_mesh(spec.through.node));
            }
            if issuer.is_none() {
                model.report(diags::no_issuer(name, key.node));
            }
            let host = full_name(model, name, key.node, spec.host.as_ref());
            if let Some(host) = &host
                && let Some(first) = names.insert(host.clone(), key.node)
            {
                model.report(diags::host_twice(host, key.node, first));
            }
            if spec.routes.value.is_empty() {
                model.report(diags::no_routes(name, spec.routes.node));
            }
            let routes = routes::declare(model, spec.routes.value);
            for route in &routes {
                if let Some(gateway) = gateway {
                    let because = "a route of a host leads there";
                    model.imply(Opener::Workload(gateway), route.target, route.port, because, Some(route.node));
                }
            }
            if let (Some(host), Some((issuer, _))) = (host, &issuer) {
                hosts.push(One { key: name.to_owned(), host, issuer: issuer.clone(), routes, node: key.node });
            }
        }
        Box::new(Declared { hosts, certificates: issuer.map(|(_, node)| node) })
    }
}

/// The host's full name, which is under the platform's domain.
fn full_name(model: &mut ModelBuilder<'_>, key: &str, node: NodeId, stated: Option<&At<Host>>) -> Option<String> {
    let Some(domain) = model.platform().and_then(|platform| platform.domain.clone()) else {
        model.report(diags::no_domain(key, node));
        return None;
    };
    match stated {
        Some(host) => {
            let under = host.value.as_str().strip_suffix(domain.as_str());
            if !under.is_some_and(|rest| rest.is_empty() || rest.ends_with('.')) {
                model.report(diags::outside_domain(host, &domain));
            }
            Some(host.value.to_string())
        }
        None => {
            let host = format!("{key}.{domain}");
            if let Err(invalid) = Host::parse(&host) {
                model.report(diags::bad_name(&invalid, node));
            }
            model.note_default(node, "host", &format!("\"{host}\""));
            Some(host)
        }
    }
}
