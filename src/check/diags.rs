//! What the checks say.

use super::security::{Enforced, Violation};
use crate::diag::suggest::nearest;
use crate::diag::{Code, Diagnostic, Place};
use crate::model::Operators;
use crate::overlay::Disabled;
use crate::plan::{Plan, Resource};
use crate::source::NodeId;
use crate::value::Quantity;

/// Two resources of one identity.
pub const DUPLICATE: Code = Code {
    id: "DPJ0601",
    summary: "two parts of the platform make one object",
    docs: "\
Two objects of the same kind, namespace and name: applied together, the later one overwrites the earlier. Names of objects
follow from names of the spec, so two entries that live in one namespace must not lead to one name.",
};

/// Too long a name.
pub const NAME: Code = Code {
    id: "DPJ0602",
    summary: "a derived name is not one that Kubernetes takes",
    docs: "\
Names of objects have at most 253 characters, those of Services, containers and volumes 63, and a pod's volumes have
different names.",
};

/// Outside of its namespace's limits.
pub const OUTSIDE_RANGE: Code = Code {
    id: "DPJ0603",
    summary: "a container asks for less or more than its namespace admits",
    docs: "\
`container-limits` of a namespace becomes a LimitRange. The API server refuses every pod with a container outside of it, so
the Deployment would exist and have no pods. Pods that an operator makes are refused alike: those of a database, with the
container that archives its log.",
};

/// Quota without resources.
pub const QUOTA_NEEDS: Code = Code {
    id: "DPJ0604",
    summary: "a container states no amount of what its namespace's quota counts",
    docs: "\
Under a quota of `limits.cpu`, every container has to state a CPU limit: the API server refuses pods that do not. State
it, or give the namespace `container-limits` with a default.",
};

/// More than the quota.
pub const QUOTA_EXCEEDED: Code = Code {
    id: "DPJ0605",
    summary: "a namespace may need more than its quota",
    docs: "\
The sum of what a namespace's pods may ask for at once: each autoscaler at its maximum, the pods that a rolling update
adds (25 % unless stated), both versions of a blue-green rollout, init containers and sidecars, the proxies of a mesh,
Jobs, and what operators make. Quotas, limits and pods count as they are in the end, with patches and manifests. Pods
beyond the quota are not started, and nobody is told but whoever looks at the events: an update then waits, or the load
is served by fewer pods.

It is a question and no error: all workloads may never be at their maximum at once. Raise the quota, let the workloads ask
for less, or say why it is meant:

    [namespaces.backend.quota.limits]
    acknowledge = { DPJ0605 = \"one service is rolled out at a time\" }",
};

/// A pod that its namespace does not admit.
pub const POD_SECURITY: Code = Code {
    id: "DPJ0606",
    summary: "a pod is not what the Pod Security level of its namespace admits",
    docs: "\
A namespace with the label `pod-security.kubernetes.io/enforce` refuses pods that do not keep to a level of the Pod
Security Standards (https://kubernetes.io/docs/concepts/security/pod-security-standards/), by the rules of the release in
`enforce-version`. A Deployment with such pods is accepted and has none.

What dpjgen makes keeps to `restricted`. A patch or a manifest that does not is mended where it says so; for `restricted`,
a pod and its containers state:

    securityContext:                       # of the pod
      runAsNonRoot: true
      seccompProfile: {type: RuntimeDefault}
    containers:
    - name: app
      securityContext:
        allowPrivilegeEscalation: false
        capabilities: {drop: [ALL]}

What has to do more, an agent of the nodes say, belongs into a namespace of its own:

    [namespaces.agents]
    pod-security = \"privileged\"",
};

/// A kind that nobody serves.
pub const NO_OPERATOR: Code = Code {
    id: "DPJ0490",
    summary: "an object needs an operator that the cluster does not have",
    docs: "\
Kinds such as `ExternalSecret` come with an operator: without its CRDs the API server refuses them, and without the
operator nothing happens. A platform with `[operators]` says which of them its cluster has, at which release, and when
somebody held that release against what the platform writes:

    [operators.external-secrets]
    version = \"2.9.0\"
    chart   = \"https://charts.external-secrets.io/external-secrets\"
    checked = \"2026-11-21\"

A platform without `[operators]` leaves them to somebody else, and nothing is checked.",
};

/// An operator without work.
pub const IDLE_OPERATOR: Code = Code {
    id: "DPJ0491",
    summary: "nothing of the platform needs an operator",
    docs: "\
An operator watches the whole cluster with wide rights, and has to be kept up to date. Where an environment has none of
its objects, it need not be there. The output is written all the same:

    [operators.velero]        # in overlays/dev.toml
    enabled = false",
};

/// All codes of this module. Those of operators have the numbers of their section.
pub const CODES: &[&Code] =
    &[&DUPLICATE, &NAME, &OUTSIDE_RANGE, &QUOTA_NEEDS, &QUOTA_EXCEEDED, &POD_SECURITY, &NO_OPERATOR, &IDLE_OPERATOR];

/// Those of them that are warnings: decisions that a check questions, and that can be acknowledged beside them.
pub const WARNINGS: &[&Code] = &[&QUOTA_EXCEEDED, &IDLE_OPERATOR];

/// The most specific origin: the later entries of the spec.
fn place(resource: &Resource) -> Place {
    own(resource).map_or_else(|| Place::Path("platform.toml".to_owned()), Place::Key)
}

fn own(resource: &Resource) -> Option<NodeId> {
    resource.owner.or_else(|| resource.origins.last().copied())
}

pub(super) fn duplicate(first: &Resource, second: &Resource) -> Diagnostic {
    let identity = second.object.identity();
    let named = identity.namespace.map_or_else(|| identity.name.to_owned(), |ns| format!("{ns}/{}", identity.name));
    let mut diagnostic =
        Diagnostic::error(&DUPLICATE, format!("two {} `{named}`", identity.kind), place(second)).label("one from here");
    if let Some(node) = own(first).filter(|node| own(second) != Some(*node)) {
        diagnostic = diagnostic.also(Place::Key(node), "the other from here");
    }
    diagnostic.help("rename one of the two, or put them into different namespaces")
}

pub(super) fn name(kind: &str, name: &str, most: usize, node: Option<NodeId>) -> Diagnostic {
    let place = node.map_or_else(|| Place::Path("platform.toml".to_owned()), Place::Key);
    let message = format!("the {kind} would be called `{name}`: {} characters, at most {most} are allowed", name.len());
    Diagnostic::error(&NAME, message, place).help("shorten the names that it is made of")
}

pub(super) fn volume_name(name: &str, node: NodeId) -> Diagnostic {
    Diagnostic::error(
        &NAME,
        format!("the volume of this path would be called `{name}`, longer than 63 characters"),
        Place::Key(node),
    )
    .help("mount scratch space at a shorter path")
}

pub(super) fn same_volume(second: NodeId, first: NodeId) -> Diagnostic {
    Diagnostic::error(&NAME, "two paths give one volume name", Place::Key(second))
        .also(Place::Key(first), "the other path")
        .help("paths have to differ in more than punctuation and case")
}

/// `found` is the key, the amount and where it stands; `bound` is `min` or `max` and its value.
pub(super) fn outside_range(
    resource: &Resource,
    namespace: &str,
    (key, amount, node): (&str, &str, Option<NodeId>),
    (bound, value): (&str, &str),
) -> Diagnostic {
    let relation = if bound == "min" { "below" } else { "above" };
    Diagnostic::error(
        &OUTSIDE_RANGE,
        format!("`{key}` is {amount}, {relation} the `{bound}` {value} of a container in `{namespace}`"),
        node.map_or_else(|| place(resource), Place::Value),
    )
    // What is at fault may be a default, which stands nowhere.
    .help(format!(
        "state another `{key}`{}, or another `container-limits.{bound}` of the namespace",
        of_object(resource, key)
    ))
}

/// Whose field a key is that is none of the spec, and where it is stated; nothing of the others.
fn of_object(resource: &Resource, key: &str) -> String {
    let object = resource.object.identity();
    if key.starts_with("spec.") {
        format!(" of the {} `{}`, in its manifest or a patch", object.kind, object.name)
    } else {
        String::new()
    }
}

/// `key` is what the quota counts, `field` is where it is left out, and `stated` by which patch or manifest.
pub(super) fn quota_needs(
    resource: &Resource,
    namespace: &str,
    (key, field): (&str, &str),
    stated: Option<NodeId>,
) -> Diagnostic {
    let object = resource.object.identity().name;
    Diagnostic::error(
        &QUOTA_NEEDS,
        format!("`{object}` states no `{key}`, which the quota of `{namespace}` counts"),
        stated.map_or_else(|| place(resource), Place::Value),
    )
    .help(format!("state `{field}`{}, or a default in `container-limits` of the namespace", of_object(resource, field)))
}

/// `parts` say what the sum is made of, the largest first; `node` is where the amount stands.
pub(super) fn quota_exceeded(
    resource: &Resource,
    namespace: &str,
    (key, quota, sum): (&str, &Quantity, &str),
    node: Option<NodeId>,
    parts: Vec<String>,
) -> Diagnostic {
    let message = format!("`{key}` of all pods in `{namespace}` may come to {sum}, and its quota is {quota}");
    let counts_objects = !matches!(key, "cpu" | "memory") && !key.contains('.');
    let message = if counts_objects { message.replace(" of all pods", "") } else { message };
    let place = node.map_or_else(|| place(resource), Place::Value);
    let diagnostic = Diagnostic::error(&QUOTA_EXCEEDED, message, place).warning();
    parts
        .into_iter()
        .fold(diagnostic, Diagnostic::note)
        .help("raise the quota, or let the workloads ask for less: what is beyond it is not started")
}

/// The violation is at `path` of the object.
pub(super) fn pod_security(
    plan: &Plan,
    resource: &Resource,
    enforced: &Enforced<'_>,
    (path, violation): (&str, &Violation),
) -> Diagnostic {
    let identity = resource.object.identity();
    let namespace = enforced.namespace.object.identity().name;
    let refused = if identity.kind == "Pod" { "does not admit" } else { "admits no pods of" };
    let message = format!("`{namespace}` {refused} the {} `{}`: {}", identity.kind, identity.name, violation.fault);
    let of_pod = || plan.stated_at(resource, &resource.object.in_pod_template(violation.of_pod?));
    let place = plan.stated_at(resource, path).or_else(of_pod).map_or_else(|| place(resource), Place::Value);
    let version = enforced.version.map_or_else(|| "the newest release".to_owned(), |version| version.to_string());
    let level = enforced.level.name();
    let mut diagnostic = Diagnostic::error(&POD_SECURITY, message, place).help(&violation.help);
    if let Some(node) = own(enforced.namespace) {
        diagnostic = diagnostic.also(Place::Key(node), format!("enforces `{level}`"));
    }
    diagnostic.note(format!("Pod Security Standards of {version}, {level}: {}", violation.control))
}

/// `first` is one of the objects, `others` the number of those beside it.
pub(super) fn no_operator(
    operator: &str,
    first: &Resource,
    others: usize,
    operators: &Operators,
    disabled: Option<&Disabled>,
) -> Diagnostic {
    let identity = first.object.identity();
    let named = identity.namespace.map_or_else(|| identity.name.to_owned(), |ns| format!("{ns}/{}", identity.name));
    let message = format!("the {} `{named}` needs the operator `{operator}`, which the cluster lacks", identity.kind);
    let mut diagnostic = Diagnostic::error(&NO_OPERATOR, message, place(first)).label("makes it");
    if others > 0 {
        let (objects, need) = if others == 1 { ("object", "needs") } else { ("objects", "need") };
        diagnostic = diagnostic.note(format!("{others} other {objects} {need} it too"));
    }
    if let Some(disabled) = disabled {
        return diagnostic
            .also(Place::Value(disabled.by), "switched off here")
            .help("switch off what needs it too, or keep it");
    }
    if let Some(near) = nearest(operator, operators.by_name.keys().map(String::as_str))
        && let Some(entry) = operators.by_name.get(near)
    {
        return diagnostic
            .also(Place::Key(entry.node), "called otherwise here")
            .help(format!("call it `operators.{operator}`"));
    }
    diagnostic
        .also(Place::Key(operators.node), "not in this table")
        .help(format!("state the release that the cluster runs, in `[operators.{operator}]`"))
}

pub(super) fn idle_operator<'a>(name: &str, node: NodeId, known: impl Iterator<Item = &'a str> + Clone) -> Diagnostic {
    let message = format!("nothing of the platform needs the operator `{name}`");
    let diagnostic = Diagnostic::error(&IDLE_OPERATOR, message, Place::Key(node)).warning();
    match nearest(name, known.clone()).filter(|_| !known.clone().any(|operator| operator == name)) {
        Some(near) => diagnostic.help(format!("did you mean `{near}`?")),
        None => diagnostic.help(format!("remove it, or switch it off here with `operators.{name}.enabled = false`")),
    }
}
