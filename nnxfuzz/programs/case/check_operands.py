"""Rules W11 to W13: what paths lead to, and the operands that statements and outputs have.

The rules are stated in the box of `check`; the tables are known to be sound.  Statements run one
after another, so a path is held against the initial structure and against what earlier `make`
statements put there; what else has moved by then is settled at run time.
"""

from collections.abc import Iterator
from itertools import product

from nnxfuzz.programs.case import limits
from nnxfuzz.programs.case import types as t
from nnxfuzz.programs.case.places import Holder, Shape, Standing, Stream, Thing, candidates
from nnxfuzz.programs.case.problem import Problem, place_name, shown
from nnxfuzz.programs.case.wording import dead_end, described

#: After these, shapes are unknown.
_MOVES = t.Swap | t.Bind | t.Make | t.Drop | t.Pop

_ROOTS = (("carry",), ("inputs",), ("closure",))


class View:
    """The program as one statement meets it: the case, and what ran before.

    `moved` says whether a structural statement came before, after which shapes are unknown.
    """

    def __init__(self, case: t.Case, before: tuple[t.Statement, ...] = ()) -> None:
        self.case = case
        self.moved = any(isinstance(s, _MOVES) for s in before)
        self.made: dict[t.TreePath, list[t.Attribute]] = {}
        for statement in before:
            if isinstance(statement, t.Make):
                self.made.setdefault(statement.at, []).append(statement.what)

    def at(self, path: t.TreePath) -> list[Thing]:
        if len(path) > limits.MAX_PATH:
            return []  # and W11 says so; a module that reaches itself could be walked for ever
        return candidates(self.case, path, self.made)

    def holders(self, path: t.TreePath) -> list[Holder]:
        return [thing for thing in self.at(path) if isinstance(thing, Holder)]

    def nodes(self, path: t.TreePath) -> list[t.Node]:
        return [thing.node for thing in self.at(path) if isinstance(thing, Standing)]


# --- paths ----------------------------------------------------------------------------------


def path_problems(view: View, where: str, path: t.TreePath) -> Iterator[Problem]:
    misspelt = list(spelling_problems(where, path))
    yield from misspelt
    if not misspelt and not view.at(path):
        reason = f"nothing stands at {place_name(path)} ({dead_end(view.case, path, view.made)})"
        remedy = "name what the case starts with, or what an earlier 'make' adds"
        yield Problem(11, where, reason, remedy)


def spelling_problems(where: str, path: t.TreePath) -> Iterator[Problem]:
    if path[:1] not in _ROOTS:
        start = shown(path[0]) if path else "nothing"
        remedy = "start it with 'carry', 'inputs' or 'closure'"
        yield Problem(11, where, f"the path starts with {start}", remedy)
    if len(path) > limits.MAX_PATH:
        remedy = f"keep to {limits.MAX_PATH}"
        yield Problem(11, where, f"the path has {len(path)} steps", remedy)


def kind_problems(
    view: View, where: str, path: t.TreePath, right: bool, lack: str, remedy: str
) -> Iterator[Problem]:
    """W11, and W12 for a place that has to hold the `right` thing."""
    yield from path_problems(view, where, path)
    if view.at(path) and not right:
        yield Problem(12, where, no_such(view, path, lack), remedy)


def array_problems(view: View, where: str, path: t.TreePath) -> Iterator[Problem]:
    """W11, and W12 for what is read."""
    remedy = "name a Variable, a raw array or a number"
    yield from kind_problems(view, where, path, bool(view.holders(path)), "holds no array", remedy)


def no_such(view: View, path: t.TreePath, lack: str) -> str:
    found = " or ".join(dict.fromkeys(described(thing) for thing in view.at(path)))
    return f"{place_name(path)} {lack}, it is {found}"


# --- operands -------------------------------------------------------------------------------


def operand_problems(view: View, path: str, operand: t.Operand) -> Iterator[Problem]:
    match operand:
        case t.Const() | t.Index():
            pass
        case t.Read(at):
            yield from array_problems(view, f"{path}.at", at)
        case t.Call():
            yield from call_problems(view, path, operand)
        case t.Draw(stream):
            things = [thing for thing in view.at(stream) if isinstance(thing, Stream)]
            right, lack = any(s.drawable for s in things), "gives no key"
            remedy = "name a stream of Rngs that are whole, or scanned over"
            yield from kind_problems(view, f"{path}.stream", stream, right, lack, remedy)


def call_problems(view: View, path: str, call: t.Call) -> Iterator[Problem]:
    layers = [n for n in view.nodes(call.layer) if isinstance(n, t.Linear | t.Layer)]
    lack, remedy = "cannot be called", "name a layer"
    yield from kind_problems(view, f"{path}.layer", call.layer, bool(layers), lack, remedy)
    yield from array_problems(view, f"{path}.at", call.at)
    if any(isinstance(layer, t.Layer) for layer in layers):
        if not call.total:
            reason = f"{place_name(call.layer)} is called for its shape, not for a total"
            yield Problem(13, path, reason, "set 'total'")
        return
    inputs = view.holders(call.at)
    linear = [layer for layer in layers if isinstance(layer, t.Linear)]
    if linear and inputs and not any(takes(*pair) for pair in product(linear, inputs)):
        wanted = f"float32 with the last dimension {linear[0].config.in_features}"
        reason = f"the layer takes {wanted} and {place_name(call.at)} is {described(inputs[0])}"
        yield Problem(13, f"{path}.at", reason, "name another input or change the layer")


def takes(layer: t.Linear, given: Holder) -> bool:
    return given.dtype == "float32" and given.shape[-1:] == (layer.config.in_features,)


def shape_of(view: View, operand: t.Operand) -> Shape:
    """The shape of a sound operand while nothing has moved."""
    match operand:
        case t.Const() | t.Index() | t.Draw():
            return ()
        case t.Read(at, total):
            return () if total else view.holders(at)[0].shape
        case t.Call(layer, at, total):
            called = view.nodes(layer)[0]
            if total or not isinstance(called, t.Linear):
                return ()
            return (*view.holders(at)[0].shape[:-1], called.config.out_features)
