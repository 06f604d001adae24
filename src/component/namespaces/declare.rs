use super::diags;
use super::lower::{Declared, One};
use super::spec::{ContainerLimitsSpec, NamespaceSpec, PodSecurity, QuotaSpec};
use crate::component::{Declare, Lower};
use crate::decode::{At, Entry};
use crate::model::{
    Contract, CpuAndMemorySpec, ModelBuilder, Namespace, Opener, Peer, Protocol, Target, TargetId, TargetKind,
    TargetPort, Workload,
};
use crate::value::{Leaf, Quantity};
use std::borrow::Cow;
use std::collections::BTreeMap;

pub(super) struct Decoded {
    pub(super) namespaces: Vec<Entry<NamespaceSpec>>,
}

impl Declare for Decoded {
    fn declare(self: Box<Self>, model: &mut ModelBuilder<'_>) -> Box<dyn Lower> {
        let prefix = model.platform().map_or_else(String::new, |platform| platform.name.clone());
        let dns = declare_dns(model);
        let mut declared = Declared { namespaces: Vec::with_capacity(self.namespaces.len()) };
        for Entry { name: key, spec } in self.namespaces {
            let name = spec.name.map_or_else(|| format!("{prefix}-{key}"), |name| name.value.as_str().to_owned());
            if name.len() > 63 {
                model.report(diags::name_too_long(&name, key.node));
            }
            let isolated = spec.isolated.map(|isolated| isolated.value);
            let isolated = model.default(key.node, "isolated", isolated, true);
            let security = spec.pod_security.map_or_else(
                || {
                    model.note_default(key.node, "pod-security", &"\"restricted\"");
                    PodSecurity::Restricted
                },
                |security| security.value,
            );
            check_limits(model, spec.container_limits.as_ref());
            check_quota(model, spec.quota.as_ref());
            let id = model.add_namespace(Namespace {
                key: key.value.as_str().to_owned(),
                name,
                isolated,
                labels: BTreeMap::new(),
                privileged: security == PodSecurity::Privileged,
                quota: spec.quota.as_ref().map(|quota| hard(&quota.value)).unwrap_or_default(),
                node: Some(key.node),
            });
            if let (true, Some(dns)) = (isolated, dns) {
                for port in 0..DNS_PORTS.len() {
                    model.imply(Opener::Namespace(id), dns, port, "every pod resolves names", Some(key.node));
                }
            }
            declared.namespaces.push(One {
                id,
                tier: spec.tier.map(|tier| tier.value.to_string()),
                security,
                quota: spec.quota.is_some(),
                limits: spec.container_limits.map(|limits| limits.value),
            });
        }
        Box::new(declared)
    }
}

/// Cluster DNS answers on both: an answer that does not fit UDP is asked for again over TCP.
const DNS_PORTS: [(&str, Protocol); 2] = [("dns", Protocol::Udp), ("dns-tcp", Protocol::Tcp)];

/// The cluster's DNS servers. Their label is `k8s-app: kube-dns` for `CoreDNS` too, on every distribution that kubeadm or
/// EKS makes.
fn declare_dns(model: &mut ModelBuilder<'_>) -> Option<TargetId> {
    let namespace = model.foreign_namespace("kube-system");
    let pods = model.add_workload(Workload {
        key: "kube-dns".to_owned(),
        name: "kube-dns".to_owned(),
        namespace,
        selector: vec![(Cow::Borrowed("k8s-app"), "kube-dns".to_owned())],
        node: None,
        pod: None,
    });
    let port = |(name, protocol)| TargetPort { name: Cow::Borrowed(name), port: 53, pod_port: 53, protocol };
    model.add_target(Target {
        name: "cluster DNS".to_owned(),
        kind: TargetKind::System,
        peer: Peer::Pods(pods),
        host: "kube-dns.kube-system.svc.cluster.local".to_owned(),
        ports: DNS_PORTS.map(port).to_vec(),
        contract: Contract::default(),
        node: None,
    })
}

/// For each resource: min ≤ default request ≤ default ≤ max, as the API server demands of a `LimitRange`.
fn check_limits(model: &mut ModelBuilder<'_>, limits: Option<&At<ContainerLimitsSpec>>) {
    let Some(limits) = limits else { return };
    let steps: [(&'static str, &Option<CpuAndMemorySpec>); 4] = [
        ("min", &limits.min),
        ("default-request", &limits.default_request),
        ("default", &limits.default),
        ("max", &limits.max),
    ];
    for resource in ["cpu", "memory"] {
        let mut lower = None;
        for (name, compute) in steps {
            let quantity = compute.as_ref().and_then(|c| c.entries().find(|(r, _)| *r == resource)).map(|(_, q)| q);
            let Some(quantity) = quantity else { continue };
            if let Some((below, least)) = lower {
                let (below, name) = (format!("{below}.{resource}"), format!("{name}.{resource}"));
                model.check_order((&below, least), (&name, quantity));
            }
            lower = Some((name, quantity));
        }
    }
}

fn check_quota(model: &mut ModelBuilder<'_>, quota: Option<&At<QuotaSpec>>) {
    let Some((requests, limits)) = quota.and_then(|q| Some((q.requests.as_ref()?, q.limits.as_ref()?))) else { return };
    for (resource, request) in requests.entries() {
        if let Some((_, limit)) = limits.entries().find(|(name, _)| *name == resource) {
            model.check_order((&format!("requests.{resource}"), request), (&format!("limits.{resource}"), limit));
        }
    }
}

/// The names of resources under which a quota counts.
fn hard(quota: &QuotaSpec) -> BTreeMap<String, At<Quantity>> {
    let mut hard = BTreeMap::new();
    for (prefix, compute) in [("requests", &quota.requests), ("limits", &quota.limits)] {
        for (resource, quantity) in compute.iter().flat_map(CpuAndMemorySpec::entries) {
            hard.insert(format!("{prefix}.{resource}"), quantity.clone());
        }
    }
    if let Some(objects) = &quota.objects {
        let counts = [
            ("pods", objects.pods),
            ("services", objects.services),
            ("persistentvolumeclaims", objects.persistent_volume_claims),
        ];
        for (resource, count) in counts {
            let amount = count.and_then(|count| Some((Quantity::from_integer(count.value.into())?.ok()?, count.node)));
            hard.extend(amount.map(|(value, node)| (resource.to_owned(), At { value, node })));
        }
    }
    hard
}
