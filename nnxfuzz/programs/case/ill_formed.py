"""Axes that may not be asked for: which entry of `in_axes` or `out_axes` is wrong, and how.

One table for the checker, for what calls Flax, and for the scripts.
"""

from collections.abc import Callable
from typing import Literal, TypeVar

from nnxfuzz.programs.case import types as t
from nnxfuzz.programs.case.queries import uses_index

T = TypeVar("T")

#: The whole of `in_axes`; or in one of the two the entry of the carry, or that of the first input
#: or output.
Where = Literal["in_axes", "carry in", "carry out", "input", "output"]

#: The entry, and what stands there, as Python code.
ILL_FORMED: dict[t.Wrong, tuple[Where, str]] = {
    "carry twice": ("input", "nnx.Carry"),
    "carry twice out": ("output", "nnx.Carry"),
    "carry in alone": ("carry out", "0"),
    "carry out alone": ("carry in", "0"),
    "carry nested": ("carry in", "(nnx.Carry,)"),
    "carry nested out": ("carry out", "(nnx.Carry,)"),
    "carry of several": ("in_axes", "nnx.Carry"),
    "output broadcast": ("output", "None"),
    "output part broadcast": ("output", "nnx.StateAxes({nnx.Param: None, ...: 0})"),
    "output part carried": ("output", "nnx.StateAxes({nnx.Param: nnx.Carry, ...: 0})"),
    "parts of an array": ("input", "nnx.StateAxes({...: 0})"),
}


def has_parts(wrong: t.Wrong | None) -> bool:
    """Whether there is an `nnx.StateAxes` in it."""
    return wrong is not None and "StateAxes" in ILL_FORMED[wrong][1]


def wrongs(case: t.Case) -> list[t.Wrong]:
    """What can be wrong with the axes of this scan, which has to be in its simplest form."""
    if case.form != t.Form(wrong=case.form.wrong):
        return []
    array = bool(case.inputs) and isinstance(case.inputs[0].what, t.OfArray)
    there: dict[Where, bool] = {
        "in_axes": bool(case.inputs) or uses_index(case),
        "input": bool(case.inputs),
        "output": bool(case.ys),
    }
    return [
        wrong
        for wrong, (where, _) in ILL_FORMED.items()
        if there.get(where, True) and (array or wrong != "parts of an array")
    ]


def ill_formed(
    wrong: t.Wrong,
    ins: list[T],
    outs: list[T],
    entry: Callable[[str], T],
    together: Callable[[list[T]], T],
) -> tuple[T, T]:
    """`in_axes` and `out_axes` with something wrong, of entries of which the carry's come first.

    `entry` makes one of code, `together` makes a tuple of entries.
    """
    where, code = ILL_FORMED[wrong]
    if where == "in_axes":
        return entry(code), _outs(outs, together)
    changed = outs if where in ("carry out", "output") else ins
    changed[where in ("input", "output")] = entry(code)
    nested = wrong == "carry nested out"
    return together(ins), together(outs) if nested else _outs(outs, together)


def _outs(outs: list[T], together: Callable[[list[T]], T]) -> T:
    """The carry's entry by itself where nothing is emitted."""
    return together(outs) if len(outs) > 1 else outs[0]
