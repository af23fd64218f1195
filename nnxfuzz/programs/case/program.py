"""The program of a case: the loop, what only scan has, and the whole."""

from typing import Literal

from nnxfuzz.programs.case.base import Data, TreePath
from nnxfuzz.programs.case.objects import (
    Node,
    OfArray,
    OfNode,
    OfVariable,
    Slot,
    TupleSlot,
    Variable,
    VariableType,
)
from nnxfuzz.programs.case.statements import Const, Operand, Statement

# --- the loop -------------------------------------------------------------------------------


class Until(Data, frozen=True):
    """Stop early, before the first trip at which the sum of what `at` holds reaches `limit`."""

    at: TreePath
    limit: int = 1


class Loop(Data, frozen=True):
    """The loop around the body: trips `lower <= i < upper`, none if `lower >= upper`.

    `bounds="traced"` passes the bounds as traced int32 values.  `reverse`, `inputs` and `ys` exist
    on `scan` only, `until` on `while_loop` only, `unroll` not on `while_loop`; `queries.fits`
    keeps a case to the transforms that can express it.
    """

    lower: int = 0
    upper: int = 1
    bounds: Literal["static", "traced"] = "static"
    unroll: int | bool | None = None
    reverse: bool = False
    until: Until | None = None


# --- what only scan has ---------------------------------------------------------------------


class Part(Data, frozen=True):
    """One entry of `nnx.StateAxes`: the Variables of type `only` (`...` is the rest), or those
    below an attribute named `under`, and what becomes of them: scanned over along an axis,
    carried, or broadcast (None).
    """

    axis: int | Literal["carry"] | None = None
    only: VariableType | Literal["..."] = "..."
    under: str | None = None


def told_twice(parts: tuple[Part, ...]) -> bool:
    """Whether two parts are of the same Variables: a dictionary of them keeps the last."""
    return len({(part.only, part.under) for part in parts}) < len(parts)


class Input(Data, frozen=True):
    """An argument of the scanned function beside the carry, reached as `("inputs", k, ...)`.

    `axis` is its entry of `in_axes`: an axis to scan over, None to broadcast, or the parts of an
    `nnx.StateAxes`, of which the first that matches counts.  The body sees this trip's slice, and
    what it writes there goes into this trip's slice.
    """

    what: OfVariable | OfNode | OfArray
    axis: int | tuple[Part, ...] | None = 0


#: What may be wrong with the axes of a scan: `nnx.Carry` twice in `in_axes` or `out_axes`, in one
#: of them alone, inside of a tuple in either, or as all of `in_axes` where the function takes more;
#: a first output that is broadcast, or a part of it broadcast or carried; an `nnx.StateAxes` for a
#: first input that is an array.
Wrong = Literal[
    "carry twice",
    "carry twice out",
    "carry in alone",
    "carry out alone",
    "carry nested",
    "carry nested out",
    "carry of several",
    "output broadcast",
    "output part broadcast",
    "output part carried",
    "parts of an array",
]


class Form(Data, frozen=True):
    """How the scan is written: nothing of it changes what a Python loop computes.

    `carry_in` and `carry_out` are the positions of the carry among arguments and results.
    `carry`: the function takes the carry at its position; or `in_axes` is `nnx.Carry` itself, for
    a function of the carry alone (`alone`); or there is none (`none`), and each trip maps its
    inputs to what it emits.
    `packed` passes the inputs as one tuple, with a tuple of axes as its prefix, and likewise the
    outputs.  `length` is passed as it is, so it may contradict the trips.  `partition` is passed
    as `transform_metadata={nnx.PARTITION_NAME: partition}`.  `style`: the transform called with
    the function (`call`), called with all but the function, to decorate it (`decorator`), used as
    a decorator that binds to the first input as a method does (`method`), or called with its
    inputs by keyword (`keyword`).  `parts`: those of inputs are an `nnx.StateAxes`, which the modes
    without graph updates refuse; or in those modes an `nnx.prefix` of all inputs that are objects.
    `wrong` makes the axes ill-formed, so that the call has to be refused.
    """

    carry_in: int = 0
    carry_out: int = 0
    packed: bool = False
    length: int | None = None
    partition: str | None = None
    style: Literal["call", "method", "keyword", "decorator"] = "call"
    carry: Literal["placed", "alone", "none"] = "placed"
    parts: Literal["state axes", "prefix"] = "state axes"
    wrong: Wrong | None = None


# --- what every transform has ---------------------------------------------------------------


class CallStyle(Data, frozen=True):
    """How the transform is called: nothing of it changes what a Python loop computes.

    `asked`: the mode is asked for by keywords; or they are left out, and flags of `flax.config`
    are set where the defaults would give another mode (`config`), or `nnx.set_graph_mode` and
    `nnx.set_graph_updates` are entered (`context`).

    `body`: what the function is: a `def`, a `functools.partial` of one that takes an argument more,
    or an object whose `__call__` hands itself to the function that it holds: of a class of one's
    own (`object`), of one that calls its attribute `f` (`wrapper`), or an `nnx.Module`.

    `earlier`: a loop before this one with the very same function: the same loop, so that this one
    starts from what it returned (`chained`), or one in another mode, over objects of its own, of
    which nothing is kept (`mode`).
    """

    asked: Literal["keyword", "config", "context"] = "keyword"
    body: Literal["function", "partial", "object", "wrapper", "module"] = "function"
    earlier: Literal["none", "chained", "mode"] = "none"


# --- the whole ------------------------------------------------------------------------------


class Output(Data, frozen=True):
    """What each trip of `scan` emits: a number, or an object made in the body.

    `axis` is its entry of `out_axes`: an axis to stack along or, for a node, the parts of an
    `nnx.StateAxes` by the types of its Variables.
    """

    value: Operand | OfVariable | OfNode = Const()
    axis: int | tuple[Part, ...] = 0


class Case(Data, frozen=True, tag_field="is", tag="loop"):
    """One program: objects, carry, inputs, closure, loop, body, outputs.

    `closure` are objects that the body reaches without their being in the carry, as
    `("closure", k, ...)`.  `inputs` are scanned over or broadcast; along the axis that is scanned
    over they have the trip count as their length.  `blocks` are bodies of inner transforms.
    """

    variables: tuple[Variable, ...] = ()
    nodes: tuple[Node, ...] = ()
    carry: tuple[Slot, ...] = (TupleSlot(),)
    closure: tuple[OfVariable | OfNode, ...] = ()
    loop: Loop = Loop()
    inputs: tuple[Input, ...] = ()
    form: Form = Form()
    body: tuple[Statement, ...] = ()
    blocks: tuple[tuple[Statement, ...], ...] = ()
    ys: tuple[Output, ...] = ()
    call_style: CallStyle = CallStyle()
