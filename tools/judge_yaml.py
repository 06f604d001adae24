#!/usr/bin/env python3
"""Asks YAML readers that are not ours whether they read dpjgen's YAML as what it was written from.

    python3 tools/judge_yaml.py corpus DIR                     DIR/corpus.yaml and DIR/corpus.json
    python3 tools/judge_yaml.py manifests FILE.yaml FILE.json  a stream of objects and a JSON List of the same

DIR is filled by `DPJGEN_YAML_CORPUS=DIR cargo test --test yaml_writer`. The readers: PyYAML's own parser and libyaml,
both with the YAML 1.1 types, duplicate keys refused; and kubectl's (go-yaml v2, what the API server, Helm and Argo CD
use), by way of `kubectl label --local`, which needs no cluster. Numbers are compared by value, everything else by type
and value. The status is 0 if all readers agree on all objects and there was something to read, else 1.
"""

import json
import shutil
import subprocess
import sys
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import yaml

LABEL = "dpjgen-judge"
SHOWN = 10  # mismatches per reader


def strict(loader):
    """The loader, but a key that occurs twice in a map is an error."""

    def construct_mapping(self, node, deep=False):
        seen = set()
        for key_node, _ in node.value:
            key = self.construct_object(key_node, deep=True)
            if key in seen:
                raise yaml.constructor.ConstructorError(None, None, f"duplicate key {key!r}", key_node.start_mark)
            seen.add(key)
        return loader.construct_mapping(self, node, deep)

    return type("Strict", (loader,), {"construct_mapping": construct_mapping})


def pyyaml(path):
    with open(path, "rb") as stream:
        return [document for document in yaml.load_all(stream, strict(yaml.SafeLoader)) if document is not None]


def libyaml(path):
    with open(path, "rb") as stream:
        return [document for document in yaml.load_all(stream, strict(yaml.CSafeLoader)) if document is not None]


def kubectl(path):
    command = ["kubectl", "label", "--local", "-o", "json", "-f", str(path), f"{LABEL}=x"]
    run = subprocess.run(command, capture_output=True, check=False)
    if run.returncode != 0:
        raise RuntimeError(run.stderr.decode(errors="replace").strip()[:1000])
    text = run.stdout.decode()
    objects, at, decoder = [], 0, json.JSONDecoder()
    while text[at:].strip():
        at += len(text[at:]) - len(text[at:].lstrip())
        value, at = decoder.raw_decode(text, at)
        objects.extend(value["items"] if value.get("kind") == "List" else [value])
    return objects


def without_label(read, expected):
    """Takes off the label that kubectl was made to add, and the map if it is there for it alone."""
    metadata = read.get("metadata", {})
    metadata.get("labels", {}).pop(LABEL, None)
    if not metadata.get("labels") and "labels" not in expected.get("metadata", {}):
        metadata.pop("labels", None)
    if not metadata and "metadata" not in expected:
        read.pop("metadata", None)
    return read


def name_of(thing):
    metadata = thing.get("metadata", {})
    return f"{thing.get('apiVersion')} {thing.get('kind')} {metadata.get('namespace', '')}/{metadata.get('name')}"


def is_number(value):
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def mismatches(expected, read, path=""):
    """Where and how what was read is not what was expected."""
    if isinstance(expected, dict) and isinstance(read, dict):
        for key in expected.keys() | read.keys():
            if key not in read:
                yield f"{path}: no key {key!r}, its value being {expected[key]!r}"
            elif key not in expected:
                yield f"{path}: key {key!r} too many, its value being {read[key]!r}"
            else:
                yield from mismatches(expected[key], read[key], f"{path}.{key}")
    elif isinstance(expected, list) and isinstance(read, list) and len(expected) == len(read):
        for index, (one, other) in enumerate(zip(expected, read)):
            yield from mismatches(one, other, f"{path}[{index}]")
    elif is_number(expected) and is_number(read):
        if expected != read:
            yield f"{path}: {expected!r} is read as {read!r}"
    elif type(expected) is not type(read) or expected != read:
        yield f"{path}: {expected!r} is read as {read!r}"


def texts(value, counts):
    """Counts the texts of a value by where they stand."""
    if isinstance(value, dict):
        counts["keys"] += len(value)
        for key, entry in value.items():
            counts["values"] += isinstance(entry, str)
            counts["names"] += key == "name" and isinstance(entry, str)
            texts(entry, counts)
    elif isinstance(value, list):
        counts["items"] += sum(isinstance(item, str) for item in value)
        for item in value:
            texts(item, counts)
    return counts


def judge(name, reader, path, expected):
    """One reader's report, and whether it agrees."""
    try:
        read = reader(path)
    except Exception as error:  # whatever a reader has against it
        return f"{name}: cannot read {path}: {str(error)[:1000]}", False
    if reader is kubectl:
        read = [without_label(*pair) for pair in zip(read, expected)] + read[len(expected) :]
    found = list(mismatches(expected, read)) if len(read) == len(expected) else []
    lines = [f"  {mismatch[:500]}" for mismatch in found[:SHOWN]]
    report = f"{name}: {len(read)} of {len(expected)} objects, {len(found)} mismatches"
    return "\n".join([report, *lines]), len(read) == len(expected) and not found


def compare(yaml_path, json_path):
    """Whether every reader reads in the stream what the items of the List say, and how many objects there are."""
    expected = json.loads(Path(json_path).read_text(encoding="utf-8"))["items"]
    counts = texts(expected, {"keys": 0, "values": 0, "names": 0, "items": 0})
    print(f"{yaml_path}: {len(expected)} objects; texts:", ", ".join(f"{n} {what}" for what, n in counts.items()))
    readers = {f"PyYAML {yaml.__version__}": pyyaml}
    if yaml.__with_libyaml__:
        readers["libyaml"] = libyaml
    else:
        print("libyaml: not in this PyYAML, left out")
    if shutil.which("kubectl") is None:
        print("kubectl: not found")
        return False, 0
    readers["kubectl"] = kubectl
    with ProcessPoolExecutor() as pool:
        runs = [pool.submit(judge, name, reader, yaml_path, expected) for name, reader in readers.items()]
        verdicts = [run.result() for run in runs]
    for report, _ in verdicts:
        print(report)
    return counts["values"] > 0 and all(agrees for _, agrees in verdicts), len(expected) * len(readers)


def main(arguments):
    match arguments:
        case ["corpus", directory]:
            agree, judged = compare(Path(directory, "corpus.yaml"), Path(directory, "corpus.json"))
        case ["manifests", yaml_path, json_path]:
            agree, judged = compare(yaml_path, json_path)
        case _:
            sys.exit(__doc__)
    print("all readers agree" if agree else "THE READERS DO NOT AGREE")
    print(f"judged={judged}")
    return 0 if agree else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
