//! What Argo CD is told of an object because of its kind: one table for what the compiler makes and what manifests state.

use crate::k8s::{Gvk, Object, argo_cd};

/// What an object of a kind is annotated with, unless its author says something else.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Advice {
    /// Options of its sync ([`argo_cd::SYNC_OPTIONS`]), which commas join.
    pub options: [Option<&'static str>; 2],
    /// The wave in which it is applied ([`argo_cd::SYNC_WAVE`]); `None` for the one of everything else.
    pub wave: Option<&'static str>,
}

/// Kinds whose data goes with their objects, by group; no kinds stand for all of the group. Those that merely may take it
/// along are among them: a confirmation costs less than a restore.
///
/// Source: Kubernetes, "Persistent Volumes" (reclaiming), "`StatefulSets`", "Custom Resources" (objects go with their
/// definition), "Namespaces"; `CloudNativePG`, "Storage" (volumes have their `Cluster` as owner); Strimzi, "Deleting Kafka
/// topics", `deleteClaim`; rabbitmq/cluster-operator#855; Kubernetes, "Volume Snapshots" (deletion policy); Argo CD, "App
/// Deletion" (what an application deployed goes with it), "`ApplicationSet`, Application Pruning & Resource Deletion".
const HOLDS_DATA: &[(&str, &[&str])] = &[
    ("", &["Namespace", "PersistentVolume", "PersistentVolumeClaim"]),
    ("apiextensions.k8s.io", &["CustomResourceDefinition"]),
    ("apps", &["StatefulSet"]),
    ("argoproj.io", &["Application", "ApplicationSet"]),
    ("databases.spotahome.com", &[]),
    ("elasticsearch.k8s.elastic.co", &[]),
    ("k8s.mariadb.com", &[]),
    ("kafka.strimzi.io", &["Kafka", "KafkaNodePool", "KafkaTopic"]),
    ("minio.min.io", &["Tenant"]),
    ("mongodbcommunity.mongodb.com", &["MongoDBCommunity"]),
    ("postgresql.cnpg.io", &["Cluster", "Database"]),
    ("rabbitmq.com", &["Exchange", "Queue", "RabbitmqCluster", "Vhost"]),
    ("redis.redis.opstreelabs.in", &[]),
    ("snapshot.storage.k8s.io", &["VolumeSnapshot", "VolumeSnapshotContent"]),
];

/// What Argo CD is told of a kind. `scaled` is the kind that an autoscaler is for, which is broken in Argo CD's eyes as
/// long as there is nothing to scale.
pub fn advice(gvk: Gvk<'_>, scaled: Option<&str>) -> Advice {
    let data = HOLDS_DATA.iter().find(|(group, _)| *group == gvk.group);
    let confirm = data.is_some_and(|(_, kinds)| kinds.is_empty() || kinds.contains(&gvk.kind));
    let wave = match (gvk.group, gvk.kind) {
        ("", "Namespace") | ("apiextensions.k8s.io", "CustomResourceDefinition") => Some(argo_cd::WAVE_NAMESPACES),
        ("external-secrets.io", "ClusterSecretStore" | "SecretStore") => Some(argo_cd::WAVE_STORES),
        ("external-secrets.io", "ClusterExternalSecret" | "ExternalSecret") => Some(argo_cd::WAVE_SECRETS),
        ("security.istio.io", _) => Some(argo_cd::WAVE_POLICIES),
        ("argoproj.io", "Rollout") => Some(argo_cd::WAVE_ROLLOUTS),
        ("autoscaling", "HorizontalPodAutoscaler") | ("autoscaling.k8s.io", "VerticalPodAutoscaler")
            if scaled == Some("Rollout") =>
        {
            Some(argo_cd::WAVE_ROLLOUTS)
        }
        _ => None,
    };
    Advice { options: [confirm.then_some(argo_cd::CONFIRM), (!gvk.is_core()).then_some(argo_cd::SKIP_DRY_RUN)], wave }
}

impl Advice {
    /// The value of the options' annotation; `None` without any.
    pub fn options(&self) -> Option<String> {
        let options: Vec<&str> = self.options.into_iter().flatten().collect();
        (!options.is_empty()).then(|| options.join(","))
    }
}

/// States it on an object that the compiler makes.
pub(super) fn annotate(object: &mut Object) {
    let scaled = match &*object {
        Object::HorizontalPodAutoscaler(autoscaler) => Some(autoscaler.spec.scale_target_ref.kind.as_str()),
        Object::VerticalPodAutoscaler(autoscaler) => Some(autoscaler.spec.target_ref.kind.as_str()),
        _ => None,
    };
    let advice = advice(object.gvk(), scaled);
    if advice == Advice::default() {
        return;
    }
    let Some(metadata) = object.metadata_mut() else { return };
    let annotations = metadata.annotations.get_or_insert_default();
    for (key, value) in
        [(argo_cd::SYNC_OPTIONS, advice.options()), (argo_cd::SYNC_WAVE, advice.wave.map(str::to_owned))]
    {
        if let Some(value) = value {
            annotations.entry(key.to_owned()).or_insert(value);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_sorted_and_names_each_kind_once() {
        assert!(HOLDS_DATA.is_sorted_by(|a, b| a.0 < b.0));
        assert!(HOLDS_DATA.iter().all(|(_, kinds)| kinds.is_sorted_by(|a, b| a < b)));
    }

    /// Argo CD applies the kinds of an operator in the waves of those that are made: definitions have to be there by then.
    #[test]
    fn definitions_come_before_all_that_they_define() {
        let wave = |gvk| advice(gvk, None).wave.map_or(0, |wave| wave.parse::<i32>().unwrap_or(0));
        let definition = Gvk {
            group: "apiextensions.k8s.io",
            api_version: "apiextensions.k8s.io/v1",
            kind: "CustomResourceDefinition",
        };
        for kind in Object::KINDS.iter().filter(|kind| !kind.is_core()) {
            assert!(wave(definition) < wave(*kind), "{kind:?}");
        }
    }
}
