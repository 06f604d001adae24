//! [`Tree`]: an object of any kind, as the fields that it has.
//!
//! Fields stay in the order in which they were: a patch changes the lines that it is about and no others.

use super::object::{Gvk, Object, Rank};
use k8s_openapi::api::core::v1::PodTemplateSpec;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use serde::ser::{SerializeMap, SerializeSeq};
use serde::{Deserialize, Serialize, Serializer};
use serde_json::Number;

/// A value of the API: JSON, with its fields in order.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// As good as nothing.
    Null,
    /// A boolean.
    Bool(bool),
    /// A number.
    Number(Number),
    /// A text.
    String(String),
    /// A list.
    List(Vec<Value>),
    /// Fields by name, each once.
    Map(Vec<(String, Value)>),
}

impl Value {
    /// The value of a field; `None` if this is no map or has no such field.
    pub fn get(&self, field: &str) -> Option<&Value> {
        let Value::Map(fields) = self else { return None };
        fields.iter().find(|(name, _)| name == field).map(|(_, value)| value)
    }

    /// The value below several fields.
    pub fn at(&self, fields: &[&str]) -> Option<&Value> {
        fields.iter().try_fold(self, |value, field| value.get(field))
    }

    /// The text, if it is one.
    pub fn as_str(&self) -> Option<&str> {
        if let Value::String(text) = self { Some(text) } else { None }
    }

    /// The number, if it is one that an `i64` holds.
    pub fn as_i64(&self) -> Option<i64> {
        if let Value::Number(number) = self { number.as_i64() } else { None }
    }

    /// The same for libraries that work on JSON.
    pub fn to_json(&self) -> serde_json::Value {
        match self {
            Value::Null => serde_json::Value::Null,
            Value::Bool(value) => (*value).into(),
            Value::Number(number) => serde_json::Value::Number(number.clone()),
            Value::String(text) => text.as_str().into(),
            Value::List(items) => items.iter().map(Value::to_json).collect(),
            Value::Map(fields) => fields.iter().map(|(name, value)| (name.clone(), value.to_json())).collect(),
        }
    }
}

impl Serialize for Value {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Value::Null => serializer.serialize_unit(),
            Value::Bool(value) => serializer.serialize_bool(*value),
            Value::Number(number) => number.serialize(serializer),
            Value::String(text) => serializer.serialize_str(text),
            Value::List(items) => {
                let mut list = serializer.serialize_seq(Some(items.len()))?;
                items.iter().try_for_each(|item| list.serialize_element(item))?;
                list.end()
            }
            Value::Map(fields) => {
                let mut map = serializer.serialize_map(Some(fields.len()))?;
                fields.iter().try_for_each(|(name, value)| map.serialize_entry(name, value))?;
                map.end()
            }
        }
    }
}

/// An object of any kind.
#[derive(Clone, Debug, PartialEq)]
pub struct Tree {
    api_version: String,
    kind: String,
    metadata: ObjectMeta,
    value: Value,
}

impl Tree {
    /// The object that a value describes, with `apiVersion`, `kind` and `metadata` in front; the reason if it is none.
    pub fn new(value: Value) -> Result<Self, String> {
        let text = |field: &str| value.get(field).and_then(Value::as_str).map(str::to_owned);
        let api_version = text("apiVersion").ok_or("it has no `apiVersion`")?;
        let kind = text("kind").ok_or("it has no `kind`")?;
        let metadata = value.get("metadata").ok_or("it has no `metadata`")?;
        let metadata = ObjectMeta::deserialize(metadata.to_json()).map_err(|error| error.to_string())?;
        let Value::Map(mut fields) = value else { return Err("it is no map".to_owned()) };
        let place =
            |name: &str| ["apiVersion", "kind", "metadata"].iter().position(|first| *first == name).unwrap_or(3);
        fields.sort_by_key(|(name, _)| place(name));
        Ok(Tree { api_version, kind, metadata, value: Value::Map(fields) })
    }

    /// Its group, version and kind.
    pub fn gvk(&self) -> Gvk<'_> {
        let group = self.api_version.split_once('/').map_or("", |(group, _)| group);
        Gvk { group, api_version: &self.api_version, kind: &self.kind }
    }

    /// Its metadata.
    pub fn metadata(&self) -> &ObjectMeta {
        &self.metadata
    }

    /// All of it.
    pub fn value(&self) -> &Value {
        &self.value
    }

    /// What it says of pods, where its kind does.
    pub(super) fn pod_template(&self) -> Option<PodTemplateSpec> {
        let stated = match template_path(self.gvk()) {
            Some(path) => self.value.at(path)?,
            None => self.job_metric()?.1.at(JOB_TEMPLATE)?,
        };
        PodTemplateSpec::deserialize(stated.to_json()).ok()
    }

    /// The first metric of an analysis that is a Job, and its position.
    pub(super) fn job_metric(&self) -> Option<(usize, &Value)> {
        let gvk = self.gvk();
        let is_analysis = (gvk.group, gvk.kind) == ("argoproj.io", "AnalysisTemplate");
        let Some(Value::List(metrics)) = self.value.at(&["spec", "metrics"]).filter(|_| is_analysis) else {
            return None;
        };
        metrics.iter().enumerate().find(|(_, metric)| metric.at(JOB_TEMPLATE).is_some())
    }
}

/// Where the template of a metric's Job is.
pub(super) const JOB_TEMPLATE: &[&str] = &["provider", "job", "spec", "template"];

/// Where a kind says something of pods: the template, or the object itself, which is the pod.
pub(super) fn template_path(gvk: Gvk<'_>) -> Option<&'static [&'static str]> {
    match (gvk.group, gvk.kind) {
        ("apps", "Deployment" | "StatefulSet" | "DaemonSet" | "ReplicaSet")
        | ("batch", "Job")
        | ("argoproj.io", "Rollout")
        | ("", "ReplicationController") => Some(&["spec", "template"]),
        ("batch", "CronJob") => Some(&["spec", "jobTemplate", "spec", "template"]),
        ("", "Pod") => Some(&[]),
        ("", "PodTemplate") => Some(&["template"]),
        _ => None,
    }
}

impl Serialize for Tree {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.value.serialize(serializer)
    }
}

/// Kinds of Kubernetes itself that have no type here, each with the one after which it is applied.
const AFTER: &[(&str, &str, &str)] = &[
    ("apiextensions.k8s.io", "CustomResourceDefinition", "Namespace"),
    ("scheduling.k8s.io", "PriorityClass", "Namespace"),
    ("storage.k8s.io", "StorageClass", "Namespace"),
    ("", "PersistentVolume", "Namespace"),
    ("rbac.authorization.k8s.io", "ClusterRole", "ServiceAccount"),
    ("rbac.authorization.k8s.io", "ClusterRoleBinding", "ServiceAccount"),
    ("rbac.authorization.k8s.io", "Role", "ServiceAccount"),
    ("rbac.authorization.k8s.io", "RoleBinding", "ServiceAccount"),
    ("", "Secret", "ServiceAccount"),
    ("", "PersistentVolumeClaim", "ConfigMap"),
    ("apps", "DaemonSet", "StatefulSet"),
    ("", "Pod", "StatefulSet"),
    ("apps", "ReplicaSet", "StatefulSet"),
    ("batch", "CronJob", "Job"),
    ("networking.k8s.io", "Ingress", "Deployment"),
    // Whatever else there is, then custom resources, which may refer to all of it; webhooks, which would look at it, last.
    ("", "", "PodDisruptionBudget"),
    ("admissionregistration.k8s.io", "MutatingWebhookConfiguration", "PodDisruptionBudget"),
    ("admissionregistration.k8s.io", "ValidatingWebhookConfiguration", "PodDisruptionBudget"),
];

/// The place of a kind that may have no type.
pub(super) fn rank(gvk: Gvk<'_>) -> Rank<'_> {
    let same = |known: &Gvk<'_>| known.kind == gvk.kind && known.group == gvk.group;
    if let Some(after) = Object::KINDS.iter().position(same) {
        return Rank { after, ..Rank::default() };
    }
    let found = AFTER.iter().position(|(group, kind, _)| (*group, *kind) == (gvk.group, gvk.kind));
    let other = || AFTER.iter().position(|(_, kind, _)| kind.is_empty());
    let line = found.or_else(other).unwrap_or_default();
    let after = AFTER.get(line).map_or("", |(.., after)| *after);
    Rank {
        after: Object::KINDS.iter().rposition(|known| known.is_core() && known.kind == after).unwrap_or_default(),
        then: 1 + 2 * line + usize::from(found.is_none() && !gvk.is_core()),
        kind: if found.is_none() { (gvk.group, gvk.kind) } else { ("", "") },
    }
}

/// Kinds of Kubernetes itself whose objects are the cluster's. Of the groups without kinds, all are.
///
/// Source: `kubectl api-resources`, column `NAMESPACED`.
const OF_THE_CLUSTER: &[(&str, &[&str])] = &[
    ("", &["ComponentStatus", "Namespace", "Node", "PersistentVolume"]),
    ("admissionregistration.k8s.io", &[]),
    ("apiextensions.k8s.io", &[]),
    ("apiregistration.k8s.io", &[]),
    ("authentication.k8s.io", &[]),
    ("authorization.k8s.io", &["SelfSubjectAccessReview", "SelfSubjectRulesReview", "SubjectAccessReview"]),
    ("certificates.k8s.io", &["CertificateSigningRequest", "ClusterTrustBundle"]),
    ("flowcontrol.apiserver.k8s.io", &[]),
    ("internal.apiserver.k8s.io", &[]),
    ("networking.k8s.io", &["IPAddress", "IngressClass", "ServiceCIDR"]),
    ("node.k8s.io", &[]),
    ("rbac.authorization.k8s.io", &["ClusterRole", "ClusterRoleBinding"]),
    ("resource.k8s.io", &["DeviceClass", "DeviceTaintRule", "ResourceSlice"]),
    ("scheduling.k8s.io", &["PriorityClass"]),
    ("storage.k8s.io", &["CSIDriver", "CSINode", "StorageClass", "VolumeAttachment", "VolumeAttributesClass"]),
    ("storagemigration.k8s.io", &[]),
];

/// Whether objects of a kind live in namespaces, as far as it is known: of Kubernetes' kinds and of those that the
/// compiler writes itself.
pub fn is_namespaced(gvk: Gvk<'_>) -> Option<bool> {
    if gvk.is_core() {
        let line = OF_THE_CLUSTER.iter().find(|(group, _)| *group == gvk.group);
        return Some(!line.is_some_and(|(_, kinds)| kinds.is_empty() || kinds.contains(&gvk.kind)));
    }
    let written = Object::KINDS.iter().any(|known| known.kind == gvk.kind && known.group == gvk.group);
    written.then(|| gvk.kind != "ClusterSecretStore")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(api_version: &'static str, kind: &'static str) -> Rank<'static> {
        let group = api_version.split_once('/').map_or("", |(group, _)| group);
        rank(Gvk { group, api_version, kind })
    }

    #[test]
    fn kinds_without_a_type_have_their_place() {
        let order = [
            place("v1", "Namespace"),
            place("apiextensions.k8s.io/v1", "CustomResourceDefinition"),
            place("storage.k8s.io/v1", "StorageClass"),
            place("v1", "ResourceQuota"),
            place("v1", "ServiceAccount"),
            place("rbac.authorization.k8s.io/v1", "Role"),
            place("rbac.authorization.k8s.io/v1", "RoleBinding"),
            place("v1", "Secret"),
            place("v1", "ConfigMap"),
            place("v1", "PersistentVolumeClaim"),
            place("v1", "Service"),
            place("apps/v1", "StatefulSet"),
            place("apps/v1", "DaemonSet"),
            place("batch/v1", "Job"),
            place("batch/v1", "CronJob"),
            place("apps/v1", "Deployment"),
            place("networking.k8s.io/v1", "Ingress"),
            place("policy/v1", "PodDisruptionBudget"),
            place("coordination.k8s.io/v1", "Lease"),
            place("kafka.strimzi.io/v1", "Kafka"),
            place("kafka.strimzi.io/v1", "KafkaTopic"),
            place("admissionregistration.k8s.io/v1", "ValidatingWebhookConfiguration"),
        ];
        assert!(order.is_sorted_by(|a, b| a < b), "{order:#?}");
    }

    #[test]
    fn each_line_comes_after_a_kind_that_there_is() {
        for (group, kind, after) in AFTER {
            assert!(Object::KINDS.iter().any(|known| known.is_core() && known.kind == *after), "{kind} after {after}");
            assert!(
                !Object::KINDS.iter().any(|known| known.kind == *kind && known.group == *group),
                "{kind} has a type"
            );
        }
    }

    #[test]
    fn scope_is_known_of_core_and_of_what_is_written() {
        let scope = |group, kind| is_namespaced(Gvk { group, api_version: "", kind });
        assert_eq!(scope("", "ConfigMap"), Some(true));
        assert_eq!(scope("", "Namespace"), Some(false));
        assert_eq!(scope("rbac.authorization.k8s.io", "ClusterRole"), Some(false));
        assert_eq!(scope("rbac.authorization.k8s.io", "Role"), Some(true));
        assert_eq!(scope("external-secrets.io", "ExternalSecret"), Some(true));
        assert_eq!(scope("external-secrets.io", "ClusterSecretStore"), Some(false));
        assert_eq!(scope("example.com", "Shop"), None);
    }
}
