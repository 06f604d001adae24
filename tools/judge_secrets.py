#!/usr/bin/env python3
"""Asks Go's text/template whether the templates of ExternalSecrets can be rendered, and to what.

    python3 tools/judge_secrets.py FILE.json...     Lists of objects, as `dpjgen build ENV --format json` writes them

External Secrets renders `spec.target.template.data` with Go's text/template, and what cannot be parsed is never synced.
kubectl carries the same engine (`-o go-template`). Each property gets a value with characters that a URL escapes; the
one function that kubectl lacks, `replace`, is done here. A text that is a URL has to contain the escaped value. Also: a
template reads only properties that `spec.data` fetches, and all of them are read; each key that a container reads of a
Secret is one that an ExternalSecret of its namespace writes. The status is 0 if all is well and there was a template.
"""

import json
import re
import subprocess
import sys
from pathlib import Path
from urllib.parse import quote

VALUE = "a b+c/%{}:@ü"  # the braces become the property's name
REPLACE = '| replace "+" "%20"'


def rendered(template, values):
    """What Go makes of a template, or None and why not."""
    config_map = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "judge"}, "data": values}
    wanted = "{{ with .data }}" + template.replace(REPLACE, "") + "{{ end }}"
    command = ["kubectl", "label", "--local", "-f", "-", "judge=x", "-o", f"go-template={wanted}"]
    run = subprocess.run(command, input=json.dumps(config_map).encode(), capture_output=True, check=False)
    if run.returncode != 0:
        return None, run.stderr.decode(errors="replace").strip()[:300]
    return run.stdout.decode(), None


def problems_of(secret):
    """What is wrong with an ExternalSecret."""
    spec = secret["spec"]
    fetched = {one["secretKey"] for one in spec["data"]}
    values = {key: VALUE.format(key) for key in fetched}
    read = set()
    for key, template in spec["target"]["template"]["data"].items():
        text, problem = rendered(template, values)
        if problem is not None:
            yield f"{key}: {problem}"
            continue
        if REPLACE in template:
            text = text.replace("+", "%20")
        if "<no value>" in text:
            yield f"{key}: reads what is not fetched: {template}"
        used = {name for name in fetched if re.search(rf"""[."]{re.escape(name)}(?![\w-])""", template)}
        read |= used
        for name in used:
            wanted = quote(values[name], safe="") if "://" in template else values[name]
            if wanted not in text:
                yield f"{key}: {name} is {values[name]!r}, expected as {wanted!r} in {text!r}"
        # Beside a password from the store, the name of the user may be the spec's: PostgreSQL's is the database's owner.
        named = key == "username" and "{{" not in template
        if not used and not named:
            yield f"{key}: reads nothing: {template}"
    for name in sorted(fetched - read):
        yield f"{name} is fetched and read by no template"


def references(thing):
    """Every key of a Secret that an object reads: a pod's, and what operators read by themselves."""
    if isinstance(thing, dict):
        for key, value in thing.items():
            if key in ("secretKeyRef", "accessKeyId", "secretAccessKey"):
                yield value["name"], value["key"]
            elif key == "initdb":
                # CloudNativePG reads both keys of a Secret of basic authentication.
                yield from ((value["secret"]["name"], read) for read in ("username", "password"))
            else:
                yield from references(value)
    elif isinstance(thing, list):
        for item in thing:
            yield from references(item)


def main(paths):
    if not paths:
        sys.exit(__doc__)
    templates = refs = 0
    problems = []
    for path in paths:
        things = json.loads(Path(path).read_text(encoding="utf-8"))["items"]
        written = {}
        for thing in things:
            if thing["kind"] != "ExternalSecret":
                continue
            where = thing["metadata"]["namespace"]
            target = thing["spec"]["target"]
            written[where, target["name"]] = set(target["template"]["data"])
            templates += len(target["template"]["data"])
            problems.extend(f"{path}: {where}/{target['name']}: {problem}" for problem in problems_of(thing))
        read = {}
        for thing in things:
            where = thing["metadata"].get("namespace")
            for name, key in references(thing.get("spec")):
                refs += 1
                read.setdefault((where, name), set()).add(key)
                if key not in written.get((where, name), ()):
                    problems.append(f"{path}: {thing['kind']} {thing['metadata']['name']} reads {name}.{key}: not written")
        for name, keys in written.items():
            for key in sorted(keys - read.get(name, set())):
                problems.append(f"{path}: {'/'.join(name)}: nobody reads {key}")
    print(f"{templates} templates, {refs} references to keys of Secrets, {len(problems)} problems")
    for problem in problems[:20]:
        print(f"  {problem}")
    print(f"judged={templates + refs}")
    return 0 if templates and refs and not problems else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
