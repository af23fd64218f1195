"""Branches that do not do alike."""

from typing import Any

import jax

from nnxfuzz import nnx_api, plain
from nnxfuzz.checker.reach import is_holder
from nnxfuzz.checker.refusals.base import (
    CARRY,
    STRUCTURE,
    Evidence,
    Reason,
    calls_of,
    structure_changed,
    words,
)
from nnxfuzz.checker.trial import Side
from nnxfuzz.plain.names import names_of
from nnxfuzz.plain.observations import Kind as Observed

#: What jax says of branches whose results differ.
_BRANCHES = words("TypeError", "branch(es)? .*(output|must)|true_fun.*false_fun")


def branches_differ(e: Evidence) -> tuple[str, ...] | None:
    """Some branch changes the structure of an argument, or the results are of different types."""
    sides = e.branches
    if len({_types_left(side) for side in sides}) == 1 and all(s.raised is None for s in sides):
        return None  # whatever they change, they change alike
    for side in sides:
        changed = _changed_in_branch(e, side.seen)
        if changed is not None:
            return changed
    types = {_types_left(side, "result") for side in sides}
    return ("result",) if len(types) > 1 else None


def inner_branches_differ(e: Evidence) -> tuple[str, ...] | None:
    """The same of a `cond` or a `switch` in the body."""
    inner = e._replace(arguments=())  # the paths are of its operands
    for branches in e.inner_branches():
        for observations, _ in [] if _do_alike([seen for seen, _ in branches]) else branches:
            changed = _changed_in_branch(inner, observations)
            if changed is not None:
                return tuple(path.replace("args[", "operands[", 1) for path in changed)
        if len({_types(result) for _, result in branches}) > 1:
            return ("result",)
    return None


def modules_as_branches(e: Evidence) -> tuple[str, ...] | None:
    """The classes of modules that are branches, here or in the body."""
    found = {
        type(branch).__name__: None
        for where, functions, _ in calls_of(e)
        if (where or f"nnx.{e.transform}").endswith(_WITH_BRANCHES)
        for branch in jax.tree.leaves(functions, is_leaf=nnx_api.is_node)
        if nnx_api.is_node(branch)
    }
    return tuple(found) or None


def put_in_a_branch(e: Evidence) -> tuple[str, ...] | None:
    """A branch reaches a Variable of its argument by closure, and sets an attribute of that name:
    nothing in Python, and a captured object in its argument to Flax.
    """
    functions = (getattr(f, "__code__", None) for f in jax.tree.leaves(e.functions))
    stored = {name for code in functions if code is not None for name in names_of(code).stored}
    for one in e.seen.of("captured-argument"):
        if any(path.rpartition(".")[2] in stored for path in one.paths):
            return e.paths_of(one)
    return None


#: How the transforms end that have branches, of the call and of its body.
_WITH_BRANCHES = tuple(
    f"nnx.{name}{end}" for name in ("cond", "switch") for end in ("", " in the body")
)


def _do_alike(branches: list[plain.Observations]) -> bool:
    """Whether branches leave the same but for numbers, and change it in the same way."""
    if not branches:
        return False
    first, *others = branches
    changes = [[o for o in b if o.kind in (*STRUCTURE, *_CHANGES)] for b in branches]
    told = [sorted((o.kind, o.paths, o.detail) for o in each) for each in changes]
    return (
        first.left is not None
        and all(other.left == first.left for other in others)
        and all(each == told[0] for each in told)
    )


#: What makes the outputs of two branches differ, if one does it and the other does not.
_CHANGES: tuple[Observed, ...] = (
    "variable-replaced",
    "node-replaced",
    "state-rebuilt",
    "aval-changed",
    "argument-returned",
    "returned-twice",
)


def _changed_in_branch(e: Evidence, observations: plain.Observations) -> tuple[str, ...] | None:
    """The place of an argument whose structure or type a branch changes."""
    changed = structure_changed(e._replace(seen=observations))
    for kind in _CHANGES:
        for path in observations.paths(kind):
            changed = changed or (e.named(path),)
    return changed


def _types(result: Any) -> str:
    """The containers, shapes and dtypes of what a branch returns."""
    leaves, tree = jax.tree.flatten(result, is_leaf=is_holder)
    told = [
        type(x).__name__ if is_holder(x) else str(jax.api_util.shaped_abstractify(x))
        for x in leaves
    ]
    return f"{tree} {told}"


def _types_left(side: Side, *roots: str) -> tuple[Any, ...]:
    """What a branch leaves but for its numbers: the objects, which of them are one, containers,
    shapes and dtypes; of the result alone, no object.
    """
    below = sorted((str(p), e) for p, e in side.world.items() if not roots or p[0] in roots)
    return tuple(
        (
            *(path, e.role, e.kind, None if roots else (e.identity, e.detail)),
            e.array is not None and (e.array.shape, str(e.array.dtype)),
        )
        for path, e in below
    )


REASONS: tuple[Reason, ...] = (
    Reason(
        "branches-differ",
        "one branch changes what the other does not at {}",
        (_BRANCHES, *CARRY),
        branches_differ,
        "docstring of `jax.lax.cond`: the branches must have the same output structure",
        "make the same attributes with the same types in each branch",
    ),
    Reason(
        "branches-differ",
        "in the body, one branch changes or returns what the other does not at {}",
        (_BRANCHES,),
        inner_branches_differ,
        "docstring of `jax.lax.cond`: the branches must have the same output structure",
        "make the same attributes with the same types in each branch, and return the same objects",
    ),
    Reason(
        "captured-returned",
        "{} are one object, which a branch reaches by closure and puts into its argument",
        (_BRANCHES,),
        put_in_a_branch,
        'docs_nnx/flip/4105-jax-style-nnx-transforms.md, "Captured Modules cannot be outputs"',
        "reach it by the argument alone",
        ("graph",),
    ),
)

#: What graph mode fails on: `cond` and `switch` take their branches apart with the operands
#: (`split_inputs` in flax/nnx/transforms/general.py).
UNREFUSED = (
    Reason(
        "module-as-branch",
        "a module ({}) is a branch",
        (
            words("TypeError", "'NodeStates' object is not (callable|iterable)"),
            words("KeyError", r"^\d+$"),
        ),
        modules_as_branches,
        "none: the other modes take it",
        "give a function that calls it, such as lambda m, x: m(x), with the module as an operand",
        ("graph",),
    ),
)
