#!/usr/bin/env python3
"""Asks schemas that are not ours whether they accept dpjgen's objects.

    python3 tools/judge_schemas.py FILE.json...     Lists of objects, as `dpjgen build ENV --format json` writes them

Objects of Kubernetes itself: the strict schemas of PyPI's kubernetes-validate, which are made from the API server's own
OpenAPI, for the oldest version that DPJ's clusters may run and for the newest that the package has. Custom resources: the
CRDs in the folder that DPJGEN_TEST_CRDS names, closed as the API server closes them under strict field validation; their
CEL rules are not evaluated. Each kind is also judged with a mistake put in, which has to be refused: a judge that accepts
everything is none. The status is 0 if every object is accepted, every mistake refused, and there was something to judge.
"""

import copy
import functools
import json
import os
import re
import sys
from collections import Counter
from pathlib import Path

import jsonschema
import kubernetes_validate
import kubernetes_validate.utils
import yaml

OLDEST = "1.28"
MISTAKE = "dpjgenJudge"
SHOWN = 20

# The API groups that a kube-apiserver serves without any CRD.
BUILT_IN = {
    "",
    "admissionregistration.k8s.io",
    "apiextensions.k8s.io",
    "apiregistration.k8s.io",
    "apps",
    "authentication.k8s.io",
    "authorization.k8s.io",
    "autoscaling",
    "batch",
    "certificates.k8s.io",
    "coordination.k8s.io",
    "discovery.k8s.io",
    "events.k8s.io",
    "flowcontrol.apiserver.k8s.io",
    "networking.k8s.io",
    "node.k8s.io",
    "policy",
    "rbac.authorization.k8s.io",
    "resource.k8s.io",
    "scheduling.k8s.io",
    "storage.k8s.io",
}

# The package reads its two files for every object; they do not change.
kubernetes_validate.utils.schema_contents = functools.lru_cache(kubernetes_validate.utils.schema_contents)


class CrdLoader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):
    """A bare `=` in an enum is a text, whatever YAML 1.1 makes of it."""


CrdLoader.add_constructor("tag:yaml.org,2002:value", CrdLoader.construct_yaml_str)


def group_version(thing):
    group, _, version = thing["apiVersion"].rpartition("/")
    return group, version


def name_of(thing):
    metadata = thing.get("metadata", {})
    where = f"{metadata['namespace']}/" if "namespace" in metadata else ""
    return f"{thing.get('kind')} {where}{metadata.get('name')}"


def built_in(thing, version):
    """What Kubernetes `version` has against an object of its own, or None."""
    try:
        judged = kubernetes_validate.validate(thing, version, strict=True)
    except jsonschema.ValidationError as error:
        return f"{'.'.join(map(str, error.path)) or '(top)'}: {error.message}"
    except Exception as error:  # no schema of this kind and version, or one that cannot be read
        return getattr(error, "message", None) or repr(error)
    # The package falls back to an older version where it lacks the one that is asked for.
    return None if judged == version else f"judged by {judged} instead of {version}"


def closed(schema):
    """The schema with what the API server does to a field that no schema names: refuse it.

    Only along the structure: `allOf`, `anyOf`, `oneOf` and `not` of a structural schema judge values and name no fields.
    """
    schema = dict(schema)
    for key in ("description", "default", "example"):
        schema.pop(key, None)
    if isinstance(schema.get("items"), dict):
        schema["items"] = closed(schema["items"])
    if isinstance(schema.get("additionalProperties"), dict):
        schema["additionalProperties"] = closed(schema["additionalProperties"])
    if "properties" in schema:
        schema["properties"] = {key: closed(value) for key, value in schema["properties"].items()}
    if schema.get("x-kubernetes-embedded-resource"):
        own = {"apiVersion": {"type": "string"}, "kind": {"type": "string"}, "metadata": {"type": "object"}}
        schema["properties"] = own | schema.get("properties", {})
    is_object = schema.get("type") == "object" or "properties" in schema
    if is_object and "additionalProperties" not in schema and not schema.get("x-kubernetes-preserve-unknown-fields"):
        schema["additionalProperties"] = False
    if schema.get("x-kubernetes-int-or-string"):
        schema.pop("type", None)
        schema.setdefault("anyOf", [{"type": "integer"}, {"type": "string"}])
    if schema.pop("nullable", False):
        schema = {"anyOf": [{"type": "null"}, schema]}
    return schema


WITHOUT_A_CRD = {("barmancloud.cnpg.io", "ObjectStore")}


class Crds:
    """The CRDs of a folder, read as they are needed."""

    def __init__(self, folder):
        self.texts = {path: path.read_text(encoding="utf-8") for path in sorted(Path(folder).rglob("*.yaml"))}
        self.validators = {}

    def find(self, group, kind):
        for path, text in self.texts.items():
            if f"kind: {kind}\n" not in text or f"group: {group}\n" not in text:
                continue
            for document in yaml.load_all(text, CrdLoader):
                if not isinstance(document, dict) or document.get("kind") != "CustomResourceDefinition":
                    continue
                spec = document["spec"]
                if spec["group"] == group and spec["names"]["kind"] == kind:
                    return path, spec
        return None

    def validator(self, group, version, kind):
        """A validator of that kind and whether it is namespaced, or what is missing."""
        key = (group, version, kind)
        if key not in self.validators:
            self.validators[key] = self._validator(*key)
        return self.validators[key]

    def _validator(self, group, version, kind):
        found = self.find(group, kind)
        if found is None:
            return f"no CRD of {kind} in {group} in any of {len(self.texts)} files"
        path, spec = found
        served = {one["name"]: one for one in spec["versions"] if one["served"]}
        if version not in served:
            return f"{path.name} does not serve {version}, only {', '.join(served)}"
        schema = closed(served[version]["schema"]["openAPIV3Schema"])
        own = {"apiVersion": {"type": "string"}, "kind": {"type": "string"}}
        # Metadata is judged on its own, below: a CRD leaves it to the API server.
        schema["properties"] = {**schema["properties"], **own, "metadata": {"type": "object"}}
        return jsonschema.Draft202012Validator(schema), spec["scope"] == "Namespaced"

    def is_known_to_lack(self, thing):
        group, _ = group_version(thing)
        return (group, thing["kind"]) in WITHOUT_A_CRD and self.find(group, thing["kind"]) is None

    def refusal(self, thing, version_of_kubernetes):
        """What the CRD has against an object, or None."""
        found = self.validator(*group_version(thing), thing["kind"])
        if isinstance(found, str):
            return found
        validator, namespaced = found
        metadata = thing.get("metadata", {})
        if ("namespace" in metadata) != namespaced:
            return "has a namespace, its kind has none" if "namespace" in metadata else "has no namespace"
        try:
            error = next(validator.iter_errors(thing), None)
        except re.error as problem:
            return f"a pattern of the CRD that Python cannot read: {problem}"
        if error is not None:
            return f"{'.'.join(map(str, error.path)) or '(top)'}: {error.message[:300]}"
        return built_in({"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata}, version_of_kubernetes)


def mistakes(thing):
    """The object with one mistake each."""
    for path in ([], ["metadata"], ["spec"]):
        spoilt = copy.deepcopy(thing)
        at = spoilt
        for key in path:
            at = at.get(key) if isinstance(at, dict) else None
        if isinstance(at, dict):
            at[MISTAKE] = "unknown"
            yield f"an unknown field in {'.'.join(path) or 'the object'}", spoilt
    if "spec" in thing:
        yield "a text for a spec", copy.deepcopy(thing) | {"spec": "x"}


def judge(name, things, refusal):
    """Prints what a judge says; how many objects it judged, and whether all is well."""
    refused = []
    kinds = {}
    for source, thing in things:
        kinds.setdefault((thing["apiVersion"], thing["kind"]), thing)
        reason = refusal(thing)
        if reason is not None:
            refused.append(f"{source}: {name_of(thing)}: {reason}")
    spoilt = accepted = 0
    for thing in kinds.values():
        if refusal(thing) is not None:
            continue
        for what, copy_of_it in mistakes(thing):
            spoilt += 1
            if refusal(copy_of_it) is None:
                accepted += 1
                refused.append(f"{thing['apiVersion']} {thing['kind']}: {what} is accepted")
    counts = f"{len(things)} objects of {len(kinds)} kinds, {len(refused) - accepted} refused"
    print(f"{name}: {counts}; {spoilt} mistakes put in, {accepted} of them accepted")
    for line in refused[:SHOWN]:
        print(f"  {line}")
    if len(refused) > SHOWN:
        print(f"  and {len(refused) - SHOWN} more")
    return len(things), bool(things) and not refused and spoilt > 0


def main(paths):
    if not paths:
        sys.exit(__doc__)
    own, custom = [], []
    for path in paths:
        for thing in json.loads(Path(path).read_text(encoding="utf-8"))["items"]:
            (own if group_version(thing)[0] in BUILT_IN else custom).append((path, thing))
    newest = kubernetes_validate.latest_version()
    newest = kubernetes_validate.utils.major_minor(newest)
    runs = []
    for version in dict.fromkeys([OLDEST, newest]):
        judged_by = f"Kubernetes {version}, strict"
        runs.append(judge(judged_by, own, functools.partial(built_in, version=version)))
    folder = os.environ.get("DPJGEN_TEST_CRDS")
    if folder:
        crds = Crds(folder)
        # Kinds whose CRDs nobody has put into the folder yet: said aloud, and judged as soon as they are there.
        absent = [(path, thing) for path, thing in custom if crds.is_known_to_lack(thing)]
        custom = [one for one in custom if one not in absent]
        for _, thing in absent:
            print(f"CRDs: not judged, the folder has no CRD of it: {name_of(thing)}")
        judged_by = f"{len(crds.texts)} files of CRDs"
        runs.append(judge(judged_by, custom, functools.partial(crds.refusal, version_of_kubernetes=newest)))
    else:
        kinds = Counter(f"{thing['apiVersion']} {thing['kind']}" for _, thing in custom)
        listed = ", ".join(f"{count} {kind}" for kind, count in sorted(kinds.items()))
        print(f"CRDs: SKIPPED, DPJGEN_TEST_CRDS is not set; not judged: {listed or 'nothing'}")
    print(f"judged={sum(count for count, _ in runs)}")
    return 0 if all(fine for _, fine in runs) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
