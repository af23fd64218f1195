"""Statements that break one of the loop's rules, of a kind that the case has a place for."""

from nnxfuzz.programs.case import (
    Bind,
    Const,
    DictSlot,
    Drop,
    ListSlot,
    Make,
    Module,
    OfArray,
    OfNode,
    OfStatic,
    OfVariable,
    Optimizer,
    Raise,
    Statement,
    Swap,
    TreePath,
    Update,
)
from nnxfuzz.programs.case.places import Place, Standing
from nnxfuzz.strategies.bodies import Author
from nnxfuzz.strategies.graphs import arrays
from nnxfuzz.strategies.sources import holds, movable, row_of

#: Kinds of rule-breaking that few cases have a place for, so likelier where there is one.
_RARE = ("static", "static", *("closure",) * 3, *("broadcast",) * 6)

#: dtypes to change to, none of which is a no-op for every target.
_DTYPES = ("int32", "float32", "bfloat16")


def breaking(author: Author) -> Statement:
    """A statement that breaks a rule."""
    draft, sources = author.draft, author.sources
    places = {kind: found for kind, found in _breakable(author).items() if found}
    kind = draft.pick(*places, "raise", *(rare for rare in _RARE if rare in places))
    if kind == "raise":
        return Raise()
    place = sources.one(places[kind])
    row = row_of(place)
    match kind:
        case "swap" | "bind":
            second = sources.one(sources.partners(place))
            return (Swap if kind == "swap" else Bind)(place.path, second.path)
        case "fresh variable" if row is not None:
            return Make(place.path, OfVariable(row))
        case "fresh node" if row is not None:
            return Make(place.path, OfNode(row))
        case "add":
            return _add(author, place)
        case "drop":
            return Drop(place.path)
        case "static":
            return Make(place.path, OfStatic(7))
        case "dtype":
            return _dtype(author, place)
        case _:
            return author.update(place)


def _breakable(author: Author) -> dict[str, list[Place]]:
    """The places at which each kind of rule can be broken.

    Nothing with raw arrays is made anew: made under a trace they are static (see
    `nnx_api.as_data`).
    """
    draft, sources = author.draft, author.sources
    mobile = [p for p in sources.carried if movable(p, sources.case)]
    paired = [p for p in mobile if sources.partners(p)]
    rowed = [p for p in mobile if row_of(p) is not None and not _keeps(author, p)]
    return {
        "swap": paired,
        "bind": paired if draft.shared("bind") else [],
        "fresh variable": [p for p in rowed if holds(p) == "variable"],
        "fresh node": [p for p in rowed if holds(p) != "variable"],
        "add": sources.modules,
        "drop": [p for p in mobile if _droppable(p)],
        "static": [p for p in mobile if holds(p) == "static"],
        "dtype": [p for p in sources.targets if p.path[0] == "carry"],
        "closure": [p for p in sources.readable if p.path[0] == "closure"],
        "broadcast": sources.broadcast,
    }


def _droppable(place: Place) -> bool:
    holder = place.holder
    in_module = isinstance(holder, Standing) and isinstance(holder.node, Module)
    return in_module or isinstance(holder, ListSlot | DictSlot)


def _keeps(author: Author, place: Place) -> bool:
    """Whether a raw array or an optimizer stands at or below a place, or the rows are its own."""
    own = author.draft.own_nodes if holds(place) != "variable" else author.draft.own_variables
    return row_of(place) in own or any(
        isinstance(p.node, Optimizer) or (holds(p) == "array" and isinstance(p.holder, Standing))
        for p in author.sources.below(place)
    )


def _add(author: Author, module: Place) -> Statement:
    """Add an attribute that was not there."""
    path: TreePath = (*module.path, "z")
    array = ("array", "array") if "raw-arrays" in author.draft.features else ()
    rows = author.draft.shared_variables() if author.draft.shared("variable") else []
    match author.draft.pick("static", "variable", *array):
        case "variable" if rows:
            return Make(path, OfVariable(rows[author.draft.count(len(rows) - 1)]))
        case "array":
            return Make(path, OfArray(author.draft.draw(arrays)))
        case _:
            return Make(path, OfStatic(7))


def _dtype(author: Author, target: Place) -> Statement:
    """Give a place another dtype."""
    assert target.array is not None
    others = tuple(d for d in _DTYPES if d != target.array.dtype)
    dtype = author.draft.pick(*others)
    style = author.style(target)
    return Update(target.path, "add", Const(1), style, dtype)  # type: ignore[arg-type]
