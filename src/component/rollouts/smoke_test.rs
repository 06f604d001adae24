//! Smoke tests: a Job that sends one request to the version that is judged.
//!
//! Source: Istio, issues 6324 and 15041: a Job with a sidecar ends when its container has told the proxy to end, by
//! `/quitquitquit` at 15020. Without the sidecar a strict mesh would not let it in; native sidecars, which end by
//! themselves, need Kubernetes 1.29, and take the message too.

use super::declare::time;
use super::diags;
use super::spec::SmokeTestSpec;
use crate::decode::At;
use crate::k8s::argo_rollouts::{JobMetadata, JobProvider};
use crate::k8s::labels;
use crate::model::pod::{Pod, Probes, Resources, Spread};
use crate::model::rollout::{SERVICE, template_name};
use crate::model::{
    BlueGreen, CLUSTER_DOMAIN, Model, ModelBuilder, Opener, ResourcesSpec, Target, TargetKind, Workload, WorkloadId,
};
use crate::plan::pod::{self, Extras};
use crate::source::NodeId;
use crate::value::{Duration, HttpPath, Image, Name};
use k8s_openapi::api::batch::v1::JobSpec;
use std::borrow::Cow;
use std::collections::BTreeMap;

/// A smoke test, checked.
pub(super) struct SmokeTest {
    image: Image,
    path: HttpPath,
    seconds: u64,
    resources: Resources,
    node: NodeId,
}

/// The smoke test of a workload.
pub(super) struct Job {
    /// Its pods.
    pub(super) pods: WorkloadId,
    path: HttpPath,
    seconds: u64,
    /// The entry of the analysis.
    pub(super) node: NodeId,
}

/// A user that no image gives a meaning to.
const USER: u32 = 10001;
const TIMEOUT: Duration = Duration::from_secs(120);

/// The new pods are ready by then, but their nodes may have to learn of it: a refused connection is tried again.
const ASK: &str = "curl --fail --silent --show-error --output /dev/null --max-time 10 --retry 5 --retry-delay 3 \
                   --retry-connrefused \"$URL\"";
/// Whatever came of it, the proxy has to end, or the Job never does.
const ASK_BESIDE_A_PROXY: &str = "
passed=$?
curl --silent --output /dev/null --request POST http://127.0.0.1:15020/quitquitquit
exit $passed";

pub(super) fn read(model: &mut ModelBuilder<'_>, spec: SmokeTestSpec, node: NodeId) -> SmokeTest {
    let timeout = time(model, node, "timeout", spec.timeout, TIMEOUT);
    let seconds = timeout.seconds().filter(|seconds| *seconds > 0 && *seconds <= 3600);
    if let (None, Some(stated)) = (seconds, &spec.timeout) {
        model.report(diags::timeout(stated));
    }
    let resources = match &spec.resources {
        Some(_) => ResourcesSpec::checked(spec.resources.as_ref(), model),
        None => {
            model.note_default(node, "resources.requests", &"{ cpu = \"100m\", memory = \"128Mi\" }");
            model.note_default(node, "resources.limits", &"{ cpu = \"200m\", memory = \"256Mi\" }");
            Resources::of_small_job(node)
        }
    };
    let seconds = seconds.unwrap_or_default();
    SmokeTest { image: spec.image.value, path: spec.path.value, seconds, resources, node }
}

/// The pods of the Job and what they connect to: the Service of the version that is judged, before and after.
pub(super) fn declare(
    model: &mut ModelBuilder<'_>,
    tested: WorkloadId,
    fact: &BlueGreen,
    analysis: &At<Name>,
    test: &SmokeTest,
) -> Option<Job> {
    let workload = model.workload(tested)?.clone();
    let (active, own) = model.find_target(&workload.key).map(|(id, target)| (id, target.clone()))?;
    let name = template_name(&workload.name, analysis.value.as_str());
    let registry = model.platform().and_then(|platform| platform.registry.as_ref());
    let image = registry.map_or_else(|| test.image.to_string(), |registry| test.image.with_registry(registry));
    let pods = model.add_workload(Workload {
        key: name.clone(),
        name: name.clone(),
        namespace: workload.namespace,
        selector: vec![(Cow::Borrowed(labels::NAME), name)],
        node: workload.node,
        pod: Some(Box::new(Pod {
            image,
            version: None,
            args: Vec::new(),
            ports: Vec::new(),
            env: BTreeMap::new(),
            resources: test.resources.clone(),
            probes: Probes::default(),
            user: USER,
            scratch: BTreeMap::new(),
            config: None,
            spread: Spread::default(),
            grace_seconds: 30,
            metrics: None,
        })),
    });
    let because = "a smoke test asks the version that is judged";
    if fact.before.contains(analysis) {
        let preview = preview(model, fact, &workload, own)?;
        model.imply(Opener::Workload(pods), preview, 0, because, Some(test.node));
    }
    if fact.after.contains(analysis) {
        model.imply(Opener::Workload(pods), active, 0, because, Some(test.node));
    }
    Some(Job { pods, path: test.path.clone(), seconds: test.seconds, node: test.node })
}

/// The Service of the new version, to which clients connect as to the workload's own.
fn preview(
    model: &mut ModelBuilder<'_>,
    fact: &BlueGreen,
    workload: &Workload,
    own: Target,
) -> Option<crate::model::TargetId> {
    let name = format!("preview of {}", workload.key);
    if let Some(known) = model.system_target(&name) {
        return Some(known);
    }
    let host = format!("{}.{}.svc.{CLUSTER_DOMAIN}", fact.preview, model.namespace_name(workload.namespace));
    model.add_target(Target { name, kind: TargetKind::System, host, ..own })
}

/// The Job as an analysis starts it.
pub(super) fn provider(model: &Model, job: &Job, tested: WorkloadId, namespace: &str) -> Option<JobProvider> {
    let workload = model.workloads.get(job.pods)?;
    let port = model.target_of(tested)?.ports.first()?.port;
    let url = format!("http://{{{{args.{SERVICE}}}}}.{namespace}.svc.{CLUSTER_DOMAIN}:{port}{}", job.path);
    let script = match model.proxy(job.pods) {
        Some(_) => format!("{ASK}{ASK_BESIDE_A_PROXY}"),
        None => ASK.to_owned(),
    };
    let labels = labels::of_application(&model.platform.name, &workload.name);
    let extras = Extras {
        command: ["/bin/sh", "-c", &script].map(str::to_owned).to_vec(),
        env: BTreeMap::from([("URL".to_owned(), url)]),
        restart_policy: Some("Never"),
        ..Extras::default()
    };
    let spec = JobSpec {
        active_deadline_seconds: i64::try_from(job.seconds).ok(),
        // A second pod where the first was lost with its node, and not a third one: curl tries again by itself.
        backoff_limit: Some(1),
        template: pod::template_with(model, job.pods, labels.clone(), &extras),
        ..Default::default()
    };
    Some(JobProvider { metadata: JobMetadata { labels }, spec })
}
