#!/usr/bin/env bash
# hypothesis-jsonschema fails on every object schema with a new Hypothesis.
#
# Date: 2026-11-28
#
# Versions: hypothesis 6.170.17, hypothesis-jsonschema 0.23.1, jsonschema 4.26.0, Python 3.12, CPU.
#
# Behaviour:
#   hypothesis-jsonschema 0.23.1 asks for hypothesis>=6.84.3, has no upper bound, and is the newest release,
#   of 2024. One expects an installation without a conflict to work.
#
#   Schemas of integers, arrays and references work. A schema of an object raises AttributeError: 'many'
#   object has no attribute 'more', in the first example. from_object_schema
#   (hypothesis_jsonschema/_from_schema.py) drives the internal class "many" of Hypothesis by its method
#   more, and since Hypothesis 6.170.10 that class is an iterator without it; 6.170.9 works. A test suite
#   that draws configurations of models from a schema breaks with a patch release of Hypothesis, and the
#   trace points at neither schema nor version.
#
# Output seen:
#   {'type': 'integer', 'minimum': 3} -> 3
#   {'type': 'array', 'items': {'type': 'boolean'}, 'minItems': 1} -> [False]
#   {'type': 'object'} -> AttributeError: 'many' object has no attribute 'more'
#   {'type': 'object', 'properties': {'layers': {'type': 'integer'}}, 'required': ['layers']} -> AttributeError: 'many' object has no attribute 'more'
#
# Exit code: 0 if the behaviour is as stated, 1 if it has changed, 2 if the script cannot run.

set -euo pipefail

python=""
for name in python3.12 python3.13 python3.14 python3; do
  if "$name" -c 'import sys; sys.exit(not (3, 12) <= sys.version_info < (3, 15))' 2>/dev/null; then
    python=$("$name" -c 'import sys; print(sys.executable)')
    break
  fi
done
if [ -z "$python" ]; then
  echo "This script needs Python 3.12, 3.13 or 3.14, and none of them is on the PATH." >&2
  exit 2
fi

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
packages=('hypothesis==6.170.17' 'hypothesis-jsonschema==0.23.1' 'jsonschema==4.26.0')
if command -v uv >/dev/null; then
  uv venv -q -p "$python" "$folder/venv" && uv pip install -q -p "$folder/venv/bin/python" "${packages[@]}" || exit 2
else
  "$python" -m venv "$folder/venv" && "$folder/venv/bin/pip" install -q "${packages[@]}" || exit 2
fi

export JAX_PLATFORMS=cpu
cat >"$folder/program.py" <<'PROGRAM'
import sys

from hypothesis import find
from hypothesis_jsonschema import from_schema

seen = []
for schema in (
    {"type": "integer", "minimum": 3},
    {"type": "array", "items": {"type": "boolean"}, "minItems": 1},
    {"type": "object"},
    {"type": "object", "properties": {"layers": {"type": "integer"}}, "required": ["layers"]},
):
    try:
        result = str(find(from_schema(schema), lambda value: True))
    except AttributeError as error:
        result = f"{type(error).__name__}: {error}"
    seen.append(result)
    print(schema, "->", result)
failed = [result.startswith("AttributeError") for result in seen]
sys.exit(0 if failed == [False, False, True, True] else 1)
PROGRAM
# Hypothesis writes its folder where it runs.
cd "$folder"
venv/bin/python program.py
