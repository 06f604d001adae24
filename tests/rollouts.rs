//! A workload is a Deployment or a Rollout, and everything else follows.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]
#![allow(clippy::disallowed_methods, missing_docs)]
#![cfg(unix)]

mod support;

use serde_json::{Value, json};
use support::spec::{dpj, sound};

/// DPJ's production as `platform.toml` states it, with another strategy for document-service if one is given.
fn production(strategy: Option<&str>) -> Vec<Value> {
    let mut files = dpj();
    for (path, text) in &mut files {
        if path == "overlays/prod.toml" {
            "# nothing is acknowledged".clone_into(text);
        }
        if let (Some(strategy), "platform.toml") = (strategy, path.as_str()) {
            let start = text.find("[workloads.document-service.rollout]").unwrap();
            let end = start + text[start..].find("\n\n").unwrap();
            text.replace_range(start..end, &format!("[workloads.document-service.rollout]\n{strategy}"));
        }
    }
    let plan = sound(&files, "prod").plan;
    plan.resources().iter().map(|resource| serde_json::to_value(&resource.object).unwrap()).collect()
}

fn of<'a>(objects: &'a [Value], kind: &str, name: &str) -> Vec<&'a Value> {
    objects.iter().filter(|object| object["kind"] == kind && object["metadata"]["name"] == name).collect()
}

fn one<'a>(objects: &'a [Value], kind: &str) -> &'a Value {
    let found = of(objects, kind, "document-service");
    assert_eq!(found.len(), 1, "{kind}");
    found[0]
}

#[test]
fn a_rollout_has_what_a_deployment_would_have() {
    let (rollout, deployment) = (production(None), production(Some("strategy = \"rolling\"")));
    assert!(of(&rollout, "Deployment", "document-service").is_empty(), "never both");
    assert!(of(&deployment, "Rollout", "document-service").is_empty(), "never both");
    let (rollout, deployment) = (&one(&rollout, "Rollout")["spec"], &one(&deployment, "Deployment")["spec"]);
    for field in ["template", "selector", "revisionHistoryLimit", "replicas"] {
        assert_eq!(rollout.get(field), deployment.get(field), "{field}");
    }
    assert!(rollout["template"]["spec"]["containers"][0]["env"].as_array().is_some_and(|env| env.len() > 5));
}

#[test]
fn what_goes_back_to_a_deployment_leaves_nothing() {
    let objects = production(Some("strategy = \"rolling\""));
    for object in &objects {
        let text = object.to_string();
        for word in ["argoproj.io/v1alpha1", "document-service-preview", "smoke-test", "argo-rollouts"] {
            assert!(!text.contains(word), "{word}: {}", object["metadata"]);
        }
    }
}

#[test]
fn everything_follows_the_rollout() {
    let objects = production(None);
    let target = json!({ "apiVersion": "argoproj.io/v1alpha1", "kind": "Rollout", "name": "document-service" });
    assert_eq!(one(&objects, "HorizontalPodAutoscaler")["spec"]["scaleTargetRef"], target);
    assert_eq!(one(&objects, "VerticalPodAutoscaler")["spec"]["targetRef"], target);
    // Pods of both versions: the controller alone tells them apart, in the selectors of the two Services.
    let pods = &one(&objects, "Rollout")["spec"]["selector"]["matchLabels"];
    assert_eq!(one(&objects, "PodDisruptionBudget")["spec"]["selector"]["matchLabels"], *pods);
    assert_eq!(one(&objects, "AuthorizationPolicy")["spec"]["selector"]["matchLabels"], *pods);
    for policy in of(&objects, "NetworkPolicy", "document-service") {
        if policy["apiVersion"] == "networking.k8s.io/v1" {
            assert_eq!(policy["spec"]["podSelector"]["matchLabels"], *pods);
        }
    }
    let blue_green = &one(&objects, "Rollout")["spec"]["strategy"]["blueGreen"];
    for (key, name) in [("activeService", "document-service"), ("previewService", "document-service-preview")] {
        assert_eq!(blue_green[key], name);
        let service = of(&objects, "Service", name)[0];
        assert_eq!(service["spec"]["selector"], *pods, "{name}");
        assert_eq!(service["spec"]["ports"], one(&objects, "Service")["spec"]["ports"], "{name}");
    }
    let host = "document-service.dpj-backend.svc.cluster.local";
    assert_eq!(one(&objects, "DestinationRule")["spec"]["host"], host);
    for routes in objects.iter().filter(|object| object["kind"] == "VirtualService") {
        assert!(!routes.to_string().contains("preview"), "{routes}");
    }
}

/// Argo CD waits until a wave is healthy, but for the last one: a rollout that waits for somebody would hold up all after it.
#[test]
fn nothing_is_applied_after_a_rollout() {
    let objects = production(None);
    let wave = |object: &Value| -> i64 {
        object["metadata"]["annotations"]["argocd.argoproj.io/sync-wave"].as_str().unwrap_or("0").parse().unwrap()
    };
    let last = wave(one(&objects, "Rollout"));
    let with_it: Vec<&str> = objects
        .iter()
        .filter(|object| wave(object) >= last)
        .map(|object| {
            assert_eq!((wave(object), &object["metadata"]["name"]), (last, &json!("document-service")));
            object["kind"].as_str().unwrap()
        })
        .collect();
    assert_eq!(with_it, ["Rollout", "HorizontalPodAutoscaler", "VerticalPodAutoscaler"]);
}

/// Each template that a rollout names is there, with every argument that it reads given.
#[test]
fn a_rollout_finds_its_analyses() {
    let objects = production(None);
    let blue_green = &one(&objects, "Rollout")["spec"]["strategy"]["blueGreen"];
    let mut found = 0;
    for analysis in [&blue_green["prePromotionAnalysis"], &blue_green["postPromotionAnalysis"]] {
        let given: Vec<&Value> =
            analysis["args"].as_array().unwrap().iter().map(|argument| &argument["name"]).collect();
        for template in analysis["templates"].as_array().unwrap() {
            let template = of(&objects, "AnalysisTemplate", template["templateName"].as_str().unwrap())[0];
            let named: Vec<&Value> =
                template["spec"]["args"].as_array().unwrap().iter().map(|argument| &argument["name"]).collect();
            assert!(!named.is_empty() && named.iter().all(|name| given.contains(name)), "{template}");
            let text = template["spec"]["metrics"].to_string();
            for argument in text.split("{{").skip(1).map(|rest| rest.split("}}").next().unwrap()) {
                let name = json!(argument.strip_prefix("args.").expect("arguments only"));
                assert!(named.contains(&&name), "{argument} is not declared in {}", template["metadata"]);
            }
            found += 1;
        }
    }
    assert_eq!(found, 3);
}

/// A version that answers every request with 503 has one series, and the selector of what was answered well picks none:
/// without a value for that side the quotient is empty too, which `no-traffic = "pass"` takes for a version without
/// requests. Side by side for 1 request a second: `(empty or 0) / 1` is 0 and fails. What must stay empty or NaN is the
/// other side: `(empty or 0) / empty` is empty, `0 / 0` is NaN, and both mean that nobody asked.
#[test]
fn a_version_that_answers_nothing_but_errors_has_a_share() {
    let objects = production(None);
    let template = of(&objects, "AnalysisTemplate", "document-service-success-rate")[0];
    let metric = &template["spec"]["metrics"][0];
    let query = metric["provider"]["prometheus"]["query"].as_str().unwrap();
    let (answered, asked) = query.trim_end().split_once("\n/\n").expect("a quotient");
    let answered = answered.strip_prefix('(').and_then(|rest| rest.strip_suffix(" or vector(0))"));
    let answered = answered.expect("nothing answered well is 0, bracketed: `/` binds closer than `or`");
    assert!(answered.starts_with("sum(") && answered.contains("status!~\"5..\""), "{answered}");
    assert!(asked.starts_with("sum(") && !asked.contains("status") && !asked.contains("vector"), "{asked}");
    // Probes and scrapes, which go well or nobody would have started it, are requests on neither side.
    assert!([answered, asked].iter().all(|side| side.contains(r#"uri!~"/actuator(/.*)?""#)), "{query}");
    // Nothing stands for "nobody asked" but an empty result and NaN.
    assert_eq!(metric["successCondition"], "len(result) == 0 || isNaN(result[0]) || (result[0] >= 0.95)");
}

/// A measurement at once would see no request yet, and `no-traffic = "fail"` fail a version that just started.
#[test]
fn nothing_is_measured_before_there_is_something() {
    let objects = production(None);
    let metric = |name| &of(&objects, "AnalysisTemplate", name)[0]["spec"]["metrics"][0];
    let query = metric("document-service-success-rate");
    let window = query["provider"]["prometheus"]["query"].as_str().unwrap().rsplit_once('[').unwrap().1;
    assert_eq!(query["initialDelay"], window.trim_end().trim_end_matches([']', ')']));
    assert!(metric("document-service-smoke-test").get("initialDelay").is_none(), "it asks itself");
}
