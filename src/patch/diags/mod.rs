//! What patches and manifests are told.

mod manifests;
mod patches;
mod schemas;

pub(super) use manifests::*;
pub(super) use patches::*;
pub(super) use schemas::*;

use crate::diag::Code;
use crate::k8s::Identity;

/// No target.
pub const NO_TARGET: Code = Code {
    id: "DPJ1101",
    summary: "the target of a patch is nothing that the platform makes",
    docs: "\
A patch that changes nothing is a mistake: the object was renamed, or the environment does not have it. `target` names
one object, or picks several:

    target = { kind = \"Deployment\", namespace = \"backend\", name = \"document-service\" }
    target = { kind = \"Deployment\", labels = { \"app.kubernetes.io/part-of\" = \"dpj\" } }

`namespace` is a key of `[namespaces]`. Where an environment lacks the object, it switches the patch off, too:
`[patches.NAME]` with `enabled = false` in its overlay.",
};

/// Too many targets.
pub const WIDE_TARGET: Code = Code {
    id: "DPJ1102",
    summary: "the target of a patch is more than it says",
    docs: "\
A target with a `name` is one object: where several namespaces have one of that name, it says which. A kind that two
API groups have, such as `NetworkPolicy`, needs `group`. A target with nothing but a kind would be every object of it:
one that means that says so with `labels`, as in `labels = { \"app.kubernetes.io/part-of\" = \"dpj\" }`.",
};

/// A path that is not there.
pub const PATH: Code = Code {
    id: "DPJ1103",
    summary: "a patch is about a place that the object does not have",
    docs: "\
`remove`, all operations but `add`, and every step in front of the last one need what they are about. Paths are JSON
pointers; an item of a list is addressed by what it says, not only by its position:

    /spec/template/spec/containers/[name=app]/image
    /spec/ports/[port=8080,protocol=UDP]
    /spec/template/spec/containers/0/args/[=--verbose]

In `merge`, the same step is a key, and `[+name=app]` adds an item that is not there:

    [patches.x.merge.spec.template.spec.containers.\"[name=app]\".env.\"[+name=LEVEL]\"]
    value = \"debug\"",
};

/// A test that fails.
pub const TEST: Code = Code {
    id: "DPJ1104",
    summary: "a `test` of a patch fails",
    docs: "\
`test` says what a patch relies on. Where the object says something else, the patch is not applied, since it was
written for another one: look whether it is still needed, and what its `test` should be.",
};

/// A patch that cannot be meant.
pub const FORM: Code = Code {
    id: "DPJ1105",
    summary: "a patch does not say in one way what it changes",
    docs: "\
A patch has `merge`, `remove` or both (what is removed, and what is merged into the rest), or `operations`, which are
done one after the other:

    merge      = { spec = { replicas = 3 } }
    remove     = [\"/spec/template/spec/affinity\"]

    operations = [{ op = \"replace\", path = \"/spec/replicas\", value = 3 }]",
};

/// A patch that makes another object of its target.
pub const IDENTITY: Code = Code {
    id: "DPJ1106",
    summary: "a patch changes which object its target is",
    docs: "\
`apiVersion`, `kind`, `metadata.name` and `metadata.namespace` say which object it is. Others refer to it by them, so
that a change would leave those with nothing. Rename the entry of the spec that the object comes from.",
};

/// Two patches that do not go together.
pub const CONFLICT: Code = Code {
    id: "DPJ1107",
    summary: "two patches of one object do not go together",
    docs: "\
Patches have names and no order: every one is written for the object as the platform makes it. Two that set a field to
different values, or of which one removes what the other changes, would give another object in another order. Make one
patch of them, or switch one of them off in the environment.",
};

/// Not what the API server takes.
pub const SCHEMA: Code = Code {
    id: "DPJ1108",
    summary: "a patched object or a manifest is not what the API server takes",
    docs: "\
What construction does not guarantee is held against the schemas of Kubernetes, of the oldest version that the
platform is for (`platform.kubernetes`) and of the newest that dpjgen knows, and custom resources against the CRDs in
`schemas/`: unknown fields, wrong types, missing fields, values that are not allowed.",
};

/// Newer than the platform's minimum, or gone.
pub const VERSION: Code = Code {
    id: "DPJ1109",
    summary: "a field or kind is not known to every version of Kubernetes that must accept it",
    docs: "\
`platform.kubernetes` is the oldest API server that must accept the output: it would drop a field that came later, and
refuse a kind that it does not have. The newest one refuses kinds that are gone. Raise `platform.kubernetes` if no
older server is left, or do without.",
};

/// No such kind.
pub const NO_KIND: Code = Code {
    id: "DPJ1110",
    summary: "no API server has the kind of a manifest",
    docs: "\
The group is one of Kubernetes' own, or one whose CRDs are in `schemas/`, and has no such kind in that version. Kinds
are spelt as in `kubectl api-resources`: `Deployment`, not `deployment`.",
};

/// A custom resource without a schema.
pub const NOT_CHECKED: Code = Code {
    id: "DPJ1111",
    summary: "a patched or raw custom resource is not fully checked",
    docs: "\
Custom resources are defined by CRDs, and which release of them a cluster has only the cluster knows. Until they are
imported once, a misspelt field of a patched or raw one is found by nobody here:

    kubectl get crd -o yaml | dpjgen schemas import -

From then on its fields are checked, and its CEL rules are evaluated (docs/SCHEMAS.md).",
};

/// A broken rule of a CRD.
pub const RULE: Code = Code {
    id: "DPJ1112",
    summary: "a custom resource breaks a rule of its CRD",
    docs: "\
CRDs state rules in CEL (`x-kubernetes-validations`) beyond what a schema can say. The API server refuses what breaks
one, with the same message.",
};

/// A rule that nobody has evaluated.
pub const RULE_NOT_CHECKED: Code = Code {
    id: "DPJ1113",
    summary: "a rule of a CRD could not be evaluated",
    docs: "\
The interpreter of CEL rules does not know everything that the API server's knows. A rule that it cannot evaluate is
said to be so, never taken for kept. `kubectl apply --dry-run=server` asks the API server.",
};

/// No effect.
pub const NO_EFFECT: Code = Code {
    id: "DPJ1114",
    summary: "a patch changes nothing",
    docs: "\
The objects say already what the patch says. It was written for something that the platform does itself by now, or
that the environment does in another way: remove it.",
};

/// A credential.
pub const CREDENTIAL: Code = Code {
    id: "DPJ1115",
    summary: "a patch or manifest holds a literal credential",
    docs: "\
What is built is written to git, where a credential must not be. Read it from a Secret that the secret store fills
(`valueFrom.secretKeyRef`, a mounted file), and change the credential: it has been in a file.",
};

/// A file that cannot be read.
pub const FILE: Code = Code {
    id: "DPJ1120",
    summary: "a file of manifests cannot be read",
    docs: "\
`files` names YAML files below the folder of `platform.toml`, with `/`. `*` stands for any part of a file's name, not
of a folder's: `manifests/*.yaml`. One that is not there, or matches nothing, is an error.",
};

/// Not YAML.
pub const SYNTAX: Code = Code {
    id: "DPJ1121",
    summary: "a file of manifests is not valid YAML",
    docs: "\
Files are read as kubectl reads them: YAML 1.1 where that differs (`yes` is true, `0644` is 420), several documents,
`List`s. A key that stands twice in one map is an error: which of the two counts depends on the reader.",
};

/// Not an object.
pub const OBJECT: Code = Code {
    id: "DPJ1122",
    summary: "a document of a manifest is no object that can be applied",
    docs: "\
An object has `apiVersion`, `kind` and `metadata.name`. What only a cluster writes (`metadata.uid`,
`metadata.resourceVersion`, `metadata.managedFields`) was copied from one and is refused by another: remove it.",
};

/// Namespaces.
pub const NAMESPACE: Code = Code {
    id: "DPJ1123",
    summary: "the namespace of a manifest is not one of the platform's",
    docs: "\
An object of a namespaced kind is in a namespace of `[namespaces]`, where quotas and policies are known: as
`metadata.namespace` with its name in the cluster, or by `namespace = \"KEY\"` of the entry for those objects that
state none. An object of the cluster has none.",
};

/// Secrets.
pub const SECRET: Code = Code {
    id: "DPJ1124",
    summary: "a manifest is a Secret with data",
    docs: "\
No Secret with data is ever written: the output is committed. Base64 hides nothing. Let the External Secrets Operator
make it from the store, and change what was in it.",
};

/// Those of them that are warnings, and can be acknowledged.
pub const WARNINGS: &[&Code] = &[&NO_EFFECT, &NOT_CHECKED, &RULE_NOT_CHECKED];

/// All codes of this module.
pub const CODES: &[&Code] = &[
    &NO_TARGET,
    &WIDE_TARGET,
    &PATH,
    &TEST,
    &FORM,
    &IDENTITY,
    &CONFLICT,
    &SCHEMA,
    &VERSION,
    &NO_KIND,
    &NOT_CHECKED,
    &RULE,
    &RULE_NOT_CHECKED,
    &NO_EFFECT,
    &CREDENTIAL,
    &FILE,
    &SYNTAX,
    &OBJECT,
    &NAMESPACE,
    &SECRET,
];

/// "the Deployment `dpj-backend/document-service`".
fn object(identity: &Identity<'_>) -> String {
    match identity.namespace {
        Some(namespace) => format!("the {} `{namespace}/{}`", identity.kind, identity.name),
        None => format!("the {} `{}`", identity.kind, identity.name),
    }
}
