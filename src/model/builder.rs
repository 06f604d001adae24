//! [`ModelBuilder`]: what components declare into.

use super::ids::{Arena, Id, NamespaceId, TargetId, WorkloadId};
use super::mesh::{Mesh, Traffic};
use super::pod::Resources;
use super::{
    BlueGreen, Connection, Namespace, Operator, Operators, Platform, Prometheus, Reason, Secret, SecretStore, Target,
    TargetKind, Workload, diags,
};
use crate::decode::At;
use crate::diag::{Diagnostic, Sink};
use crate::overlay::Disabled;
use crate::source::NodeId;
use crate::value::{CountOrPercentage, EnvName, Name};
use indexmap::IndexMap;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Display;

/// A connection as the spec states it: its target is still a name.
#[derive(Clone, Debug)]
pub struct Connect {
    /// Who opens it.
    pub from: WorkloadId,
    /// The target's name.
    pub to: At<Name>,
    /// The port, by name or number; the target's first where it is absent.
    pub port: Option<At<String>>,
    /// Environment variables that carry the target's fields.
    pub env: BTreeMap<At<EnvName>, At<String>>,
}

/// A default that was applied, for `dpjgen show`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DefaultValue {
    /// The table in which the key could have stood.
    pub table: NodeId,
    /// Path of the key below it.
    pub key: &'static str,
    /// The value, as TOML.
    pub value: String,
}

/// Collects facts until the model freezes.
#[derive(Debug)]
pub struct ModelBuilder<'a> {
    /// Where mistakes go.
    pub sink: &'a mut Sink,
    pub(crate) environment: String,
    pub(crate) platform: Option<Platform>,
    pub(crate) namespaces: Arena<NamespaceId, Namespace>,
    pub(crate) workloads: Arena<WorkloadId, Workload>,
    pub(crate) targets: Arena<TargetId, Target>,
    pub(crate) target_names: IndexMap<String, TargetId>,
    pub(crate) connects: Vec<Connect>,
    pub(crate) implied: Vec<Connection>,
    pub(crate) store: Option<SecretStore>,
    pub(crate) secrets: Vec<Secret>,
    pub(crate) operators: Option<Operators>,
    pub(crate) mesh: Option<Mesh>,
    pub(crate) traffic: BTreeMap<WorkloadId, Traffic>,
    pub(crate) prometheus: Option<Prometheus>,
    pub(crate) operated: BTreeMap<NodeId, Resources>,
    pub(crate) blue_green: BTreeMap<WorkloadId, BlueGreen>,
    pub(crate) defaults: Vec<DefaultValue>,
    pub(crate) disabled: Vec<Disabled>,
    pub(crate) templates: BTreeSet<At<String>>,
    namespace_keys: BTreeMap<String, NamespaceId>,
    /// By name in the cluster.
    namespace_names: BTreeMap<String, NamespaceId>,
    record_defaults: bool,
    defaulted: BTreeSet<(NodeId, &'static str)>,
}

impl<'a> ModelBuilder<'a> {
    /// An empty model of an environment. `record_defaults` keeps what [`ModelBuilder::default`] is told.
    pub fn new(environment: &str, disabled: Vec<Disabled>, record_defaults: bool, sink: &'a mut Sink) -> Self {
        ModelBuilder {
            sink,
            environment: environment.to_owned(),
            platform: None,
            namespaces: Arena::default(),
            workloads: Arena::default(),
            targets: Arena::default(),
            target_names: IndexMap::new(),
            connects: Vec::new(),
            implied: Vec::new(),
            store: None,
            secrets: Vec::new(),
            operators: None,
            mesh: None,
            traffic: BTreeMap::new(),
            prometheus: None,
            operated: BTreeMap::new(),
            blue_green: BTreeMap::new(),
            defaults: Vec::new(),
            disabled,
            templates: BTreeSet::new(),
            namespace_keys: BTreeMap::new(),
            namespace_names: BTreeMap::new(),
            record_defaults,
            defaulted: BTreeSet::new(),
        }
    }

    /// The environment's name.
    pub fn environment(&self) -> &str {
        &self.environment
    }

    /// States the platform; the first component does.
    pub fn set_platform(&mut self, platform: Platform) {
        self.platform = Some(platform);
    }

    /// The platform, once it is stated.
    pub fn platform(&self) -> Option<&Platform> {
        self.platform.as_ref()
    }

    /// States the operators that the cluster has; the second component does.
    pub fn set_operators(&mut self, operators: Operators) {
        self.operators = Some(operators);
    }

    /// The operator of a name, if the platform says that the cluster has it.
    pub fn operator(&self, name: &str) -> Option<&Operator> {
        self.operators.as_ref()?.by_name.get(name)
    }

    /// Adds a namespace. Its key is unique: the spec's tables are.
    pub fn add_namespace(&mut self, namespace: Namespace) -> NamespaceId {
        let (key, name) = (namespace.key.clone(), namespace.name.clone());
        let id = self.namespaces.push(namespace);
        self.namespace_keys.insert(key, id);
        self.namespace_names.entry(name).or_insert(id);
        id
    }

    /// The namespace that the spec names, or a diagnostic.
    pub fn namespace(&mut self, name: &At<Name>) -> Option<NamespaceId> {
        let found = self.namespace_keys.get(name.value.as_str()).copied();
        if found.is_none() {
            let declared = self.namespaces.iter().filter(|(_, n)| n.node.is_some()).map(|(_, n)| n.key.as_str());
            let off = self.disabled.iter().find(|d| d.section == "namespaces" && d.name == name.value.as_str());
            self.sink.push(diags::unknown_namespace(name, declared, off));
        }
        found
    }

    /// The namespace that the spec names. After a diagnostic it is another one, so that what else is wrong with the thing
    /// that is to be in it, or refers to it, is found all the same.
    pub fn namespace_or_any(&mut self, name: &At<Name>) -> NamespaceId {
        self.namespace(name).unwrap_or_else(Self::any_namespace)
    }

    /// Some namespace, for a thing whose own was reported.
    pub fn any_namespace() -> NamespaceId {
        NamespaceId::of(0)
    }

    /// A namespace's name in the cluster.
    pub fn namespace_name(&self, id: NamespaceId) -> String {
        self.namespaces.get(id).map_or_else(String::new, |namespace| namespace.name.clone())
    }

    /// Adds a set of pods.
    pub fn add_workload(&mut self, workload: Workload) -> WorkloadId {
        self.workloads.push(workload)
    }

    /// Adds a target. Names of targets are unique over all sections, since `connects` names them.
    pub fn add_target(&mut self, target: Target) -> Option<TargetId> {
        if let Some(existing) = self.target_names.get(&target.name).and_then(|id| self.targets.get(*id)) {
            self.sink.push(diags::ambiguous_target(&target, existing));
            return None;
        }
        let name = target.name.clone();
        let id = self.targets.push(target);
        self.target_names.insert(name, id);
        Some(id)
    }

    /// The target of a name, among those of every section.
    pub fn find_target(&self, name: &str) -> Option<(TargetId, &Target)> {
        let id = *self.target_names.get(name)?;
        Some((id, self.targets.get(id)?))
    }

    /// The targets of a kind, in the order in which they were added.
    pub fn targets_of(&self, kind: TargetKind) -> impl Iterator<Item = (TargetId, &Target)> + Clone {
        self.targets.iter().filter(move |(_, target)| target.kind == kind)
    }

    /// What the environment switched off under this name.
    pub fn switched_off(&self, section: &str, name: &str) -> Option<&Disabled> {
        self.disabled.iter().find(|disabled| disabled.section == section && disabled.name == name)
    }

    /// A part of the cluster that was declared before, by name.
    pub fn system_target(&self, name: &str) -> Option<TargetId> {
        let id = self.target_names.get(name).copied()?;
        self.targets.get(id).filter(|target| target.kind == TargetKind::System).map(|_| id)
    }

    /// What a part of the cluster that was declared before publishes in a field, if it does, and the entry that says it.
    pub fn system_field(&self, name: &str, field: &str) -> Option<At<String>> {
        let target = self.targets.get(self.system_target(name)?)?;
        let value = target.contract.field(field)?.text(&target.host, 0, name)?;
        Some(At { value, node: target.node? })
    }

    /// Adds a connection that the spec states.
    pub fn connect(&mut self, connect: Connect) {
        self.connects.push(connect);
    }

    /// Adds a connection that follows from something else.
    pub fn imply(
        &mut self,
        from: super::Opener,
        to: TargetId,
        port: usize,
        because: &'static str,
        node: Option<NodeId>,
    ) {
        let reason = Reason::Implied(because);
        self.implied.push(Connection { from, to, port, reason, env: BTreeMap::new(), node });
    }

    /// States where secrets come from.
    pub fn set_store(&mut self, store: SecretStore) {
        self.store = Some(store);
    }

    /// Asks for a Secret that no connection needs: credentials of what serves them. Without a store it is an error.
    pub fn need_secret(&mut self, secret: Secret) {
        self.secrets.push(secret);
    }

    /// States the service mesh.
    pub fn set_mesh(&mut self, mesh: Mesh) {
        self.mesh = Some(mesh);
    }

    /// The service mesh, once it is stated.
    pub fn mesh(&self) -> Option<&Mesh> {
        self.mesh.as_ref()
    }

    /// States how clients in a mesh treat a workload.
    pub fn set_traffic(&mut self, workload: WorkloadId, traffic: Traffic) {
        self.traffic.insert(workload, traffic);
    }

    /// States where the platform's metrics are.
    pub fn set_prometheus(&mut self, prometheus: Prometheus) {
        self.prometheus = Some(prometheus);
    }

    /// Where the platform's metrics are, once it is stated.
    pub fn prometheus(&self) -> Option<&Prometheus> {
        self.prometheus.as_ref()
    }

    /// Workloads of which two versions run side by side.
    pub fn blue_green(&self) -> impl Iterator<Item = (&WorkloadId, &BlueGreen)> {
        self.blue_green.iter()
    }

    /// A set of pods that was added before.
    pub fn workload(&self, id: WorkloadId) -> Option<&Workload> {
        self.workloads.get(id)
    }

    /// States what containers ask for that an operator makes for an entry.
    pub fn set_operated(&mut self, entry: NodeId, resources: Resources) {
        self.operated.insert(entry, resources);
    }

    /// States that two versions of a workload run side by side.
    pub fn set_blue_green(&mut self, workload: WorkloadId, blue_green: BlueGreen) {
        self.blue_green.insert(workload, blue_green);
    }

    /// Gives a namespace a label.
    pub fn label_namespace(&mut self, id: NamespaceId, key: &str, value: &str) {
        if let Some(namespace) = self.namespaces.get_mut(id) {
            namespace.labels.insert(key.to_owned(), value.to_owned());
        }
    }

    /// A namespace that somebody else creates, such as `istio-system`.
    pub fn foreign_namespace(&mut self, name: &str) -> NamespaceId {
        if let Some(known) = self.namespace_names.get(name) {
            return *known;
        }
        let id = self.namespaces.push(Namespace {
            key: String::new(),
            name: name.to_owned(),
            isolated: false,
            labels: BTreeMap::new(),
            privileged: true,
            quota: BTreeMap::new(),
            node: None,
        });
        self.namespace_names.insert(name.to_owned(), id);
        id
    }

    /// Asks for a template.
    pub fn need_template(&mut self, name: &At<String>) {
        self.templates.insert(name.clone());
    }

    /// The value, or the default, which is recorded for `dpjgen show`.
    pub fn default<T: Display>(&mut self, table: NodeId, key: &'static str, value: Option<T>, default: T) -> T {
        value.unwrap_or_else(|| {
            self.note_default(table, key, &default);
            default
        })
    }

    /// Records a default that was applied. `value` displays as TOML.
    pub fn note_default(&mut self, table: NodeId, key: &'static str, value: &dyn Display) {
        // A table of a class is seen through every member.
        if self.record_defaults && self.defaulted.insert((table, key)) {
            self.defaults.push(DefaultValue { table, key, value: value.to_string() });
        }
    }

    /// Reports a mistake.
    pub fn report(&mut self, diagnostic: Diagnostic) {
        self.sink.push(diagnostic);
    }

    /// Reports a share above 100 %, where Kubernetes takes none.
    pub fn check_share(&mut self, share: &At<CountOrPercentage>) {
        if let Err(invalid) = share.value.at_most_hundred() {
            self.sink.push(crate::decode::diags::invalid_value(&invalid, share.node));
        }
    }

    /// Reports `lower` if it is above `upper`; both with the name of their key.
    pub fn check_order<T: Ord + Display>(&mut self, lower: (&str, &At<T>), upper: (&str, &At<T>)) {
        if lower.1.value > upper.1.value {
            let (low, high) = (lower.1, upper.1);
            self.sink.push(diags::bounds((lower.0, &low.value, low.node), (upper.0, &high.value, high.node)));
        }
    }

    /// The templates that were asked for, taken out.
    pub fn take_templates(&mut self) -> BTreeSet<At<String>> {
        std::mem::take(&mut self.templates)
    }

    /// A dense table with one place for each workload.
    pub(crate) fn per_workload<T: Clone + Default>(&self) -> Vec<T> {
        vec![T::default(); self.workloads.len()]
    }
}
