//! What runs in a namespace at most, read from the plan.

use super::super::operated;
use super::super::range::{self, Hard, Ranges};
use super::pod::{self, Counted};
use crate::k8s::argo_rollouts::Provider;
use crate::k8s::{Object, Tree, Value, labels};
use crate::model::Model;
use crate::model::pod::Resources;
use crate::plan::{Plan, Resource, Slice};
use crate::value::{Leaf, Quantity};
use k8s_openapi::api::apps::v1::DeploymentSpec;
use k8s_openapi::api::core::v1::PodTemplateSpec;
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
    each: Counted,
    /// What of that is its proxy's.
    proxy: Counted,
    /// One more pod beside those, what it asks for, and what it is.
    once: Option<(Counted, &'static str)>,
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
            once: None,
            services: 0,
            claims: 0,
        }
    }

    /// What a Service brings, of which no more is read.
    fn of_service(name: &'a str) -> Self {
        Part { services: 1, ..Part::named(name) }
    }

    /// What it brings of a resource, in nano-units.
    pub(super) fn nanos(&self, key: &str) -> u128 {
        match self.count(key) {
            Some(count) => u128::from(count) * 1_000_000_000,
            None => {
                let all = self.each.get(key).map_or(0, |each| each.nanos().saturating_mul(self.pods.into()));
                all.saturating_add(self.once(key).map_or(0, Quantity::nanos))
            }
        }
    }

    /// The same for people; `None` for nothing.
    pub(super) fn amount(&self, key: &str) -> Option<Quantity> {
        let amount = match self.count(key) {
            Some(count) => Quantity::from_integer(count.into())?.ok()?,
            None => {
                let all = self.each.get(key)?.times(self.pods);
                self.once(key).map_or_else(|| Some(all.clone()), |once| all.checked_add(once))?
            }
        };
        (!amount.is_zero()).then_some(amount)
    }

    fn once(&self, key: &str) -> Option<&Quantity> {
        self.once.as_ref()?.0.get(key)
    }

    fn count(&self, key: &str) -> Option<u32> {
        match key {
            "pods" => Some(self.pods.saturating_add(u32::from(self.once.is_some()))),
            "services" => Some(self.services),
            "persistentvolumeclaims" => Some(self.claims),
            _ => None,
        }
    }

    /// What is said of the pod beside the others.
    fn further(&self, amount: Option<&Quantity>) -> String {
        let Some((_, what)) = &self.once else { return String::new() };
        amount.map_or_else(|| format!(", and {what}"), |amount| format!(", and 1 of {} ({what})", amount.canonical()))
    }

    /// What the amount is made of.
    pub(super) fn text(&self, key: &str) -> String {
        let (name, why) = (self.name, &self.why);
        match (key, self.each.get(key)) {
            ("pods", _) if !why.is_empty() => format!("`{name}`: {why}{}", self.further(None)),
            (_, Some(each)) => {
                let each = each.canonical();
                let proxy =
                    self.proxy.get(key).map_or_else(String::new, |p| format!(", {} of it its proxy", p.canonical()));
                let pods = if self.pods == 1 { "1 pod".to_owned() } else { format!("{} pods", self.pods) };
                let why = if why.is_empty() { String::new() } else { format!(" ({why})") };
                format!("`{name}`: {pods} of {each}{proxy}{why}{}", self.further(self.once(key)))
            }
            _ => format!("`{name}`"),
        }
    }
}

/// A namespace with quotas, and what is in it.
pub(super) struct Demand<'a> {
    pub(super) namespace: &'a str,
    /// The quotas, each with what it counts.
    pub(super) quotas: Vec<(&'a Resource, Vec<Hard>)>,
    pub(super) parts: Vec<Part<'a>>,
}

/// The namespaces with a quota. A plan has a namespace's resources one after the other.
pub(super) fn of_quotas<'a>(model: &'a Model, plan: &'a Plan) -> Vec<Demand<'a>> {
    let mut proxies = None;
    plan.by_namespace()
        .filter_map(|slice| {
            let namespace = slice.resources().first()?.object.identity().namespace?;
            let quotas: Vec<(&Resource, Vec<Hard>)> = slice
                .of_kind("", "ResourceQuota")
                .filter_map(|resource| match resource.object.typed().as_ref() {
                    Object::ResourceQuota(quota) => Some((resource, range::quota(quota))),
                    _ => None,
                })
                .collect();
            if quotas.is_empty() {
                return None;
            }
            let proxies = proxies.get_or_insert_with(|| self::proxies(model));
            let facts = Facts::of(slice, proxies.get(namespace));
            let services = slice.of_kind("", "Service").map(|service| Part::of_service(service.object.identity().name));
            let others = slice
                .with_values()
                .filter_map(|resource| facts.part(resource.object.typed().as_ref(), resource.object.identity().name));
            let parts = services.chain(others);
            Some(Demand { namespace, quotas, parts: parts.collect() })
        })
        .collect()
}

/// The proxies beside pods, by name of their workload.
type Proxies<'a> = BTreeMap<&'a str, &'a Resources>;

/// The same of all namespaces, by name.
fn proxies(model: &Model) -> BTreeMap<&str, Proxies<'_>> {
    let mut found: BTreeMap<&str, Proxies<'_>> = BTreeMap::new();
    for (id, workload) in model.workloads.iter() {
        if let Some((proxy, namespace)) = model.proxy(id).zip(model.namespaces.get(workload.namespace)) {
            found.entry(&namespace.name).or_default().insert(&workload.name, proxy);
        }
    }
    found
}

/// What several objects of a namespace say of one: bounds of autoscalers, defaults of containers, proxies of pods.
struct Facts<'a> {
    /// By kind and name of what is scaled.
    most: BTreeMap<(String, String), u32>,
    ranges: Ranges,
    /// What the container asks for that brings an instance's log to a store, by name of the store.
    archivers: BTreeMap<&'a str, Counted>,
    proxies: Option<&'a Proxies<'a>>,
}

impl<'a> Facts<'a> {
    fn of(slice: Slice<'a>, proxies: Option<&'a Proxies<'a>>) -> Self {
        let (most, ranges, archivers) = (BTreeMap::new(), Ranges::default(), BTreeMap::new());
        let mut facts = Facts { most, ranges, archivers, proxies };
        let autoscalers = slice.of_kind("autoscaling", "HorizontalPodAutoscaler");
        for resource in autoscalers.chain(slice.of_kind("", "LimitRange")) {
            match resource.object.typed().as_ref() {
                Object::HorizontalPodAutoscaler(autoscaler) => {
                    let target = &autoscaler.spec.scale_target_ref;
                    let most = u32::try_from(autoscaler.spec.max_replicas).unwrap_or_default();
                    facts.most.insert((target.kind.clone(), target.name.clone()), most);
                }
                Object::LimitRange(range) => facts.ranges.add(range),
                _ => {}
            }
        }
        let stores = slice.of_kind("barmancloud.cnpg.io", "ObjectStore");
        let archiver = |store: &'a Resource| {
            let resources = operated::of(&store.object)?.resources;
            Some((store.object.identity().name, pod::container_of(resources.as_deref(), &facts.ranges)))
        };
        facts.archivers = stores.filter_map(archiver).collect();
        facts
    }

    fn part<'b>(&self, object: &Object, name: &'b str) -> Option<Part<'b>> {
        let of_template = |template: &PodTemplateSpec, pods| self.pods(template, pods, name);
        Some(match object {
            Object::Deployment(object) => {
                let replicas = self.replicas(("Deployment", name), object.spec.replicas);
                of_template(&object.spec.template, with_surge(replicas, surge(&object.spec)))
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
            Object::PostgresqlCluster(cluster) => self.postgresql(object, cluster.spec.instances, name),
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
            ("", "PersistentVolumeClaim") => return Some(Part { claims: 1, ..Part::named(name) }),
            ("postgresql.cnpg.io", "Cluster") => {
                let instances = number(&["spec", "instances"]).map_or(1, |count| u32::try_from(count).unwrap_or(0));
                return Some(self.postgresql(object, instances, name));
            }
            ("argoproj.io", "Rollout") if at(&["spec", "strategy", "blueGreen"]).is_some() => {
                of_two_versions(replicas())
            }
            ("argoproj.io", "Rollout") => {
                let surge = at(&["spec", "strategy", "canary", "maxSurge"]).map(Value::to_json);
                let surge = surge.and_then(|stated| IntOrString::deserialize(stated).ok());
                with_surge(replicas(), Some(surge.unwrap_or_else(default_surge)))
            }
            ("apps", "ReplicaSet") | ("", "ReplicationController") => replicas(),
            ("", "Pod") => (1, String::new()),
            ("batch", "CronJob") => {
                let parallel = count(number(&["spec", "jobTemplate", "spec", "parallelism"]));
                (parallel, "while its Job runs".to_owned())
            }
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
    /// an instance without what archives makes each further one.
    fn postgresql<'b>(&self, cluster: &Object, instances: u32, name: &'b str) -> Part<'b> {
        let resources = operated::of(cluster).and_then(|operated| operated.resources);
        let instance = pod::container_of(resources.as_deref(), &self.ranges);
        let mut each = instance.clone();
        if let Some(archiver) = operated::store_of(cluster).and_then(|store| self.archivers.get(store)) {
            pod::add(&mut each, archiver.clone());
        }
        Part {
            pods: instances,
            why: if instances == 1 { "1 instance".to_owned() } else { format!("{instances} instances") },
            each,
            once: Some((instance, "the Job that makes another one")),
            services: 3,
            claims: instances,
            ..Part::named(name)
        }
    }

    /// The number of pods that is wanted at most, and why.
    fn replicas(&self, controller: (&str, &str), stated: Option<i32>) -> (u32, String) {
        let (kind, name) = controller;
        match self.most.get(&(kind.to_owned(), name.to_owned())) {
            Some(most) => (*most, format!("{most} at the autoscaler's maximum")),
            None => (count(stated), count(stated).to_string()),
        }
    }

    /// What a pod asks for with its proxy, and what of it is the proxy's.
    fn pod(&self, template: &PodTemplateSpec) -> (Counted, Counted) {
        let labels = template.metadata.as_ref().and_then(|metadata| metadata.labels.as_ref());
        let name = labels.and_then(|labels| labels.get(labels::NAME)).map(String::as_str);
        let proxy = name.and_then(|name| self.proxies?.get(name)).map(|proxy| amounts(proxy));
        let proxy = proxy.unwrap_or_default();
        let each = template.spec.as_ref().map(|spec| pod::of(spec, &proxy, &self.ranges)).unwrap_or_default();
        (each, proxy)
    }
}

fn amounts(resources: &Resources) -> Counted {
    let of = |(resource, request, limit)| {
        [(request, resources.requests.get(resource)), (limit, resources.limits.get(resource))]
    };
    let stated = pod::KEYS.into_iter().flat_map(of);
    stated.filter_map(|(key, amount)| Some((key, amount?.value.clone()))).collect()
}

fn count(replicas: Option<i32>) -> u32 {
    replicas.map_or(1, |replicas| u32::try_from(replicas).unwrap_or_default())
}

/// Blue-green: the new version stands whole beside the old one.
fn of_two_versions((pods, why): (u32, String)) -> (u32, String) {
    (pods.saturating_mul(2), format!("{why}, and as many of a second version beside them"))
}

/// The pods that an update of a Deployment adds before it takes any; `None` if it takes all of them first.
fn surge(spec: &DeploymentSpec) -> Option<IntOrString> {
    let strategy = spec.strategy.as_ref();
    if strategy.is_some_and(|strategy| strategy.type_.as_deref() == Some("Recreate")) {
        return None;
    }
    let stated = strategy.and_then(|strategy| strategy.rolling_update.as_ref()?.max_surge.clone());
    Some(stated.unwrap_or_else(default_surge))
}

/// What Kubernetes and Argo Rollouts take where nothing is stated.
fn default_surge() -> IntOrString {
    IntOrString::String("25%".to_owned())
}

/// Pods with those that an update adds.
fn with_surge((wanted, why): (u32, String), surge: Option<IntOrString>) -> (u32, String) {
    let surge = match surge {
        Some(IntOrString::Int(pods)) => u32::try_from(pods).unwrap_or_default(),
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
