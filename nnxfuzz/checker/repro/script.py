"""The text of a script: a heading, the helpers that it needs, the program's part, the call."""

import re
from collections.abc import Mapping
from typing import Any

from nnxfuzz.checker.repro.draft import Draft, Writer
from nnxfuzz.checker.repro.saved import END, MARK, PROGRAM

#: What a script may need, by the name that it has.
HELPERS: Mapping[str, str] = {
    "new": '''\
def new(cls, **attributes):
    """An object of a class of nnx with these attributes, made without its constructor."""
    made = type(cls)(cls.__name__, (cls,), {"__init__": lambda self: None})()
    for name, value in attributes.items():
        setattr(made, name, value)
    made.__class__ = cls
    return made
''',
    "bare": '''\
def bare(cls, **attributes):
    """An object of a class with these attributes, made without its constructor."""
    made = object.__new__(cls)
    vars(made).update(attributes)
    return made
''',
    "nested": '''\
def nested(module, path, defaults, keywords, **cells):
    """A function that a function of a library makes, given what it closes over."""
    outer, *inner = path.split(".<locals>.")
    made = operator.attrgetter(outer)(importlib.import_module(module))
    code = inspect.unwrap(made).__code__
    for name in inner:
        code = next(c for c in code.co_consts if getattr(c, "co_name", None) == name)
    held = tuple(types.CellType(cells[name]) for name in code.co_freevars)
    made = types.FunctionType(code, vars(sys.modules[module]), code.co_name, defaults, held)
    made.__kwdefaults__ = keywords
    return made
''',
    "unpacked": '''\
def unpacked(text, dtype, shape):
    """The array that was packed into a text."""
    packed = zlib.decompress(base64.b85decode(text))
    return np.frombuffer(packed, jnp.dtype(dtype)).reshape(shape)
''',
}

#: What the helpers import.
_IMPORTS = {
    "nested": ("import importlib", "import inspect", "import operator", "import types"),
    "unpacked": (
        "import base64",
        "import zlib",
        "import jax.numpy as jnp",
        "import numpy as np",
    ),
}

_END = f"""

{END}    with nnxfuzz.checking(modes="used") as report:
        try:
            call()
        except Exception as error:
            print(f"{{type(error).__name__}}: {{error}}", file=sys.stderr)
    print(report.json() if "--json" in sys.argv else report)
    sys.exit(0 if report.ok else 1)
"""


def script(draft: Draft, heading: str) -> str:
    """The script of a draft, with a docstring."""
    draft = draft.needed()
    writer = Writer(draft)
    body = []
    for definition in draft.definitions:
        if definition.source:
            end = "\n\n" if definition.source.startswith(("def ", "class ", "@")) else ""
            body.append(f"{end}{definition.source}{end}")
        elif writer.stands_alone(definition) and definition.value is not None:
            body.append(f"{definition.name} = {writer.text(definition.value)}")
    call = f"def call():\n    return {writer.text(draft.call, '    ')}\n"
    code = "\n".join(body)
    whole = code + call
    helpers = [name for name in HELPERS if re.search(rf"\b{name}\(", whole)]
    imports = {"import sys", "import nnxfuzz", *_used(draft.imports, whole)}
    imports |= {line for name in helpers for line in _IMPORTS.get(name, ())}
    parts = [
        _docstring(heading),
        "\n".join(sorted(imports, key=_order)),
        *(HELPERS[name].rstrip() for name in helpers),
        PROGRAM + code.strip("\n"),
        call + _END,
    ]
    future = "from __future__ import annotations"
    if any("annotations" in line and "__future__" in line for line in draft.imports):
        parts.insert(1, future)
    text = "\n\n\n".join(part for part in parts if part)
    return re.sub(r"\n{4,}", "\n\n\n", text)


def _used(imports: tuple[str, ...], text: str) -> list[str]:
    """The imports that the text uses."""
    found = []
    for line in imports:
        name = re.split(r" as | import |import ", line)[-1]
        if "__future__" not in line and re.search(rf"\b{re.escape(name)}\b", text):
            found.append(line)
    return found


def _order(line: str) -> tuple[bool, str]:
    known = ("base64", "functools", "importlib", "inspect", "operator", "sys", "types", "zlib")
    return line.split()[1].partition(".")[0] not in known, line


def _docstring(text: str) -> str:
    safe = text.replace("\\", "\\\\").replace('"""', "'''")
    return f'"""{safe}\n"""'


def heading_of(site: str, transform: str, mode: str, verdict: Mapping[str, Any], with_: str) -> str:
    """What the docstring of a script says."""
    lines = [f"nnx.{transform}, {mode}: {verdict['kind']}.", ""]
    lines.append(f"{MARK}  It was made at {site} with {with_}.")
    lines += ["", verdict["told"]]
    if verdict.get("paths"):
        lines += ["", "Where: " + ", ".join(verdict["paths"])]
    lines += [f"  {line}" for line in verdict.get("lines", ())[:5]]
    lines += ["", "Exit code 1 if it shows here, 0 if not."]
    return "\n".join(lines)
