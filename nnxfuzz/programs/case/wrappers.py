"""Which cases may stand inside of a wrapper: `fits` asks for arms other than the plain one.

A program fits if its plain meaning inside of the wrapper is well defined; `_WILD` says which of
the statements that may break a loop's rules leave it so, and why the others do not.  Another call
style the loop, and ill-formed axes, are about the call itself: the plain arms try those.
"""

from collections.abc import Iterator
from typing import Literal

from nnxfuzz.programs.case import types as t


def wrapper_fits(case: t.Case, arm: t.Arm) -> bool:
    """Whether the case can run inside of the arm's wrapper; the loop by hand is called as ever."""
    style = case.call_style
    if style != t.CallStyle() and (arm.wrapper != "lax" or style.earlier == "chained"):
        return arm.wrapper == "plain"
    if case.form.wrong is not None:
        return arm.wrapper == "plain"
    match arm.wrapper:
        case "plain":
            return True
        case "bound":
            named = case.form.style == "keyword"  # a method has no signature of its own
            return not named and bool(case.closure) and isinstance(case.closure[0], t.OfNode)
        case "jit" | "remat":
            return _tame(case, arm) and _arrays_propagate(case, arm)
        case "cond":
            alike = not case.ys and _typed(case) and _stateless(case)
            return _tame(case, arm) and _arrays_propagate(case, arm) and alike
        case "lax":
            return arm.mode == "graph" and _tame(case, arm) and _by_hand(case)
        case "vmap":
            return _tame(case, arm) and _maps(case) and _arrays_propagate(case, arm)
        case "eval_shape":
            emits = any(isinstance(y.value, t.OfVariable | t.OfNode) for y in case.ys)
            apart = arm.mode != "graph-frozen" or not _shares(
                case
            )  # nnx.eval_shape refuses it there
            return _tame(case, arm) and _typed(case) and _stateless(case) and not emits and apart
        case "grad":
            loops = arm.transform != "while_loop"
            return loops and _tame(case, arm) and _differentiable(case)


def has_references(case: t.Case) -> bool:
    """Whether some Variable holds a reference to its array."""
    return any(variable.ref for variable in case.variables)


def reads_objects_only(case: t.Case) -> bool:
    """Whether no statement writes to an object, so that `vmap` may broadcast them all."""
    slots = [("carry", *path) for path in _array_slots(case, 0)]
    return all(isinstance(s, t.Update) and s.at in slots and _reads(s.operand) for s in case.body)


def _reads(operand: t.Operand) -> bool:
    return isinstance(operand, t.Const | t.Index | t.Read) or (
        isinstance(operand, t.Call) and not operand.total
    )


def _array_slots(case: t.Case, row: int) -> list[t.TreePath]:
    """The paths below a slot that lead to arrays."""
    slot = case.carry[row]
    if isinstance(slot, t.ArraySlot):
        return [()]
    below = t.entries_of(slot)
    return [(step, *path) for step, item in below for path in _array_slots(case, item)]


def _maps(case: t.Case) -> bool:
    return (
        _typed(case)
        and _stateless(case)
        and not case.closure
        and not case.inputs
        and not any(isinstance(node, t.Optimizer) for node in case.nodes)
        and case.loop.bounds == "static"
    )


def steady(case: t.Case) -> bool:
    """Whether no statement moves, makes, drops or raises anything, or changes a dtype."""
    blocks = (statement for block in case.blocks for statement in block)
    return not any(_breaks(statement) for statement in (*case.body, *blocks))


def _breaks(statement: t.Statement) -> bool:
    moving = (t.Swap, t.Bind, t.Make, t.Drop, t.Raise, t.Sow, t.Pop)
    if isinstance(statement, t.Within):
        return any(at[0] == "closure" for at in statement.args)
    return isinstance(statement, moving) or (
        isinstance(statement, t.Update)
        and (statement.dtype is not None or statement.at[:1] == ("closure",))
    )


#: What a statement does that may break a rule of the loop: raise, change a dtype, change what an
#: object holds, put another thing into a place of the carry itself, write to the closure.
Wild = Literal["raise", "dtype", "object", "slot", "closure"]

#: What each wrapper can have inside.  Never a `slot`: the wrapper's function hands objects back in
#: the places in which they were given.  Nor the `closure`, which a wrapper reaches over two traces.
#: An `object` that changes only in `jit`, `remat` and `eval_shape`: the branches of a `cond` and
#: the examples of a `vmap` have to stay alike, and a gradient or a loop by hand has one structure.
#: To `raise` leaves no two examples to stack and no gradient.  A `dtype` not in a `cond` (its
#: branches), by hand (jax refuses it) or in `grad` (of integers).
_WILD: dict[t.Wrapper, frozenset[Wild]] = {
    "jit": frozenset({"raise", "dtype", "object"}),
    "remat": frozenset({"raise", "dtype", "object"}),
    "eval_shape": frozenset({"raise", "dtype", "object"}),
    "cond": frozenset({"raise"}),
    "vmap": frozenset({"dtype"}),
    "lax": frozenset({"raise"}),
    "grad": frozenset(),
}


def _tame(case: t.Case, arm: t.Arm) -> bool:
    """Whether no statement does what the wrapper cannot have inside.

    Without graph updates no wrapper hands a change of an object's structure to the caller.
    """
    allowed = _WILD[arm.wrapper] - (set() if arm.mode == "graph" else {"object"})
    blocks = (statement for block in case.blocks for statement in block)
    every = (*case.body, *blocks)
    if arm.wrapper == "jit" and any(isinstance(s, t.Sow) and s.at[0] == "inputs" for s in every):
        return False  # what the first call sows is a tuple, which the second cannot scan over
    return all(_wild(case, s) in (None, *allowed) for s in every)


def _wild(case: t.Case, statement: t.Statement) -> Wild | None:
    match statement:
        case t.Raise():
            return "raise"
        case t.Sow() | t.Pop():
            return "closure" if statement.at[0] == "closure" else "object"
        case t.Swap(at, other):
            places: tuple[t.TreePath, ...] = (at, other)
        case t.Bind(at) | t.Make(at) | t.Drop(at):
            places = (at,)
        case t.Update(at) if at[0] == "closure":
            return "closure"
        case t.Within(args=args) if any(at[0] == "closure" for at in args):
            return "closure"
        case t.Update():
            return "dtype" if statement.dtype is not None else None
        case _:
            return None
    if any(at[0] == "closure" for at in places):
        return "closure"
    return "object" if all(_in_an_object(case, at) for at in places) else "slot"


def _in_an_object(case: t.Case, at: t.TreePath) -> bool:
    """Whether a place is one of an object, and not of the carry's containers."""
    if at[0] != "carry":
        return len(at) > 2  # an input, or a place of what is one
    row = 0
    for step in at[1:-1]:
        below = dict(t.entries_of(case.carry[row]))
        if step not in below:
            break
        row = below[step]
    return isinstance(case.carry[row], t.NodeSlot)


def _arrays_propagate(case: t.Case, arm: t.Arm) -> bool:
    """Without graph updates, what becomes of a raw array attribute stays inside of a wrapper, and
    a State's Variables must not be handed back.
    """
    raw = any(isinstance(a, t.OfArray) for a in attributes(case))
    return arm.mode == "graph" or (not raw and _stateless(case))


def _stateless(case: t.Case) -> bool:
    return not any(isinstance(slot, t.StateSlot) for slot in case.carry)


def attributes(case: t.Case) -> Iterator[t.Attribute]:
    """What the nodes of the table hold."""
    return (attribute for node in case.nodes for _, attribute in t.held_by(node))


def _differentiable(case: t.Case) -> bool:
    """Whether the unrolled loop is plain arithmetic on Variables and arrays."""
    own = (t.Module, t.Sequence, t.Mapping, t.Linear)
    inputs = all(isinstance(row.what, t.OfArray) and row.axis == 0 for row in case.inputs)
    numbers = not any(isinstance(y.value, t.OfVariable | t.OfNode) for y in case.ys)
    arithmetic = all(isinstance(s, t.Update | t.Everywhere) for s in case.body)
    return (
        _typed(case)
        and inputs
        and numbers
        and arithmetic
        and all(isinstance(node, own) for node in case.nodes)
        and not any(isinstance(a, t.OfArray) for a in attributes(case))
        and _stateless(case)
        and case.form.length is None
        and not case.closure
        and case.loop.bounds == "static"
    )


def _typed(case: t.Case) -> bool:
    """Whether the carry holds no Python number, which a loop gives another type."""
    return not any(isinstance(slot, t.ScalarSlot) for slot in case.carry)


def _by_hand(case: t.Case) -> bool:
    plain_inputs = all(isinstance(row.what, t.OfArray) and row.axis == 0 for row in case.inputs)
    plain_outputs = all(
        y.axis == 0 and not isinstance(y.value, t.OfVariable | t.OfNode) for y in case.ys
    )
    nested = any(isinstance(statement, t.Within) for statement in case.body)
    layout = case.form == t.Form() or (plain_inputs and case.form.length is None)
    return (
        plain_inputs
        and plain_outputs
        and _stateless(case)
        and not nested
        and layout
        and case.form.carry != "none"
        and _typed(case)
        and not case.closure
    )


def _shares(case: t.Case) -> bool:
    """Whether some row of a node or Variable is named twice."""
    named = [a for a in attributes(case) if isinstance(a, t.OfVariable | t.OfNode)]
    named += [row.what for row in case.inputs if not isinstance(row.what, t.OfArray)]
    nodes = [a.node for a in named if isinstance(a, t.OfNode)]
    nodes += [slot.node for slot in case.carry if isinstance(slot, t.NodeSlot)]
    variables = [a.variable for a in named if isinstance(a, t.OfVariable)]
    variables += [slot.variable for slot in case.carry if isinstance(slot, t.VariableSlot)]
    return len(set(nodes)) < len(nodes) or len(set(variables)) < len(variables)
