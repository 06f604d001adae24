use super::diags;
use super::spec::{ClusterSpec, NetworkSpec};
use crate::component::{Declare, Lower, NothingToLower};
use crate::decode::At;
use crate::model::contract::{REGION, plain};
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
        let api_server = "kubernetes.default.svc.cluster.local".to_owned();
        add(model, "API server", api_server, private.value, Contract::default(), node);
        // Amazon VPC, "Interface endpoints": with private DNS the names of the region, and not the global ones, lead to
        // addresses in the subnets. Who asks has to know the region.
        let region = cluster.region.map(|region| region.value.as_str().to_owned());
        let host = |service: &str| match &region {
            Some(region) => format!("{service}.{region}.amazonaws.com"),
            None => format!("{service}.amazonaws.com"),
        };
        let (s3, sts) = (host("s3"), host("sts"));
        let fields = region.into_iter().map(|region| plain(REGION, region)).collect();
        let contract = Contract { fields, credential: None };
        add(model, "S3", s3, aws.value.clone(), contract.clone(), node);
        add(model, "STS", sts, aws.value, contract, node);
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

fn add(
    model: &mut ModelBuilder<'_>,
    name: &str,
    host: String,
    addresses: Vec<At<Cidr>>,
    contract: Contract,
    node: NodeId,
) {
    let port = TargetPort { name: Cow::Borrowed("https"), port: 443, pod_port: 443, protocol: Protocol::Tcp };
    model.add_target(Target {
        name: name.to_owned(),
        kind: TargetKind::System,
        peer: Peer::Addresses(addresses),
        host,
        ports: vec![port],
        contract,
        node: Some(node),
    });
}
