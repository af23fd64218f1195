"""The world as the plain loop of an emitted script leaves it."""

from typing import Any

from flax import nnx
from script_cases import default_jax

from nnxfuzz.oracle.verdict import World
from nnxfuzz.oracle.world import filled, roots
from nnxfuzz.plain.axes import partition_of
from nnxfuzz.plain.stacking import Stacking
from nnxfuzz.programs import containers
from nnxfuzz.programs.case import Arm, Case
from nnxfuzz.programs.live.axes import entry
from nnxfuzz.report.code import Code
from nnxfuzz.report.code.helpers import helpers_of


def plain_world(case: Case, arm: Arm) -> World | None:
    """The world as the script's own plain loop leaves it; None if it raised."""
    code = Code(case, arm)
    head = [
        "import contextlib, functools, inspect, types, typing",
        "import flax, jax, jax.numpy as jnp, numpy as np, optax",
    ]
    rest = [*code.classes(), *code.build(), *code.inputs(), *code.functions()]
    rest += code.plain_functions()
    lines = [*head, "from flax import nnx", *helpers_of([*rest, *code.plain("start")]), *rest]
    scope: dict[str, Any] = {}
    with default_jax():
        exec("\n".join([*lines, f"{', '.join(['start', *code.outer])} = build()"]), scope)
    for name, kind in scope.items():
        if name.startswith("Record"):  # the printed class stands for ours
            of = "namedtuple" if issubclass(kind, tuple) else "dataclass"
            containers._CLASSES[kind] = of, tuple(kind.__annotations__)
    closure = [scope[name] for name in code.names.closure]
    inputs = [scope[name] for name in code.scan.outside()] if arm.transform == "scan" else []
    given = {"caller": scope["start"], "inputs": inputs, "closure": closure}
    at_first = roots(**given)
    try:
        with default_jax():
            exec("\n".join(code.plain("start")), scope)
    except Exception:
        return None
    counter, want = scope["want"] if arm.transform == "while_loop" else (None, scope["want"])
    named = {**given, "result": want}
    if case.ys and scope["want_ys"]:
        named["ys"] = columns(case, scope["want_ys"])
    if arm.transform == "while_loop":
        named["counter"] = counter
    walk = roots(at_first, **named)
    return filled(walk, dict(walk.arrays))


def columns(case: Case, rows: list[Any]) -> tuple[Any, ...]:
    """What a plain loop emitted, stacked."""
    alone = len(case.ys) == 1 and not case.form.packed
    partition = partition_of({nnx.PARTITION_NAME: case.form.partition}, None)
    stacking = Stacking([(row,) if alone else row for row in rows], set(), partition, set())
    return tuple(stacking.along(tuple(entry(y.axis) for y in case.ys)))
