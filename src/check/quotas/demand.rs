//! What runs in a namespace at most, read from the plan.

use crate::k8s::argo_rollouts::Provider;
use crate::k8s::{Object, Tree, Value, labels};
use crate::model::pod::Resources;
use crate::model::{Model, Namespace, NamespaceId};
use crate::plan::{Plan, Resource};
use crate::value::{Leaf, Quantity};
use k8s_openapi::api::apps::v1::DeploymentSpec;
use k8s_openapi::api::core::v1::{LimitRangeItem, PodTemplateSpec, ResourceRequirements};
use k8s_openapi::apimachinery::pkg::util::intstr::IntOrString;
use serde::Deserialize;
use std::collections::BTreeMap;

/// What one object brings.
pub(super) struct Part<'a> {
    pub(super) name: &'a str,
    /// Its pods at most.
    pods: u32,
    /// How they come to be so many.
    why: String,
    /// What each asks for, by a quota's names, with its proxy.
    each: BTreeMap<&'static str, Quantity>,
    /// What of that is its proxy's.
    proxy: BTreeMap<&'static str, Quantity>,
    services: u32,
    claims: u32,
}

impl<'a> Part<'a> {
    fn named(name: &'a str) -> Self {
        Part {
            name,
            pods: 0,
            why: String::new(),
            each: BTreeMap::new(),
            proxy: BTreeMap::new(),
            services: 0,
            claims: 0,
        }
    }

    /// What it brings of a resource, in nano-units.
    pub(super) fn nanos(&self, key: &str) -> u128 {
        match self.count(key) {
            Some(count) => u128::from(count) * 1_000_000_000,
            None => self.each.get(key).map_or(0, |each| each.nanos().saturating_mul(self.pods.into())),
        }
    }

    /// The same for people; `None` for nothing.
    pub(super) fn amount(&self, key: &str) -> Option<Quantity> {
        let amount = match self.count(key) {
            Some(count) => Quantity::from_integer(count.into())?.ok()?,
            None => self.each.get(key)?.times(self.pods),
        };
        (!amount.is_zero()).then_some(amount)
    }

    fn count(&self, key: &str) -> Option<u32> {
        match key {
            "pods" => Some(self.pods),
            "services" => Some(self.services),
            "persistentvolumeclaims" => Some(self.claims),
            _ => None,
        }
    }

    /// What the amount is made of.
    pub(super) fn text(&self, key: &str) -> String {
        let (name, why) = (self.name, &self.why);
        match (key, self.each.get(key)) {
            ("pods", _) if !why.is_empty() => format!("`{name}`: {why}"),
            (_, Some(each)) => {
                let each = each.canonical();
                let proxy =
                    self.proxy.get(key).map_or_else(String::new, |p| format!(", {} of it its proxy", p.canonical()));
                let pods = if self.pods == 1 { "1 pod".to_owned() } else { format!("{} pods", self.pods) };
                let why = if why.is_empty() { String::new() } else { format!(" ({why})") };
                format!("`{name}`: {pods} of {each}{proxy}{why}")
            }
            _ => format!("`{name}`"),
        }
    }
}

/// The namespaces with a quota, each with what is in it. A plan has a namespace's resources one after the other.
pub(super) fn of_quotas<'a>(model: &'a Model, plan: &'a Plan) -> Vec<(&'a Namespace, Vec<Part<'a>>)> {
    let quotas: BTreeMap<&str, (NamespaceId, &Namespace)> = model
        .namespaces
        .iter()
        .filter(|(_, namespace)| !namespace.quota.is_empty())
        .map(|(id, namespace)| (namespace.name.as_str(), (id, namespace)))
        .collect();
    if quotas.is_empty() {
        return Vec::new();
    }
    let proxies = proxies(model);
    fn namespace_of(resource: &Resource) -> Option<&str> {
        resource.object.identity().namespace
    }
    let groups = plan.resources().chunk_by(|one, next| namespace_of(one) == namespace_of(next));
    groups
        .filter_map(|resources| {
            let (id, namespace) = quotas.get(namespace_of(resources.first()?)?)?;
            let facts = Facts::of(resources, proxies.get(id));
            let parts = resources.iter().filter_map(|resource| {
                let object = &resource.object;
                facts.part(object, object.identity().name)
            });
            Some((*namespace, parts.collect()))
        })
        .collect()
}

/// The proxies beside pods, by namespace and name of their workload.
type Proxies<'a> = BTreeMap<&'a str, &'a Resources>;

fn proxies(model: &Model) -> BTreeMap<NamespaceId, Proxies<'_>> {
    let mut found: BTreeMap<NamespaceId, Proxies<'_>> = BTreeMap::new();
    for (id, workload) in model.workloads.iter() {
        if let Some(proxy) = model.proxy(id) {
            found.entry(workload.namespace).or_default().insert(&workload.name, proxy);
        }
    }
    found
}

/// What several objects of a namespace say of one: bounds of autoscalers, defaults of containers, proxies of pods.
struct Facts<'a> {
    most: BTreeMap<(&'a str, &'a str), u32>,
    defaults: Option<&'a LimitRangeItem>,
    proxies: Option<&'a Proxies<'a>>,
}

impl<'a> Facts<'a> {
    fn of(resources: &'a [Resource], proxies: Option<&'a Proxies<'a>>) -> Self {
        let mut facts = Facts { most: BTreeMap::new(), defaults: None, proxies };
        for resource in resources {
            match &resource.object {
                Object::HorizontalPodAutoscaler(autoscaler) => {
                    let target = &autoscaler.spec.scale_target_ref;
                    let most = u32::try_from(autoscaler.spec.max_replicas).unwrap_or_default();
                    facts.most.insert((&target.kind, &target.name), most);
                }
                Object::LimitRange(range) => {
                    facts.defaults = range.spec.as_ref().and_then(|spec| spec.limits.first());
                }
                _ => {}
            }
        }
        facts
    }

    fn part<'b>(&self, object: &'b Object, name: &'b str) -> Option<Part<'b>> {
        let nothing = Part::named(name);
        let of_template = |template: &PodTemplateSpec, pods| self.pods(template, pods, name);
        Some(match object {
            Object::Service(_) => Part { services: 1, ..nothing },
            Object::Deployment(object) => {
                let replicas = self.replicas(("Deployment", name), object.spec.replicas);
                of_template(&object.spec.template, with_surge(replicas, &object.spec))
            }
            Object::Rollout(object) => {
                let replicas = self.replicas(("Rollout", name), object.spec.replicas);
                of_template(&object.spec.template, of_two_versions(replicas))
            }
            Object::StatefulSet(object) => {
                let replicas = count(object.spec.replicas);
                let templates = object.spec.volume_claim_templates.as_ref().map_or(0, Vec::len);
                let claims = replicas.saturating_mul(u32::try_from(templates).unwrap_or(u32::MAX));
                Part { claims, ..of_template(&object.spec.template, (replicas, String::new())) }
            }
            Object::Job(object) => {
                let spec = object.spec.as_ref()?;
                of_template(&spec.template, (count(spec.parallelism), "while the Job runs".to_owned()))
            }
            Object::AnalysisTemplate(object) => {
                let jobs = object.spec.metrics.iter().filter_map(|metric| match &metric.provider {
                    Provider::Job(job) => Some(&job.spec.template),
                    Provider::Prometheus(_) => None,
                });
                of_template(jobs.into_iter().next()?, (1, "while a new version is judged".to_owned()))
            }
            Object::PostgresqlCluster(object) => {
                self.postgresql(object.spec.instances, object.spec.resources.as_ref(), name)
            }
            Object::Tree(tree) => return self.tree(tree, object, name),
            _ => return None,
        })
    }

    /// The same of an object without a type: a custom resource that was patched, or what a manifest states.
    fn tree<'b>(&self, tree: &Tree, object: &Object, name: &'b str) -> Option<Part<'b>> {
        let at = |path: &[&str]| tree.value().at(path);
        let number = |path: &[&str]| at(path).and_then(Value::as_i64).and_then(|count| i32::try_from(count).ok());
        let gvk = tree.gvk();
        let replicas = || self.replicas((gvk.kind, name), number(&["spec", "replicas"]));
        let pods = match (gvk.group, gvk.kind) {
            ("", "Service") => return Some(Part { services: 1, ..Part::named(name) }),
            ("", "PersistentVolumeClaim") => return Some(Part { claims: 1, ..Part::named(name) }),
            ("postgresql.cnpg.io", "Cluster") => {
                let resources = at(&["spec", "resources"]).map(Value::to_json);
                let resources = resources.and_then(|stated| ResourceRequirements::deserialize(stated).ok());
                let instances = number(&["spec", "instances"]).map_or(1, |count| u32::try_from(count).unwrap_or(0));
                return Some(self.postgresql(instances, resources.as_ref(), name));
            }
            ("argoproj.io", "Rollout") if at(&["spec", "strategy", "blueGreen"]).is_some() => {
                of_two_versions(replicas())
            }
            ("argoproj.io", "Rollout") | ("apps", "ReplicaSet") | ("", "ReplicationController") => replicas(),
            ("", "Pod") => (1, String::new()),
            ("batch", "CronJob") => (1, "while its Job runs".to_owned()),
            ("argoproj.io", "AnalysisTemplate") => (1, "while a new version is judged".to_owned()),
            // One pod for each node: how many there are nobody knows here.
            _ => return None,
        };
        Some(self.pods(object.pod_template()?.as_ref(), pods, name))
    }

    /// Pods of a template.
    fn pods<'b>(&self, template: &PodTemplateSpec, (pods, why): (u32, String), name: &'b str) -> Part<'b> {
        let (each, proxy) = self.pod(template);
        Part { pods, why, each, proxy, ..Part::named(name) }
    }

    /// What CloudNativePG makes of a cluster: a Service for the primary, the replicas and all of them; a Job as large as
    /// an instance makes each further one.
    fn postgresql<'b>(&self, instances: u32, resources: Option<&ResourceRequirements>, name: &'b str) -> Part<'b> {
        Part {
            pods: instances.saturating_add(1),
            why: format!("{instances} instances, and the Job that makes another one"),
            each: self.container(resources),
            services: 3,
            claims: instances,
            ..Part::named(name)
        }
    }

    /// The number of pods that is wanted at most, and why.
    fn replicas(&self, controller: (&str, &str), stated: Option<i32>) -> (u32, String) {
        match self.most.get(&controller) {
            Some(most) => (*most, format!("{most} at the autoscaler's maximum")),
            None => (count(stated), count(stated).to_string()),
        }
    }

    /// What a pod asks for with its proxy, and what of it is the proxy's.
    fn pod(&self, template: &PodTemplateSpec) -> (BTreeMap<&'static str, Quantity>, BTreeMap<&'static str, Quantity>) {
        let mut each = BTreeMap::new();
        for container in template.spec.iter().flat_map(|spec| &spec.containers) {
            add(&mut each, self.container(container.resources.as_ref()));
        }
        let labels = template.metadata.as_ref().and_then(|metadata| metadata.labels.as_ref());
        let name = labels.and_then(|labels| labels.get(labels::NAME)).map(String::as_str);
        let proxy = name.and_then(|name| self.proxies?.get(name)).map(|proxy| amounts(proxy));
        let proxy = proxy.unwrap_or_default();
        add(&mut each, proxy.clone());
        (each, proxy)
    }

    /// What a container asks for, or gets by default.
    fn container(&self, stated: Option<&ResourceRequirements>) -> BTreeMap<&'static str, Quantity> {
        let defaults = self.defaults;
        let find = |map: Option<&BTreeMap<String, k8s_openapi::apimachinery::pkg::api::resource::Quantity>>, name| {
            map.and_then(|map| map.get(name)).and_then(|amount| Quantity::parse(&amount.0).ok())
        };
        let mut found = BTreeMap::new();
        for (resource, request_key, limit_key) in KEYS {
            let limit = find(stated.and_then(|r| r.limits.as_ref()), resource);
            let request = find(stated.and_then(|r| r.requests.as_ref()), resource).or_else(|| limit.clone());
            let request = request.or_else(|| find(defaults.and_then(|d| d.default_request.as_ref()), resource));
            let limit = limit.or_else(|| find(defaults.and_then(|d| d.default.as_ref()), resource));
            found.extend(request.map(|amount| (request_key, amount)));
            found.extend(limit.map(|amount| (limit_key, amount)));
        }
        found
    }
}

/// A resource with the names under which a quota counts it.
const KEYS: [(&str, &str, &str); 2] =
    [("cpu", "requests.cpu", "limits.cpu"), ("memory", "requests.memory", "limits.memory")];

fn amounts(resources: &Resources) -> BTreeMap<&'static str, Quantity> {
    let of = |(resource, request, limit)| {
        [(request, resources.requests.get(resource)), (limit, resources.limits.get(resource))]
    };
    let stated = KEYS.into_iter().flat_map(of);
    stated.filter_map(|(key, amount)| Some((key, amount?.value.clone()))).collect()
}

fn add(sum: &mut BTreeMap<&'static str, Quantity>, more: BTreeMap<&'static str, Quantity>) {
    for (key, amount) in more {
        let total = sum.get(key).map_or_else(|| Some(amount.clone()), |known| known.checked_add(&amount));
        sum.extend(total.map(|total| (key, total)));
    }
}

fn count(replicas: Option<i32>) -> u32 {
    replicas.map_or(1, |replicas| u32::try_from(replicas).unwrap_or_default())
}

/// Blue-green: the new version stands whole beside the old one.
fn of_two_versions((pods, why): (u32, String)) -> (u32, String) {
    (pods.saturating_mul(2), format!("{why}, and as many of a second version beside them"))
}

/// The pods that an update adds before it takes any.
fn with_surge((wanted, why): (u32, String), spec: &DeploymentSpec) -> (u32, String) {
    let rolling = spec.strategy.as_ref().and_then(|strategy| strategy.rolling_update.as_ref());
    let surge = match rolling.and_then(|rolling| rolling.max_surge.as_ref()) {
        Some(IntOrString::Int(pods)) => u32::try_from(*pods).unwrap_or_default(),
        Some(IntOrString::String(share)) => {
            let percent: u32 = share.trim_end_matches('%').parse().unwrap_or_default();
            u32::try_from((u64::from(wanted) * u64::from(percent)).div_ceil(100)).unwrap_or(u32::MAX)
        }
        None => 0,
    };
    match surge {
        // The number alone explains nothing.
        0 => (wanted, if why == wanted.to_string() { String::new() } else { why }),
        surge => (wanted.saturating_add(surge), format!("{why}, and {surge} more while they are replaced")),
    }
}
