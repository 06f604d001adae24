//! What the cluster section says.

use crate::decode::At;
use crate::diag::{Code, Diagnostic, Place};
use crate::model::Platform;
use crate::source::NodeId;
use crate::value::{Cidr, KubernetesVersion};

/// The cluster is older than the platform allows.
pub const OLDER: Code = Code {
    id: "DPJ0475",
    summary: "the cluster runs an older Kubernetes than the output is written for",
    docs: "\
`platform.kubernetes` is the oldest API server that must accept the output; `cluster.version` is the one that runs. A
cluster below the platform's oldest would refuse what the compiler was told to rely on.",
};

/// Networks that do not fit together.
pub const NETWORKS: Code = Code {
    id: "DPJ0476",
    summary: "the cluster's networks do not fit together",
    docs: "\
`vpc` holds every network of `public` and `private`. `private` has at least one network: the API server answers in them,
and network policies permit addresses, not names. `aws-services` is where pods reach S3 and STS:

    [cluster.network]
    vpc     = \"10.0.0.0/16\"
    private = [\"10.0.10.0/24\", \"10.0.20.0/24\"]",
};

/// All codes of this module.
pub const CODES: &[&Code] = &[&OLDER, &NETWORKS];

pub(super) fn older(version: &At<KubernetesVersion>, platform: &Platform) -> Diagnostic {
    Diagnostic::error(
        &OLDER,
        format!("the cluster runs Kubernetes {version}, and the output is for {} and newer", platform.kubernetes),
        Place::Value(version.node),
    )
    .also(Place::Value(platform.node), "the platform")
    .help("lower `platform.kubernetes`, or run a newer cluster")
}

pub(super) fn outside(subnet: &At<Cidr>, vpc: &At<Cidr>) -> Diagnostic {
    Diagnostic::error(&NETWORKS, format!("`{subnet}` is outside of the VPC"), Place::Value(subnet.node))
        .also(Place::Value(vpc.node), format!("which is `{vpc}`"))
        .help("state a network of the VPC, or a larger VPC")
}

pub(super) fn no_networks(key: &str, node: NodeId) -> Diagnostic {
    Diagnostic::error(&NETWORKS, format!("`{key}` has no networks"), Place::Value(node))
        .help(format!("state at least one, such as `{key} = [\"10.0.10.0/24\"]`"))
}
