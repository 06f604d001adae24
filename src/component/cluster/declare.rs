use super::diags;
use super::spec::{ClusterSpec, NetworkSpec};
use crate::component::{Declare, Lower, NothingToLower};
use crate::decode::At;
use crate::model::{Contract, ModelBuilder, Peer, Protocol, Target, TargetKind, TargetPort};
use crate::source::NodeId;
use crate::value::Cidr;
use std::borrow::Cow;

pub(super) struct Decoded {
    pub(super) cluster: Option<At<ClusterSpec>>,
}

impl Declare for Decoded {
    fn declare(self: Box<Self>, model: &mut ModelBuilder<'_>) -> Box<dyn Lower> {
        let Some(At { value: cluster, node }) = self.cluster else { return Box::new(NothingToLower) };
        if let (Some(version), Some(platform)) = (&cluster.version, model.platform())
            && version.value < platform.kubernetes
        {
            let diagnostic = diags::older(version, platform);
            model.report(diagnostic);
        }
        let At { value: network, node: table } = cluster.network;
        check_networks(model, &network);
        let private = network.private;
        let aws = match network.aws_services {
            Some(services) => services,
            None => {
                let list: Vec<String> = private.value.iter().map(|cidr| format!("\"{cidr}\"")).collect();
                model.note_default(table, "aws-services", &format!("[{}]", list.join(", ")));
                private.clone()
            }
        };
        for (key, networks) in [("private", &private), ("aws-services", &aws)] {
            if networks.value.is_empty() {
                model.report(diags::no_networks(key, networks.node));
            }
        }
        // Amazon EKS, "Cluster network interfaces": the control plane has addresses in the cluster's subnets.
        add(model, "API server", "kubernetes.default.svc.cluster.local", private.value, node);
        // Amazon VPC, "Interface endpoints": with private DNS the usual names lead to addresses in the subnets.
        add(model, "S3", "s3.amazonaws.com", aws.value.clone(), node);
        add(model, "STS", "sts.amazonaws.com", aws.value, node);
        Box::new(NothingToLower)
    }
}

fn check_networks(model: &mut ModelBuilder<'_>, network: &NetworkSpec) {
    let Some(vpc) = &network.vpc else { return };
    for subnet in network.public.iter().chain(&network.private.value) {
        if !vpc.value.covers(subnet.value) {
            model.report(diags::outside(subnet, vpc));
        }
    }
}

fn add(model: &mut ModelBuilder<'_>, name: &str, host: &str, addresses: Vec<At<Cidr>>, node: NodeId) {
    let port = TargetPort { name: Cow::Borrowed("https"), port: 443, pod_port: 443, protocol: Protocol::Tcp };
    model.add_target(Target {
        name: name.to_owned(),
        kind: TargetKind::System,
        peer: Peer::Addresses(addresses),
        host: host.to_owned(),
        ports: vec![port],
        contract: Contract::default(),
        node: Some(node),
    });
}
