#!/usr/bin/env python3
"""Asks kustomize whether a tree gives the objects of the stream.

    python3 tools/judge_kustomize.py FOLDER FILE.json    out/prod and what `dpjgen build prod --format json` writes

`kubectl kustomize FOLDER` has to give the same objects in the same order. The status is 0 if it does and there was
something to read.
"""

import json
import subprocess
import sys
from pathlib import Path

import yaml

from judge_yaml import mismatches, name_of, strict


def main(arguments):
    if len(arguments) != 2:
        sys.exit(__doc__)
    folder, path = arguments
    expected = json.loads(Path(path).read_text(encoding="utf-8"))["items"]
    run = subprocess.run(["kubectl", "kustomize", folder], capture_output=True, check=False)
    if run.returncode != 0:
        print(f"kubectl kustomize {folder}: {run.stderr.decode(errors='replace').strip()[:1000]}")
        return 1
    loader = strict(getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    found = [thing for thing in yaml.load_all(run.stdout, loader) if thing is not None]
    problems = []
    if [name_of(thing) for thing in found] != [name_of(thing) for thing in expected]:
        for index in range(max(len(found), len(expected))):
            pair = [name_of(things[index]) if index < len(things) else "nothing" for things in (expected, found)]
            if pair[0] != pair[1]:
                problems.append(f"number {index + 1} is {pair[0]} in the stream, {pair[1]} from kustomize")
                break
    else:
        for one, other in zip(expected, found):
            problems.extend(f"{name_of(one)}{mismatch}" for mismatch in mismatches(one, other))
    print(f"{folder}: {len(found)} of {len(expected)} objects, {len(problems)} differences")
    for problem in problems[:10]:
        print(f"  {problem[:500]}")
    print(f"judged={len(found)}")
    return 0 if found and not problems else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
