#!/usr/bin/env python3
"""Whether the README's excerpts are still true.

    python3 tools/judge_readme.py README.md DIR FILE...

Each TOML block has to stand, as it is, in one of the given files of the spec; each YAML block, apart from its indent, in a
file below DIR, which holds the output. An example that nothing generates starts with `apiVersion: argoproj.io`.
"""

import re
import sys
import textwrap
from pathlib import Path


def stands_in(block, texts):
    """Whether the lines of a block follow one another in a text, all shifted by the same indent."""
    lines = block.splitlines()
    for text in texts:
        for indent in ("", " " * 2, " " * 4, " " * 6, " " * 8, " " * 10):
            if "\n" + textwrap.indent("\n".join(lines), indent) + "\n" in "\n" + text:
                return True
    return False


def main(arguments):
    if len(arguments) < 3:
        sys.exit(__doc__)
    readme, folder, *spec = map(Path, arguments)
    texts = {
        "toml": [path.read_text(encoding="utf-8") for path in spec],
        "yaml": [path.read_text(encoding="utf-8") for path in sorted(folder.rglob("*.yaml"))],
    }
    judged, wrong = 0, 0
    for language, block in re.findall(r"^```(toml|yaml)\n(.*?)^```$", readme.read_text(encoding="utf-8"), re.M | re.S):
        if block.startswith("apiVersion: argoproj.io"):
            continue
        judged += 1
        if not stands_in(block, texts[language]):
            wrong += 1
            print(f"no longer so:\n{textwrap.indent(block, '  ')}")
    print(f"{judged} excerpts, {wrong} out of date")
    print(f"judged={judged}")
    return 0 if judged and not wrong else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
