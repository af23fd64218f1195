"""Branches that do not do alike."""

from typing import Any

import jax

from nnxfuzz import plain
from nnxfuzz.checker.reach import is_holder
from nnxfuzz.checker.refusals.base import CARRY, Evidence, Reason, structure_changed, words
from nnxfuzz.checker.trial import Side
from nnxfuzz.plain.observations import Kind as Observed

#: What jax says of branches whose results differ.
_BRANCHES = words("TypeError", "branch(es)? .*(output|must)|true_fun.*false_fun")


def branches_differ(e: Evidence) -> tuple[str, ...] | None:
    """Some branch changes the structure of an argument, or the results are of different types."""
    sides = e.branches
    for side in sides:
        changed = _changed_in_branch(e, side.seen)
        if changed is not None:
            return changed
    types = {_result_types(side) for side in sides}
    return ("result",) if len(types) > 1 else None


def inner_branches_differ(e: Evidence) -> tuple[str, ...] | None:
    """The same of a `cond` or a `switch` in the body."""
    inner = e._replace(arguments=())  # the paths are of its operands
    for branches in e.inner_branches():
        for observations, _ in branches:
            changed = _changed_in_branch(inner, observations)
            if changed is not None:
                return tuple(path.replace("args[", "operands[", 1) for path in changed)
        if len({_types(result) for _, result in branches}) > 1:
            return ("result",)
    return None


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


def _result_types(side: Side) -> tuple[Any, ...]:
    below = sorted((str(p), e) for p, e in side.world.items() if p[0] == "result")
    return tuple(
        (path, e.role, e.kind, e.array is not None and (e.array.shape, str(e.array.dtype)))
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
)
