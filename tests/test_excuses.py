"""What explains a difference away explains that difference alone.

Each row of `HIDDEN` is a transform with a mistake, and a program in which something else gives a
reason to say nothing: `clean` is the verdict without the mistake.  With it there is a finding.
"""

import functools
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from flax import nnx
from flax.errors import TraceContextError

from nnxfuzz import nnx_api
from nnxfuzz.checker.generated import examine
from nnxfuzz.oracle.arithmetic import Inconclusive
from nnxfuzz.oracle.verdict import Finding
from nnxfuzz.programs import case as c
from nnxfuzz.programs.calls import data as d
from nnxfuzz.programs.case import Arm, Data

Transform = Callable[..., Any]
Fault = Callable[[Transform], Transform]

# --- mistakes -------------------------------------------------------------------------------


def around(change: Callable[[list[tuple[Any, Any]], Callable[[], Any]], Any]) -> Fault:
    """A transform with `change(Variables and what they hold, the call)` for each call."""

    def fault(real: Transform) -> Transform:
        @functools.wraps(real)
        def transform(f: Any, *given: Any, **options: Any) -> Any:
            if given:  # a loop, which runs at once
                return change(held(given), lambda: real(f, *given, **options))
            made = real(f, **options)

            @functools.wraps(made)
            def call(*args: Any, **kwargs: Any) -> Any:
                return change(held((args, kwargs)), lambda: made(*args, **kwargs))

            return call

        return transform

    return fault


def held(value: Any) -> list[tuple[Any, Any]]:
    return [(v, nnx_api.get_raw(v)) for v in nnx_api.variables_below(value)]


def param_lost(before: list[tuple[Any, Any]], call: Callable[[], Any]) -> Any:
    out = call()
    nnx_api.set_raw(*next(pair for pair in before if isinstance(pair[0], nnx.Param)))
    return out


def counters_lost(before: list[tuple[Any, Any]], call: Callable[[], Any]) -> Any:
    out = call()
    for variable, raw in before:
        if isinstance(variable, nnx.BatchStat):
            nnx_api.set_raw(variable, raw)
    return out


def swallowed(before: list[tuple[Any, Any]], call: Callable[[], Any]) -> Any:
    try:
        return call()
    except ArithmeticError:
        return None


def fails(before: list[tuple[Any, Any]], call: Callable[[], Any]) -> Any:
    try:
        return call()
    except ArithmeticError:
        refuse(KeyError, "value")


def refuse(error: type[Exception], words: str) -> None:
    """Raise it from a module that is taken for Flax's."""
    names = {"__name__": "flax.nnx.transforms.iteration", "error": error, "words": words}
    exec("def refuse():\n    raise error(words)\n", names)
    names["refuse"]()  # type: ignore[operator]


def refusing(error: type[Exception], words: str) -> Fault:
    """A transform that refuses everything."""
    return around(lambda before, call: refuse(error, words))


def mode_ignored(real: Transform) -> Transform:
    @functools.wraps(real)
    def transform(*given: Any, **options: Any) -> Any:
        return real(*given, **{k: v for k, v in options.items() if not k.startswith("graph")})

    return transform


# --- programs -------------------------------------------------------------------------------


def read(name: str, *path: str) -> d.Read:
    return d.Read(d.Place(name, path))


COUNT = d.Update(d.Place("p", ("n",)))


def program(
    transform: str,
    *blocks: d.Block,
    of: str = "m",
    given: int = 1,
    counter: c.Variable | None = None,
    **options: Any,
) -> d.CallProgram:
    """A call on a module of two Params and a counter, or on one with an array and a counter, which
    is `given` so often.
    """
    pair = c.Array("float32", (2,), 2)
    variables = (
        c.Variable("Param", pair),
        counter or c.Variable("BatchStat", pair),
        c.Variable("Param", pair),
    )
    nodes = (
        c.Module({"a": c.OfVariable(0), "n": c.OfVariable(1), "b": c.OfVariable(2)}),
        c.Module({"x": c.OfArray(pair), "n": c.OfVariable(1)}),
    )
    call = d.Call(transform, "y", options, (read(of),) * given, blocks)
    objects: dict[str, c.Attribute] = {of: c.OfNode(0 if of == "m" else 1)}
    return d.CallProgram(call, variables, nodes, objects)


def duplicate(one: str, other: str, transform: str) -> str:
    """What Flax says of a Param at two places (`check_no_aliases`)."""
    places = f"found at paths:\n\n  - {one}\n  - {other}\n\n"
    return f"Duplicate Param(\n  value=1\n)\n{places}nnx.{transform} with graph_updates=False"


def carried(alike: str, component: str, was: str, now: str) -> str:
    """What jax says of a carry that a trip changes."""
    return (
        "scan body function carry input and carry output must have "
        f"{alike}, but they differ:\n\nThe input carry component {component} has {was} but the "
        f"corresponding output carry component has {now}."
    )


class Hidden(Data, frozen=True):
    """A program, its mistake, and the kind of the finding; `modes` it shows in."""

    program: d.CallProgram
    fault: Fault
    kind: str = "wrong-world"
    modes: tuple[str, ...] = ("graph", "graph-frozen", "tree")
    needs: str = ""


PRODUCT = d.Let("s", read("m", "a"), "multiply", read("p", "a"))
LOSS = d.Block(("p",), (COUNT, PRODUCT), (read("s"),))
RAISES = d.Block(("p",), (COUNT, d.Raise()), ())
FROZEN = ("graph-frozen", "tree")
CASTS = d.Block(("i", "p"), (d.Cast(d.Place("p", ("b",))),), (read("p"),))
MAKES = d.Block(("i", "p"), (d.Attach(d.Place("p"), "c", d.New()),), (read("p"),))
HIJAX = c.Variable("BatchStat", c.Array("float32", (2,), 2), hijax=True)
SAME = d.Block(("q",), (), (read("q"),))
MAPS_AN_ARRAY = d.Block(
    ("p",), (d.Call("vmap", "z", {"in_axes": [0]}, (read("p", "x"),), (SAME,)),), (read("z"),)
)
MADE_AND_RETURNED = d.Block(
    ("p",),
    (d.Attach(d.Place("p"), "z", d.New(c.Variable("Param", c.Array("float32", ())))),),
    (read("p", "z"),),
)
WRITES = d.Block((), (d.Update(d.Place("m", ("a",))),), ())

HIDDEN: dict[str, Hidden] = {
    "a gradient by what the function captures": Hidden(
        program("grad", LOSS), around(counters_lost)
    ),
    "an array that is sliced and captured": Hidden(
        program("vmap", d.Block(("p",), (COUNT,), (read("k", "x"),)), of="k", in_axes=[0]),
        around(counters_lost),
    ),
    "a number by what is captured and written": Hidden(
        program(
            "jit",
            d.Block(("p",), (COUNT, d.Update(d.Place("p", ("a",)), "add", read("m", "n"))), ()),
        ),
        around(param_lost),
    ),
    "a condition that captures what the body writes": Hidden(
        program(
            "while_loop",
            d.Block(("i", "p"), (COUNT, d.Update(d.Place("p", ("a",)))), (read("p"),)),
            d.Block(("i", "p"), (), (read("m", "a"),)),
            trips=3,
        ),
        around(counters_lost),
    ),
    "an exception of the program is swallowed": Hidden(program("jit", RAISES), around(swallowed)),
    "an internal error in its place": Hidden(
        program("remat", RAISES), around(fails), "internal-error"
    ),
    "what is refused as shared is another": Hidden(
        program("jit", d.Block(("p", "q"), (), ()), given=2),
        refusing(
            ValueError, "Duplicate Cache(\n  value=1\n)\nfound at paths:\n\n  - [0].a\n  - [1].a"
        ),
        "spurious-refusal",
    ),
    "what is refused as written is another": Hidden(
        program("jit", WRITES, given=0),
        refusing(TraceContextError, "Cannot mutate Cache from a different trace level"),
        "spurious-refusal",
    ),
    "what is refused as shared stands elsewhere": Hidden(
        program("jit", d.Block(("p", "q"), (), ()), given=2),
        refusing(ValueError, duplicate(".args[0].a", ".args[1].b", "jit")),
        "spurious-refusal",
    ),
    "what is refused as shared is another transform's": Hidden(
        program("jit", d.Block(("p", "q"), (), ()), given=2),
        refusing(ValueError, duplicate(".args[0].a", ".args[1].a", "vmap")),
        "spurious-refusal",
    ),
    "what is refused as returned stands elsewhere": Hidden(
        program("jit", d.Block(("p",), (), (read("p", "a"),))),
        refusing(ValueError, duplicate(".args[0].b", ".out", "jit")),
        "spurious-refusal",
    ),
    "what is refused as returned twice is returned once": Hidden(
        program(
            "jit",
            d.Block(
                ("p",),
                (d.Make("v", d.New()), d.Make("w", d.New())),
                (read("v"), read("v"), read("w")),
            ),
        ),
        refusing(ValueError, duplicate(".out[0]", ".out[2]", "jit")),
        "spurious-refusal",
    ),
    "what is refused as written is of a function that does not run": Hidden(
        program("jit", WRITES, given=0),
        refusing(TraceContextError, "Cannot mutate Param from a different trace level"),
        "spurious-refusal",
    ),
    "what is refused as captured is another": Hidden(
        program("jit", d.Block((), (), (read("m", "a"),)), given=0),
        refusing(
            ValueError,
            "Cannot return captured Variable of type Cache from nnx.jit.\nFound at path: .out",
        ),
        "spurious-refusal",
    ),
    "what is refused as captured is given to no transform": Hidden(
        program("jit", WRITES, given=0),
        refusing(ValueError, "Cannot extract graph node from different trace level, got Param(1)"),
        "spurious-refusal",
    ),
    "what is refused as cast is another": Hidden(
        program("fori_loop", CASTS, trips=2),
        refusing(
            TypeError,
            carried("equal types", "loop_carry[1].n", "type float32[2]", "type int32[2]"),
        ),
        "spurious-refusal",
    ),
    "what is refused as made is another": Hidden(
        program("fori_loop", MAKES, trips=2),
        refusing(
            TypeError,
            carried("the same pytree structure", "loop_carry[1].n", "a dict", "a list"),
        ),
        "spurious-refusal",
        ("graph", "graph-frozen"),  # 0.12.8 fails by itself in tree mode
    ),
    "what is refused as replaced is another": Hidden(
        program("fori_loop", MAKES, trips=2),
        refusing(
            ValueError,
            "scan Variable identity must be preserved across iterations.",
        ),
        "spurious-refusal",
        ("graph", "graph-frozen"),  # 0.12.8 fails by itself in tree mode
    ),
    "what is refused for two axes is another": Hidden(
        program("vmap", MADE_AND_RETURNED, in_axes=[-1], out_axes=0),
        refusing(
            ValueError,
            "Inconsistent aliasing detected. The following nodes have different prefixes:\n"
            "Node: Cache\n  z: -1\n  <root>: 0",
        ),
        "spurious-refusal",
    ),
    "what is mapped is no Variable of hijax": Hidden(
        program("jit", MAPS_AN_ARRAY, of="k", counter=HIJAX),
        refusing(AttributeError, "'AbstractVariable' object has no attribute 'shape'"),
        "internal-error",
        FROZEN,  # graph mode's jit takes no Variable of hijax
        "hijax",
    ),
    "a mode is ignored, and a static is set": Hidden(
        program("jit", d.Block(("p",), (COUNT, d.Attach(d.Place("p"), "z", 3)), ())),
        mode_ignored,
        modes=FROZEN,
    ),
    "a mode is ignored, and the argument returned": Hidden(
        program("vmap", d.Block(("p",), (COUNT,), (read("p"),)), in_axes=[0], out_axes=0),
        mode_ignored,
        modes=FROZEN,
    ),
}


def verdict(hidden: Hidden, mode: Any, fault: Fault | None = None) -> Any:
    transform: Any = hidden.program.call.transform
    real = getattr(nnx, transform)
    made = SimpleNamespace(**{**vars(nnx), transform: real if fault is None else fault(real)})
    try:
        return examine(hidden.program, Arm(transform, mode), made)
    except Inconclusive as error:
        return error


@pytest.mark.parametrize("mode", nnx_api.modes())
@pytest.mark.parametrize("name", HIDDEN)
def test_a_mistake_beside_a_reason_to_say_nothing_is_found(name: str, mode: str) -> None:
    hidden = HIDDEN[name]
    lacks = hidden.needs and hidden.needs not in nnx_api.features()
    if lacks or not hasattr(nnx, hidden.program.call.transform) or mode not in hidden.modes:
        pytest.skip("this flax has no such transform, or the mistake none to show there")
    assert not isinstance(verdict(hidden, mode), Finding)
    seen = verdict(hidden, mode, hidden.fault)
    assert isinstance(seen, Finding), seen
    assert seen.signature.kind == hidden.kind
