#!/usr/bin/env bash
# jax 0.10.2 names the wrong field of a named tuple where a field before it is None.
#
# Date: 2026-11-28
#
# Versions: jax 0.10.2, jaxlib 0.10.2 (and 0.11.1 for comparison), Python 3.12, CPU.
#
# Behaviour:
#   When the carry of jax.lax.scan changes its structure, the error names the component that differs. One expects
#   that name to be right: it is all that the message says of the place. The carry here is a named tuple with the
#   fields a and b. The field a is None, and the dict in b gets another key. jax 0.10.2 blames the component c.a.
#   jax.tree.map blames tree.a in the same way. Yet jax.tree_util.tree_flatten_with_path of the same release gives
#   the leaf the path .b, so that two parts of one library disagree. jax 0.11.1 names c.b. Who trains with a state
#   that has optional fields (None while a feature is off) looks for the fault in the wrong field.
#
# Output seen:
#   0.10.2 path: ['.b'] scan blames: c.a tree.map blames: tree.a
#   0.11.1 path: ['.b'] scan blames: c.b tree.map blames: tree.b
#
# Exit code: 0 if the behaviour is as stated, 1 if it has changed, 2 if the script cannot run.

set -euo pipefail

python=""
for name in python3.12 python3.13 python3; do
  if "$name" -c 'import sys; sys.exit(not (3, 12) <= sys.version_info < (3, 14))' 2>/dev/null; then
    python=$("$name" -c 'import sys; print(sys.executable)')
    break
  fi
done
if [ -z "$python" ]; then
  echo "This script needs Python 3.12 or 3.13, and neither is on the PATH." >&2
  exit 2
fi

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
export JAX_PLATFORMS=cpu
cat >"$folder/program.py" <<'PROGRAM'
import collections
import re

import jax

State = collections.namedtuple("State", "a b")


def blamed(work, pattern):
    try:
        work()
    except (TypeError, ValueError) as error:
        return re.search(pattern, str(error)).group(1)
    return "nothing"


def body(c, _):
    return State(None, {"y": c.b["x"]}), None


before, after = State(None, {"x": 1.0}), State(None, {"y": 1.0})
paths = [jax.tree_util.keystr(path) for path, _ in jax.tree_util.tree_flatten_with_path(State(None, 1))[0]]
scan = blamed(lambda: jax.lax.scan(body, before, None, length=1), r"carry component (c\.\w+)")
tree = blamed(lambda: jax.tree.map(lambda x, y: x, before, after), r"tree_map (tree\.\w+)")
print(jax.__version__, "path:", paths, "scan blames:", scan, "tree.map blames:", tree)
PROGRAM

seen=""
for version in 0.10.2 0.11.1; do
  packages=("jax==$version" "jaxlib==$version")
  if command -v uv >/dev/null; then
    uv venv -q -p "$python" "$folder/$version" && uv pip install -q -p "$folder/$version/bin/python" "${packages[@]}" || exit 2
  else
    "$python" -m venv "$folder/$version" && "$folder/$version/bin/pip" install -q "${packages[@]}" || exit 2
  fi
  line=$("$folder/$version/bin/python" "$folder/program.py")
  echo "$line"
  seen+="$line;"
done
[ "$seen" = "0.10.2 path: ['.b'] scan blames: c.a tree.map blames: tree.a;0.11.1 path: ['.b'] scan blames: c.b tree.map blames: tree.b;" ]
