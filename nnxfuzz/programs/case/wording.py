"""Things and dead ends in the words of a message."""

from collections.abc import Iterable

from nnxfuzz.programs.case import types as t
from nnxfuzz.programs.case.places import (
    Holder,
    Made,
    Root,
    Standing,
    Stream,
    Thing,
    candidates,
    parameters,
)
from nnxfuzz.programs.case.problem import place_name


def described(thing: Thing) -> str:
    match thing:
        case Holder("bool"):
            return "a bool"
        case Holder(form, dtype, shape):
            return f"a {dtype} {form} of shape {list(shape)}"
        case Standing(_, node):
            return described_node(node)
        case Stream(drawable):
            return "a stream" if drawable else "a stream of split Rngs"
        case t.OfStatic():
            return "a static attribute"
        case t.DictSlot(named):
            return f"a dict with {listed(named)}"
        case t.RecordSlot(named, kind):
            return f"a {kind} with {listed(named)}"
        case Root(items) | t.ListSlot(items):
            return f"a list of length {len(items)}"
        case t.TupleSlot(items):
            return f"a tuple of length {len(items)}"
        case t.NoneSlot():
            return "None"
        case t.StateSlot():
            return "a state"


def described_node(node: t.Node) -> str:
    match node:
        case t.Module(named):
            return f"a module with {listed(named)}"
        case t.Mapping(named):
            return f"a mapping with {listed(named)}"
        case t.Sequence(items):
            return f"a list of length {len(items)}"
        case t.Linear():
            return f"a linear layer with {listed(parameters(node))}"
        case t.Layer(kind):
            return f"a layer of type {kind}"
        case t.Streams(seeds):
            return f"Rngs with {listed(seeds)}"
        case t.Optimizer():
            return "an optimizer"


def listed(names: Iterable[object]) -> str:
    return ", ".join(map(str, names)) or "no entries"


def dead_end(case: t.Case, path: t.TreePath, made: Made) -> str:
    """Why nothing stands at `path`: what the last step that still leads somewhere finds."""
    known = next(
        (path[:end] for end in range(len(path) - 1, 0, -1) if candidates(case, path[:end], made)),
        (),
    )
    if not known:
        return "there is no such root"
    return f"{place_name(known)} is {described(candidates(case, known, made)[0])}"
