use super::condition::Conditions;
use super::declare::Pace;
use super::smoke_test::{self, Job};
use crate::component::{Lower, LowerContext};
use crate::k8s::argo_rollouts::{AnalysisTemplateSpec, Argument, Metric, PrometheusProvider, Provider};
use crate::k8s::{Custom, Object, labels};
use crate::model::WorkloadId;
use crate::model::rollout::{HASH, SERVICE, template_name};
use crate::plan::{Resource, metadata};
use crate::source::NodeId;
use k8s_openapi::api::core::v1::ServiceAccount;

pub(super) struct Declared {
    pub(super) judged: Vec<Judged>,
}

/// A workload and one analysis of it.
pub(super) struct Judged {
    pub(super) workload: WorkloadId,
    pub(super) analysis: String,
    pub(super) measured: Measured,
}

/// What is measured.
pub(super) enum Measured {
    Queried(Queried),
    SmokeTest(Job),
}

/// A query and what its result means.
pub(super) struct Queried {
    pub(super) query: String,
    pub(super) conditions: Conditions,
    pub(super) pace: Pace,
    pub(super) node: NodeId,
}

impl Lower for Declared {
    fn lower(&self, context: &mut LowerContext<'_>) {
        for judged in &self.judged {
            judged.lower(context);
        }
    }
}

impl Judged {
    fn lower(&self, context: &mut LowerContext<'_>) {
        let model = context.model;
        let Some(workload) = model.workloads.get(self.workload) else { return };
        let Some(namespace) = model.namespaces.get(workload.namespace) else { return };
        let mut origins = vec![model.platform.node];
        origins.extend([workload.node, namespace.node].into_iter().flatten());
        let name = template_name(&workload.name, &self.analysis);
        let add = |context: &mut LowerContext<'_>, group: &str, object: Object, origins: &[NodeId]| {
            context.plan.add(Resource {
                object,
                origins: origins.to_vec(),
                owner: workload.node,
                group: group.to_owned(),
                component: "rollouts",
            });
        };
        let metric = match &self.measured {
            Measured::Queried(queried) => {
                let Some(prometheus) = &model.prometheus else { return };
                origins.extend([queried.node, prometheus.node]);
                let home = model.workloads.get(prometheus.pods).and_then(|pods| model.namespaces.get(pods.namespace));
                origins.extend(home.and_then(|namespace| namespace.node));
                Metric {
                    name: self.analysis.clone(),
                    initial_delay: Some(queried.pace.delay.to_string()),
                    interval: Some(queried.pace.interval.to_string()),
                    count: queried.pace.count,
                    failure_limit: queried.pace.failures,
                    success_condition: Some(queried.conditions.success.clone()),
                    failure_condition: queried.conditions.failure.clone(),
                    provider: Provider::Prometheus(PrometheusProvider {
                        address: prometheus.url.clone(),
                        query: queried.query.clone(),
                    }),
                }
            }
            Measured::SmokeTest(job) => {
                origins.push(job.node);
                let account = ServiceAccount {
                    metadata: metadata(&name, &namespace.name, labels::of_application(&model.platform.name, &name)),
                    automount_service_account_token: Some(false),
                    ..Default::default()
                };
                add(context, &name, account.into(), &origins);
                // Its proxy is the mesh's.
                origins.extend(model.mesh.as_ref().map(|mesh| mesh.node));
                let Some(provider) = smoke_test::provider(model, job, self.workload, &namespace.name) else { return };
                Metric {
                    name: self.analysis.clone(),
                    initial_delay: None,
                    interval: None,
                    count: 1,
                    failure_limit: 0,
                    success_condition: None,
                    failure_condition: None,
                    provider: Provider::Job(Box::new(provider)),
                }
            }
        };
        let spec = AnalysisTemplateSpec { args: arguments(&self.measured), metrics: vec![metric] };
        let labels = labels::of_application(&model.platform.name, &workload.name);
        let object = Custom { metadata: metadata(&name, &namespace.name, labels), spec };
        add(context, &workload.name, object.into(), &origins);
    }
}

/// The arguments that it names.
fn arguments(measured: &Measured) -> Vec<Argument> {
    let named = |name: &&str| match measured {
        Measured::Queried(Queried { query, conditions, .. }) => {
            [query, &conditions.success].iter().any(|text| text.contains(&format!("args.{name}")))
        }
        Measured::SmokeTest(_) => *name == SERVICE,
    };
    [HASH, SERVICE].into_iter().filter(named).map(|name| Argument { name }).collect()
}
