"""Rules W11 to W18, and W24: the statements of the body and of its blocks, and the loop.

The rules are stated in the box of `check`; `check_operands` has the paths and operands.
"""

from collections.abc import Iterator, Mapping

from nnxfuzz.programs.case import types as t
from nnxfuzz.programs.case.check_operands import (
    View,
    array_problems,
    kind_problems,
    no_such,
    operand_problems,
    path_problems,
    shape_of,
    spelling_problems,
)
from nnxfuzz.programs.case.check_rows import name_problems
from nnxfuzz.programs.case.places import (
    Holder,
    Shape,
    Standing,
    Stream,
    Thing,
    all_variables,
    has_record,
)
from nnxfuzz.programs.case.problem import Problem, place_name
from nnxfuzz.programs.case.queries import fits


def body(case: t.Case) -> Iterator[Problem]:
    """Rules W11 to W16 and W24 for every statement."""
    for k, statement in enumerate(case.body):
        yield from statement_problems(View(case, case.body[:k]), f"$.body[{k}]", statement)
    yield from dict.fromkeys(block_problems(case))


def statement_problems(view: View, path: str, statement: t.Statement) -> Iterator[Problem]:
    match statement:
        case t.Update():
            yield from update_problems(view, path, statement)
        case t.Swap(at, other):
            yield from pair_problems(view, {f"{path}.at": at, f"{path}.other": other})
        case t.Bind(at, source):
            yield from pair_problems(view, {f"{path}.at": at, f"{path}.source": source})
        case t.Make():
            yield from make_problems(view, path, statement)
        case t.Drop(at):
            yield from drop_problems(view, f"{path}.at", at)
        case t.Raise():
            pass
        case t.Everywhere(at):
            yield from everywhere_problems(view, f"{path}.at", at)
        case t.Sow():
            yield from sow_problems(view, path, statement)
        case t.Pop(at):
            yield from module_problems(view, f"{path}.at", at)
        case t.Train():
            yield from train_problems(view, path, statement)
        case t.Within():
            yield from within_problems(view, path, statement)


# --- statements -----------------------------------------------------------------------------


def update_problems(view: View, path: str, update: t.Update) -> Iterator[Problem]:
    problems = list(operand_problems(view, f"{path}.operand", update.operand))
    problems += path_problems(view, f"{path}.at", update.at)
    if view.at(update.at) and not any(held.writable for held in view.holders(update.at)):
        remedy = "name a Variable, a raw array or a number that is no bool"
        reason = no_such(view, update.at, "cannot be updated")
        problems.append(Problem(12, f"{path}.at", reason, remedy))
    elif passed_array(view, update.at):
        reason = f"{place_name(update.at)} is an array that is passed in, which has no place"
        remedy = "update a Variable or an attribute"
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


def passed_array(view: View, path: t.TreePath) -> bool:
    """Whether an array stands at `path` that is itself an input."""
    forms = {held.form for held in view.holders(path)}
    return path[:1] == ("inputs",) and len(path) == 2 and forms == {"array"}


def broadcasts(given: Shape, target: Shape) -> bool:
    """As numpy has it, which would double what a command needs to start."""
    pairs = zip(reversed(given), reversed(target), strict=False)
    return len(given) <= len(target) and all(one in (1, size) for one, size in pairs)


def pair_problems(view: View, places: Mapping[str, t.TreePath]) -> Iterator[Problem]:
    for where, path in places.items():
        yield from path_problems(view, where, path)
        yield from fixed_problems(view, 15, where, path)
    (_, one), (where, other) = places.items()
    short, long = sorted((one, other), key=len)
    if len(short) < len(long) and long[: len(short)] == short:
        reason = f"{place_name(long)} is inside of {place_name(short)}"
        yield Problem(15, where, reason, "name two places of which neither holds the other")


def fixed_problems(view: View, rule: int, where: str, path: t.TreePath) -> Iterator[Problem]:
    """What no statement may put another thing at."""
    shortest = 3 if path[:1] == ("closure",) else 2
    if path[:1] == ("inputs",):
        reason = f"{place_name(path)} is an input or below one, which keeps its structure"
        yield Problem(rule, where, reason, "name a place under 'carry' or 'closure'")
    elif path and len(path) < shortest:
        reason = f"{place_name(path)} is a root of the program, which stays as it is"
        yield Problem(rule, where, reason, "name a slot below the carry's root or an attribute")
    elif any(has_record(view.case, thing) for thing in view.at(path)):
        reason = f"{place_name(path)} is or holds a record, which stays where it is"
        yield Problem(rule, where, reason, "name an entry of the record")
    elif any(isinstance(thing, Stream) for thing in view.at(path)):
        reason = f"{place_name(path)} is a stream, which stays with its Rngs"
        yield Problem(rule, where, reason, "name the Rngs")


def make_problems(view: View, where: str, make: t.Make) -> Iterator[Problem]:
    path = make.at
    yield from fixed_problems(view, 16, f"{where}.at", path)
    new = path[-1] if path and not view.at(path) else None
    if isinstance(new, str) and any(isinstance(n, t.Module) for n in view.nodes(path[:-1])):
        yield from spelling_problems(f"{where}.at", path)
        yield from name_problems(f"{where}.at", new)
    else:
        yield from path_problems(view, f"{where}.at", path)


def drop_problems(view: View, where: str, path: t.TreePath) -> Iterator[Problem]:
    yield from path_problems(view, where, path)
    parents = [*view.at(path[:-1]), *view.nodes(path[:-1])]
    record = any(has_record(view.case, thing) for thing in view.at(path))
    if path[:1] == ("inputs",) or record:
        yield from fixed_problems(view, 16, where, path)
    elif not any(isinstance(p, t.Module | t.ListSlot | t.DictSlot) for p in parents):
        remedy = "drop an attribute of a module, or an entry of a list or dict of the carry"
        yield Problem(16, where, f"{place_name(path)} cannot be dropped", remedy)


# --- all at once, sow and pop, training -----------------------------------------------------


def everywhere_problems(view: View, where: str, path: t.TreePath) -> Iterator[Problem]:
    right = any(all_variables(view.case, thing) for thing in view.at(path))
    lack = "is not made of Variables alone"
    remedy = "name a Variable, a state, or a node without raw arrays, layers, Rngs and optimizers"
    yield from kind_problems(view, where, path, right, lack, remedy)


def module_problems(view: View, where: str, path: t.TreePath) -> Iterator[Problem]:
    right = any(isinstance(node, t.Module) for node in view.nodes(path))
    yield from kind_problems(view, where, path, right, "neither sows nor pops", "name a module")


def sow_problems(view: View, path: str, sow: t.Sow) -> Iterator[Problem]:
    yield from operand_problems(view, f"{path}.operand", sow.operand)
    yield from module_problems(view, f"{path}.at", sow.at)
    there = view.at((*sow.at, sow.name))
    if there and not (sow.total and any(intermediate(view, thing) for thing in there)):
        reason = f"{place_name((*sow.at, sow.name))} is there already"
        remedy = "sow another name, or a 'total' into an Intermediate"
        yield Problem(16, f"{path}.name", reason, remedy)


def intermediate(view: View, thing: Thing) -> bool:
    row = thing.row if isinstance(thing, Holder) else None
    return row is not None and view.case.variables[row].kind == "Intermediate"


def train_problems(view: View, path: str, train: t.Train) -> Iterator[Problem]:
    found = [node for node in view.nodes(train.optimizer) if isinstance(node, t.Optimizer)]
    lack, remedy = "trains nothing", "name an optimizer"
    where = f"{path}.optimizer"
    yield from kind_problems(view, where, train.optimizer, bool(found), lack, remedy)
    rows = {thing.row for thing in view.at(train.model) if isinstance(thing, Standing)}
    right = not found or any(optimizer.model in rows for optimizer in found)
    lack, remedy = "is not the optimizer's model", "name the layer that the optimizer is for"
    yield from kind_problems(view, f"{path}.model", train.model, right, lack, remedy)
    yield from array_problems(view, f"{path}.at", train.at)


# --- blocks ---------------------------------------------------------------------------------


def within_problems(view: View, path: str, within: t.Within) -> Iterator[Problem]:
    branches = within.how in ("cond", "switch")
    if within.at is not None:
        yield from array_problems(view, f"{path}.at", within.at)
    if branches and within.at is None:
        reason = f"{within.how} has nothing to decide by"
        yield Problem(24, f"{path}.at", reason, "name an array, of which it asks the sum")
    for name in ("at", "otherwise"):
        if not branches and getattr(within, name) is not None:
            reason = f"{within.how} has no branches"
            yield Problem(24, f"{path}.{name}", reason, "leave it out, or use 'cond' or 'switch'")
    for k, at in enumerate(within.args):
        yield from argument_problems(view, f"{path}.args[{k}]", at, within.args[:k])


def argument_problems(
    view: View, where: str, at: t.TreePath, before: tuple[t.TreePath, ...]
) -> Iterator[Problem]:
    """W24 for an argument beside the carry."""
    if at[:1] == ("carry",):
        remedy = "leave it out; the carry is an argument anyway"
        yield Problem(24, where, f"{place_name(at)} is in the carry", remedy)
        return
    whole = passed_array(view, at)
    right = any(isinstance(thing, Standing) for thing in view.at(at)) or any(
        held.form == "variable" or whole for held in view.holders(at)
    )
    lack, remedy = "is no argument", "name a node, a Variable, or an array that is an input"
    yield from kind_problems(view, where, at, right, lack, remedy)
    for other in before:
        short, long = sorted((at, other), key=len)
        if long[: len(short)] == short:
            reason = f"{place_name(long)} is {place_name(short)} or inside of it"
            yield Problem(24, where, reason, "name places of which none holds another")


def block_problems(case: t.Case) -> Iterator[Problem]:
    """W24, and the rules of its statements, for every block, at each statement that runs it."""
    for k, block in enumerate(case.blocks):
        views = [
            View(case, case.body[:at])
            for at, s in enumerate(case.body)
            if isinstance(s, t.Within) and k in (s.block, s.otherwise)
        ]
        for j, statement in enumerate(block):
            path = f"$.blocks[{k}][{j}]"
            if isinstance(statement, t.Update | t.Everywhere):
                for view in views or [View(case)]:
                    yield from statement_problems(view, path, statement)
            else:
                reason = "a block holds another statement than 'update' and 'everywhere'"
                yield Problem(24, path, reason, "move it to the body")


# --- the loop -------------------------------------------------------------------------------


def until(case: t.Case) -> Iterator[Problem]:
    """W11, W12 and W17 for what stops the loop; before the first trip nothing has been made."""
    if case.loop.until is not None:
        at = case.loop.until.at
        yield from array_problems(View(case), "$.loop.until.at", at)
        if at[:1] in (("closure",), ("inputs",)):
            reason = f"{place_name(at)} is not in the carry"
            yield Problem(17, "$.loop.until.at", reason, "name a place under 'carry'")


def transform(case: t.Case) -> Iterator[Problem]:
    if not any(fits(case, t.Arm(name, "graph")) for name in t.TRANSFORMS):
        asked = " and ".join(demands(case))
        yield Problem(18, "$.loop", f"no transform has {asked}", "ask for fewer of them")


def demands(case: t.Case) -> Iterator[str]:
    """What of the case only some transforms have, with their names."""
    loop = case.loop
    asked = {
        "until (while_loop)": loop.until is not None,
        "unroll (fori_loop, scan)": loop.unroll is not None,
        "traced bounds (fori_loop, while_loop)": loop.bounds == "traced",
        "reverse (scan)": loop.reverse,
        "inputs (scan)": case.inputs,
        "ys (scan)": case.ys,
        "form (scan)": case.form != t.Form(),
    }
    yield from (name for name, there in asked.items() if there)
