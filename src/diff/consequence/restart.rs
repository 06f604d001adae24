//! What a change of a pod template does to the pods that run.
//!
//! Source: the API reference of each kind: `DeploymentSpec` ("rolling update", `maxSurge` rounds up, `maxUnavailable`
//! down, 25 % each by default), `StatefulSetSpec` (`partition`, `OnDelete`), `DaemonSetSpec`; Argo Rollouts' `RolloutSpec`.

use super::found;
use super::pods::{Pods, below, number, pods, share, template_path};
use super::subject::{Subject, at};
use super::surroundings::{Side, World};
use super::words::{count, list, shown, verb};
use crate::diff::change::{Class, Consequence, Segment};
use crate::manifest::Value;
use crate::value::{CountOrPercentage, Leaf};

pub(super) fn rule(subject: &Subject<'_>, world: &World<'_>, out: &mut Vec<Consequence>) {
    if !subject.is_changed() {
        return;
    }
    let Some(path) = template_path(&subject.id.group, &subject.id.kind) else { return };
    let mut fields = if path.is_empty() { Vec::new() } else { subject.touched(path) };
    if fields.is_empty() {
        restarted_by_hand(subject, world, out);
        return;
    }
    let reason = reason(subject, path, &fields);
    let spec = |field: &str| at(subject.new, &format!("spec.{field}"));
    let (class, text) = match (subject.id.group.as_str(), subject.id.kind.as_str()) {
        ("apps", "Deployment") => {
            fields.extend(subject.touched("spec.strategy"));
            if spec("paused").and_then(Value::as_bool) == Some(true) {
                (Class::InPlace, "no pod restarts while the Deployment is paused; all do once it is resumed".to_owned())
            } else {
                let pods = pods(subject, Side::New, world);
                (Class::Restart, rolled(&pods, &running(&pods, subject, world), spec("strategy")))
            }
        }
        ("argoproj.io", "Rollout") => {
            let pods = pods(subject, Side::New, world);
            rollout(&pods, &running(&pods, subject, world), subject)
        }
        ("apps", "StatefulSet") => {
            let pods = pods(subject, Side::New, world);
            stateful(&running(&pods, subject, world), spec("updateStrategy"))
        }
        ("apps", "DaemonSet") => daemon(spec("updateStrategy")),
        ("batch", "CronJob") => {
            (Class::InPlace, "takes effect at the next run; what runs now is left alone".to_owned())
        }
        ("apps", "ReplicaSet") | ("", "ReplicationController") => {
            (Class::InPlace, "no pod restarts: only pods that are made from now on are of the new template".to_owned())
        }
        // Jobs are immutable, and operators have rules of their own.
        _ => return,
    };
    let text = if class == Class::Restart { format!("{text}{reason}") } else { text };
    out.push(found(class, text, fields));
}

/// Of the pods that are wanted those that run already: the others are started, none of them restarts.
fn running(wanted: &Pods, subject: &Subject<'_>, world: &World<'_>) -> Pods {
    match (wanted, pods(subject, Side::Old, world)) {
        (Pods::Count(wanted), Pods::Count(before)) => Pods::Count(before.min(*wanted)),
        _ => wanted.clone(),
    }
}

/// What of the template makes the pods restart, where the reader might not expect that it does.
fn reason(subject: &Subject<'_>, path: &str, fields: &[usize]) -> String {
    let checksum = subject.touched(&below(path, "metadata.annotations[\"dpjgen.io/config-checksum\"]"));
    let metadata = subject.touched(&below(path, "metadata"));
    if !checksum.is_empty() && fields.iter().all(|field| checksum.contains(field)) {
        return "; its configuration changed (annotation dpjgen.io/config-checksum)".to_owned();
    }
    if !fields.iter().all(|field| metadata.contains(field)) {
        return String::new();
    }
    let keys: Vec<&str> = metadata
        .iter()
        .filter_map(|index| subject.fields.get(*index)?.path.last())
        .filter_map(|segment| if let Segment::Key(key) = segment { Some(key.as_str()) } else { None })
        .collect();
    format!("; labels and annotations of the pod template count as well ({})", list(&keys))
}

/// A Deployment, or a Rollout without steps: how many pods it wants, and how many of them run already.
fn rolled(wanted: &Pods, running: &Pods, strategy: Option<&Value<'_>>) -> String {
    if *running == Pods::Count(0) {
        return NONE.to_owned();
    }
    let all = running.all();
    let get = |field: &str| strategy.and_then(|strategy| strategy.get(field));
    if get("type").and_then(Value::as_str) == Some("Recreate") {
        let before = match running {
            Pods::Count(1) => "before a new one starts",
            _ => "before new ones start",
        };
        return format!("{all} {} stopped {before}: it is down meanwhile (strategy Recreate)", are(running));
    }
    let field = |name: &str| strategy.and_then(|strategy| strategy.at(&["rollingUpdate", name]));
    let (surge, unavailable) = (field("maxSurge"), field("maxUnavailable"));
    let stated = format!("maxUnavailable {}, maxSurge {}", or_quarter(unavailable), or_quarter(surge));
    let Some(total) = wanted.count() else {
        return format!("{all} are replaced, some at a time: {stated}");
    };
    let quarter = CountOrPercentage::parse("25%").ok();
    let surge = share(surge).or(quarter).map_or(1, |share| share.rounded_up(total));
    let unavailable = share(unavailable).or(quarter).map_or(0, |share| share.rounded_down(total));
    // The controller takes 0 and 0 for "one may be unavailable".
    let unavailable = if surge == 0 { unavailable.max(1) } else { unavailable }.min(total);
    let stay = (total - unavailable).min(running.count().unwrap_or(total));
    if stay == 0 {
        return format!("{all} {} replaced with none left meanwhile: it is down ({stated})", are(running));
    }
    if *running == Pods::Count(1) {
        return format!("its only pod is replaced once a new one is ready ({stated})");
    }
    let step = surge.saturating_add(unavailable).clamp(1, total);
    let at_once = if step >= running.count().unwrap_or(total) {
        "together (all new ones may start at once)".to_owned()
    } else {
        format!("{} at a time", words(step))
    };
    let left = if stay == running.count().unwrap_or(total) { "with all of them ready throughout" } else { "" };
    let left = if left.is_empty() { format!("with at least {stay} ready throughout") } else { left.to_owned() };
    format!("{all} are replaced {at_once}, {left}: {stated}")
}

const NONE: &str = "no pod runs (replicas 0), so none restarts";

fn words(number: u32) -> String {
    match number {
        1 => "one".to_owned(),
        2 => "two".to_owned(),
        3 => "three".to_owned(),
        _ => number.to_string(),
    }
}

fn are(pods: &Pods) -> &'static str {
    if *pods == Pods::Count(1) { "is" } else { "are" }
}

fn or_quarter(value: Option<&Value<'_>>) -> String {
    value.map_or_else(|| "25%".to_owned(), |value| shown(Some(value)))
}

fn stateful(pods: &Pods, strategy: Option<&Value<'_>>) -> (Class, String) {
    let get = |keys: &[&str]| strategy.and_then(|strategy| strategy.at(keys));
    if get(&["type"]).and_then(Value::as_str) == Some("OnDelete") {
        let text = "no pod restarts: with updateStrategy OnDelete a pod stays as it is until somebody deletes it";
        return (Class::InPlace, text.to_owned());
    }
    let partition = number(get(&["rollingUpdate", "partition"])).unwrap_or(0);
    let at_once = share(get(&["rollingUpdate", "maxUnavailable"]))
        .and_then(|share| Some(share.rounded_up(pods.count()?).max(1)))
        .filter(|number| *number > 1)
        .map_or_else(|| "one at a time".to_owned(), |number| format!("up to {number} at a time"));
    match pods.count() {
        Some(0) => (Class::Restart, NONE.to_owned()),
        Some(total) if partition >= total => {
            let text = format!("no pod restarts: the partition {partition} holds back all {}", count(total, "pod"));
            (Class::InPlace, text)
        }
        Some(1) => (Class::Restart, "its only pod is stopped, then started anew: it is down meanwhile".to_owned()),
        Some(total) if partition > 0 => (
            Class::Restart,
            format!(
                "the {} from ordinal {partition} on {} replaced {at_once}, the last first; the others stay",
                count(total - partition, "pod"),
                verb(total - partition, "is", "are")
            ),
        ),
        _ if partition > 0 => {
            let text = format!("its pods from ordinal {partition} on are replaced {at_once}, the last first");
            (Class::Restart, text)
        }
        _ => (Class::Restart, format!("{} are replaced {at_once}, the last first", pods.all())),
    }
}

fn daemon(strategy: Option<&Value<'_>>) -> (Class, String) {
    let get = |keys: &[&str]| strategy.and_then(|strategy| strategy.at(keys));
    if get(&["type"]).and_then(Value::as_str) == Some("OnDelete") {
        let text = "no pod restarts: with updateStrategy OnDelete a pod stays as it is until somebody deletes it";
        return (Class::InPlace, text.to_owned());
    }
    let unavailable = get(&["rollingUpdate", "maxUnavailable"]).map_or_else(|| "1".to_owned(), |v| shown(Some(v)));
    let surge = get(&["rollingUpdate", "maxSurge"]).filter(|value| share(Some(value)).is_some_and(|s| !s.is_zero()));
    let text = match surge {
        Some(surge) => format!(
            "the pod on each node is replaced, the new one started before the old one stops: maxSurge {}",
            shown(Some(surge))
        ),
        None if unavailable == "1" => "the pod on each node is replaced, one node at a time".to_owned(),
        None => format!("the pod on each node is replaced: maxUnavailable {unavailable}"),
    };
    (Class::Restart, text)
}

/// Source: Argo Rollouts, "Specification": `autoPromotionEnabled` is true by default, `previewReplicaCount` all of them.
fn rollout(pods: &Pods, running: &Pods, subject: &Subject<'_>) -> (Class, String) {
    let spec = |field: &str| at(subject.new, &format!("spec.{field}"));
    if spec("paused").and_then(Value::as_bool) == Some(true) {
        return (Class::InPlace, "no pod restarts while the Rollout is paused; all do once it is resumed".to_owned());
    }
    if let Some(strategy) = spec("strategy.blueGreen") {
        let preview = number(strategy.get("previewReplicaCount")).map_or_else(
            || match pods {
                Pods::Count(number) => count(*number, "new pod"),
                _ => "as many new pods".to_owned(),
            },
            |number| count(number, "new pod"),
        );
        let promotion = if strategy.get("autoPromotionEnabled").and_then(Value::as_bool) == Some(false) {
            "; traffic stays on the old ones until somebody promotes it".to_owned()
        } else {
            let analysis = strategy.get("prePromotionAnalysis").is_some();
            let when = if analysis { "and the analysis passes" } else { "" };
            format!("; traffic moves over by itself once they are ready {when}").trim_end().to_owned()
        };
        let beside = format!("{preview} {} started beside {}", if preview.starts_with("1 ") { "is" } else { "are" }, {
            if *running == Pods::Count(1) { "the only one".to_owned() } else { running.all() }
        });
        return (Class::Restart, format!("{beside} as a preview{promotion}"));
    }
    let steps = spec("strategy.canary.steps").map_or(&[][..], Value::items);
    if steps.is_empty() {
        return (Class::Restart, rolled(pods, running, canary_as_strategy(subject).as_ref()));
    }
    let steps: Vec<String> = steps.iter().filter_map(step).collect();
    (Class::Restart, format!("{} are replaced in steps: {}", running.all(), list_of_steps(&steps)))
}

/// A canary without steps is a rolling update with the same two numbers.
fn canary_as_strategy<'v>(subject: &Subject<'v>) -> Option<Value<'v>> {
    let canary = at(subject.new, "spec.strategy.canary")?;
    Some(Value::Map(vec![("rollingUpdate".into(), canary.clone())].into()))
}

fn step(step: &Value<'_>) -> Option<String> {
    let (key, value) = step.entries().first()?;
    Some(match key.as_ref() {
        "setWeight" => format!("{} %", shown(Some(value))),
        "pause" => match value.get("duration") {
            Some(duration) => format!(
                "pause of {}",
                match duration {
                    Value::Number(seconds) => format!("{seconds}s"),
                    other => shown(Some(other)),
                }
            ),
            None => "pause until somebody promotes it".to_owned(),
        },
        "setCanaryScale" => "another scale".to_owned(),
        "analysis" => "analysis".to_owned(),
        "experiment" => "experiment".to_owned(),
        other => other.to_owned(),
    })
}

fn list_of_steps(steps: &[String]) -> String {
    const SHOWN: usize = 8;
    let mut text = steps.iter().take(SHOWN).map(String::as_str).collect::<Vec<_>>().join(", ");
    if steps.len() > SHOWN {
        text.push_str(", …");
    }
    text
}

/// `restartAt` of a Rollout restarts its pods.
fn restarted_by_hand(subject: &Subject<'_>, world: &World<'_>, out: &mut Vec<Consequence>) {
    let fields = subject.touched("spec.restartAt");
    if subject.is("argoproj.io", "Rollout") && !fields.is_empty() && at(subject.new, "spec.restartAt").is_some() {
        let pods = pods(subject, Side::New, world);
        out.push(found(
            Class::Restart,
            format!("{} are restarted at the time that restartAt names", pods.all()),
            fields,
        ));
    }
}
