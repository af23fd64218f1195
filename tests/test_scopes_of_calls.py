"""The scope of a known cause takes no other bug of a call program for it.

Each row of `HIDDEN` is a transform with a mistake, and a minimal program that shows it and that has
almost all of what a cause of the corpus asks for.  So a campaign reports it.
"""

import functools
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from flax import nnx

from nnxfuzz import nnx_api
from nnxfuzz.campaign import known_bugs
from nnxfuzz.campaign.finds import HERE
from nnxfuzz.checker.generated import examine
from nnxfuzz.corpus.causes import causes
from nnxfuzz.corpus.entries import entries, load
from nnxfuzz.oracle.verdict import Finding
from nnxfuzz.programs import case as c
from nnxfuzz.programs.calls import data as d
from nnxfuzz.programs.case import Arm, Data

pytestmark = pytest.mark.skipif(len(nnx_api.modes()) < 3, reason="this release has not all modes")

CORPUS = Path(__file__).parent.parent / "corpus"
KNOWN = known_bugs(map(load, entries([CORPUS])), *HERE, causes=causes(CORPUS))

Transform = Callable[..., Any]
PAIR = c.Array("float32", (2,), 2)

# --- mistakes -------------------------------------------------------------------------------


def around(change: Callable[[Callable[[], Any], tuple[Any, ...]], Any]) -> Any:
    """A transform with `change(the call, its arguments)` in the place of a call."""

    def fault(real: Transform) -> Transform:
        @functools.wraps(real)
        def transform(f: Any, *given: Any, **options: Any) -> Any:
            if given:
                return change(lambda: real(f, *given, **options), given)
            made = real(f, **options)

            @functools.wraps(made)
            def call(*args: Any, **kwargs: Any) -> Any:
                return change(lambda: made(*args, **kwargs), args)

            return call

        return transform

    return fault


def update_lost(call: Callable[[], Any], args: tuple[Any, ...]) -> Any:
    before = nnx_api.read(args[0])
    out = call()
    nnx_api.assign(args[0], before)
    return out


def nothing_beside(call: Callable[[], Any], args: tuple[Any, ...]) -> Any:
    """What `has_aux` asks for is None."""
    out, back, _ = call()
    return out, back, None


def one_more_axis(call: Callable[[], Any], args: tuple[Any, ...]) -> Any:
    return call()[None]


def left_in_a_trace(call: Callable[[], Any], args: tuple[Any, ...]) -> Any:
    """The argument is left in a trace that is over."""
    made: list[Any] = []
    nnx.jit(lambda: made.append(nnx.Module()), graph=True)()
    out = call()
    object.__setattr__(args[0], "_pytree__state", made[0]._pytree__state)
    return out


def all_marked(call: Callable[[], Any], args: tuple[Any, ...]) -> Any:
    """Each Variable of the argument is marked."""
    out = call()
    for variable in nnx_api.variables_below(args):
        variable.set_metadata(tag="seen")
    return out


def names_lost(call: Callable[[], Any], args: tuple[Any, ...]) -> Any:
    """Each Variable of the argument has only the first of its partition names afterwards."""
    out = call()
    for variable in nnx_api.variables_below(args):
        variable.set_metadata(names=variable.get_metadata()["names"][:1])
    return out


# --- programs -------------------------------------------------------------------------------


def program(
    transform: str,
    block: d.Block,
    ref: bool = False,
    module: bool = False,
    names: tuple[str | None, ...] | None = None,
    **options: Any,
) -> d.CallProgram:
    """A call on a Variable, or on a module of two."""
    first = c.Variable("Param", PAIR, ref=ref, names=names)
    second = c.Variable("BatchStat", PAIR)
    variables = (first, second) if module else (first,)
    nodes = (c.Module({"a": c.OfVariable(0), "n": c.OfVariable(1)}),) if module else ()
    objects: dict[str, c.Attribute] = {"v": c.OfNode(0) if module else c.OfVariable(0)}
    args = (d.Read(d.Place("v")),)
    return d.CallProgram(d.Call(transform, "y", options, args, (block,)), variables, nodes, objects)


class Hidden(Data, frozen=True):
    """A program, the mode, and the mistake."""

    program: d.CallProgram
    mode: Any
    fault: Any


P = d.Place("p")
HIDDEN: dict[str, Hidden] = {
    "jit does not write to a reference": Hidden(
        program("jit", d.Block(("p",), (d.Update(P, item=True),)), ref=True),
        "graph",
        around(update_lost),
    ),
    "what vjp returns beside is lost": Hidden(
        program(
            "vjp",
            d.Block(("p",), (), (d.Const(1), d.Const(2))),
            has_aux=True,
        ),
        "graph-frozen",
        around(nothing_beside),
    ),
    "a pmap of one argument returns another shape": Hidden(
        program("pmap", d.Block(("p",), (), (d.Const(2),)), in_axes=[0]),
        "graph",
        around(one_more_axis),
    ),
    "jit leaves its argument in a trace": Hidden(
        program("jit", d.Block(("p",)), module=True), "graph", around(left_in_a_trace)
    ),
    "transform_metadata loses the names at a negative axis": Hidden(
        program(
            "transform_metadata", d.Block(("p",)), names=(None, "x"), in_axes=[-1], partition="x"
        ),
        "graph",
        around(names_lost),
    ),
    "jit sets metadata of another Variable": Hidden(
        program("jit", d.Block(("p",), (d.Mark(d.Place("p", ("n",))),)), module=True),
        "graph",
        around(all_marked),
    ),
}


def is_told(hidden: Hidden, nnx: Any) -> bool:
    """Whether a campaign reports it, and takes it for no known bug."""
    arm = Arm(hidden.program.call.transform, hidden.mode)  # type: ignore[arg-type]
    found = examine(hidden.program, arm, nnx)
    return isinstance(found, Finding) and KNOWN.recognised(hidden.program, found) is None


@pytest.mark.parametrize("name", HIDDEN)
def test_another_bug_is_none_of_the_known_ones(name: str) -> None:
    hidden = HIDDEN[name]
    transform = hidden.program.call.transform
    real = getattr(nnx, transform)
    assert not is_told(hidden, nnx)
    assert is_told(hidden, SimpleNamespace(**{**vars(nnx), transform: hidden.fault(real)}))
