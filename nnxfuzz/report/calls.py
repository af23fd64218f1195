"""A finding on a call program for people: its page of text, and a stand-alone program.

Both have the text that ran.  The stand-alone program imports jax, numpy and flax, and carries what
the plain run came to at the places that differ.
"""

import re
from collections.abc import Sequence

from nnxfuzz.oracle.verdict import (
    BY_REFERENCE,
    NO_ARRAYS,
    ON,
    WEAKNESS,
    Blame,
    Cell,
    Difference,
    Finding,
    dotted,
)
from nnxfuzz.programs.calls import data as d
from nnxfuzz.programs.calls.writer import text
from nnxfuzz.programs.case import Arm, TreePath, path_named
from nnxfuzz.report.code.call_style import NEEDED
from nnxfuzz.report.code.comparisons import marks
from nnxfuzz.report.code.helpers import trace_of
from nnxfuzz.report.show import paged
from nnxfuzz.report.unseen import HELPERS, asked
from nnxfuzz.transforms import REGISTRY

_MODES = {
    "graph": '{"graph": True, "graph_updates": True}',
    "graph-frozen": '{"graph": True, "graph_updates": False}',
    "tree": '{"graph": False}',
}

#: What a script imports, by the name that it is used under; each only where it is.
_IMPORTS = {
    "dataclasses": "import dataclasses",
    "functools": "import functools",
    "inspect": "import inspect",
    "sys": "import sys\n",
    "jax": "import jax",
    "jnp": "import jax.numpy as jnp",
    "np": "import numpy as np",
    "optax": "import optax",
    "nnx": "from flax import nnx",
}

_MODE = """\
known = inspect.signature(nnx.scan).parameters
asked = {mode}
if {missing}:
    print("SKIP: this release has no such mode or transform")
    sys.exit(2)
mode = {{name: value for name, value in asked.items() if name in known}}
"""

#: What a script may use, by name.
_HELPERS = {
    **HELPERS,
    "bug": """\
def bug(how):
    print("BUG:", how)
    sys.exit(1)
""",
    "at": """\
def at(value, *steps):
    for step in steps:
        named = isinstance(step, str) and hasattr(value, step)
        value = getattr(value, step) if named else value[step]
    return value
""",
    "array": """\
def array(value):
    return value[...] if isinstance(value, nnx.Variable) else value
""",
}

#: What a program with a mesh has before all else.
_DEVICES = """\
import os

os.environ["XLA_FLAGS"] = "--xla_force_host_platform_device_count=4"

"""


def show(
    program: d.CallProgram,
    arm: Arm,
    finding: Finding | None,
    title: str,
    cells: tuple[Cell, ...] = (),
    blame: Blame | None = None,
) -> str:
    """The page, without a final newline."""
    head = str(finding.signature) if finding else f"{arm.transform}, {arm.mode}"
    return paged(title, head, [("program", lines(program, arm))], finding, cells, blame)


def lines(program: d.CallProgram, arm: Arm) -> list[str]:
    """The mode and the program."""
    return [f"mode = {_MODES[arm.mode]}", "", *text(program, REGISTRY).splitlines()]


def script(
    program: d.CallProgram, arm: Arm, finding: Finding, title: str, notes: Sequence[str] = ()
) -> str:
    """The program; it exits with 1 if the bug shows, with 0 if not, with 2 if it does not apply."""
    source = text(program, REGISTRY)
    told = "\n".join([f'"""{title}.', "", str(finding.signature), *notes, '"""'])
    run = ["held = objects()", *_remembered(finding)]
    run += ["try:", "    result = program(**held)", "except Exception as error:"]
    code = "\n".join([source, "", *run, *_checks(finding, arm.transform)])
    helpers = [text for name, text in _HELPERS.items() if re.search(rf"(?<![\w.]){name}\(", code)]
    code = "\n\n".join([_mode(arm), *helpers, code])
    imports = [line for name, line in _IMPORTS.items() if re.search(rf"\b{name}\.", code)]
    head = "\n".join(imports)
    placed = any(d.expected.startswith(ON) for d in finding.differences)
    if placed or "jax.devices()" in source or "nnx.pmap(" in source:
        head = _DEVICES + head
    if "jax.experimental.checkify" in source:
        head = head.replace("import jax\n", "import jax\nimport jax.experimental.checkify\n", 1)
    return f"{told}\n{head}\n\n{code}\n"


def _mode(arm: Arm) -> str:
    """The options of the mode, of which a release has those that it knows."""
    lacks = [f'not hasattr(nnx, "{arm.transform}")']
    if NEEDED[arm.mode]:
        lacks.insert(0, f'"{NEEDED[arm.mode]}" not in known')
    return _MODE.format(mode=_MODES[arm.mode], missing=" or ".join(lacks))


#: How a test does what the program does by ending its process.
_IN_A_TEST = (
    ("sys.exit(2)", 'self.skipTest("this release has no such mode or transform")'),
    ("sys.exit(0)", "return"),
    ("sys.exit(1)", "self.fail(how)"),
)
_ABSL = ["", "", 'if __name__ == "__main__":', "    absltest.main()"]


def absltest(
    program: d.CallProgram, arm: Arm, finding: Finding, title: str, notes: Sequence[str] = ()
) -> str:
    """The same as a test in the form of Flax's own, which fails where the bug shows."""
    _, _, rest = script(program, arm, finding, title).partition('"""\nimport ')
    imports, _, code = f"import {rest}".partition("\n\nknown = ")
    body = [f"# {note}" for note in (str(finding.signature), *notes)]
    body += re.sub(r"\n{3,}", "\n\n", f"known = {code}").splitlines()
    for ends, instead in _IN_A_TEST:
        body = [line.replace(ends, instead) for line in body]
    body = [line for line in body if not line.lstrip().startswith("print(")]
    name = re.sub(r"[^a-z0-9]+", "_", title.lower()).strip("_")
    method = [f"  def test_{name}(self):", *(f"    {line}".rstrip() for line in body)]
    imported = imports.replace("import sys\n\n", "\nfrom absl.testing import absltest\n")
    head = [imported, "", "", "class TestCall(absltest.TestCase):"]
    return "\n".join([*head, *method, *_ABSL]) + "\n"


def _checks(finding: Finding, transform: str) -> list[str]:
    """What is done with an exception, and what is asked afterwards."""
    kind, failure = finding.signature.kind, finding.failure
    if kind in ("spurious-refusal", "internal-error") and failure is not None:
        same = f"type(error).__name__ == {failure.error!r}"
        return [
            f"    if {same}:",
            '        bug(f"{type(error).__name__}: {error}")',
            '    print(f"ANOTHER: {type(error).__name__}: {error}")',
            "    sys.exit(0)",
            'print("OK")',
        ]
    after = [line for d in _compared(finding) for line in asked(d, transform) or _check(d)]
    if kind == "poisoned-state":
        return ["    result = None", *after, 'print("OK")']
    raised = ['    print(f"REFUSED: {type(error).__name__}: {error}")', "    sys.exit(0)"]
    return [*raised, *after, 'print("OK")']


def _compared(finding: Finding) -> list[Difference]:
    """The differences to ask for: of a Variable by where it was only if it shows nowhere else."""
    reached = [d for d in finding.differences if d.path[0] != "held"]
    return reached or list(finding.differences)


#: The tag of a Variable, and its partition names, in what a world says of its metadata.
_TAG = re.compile(r"\('tag', ('[^']*')\)")
_NAMES = re.compile(r"\('names', (\([^()]*\))\)")

#: What Flax calls the partition names, by release.
_KEYS = ("out_sharding", "sharding", "sharding_names")


def _check(d: Difference) -> list[str]:
    """The lines that ask whether a difference shows."""
    value = _place(d.path)
    name = dotted(d.path if d.path[0] == "result" else d.path[1:])
    match d.aspect:
        case "value":
            seen = f"np.asarray(array({value})).tolist()"
            return [
                f"if {seen} != {_literal(d.expected)}:",
                f'    bug(f"{name} is {{{seen.replace(chr(34), chr(39))}}}, '
                f'should be {d.expected}")',
            ]
        case "dtype" | "shape":
            seen = f"str(array({value}).{d.aspect})"
            return [f"if {seen} != {d.expected!r}:", f'    bug("{d.aspect} of {name}")']
        case "tracer" if d.role == "node":
            return [
                f"if not {trace_of(value)}.is_valid():",
                f'    bug("{name} is of a trace that is over")',
            ]
        case "tracer":
            return [
                f"if isinstance(array({value}), jax.core.Tracer):",
                f'    bug("a tracer in {name}")',
            ]
        case "kind" if d.role in ("variable", "node"):
            seen = f"type({value}).__name__"
            return [f"if {seen} != {d.expected.split()[-1]!r}:", f'    bug("the type of {name}")']
        case "kind" if asked := _asks_for_the_sort(d, f"array({value})"):
            return [f"if {asked}:", f'    bug("{name} is {d.got}, should be {d.expected}")']
        case "identity":
            return [f"if {_is_another(d)}:", f'    bug("{name} is another object")']
        case "metadata" if d.role == "node":
            return [
                line
                for seen, expected, told in marks(d, value)
                for line in (f"if {seen} is not {expected}:", f'    bug("{told}")')
            ]
        case "metadata":
            return _check_metadata(d, value, name)
        case "missing" if d.got == "no exception":
            return [f'bug("it returns, and {d.expected} is due")']
        case "missing":
            return ["try:", f"    {value}", "except Exception:", f'    bug("{name} is missing")']
        case "extra":
            return [
                "try:",
                f"    {value}",
                "except Exception:",
                "    pass",
                "else:",
                f'    bug("{name} is there")',
            ]
    return []


def _asks_for_the_sort(d: Difference, array: str) -> str:
    """The expression that asks whether an array is of another sort; "" if that does not differ."""
    if d.got in NO_ARRAYS:
        literal = f"type({array}).__module__ == 'jax._src.literals'"
        return f"not (isinstance({array}, jax.Array) or {literal})"
    if d.expected.startswith(ON):
        places = f"sorted(f'{{x.platform}}:{{x.id}}' for x in {array}.devices())"
        return f"', '.join({places}) != {d.expected.removeprefix(ON)!r}"
    if d.expected in WEAKNESS:
        return f"{array}.weak_type is not {bool(WEAKNESS.index(d.expected))}"
    return ""


def _check_metadata(d: Difference, value: str, name: str) -> list[str]:
    """The lines that ask for a Variable's reference, its partition names or its tag, if that is
    what differs.
    """
    if d.expected.endswith(BY_REFERENCE) and not d.got.endswith(BY_REFERENCE):
        return [
            f"if not isinstance({value}.get_raw_value(), jax.Ref):",
            f'    bug("{name} holds no reference")',
        ]
    expected, got = _NAMES.findall(d.expected), _NAMES.findall(d.got)
    if expected != got:
        names = f"[{', '.join(expected)}]"
        return [
            f"names = [v for k, v in {value}.get_metadata().items() if k in {_KEYS}]",
            f"if names != {names}:",
            f'    bug(f"the partition names of {name} are {{names}}, should be {names}")',
        ]
    tag, other = (" ".join(_TAG.findall(told)) or None for told in (d.expected, d.got))
    if tag == other:
        return []  # another reference
    seen = f"{value}.get_metadata().get('tag')"
    return [
        f"if {seen} != {tag}:",
        f'    bug(f"the tag of {name} is {{{seen}}}, should be {tag}")',
    ]


#: How the world names an object that was not there before the call: by where it is now.
_NEW = "new "


def _remembered(finding: Finding) -> list[str]:
    """The lines that keep the objects which are to be compared, as they stand before the call."""
    compared = _compared(finding)
    names = {n for d in compared if d.aspect == "identity" for n in (d.expected, d.got)}
    names |= {str(d.path[1]) for d in compared if d.path[0] == "held"}
    old = sorted(name for name in names if not name.startswith(_NEW))
    return [f"was = {{{', '.join(f'{name!r}: {_named(name)}' for name in old)}}}"] if old else []


def _is_another(d: Difference) -> str:
    """The expression that asks whether the object at a place is not the one that should be there:
    one from before the call, that at another place, or one that was not there before.
    """
    here = _place(d.path)
    if not d.expected.startswith(_NEW):
        return f"{here} is not was[{d.expected!r}]"
    there = d.expected.removeprefix(_NEW)
    if there != dotted(d.path):
        return f"{here} is not {_named(there)}"
    seen = d.got.removeprefix(_NEW)
    return f"{here} is {_named(seen)}" if seen != d.got else f"{here} is was[{d.got!r}]"


def _named(name: str) -> str:
    """The expression for a place by its name in a world: `caller.m1.a[0]`."""
    return _place(path_named(name))


def _literal(told: str) -> str:
    return told.replace("nan", "float('nan')").replace("inf", "float('inf')")


def _place(path: TreePath) -> str:
    """The expression for a place of a world; under `held` Variables stand by their names."""
    root, *steps = path
    if root == "held":
        name, *steps = steps
        kept = f"was[{name!r}]"
        return f"at({', '.join([kept, *map(repr, steps)])})" if steps else kept
    start = "result" if root == "result" else "held"
    return f"at({', '.join([start, *map(repr, steps)])})"
