use super::lower::Declared;
use super::spec::MinioSpec;
use super::{CONSOLE, PORT, ROOT, is_divisible};
use crate::component::datastores::declare::{Engine, Placed, image, own_secret};
use crate::component::datastores::diags;
use crate::decode::At;
use crate::k8s::labels;
use crate::model::contract::{client, endpoint, plain, port, property, url};
use crate::model::pod::{Force, Probe, Probes, Resources, Spread};
use crate::model::{Contract, Credential, Identity, ModelBuilder, Opener, Pod, ResourcesSpec, Workload};
use crate::source::NodeId;
use crate::value::{AbsolutePath, Duration, HttpPath, Image, Leaf, Quantity};
use std::borrow::Cow;
use std::collections::BTreeMap;

/// A user that the image gives no meaning to; its files are the volume's.
const USER: u32 = 1000;
const GRACE_SECONDS: u64 = 30;
/// The label `controller-revision-hash` of the pods holds the name, `-` and a hash of up to 10 characters, and at most 63.
const LONGEST_NAME: usize = 52;

pub(in super::super) fn engine(model: &mut ModelBuilder<'_>, name: &str, spec: &MinioSpec, node: NodeId) -> Engine {
    let resources = ResourcesSpec::checked(spec.resources.as_ref(), model);
    let mut pod = pod(model, &spec.image.value, resources, "64Mi", node);
    pod.ports = [PORT, CONSOLE].map(|(name, port)| (name.to_owned(), port)).to_vec();
    pod.probes = Probes {
        liveness: probe("/minio/health/live", 120, 30, node),
        readiness: probe("/minio/health/ready", 30, 10, node),
        startup: None,
    };
    // Two servers on one node would be lost together.
    pod.spread = Spread { hosts: Some(Force::Require), zones: Some(Force::Prefer) };
    Engine {
        selector: vec![(Cow::Borrowed(labels::NAME), name.to_owned())],
        service: name.to_owned(),
        ports: vec![PORT, CONSOLE],
        between: vec![PORT],
        contract: Box::new(|host| Contract {
            fields: vec![
                plain("host", host),
                port("port"),
                endpoint("endpoint"),
                url("url", "http"),
                client("bucket"),
                property("access-key", &["access-key"]),
                property("secret-key", &["secret-key"]),
            ],
            credential: Some(Credential { identity: Identity::PerClient, server: &["access-key", "secret-key"] }),
        }),
        pod: Some(pod),
    }
}

fn pod(model: &ModelBuilder<'_>, from: &Image, resources: Resources, scratch: &str, node: NodeId) -> Pod {
    let (image, version) = image(model, from);
    let scratch = AbsolutePath::parse("/tmp").ok().zip(Quantity::parse(scratch).ok());
    Pod {
        image,
        version,
        args: Vec::new(),
        ports: Vec::new(),
        env: BTreeMap::new(),
        resources,
        probes: Probes::default(),
        user: USER,
        scratch: scratch.into_iter().map(|(path, size)| (At { value: path, node }, At { value: size, node })).collect(),
        config: None,
        spread: Spread::default(),
        grace_seconds: GRACE_SECONDS,
        metrics: None,
    }
}

fn probe(path: &str, delay: u32, period: u32, node: NodeId) -> Option<Probe> {
    let at = |seconds| Some(At { value: Duration::from_secs(seconds), node });
    Some(Probe {
        path: HttpPath::parse(path).ok()?,
        port: PORT.0.to_owned(),
        initial_delay: at(delay),
        period: at(period),
        timeout: None,
        failures: None,
    })
}

pub(in super::super) fn declare(model: &mut ModelBuilder<'_>, placed: Placed, spec: MinioSpec) -> Declared {
    let node = placed.node;
    diags::check_name(model, &placed, spec.name.as_ref().map(|name| name.node), LONGEST_NAME, "a StatefulSet");
    let instances = model.default(node, "instances", spec.instances.map(|instances| instances.value), 1);
    if let Some(stated) = &spec.instances {
        diags::check_instances(model, stated);
        if stated.value > 1 && !is_divisible(stated.value) {
            model.report(diags::minio_instances(stated));
        }
    }
    let root = format!("{}-credentials", placed.key);
    let fields = ROOT.map(|(_, key, name)| (key, property(key, name))).to_vec();
    model.need_secret(own_secret(&placed, root.clone(), placed.key.clone(), fields));

    let name = format!("{}-setup", placed.name);
    let resources = Resources::of_small_job(node);
    let pod = pod(model, &spec.client_image.value, resources, "16Mi", node);
    let setup = model.add_workload(Workload {
        key: format!("{}-setup", placed.key),
        name: name.clone(),
        namespace: placed.namespace,
        selector: vec![(Cow::Borrowed(labels::NAME), name)],
        node: Some(node),
        pod: Some(Box::new(pod)),
    });
    let because = "a Job makes the clients' buckets and users";
    model.imply(Opener::Workload(setup), placed.target, 0, because, Some(node));
    Declared { placed, instances, storage: spec.storage, root, setup }
}
