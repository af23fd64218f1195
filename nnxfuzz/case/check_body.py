"""Rules W11 to W18: what the loop, the body and the outputs name.

The rules are stated in the box of `check`; the tables are known to be sound (`check_rows`).
Statements run one after another, so a path is held against the initial structure and against what
earlier `make` statements put there; what else has moved by then is settled at run time.
"""

from collections.abc import Iterator, Mapping
from itertools import product

import numpy as np

from nnxfuzz.case import limits
from nnxfuzz.case import types as t
from nnxfuzz.case.check_rows import name_problems
from nnxfuzz.case.places import Holder, Thing, candidates, dead_end, described
from nnxfuzz.case.problem import Problem, place_name, shown
from nnxfuzz.case.queries import fits


class View:
    """The program as one statement meets it: the case, and what ran before.

    `moved` says whether a structural statement came before, after which shapes are unknown.
    """

    def __init__(self, case: t.Case, before: tuple[t.Statement, ...] = ()) -> None:
        self.case = case
        self.moved = any(isinstance(s, t.Swap | t.Bind | t.Make | t.Drop) for s in before)
        self.made: dict[t.Path, list[t.Attribute]] = {}
        for statement in before:
            if isinstance(statement, t.Make):
                self.made.setdefault(statement.at, []).append(statement.what)

    def at(self, path: t.Path) -> list[Thing]:
        if len(path) > limits.MAX_PATH:
            return []  # and W11 says so; a module that reaches itself could be walked for ever
        return candidates(self.case, path, self.made)

    def holders(self, path: t.Path) -> list[Holder]:
        return [thing for thing in self.at(path) if isinstance(thing, Holder)]

    def parents(self, path: t.Path) -> list[Thing]:
        return self.at(path[:-1])


def body(case: t.Case) -> Iterator[Problem]:
    """Rules W11 to W16 for every statement and output."""
    for k, statement in enumerate(case.body):
        yield from statement_problems(View(case, case.body[:k]), f"$.body[{k}]", statement)
    after = View(case, case.body)
    for k, operand in enumerate(case.ys):
        yield from operand_problems(after, f"$.ys[{k}]", operand)


def statement_problems(view: View, path: str, statement: t.Statement) -> Iterator[Problem]:
    match statement:
        case t.Update():
            yield from update_problems(view, path, statement)
        case t.Swap(at, other):
            yield from pair_problems(view, {f"{path}.at": at, f"{path}.other": other})
        case t.Bind(at, source):
            yield from pair_problems(view, {f"{path}.at": at, f"{path}.source": source})
        case t.Make(at):
            yield from make_problems(view, f"{path}.at", at)
        case t.Drop(at):
            yield from drop_problems(view, f"{path}.at", at)
        case t.Raise():
            pass


# --- paths ----------------------------------------------------------------------------------


def path_problems(view: View, where: str, path: t.Path) -> Iterator[Problem]:
    misspelt = list(spelling_problems(where, path))
    yield from misspelt
    if not misspelt and not view.at(path):
        reason = f"nothing stands at {place_name(path)} ({dead_end(view.case, path, view.made)})"
        remedy = "name what the case starts with, or what an earlier 'make' adds"
        yield Problem(11, where, reason, remedy)


def spelling_problems(where: str, path: t.Path) -> Iterator[Problem]:
    if path[:1] not in (("carry",), ("closure",)):
        root = shown(path[0]) if path else "nothing"
        remedy = "start it with 'carry' or 'closure'"
        yield Problem(11, where, f"the path starts with {root}", remedy)
    if len(path) > limits.MAX_PATH:
        remedy = f"keep to {limits.MAX_PATH}"
        yield Problem(11, where, f"the path has {len(path)} steps", remedy)


def array_problems(view: View, where: str, path: t.Path) -> Iterator[Problem]:
    """W11, and W12 for what is read."""
    yield from path_problems(view, where, path)
    if view.at(path) and not view.holders(path):
        remedy = "name a Variable, a raw array or a number"
        yield Problem(12, where, no_such(view, path, "holds no array"), remedy)


def no_such(view: View, path: t.Path, lack: str) -> str:
    found = " or ".join(dict.fromkeys(described(thing) for thing in view.at(path)))
    return f"{place_name(path)} {lack}, it is {found}"


# --- operands -------------------------------------------------------------------------------


def operand_problems(view: View, path: str, operand: t.Operand) -> Iterator[Problem]:
    match operand:
        case t.Const() | t.Index() | t.Input():
            pass
        case t.Read(at):
            yield from array_problems(view, f"{path}.at", at)
        case t.Call():
            yield from call_problems(view, path, operand)


def call_problems(view: View, path: str, call: t.Call) -> Iterator[Problem]:
    yield from path_problems(view, f"{path}.layer", call.layer)
    layers = [thing for thing in view.at(call.layer) if isinstance(thing, t.Linear)]
    if view.at(call.layer) and not layers:
        reason = no_such(view, call.layer, "cannot be called")
        yield Problem(12, f"{path}.layer", reason, "name a linear layer")
    yield from array_problems(view, f"{path}.at", call.at)
    inputs = view.holders(call.at)
    if layers and inputs and not any(takes(*pair) for pair in product(layers, inputs)):
        wanted = f"float32 with the last dimension {layers[0].config.in_features}"
        reason = f"the layer takes {wanted} and {place_name(call.at)} is {described(inputs[0])}"
        yield Problem(13, f"{path}.at", reason, "name another input or change the layer")


def takes(layer: t.Linear, given: Holder) -> bool:
    return given.dtype == "float32" and given.shape[-1:] == (layer.config.in_features,)


def shape_of(view: View, operand: t.Operand) -> tuple[int, ...]:
    """The shape of a sound operand while nothing has moved."""
    match operand:
        case t.Const() | t.Index():
            return ()
        case t.Read(at, total):
            return () if total else view.holders(at)[0].shape
        case t.Input(x, total):
            return () if total else view.case.xs[x].shape[1:]
        case t.Call(layer, at, total):
            called = view.at(layer)[0]
            assert isinstance(called, t.Linear)
            features = called.config.out_features
            return () if total else (*view.holders(at)[0].shape[:-1], features)


# --- statements -----------------------------------------------------------------------------


def update_problems(view: View, path: str, update: t.Update) -> Iterator[Problem]:
    problems = list(operand_problems(view, f"{path}.operand", update.operand))
    problems += path_problems(view, f"{path}.at", update.at)
    if view.at(update.at) and not any(held.writable for held in view.holders(update.at)):
        remedy = "name a Variable, a raw array or a number that is no bool"
        reason = no_such(view, update.at, "cannot be updated")
        problems.append(Problem(12, f"{path}.at", reason, remedy))
    yield from problems
    if not problems and not view.moved:
        yield from fit_problems(view, f"{path}.operand", update)


def fit_problems(view: View, where: str, update: t.Update) -> Iterator[Problem]:
    target = view.holders(update.at)[0].shape
    given = shape_of(view, update.operand)
    if not broadcasts(given, target):
        place = place_name(update.at)
        reason = f"its shape {list(given)} does not broadcast to the {list(target)} of {place}"
        yield Problem(14, where, reason, "set 'total', or use another operand")


def broadcasts(given: tuple[int, ...], target: tuple[int, ...]) -> bool:
    try:
        return np.broadcast_shapes(given, target) == target
    except ValueError:
        return False


def pair_problems(view: View, places: Mapping[str, t.Path]) -> Iterator[Problem]:
    for where, path in places.items():
        yield from path_problems(view, where, path)
        yield from root_problems(15, where, path)
    (_, one), (where, other) = places.items()
    short, long = sorted((one, other), key=len)
    if len(short) < len(long) and long[: len(short)] == short:
        reason = f"{place_name(long)} is inside of {place_name(short)}"
        yield Problem(15, where, reason, "name two places of which neither holds the other")


def root_problems(rule: int, where: str, path: t.Path) -> Iterator[Problem]:
    shortest = 3 if path[:1] == ("closure",) else 2
    if path and len(path) < shortest:
        reason = f"{place_name(path)} is a root of the program, which stays as it is"
        yield Problem(rule, where, reason, "name a slot below the carry's root or an attribute")


def make_problems(view: View, where: str, path: t.Path) -> Iterator[Problem]:
    yield from root_problems(16, where, path)
    new = path[-1] if path and not view.at(path) else None
    if isinstance(new, str) and any(isinstance(p, t.Module) for p in view.parents(path)):
        yield from spelling_problems(where, path)
        yield from name_problems(where, new)
    else:
        yield from path_problems(view, where, path)


def drop_problems(view: View, where: str, path: t.Path) -> Iterator[Problem]:
    yield from path_problems(view, where, path)
    parents = view.parents(path)
    if not any(isinstance(p, t.Module | t.ListSlot | t.DictSlot) for p in parents):
        remedy = "drop an attribute of a module, or an entry of a list or dict of the carry"
        yield Problem(16, where, f"{place_name(path)} cannot be dropped", remedy)


# --- the loop -------------------------------------------------------------------------------


def until(case: t.Case) -> Iterator[Problem]:
    """W11, W12 and W17 for what stops the loop; before the first trip nothing has been made."""
    if case.loop.until is not None:
        at = case.loop.until.at
        yield from array_problems(View(case), "$.loop.until.at", at)
        if at[:1] == ("closure",):
            reason = f"{place_name(at)} is not in the carry"
            yield Problem(17, "$.loop.until.at", reason, "name a place under 'carry'")


def transform(case: t.Case) -> Iterator[Problem]:
    if not any(fits(case, t.Arm(name, "graph")) for name in t.TRANSFORMS):
        asked = " and ".join(demands(case))
        yield Problem(18, "$.loop", f"no transform has {asked}", "ask for fewer of them")


def demands(case: t.Case) -> Iterator[str]:
    """What of the case only some transforms have, with their names."""
    loop = case.loop
    if loop.until is not None:
        yield "until (while_loop)"
    if loop.unroll is not None:
        yield "unroll (fori_loop, scan)"
    if loop.bounds == "traced":
        yield "traced bounds (fori_loop, while_loop)"
    if loop.reverse:
        yield "reverse (scan)"
    if case.xs:
        yield "xs (scan)"
    if case.ys:
        yield "ys (scan)"
