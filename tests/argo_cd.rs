//! What Argo CD is told of DPJ's objects, by rules that hold for every kind, also for kinds that are still to come.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]
#![allow(clippy::disallowed_methods, missing_docs)]
#![cfg(unix)]

mod support;

use serde_yaml::Value;
use support::{root, run};

fn objects() -> Vec<Value> {
    let built = run(root(), "build prod");
    assert_eq!(built.status, 0, "{}", built.stderr);
    let documents = serde_yaml::Deserializer::from_str(&built.stdout);
    documents.map(|document| serde::Deserialize::deserialize(document).unwrap()).collect()
}

fn kind(object: &Value) -> &str {
    object["kind"].as_str().unwrap()
}

/// Whether a CRD brings the kind. All groups of CRDs in the output have a domain that is not Kubernetes' own.
fn is_custom(object: &Value) -> bool {
    let group = object["apiVersion"].as_str().unwrap().split_once('/').map_or("", |(group, _)| group);
    let own = ["networking.k8s.io", "rbac.authorization.k8s.io", "storage.k8s.io", "scheduling.k8s.io"];
    group.contains('.') && !own.contains(&group)
}

fn options(object: &Value) -> Vec<&str> {
    let options = object["metadata"]["annotations"]["argocd.argoproj.io/sync-options"].as_str();
    options.into_iter().flat_map(|options| options.split(',')).collect()
}

fn wave(object: &Value) -> i32 {
    let wave = object["metadata"]["annotations"]["argocd.argoproj.io/sync-wave"].as_str();
    wave.map_or(0, |wave| wave.parse().unwrap())
}

#[test]
fn custom_resources_wait_for_their_operator_and_nothing_else_does() {
    let objects = objects();
    for object in &objects {
        let waits = options(object).contains(&"SkipDryRunOnMissingResource=true");
        assert_eq!(waits, is_custom(object), "{} {:?}", kind(object), object["metadata"]["name"]);
    }
    assert!(objects.iter().any(is_custom));
}

#[test]
fn what_takes_data_with_it_is_deleted_only_after_a_yes() {
    let objects = objects();
    let mut asked: Vec<&str> = Vec::new();
    for object in &objects {
        let options = options(object);
        if options.iter().any(|option| option.ends_with("=confirm")) {
            assert!(options.contains(&"Prune=confirm") && options.contains(&"Delete=confirm"), "{options:?}");
            asked.push(kind(object));
        }
    }
    asked.sort_unstable();
    asked.dedup();
    assert_eq!(asked, ["Cluster", "Namespace", "StatefulSet"]);
    for stateful in objects.iter().filter(|object| asked.contains(&kind(object))) {
        assert!(options(stateful).contains(&"Prune=confirm"), "{:?}", stateful["metadata"]["name"]);
    }
}

/// Argo CD applies custom resources last within a wave: pods would be open until then.
#[test]
fn policies_of_the_mesh_come_before_its_pods() {
    let objects = objects();
    let of = |kinds: &[&str]| -> Vec<i32> {
        objects.iter().filter(|object| kinds.contains(&kind(object))).map(wave).collect()
    };
    let policies = of(&["AuthorizationPolicy", "PeerAuthentication"]);
    let pods = of(&["Deployment", "Rollout", "StatefulSet"]);
    assert!(policies.iter().max().unwrap() < pods.iter().min().unwrap());
}
