//! [`References`]: who refers to the `ConfigMap`s, Secrets and accounts of a namespace, and which of its pods have a label,
//! found once for all of them.

use super::pods::{RUNNING, containers, template, template_path};
use super::surroundings::{Side, World};
use super::versions;
use super::words::shown;
use crate::diff::change::ObjectChange;
use crate::manifest::{Manifest, Value};
use std::cell::{OnceCell, RefCell};
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

/// How pods use what they refer to, the way that reacts most to a change first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Use {
    /// As files, which the kubelet renews.
    Files,
    /// As files that it never renews.
    SubPath,
    /// As variables, which are read at the start.
    Environment,
}

/// Kinds that name Secrets and `ConfigMap`s in fields of their own.
const READERS: [&str; 16] = [
    "BackupStorageLocation",
    "Certificate",
    "Cluster",
    "Gateway",
    "Grafana",
    "Ingress",
    "Issuer",
    "Kafka",
    "KafkaUser",
    "MongoDBCommunity",
    "ObjectStore",
    "Pooler",
    "Prometheus",
    "RabbitmqCluster",
    "SecretStore",
    "Tenant",
];

/// What is referred to: `ConfigMap`, `Secret` or `ServiceAccount`, and its name.
type What = (&'static str, String);

/// By namespace, of the new side.
#[derive(Default)]
pub(super) struct References<'w> {
    namespaces: RefCell<BTreeMap<Option<String>, Rc<Namespace<'w>>>>,
}

#[derive(Default)]
struct Namespace<'w> {
    workloads: OnceCell<Workloads<'w>>,
    /// What custom resources name, by the name.
    readers: OnceCell<BTreeMap<String, Vec<&'w Manifest<'w>>>>,
    /// Rollouts whose old version, which stays in use for a while, refers to something that the new one does not.
    losers: OnceCell<BTreeMap<What, Vec<&'w ObjectChange<'w>>>>,
    /// What runs pods: of the old side those that changed, of the new side all that are known.
    pods: [OnceCell<Labelled<'w>>; 2],
}

/// Objects that run pods.
struct Labelled<'w> {
    all: Vec<&'w Manifest<'w>>,
    /// By each label of the pods.
    by_label: BTreeMap<(String, String), Vec<&'w Manifest<'w>>>,
}

struct Workloads<'w> {
    users: BTreeMap<What, Vec<(&'w Manifest<'w>, Use)>>,
    is_known: bool,
}

impl<'w> References<'w> {
    fn namespace(&self, namespace: Option<&str>) -> Rc<Namespace<'w>> {
        let namespace = namespace.map(str::to_owned);
        Rc::clone(self.namespaces.borrow_mut().entry(namespace).or_default())
    }

    /// The objects whose pods a label selector selects: of the new side, or of the old one those that are no more what they
    /// were.
    pub(super) fn selected(
        &self,
        world: &World<'w>,
        (side, namespace): (Side, Option<&str>),
        selector: Option<&Value<'_>>,
    ) -> Vec<&'w Manifest<'w>> {
        let known = self.namespace(namespace);
        let [old, new] = &known.pods;
        let pods = if side == Side::Old { old } else { new }.get_or_init(|| {
            let all = match side {
                Side::Old => world.changed(side, namespace, &RUNNING),
                Side::New => world.within(side, namespace, &RUNNING).0,
            };
            let mut by_label: BTreeMap<_, Vec<_>> = BTreeMap::new();
            for manifest in all.iter().copied() {
                let labels = pod_template(manifest).and_then(|pods| pods.at(&["metadata", "labels"]));
                for (key, value) in labels.map_or(&[][..], Value::entries) {
                    by_label.entry((key.to_string(), shown(Some(value)))).or_default().push(manifest);
                }
            }
            Labelled { all, by_label }
        });
        let first = selector.and_then(|selector| selector.get("matchLabels")?.entries().first());
        let nobody = Vec::new();
        let candidates = match first {
            Some((key, value)) => pods.by_label.get(&(key.to_string(), shown(Some(value)))).unwrap_or(&nobody),
            None => &pods.all,
        };
        let is_selected =
            |manifest: &&Manifest<'_>| pod_template(manifest).is_some_and(|pods| versions::selects(selector, pods));
        candidates.iter().copied().filter(is_selected).collect()
    }

    /// The objects whose pods use a `ConfigMap` or `Secret`, or run as a `ServiceAccount`, and whether these are all.
    pub(super) fn users(
        &self,
        world: &World<'w>,
        namespace: Option<&str>,
        (kind, name): (&'static str, &str),
    ) -> (Vec<(&'w Manifest<'w>, Use)>, bool) {
        let known = self.namespace(namespace);
        let workloads = known.workloads.get_or_init(|| {
            let (objects, is_known) = world.within(Side::New, namespace, &RUNNING);
            let mut users: BTreeMap<_, Vec<_>> = BTreeMap::new();
            for manifest in objects {
                for (what, how) in uses(manifest) {
                    users.entry(what).or_default().push((manifest, how));
                }
            }
            Workloads { users, is_known }
        });
        (workloads.users.get(&(kind, name.to_owned())).cloned().unwrap_or_default(), workloads.is_known)
    }

    /// Custom resources that name it, whose operators read it.
    pub(super) fn readers(&self, world: &World<'w>, namespace: Option<&str>, name: &str) -> Vec<&'w Manifest<'w>> {
        let known = self.namespace(namespace);
        let readers = known.readers.get_or_init(|| {
            let mut readers: BTreeMap<String, Vec<_>> = BTreeMap::new();
            for manifest in world.within(Side::New, namespace, &READERS).0 {
                let mut names = BTreeSet::new();
                manifest.value.get("spec").into_iter().for_each(|spec| named(spec, &mut names));
                for name in names {
                    readers.entry(name.to_owned()).or_default().push(manifest);
                }
            }
            readers
        });
        readers.get(name).cloned().unwrap_or_default()
    }

    /// Rollouts of which only the old version refers to it.
    pub(super) fn losers(
        &self,
        world: &World<'w>,
        namespace: Option<&str>,
        (kind, name): (&'static str, &str),
    ) -> Vec<&'w ObjectChange<'w>> {
        let known = self.namespace(namespace);
        let losers = known.losers.get_or_init(|| {
            let mut losers: BTreeMap<What, Vec<_>> = BTreeMap::new();
            for rollout in versions::kept(world).filter(|rollout| rollout.id.namespace.as_deref() == namespace) {
                let uses = |manifest: Option<&Manifest<'_>>| manifest.map(uses).unwrap_or_default();
                let still = uses(rollout.new);
                for what in uses(rollout.old).into_keys().filter(|what| !still.contains_key(what)) {
                    losers.entry(what).or_default().push(rollout);
                }
            }
            losers
        });
        losers.get(&(kind, name.to_owned())).cloned().unwrap_or_default()
    }
}

/// All that fields name which name something: `secret.name`, `secretName`, `credentialName`.
fn named<'v>(value: &'v Value<'_>, names: &mut BTreeSet<&'v str>) {
    match value {
        Value::List(items) => items.iter().for_each(|item| named(item, names)),
        Value::Map(entries) => {
            for (key, inner) in entries {
                if key == "name" || key.ends_with("Name") || key.ends_with("Secret") {
                    names.extend(inner.as_str());
                }
                named(inner, names);
            }
        }
        _ => {}
    }
}

fn pod_template<'m>(manifest: &'m Manifest<'_>) -> Option<&'m Value<'m>> {
    template(template_path(&manifest.id.group, &manifest.id.kind)?, &manifest.value)
}

/// What the pods of an object refer to, and how: the use that reacts least to a change counts.
fn uses(manifest: &Manifest<'_>) -> BTreeMap<What, Use> {
    let mut found = BTreeMap::new();
    let Some(spec) = pod_template(manifest).and_then(|pods| pods.get("spec")) else { return found };
    if let Some(account) = spec.get("serviceAccountName").or_else(|| spec.get("serviceAccount")) {
        found.insert(("ServiceAccount", shown(Some(account))), Use::Environment);
    }
    for (kind, from, key, volume, name) in [
        ("ConfigMap", "configMapRef", "configMapKeyRef", "configMap", "name"),
        ("Secret", "secretRef", "secretKeyRef", "secret", "secretName"),
    ] {
        let mut add = |name: Option<&Value<'_>>, how: Use| {
            if let Some(name) = name {
                let known = found.entry((kind, shown(Some(name)))).or_insert(how);
                *known = how.max(*known);
            }
        };
        // What each volume is made of.
        let mut volumes: BTreeMap<&str, Vec<&Value<'_>>> = BTreeMap::new();
        for one in spec.get("volumes").map_or(&[][..], Value::items) {
            let Some(own) = one.get("name").and_then(Value::as_str) else { continue };
            let projected = one.at(&["projected", "sources"]).map_or(&[][..], Value::items).iter();
            let sources = projected.filter_map(|source| source.at(&[volume, "name"])).chain(one.at(&[volume, name]));
            for source in sources {
                add(Some(source), Use::Files);
                volumes.entry(own).or_default().push(source);
            }
        }
        for (_, _, container) in containers(spec) {
            let list = |field: &str| container.get(field).map_or(&[][..], Value::items).iter();
            list("envFrom").for_each(|one| add(one.at(&[from, "name"]), Use::Environment));
            list("env").for_each(|one| add(one.at(&["valueFrom", key, "name"]), Use::Environment));
            for mount in list("volumeMounts").filter(|mount| mount.get("subPath").is_some()) {
                let sources = mount.get("name").and_then(Value::as_str).and_then(|name| volumes.get(name));
                sources.into_iter().flatten().for_each(|source| add(Some(source), Use::SubPath));
            }
        }
    }
    found
}
